//! Files in conversations: fetched from the provider into the business's own folder, and handed to the interface.

use std::sync::Arc;

use accounts::Permission;
use axum::response::{IntoResponse, Response};
use base::id::{ChannelId, MessageId};
use base::message::{Content, Media};
use base::{Error, Result};
use http::header;
use jobs::{NewJob, Priority};
use serde::{Deserialize, Serialize};
use web::{ApiResult, Path};

use crate::conversations;
use crate::current::Current;
use crate::workspace::Workspace;

pub(crate) const FETCH_JOB: &str = "media.fetch";
pub(crate) const QUEUE: &str = "media";
/// WhatsApp takes files up to this size from customers.
const MAX_FILE_BYTES: u64 = 100 << 20;

#[derive(Serialize, Deserialize)]
struct Fetch {
    channel: ChannelId,
    message: MessageId,
}

/// The file of a message, when it has one.
fn media(content: &mut Content) -> Option<&mut Media> {
    match content {
        Content::Image { media, .. }
        | Content::Video { media, .. }
        | Content::Audio { media, .. }
        | Content::Document { media, .. }
        | Content::Sticker { media, .. } => Some(media),
        _ => None,
    }
}

/// Has the file of an incoming message fetched; providers keep it for days only.
pub(crate) fn want(
    tx: &db::Tx<'_>,
    now: base::Time,
    channel: ChannelId,
    message: MessageId,
    content: &Content,
) -> Result<()> {
    let mut content = content.clone();
    if media(&mut content).is_none_or(|m| m.provider_id.is_none() || m.stored.is_some()) {
        return Ok(());
    }
    let job = NewJob::new(FETCH_JOB, QUEUE, Fetch { channel, message })?.priority(Priority::Normal).max_attempts(8);
    jobs::enqueue(tx, now, job).map(drop)
}

/// The handler of fetching jobs.
pub(crate) async fn fetch(ws: Arc<Workspace>, ctx: jobs::Context) -> jobs::Outcome {
    fetch_inner(&ws, &ctx).await.into()
}

async fn fetch_inner(ws: &Arc<Workspace>, ctx: &jobs::Context) -> Result<()> {
    let job: Fetch = ctx.payload()?;
    let whatsapp = ws.channels.whatsapp(ws, job.channel)?;
    let id = job.message;
    let Some(row) = ws.db.read(move |c| conversations::store::message(c, id)).await? else { return Ok(()) };
    let mut content = row.content;
    let Some(wanted) = media(&mut content) else { return Ok(()) };
    let Some(provider_id) = wanted.provider_id.clone() else { return Ok(()) };
    let folder = ws.media();
    std::fs::create_dir_all(&folder)?;
    let arrived = folder.join(format!("{id}.arrived"));
    let got = whatsapp.graph.fetch_media(&provider_id, &whatsapp.phone_number_id, &arrived, MAX_FILE_BYTES).await?;
    std::fs::rename(&arrived, folder.join(&got.sha256))?;
    wanted.stored = Some(got.sha256);
    wanted.size_bytes = Some(got.size_bytes);
    if let Some(mime) = got.sniffed {
        wanted.mime = mime.to_owned();
    }
    let conversation = row.conversation_id;
    let ctx = ctx.clone();
    ws.db
        .write(move |tx| {
            ctx.complete(tx)?;
            tx.publish(format!("conversation:{conversation}"));
            conversations::store::replace_content(tx, id, &content)
        })
        .await
}

/// A file by its content's hash.
#[utoipa::path(get, path = "/media/{sha256}", tag = "conversations", params(("sha256" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
pub(crate) async fn download(current: Current, Path(sha256): Path<String>) -> ApiResult<Response> {
    current.member.require(Permission::View)?;
    if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Error::not_found("file", "unknown").into());
    }
    let path = current.ws.media().join(sha256.to_ascii_lowercase());
    let bytes = base::task::blocking(move || std::fs::read(path))
        .await?
        .map_err(|e| Error::not_found("file", "missing").with_cause(e))?;
    let mime = channels::whatsapp::media::sniff(&bytes).unwrap_or("application/octet-stream");
    // Strangers sent these: shown as what they are or not at all, never run.
    let shown = mime.starts_with("image/") || mime.starts_with("audio/") || mime.starts_with("video/");
    let disposition = if shown { "inline" } else { "attachment" };
    Ok((
        [
            (header::CONTENT_TYPE, mime),
            (header::CONTENT_DISPOSITION, disposition),
            (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
            (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        bytes,
    )
        .into_response())
}
