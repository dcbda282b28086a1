//! Conversations and messages as the interface sees them.

use base::id::{BotId, ChannelId, ContactId, ConversationId, MessageId};
use base::message::Content;
use base::{Result, Time};
use db::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Author, ConversationRow, MessageRow, MessageStatus, Mode, Reaction, service};
use crate::channels::ChannelKind;
use crate::contacts::{self, Alias, AliasKind};
use crate::runs;

/// A customer, in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactSummary {
    pub id: ContactId,
    #[schema(required)]
    pub name: Option<String>,
    /// A phone number with `+`, or nothing for a visitor of the web chat.
    #[schema(required)]
    pub handle: Option<String>,
}

/// A customer, beside their conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Contact)]
pub struct ContactView {
    pub id: ContactId,
    #[schema(required)]
    pub name: Option<String>,
    pub handles: Vec<String>,
    /// ISO 639-1, as last written in.
    #[schema(required)]
    pub language: Option<String>,
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
}

/// Where a conversation takes place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConversationChannel {
    pub id: ChannelId,
    pub kind: ChannelKind,
    pub name: String,
}

/// Whether a conversation is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationStatus {
    Open,
    Resolved,
}

/// A conversation in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConversationSummary {
    pub id: ConversationId,
    pub contact: ContactSummary,
    pub channel: ConversationChannel,
    pub bot_id: BotId,
    pub mode: Mode,
    /// A person is asked for.
    pub waiting: bool,
    pub status: ConversationStatus,
    pub preview: String,
    pub last_message_at: Time,
    pub unread: u32,
    /// Until when the provider takes free text; nothing where there is no such rule.
    #[schema(required)]
    pub window_closes_at: Option<Time>,
}

/// A conversation with the person in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Conversation {
    #[serde(flatten)]
    pub summary: ConversationSummary,
    pub person: ContactView,
    /// Where the bot's flow is; nothing before its first turn.
    #[schema(required)]
    pub run_status: Option<flow::Status>,
}

/// Who wrote a message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageAuthor {
    pub kind: Author,
    #[schema(required)]
    pub name: Option<String>,
}

/// What went wrong with a message, and what to do.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageProblem {
    pub message: String,
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    In,
    Out,
}

/// A message in its conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Message {
    pub id: MessageId,
    pub direction: Direction,
    pub author: MessageAuthor,
    pub content: Content,
    pub status: MessageStatus,
    #[schema(required)]
    pub error: Option<MessageProblem>,
    /// What a bot's answer rests on.
    #[schema(required)]
    pub answer: Option<crate::answers::Answer>,
    pub reactions: Vec<Reaction>,
    #[schema(required)]
    pub replied_to: Option<String>,
    #[schema(required)]
    pub edited_at: Option<Time>,
    pub deleted: bool,
    pub at: Time,
}

fn handle(alias: &Alias) -> Option<String> {
    match alias.kind {
        AliasKind::Phone => Some(format!("+{}", alias.value)),
        AliasKind::Username => Some(format!("@{}", alias.value)),
        AliasKind::User | AliasKind::ParentUser | AliasKind::Visitor => None,
    }
}

pub(crate) fn summary_view(connection: &Connection, row: &ConversationRow) -> Result<ConversationSummary> {
    let aliases = contacts::store::aliases(connection, row.contact_id)?;
    Ok(ConversationSummary {
        id: row.id,
        contact: ContactSummary {
            id: row.contact_id,
            name: row.contact_name.clone(),
            handle: aliases.iter().find_map(handle),
        },
        channel: ConversationChannel {
            id: row.channel_id,
            kind: ChannelKind::parse(&row.channel_kind),
            name: row.channel_name.clone(),
        },
        bot_id: row.bot_id,
        mode: row.mode,
        waiting: row.waiting,
        status: if row.resolved { ConversationStatus::Resolved } else { ConversationStatus::Open },
        preview: row.preview.clone(),
        last_message_at: row.last_message_at,
        unread: row.unread,
        window_closes_at: service::window_closes_at(row),
    })
}

pub(crate) fn conversation_view(connection: &Connection, row: &ConversationRow) -> Result<Conversation> {
    let contact = contacts::store::get(connection, row.contact_id)?;
    let aliases = contacts::store::aliases(connection, row.contact_id)?;
    let run_status = match row.run_id {
        Some(run) => runs::store::status(connection, run)?,
        None => None,
    };
    let run_status = run_status.and_then(|status| serde_json::from_value(Value::String(status)).ok());
    Ok(Conversation {
        summary: summary_view(connection, row)?,
        person: ContactView {
            id: row.contact_id,
            name: row.contact_name.clone(),
            handles: aliases.iter().filter_map(handle).collect(),
            language: row.contact_language.clone(),
            fields: contact.map(|c| c.fields).unwrap_or_default(),
        },
        run_status,
    })
}

pub(crate) fn message_view(row: MessageRow) -> Message {
    Message {
        id: row.id,
        direction: if row.incoming { Direction::In } else { Direction::Out },
        author: MessageAuthor { kind: row.author, name: row.author_name },
        content: if row.deleted_at.is_some() { Content::text("") } else { row.content },
        status: row.status,
        error: row.error.and_then(|e| serde_json::from_value(e).ok()),
        answer: row.answer.and_then(|a| serde_json::from_value(a).ok()),
        reactions: row.reactions,
        replied_to: row.replied_to,
        edited_at: row.edited_at,
        deleted: row.deleted_at.is_some(),
        at: row.at,
    }
}
