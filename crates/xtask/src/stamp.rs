//! Stamps: a hash of what a step read, so that a step whose inputs have not changed is skipped.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Folders that are made, not written: never part of a hash or a check.
pub(crate) const MADE: &[&str] = &[".git", "target", "node_modules", "dist", "dev-dist", "coverage"];

/// The SHA-256 of a file, in lowercase hex.
pub(crate) fn file_hash(path: &Path) -> Result<String> {
    let file = fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    reader_hash(file).with_context(|| format!("{} cannot be read", path.display()))
}

/// The SHA-256 of every file under `folder`, names included, without what is made by tools.
pub(crate) fn folder_hash(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort();
    let mut hasher = Sha256::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        hasher.update(name.as_bytes());
        hasher.update([0]);
        hasher.update(file_hash(&file)?.as_bytes());
    }
    Ok(hex::encode(hasher.finalize()))
}

/// Every file under `folder`, without what is made by tools.
pub(crate) fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && !MADE.iter().any(|made| entry.file_name() == *made) {
            list(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Whether the stamp says that a step was done with just these inputs.
pub(crate) fn is_fresh(stamp: &Path, hash: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|written| written.trim() == hash)
}

/// Says that a step was done with these inputs.
pub(crate) fn write(stamp: &Path, hash: &str) -> Result<()> {
    fs::write(stamp, hash).with_context(|| format!("{} cannot be written", stamp.display()))
}

fn reader_hash(mut reader: impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(&buffer[..read]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_renamed_or_added_source_makes_the_interface_build_again_and_a_made_file_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("src")).unwrap();
        fs::create_dir_all(at("node_modules")).unwrap();
        fs::write(at("src/a.ts"), "1").unwrap();
        let first = folder_hash(folder.path()).unwrap();

        fs::write(at("node_modules/x.js"), "x").unwrap();
        assert_eq!(folder_hash(folder.path()).unwrap(), first);

        fs::write(at("src/a.ts"), "2").unwrap();
        let changed = folder_hash(folder.path()).unwrap();
        assert_ne!(changed, first);

        fs::rename(at("src/a.ts"), at("src/b.ts")).unwrap();
        let renamed = folder_hash(folder.path()).unwrap();
        assert_ne!(renamed, changed);

        fs::write(at("src/c.ts"), "").unwrap();
        assert_ne!(folder_hash(folder.path()).unwrap(), renamed);
    }

    #[test]
    fn a_hash_is_the_published_sha_256() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(reader_hash("abc".as_bytes()).unwrap(), known);
    }
}
