//! Runs, their journal, and what they asked of the world.

use base::id::{ConversationId, FlowVersionId, RunId};
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, params};

/// A run as stored; `state` is the engine's own JSON.
pub(crate) struct RunRow {
    pub(crate) conversation_id: ConversationId,
    pub(crate) flow_version_id: FlowVersionId,
    pub(crate) state: String,
}

pub(crate) fn get(connection: &Connection, id: RunId) -> Result<Option<RunRow>> {
    Ok(connection
        .prepare_cached("select id, conversation_id, flow_version_id, state from run where id = ?1")?
        .query_row([id], |row| {
            Ok(RunRow { conversation_id: row.get(1)?, flow_version_id: row.get(2)?, state: row.get(3)? })
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

pub(crate) fn insert(
    tx: &Tx<'_>,
    now: Time,
    id: RunId,
    conversation: ConversationId,
    version: FlowVersionId,
) -> Result<()> {
    tx.prepare_cached(
        "insert into run (id, conversation_id, flow_version_id, state, status, created_at, updated_at)
         values (?1, ?2, ?3, '{}', 'active', ?4, ?4)",
    )?
    .execute((id, conversation, version, now))?;
    Ok(())
}

pub(crate) fn update(
    tx: &Tx<'_>,
    now: Time,
    id: RunId,
    state: &str,
    status: &str,
    wake_at: Option<Time>,
) -> Result<()> {
    tx.prepare_cached("update run set state = ?2, status = ?3, wake_at = ?4, updated_at = ?5 where id = ?1")?
        .execute((id, state, status, wake_at, now))?;
    Ok(())
}

/// Appends to the journal: the event, what the engine was told besides, and what it noted.
pub(crate) fn append_event(tx: &Tx<'_>, run: RunId, at: Time, event: &str, context: &str, entries: &str) -> Result<()> {
    tx.prepare_cached(
        "insert into run_event (run_id, seq, at, event, context, entries)
         select ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4, ?5 from run_event where run_id = ?1",
    )?
    .execute((run, at, event, context, entries))?;
    Ok(())
}

/// One line of the journal.
pub(crate) struct EventRow {
    pub(crate) at: Time,
    pub(crate) entries: String,
}

/// The journal from its beginning, at most 10,000 lines.
pub(crate) fn events(connection: &Connection, run: RunId) -> Result<Vec<EventRow>> {
    let mut statement =
        connection.prepare_cached("select at, entries from run_event where run_id = ?1 order by seq limit 10000")?;
    let rows = statement.query_map([run], |row| Ok(EventRow { at: row.get(0)?, entries: row.get(1)? }))?;
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

pub(crate) fn insert_effect(tx: &Tx<'_>, run: RunId, seq: u64, kind: &str, payload: &str) -> Result<()> {
    tx.prepare_cached("insert into effect (run_id, seq, kind, payload) values (?1, ?2, ?3, ?4)")?.execute((
        run,
        i64::try_from(seq).unwrap_or(i64::MAX),
        kind,
        payload,
    ))?;
    Ok(())
}

/// An effect as stored.
pub(crate) struct EffectRow {
    pub(crate) payload: String,
    pub(crate) done: bool,
    pub(crate) outcome: Option<String>,
}

pub(crate) fn effect(connection: &Connection, run: RunId, seq: u64) -> Result<Option<EffectRow>> {
    Ok(connection
        .prepare_cached("select payload, state = 'done', outcome, ms from effect where run_id = ?1 and seq = ?2")?
        .query_row((run, i64::try_from(seq).unwrap_or(i64::MAX)), |row| {
            Ok(EffectRow { payload: row.get(0)?, done: row.get(1)?, outcome: row.get(2)? })
        })
        .optional()?)
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
