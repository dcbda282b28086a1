//! Whether there is room for what a move writes, reckoned before it begins: a shop that runs must not come to a full disk.

use std::path::Path;

use base::disk::Disk;
use base::{Error, ErrorCode, Result};

use super::seal::Header;
use crate::Config;

/// What is known of the disks.
#[derive(Clone)]
pub struct Room {
    /// So much stays free on the disk of the data.
    headroom: u64,
    look: fn(&Path) -> Option<Disk>,
}

/// What making a file writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// Beside the data, until the file is made.
    pub(crate) copies: u64,
    pub(crate) file: u64,
}

impl Room {
    pub fn of(config: &Config) -> Self {
        Self { headroom: config.min_free_mb << 20, look: Disk::of }
    }

    #[cfg(test)]
    pub(crate) fn with(headroom: u64, look: fn(&Path) -> Option<Disk>) -> Self {
        Self { headroom, look }
    }

    /// Refuses to make a file of `data` at `target`. So much as `freed` goes away before it begins.
    ///
    /// # Errors
    /// `DiskLow`, with what is needed and what is there.
    pub(crate) fn for_making(&self, data: &Path, target: &Path, need: Need, freed: u64) -> Result<()> {
        let what = "Making the file";
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (here, there) = ((self.look)(data), (self.look)(folder));
        let is_one = here.as_ref().map(|disk| &disk.mount) == there.as_ref().map(|disk| &disk.mount);
        if is_one {
            let all = need.copies.saturating_add(need.file).saturating_sub(freed);
            return fits(what, here.as_ref(), all.saturating_add(self.headroom));
        }
        fits(what, here.as_ref(), need.copies.saturating_sub(freed).saturating_add(self.headroom))?;
        fits(what, there.as_ref(), need.file)
    }

    /// Refuses to unpack a file into `data`, of which `to_come` bytes are still to be put there themselves.
    ///
    /// # Errors
    /// `DiskLow`, with what is needed and what is there.
    pub(crate) fn for_taking(&self, data: &Path, header: &Header, to_come: u64) -> Result<()> {
        let needed = header.bytes.saturating_add(to_come).saturating_add(self.headroom);
        fits("Taking over this file", (self.look)(data).as_ref(), needed)
    }
}

fn fits(what: &str, disk: Option<&Disk>, needed: u64) -> Result<()> {
    match disk {
        Some(disk) if disk.free < needed => Err(Error::new(
            ErrorCode::DiskLow,
            format!(
                "{what} needs {} MB on the disk {}, and {} MB are free there. Free some space, then try again.",
                needed.div_ceil(1 << 20),
                disk.mount.display(),
                disk.free >> 20
            ),
        )),
        // Where the system does not tell, a full disk is told of when it is full.
        _ => Ok(()),
    }
}
