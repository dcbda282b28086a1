//! The guarded way to addresses that a user or a customer names: never into the own network, always with limits.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Once;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::{Error, Result};

/// Installs the process-wide TLS provider; safe to call often, must come before any client is built.
pub fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Which addresses a guarded client may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The public internet only: never loopback, the local network, link-local or carrier ranges.
    Public,
    /// Everything; for tests, and for services the owner runs on the same machine and typed in themselves.
    Anywhere,
}

/// Whether an address belongs to the public internet.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let o = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || o[0] == 0
        || o[0] >= 240
        || (o[0] == 100 && (o[1] & 0xc0) == 64) // carrier-grade NAT, RFC 6598
        || (o[0] == 192 && o[1] == 0 && o[2] == 0)
        || (o[0] == 198 && (o[1] & 0xfe) == 18)) // benchmarking, RFC 2544
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let s = ip.segments();
    !(ip.is_loopback()
        || ip.is_multicast()
        || s[..6] == [0; 6] // unspecified and the old IPv4-compatible range
        || (s[0] == 0x64 && s[1] == 0xff9b) // NAT64 reaches IPv4 addresses we did not look at
        || s[0] == 0x2002 // 6to4, likewise
        || (s[0] == 0x2001 && s[1] == 0) // Teredo, likewise
        || (s[0] & 0xfe00) == 0xfc00
        || (s[0] & 0xffc0) == 0xfe80
        || (s[0] == 0x2001 && s[1] == 0xdb8))
}

/// Refuses schemes and literal addresses that a guarded client must not reach. reqwest does not ask the resolver for
/// literal addresses, so every URL passes here: the first one and each redirect.
pub fn check_url(url: &Url, reach: Reach) -> Result<()> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Error::invalid("Only web addresses that begin with http:// or https:// can be opened."));
    }
    let refused = || Error::invalid("This address lies inside a private network and is not opened, for your safety.");
    let public = match url.host() {
        Some(Host::Ipv4(ip)) => is_public_v4(ip),
        Some(Host::Ipv6(ip)) => is_public_v6(ip),
        Some(Host::Domain(name)) => !name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        None => return Err(Error::invalid("This web address has no host name.")),
    };
    if public || reach == Reach::Anywhere { Ok(()) } else { Err(refused()) }
}

/// Resolves names and keeps only public addresses, so that the checked address is the one connected to (no rebinding).
#[derive(Clone)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let all = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<_> = all.filter(|a| is_public(a.ip())).collect();
            if public.is_empty() {
                return Err("the name leads into a private network".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// A client for addresses named by users and customers. `check_url` must be called on the first URL; redirects are
/// checked here.
pub fn guarded_client(reach: Reach, timeout: Duration) -> Result<reqwest::Client> {
    client(reach, timeout, None, PublicOnly)
}

/// The same for requests that carry secrets: redirects stay on the server of `home`, so that no other one hears them.
pub fn guarded_client_within(home: &Url, reach: Reach, timeout: Duration) -> Result<reqwest::Client> {
    client(reach, timeout, Some(home.clone()), PublicOnly)
}

/// Whether both addresses lead to one server; from `http` to `https` is no change for the worse.
pub fn is_same_server(home: &Url, other: &Url) -> bool {
    let upgraded = home.scheme() == "http" && other.scheme() == "https" && other.port().is_none();
    home.host() == other.host() && (home.origin() == other.origin() || home.port().is_none() && upgraded)
}

pub(crate) fn client(
    reach: Reach,
    timeout: Duration,
    home: Option<Url>,
    public: impl Resolve + 'static,
) -> Result<reqwest::Client> {
    install_tls();
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .timeout(timeout)
        .connect_timeout(Duration::from_secs(10).min(timeout))
        .user_agent("Mozilla/5.0 (compatible; BotFlow/1.0)")
        .redirect(reqwest::redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > 4 {
                return attempt.error("too many redirects");
            }
            if home.as_ref().is_some_and(|home| !is_same_server(home, attempt.url())) {
                return attempt.error("a redirect to another server");
            }
            match check_url(attempt.url(), reach) {
                Ok(()) => attempt.follow(),
                Err(e) => attempt.error(e),
            }
        }));
    if reach == Reach::Public {
        builder = builder.dns_resolver(public);
    }
    builder.build().map_err(Error::internal)
}

/// Reads a response's body, refusing more than `limit` bytes.
pub async fn read_limited(response: reqwest::Response, limit: usize) -> Result<Bytes> {
    let too_large = || Error::too_large(format!("The answer is larger than {} MB.", limit.div_ceil(1 << 20)));
    if response.content_length().is_some_and(|n| n > limit as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(part) = stream.next().await {
        let part = part.map_err(from_reqwest)?;
        if body.len() + part.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&part);
    }
    Ok(body.into())
}

/// Turns a client's error into a sentence; the address is left out of the cause, for it may carry a token.
pub fn from_reqwest(e: reqwest::Error) -> Error {
    let e = e.without_url();
    if e.is_timeout() {
        Error::timeout("The other side did not answer in time.").with_cause(e)
    } else if e.is_redirect() {
        Error::upstream("The other side leads on to an address that is not followed. Give its final address.")
            .with_cause(e)
    } else if e.is_connect() {
        Error::upstream("The address could not be reached. Is the internet connection working?").with_cause(e)
    } else {
        Error::upstream("The other side sent something that could not be read.").with_cause(e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_the_own_network_are_refused_in_every_spelling() {
        for bad in [
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://localhost/",
            "http://LOCALHOST./",
            "file:///etc/passwd",
            "http://100.64.0.1/",
            "http://[fd00::1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://255.255.255.255/",
            "ftp://example.com/",
        ] {
            assert!(check_url(&bad.parse().unwrap(), Reach::Public).is_err(), "{bad} was let through");
        }
        assert!(check_url(&"https://example.com/a".parse().unwrap(), Reach::Public).is_ok());
    }

    #[test]
    fn secrets_never_go_to_another_server() {
        for (home, other, same) in [
            ("https://a.example/x", "https://a.example/y", true),
            ("http://a.example/", "https://a.example/", true),
            ("https://a.example/", "http://a.example/", false),
            ("https://a.example/", "https://a.example:8443/", false),
            ("http://a.example:8080/", "https://a.example/", false),
            ("https://a.example/", "https://b.a.example/", false),
        ] {
            assert_eq!(is_same_server(&home.parse().unwrap(), &other.parse().unwrap()), same, "{home} {other}");
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_loopback_is_refused_by_the_resolver() {
        let client = guarded_client(Reach::Public, Duration::from_secs(2)).unwrap();
        assert!(client.get("http://localhost:9/").send().await.is_err());
    }

    proptest::proptest! {
        #[test]
        fn checking_any_text_as_a_url_never_panics(s in ".{0,80}") {
            if let Ok(url) = s.parse::<Url>() {
                let _ = check_url(&url, Reach::Public);
            }
        }
    }
}
