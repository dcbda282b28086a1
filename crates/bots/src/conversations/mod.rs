//! Conversations: what was said, by whom, whether it arrived, and who answers: the bot or a person.

mod files;
pub(crate) mod routes;
pub(crate) mod service;
pub(crate) mod store;
mod view;

use base::Time;
use base::id::{BotId, ChannelId, ContactId, ConversationId, MessageId, RunId};
use base::message::Content;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub(crate) use files::mime_of;
pub use view::{Conversation, ConversationSummary, Message};
pub(crate) use view::{ConversationStatus, Direction, MessageProblem};
pub(crate) use view::{conversation_view, message_view, summary_view};

/// Who answers in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConversationMode)]
pub enum Mode {
    Bot,
    Person,
}

impl Mode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Mode::Bot => "bot",
            Mode::Person => "person",
        }
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    Contact,
    Bot,
    /// Somebody of the business, in this program.
    Person,
    /// Somebody of the business, on their phone.
    Phone,
}

impl Author {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Author::Contact => "contact",
            Author::Bot => "bot",
            Author::Person => "person",
            Author::Phone => "phone",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "bot" => Author::Bot,
            "person" => Author::Person,
            "phone" => Author::Phone,
            _ => Author::Contact,
        }
    }
}

/// How far a message came. Only ever moves forward; `failed` ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    Received,
    Queued,
    Sending,
    /// The provider may or may not have it; we wait for its word rather than send it twice.
    InDoubt,
    Sent,
    Delivered,
    Read,
    Failed,
}

impl MessageStatus {
    const ALL: [MessageStatus; 8] = [
        Self::Received,
        Self::Queued,
        Self::Sending,
        Self::InDoubt,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Failed,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::InDoubt => "in_doubt",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.as_str() == text).unwrap_or(Self::Received)
    }

    /// Whether a provider's word `next` may replace this: never backwards, nothing after a failure, and a failure only
    /// before delivery.
    pub(crate) fn may_become(self, next: MessageStatus) -> bool {
        let rank = |s| match s {
            Self::Received => 100,
            Self::Queued => 0,
            Self::Sending | Self::InDoubt => 1,
            Self::Sent => 2,
            Self::Delivered => 3,
            Self::Read => 4,
            Self::Failed => 100,
        };
        if next == Self::Failed { rank(self) < 3 } else { rank(next) > rank(self) && rank(self) < 100 }
    }
}

/// A sign that somebody put on a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reaction {
    pub emoji: String,
    pub by: Author,
}

/// A conversation as stored, with the names that every view of it shows.
#[derive(Clone, Debug)]
pub(crate) struct ConversationRow {
    pub(crate) id: ConversationId,
    pub(crate) contact_id: ContactId,
    pub(crate) channel_id: ChannelId,
    pub(crate) bot_id: BotId,
    pub(crate) mode: Mode,
    pub(crate) resolved: bool,
    pub(crate) waiting: bool,
    pub(crate) preview: String,
    pub(crate) unread: u32,
    pub(crate) last_message_at: Time,
    pub(crate) last_inbound_at: Option<Time>,
    pub(crate) free_entry_until: Option<Time>,
    pub(crate) run_id: Option<RunId>,
    pub(crate) told_unsupported_at: Option<Time>,
    pub(crate) channel_kind: String,
    pub(crate) channel_name: String,
    pub(crate) contact_name: Option<String>,
    pub(crate) contact_language: Option<String>,
}

/// A message as stored.
#[derive(Clone, Debug)]
pub(crate) struct MessageRow {
    pub(crate) seq: i64,
    pub(crate) id: MessageId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) incoming: bool,
    pub(crate) author: Author,
    pub(crate) author_name: Option<String>,
    pub(crate) content: Content,
    pub(crate) provider_id: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) status: MessageStatus,
    pub(crate) error: Option<Value>,
    pub(crate) answer: Option<Value>,
    pub(crate) run_id: Option<RunId>,
    /// The effect that said it.
    pub(crate) effect_seq: Option<u64>,
    pub(crate) reactions: Vec<Reaction>,
    pub(crate) replied_to: Option<String>,
    pub(crate) edited_at: Option<Time>,
    pub(crate) deleted_at: Option<Time>,
    pub(crate) at: Time,
}

/// A message about to be stored.
pub(crate) struct NewMessage<'a> {
    pub(crate) conversation_id: ConversationId,
    pub(crate) author: Author,
    pub(crate) author_name: Option<&'a str>,
    pub(crate) content: &'a Content,
    pub(crate) provider_id: Option<&'a str>,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) status: MessageStatus,
    pub(crate) answer: Option<&'a Value>,
    /// The run that wrote it, and the number of the effect.
    pub(crate) run: Option<(RunId, u64)>,
    pub(crate) replied_to: Option<&'a str>,
    pub(crate) pending: bool,
    pub(crate) at: Time,
}

/// The first words of a message for lists, at most 120 characters.
pub(crate) fn preview(content: &Content) -> String {
    let words = content.words();
    let text = if words.is_empty() { format!("[{}]", content.kind().replace('_', " ")) } else { words.to_owned() };
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.char_indices().nth(120) {
        Some((cut, _)) => format!("{}…", &folded[..cut]),
        None => folded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_state_never_goes_back_and_a_late_failure_changes_nothing() {
        use MessageStatus::*;
        for (from, to, allowed) in [
            (Queued, Sent, true),
            (Sending, Delivered, true),
            (InDoubt, Sent, true),
            (Read, Delivered, false),
            (Delivered, Sent, false),
            (Sent, Failed, true),
            (Delivered, Failed, false),
            (Failed, Sent, false),
            (Received, Read, false),
            (Sent, Sent, false),
        ] {
            assert_eq!(from.may_become(to), allowed, "{from:?} -> {to:?}");
        }
    }
}
