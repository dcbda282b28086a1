//! All that a run remembers between two events.

use base::Time;
use base::message::Content;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::event::Incoming;

/// Messages kept while an effect runs; what comes beyond is joined to the last one.
pub(crate) const MAX_KEPT: usize = 20;
/// Longest text of a message as the run remembers it, in bytes.
pub(crate) const MAX_TEXT_BYTES: usize = 16 * 1024;

/// Where a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RunStatus)]
pub enum Status {
    /// Made, but nothing has happened to it yet.
    #[default]
    Active,
    /// Waits for a reply, an effect or a moment.
    Waiting,
    /// A person has the conversation; the run is silent.
    Handed,
    Ended,
    Failed,
}

impl Status {
    /// The name as it is serialised.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Waiting => "waiting",
            Status::Handed => "handed",
            Status::Ended => "ended",
            Status::Failed => "failed",
        }
    }
}

/// What a waiting run waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub(crate) enum Wait {
    Reply {
        #[serde(default)]
        deadline: Option<Time>,
        /// Replies that were not understood so far.
        #[serde(default)]
        tries: u32,
    },
    Effect {
        seq: u64,
    },
    Until {
        at: Time,
    },
}

/// The customer's last message, as expressions read it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Last {
    pub(crate) text: String,
    pub(crate) language: Option<String>,
    /// The kind of [`Content`], such as `image`.
    pub(crate) kind: String,
    pub(crate) first_contact: bool,
}

/// A run's memory: small, serialisable, and enough to go on after a crash.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunState {
    pub(crate) status: Status,
    /// The step that the run stands on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wait: Option<Wait>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) vars: Map<String, Value>,
    /// Fields of the contact that this run has set; they count before the context's.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) contact: Map<String, Value>,
    pub(crate) last: Last,
    pub(crate) next_seq: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) kept: Vec<Incoming>,
}

impl RunState {
    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether the customer is expected to say something.
    pub fn waits_for_reply(&self) -> bool {
        matches!(self.wait, Some(Wait::Reply { .. }))
    }

    /// Whether an external effect is under way.
    pub fn waits_for_effect(&self) -> bool {
        matches!(self.wait, Some(Wait::Effect { .. }))
    }

    /// When a [`crate::EventKind::Timer`] is due, if nothing happens before.
    pub fn wake_at(&self) -> Option<Time> {
        match &self.wait {
            Some(Wait::Reply { deadline, .. }) => *deadline,
            Some(Wait::Until { at }) => Some(*at),
            _ => None,
        }
    }

    /// The step that the run stands on, for the canvas.
    pub fn step(&self) -> Option<&str> {
        self.step.as_deref()
    }

    /// The run's variables, for the simulator.
    pub fn variables(&self) -> &Map<String, Value> {
        &self.vars
    }

    /// Keeps a message for later; never loses one.
    pub(crate) fn keep(&mut self, message: Incoming) {
        let full = self.kept.len() >= MAX_KEPT;
        match self.kept.last_mut() {
            Some(last) if full => *last = joined(vec![last.clone(), message]),
            _ => self.kept.push(message),
        }
    }

    /// Takes the kept messages as one.
    pub(crate) fn take_kept(&mut self) -> Option<Incoming> {
        match self.kept.len() {
            0 => None,
            _ => Some(joined(std::mem::take(&mut self.kept))),
        }
    }

    /// Back to the beginning; what belongs to the conversation rather than to the way through the flow stays.
    pub(crate) fn restart(&mut self) {
        *self = RunState {
            next_seq: self.next_seq,
            contact: std::mem::take(&mut self.contact),
            kept: std::mem::take(&mut self.kept),
            ..RunState::default()
        };
    }
}

/// Several messages as one: the words in order, and the last content that is more than words.
fn joined(messages: Vec<Incoming>) -> Incoming {
    let mut text = String::new();
    let mut content = None;
    let (mut language, mut first_contact) = (None, false);
    for message in messages {
        if !text.is_empty() && !message.text.is_empty() {
            text.push('\n');
        }
        text.push_str(&message.text);
        if !matches!(message.content, Content::Text { .. }) {
            content = Some(message.content);
        }
        language = message.language.or(language);
        first_contact |= message.first_contact;
    }
    cut(&mut text, MAX_TEXT_BYTES);
    let content = content.unwrap_or_else(|| Content::text(text.clone()));
    Incoming { text, content, language, first_contact }
}

/// Shortens a text to at most `bytes`, never inside a character.
pub(crate) fn cut(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        let mut at = bytes;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.truncate(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> Incoming {
        Incoming { text: text.into(), content: Content::text(text), language: None, first_contact: false }
    }

    #[test]
    fn no_kept_message_is_lost() {
        let mut state = RunState::default();
        for n in 0..30 {
            state.keep(says(&n.to_string()));
        }
        assert_eq!(state.kept.len(), MAX_KEPT);
        let all = state.take_kept().unwrap();
        assert_eq!(all.text.lines().count(), 30);
        assert_eq!(state.take_kept(), None);
    }

    #[test]
    fn a_kept_photo_survives_joining() {
        let mut state = RunState::default();
        state.keep(Incoming { content: Content::Unsupported { what: "poll".into() }, ..says("look") });
        state.keep(says("at this"));
        let all = state.take_kept().unwrap();
        assert_eq!((all.text.as_str(), all.content.kind()), ("look\nat this", "unsupported"));
    }

    #[test]
    fn an_empty_object_is_a_fresh_run() {
        assert_eq!(serde_json::from_str::<RunState>("{}").unwrap(), RunState::default());
    }
}
