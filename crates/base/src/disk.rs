//! What is on the disk: small files that are replaced as a whole, and the names in a folder.

use std::fs::{self, OpenOptions};
use std::io::{Result, Write};
use std::path::Path;

/// When what was written has to be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// Before the call returns: something was decided.
    AtOnce,
    /// Whenever the system finds time: the old words would do as well.
    InTime,
}

/// Writes a small file so that a reader, and a start after the power failed, finds the old or the new words, never half
/// of them. For nobody but its owner, where the system can say so.
///
/// # Errors
/// It cannot be written; the old words are still there.
pub fn replace(file: &Path, words: &[u8], lasts: Lasts) -> Result<()> {
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&part)?;
    out.write_all(words)?;
    if lasts == Lasts::AtOnce {
        out.sync_all()?;
    }
    // Windows moves no file that is open.
    drop(out);
    fs::rename(&part, file)?;
    if lasts == Lasts::AtOnce
        && let Some(folder) = file.parent()
    {
        sync_folder(folder);
    }
    Ok(())
}

/// Where the system can say so, the names in a folder are on the disk when this returns.
pub fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_finds_the_old_words_or_the_new_ones_and_nothing_lies_around() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("words.json");
        let (old, new) = (vec![b'o'; 50_000], vec![b'n'; 70_000]);
        replace(&file, &old, Lasts::AtOnce).unwrap();
        std::thread::scope(|threads| {
            let reader = threads.spawn(|| (0..500).map(|_| fs::read(&file)).collect::<Vec<_>>());
            for n in 0..200 {
                let words = if n % 2 == 0 { &new } else { &old };
                // Under Windows a file that is just being read is not replaced; then the old words stay.
                let replaced = replace(&file, words, Lasts::InTime);
                assert!(cfg!(windows) || replaced.is_ok(), "{replaced:?}");
            }
            let whole = |words: &Vec<u8>| *words == old || *words == new;
            assert!(reader.join().unwrap().iter().flatten().all(whole), "half of the words");
        });
        replace(&file, b"last", Lasts::InTime).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"last");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions()) & 0o777, 0o600);
    }

    #[test]
    fn what_cannot_be_replaced_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("words.json");
        replace(&file, b"old", Lasts::AtOnce).unwrap();
        fs::create_dir(folder.path().join("words.json.part")).unwrap();
        assert!(replace(&file, b"new", Lasts::AtOnce).is_err());
        assert_eq!(fs::read(&file).unwrap(), b"old");
        assert!(replace(&folder.path().join("none/words"), b"new", Lasts::AtOnce).is_err());
    }
}
