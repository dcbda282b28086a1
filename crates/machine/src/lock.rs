//! One program for each data folder: two would send every reply twice. Who has the folder is written beside the lock,
//! and whether the last one that had it ended in order.
//!
//! The lock is the system's: it is free as soon as the program that had it is gone, however that went, so that a stale
//! one cannot be. `botflow.owner` is only words about it, in a file of its own because a locked file cannot be read by
//! others under Windows; it is believed only while the lock is held.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use base::disk::{self, Lasts};
use base::{Clock, Error, Result, Stopwatch, Time, product};
use serde::{Deserialize, Serialize};

const LOCK: &str = "botflow.lock";
const OWNER: &str = "botflow.owner";
/// A lock may be held for a moment by someone who only looks whether it is, and words about it may be on their way.
const PATIENCE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(20);
/// No file of ours is longer; a longer one is not read.
const MOST_BYTES: u64 = 16 * 1024;

/// Which program has a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The server alone.
    #[default]
    Server,
    /// The server with a window.
    Window,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let product = product::name();
        match self {
            Kind::Server => write!(f, "the {product} server"),
            Kind::Window => write!(f, "{product} in its window"),
        }
    }
}

/// The program that has a folder, by its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub process_id: u32,
    pub kind: Kind,
    /// Where its interface is; not known while it starts.
    pub address: Option<SocketAddr>,
    pub started: Time,
    /// When it last wrote that it is there: once a minute.
    pub last_seen: Time,
    /// It ended in order, or is just about to.
    pub ended: bool,
}

/// What the last program on the folder left behind: it was killed, crashed, or the power failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// When it was last seen alive, to the minute.
    pub last_seen: Time,
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = self.last_seen.to_jiff().strftime("%Y-%m-%d %H:%M");
        write!(
            f,
            "The program was cut off last time (last seen {seen} UTC). It goes on from what is on the disk; nothing that was taken in is lost."
        )
    }
}

/// Held while the program runs. The system lets go of it when the program ends, however it ends; dropping it says that
/// the end was in order.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    data: PathBuf,
    clock: Clock,
    owner: Mutex<Owner>,
    recovered: Option<Recovered>,
    /// The words of the one before, put back by a start that came to nothing.
    before: Option<Vec<u8>>,
}

/// Takes the folder for this program.
///
/// # Errors
/// `Conflict` when another program has it, with a sentence that names that one.
pub fn take(data: &Path, kind: Kind, clock: &Clock) -> Result<Lock> {
    std::fs::create_dir_all(data)?;
    let file = open(data)?;
    let watch = Stopwatch::start();
    while !lock(&file)? {
        if watch.elapsed() >= PATIENCE {
            return Err(Error::conflict(refusal(data, read(data).as_ref())));
        }
        std::thread::sleep(PAUSE);
    }
    let now = clock.now();
    let before = read_bytes(data);
    let recovered = before.as_deref().and_then(|words| left_behind(data, words));
    if let Some(recovered) = recovered {
        tracing::warn!("{recovered}");
    }
    let owner =
        Owner { process_id: std::process::id(), kind, address: None, started: now, last_seen: now, ended: false };
    let lock =
        Lock { _file: file, data: data.to_owned(), clock: clock.clone(), owner: Mutex::new(owner), recovered, before };
    lock.write(&lock.owner(), Lasts::AtOnce);
    Ok(lock)
}

/// The program that has the folder, when one has it and said who it is.
pub fn other(data: &Path) -> Option<Owner> {
    let watch = Stopwatch::start();
    while is_held(data) {
        if let Some(owner) = read(data).filter(|owner| !owner.ended) {
            return Some(owner);
        }
        if watch.elapsed() >= PATIENCE {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
    None
}

impl Lock {
    /// Says where the interface is. From now on the program counts as one that ran.
    pub fn tell(&self, address: SocketAddr) {
        let mut owner = self.owner();
        owner.address = Some(address);
        owner.last_seen = self.clock.now();
        self.write(&owner, Lasts::AtOnce);
    }

    /// Writes that the program is still there; to be called once a minute.
    pub fn beat(&self) {
        let mut owner = self.owner();
        owner.last_seen = self.clock.now();
        self.write(&owner, Lasts::InTime);
    }

    /// What the last program on the folder left behind; nothing when it ended in order, or there was none.
    pub fn recovered(&self) -> Option<Recovered> {
        self.recovered
    }

    fn owner(&self) -> MutexGuard<'_, Owner> {
        self.owner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program works without these words, so that a full disk does not keep it from starting.
    fn write(&self, owner: &Owner, lasts: Lasts) {
        let written = serde_json::to_vec(owner)
            .map_err(Error::from)
            .and_then(|words| Ok(disk::replace(&self.data.join(OWNER), &words, lasts)?));
        if let Err(e) = written {
            tracing::warn!(error = ?e, "who has the data folder could not be written down");
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut owner = self.owner();
        if owner.address.is_some() {
            owner.ended = true;
            owner.last_seen = self.clock.now();
            self.write(&owner, Lasts::AtOnce);
            return;
        }
        // It never came up. What the one before left is still for the next start to tell.
        let put_back = match &self.before {
            Some(words) => disk::replace(&self.data.join(OWNER), words, Lasts::AtOnce),
            None => std::fs::remove_file(self.data.join(OWNER)),
        };
        if let Err(e) = put_back {
            tracing::warn!(error = %e, "who has the data folder could not be written down");
        }
    }
}

/// The sentence for a second start.
fn refusal(data: &Path, owner: Option<&Owner>) -> String {
    let data = data.display();
    let Some(owner) = owner.filter(|owner| !owner.ended) else {
        let product = product::name();
        return format!("{product} already runs on the folder {data}. Use that one, or end it first.");
    };
    let (who, process) = (upper_first(&owner.kind.to_string()), owner.process_id);
    match (owner.address, owner.kind) {
        (None, _) => format!(
            "{who} already runs on the folder {data} (process {process}) and is just starting. Wait a moment, then use that one."
        ),
        (Some(address), Kind::Server) => format!(
            "{who} already runs on the folder {data} (process {process}). Open http://{address}/ in your browser, or end that program first."
        ),
        (Some(address), Kind::Window) => format!(
            "{who} already runs on the folder {data} (process {process}, also at http://{address}/). Go on there, or quit it first."
        ),
    }
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What the words of the one before say about its end. Words that cannot be read were being written when it ended.
fn left_behind(data: &Path, words: &[u8]) -> Option<Recovered> {
    match serde_json::from_slice::<Owner>(words) {
        Ok(owner) if owner.ended => None,
        Ok(owner) => Some(Recovered { last_seen: owner.last_seen }),
        Err(_) => {
            let changed = std::fs::metadata(data.join(OWNER)).and_then(|file| file.modified());
            let since = changed.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
            Some(Recovered { last_seen: Time::ZERO.plus(since) })
        }
    }
}

fn open(data: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(data.join(LOCK))
}

/// Whether a program has the folder. Those who ask share the lock for that moment, so that none takes another for one.
fn is_held(data: &Path) -> bool {
    // Opened only when there is one: asking makes no folder.
    data.join(LOCK).is_file()
        && open(data).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether the lock is ours now.
fn lock(file: &File) -> std::io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(e)) => Err(e),
    }
}

fn read(data: &Path) -> Option<Owner> {
    serde_json::from_slice(&read_bytes(data)?).ok()
}

fn read_bytes(data: &Path) -> Option<Vec<u8>> {
    read_small(&data.join(OWNER))
}

/// The whole of a small file of ours, when it is there and small.
pub fn read_small(file: &Path) -> Option<Vec<u8>> {
    let size = std::fs::metadata(file).ok()?.len();
    if size > MOST_BYTES { None } else { std::fs::read(file).ok() }
}

#[cfg(test)]
mod tests {
    use base::ErrorCode;
    use proptest::prelude::*;

    use super::*;

    const AT: Time = Time(1_700_000_000_000);
    const MINUTE: Duration = Duration::from_secs(60);

    fn address() -> SocketAddr {
        "127.0.0.1:4870".parse().unwrap()
    }

    /// As a crash leaves it: the system lets go of the lock, nobody writes anything.
    fn crash(lock: Lock) {
        let (data, words) = (lock.data.clone(), read_bytes(&lock.data).unwrap());
        drop(lock);
        std::fs::write(data.join(OWNER), words).unwrap();
    }

    #[test]
    fn a_second_program_on_the_same_folder_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(AT);
        let first = take(folder.path(), Kind::Server, &clock).unwrap();
        let refused = take(folder.path(), Kind::Window, &clock).unwrap_err();
        assert_eq!(refused.code, ErrorCode::Conflict);
        assert!(refused.message.contains("just starting"), "{refused}");
        drop(first);
        assert!(take(folder.path(), Kind::Server, &clock).is_ok());
    }

    #[test]
    fn the_refusal_names_the_other_program_where_it_is_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(AT);
        for (kind, words) in [
            (Kind::Server, ["The BotFlow server already runs", "in your browser, or end that program"]),
            (Kind::Window, ["BotFlow in its window already runs", "Go on there, or quit it"]),
        ] {
            let first = take(folder.path(), kind, &clock).unwrap();
            first.tell(address());
            let said = take(folder.path(), Kind::Server, &clock).unwrap_err().message;
            let (data, process) = (folder.path().display().to_string(), format!("process {}", std::process::id()));
            for word in [&data, &process, "http://127.0.0.1:4870/", words[0], words[1]] {
                assert!(said.contains(word), "“{word}” is missing: {said}");
            }
        }
    }

    #[test]
    fn who_has_the_folder_is_believed_only_while_it_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(AT);
        assert_eq!(other(&folder.path().join("none")), None);
        assert!(!folder.path().join("none").exists(), "asking makes nothing");
        let first = take(folder.path(), Kind::Window, &clock).unwrap();
        assert_eq!(other(folder.path()).unwrap().address, None);
        first.tell(address());
        let owner = other(folder.path()).unwrap();
        assert_eq!(
            owner,
            Owner {
                process_id: std::process::id(),
                kind: Kind::Window,
                address: Some(address()),
                started: AT,
                last_seen: AT,
                ended: false
            }
        );
        crash(first);
        assert!(read(folder.path()).is_some(), "the words are still there");
        assert_eq!(other(folder.path()), None);
    }

    #[test]
    fn asking_who_has_the_folder_never_keeps_a_program_from_starting() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        drop(take(&data, Kind::Server, &Clock::manual(AT)).unwrap());
        let asking = std::thread::spawn({
            let data = data.clone();
            move || {
                for _ in 0..2000 {
                    let _ = other(&data);
                }
            }
        });
        for _ in 0..20 {
            drop(take(&data, Kind::Server, &Clock::manual(AT)).unwrap());
        }
        asking.join().unwrap();
    }

    #[test]
    fn the_next_start_knows_when_the_last_one_was_cut_off_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(AT);
        let take = || take(folder.path(), Kind::Server, &clock).unwrap();

        let first = take();
        assert_eq!(first.recovered(), None, "nobody was here before");
        first.tell(address());
        clock.advance(MINUTE);
        first.beat();
        clock.advance(MINUTE);
        crash(first);

        // A start that comes to nothing says nothing, so the next one still has to.
        let failed = take();
        assert_eq!(failed.recovered(), Some(Recovered { last_seen: AT.plus(MINUTE) }));
        drop(failed);

        let second = take();
        assert_eq!(second.recovered(), Some(Recovered { last_seen: AT.plus(MINUTE) }));
        second.tell(address());
        drop(second);
        assert_eq!(take().recovered(), None, "it ended in order");
    }

    #[test]
    fn a_start_that_comes_to_nothing_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        drop(take(folder.path(), Kind::Server, &Clock::manual(AT)).unwrap());
        assert!(!folder.path().join(OWNER).exists());
    }

    proptest! {
        // Each writes to the disk.
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn words_that_cannot_be_read_count_as_a_cut_off_and_nothing_more(words: Vec<u8>) {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(OWNER), &words).unwrap();
            let lock = take(folder.path(), Kind::Server, &Clock::manual(AT)).unwrap();
            prop_assert!(lock.recovered().is_some_and(|r| r.last_seen > Time::ZERO));
            prop_assert!(other(folder.path()).is_some());
        }
    }
}
