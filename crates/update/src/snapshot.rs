//! The databases and the key as they were before a version is tried, and how they are put back.
//!
//! Plain copies, made and put back while the folder's lock is held and nobody has the databases open: a log that a crash
//! left beside one belongs to it and goes along.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use base::Result;
use base::disk::{self, sync_folder};

use crate::boundary;
use crate::place::Place;

pub(crate) const SNAPSHOT: &str = "snapshot";
const PART: &str = "snapshot.part";
const WORKSPACES: &str = "workspaces";
const LOG: &str = "-wal";
const SHARED: &str = "-shm";

/// The databases of the folder, from it on, with the key. What is not there yet is left out.
fn databases(data: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![PathBuf::from("system.db")];
    match fs::read_dir(data.join(WORKSPACES)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        entries => {
            for entry in entries? {
                found.push(Path::new(WORKSPACES).join(entry?.file_name()).join("workspace.db"));
            }
        }
    }
    found.retain(|database| data.join(database).is_file());
    Ok(found)
}

fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    name.into()
}

impl Place {
    /// What a snapshot will take.
    pub fn snapshot_bytes(&self) -> Result<u64> {
        let size = |path: PathBuf| fs::metadata(self.data().join(path)).map_or(0, |found| found.len());
        Ok(databases(self.data())?.into_iter().map(|database| size(beside(&database, LOG)) + size(database)).sum())
    }

    /// Copies what a version could change. Half a snapshot has another name.
    pub(crate) fn take_snapshot(&self) -> Result<()> {
        let part = self.root().join(PART);
        for old in [&part, &self.root().join(SNAPSHOT)] {
            remove(old)?;
        }
        fs::create_dir_all(&part)?;
        for database in databases(self.data())? {
            copy_if_there(&self.data().join(beside(&database, LOG)), &part.join(beside(&database, LOG)))?;
            copy_if_there(&self.data().join(&database), &part.join(&database))?;
            boundary("copied");
        }
        copy_if_there(&self.data().join("secret.key"), &part.join("secret.key"))?;
        sync_folder(&part);
        disk::rename(&part, self.root().join(SNAPSHOT))?;
        sync_folder(&self.root());
        boundary("snapshot");
        Ok(())
    }

    /// Puts the data back as it was. Done again from the start after a crash, it comes to the same end.
    pub(crate) fn put_back(&self) -> Result<()> {
        let snapshot = self.root().join(SNAPSHOT);
        for database in databases(&snapshot)? {
            let target = self.data().join(&database);
            // The log of the one that goes must never be taken for that of the one that comes.
            for end in [LOG, SHARED] {
                remove_file(&beside(&target, end))?;
            }
            boundary("log");
            replace(&snapshot.join(&database), &target)?;
            boundary("database");
            if snapshot.join(beside(&database, LOG)).exists() {
                replace(&snapshot.join(beside(&database, LOG)), &beside(&target, LOG))?;
            }
            // Derived, and perhaps ahead of the data now: made anew.
            remove(&target.with_file_name("search"))?;
            boundary("business");
        }
        if snapshot.join("secret.key").exists() {
            replace(&snapshot.join("secret.key"), &self.data().join("secret.key"))?;
        }
        Ok(())
    }

    pub(crate) fn drop_snapshot(&self) {
        if let Err(e) = remove(&self.root().join(SNAPSHOT)) {
            tracing::warn!(error = ?e, "a snapshot that is over could not be removed");
        }
    }
}

fn copy_if_there(from: &Path, to: &Path) -> Result<()> {
    if !from.exists() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to)?;
    File::options().write(true).open(to)?.sync_all()?;
    Ok(())
}

fn replace(from: &Path, to: &Path) -> Result<()> {
    let part = beside(to, ".part");
    copy_if_there(from, &part)?;
    disk::rename(&part, to)?;
    if let Some(folder) = to.parent() {
        sync_folder(folder);
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

fn remove_file(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::tests::place;

    fn write(data: &Path, name: &str, words: &str) {
        let file = data.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, words).unwrap();
    }

    #[test]
    fn what_a_version_changed_is_put_back_and_customers_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let place = place(data);
        for (name, words) in [
            ("system.db", "before"),
            ("secret.key", "key"),
            ("workspaces/a/workspace.db", "before"),
            ("workspaces/a/workspace.db-wal", "log"),
            ("workspaces/b/workspace.db", "before"),
            ("workspaces/a/media/photo", "photo"),
        ] {
            write(data, name, words);
        }
        assert_eq!(place.snapshot_bytes().unwrap(), 3 * 6 + 3);
        place.take_snapshot().unwrap();
        for (name, words) in [
            ("system.db", "migrated"),
            ("system.db-wal", "new log"),
            ("secret.key", "other"),
            ("workspaces/a/workspace.db", "migrated"),
            ("workspaces/a/workspace.db-shm", "new"),
            ("workspaces/a/search/meta.json", "ahead"),
        ] {
            write(data, name, words);
        }
        fs::remove_file(data.join("workspaces/b/workspace.db")).unwrap();
        // Twice: a crash in between comes to the same end.
        for _ in 0..2 {
            place.put_back().unwrap();
        }
        let read = |name: &str| fs::read_to_string(data.join(name)).ok();
        for (name, words) in [
            ("system.db", Some("before")),
            ("system.db-wal", None),
            ("secret.key", Some("key")),
            ("workspaces/a/workspace.db", Some("before")),
            ("workspaces/a/workspace.db-wal", Some("log")),
            ("workspaces/a/workspace.db-shm", None),
            ("workspaces/a/search/meta.json", None),
            ("workspaces/a/media/photo", Some("photo")),
            ("workspaces/b/workspace.db", Some("before")),
        ] {
            assert_eq!(read(name).as_deref(), words, "{name}");
        }
    }
}
