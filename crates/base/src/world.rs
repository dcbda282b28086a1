//! Names as the world sees them. A private network may lead a name of its own to a private address, and a name that was
//! given out a moment ago may not be known to the own resolver for minutes: then a public resolver is asked.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::Deserialize;

use crate::net::{Reach, install_tls, is_public, read_limited};
use crate::{Error, Result};

/// Asked by number, one after the other: DNS over HTTPS, answered as JSON.
const RESOLVERS: [&str; 2] = ["https://1.1.1.1/dns-query", "https://8.8.8.8/resolve"];
const PATIENCE: Duration = Duration::from_secs(4);
const MOST_BYTES: usize = 64 << 10;

/// A client for an address under which the world is to reach this computer. [`crate::net::check_url`] must be called on
/// the address. With `tailnet`, a Tailscale network's own addresses do where no public resolver can be asked.
///
/// # Errors
/// The client cannot be built.
pub fn client(reach: Reach, timeout: Duration, tailnet: bool) -> Result<reqwest::Client> {
    let resolvers = RESOLVERS.map(str::to_owned).to_vec();
    crate::net::client(reach, timeout, None, World { resolvers, tailnet })
}

#[derive(Clone)]
struct World {
    resolvers: Vec<String>,
    tailnet: bool,
}

impl Resolve for World {
    fn resolve(&self, name: Name) -> Resolving {
        let world = self.clone();
        Box::pin(async move {
            let found = world.find(name.as_str()).await;
            if found.is_empty() {
                return Err("the name leads nowhere in the world".into());
            }
            Ok(Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

impl World {
    async fn find(&self, name: &str) -> Vec<IpAddr> {
        let own = tokio::net::lookup_host((name, 0)).await;
        self.find_beside(name, own.map(|all| all.map(|a| a.ip()).collect()).unwrap_or_default()).await
    }

    /// `own` is what the own resolver says.
    async fn find_beside(&self, name: &str, own: Vec<IpAddr>) -> Vec<IpAddr> {
        if own.iter().copied().any(is_public) {
            return own.into_iter().filter(|ip| is_public(*ip)).collect();
        }
        // Whoever was asked and knows no such name has the last word.
        let nobody_knows = || own.into_iter().filter(|ip| self.tailnet && is_tailnet(*ip)).collect();
        self.ask(name).await.unwrap_or_else(nobody_knows)
    }

    /// What the first resolver that answers says; nothing when none can be asked.
    async fn ask(&self, name: &str) -> Option<Vec<IpAddr>> {
        for resolver in &self.resolvers {
            let (four, six) = tokio::join!(asked(resolver, name, "A"), asked(resolver, name, "AAAA"));
            if four.is_ok() || six.is_ok() {
                return Some(four.into_iter().chain(six).flatten().collect());
            }
        }
        None
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default, rename = "Answer")]
    answer: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    data: String,
}

async fn asked(resolver: &str, name: &str, kind: &str) -> Result<Vec<IpAddr>> {
    install_tls();
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
    let http = http.build().map_err(Error::internal)?;
    let request = http.get(resolver).query(&[("name", name), ("type", kind)]).header("accept", "application/dns-json");
    let response = request.send().await.and_then(reqwest::Response::error_for_status);
    let body = read_limited(response.map_err(crate::net::from_reqwest)?, MOST_BYTES).await?;
    let answer: Answer = serde_json::from_slice(&body)?;
    // Other records lead to these: they name names.
    Ok(answer.answer.iter().filter_map(|record| record.data.parse().ok()).filter(|ip| is_public(*ip)).collect())
}

/// Of a Tailscale network: 100.64.0.0/10 and its own part of the private IPv6 range.
fn is_tailnet(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.octets()[0] == 100 && (ip.octets()[1] & 0xc0) == 64,
        IpAddr::V6(ip) => ip.segments()[..3] == [0xfd7a, 0x115c, 0xa1e0],
    }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::{header, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    async fn resolver(kind: &str, answer: &str) -> MockServer {
        let server = MockServer::start().await;
        let told = ResponseTemplate::new(200).set_body_string(answer);
        let asked = Mock::given(query_param("name", "localhost")).and(query_param("type", kind));
        asked.and(header("accept", "application/dns-json")).respond_with(told).mount(&server).await;
        server
    }

    fn world(resolvers: &[&MockServer]) -> World {
        World { resolvers: resolvers.iter().map(|server| server.uri()).collect(), tailnet: false }
    }

    /// The system leads `localhost` into the own computer, as it leads a network's own names into that network.
    #[tokio::test]
    async fn a_name_that_the_own_network_leads_elsewhere_is_looked_up_as_the_world_does() {
        let answer = r#"{"Status":0,"Answer":[{"name":"localhost","type":5,"TTL":60,"data":"relay.example."},
            {"name":"relay.example","type":1,"TTL":60,"data":"93.184.215.14"},{"type":1,"data":"10.0.0.7"}]}"#;
        let knows = resolver("A", answer).await;
        let public: Vec<IpAddr> = vec!["93.184.215.14".parse().unwrap()];
        assert_eq!(world(&[&knows]).find("localhost").await, public);
        // One that does not work is passed over; what it says of private networks is not followed.
        let broken = MockServer::start().await;
        assert_eq!(world(&[&broken, &knows]).find("localhost").await, public);
        let six = resolver("AAAA", r#"{"Answer":[{"type":28,"data":"2606:4700::1111"},{"data":"fd00::1"}]}"#).await;
        assert_eq!(world(&[&six]).find("localhost").await, ["2606:4700::1111".parse::<IpAddr>().unwrap()]);
    }

    #[tokio::test]
    async fn who_cannot_be_asked_or_says_nonsense_leads_nowhere() {
        let silent = MockServer::start().await;
        let nonsense = resolver("A", "<html>sign in to this hotspot</html>").await;
        let private = resolver("A", r#"{"Answer":[{"data":"127.0.0.1"}]}"#).await;
        let nobody = resolver("A", r#"{"Status":3}"#).await;
        for one in [&silent, &nonsense, &private, &nobody] {
            assert_eq!(world(&[one]).find("localhost").await, Vec::<IpAddr>::new());
        }
        let client = client(Reach::Public, Duration::from_secs(2), false).unwrap();
        drop(client);
        let refused = crate::net::client(Reach::Public, Duration::from_secs(9), None, world(&[&private])).unwrap();
        assert!(refused.get(format!("http://localhost:{}/", private.address().port())).send().await.is_err());
    }

    #[tokio::test]
    async fn a_tailnets_own_address_does_only_where_nobody_can_be_asked() {
        let nobody = resolver("A", r#"{"Status":3}"#).await;
        let silent = MockServer::start().await;
        let own = || vec!["100.64.0.7".parse().unwrap(), "192.168.1.7".parse().unwrap()];
        let tailnet = |server: &MockServer| World { tailnet: true, ..world(&[server]) };
        assert_eq!(tailnet(&silent).find_beside("localhost", own()).await, own()[..1]);
        assert_eq!(
            tailnet(&nobody).find_beside("localhost", own()).await,
            Vec::<IpAddr>::new(),
            "the world does not know it"
        );
        assert_eq!(world(&[&silent]).find_beside("localhost", own()).await, Vec::<IpAddr>::new(), "another way");
    }

    #[test]
    fn addresses_of_a_tailnet_are_told_from_others() {
        for (ip, is) in [
            ("100.64.0.1", true),
            ("100.127.255.1", true),
            ("100.128.0.1", false),
            ("10.0.0.1", false),
            ("fd7a:115c:a1e0::1", true),
            ("fd7a:115c:a1e1::1", false),
        ] {
            assert_eq!(is_tailnet(ip.parse().unwrap()), is, "{ip}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_is_too_strange(body in "\\PC{0,200}") {
            if let Ok(answer) = serde_json::from_str::<Answer>(&body) {
                proptest::prop_assert!(answer.answer.len() <= body.len());
            }
        }
    }
}
