//! The laptop is carried off: its network is gone for a while and comes back under another address. What customers wrote
//! meanwhile is answered once, what waited leaves once, and what may have left is not sent again.

use std::time::Duration;

use base::message::Content;
use channels::whatsapp::fake::{Customer, FakeGraph, Fault, Settings};
use serde_json::{Value, json};
use tests_support::network::{self, Edge, Network};
use tests_support::{Owner, Program, StandIn, connect_whatsapp, fake_graph, until};

const PATIENCE: Duration = Duration::from_secs(60);

/// A shop on a computer of its own, in front of the world.
struct Shop {
    network: Network,
    edge: Edge,
    owner: Owner,
    graph: FakeGraph,
    channel: String,
    _ngrok: StandIn,
    _program: Program,
    _folder: tempfile::TempDir,
}

impl Shop {
    /// Meta tries again after these waits; `doubt` is how long it has to tell what became of a message.
    async fn open(retries: Vec<Duration>, doubt: Duration) -> Shop {
        let network = Network::lay(2);
        let graph = fake_graph(Settings { retries, ..Settings::default() }).await;
        let port = reqwest::Url::parse(&graph.base_url()).unwrap().port().unwrap();
        network::show(port).await;
        let folder = tempfile::tempdir().unwrap();
        let [address, graph_url] = network.settings(port);
        let doubt = ("doubt_ms", doubt.as_millis().to_string());
        let settings: Vec<_> = [&address, &graph_url, &doubt].map(|(name, value)| (*name, value.as_str())).to_vec();
        let program = Program::start_by(network.prefix(), folder.path(), &settings);
        let owner = Owner::sign_in(&program.admin).await;
        let bot = owner.load_sample().await;
        let (channel, _) = connect_whatsapp(&owner, &graph, &bot, &program.public).await;
        let edge = Edge::open().await;
        let ngrok = StandIn::new("ngrok");
        ngrok.plan(&json!({ "edge": edge.address.to_string(), "token_of_its_own": "none" }));
        let file = ngrok.program().display().to_string();
        owner.put("/public-address", json!({ "way": "ngrok", "program": file })).await;
        let shop = Shop { network, edge, owner, graph, channel, _ngrok: ngrok, _program: program, _folder: folder };
        shop.address("proven").await;
        shop.owner.post(&format!("/channels/{}/subscribe", shop.channel), json!({})).await;
        shop
    }

    /// The public address, once it stands so.
    async fn address(&self, state: &str) -> Value {
        until(&format!("the address is {state}"), PATIENCE, || async {
            let address = self.owner.get("/public-address").await;
            (address["state"] == state).then_some(address)
        })
        .await
    }

    fn asks(&self, customer: &Customer) {
        self.graph.customer_message(customer, &Content::text("When are you open on Saturday?")).unwrap();
    }

    /// Waits until a customer got so many messages.
    async fn has_sent(&self, customer: &Customer, count: usize) {
        until(&format!("{} got {count} messages", customer.name), PATIENCE, || async {
            (self.graph.sent_to(customer).len() == count).then_some(())
        })
        .await;
    }

    /// The owner answers the only customer by hand.
    async fn writes(&self, text: &str) {
        let conversation = self.owner.get("/conversations").await["items"][0]["id"].as_str().unwrap().to_owned();
        let reply = json!({ "text": text, "client_id": "by-hand-0001" });
        self.owner.post(&format!("/conversations/{conversation}/messages"), reply).await;
    }

    /// The message that the owner wrote by hand, once it is as wanted.
    async fn by_hand(&self, what: &str, wanted: impl Fn(&Value) -> bool) {
        until(what, PATIENCE, || async {
            let all = self.owner.get("/conversations?limit=50").await["items"].as_array().unwrap().clone();
            for conversation in all {
                let id = conversation["id"].as_str().unwrap();
                let messages = self.owner.get(&format!("/conversations/{id}/messages")).await["items"].clone();
                let mut messages = messages.as_array().unwrap().iter();
                if messages.any(|m| m["author"]["kind"] == "person" && wanted(m)) {
                    return Some(());
                }
            }
            None
        })
        .await;
    }

    /// The network is another one, and the world knows.
    async fn is_back(&self, before: &Value) {
        let hook = until("WhatsApp knows the new address", PATIENCE, || async {
            let address = self.owner.get("/public-address").await;
            let hook = format!("{}/hooks/whatsapp/{}", address["url"].as_str()?, self.channel);
            let moved = address["state"] == "proven" && address["url"] != before["url"];
            (moved && self.graph.callback().as_ref() == Some(&hook)).then_some(hook)
        })
        .await;
        assert!(!hook.starts_with(before["url"].as_str().unwrap()));
    }

    /// Everything that Meta wanted to deliver is delivered, and nobody got anything twice.
    async fn is_settled(&self) {
        let settled = tokio::time::timeout(PATIENCE, self.graph.settled()).await;
        assert!(settled.is_ok(), "Meta still has something to deliver");
        assert!(self.graph.deliveries().iter().all(|d| d.done), "Meta gave up");
        assert_eq!(self.graph.sent_twice(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_sent_while_the_network_was_gone_arrives_once_when_it_is_back_under_another_address() {
    if !network::is_apart(
        "features::network::a_message_sent_while_the_network_was_gone_arrives_once_when_it_is_back_under_another_address",
    ) {
        return;
    }
    let growing = [200, 500, 1_000, 2_000].map(Duration::from_millis).into_iter();
    let retries = growing.chain(std::iter::repeat_n(Duration::from_secs(4), 60)).collect();
    let shop = Shop::open(retries, Duration::from_secs(5)).await;
    let (thandi, lebo) = (Customer::new("27825550101", "Thandi"), Customer::new("27825550102", "Lebo"));
    shop.asks(&thandi);
    shop.has_sent(&thandi, 1).await;
    let before = shop.address("proven").await;

    shop.network.unplug();
    shop.asks(&lebo);
    until("Meta tried in vain", PATIENCE, || async { (shop.edge.refused() >= 2).then_some(()) }).await;
    // Between two checks that are five minutes apart: the program saw for itself that the network is gone.
    shop.address("failed").await;
    shop.writes("Sipho here, come at nine.").await;
    shop.by_hand("it is kept for later", |m| m["status"] == "queued" && !m["error"].is_null()).await;
    assert!(shop.graph.sent_to(&lebo).is_empty());

    shop.network.plug(77);
    shop.is_back(&before).await;
    shop.has_sent(&lebo, 1).await;
    shop.has_sent(&thandi, 2).await;
    shop.by_hand("the owner sees that it was read", |m| m["status"] == "read").await;
    shop.is_settled().await;
    assert_eq!((shop.graph.sent_to(&thandi).len(), shop.graph.sent_to(&lebo).len()), (2, 1));
    shop.graph.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_on_its_way_when_the_network_went_is_not_sent_a_second_time() {
    if !network::is_apart(
        "features::network::an_answer_that_was_on_its_way_when_the_network_went_is_not_sent_a_second_time",
    ) {
        return;
    }
    // WhatsApp's word comes some seconds after the network, and much later than it is waited for in good times.
    let shop = Shop::open(vec![Duration::from_secs(3); 60], Duration::from_secs(1)).await;
    let thandi = Customer::new("27825550101", "Thandi");
    shop.asks(&thandi);
    shop.has_sent(&thandi, 1).await;
    let settled = tokio::time::timeout(PATIENCE, shop.graph.settled()).await;
    assert!(settled.is_ok());
    let before = shop.address("proven").await;

    // WhatsApp has it, and neither its answer nor its word comes through.
    shop.edge.close(true);
    shop.graph.inject([Fault::Delay(Duration::from_secs(2))]);
    shop.writes("Sipho here, come at nine.").await;
    shop.has_sent(&thandi, 2).await;
    shop.network.unplug();
    shop.by_hand("it is in doubt", |m| m["status"] == "in_doubt").await;

    shop.edge.close(false);
    shop.network.plug(77);
    shop.is_back(&before).await;
    shop.by_hand("WhatsApp's word settles it", |m| m["status"] == "read").await;
    shop.is_settled().await;
    assert_eq!(shop.graph.sent_to(&thandi).len(), 2, "the answer, and the owner's words once");
    shop.graph.stop().await;
}
