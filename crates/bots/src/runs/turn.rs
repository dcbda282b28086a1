//! One transaction of a run: event in; state, journal, effects and outgoing messages out.

use base::id::{ConversationId, RunId};
use base::message::Content;
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use flow::{Effect, EffectKind, Event, EventKind, Incoming, Outcome, RunState};
use jobs::{NewJob, Priority};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{EFFECT_JOB, EFFECT_QUEUE, TAG, store};
use crate::conversations::{self, ConversationRow, MessageRow, Mode, service};
use crate::workspace::Workspace;
use crate::{bots, business, contacts};

/// What the job that performs an effect is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EffectJob {
    pub(crate) run: RunId,
    pub(crate) seq: u64,
}

/// Gives the messages that wait to the conversation's run, as one.
pub(crate) fn turn(tx: &Tx<'_>, ws: &Workspace, id: ConversationId) -> Result<()> {
    conversations::store::set_turn(tx, id, None)?;
    let Some(conversation) = conversations::store::get(tx, id)? else { return Ok(()) };
    let pending = conversations::store::pending(tx, id)?;
    conversations::store::clear_pending(tx, id)?;
    let Some(first) = pending.first() else { return Ok(()) };
    if conversation.mode == Mode::Person {
        return Ok(());
    }
    let first_contact = !conversations::store::has_earlier(tx, id, first.seq)?;
    let message = join(&pending, conversation.contact_language.clone(), first_contact);
    let now = ws.clock.now();
    match active_run(tx, &conversation)? {
        Some(run) => apply(tx, ws, &conversation, run, now, EventKind::Message { message }),
        None => {
            let Some(version) = bots::store::current_id(tx, conversation.bot_id)? else {
                // A bot without a published flow has nothing to say: a person has to.
                return conversations::store::set_mode(tx, id, Mode::Person, true);
            };
            let run = RunId::fresh();
            store::insert(tx, now, run, id, version)?;
            conversations::store::set_run(tx, id, Some(run))?;
            apply(tx, ws, &conversation, run, now, EventKind::Started { message: Some(message) })
        }
    }
}

/// A run's own timer is due.
pub(crate) fn timer(tx: &Tx<'_>, ws: &Workspace, run: RunId) -> Result<()> {
    let Some(row) = store::get(tx, run)? else { return Ok(()) };
    let Some(conversation) = conversations::store::get(tx, row.conversation_id)? else { return Ok(()) };
    apply(tx, ws, &conversation, run, ws.clock.now(), EventKind::Timer)
}

/// A person took over, gave back, or closed the conversation.
pub(crate) fn person_event(tx: &Tx<'_>, ws: &Workspace, conversation: &ConversationRow, kind: EventKind) -> Result<()> {
    match active_run(tx, conversation)? {
        Some(run) => apply(tx, ws, conversation, run, ws.clock.now(), kind),
        None => Ok(()),
    }
}

/// The outcome of an effect arrives. The second time it changes nothing.
pub(crate) fn finish_effect(tx: &Tx<'_>, ws: &Workspace, job: &EffectJob, outcome: Outcome, ms: f64) -> Result<()> {
    if !store::finish_effect(tx, job.run, job.seq, &serde_json::to_string(&outcome)?, ms)? {
        return Ok(());
    }
    let Some(row) = store::get(tx, job.run)? else { return Ok(()) };
    let Some(conversation) = conversations::store::get(tx, row.conversation_id)? else { return Ok(()) };
    apply(tx, ws, &conversation, job.run, ws.clock.now(), EventKind::EffectDone { seq: job.seq, outcome })
}

/// Whether the run waits for what the customer says next; then even a single word is a whole reply.
pub(super) fn waits_for_reply(tx: &Tx<'_>, conversation: &ConversationRow) -> Result<bool> {
    let Some(run) = active_run(tx, conversation)? else { return Ok(false) };
    let Some(row) = store::get(tx, run)? else { return Ok(false) };
    Ok(serde_json::from_str::<RunState>(&row.state)?.waits_for_reply())
}

/// The run that the conversation is in, unless it has come to its end.
fn active_run(connection: &Connection, conversation: &ConversationRow) -> Result<Option<RunId>> {
    let Some(run) = conversation.run_id else { return Ok(None) };
    let status = store::status(connection, run)?;
    Ok(status.filter(|s| s != flow::Status::Ended.as_str() && s != flow::Status::Failed.as_str()).map(|_| run))
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
    Incoming { text: words.join("\n"), content, language, first_contact }
}

/// What expressions may read.
fn context_of(connection: &Connection, conversation: &ConversationRow) -> Result<flow::Context> {
    let business = business::get(connection)?;
    let contact = contacts::store::get(connection, conversation.contact_id)?;
    let mut fields = contact.map(|c| c.fields).unwrap_or_default();
    let insert = |map: &mut Map<String, Value>, key: &str, value: Value| {
        map.entry(key).or_insert(value);
    };
    insert(&mut fields, "name", json!(conversation.contact_name.clone().unwrap_or_default()));
    insert(&mut fields, "language", json!(conversation.contact_language.clone().unwrap_or_default()));
    let mut about = Map::new();
    insert(&mut about, "name", json!(business.name));
    insert(&mut about, "description", json!(business.description));
    insert(&mut about, "currency", json!(business.currency));
    insert(&mut about, "language", json!(business.language));
    let mut place = Map::new();
    insert(&mut place, "id", json!(conversation.id));
    insert(&mut place, "channel", json!(conversation.channel_kind));
    Ok(flow::Context { contact: fields, business: about, conversation: place, timezone: business.timezone })
}

/// The heart: advances the run by one event and writes everything that follows.
fn apply(
    tx: &Tx<'_>,
    ws: &Workspace,
    conversation: &ConversationRow,
    run: RunId,
    now: Time,
    kind: EventKind,
) -> Result<()> {
    let row = store::get(tx, run)?.ok_or_else(|| Error::internal("a run is gone"))?;
    let compiled = ws.flows.get(tx, row.flow_version_id)?;
    let state: RunState = if row.state == "{}" { RunState::default() } else { serde_json::from_str(&row.state)? };
    let context = context_of(tx, conversation)?;
    let event = Event { at: now, kind };
    let advanced = flow::advance(&compiled, state, &event, &context);

    let status = advanced.state.status();
    store::update(tx, now, run, &serde_json::to_string(&advanced.state)?, status.as_str(), advanced.state.wake_at())?;
    store::append_event(
        tx,
        run,
        now,
        &serde_json::to_string(&event)?,
        &serde_json::to_string(&context)?,
        &serde_json::to_string(&advanced.journal)?,
    )?;
    if advanced.state.wake_at().is_some() {
        tx.publish(TAG);
    }
    for effect in flow::coalesce(advanced.effects) {
        perform_now(tx, ws, conversation, run, now, effect)?;
    }
    tx.publish(format!("conversation:{}", conversation.id));
    Ok(())
}

/// Effects inside the program happen in this transaction; the others become jobs.
fn perform_now(
    tx: &Tx<'_>,
    ws: &Workspace,
    conversation: &ConversationRow,
    run: RunId,
    now: Time,
    effect: Effect,
) -> Result<()> {
    if effect.kind.is_external() {
        store::insert_effect(tx, run, effect.seq, effect.kind.name(), &serde_json::to_string(&effect.kind)?)?;
        let job = NewJob::new(EFFECT_JOB, EFFECT_QUEUE, EffectJob { run, seq: effect.seq })?
            .priority(Priority::Critical)
            .max_attempts(4);
        jobs::enqueue(tx, now, job)?;
        return Ok(());
    }
    match effect.kind {
        EffectKind::Send { content, answer_of } => {
            let answer = match answer_of {
                Some(seq) => answer_of_effect(tx, run, seq)?,
                None => None,
            };
            let content = fit(conversation, content);
            for part in content {
                service::say_from_run(tx, now, conversation, &part, (run, effect.seq), answer.as_ref())?;
            }
            Ok(())
        }
        EffectKind::Handover { reason, note } => {
            conversations::store::set_mode(tx, conversation.id, Mode::Person, true)?;
            tx.publish("conversations");
            tx.publish("home");
            tracing::info!(conversation = %conversation.id, reason, "handed to a person");
            if note.is_empty() {
                return Ok(());
            }
            contacts::store::set_field(tx, now, conversation.contact_id, "note", &json!(note))
        }
        EffectKind::Resolve => {
            conversations::store::set_resolved(tx, conversation.id, true)?;
            tx.publish("conversations");
            Ok(())
        }
        EffectKind::SetContact { field, value } => {
            if field == "name"
                && let Some(name) = value.as_str()
            {
                contacts::store::set_name(tx, now, conversation.contact_id, name)?;
            }
            contacts::store::set_field(tx, now, conversation.contact_id, &field, &value)
        }
        EffectKind::Answer { .. } | EffectKind::Generate { .. } | EffectKind::Http { .. } => {
            let _ = ws;
            Err(Error::internal("an outside effect was taken for an inner one"))
        }
    }
}

/// What an answer rests on, for the message that carries it.
fn answer_of_effect(connection: &Connection, run: RunId, seq: u64) -> Result<Option<Value>> {
    let Some(outcome) = store::effect(connection, run, seq)?.and_then(|e| e.outcome) else { return Ok(None) };
    Ok(match serde_json::from_str::<Outcome>(&outcome)? {
        Outcome::Answered { detail, .. } => detail.get("answer").cloned(),
        _ => None,
    })
}

/// What opens a list on a channel that has no more than three buttons.
const OPENER: &str = "Choose";

/// Brings a message into the form that its channel takes; a long text becomes several.
fn fit(conversation: &ConversationRow, content: Content) -> Vec<Content> {
    if conversation.channel_kind == "whatsapp" {
        channels::whatsapp::limits::fit(content, OPENER)
    } else {
        vec![content]
    }
}
