//! What an owner sets up for flows that reach outside: secrets, a mail server; and the bookings that come of it.

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
async fn a_secret_is_kept_under_its_name_and_never_told_again() {
    let (_folder, _program, owner) = start().await;
    assert_eq!(owner.get("/secrets").await, json!({ "items": [] }));
    for name in ["shop_key", "a"] {
        owner.put(&format!("/secrets/{name}"), json!({ "value": "hunter2hunter2" })).await;
    }
    let listed = owner.get("/secrets").await;
    assert_eq!(listed, json!({ "items": [{ "name": "a" }, { "name": "shop_key" }] }));
    for (name, body, status) in [
        ("a.b", json!({ "value": "x" }), 422),
        ("a%20b", json!({ "value": "x" }), 422),
        ("fine", json!({ "value": "" }), 422),
        ("fine", json!({ "value": "x".repeat(4097) }), 422),
        ("fine", json!({}), 422),
    ] {
        let (got, error) = owner.try_call(Method::PUT, &format!("/secrets/{name}"), Some(body)).await;
        assert_eq!(got, status, "{name}: {error}");
    }
    owner.delete("/secrets/a").await;
    let (status, _) = owner.try_call(Method::DELETE, "/secrets/a", None).await;
    assert_eq!(status, 404);
    assert_eq!(owner.get("/secrets").await, json!({ "items": [{ "name": "shop_key" }] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_is_set_up_and_tried_and_its_password_goes_nowhere_else() {
    let (_folder, _program, owner) = start().await;
    let none = json!({ "host": "", "port": 0, "security": "tls", "user": "", "from": "", "has_password": false });
    assert_eq!(owner.get("/settings/email").await, none);
    let tried = owner.post("/settings/email/test", json!({})).await;
    assert_eq!(tried["ok"], false);
    let set_up = json!({ "host": "127.0.0.1", "port": 9, "security": "none", "user": "shop",
        "from": "Shop <shop@shop.example>", "password": "open sesame" });
    let kept = owner.put("/settings/email", set_up.clone()).await;
    assert_eq!((&kept["has_password"], &kept["from"]), (&json!(true), &json!("Shop <shop@shop.example>")));
    assert!(!kept.to_string().contains("sesame"));
    let tried = owner.post("/settings/email/test", json!({ "to": "ana@example.com" })).await;
    assert_eq!(tried["ok"], false);
    assert!(tried["message"].as_str().unwrap().contains("could not be reached"), "{tried}");
    let change = |field: &str, value: Value| {
        let mut change = set_up.clone();
        change.as_object_mut().unwrap().remove("password");
        change[field] = value;
        change
    };
    let kept = owner.put("/settings/email", change("user", json!("other"))).await;
    assert_eq!(kept["has_password"], true, "a password that is left out stays");
    let kept = owner.put("/settings/email", change("host", json!("mail.example.com"))).await;
    assert_eq!(kept["has_password"], false, "another server does not get to know it");
    for (field, value) in [
        ("port", json!(0)),
        ("port", json!(70_000)),
        ("from", json!("nobody")),
        ("host", json!("a b")),
        ("security", json!("odd")),
        ("user", json!("x".repeat(300))),
    ] {
        let (status, error) = owner.try_call(Method::PUT, "/settings/email", Some(change(field, value))).await;
        assert_eq!(status, 422, "{field}: {error}");
        assert!(error.to_string().contains(field), "{field}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bookings_are_listed_and_one_that_is_not_there_is_said_so() {
    let (_folder, _program, owner) = start().await;
    assert_eq!(owner.get("/bookings").await, json!({ "items": [], "next": null }));
    let nobody = "0199f0f0-0000-7000-8000-000000000000";
    for (method, path) in
        [(Method::GET, format!("/bookings/{nobody}/ics")), (Method::DELETE, format!("/bookings/{nobody}"))]
    {
        let (status, error) = owner.try_call(method, &path, None).await;
        assert_eq!((status, &error["code"]), (404, &json!("not_found")), "{path}");
    }
    let (status, _) = owner.try_call(Method::GET, "/bookings?cursor=%21%21", None).await;
    assert_eq!(status, 422);
}
