//! Which messages hold which files.

use base::id::MessageId;
use base::{Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use serde_json::Value;

pub(crate) const IS_HELD: &str = "select 1 from message where stored = ?1 limit 1";
pub(crate) const OUTDATED: &str = "select id, deleted_at is not null from message
    where stored is not null and direction = 'in' and (at < ?1 or deleted_at < ?2) limit ?3";

/// Whether a message, in or out, holds the file with this hash.
pub(super) fn is_held(connection: &Connection, sha256: &str) -> Result<bool> {
    Ok(connection.prepare_cached(IS_HELD)?.exists([sha256])?)
}

/// Customers' messages whose files are older than they are kept, or that were taken back; the latter marked so.
pub(super) fn outdated(
    connection: &Connection,
    before: Time,
    taken_back_before: Time,
    limit: usize,
) -> Result<Vec<(MessageId, bool)>> {
    let mut statement = connection.prepare_cached(OUTDATED)?;
    let limit = i64::try_from(limit).unwrap_or(100);
    let rows = statement.query_map((before, taken_back_before, limit), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// The message stays, its file goes; `note` says why, unless something else is noted already.
pub(super) fn let_go(tx: &Tx<'_>, message: MessageId, note: Option<&Value>) -> Result<()> {
    tx.prepare_cached(
        "update message set content = json_remove(content, '$.media.stored'), error = coalesce(error, ?2) where id = ?1",
    )?
    .execute((message, note.map(Value::to_string)))?;
    Ok(())
}
