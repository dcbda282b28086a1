//! The rules of drafts: making, changing, copying, the bin, and the bot as a whole.

use std::time::Duration;

use base::id::BotId;
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use flow::{Definition, FORMAT, Finding, Flow, Settings};

use super::TAG;
use super::store::{self, FlowRow};
use crate::bots;

/// How long a deleted flow can be brought back.
pub(crate) const BIN_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Traffic is kept so many days.
const TRAFFIC_DAYS: i64 = 400;

/// A new flow with nothing in it: how it begins is the first thing that its owner decides.
fn empty(name: &str) -> Flow {
    Flow { name: name.to_owned(), ..Flow::default() }
}

/// The bot as its drafts draw it.
pub(crate) fn definition(connection: &Connection, bot: BotId) -> Result<Definition> {
    let flows = store::list(connection, bot, false)?.iter().map(drawn).collect::<Result<Vec<_>>>()?;
    Ok(Definition { format: FORMAT, settings: settings(connection, bot)?, flows })
}

/// A draft as a flow; its name and folder are those of the list.
pub(crate) fn drawn(row: &FlowRow) -> Result<Flow> {
    let mut flow: Flow = serde_json::from_str(&row.draft)?;
    flow.id.clone_from(&row.id);
    flow.name.clone_from(&row.name);
    flow.folder.clone_from(&row.folder);
    Ok(flow)
}

/// Words and limits of the drafts.
pub(crate) fn settings(connection: &Connection, bot: BotId) -> Result<Settings> {
    match store::settings(connection, bot)? {
        Some(stored) => Ok(serde_json::from_str(&stored)?),
        None => Ok(Settings::default()),
    }
}

pub(crate) fn set_settings(tx: &Tx<'_>, bot: BotId, settings: &Settings) -> Result<()> {
    bots::store::expect(tx, bot)?;
    settings.check()?;
    store::set_settings(tx, bot, &serde_json::to_string(settings)?)?;
    tx.publish(TAG);
    Ok(())
}

/// A flow that is there and not in the bin.
pub(crate) fn expect(connection: &Connection, bot: BotId, id: &str) -> Result<FlowRow> {
    bots::store::expect(connection, bot)?;
    store::get(connection, bot, id)?.filter(|f| f.deleted_at.is_none()).ok_or_else(|| Error::not_found("flow", id))
}

/// Every draft of the bot made anew from a definition; those that are not in it go to the bin.
pub(crate) fn replace_drafts(tx: &Tx<'_>, now: Time, bot: BotId, definition: &Definition) -> Result<()> {
    for mut row in store::list(tx, bot, false)? {
        if !definition.flows.iter().any(|f| f.id == row.id) {
            row.deleted_at = Some(now);
            store::put(tx, bot, &row)?;
        }
    }
    for (n, flow) in definition.flows.iter().enumerate() {
        let known = store::get(tx, bot, &flow.id)?;
        // The order of the list is that of their ages.
        let age = now.plus(Duration::from_millis(n as u64));
        let row = FlowRow {
            id: flow.id.clone(),
            name: flow.name.clone(),
            folder: flow.folder.clone(),
            draft: serde_json::to_string(flow)?,
            revision: known.as_ref().map_or(1, |k| k.revision + 1),
            created_at: known.map_or(age, |k| k.created_at),
            updated_at: now,
            deleted_at: None,
        };
        store::put(tx, bot, &row)?;
    }
    store::set_settings(tx, bot, &serde_json::to_string(&definition.settings)?)?;
    tx.publish(TAG);
    Ok(())
}

/// Adds flows under ids of their own. Returns the id of the first.
pub(crate) fn add(tx: &Tx<'_>, now: Time, bot: BotId, name: &str, folder: &str, flows: Vec<Flow>) -> Result<String> {
    let known = store::list(tx, bot, false)?;
    if known.len() + flows.len() > flow::MAX_FLOWS {
        let most = flow::MAX_FLOWS;
        return Err(Error::conflict(format!("This bot has {most} flows already. Delete one that is not used.")));
    }
    // What calls each other within what is added goes on calling each other.
    let renamed: Vec<(String, String)> = flows.iter().map(|f| (f.id.clone(), fresh_id())).collect();
    let mut first = None;
    for (n, mut flow) in flows.into_iter().enumerate() {
        flow.limits()?;
        for step in &mut flow.steps {
            rename(&mut step.fields, &renamed);
        }
        flow.id.clone_from(&renamed[n].1);
        if n == 0 {
            flow.name = name.trim().to_owned();
        }
        flow.folder = folder.trim().to_owned();
        let row = FlowRow {
            id: flow.id.clone(),
            name: flow.name.clone(),
            folder: flow.folder.clone(),
            draft: serde_json::to_string(&flow)?,
            revision: 1,
            created_at: now.plus(Duration::from_millis(n as u64)),
            updated_at: now,
            deleted_at: None,
        };
        store::put(tx, bot, &row)?;
        first.get_or_insert(flow.id);
    }
    tx.publish(TAG);
    first.ok_or_else(|| Error::invalid("There is no flow in it."))
}

fn fresh_id() -> String {
    base::id::fresh().simple().to_string()
}

/// Ids of flows stand in fields called `flow`, at any depth, and nowhere else.
fn rename(fields: &mut serde_json::Map<String, serde_json::Value>, renamed: &[(String, String)]) {
    for (key, value) in fields.iter_mut() {
        match value {
            serde_json::Value::String(text) if key == "flow" => {
                if let Some((_, new)) = renamed.iter().find(|(old, _)| old == text) {
                    text.clone_from(new);
                }
            }
            serde_json::Value::Object(inner) => rename(inner, renamed),
            serde_json::Value::Array(items) => {
                items.iter_mut().filter_map(serde_json::Value::as_object_mut).for_each(|item| rename(item, renamed));
            }
            _ => {}
        }
    }
}

/// A new empty flow, or a copy of one.
pub(crate) fn create(
    tx: &Tx<'_>,
    now: Time,
    bot: BotId,
    name: &str,
    folder: &str,
    copy_of: Option<&str>,
) -> Result<String> {
    bots::store::expect(tx, bot)?;
    let flow = match copy_of {
        Some(id) => drawn(&expect(tx, bot, id)?)?,
        None => empty(name),
    };
    add(tx, now, bot, name, folder, vec![flow])
}

/// Stores a changed drawing when nobody else has changed it since `revision`. Returns the new revision.
pub(crate) fn save(tx: &Tx<'_>, now: Time, bot: BotId, id: &str, revision: i64, flow: &Flow) -> Result<i64> {
    let mut row = expect(tx, bot, id)?;
    if row.revision != revision {
        return Err(Error::conflict(
            "Somebody else, or another window, has changed this flow since. Load it again, or keep yours as a copy.",
        ));
    }
    flow.limits()?;
    row.draft = serde_json::to_string(flow)?;
    row.revision += 1;
    row.updated_at = now;
    store::put(tx, bot, &row)?;
    tx.publish(TAG);
    Ok(row.revision)
}

pub(crate) fn change(
    tx: &Tx<'_>,
    now: Time,
    bot: BotId,
    id: &str,
    name: Option<&str>,
    folder: Option<&str>,
) -> Result<()> {
    let mut row = expect(tx, bot, id)?;
    if let Some(name) = name {
        row.name = name.trim().to_owned();
    }
    if let Some(folder) = folder {
        row.folder = folder.trim().to_owned();
    }
    row.updated_at = now;
    store::put(tx, bot, &row)?;
    tx.publish(TAG);
    Ok(())
}

/// Into the bin, or out of it.
pub(crate) fn set_deleted(tx: &Tx<'_>, now: Time, bot: BotId, id: &str, deleted: bool) -> Result<()> {
    bots::store::expect(tx, bot)?;
    let mut row = store::get(tx, bot, id)?.ok_or_else(|| Error::not_found("flow", id))?;
    if row.deleted_at.is_some() == deleted {
        return Ok(());
    }
    if deleted && store::list(tx, bot, false)?.len() == 1 {
        return Err(Error::conflict("This is the bot's only flow. Draw another one first, or delete the bot."));
    }
    row.deleted_at = deleted.then_some(now);
    row.updated_at = now;
    store::put(tx, bot, &row)?;
    tx.publish(TAG);
    Ok(())
}

/// What is wrong with one draft, among all of the bot's.
pub(crate) fn findings(connection: &Connection, bot: BotId, id: &str) -> Result<Vec<Finding>> {
    let definition = definition(connection, bot)?;
    let of = |f: &Finding| f.flow.as_deref().is_none_or(|flow| flow == id);
    Ok(flow::validate(&definition).into_iter().filter(of).collect())
}

/// Lets go of what nobody can bring back any more.
pub(crate) fn purge(tx: &Tx<'_>, now: Time) -> Result<()> {
    store::purge(tx, now.minus(BIN_KEPT))?;
    store::purge_traffic(tx, now.as_ms().div_euclid(24 * 3600 * 1000) - TRAFFIC_DAYS)
}
