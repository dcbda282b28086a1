//! A whole business in this process, in front of the stand-in for the Graph API, by a clock that is moved by hand.

mod cleaning;
mod cut_off;
mod desk;
mod files;
mod holder;
mod journal;
mod lease;
mod network;
mod receipts;
mod refusals;
mod rest;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base::id::{BotId, ChannelId, ConversationId, WorkspaceId};
use base::message::Content;
use base::net::Reach;
use base::{Clock, Secret, Vault};
use channels::whatsapp::fake::{Customer, FakeGraph, Settings};
use serde_json::{Value, json};

use crate::channels::{ChannelKind, ChannelRow, ChannelState, WhatsAppConfig, secret_name};
use crate::contacts::{Alias, AliasKind};
use crate::conversations::{self, MessageRow};
use crate::{Machine, Models, SampleBusiness, Timing, Workspace, Workspaces};

const PATIENCE: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
const REPLY: &str = "We open at 8:15.";

pub(crate) struct Shop {
    pub(crate) ws: Arc<Workspace>,
    workspaces: Workspaces,
    pub(crate) graph: FakeGraph,
    pub(crate) clock: Clock,
    bot: BotId,
    pub(crate) channel: ChannelId,
    /// The public listener.
    public: String,
    _folder: tempfile::TempDir,
}

/// A flow that says one thing, after the steps `before`.
fn flow(before: &[Value]) -> Value {
    let mut steps = vec![json!({ "id": "start", "kind": "start" })];
    steps.extend(before.iter().cloned());
    steps.push(json!({ "id": "say", "kind": "message", "content": { "kind": "text", "text": REPLY } }));
    steps.push(json!({ "id": "end", "kind": "end" }));
    let ids: Vec<&str> = steps.iter().filter_map(|s| s["id"].as_str()).collect();
    let edges: Vec<Value> = ids
        .windows(2)
        .flat_map(|pair| ["next", "failed"].map(|way| json!({ "from": pair[0], "branch": way, "to": pair[1] })))
        .collect();
    json!({ "format": 1, "name": "Test", "steps": steps, "edges": edges })
}

fn thandi() -> Customer {
    Customer::new("27825550142", "Thandi")
}

fn lebo() -> Customer {
    Customer::new("27835550199", "Lebo")
}

pub(crate) async fn until<T, Fut: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> Fut) -> T {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < end, "did not happen: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl Shop {
    pub(crate) async fn open(settings: Settings) -> Shop {
        base::net::install_tls();
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Clock::System.now());
        let graph = FakeGraph::start(Settings { clock: clock.clone(), ..settings }).await.unwrap();
        let workspaces = Workspaces::new(Machine {
            data: folder.path().to_owned(),
            clock: clock.clone(),
            vault: Vault::open(&folder.path().join("secret.key")).unwrap(),
            models: Models::new(folder.path().join("models"), None),
            reach: Reach::Anywhere,
            graph_url: graph.base_url(),
            public_url: String::new(),
            timing: Timing::default(),
            tunnels: crate::Tunnels::default(),
            owners: crate::Owners::default(),
            cut_off: None,
            database: db::Options { min_free_bytes: 0, ..db::Options::default() },
            sample: SampleBusiness::default(),
            widget: bytes::Bytes::new(),
        });
        let ws = workspaces.get(WorkspaceId::fresh()).await.unwrap();
        let (bot, channel) = Self::furnish(&ws, &graph).await;
        workspaces.register_channel(channel, ws.id).unwrap();
        ws.channels.forget();
        let (router, _) = crate::public_routes().split_for_parts();
        let app = router.with_state(workspaces.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public = format!("http://{}", listener.local_addr().unwrap());
        base::task::spawn("test-public", async move { axum::serve(listener, app).await.unwrap() });
        graph.deliver_to(&format!("{public}/hooks/whatsapp/{channel}"));
        Shop { ws, workspaces, graph, clock, bot, channel, public, _folder: folder }
    }

    async fn furnish(ws: &Arc<Workspace>, graph: &FakeGraph) -> (BotId, ChannelId) {
        let (inner, settings) = (ws.clone(), graph.settings().clone());
        ws.db
            .write(move |tx| {
                let now = inner.clock.now();
                let bot = crate::bots::service::create(tx, now, "Bot", "", crate::bots::Texts::default())?;
                let mut row = crate::bots::store::expect(tx, bot)?;
                row.debounce_ms = 0;
                crate::bots::store::update(tx, &row)?;
                crate::bots::store::publish(tx, now, bot, &flow(&[]).to_string())?;
                let channel = crate::channels::routes::new_channel(now, ChannelKind::Whatsapp, bot, None);
                let config = WhatsAppConfig {
                    app_id: settings.app_id,
                    waba_id: settings.waba_id,
                    phone_number_id: settings.phone_number_id,
                    ..WhatsAppConfig::default()
                };
                let channel =
                    ChannelRow { state: ChannelState::Active, config: serde_json::to_value(config)?, ..channel };
                crate::channels::store::insert(tx, &channel)?;
                let put = |what: &str, secret: &Secret| {
                    crate::settings::store::put_secret(tx, &inner.vault, &secret_name(channel.id, what), secret)
                };
                put("app_secret", &settings.app_secret)?;
                put("token", &settings.token)?;
                Ok((bot, channel.id))
            })
            .await
            .unwrap()
    }

    async fn publish(&self, definition: Value) {
        let (bot, now) = (self.bot, self.clock.now());
        self.ws
            .db
            .write(move |tx| crate::bots::store::publish(tx, now, bot, &definition.to_string()).map(drop))
            .await
            .unwrap();
    }

    /// The setting of the channel that names its template.
    async fn set_template(&self, template: Value) {
        let id = self.channel;
        self.ws
            .db
            .write(move |tx| {
                let mut row = crate::channels::store::expect(tx, id)?;
                row.config["fallback_template"] = template;
                tx.publish("channels");
                crate::channels::store::update(tx, &row)
            })
            .await
            .unwrap();
        self.ws.channels.forget();
    }

    async fn channel_row(&self) -> ChannelRow {
        let id = self.channel;
        self.ws.db.read(move |c| crate::channels::store::expect(c, id)).await.unwrap()
    }

    /// Runs a statement of the test's own.
    async fn sql(&self, statement: impl Into<String>) {
        let statement = statement.into();
        self.ws.db.write(move |tx| Ok(tx.execute_batch(&statement)?)).await.unwrap();
    }

    /// Moves the clock and wakes everybody who waits for it.
    async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.ws
            .db
            .write(|tx| {
                for tag in [crate::outbox::TAG, crate::runs::TAG, jobs::TAG] {
                    tx.publish(tag);
                }
                Ok(())
            })
            .await
            .unwrap();
    }

    pub(crate) fn says(&self, customer: &Customer, text: &str) -> String {
        self.graph.customer_message(customer, &Content::text(text)).unwrap()
    }

    /// Meta tells the fate of an accepted message.
    fn tell(&self, wamid: &str, our_ref: Option<&str>, status: &str, code: Option<i64>) {
        let mut told = json!({ "id": wamid, "status": status, "recipient_id": "27825550142",
            "timestamp": (self.clock.now().as_ms() / 1000).to_string() });
        if let Some(our_ref) = our_ref {
            told["biz_opaque_callback_data"] = our_ref.into();
        }
        if let Some(code) = code {
            told["errors"] = json!([{ "code": code, "title": "x" }]);
        }
        self.graph.webhook("messages", json!({ "statuses": [told] }));
    }

    async fn conversation(&self, customer: &Customer) -> ConversationId {
        let (phone, user) = (customer.phone.clone(), customer.user_id.clone());
        let channel = self.channel;
        until("the conversation is there", || async {
            let aliases = [(AliasKind::Phone, phone.clone()), (AliasKind::User, user.clone())];
            self.ws
                .db
                .read(move |c| {
                    for (kind, value) in aliases {
                        let Some(value) = value else { continue };
                        if let Some(contact) = crate::contacts::store::find_by_alias(c, &Alias { kind, value })? {
                            return Ok(conversations::store::find(c, channel, contact)?.map(|v| v.id));
                        }
                    }
                    Ok(None)
                })
                .await
                .unwrap()
        })
        .await
    }

    /// All messages of a conversation, oldest first.
    async fn messages(&self, customer: &Customer) -> Vec<MessageRow> {
        let id = self.conversation(customer).await;
        self.ws.db.read(move |c| conversations::store::messages_after(c, id, 0, 200)).await.unwrap()
    }

    /// The latest outgoing message, once it is as wanted.
    async fn outgoing(&self, customer: &Customer, what: &str, wanted: impl Fn(&MessageRow) -> bool) -> MessageRow {
        until(what, || async { self.messages(customer).await.into_iter().rfind(|m| !m.incoming).filter(|m| wanted(m)) })
            .await
    }

    /// A person answers by hand.
    async fn reply(&self, customer: &Customer, content: Content, client_id: &'static str) -> base::Result<()> {
        let (ws, id) = (self.ws.clone(), self.conversation(customer).await);
        self.ws
            .db
            .write(move |tx| conversations::service::reply_by_hand(tx, &ws, id, "Sipho", &content, client_id).map(drop))
            .await
    }

    pub(crate) async fn close(self) {
        self.ws.close().await;
        self.graph.stop().await;
    }
}

fn sentence(message: &MessageRow) -> String {
    message.error.as_ref().and_then(|e| e["message"].as_str()).unwrap_or_default().to_owned()
}
