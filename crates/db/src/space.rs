//! How much room the disk has left, looked at no more than every few seconds.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use base::Stopwatch;

const LOOK_EVERY: Duration = Duration::from_secs(5);

pub(crate) struct Space {
    path: PathBuf,
    min_free_bytes: u64,
    free: fn(&Path) -> Option<u64>,
    seen: Mutex<Option<(Stopwatch, bool)>>,
}

impl Space {
    pub(crate) fn new(path: &Path, min_free_bytes: u64, free: fn(&Path) -> Option<u64>) -> Self {
        Self { path: path.to_owned(), min_free_bytes, free, seen: Mutex::new(None) }
    }

    pub(crate) fn is_low(&self) -> bool {
        let Ok(mut seen) = self.seen.lock() else { return false };
        match *seen {
            // A full disk is looked at every time, so that work goes on the moment there is room again.
            Some((at, false)) if at.elapsed() < LOOK_EVERY => false,
            _ => {
                let low = (self.free)(&self.path).is_some_and(|free| free < self.min_free_bytes);
                *seen = Some((Stopwatch::start(), low));
                low
            }
        }
    }
}
