//! What can be done with a run after the fact: go on, begin again, stop, decide; and letting old ones go.

use std::time::Duration;

use base::id::RunId;
use base::{Error, Result, Time};
use db::Tx;
use flow::{Event, EventKind, Outcome};

use super::turn::{self, EffectJob};
use super::{finish_effect, store};
use crate::conversations::{self, Mode};
use crate::notices;
use crate::workspace::Workspace;

/// Runs that are over are kept this long, and at most so many.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
const MOST: i64 = 200_000;
/// Runs let go of in one transaction.
const BATCH: i64 = 2_000;

/// Has a run go on at a step, or begins it again with what it began with. Returns the run that goes on.
pub(crate) fn again(tx: &Tx<'_>, ws: &Workspace, id: RunId, from_step: Option<&str>) -> Result<RunId> {
    let row = store::get(tx, id)?.ok_or_else(|| Error::not_found("run", id))?;
    let conversation = match row.conversation_id {
        Some(id) => conversations::store::get(tx, id)?,
        None => None,
    };
    if let Some(conversation) = &conversation {
        if conversation.mode == Mode::Person {
            return Err(Error::conflict("A person has this conversation. Give it back to the bot first."));
        }
        if turn::active_run(tx, conversation)?.is_some_and(|active| active.id != id) {
            return Err(Error::conflict("This conversation is in the middle of something newer. Let that end first."));
        }
    }
    if let Some(step) = from_step {
        let compiled = ws.flows.get(tx, row.flow_version_id)?;
        let (flow, step) = step.split_once('/').unwrap_or(("", step));
        let flow = match flow {
            "" => store::place(tx, id)?.map(|(flow, _)| flow).unwrap_or_default(),
            flow => flow.to_owned(),
        };
        if !compiled.has_step(&flow, step) {
            return Err(Error::not_found("step", step));
        }
        if let Some(conversation) = &conversation {
            conversations::store::set_run(tx, conversation.id, Some(id))?;
        }
        turn::event(tx, ws, id, EventKind::MovedTo { flow, step: step.to_owned() })?;
        return Ok(id);
    }
    let first =
        store::first_event(tx, id)?.ok_or_else(|| Error::conflict("Nothing is known of how this run began."))?;
    let kind = match serde_json::from_str::<Event>(&first)?.kind {
        kind @ (EventKind::Started { .. } | EventKind::Triggered { .. }) => kind,
        _ => return Err(Error::conflict("Nothing is known of how this run began.")),
    };
    match &conversation {
        Some(conversation) => {
            if turn::active_run(tx, conversation)?.is_some() {
                turn::event(tx, ws, id, EventKind::Cancelled)?;
            }
            turn::begin(tx, ws, conversation, kind)?;
            let fresh = conversations::store::get(tx, conversation.id)?.and_then(|c| c.run_id);
            fresh.ok_or_else(|| Error::internal("a run did not begin"))
        }
        None => turn::begin_alone(tx, ws, row.bot_id, kind)?
            .ok_or_else(|| Error::conflict("The bot has no published flow. Publish it first.")),
    }
}

/// Ends a run by hand.
pub(crate) fn stop(tx: &Tx<'_>, ws: &Workspace, id: RunId) -> Result<()> {
    store::get(tx, id)?.ok_or_else(|| Error::not_found("run", id))?;
    turn::event(tx, ws, id, EventKind::Cancelled)
}

/// A person decides what a run asked about.
pub(crate) fn decide(tx: &Tx<'_>, ws: &Workspace, id: RunId, seq: u64, yes: bool) -> Result<()> {
    let effect =
        store::effect(tx, id, seq)?.filter(|e| e.kind == "approve").ok_or_else(|| Error::not_found("question", seq))?;
    if effect.done {
        return Err(Error::conflict("This was decided already."));
    }
    notices::decided(tx, ws.clock.now(), id, seq)?;
    finish_effect(tx, ws, &EffectJob { run: id, seq }, Outcome::Decided { yes }, 0.0, 0.0)
}

/// Lets go of runs that have been over for long.
pub(crate) fn purge(tx: &Tx<'_>, now: Time) -> Result<()> {
    store::purge(tx, now.minus(KEPT), MOST, BATCH)
}
