//! The web chat: a visitor's browser, known by a token of its own, writing to a bot on the public listener.

pub(crate) mod routes;

use base::Result;
use base::id::{ChannelId, ContactId, ConversationId};
use base::message::Content;
use db::rusqlite::Connection;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::contacts::{self, Alias, AliasKind};
use crate::conversations::{self, Author, MessageRow};

/// A visitor's alias: only the hash of their token is stored, so that the database gives nobody a way in.
fn visitor(token: &str) -> Alias {
    Alias { kind: AliasKind::Visitor, value: hex::encode(Sha256::digest(token.as_bytes())) }
}

/// The visitor's conversation on this channel; nothing before their first message.
fn conversation_of(
    connection: &Connection,
    channel: ChannelId,
    token: &str,
) -> Result<Option<(ContactId, ConversationId)>> {
    let Some(contact) = contacts::store::find_by_alias(connection, &visitor(token))? else { return Ok(None) };
    Ok(conversations::store::find(connection, channel, contact)?.map(|c| (contact, c.id)))
}

/// A message as the visitor's browser shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WebMessage {
    id: String,
    /// Grows with time; the browser asks for what came after the last one it has.
    cursor: i64,
    /// `in` for the visitor's own.
    direction: &'static str,
    /// `visitor`, `bot` or `person`.
    author: &'static str,
    name: Option<String>,
    content: Content,
    citations: Vec<WebCitation>,
    at: base::Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct WebCitation {
    title: String,
    page: Option<u32>,
}

fn view(row: MessageRow) -> WebMessage {
    let citations = row
        .answer
        .and_then(|answer| serde_json::from_value::<crate::answers::Answer>(answer).ok())
        .map(|answer| {
            answer.citations.into_iter().map(|c| WebCitation { title: c.source_title, page: c.page }).collect()
        })
        .unwrap_or_default();
    WebMessage {
        id: row.id.to_string(),
        cursor: row.seq,
        direction: if row.incoming { "in" } else { "out" },
        author: match row.author {
            Author::Contact => "visitor",
            Author::Bot => "bot",
            Author::Person | Author::Phone => "person",
        },
        name: row.author_name,
        content: row.content,
        citations,
        at: row.at,
        client_id: row.client_id,
    }
}
