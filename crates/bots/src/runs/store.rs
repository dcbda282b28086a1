//! Runs, their journal, and what they asked of the world.

use base::id::{BotId, ConversationId, FlowVersionId, RunId};
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row, params};

/// A run as stored; `state` is the engine's own JSON.
pub(crate) struct RunRow {
    pub(crate) id: RunId,
    /// Nothing when it began without a customer.
    pub(crate) conversation_id: Option<ConversationId>,
    pub(crate) bot_id: BotId,
    pub(crate) flow_version_id: FlowVersionId,
    pub(crate) state: String,
    /// The engine's word for where it stands.
    pub(crate) status: String,
}

pub(crate) fn get(connection: &Connection, id: RunId) -> Result<Option<RunRow>> {
    Ok(connection
        .prepare_cached("select conversation_id, bot_id, flow_version_id, state, status from run where id = ?1")?
        .query_row([id], |row| {
            Ok(RunRow {
                id,
                conversation_id: row.get(0)?,
                bot_id: row.get(1)?,
                flow_version_id: row.get(2)?,
                state: row.get(3)?,
                status: row.get(4)?,
            })
        })
        .optional()?)
}

/// Where a run stands, in the engine's word.
pub(crate) fn status(connection: &Connection, id: RunId) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached("select status from run where id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?)
}

/// A new run, before its first event.
pub(crate) fn insert(
    tx: &Tx<'_>,
    now: Time,
    conversation: Option<ConversationId>,
    bot: BotId,
    version: FlowVersionId,
) -> Result<RunRow> {
    let id = RunId::fresh();
    tx.prepare_cached(
        "insert into run (id, conversation_id, bot_id, flow_version_id, state, status, created_at, updated_at)
         values (?1, ?2, ?3, ?4, '{}', 'active', ?5, ?5)",
    )?
    .execute((id, conversation, bot, version, now))?;
    let (state, status) = ("{}".to_owned(), flow::Status::Active.as_str().to_owned());
    Ok(RunRow { id, conversation_id: conversation, bot_id: bot, flow_version_id: version, state, status })
}

/// Stores a run's new state with what lists and drawings show of it.
pub(crate) fn update(
    tx: &Tx<'_>,
    now: Time,
    id: RunId,
    stored: &str,
    state: &flow::RunState,
    problem: Option<&str>,
) -> Result<()> {
    let place = state.place();
    tx.prepare_cached(
        "update run set state = ?2, status = ?3, wake_at = ?4, flow = coalesce(?5, flow), step = coalesce(?6, step),
         problem = ?7, cost_cents = ?8, updated_at = ?9 where id = ?1",
    )?
    .execute(params![
        id,
        stored,
        state.status().as_str(),
        state.wake_at(),
        place.map(|p| p.0),
        place.map(|p| p.1),
        problem,
        state.cost_cents(),
        now
    ])?;
    Ok(())
}

/// Puts a run on another version.
pub(crate) fn set_version(tx: &Tx<'_>, id: RunId, version: FlowVersionId) -> Result<()> {
    tx.prepare_cached("update run set flow_version_id = ?2 where id = ?1")?.execute((id, version))?;
    Ok(())
}

/// One event of a run, as JSON: what happened, what the engine was told besides, what it noted, and the way it went.
pub(crate) struct Journal<'a> {
    pub(crate) event: &'a str,
    pub(crate) context: &'a str,
    pub(crate) entries: &'a str,
    pub(crate) path: &'a str,
    /// The version on which it happened: a run may be moved to another one.
    pub(crate) version: FlowVersionId,
}

pub(crate) fn append_event(tx: &Tx<'_>, run: RunId, at: Time, journal: &Journal<'_>) -> Result<()> {
    tx.prepare_cached(
        "insert into run_event (run_id, seq, at, event, context, entries, path, flow_version_id)
         select ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7 from run_event where run_id = ?1",
    )?
    .execute((run, at, journal.event, journal.context, journal.entries, journal.path, journal.version))?;
    Ok(())
}

/// Counts a step that was entered (`way.2` empty) or a way that was taken.
pub(crate) fn add_traffic(tx: &Tx<'_>, bot: BotId, day: i64, way: (&str, &str, &str), count: i64) -> Result<()> {
    tx.prepare_cached(
        "insert into flow_traffic (bot_id, flow, day, step, branch, count) values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict do update set count = count + excluded.count",
    )?
    .execute((bot, way.0, day, way.1, way.2, count))?;
    Ok(())
}

pub(crate) fn values(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached("select name, value from flow_value order by name limit 1000")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn set_value(tx: &Tx<'_>, name: &str, value: &str) -> Result<()> {
    tx.prepare_cached(
        "insert into flow_value (name, value) values (?1, ?2) on conflict do update set value = excluded.value",
    )?
    .execute((name, value))?;
    Ok(())
}

pub(crate) fn counters(connection: &Connection) -> Result<Vec<(String, i64)>> {
    let mut statement = connection.prepare_cached("select name, value from flow_counter order by name limit 1000")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn count(tx: &Tx<'_>, name: &str, by: i64) -> Result<()> {
    tx.prepare_cached(
        "insert into flow_counter (name, value) values (?1, ?2) on conflict do update set value = value + excluded.value",
    )?
    .execute((name, by))?;
    Ok(())
}

/// Counts a goal once for each effect that reaches it.
pub(crate) fn reach_goal(
    tx: &Tx<'_>,
    now: Time,
    bot: BotId,
    effect: (RunId, u64),
    name: &str,
    value: f64,
    variants: &str,
) -> Result<()> {
    let seq = i64::try_from(effect.1).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "insert into goal (bot_id, run_id, effect_seq, name, value, variants, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         on conflict do nothing",
    )?
    .execute((bot, effect.0, seq, name, value, variants, now))?;
    Ok(())
}

/// One event of the journal; all but the time as JSON.
pub(crate) struct EventRow {
    pub(crate) at: Time,
    pub(crate) event: String,
    pub(crate) entries: String,
    pub(crate) path: String,
}

/// The journal from its beginning, at most 10,000 lines.
pub(crate) fn events(connection: &Connection, run: RunId) -> Result<Vec<EventRow>> {
    let mut statement = connection
        .prepare_cached("select at, event, entries, path from run_event where run_id = ?1 order by seq limit 10000")?;
    let rows = statement.query_map([run], |row| {
        Ok(EventRow { at: row.get(0)?, event: row.get(1)?, entries: row.get(2)?, path: row.get(3)? })
    })?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// Runs whose timer is due.
pub(crate) fn due(connection: &Connection, now: Time, limit: usize) -> Result<Vec<RunId>> {
    let mut statement =
        connection.prepare_cached("select id from run where wake_at <= ?1 order by wake_at limit ?2")?;
    let rows = statement.query_map((now, i64::try_from(limit).unwrap_or(100)), |row| row.get(0))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn next_wake(connection: &Connection) -> Result<Option<Time>> {
    Ok(connection
        .prepare_cached("select min(wake_at) from run where wake_at is not null")?
        .query_row([], |row| row.get(0))?)
}

pub(crate) fn insert_effect(
    tx: &Tx<'_>,
    now: Time,
    run: RunId,
    seq: u64,
    step: &str,
    kind: &str,
    payload: &str,
) -> Result<()> {
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    tx.prepare_cached("insert into effect (run_id, seq, step, kind, payload, at) values (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute((run, seq, step, kind, payload, now))?;
    Ok(())
}

/// An effect as stored; payload and outcome as JSON.
pub(crate) struct EffectRow {
    pub(crate) seq: u64,
    pub(crate) kind: String,
    pub(crate) payload: String,
    pub(crate) done: bool,
    pub(crate) outcome: Option<String>,
    pub(crate) ms: Option<f64>,
}

const EFFECT: &str = "select seq, kind, payload, state = 'done', outcome, ms from effect";

fn read_effect(row: &Row<'_>) -> db::rusqlite::Result<EffectRow> {
    Ok(EffectRow {
        seq: row.get::<_, i64>(0)?.unsigned_abs(),
        kind: row.get(1)?,
        payload: row.get(2)?,
        done: row.get(3)?,
        outcome: row.get(4)?,
        ms: row.get(5)?,
    })
}

pub(crate) fn effect(connection: &Connection, run: RunId, seq: u64) -> Result<Option<EffectRow>> {
    Ok(connection
        .prepare_cached(&format!("{EFFECT} where run_id = ?1 and seq = ?2"))?
        .query_row((run, i64::try_from(seq).unwrap_or(i64::MAX)), read_effect)
        .optional()?)
}

/// All effects of a run that were or are outside of the program, in their order.
pub(crate) fn effects(connection: &Connection, run: RunId) -> Result<Vec<EffectRow>> {
    let mut statement = connection.prepare_cached(&format!("{EFFECT} where run_id = ?1 order by seq limit 10000"))?;
    let rows = statement.query_map([run], read_effect)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// The first event of a run, as JSON.
pub(crate) fn first_event(connection: &Connection, run: RunId) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached("select event from run_event where run_id = ?1 order by seq limit 1")?
        .query_row([run], |row| row.get(0))
        .optional()?)
}

/// Where a run stands: the flow and the step.
pub(crate) fn place(connection: &Connection, run: RunId) -> Result<Option<(String, String)>> {
    let place: Option<(Option<String>, Option<String>)> = connection
        .prepare_cached("select flow, step from run where id = ?1")?
        .query_row([run], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(place.and_then(|(flow, step)| flow.zip(step)))
}

/// Which runs a list shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RunFilter {
    All,
    Open,
    Failed,
    /// Waiting for something outside since before a moment.
    Stuck {
        before: Time,
    },
    Done,
}

/// A run in a list.
pub(crate) struct ListedRun {
    pub(crate) id: RunId,
    pub(crate) conversation_id: Option<ConversationId>,
    pub(crate) contact: Option<String>,
    pub(crate) flow_version_id: FlowVersionId,
    pub(crate) version: u32,
    pub(crate) flow: Option<String>,
    pub(crate) step: Option<String>,
    pub(crate) status: String,
    pub(crate) problem: Option<String>,
    pub(crate) cost_cents: f64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

const LISTED: &str = "select r.id, r.conversation_id, p.name, r.flow_version_id, f.number, r.flow, r.step, r.status,
    r.problem, r.cost_cents, r.created_at, r.updated_at from run r join flow_version f on f.id = r.flow_version_id
    left join conversation v on v.id = r.conversation_id left join contact p on p.id = v.contact_id";

fn read_listed(row: &Row<'_>) -> db::rusqlite::Result<ListedRun> {
    Ok(ListedRun {
        id: row.get(0)?,
        conversation_id: row.get(1)?,
        contact: row.get(2)?,
        flow_version_id: row.get(3)?,
        version: row.get(4)?,
        flow: row.get(5)?,
        step: row.get(6)?,
        status: row.get(7)?,
        problem: row.get(8)?,
        cost_cents: row.get(9)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
    })
}

pub(crate) fn listed(connection: &Connection, run: RunId) -> Result<Option<ListedRun>> {
    Ok(connection.prepare_cached(&format!("{LISTED} where r.id = ?1"))?.query_row([run], read_listed).optional()?)
}

/// A bot's runs, the latest first, after the given position.
pub(crate) fn list(
    connection: &Connection,
    bot: BotId,
    filter: RunFilter,
    after: Option<(Time, RunId)>,
    limit: usize,
) -> Result<Vec<ListedRun>> {
    let (which, before) = match filter {
        RunFilter::All => ("?5 is null", None),
        RunFilter::Open => ("r.status in ('active', 'waiting', 'handed') and ?5 is null", None),
        RunFilter::Failed => ("r.status = 'failed' and ?5 is null", None),
        RunFilter::Done => ("r.status = 'ended' and ?5 is null", None),
        RunFilter::Stuck { before } => (
            "r.status = 'waiting' and exists (select 1 from effect e where e.run_id = r.id and e.state = 'pending' and e.at < ?5)",
            Some(before),
        ),
    };
    let mut statement = connection.prepare_cached(&format!(
        "{LISTED} where r.bot_id = ?1 and (r.updated_at, r.id) < (?2, ?3) and {which}
         order by r.updated_at desc, r.id desc limit ?4"
    ))?;
    let (at, id) = after.map_or((Time(i64::MAX), RunId(base::id::Uuid::max())), |a| a);
    let rows = statement.query_map((bot, at, id, i64::try_from(limit).unwrap_or(200), before), read_listed)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// Lets go of runs that have been over since before a moment, and of the oldest beyond a number; a batch at a time.
pub(crate) fn purge(tx: &Tx<'_>, before: Time, most: i64, batch: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "select id from run where status in ('ended', 'failed') and (updated_at < ?1
           or updated_at < (select updated_at from run order by updated_at desc limit 1 offset ?2))
         and not exists (select 1 from conversation v where v.run_id = run.id) limit ?3",
    )?;
    let gone = statement
        .query_map((before, most, batch), |row| row.get::<_, RunId>(0))?
        .collect::<db::rusqlite::Result<Vec<_>>>()?;
    for run in gone {
        tx.prepare_cached("delete from effect where run_id = ?1")?.execute([run])?;
        tx.prepare_cached("delete from run_event where run_id = ?1")?.execute([run])?;
        tx.prepare_cached("delete from run where id = ?1")?.execute([run])?;
    }
    Ok(())
}

/// Whether the run waits for something outside of the program, such as an answer that is being looked for.
pub(crate) fn is_waiting_for_outside(connection: &Connection, run: RunId) -> Result<bool> {
    Ok(connection
        .prepare_cached("select 1 from effect where run_id = ?1 and state = 'pending' limit 1")?
        .exists([run])?)
}

/// What came of a run's effects, in their order: the outcome, and how long it took in milliseconds.
pub(crate) fn outcomes(connection: &Connection, run: RunId) -> Result<Vec<(String, Option<f64>)>> {
    let mut statement = connection.prepare_cached(
        "select outcome, ms from effect where run_id = ?1 and outcome is not null order by seq limit 1000",
    )?;
    let rows = statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// Records an effect's outcome; false when it has one already, which makes a second delivery harmless.
pub(crate) fn finish_effect(tx: &Tx<'_>, run: RunId, seq: u64, outcome: &str, ms: f64) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "update effect set state = 'done', outcome = ?3, ms = ?4 where run_id = ?1 and seq = ?2 and state = 'pending'",
        )?
        .execute(params![run, i64::try_from(seq).unwrap_or(i64::MAX), outcome, ms])?;
    Ok(changed == 1)
}
