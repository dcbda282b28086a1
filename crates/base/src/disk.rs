//! What is on the disk: small files that are replaced as a whole, the names in a folder, and how much room is left.

use std::fs::{self, OpenOptions};
use std::io::{Result, Write};
use std::path::{Path, PathBuf};

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
    rename(&part, file)?;
    if lasts == Lasts::AtOnce
        && let Some(folder) = file.parent()
    {
        sync_folder(folder);
    }
    Ok(())
}

/// Pauses in milliseconds between the tries to rename what somebody has open: together a second and a quarter.
const PAUSES: [u64; 8] = [5, 10, 20, 40, 80, 160, 320, 640];

/// Gives a file or a folder another name, in place of the file that has it. Windows refuses that while anybody has one of
/// them open, and a scanner for viruses opens each file for a moment after it was written: so it is tried for a second.
///
/// # Errors
/// The system refuses it, still; nothing has changed.
pub fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<()> {
    for pause in PAUSES {
        match fs::rename(&from, &to) {
            Err(e) if is_in_use(&e) => std::thread::sleep(std::time::Duration::from_millis(pause)),
            done => return done,
        }
    }
    fs::rename(from, to)
}

/// Whether the system refused because somebody has the file open, as far as it tells that from a missing right.
fn is_in_use(e: &std::io::Error) -> bool {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    cfg!(windows) && matches!(e.raw_os_error(), Some(ACCESS_DENIED | SHARING_VIOLATION))
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

/// A disk, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// The folder, or the letter, by which it is reached.
    pub mount: PathBuf,
    /// Bytes that this user may still write.
    pub free: u64,
}

impl Disk {
    /// The disk that holds `path`, or will hold it once it is made; nothing when the system does not tell.
    pub fn of(path: &Path) -> Option<Disk> {
        let path = std::path::absolute(path).ok()?;
        let there = path.ancestors().find(|folder| folder.exists())?;
        Some(Disk { mount: mount(there)?, free: fs4::available_space(there).ok()? })
    }
}

/// Free bytes of the disk that holds `path`; nothing when the system does not tell.
pub fn free_bytes(path: &Path) -> Option<u64> {
    Disk::of(path).map(|disk| disk.free)
}

#[cfg(unix)]
fn mount(path: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt;
    // A link may lead to another disk.
    let path = fs::canonicalize(path).ok()?;
    let device = fs::metadata(&path).ok()?.dev();
    let same = path.ancestors().take_while(|folder| fs::metadata(folder).is_ok_and(|found| found.dev() == device));
    same.last().map(Path::to_owned)
}

#[cfg(not(unix))]
fn mount(path: &Path) -> Option<PathBuf> {
    path.ancestors().last().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_known_by_where_it_is_reached_and_by_its_room() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::of(folder.path()).unwrap();
        assert!(disk.free > 0 && folder.path().starts_with(&disk.mount), "{disk:?}");
        let later = Disk::of(&folder.path().join("not/there/yet")).unwrap();
        assert_eq!(later.mount, disk.mount);
        // A folder of the system's that is a disk of its own, where there is one.
        if cfg!(target_os = "linux") {
            assert_eq!(Disk::of(Path::new("/proc/self")).map(|disk| disk.mount), Some("/proc".into()));
        }
    }

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
                replace(&file, words, Lasts::InTime).unwrap();
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
