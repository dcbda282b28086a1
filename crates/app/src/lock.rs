//! One program for each data folder: two would send every reply twice.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use base::{Error, Result};

/// Held while the program runs. The system lets go of it when the program ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

pub(crate) fn take(data: &Path) -> Result<Lock> {
    std::fs::create_dir_all(data)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(data.join("botflow.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(Error::conflict(format!(
            "BotFlow already runs on the folder {}. Use that one, or end it first.",
            data.display()
        ))),
        Err(TryLockError::Error(e)) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_second_program_on_the_same_folder_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let first = super::take(folder.path()).unwrap();
        assert!(super::take(folder.path()).unwrap_err().message.contains("already runs"));
        drop(first);
        assert!(super::take(folder.path()).is_ok());
    }
}
