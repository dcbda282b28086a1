//! The web chat: a visitor's browser, known by a token of its own, writing to a bot on the public listener.

mod files;
mod limits;
mod poll;
pub(crate) mod routes;
mod stream;

use base::Result;
use base::id::{ChannelId, ContactId, ConversationId, MessageId};
use base::message::Content;
use db::rusqlite::Connection;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::contacts::{self, Alias, AliasKind};
use crate::conversations::{self, Author, Direction, MessageRow};

/// A visitor's alias: only the hash of their token is stored, so that the database gives nobody a way in.
pub(crate) fn visitor(token: &str) -> Alias {
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

/// Who wrote a message, as a visitor sees it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WebAuthor {
    Visitor,
    Bot,
    Person,
}

/// A message as the visitor's browser shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WebMessage {
    id: MessageId,
    /// Grows with time; the browser asks for what came after the last one it has.
    cursor: i64,
    /// `in` for the visitor's own.
    direction: Direction,
    author: WebAuthor,
    #[schema(required)]
    name: Option<String>,
    content: Content,
    citations: Vec<WebCitation>,
    at: base::Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
}

/// Where an answer stands written, as a visitor sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct WebCitation {
    title: String,
    #[schema(required)]
    page: Option<u32>,
}

/// `visitor` is the hash of the token of whoever looks.
fn view(row: MessageRow, channel: ChannelId, visitor: &str) -> WebMessage {
    let citations = row
        .answer
        .and_then(|answer| serde_json::from_value::<crate::answers::Answer>(answer).ok())
        .map(|answer| {
            answer.citations.into_iter().map(|c| WebCitation { title: c.source_title, page: c.page }).collect()
        })
        .unwrap_or_default();
    WebMessage {
        id: row.id,
        cursor: row.seq,
        direction: if row.incoming { Direction::In } else { Direction::Out },
        author: match row.author {
            Author::Contact => WebAuthor::Visitor,
            Author::Bot => WebAuthor::Bot,
            Author::Person | Author::Phone => WebAuthor::Person,
        },
        name: row.author_name,
        content: files::for_visitor(row.content, channel, visitor, row.id),
        citations,
        at: row.at,
        client_id: row.client_id,
    }
}
