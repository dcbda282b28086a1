//! Files that were sent to a visitor, shown to that visitor only.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use base::id::{ChannelId, MessageId};
use base::message::{Content, Media};
use base::{Error, Result};
use db::rusqlite::Connection;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, ClientIp, Path, Query, RateLimit};

use super::limits::TOO_FAST;
use super::routes::Chat;
use crate::contacts::AliasKind;
use crate::workspace::Workspaces;
use crate::{contacts, conversations, media};

/// Files on their way to visitors at once; the owner's own line carries them.
const MOST_AT_ONCE: usize = 32;

#[derive(Clone)]
struct Limits {
    rate: RateLimit,
    slots: Arc<Semaphore>,
}

pub(super) fn router() -> OpenApiRouter<Workspaces> {
    let limits = Limits { rate: RateLimit::per_minute(120, TOO_FAST), slots: Arc::new(Semaphore::new(MOST_AT_ONCE)) };
    OpenApiRouter::new().routes(routes!(file)).layer(axum::Extension(limits))
}

/// What opens one file: made of the hash of the visitor's token, which nobody else has. The token itself must not stand
/// in an address that is passed on so easily.
fn key(visitor: &str, message: MessageId) -> String {
    hex::encode(Sha256::digest(format!("file of a visitor|{visitor}|{message}")))
}

/// The content as the visitor's browser gets it: a file by the address that shows it, without what only we need to know.
pub(super) fn for_visitor(mut content: Content, channel: ChannelId, visitor: &str, message: MessageId) -> Content {
    if let Some(file) = media::file_of_mut(&mut content) {
        let own =
            file.stored.as_ref().map(|_| format!("/chat/{channel}/media/{message}?key={}", key(visitor, message)));
        *file = Media {
            url: own.or(file.url.take()),
            mime: std::mem::take(&mut file.mime),
            filename: file.filename.take(),
            size_bytes: file.size_bytes,
            ..Media::default()
        };
    }
    content
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileKey {
    /// As the message's address has it.
    #[serde(default)]
    key: String,
}

/// A file of the visitor's own conversation.
#[utoipa::path(get, path = "/chat/{channel}/media/{message}", operation_id = "getVisitorFile", tag = "web chat",
    params(("channel" = ChannelId, Path), ("message" = MessageId, Path), FileKey),
    responses(
        (status = 200, content(
            (Vec<u8> = "image/*"),
            (Vec<u8> = "audio/*"),
            (Vec<u8> = "video/*"),
            (Vec<u8> = "application/octet-stream")
        )),
        (status = 403, description = "This site may not show the chat"),
        (status = 429, description = "Too many files in a short time")
    ))]
async fn file(
    State(workspaces): State<Workspaces>,
    axum::Extension(limits): axum::Extension<Limits>,
    ClientIp(ip): ClientIp,
    Path((channel, message)): Path<(ChannelId, MessageId)>,
    Query(asked): Query<FileKey>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    limits.rate.check(ip)?;
    let chat = Chat::open(&workspaces, channel, &headers).await?;
    let found = chat.ws.db.read(move |c| find(c, channel, message, &asked.key)).await?;
    let file = found.ok_or_else(|| Error::not_found("file", message))?;
    let slot = limits
        .slots
        .try_acquire_owned()
        .map_err(|_| Error::too_many("Many people are here right now. Please try again in a moment."))?;
    let path = chat.ws.media().join(file.stored.unwrap_or_default());
    let shown = media::show(&path, file.filename.as_deref(), "private, max-age=86400", slot).await?;
    let mut response = chat.share(shown);
    // The chat stands on other web sites.
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    response.headers_mut().insert(policy, HeaderValue::from_static("cross-origin"));
    Ok(response)
}

/// The file of a message in a conversation of whoever holds the key.
fn find(connection: &Connection, channel: ChannelId, id: MessageId, given: &str) -> Result<Option<Media>> {
    let Some(message) = conversations::store::message(connection, id)?.filter(|m| m.deleted_at.is_none()) else {
        return Ok(None);
    };
    let Some(conversation) =
        conversations::store::get(connection, message.conversation_id)?.filter(|c| c.channel_id == channel)
    else {
        return Ok(None);
    };
    let aliases = contacts::store::aliases(connection, conversation.contact_id)?;
    // Hashes are compared, so that the time it takes tells nothing.
    let given = Sha256::digest(given);
    let opens = aliases
        .iter()
        .filter(|alias| alias.kind == AliasKind::Visitor)
        .any(|alias| Sha256::digest(key(&alias.value, id)) == given);
    Ok(media::file_of(&message.content).filter(|file| opens && file.stored.is_some()).cloned())
}
