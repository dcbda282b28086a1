//! The Graph API: one client, with a time limit and a size limit on every call.
//!
//! What matters most here is [`SendOutcome`]: Graph has no way to send "once", so a message whose fate is not known must
//! never be sent again blindly.

use std::time::Duration;

use base::{Error, ErrorCode, Secret, net};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use url::Url;

use super::errors::{Class, GraphError};
use super::{json as read, outbound};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
const ANSWER_LIMIT_BYTES: usize = 1024 * 1024;

/// For the owner, when a customer's file cannot be fetched any more.
pub const FILE_GONE: &str = "WhatsApp no longer has this file; it keeps files of customers for 7 days only. Ask the \
                             customer to send it again.";

/// A client of the Graph API for one token. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Graph {
    pub(super) base: Url,
    pub(super) token: Secret,
    pub(super) http: reqwest::Client,
    pub(super) timeout: Duration,
}

/// What is known of a message after trying to send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// Meta has the message. Whether the customer gets it, statuses tell.
    Accepted {
        wamid: String,
        /// The number as WhatsApp knows it, which in some countries differs from the one dialled.
        wa_id: Option<String>,
        user_id: Option<String>,
        /// Meta looks at the template first.
        held: bool,
    },
    /// Meta said no; the message does not go out.
    Refused { class: Class, code: i64, details: String },
    /// The request may have reached Meta and no readable answer came. Do not send again: wait for a status that carries
    /// our reference.
    Unknown { reason: String },
    /// The request never left: there was no connection. Send again at will.
    NotSent { reason: String },
}

/// Why a call other than sending did not work.
#[derive(Debug)]
pub enum Failure {
    /// No connection, or none that lasted.
    Unreachable(Error),
    Refused {
        status: u16,
        error: GraphError,
    },
    /// An answer that is not Graph's.
    Unreadable {
        status: u16,
    },
    /// The file that was asked for is not there, or no longer.
    Gone,
    /// What was asked cannot be put into a call, or a file was not as announced.
    Invalid(Error),
}

impl From<Failure> for Error {
    fn from(f: Failure) -> Self {
        match f {
            Failure::Unreachable(e) | Failure::Invalid(e) => e,
            Failure::Refused { error, .. } => {
                let cause = format!("{} {:?} {} {}", error.code, error.subcode, error.message, error.details);
                Error::upstream(error.sentence()).with_cause(cause)
            }
            Failure::Unreadable { status } => {
                let cause = format!("HTTP {status} without a Graph answer");
                Error::upstream("WhatsApp gave an answer that makes no sense. Try again in a minute.").with_cause(cause)
            }
            Failure::Gone => Error::new(ErrorCode::NotFound, FILE_GONE),
        }
    }
}

impl Graph {
    /// A client for `base_url`, such as [`super::DEFAULT_BASE_URL`], version included.
    ///
    /// # Errors
    /// `Invalid` when the address is no `https` address; plain `http` is for the fake on this machine only.
    pub fn new(base_url: &str, token: Secret) -> base::Result<Self> {
        let refused = || Error::invalid("The address of the Graph API must begin with https://.");
        let base = Url::parse(base_url.trim_end_matches('/')).map_err(|_| refused())?;
        let own_machine = match base.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => return Err(refused()),
        };
        if base.scheme() != "https" && !(base.scheme() == "http" && own_machine) {
            return Err(refused());
        }
        net::install_tls();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent("BotFlow/1.0")
            .redirect(reqwest::redirect::Policy::none())
            // Nobody but us decides whether something is sent again.
            .retry(reqwest::retry::never());
        if own_machine {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(Error::internal)?;
        Ok(Self { base, token, http, timeout: CALL_TIMEOUT })
    }

    /// The same connections with another token.
    pub fn with_token(&self, token: Secret) -> Self {
        Self { token, ..self.clone() }
    }

    /// The same connections with another limit for whole calls. Connecting has its own limit of 10 seconds.
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout, ..self.clone() }
    }

    /// The address of a call; segments are encoded, so that an id cannot lead elsewhere.
    pub(super) fn url(&self, segments: &[&str]) -> Result<Url, Failure> {
        let broken = || {
            Failure::Invalid(Error::invalid(
                "An id of the WhatsApp channel is missing or malformed. Check the channel's settings.",
            ))
        };
        if segments.iter().any(|s| s.is_empty() || *s == "." || *s == ".." || s.len() > 512) {
            return Err(broken());
        }
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| broken())?.extend(segments);
        Ok(url)
    }

    /// Sends a body made by [`outbound::encode`].
    pub async fn send(&self, phone_number_id: &str, body: &Value) -> SendOutcome {
        let url = match self.url(&[phone_number_id, "messages"]) {
            Ok(url) => url,
            Err(failure) => return SendOutcome::NotSent { reason: Error::from(failure).to_string() },
        };
        let request = self.http.post(url).bearer_auth(self.token.expose()).timeout(self.timeout).json(body);
        let response = match request.send().await {
            Ok(response) => response,
            Err(e) => {
                let e = e.without_url();
                let reason = reason(&e);
                // Only an error from before the connection stood is proof that nothing left this machine.
                return if e.is_connect() || e.is_builder() {
                    SendOutcome::NotSent { reason }
                } else {
                    SendOutcome::Unknown { reason }
                };
            }
        };
        let status = response.status().as_u16();
        match net::read_limited(response, ANSWER_LIMIT_BYTES).await {
            Ok(answer) => outcome(status, &answer),
            Err(e) => SendOutcome::Unknown { reason: format!("HTTP {status}, then: {e}") },
        }
    }

    /// Marks a customer's message as read and, if wanted, shows that an answer is being written.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn mark_read(&self, phone_number_id: &str, wamid: &str, typing: bool) -> Result<(), Failure> {
        let url = self.url(&[phone_number_id, "messages"])?;
        self.call(self.http.post(url).json(&outbound::read_receipt(wamid, typing))).await.map(|_| ())
    }

    /// Makes a call with this client's token and reads its JSON.
    pub(super) async fn call(&self, request: RequestBuilder) -> Result<Value, Failure> {
        self.call_as(request, self.token.expose()).await
    }

    pub(super) async fn call_as(&self, request: RequestBuilder, token: &str) -> Result<Value, Failure> {
        let sent = request.bearer_auth(token).timeout(self.timeout).send().await;
        answer(sent.map_err(|e| Failure::Unreachable(unreachable(e)))?).await
    }
}

pub(super) fn unreachable(e: reqwest::Error) -> Error {
    let e = e.without_url();
    let sentence = if e.is_timeout() {
        "WhatsApp did not answer in time. Check the internet connection; it is tried again by itself."
    } else {
        "WhatsApp could not be reached. Check the internet connection; it is tried again by itself."
    };
    Error::upstream(sentence).with_cause(reason(&e))
}

pub(super) async fn answer(response: Response) -> Result<Value, Failure> {
    let status = response.status().as_u16();
    let raw = net::read_limited(response, ANSWER_LIMIT_BYTES).await.map_err(Failure::Unreachable)?;
    let value: Value = serde_json::from_slice(&raw).map_err(|_| Failure::Unreadable { status })?;
    match GraphError::from_answer(&value) {
        Some(error) => Err(Failure::Refused { status, error }),
        None if (200..300).contains(&status) => Ok(value),
        None => Err(Failure::Unreadable { status }),
    }
}

/// An error with its causes in one line, for the log; without the address, which may hold a token.
fn reason(e: &reqwest::Error) -> String {
    let mut out = e.to_string();
    let mut source = std::error::Error::source(e);
    while let Some(cause) = source.filter(|_| out.len() < 1000) {
        out = format!("{out}: {cause}");
        source = cause.source();
    }
    out
}

/// What an answer to a send means. Only Graph's own words count: an error page of something in between proves nothing.
fn outcome(status: u16, raw: &[u8]) -> SendOutcome {
    let value: Value = serde_json::from_slice(raw).unwrap_or(json!(null));
    let message = read::list(&value, "messages").first().unwrap_or(&Value::Null);
    let error = GraphError::from_answer(&value);
    match (status, read::id(message, "id"), error) {
        (200..=299, Some(wamid), None) => {
            let contact = read::list(&value, "contacts").first().unwrap_or(&Value::Null);
            SendOutcome::Accepted {
                wamid,
                wa_id: read::id(contact, "wa_id"),
                user_id: read::id(contact, "user_id"),
                held: read::text(message, "message_status").is_some_and(|s| s == "held_for_quality_assessment"),
            }
        }
        // Behind 5xx only errors that say what went wrong: 1 is "unknown", and what we do not know may mean anything.
        (500.., None, Some(error)) if error.code == 1 || error.class() == Class::Other => {
            SendOutcome::Unknown { reason: format!("HTTP {status}, code {}", error.code) }
        }
        (_, None, Some(error)) => SendOutcome::Refused {
            class: error.class(),
            code: error.code,
            details: if error.details.is_empty() { error.message } else { error.details },
        },
        _ => SendOutcome::Unknown { reason: format!("HTTP {status} without a Graph answer") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_as_sent_or_refused_only_when_graph_says_so() {
        let refused = |class, code| SendOutcome::Refused { class, code, details: "d".into() };
        let accepted = |wa_id: Option<&str>, user_id: Option<&str>, held| SendOutcome::Accepted {
            wamid: "wamid.1".into(),
            wa_id: wa_id.map(Into::into),
            user_id: user_id.map(Into::into),
            held,
        };
        let error =
            |code: i64| format!(r#"{{"error":{{"code":{code},"message":"m","error_data":{{"details":"d"}}}}}}"#);
        for (status, body, expected) in [
            (
                200,
                r#"{"messaging_product":"whatsapp","contacts":[{"input":"+27","wa_id":"27"}],"messages":[{"id":"wamid.1"}]}"#.to_owned(),
                Some(accepted(Some("27"), None, false)),
            ),
            (
                200,
                r#"{"contacts":[{"user_id":"ZA.1"}],"messages":[{"id":"wamid.1","message_status":"held_for_quality_assessment"}]}"#.to_owned(),
                Some(accepted(None, Some("ZA.1"), true)),
            ),
            (400, error(131_047), Some(refused(Class::Window, 131_047))),
            (401, error(190), Some(refused(Class::Token, 190))),
            (429, error(130_429), Some(refused(Class::Rate, 130_429))),
            (400, error(1), Some(refused(Class::Transient, 1))),
            (400, error(987_654), Some(refused(Class::Other, 987_654))),
            (500, error(131_000), Some(refused(Class::Transient, 131_000))),
            (503, error(2), Some(refused(Class::Transient, 2))),
            (500, error(1), None),
            (500, error(987_654), None),
            (500, "<html>".into(), None),
            (502, String::new(), None),
            (404, "<html>".into(), None),
            (302, String::new(), None),
            (200, "<html>login to this hotel".into(), None),
            (200, r#"{"messages":[]}"#.into(), None),
            (200, r#"{"messages":[{"id":""#.into(), None),
        ] {
            let got = outcome(status, body.as_bytes());
            match expected {
                Some(expected) => assert_eq!(got, expected, "{status} {body}"),
                None => assert!(matches!(got, SendOutcome::Unknown { .. }), "{status} {body}: {got:?}"),
            }
        }
    }

    #[tokio::test]
    async fn without_a_connection_nothing_was_sent() {
        // A port that was free a moment ago.
        let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let graph = Graph::new(&format!("http://127.0.0.1:{port}/v25.0"), Secret::new("t")).unwrap();
        let outcome = graph.send("1", &json!({})).await;
        assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
        let outcome = graph.send("", &json!({})).await;
        assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
    }

    #[test]
    fn tokens_only_travel_encrypted_and_to_where_they_should() {
        for (base, fine) in [
            ("https://graph.facebook.com/v25.0", true),
            ("http://127.0.0.1:9/v25.0", true),
            ("http://[::1]:9/v25.0/", true),
            ("http://graph.facebook.com/v25.0", false),
            ("ftp://127.0.0.1/", false),
            ("graph", false),
        ] {
            assert_eq!(Graph::new(base, Secret::new("t")).is_ok(), fine, "{base}");
        }
        let graph = Graph::new(super::super::DEFAULT_BASE_URL, Secret::new("t")).unwrap();
        assert_eq!(
            graph.url(&["1/../2?x#y", "messages"]).unwrap().as_str(),
            "https://graph.facebook.com/v25.0/1%2F..%2F2%3Fx%23y/messages"
        );
        assert!(graph.url(&["..", "messages"]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_understood_as_something(status in 100u16..600, raw in proptest::collection::vec(proptest::num::u8::ANY, 0..100)) {
            let _ = outcome(status, &raw);
        }
    }
}
