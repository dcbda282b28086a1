//! Fetching pages and small sites in the background.

use std::sync::Arc;

use base::{Error, ErrorCode, Result};
use knowledge::web::Limits;

use super::FetchJob;
use crate::workspace::Workspace;

/// The handler of fetching jobs.
pub(crate) async fn fetch(ws: Arc<Workspace>, ctx: jobs::Context) -> jobs::Outcome {
    let job: FetchJob = match ctx.payload() {
        Ok(job) => job,
        Err(e) => return jobs::Outcome::Fail(e),
    };
    match fetch_inner(&ws, &job, &ctx).await {
        Ok(()) => jobs::Outcome::Done,
        Err(e) if ctx.job.attempt < ctx.job.max_attempts && is_passing(e.code) => jobs::Outcome::retry(e),
        Err(e) => {
            let told = ws.knowledge.fail_source(job.source, &e).await;
            told.map_or_else(jobs::Outcome::retry, |()| jobs::Outcome::Done)
        }
    }
}

fn is_passing(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Timeout | ErrorCode::Upstream | ErrorCode::Internal)
}

async fn fetch_inner(ws: &Arc<Workspace>, job: &FetchJob, ctx: &jobs::Context) -> Result<()> {
    let limits = if job.whole_site { Limits::site() } else { Limits::page() };
    let site = tokio::select! {
        () = ctx.cancel.cancelled() => return Err(Error::cancelled()),
        site = knowledge::web::fetch(&job.url, limits, ws.reach) => site?,
    };
    let now = ws.clock.now();
    let mut pages = site.pages.into_iter();
    let first = pages.next().ok_or_else(|| Error::invalid("No page could be read at this address."))?;
    ws.knowledge.replace_page(job.source, &first.document, now).await?;
    if !first.document.title.trim().is_empty() {
        ws.knowledge.rename_source(job.source, &first.document.title, now).await?;
    }
    super::queue_index(ws, job.source).await?;
    for page in pages {
        let id = match super::by_origin(ws, &page.url).await? {
            Some(id) => {
                ws.knowledge.replace_page(id, &page.document, now).await?;
                id
            }
            None => ws.knowledge.add_page(&page.url, &page.document, job.bots.clone(), now).await?,
        };
        super::queue_index(ws, id).await?;
    }
    Ok(())
}
