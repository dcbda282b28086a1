//! A Graph API on this machine, for tests and for the demonstration: it checks what is sent as Meta does, delivers signed
//! webhooks, and misbehaves on request. Never part of a real channel.
//!
//! What it knows comes from Meta's documentation, not from our encoder. It keeps no promise that Meta does not keep:
//! sends are not idempotent, webhooks may come twice and in any order.

mod deliver;
mod line;
mod routes;
#[cfg(test)]
mod tests;
pub mod validate;
pub mod webhook;

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::message::{Content, Media};
use base::{Clock, Error, Result, Secret, Time, task};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, Semaphore, watch};

pub use self::deliver::Delivery;
use self::validate::Refusal;
use super::pacing::{Pacing, Throughput};
use super::{Graph, Recipient};

/// What the fake pretends to be. The defaults fit together.
#[derive(Clone, Debug)]
pub struct Settings {
    pub app_id: String,
    pub app_secret: Secret,
    pub token: Secret,
    pub scopes: Vec<String>,
    pub waba_id: String,
    pub phone_number_id: String,
    /// Digits only, as in webhooks.
    pub display_phone_number: String,
    pub verified_name: String,
    pub clock: Clock,
    /// Where to listen on 127.0.0.1; 0 for any free port.
    pub port: u16,
    /// Waits between the tries of a webhook; after the last it is given up.
    pub retries: Vec<Duration>,
    /// Send `sent`, `delivered` and `read` for what was accepted.
    pub statuses: bool,
    /// Refuse free text more than 24 hours after the customer's last message.
    pub enforce_window: bool,
    /// Refuse more than 45 messages at once and then one in 6 seconds to one customer.
    pub enforce_pair_rate: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            app_id: "600000000000001".into(),
            app_secret: Secret::new("fake_app_secret"),
            token: Secret::new("fake_token"),
            scopes: super::checks::SCOPES.map(Into::into).to_vec(),
            waba_id: "318880001112223".into(),
            phone_number_id: "214440009998887".into(),
            display_phone_number: "27215550100".into(),
            verified_name: "Spaza & Co".into(),
            clock: Clock::System,
            port: 0,
            retries: [0, 20, 100, 500, 2000].map(Duration::from_millis).to_vec(),
            statuses: true,
            enforce_window: false,
            enforce_pair_rate: false,
        }
    }
}

/// What goes wrong with the next message that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Accepted, but the connection breaks before the answer.
    AcceptThenDrop,
    /// The connection breaks and nothing was accepted.
    Drop,
    /// Accepted, but the answer comes late.
    Delay(Duration),
    /// This HTTP status with a page that is not Graph's; nothing was accepted.
    Page(u16),
    /// Accepted, but answered with this HTTP status and a page.
    AcceptThenPage(u16),
    /// Refused with this code.
    Refuse(i64),
    /// Accepted, then a `failed` status with this code.
    FailLater(i64),
    /// The `sent` status arrives before the answer.
    StatusFirst,
}

impl Fault {
    pub const RATE_LIMIT: Fault = Fault::Refuse(130_429);
    pub const PAIR_RATE_LIMIT: Fault = Fault::Refuse(131_056);
    pub const TOKEN_EXPIRED: Fault = Fault::Refuse(190);
    pub const WINDOW_CLOSED: Fault = Fault::Refuse(131_047);
}

/// A message that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub wamid: String,
    /// `+` and digits, or a user id.
    pub to: String,
    /// The `type` of the body.
    pub kind: String,
    /// What the customer reads first: body, caption or emoji.
    pub text: String,
    pub our_ref: Option<String>,
    pub reply_to: Option<String>,
    pub at: Time,
    pub body: Value,
    /// The customer's message that this answers: the one it quotes, else the oldest of theirs without an answer, else
    /// their latest.
    pub answers: Option<String>,
    /// It was taken and then reported as failed: the customer did not get it.
    pub failed: bool,
}

/// A customer's message that was marked as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub wamid: String,
    /// With the sign that an answer is being written.
    pub typing: bool,
    /// Something had been sent to the customer since they wrote: a sign of typing would come too late.
    pub late: bool,
}

/// A customer who writes to the fake's number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Digits with country code.
    pub phone: Option<String>,
    pub user_id: Option<String>,
    pub name: String,
}

impl Customer {
    pub fn new(phone: &str, name: &str) -> Self {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        Self { user_id: Some(format!("ZA.{digits}")), phone: Some(digits), name: name.into() }
    }

    fn is(&self, to: &str) -> bool {
        match to.strip_prefix('+') {
            Some(digits) => self.phone.as_deref() == Some(digits),
            None => self.user_id.as_deref() == Some(to),
        }
    }
}

/// A customer's message and how many answers it got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub wamid: String,
    pub from: Customer,
    pub replies: usize,
}

#[derive(Clone, Debug)]
struct StoredMedia {
    bytes: bytes::Bytes,
    mime: String,
}

#[derive(Default)]
struct Inner {
    sent: Vec<Sent>,
    receipts: Vec<Receipt>,
    faults: VecDeque<Fault>,
    upload_faults: VecDeque<Fault>,
    /// How late the next question where webhooks lead is answered.
    webhooks_late: Option<Duration>,
    uploads: usize,
    media: HashMap<String, StoredMedia>,
    /// The app's address and what it is subscribed to.
    app: Option<(String, Vec<String>)>,
    account_override: Option<String>,
    number_override: Option<String>,
    joined: bool,
    heard: Vec<(Customer, String, Time)>,
    deliveries: Vec<Delivery>,
    pacing: Option<Pacing>,
    copies: u32,
    made: u64,
    token_expired: bool,
}

impl Inner {
    /// Overrides are for messages only; the number's goes before the account's.
    fn callback(&self, messages: bool) -> Option<String> {
        let own = self.number_override.as_ref().or(self.account_override.as_ref()).filter(|_| messages);
        own.cloned().or_else(|| self.app.as_ref().map(|(url, _)| url.clone()))
    }

    fn wamid(&mut self) -> String {
        self.made += 1;
        format!("wamid.FAKE{:08}==", self.made)
    }
}

struct Shared {
    settings: Settings,
    address: SocketAddr,
    inner: Mutex<Inner>,
    http: reqwest::Client,
    permits: Semaphore,
    pending: AtomicUsize,
    settled: Notify,
    stop: watch::Sender<bool>,
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Messages and customers' messages that are remembered.
const MOST_KEPT: usize = 100_000;
const MOST_MEDIA: usize = 1_000;

impl Shared {
    /// The future's result, or nothing when the fake is stopped first.
    async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            result = future => Some(result),
            _ = stop.wait_for(|stop| *stop) => None,
        }
    }

    /// Accepts a message that was checked. Its statuses are not sent yet.
    fn accept(&self, body: &Value, to: String, kind: String) -> Sent {
        let text = |path: &str| body.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let words = text("/text/body")
            .or_else(|| text("/interactive/body/text"))
            .or_else(|| text(&format!("/{kind}/caption")))
            .or_else(|| text("/reaction/emoji"))
            .or_else(|| text("/template/name"))
            .unwrap_or_default();
        let reply_to = text("/context/message_id");
        let mut inner = lock(&self.inner);
        let theirs: Vec<_> = inner.heard.iter().filter(|(c, _, _)| c.is(&to)).map(|(_, id, _)| id.clone()).collect();
        let answers = if kind == "reaction" {
            None
        } else if reply_to.as_ref().is_some_and(|id| theirs.contains(id)) {
            reply_to.clone()
        } else {
            let open = theirs.iter().find(|id| !inner.sent.iter().any(|s| s.answers.as_ref() == Some(id)));
            open.or(theirs.last()).cloned()
        };
        let sent = Sent {
            wamid: inner.wamid(),
            to,
            text: words,
            our_ref: text("/biz_opaque_callback_data"),
            reply_to,
            at: self.settings.clock.now(),
            body: body.clone(),
            answers,
            kind,
            failed: false,
        };
        if inner.sent.len() >= MOST_KEPT {
            inner.sent.drain(..MOST_KEPT / 2);
        }
        inner.sent.push(sent.clone());
        sent
    }

    fn status_body(&self, sent: &Sent, word: &str, error: Option<&Refusal>) -> Value {
        let error = error.map(|refusal| {
            let mut error = refusal.error();
            error["title"] = error["message"].clone();
            error
        });
        let status = webhook::status(sent, word, self.settings.clock.now(), error);
        webhook::envelope(&self.settings, "messages", json!({ "statuses": [status] }))
    }

    /// The statuses that Meta would send, after `skip` of them.
    fn statuses(&self, sent: &Sent, skip: usize) -> Vec<Value> {
        // A reaction is only ever sent.
        let words: &[&str] = if sent.kind == "reaction" { &["sent"] } else { &["sent", "delivered", "read"] };
        words.iter().skip(skip).map(|word| self.status_body(sent, word, None)).collect()
    }
}

/// The running fake; clones are the same one. Dropping it does not end it: call [`FakeGraph::stop`].
#[derive(Clone)]
pub struct FakeGraph {
    shared: Arc<Shared>,
    server: Arc<Mutex<Option<tokio::task::JoinHandle<()>>>>,
}

impl FakeGraph {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(settings: Settings) -> Result<Self> {
        let cannot = |e: std::io::Error| {
            Error::unavailable("The demonstration could not start because the port is in use. Start it again.")
                .with_cause(e)
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", settings.port)).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        base::net::install_tls();
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Error::internal)?;
        let pacing = settings.enforce_pair_rate.then(|| Pacing::new(Throughput::PerSecond(1000)));
        let shared = Arc::new(Shared {
            address,
            inner: Mutex::new(Inner { copies: 1, pacing, ..Inner::default() }),
            http,
            permits: Semaphore::new(32),
            pending: AtomicUsize::new(0),
            settled: Notify::new(),
            stop: watch::Sender::new(false),
            settings,
        });
        let app = routes::router(shared.clone()).into_make_service_with_connect_info::<line::Cutter>();
        let mut stop = shared.stop.subscribe();
        let server = task::spawn("fake-graph", async move {
            let stopped = async move {
                // An error means that the fake is gone, which is a stop as well.
                let _ = stop.wait_for(|stop| *stop).await;
            };
            if let Err(e) = axum::serve(line::Lines(listener), app).with_graceful_shutdown(stopped).await {
                tracing::warn!(error = %e, "the fake Graph API ended");
            }
        });
        Ok(Self { shared, server: Arc::new(Mutex::new(Some(server))) })
    }

    /// Ends the server and what it still wanted to deliver.
    pub async fn stop(&self) {
        self.shared.stop.send_replace(true);
        self.shared.permits.close();
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(server) = server {
            // A client may hold a connection open; the listener is closed by now in any case.
            let _ = tokio::time::timeout(Duration::from_secs(5), server).await;
        }
    }

    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// What to configure as the Graph API's address.
    pub fn base_url(&self) -> String {
        format!("http://{}/v25.0", self.shared.address)
    }

    /// A client with the right token.
    ///
    /// # Errors
    /// As [`Graph::new`].
    pub fn graph(&self) -> Result<Graph> {
        Graph::new(&self.base_url(), self.shared.settings.token.clone())
    }

    /// Delivers webhooks to this address from now on, without the handshake that a subscription makes.
    pub fn deliver_to(&self, url: &str) {
        let fields = super::account::WEBHOOK_FIELDS.map(Into::into).to_vec();
        let mut inner = lock(&self.shared.inner);
        inner.app = Some((url.to_owned(), fields));
        inner.joined = true;
    }

    /// Lets the next messages that are sent go wrong, one fault each.
    pub fn inject(&self, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.shared.inner).faults.extend(faults);
    }

    /// How many of the faults that were injected have not happened yet.
    pub fn faults_left(&self) -> usize {
        lock(&self.shared.inner).faults.len()
    }

    /// Lets the next uploads of files go wrong, one fault each. Those that are about accepted messages count as [`Fault::Drop`].
    pub fn inject_uploads(&self, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.shared.inner).upload_faults.extend(faults);
    }

    /// Answers the next question where webhooks lead this much later, with what was true when it was asked.
    pub fn tell_webhooks_late(&self, by: Duration) {
        lock(&self.shared.inner).webhooks_late = Some(by);
    }

    /// Whether nobody has asked that since.
    pub fn is_to_tell_webhooks_late(&self) -> bool {
        lock(&self.shared.inner).webhooks_late.is_some()
    }

    /// Delivers each webhook this many times; 1 is the beginning.
    pub fn duplicate_webhooks(&self, copies: u32) {
        lock(&self.shared.inner).copies = copies.clamp(1, 100);
    }

    /// Refuses the token from now on, or accepts it again.
    pub fn expire_token(&self, expired: bool) {
        lock(&self.shared.inner).token_expired = expired;
    }

    /// A customer writes. Gives the message's id at once; the webhook follows in the background.
    ///
    /// # Errors
    /// `Invalid` for kinds that only go out.
    pub fn customer_message(&self, from: &Customer, content: &Content) -> Result<String> {
        let mut ids = self.customer_batch(&[(from, content)])?;
        ids.pop().ok_or_else(|| Error::invalid("There is no message."))
    }

    /// Several messages in one webhook.
    ///
    /// # Errors
    /// `Invalid` for kinds that only go out.
    pub fn customer_batch(&self, messages: &[(&Customer, &Content)]) -> Result<Vec<String>> {
        let (mut ids, mut contacts, mut raw) = (Vec::new(), Vec::new(), Vec::new());
        for (from, content) in messages {
            let (kind, payload) = webhook::payload(content)
                .ok_or_else(|| Error::invalid("A message of this kind can only come from a business."))?;
            let (id, message) = self.heard(from, kind, payload);
            ids.push(id);
            raw.push(message);
            let contact = webhook::contact(from);
            if !contacts.contains(&contact) {
                contacts.push(contact);
            }
        }
        self.webhook("messages", json!({"contacts": contacts, "messages": raw}));
        Ok(ids)
    }

    /// A customer sends a message of any type, known or not.
    pub fn customer_raw(&self, from: &Customer, kind: &str, payload: Value) -> String {
        let (id, message) = self.heard(from, kind, payload);
        self.webhook("messages", json!({"contacts": [webhook::contact(from)], "messages": [message]}));
        id
    }

    fn heard(&self, from: &Customer, kind: &str, payload: Value) -> (String, Value) {
        let now = self.shared.settings.clock.now();
        let mut inner = lock(&self.shared.inner);
        let id = inner.wamid();
        if inner.heard.len() >= MOST_KEPT {
            inner.heard.drain(..MOST_KEPT / 2);
        }
        inner.heard.push((from.clone(), id.clone(), now));
        let message = webhook::message(from, &id, now, kind, payload);
        (id, message)
    }

    /// Delivers a change of any field for the fake's number, in the background.
    pub fn webhook(&self, field: &str, parts: Value) {
        self.webhook_body(webhook::envelope(&self.shared.settings, field, parts));
    }

    /// Delivers a whole body, in the background.
    pub fn webhook_body(&self, body: Value) {
        deliver::queue(&self.shared, vec![body]);
    }

    /// Waits until every webhook was delivered or given up.
    pub async fn settled(&self) {
        loop {
            let notified = self.shared.settled.notified();
            if self.shared.pending.load(Ordering::SeqCst) == 0 {
                return;
            }
            notified.await;
        }
    }

    /// Keeps a file as if a customer had sent it; put the result into a content.
    pub fn put_media(&self, bytes: &[u8], mime: &str) -> Media {
        let mut inner = lock(&self.shared.inner);
        inner.made += 1;
        let id = (900_000_000_000_000 + inner.made).to_string();
        inner
            .media
            .insert(id.clone(), StoredMedia { bytes: bytes::Bytes::copy_from_slice(bytes), mime: mime.to_owned() });
        Media {
            provider_id: Some(id),
            mime: mime.to_owned(),
            sha256: Some(hex::encode(Sha256::digest(bytes))),
            ..Media::default()
        }
    }

    /// The bytes and type of an uploaded file.
    pub fn media(&self, id: &str) -> Option<(Vec<u8>, String)> {
        lock(&self.shared.inner).media.get(id).map(|m| (m.bytes.to_vec(), m.mime.clone()))
    }

    /// All messages that were accepted, in order.
    pub fn sent(&self) -> Vec<Sent> {
        lock(&self.shared.inner).sent.clone()
    }

    /// The accepted messages to one customer, in order.
    pub fn sent_to(&self, customer: &Customer) -> Vec<Sent> {
        lock(&self.shared.inner).sent.iter().filter(|s| customer.is(&s.to)).cloned().collect()
    }

    /// The customers' messages that were marked as read, in order.
    pub fn read(&self) -> Vec<String> {
        self.receipts().into_iter().map(|r| r.wamid).collect()
    }

    /// The same with the signs of typing.
    pub fn receipts(&self) -> Vec<Receipt> {
        lock(&self.shared.inner).receipts.clone()
    }

    /// Customers' messages that were marked as read more than once, which costs calls and helps nobody.
    pub fn read_twice(&self) -> Vec<String> {
        twice(self.read().iter().map(String::as_str))
    }

    /// How many files were uploaded so far.
    pub fn uploads(&self) -> usize {
        lock(&self.shared.inner).uploads
    }

    /// Forgets every file, as Meta does when their time is over.
    pub fn forget_media(&self) {
        lock(&self.shared.inner).media.clear();
    }

    /// Every customer's message with the number of its answers. In a test where each message gets one reply, all are 1.
    pub fn tally(&self) -> Vec<Tally> {
        let inner = lock(&self.shared.inner);
        let count = |id: &str| inner.sent.iter().filter(|s| s.answers.as_deref() == Some(id)).count();
        inner
            .heard
            .iter()
            .map(|(from, id, _)| Tally { wamid: id.clone(), from: from.clone(), replies: count(id) })
            .collect()
    }

    /// References of ours that were accepted more than once: messages that customers got twice. What failed after it was
    /// accepted reached nobody and does not count.
    pub fn sent_twice(&self) -> Vec<String> {
        let inner = lock(&self.shared.inner);
        twice(inner.sent.iter().filter(|s| !s.failed).filter_map(|s| s.our_ref.as_deref()))
    }

    /// All webhooks that were delivered or given up so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.shared.inner).deliveries.clone()
    }

    /// The address that messages are delivered to now.
    pub fn callback(&self) -> Option<String> {
        lock(&self.shared.inner).callback(true)
    }
}

/// What occurs more than once.
fn twice<'a>(all: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen: HashMap<&str, u32> = HashMap::new();
    for one in all {
        *seen.entry(one).or_default() += 1;
    }
    seen.into_iter().filter(|(_, n)| *n > 1).map(|(one, _)| one.to_owned()).collect()
}

/// The key under which the pair rate is kept.
fn pair(to: &str) -> Recipient {
    if to.starts_with('+') { Recipient::Phone(to.to_owned()) } else { Recipient::UserId(to.to_owned()) }
}
