//! What every other crate stands on: ids, the clock, randomness, money, errors with codes, secrets, named tasks, what is
//! on the disk.

pub mod clock;
pub mod disk;
pub mod error;
pub mod id;
pub mod message;
pub mod money;
#[cfg(feature = "net")]
pub mod net;
pub mod power;
pub mod product;
pub mod random;
pub mod secret;
pub mod task;
#[cfg(feature = "net")]
pub mod world;

pub use clock::{Clock, Stopwatch, Time};
pub use error::{Error, ErrorCode, Result};
pub use money::Money;
pub use secret::{Secret, Vault};
