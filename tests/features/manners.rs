//! What strangers and mistakes meet: a clear "no", nothing lost, nothing told.

use reqwest::Method;
use serde_json::{Value, json};
use tests_support::{Owner, Program};

async fn start() -> (tempfile::TempDir, Program, Owner) {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    (folder, program, owner)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_owners_is_reachable_through_the_public_port() {
    let (_folder, program, _owner) = start().await;
    let contract: Value =
        reqwest::get(format!("{}/api/openapi.json", program.admin)).await.unwrap().json().await.unwrap();
    let paths = contract["paths"].as_object().unwrap();
    assert!(paths.len() > 40, "the contract holds every route");
    let extra = ["/", "/metrics", "/health", "/ready", "/live", "/api/openapi.json", "/api/docs", "/index.html"];
    for path in paths.keys().map(String::as_str).chain(extra) {
        let path = path.replace("{id}", "0199f0f0-0000-7000-8000-000000000000").replace("{sha256}", &"0".repeat(64));
        let response = reqwest::get(format!("{}{path}", program.public)).await.unwrap();
        assert_eq!(response.status(), 404, "{path} is reachable from outside");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_who_is_there() {
    let (_folder, program, _owner) = start().await;
    let contract: Value =
        reqwest::get(format!("{}/api/openapi.json", program.admin)).await.unwrap().json().await.unwrap();
    let http = reqwest::Client::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            // The few that are for everybody say so themselves; a test of the contract knows them by name.
            if item[method].get("security").is_some() {
                continue;
            }
            let url = format!("{}{}", program.admin, path.replace("{id}", "0199f0f0-0000-7000-8000-000000000000"));
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let response = http.request(method.clone(), url).json(&json!({})).send().await.unwrap();
            assert_eq!(response.status(), 401, "{method} {path} answers a stranger");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_named_in_words() {
    let (_folder, _program, owner) = start().await;
    for (method, path, body, status, word) in [
        (Method::POST, "/bots", json!({ "name": "" }), 422, "name"),
        (Method::POST, "/bots", json!({ "name": 7 }), 422, "name"),
        (Method::POST, "/bots", json!({}), 422, "name"),
        (Method::POST, "/bots", json!(["Bot", ""]), 422, "object"),
        (Method::GET, "/bots/not-an-id", Value::Null, 400, "id"),
        (Method::GET, "/bots/0199f0f0-0000-7000-8000-000000000000", Value::Null, 404, "no longer"),
        (Method::GET, "/conversations?filter=odd", Value::Null, 400, "odd"),
        (Method::POST, "/conversations/0199f0f0-0000-7000-8000-000000000000/read", Value::Null, 404, "no longer"),
        (Method::POST, "/sources/files", json!({}), 415, "form-data"),
        (Method::PATCH, "/business", json!({ "name": "x".repeat(101) }), 422, "name"),
        (Method::GET, "/conversations?cursor=%21%21", Value::Null, 422, "again"),
        (Method::PATCH, "/business", json!({ "timezone": "Mars/Base" }), 422, "time zone"),
        (Method::POST, "/sources/web", json!({ "url": "file:///etc/passwd" }), 422, "http"),
        (
            Method::PUT,
            "/public-address",
            json!({ "way": "typed", "url": "https://shop.example/path" }),
            422,
            "host name",
        ),
        (Method::POST, "/ask", json!({ "question": "   " }), 422, "empty"),
        (Method::POST, "/nowhere", json!({}), 404, "nothing"),
    ] {
        let body = (!body.is_null()).then_some(body);
        let (got, error) = owner.try_call(method.clone(), path, body).await;
        assert_eq!(got, status, "{method} {path}: {error}");
        let message = error.to_string();
        assert!(message.to_lowercase().contains(word), "{method} {path} should name “{word}”: {message}");
        assert!(error["code"].is_string() && error["request_id"].is_string(), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_a_file_leaves_no_nameless_source_behind() {
    let (_folder, _program, owner) = start().await;
    let form = reqwest::multipart::Form::new().text("note", "this is no file");
    let (status, error) = owner.try_form("/sources/files", form).await;
    assert_eq!(status, 422, "{error}");
    assert_eq!(owner.get("/sources").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_hear_in_words_too_what_is_wrong() {
    let (_folder, program, owner) = start().await;
    let bot = owner.post("/bots", json!({ "name": "Bot" })).await["id"].clone();
    let number = owner.post("/channels", json!({ "kind": "whatsapp", "bot_id": bot })).await["id"].clone();
    let chat = owner.post("/channels", json!({ "kind": "webchat", "bot_id": bot })).await["id"].clone();
    let (number, chat) = (number.as_str().unwrap(), chat.as_str().unwrap());
    let http = reqwest::Client::new();
    for (method, path, body, status) in [
        (Method::GET, "/chat/not-an-id".to_owned(), "", 400),
        (Method::GET, format!("/chat/{chat}/messages?after=x"), "", 400),
        (Method::GET, format!("/chat/{chat}/messages"), "", 401),
        (Method::POST, format!("/chat/{chat}/sessions"), "{", 400),
        (Method::GET, format!("/hooks/whatsapp/{number}"), "", 400),
        (
            Method::GET,
            format!("/hooks/whatsapp/{number}?hub.mode=subscribe&hub.verify_token=x&hub.challenge=1"),
            "",
            403,
        ),
        (Method::POST, format!("/hooks/whatsapp/{number}"), "{}", 401),
        (Method::GET, "/proof/unknown".to_owned(), "", 404),
    ] {
        let response =
            http.request(method.clone(), format!("{}{path}", program.public)).body(body).send().await.unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        let error: Value = response.json().await.unwrap();
        assert!(error["code"].is_string() && error["message"].is_string(), "{method} {path}: {error}");
    }
    // What is missing before WhatsApp can be joined is the owner's to mend, not a fault of the program.
    let (status, error) = owner.try_call(Method::POST, &format!("/channels/{number}/subscribe"), None).await;
    assert_eq!(status, 409, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_address_is_kept_as_machines_write_it() {
    let (_folder, _program, owner) = start().await;
    for (typed, kept) in [
        ("http://LOCALHOST:9/", "http://localhost:9"),
        ("http://somebody:secret@127.0.0.1:9", "http://127.0.0.1:9"),
        ("http://Ü.localhost:9", "http://xn--tda.localhost:9"),
    ] {
        let told = owner.put("/public-address", json!({ "way": "typed", "url": typed })).await;
        assert_eq!(told["url"], kept, "{typed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_go_in_and_never_come_out() {
    let (_folder, _program, owner) = start().await;
    let bot = owner.post("/bots", json!({ "name": "Bot" })).await["id"].as_str().unwrap().to_owned();
    let id =
        owner.post("/channels", json!({ "kind": "whatsapp", "bot_id": bot })).await["id"].as_str().unwrap().to_owned();
    let change = json!({ "app_secret": "SECRET-1", "token": "SECRET-2", "phone_number_id": "1" });
    let told = owner.patch(&format!("/channels/{id}"), change).await;
    assert_eq!(told["whatsapp"]["has_token"], true);
    let provider = json!({ "providers": [{ "kind": "openai", "name": "Cloud", "model": "m", "key": "SECRET-3" }] });
    let mut all = owner.put("/settings/answers", provider).await.to_string();
    for path in ["/channels", "/settings/answers", "/status", "/home"] {
        all += &owner.get(path).await.to_string();
    }
    all += &owner.get(&format!("/channels/{id}")).await.to_string();
    assert!(!all.contains("SECRET"), "{all}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ending_the_program_lets_requests_end_and_frees_the_folder() {
    use std::time::Duration;

    use tests_support::until;

    let (folder, program, owner) = start().await;
    owner.post("/bots", json!({ "name": "Kept" })).await;
    assert!(program.end(Duration::from_secs(15)), "it ends by itself and well");
    let again = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&again.admin).await;
    let bots = until("the data is there", Duration::from_secs(5), || async { Some(owner.get("/bots").await) }).await;
    assert_eq!(bots["items"][0]["name"], "Kept");
}
