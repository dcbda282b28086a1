//! Sources over HTTP and in the background: taking documents in, reading them, and fetching pages.

pub(crate) mod routes;
pub(crate) mod site;
mod typed;

use std::sync::Arc;

use base::id::{BotId, SourceId};
use base::{Error, ErrorCode, Result};
use jobs::{NewJob, Priority};
use knowledge::Cancel;
use knowledge::sources::SourceState;
use serde::{Deserialize, Serialize};

use crate::workspace::Workspace;

pub(crate) const INDEX_JOB: &str = "source.index";
pub(crate) const FETCH_JOB: &str = "source.fetch";
pub(crate) const EMBED_JOB: &str = "source.embed";
/// One document at a time: reading and understanding use all that a small laptop can spare.
pub(crate) const QUEUE: &str = "sources";

#[derive(Serialize, Deserialize)]
struct IndexJob {
    source: SourceId,
}

/// A page or site to fetch; `source` is the page's own source, filled when it is there.
#[derive(Serialize, Deserialize)]
pub(crate) struct FetchJob {
    pub(crate) source: SourceId,
    pub(crate) url: String,
    pub(crate) whole_site: bool,
    pub(crate) bots: Vec<BotId>,
}

/// Has a source read, or read again.
pub(crate) async fn queue_index(ws: &Arc<Workspace>, source: SourceId) -> Result<()> {
    ws.knowledge.requeue_source(source).await?;
    let now = ws.clock.now();
    ws.db
        .write(move |tx| {
            let job = NewJob::new(INDEX_JOB, QUEUE, IndexJob { source })?
                .priority(Priority::Normal)
                .dedupe(format!("index:{source}"))
                .max_attempts(3);
            jobs::enqueue(tx, now, job).map(drop)
        })
        .await
}

pub(crate) async fn queue_fetch(ws: &Arc<Workspace>, job: FetchJob) -> Result<()> {
    let now = ws.clock.now();
    ws.db
        .write(move |tx| {
            let key = format!("fetch:{}", job.source);
            let job = NewJob::new(FETCH_JOB, QUEUE, job)?.priority(Priority::Normal).dedupe(key).max_attempts(2);
            jobs::enqueue(tx, now, job).map(drop)
        })
        .await
}

/// Fills in the vectors that are missing, once a model for them is there.
pub(crate) async fn queue_embed(ws: &Arc<Workspace>) -> Result<()> {
    let now = ws.clock.now();
    ws.db
        .write(move |tx| {
            let job = NewJob::new(EMBED_JOB, QUEUE, serde_json::json!({}))?.priority(Priority::Low).dedupe("embed");
            jobs::enqueue(tx, now, job).map(drop)
        })
        .await
}

/// The handler of reading jobs. A document that cannot be read says so itself; only faults of ours are tried again.
pub(crate) async fn index(ws: Arc<Workspace>, ctx: jobs::Context) -> jobs::Outcome {
    let job: IndexJob = match ctx.payload() {
        Ok(job) => job,
        Err(e) => return jobs::Outcome::Fail(e),
    };
    // Stopped by the owner while it waited.
    match ws.knowledge.source(job.source).await {
        Ok(source) if source.state == SourceState::Cancelled => return jobs::Outcome::Done,
        Ok(_) => {}
        Err(e) if e.is_not_found() => return jobs::Outcome::Done,
        Err(e) => return jobs::Outcome::retry(e),
    }
    let cancel = stop_with(&ws, job.source, &ctx);
    let result = ws.knowledge.index_source(job.source, &|_| {}, &cancel).await;
    ws.cancels.forget(job.source);
    match result {
        Ok(()) => jobs::Outcome::Done,
        Err(e) if e.code == ErrorCode::Internal => jobs::Outcome::retry(e),
        // Closing the program is not cancelling: the work goes on after the next start.
        Err(e) if e.code == ErrorCode::Cancelled && ws.closing.is_cancelled() => jobs::Outcome::retry(e),
        Err(_) => jobs::Outcome::Done,
    }
}

pub(crate) async fn embed(ws: Arc<Workspace>, ctx: jobs::Context) -> jobs::Outcome {
    let cancel = Cancel::default();
    let stop = cancel.clone();
    let token = ctx.cancel.clone();
    base::task::spawn("cancel", async move {
        token.cancelled().await;
        stop.cancel();
    });
    match ws.knowledge.embed_missing(&|_, _| {}, &cancel).await {
        Ok(()) => jobs::Outcome::Done,
        // Without the model there is nothing to do; its arrival queues this again.
        Err(e) if e.code == ErrorCode::Unavailable => jobs::Outcome::Done,
        Err(e) => jobs::Outcome::retry(e),
    }
}

/// A source that waits for its turn is stopped before it is read.
pub(crate) async fn cancel_waiting(ws: &Workspace, source: SourceId) -> Result<()> {
    ws.knowledge.fail_source(source, &Error::cancelled()).await
}

/// A switch that the owner, or the end of the program, can turn.
fn stop_with(ws: &Workspace, source: SourceId, ctx: &jobs::Context) -> Cancel {
    let cancel = ws.cancels.begin(source);
    let stop = cancel.clone();
    let token = ctx.cancel.clone();
    base::task::spawn("cancel", async move {
        token.cancelled().await;
        stop.cancel();
    });
    cancel
}

/// The sources that are being read, each with its switch.
#[derive(Default)]
pub(crate) struct Cancels(std::sync::Mutex<std::collections::HashMap<SourceId, Cancel>>);

impl Cancels {
    fn begin(&self, source: SourceId) -> Cancel {
        let cancel = Cancel::default();
        if let Ok(mut all) = self.0.lock() {
            all.insert(source, cancel.clone());
        }
        cancel
    }

    fn forget(&self, source: SourceId) {
        if let Ok(mut all) = self.0.lock() {
            all.remove(&source);
        }
    }

    /// Stops the reading of a source; false when it is not being read.
    pub(crate) fn cancel(&self, source: SourceId) -> bool {
        match self.0.lock() {
            Ok(all) => all.get(&source).map(Cancel::cancel).is_some(),
            Err(_) => false,
        }
    }
}

/// The source that came from a file of this name or from this address, if there is one.
pub(crate) async fn by_origin(ws: &Workspace, origin: &str) -> Result<Option<SourceId>> {
    let now = ws.clock.now();
    let mut cursor = None;
    loop {
        let page = ws.knowledge.sources(cursor, 200, now).await?;
        if let Some(found) = page.items.iter().find(|s| s.origin.as_deref() == Some(origin)) {
            return Ok(Some(found.id));
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(None),
        }
    }
}

/// An address as the owner types it.
pub(crate) fn check_address(url: &str) -> Result<url::Url> {
    let text = url.trim();
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    text.parse().map_err(|_| Error::invalid("This is not a web address, such as https://shop.example."))
}
