//! Notices as stored.

use base::id::{ConversationId, RunId, Uuid};
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row, params};

use super::{About, Notice};

/// A notice as stored.
pub(crate) struct NoticeRow {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) urgent: bool,
    pub(crate) conversation_id: Option<ConversationId>,
    /// The run that told it, while it is kept.
    pub(crate) run_id: Option<RunId>,
    /// The effect that still waits for a yes or no.
    pub(crate) decision: Option<u64>,
    pub(crate) about: Option<About>,
    pub(crate) at: Time,
    pub(crate) read_at: Option<Time>,
}

const NOTICE: &str = "select n.id, n.title, n.text, n.urgent, n.conversation_id, r.id, e.seq, n.about, n.at, n.read_at
    from notice n left join run r on r.id = n.run_id
    left join effect e on e.run_id = n.run_id and e.seq = n.effect_seq and e.state = 'pending'";

fn read(row: &Row<'_>) -> db::rusqlite::Result<NoticeRow> {
    Ok(NoticeRow {
        id: row.get(0)?,
        title: row.get(1)?,
        text: row.get(2)?,
        urgent: row.get(3)?,
        conversation_id: row.get(4)?,
        run_id: row.get(5)?,
        decision: row.get::<_, Option<i64>>(6)?.map(i64::unsigned_abs),
        about: row.get::<_, Option<String>>(7)?.as_deref().and_then(About::parse),
        at: row.get(8)?,
        read_at: row.get(9)?,
    })
}

pub(super) fn insert(tx: &Tx<'_>, now: Time, notice: &Notice<'_>, title: &str, text: &str) -> Result<()> {
    tx.prepare_cached(
        "insert into notice (id, title, text, urgent, conversation_id, run_id, effect_seq, about, at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        base::id::fresh(),
        title,
        text,
        notice.urgent,
        notice.conversation,
        notice.run,
        notice.decision.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX)),
        notice.about.map(About::as_str),
        now
    ])?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, id: Uuid) -> Result<Option<NoticeRow>> {
    Ok(connection.prepare_cached(&format!("{NOTICE} where n.id = ?1"))?.query_row([id], read).optional()?)
}

/// The latest first, after the given position; all, or those that nobody has read.
pub(crate) fn list(
    connection: &Connection,
    unread: bool,
    after: Option<(Time, Uuid)>,
    limit: usize,
) -> Result<Vec<NoticeRow>> {
    let which = if unread { "n.read_at is null" } else { "1" };
    let mut statement = connection.prepare_cached(&format!(
        "{NOTICE} where (n.at, n.id) < (?1, ?2) and {which} order by n.at desc, n.id desc limit ?3"
    ))?;
    let (at, id) = after.unwrap_or((Time(i64::MAX), Uuid::max()));
    let rows = statement.query_map((at, id, i64::try_from(limit).unwrap_or(50)), read)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn count_unread(connection: &Connection) -> Result<u32> {
    Ok(connection
        .prepare_cached("select count(*) from notice where read_at is null")?
        .query_row([], |row| row.get(0))?)
}

/// False when there is no such notice.
pub(crate) fn set_read(tx: &Tx<'_>, id: Uuid, at: Option<Time>) -> Result<bool> {
    Ok(tx.prepare_cached("update notice set read_at = ?2 where id = ?1")?.execute((id, at))? == 1)
}

pub(super) fn is_open(connection: &Connection, about: About) -> Result<bool> {
    Ok(connection
        .prepare_cached("select 1 from notice where about = ?1 and read_at is null")?
        .exists([about.as_str()])?)
}

/// Whether there was anything to settle.
pub(super) fn settle(tx: &Tx<'_>, now: Time, about: About) -> Result<bool> {
    Ok(tx
        .prepare_cached("update notice set read_at = ?2 where about = ?1 and read_at is null")?
        .execute((about.as_str(), now))?
        > 0)
}

pub(super) fn read_decision(tx: &Tx<'_>, now: Time, run: RunId, seq: u64) -> Result<()> {
    tx.prepare_cached("update notice set read_at = coalesce(read_at, ?3) where run_id = ?1 and effect_seq = ?2")?
        .execute((run, i64::try_from(seq).unwrap_or(i64::MAX), now))?;
    Ok(())
}

/// Lets go of notices that were read before a moment.
pub(crate) fn purge(tx: &Tx<'_>, before: Time) -> Result<()> {
    tx.prepare_cached(
        "delete from notice where id in (select id from notice where read_at is not null and at < ?1 limit 5000)",
    )?
    .execute([before])?;
    Ok(())
}
