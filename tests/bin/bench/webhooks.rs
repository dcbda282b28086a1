//! How many webhooks a second are accepted durably.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::{Secret, Stopwatch};
use botflow_tests::{Owner, Program, connect_whatsapp, fake_graph};
use channels::whatsapp::fake::Settings;
use channels::whatsapp::signature;
use serde_json::json;

use crate::{Figures, process};

const CONNECTIONS: usize = 64;
const WEBHOOKS: usize = 6_000;

/// A body and its signature.
pub(crate) type Delivery = (Vec<u8>, String);

/// One delivery with one message of customer `i`, signed.
pub(crate) fn delivery(i: usize, text: &str, secret: &Secret) -> Delivery {
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "318880001112223", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "27215550100", "phone_number_id": botflow_tests::PHONE_NUMBER_ID },
            "contacts": [{ "profile": { "name": "Load" }, "wa_id": format!("2782{i:07}") }],
            "messages": [{ "from": format!("2782{i:07}"), "id": format!("wamid.LOAD{i}"), "timestamp": "1794000000",
                "type": "text", "text": { "body": text } }],
        }}]}],
    })
    .to_string()
    .into_bytes();
    let signed = signature::sign(&body, secret);
    (body, signed)
}

/// Posts all bodies, to each address in turn, over so many connections and gives how many a second were answered 200.
pub(crate) async fn flood(urls: &[String], bodies: Arc<Vec<Delivery>>) -> f64 {
    let next = Arc::new(AtomicUsize::new(0));
    let watch = Stopwatch::start();
    let workers = (0..CONNECTIONS).map(|_| {
        let (next, bodies) = (next.clone(), bodies.clone());
        async move {
            let http = reqwest::Client::builder().pool_max_idle_per_host(1).build().unwrap();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some((body, signed)) = bodies.get(i) else { return };
                let url = &urls[i % urls.len()];
                let sent = http.post(url).header("x-hub-signature-256", signed).body(body.clone()).send().await;
                assert_eq!(sent.unwrap().status(), 200);
            }
        }
    });
    futures::future::join_all(workers).await;
    bodies.len() as f64 / watch.elapsed().as_secs_f64()
}

pub(crate) async fn webhooks(out: &mut Figures) {
    // The floor: a bare listener that stores each body with the same group commit, and does nothing else.
    let folder = tempfile::tempdir().unwrap();
    let db = db::Db::open(&folder.path().join("floor.db"), db::Schema::Workspace, db::Options::default()).unwrap();
    db.write(|tx| Ok(tx.execute_batch("create table floor (id integer primary key, body blob not null) strict")?))
        .await
        .unwrap();
    let router = axum::Router::new().route(
        "/",
        axum::routing::post(move |body: bytes::Bytes| {
            let db = db.clone();
            async move {
                db.write(move |tx| {
                    tx.prepare_cached("insert into floor (body) values (?1)")?.execute([body.as_ref()])?;
                    Ok(())
                })
                .await
                .map_or(http::StatusCode::INTERNAL_SERVER_ERROR, |()| http::StatusCode::OK)
            }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let floor_url = format!("http://{}/", listener.local_addr().unwrap());
    base::task::spawn("floor", async move {
        let _ = axum::serve(listener, router).await;
    });

    let graph = fake_graph(Settings::default()).await;
    let url = graph.base_url();
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[("graph_url", &url)]);
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.post("/bots", json!({ "name": "Load" })).await["id"].as_str().unwrap().to_owned();
    // Accepting is what is measured; a paused bot takes in and says nothing.
    owner.patch(&format!("/bots/{bot}"), json!({ "paused": true })).await;
    let (_, hook) = connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    let secret = graph.settings().app_secret.clone();
    let bodies = Arc::new((0..WEBHOOKS).map(|i| delivery(i, "When do you open?", &secret)).collect::<Vec<_>>());
    let floor = flood(&[floor_url], bodies.clone()).await;
    let before = process(program.process_id()).1;
    let ours = flood(&[hook], bodies).await;
    let used = process(program.process_id()).1 - before;
    let share = format!("floor {floor:.0}, that is {:.0}%; at least 50%", 100.0 * ours / floor);
    out.note("webhooks accepted durably, 64 connections", ours, "a second", &share);
    out.note("processor time for each webhook", used * 1e6 / WEBHOOKS as f64, "µs", "taking in the message included");
    graph.stop().await;
}
