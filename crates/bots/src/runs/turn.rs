//! Gives runs their turn: a burst of messages, a timer, a person, an outcome, a trigger.

use base::Result;
use base::id::{BotId, RunId};
use base::message::Content;
use db::Tx;
use db::rusqlite::Connection;
use flow::{EventKind, Incoming, Outcome, RunState};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

use super::apply::{Place, apply};
use super::store::{self, RunRow};
use crate::conversations::{self, ConversationRow, MessageRow, Mode};
use crate::workspace::Workspace;
use crate::{bots, triggers};

/// A customer who came from an advertisement may be written to for this long; so this tells when they came.
const FREE_ENTRY: Duration = Duration::from_secs(72 * 3600);

/// What the job that performs an effect is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EffectJob {
    pub(crate) run: RunId,
    pub(crate) seq: u64,
}

/// Gives the messages that wait to the conversation's run, as one.
pub(crate) fn turn(tx: &Tx<'_>, ws: &Workspace, conversation: &ConversationRow) -> Result<()> {
    let id = conversation.id;
    conversations::store::clear_turn(tx, id)?;
    let pending = conversations::store::pending(tx, id)?;
    conversations::store::clear_pending(tx, id)?;
    let Some(first) = pending.first() else { return Ok(()) };
    if conversation.mode == Mode::Person {
        return Ok(());
    }
    let first_contact = !conversations::store::has_earlier(tx, id, first.seq)?;
    let mut message = join(&pending, conversation.contact_language.clone(), first_contact);
    message.reply_to = quoted(tx, conversation, &pending)?;
    let came = conversation.free_entry_until.map(|until| until.minus(FREE_ENTRY));
    // A minute apart, for the provider's clock is not ours.
    let from_ad = came.is_some_and(|came| came.plus(Duration::from_secs(60)) >= first.at);
    message.referral = from_ad.then(|| "advertisement".to_owned());
    let now = ws.clock.now();
    triggers::customer_wrote(tx, ws, conversation)?;
    match active_run(tx, conversation)? {
        Some(run) => {
            let place = Place { run: &run, conversation: Some(conversation) };
            apply(tx, ws, place, now, EventKind::Message { message })
        }
        None => begin(tx, ws, conversation, EventKind::Started { message: Some(message) }),
    }
}

/// Begins a run of the bot's current version in a conversation, in the place of one that is over.
pub(crate) fn begin(tx: &Tx<'_>, ws: &Workspace, conversation: &ConversationRow, kind: EventKind) -> Result<()> {
    let Some(version) = bots::store::current_id(tx, conversation.bot_id)? else {
        // A bot without a published flow has nothing to say: a person has to.
        return conversations::store::set_mode(tx, conversation.id, Mode::Person, true);
    };
    let now = ws.clock.now();
    let run = store::insert(tx, now, Some(conversation.id), conversation.bot_id, version)?;
    conversations::store::set_run(tx, conversation.id, Some(run.id))?;
    apply(tx, ws, Place { run: &run, conversation: Some(conversation) }, now, kind)
}

/// Begins a run that has no customer.
pub(crate) fn begin_alone(tx: &Tx<'_>, ws: &Workspace, bot: BotId, kind: EventKind) -> Result<Option<RunId>> {
    let Some(version) = bots::store::current_id(tx, bot)? else { return Ok(None) };
    let now = ws.clock.now();
    let run = store::insert(tx, now, None, bot, version)?;
    apply(tx, ws, Place { run: &run, conversation: None }, now, kind)?;
    Ok(Some(run.id))
}

/// Begins a flow in a conversation, unless it is in the middle of something or a person has it. Tells whether it began.
pub(crate) fn trigger(
    tx: &Tx<'_>,
    ws: &Workspace,
    conversation: &ConversationRow,
    place: (&str, &str),
    data: Value,
) -> Result<bool> {
    if conversation.mode == Mode::Person || active_run(tx, conversation)?.is_some() {
        return Ok(false);
    }
    let (flow, step) = (place.0.to_owned(), place.1.to_owned());
    begin(tx, ws, conversation, EventKind::Triggered { flow, step, data })?;
    Ok(true)
}

/// A run's own timer is due.
pub(crate) fn timer(tx: &Tx<'_>, ws: &Workspace, run: RunId) -> Result<()> {
    event(tx, ws, run, EventKind::Timer)
}

/// Something happens to a run.
pub(crate) fn event(tx: &Tx<'_>, ws: &Workspace, run: RunId, kind: EventKind) -> Result<()> {
    let Some(run) = store::get(tx, run)? else { return Ok(()) };
    let conversation = match run.conversation_id {
        Some(id) => conversations::store::get(tx, id)?,
        None => None,
    };
    apply(tx, ws, Place { run: &run, conversation: conversation.as_ref() }, ws.clock.now(), kind)
}

/// A person took over, gave back, or closed the conversation; a customer changed a message.
pub(crate) fn conversation_event(
    tx: &Tx<'_>,
    ws: &Workspace,
    conversation: &ConversationRow,
    kind: EventKind,
) -> Result<()> {
    match active_run(tx, conversation)? {
        Some(run) => {
            let place = Place { run: &run, conversation: Some(conversation) };
            apply(tx, ws, place, ws.clock.now(), kind)
        }
        None => Ok(()),
    }
}

/// The outcome of an effect arrives. The second time it changes nothing.
pub(crate) fn finish_effect(
    tx: &Tx<'_>,
    ws: &Workspace,
    job: &EffectJob,
    outcome: Outcome,
    ms: f64,
    cost_cents: f64,
) -> Result<()> {
    let outcome = outcome.kept();
    if !store::finish_effect(tx, job.run, job.seq, &serde_json::to_string(&outcome)?, ms)? {
        return Ok(());
    }
    event(tx, ws, job.run, EventKind::EffectDone { seq: job.seq, outcome, cost_cents })
}

/// Whether the run waits for what the customer says next; then even a single word is a whole reply.
pub(super) fn waits_for_reply(tx: &Tx<'_>, conversation: &ConversationRow) -> Result<bool> {
    let Some(run) = active_run(tx, conversation)? else { return Ok(false) };
    Ok(RunState::parse(&run.state)?.waits_for_reply())
}

/// The run that the conversation is in, unless it has come to its end.
pub(crate) fn active_run(connection: &Connection, conversation: &ConversationRow) -> Result<Option<RunRow>> {
    let Some(run) = conversation.run_id else { return Ok(None) };
    let over = [flow::Status::Ended.as_str(), flow::Status::Failed.as_str()];
    Ok(store::get(connection, run)?.filter(|run| !over.contains(&run.status.as_str())))
}

/// Several messages of one burst are one thought.
fn join(pending: &[MessageRow], language: Option<String>, first_contact: bool) -> Incoming {
    let words: Vec<&str> = pending.iter().map(|m| m.content.words()).filter(|w| !w.trim().is_empty()).collect();
    let content = match pending {
        [only] => only.content.clone(),
        // A file or a picked button matters more than the words around it.
        many => many
            .iter()
            .rev()
            .find(|m| !matches!(m.content, Content::Text { .. }))
            .map_or_else(|| Content::text(words.join("\n")), |m| m.content.clone()),
    };
    Incoming { content, language, first_contact, ..Incoming::words(words.join("\n")) }
}

/// The effect of this run whose message the customer quoted.
fn quoted(tx: &Tx<'_>, conversation: &ConversationRow, pending: &[MessageRow]) -> Result<Option<u64>> {
    let Some(provider_id) = pending.iter().rev().find_map(|m| m.replied_to.as_deref()) else { return Ok(None) };
    let message = conversations::store::message_by_provider(tx, provider_id)?;
    Ok(message.filter(|m| m.run_id.is_some() && m.run_id == conversation.run_id).and_then(|m| m.effect_seq))
}
