//! Fetches the files of incoming messages into the business's own folder; providers keep them for days only.

use std::sync::Arc;
use std::time::Duration;

use base::id::{ChannelId, MessageId};
use base::message::Content;
use base::{Error, ErrorCode, Result, Time};
use channels::whatsapp::client::{FILE_GONE, Failure};
use jobs::{NewJob, Outcome, Priority};
use serde::{Deserialize, Serialize};

use super::{QUEUE, file_of, file_of_mut, settle};
use crate::conversations;
use crate::outbox::problem;
use crate::workspace::Workspace;

pub(crate) const FETCH_JOB: &str = "media.fetch";
/// WhatsApp takes files up to this size from customers.
const MAX_FILE_BYTES: u64 = 100 << 20;
const ATTEMPTS: u32 = 8;
/// WhatsApp keeps customers' files for so long.
const KEPT_THERE: Duration = Duration::from_secs(7 * 24 * 3600);
/// After the quick attempts it is tried this often for as long as the file is there: the line may be down, or the
/// owner has to make a new token first.
const TRY_AGAIN: Duration = Duration::from_secs(30 * 60);

#[derive(Serialize, Deserialize)]
struct Fetch {
    channel: ChannelId,
    message: MessageId,
}

/// Has the file of an incoming message fetched.
pub(crate) fn want(
    tx: &db::Tx<'_>,
    now: Time,
    channel: ChannelId,
    message: MessageId,
    content: &Content,
) -> Result<()> {
    if file_of(content).is_none_or(|m| m.provider_id.is_none() || m.stored.is_some()) {
        return Ok(());
    }
    let job =
        NewJob::new(FETCH_JOB, QUEUE, Fetch { channel, message })?.priority(Priority::Normal).max_attempts(ATTEMPTS);
    jobs::enqueue(tx, now, job).map(drop)
}

/// The handler of fetching jobs.
pub(crate) async fn fetch(ws: Arc<Workspace>, ctx: jobs::Context) -> Outcome {
    attempt(&ws, &ctx).await.unwrap_or_else(|e| Outcome::from(Err(e)))
}

async fn attempt(ws: &Arc<Workspace>, ctx: &jobs::Context) -> Result<Outcome> {
    let job: Fetch = ctx.payload()?;
    let whatsapp = ws.channels.whatsapp(ws, job.channel)?;
    let id = job.message;
    let Some(row) = ws.db.read(move |c| conversations::store::message(c, id)).await? else { return Ok(Outcome::Done) };
    let mut content = row.content;
    let Some(wanted) = file_of_mut(&mut content) else { return Ok(Outcome::Done) };
    let Some(provider_id) = wanted.provider_id.clone() else { return Ok(Outcome::Done) };
    let folder = ws.media();
    std::fs::create_dir_all(&folder)?;
    let arrived = folder.join(format!("{id}.arrived"));
    let got = whatsapp.graph.fetch_media(&provider_id, &whatsapp.phone_number_id, &arrived, MAX_FILE_BYTES).await;
    let now = ws.clock.now();
    let got = match got {
        Ok(got) => got,
        Err(Failure::Gone) => return give_up(ws, ctx, row.conversation_id, id, FILE_GONE).await,
        // Strange or too large: it would be the same the next time.
        Err(Failure::Invalid(e)) if e.code != ErrorCode::Internal => {
            return give_up(ws, ctx, row.conversation_id, id, &e.message).await;
        }
        Err(_) if now.since(row.at) > KEPT_THERE => {
            return give_up(ws, ctx, row.conversation_id, id, FILE_GONE).await;
        }
        Err(failure) => {
            let why = Error::from(failure);
            if ctx.job.attempt < ctx.job.max_attempts {
                return Ok(Outcome::retry(why));
            }
            tracing::warn!(message = %id, error = ?why, "a customer's file could not be fetched yet");
            return Ok(Outcome::Wait { until: now.plus(TRY_AGAIN) });
        }
    };
    settle(arrived, folder.join(&got.sha256), now).await?;
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
        .await?;
    Ok(Outcome::Done)
}

/// The file will not come any more; the owner reads why beside the message.
async fn give_up(
    ws: &Arc<Workspace>,
    ctx: &jobs::Context,
    conversation: base::id::ConversationId,
    message: MessageId,
    why: &str,
) -> Result<Outcome> {
    let (ctx, error) = (ctx.clone(), problem(why));
    ws.db
        .write(move |tx| {
            ctx.complete(tx)?;
            tx.publish(format!("conversation:{conversation}"));
            conversations::store::set_error(tx, message, &error)
        })
        .await?;
    Ok(Outcome::Done)
}
