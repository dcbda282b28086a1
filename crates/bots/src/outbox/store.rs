//! Messages on their way out, and the files that the provider holds for them.

use std::time::Duration;

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
    o.attempted_at, o.addressed, o.as_template from outbox o";

fn read(row: &Row<'_>) -> db::rusqlite::Result<OutboxRow> {
    Ok(OutboxRow {
        id: row.get(0)?,
        message_id: row.get(1)?,
        conversation_id: row.get(2)?,
        channel_id: row.get(3)?,
        state: State::parse(&row.get::<_, String>(4)?),
        attempts: row.get(5)?,
        next_at: row.get(6)?,
        attempted_at: row.get(7)?,
        to_user: row.get::<_, Option<String>>(8)?.as_deref() == Some(USER),
        as_template: row.get(9)?,
    })
}

const PHONE: &str = "phone";
const USER: &str = "user";

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

/// When the next queued row of a channel becomes due. What is due already and waits for others wakes the sender by
/// their changes.
pub(crate) fn next_due(connection: &Connection, channel: ChannelId, now: Time) -> Result<Option<Time>> {
    Ok(connection.prepare_cached(NEXT_DUE)?.query_row((channel, now), |row| row.get(0))?)
}

pub(crate) const NEXT_DUE: &str = "select min(next_at) from outbox where channel_id = ?1 and next_at > ?2
    and state in ('queued', 'sending', 'in_doubt') and state = 'queued'";

/// Rows in doubt, and rows on their way.
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

/// Marks a row as about to be sent; false when it is no longer queued, or its channel was stopped since it was looked at.
pub(crate) fn begin(tx: &Tx<'_>, id: OutboxId, now: Time, to_user: bool) -> Result<bool> {
    Ok(tx
        .prepare_cached(
            "update outbox set state = 'sending', attempts = attempts + 1, attempted_at = ?2, addressed = ?3
             where id = ?1 and state = 'queued'
             and exists (select 1 from channel c where c.id = outbox.channel_id and c.state = 'active')",
        )?
        .execute((id, now, if to_user { USER } else { PHONE }))?
        == 1)
}

/// Moves a row on; false when it is no longer in the state it was seen in, for then the provider's word came first.
pub(crate) fn move_on(tx: &Tx<'_>, id: OutboxId, from: &[State], to: State, next_at: Option<Time>) -> Result<bool> {
    let from = from.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(" ");
    let moved = tx
        .prepare_cached(
            "update outbox set state = ?2, next_at = coalesce(?3, next_at)
             where id = ?1 and instr(' ' || ?4 || ' ', ' ' || state || ' ') > 0",
        )?
        .execute(params![id, to.as_str(), next_at, from])?;
    Ok(moved == 1)
}

/// Lets a row be in doubt since `now`: what was written down of it lies ahead of the clock.
pub(crate) fn doubt_since(tx: &Tx<'_>, id: OutboxId, now: Time) -> Result<()> {
    tx.prepare_cached("update outbox set attempted_at = ?2, next_at = ?2 where id = ?1 and state = ?3")?.execute((
        id,
        now,
        State::InDoubt.as_str(),
    ))?;
    Ok(())
}

/// Notes that the provider refused a row, and tells how often it has by now.
pub(crate) fn note_refusal(tx: &Tx<'_>, id: OutboxId) -> Result<u32> {
    Ok(tx
        .prepare_cached("update outbox set refused = refused + 1 where id = ?1 returning refused")?
        .query_row([id], |row| row.get(0))?)
}

/// Notes a try that ended before the message could leave.
pub(crate) fn note_attempt(tx: &Tx<'_>, id: OutboxId) -> Result<()> {
    tx.prepare_cached("update outbox set attempts = attempts + 1 where id = ?1")?.execute([id])?;
    Ok(())
}

/// Earlier refusals count no more, for the owner may have mended what was wrong.
pub(crate) fn begin_anew(tx: &Tx<'_>, id: OutboxId) -> Result<()> {
    tx.prepare_cached("update outbox set refused = 0, attempts = 0, as_template = 0 where id = ?1")?.execute([id])?;
    Ok(())
}

pub(crate) fn set_as_template(tx: &Tx<'_>, id: OutboxId) -> Result<()> {
    tx.prepare_cached("update outbox set as_template = 1 where id = ?1")?.execute([id])?;
    Ok(())
}

/// Whether a template went, or is to go, out in place of another message of a conversation since a moment.
pub(crate) fn has_template_since(
    connection: &Connection,
    conversation: ConversationId,
    other_than: OutboxId,
    since: Time,
) -> Result<bool> {
    Ok(connection
        .prepare_cached(
            "select 1 from outbox o join message m on m.id = o.message_id
             where m.conversation_id = ?1 and o.as_template = 1 and o.state != 'failed' and o.id != ?2
             and coalesce(o.attempted_at, o.created_at) >= ?3 limit 1",
        )?
        .exists((conversation, other_than, since))?)
}

/// Makes a row due that still waits for the moment it was put off to; its pauses begin at the shortest again.
pub(crate) fn bring_forward(tx: &Tx<'_>, id: OutboxId, from: Time, now: Time) -> Result<()> {
    tx.prepare_cached(
        "update outbox set next_at = ?3, attempts = 0 where id = ?1 and state = 'queued' and next_at = ?2",
    )?
    .execute((id, from, now))?;
    Ok(())
}

/// Holds back every queued row of a channel until `until`.
pub(crate) fn postpone_channel(tx: &Tx<'_>, channel: ChannelId, until: Time) -> Result<()> {
    tx.prepare_cached(
        "update outbox set next_at = max(next_at, ?2) where channel_id = ?1 and state in ('queued', 'sending', 'in_doubt') and state = 'queued'",
    )?
    .execute((channel, until))?;
    Ok(())
}

/// Whether anything is leaving, or would now: a row on its way, or one that is due on a channel that works.
pub(crate) fn is_busy(connection: &Connection, now: Time) -> Result<bool> {
    Ok(connection.prepare_cached(IS_BUSY)?.query_row([now], |row| row.get(0))?)
}

pub(crate) const IS_BUSY: &str = "select exists (select 1 from outbox o join channel c on c.id = o.channel_id
    where o.state in ('queued', 'sending', 'in_doubt')
    and (o.state = 'sending' or (o.state = 'queued' and o.next_at <= ?1 and c.state = 'active')))";

pub(crate) fn count_open(connection: &Connection) -> Result<(u32, u32)> {
    Ok(connection
        .prepare_cached(
            "select count(*), count(*) filter (where state = 'in_doubt') from outbox
             where state in ('queued', 'sending', 'in_doubt')",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Of channels that send: how many have not left, and of how many that is not certain.
pub(crate) fn count_left(connection: &Connection) -> Result<(u32, u32)> {
    Ok(connection
        .prepare_cached(
            "select count(*) filter (where o.state = 'queued'), count(*) filter (where o.state <> 'queued')
             from outbox o join channel c on c.id = o.channel_id
             where o.state in ('queued', 'sending', 'in_doubt') and c.state = 'active'",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Finished rows are of no more use after a while, nor are files that the provider has forgotten; messages stay.
pub(crate) fn purge(tx: &Tx<'_>, now: Time, before: Time) -> Result<usize> {
    tx.prepare_cached("delete from upload where expires_at < ?1")?.execute([now])?;
    Ok(tx
        .prepare_cached(
            "delete from outbox where id in (select id from outbox where state in ('sent', 'failed') and created_at < ?1 limit 5000)",
        )?
        .execute([before])?)
}

/// Meta keeps uploaded files for 30 days; a day less, so that none expires between looking and sending.
const UPLOAD_KEPT: Duration = Duration::from_secs(29 * 24 * 3600);

/// A file of ours that the provider holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) provider_id: String,
    pub(crate) uploaded_at: Time,
}

/// Which file a number of ours needs at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UploadKey {
    pub(crate) phone_number_id: String,
    pub(crate) sha256: String,
    pub(crate) mime: String,
}

pub(crate) fn upload(connection: &Connection, key: &UploadKey, now: Time) -> Result<Option<Upload>> {
    Ok(connection
        .prepare_cached(
            "select provider_id, uploaded_at from upload
             where phone_number_id = ?1 and sha256 = ?2 and mime = ?3 and expires_at > ?4",
        )?
        .query_row((&key.phone_number_id, &key.sha256, &key.mime, now), |row| {
            Ok(Upload { provider_id: row.get(0)?, uploaded_at: row.get(1)? })
        })
        .optional()?)
}

pub(crate) fn put_upload(tx: &Tx<'_>, key: &UploadKey, provider_id: &str, now: Time) -> Result<()> {
    tx.prepare_cached(
        "insert into upload (phone_number_id, sha256, mime, provider_id, uploaded_at, expires_at)
         values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict do update set provider_id = excluded.provider_id, uploaded_at = excluded.uploaded_at,
         expires_at = excluded.expires_at",
    )?
    .execute((&key.phone_number_id, &key.sha256, &key.mime, provider_id, now, now.plus(UPLOAD_KEPT)))?;
    Ok(())
}

/// The provider does not know the file any more.
pub(crate) fn forget_upload(tx: &Tx<'_>, key: &UploadKey) -> Result<()> {
    tx.prepare_cached("delete from upload where phone_number_id = ?1 and sha256 = ?2 and mime = ?3")?.execute((
        &key.phone_number_id,
        &key.sha256,
        &key.mime,
    ))?;
    Ok(())
}
