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

/// A disk, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// The folder, or the letter, by which it is reached.
    pub mount: PathBuf,
    pub free: u64,
}

/// Free bytes of the disk that holds `path`; nothing when the system does not tell.
pub(crate) fn free_bytes(path: &Path) -> Option<u64> {
    disk_of(path).map(|disk| disk.free)
}

/// The disk that holds `path`; nothing when the system does not tell.
pub fn disk_of(path: &Path) -> Option<Disk> {
    // The whole names of Windows begin with other letters than its disks.
    let path = if cfg!(windows) { std::path::absolute(path) } else { std::fs::canonicalize(path) }.ok()?;
    let disks =
        sysinfo::Disks::new_with_refreshed_list_specifics(sysinfo::DiskRefreshKind::nothing().with_storage()).ok()?;
    disks
        .iter()
        .filter(|disk| path.starts_with(disk.mount_point()))
        .max_by_key(|disk| disk.mount_point().as_os_str().len())
        .map(|disk| Disk { mount: disk.mount_point().to_owned(), free: disk.available_space() })
}
