//! Conversations and messages as the interface sees them.

use base::id::{BotId, ChannelId, ContactId, ConversationId, MessageId};
use base::message::Content;
use base::{Result, Time};
use db::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Author, ConversationRow, MessageRow, MessageStatus, Mode, Reaction, service};
use crate::contacts::{self, Alias, AliasKind};
use crate::runs;

/// A customer, in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactSummary {
    pub id: ContactId,
    pub name: Option<String>,
    /// A phone number with `+`, or nothing for a visitor of the web chat.
    pub handle: Option<String>,
}

/// A customer, beside their conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactView {
    pub id: ContactId,
    pub name: Option<String>,
    pub handles: Vec<String>,
    /// ISO 639-1, as last written in.
    pub language: Option<String>,
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
}

/// Where a conversation takes place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConversationChannel {
    pub id: ChannelId,
    /// `whatsapp` or `webchat`.
    pub kind: String,
    pub name: String,
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
    /// `open` or `resolved`.
    pub status: &'static str,
    pub preview: String,
    pub last_message_at: Time,
    pub unread: u32,
    /// Until when the provider takes free text; nothing where there is no such rule.
    pub window_closes_at: Option<Time>,
}

/// A conversation with the person in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Conversation {
    #[serde(flatten)]
    pub summary: ConversationSummary,
    pub person: ContactView,
    /// `active`, `waiting`, `handed`, `ended`, `failed`; nothing before the bot's first turn.
    pub run_status: Option<String>,
}

/// Who wrote a message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageAuthor {
    pub kind: Author,
    pub name: Option<String>,
}

/// What went wrong with a message, and what to do.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageProblem {
    pub message: String,
}

/// A message in its conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Message {
    pub id: MessageId,
    /// `in` or `out`.
    pub direction: &'static str,
    pub author: MessageAuthor,
    pub content: Content,
    pub status: MessageStatus,
    pub error: Option<MessageProblem>,
    /// What a bot's answer rests on.
    pub answer: Option<crate::answers::Answer>,
    pub reactions: Vec<Reaction>,
    pub replied_to: Option<String>,
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
            kind: row.channel_kind.clone(),
            name: row.channel_name.clone(),
        },
        bot_id: row.bot_id,
        mode: row.mode,
        waiting: row.waiting,
        status: if row.resolved { "resolved" } else { "open" },
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
        direction: if row.incoming { "in" } else { "out" },
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
