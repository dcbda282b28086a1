//! Channels: what comes in is parsed, what goes out is encoded, within each channel's limits. Pure functions and one
//! HTTP client; bots, flows and databases are unknown here.

pub mod text;
pub mod webchat;
pub mod whatsapp;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A way for customers to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    WhatsApp,
    WebChat,
}

impl ChannelKind {
    /// What the channel can show and how much of it.
    pub fn capabilities(self) -> &'static Capabilities {
        match self {
            ChannelKind::WhatsApp => &whatsapp::CAPABILITIES,
            ChannelKind::WebChat => &webchat::CAPABILITIES,
        }
    }

    /// The name as it is stored and sent to the interface.
    pub fn as_str(self) -> &'static str {
        match self {
            ChannelKind::WhatsApp => "whats_app",
            ChannelKind::WebChat => "web_chat",
        }
    }
}

/// What a channel can carry. Lengths are in the unit of [`text::length`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Capabilities {
    /// Longest text the bot may send in one message; longer ones are split.
    pub text_out: usize,
    /// Longest text a customer's message is kept with.
    pub text_in: usize,
    /// Most buttons under one message; 0 when there are none.
    pub buttons: usize,
    /// Most rows in one list; 0 when there are none.
    pub list_rows: usize,
    /// Files can be sent to the customer.
    pub files_out: bool,
    /// Files can come from the customer.
    pub files_in: bool,
    pub locations: bool,
    pub reactions: bool,
    /// Messages approved beforehand, which may open a conversation.
    pub templates: bool,
    pub typing: bool,
    pub read_receipts: bool,
    /// How long after the customer's last message free text may be sent, in seconds; nothing when always.
    pub service_window_s: Option<u64>,
    /// Each message the bot sends may cost money.
    pub billed: bool,
}

impl Capabilities {
    pub fn service_window(&self) -> Option<Duration> {
        self.service_window_s.map(Duration::from_secs)
    }
}

/// Something about a message that its channel would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Which part: `text`, `buttons[1].title`, `media` ...
    pub field: String,
    /// What is wrong and what to do, for the person who builds the bot.
    pub sentence: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { field: field.into(), sentence: sentence.into() }
    }
}
