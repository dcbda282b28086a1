//! Takes in what was accepted, in order of arrival, and gives conversations their turn when it is due.

use std::sync::Arc;
use std::time::Duration;

use base::id::{BotId, ConversationId, FlowVersionId, RunId, Uuid};
use base::{Result, Time};
use db::rusqlite::Connection;
use tokio::sync::broadcast::error::RecvError;

use super::{TAG, ingest, store};
use crate::workspace::Workspace;
use crate::{conversations, outbox, runs, triggers, versions};

/// Items taken in with one trip to the writer; together they share a commit.
const BATCH: usize = 256;
/// Looks at least this often, for turns and timers that only time makes due.
const IDLE: Duration = Duration::from_secs(20);

/// What went through the flows is written this often.
const COUNT_EVERY: Duration = Duration::from_secs(5);

/// Runs until the business is closed.
pub(crate) async fn run(ws: Arc<Workspace>) {
    let mut changes = ws.db.changes();
    let mut counted = tokio::time::Instant::now();
    loop {
        if counted.elapsed() > COUNT_EVERY || ws.traffic.is_large() {
            log(runs::write_traffic(&ws).await, "what went through the flows could not be counted");
            counted = tokio::time::Instant::now();
        }
        let pause = pass(&ws).await.unwrap_or_else(|e| {
            tracing::error!(error = ?e, "taking in failed");
            Duration::from_secs(1)
        });
        let woken = async {
            loop {
                match changes.recv().await {
                    Ok(tags) if tags.iter().any(|t| t == TAG || t == runs::TAG) => return true,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return true,
                    Err(RecvError::Closed) => return false,
                }
            }
        };
        tokio::select! {
            () = ws.closing.cancelled() => return,
            open = woken => if !open { return },
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What there is to do now, and when there will be more.
struct Due {
    items: Vec<store::InboundRow>,
    turns: Vec<ConversationId>,
    timers: Vec<RunId>,
    silent: Vec<ConversationId>,
    follow_ups: Vec<Uuid>,
    versions: Vec<(BotId, FlowVersionId)>,
    next: Option<Time>,
}

fn look(c: &Connection, now: Time) -> Result<Due> {
    let next = [
        conversations::store::next_turn(c)?,
        runs::store::next_wake(c)?,
        triggers::store::next_due(c)?,
        versions::store::next_due(c)?,
    ];
    Ok(Due {
        items: store::pending(c, BATCH)?,
        turns: conversations::store::turns_due(c, now, BATCH)?,
        timers: runs::store::due(c, now, BATCH)?,
        silent: triggers::store::idle_due(c, now, BATCH)?,
        follow_ups: triggers::store::follow_ups_due(c, now, BATCH)?,
        versions: versions::store::due(c, now)?,
        next: next.into_iter().flatten().min(),
    })
}

/// Does all that is due now and tells how long to rest. Whatever it makes due in turn wakes the worker by its tag.
pub(crate) async fn pass(ws: &Arc<Workspace>) -> Result<Duration> {
    let now = ws.clock.now();
    let Due { items, turns, timers, silent, follow_ups, versions, next } = ws.db.read(move |c| look(c, now)).await?;
    // An item that cannot be taken in waits for the next wake.
    let taken = take_in(ws, items).await;
    let busy = taken || !turns.is_empty() || !timers.is_empty() || !silent.is_empty() || !follow_ups.is_empty();
    let each = turns.into_iter().map(|conversation| {
        let ws = ws.clone();
        async move {
            let inner = ws.clone();
            let turn = move |tx: &db::Tx<'_>| {
                let Some(conversation) = conversations::store::get(tx, conversation)? else { return Ok(()) };
                runs::turn(tx, &inner, &conversation)?;
                outbox::answered_by_bot(tx, conversation.id);
                Ok(())
            };
            ws.db.write_in_background(turn).await
        }
    });
    for result in futures::future::join_all(each).await {
        log(result, "a turn failed");
    }
    let each = timers.into_iter().map(|run| {
        let ws = ws.clone();
        async move {
            let inner = ws.clone();
            let gone_on = ws.db.write_in_background(move |tx| runs::timer(tx, &inner, run)).await;
            runs::passed(runs::Moment::Committed, "timer");
            gone_on
        }
    });
    for result in futures::future::join_all(each).await {
        log(result, "a timer failed");
    }
    for id in silent {
        let inner = ws.clone();
        log(ws.db.write_in_background(move |tx| triggers::silent(tx, &inner, id)).await, "a flow for silence failed");
    }
    for id in follow_ups {
        let inner = ws.clone();
        let due = ws.db.write_in_background(move |tx| triggers::follow_up_due(tx, &inner, id)).await;
        log(due, "a flow that was to begin later failed");
    }
    for (bot, version) in versions {
        let inner = ws.clone();
        let due = ws.db.write(move |tx| versions::service::publish_due(tx, &inner, bot, version)).await;
        log(due, "a version could not be published at its time");
    }
    if busy {
        return Ok(Duration::ZERO);
    }
    let now = ws.clock.now();
    Ok(next.map_or(IDLE, |next| next.since(now).clamp(Duration::from_millis(5), IDLE)))
}

/// Takes these in, in their order. Tells whether any was.
async fn take_in(ws: &Arc<Workspace>, items: Vec<store::InboundRow>) -> bool {
    // The writer runs them in this order; each is a transaction of its own, and many share one commit.
    let each = items.into_iter().map(|row| {
        let ws = ws.clone();
        async move {
            let (id, tries) = (row.id, row.tries);
            let inner = ws.clone();
            // What is being accepted at this moment goes before it.
            let taken = ws.db.write_in_background(move |tx| ingest::ingest(tx, &inner, &row)).await;
            runs::passed(runs::Moment::Committed, "message");
            if let Err(e) = &taken {
                tracing::error!(error = ?e, inbound = id, tries, "an item could not be taken in");
                let problem = format!("{e:?}");
                log(ws.db.write(move |tx| store::fail(tx, id, &problem)).await, "a failure could not be noted");
            }
            taken.is_ok()
        }
    });
    futures::future::join_all(each).await.contains(&true)
}

fn log(result: Result<()>, what: &str) {
    if let Err(e) = result {
        tracing::error!(error = ?e, "{what}");
    }
}
