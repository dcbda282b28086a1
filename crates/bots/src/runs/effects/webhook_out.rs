//! Tells a web address of the owner's what happened, signed so that it can tell us from strangers.

use std::time::Duration;

use base::net::{Reach, check_url, from_reqwest, guarded_client_within, read_limited};
use base::{Error, Result, Secret, Time};
use flow::Outcome;
use hmac::{Hmac, KeyInit, Mac};
use http::header::CONTENT_TYPE;
use serde_json::Value;
use sha2::Sha256;
use url::Url;

use super::http::{IDEMPOTENCY_KEY, value_of};

const MAX_BODY_BYTES: usize = 1 << 20;
const MAX_RESPONSE_BYTES: usize = 256 << 10;
const MAX_TIMEOUT: Duration = Duration::from_secs(60);
const TIMESTAMP: &str = "x-botflow-timestamp";
const SIGNATURE: &str = "x-botflow-signature";

/// Something to be told.
pub(super) struct Told<'a> {
    /// With its secrets revealed.
    pub(super) url: &'a str,
    pub(super) payload: &'a Value,
    /// Nothing to sign with leaves it unsigned.
    pub(super) secret: Option<Secret>,
    pub(super) timeout: Duration,
    /// The same for the same telling.
    pub(super) key: &'a str,
    pub(super) now: Time,
}

impl Told<'_> {
    /// Any status of the two hundreds is done.
    ///
    /// # Errors
    /// Everything else, in a sentence that does not hold the address.
    pub(super) async fn send(&self, reach: Reach) -> Result<Outcome> {
        let url: Url = self.url.parse().map_err(|_| Error::invalid("This is not a web address."))?;
        check_url(&url, reach)?;
        let body = serde_json::to_string(self.payload)?;
        if body.len() > MAX_BODY_BYTES {
            return Err(Error::too_large("What is to be told is larger than 1 MB. Send less."));
        }
        let client = guarded_client_within(&url, reach, self.timeout.clamp(Duration::from_millis(100), MAX_TIMEOUT))?;
        let seconds = self.now.as_ms().div_euclid(1000);
        let mut request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(IDEMPOTENCY_KEY, self.key)
            .header(TIMESTAMP, seconds.to_string());
        if let Some(secret) = &self.secret {
            request = request.header(SIGNATURE, format!("sha256={}", signature(secret, seconds, &body)?));
        }
        let response = request.body(body).send().await.map_err(from_reqwest)?;
        let status = response.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(Error::upstream(format!("The address answered with status {status}.")));
        }
        // It was taken; what is said about it is a bonus.
        let body = read_limited(response, MAX_RESPONSE_BYTES).await.map_or(Value::Null, |bytes| value_of(&bytes));
        Ok(Outcome::Response { status, body })
    }
}

/// HMAC-SHA256 over `<timestamp>.<body>`, in hex.
fn signature(secret: &Secret, seconds: i64, body: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).map_err(Error::internal)?;
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wiremock::matchers::{header, method};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    fn told<'a>(url: &'a str, payload: &'a Value, secret: Option<Secret>) -> Told<'a> {
        Told { url, payload, secret, timeout: Duration::from_secs(5), key: "run-9", now: Time(1_772_667_000_999) }
    }

    #[tokio::test]
    async fn a_receiver_can_check_who_called_and_whether_it_was_called_twice() {
        let server = MockServer::start().await;
        // Computed with another program: printf '1772667000.{"a":1}' | openssl dgst -sha256 -hmac 'open sesame'
        let expected = "sha256=715d0e8f97473deb42069503a403fecacc9bba97d474b717a2384afcafb9a81d";
        Mock::given(method("POST"))
            .and(header("x-botflow-timestamp", "1772667000"))
            .and(header("x-botflow-signature", expected))
            .and(header("idempotency-key", "run-9"))
            .and(header("content-type", "application/json"))
            .respond_with(ResponseTemplate::new(202).set_body_string("thanks"))
            .mount(&server)
            .await;
        let payload = json!({ "a": 1 });
        let done = told(&server.uri(), &payload, Some(Secret::new("open sesame"))).send(Reach::Anywhere).await.unwrap();
        assert_eq!(done, Outcome::Response { status: 202, body: json!("thanks") });
        told(&server.uri(), &payload, Some(Secret::new("other"))).send(Reach::Anywhere).await.unwrap_err();
        let unsigned = told(&server.uri(), &payload, None).send(Reach::Anywhere).await.unwrap_err();
        assert!(unsigned.message.contains("404"), "{unsigned:?}");
        let requests = server.received_requests().await.unwrap();
        assert!(requests.last().unwrap().headers.get(SIGNATURE).is_none());
    }

    #[tokio::test]
    async fn nothing_is_told_inside_the_own_network() {
        let server = MockServer::start().await;
        let error = told(&server.uri(), &Value::Null, None).send(Reach::Public).await.unwrap_err();
        assert!(error.message.contains("private network"), "{error:?}");
        assert!(server.received_requests().await.unwrap().is_empty());
    }
}
