//! Questions to the ports that tunnel programs open on this computer: short, bounded, never by a name.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use base::{Error, Result};

/// No answer is longer.
const ANSWER_BYTES: usize = 256 * 1024;

/// A client for local ports.
#[derive(Clone, Debug)]
pub(super) struct Local(reqwest::Client);

impl Local {
    pub(super) fn new(timeout: Duration) -> Result<Self> {
        base::net::install_tls();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(timeout)
            .build()
            .map_err(Error::internal)?;
        Ok(Self(client))
    }

    /// Status and body; nothing when nobody answers in time, or too much.
    pub(super) async fn get(&self, port: SocketAddr, path: &str) -> Option<(u16, Vec<u8>)> {
        let mut response = self.0.get(format!("http://{port}{path}")).send().await.ok()?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.ok()? {
            if body.len() + piece.len() > ANSWER_BYTES {
                return None;
            }
            body.extend_from_slice(&piece);
        }
        Some((status, body))
    }
}

/// A port of this computer that nobody uses at the moment.
pub(super) fn free_port() -> Result<SocketAddr> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

/// Where to reach a listener from this computer: what listens everywhere is reached by the loopback address.
pub(super) fn reachable(listener: SocketAddr) -> SocketAddr {
    match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, listener.port())),
        // A listener on all of IPv6 takes IPv4 as well, and the loopback address of the one that all programs know.
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, listener.port())),
        _ => listener,
    }
}

/// A host name as it stands in public addresses: two labels at least, of letters, digits and hyphens, and not a number.
pub(super) fn is_public_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let url = || url::Url::parse(&format!("https://{name}"));
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(label)
        && last.starts_with(|c: char| c.is_ascii_alphabetic())
        && !last.eq_ignore_ascii_case("localhost")
        && url().is_ok_and(|url| url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_can_be_a_public_name_passes_for_one() {
        for (name, yes) in [
            ("three-words-here.trycloudflare.com", true),
            ("shop.tail1234.ts.net", true),
            ("a.b", true),
            ("", false),
            ("localhost", false),
            ("app.localhost", false),
            ("127.0.0.1", false),
            ("[::1]", false),
            ("three words.com", false),
            ("evil.com/path", false),
            ("user@evil.com", false),
            ("evil.com:80", false),
            ("-a.com", false),
            ("a..com", false),
            ("a.com.", false),
        ] {
            assert_eq!(is_public_name(name), yes, "{name}");
        }
    }

    #[test]
    fn a_listener_on_all_addresses_is_reached_by_the_loopback_address() {
        for (listener, reached) in [
            ("0.0.0.0:8081", "127.0.0.1:8081"),
            ("127.0.0.1:8081", "127.0.0.1:8081"),
            ("192.168.1.4:8081", "192.168.1.4:8081"),
            ("[::]:8081", "127.0.0.1:8081"),
            ("[::1]:8081", "[::1]:8081"),
        ] {
            assert_eq!(reachable(listener.parse().unwrap()).to_string(), reached);
        }
    }

    proptest! {
        #[test]
        fn what_passes_for_a_name_makes_an_address_with_just_that_host(name in "\\PC{0,40}|[a-z.-]{0,20}") {
            if is_public_name(&name) {
                let url = url::Url::parse(&format!("https://{name}")).unwrap();
                prop_assert_eq!(url.host_str().unwrap(), name.to_ascii_lowercase());
                prop_assert_eq!((url.path(), url.port(), url.username()), ("/", None, ""));
            }
        }
    }
}
