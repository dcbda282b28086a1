//! Bots: what they are called, what they say in fixed places, and the flow they follow.

pub(crate) mod first;
pub(crate) mod routes;
pub(crate) mod service;
pub(crate) mod store;

use base::Time;
use base::id::BotId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A bot as stored.
#[derive(Clone, Debug)]
pub(crate) struct BotRow {
    pub(crate) id: BotId,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) paused: bool,
    pub(crate) debounce_ms: u32,
    pub(crate) texts: Texts,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) deleted_at: Option<Time>,
}

/// What a bot says in fixed places, in the owner's own words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, garde::Validate)]
#[schema(as = BotTexts)]
pub(crate) struct Texts {
    /// To somebody who only says hello.
    #[garde(length(chars, min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000)]
    pub greeting: String,
    /// When the documents hold no answer; followed by `ask_name` in the same message.
    #[garde(length(chars, min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000)]
    pub unknown: String,
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub ask_name: String,
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub ask_details: String,
    /// When a person will answer.
    #[garde(length(chars, min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000)]
    pub handover: String,
    /// When something failed inside.
    #[garde(length(chars, min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000)]
    pub fallback: String,
    /// To a kind of message that is not understood, such as a poll.
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub unsupported: String,
    /// To somebody who wants no more messages.
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    #[serde(default = "stopped")]
    pub stopped: String,
}

fn stopped() -> String {
    flow::DefaultTexts::default().stopped
}

impl Texts {
    /// As stored. A text that did not exist yet when these were stored has its ready words.
    fn stored(json: &str) -> serde_json::Result<Texts> {
        let mut texts = serde_json::to_value(Texts::default())?;
        if let (Some(texts), serde_json::Value::Object(stored)) = (texts.as_object_mut(), serde_json::from_str(json)?) {
            texts.extend(stored);
        }
        serde_json::from_value(texts)
    }
}

impl Default for Texts {
    fn default() -> Self {
        let ready = flow::DefaultTexts::default();
        Self {
            greeting: ready.greeting,
            unknown: ready.unknown,
            ask_name: ready.ask_name,
            ask_details: ready.ask_details,
            handover: ready.handover,
            fallback: ready.fallback,
            unsupported: "I cannot read this kind of message. Could you write it as text, please?".into(),
            stopped: ready.stopped,
        }
    }
}
