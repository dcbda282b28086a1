//! What the owner chose for this computer, in a file of its own: a move to another computer leaves it behind.

use std::path::Path;

use base::Result;
use base::disk::{self, Lasts};
use serde::{Deserialize, Serialize};

const FILE: &str = "computer.json";

/// The choices. A file that cannot be read is as good as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Choices {
    /// Keep the computer awake while it is plugged in.
    pub(super) keep_awake: bool,
}

impl Choices {
    pub(super) fn read(data: &Path) -> Choices {
        let Some(bytes) = machine::read_small(&data.join(FILE)) else { return Choices::default() };
        serde_json::from_slice(&bytes).unwrap_or_else(|e| {
            tracing::warn!(error = %e, "the choices for this computer cannot be read and are left out");
            Choices::default()
        })
    }

    /// On the disk when this returns.
    pub(super) fn write(self, data: &Path) -> Result<()> {
        Ok(disk::replace(&data.join(FILE), &serde_json::to_vec(&self)?, Lasts::AtOnce)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_chosen_is_there_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Choices::read(folder.path()), Choices::default());
        for keep_awake in [true, false] {
            Choices { keep_awake }.write(folder.path()).unwrap();
            assert_eq!(Choices::read(folder.path()), Choices { keep_awake });
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn whatever_the_file_holds_the_program_starts(bytes: Vec<u8>) {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(FILE), bytes).unwrap();
            let _ = Choices::read(folder.path());
        }
    }
}
