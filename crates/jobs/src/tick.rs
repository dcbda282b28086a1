//! One write transaction of the runner: writes down what ended, renews leases, fires schedules, takes new work.

use std::collections::HashMap;

use base::id::{JobId, Uuid};
use base::{Error, Result, Time};
use db::Tx;

use crate::schedule::{self, next_run};
use crate::store::{self, Claimed, State};

/// At most this many jobs are taken at once, so that the transaction stays short.
const MAX_CLAIMS: usize = 128;

/// What is to be written about a job that ended.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    Done,
    /// Back into the queue; `refund` takes back the attempt.
    Again {
        run_at: Time,
        refund: bool,
        error: Option<String>,
    },
    Dead(String),
    Cancelled,
    /// The handler wrote it down itself, or the job is not ours any longer.
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) id: JobId,
    pub(crate) verdict: Verdict,
}

/// How many jobs of a queue may be started now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room {
    pub(crate) known: HashMap<String, usize>,
    pub(crate) others: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Tick {
    pub(crate) now: Time,
    pub(crate) owner: Uuid,
    pub(crate) lease_until: Time,
    pub(crate) ended: Vec<Ended>,
    /// Jobs whose lease is to be renewed; present every 20 seconds.
    pub(crate) renew: Option<Vec<JobId>>,
    /// First of all, put back what other runs of the program left behind.
    pub(crate) adopt: bool,
    /// Absent while shutting down: nothing new is started.
    pub(crate) room: Option<Room>,
}

#[derive(Debug, Default)]
pub(crate) struct Ticked {
    pub(crate) claimed: Vec<Claimed>,
    pub(crate) lost: Vec<JobId>,
    /// Queues that have more due work than room.
    pub(crate) crowded: Vec<String>,
    pub(crate) next_due: Option<Time>,
    /// More could have been taken: tick again at once.
    pub(crate) more: bool,
}

pub(crate) fn run(tx: &Tx<'_>, tick: &Tick) -> Result<Ticked> {
    let mut out = Ticked::default();
    for ended in &tick.ended {
        write_down(tx, tick.now, tick.owner, ended)?;
    }
    if tick.adopt {
        let count = store::reclaim_others(tx, tick.now, tick.owner)?;
        if count > 0 {
            tracing::info!(count, "unfinished work of the last run goes on");
        }
    }
    if let Some(ids) = &tick.renew {
        for id in ids {
            if !store::renew(tx, *id, tick.owner, tick.lease_until)? {
                out.lost.push(*id);
            }
        }
        store::reclaim_expired(tx, tick.now)?;
    }
    if let Some(room) = &tick.room {
        fire_schedules(tx, tick.now)?;
        claim(tx, tick, room, &mut out)?;
        out.next_due = store::next_due(tx, tick.now)?;
    }
    Ok(out)
}

fn claim(tx: &Tx<'_>, tick: &Tick, room: &Room, out: &mut Ticked) -> Result<()> {
    let paused = store::paused(tx)?;
    for queue in store::queues_with_work(tx)? {
        if paused.contains(&queue) {
            continue;
        }
        let free = room.known.get(&queue).copied().unwrap_or(room.others);
        let count = free.min(MAX_CLAIMS.saturating_sub(out.claimed.len()));
        let claimed = store::claim(tx, tick.now, tick.owner, tick.lease_until, &queue, count)?;
        if claimed.len() == free {
            out.crowded.push(queue);
        } else if claimed.len() == count {
            out.more = true;
        }
        out.claimed.extend(claimed);
    }
    Ok(())
}

pub(crate) fn write_down(tx: &Tx<'_>, now: Time, owner: Uuid, ended: &Ended) -> Result<()> {
    let id = ended.id;
    match &ended.verdict {
        Verdict::Done => store::complete(tx, now, id, owner).map(|_| ()),
        Verdict::Again { run_at, refund, error } => store::requeue(tx, id, owner, *run_at, *refund, error.as_deref()),
        Verdict::Dead(error) => store::give_up(tx, now, id, owner, State::Dead, Some(error)),
        Verdict::Cancelled => store::give_up(tx, now, id, owner, State::Cancelled, None),
        Verdict::Nothing => Ok(()),
    }
}

/// Queues the jobs of all schedules that are due. Their next run is counted from now, so missed ones fire once.
pub(crate) fn fire_schedules(tx: &Tx<'_>, now: Time) -> Result<usize> {
    let due = schedule::store::due_schedules(tx, now)?;
    for s in &due {
        let key = format!("schedule:{}", s.name);
        if !store::is_open(tx, &s.kind, &key)? {
            let job = store::Insert {
                kind: &s.kind,
                queue: &s.queue,
                payload: &s.payload,
                priority: s.priority,
                run_at: now,
                dedupe_key: Some(&key),
                max_attempts: s.max_attempts,
            };
            store::insert(tx, now, &job)?;
        }
        let next = next_run(&s.cron, &s.zone, now).unwrap_or_else(|e: Error| {
            // It was valid when stored; a zone may have gone from the system's list. Look again tomorrow.
            tracing::error!(schedule = s.name, error = %e, "a schedule cannot be computed");
            now.plus(std::time::Duration::from_secs(86_400))
        });
        schedule::store::advance_schedule(tx, &s.name, now, next)?;
    }
    Ok(due.len())
}
