//! Drafts of flows as stored.

use std::collections::HashSet;

use base::id::BotId;
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row};

/// A draft; `draft` is the flow as JSON.
#[derive(Clone, Debug)]
pub(crate) struct FlowRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) folder: String,
    pub(crate) draft: String,
    pub(crate) revision: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) deleted_at: Option<Time>,
}

const FLOW: &str = "select id, name, folder, draft, revision, created_at, updated_at, deleted_at from flow";

fn read(row: &Row<'_>) -> db::rusqlite::Result<FlowRow> {
    Ok(FlowRow {
        id: row.get(0)?,
        name: row.get(1)?,
        folder: row.get(2)?,
        draft: row.get(3)?,
        revision: row.get(4)?,
        created_at: row.get(5)?,
        updated_at: row.get(6)?,
        deleted_at: row.get(7)?,
    })
}

/// A bot's flows, the oldest first, or those in the bin, the latest first. There are at most a hundred.
pub(crate) fn list(connection: &Connection, bot: BotId, deleted: bool) -> Result<Vec<FlowRow>> {
    let sql = if deleted {
        format!("{FLOW} where bot_id = ?1 and deleted_at is not null order by deleted_at desc limit 500")
    } else {
        format!("{FLOW} where bot_id = ?1 and deleted_at is null order by created_at, id limit 500")
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([bot], read)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn get(connection: &Connection, bot: BotId, id: &str) -> Result<Option<FlowRow>> {
    Ok(connection
        .prepare_cached(&format!("{FLOW} where bot_id = ?1 and id = ?2"))?
        .query_row((bot, id), read)
        .optional()?)
}

/// Writes a flow, be it new or known.
pub(crate) fn put(tx: &Tx<'_>, bot: BotId, row: &FlowRow) -> Result<()> {
    tx.prepare_cached(
        "insert into flow (bot_id, id, name, folder, draft, revision, created_at, updated_at, deleted_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         on conflict do update set name = excluded.name, folder = excluded.folder, draft = excluded.draft,
           revision = excluded.revision, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at",
    )?
    .execute((
        bot,
        &row.id,
        &row.name,
        &row.folder,
        &row.draft,
        row.revision,
        row.created_at,
        row.updated_at,
        row.deleted_at,
    ))?;
    Ok(())
}

/// Lets go of what has been in the bin for long.
pub(crate) fn purge(tx: &Tx<'_>, before: Time) -> Result<()> {
    tx.prepare_cached("delete from flow where deleted_at < ?1")?.execute([before])?;
    Ok(())
}

/// The hashes of the files that drawings and versions name.
pub(crate) fn files(connection: &Connection) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    for sql in ["select draft from flow", "select definition from flow_version"] {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let json = row.get_ref(0)?.as_str().map_err(base::Error::internal)?;
            let named = json.split("\"stored\":\"").skip(1).filter_map(|rest| rest.get(..64));
            found.extend(named.filter(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit())).map(str::to_owned));
        }
    }
    Ok(found)
}

/// Words and limits of the drafts, as JSON.
pub(crate) fn settings(connection: &Connection, bot: BotId) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached("select flow_settings from bot where id = ?1")?
        .query_row([bot], |row| row.get(0))
        .optional()?
        .flatten())
}

pub(crate) fn set_settings(tx: &Tx<'_>, bot: BotId, settings: &str) -> Result<()> {
    tx.prepare_cached("update bot set flow_settings = ?2 where id = ?1")?.execute((bot, settings))?;
    Ok(())
}

/// Bots that have no drawing yet.
pub(crate) fn bots_without(connection: &Connection) -> Result<Vec<BotId>> {
    let mut statement = connection.prepare_cached(
        "select id from bot b where not exists (select 1 from flow f where f.bot_id = b.id) limit 1000",
    )?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// How many conversations wait at each step of a flow.
pub(crate) fn waiting(connection: &Connection, bot: BotId, flow: &str) -> Result<Vec<(String, i64)>> {
    let mut statement = connection.prepare_cached(
        "select step, count(*) from run where bot_id = ?1 and flow = ?2 and step is not null
         and status in ('active', 'waiting', 'handed') group by step limit 1000",
    )?;
    let rows = statement.query_map((bot, flow), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// Step, branch (empty: entered) and count since a day.
pub(crate) fn traffic(
    connection: &Connection,
    bot: BotId,
    flow: &str,
    from_day: i64,
) -> Result<Vec<(String, String, i64)>> {
    let mut statement = connection.prepare_cached(
        "select step, branch, sum(count) from flow_traffic where bot_id = ?1 and flow = ?2 and day >= ?3
         group by step, branch limit 10000",
    )?;
    let rows = statement.query_map((bot, flow, from_day), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn purge_traffic(tx: &Tx<'_>, before_day: i64) -> Result<()> {
    tx.prepare_cached("delete from flow_traffic where day < ?1")?.execute([before_day])?;
    Ok(())
}
