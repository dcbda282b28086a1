//! The rules of publishing.

use base::id::{BotId, ConversationId, FlowVersionId};
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use flow::{Compiled, Definition, EventKind, Severity};
use jobs::{NewJob, Priority};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self, NewVersion, OpenRun};
use crate::workspace::Workspace;
use crate::{bots, flows, runs, saved_tests, triggers};

/// What becomes of conversations that are under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MoveOpen)]
pub(crate) enum Move {
    /// They end on the version on which they began.
    #[default]
    None,
    /// Those that the new version can go on with are moved to it.
    Safe,
    /// All are moved; what the new version has no place for begins anew with the next message.
    All,
}

/// What is published, and how.
pub(crate) struct Publishing<'a> {
    pub(crate) name: &'a str,
    pub(crate) note: &'a str,
    pub(crate) author: &'a str,
    /// Now when absent.
    pub(crate) at: Option<Time>,
    pub(crate) open: Move,
    /// Conversations that are moved in any case.
    pub(crate) moved: &'a [ConversationId],
}

/// Publishes the drafts, or has them published later.
pub(crate) fn publish(tx: &Tx<'_>, ws: &Workspace, bot: BotId, how: &Publishing<'_>) -> Result<u32> {
    bots::store::expect(tx, bot)?;
    let definition = flows::definition(tx, bot)?;
    ensure_sound(tx, ws, bot, &definition)?;
    let now = ws.clock.now();
    let later = how.at.filter(|at| *at > now);
    let json = serde_json::to_string(&definition)?;
    let new = NewVersion {
        bot,
        name: how.name,
        note: how.note,
        author: how.author,
        definition: &json,
        published_at: later.is_none().then_some(now),
        publish_at: later,
    };
    let id = store::insert(tx, now, &new)?;
    match later {
        None => put_in_force(tx, ws, bot, id, how.open, how.moved)?,
        Some(_) => tx.publish(runs::TAG),
    }
    tx.publish(flows::TAG);
    Ok(store::expect(tx, bot, id)?.number)
}

/// Errors and failing tests keep a drawing from customers.
fn ensure_sound(tx: &Tx<'_>, ws: &Workspace, bot: BotId, definition: &Definition) -> Result<()> {
    if let Some(first) = flow::validate(definition).into_iter().find(|f| f.severity == Severity::Error) {
        return Err(Error::invalid(format!("This cannot be published yet. {} {}", first.message, first.fix)));
    }
    for (.., step, fields) in Compiled::new(definition.clone()).entries("schedule") {
        let cron = fields.get("cron").and_then(|c| c.as_str()).unwrap_or_default();
        jobs::next_run(cron, &triggers::zone(tx, fields)?, ws.clock.now())
            .map_err(|e| Error::invalid(format!("The times of the step “{step}” cannot be used. {}", e.message)))?;
    }
    let failing = saved_tests::failing(tx, bot, definition)?;
    match failing.first() {
        None => Ok(()),
        Some(name) => Err(Error::invalid(format!(
            "The test “{name}” fails. Look at its first difference, and mend the flow or the test."
        ))),
    }
}

/// What a version needs besides being stored: schedules, addresses, and the conversations that are moved to it.
pub(crate) fn put_in_force(
    tx: &Tx<'_>,
    ws: &Workspace,
    bot: BotId,
    id: FlowVersionId,
    open: Move,
    moved: &[ConversationId],
) -> Result<()> {
    let after = ws.flows.get(tx, id)?;
    triggers::set_up(tx, ws, bot, &after)?;
    for run in store::open_runs(tx, bot, Some(id))? {
        let wanted = open != Move::None || run.conversation.is_some_and(|c| moved.contains(&c));
        if !wanted {
            continue;
        }
        match problem(tx, ws, &run, &after)? {
            None => runs::store::set_version(tx, run.run, id)?,
            Some(_) if open == Move::All || run.conversation.is_some_and(|c| moved.contains(&c)) => {
                runs::event(tx, ws, run.run, EventKind::Cancelled)?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Why a run could not go on in another version; nothing when it could.
pub(crate) fn problem(
    connection: &Connection,
    ws: &Workspace,
    run: &OpenRun,
    after: &Compiled,
) -> Result<Option<String>> {
    let before = ws.flows.get(connection, run.version)?;
    Ok(flow::why_broken(before.definition(), after, &run.flow, &run.step))
}

/// Publishes an earlier version anew. The drafts stay as they are.
pub(crate) fn restore(tx: &Tx<'_>, ws: &Workspace, bot: BotId, id: FlowVersionId, author: &str) -> Result<u32> {
    let row = store::expect(tx, bot, id)?;
    let definition = bots::store::definition(tx, id)?;
    let now = ws.clock.now();
    let note = format!("Brings back version {}", row.number);
    let new = NewVersion {
        bot,
        name: &row.name,
        note: &note,
        author,
        definition: &definition,
        published_at: Some(now),
        publish_at: None,
    };
    let id = store::insert(tx, now, &new)?;
    put_in_force(tx, ws, bot, id, Move::None, &[])?;
    tx.publish(flows::TAG);
    Ok(store::expect(tx, bot, id)?.number)
}

/// Makes the drafts what an earlier version holds.
pub(crate) fn draw(tx: &Tx<'_>, now: Time, bot: BotId, id: FlowVersionId) -> Result<()> {
    store::expect(tx, bot, id)?;
    let definition = Definition::parse(&bots::store::definition(tx, id)?)?;
    flows::replace_drafts(tx, now, bot, &definition)
}

/// A version whose time has come.
pub(crate) fn publish_due(tx: &Tx<'_>, ws: &Workspace, bot: BotId, id: FlowVersionId) -> Result<()> {
    let row = store::expect(tx, bot, id)?;
    if row.published_at.is_some() || row.publish_at.is_none() {
        return Ok(());
    }
    store::publish(tx, ws.clock.now(), bot, id)?;
    put_in_force(tx, ws, bot, id, Move::None, &[])?;
    tx.publish(flows::TAG);
    Ok(())
}

/// A job that begins a flow at a set time.
pub(crate) fn schedule_job(payload: &triggers::Scheduled) -> Result<NewJob> {
    Ok(NewJob::new(triggers::SCHEDULE_JOB, runs::EFFECT_QUEUE, payload)?.priority(Priority::Normal))
}
