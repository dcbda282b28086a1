//! The client and the fake against each other over loopback: what is sent once arrives once, and every kind of broken line
//! is told apart.

use std::path::PathBuf;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use base::message::{Choice, ContactCard, OrderItem};

use super::*;
use crate::whatsapp::account::{App, WEBHOOK_OBJECT};
use crate::whatsapp::checks::{self, CheckId, Setup};
use crate::whatsapp::client::Failure;
use crate::whatsapp::inbound::{self, ItemKind};
use crate::whatsapp::outbound::{self, Recipient};
use crate::whatsapp::status::Status;
use crate::whatsapp::{Class, SendOutcome, signature};

const START: Time = Time(1_794_000_000_000);

/// A receiver of webhooks that checks signatures and keeps what it understood.
struct Receiver {
    url: String,
    inner: Arc<Inbox>,
}

#[derive(Default)]
struct Inbox {
    items: Mutex<Vec<inbound::Item>>,
    /// How many of the next posts are answered with 500.
    failing: AtomicUsize,
    posts: AtomicUsize,
}

const VERIFY: &str = "our verify token";

async fn receiver() -> Receiver {
    let inner = Arc::new(Inbox::default());
    let app = Router::new()
        .route(
            "/hook",
            get(async |RawQuery(query): RawQuery| {
                match signature::verification(&query.unwrap_or_default(), &Secret::new(VERIFY)) {
                    Ok(challenge) => (StatusCode::OK, challenge),
                    Err(_) => (StatusCode::FORBIDDEN, String::new()),
                }
            })
            .post(async |State(inbox): State<Arc<Inbox>>, headers: HeaderMap, raw: Bytes| {
                inbox.posts.fetch_add(1, Ordering::SeqCst);
                let header = headers.get(signature::HEADER).and_then(|h| h.to_str().ok());
                let secret = Settings::default().app_secret;
                signature::verify(header, &raw, &[&secret]).expect("the fake signs as Meta does");
                if inbox.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
                    return StatusCode::INTERNAL_SERVER_ERROR;
                }
                let parsed = inbound::parse(&raw);
                assert_eq!(parsed.quarantined, []);
                inbox.items.lock().unwrap().extend(parsed.items);
                StatusCode::OK
            }),
        )
        .with_state(inner.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    task::spawn("test-receiver", async move { axum::serve(listener, app).await.unwrap() });
    Receiver { url, inner }
}

impl Receiver {
    fn items(&self) -> Vec<inbound::Item> {
        self.inner.items.lock().unwrap().clone()
    }

    fn messages(&self) -> Vec<inbound::InboundMessage> {
        self.items()
            .into_iter()
            .filter_map(|i| if let ItemKind::Message(m) = i.kind { Some(*m) } else { None })
            .collect()
    }

    /// (our reference, status) in the order of arrival.
    fn statuses(&self) -> Vec<(String, Status)> {
        self.items()
            .into_iter()
            .filter_map(|i| {
                if let ItemKind::Status(s) = i.kind { Some((s.our_ref.unwrap_or_default(), s.status)) } else { None }
            })
            .collect()
    }
}

fn settings() -> Settings {
    Settings { clock: Clock::manual(START), retries: vec![Duration::ZERO; 5], ..Settings::default() }
}

async fn started(settings: Settings) -> (FakeGraph, Receiver, Graph) {
    let receiver = receiver().await;
    let fake = FakeGraph::start(settings).await.unwrap();
    fake.deliver_to(&receiver.url);
    let graph = fake.graph().unwrap();
    (fake, receiver, graph)
}

fn thandi() -> Customer {
    Customer::new("27825550142", "Thandi M")
}

async fn say(fake: &FakeGraph, graph: &Graph, to: &Customer, text: &str, our_ref: &str) -> SendOutcome {
    let to = Recipient::Phone(to.phone.clone().unwrap());
    let body = outbound::encode(&to, &Content::text(text), our_ref, None).unwrap();
    graph.send(&fake.settings().phone_number_id, &body).await
}

fn app(fake: &FakeGraph) -> App {
    App { id: fake.settings().app_id.clone(), secret: fake.settings().app_secret.clone() }
}

#[tokio::test]
async fn a_customer_writes_and_gets_one_answer_whose_fate_comes_back() {
    let (fake, receiver, graph) = started(settings()).await;
    let wamid = fake.customer_message(&thandi(), &Content::text("Do you deliver to Khayelitsha? é😊/")).unwrap();
    fake.settled().await;
    let got = receiver.messages();
    assert_eq!(got.len(), 1);
    assert_eq!(
        (got[0].provider_id.as_str(), got[0].content.words()),
        (wamid.as_str(), "Do you deliver to Khayelitsha? é😊/")
    );
    assert_eq!(got[0].from.profile_name.as_deref(), Some("Thandi M"));
    assert_eq!(receiver.items()[0].at, Some(START));

    graph.mark_read(&fake.settings().phone_number_id, &wamid, true).await.unwrap();
    assert_eq!(fake.receipts(), [Receipt { wamid: wamid.clone(), typing: true, late: false }]);
    assert_eq!(fake.tally()[0].replies, 0, "a receipt is no answer");
    let outcome = say(&fake, &graph, &thandi(), "Yes, every day.", "ob_1").await;
    let sent = fake.sent();
    let expected = SendOutcome::Accepted {
        wamid: sent[0].wamid.clone(),
        wa_id: Some("27825550142".into()),
        user_id: None,
        held: false,
    };
    assert_eq!(outcome, expected);
    assert_eq!((sent.len(), sent[0].text.as_str(), sent[0].our_ref.as_deref()), (1, "Yes, every day.", Some("ob_1")));
    assert_eq!(sent[0].answers.as_deref(), Some(wamid.as_str()));
    fake.settled().await;
    let status = |s| ("ob_1".to_owned(), s);
    assert_eq!(receiver.statuses(), [status(Status::Sent), status(Status::Delivered), status(Status::Read)]);
    assert_eq!(fake.tally(), [Tally { wamid, from: thandi(), replies: 1 }]);
    assert!(fake.deliveries().iter().all(|d| d.done && d.attempts == 1));
    fake.stop().await;
}

#[tokio::test]
async fn whatever_a_customer_sends_arrives_as_it_was() {
    let (fake, receiver, _) = started(settings()).await;
    let picture = Media { filename: None, ..fake.put_media(b"\xff\xd8\xffpicture", "image/jpeg") };
    let quote = Media { filename: Some("Quote 7.pdf".into()), ..fake.put_media(b"%PDF-1.7", "application/pdf") };
    let contents = [
        Content::text("line one\nline two / \"quoted\" \\ é😊"),
        Content::Image { media: picture.clone(), caption: Some("Broken tile".into()) },
        Content::Video { media: picture.clone(), caption: None },
        Content::Audio { media: picture.clone(), voice: true },
        Content::Document { media: quote, caption: None },
        Content::Sticker { media: picture, animated: true },
        Content::Location { latitude: -34.0361, longitude: 18.6773, name: Some("Site C".into()), address: None },
        Content::Contacts {
            contacts: vec![ContactCard { name: "Lebo N".into(), phones: vec!["+27 83 555 0199".into()] }],
        },
        Content::Reaction { provider_message_id: "wamid.OUT".into(), emoji: Some("👍".into()) },
        Content::Reaction { provider_message_id: "wamid.OUT".into(), emoji: None },
        Content::Picked { id: "book|tue".into(), title: "Tuesday".into() },
        Content::Form { name: "flow".into(), values: json!({"date": "2026-11-24", "slots": ["09:00"]}) },
        Content::Order {
            items: vec![OrderItem {
                product_id: "SKU-9".into(),
                quantity: 2,
                price_minor: 4990,
                currency: "ZAR".into(),
            }],
            text: Some("ring the bell".into()),
        },
        Content::Unsupported { what: "poll".into() },
    ];
    let batch: Vec<_> = contents.iter().map(|c| (thandi(), c)).collect();
    fake.customer_batch(&batch.iter().map(|(from, c)| (from, *c)).collect::<Vec<_>>()).unwrap();
    fake.customer_raw(&thandi(), "hologram", json!({"k": "v"}));
    fake.settled().await;
    let mut got: Vec<_> = receiver.messages().into_iter().map(|m| m.content).collect();
    got.sort_by_key(|c| *c == Content::Unsupported { what: "hologram".into() });
    assert_eq!(got.pop(), Some(Content::Unsupported { what: "hologram".into() }));
    assert_eq!(got, contents);
    let outgoing = Content::LocationRequest { text: "Where?".into() };
    assert!(fake.customer_message(&thandi(), &outgoing).is_err(), "customers cannot send what only businesses can");
    fake.stop().await;
}

#[tokio::test]
async fn every_kind_of_broken_line_is_told_apart_and_nothing_is_sent_twice() {
    let (fake, receiver, graph) = started(settings()).await;
    let graph = graph.with_timeout(Duration::from_millis(400));
    let refused = |class, code| (format!("Refused {class:?} {code}"), 0);
    let unknown = |sent| ("Unknown".to_owned(), sent);
    for (n, (fault, (expected, more))) in [
        (Fault::AcceptThenDrop, unknown(1)),
        (Fault::Drop, unknown(0)),
        (Fault::Delay(Duration::from_secs(60)), unknown(1)),
        (Fault::Page(502), unknown(0)),
        (Fault::Page(404), unknown(0)),
        (Fault::AcceptThenPage(500), unknown(1)),
        (Fault::RATE_LIMIT, refused(Class::Rate, 130_429)),
        (Fault::PAIR_RATE_LIMIT, refused(Class::PairRate, 131_056)),
        (Fault::TOKEN_EXPIRED, refused(Class::Token, 190)),
        (Fault::WINDOW_CLOSED, refused(Class::Window, 131_047)),
        (Fault::Refuse(2), refused(Class::Transient, 2)),
        (Fault::StatusFirst, ("Accepted".to_owned(), 1)),
        (Fault::FailLater(131_026), ("Accepted".to_owned(), 1)),
    ]
    .into_iter()
    .enumerate()
    {
        // A good send first, so that the faulty one goes over a connection that was used before.
        assert!(matches!(say(&fake, &graph, &thandi(), "warm", "").await, SendOutcome::Accepted { .. }), "{fault:?}");
        let before = fake.sent().len();
        fake.inject([fault.clone()]);
        let our_ref = format!("ob_{n}");
        let got = match say(&fake, &graph, &thandi(), "hello", &our_ref).await {
            SendOutcome::Accepted { .. } => "Accepted".to_owned(),
            SendOutcome::Refused { class, code, .. } => format!("Refused {class:?} {code}"),
            SendOutcome::Unknown { .. } => "Unknown".to_owned(),
            SendOutcome::NotSent { .. } => "NotSent".to_owned(),
        };
        assert_eq!(got, expected, "{fault:?}");
        assert_eq!(fake.sent().len() - before, more, "{fault:?}");
        fake.settled().await;
        let told = receiver.statuses().iter().filter(|(r, _)| *r == our_ref).count();
        assert_eq!(told > 0, more > 0, "{fault:?}: a status tells the fate of a message whose answer was lost");
    }
    let statuses = receiver.statuses();
    assert_eq!(statuses.iter().filter(|(r, s)| r == "ob_12" && *s == Status::Failed).count(), 1);
    assert_eq!(statuses.iter().filter(|(r, s)| r == "ob_11" && *s == Status::Sent).count(), 1);
    assert_eq!(fake.sent_twice(), Vec::<String>::new());
    say(&fake, &graph, &thandi(), "again", "ob_0").await;
    assert_eq!(fake.sent_twice(), ["ob_0"], "a message sent twice is seen");
    say(&fake, &graph, &thandi(), "again", "ob_12").await;
    assert_eq!(fake.sent_twice(), ["ob_0"], "what failed did not reach anybody and may be sent again");
    let graph_after = graph.clone();
    let number = fake.settings().phone_number_id.clone();
    fake.stop().await;
    let outcome = graph_after.send(&number, &json!({})).await;
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
}

#[tokio::test]
async fn webhooks_are_repeated_until_they_are_taken_and_duplicates_share_their_key() {
    let (fake, receiver, _) = started(settings()).await;
    receiver.inner.failing.store(3, Ordering::SeqCst);
    fake.customer_message(&thandi(), &Content::text("one")).unwrap();
    fake.settled().await;
    assert_eq!(receiver.messages().len(), 1);
    assert_eq!(fake.deliveries()[0].attempts, 4);

    receiver.inner.failing.store(100, Ordering::SeqCst);
    fake.customer_message(&thandi(), &Content::text("two")).unwrap();
    fake.settled().await;
    assert_eq!((fake.deliveries()[1].done, fake.deliveries()[1].attempts), (false, 6), "given up after the last wait");
    receiver.inner.failing.store(0, Ordering::SeqCst);

    fake.duplicate_webhooks(3);
    fake.customer_message(&thandi(), &Content::text("three")).unwrap();
    fake.settled().await;
    let keys: Vec<_> = receiver.items().into_iter().skip(1).map(|i| i.dedupe_key).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|k| *k == keys[0]));
    fake.stop().await;
}

#[tokio::test]
async fn an_address_is_taken_only_when_it_answers_the_handshake() {
    let receiver = receiver().await;
    let fake = FakeGraph::start(settings()).await.unwrap();
    let (graph, app) = (fake.graph().unwrap(), app(&fake));
    let code = |r: Result<(), Failure>| match r {
        Ok(()) => 0,
        Err(Failure::Refused { error, .. }) => error.code,
        Err(other) => panic!("{other:?}"),
    };
    let (right, wrong) = (Secret::new(VERIFY), Secret::new("other"));
    assert_eq!(code(graph.subscribe_app(&app, &receiver.url, &wrong).await), 2200);
    assert_eq!(code(graph.subscribe_app(&app, "http://127.0.0.1:9/hook", &right).await), 2200);
    assert_eq!(graph.app_subscriptions(&app).await.unwrap(), []);
    assert_eq!(code(graph.subscribe_app(&app, &receiver.url, &right).await), 0);
    let subscriptions = graph.app_subscriptions(&app).await.unwrap();
    assert_eq!(
        (subscriptions[0].object.as_str(), subscriptions[0].callback_url.as_str()),
        (WEBHOOK_OBJECT, receiver.url.as_str())
    );
    assert!(subscriptions[0].active && subscriptions[0].fields.contains(&"messages".to_owned()));

    let stranger = App { id: app.id.clone(), secret: Secret::new("x") };
    assert_eq!(code(graph.subscribe_app(&stranger, &receiver.url, &right).await), 190);

    let number = fake.settings().phone_number_id.clone();
    let elsewhere = format!("{}?tenant=2", receiver.url);
    assert_eq!(code(graph.override_number_webhook(&number, Some((&elsewhere, &wrong))).await), 2200);
    assert_eq!(code(graph.override_number_webhook(&number, Some((&elsewhere, &right))).await), 0);
    let told = graph.number_webhooks(&number).await.unwrap();
    assert_eq!(told.number.as_deref(), Some(elsewhere.as_str()), "each level is told by its own name: {told:?}");
    assert_ne!(told.app.as_deref(), Some(elsewhere.as_str()), "{told:?}");
    assert_eq!(fake.callback().as_deref(), Some(elsewhere.as_str()));
    assert_eq!(code(graph.override_number_webhook(&number, None).await), 0);
    assert_eq!(graph.number_webhooks(&number).await.unwrap().number, None, "a level without an address is left out");
    assert_eq!(code(graph.subscribe_account(&fake.settings().waba_id, Some((&elsewhere, &right))).await), 0);
    assert_eq!(
        graph.subscribed_apps(&fake.settings().waba_id).await.unwrap()[0].override_url.as_deref(),
        Some(elsewhere.as_str())
    );
    assert_eq!(fake.callback().as_deref(), Some(elsewhere.as_str()));
    fake.stop().await;
}

#[tokio::test]
async fn set_up_checks_turn_green_and_say_what_is_wrong() {
    let receiver = receiver().await;
    let fake = FakeGraph::start(settings()).await.unwrap();
    let graph = fake.graph().unwrap();
    let setup = Setup {
        app: app(&fake),
        waba_id: fake.settings().waba_id.clone(),
        phone_number_id: fake.settings().phone_number_id.clone(),
        callback_url: Some(receiver.url.clone()),
    };
    let failing = async |graph: &Graph, setup: &Setup| -> Vec<CheckId> {
        let checks = checks::all(graph, setup, START).await;
        assert!(checks.iter().all(|c| c.ok == c.fix.is_none()), "{checks:?}");
        checks.into_iter().filter(|c| !c.ok).map(|c| c.id).collect()
    };
    assert_eq!(failing(&graph, &setup).await, [CheckId::Subscription, CheckId::Account]);
    assert!(
        checks::connect(&graph, &setup, &Secret::new("wrong")).await.unwrap_err().message.contains("public address")
    );
    checks::connect(&graph, &setup, &Secret::new(VERIFY)).await.unwrap();
    assert_eq!(failing(&graph, &setup).await, []);
    assert_eq!(checks::all(&graph, &setup, START).await.len(), 7);

    let other = Setup { phone_number_id: "1".into(), ..setup.clone() };
    assert_eq!(failing(&graph, &other).await, [CheckId::Number]);
    let moved = Setup { callback_url: Some("https://other.example/hook".into()), ..setup.clone() };
    assert_eq!(failing(&graph, &moved).await, [CheckId::Subscription]);
    let stranger = Setup { app: App { secret: Secret::new("x"), ..setup.app.clone() }, ..setup.clone() };
    assert_eq!(failing(&graph, &stranger).await, [CheckId::App]);
    assert_eq!(failing(&graph.with_token(Secret::new("x")), &setup).await, [CheckId::Token]);
    let number = graph.phone_number(&setup.phone_number_id).await.unwrap();
    assert_eq!((number.display_phone_number.as_str(), number.on_phone), ("+27215550100", false));
    assert_eq!(graph.phone_numbers(&setup.waba_id).await.unwrap(), [number]);
    fake.expire_token(true);
    assert_eq!(failing(&graph, &setup).await, [CheckId::Token]);
    fake.stop().await;
    let checks = checks::all(&graph, &setup, START).await;
    assert!(checks[0].sentence.contains("could not be reached"), "{checks:?}");

    let poor = FakeGraph::start(Settings { scopes: vec![checks::SCOPES[0].into()], ..settings() }).await.unwrap();
    let found = checks::token(&poor.graph().unwrap(), &app(&poor), START).await;
    assert!(found.iter().any(|c| c.id == CheckId::Scopes && !c.ok && c.sentence.contains(checks::SCOPES[1])));
    poor.stop().await;
}

fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("botflow-channels-{}", base::id::fresh()));
    std::fs::create_dir_all(&dir).unwrap();
    dir.join(name)
}

#[tokio::test]
async fn files_travel_whole_or_not_at_all() {
    let (fake, _receiver, graph) = started(settings()).await;
    let number = fake.settings().phone_number_id.clone();
    let bytes: Vec<u8> = b"%PDF-1.7\n".iter().copied().chain((0..300_000u32).map(|i| (i % 251) as u8)).collect();
    let source = scratch("quote.pdf");
    std::fs::write(&source, &bytes).unwrap();
    let id = graph.upload_media(&number, &source, "application/pdf", "../Quote 7.pdf").await.unwrap();
    assert_eq!(fake.media(&id), Some((bytes.clone(), "application/pdf".into())));
    let info = graph.media_info(&id, &number).await.unwrap();
    assert_eq!((info.mime.as_str(), info.size_bytes), ("application/pdf", Some(bytes.len() as u64)));

    let dest = source.with_file_name("copy.pdf");
    let done = graph.fetch_media(&id, &number, &dest, 1 << 20).await.unwrap();
    assert_eq!(std::fs::read(&dest).unwrap(), bytes);
    assert_eq!(Some(&done.sha256), info.sha256.as_ref());
    assert_eq!((done.size_bytes, done.sniffed), (bytes.len() as u64, Some("application/pdf")));

    let small = source.with_file_name("small.pdf");
    let refused = graph.fetch_media(&id, &number, &small, 1000).await.unwrap_err();
    assert!(matches!(&refused, Failure::Invalid(e) if e.code == base::ErrorCode::TooLarge), "{refused:?}");
    let left: Vec<_> = std::fs::read_dir(source.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "only whole files are left: {left:?}");

    graph.delete_media(&id).await.unwrap();
    let gone = graph.fetch_media(&id, &number, &small, 1 << 20).await.unwrap_err();
    let told = base::Error::from(gone);
    assert!(told.code == base::ErrorCode::NotFound && told.message.contains("no longer has this file"), "{told:?}");
    fake.expire_token(true);
    let told = base::Error::from(graph.media_info(&id, &number).await.unwrap_err());
    assert!(
        told.message.contains("access token"),
        "a token that does not work is not taken for a missing file: {told:?}"
    );
    fake.expire_token(false);
    let bad = graph.upload_media(&number, &source, "audio/wav", "x.wav").await.unwrap_err();
    assert!(matches!(bad, Failure::Refused { error, .. } if error.code == 100));
    let gone = graph.upload_media(&number, &source.with_file_name("none"), "audio/mpeg", "x").await.unwrap_err();
    assert!(matches!(gone, Failure::Invalid(_)));
    std::fs::remove_dir_all(source.parent().unwrap()).unwrap();
    fake.stop().await;
}

#[tokio::test]
async fn an_old_address_is_asked_for_again_and_damaged_bytes_are_not_kept() {
    /// A Graph whose first addresses are gone and whose digests may be wrong.
    #[derive(Clone)]
    struct Moody {
        asked: Arc<AtomicUsize>,
        gone: usize,
        digest: String,
    }
    let right = hex::encode(Sha256::digest(b"picture"));
    for (gone, digest, fetched, questions) in
        [(0, &right, true, 1), (1, &right, true, 2), (2, &right, false, 2), (0, &"0".repeat(64), false, 1)]
    {
        let moody = Moody { asked: Arc::default(), gone, digest: digest.clone() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let host = base.clone();
        let app = Router::new()
            .route(
                "/v25.0/7",
                get(async move |State(m): State<Moody>| {
                    let n = m.asked.fetch_add(1, Ordering::SeqCst);
                    let path = if n < m.gone { "gone" } else { "file" };
                    axum::Json(json!({"id": "7", "url": format!("{host}/{path}"), "mime_type": "image/jpeg", "sha256": m.digest}))
                }),
            )
            .route("/file", get(async || "picture"))
            .with_state(moody.clone());
        task::spawn("test-moody", async move { axum::serve(listener, app).await.unwrap() });
        let graph = Graph::new(&format!("{base}/v25.0"), Secret::new("t")).unwrap();
        let dest = scratch("picture.jpg");
        let got = graph.fetch_media("7", "1", &dest, 100).await;
        assert_eq!((got.is_ok(), dest.exists()), (fetched, fetched), "{gone} {digest}: {got:?}");
        assert_eq!(moody.asked.load(Ordering::SeqCst), questions, "{gone} {digest}");
        std::fs::remove_dir_all(dest.parent().unwrap()).unwrap();
    }
}

#[tokio::test]
async fn window_and_pair_rate_are_kept_by_the_clock() {
    let clock = Clock::manual(START);
    let settings =
        Settings { clock: clock.clone(), enforce_window: true, enforce_pair_rate: true, statuses: false, ..settings() };
    let (fake, _receiver, graph) = started(settings).await;
    let class = |o: SendOutcome| match o {
        SendOutcome::Accepted { .. } => None,
        SendOutcome::Refused { class, .. } => Some(class),
        other => panic!("{other:?}"),
    };
    assert_eq!(class(say(&fake, &graph, &thandi(), "hello?", "").await), Some(Class::Window));
    fake.customer_message(&thandi(), &Content::text("hi")).unwrap();
    for _ in 0..45 {
        assert_eq!(class(say(&fake, &graph, &thandi(), "hello", "").await), None);
    }
    assert_eq!(class(say(&fake, &graph, &thandi(), "hello", "").await), Some(Class::PairRate));
    clock.advance(Duration::from_secs(6));
    assert_eq!(class(say(&fake, &graph, &thandi(), "hello", "").await), None);
    clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(class(say(&fake, &graph, &thandi(), "late", "").await), Some(Class::Window));
    let template = Content::Template { name: "hello".into(), language: "en".into(), parameters: vec![] };
    let body = outbound::encode(&Recipient::Phone("+27825550142".into()), &template, "", None).unwrap();
    assert_eq!(class(graph.send(&fake.settings().phone_number_id, &body).await), None);
    fake.stop().await;
}

#[tokio::test]
async fn answers_are_counted_for_the_message_they_answer() {
    let (fake, _receiver, graph) = started(Settings { statuses: false, ..settings() }).await;
    let lebo = Customer::new("27835550199", "Lebo");
    let quiet = Customer { phone: None, user_id: Some("ZA.77".into()), name: "Sipho".into() };
    let one = fake.customer_message(&thandi(), &Content::text("1")).unwrap();
    fake.customer_message(&lebo, &Content::text("2")).unwrap();
    fake.customer_message(&thandi(), &Content::text("3")).unwrap();
    fake.customer_message(&quiet, &Content::text("4")).unwrap();
    say(&fake, &graph, &thandi(), "to 1", "a").await;
    say(&fake, &graph, &thandi(), "to 3", "b").await;
    say(&fake, &graph, &lebo, "to 2", "c").await;
    let number = &fake.settings().phone_number_id;
    let body = outbound::encode(&Recipient::UserId("ZA.77".into()), &Content::text("to 4"), "d", None).unwrap();
    let outcome = graph.send(number, &body).await;
    assert!(matches!(outcome, SendOutcome::Accepted { wa_id: None, user_id: Some(_), .. }), "{outcome:?}");
    let react = Content::Reaction { provider_message_id: one.clone(), emoji: Some("👍".into()) };
    graph.send(number, &outbound::encode(&Recipient::Phone("27825550142".into()), &react, "e", None).unwrap()).await;
    assert_eq!(fake.tally().iter().map(|t| t.replies).collect::<Vec<_>>(), [1, 1, 1, 1]);
    let quoting =
        outbound::encode(&Recipient::Phone("27825550142".into()), &Content::text("again"), "f", Some(&one)).unwrap();
    graph.send(number, &quoting).await;
    assert_eq!(fake.tally()[0].replies, 2);
    assert_eq!(fake.sent_to(&thandi()).len(), 4);
    let choice = Content::Buttons {
        text: "x".into(),
        footer: None,
        buttons: vec![Choice { id: "a".into(), title: "A".into(), description: None }],
    };
    let body = outbound::encode(&Recipient::Phone("27825550142".into()), &choice, "g", None).unwrap();
    graph.send(number, &body).await;
    assert_eq!(fake.sent().last().map(|s| s.text.as_str()), Some("x"));
    fake.stop().await;
}

#[tokio::test]
async fn strangers_and_wrong_paths_get_graphs_own_errors() {
    let (fake, _receiver, graph) = started(settings()).await;
    let code = |o: SendOutcome| match o {
        SendOutcome::Refused { code, .. } => code,
        other => panic!("{other:?}"),
    };
    let body = outbound::encode(&Recipient::Phone("+27825550142".into()), &Content::text("x"), "", None).unwrap();
    let number = fake.settings().phone_number_id.clone();
    assert_eq!(code(graph.with_token(Secret::new("no")).send(&number, &body).await), 190);
    assert_eq!(code(graph.send("999", &body).await), 100);
    assert_eq!(code(graph.send(&number, &json!({"messaging_product": "whatsapp"})).await), 131_008);
    assert!(
        matches!(graph.mark_read(&number, "wamid.none", false).await, Err(Failure::Refused { error, .. }) if error.code == 100)
    );
    assert_eq!(fake.sent(), []);
    fake.stop().await;
}
