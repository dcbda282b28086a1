//! What a customer sees of being read: once, in time, and never for a person who has not looked yet.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use channels::whatsapp::fake::Receipt;
use tokio::sync::Notify;

use super::*;
use crate::conversations::Mode;

/// A web service that answers when it is let.
async fn gate() -> (String, Arc<Notify>) {
    let gate = Arc::new(Notify::new());
    let inner = gate.clone();
    let app = Router::new().route(
        "/slow",
        get(async move || {
            inner.notified().await;
            "{}"
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/slow", listener.local_addr().unwrap());
    base::task::spawn("test-gate", async move { axum::serve(listener, app).await.unwrap() });
    (url, gate)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_sees_that_they_were_read_and_that_an_answer_is_coming_once_each_turn() {
    let shop = Shop::open(Settings::default()).await;
    let (url, gate) = gate().await;
    shop.publish(flow(&[json!({ "id": "ask", "kind": "http", "url": url, "timeout_ms": 30_000 })])).await;
    shop.graph.duplicate_webhooks(3);
    let first = shop.says(&thandi(), "Are you open?");
    until("the receipt", || async { (!shop.graph.receipts().is_empty()).then_some(()) }).await;
    assert_eq!(shop.graph.receipts(), [Receipt { wamid: first, typing: true, late: false }]);
    assert!(shop.graph.sent().is_empty(), "the sign came while the answer was under way");
    gate.notify_one();
    until("the reply", || async { (shop.graph.sent_to(&thandi()).len() == 1).then_some(()) }).await;

    // An answer that is there at once needs no sign of typing, which would stand there after it.
    shop.publish(flow(&[])).await;
    let second = shop.says(&lebo(), "Are you open?");
    until("the second receipt", || async { (shop.graph.receipts().len() == 2).then_some(()) }).await;
    let receipt = shop.graph.receipts()[1].clone();
    assert_eq!((receipt.wamid, receipt.typing), (second, false));
    shop.graph.settled().await;
    assert_eq!(shop.graph.read_twice(), Vec::<String>::new());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_was_handed_over_is_unread_until_a_person_opens_it() {
    let shop = Shop::open(Settings::default()).await;
    shop.publish(flow(&[json!({ "id": "person", "kind": "handover", "reason": "asked", "note": "" })])).await;
    let handed = shop.says(&thandi(), "I want a person");
    let id = shop.conversation(&thandi()).await;
    until("it is handed over", || async {
        let row = shop.ws.db.read(move |c| conversations::store::get(c, id)).await.unwrap().unwrap();
        (row.mode == Mode::Person && row.waiting).then_some(())
    })
    .await;
    // A later turn of the bot's with somebody else: by then, the first would have been marked.
    shop.publish(flow(&[])).await;
    let other = shop.says(&lebo(), "Are you open?");
    until("the other receipt", || async { (!shop.graph.read().is_empty()).then_some(()) }).await;
    assert_eq!(shop.graph.read(), std::slice::from_ref(&other), "nobody has seen the first message yet");

    shop.ws
        .db
        .write(move |tx| {
            crate::outbox::seen_by_person(tx, id);
            Ok(())
        })
        .await
        .unwrap();
    until("the receipt", || async { (shop.graph.read().len() == 2).then_some(()) }).await;
    assert_eq!(shop.graph.receipts()[1], Receipt { wamid: handed, typing: false, late: false });

    // Answering is seeing, too; what was marked is not marked again.
    let latest = shop.says(&thandi(), "Hello?");
    until("the message is there", || async { (shop.messages(&thandi()).await.len() >= 2).then_some(()) }).await;
    shop.reply(&thandi(), Content::text("Sipho here."), "by-hand-1").await.unwrap();
    until("the last receipt", || async { (shop.graph.read().len() == 3).then_some(()) }).await;
    assert_eq!(shop.graph.read()[2], latest);
    assert_eq!(shop.graph.read_twice(), Vec::<String>::new());
    shop.close().await;
}
