//! Versions as stored.

use base::id::{BotId, ConversationId, FlowVersionId, RunId};
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row};

/// A version without its definition, which is large.
#[derive(Clone, Debug)]
pub(crate) struct VersionRow {
    pub(crate) id: FlowVersionId,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) note: String,
    pub(crate) author: String,
    pub(crate) created_at: Time,
    pub(crate) published_at: Option<Time>,
    /// When it is to be published by itself.
    pub(crate) publish_at: Option<Time>,
}

const VERSION: &str = "select id, number, name, note, author, created_at, published_at, publish_at from flow_version";

fn read(row: &Row<'_>) -> db::rusqlite::Result<VersionRow> {
    Ok(VersionRow {
        id: row.get(0)?,
        number: row.get(1)?,
        name: row.get(2)?,
        note: row.get(3)?,
        author: row.get(4)?,
        created_at: row.get(5)?,
        published_at: row.get(6)?,
        publish_at: row.get(7)?,
    })
}

/// The newest first.
pub(crate) fn list(connection: &Connection, bot: BotId, before: Option<u32>, limit: usize) -> Result<Vec<VersionRow>> {
    let mut statement = connection
        .prepare_cached(&format!("{VERSION} where bot_id = ?1 and number < ?2 order by number desc limit ?3"))?;
    let limit = i64::try_from(limit).unwrap_or(200);
    let rows = statement.query_map((bot, before.map_or(i64::MAX, i64::from), limit), read)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn expect(connection: &Connection, bot: BotId, id: FlowVersionId) -> Result<VersionRow> {
    connection
        .prepare_cached(&format!("{VERSION} where bot_id = ?1 and id = ?2"))?
        .query_row((bot, id), read)
        .optional()?
        .ok_or_else(|| Error::not_found("version", id))
}

/// The version that answers customers.
pub(crate) fn current(connection: &Connection, bot: BotId) -> Result<Option<VersionRow>> {
    Ok(connection
        .prepare_cached(&format!(
            "{VERSION} where bot_id = ?1 and published_at is not null order by number desc limit 1"
        ))?
        .query_row([bot], read)
        .optional()?)
}

/// What a new version is stored with.
pub(crate) struct NewVersion<'a> {
    pub(crate) bot: BotId,
    pub(crate) name: &'a str,
    pub(crate) note: &'a str,
    pub(crate) author: &'a str,
    pub(crate) definition: &'a str,
    pub(crate) published_at: Option<Time>,
    pub(crate) publish_at: Option<Time>,
}

pub(crate) fn insert(tx: &Tx<'_>, now: Time, new: &NewVersion<'_>) -> Result<FlowVersionId> {
    let id = FlowVersionId::fresh();
    tx.prepare_cached(
        "insert into flow_version (id, bot_id, number, definition, created_at, published_at, name, note, author, publish_at)
         select ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9 from flow_version where bot_id = ?2",
    )?
    .execute((
        id,
        new.bot,
        new.definition,
        now,
        new.published_at,
        new.name,
        new.note,
        new.author,
        new.publish_at,
    ))?;
    Ok(id)
}

/// Calls off what was to be published later.
pub(crate) fn unschedule(tx: &Tx<'_>, bot: BotId, id: FlowVersionId) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "update flow_version set publish_at = null where bot_id = ?1 and id = ?2 and published_at is null",
        )?
        .execute((bot, id))?;
    Ok(changed == 1)
}

/// Versions whose time has come: the bot and the version.
pub(crate) fn due(connection: &Connection, now: Time) -> Result<Vec<(BotId, FlowVersionId)>> {
    let mut statement = connection.prepare_cached(
        "select bot_id, id from flow_version where publish_at <= ?1 and published_at is null order by publish_at limit 50",
    )?;
    let rows = statement.query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn next_due(connection: &Connection) -> Result<Option<Time>> {
    Ok(connection
        .prepare_cached(
            "select min(publish_at) from flow_version where publish_at is not null and published_at is null",
        )?
        .query_row([], |row| row.get(0))?)
}

/// Makes a stored version the newest one and the current one.
pub(crate) fn publish(tx: &Tx<'_>, now: Time, bot: BotId, id: FlowVersionId) -> Result<()> {
    tx.prepare_cached(
        "update flow_version set published_at = ?3,
         number = (select max(number) from flow_version where bot_id = ?1) + (number <> (select max(number) from flow_version where bot_id = ?1))
         where bot_id = ?1 and id = ?2",
    )?
    .execute((bot, id, now))?;
    Ok(())
}

/// A run that has not come to its end.
pub(crate) struct OpenRun {
    pub(crate) run: RunId,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) contact: Option<String>,
    pub(crate) version: FlowVersionId,
    pub(crate) flow: String,
    pub(crate) step: String,
}

/// Runs of a bot that wait on a version other than this, at most 500.
pub(crate) fn open_runs(connection: &Connection, bot: BotId, except: Option<FlowVersionId>) -> Result<Vec<OpenRun>> {
    let mut statement = connection.prepare_cached(
        "select r.id, r.conversation_id, p.name, r.flow_version_id, r.flow, r.step from run r
         left join conversation v on v.id = r.conversation_id left join contact p on p.id = v.contact_id
         where r.bot_id = ?1 and r.status in ('active', 'waiting') and r.step is not null and r.flow_version_id is not ?2
         order by r.updated_at desc limit 500",
    )?;
    let rows = statement.query_map((bot, except), |row| {
        Ok(OpenRun {
            run: row.get(0)?,
            conversation: row.get(1)?,
            contact: row.get(2)?,
            version: row.get(3)?,
            flow: row.get(4)?,
            step: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}
