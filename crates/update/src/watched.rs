//! The side of the program that was started by a launcher: which version it is, where the installed one is, and what the
//! launcher has to say.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use semver::Version;
use tokio_util::sync::CancellationToken;

use crate::place::UPDATES;
use crate::{INSTALLED, WATCHED};

/// To the one that is started: it was accepted, and may begin to work.
pub(crate) const GO: u8 = b'g';
/// From it, as its exit code: it is to be started anew, perhaps as another version.
pub(crate) const ANEW: u8 = 75;
/// From it, as its exit code: somebody asked it to end before it was known to work.
pub(crate) const WISHED: u8 = 76;
/// Its launcher is gone: nobody would know of it.
const ALONE: i32 = 1;

/// The version whose folder `program` lies in, when that is one of `updates`.
fn placed(program: &Path) -> Option<Version> {
    let folder = program.parent()?;
    let of_updates = folder.parent()?.file_name()? == UPDATES;
    of_updates.then(|| folder.file_name()?.to_str()?.parse().ok()).flatten()
}

/// The version that runs in place of the installed program; nothing for the installed one.
pub(crate) fn launched() -> Option<Version> {
    std::env::var_os(INSTALLED)?;
    placed(&std::env::current_exe().ok()?)
}

/// The version of this program. One that came as an update is called as it was published.
pub fn running_version() -> Version {
    launched().unwrap_or_else(own_version)
}

pub(crate) fn own_version() -> Version {
    env!("CARGO_PKG_VERSION").parse().unwrap_or_else(|_| Version::new(0, 0, 0))
}

/// The file of the installed program, which may be another one than this. What came with the program lies around it,
/// and what starts the program later has to name it.
pub fn installed_program() -> Option<PathBuf> {
    match launched() {
        Some(_) => std::env::var_os(INSTALLED).map(PathBuf::from),
        None => std::env::current_exe().ok(),
    }
}

/// Whether the launcher waits for this process to end.
pub(crate) fn is_watched() -> bool {
    launched().is_some() && std::env::var_os(WATCHED).is_some()
}

/// The exit code by which a program that has ended in order asks to be started anew; nothing when nobody would do it.
pub fn begins_anew() -> Option<u8> {
    is_watched().then_some(ANEW)
}

/// The exit code of a program that somebody asked to end. Of a version that is only tried it has to be told apart from
/// one that ended by itself, which would be its fault.
pub fn ends_as_wished() -> u8 {
    if held().is_cancelled() { 0 } else { WISHED }
}

/// Cancelled once this version may take messages in and send them. Until then the data can be put back as it was before.
pub fn held() -> CancellationToken {
    static HELD: OnceLock<CancellationToken> = OnceLock::new();
    let new = || {
        let held = CancellationToken::new();
        if !is_watched() {
            held.cancel();
        }
        held
    };
    HELD.get_or_init(new).clone()
}

/// Listens to the launcher, on a thread of its own because a read of standard input cannot be called off.
pub(crate) fn listen() {
    let held = held();
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut said = [0];
        while let Ok(1) = input.read(&mut said) {
            if said[0] == GO {
                held.cancel();
            }
        }
        // As after a power failure: what was taken in is on the disk.
        std::process::exit(ALONE);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_a_version_only_in_a_folder_of_updates() {
        for (path, version) in [
            ("/data/updates/0.2.0/shop", Some(Version::new(0, 2, 0))),
            ("/data/updates/shop", None),
            ("/data/updates/snapshot/shop", None),
            ("/opt/0.2.0/shop", None),
            ("/usr/bin/shop", None),
            ("shop", None),
        ] {
            assert_eq!(placed(Path::new(path)), version, "{path}");
        }
    }
}
