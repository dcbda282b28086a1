//! WhatsApp's stand-in, and a number of it connected to the program.

use channels::whatsapp::fake::{FakeGraph, Settings};
use serde_json::json;

use crate::Owner;

/// The stand-in's number.
pub const PHONE_NUMBER_ID: &str = "214440009998887";

/// Starts the stand-in for the Graph API.
pub async fn fake_graph(settings: Settings) -> FakeGraph {
    base::net::install_tls();
    FakeGraph::start(settings).await.expect("the stand-in starts")
}

/// Connects the stand-in's number to a bot, as the owner does: ids, secret, token. Gives the channel and its hook.
pub async fn connect_whatsapp(owner: &Owner, graph: &FakeGraph, bot: &str, public: &str) -> (String, String) {
    let channel = owner.post("/channels", json!({ "kind": "whatsapp", "bot_id": bot })).await;
    let id = channel["id"].as_str().expect("a channel has an id").to_owned();
    let settings = graph.settings();
    let connected = owner
        .patch(
            &format!("/channels/{id}"),
            json!({
                "app_id": settings.app_id,
                "waba_id": settings.waba_id,
                "phone_number_id": settings.phone_number_id,
                "app_secret": settings.app_secret.expose(),
                "token": settings.token.expose(),
            }),
        )
        .await;
    assert_eq!(connected["state"], "active", "{connected}");
    let hook = format!("{public}/hooks/whatsapp/{id}");
    graph.deliver_to(&hook);
    (id, hook)
}
