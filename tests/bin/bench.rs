//! `cargo xtask bench`: how fast the program is, each figure beside a floor measured in the same run where there is one.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops at what it did not expect"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base::message::Content;
use base::{Secret, Stopwatch};
use botflow_tests::{Owner, Program, connect_whatsapp, fake_graph, json_file, until};
use channels::whatsapp::fake::{Customer, Settings};
use channels::whatsapp::signature;
use serde_json::{Map, Value, json};

const CONNECTIONS: usize = 64;
const WEBHOOKS: usize = 6_000;

#[tokio::main]
async fn main() {
    let mut out = Map::new();
    start_and_memory(&mut out).await;
    webhooks(&mut out).await;
    replies(&mut out).await;
    json_file(&Value::Object(out));
}

fn note(out: &mut Map<String, Value>, name: &str, value: f64, unit: &str, against: &str) {
    println!("{name}: {value:.1} {unit}{}", if against.is_empty() { String::new() } else { format!("   ({against})") });
    out.insert(name.to_owned(), json!({ "value": value, "unit": unit, "against": against }));
}

/// Resident memory of a process in megabytes, and the processor time it has used in seconds; Linux tells.
fn process(id: u32) -> (f64, f64) {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let kilobytes =
        status.lines().find_map(|l| l.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let ticks: f64 = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse::<f64>().ok())
        .sum();
    (kilobytes.unwrap_or(0.0) / 1024.0, ticks / 100.0)
}

async fn start_and_memory(out: &mut Map<String, Value>) {
    let folder = tempfile::tempdir().unwrap();
    drop(Program::start(folder.path(), &[]));
    let mut times = Vec::new();
    for _ in 0..5 {
        let watch = Stopwatch::start();
        let program = Program::start(folder.path(), &[]);
        times.push(watch.elapsed_ms());
        drop(program);
    }
    times.sort_by(f64::total_cmp);
    note(out, "start to ready, median of 5", times[2], "ms", "at most 1000");
    let program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    note(out, "memory idle, no model", process(program.process_id()).0, "MB", "at most 100");
    let watch = Stopwatch::start();
    owner.load_sample().await;
    let took = watch.elapsed().as_secs_f64();
    let passages: f64 =
        owner.get("/sources").await["items"].as_array().unwrap().iter().filter_map(|s| s["passages"].as_f64()).sum();
    note(out, "sample business, drop to ready", took, "s", &format!("{passages} passages and their sentences"));
    owner.post("/ask", json!({ "question": "When do you open?" })).await;
    note(out, "memory with the search model", process(program.process_id()).0, "MB", "");
}

/// One delivery with one message, signed.
fn delivery(i: usize, secret: &Secret) -> (Vec<u8>, String) {
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "318880001112223", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "27215550100", "phone_number_id": botflow_tests::PHONE_NUMBER_ID },
            "contacts": [{ "profile": { "name": "Load" }, "wa_id": format!("2782{i:07}") }],
            "messages": [{ "from": format!("2782{i:07}"), "id": format!("wamid.LOAD{i}"), "timestamp": "1794000000",
                "type": "text", "text": { "body": "When do you open?" } }],
        }}]}],
    })
    .to_string()
    .into_bytes();
    let signed = signature::sign(&body, secret);
    (body, signed)
}

/// Posts all bodies over so many connections and gives how many a second were answered 200.
async fn flood(url: &str, bodies: Arc<Vec<(Vec<u8>, String)>>) -> f64 {
    let next = Arc::new(AtomicUsize::new(0));
    let watch = Stopwatch::start();
    let workers = (0..CONNECTIONS).map(|_| {
        let (next, bodies, url) = (next.clone(), bodies.clone(), url.to_owned());
        async move {
            let http = reqwest::Client::builder().pool_max_idle_per_host(1).build().unwrap();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some((body, signed)) = bodies.get(i) else { return };
                let sent = http.post(&url).header("x-hub-signature-256", signed).body(body.clone()).send().await;
                assert_eq!(sent.unwrap().status(), 200);
            }
        }
    });
    futures::future::join_all(workers).await;
    bodies.len() as f64 / watch.elapsed().as_secs_f64()
}

async fn webhooks(out: &mut Map<String, Value>) {
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
    let bodies = Arc::new((0..WEBHOOKS).map(|i| delivery(i, &secret)).collect::<Vec<_>>());
    let floor = flood(&floor_url, bodies.clone()).await;
    let before = process(program.process_id()).1;
    let ours = flood(&hook, bodies).await;
    let used = process(program.process_id()).1 - before;
    let share = format!("floor {floor:.0}, that is {:.0}%; at least 50%", 100.0 * ours / floor);
    note(out, "webhooks accepted durably, 64 connections", ours, "a second", &share);
    note(out, "processor time for each webhook", used * 1e6 / WEBHOOKS as f64, "µs", "taking in the message included");
    graph.stop().await;
}

async fn replies(out: &mut Map<String, Value>) {
    let graph = fake_graph(Settings { statuses: false, ..Settings::default() }).await;
    let url = graph.base_url();
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[("graph_url", &url)]);
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.load_sample().await;
    owner.patch(&format!("/bots/{bot}"), json!({ "debounce_ms": 0 })).await;
    // A document of many passages, so that the search has something to do.
    let rows: String = (0..6_000).map(|i| format!("Part {i};Shelf {};R {}.50\n", i % 97, 10 + i % 900)).collect();
    owner.upload(&[("stock.csv", format!("Item;Place;Price\n{rows}").into_bytes())]).await;
    let sources = owner.until_read().await;
    let passages: f64 = sources.iter().filter_map(|s| s["passages"].as_f64()).sum();
    connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    let mut times = Vec::new();
    for i in 0..60 {
        let customer = Customer::new(&format!("2786{i:07}"), "Clock");
        // Each asks in other words, so that no remembered vector helps.
        let question = Content::text(format!("Question {i}: how much is delivery to Claremont?"));
        let watch = Stopwatch::start();
        graph.customer_message(&customer, &question).unwrap();
        until("a reply", Duration::from_secs(20), || async { (!graph.sent_to(&customer).is_empty()).then_some(()) })
            .await;
        times.push(watch.elapsed_ms());
    }
    times.sort_by(f64::total_cmp);
    let against = format!("{passages} passages; looked at every 5 ms; at most 60");
    note(out, "message to reply on the wire, median", times[times.len() / 2], "ms", &against);
    note(out, "message to reply on the wire, 95th percentile", times[times.len() * 95 / 100], "ms", "");
    graph.stop().await;
}
