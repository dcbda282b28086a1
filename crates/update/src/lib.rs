//! Newer versions of the program: looked for at a configured address, believed only with a signature, tried beside the
//! installed one, and gone back from by itself. Knows nothing of the product.
//!
//! The installed program is never touched. A newer one lies in `<data>/updates/<version>/` and is started by the installed
//! one, which is the launcher then. So nothing needs more rights than the data folder, and removing `updates` always
//! brings the installed program back.
//!
//! ```text
//! Ready ──► snapshot ──► Trying ──► accepted         the new one works from here on
//!                          │
//!                          └──► Undoing ──► failed   the data is as it was, the old one goes on
//! ```
//!
//! While it is tried, a version opens the data and listens, but takes nothing in and sends nothing (`held`): the data
//! can be put back without losing a message. Each step is on the disk before the next one begins, so that a start
//! after a power failure knows what to do.

#[cfg(any(test, feature = "fake"))]
pub mod fake;
mod fetch;
mod launch;
mod manifest;
mod place;
mod snapshot;
mod trial;
mod watched;

use base::power::boundary;
pub use fetch::{Offer, Source};
pub use launch::{Launched, Launcher, begin_anew, start_again};
pub use manifest::{Download, Manifest, Programs, Signed};
pub use place::{Next, Outcome, Place, State, Step};
pub use semver::Version;
pub use watched::{begins_anew, ends_as_wished, held, installed_program, running_version};

/// Under this name the installed program tells the one that it starts where it is itself.
pub const INSTALLED: &str = "BOTFLOW_INSTALLED";
/// Set when the launcher is still there: it speaks over standard input, and listens to the exit code.
pub const WATCHED: &str = "BOTFLOW_WATCHED";
