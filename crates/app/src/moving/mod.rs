//! Moving to another computer: one sealed file out, one file in, everything there.
//!
//! The file holds what is not derived: the databases as they were at one moment, the files of conversations and
//! documents, the key of the secrets, and of the configuration what is not of one computer. Search indexes, models, logs and snapshots are made anew.
//!
//! Taking over is decided in one step: everything is unpacked and checked in a folder of its own, that folder gets its
//! final name, and only then is it moved into place, by this run or, when the power fails, by the next one.

mod carried;
pub mod command;
mod entries;
mod export;
mod import;
mod place;
mod progress;
mod room;
pub(crate) mod routes;
mod seal;
mod store;
mod task;

use base::{Error, Result, Secret};

pub use export::export;
pub use import::{import, refuse_unless_fresh};
pub use place::{let_go, settle};
pub use progress::Progress;
pub use room::Room;
pub(crate) use task::Mover;

#[cfg(test)]
mod tests;

/// What went into a file, or came out of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub businesses: u32,
    pub files: u64,
    pub bytes: u64,
}

/// Shorter ones are found by trying.
pub const MIN_PASSPHRASE_CHARS: usize = 10;
pub const MAX_PASSPHRASE_CHARS: usize = 200;

/// A passphrase that may seal a file.
pub fn check_passphrase(passphrase: &Secret) -> Result<()> {
    let chars = passphrase.expose().chars().count();
    if (MIN_PASSPHRASE_CHARS..=MAX_PASSPHRASE_CHARS).contains(&chars) {
        Ok(())
    } else {
        Err(Error::invalid(format!(
            "Please choose a passphrase of {MIN_PASSPHRASE_CHARS} to {MAX_PASSPHRASE_CHARS} characters, such as four \
             words."
        )))
    }
}
