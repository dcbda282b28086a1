//! One window for each data folder: a second start asks the first to show itself, and ends.
//!
//! The first listens on this machine only, at a port that lies in the data folder beside a secret, both readable for
//! the owner alone. Who cannot read the folder cannot ask.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::disk::{self, Lasts};
use serde::{Deserialize, Serialize};

const FILE: &str = "desktop.door";
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST: u64 = 512;
const YES: &str = "shown";

/// Where the first one listens.
#[derive(Serialize, Deserialize)]
struct Sign {
    port: u16,
    key: String,
}

/// Open as long as this program has the data folder.
pub(crate) struct Door {
    file: PathBuf,
}

impl Door {
    /// Listens for later starts; `show` is called with the place that they were asked to open. Only for the program that
    /// holds the lock of the data folder.
    pub(crate) fn open(data: &Path, show: impl Fn(Option<String>) + Send + 'static) -> std::io::Result<Door> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let key = base::random::token();
        let sign = Sign { port: listener.local_addr()?.port(), key: key.clone() };
        let file = data.join(FILE);
        disk::replace(&file, &serde_json::to_vec(&sign)?, Lasts::InTime)?;
        std::thread::Builder::new().name("door".into()).spawn(move || {
            for caller in listener.incoming().flatten() {
                if let Some(place) = answer(caller, &key) {
                    show(place);
                }
            }
        })?;
        Ok(Door { file })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // A sign that stays behind leads nowhere, and the next start writes its own.
        let _ = std::fs::remove_file(&self.file);
    }
}

/// What a caller with the right key asks for: to be shown, perhaps at a place.
fn answer(mut caller: TcpStream, key: &str) -> Option<Option<String>> {
    caller.set_read_timeout(Some(PATIENCE)).ok()?;
    caller.set_write_timeout(Some(PATIENCE)).ok()?;
    let mut line = String::new();
    BufReader::new(caller.try_clone().ok()?).take(LONGEST).read_line(&mut line).ok()?;
    let (said, place) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
    if !same(said, key) {
        return None;
    }
    writeln!(caller, "{YES}").ok()?;
    // A link of its own kind, so that nothing but a known place gets through.
    Some(
        (!place.is_empty())
            .then(|| crate::links::place(&format!("{}:{place}", app::Brand::current().scheme())))
            .flatten(),
    )
}

/// Compares in a time that tells nothing.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

/// Asks the program that has this data folder to show itself at `place`. Gives whether it did.
pub(crate) fn knock(data: &Path, place: Option<&str>) -> bool {
    let Some(sign) = std::fs::read(data.join(FILE)).ok().and_then(|s| serde_json::from_slice::<Sign>(&s).ok()) else {
        return false;
    };
    let there = SocketAddr::from((Ipv4Addr::LOCALHOST, sign.port));
    let ask = || -> std::io::Result<String> {
        let mut door = TcpStream::connect_timeout(&there, PATIENCE)?;
        door.set_read_timeout(Some(PATIENCE))?;
        door.set_write_timeout(Some(PATIENCE))?;
        writeln!(door, "{} {}", sign.key, place.unwrap_or_default())?;
        let mut said = String::new();
        BufReader::new(door).take(LONGEST).read_line(&mut said)?;
        Ok(said)
    };
    ask().is_ok_and(|said| said.trim_end() == YES)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn opened(data: &Path) -> (Door, mpsc::Receiver<Option<String>>) {
        let (tell, told) = mpsc::channel();
        (Door::open(data, move |place| tell.send(place).unwrap()).unwrap(), told)
    }

    #[test]
    fn a_second_start_raises_the_first_at_the_place_it_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!knock(folder.path(), None), "nobody is there yet");
        let (door, told) = opened(folder.path());
        assert!(knock(folder.path(), None));
        assert_eq!(told.recv().unwrap(), None);
        assert!(knock(folder.path(), Some("/settings/address")));
        assert_eq!(told.recv().unwrap().as_deref(), Some("/settings/address"));
        assert!(knock(folder.path(), Some("/../api")), "it is shown, where it is");
        assert_eq!(told.recv().unwrap(), None);
        drop(door);
        assert!(!knock(folder.path(), None));
    }

    #[test]
    fn who_does_not_know_the_key_raises_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (_door, told) = opened(folder.path());
        let file = folder.path().join(FILE);
        let mut sign: Sign = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        sign.key = base::random::token();
        disk::replace(&file, &serde_json::to_vec(&sign).unwrap(), Lasts::InTime).unwrap();
        assert!(!knock(folder.path(), Some("/inbox")));
        assert!(told.try_recv().is_err());
    }

    #[test]
    fn a_sign_left_behind_by_a_crash_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let sign = Sign { port: free, key: "old".into() };
        disk::replace(&folder.path().join(FILE), &serde_json::to_vec(&sign).unwrap(), Lasts::InTime).unwrap();
        assert!(!knock(folder.path(), None));
        std::fs::write(folder.path().join(FILE), "nonsense").unwrap();
        assert!(!knock(folder.path(), None));
    }
}
