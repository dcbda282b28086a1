//! The folders in which files are made and unpacked, and the moment at which what was unpacked becomes the data.
//!
//! ```text
//! <data>/moving/work-…/    copies of databases while a file is made; uploads
//! <data>/moving/out-…      files that wait to be fetched
//! <data>/moving/part/      a file being unpacked: not yet to be believed
//! <data>/moving/ready/     unpacked and checked: this is the data, wherever its parts lie by now
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::disk::{self, sync_folder};
use base::power::boundary;
use base::{Error, Result};

use super::entries::{CONFIGURATION, KEY, SYSTEM, WORKSPACES};

pub(crate) const MOVING: &str = "moving";
/// Which computer this is: made anew by each import, so that two copies know themselves apart.
pub(crate) const INSTALLATION: &str = bots::INSTALLATION_FILE;

/// A database closes in less.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) fn folder(data: &Path) -> Result<PathBuf> {
    let folder = data.join(MOVING);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A folder of its own that goes when it is dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn make(data: &Path) -> Result<Self> {
        let path = folder(data)?.join(format!("work-{}", base::id::fresh().simple()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
        // Only when nothing else lies in it.
        if let Some(moving) = self.0.parent() {
            let _ = fs::remove_dir(moving);
        }
    }
}

/// Where a file is unpacked, empty.
pub(crate) fn fresh_part(data: &Path) -> Result<PathBuf> {
    let part = folder(data)?.join("part");
    remove_folder(&part)?;
    fs::create_dir(&part)?;
    Ok(part)
}

/// Nothing of it was taken.
pub(crate) fn drop_part(part: &Path) {
    let _ = fs::remove_dir_all(part);
    if let Some(moving) = part.parent() {
        // Only when nothing else lies in it.
        let _ = fs::remove_dir(moving);
    }
}

/// What was unpacked is whole and checked: from here on it is the data, even if the power fails in the next instant.
pub(crate) fn commit(data: &Path) -> Result<()> {
    let folder = folder(data)?;
    sync_folder(&folder.join("part"));
    disk::rename(folder.join("part"), folder.join("ready"))?;
    sync_folder(&folder);
    Ok(())
}

/// Finishes a move that was decided, and clears away what unfinished ones left. Called with the folder locked, before
/// anything in it is opened. Done again from the start after a crash, it comes to the same end. True when data came, and
/// perhaps a configuration with it.
pub fn settle(data: &Path) -> Result<bool> {
    let moving = data.join(MOVING);
    if !moving.exists() {
        return Ok(false);
    }
    let ready = moving.join("ready");
    let came = ready.exists();
    if came {
        move_into_place(&ready, data)?;
        tracing::info!("the data of another computer is in place");
    }
    if let Err(e) = remove_folder(&moving) {
        // It takes room and does no harm; a shop that does not open does.
        tracing::warn!(error = ?e, "what a move left behind could not be removed");
    }
    Ok(came)
}

/// Waits until a program that was shut down has closed its database: SQLite takes the log away then, by its name, and must
/// not take that of the next one.
///
/// # Errors
/// `Unavailable` when it stays open; a new process comes through.
pub async fn let_go(data: &Path) -> Result<()> {
    let log = data.join(format!("{SYSTEM}-wal"));
    let since = base::Stopwatch::start();
    while log.exists() {
        if since.elapsed() > PATIENCE {
            return Err(Error::unavailable(format!(
                "Everything is here. Please start {} again to go on.",
                base::product::name()
            )));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn move_into_place(ready: &Path, data: &Path) -> Result<()> {
    // The log of the database that goes must never be taken for that of the one that comes.
    if ready.join(SYSTEM).exists() {
        for end in ["-wal", "-shm", ""] {
            remove_file(&data.join(format!("{SYSTEM}{end}")))?;
            boundary("gone");
        }
    }
    let businesses = ready.join(WORKSPACES);
    if businesses.exists() {
        for entry in fs::read_dir(&businesses)? {
            let entry = entry?;
            let target = data.join(WORKSPACES).join(entry.file_name());
            fs::create_dir_all(data.join(WORKSPACES))?;
            remove_folder(&target)?;
            disk::rename(entry.path(), &target)?;
            boundary("business");
        }
        sync_folder(&data.join(WORKSPACES));
    }
    // This computer's own configuration stays.
    if !data.join(CONFIGURATION).exists() {
        rename_if_there(&ready.join(CONFIGURATION), &data.join(CONFIGURATION))?;
    }
    for name in [INSTALLATION, KEY, SYSTEM] {
        rename_if_there(&ready.join(name), &data.join(name))?;
        boundary("part");
    }
    sync_folder(data);
    remove_folder(ready)
}

fn rename_if_there(from: &Path, to: &Path) -> Result<()> {
    match disk::rename(from, to) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => Ok(renamed?),
    }
}

pub(crate) fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::from(e)),
        _ => Ok(()),
    }
}

fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::from(e)),
        _ => Ok(()),
    }
}
