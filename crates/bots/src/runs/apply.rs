//! One transaction of a run: event in; state, journal, effects and outgoing messages out.

use base::id::RunId;
use base::message::Content;
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use flow::{Effect, EffectKind, Event, EventKind, Outcome, RunState};
use jobs::{NewJob, Priority};
use serde_json::{Value, json};

use super::boundary::{Moment, passed};
use super::context::context_of;
use super::store::RunRow;
use super::{EFFECT_JOB, EFFECT_QUEUE, EffectJob, TAG, store, values};
use crate::conversations::{self, ConversationRow, Mode, service};
use crate::notices::{self, Notice};
use crate::workspace::Workspace;
use crate::{contacts, triggers};

/// Which run, as it is stored, and in which conversation, if any.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) run: &'a RunRow,
    pub(super) conversation: Option<&'a ConversationRow>,
}

/// The heart: advances the run by one event and writes everything that follows.
pub(super) fn apply(tx: &Tx<'_>, ws: &Workspace, place: Place<'_>, now: Time, kind: EventKind) -> Result<()> {
    let (row, run) = (place.run, place.run.id);
    let compiled = ws.flows.get(tx, row.flow_version_id)?;
    let state: RunState = if row.state == "{}" { RunState::default() } else { RunState::parse(&row.state)? };
    let stops = matches!(&kind, EventKind::Message { message } | EventKind::Started { message: Some(message) }
        if compiled.asks_to_stop(&message.text));
    let context = context_of(tx, &compiled, row.bot_id, place.conversation, stops)?;
    let ends_pause = !matches!(kind, EventKind::EffectDone { .. });
    if let Some(conversation) = place.conversation.filter(|_| ends_pause) {
        super::show_typing(ws, conversation.id, false);
    }
    let event = Event { at: now, kind: kind.kept() };
    let advanced = flow::advance(&compiled, state, &event, &context);

    let state = &advanced.state;
    let problem = match state.status() {
        flow::Status::Failed => advanced.journal.last().map(|e| e.note.as_str()),
        _ => None,
    };
    let stored = serde_json::to_string(state)?;
    store::update(tx, now, run, &stored, state, problem)?;
    store::append_event(
        tx,
        run,
        now,
        &store::Journal {
            event: &serde_json::to_string(&event)?,
            context: &serde_json::to_string(&context)?,
            entries: &serde_json::to_string(&advanced.journal)?,
            path: &serde_json::to_string(&advanced.path)?,
            version: row.flow_version_id,
        },
    )?;
    ws.traffic.count(row.bot_id, now, &advanced.path);
    if state.wake_at().is_some() {
        tx.publish(TAG);
    }
    for effect in flow::coalesce(advanced.effects) {
        perform_now(tx, ws, place, now, effect)?;
    }
    if let Some(conversation) = place.conversation {
        tx.publish(format!("conversation:{}", conversation.id));
    }
    if matches!(state.status(), flow::Status::Failed | flow::Status::Ended) {
        tx.publish("runs");
    }
    Ok(())
}

/// Effects inside the program happen in this transaction; the others become jobs.
fn perform_now(tx: &Tx<'_>, ws: &Workspace, place: Place<'_>, now: Time, effect: Effect) -> Result<()> {
    let run = place.run.id;
    passed(Moment::Within, effect.kind.name());
    let told = Notice { run: Some(run), conversation: place.conversation.map(|c| c.id), ..Notice::default() };
    if effect.kind.is_external() {
        let payload = serde_json::to_string(&effect.kind)?;
        store::insert_effect(tx, now, run, effect.seq, &effect.step, effect.kind.name(), &payload)?;
        if let EffectKind::Approve { title, details } = &effect.kind {
            // A person decides; nothing is to be done until then.
            let decision = Some(effect.seq);
            return notices::tell(tx, now, &Notice { title, text: details, urgent: true, decision, ..told });
        }
        let job = NewJob::new(EFFECT_JOB, EFFECT_QUEUE, EffectJob { run, seq: effect.seq })?
            .priority(Priority::Critical)
            .max_attempts(4);
        jobs::enqueue(tx, now, job)?;
        return Ok(());
    }
    match effect.kind {
        EffectKind::SetWorkspace { name, value } => values::set(tx, &name, &value),
        EffectKind::Count { name, by } => store::count(tx, &name, by),
        EffectKind::Notify { title, text, urgent } => {
            notices::tell(tx, now, &Notice { title: &title, text: &text, urgent, ..told })
        }
        EffectKind::Goal { name, value, variants } => {
            let variants = serde_json::to_string(&variants)?;
            store::reach_goal(tx, now, place.run.bot_id, (run, effect.seq), &name, value, &variants)
        }
        EffectKind::Log { text } => {
            tracing::info!(run = %run, text, "a flow logs");
            Ok(())
        }
        kind => {
            // The engine refuses to talk where nobody listens.
            let Some(conversation) = place.conversation else { return Ok(()) };
            perform_for(tx, ws, conversation, run, now, Effect { kind, ..effect })
        }
    }
}

/// Effects on a customer and their conversation.
fn perform_for(
    tx: &Tx<'_>,
    ws: &Workspace,
    conversation: &ConversationRow,
    run: RunId,
    now: Time,
    effect: Effect,
) -> Result<()> {
    match effect.kind {
        EffectKind::Send { content, answer_of } => {
            let answer = match answer_of {
                Some(seq) => answer_of_effect(tx, run, seq)?,
                None => None,
            };
            for part in fit(conversation, content) {
                service::say_from_run(tx, now, conversation, &part, (run, effect.seq), answer.as_ref())?;
            }
            Ok(())
        }
        EffectKind::React { emoji } => {
            let Some(last) = conversations::store::latest_of_customer(tx, conversation.id)? else { return Ok(()) };
            let Some(provider_message_id) = last.provider_id else { return Ok(()) };
            let content = Content::Reaction { provider_message_id, emoji: Some(emoji) };
            service::say_from_run(tx, now, conversation, &content, (run, effect.seq), None)
        }
        EffectKind::Typing { .. } => {
            super::show_typing(ws, conversation.id, true);
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
            triggers::resolved(tx, ws, conversation)?;
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
        EffectKind::SetConversation { name, value } => {
            conversations::store::set_var(tx, conversation.id, &name, &value)
        }
        EffectKind::Tag { tag, on } => contacts::store::set_tag(tx, conversation.contact_id, &tag, on),
        EffectKind::Consent { marketing } => {
            let stopped = (!marketing).then_some(now);
            contacts::store::set_marketing_stopped(tx, conversation.contact_id, stopped)
        }
        EffectKind::FollowUp { flow, at, unless_reply, data } => {
            triggers::follow_up(tx, conversation.id, &flow, at, unless_reply, &data)
        }
        other => Err(Error::internal(format!("{} is not an effect on a customer", other.name()))),
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
