//! What the desktop needs of the server in its own process: a way in for its window, the switch, and how things stand.

use std::time::Duration;

use app::{Config, Server};
use serde_json::json;
use tests_support::Owner;

const PATIENCE: Duration = Duration::from_secs(20);

async fn start(folder: &tempfile::TempDir) -> (Server, String) {
    let data = folder.path().to_owned();
    let server = Server::start(Config { data, port: 0, public_port: 0, min_free_mb: 1, ..Config::default() }).await;
    let server = server.unwrap();
    let admin = format!("http://{}", server.admin_address);
    (server, admin)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_the_owners_interface_and_is_unknown_to_the_world() {
    let folder = tempfile::tempdir().unwrap();
    let (server, admin) = start(&folder).await;
    assert!(server.desk().ticket().await.unwrap().is_none(), "there is nobody to sign in yet");
    Owner::sign_in(&admin).await;
    let ticket = server.desk().ticket().await.unwrap().unwrap();
    let http = reqwest::Client::new();
    let body = json!({ "ticket": ticket.expose() });
    let outside = format!("http://{}/api/session/ticket", server.public_address);
    assert_eq!(http.post(outside).json(&body).send().await.unwrap().status(), 404);
    let inside = http.post(format!("{admin}/api/session/ticket")).json(&body).send().await.unwrap();
    assert_eq!(inside.status(), 200);
    assert!(inside.headers()["set-cookie"].to_str().unwrap().contains("HttpOnly"));
    let again = http.post(format!("{admin}/api/session/ticket")).json(&body).send().await.unwrap();
    assert_eq!(again.status(), 401);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tray_hears_of_a_bot_that_falls_silent_without_asking_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let (server, admin) = start(&folder).await;
    let mut outlook = server.desk().outlook();
    let owner = Owner::sign_in(&admin).await;
    owner.post("/bots", json!({ "name": "Counter" })).await;
    let wait = |answering: bool| move |seen: &app::Outlook| seen.bots && seen.answering == answering;
    tokio::time::timeout(PATIENCE, outlook.wait_for(wait(true))).await.unwrap().unwrap();
    server.desk().set_answering(false).await.unwrap();
    tokio::time::timeout(PATIENCE, outlook.wait_for(wait(false))).await.unwrap().unwrap();
    assert_eq!(owner.get("/bots").await["items"][0]["paused"], true);
    outlook.mark_unchanged();
    server.shutdown().await;
    assert!(tokio::time::timeout(PATIENCE, outlook.changed()).await.unwrap().is_err(), "it ends with the server");
}
