//! Channels and their settings; secrets lie apart, sealed.

use base::id::{BotId, ChannelId};
use base::{Error, Result};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;

use super::{ChannelKind, ChannelRow, ChannelState};

const CHANNEL: &str = "select id, bot_id, kind, name, state, trouble, config, checks,
    (select max(received_at) from delivery d where d.channel_id = channel.id), created_at, updated_at, deleted_at
    from channel";

fn read(row: &Row<'_>) -> db::rusqlite::Result<ChannelRow> {
    let json = |text: Option<String>| text.and_then(|t| serde_json::from_str::<Value>(&t).ok());
    Ok(ChannelRow {
        id: row.get(0)?,
        bot_id: row.get(1)?,
        kind: ChannelKind::parse(&row.get::<_, String>(2)?),
        name: row.get(3)?,
        state: ChannelState::parse(&row.get::<_, String>(4)?),
        trouble: json(row.get(5)?),
        config: json(row.get(6)?).unwrap_or_default(),
        checks: json(row.get(7)?).unwrap_or_default(),
        last_delivery_at: row.get(8)?,
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
        deleted_at: row.get(11)?,
    })
}

pub(crate) fn get(connection: &Connection, id: ChannelId) -> Result<Option<ChannelRow>> {
    Ok(connection.prepare_cached(&format!("{CHANNEL} where id = ?1"))?.query_row([id], read).optional()?)
}

/// A channel that is not deleted.
pub(crate) fn expect(connection: &Connection, id: ChannelId) -> Result<ChannelRow> {
    get(connection, id)?.filter(|c| c.deleted_at.is_none()).ok_or_else(|| Error::not_found("channel", id))
}

/// All that are not deleted, oldest first; at most 500.
pub(crate) fn all(connection: &Connection) -> Result<Vec<ChannelRow>> {
    let mut statement =
        connection.prepare_cached(&format!("{CHANNEL} where deleted_at is null order by created_at, id limit 500"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn of_bot(connection: &Connection, bot: BotId) -> Result<Vec<ChannelRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "{CHANNEL} where bot_id = ?1 and deleted_at is null order by created_at, id limit 100"
    ))?;
    let rows = statement.query_map([bot], read)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// Every channel's id, deleted ones too: what comes in for them is answered with a clear "no".
pub(crate) fn ids(connection: &Connection) -> Result<Vec<ChannelId>> {
    let mut statement = connection.prepare_cached("select id from channel")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn insert(tx: &Tx<'_>, channel: &ChannelRow) -> Result<()> {
    tx.prepare_cached(
        "insert into channel (id, bot_id, kind, name, state, config, checks, created_at, updated_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        channel.id,
        channel.bot_id,
        channel.kind.as_str(),
        &channel.name,
        channel.state.as_str(),
        channel.config.to_string(),
        channel.checks.to_string(),
        channel.created_at,
        channel.updated_at,
    ))?;
    Ok(())
}

pub(crate) fn update(tx: &Tx<'_>, channel: &ChannelRow) -> Result<()> {
    tx.prepare_cached(
        "update channel set bot_id = ?2, name = ?3, state = ?4, trouble = ?5, config = ?6, checks = ?7, updated_at = ?8,
         deleted_at = ?9 where id = ?1",
    )?
    .execute((
        channel.id,
        channel.bot_id,
        &channel.name,
        channel.state.as_str(),
        channel.trouble.as_ref().map(Value::to_string),
        channel.config.to_string(),
        channel.checks.to_string(),
        channel.updated_at,
        channel.deleted_at,
    ))?;
    Ok(())
}

/// Notes what is wrong with a channel, or that all is well again. Its queue is kept.
pub(crate) fn set_trouble(tx: &Tx<'_>, id: ChannelId, trouble: Option<&Value>) -> Result<()> {
    let state = if trouble.is_some() { "trouble" } else { "active" };
    tx.prepare_cached("update channel set trouble = ?2, state = ?3 where id = ?1 and state in ('active', 'trouble')")?
        .execute((id, trouble.map(Value::to_string), state))?;
    Ok(())
}

/// The channel's template was refused: it is not used until the owner has looked at it.
pub(crate) fn set_fallback_problem(tx: &Tx<'_>, id: ChannelId, problem: &str) -> Result<()> {
    let Some(mut row) = get(tx, id)? else { return Ok(()) };
    let mut config = row.whatsapp();
    if let Some(template) = &mut config.fallback_template {
        template.problem = Some(problem.to_owned());
        row.config = serde_json::to_value(config)?;
        update(tx, &row)?;
    }
    Ok(())
}

pub(crate) fn set_checks(tx: &Tx<'_>, id: ChannelId, checks: &Value) -> Result<()> {
    tx.prepare_cached("update channel set checks = ?2 where id = ?1")?.execute((id, checks.to_string()))?;
    Ok(())
}
