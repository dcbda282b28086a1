//! Messages on their way out.

use base::id::{ChannelId, ConversationId, MessageId, OutboxId};
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row, params};

use super::{OutboxRow, State};

pub(crate) fn insert(
    tx: &Tx<'_>,
    now: Time,
    channel: ChannelId,
    conversation: ConversationId,
    message: MessageId,
) -> Result<OutboxId> {
    let id = OutboxId::fresh();
    tx.prepare_cached(
        "insert into outbox (id, message_id, conversation_id, channel_id, state, next_at, created_at)
         values (?1, ?2, ?3, ?4, 'queued', ?5, ?5)",
    )?
    .execute((id, message, conversation, channel, now))?;
    Ok(id)
}

const ROW: &str = "select o.id, o.message_id, o.conversation_id, o.channel_id, o.state, o.attempts, o.next_at,
    o.attempted_at from outbox o";

fn read(row: &Row<'_>) -> db::rusqlite::Result<OutboxRow> {
    Ok(OutboxRow {
        id: row.get(0)?,
        message_id: row.get(1)?,
        conversation_id: row.get(2)?,
        state: State::parse(&row.get::<_, String>(4)?),
        attempts: row.get(5)?,
        next_at: row.get(6)?,
        attempted_at: row.get(7)?,
    })
}

/// What a channel may send now: the oldest open row of each conversation, when it is queued and due. A conversation
/// whose oldest row is on its way or in doubt sends nothing after it, so that messages arrive in order.
pub(crate) fn due(connection: &Connection, channel: ChannelId, now: Time, limit: usize) -> Result<Vec<OutboxRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "{ROW} where o.channel_id = ?1 and o.next_at <= ?2 and o.state in ('queued', 'sending', 'in_doubt')
         and o.state = 'queued'
         and not exists (select 1 from outbox e where e.conversation_id = o.conversation_id and e.id < o.id
                         and e.state in ('queued', 'sending', 'in_doubt'))
         order by o.next_at limit ?3"
    ))?;
    let rows = statement.query_map((channel, now, i64::try_from(limit).unwrap_or(100)), read)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// When the next queued row of a channel is due.
pub(crate) fn next_due(connection: &Connection, channel: ChannelId) -> Result<Option<Time>> {
    Ok(connection
        .prepare_cached(
            "select min(next_at) from outbox where channel_id = ?1 and state in ('queued', 'sending', 'in_doubt')",
        )?
        .query_row([channel], |row| row.get(0))?)
}

/// Rows in doubt, and rows that an earlier life of the program left on their way.
pub(crate) fn unresolved(connection: &Connection, channel: ChannelId) -> Result<Vec<OutboxRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "{ROW} where o.channel_id = ?1 and o.state in ('queued', 'sending', 'in_doubt') and o.state in ('sending', 'in_doubt')
         order by o.next_at limit 1000"
    ))?;
    let rows = statement.query_map([channel], read)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn get(connection: &Connection, id: OutboxId) -> Result<Option<OutboxRow>> {
    Ok(connection.prepare_cached(&format!("{ROW} where o.id = ?1"))?.query_row([id], read).optional()?)
}

pub(crate) fn by_message(connection: &Connection, message: MessageId) -> Result<Option<OutboxRow>> {
    Ok(connection.prepare_cached(&format!("{ROW} where o.message_id = ?1"))?.query_row([message], read).optional()?)
}

/// Marks a row as about to be sent; false when it is no longer queued.
pub(crate) fn begin(tx: &Tx<'_>, id: OutboxId, now: Time) -> Result<bool> {
    Ok(tx
        .prepare_cached(
            "update outbox set state = 'sending', attempts = attempts + 1, attempted_at = ?2 where id = ?1 and state = 'queued'",
        )?
        .execute((id, now))?
        == 1)
}

/// Moves a row on; false when it is no longer in the state it was seen in, for then the provider's word came first.
pub(crate) fn move_on(tx: &Tx<'_>, id: OutboxId, from: &[State], to: State, next_at: Option<Time>) -> Result<bool> {
    let now: Option<String> =
        tx.prepare_cached("select state from outbox where id = ?1")?.query_row([id], |row| row.get(0)).optional()?;
    if !now.is_some_and(|state| from.contains(&State::parse(&state))) {
        return Ok(false);
    }
    tx.prepare_cached("update outbox set state = ?2, next_at = coalesce(?3, next_at) where id = ?1")?
        .execute(params![id, to.as_str(), next_at])?;
    Ok(true)
}

/// Holds back every queued row of a channel or conversation until `until`.
pub(crate) fn postpone_channel(tx: &Tx<'_>, channel: ChannelId, until: Time) -> Result<()> {
    tx.prepare_cached(
        "update outbox set next_at = max(next_at, ?2) where channel_id = ?1 and state in ('queued', 'sending', 'in_doubt') and state = 'queued'",
    )?
    .execute((channel, until))?;
    Ok(())
}

pub(crate) fn count_open(connection: &Connection) -> Result<(u32, u32)> {
    Ok(connection
        .prepare_cached(
            "select count(*), count(*) filter (where state = 'in_doubt') from outbox
             where state in ('queued', 'sending', 'in_doubt')",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Finished rows are of no more use after a while; their messages stay.
pub(crate) fn purge(tx: &Tx<'_>, before: Time) -> Result<usize> {
    Ok(tx
        .prepare_cached(
            "delete from outbox where id in (select id from outbox where state in ('sent', 'failed') and created_at < ?1 limit 5000)",
        )?
        .execute([before])?)
}
