//! Channels: how customers reach a bot. Keeps their settings and secrets, and what the hot path needs of them in memory.

pub(crate) mod checks;
pub(crate) mod routes;
pub(crate) mod store;
pub(crate) mod webhook;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::id::{BotId, ChannelId};
use base::{Error, Result, Secret, Time};
use channels::whatsapp::Graph;
use channels::whatsapp::pacing::Throughput;
use db::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::settings;
use crate::workspace::Workspace;

/// What kind of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    Whatsapp,
    Webchat,
}

impl ChannelKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ChannelKind::Whatsapp => "whatsapp",
            ChannelKind::Webchat => "webchat",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        if text == "whatsapp" { ChannelKind::Whatsapp } else { ChannelKind::Webchat }
    }
}

/// Whether a channel works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelState {
    /// Its set-up is not finished.
    Draft,
    Active,
    /// The owner switched it off: messages are kept, nothing is answered or sent.
    Paused,
    /// It was stopped by something the owner has to mend; its queue is kept.
    Trouble,
}

impl ChannelState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ChannelState::Draft => "draft",
            ChannelState::Active => "active",
            ChannelState::Paused => "paused",
            ChannelState::Trouble => "trouble",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "active" => ChannelState::Active,
            "paused" => ChannelState::Paused,
            "trouble" => ChannelState::Trouble,
            _ => ChannelState::Draft,
        }
    }
}

/// A channel as stored.
#[derive(Clone, Debug)]
pub(crate) struct ChannelRow {
    pub(crate) id: ChannelId,
    pub(crate) bot_id: BotId,
    pub(crate) kind: ChannelKind,
    pub(crate) name: String,
    pub(crate) state: ChannelState,
    pub(crate) trouble: Option<Value>,
    pub(crate) config: Value,
    pub(crate) checks: Value,
    pub(crate) last_delivery_at: Option<Time>,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) deleted_at: Option<Time>,
}

impl ChannelRow {
    pub(crate) fn webchat(&self) -> WebchatConfig {
        serde_json::from_value(self.config.clone()).unwrap_or_default()
    }

    pub(crate) fn whatsapp(&self) -> WhatsAppConfig {
        serde_json::from_value(self.config.clone()).unwrap_or_default()
    }
}

/// The side of the page on which a web chat opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    Left,
    #[default]
    Right,
}

/// How a web chat looks and where it may stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WebchatConfig {
    /// Web sites that may show it, such as `https://shop.example`; empty for any.
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) accent: Option<String>,
    pub(crate) title: String,
    pub(crate) greeting: String,
    pub(crate) position: Side,
}

/// A template that goes out in place of a reply when WhatsApp takes nothing else any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct FallbackTemplate {
    /// As in Meta's WhatsApp Manager.
    pub(crate) name: String,
    /// As in Meta's WhatsApp Manager, such as `en` or `pt_BR`.
    pub(crate) language: String,
    /// The reply's words fill the one placeholder in the template's body.
    pub(crate) with_text: bool,
    /// Why it is not used any more: WhatsApp refused it. Typing it in again makes good.
    #[schema(required)]
    pub(crate) problem: Option<String>,
}

/// What Meta calls the number and the app.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WhatsAppConfig {
    pub(crate) app_id: String,
    pub(crate) waba_id: String,
    pub(crate) phone_number_id: String,
    pub(crate) display_phone_number: Option<String>,
    pub(crate) verified_name: Option<String>,
    /// The number is used on a phone as well, which lowers its limit.
    pub(crate) coexistence: bool,
    /// Made by us; Meta sends it back to prove that an address is ours.
    pub(crate) verify_token: String,
    pub(crate) fallback_template: Option<FallbackTemplate>,
}

/// The names that a channel's secrets are sealed under.
pub(crate) fn secret_name(channel: ChannelId, what: &str) -> String {
    format!("channel:{channel}:{what}")
}

/// A WhatsApp channel ready for use: settings and opened secrets.
pub(crate) struct WhatsApp {
    pub(crate) id: ChannelId,
    pub(crate) state: ChannelState,
    pub(crate) config: WhatsAppConfig,
    pub(crate) phone_number_id: String,
    /// The app's secret and, while it is being changed, the other one.
    pub(crate) secrets: Vec<Secret>,
    pub(crate) verify_token: Secret,
    pub(crate) graph: Graph,
}

impl WhatsApp {
    /// How fast the number may send.
    pub(crate) fn throughput(&self) -> Throughput {
        if self.config.coexistence { Throughput::Coexistence } else { Throughput::Standard }
    }

    pub(crate) fn load(connection: &Connection, ws: &Workspace, row: &ChannelRow) -> Result<WhatsApp> {
        let config = row.whatsapp();
        let secret = |what: &str| settings::store::get_secret(connection, &ws.vault, &secret_name(row.id, what));
        let token = secret("token")?.unwrap_or_default();
        let secrets = [secret("app_secret")?, secret("second_app_secret")?].into_iter().flatten().collect();
        Ok(WhatsApp {
            id: row.id,
            state: row.state,
            phone_number_id: config.phone_number_id.clone(),
            verify_token: Secret::new(config.verify_token.clone()),
            secrets,
            graph: ws.channels.graph(ws)?.with_token(token),
            config,
        })
    }
}

type Loaded = Arc<HashMap<ChannelId, Arc<WhatsApp>>>;

/// What the hot path needs of channels, in memory; forgotten whenever a setting changes.
#[derive(Default)]
pub(crate) struct Channels {
    loaded: Mutex<Option<Loaded>>,
    /// The connections that all numbers share. Making them reads the system's certificates, which takes milliseconds.
    graph: Mutex<Option<Graph>>,
    heard: Mutex<HashMap<ChannelId, Time>>,
}

impl Channels {
    fn load(&self, ws: &Workspace) -> Result<Loaded> {
        // Held while reading: a reading that began before a change must not be kept after it.
        let mut loaded = self.loaded.lock().map_err(|_| Error::internal("channels poisoned"))?;
        if let Some(loaded) = loaded.as_ref() {
            return Ok(loaded.clone());
        }
        let all = ws.db.read_blocking(|c| {
            let mut all = HashMap::new();
            for row in store::all(c)?.iter().filter(|row| row.kind == ChannelKind::Whatsapp) {
                all.insert(row.id, Arc::new(WhatsApp::load(c, ws, row)?));
            }
            Ok(all)
        })?;
        let all = Arc::new(all);
        *loaded = Some(all.clone());
        Ok(all)
    }

    fn graph(&self, ws: &Workspace) -> Result<Graph> {
        let mut made = self.graph.lock().map_err(|_| Error::internal("channels poisoned"))?;
        if let Some(graph) = made.as_ref() {
            return Ok(graph.clone());
        }
        let graph = Graph::new(&ws.graph_url, Secret::default())?;
        Ok(made.insert(graph).clone())
    }

    /// Opens new connections from now on. What is sent on one from another network, or from before a sleep, is lost
    /// without a word, and only a time limit tells.
    pub(crate) fn reconnect(&self) {
        if let Ok(mut made) = self.graph.lock() {
            *made = None;
        }
        self.forget();
    }

    pub(crate) fn whatsapp(&self, ws: &Workspace, id: ChannelId) -> Result<Arc<WhatsApp>> {
        self.load(ws)?.get(&id).cloned().ok_or_else(|| Error::not_found("channel", id))
    }

    /// The WhatsApp channels that may send now.
    pub(crate) fn active_whatsapp(&self, ws: &Workspace) -> Result<Vec<Arc<WhatsApp>>> {
        Ok(self.load(ws)?.values().filter(|c| c.state == ChannelState::Active).cloned().collect())
    }

    /// The channel of a number, for items that Meta sends to the address of another of the app's numbers.
    pub(crate) fn by_number(&self, ws: &Workspace, phone_number_id: &str) -> Result<Option<Arc<WhatsApp>>> {
        Ok(self.load(ws)?.values().find(|c| c.phone_number_id == phone_number_id).cloned())
    }

    /// Settings changed: read them anew when next needed.
    pub(crate) fn forget(&self) {
        if let Ok(mut loaded) = self.loaded.lock() {
            *loaded = None;
        }
    }

    /// The provider reached us.
    pub(crate) fn heard(&self, channel: ChannelId, at: Time) {
        if let Ok(mut heard) = self.heard.lock() {
            heard.insert(channel, at);
        }
    }

    pub(crate) fn last_heard(&self, channel: ChannelId) -> Option<Time> {
        self.heard.lock().ok()?.get(&channel).copied()
    }

    /// Whether the provider reached us since a moment, not counting its first instants. What lies ahead of `now` was noted
    /// before the clock was set back, and says nothing.
    pub(crate) fn heard_since(&self, channel: ChannelId, since: Time, now: Time) -> bool {
        self.last_heard(channel).is_some_and(|at| at > since.plus(Duration::from_millis(200)) && at <= now)
    }
}
