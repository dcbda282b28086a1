//! The lid was closed, and is opened: what was waiting goes on at once, and nothing is said twice.

#[cfg(unix)]
use std::process::Command;
use std::time::Duration;

use app::{Config, Server};
use base::message::Content;
use base::{Clock, Time};
use channels::whatsapp::fake::{Customer, Fault, Settings};
#[cfg(unix)]
use serde_json::Value;
use serde_json::json;
use tests_support::{Owner, connect_whatsapp, fake_graph, until};
#[cfg(unix)]
use tests_support::{Program, StandIn};

const PATIENCE: Duration = Duration::from_secs(30);
const ASLEEP: Duration = Duration::from_secs(3600);
/// Within five seconds of a wake everything is looked at; what follows from it takes a moment more. Without the look, what
/// waits here would find out by itself, after twelve seconds at the earliest.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn after_a_sleep_the_address_is_proven_and_whoever_was_waiting_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(Clock::System.now());
    let graph = fake_graph(Settings { clock: clock.clone(), ..Settings::default() }).await;
    let config = Config {
        data: folder.path().into(),
        port: 0,
        public_port: 0,
        graph_url: graph.base_url(),
        allow_private_addresses: true,
        min_free_mb: 1,
        ..Config::default()
    };
    let server = Server::start_with(config, clock.clone()).await.unwrap();
    let owner = Owner::sign_in(&format!("http://{}", server.admin_address)).await;
    let public = format!("http://{}", server.public_address);
    let bot = owner.post("/bots", json!({ "name": "Shop" })).await["id"].as_str().unwrap().to_owned();
    let pairs = json!({ "title": "Hours", "pairs": [{ "question": "When do you open?", "answer": "At 8:15." }] });
    owner.post("/sources/pairs", pairs).await;
    owner.until_read().await;
    connect_whatsapp(&owner, &graph, &bot, &public).await;
    let proven = owner.put("/public-address", json!({ "way": "typed", "url": public })).await;
    assert_eq!(proven["state"], "proven", "{proven}");

    // WhatsApp lets one reply wait; another customer's turn has not come yet; a flow begins in half an hour. Then nobody is
    // awake.
    let (thandi, lebo) = (Customer::new("27825550142", "Thandi"), Customer::new("27835550199", "Lebo"));
    let question = Content::text("When do you open?");
    graph.inject([Fault::PAIR_RATE_LIMIT, Fault::PAIR_RATE_LIMIT]);
    graph.customer_message(&thandi, &question).unwrap();
    graph.settled().await;
    until("her reply was told to wait, and again, for longer", PATIENCE, || async {
        // Less than what counts as a sleep, again and again, until her turn has come.
        clock.advance(Duration::from_millis(500));
        tokio::time::sleep(Duration::from_millis(500)).await;
        (graph.faults_left() == 0).then_some(())
    })
    .await;
    // His turn comes when he has not written for ten seconds of this clock, which stands still from here on.
    owner.patch(&format!("/bots/{bot}"), json!({ "debounce_ms": 10_000 })).await;
    graph.customer_message(&lebo, &question).unwrap();
    graph.settled().await;
    begins_in_half_an_hour(&owner, &bot, clock.now()).await;
    assert_eq!(graph.sent().len(), 0);

    clock.advance(ASLEEP);
    let (woke, began) = (clock.now(), std::time::Instant::now());
    let is_answered = async |customer: &Customer| {
        until("the customer is answered", PATIENCE, || async {
            let answers = graph.sent_to(customer).iter().filter(|sent| sent.text.contains("8:15")).count();
            (answers == 1).then_some(())
        })
        .await;
    };
    is_answered(&thandi).await;
    until("the address is proven anew", PATIENCE, || async {
        let address = owner.get("/public-address").await;
        let at: Time = serde_json::from_value(address["proven_at"].clone()).ok()?;
        (at >= woke && address["state"] == "proven").then_some(())
    })
    .await;
    until("the flow has begun", PATIENCE, || async {
        let told = owner.get("/home").await["notices"].clone();
        told.as_array().unwrap().iter().any(|notice| notice["title"] == "Count the till").then_some(())
    })
    .await;
    let took = began.elapsed();
    assert!(took < SOON, "after a wake it took {took:?}");
    is_answered(&lebo).await;
    assert_eq!(graph.sent_twice(), Vec::<String>::new());
    server.shutdown().await;
    graph.stop().await;
}

/// A flow that tells the owner something at a set time.
async fn begins_in_half_an_hour(owner: &Owner, bot: &str, now: Time) {
    let minute = now.plus(ASLEEP / 2).to_jiff().strftime("%M").to_string();
    let flow = json!({ "id": "till", "name": "Till", "steps": [
        { "id": "begin", "kind": "schedule", "fields": { "cron": format!("{minute} * * * *"), "timezone": "UTC" } },
        { "id": "tell", "kind": "notify", "fields": { "title": "Count the till" } },
    ], "edges": [{ "from": "begin", "branch": "next", "to": "tell" }], "inputs": [], "outputs": [], "groups": [] });
    let drawn = json!({ "name": "Till", "definition": { "format": 2, "flows": [flow] } });
    owner.post(&format!("/bots/{bot}/flows"), drawn).await;
    owner.post(&format!("/bots/{bot}/publish"), json!({})).await;
}

/// The vendor's side has forgotten the tunnel meanwhile, and its program has not noticed.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn after_a_sleep_a_tunnel_that_leads_nowhere_is_started_anew_long_before_the_next_check() {
    let (folder, ngrok) = (tempfile::tempdir().unwrap(), StandIn::new("ngrok"));
    ngrok.plan(&json!({ "forward": true, "token_of_its_own": "none" }));
    // Every five minutes, as shipped.
    let program = Program::start(folder.path(), &[("address_check_ms", "300000")]);
    let owner = Owner::sign_in(&program.admin).await;
    let path = ngrok.program().display().to_string();
    owner.put("/public-address", json!({ "way": "ngrok", "program": path })).await;
    let is = async |what: &str, so: &dyn Fn(&Value) -> bool| {
        until(what, PATIENCE, || async { Some(owner.get("/public-address").await).filter(|address| so(address)) }).await
    };
    let first = is("the address is proven", &|address| address["state"] == "proven").await;

    ngrok.plan(&json!({ "forward": true, "token_of_its_own": "none", "leads_nowhere": true }));
    let signal = |name: &str| {
        let id = program.process_id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    };
    // Longer than a busy computer holds a program up.
    signal("STOP");
    tokio::time::sleep(Duration::from_secs(13)).await;
    signal("CONT");
    // Without haste the third failure in a row would say so, half a minute after the first.
    until("it is started anew", Duration::from_secs(20), || async {
        (owner.get("/public-address").await["tunnel"]["restarts"].as_u64() > Some(0)).then_some(())
    })
    .await;
    ngrok.plan(&json!({ "forward": true, "token_of_its_own": "none" }));
    is("another address is proven", &|address| address["state"] == "proven" && address["url"] != first["url"]).await;
}
