//! Delivering webhooks: signed, repeated until 200, and the handshake of a new address.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base::{Secret, random, task};
use serde_json::Value;

use super::validate::Refusal;
use super::webhook::meta_json;
use super::{Shared, lock};
use crate::whatsapp::signature;

/// How often one webhook was posted and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The body as it was posted.
    pub body: String,
    pub attempts: u32,
    /// It was answered with 200.
    pub done: bool,
}

/// Deliveries that are remembered.
const MOST_DELIVERIES: usize = 10_000;

/// Delivers these bodies one after the other, in the background.
pub(super) fn queue(shared: &Arc<Shared>, bodies: Vec<Value>) {
    let shared = shared.clone();
    shared.pending.fetch_add(1, Ordering::SeqCst);
    task::spawn("fake-graph-webhooks", async move {
        for body in bodies {
            deliver(&shared, &body).await;
        }
        if shared.pending.fetch_sub(1, Ordering::SeqCst) == 1 {
            shared.settled.notify_waiters();
        }
    });
}

/// Delivers one body now, as often as duplicates are wanted.
pub(super) async fn deliver(shared: &Arc<Shared>, body: &Value) {
    let raw = meta_json(body);
    let copies = lock(&shared.inner).copies;
    for _ in 0..copies {
        let delivery = until_accepted(shared, body, &raw).await;
        let mut inner = lock(&shared.inner);
        if inner.deliveries.len() >= MOST_DELIVERIES {
            inner.deliveries.drain(..MOST_DELIVERIES / 2);
        }
        inner.deliveries.push(delivery);
    }
}

async fn until_accepted(shared: &Arc<Shared>, body: &Value, raw: &[u8]) -> Delivery {
    // Few at a time, as Meta's own concurrency is limited; a closed semaphore means we are stopping.
    let permit = shared.permits.acquire().await;
    let mut delivery = Delivery { body: String::from_utf8_lossy(raw).into_owned(), attempts: 0, done: false };
    if permit.is_err() {
        return delivery;
    }
    let messages = body.pointer("/entry/0/changes/0/field").is_some_and(|f| f == "messages");
    let header = signature::sign(raw, &shared.settings.app_secret);
    let mut waits = shared.settings.retries.iter();
    loop {
        let Some(url) = lock(&shared.inner).callback(messages) else { return delivery };
        delivery.attempts += 1;
        let posted = shared
            .http
            .post(url)
            .header("content-type", "application/json")
            .header("user-agent", "facebookexternalua")
            .header(signature::HEADER, &header)
            .body(raw.to_vec())
            .send();
        let answered = shared.unless_stopped(posted).await;
        delivery.done = matches!(answered, Some(Ok(response)) if response.status().as_u16() == 200);
        if delivery.done {
            return delivery;
        }
        let Some(wait) = waits.next() else { return delivery };
        if shared.unless_stopped(tokio::time::sleep(*wait)).await.is_none() {
            return delivery;
        }
    }
}

/// Calls an address as Meta does before it accepts it.
pub(super) async fn handshake(shared: &Arc<Shared>, url: &str, verify_token: &Secret) -> Result<(), Refusal> {
    let refused =
        |why: String| Refusal::new(400, 2200, format!("Callback verification failed with the following errors: {why}"));
    if url.len() > 200 || !(url.starts_with("http://") || url.starts_with("https://")) {
        return Err(refused("the URL is not valid".into()));
    }
    let challenge = u64::from_le_bytes(random::bytes::<8>()).to_string();
    let query = [("hub.mode", "subscribe"), ("hub.challenge", &challenge), ("hub.verify_token", verify_token.expose())];
    let asked = shared.http.get(url).query(&query).timeout(Duration::from_secs(5)).send().await;
    let response = asked.map_err(|e| refused(format!("{}", e.without_url())))?;
    let status = response.status().as_u16();
    let body = base::net::read_limited(response, 4096).await.map_err(|e| refused(e.to_string()))?;
    match status {
        200 if body == challenge.as_bytes() => Ok(()),
        200 => Err(refused("the challenge came back changed".into())),
        status => Err(refused(format!("HTTP Status Code = {status}"))),
    }
}
