//! What was accepted from outside and waits to be taken in.

use base::id::ChannelId;
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension};

pub(crate) fn insert_delivery(tx: &Tx<'_>, channel: ChannelId, now: Time, body: &[u8]) -> Result<i64> {
    tx.prepare_cached("insert into delivery (channel_id, received_at, body) values (?1, ?2, ?3)")?
        .execute((channel, now, body))?;
    Ok(tx.last_insert_rowid())
}

/// Returns false for a duplicate, which inserts nothing.
pub(crate) fn insert(
    tx: &Tx<'_>,
    channel: ChannelId,
    dedupe_key: &str,
    delivery: Option<i64>,
    payload: &str,
    now: Time,
) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "insert into inbound (channel_id, dedupe_key, delivery_id, payload, received_at) values (?1, ?2, ?3, ?4, ?5)
             on conflict do nothing",
        )?
        .execute((channel, dedupe_key, delivery, payload, now))?;
    Ok(changed == 1)
}

/// Keeps something that could not be understood, once, for a later look.
pub(crate) fn insert_quarantined(
    tx: &Tx<'_>,
    channel: ChannelId,
    dedupe_key: &str,
    delivery: Option<i64>,
    payload: &str,
    problem: &str,
    now: Time,
) -> Result<()> {
    tx.prepare_cached(
        "insert into inbound (channel_id, dedupe_key, delivery_id, payload, received_at, state, problem)
         values (?1, ?2, ?3, ?4, ?5, 'quarantined', ?6) on conflict do nothing",
    )?
    .execute((channel, dedupe_key, delivery, payload, now, problem))?;
    Ok(())
}

/// One accepted item.
pub(crate) struct InboundRow {
    pub(crate) id: i64,
    pub(crate) channel_id: ChannelId,
    pub(crate) payload: String,
    pub(crate) tries: u32,
}

/// Oldest first.
pub(crate) fn pending(connection: &Connection, limit: usize) -> Result<Vec<InboundRow>> {
    let mut statement = connection.prepare_cached(
        "select id, channel_id, payload, tries from inbound where state = 'pending' order by id limit ?1",
    )?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(100)], |row| {
        Ok(InboundRow { id: row.get(0)?, channel_id: row.get(1)?, payload: row.get(2)?, tries: row.get(3)? })
    })?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// Whether something that had come by `at` still waits to be taken in.
pub(crate) fn is_waiting_since(connection: &Connection, at: Time) -> Result<bool> {
    let oldest: Option<Time> = connection.prepare_cached(OLDEST_PENDING)?.query_row([], |row| row.get(0)).optional()?;
    Ok(oldest.is_some_and(|oldest| oldest <= at))
}

pub(crate) const OLDEST_PENDING: &str = "select received_at from inbound where state = 'pending' order by id limit 1";

/// Marks an item as taken in; false when it was already.
pub(crate) fn finish(tx: &Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.prepare_cached("update inbound set state = 'done' where id = ?1 and state = 'pending'")?.execute([id])? == 1)
}

/// Taking in failed: tried again later, and set aside after the third time.
pub(crate) fn fail(tx: &Tx<'_>, id: i64, problem: &str) -> Result<()> {
    tx.prepare_cached(
        "update inbound set tries = tries + 1, problem = ?2,
         state = case when tries >= 2 then 'quarantined' else state end where id = ?1",
    )?
    .execute((id, problem))?;
    Ok(())
}

/// Messages of customers that were accepted and not taken in yet.
pub(crate) fn count_messages(connection: &Connection) -> Result<u32> {
    Ok(connection
        .prepare_cached("select count(*) from inbound where state = 'pending' and payload ->> 'type' = 'message'")?
        .query_row([], |row| row.get(0))?)
}

pub(crate) fn count_quarantined(connection: &Connection) -> Result<u32> {
    Ok(connection
        .prepare_cached("select count(*) from inbound where state = 'quarantined'")?
        .query_row([], |row| row.get(0))?)
}

/// Raw bodies go after a while, and the keys that recognise duplicates long after the provider has stopped retrying.
pub(crate) fn purge(tx: &Tx<'_>, bodies_before: Time, keys_before: Time) -> Result<usize> {
    let bodies = tx
        .prepare_cached("delete from delivery where id in (select id from delivery where received_at < ?1 limit 5000)")?
        .execute([bodies_before])?;
    let keys = tx
        .prepare_cached(
            "delete from inbound where id in (select id from inbound where received_at < ?1 and state = 'done' limit 5000)",
        )?
        .execute([keys_before])?;
    Ok(bodies + keys)
}
