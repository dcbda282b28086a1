//! Every SQL statement for jobs, schedules and paused queues.

use base::id::{JobId, Uuid};
use base::{Error, Result, Time};
use db::Tx;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde::{Deserialize, Serialize};

use crate::job::Priority;
use crate::{PROGRESS_TAG, TAG};

/// A job that ended with the program this many times is suspected of ending it, and given up. What is critical is
/// given two hundred times as many chances: a customer waits for it, and a power that fails often is no fault of its own.
const MAX_INTERRUPTIONS: i64 = 5;
const MAX_ERROR_CHARS: usize = 1000;

impl Priority {
    pub(crate) const ALL: [Priority; 4] = [Priority::Critical, Priority::High, Priority::Normal, Priority::Low];

    pub(crate) fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_number(n: i64) -> Self {
        usize::try_from(n).ok().and_then(|n| Self::ALL.get(n).copied()).unwrap_or(Priority::Low)
    }
}

pub(crate) struct Insert<'a> {
    pub(crate) kind: &'a str,
    pub(crate) queue: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) priority: Priority,
    pub(crate) run_at: Time,
    pub(crate) dedupe_key: Option<&'a str>,
    pub(crate) max_attempts: u32,
}

pub(crate) const INSERT: &str = "
    insert into job (id, kind, queue, payload, priority, state, max_attempts, run_at, dedupe_key, created_at)
    values (:id, :kind, :queue, :payload, :priority, 'queued', :max_attempts, :run_at, :key, :now)
    on conflict (kind, dedupe_key) where dedupe_key is not null and state in ('queued', 'running') do update set
        run_at = iif(state = 'queued' and attempt = 0, min(run_at, excluded.run_at), run_at),
        priority = iif(state = 'queued', min(priority, excluded.priority), priority),
        again_at = iif(state = 'running', min(coalesce(again_at, excluded.run_at), excluded.run_at), again_at)
    returning id";

/// Adds a job, or joins it with the one that has its key. The id, when it is a new one.
pub(crate) fn insert(tx: &Tx<'_>, now: Time, job: &Insert<'_>) -> Result<Option<JobId>> {
    let id = JobId::fresh();
    let stored: JobId = tx.prepare_cached(INSERT)?.query_row(
        named_params! {
            ":id": id, ":kind": job.kind, ":queue": job.queue, ":payload": job.payload,
            ":priority": job.priority.number(), ":max_attempts": job.max_attempts, ":run_at": job.run_at,
            ":key": job.dedupe_key, ":now": now,
        },
        |row| row.get(0),
    )?;
    tx.publish(TAG);
    Ok((stored == id).then_some(id))
}

/// A job that was just taken.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) id: JobId,
    pub(crate) kind: String,
    pub(crate) queue: String,
    pub(crate) payload: String,
    pub(crate) attempt: u32,
    pub(crate) max_attempts: u32,
    pub(crate) run_at: Time,
}

pub(crate) const NEXT_QUEUE: &str =
    "select queue from job where state = 'queued' and queue > ?1 order by queue limit 1";
pub(crate) const DUE_IN_QUEUE: &str = "
    select seq from job where state = 'queued' and queue = ?1 and priority = ?2 and run_at <= ?3
    order by run_at, seq limit ?4";
pub(crate) const FIRST_DUE: &str = "
    select seq from job where state = 'queued' and run_at <= ?1
    and not exists (select 1 from job_paused_queue p where p.name = job.queue)
    order by priority, run_at, seq limit 1";
pub(crate) const CLAIM: &str = "
    update job set state = 'running', attempt = attempt + 1, owner = ?2, lease_until = ?3, started_at = ?4
    where seq = ?1 and state = 'queued'
    returning id, kind, queue, payload, attempt, max_attempts, run_at";

/// The queues that have anything queued. Skips through the index, so its cost is the number of queues.
pub(crate) fn queues_with_work(tx: &Tx<'_>) -> Result<Vec<String>> {
    let mut statement = tx.prepare_cached(NEXT_QUEUE)?;
    let mut found: Vec<String> = Vec::new();
    loop {
        let last = found.last().map_or("", String::as_str);
        match statement.query_row([last], |row| row.get(0)).optional()? {
            Some(queue) => found.push(queue),
            None => return Ok(found),
        }
    }
}

/// Takes up to `count` due jobs of a queue, the most urgent first.
pub(crate) fn claim(
    tx: &Tx<'_>,
    now: Time,
    owner: Uuid,
    lease_until: Time,
    queue: &str,
    count: usize,
) -> Result<Vec<Claimed>> {
    let mut claimed = Vec::new();
    for priority in Priority::ALL {
        if claimed.len() >= count {
            break;
        }
        let wanted = i64::try_from(count - claimed.len()).unwrap_or(i64::MAX);
        let due: Vec<i64> = tx
            .prepare_cached(DUE_IN_QUEUE)?
            .query_map(params![queue, priority.number(), now, wanted], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for seq in due {
            claimed.extend(claim_one(tx, now, owner, lease_until, seq)?);
        }
    }
    Ok(claimed)
}

/// Takes the one due job that goes before all others, of whatever queue.
pub(crate) fn claim_first(tx: &Tx<'_>, now: Time, owner: Uuid, lease_until: Time) -> Result<Option<Claimed>> {
    let seq: Option<i64> = tx.prepare_cached(FIRST_DUE)?.query_row([now], |row| row.get(0)).optional()?;
    seq.map_or(Ok(None), |seq| claim_one(tx, now, owner, lease_until, seq))
}

fn claim_one(tx: &Tx<'_>, now: Time, owner: Uuid, lease_until: Time, seq: i64) -> Result<Option<Claimed>> {
    let claimed = tx
        .prepare_cached(CLAIM)?
        .query_row(params![seq, owner, lease_until, now], |row| {
            Ok(Claimed {
                id: row.get(0)?,
                kind: row.get(1)?,
                queue: row.get(2)?,
                payload: row.get(3)?,
                attempt: row.get(4)?,
                max_attempts: row.get(5)?,
                run_at: row.get(6)?,
            })
        })
        .optional()?;
    tx.publish(PROGRESS_TAG);
    Ok(claimed)
}

pub(crate) const COMPLETE: &str = "
    update job set state = iif(again_at is null, 'done', 'queued'), run_at = coalesce(again_at, run_at),
        attempt = iif(again_at is null, attempt, 0), interrupted = 0, again_at = null, owner = null,
        lease_until = null, finished_at = iif(again_at is null, ?3, null), error = null
    where id = ?1 and owner = ?2 and state = 'running'
    returning state";

/// Done, or once more when that was asked for meanwhile. False when the job is not this owner's any longer.
pub(crate) fn complete(tx: &Tx<'_>, now: Time, id: JobId, owner: Uuid) -> Result<bool> {
    let state: Option<String> =
        tx.prepare_cached(COMPLETE)?.query_row(params![id, owner, now], |row| row.get(0)).optional()?;
    tx.publish(PROGRESS_TAG);
    if state.as_deref() == Some("queued") {
        tx.publish(TAG);
    }
    Ok(state.is_some())
}

pub(crate) const REQUEUE: &str = "
    update job set state = 'queued', run_at = :run_at, attempt = attempt - :refund, again_at = null, owner = null,
        lease_until = null, error = :error
    where id = :id and owner = :owner and state = 'running'";

/// Back into the queue. `refund` takes back the attempt that the start counted.
pub(crate) fn requeue(
    tx: &Tx<'_>,
    id: JobId,
    owner: Uuid,
    run_at: Time,
    refund: bool,
    error: Option<&str>,
) -> Result<()> {
    tx.prepare_cached(REQUEUE)?.execute(named_params! {
        ":id": id, ":owner": owner, ":run_at": run_at, ":refund": refund, ":error": error.map(shorten),
    })?;
    tx.publish(PROGRESS_TAG);
    Ok(())
}

pub(crate) const AGAIN: &str =
    "select again_at from job where id = ?1 and owner = ?2 and state = 'running' and again_at is not null";
pub(crate) const COPY_AGAIN: &str = "
    insert into job (id, kind, queue, payload, priority, state, max_attempts, run_at, dedupe_key, created_at)
    select ?2, kind, queue, payload, priority, 'queued', max_attempts, ?3, dedupe_key, ?4 from job where id = ?1";
pub(crate) const GIVE_UP: &str = "
    update job set state = :state, again_at = null, owner = null, lease_until = null, finished_at = :now, error = :error
    where id = :id and owner = :owner and state = 'running'";

/// Dead or cancelled. What was asked for anew while it ran starts as a job of its own.
pub(crate) fn give_up(tx: &Tx<'_>, now: Time, id: JobId, owner: Uuid, state: State, error: Option<&str>) -> Result<()> {
    let again: Option<Time> = tx.prepare_cached(AGAIN)?.query_row(params![id, owner], |row| row.get(0)).optional()?;
    tx.prepare_cached(GIVE_UP)?.execute(named_params! {
        ":id": id, ":owner": owner, ":state": state.name(), ":now": now, ":error": error.map(shorten),
    })?;
    if let Some(again) = again {
        tx.prepare_cached(COPY_AGAIN)?.execute(params![id, JobId::fresh(), again, now])?;
        tx.publish(TAG);
    }
    tx.publish(PROGRESS_TAG);
    Ok(())
}

fn shorten(text: &str) -> &str {
    text.char_indices().nth(MAX_ERROR_CHARS).map_or(text, |(end, _)| &text[..end])
}

pub(crate) const RENEW: &str = "update job set lease_until = ?3 where id = ?1 and owner = ?2 and state = 'running'";

/// Renews the lease. False when the job is not this owner's any longer.
pub(crate) fn renew(tx: &Tx<'_>, id: JobId, owner: Uuid, lease_until: Time) -> Result<bool> {
    Ok(tx.prepare_cached(RENEW)?.execute(params![id, owner, lease_until])? > 0)
}

pub(crate) const RECLAIM_EXPIRED: &str = "
    update job set state = iif(interrupted + 1 >= iif(priority = 0, 200 * :max, :max), 'dead', 'queued'), attempt = max(attempt - 1, 0),
        interrupted = interrupted + 1, again_at = null, owner = null, lease_until = null,
        finished_at = iif(interrupted + 1 >= iif(priority = 0, 200 * :max, :max), :now, null),
        error = iif(interrupted + 1 >= iif(priority = 0, 200 * :max, :max), :why, error)
    where state = 'running' and lease_until < :now";
/// Only at the start: whoever had these is gone.
pub(crate) const RECLAIM_OTHERS: &str = "
    update job set state = iif(interrupted + 1 >= iif(priority = 0, 200 * :max, :max), 'dead', 'queued'), attempt = max(attempt - 1, 0),
        interrupted = interrupted + 1, again_at = null, owner = null, lease_until = null,
        finished_at = iif(interrupted + 1 >= iif(priority = 0, 200 * :max, :max), :now, null),
        error = iif(interrupted + 1 >= iif(priority = 0, 200 * :max, :max), :why, error)
    where state = 'running' and owner is not :owner";
const WHY_INTERRUPTED: &str =
    "The program ended several times while it worked on this. It is set aside so that everything else goes on.";

/// Puts back jobs whose lease ran out. An interruption is not the job's fault and counts no attempt.
pub(crate) fn reclaim_expired(tx: &Tx<'_>, now: Time) -> Result<usize> {
    let count = tx
        .prepare_cached(RECLAIM_EXPIRED)?
        .execute(named_params! { ":now": now, ":max": MAX_INTERRUPTIONS, ":why": WHY_INTERRUPTED })?;
    if count > 0 {
        tx.publish(TAG);
    }
    Ok(count)
}

/// Puts back the jobs of every other run of the program.
pub(crate) fn reclaim_others(tx: &Tx<'_>, now: Time, owner: Uuid) -> Result<usize> {
    Ok(tx
        .prepare_cached(RECLAIM_OTHERS)?
        .execute(named_params! { ":now": now, ":owner": owner, ":max": MAX_INTERRUPTIONS, ":why": WHY_INTERRUPTED })?)
}

pub(crate) const NEXT_DUE: &str =
    "select run_at from job where state = 'queued' and run_at > ?1 order by run_at limit 1";
pub(crate) const NEXT_SCHEDULE: &str = "select next_run from job_schedule order by next_run limit 1";

/// When something falls due next, be it a job or a schedule.
pub(crate) fn next_due(tx: &Tx<'_>, now: Time) -> Result<Option<Time>> {
    let job: Option<Time> = tx.prepare_cached(NEXT_DUE)?.query_row([now], |row| row.get(0)).optional()?;
    let schedule: Option<Time> = tx.prepare_cached(NEXT_SCHEDULE)?.query_row([], |row| row.get(0)).optional()?;
    Ok(job.into_iter().chain(schedule).min())
}

pub(crate) const IS_OPEN: &str = "
    select 1 from job where kind = ?1 and dedupe_key = ?2 and dedupe_key is not null and state in ('queued', 'running')";

/// Whether a job with this key is queued or running.
pub(crate) fn is_open(tx: &Tx<'_>, kind: &str, key: &str) -> Result<bool> {
    Ok(tx.prepare_cached(IS_OPEN)?.exists(params![kind, key])?)
}

/// How many jobs of a kind are due or were being worked on.
pub fn count_due(connection: &Connection, kind: &str, now: Time) -> Result<u32> {
    Ok(connection
        .prepare_cached(
            "select (select count(*) from job where state = 'running' and kind = ?1)
                  + (select count(*) from job where state = 'queued' and kind = ?1 and run_at <= ?2)",
        )?
        .query_row((kind, now), |row| row.get(0))?)
}

pub(crate) fn paused(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached("select name from job_paused_queue order by name")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn set_paused(tx: &Tx<'_>, queue: &str, paused: bool) -> Result<()> {
    let sql = if paused {
        "insert into job_paused_queue (name) values (?1) on conflict do nothing"
    } else {
        "delete from job_paused_queue where name = ?1"
    };
    tx.execute(sql, [queue])?;
    tx.publish(TAG);
    tx.publish(PROGRESS_TAG);
    Ok(())
}

/// Cancels a job that is queued and forgets a wish to repeat a running one. The state it was in.
pub(crate) fn cancel(tx: &Tx<'_>, now: Time, id: JobId) -> Result<State> {
    let state = state_of(tx, id)?;
    match state {
        State::Queued => {
            tx.execute("update job set state = 'cancelled', finished_at = ?2 where id = ?1", params![id, now])?;
        }
        State::Running => {
            tx.execute("update job set again_at = null where id = ?1", params![id])?;
        }
        _ => {}
    }
    tx.publish(PROGRESS_TAG);
    Ok(state)
}

/// Starts a dead or cancelled job anew.
pub(crate) fn retry(tx: &Tx<'_>, now: Time, id: JobId) -> Result<()> {
    if !matches!(state_of(tx, id)?, State::Dead | State::Cancelled) {
        return Err(Error::conflict("Only work that failed or was cancelled can be started again."));
    }
    tx.execute(
        "update job set state = 'queued', attempt = 0, interrupted = 0, run_at = ?2, finished_at = null, error = null
         where id = ?1",
        params![id, now],
    )
    .map_err(|e| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => {
            Error::conflict("The same work is already waiting or under way.")
        }
        _ => e.into(),
    })?;
    tx.publish(TAG);
    tx.publish(PROGRESS_TAG);
    Ok(())
}

fn state_of(tx: &Tx<'_>, id: JobId) -> Result<State> {
    tx.query_row("select state from job where id = ?1", [id], |row| row.get::<_, String>(0))
        .optional()?
        .and_then(|name| State::from_name(&name))
        .ok_or_else(|| Error::not_found("task", id))
}

pub(crate) const PURGE: &str = "
    delete from job where seq in (
        select seq from job where state in ('done', 'dead', 'cancelled') and finished_at < ?1 limit 1000)";

/// Deletes up to 1,000 jobs that ended before `before`.
pub(crate) fn purge(tx: &Tx<'_>, before: Time) -> Result<usize> {
    Ok(tx.prepare_cached(PURGE)?.execute([before])?)
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Queued,
    Running,
    Done,
    /// Given up; kept for a person to look at and retry.
    Dead,
    Cancelled,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Running => "running",
            State::Done => "done",
            State::Dead => "dead",
            State::Cancelled => "cancelled",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [State::Queued, State::Running, State::Done, State::Dead, State::Cancelled]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

/// A job as a screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct JobInfo {
    pub id: JobId,
    pub kind: String,
    pub queue: String,
    pub state: State,
    pub priority: Priority,
    pub attempt: u32,
    pub max_attempts: u32,
    pub run_at: Time,
    pub created_at: Time,
    pub started_at: Option<Time>,
    pub finished_at: Option<Time>,
    /// What went wrong last, in words.
    pub error: Option<String>,
}

/// One page of jobs in a state: queued ones by when they are due, others by the latest first.
#[derive(Clone, Copy, Debug)]
pub struct ListQuery {
    pub state: State,
    /// At most 200.
    pub limit: usize,
    /// How many to skip. The first 10,000 can be reached.
    pub offset: usize,
}

const COLUMNS: &str = "id, kind, queue, state, priority, attempt, max_attempts, run_at, created_at, started_at, \
                       finished_at, error";

/// The statement for a page; the state is part of the text, so that the partial indexes apply.
pub(crate) fn list_sql(state: State) -> String {
    let name = state.name();
    // SQLite uses a partial index only when the condition of the index stands in the query as it is.
    let (index, order) = match state {
        State::Queued => ("", "run_at, seq"),
        State::Running => ("", "lease_until desc, seq desc"),
        _ => ("and state in ('done', 'dead', 'cancelled')", "finished_at desc, seq desc"),
    };
    format!("select {COLUMNS} from job where state = '{name}' {index} order by {order} limit ?1 offset ?2")
}

pub(crate) fn list(connection: &Connection, query: ListQuery) -> Result<Vec<JobInfo>> {
    let mut statement = connection.prepare_cached(&list_sql(query.state))?;
    let (limit, offset) = (query.limit.min(200) as i64, query.offset.min(10_000) as i64);
    let rows = statement.query_map([limit, offset], info)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn get(connection: &Connection, id: JobId) -> Result<JobInfo> {
    connection
        .prepare_cached(&format!("select {COLUMNS} from job where id = ?1"))?
        .query_row([id], info)
        .optional()?
        .ok_or_else(|| Error::not_found("task", id))
}

fn info(row: &Row<'_>) -> rusqlite::Result<JobInfo> {
    Ok(JobInfo {
        id: row.get(0)?,
        kind: row.get(1)?,
        queue: row.get(2)?,
        state: State::from_name(&row.get::<_, String>(3)?).unwrap_or(State::Dead),
        priority: Priority::from_number(row.get(4)?),
        attempt: row.get(5)?,
        max_attempts: row.get(6)?,
        run_at: row.get(7)?,
        created_at: row.get(8)?,
        started_at: row.get(9)?,
        finished_at: row.get(10)?,
        error: row.get(11)?,
    })
}

/// How much waits and runs in one queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct QueueStats {
    pub queue: String,
    pub queued: u64,
    pub running: u64,
    pub paused: bool,
    /// How long the oldest job has been due without having been started.
    pub oldest_due_ms: u64,
}

/// The whole queue in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Stats {
    pub queues: Vec<QueueStats>,
    pub done: u64,
    pub dead: u64,
    pub cancelled: u64,
}

pub(crate) const COUNT_QUEUED: &str =
    "select queue, count(*), min(run_at) from job where state = 'queued' group by queue";
pub(crate) const COUNT_RUNNING: &str = "select queue, count(*) from job where state = 'running' group by queue";
pub(crate) const COUNT_FINISHED: &str =
    "select state, count(*) from job where state in ('done', 'dead', 'cancelled') group by state";

pub(crate) fn stats(connection: &Connection, now: Time) -> Result<Stats> {
    let mut queues = std::collections::BTreeMap::<String, QueueStats>::new();
    let mut statement = connection.prepare_cached(COUNT_QUEUED)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let entry = queues.entry(row.get(0)?).or_default();
        entry.queued = count(row, 1)?;
        entry.oldest_due_ms = now.since(row.get(2)?).as_millis() as u64;
    }
    let mut statement = connection.prepare_cached(COUNT_RUNNING)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        queues.entry(row.get(0)?).or_default().running = count(row, 1)?;
    }
    for name in paused(connection)? {
        queues.entry(name).or_default().paused = true;
    }
    let mut stats = Stats::default();
    let mut statement = connection.prepare_cached(COUNT_FINISHED)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let count = count(row, 1)?;
        match State::from_name(&row.get::<_, String>(0)?) {
            Some(State::Done) => stats.done = count,
            Some(State::Dead) => stats.dead = count,
            _ => stats.cancelled = count,
        }
    }
    stats.queues = queues.into_iter().map(|(queue, s)| QueueStats { queue, ..s }).collect();
    Ok(stats)
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}
