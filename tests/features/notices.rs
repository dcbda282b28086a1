//! What a flow tells the people of the business stands at home until one of them has read it.

use std::time::Duration;

use base::message::Content;
use channels::whatsapp::fake::{Customer, Settings};
use serde_json::json;
use tests_support::{Owner, Program, connect_whatsapp, fake_graph, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_flow_tells_the_team_is_at_home_until_somebody_has_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let graph = fake_graph(Settings::default()).await;
    let program = Program::start(folder.path(), &[("graph_url", &graph.base_url())]);
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.post("/bots", json!({ "name": "Counter" })).await["id"].as_str().unwrap().to_owned();
    let flow = json!({ "id": "main", "name": "Main", "steps": [
        { "id": "begin", "kind": "message_received", "fields": {}, "position": { "x": 0, "y": 0 } },
        { "id": "tell", "kind": "notify", "position": { "x": 300, "y": 0 },
          "fields": { "title": "A large order", "text": "{{ contact.name }}: {{ last.text }}", "urgent": true } },
    ], "edges": [{ "from": "begin", "branch": "next", "to": "tell" }] });
    let path = format!("/bots/{bot}/flows/main");
    let revision = owner.get(&path).await["revision"].clone();
    owner.put(&path, json!({ "revision": revision, "flow": flow })).await;
    owner.post(&format!("/bots/{bot}/publish"), json!({})).await;
    connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    assert_eq!(owner.get("/home").await["notices"], json!([]));

    let thandi = Customer::new("27825550142", "Thandi");
    graph.customer_message(&thandi, &Content::text("Forty geysers, please.")).unwrap();
    let told = until("the owner is told", Duration::from_secs(20), || async {
        owner.get("/home").await["notices"].as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!(
        (&told["title"], &told["text"], &told["urgent"], &told["decision"]),
        (&json!("A large order"), &json!("Thandi: Forty geysers, please."), &json!(true), &json!(null))
    );
    let conversation = told["conversation"].as_str().unwrap();
    assert_eq!(owner.get(&format!("/conversations/{conversation}")).await["contact"]["name"], "Thandi");

    let notice = format!("/notices/{}", told["id"].as_str().unwrap());
    for (read, unread) in [(true, 0), (false, 1), (true, 0)] {
        let now = owner.patch(&notice, json!({ "read": read })).await;
        assert_eq!(now["read_at"].is_null(), !read);
        let home = owner.get("/home").await;
        assert_eq!((home["notices"].as_array().unwrap().len(), &home["today"]["notices"]), (unread, &json!(unread)));
        assert_eq!(owner.get("/notices?unread=true").await["items"].as_array().unwrap().len(), unread);
        assert_eq!(owner.get("/notices").await["items"].as_array().unwrap().len(), 1, "it is kept");
    }
    let (status, _) = owner
        .try_call(
            reqwest::Method::PATCH,
            "/notices/019a0000-0000-7000-8000-000000000001",
            Some(json!({ "read": true })),
        )
        .await;
    assert_eq!(status, 404);
    graph.stop().await;
}
