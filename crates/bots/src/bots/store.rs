//! Bots and the versions of their flows.

use base::id::{BotId, FlowVersionId};
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row};

use super::{BotRow, Texts};

const BOT: &str =
    "select id, name, description, paused, debounce_ms, texts, created_at, updated_at, deleted_at from bot";

fn read(row: &Row<'_>) -> db::rusqlite::Result<BotRow> {
    let texts: String = row.get(5)?;
    Ok(BotRow {
        id: row.get(0)?,
        name: row.get(1)?,
        description: row.get(2)?,
        paused: row.get(3)?,
        debounce_ms: row.get(4)?,
        texts: Texts::stored(&texts).unwrap_or_default(),
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
        deleted_at: row.get(8)?,
    })
}

/// Also one that is deleted and can still be brought back.
pub(crate) fn get(connection: &Connection, id: BotId) -> Result<Option<BotRow>> {
    Ok(connection.prepare_cached(&format!("{BOT} where id = ?1"))?.query_row([id], read).optional()?)
}

/// A bot that is not deleted.
pub(crate) fn expect(connection: &Connection, id: BotId) -> Result<BotRow> {
    get(connection, id)?.filter(|b| b.deleted_at.is_none()).ok_or_else(|| Error::not_found("bot", id))
}

/// All that are not deleted, oldest first. A business has a handful; 500 is the limit.
pub(crate) fn list(connection: &Connection) -> Result<Vec<BotRow>> {
    let mut statement =
        connection.prepare_cached(&format!("{BOT} where deleted_at is null order by created_at, id limit 500"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn count(connection: &Connection) -> Result<u32> {
    Ok(connection
        .prepare_cached("select count(*) from bot where deleted_at is null")?
        .query_row([], |row| row.get(0))?)
}

pub(crate) fn insert(tx: &Tx<'_>, bot: &BotRow) -> Result<()> {
    tx.prepare_cached(
        "insert into bot (id, name, description, paused, debounce_ms, texts, created_at, updated_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        bot.id,
        &bot.name,
        &bot.description,
        bot.paused,
        bot.debounce_ms,
        serde_json::to_string(&bot.texts)?,
        bot.created_at,
        bot.updated_at,
    ))?;
    Ok(())
}

pub(crate) fn update(tx: &Tx<'_>, bot: &BotRow) -> Result<()> {
    tx.prepare_cached(
        "update bot set name = ?2, description = ?3, paused = ?4, debounce_ms = ?5, texts = ?6, updated_at = ?7,
         deleted_at = ?8 where id = ?1",
    )?
    .execute((
        bot.id,
        &bot.name,
        &bot.description,
        bot.paused,
        bot.debounce_ms,
        serde_json::to_string(&bot.texts)?,
        bot.updated_at,
        bot.deleted_at,
    ))?;
    Ok(())
}

pub(crate) fn texts(connection: &Connection, id: BotId) -> Result<Texts> {
    Ok(get(connection, id)?.map(|b| b.texts).unwrap_or_default())
}

/// Stores a new published version and returns its id.
pub(crate) fn publish(tx: &Tx<'_>, now: Time, bot: BotId, definition: &str) -> Result<FlowVersionId> {
    let id = FlowVersionId::fresh();
    tx.prepare_cached(
        "insert into flow_version (id, bot_id, number, definition, created_at, published_at)
         select ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?4 from flow_version where bot_id = ?2",
    )?
    .execute((id, bot, definition, now))?;
    Ok(id)
}

/// The newest published version: its id, number and definition.
pub(crate) fn current(connection: &Connection, bot: BotId) -> Result<Option<(FlowVersionId, u32, String)>> {
    Ok(connection
        .prepare_cached(
            "select id, number, definition from flow_version where bot_id = ?1 and published_at is not null
             order by number desc limit 1",
        )?
        .query_row([bot], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?)
}

/// The id of the newest published version; the hot path wants no more.
pub(crate) fn current_id(connection: &Connection, bot: BotId) -> Result<Option<FlowVersionId>> {
    Ok(connection
        .prepare_cached(
            "select id from flow_version where bot_id = ?1 and published_at is not null order by number desc limit 1",
        )?
        .query_row([bot], |row| row.get(0))
        .optional()?)
}

pub(crate) fn definition(connection: &Connection, version: FlowVersionId) -> Result<String> {
    connection
        .prepare_cached("select definition from flow_version where id = ?1")?
        .query_row([version], |row| row.get(0))
        .optional()?
        .ok_or_else(|| Error::not_found("flow", version))
}
