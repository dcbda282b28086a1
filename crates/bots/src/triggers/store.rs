//! Flows that are to begin later, and how long customers have been silent.

use base::id::{BotId, ConversationId, Uuid};
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row};

/// A flow that is to begin later.
pub(crate) struct FollowUp {
    pub(crate) conversation_id: ConversationId,
    pub(crate) flow: String,
    pub(crate) unless_reply: bool,
    pub(crate) data: String,
    /// When it was due at first; `at` moves on while something else is under way.
    pub(crate) first_at: Time,
}

pub(crate) fn insert_follow_up(
    tx: &Tx<'_>,
    first_at: Time,
    conversation: ConversationId,
    flow: &str,
    at: Time,
    unless_reply: bool,
    data: &str,
) -> Result<()> {
    tx.prepare_cached(
        "insert into follow_up (id, conversation_id, flow, at, unless_reply, data, first_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((base::id::fresh(), conversation, flow, at, unless_reply, data, first_at))?;
    Ok(())
}

/// Takes one out of the list, so that it begins once.
pub(crate) fn take_follow_up(tx: &Tx<'_>, id: Uuid) -> Result<Option<FollowUp>> {
    Ok(tx
        .prepare_cached(
            "delete from follow_up where id = ?1 returning conversation_id, flow, unless_reply, data, first_at",
        )?
        .query_row([id], |row| {
            Ok(FollowUp {
                conversation_id: row.get(0)?,
                flow: row.get(1)?,
                unless_reply: row.get(2)?,
                data: row.get(3)?,
                first_at: row.get(4)?,
            })
        })
        .optional()?)
}

pub(crate) fn cancel_follow_ups(tx: &Tx<'_>, conversation: ConversationId) -> Result<()> {
    tx.prepare_cached("delete from follow_up where conversation_id = ?1 and unless_reply = 1")?
        .execute([conversation])?;
    Ok(())
}

pub(crate) fn follow_ups_due(connection: &Connection, now: Time, limit: usize) -> Result<Vec<Uuid>> {
    let mut statement = connection.prepare_cached("select id from follow_up where at <= ?1 order by at limit ?2")?;
    let rows = statement.query_map((now, i64::try_from(limit).unwrap_or(100)), |row| row.get(0))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn set_idle(tx: &Tx<'_>, id: ConversationId, at: Option<Time>, count: i64) -> Result<()> {
    tx.prepare_cached("update conversation set idle_at = ?2, idle_count = ?3 where id = ?1")?
        .execute((id, at, count))?;
    Ok(())
}

/// Touches the row only when there is something to clear.
pub(crate) fn clear_idle(tx: &Tx<'_>, id: ConversationId) -> Result<()> {
    tx.prepare_cached("update conversation set idle_at = null where id = ?1 and idle_at is not null")?.execute([id])?;
    Ok(())
}

pub(crate) fn idle_count(connection: &Connection, id: ConversationId) -> Result<i64> {
    Ok(connection
        .prepare_cached("select idle_count from conversation where id = ?1")?
        .query_row([id], |row| row.get(0))?)
}

pub(crate) fn idle_due(connection: &Connection, now: Time, limit: usize) -> Result<Vec<ConversationId>> {
    let mut statement =
        connection.prepare_cached("select id from conversation where idle_at <= ?1 order by idle_at limit ?2")?;
    let rows = statement.query_map((now, i64::try_from(limit).unwrap_or(100)), |row| row.get(0))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// When the next of either is due.
pub(crate) fn next_due(connection: &Connection) -> Result<Option<Time>> {
    let one =
        |sql: &str| -> Result<Option<Time>> { Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?) };
    let follow_up = one("select min(at) from follow_up")?;
    let idle = one("select min(idle_at) from conversation where idle_at is not null")?;
    Ok([follow_up, idle].into_iter().flatten().min())
}

/// An address that another program calls.
pub(crate) struct Hook {
    pub(crate) token: String,
    pub(crate) bot_id: BotId,
    pub(crate) flow: String,
    pub(crate) step: String,
    pub(crate) sample: Option<String>,
    pub(crate) sample_at: Option<Time>,
}

fn read_hook(row: &Row<'_>) -> db::rusqlite::Result<Hook> {
    Ok(Hook {
        token: row.get(0)?,
        bot_id: row.get(1)?,
        flow: row.get(2)?,
        step: row.get(3)?,
        sample: row.get(4)?,
        sample_at: row.get(5)?,
    })
}

const HOOK: &str = "select token, bot_id, flow, step, sample, sample_at from flow_hook";

/// The address of a step; made when there is none yet, and never changed.
pub(crate) fn ensure_hook(tx: &Tx<'_>, token: &str, bot: BotId, flow: &str, step: &str) -> Result<()> {
    tx.prepare_cached(
        "insert into flow_hook (token, bot_id, flow, step) values (?1, ?2, ?3, ?4) on conflict do nothing",
    )?
    .execute((token, bot, flow, step))?;
    Ok(())
}

pub(crate) fn hook_of(connection: &Connection, bot: BotId, flow: &str, step: &str) -> Result<Option<Hook>> {
    Ok(connection
        .prepare_cached(&format!("{HOOK} where bot_id = ?1 and flow = ?2 and step = ?3"))?
        .query_row((bot, flow, step), read_hook)
        .optional()?)
}

pub(crate) fn hook(connection: &Connection, token: &str) -> Result<Option<Hook>> {
    Ok(connection.prepare_cached(&format!("{HOOK} where token = ?1"))?.query_row([token], read_hook).optional()?)
}

pub(crate) fn set_sample(tx: &Tx<'_>, now: Time, token: &str, sample: &str) -> Result<()> {
    tx.prepare_cached("update flow_hook set sample = ?2, sample_at = ?3 where token = ?1")?
        .execute((token, sample, now))?;
    Ok(())
}

/// Conversations of a bot with customers who carry a tag; of each customer the latest.
pub(crate) fn tagged(connection: &Connection, bot: BotId, tag: &str, limit: usize) -> Result<Vec<ConversationId>> {
    let mut statement = connection.prepare_cached(
        "select v.id from contact_tag t join conversation v on v.contact_id = t.contact_id
         join channel c on c.id = v.channel_id and c.bot_id = ?1 and c.deleted_at is null
         where t.tag = ?2 group by t.contact_id having v.last_message_at = max(v.last_message_at) limit ?3",
    )?;
    let rows = statement.query_map((bot, tag, i64::try_from(limit).unwrap_or(1000)), |row| row.get(0))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// The latest conversation of a bot with a customer whose number, id or name with the provider is this.
pub(crate) fn conversation_with(connection: &Connection, bot: BotId, alias: &str) -> Result<Option<ConversationId>> {
    Ok(connection
        .prepare_cached(
            "select v.id from contact_alias a join conversation v on v.contact_id = a.contact_id
             join channel c on c.id = v.channel_id and c.bot_id = ?1 and c.deleted_at is null
             where a.value = ?2 and a.retired_at is null order by v.last_message_at desc limit 1",
        )?
        .query_row((bot, alias), |row| row.get(0))
        .optional()?)
}
