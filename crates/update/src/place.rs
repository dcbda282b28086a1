//! What lies in `<data>/updates`, and what is written down of it.
//!
//! ```text
//! updates/state.json            what was decided; replaced as a whole
//! updates/<version>/            manifest.json with its signature, and the program under its own name
//! updates/<version>/*.part      on its way
//! updates/snapshot/             the data as it was before the version that is being tried
//! ```

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base::disk::{self, Lasts};
use base::{Error, Result, Time};
use machine::Kind;
use minisign_verify::PublicKey;
use semver::Version;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::boundary;
use crate::manifest::{MAX_MANIFEST_BYTES, MAX_SIGNATURE_BYTES, Manifest, Signed};

pub(crate) const UPDATES: &str = "updates";
const STATE: &str = "state.json";
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.json.minisig";
const MAX_STATE_BYTES: usize = 64 << 10;
/// So many versions that did not work are remembered.
const FAILED_KEPT: usize = 20;

/// What was decided. A server writes it while it holds the lock of the data folder, a launcher otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The owner wants newer versions installed at night.
    pub by_itself: bool,
    pub checked_at: Option<Time>,
    /// The newest version that was ever seen: an older one is refused after it.
    pub newest_seen: Option<Version>,
    /// Runs in place of the installed program as long as it is newer.
    pub accepted: Option<Version>,
    pub next: Option<Next>,
    /// So many businesses were open when `next` was decided: a new version has to open them, too.
    pub businesses: Option<usize>,
    /// These did not work here, and are not tried again by themselves.
    pub failed: Vec<Version>,
    pub last: Option<Outcome>,
}

/// A version on its way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    pub version: Version,
    pub step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Step {
    /// To be tried at the next start.
    Ready,
    /// Being tried; the snapshot is complete.
    Trying,
    /// The data is being put back. `why` says what was wrong with the version, when it was to blame.
    Undoing { why: Option<String> },
}

/// How the latest update ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub version: Version,
    /// The one before, which goes on when `why` says what went wrong.
    pub from: Version,
    pub at: Time,
    pub why: Option<String>,
}

impl State {
    /// Notes how the version that is on its way ended.
    pub(crate) fn end(&mut self, from: Version, at: Time, why: Option<String>) {
        if let Some(next) = self.next.take() {
            self.last = Some(Outcome { version: next.version, from, at, why });
        }
    }

    pub(crate) fn blame(&mut self, version: &Version) {
        self.failed.retain(|known| known != version);
        self.failed.push(version.clone());
        let over = self.failed.len().saturating_sub(FAILED_KEPT);
        self.failed.drain(..over);
    }
}

/// `<data>/updates` as one program on the folder sees it. Nothing is made before something is written.
#[derive(Clone, Debug)]
pub struct Place {
    data: PathBuf,
    /// What the program's file is called.
    name: OsString,
}

impl Place {
    /// The place for the program that runs.
    pub fn new(data: &Path) -> Place {
        let file = crate::watched::installed_program().unwrap_or_default();
        Self::named(data, file.file_name().unwrap_or(OsStr::new("program")))
    }

    pub(crate) fn named(data: &Path, name: &OsStr) -> Place {
        // A package that is just being exchanged has its old file marked so.
        let plain = name.to_str().and_then(|name| name.strip_suffix(" (deleted)")).map(OsString::from);
        Place { data: data.to_owned(), name: plain.unwrap_or_else(|| name.to_owned()) }
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.data.join(UPDATES)
    }

    pub(crate) fn of(&self, version: &Version) -> PathBuf {
        self.root().join(version.to_string())
    }

    pub(crate) fn file(&self, version: &Version) -> PathBuf {
        self.of(version).join(&self.name)
    }

    /// What was decided. Words that cannot be read decide nothing.
    pub fn state(&self) -> State {
        let Ok(Some(words)) = read_small(&self.root().join(STATE), MAX_STATE_BYTES) else { return State::default() };
        serde_json::from_slice(&words).unwrap_or_else(|e| {
            tracing::error!(error = %e, "what was decided about updates cannot be read");
            State::default()
        })
    }

    /// Changes what was decided; on the disk when this returns.
    pub fn change(&self, change: impl FnOnce(&mut State)) -> Result<State> {
        // The owner may choose something while a version comes in.
        static CHANGING: Mutex<()> = Mutex::new(());
        let _alone = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        change(&mut state);
        fs::create_dir_all(self.root())?;
        write(&self.root().join(STATE), &serde_json::to_vec_pretty(&state)?)?;
        boundary("state");
        Ok(state)
    }

    /// Keeps what proves a version beside its program.
    pub(crate) fn keep(&self, version: &Version, signed: &Signed) -> Result<()> {
        let folder = self.of(version);
        fs::create_dir_all(&folder)?;
        write(&folder.join(SIGNATURE), signed.signature.as_bytes())?;
        write(&folder.join(MANIFEST), &signed.bytes)?;
        Ok(())
    }

    /// The program of a version, looked at again: signed by the publisher, and byte for byte what was signed.
    ///
    /// # Errors
    /// Something of it is missing or was changed.
    pub fn program(&self, version: &Version, key: &PublicKey, kind: Kind) -> Result<PathBuf> {
        let gone = || Error::invalid(format!("Version {version} is not complete here. Install it once more."));
        let folder = self.of(version);
        let bytes = read_small(&folder.join(MANIFEST), MAX_MANIFEST_BYTES)?.ok_or_else(gone)?;
        let signature = read_small(&folder.join(SIGNATURE), MAX_SIGNATURE_BYTES)?.ok_or_else(gone)?;
        let signature = String::from_utf8(signature).map_err(|_| gone())?;
        let manifest: Manifest = Signed { bytes, signature }.open(key)?;
        let file = self.file(version);
        let known = manifest.program(kind)?;
        let found = fs::metadata(&file).map_err(|_| gone())?;
        if manifest.version != *version || found.len() != known.program_size || hash(&file)? != known.program_sha256 {
            return Err(Error::invalid(format!(
                "The file of version {version} was changed after it came, so it is not used. Install it once more."
            )));
        }
        Ok(file)
    }

    /// Clears away what nobody needs any more: versions besides those named, and snapshots that are over.
    pub fn tidy(&self, keep: &[&Version]) {
        let Ok(entries) = fs::read_dir(self.root()) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let over = match name.parse::<Version>() {
                Ok(version) => !keep.contains(&&version),
                Err(_) => name.starts_with(crate::snapshot::SNAPSHOT),
            };
            if over && let Err(e) = fs::remove_dir_all(entry.path()) {
                tracing::warn!(error = %e, name, "what is left of an update could not be removed");
            }
        }
    }
}

/// The SHA-256 of a file, in hex.
pub(crate) fn hash(file: &Path) -> Result<String> {
    let (mut hash, mut file, mut some) = (Sha256::new(), File::open(file)?, vec![0; 1 << 20]);
    loop {
        match file.read(&mut some)? {
            0 => return Ok(hex::encode(hash.finalize())),
            n => hash.update(&some[..n]),
        }
    }
}

/// The whole of a small file; nothing when it is not there.
fn read_small(file: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
    let mut words = Vec::new();
    match File::open(file) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?.take(limit as u64 + 1).read_to_end(&mut words)?,
    };
    if words.len() > limit {
        return Err(Error::invalid(format!("{} is too large to be read.", file.display())));
    }
    Ok(Some(words))
}

/// On the disk when this returns; a reader finds the old words or the new ones.
fn write(file: &Path, words: &[u8]) -> Result<()> {
    boundary("writing");
    Ok(disk::replace(file, words, Lasts::AtOnce)?)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use minisign::KeyPair;

    use super::*;
    use crate::manifest::tests::{keys, sign};
    use crate::manifest::{Download, Programs, platform};

    pub(crate) fn place(data: &Path) -> Place {
        Place::named(data, OsStr::new("shop"))
    }

    /// Puts `program` there as `version`, signed.
    pub(crate) fn put(place: &Place, version: &Version, program: &[u8], keys: &KeyPair) {
        let hash = hex::encode(Sha256::digest(program));
        let download = Download {
            url: "shop.gz".into(),
            size: 1,
            sha256: hash.clone(),
            program_size: program.len() as u64,
            program_sha256: hash,
        };
        let programs = Programs { server: Some(download), window: None };
        let manifest = Manifest {
            version: version.clone(),
            published: jiff::Timestamp::UNIX_EPOCH,
            notes: String::new(),
            programs: BTreeMap::from([(platform(), programs)]),
        };
        place.keep(version, &sign(&serde_json::to_vec(&manifest).unwrap(), keys)).unwrap();
        fs::write(place.file(version), program).unwrap();
    }

    #[test]
    fn a_program_that_was_changed_renamed_or_signed_by_somebody_else_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let ((keys, public), (_, stranger)) = (keys(), keys());
        let version = Version::new(0, 2, 0);
        put(&place, &version, b"a program", &keys);
        assert_eq!(place.program(&version, &public, Kind::Server).unwrap(), place.file(&version));
        assert!(place.program(&version, &public, Kind::Window).is_err(), "there is none with a window");
        assert!(place.program(&version, &stranger, Kind::Server).is_err());

        fs::write(place.file(&version), "b program").unwrap();
        let changed = place.program(&version, &public, Kind::Server).unwrap_err();
        assert!(changed.message.contains("was changed after it came"), "{changed}");
        fs::write(place.file(&version), "a program").unwrap();
        let later = Version::new(0, 3, 0);
        fs::rename(place.of(&version), place.of(&later)).unwrap();
        assert!(place.program(&later, &public, Kind::Server).is_err(), "an old one under a new name");
        assert!(place.program(&version, &public, Kind::Server).is_err(), "nothing is there any more");
    }

    #[test]
    fn what_was_decided_is_read_back_and_nonsense_decides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        assert_eq!(place.state(), State::default());
        assert!(!place.root().exists(), "looking makes nothing");
        let next = Next { version: Version::new(0, 2, 0), step: Step::Undoing { why: Some("It ended.".into()) } };
        let state = place.change(|state| state.next = Some(next)).unwrap();
        assert_eq!(place.state(), state);
        for nonsense in ["", "{", "[1]", r#"{"next": {"version": "x"}}"#] {
            fs::write(place.root().join(STATE), nonsense).unwrap();
            assert_eq!(place.state(), State::default(), "{nonsense}");
        }
    }

    #[test]
    fn what_is_decided_at_the_same_moment_is_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let versions: Vec<Version> = (1..=16).map(|n| Version::new(0, n, 0)).collect();
        std::thread::scope(|threads| {
            for version in &versions {
                threads.spawn(|| place.change(|state| state.failed.push(version.clone())).unwrap());
            }
        });
        let mut kept = place.state().failed;
        kept.sort();
        assert_eq!(kept, versions);
    }

    #[test]
    fn only_what_is_needed_stays() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let versions: Vec<Version> = (1..=3).map(|n| Version::new(0, n, 0)).collect();
        for version in &versions {
            fs::create_dir_all(place.of(version)).unwrap();
        }
        fs::create_dir_all(place.root().join("snapshot")).unwrap();
        place.change(|_| {}).unwrap();
        place.tidy(&[&versions[1]]);
        let there = |n: usize| place.of(&versions[n]).exists();
        assert_eq!((there(0), there(1), there(2)), (false, true, false));
        assert!(!place.root().join("snapshot").exists() && place.root().join(STATE).exists());
    }
}
