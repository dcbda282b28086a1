//! What a business does in the background: the handlers of its jobs, and housekeeping.

use std::sync::{Arc, Weak};
use std::time::Duration;

use base::{Error, Result};
use jobs::{Context, NewJob, Outcome, Priority, QueueLimits, Registry};

use crate::workspace::Workspace;
use crate::{flows, inbound, media, notices, outbox, runs, sources, triggers};

/// Raw bodies of webhooks are kept this long, for reading again what was not understood.
const BODIES_KEPT: Duration = Duration::from_secs(14 * 24 * 3600);
/// The keys of duplicates outlive the seven days for which WhatsApp repeats, with room.
const KEYS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Notices that were read stay this long.
const NOTICES_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(15 * 60);

/// The handlers. They hold the business weakly, for the business holds them.
pub(crate) fn registry(ws: Weak<Workspace>) -> Registry {
    let effects = QueueLimits { concurrency: 8, per_second: None };
    let one = QueueLimits { concurrency: 1, per_second: None };
    let few = QueueLimits { concurrency: 3, per_second: None };
    Registry::new()
        .queue(runs::EFFECT_QUEUE, effects)
        .queue(sources::QUEUE, one)
        .queue(media::QUEUE, few)
        .handler(runs::EFFECT_JOB, on(&ws, runs::perform))
        .time_limit(runs::EFFECT_JOB, Duration::from_secs(120))
        .handler(triggers::SCHEDULE_JOB, on(&ws, triggers::run_schedule))
        .handler(sources::INDEX_JOB, on(&ws, sources::index))
        .handler(sources::FETCH_JOB, on(&ws, sources::site::fetch))
        .handler(sources::EMBED_JOB, on(&ws, sources::embed))
        .handler(media::FETCH_JOB, on(&ws, media::fetch))
        .handler(media::CLEAN_JOB, on(&ws, media::run_clean))
}

fn on<F, Fut>(
    ws: &Weak<Workspace>,
    handler: F,
) -> impl Fn(Context) -> std::pin::Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync + 'static
where
    F: Fn(Arc<Workspace>, Context) -> Fut + Send + Sync + Copy + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    let ws = ws.clone();
    move |ctx| {
        let ws = ws.upgrade();
        Box::pin(async move {
            match ws {
                Some(ws) => handler(ws, ctx).await,
                None => Outcome::retry(Error::unavailable("The business is being closed.")),
            }
        })
    }
}

/// Runs until the business is closed.
pub(crate) async fn run_housekeeping(ws: Arc<Workspace>) {
    if let Err(e) = ws.db.write(schedule(&ws)).await {
        tracing::error!(error = ?e, "the daily work could not be scheduled");
    }
    loop {
        tokio::select! {
            () = ws.closing.cancelled() => return,
            () = tokio::time::sleep(HOUSEKEEPING_EVERY) => {}
        }
        if let Err(e) = housekeep(&ws).await {
            tracing::error!(error = ?e, "housekeeping failed");
        }
    }
}

/// What is done once a day, at night by the business's own clock.
fn schedule(ws: &Workspace) -> impl FnOnce(&db::Tx<'_>) -> Result<()> + Send + 'static {
    let now = ws.clock.now();
    move |tx| {
        let zone = crate::business::get(tx)?.timezone;
        let job = || Ok::<_, Error>(NewJob::new(media::CLEAN_JOB, media::QUEUE, ())?.priority(Priority::Low));
        // A zone that was never set, or that this computer does not know, is no reason not to clean.
        match jobs::put_schedule(tx, now, media::CLEAN_JOB, media::CLEAN_AT, &zone, job()?) {
            Ok(_) => Ok(()),
            Err(_) => jobs::put_schedule(tx, now, media::CLEAN_JOB, media::CLEAN_AT, "UTC", job()?).map(drop),
        }
    }
}

/// Lets go of what is no longer needed and gives the room back.
pub(crate) async fn housekeep(ws: &Workspace) -> Result<()> {
    let now = ws.clock.now();
    ws.db
        .write(move |tx| {
            inbound::store::purge(tx, now.minus(BODIES_KEPT), now.minus(KEYS_KEPT))?;
            flows::service::purge(tx, now)?;
            runs::purge(tx, now)?;
            notices::store::purge(tx, now.minus(NOTICES_KEPT))?;
            outbox::store::purge(tx, now, now.minus(KEYS_KEPT))
        })
        .await?;
    ws.jobs.purge_old(now).await?;
    ws.knowledge.purge_sources(now).await?;
    ws.db.maintain().await
}
