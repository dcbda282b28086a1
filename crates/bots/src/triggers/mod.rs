//! What begins flows besides messages: times, calls of web addresses, silence, the end of a conversation, a person.

pub(crate) mod hook;
pub(crate) mod routes;
pub(crate) mod store;

use std::sync::Arc;
use std::time::Duration;

use base::id::{BotId, ConversationId};
use base::{Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use flow::EventKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::conversations::{self, ConversationRow};
use crate::workspace::Workspace;
use crate::{bots, runs, versions};

/// Before a flow that could not begin, because something else is under way, is tried again.
const LATER: Duration = Duration::from_secs(10 * 60);
/// A flow that could not begin for so long is given up.
const GIVE_UP: Duration = Duration::from_secs(24 * 3600);

/// The customer wrote: what was to happen unless they did is called off, and the silence begins anew.
pub(crate) fn customer_wrote(tx: &Tx<'_>, ws: &Workspace, conversation: &ConversationRow) -> Result<()> {
    store::cancel_follow_ups(tx, conversation.id)?;
    let Some(version) = bots::store::current_id(tx, conversation.bot_id)? else { return Ok(()) };
    let flows = ws.flows.get(tx, version)?;
    let after = flows.entries("inactivity").filter_map(|(.., fields)| after_ms(fields, 3_600_000)).min();
    match after {
        Some(ms) => {
            tx.publish(runs::TAG);
            store::set_idle(tx, conversation.id, Some(ws.clock.now().plus(Duration::from_millis(ms))), 0)
        }
        None => store::clear_idle(tx, conversation.id),
    }
}

fn after_ms(fields: &serde_json::Map<String, Value>, ready: u64) -> Option<u64> {
    fields.get("after_ms").map_or(Some(ready), Value::as_u64)
}

/// The customer has been silent for as long as a flow waits for.
pub(crate) fn silent(tx: &Tx<'_>, ws: &Workspace, id: ConversationId) -> Result<()> {
    let Some(conversation) = conversations::store::get(tx, id)? else { return Ok(()) };
    let count = store::idle_count(tx, id)?;
    store::clear_idle(tx, id)?;
    let now = ws.clock.now();
    let since = conversation.last_inbound_at.map_or(0, |at| now.as_ms() - at.as_ms());
    let Some(version) = bots::store::current_id(tx, conversation.bot_id)? else { return Ok(()) };
    let flows = ws.flows.get(tx, version)?;
    let mut next: Option<u64> = None;
    for (flow, step, fields) in flows.entries("inactivity") {
        let after = after_ms(fields, 3_600_000).unwrap_or(3_600_000);
        let most = fields.get("at_most").and_then(Value::as_i64).unwrap_or(1);
        let due = i64::try_from(after).unwrap_or(i64::MAX).saturating_mul(count + 1) <= since;
        if count >= most || conversation.resolved {
            continue;
        }
        next = Some(next.map_or(after, |n| n.min(after)));
        if due {
            runs::trigger(tx, ws, &conversation, (flow, step), json!({ "silent_ms": since }))?;
            break;
        }
    }
    match next {
        Some(ms) => store::set_idle(tx, id, Some(now.plus(Duration::from_millis(ms))), count + 1),
        None => Ok(()),
    }
}

/// A conversation was marked as resolved.
pub(crate) fn resolved(tx: &Tx<'_>, ws: &Workspace, conversation: &ConversationRow) -> Result<()> {
    let Some(version) = bots::store::current_id(tx, conversation.bot_id)? else { return Ok(()) };
    let flows = ws.flows.get(tx, version)?;
    store::clear_idle(tx, conversation.id)?;
    let now = ws.clock.now();
    for (flow, _, fields) in flows.entries("resolved") {
        let at = now.plus(Duration::from_millis(after_ms(fields, 0).unwrap_or(0)));
        follow_up(tx, conversation.id, flow, at, true, &json!({ "resolved_at": now }))?;
    }
    Ok(())
}

/// Begins a flow later.
pub(crate) fn follow_up(
    tx: &Tx<'_>,
    conversation: ConversationId,
    flow: &str,
    at: Time,
    unless_reply: bool,
    data: &Value,
) -> Result<()> {
    store::insert_follow_up(tx, at, conversation, flow, at, unless_reply, &serde_json::to_string(data)?)?;
    tx.publish(runs::TAG);
    Ok(())
}

/// A flow that was to begin later is due.
pub(crate) fn follow_up_due(tx: &Tx<'_>, ws: &Workspace, id: base::id::Uuid) -> Result<()> {
    let Some(due) = store::take_follow_up(tx, id)? else { return Ok(()) };
    let Some(conversation) = conversations::store::get(tx, due.conversation_id)? else { return Ok(()) };
    let Some(version) = bots::store::current_id(tx, conversation.bot_id)? else { return Ok(()) };
    let flows = ws.flows.get(tx, version)?;
    let of = |kind: &'static str| flows.entries(kind).find(|(flow, ..)| *flow == due.flow).map(|(f, s, _)| (f, s));
    let place = ["resolved", "manual", "called", "inactivity", "message_received"].into_iter().find_map(of);
    let Some(place) = place else { return Ok(()) };
    let data = serde_json::from_str(&due.data).unwrap_or_default();
    let began = runs::trigger(tx, ws, &conversation, place, data)?;
    let now = ws.clock.now();
    // Whoever is in the middle of something is not disturbed; the flow comes after it.
    if !began && now.since(due.first_at) < GIVE_UP {
        let at = now.plus(LATER);
        store::insert_follow_up(tx, due.first_at, due.conversation_id, &due.flow, at, due.unless_reply, &due.data)?;
    }
    Ok(())
}

/// The kind of the jobs that begin flows at set times.
pub(crate) const SCHEDULE_JOB: &str = "flow.schedule";
/// Customers for each of whom one schedule begins a flow; more are left out, and the owner is told.
const MAX_FOR_TAG: usize = 10_000;

/// What the job of a schedule is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Scheduled {
    bot: BotId,
    flow: String,
    step: String,
}

/// The zone that a schedule's times are meant in.
pub(crate) fn zone(connection: &Connection, fields: &serde_json::Map<String, Value>) -> Result<String> {
    let own = fields.get("timezone").and_then(Value::as_str).map(str::trim).filter(|z| !z.is_empty());
    let zone = match own {
        Some(zone) => zone.to_owned(),
        None => crate::business::get(connection)?.timezone,
    };
    Ok(if zone.is_empty() { "UTC".to_owned() } else { zone })
}

/// Puts a version's schedules and addresses in the place of those of the one before.
pub(crate) fn set_up(tx: &Tx<'_>, ws: &Workspace, bot: BotId, flows: &flow::Compiled) -> Result<()> {
    let prefix = format!("flow:{bot}:");
    let mut wanted = Vec::new();
    for (flow, step, fields) in flows.entries("schedule") {
        let name = format!("{prefix}{flow}:{step}");
        let cron = fields.get("cron").and_then(Value::as_str).unwrap_or_default();
        let job = versions::service::schedule_job(&Scheduled { bot, flow: flow.into(), step: step.into() })?;
        jobs::put_schedule(tx, ws.clock.now(), &name, cron, &zone(tx, fields)?, job)?;
        wanted.push(name);
    }
    for schedule in jobs::schedules(tx)? {
        if schedule.name.starts_with(&prefix) && !wanted.contains(&schedule.name) {
            jobs::remove_schedule(tx, &schedule.name)?;
        }
    }
    for (flow, step, _) in flows.entries("webhook") {
        store::ensure_hook(tx, &hook::fresh_token(), bot, flow, step)?;
    }
    Ok(())
}

/// The handler of schedules: begins the flow once, or once for every customer with the tag.
pub(crate) async fn run_schedule(ws: Arc<Workspace>, ctx: jobs::Context) -> jobs::Outcome {
    match begin_scheduled(&ws, &ctx).await {
        Ok(()) => jobs::Outcome::Done,
        Err(e) => jobs::Outcome::retry(e),
    }
}

async fn begin_scheduled(ws: &Arc<Workspace>, ctx: &jobs::Context) -> Result<()> {
    let Scheduled { bot, flow, step } = ctx.payload()?;
    let inner = ws.clone();
    let (ctx, now) = (ctx.clone(), ws.clock.now());
    ws.db
        .write(move |tx| {
            ctx.complete(tx)?;
            let Some(version) = bots::store::current_id(tx, bot)? else { return Ok(()) };
            let flows = inner.flows.get(tx, version)?;
            // The step may be gone since the job was made.
            let Some((.., fields)) = flows.entries("schedule").find(|(f, s, _)| *f == flow && *s == step) else {
                return Ok(());
            };
            let data = json!({ "at": now });
            let tag = fields.get("for_tag").and_then(Value::as_str).map(str::trim).unwrap_or_default();
            if tag.is_empty() {
                let kind = EventKind::Triggered { flow, step, data };
                return runs::begin_alone(tx, &inner, bot, kind).map(drop);
            }
            for id in store::tagged(tx, bot, tag, MAX_FOR_TAG)? {
                let Some(conversation) = conversations::store::get(tx, id)? else { continue };
                runs::trigger(tx, &inner, &conversation, (&flow, &step), data.clone())?;
            }
            Ok(())
        })
        .await
}
