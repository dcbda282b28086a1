//! WhatsApp beyond words: files by hand, read receipts, and what the owner can set.

use std::time::Duration;

use base::message::Content;
use channels::whatsapp::fake::{Customer, Settings};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests_support::{Owner, Program, connect_whatsapp, fake_graph, until};

const PATIENCE: Duration = Duration::from_secs(60);
const PNG: &[u8] = b"\x89PNG\r\n\x1a\npicture of a geyser";

fn form(client_id: &str, file: Option<(&str, Vec<u8>, &str)>, more: &[(&'static str, &'static str)]) -> Form {
    let mut form = Form::new().text("client_id", client_id.to_owned());
    for (name, value) in more {
        form = form.text(*name, *value);
    }
    match file {
        Some((name, bytes, mime)) => {
            form.part("file", Part::bytes(bytes).file_name(name.to_owned()).mime_str(mime).unwrap())
        }
        None => form,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_sends_a_picture_by_hand_and_reads_what_whatsapp_does_not_take() {
    let graph = fake_graph(Settings::default()).await;
    let url = graph.base_url();
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[("graph_url", &url)]);
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.post("/bots", json!({ "name": "Bot" })).await["id"].as_str().unwrap().to_owned();
    connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    let thandi = Customer::new("27825550142", "Thandi");
    let wamid = graph.customer_message(&thandi, &Content::text("Hello!")).unwrap();
    until("the bot's reply", PATIENCE, || async { (graph.sent_to(&thandi).len() == 1).then_some(()) }).await;
    until("the read receipt", PATIENCE, || async { (graph.read() == [wamid.clone()]).then_some(()) }).await;

    let conversation = owner.get("/conversations").await["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/conversations/{conversation}/files");
    let picture = || Some(("../geyser.png", PNG.to_vec(), "image/png"));
    let caption = [("caption", " Your new geyser ")];
    let (status, sent) = owner.try_form(&path, form("picture-1", picture(), &caption)).await;
    assert_eq!((status, sent["content"]["kind"].as_str()), (201, Some("image")), "{sent}");
    let (status, again) = owner.try_form(&path, form("picture-1", picture(), &caption)).await;
    assert_eq!((status, &again["id"]), (201, &sent["id"]), "sent once, however often the browser asks");
    until("the picture", PATIENCE, || async { (graph.sent_to(&thandi).len() == 2).then_some(()) }).await;
    let got = graph.sent_to(&thandi).pop().unwrap();
    assert_eq!((got.kind.as_str(), got.text.as_str()), ("image", "Your new geyser"));
    let held = graph.media(got.body["image"]["id"].as_str().unwrap()).unwrap();
    assert_eq!(held, (PNG.to_vec(), "image/png".to_owned()));
    assert_eq!(owner.get(&format!("/conversations/{conversation}")).await["mode"], "person");
    let stored = sent["content"]["media"]["stored"].as_str().unwrap();
    let (status, _) = owner.try_call(Method::GET, &format!("/media/{stored}"), None).await;
    assert_eq!(status, 200, "the owner sees what was sent");

    let mut large = PNG.to_vec();
    large.resize(5 * 1024 * 1024 + 1, b'x');
    for (client_id, file, more, status, word) in [
        ("wrong-01", Some(("a.png", large.clone(), "image/png")), &[][..], 422, "5 MB"),
        ("wrong-02", Some(("a.exe", b"MZ\x90\0".to_vec(), "image/png")), &[], 415, "Programs"),
        ("wrong-03", Some(("a.png", Vec::new(), "image/png")), &[], 422, "empty"),
        ("wrong-04", Some(("a.mp3", b"ID3\x04".to_vec(), "audio/mpeg")), &[("caption", "x")], 422, "sound"),
        ("wrong-05", None, &[], 422, "choose one"),
        ("wrong-06", Some(("a.png", large.clone(), "image/png")), &[("as_document", "true")], 422, "5 MB"),
        ("short", picture(), &[], 422, "client_id"),
    ] {
        let (got, told) = owner.try_form(&path, form(client_id, file, more)).await;
        assert_eq!(got, status, "{client_id}: {told}");
        assert!(told.to_string().contains(word), "{client_id} should name “{word}”: {told}");
    }
    let document = [("as_document", "true")];
    let plan = Some(("plan.png", PNG.to_vec(), "image/png"));
    let (status, sent) = owner.try_form(&path, form("plan-0001", plan, &document)).await;
    assert_eq!((status, sent["content"]["kind"].as_str()), (201, Some("document")), "{sent}");
    until("the document", PATIENCE, || async { (graph.sent_to(&thandi).len() == 3).then_some(()) }).await;
    let got = graph.sent_to(&thandi).pop().unwrap();
    assert_eq!(got.body["document"]["filename"], "plan.png");
    graph.settled().await;
    assert_eq!((graph.sent_twice(), graph.read_twice()), (vec![], vec![]));
    graph.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_sets_how_long_files_are_kept_and_which_template_goes_out_late() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    assert_eq!(owner.get("/settings/media").await["keep_days"], 180);
    assert_eq!(owner.put("/settings/media", json!({ "keep_days": 30 })).await["keep_days"], 30);
    assert_eq!(owner.get("/settings/media").await["keep_days"], 30);
    let (status, _) = owner.try_call(Method::PUT, "/settings/media", Some(json!({ "keep_days": 0 }))).await;
    assert_eq!(status, 422);

    let bot = owner.post("/bots", json!({ "name": "Bot" })).await["id"].as_str().unwrap().to_owned();
    let id =
        owner.post("/channels", json!({ "kind": "whatsapp", "bot_id": bot })).await["id"].as_str().unwrap().to_owned();
    let path = format!("/channels/{id}");
    for (template, status) in [
        (json!({ "name": "Wrong Name", "language": "en" }), 422),
        (json!({ "name": "late_reply" }), 422),
        (json!({ "name": "late_reply", "language": "english" }), 422),
        (json!({ "name": "late_reply", "language": "pt_BR", "with_text": true }), 200),
    ] {
        let change = json!({ "fallback_template": template });
        let (got, told) = owner.try_call(Method::PATCH, &path, Some(change)).await;
        assert_eq!(got, status, "{template}: {told}");
    }
    let set = json!({ "name": "late_reply", "language": "pt_BR", "with_text": true, "problem": null });
    assert_eq!(owner.get(&path).await["whatsapp"]["fallback_template"], set);
    owner.patch(&path, json!({ "name": "Number" })).await;
    assert_eq!(owner.get(&path).await["whatsapp"]["fallback_template"], set, "other changes leave it");
    owner.patch(&path, json!({ "fallback_template": { "name": "" } })).await;
    assert_eq!(owner.get(&path).await["whatsapp"]["fallback_template"], Value::Null);
}
