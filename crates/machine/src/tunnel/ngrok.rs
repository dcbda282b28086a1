//! `ngrok`: watched over its own small web service, whose port its log tells.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Result, Secret};
use serde::Deserialize;
use url::{Host, Url};

use super::supervise::{Ground, Look};
use crate::child::{Child, Program};
use crate::lines::Hear;

/// One start of it.
#[derive(Debug)]
pub(super) struct Ngrok {
    /// Where its web service listens. Only what this very process said counts: at the usual port may be another ngrok.
    service: Arc<Mutex<Option<SocketAddr>>>,
}

pub(super) fn begin(ground: &Ground, token: Option<&Secret>) -> Result<(Ngrok, Child)> {
    // With the address, not the port alone, which it would take for a name that may lead to IPv6.
    let mut program = Program::new(&ground.program).args([
        "http",
        &ground.target.to_string(),
        "--log",
        "stdout",
        "--log-format",
        "json",
    ]);
    if let Some(token) = token {
        program = program.secret("NGROK_AUTHTOKEN", token.clone());
    }
    let service = Arc::<Mutex<Option<SocketAddr>>>::default();
    let heard = service.clone();
    let hear: Hear = Arc::new(move |line: &str| {
        if let Some(address) = web_service(line) {
            *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
        }
    });
    let child = ground.start(&program, Some(hear))?;
    Ok((Ngrok { service }, child))
}

impl Ngrok {
    pub(super) async fn look(&mut self, ground: &Ground) -> Look {
        let service = *self.service.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(service) = service else {
            return Look::NotYet("ngrok has not begun yet.");
        };
        let address = match ground.local.get(service, "/api/tunnels").await {
            Some((200, body)) => public_url(&body, ground.target.port()),
            _ => None,
        };
        match address {
            Some(url) => Look::Up(url),
            None => Look::NotYet("ngrok has not given out an address yet."),
        }
    }
}

/// Where the web service listens, when this line of the log says so.
fn web_service(line: &str) -> Option<SocketAddr> {
    #[derive(Deserialize)]
    struct Line {
        msg: String,
        addr: String,
    }
    let line: Line = serde_json::from_str(line).ok()?;
    if line.msg != "starting web service" {
        return None;
    }
    // Its settings may name it, or have it listen everywhere; it is asked from here, and not by a name.
    let address: SocketAddr = line.addr.replacen("localhost:", "127.0.0.1:", 1).parse().ok()?;
    let address = super::local::reachable(address);
    (address.port() != 0).then_some(address)
}

/// The address that leads to `port` of this computer, in an answer of `/api/tunnels`; one with `https` when there are both.
fn public_url(body: &[u8], port: u16) -> Option<String> {
    #[derive(Deserialize)]
    struct Answer {
        tunnels: Vec<serde_json::Value>,
    }
    #[derive(Deserialize)]
    struct Tunnel {
        public_url: String,
        config: Config,
    }
    #[derive(Deserialize)]
    struct Config {
        addr: String,
    }
    let answer: Answer = serde_json::from_slice(body).ok()?;
    // One that is not understood, of a newer ngrok or of another kind, does not hide the others.
    let tunnels = answer.tunnels.into_iter().filter_map(|tunnel| serde_json::from_value::<Tunnel>(tunnel).ok());
    let ours = tunnels.filter(|tunnel| port_of(&tunnel.config.addr) == Some(port));
    let mut urls: Vec<Url> = ours.filter_map(|tunnel| origin(&tunnel.public_url)).collect();
    urls.sort_by_key(|url| url.scheme() != "https");
    urls.first().map(|url| url.as_str().trim_end_matches('/').to_owned())
}

/// The address of a site as a whole; nothing else is one that we could give to customers.
fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let whole = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let named = match url.host()? {
        Host::Domain(name) => !name.is_empty(),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    (matches!(url.scheme(), "http" | "https") && whole && anonymous && named).then_some(url)
}

/// The port in `http://127.0.0.1:8081`, `127.0.0.1:8081` or `8081`.
fn port_of(address: &str) -> Option<u16> {
    let address = address.trim_end_matches('/');
    address.rsplit([':', '/']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_log_tells_where_its_service_listens() {
        for (line, address) in [
            (
                r#"{"addr":"127.0.0.1:4040","lvl":"info","msg":"starting web service","obj":"web","t":"2026-11-21T18:00:00Z"}"#,
                Some("127.0.0.1:4040"),
            ),
            (
                r#"{"addr":"0.0.0.0:4041","lvl":"info","msg":"starting web service","obj":"web"}"#,
                Some("127.0.0.1:4041"),
            ),
            (
                r#"{"addr":"http://127.0.0.1:8081","lvl":"info","msg":"started tunnel","url":"https://a.ngrok-free.app"}"#,
                None,
            ),
            (r#"{"addr":"nonsense","msg":"starting web service"}"#, None),
            (r#"{"addr":"localhost:4040","msg":"starting web service"}"#, Some("127.0.0.1:4040")),
            (r#"{"addr":4040,"msg":"starting web service"}"#, None),
            (r#"{"msg":"starting web service"}"#, None),
            ("starting web service addr=127.0.0.1:4040", None),
            ("", None),
        ] {
            assert_eq!(web_service(line).map(|a| a.to_string()).as_deref(), address, "{line}");
        }
    }

    #[test]
    fn only_the_address_that_leads_here_is_taken() {
        let tunnel = |url: &str, addr: &str| json!({ "name": "command_line", "public_url": url, "proto": "https", "config": { "addr": addr } });
        for (tunnels, url) in [
            (vec![tunnel("https://a.ngrok-free.app", "http://127.0.0.1:8081")], Some("https://a.ngrok-free.app")),
            (vec![tunnel("https://a.ngrok-free.app/", "http://localhost:8081/")], Some("https://a.ngrok-free.app")),
            (
                vec![tunnel("http://a.ngrok.io", "127.0.0.1:8081"), tunnel("https://a.ngrok.io", "127.0.0.1:8081")],
                Some("https://a.ngrok.io"),
            ),
            (vec![json!("new"), json!({ "public_url": 1 }), tunnel("https://b.app", "8081")], Some("https://b.app")),
            (vec![tunnel("https://other.app", "http://127.0.0.1:3000")], None),
            (vec![tunnel("tcp://0.tcp.ngrok.io:12345", "127.0.0.1:8081")], None),
            (vec![tunnel("https://me:pw@a.app", "127.0.0.1:8081")], None),
            (vec![tunnel("https://a.app/path", "127.0.0.1:8081")], None),
            (vec![], None),
        ] {
            let body = json!({ "tunnels": tunnels, "uri": "/api/tunnels" }).to_string();
            assert_eq!(public_url(body.as_bytes(), 8081).as_deref(), url, "{body}");
        }
        assert_eq!(public_url(b"{\"tunnels\":null}", 8081), None);
        assert_eq!(public_url(b"<html>", 8081), None);
    }

    proptest! {
        #[test]
        fn whatever_it_answers_becomes_a_whole_site_or_nothing(
            bytes in proptest::collection::vec(any::<u8>(), 0..200), url in "\\PC{0,40}|https?://\\PC{0,30}", addr in "\\PC{0,20}(:8081)?",
        ) {
            let body = json!({ "tunnels": [{ "public_url": url, "config": { "addr": addr } }] }).to_string().into_bytes();
            for body in [bytes, body] {
                if let Some(url) = public_url(&body, 8081) {
                    let parsed = Url::parse(&url).unwrap();
                    prop_assert!(matches!(parsed.scheme(), "http" | "https") && parsed.path() == "/" && !url.ends_with('/'));
                }
            }
        }

        #[test]
        fn no_line_of_the_log_is_too_strange(line in "\\PC{0,80}", addr in "\\PC{0,20}") {
            let _ = web_service(&line);
            let line = json!({ "msg": "starting web service", "addr": addr }).to_string();
            if let Some(address) = web_service(&line) {
                prop_assert!(address.port() != 0);
            }
        }
    }
}
