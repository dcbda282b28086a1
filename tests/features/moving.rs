//! Everything moves to another computer, and the old one falls silent.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use base::message::Content;
use channels::whatsapp::fake::{Customer, FakeGraph, Settings};
use futures::StreamExt;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests_support::{Owner, Program, connect_whatsapp, fake_graph, program_file, until};

const PATIENCE: Duration = Duration::from_secs(60);
const WORDS: &str = "four plain words";

/// One command of the program, with a passphrase on its standard input.
fn command(verb: &str, file: &Path, data: &Path, crash_at: Option<usize>) -> Output {
    let mut command = Command::new(program_file());
    command.arg(verb).arg(file).arg("--data").arg(data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(n) = crash_at {
        command.env("BOTFLOW_CRASH_AT", n.to_string());
    }
    let mut child = command.spawn().unwrap();
    // A program that ends before it asks for it is no fault of the test's.
    let _ = writeln!(child.stdin.take().unwrap(), "{WORDS}");
    child.wait_with_output().unwrap()
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Makes the file as the owner does in the interface, and fetches it.
async fn export(owner: &Owner, admin: &str) -> Vec<u8> {
    owner.post("/move/export", json!({ "passphrase": WORDS })).await;
    let done = until("the file is made", PATIENCE, || async {
        let state = owner.get("/move/export").await;
        (state["phase"] != "working").then_some(state)
    })
    .await;
    assert_eq!(done["phase"], "done", "{done}");
    let http = reqwest::Client::new();
    let response =
        http.get(format!("{admin}/api/move/export/file")).header("cookie", owner.cookie()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let named = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(named.contains(done["file_name"].as_str().unwrap()), "{named}");
    let bytes = response.bytes().await.unwrap().to_vec();
    assert_eq!(Some(bytes.len() as u64), done["size_bytes"].as_u64());
    bytes
}

/// A file on its way to a program: what comes of it, and what lets it come whole.
struct Sending {
    status: tokio::sync::oneshot::Receiver<u16>,
    rest: tokio::sync::oneshot::Sender<()>,
}

/// Sends the first bytes of the file, and the others when it is told to.
fn send_slowly(admin: &str, file: &[u8]) -> Sending {
    let (rest, told) = tokio::sync::oneshot::channel();
    let (first, later) = (file[..40_000].to_vec(), file[40_000..].to_vec());
    let later = async move { told.await.map(|()| later).map_err(std::io::Error::other) };
    let pieces = futures::stream::iter([Ok(first)]).chain(futures::stream::once(later));
    let part = Part::stream(reqwest::Body::wrap_stream(pieces)).file_name("shop.move");
    let form = Form::new().text("passphrase", WORDS).part("file", part);
    let request = reqwest::Client::new().post(format!("{admin}/api/move/import")).multipart(form);
    let (tell, status) = tokio::sync::oneshot::channel();
    base::task::spawn("sending", async move {
        // Nobody is told when it was never sent to its end.
        if let Ok(response) = request.send().await {
            let _ = tell.send(response.status().as_u16());
        }
    });
    Sending { status, rest }
}

async fn until_import_is(admin: &str, phase: &str) {
    until(&format!("the import is {phase}"), PATIENCE, || async {
        let state: Value = reqwest::get(format!("{admin}/api/move/import")).await.ok()?.json().await.ok()?;
        (state["phase"] == phase).then_some(())
    })
    .await;
}

async fn set_up(admin: &str) -> (u16, String) {
    let body = json!({ "name": "Lebo", "email": "lebo@shop.example", "password": "correct horse battery" });
    let response = reqwest::Client::new().post(format!("{admin}/api/setup")).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn try_import(admin: &str, passphrase: &str, bytes: Vec<u8>) -> (u16, Value) {
    let form =
        Form::new().text("passphrase", passphrase.to_owned()).part("file", Part::bytes(bytes).file_name("shop.move"));
    let response =
        reqwest::Client::new().post(format!("{admin}/api/move/import")).multipart(form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

/// Takes the file over on a program that has no owner yet, and signs in as before.
async fn import(admin: &str, bytes: Vec<u8>) -> Owner {
    let (status, state) = try_import(admin, WORDS, bytes).await;
    assert_eq!(status, 202, "{state}");
    until_begun_anew(admin).await;
    Owner::sign_in(admin).await
}

async fn until_begun_anew(admin: &str) {
    until("the program has begun anew with what came", PATIENCE, || async {
        let response = reqwest::get(format!("{admin}/api/session")).await.ok()?;
        let session: Value = response.json().await.ok()?;
        (session["setup_needed"] == false).then_some(())
    })
    .await;
}

/// The owner sets the public address and lets Meta deliver to it.
async fn take_over(owner: &Owner, program: &Program, channel: &str) {
    let address = owner.put("/public-address", json!({ "way": "typed", "url": program.public })).await;
    assert_eq!(address["state"], "proven", "{address}");
    owner.post(&format!("/channels/{channel}/subscribe"), json!({})).await;
}

async fn channel(owner: &Owner, id: &str) -> Value {
    owner.get(&format!("/channels/{id}")).await
}

async fn says(graph: &FakeGraph, customer: &Customer, words: &str, answers: usize) {
    graph.customer_message(customer, &Content::text(words)).unwrap();
    until("the bot answers", PATIENCE, || async { (graph.sent_to(customer).len() == answers).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_moves_and_only_the_computer_that_took_the_number_over_answers() {
    let graph = fake_graph(Settings::default()).await;
    let url = graph.base_url();
    let (old_folder, new_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let old = Program::start(old_folder.path(), &[("graph_url", &url)]);
    let owner = Owner::sign_in(&old.admin).await;
    let bot = owner.post("/bots", json!({ "name": "Bot" })).await["id"].as_str().unwrap().to_owned();
    let (id, _) = connect_whatsapp(&owner, &graph, &bot, &old.public).await;
    take_over(&owner, &old, &id).await;
    let (thandi, lebo) = (Customer::new("27825550142", "Thandi"), Customer::new("27835550199", "Lebo"));
    says(&graph, &thandi, "Hello!", 1).await;

    let file = export(&owner, &old.admin).await;
    let new = Program::start(new_folder.path(), &[("graph_url", &url)]);
    let (status, refused) = try_import(&new.admin, "not these words", file.clone()).await;
    assert_eq!(status, 403, "{refused}");
    let (status, refused) = try_import(&new.admin, WORDS, b"a letter".to_vec()).await;
    assert_eq!(status, 422, "{refused}");
    let owner_there = import(&new.admin, file.clone()).await;
    let (status, refused) = try_import(&new.admin, WORDS, file).await;
    assert_eq!(status, 409, "an owner's program takes no file: {refused}");

    // Everything is there, and the number is silent: the old computer still answers.
    assert_eq!(owner_there.get("/bots").await["items"][0]["id"], json!(bot));
    assert_eq!(owner_there.get("/conversations").await["items"].as_array().unwrap().len(), 1);
    let there = channel(&owner_there, &id).await;
    assert_eq!((&there["state"], &there["answered_elsewhere"]), (&json!("trouble"), &json!(true)), "{there}");
    assert_eq!(there["whatsapp"]["has_token"], true, "the key of the secrets came along");
    assert_eq!(channel(&owner, &id).await["state"], "active");
    says(&graph, &lebo, "Are you open?", 1).await;
    assert_eq!(
        owner_there.get("/conversations").await["items"].as_array().unwrap().len(),
        1,
        "the new one heard nothing"
    );

    // The new one takes over; the old one sees it and says so.
    take_over(&owner_there, &new, &id).await;
    let there = channel(&owner_there, &id).await;
    assert_eq!((&there["state"], &there["answered_elsewhere"]), (&json!("active"), &json!(false)), "{there}");
    says(&graph, &thandi, "And tomorrow?", 2).await;
    owner.post(&format!("/channels/{id}/checks/run"), json!({})).await;
    let here = channel(&owner, &id).await;
    assert_eq!((&here["state"], &here["answered_elsewhere"]), (&json!("trouble"), &json!(true)), "{here}");
    assert!(here["trouble"]["message"].as_str().unwrap().contains("Another computer"), "{here}");

    // What is written on the old one stays there, and switching the number on does not help.
    let conversations = owner.get("/conversations").await["items"].clone();
    let first = conversations[0]["id"].as_str().unwrap();
    let reply = json!({ "text": "From the old one", "client_id": "by-hand-1" });
    let written = owner.try_call(reqwest::Method::POST, &format!("/conversations/{first}/messages"), Some(reply)).await;
    assert_eq!(written.0, 201, "{}", written.1);
    let switched = owner.patch(&format!("/channels/{id}"), json!({ "state": "active" })).await;
    assert_eq!(switched["state"], "trouble", "{switched}");
    says(&graph, &lebo, "Do you deliver?", 2).await;
    graph.settled().await;
    assert!(graph.sent().iter().all(|s| s.text != "From the old one"), "{:?}", graph.sent());
    assert_eq!(graph.sent_twice(), Vec::<String>::new());
    assert!(graph.tally().iter().all(|t| t.replies == 1), "{:?}", graph.tally());

    // Back again: what waited goes out once.
    take_over(&owner, &old, &id).await;
    until("what was written here leaves", PATIENCE, || async {
        (graph.sent().iter().filter(|s| s.text == "From the old one").count() == 1).then_some(())
    })
    .await;
    graph.settled().await;
    assert_eq!(graph.sent_twice(), Vec::<String>::new());
    graph.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_made_while_the_program_runs_and_taken_over_or_not_whenever_the_power_fails() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("old");
    let program = Program::start(&data, &[]);
    let owner = Owner::sign_in(&program.admin).await;
    owner.post("/bots", json!({ "name": "The one that moves" })).await;
    let file = folder.path().join("shop.move");
    let made = command("export", &file, &data, None);
    assert!(made.status.success(), "{}", told(&made));
    assert!(told(&made).contains("1 business"), "{}", told(&made));
    assert!(!command("export", &file, &data, None).status.success(), "a file is never overwritten");
    assert!(!command("import", &file, &data, None).status.success(), "nor data");
    drop(program);

    let mut crashes = 0;
    loop {
        let new = folder.path().join(format!("new-{crashes}"));
        let output = command("import", &file, &new, Some(crashes + 1));
        if output.status.success() {
            break;
        }
        crashes += 1;
        assert!(told(&output).contains("the power fails"), "{}", told(&output));
        // The next try either finds the folder as it was, or finishes what was decided and refuses.
        let again = command("import", &file, &new, None);
        assert!(again.status.success() || told(&again).contains("already"), "crash {crashes}: {}", told(&again));
        assert!(!new.join("moving").exists(), "crash {crashes} left something behind");
        let program = Program::start(&new, &[]);
        let owner = Owner::sign_in(&program.admin).await;
        let bots = owner.get("/bots").await;
        assert_eq!(bots["items"][0]["name"], "The one that moves", "crash {crashes}");
    }
    assert!(crashes >= 8, "the power failed only {crashes} times");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_the_owner_while_a_file_is_taken_over() {
    let (old_folder, new_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let old = Program::start(old_folder.path(), &[]);
    let owner = Owner::sign_in(&old.admin).await;
    owner.post("/bots", json!({ "name": "The one that moves" })).await;
    let file = export(&owner, &old.admin).await;

    let new = Program::start(new_folder.path(), &[]);
    let sending = send_slowly(&new.admin, &file);
    until_import_is(&new.admin, "working").await;
    let (status, refused) = set_up(&new.admin).await;
    assert!(status == 409 && refused.contains("another computer"), "{status} {refused}");
    sending.rest.send(()).unwrap();
    assert_eq!(sending.status.await.unwrap(), 202);
    until_import_is(&new.admin, "done").await;
    let (status, refused) = set_up(&new.admin).await;
    assert!(status == 409 && refused.contains("another computer"), "it is decided: {status} {refused}");
    until_begun_anew(&new.admin).await;
    let owner = Owner::sign_in(&new.admin).await;
    assert_eq!(owner.get("/bots").await["items"][0]["name"], "The one that moves");

    // Who stopped it can set the program up, although nothing more came.
    let third_folder = tempfile::tempdir().unwrap();
    let third = Program::start(third_folder.path(), &[]);
    let sending = send_slowly(&third.admin, &file);
    until_import_is(&third.admin, "working").await;
    let http = reqwest::Client::new();
    assert_eq!(http.delete(format!("{}/api/move/import", third.admin)).send().await.unwrap().status(), 204);
    until_import_is(&third.admin, "cancelled").await;
    let (status, told) = set_up(&third.admin).await;
    assert_eq!(status, 201, "{told}");
    drop(sending.rest);
    let (status, refused) = try_import(&third.admin, WORDS, file).await;
    assert_eq!(status, 409, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_that_came_holds_at_once_without_what_is_of_the_old_computer() {
    let (old_folder, new_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let graph = fake_graph(Settings::default()).await;
    let words = format!(
        "address = \"203.0.113.7\"\npublic_address = \"203.0.113.7\"\ngraph_url = \"{}\"\n\
         update_address = \"https://updates.shop.example/\"\nupdate_key = \"some key\"\n",
        graph.base_url()
    );
    std::fs::write(old_folder.path().join("botflow.toml"), words).unwrap();
    let here = [("address", "127.0.0.1"), ("public_address", "127.0.0.1")];
    let old = Program::start(old_folder.path(), &here);
    let owner = Owner::sign_in(&old.admin).await;
    assert_eq!(owner.get("/updates").await["enabled"], true);
    let file = export(&owner, &old.admin).await;

    let mut new = Program::start(new_folder.path(), &[]);
    let owner = import(&new.admin, file).await;
    let bot = owner.post("/bots", json!({ "name": "Shop" })).await["id"].as_str().unwrap().to_owned();
    // Only who asks this computer's Graph finds the number.
    connect_whatsapp(&owner, &graph, &bot, &new.public).await;
    assert_eq!(owner.get("/updates").await["enabled"], false, "nobody who made the file may send programs");
    new.kill();
    new.restart();
    let owner = Owner::sign_in(&new.admin).await;
    assert_eq!(owner.get("/channels").await["items"].as_array().unwrap().len(), 1);
    assert_eq!(owner.get("/updates").await["enabled"], false);
    graph.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computer_without_room_takes_no_file() {
    let (old_folder, new_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let old = Program::start(old_folder.path(), &[]);
    let owner = Owner::sign_in(&old.admin).await;
    let file = export(&owner, &old.admin).await;
    let new = Program::start(new_folder.path(), &[("min_free_mb", "1000000000")]);
    let (status, refused) = try_import(&new.admin, WORDS, file).await;
    assert_eq!(status, 507, "{refused}");
    let said = refused["message"].as_str().unwrap_or_default();
    assert!(said.contains(" MB") && said.contains("Free some space"), "{refused}");
    assert!(!new_folder.path().join("moving").exists());
}
