//! A port that is taken by another program is no reason not to start: another one is chosen, and chosen again next time,
//! so that bookmarks and sign-ins, which belong to an address with its port, stay good.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use base::disk::{self, Lasts};
use base::{Error, Result};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::lock::read_small;

const FILE: &str = "botflow.ports";
/// Ports are tried in steps of this, so that the ports of one program stay beside each other.
const STEP: u16 = 10;
/// As many are tried before any free one is taken.
const TRIES: u16 = 10;

/// The ports that were used last, in `botflow.ports` of the data folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ports {
    pub port: Option<u16>,
    pub public_port: Option<u16>,
}

impl Ports {
    /// Nothing when none were written, or they cannot be read.
    pub fn last(data: &Path) -> Ports {
        read_small(&data.join(FILE)).and_then(|words| serde_json::from_slice(&words).ok()).unwrap_or_default()
    }

    /// Remembers them for the next start; written only when they are others than before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remember(self, data: &Path) -> Result<()> {
        if Ports::last(data) != self {
            disk::replace(&data.join(FILE), &serde_json::to_vec(&self)?, Lasts::InTime)?;
        }
        Ok(())
    }
}

/// Listens on the port that was used last, on the wanted one, on one of those ten, twenty ... after it, or on any that
/// is free; in this order. Also tells whether it is another one than wanted. A wanted port of 0 is any free one.
///
/// # Errors
/// Nothing can be listened on at this address.
pub async fn bind(address: IpAddr, wanted: u16, last: Option<u16>) -> Result<(TcpListener, bool)> {
    for port in candidates(wanted, last) {
        match TcpListener::bind((address, port)).await {
            Ok(listener) => {
                let moved = wanted != 0 && listener.local_addr()?.port() != wanted;
                return Ok((listener, moved));
            }
            Err(e) if is_taken(e.kind()) => {}
            Err(e) => return Err(unavailable(SocketAddr::from((address, port)), e)),
        }
    }
    Err(Error::unavailable("No port is free on this computer. Restart it, then try again."))
}

/// Which ports are tried, in order.
fn candidates(wanted: u16, last: Option<u16>) -> impl Iterator<Item = u16> {
    let beside = (0..TRIES).filter_map(move |n| wanted.checked_add(n * STEP)).filter(move |_| wanted != 0);
    last.filter(|last| *last != 0 && *last != wanted).into_iter().chain(beside).chain([0])
}

/// Another program has it, or the system keeps it for itself, as Windows does with whole ranges.
fn is_taken(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::AddrInUse | ErrorKind::PermissionDenied)
}

fn unavailable(at: SocketAddr, cause: std::io::Error) -> Error {
    let address = at.ip();
    Error::unavailable(format!(
        "Nothing can be listened on at {address}. Use an address that this computer has, such as 127.0.0.1."
    ))
    .with_cause(cause)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// Listens on a port with room for those after it, and gives it.
    fn taken() -> (std::net::TcpListener, u16) {
        loop {
            let listener = std::net::TcpListener::bind((HERE, 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            if port < u16::MAX - STEP * TRIES {
                return (listener, port);
            }
        }
    }

    #[test]
    fn the_last_port_comes_first_then_the_wanted_one_then_those_beside_it() {
        for (wanted, last, expected) in [
            (4870, None, vec![4870, 4880, 4890, 4900, 4910, 4920, 4930, 4940, 4950, 4960, 0]),
            (4870, Some(4890), vec![4890, 4870, 4880, 4890, 4900, 4910, 4920, 4930, 4940, 4950, 4960, 0]),
            (65530, Some(65530), vec![65530, 0]),
            (0, Some(5000), vec![5000, 0]),
            (0, None, vec![0]),
        ] {
            assert_eq!(candidates(wanted, last).collect::<Vec<_>>(), expected, "{wanted} {last:?}");
        }
    }

    #[tokio::test]
    async fn a_taken_port_is_exchanged_for_another_which_is_told() {
        let (_other, wanted) = taken();
        let (listener, moved) = bind(HERE, wanted, None).await.unwrap();
        assert!(moved);
        assert_ne!(listener.local_addr().unwrap().port(), wanted);
    }

    #[tokio::test]
    async fn a_free_port_is_taken_as_wanted_and_the_last_one_before_it() {
        let (other, wanted) = taken();
        drop(other);
        let (listener, moved) = bind(HERE, wanted, None).await.unwrap();
        assert_eq!((listener.local_addr().unwrap().port(), moved), (wanted, false));
        let (other, last) = taken();
        drop(other);
        let (again, moved) = bind(HERE, wanted, Some(last)).await.unwrap();
        assert_eq!((again.local_addr().unwrap().port(), moved), (last, true));
    }

    #[tokio::test]
    async fn an_address_of_another_computer_is_named() {
        let said = bind("203.0.113.7".parse().unwrap(), 0, None).await.unwrap_err().message;
        assert!(said.contains("203.0.113.7") && said.contains("127.0.0.1"), "{said}");
    }

    #[test]
    fn the_last_ports_are_remembered() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Ports::last(folder.path()), Ports::default());
        let ports = Ports { port: Some(4880), public_port: None };
        ports.remember(folder.path()).unwrap();
        assert_eq!(Ports::last(folder.path()), ports);
    }

    proptest! {
        #[test]
        fn whatever_is_in_the_file_of_ports_the_program_starts(words: Vec<u8>) {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(FILE), &words).unwrap();
            let _ = Ports::last(folder.path());
        }

        #[test]
        fn there_is_always_a_port_left_to_try(wanted: u16, last: Option<u16>) {
            let all: Vec<_> = candidates(wanted, last).collect();
            prop_assert_eq!(all.last(), Some(&0));
            prop_assert!(all.len() <= usize::from(TRIES) + 2);
        }
    }
}
