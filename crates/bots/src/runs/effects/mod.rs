//! Performs what a run asks of the world, outside of any transaction, and hands the outcome back to the run.
//!
//! What a service refuses is an outcome like any other: the flow tries again or takes its way for failures. Only what went
//! wrong inside of this program is tried again by the job.

mod agent;
mod classify;
mod code;
mod extract;
mod http;
mod spoken;
#[cfg(test)]
mod tests;
mod webhook_out;
mod write;

use std::sync::Arc;
use std::time::Duration;

use base::id::{BotId, ConversationId, RunId};
use base::{Error, ErrorCode, Result, Stopwatch};
use flow::{EffectKind, Outcome};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::boundary::{Moment, passed};
use super::{EffectJob, finish_effect, store};
use crate::secrets::{self, Known};
use crate::workspace::{Live, LiveKind, Workspace};
use crate::{answers, calendar, conversations, email};

/// Whose wish is performed.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) run: RunId,
    pub(crate) seq: u64,
    pub(crate) bot: BotId,
    /// Nothing when the run has no customer.
    pub(crate) conversation: Option<ConversationId>,
    /// As the customer writes, when that is known.
    pub(crate) language: Option<String>,
    /// Nothing is taken or changed: what is told is what would come of it now.
    pub(crate) trial: bool,
}

impl Place {
    /// The same for the same wish, however often it is performed: services recognise a repetition by it.
    fn key(&self) -> String {
        format!("{}-{}", self.run, self.seq)
    }
}

/// The handler of effect jobs. Runs at least once; its outcome counts once.
pub(crate) async fn perform(ws: Arc<Workspace>, ctx: jobs::Context) -> jobs::Outcome {
    match attempt(&ws, &ctx).await {
        Ok(()) => jobs::Outcome::Done,
        Err(e) if ctx.job.attempt >= ctx.job.max_attempts => {
            // The customer must not wait for ever: the flow takes its way for failures.
            tracing::error!(error = ?e, job = %ctx.job.id, "an effect was given up");
            let outcome = Outcome::Failed { message: e.message.clone() };
            match settle(&ws, &ctx, outcome, 0.0).await {
                Ok(()) => jobs::Outcome::Done,
                Err(e) => jobs::Outcome::Fail(e),
            }
        }
        Err(e) => jobs::Outcome::Retry { after: Some(Duration::from_millis(500)), why: e },
    }
}

async fn attempt(ws: &Arc<Workspace>, ctx: &jobs::Context) -> Result<()> {
    let job: EffectJob = ctx.payload()?;
    let (run, seq) = (job.run, job.seq);
    let found = ws
        .db
        .read(move |c| {
            let Some(effect) = store::effect(c, run, seq)?.filter(|effect| !effect.done) else { return Ok(None) };
            let Some(row) = store::get(c, run)? else { return Ok(None) };
            let conversation = match row.conversation_id {
                Some(id) => conversations::store::get(c, id)?,
                None => None,
            };
            let language = conversation.and_then(|c| c.contact_language);
            Ok(Some((
                effect,
                Place { run, seq, bot: row.bot_id, conversation: row.conversation_id, language, trial: false },
            )))
        })
        .await?;
    let Some((effect, place)) = found else { return Ok(()) };
    let kind: EffectKind = serde_json::from_str(&effect.payload)?;
    let watch = Stopwatch::start();
    let typing = |on| {
        if let Some(conversation) = place.conversation {
            let _ = ws.live.send(Live { conversation, kind: LiveKind::Typing(on) });
        }
    };
    let name = kind.name();
    passed(Moment::Taken, name);
    typing(true);
    let outcome = outcome(ws, &place, kind, &ctx.cancel).await;
    typing(false);
    passed(Moment::Worked, name);
    settle(ws, ctx, outcome?, watch.elapsed_ms()).await?;
    passed(Moment::Committed, name);
    Ok(())
}

/// The outcome, the run's next steps and the end of the job, in one transaction.
async fn settle(ws: &Arc<Workspace>, ctx: &jobs::Context, outcome: Outcome, ms: f64) -> Result<()> {
    let job: EffectJob = ctx.payload()?;
    let inner = ws.clone();
    let ctx = ctx.clone();
    ws.db
        .write(move |tx| {
            ctx.complete(tx)?;
            finish_effect(tx, &inner, &job, outcome, ms, 0.0)
        })
        .await
}

/// Performs one wish and tells what came of it. Nothing is stored, except for what the wish is about, such as a booking.
///
/// # Errors
/// Only for what went wrong inside of this program and may go better the next time.
pub(crate) async fn outcome(
    ws: &Arc<Workspace>,
    place: &Place,
    kind: EffectKind,
    cancel: &CancellationToken,
) -> Result<Outcome> {
    let name = kind.name();
    match done(ws, place, kind, cancel).await {
        Err(e) if !is_ours(&e) => {
            tracing::info!(effect = name, run = %place.run, error = ?e, "an effect failed");
            Ok(Outcome::Failed { message: e.message })
        }
        done => done,
    }
}

fn is_ours(e: &Error) -> bool {
    matches!(e.code, ErrorCode::Internal | ErrorCode::DiskLow | ErrorCode::Cancelled)
}

async fn done(ws: &Arc<Workspace>, place: &Place, kind: EffectKind, cancel: &CancellationToken) -> Result<Outcome> {
    match kind {
        EffectKind::Answer { question, language, options } => {
            let asked = answers::Question {
                text: question,
                language: language.or_else(|| place.language.clone()),
                bot: Some(place.bot),
                sources: options.sources,
                conversation: place.conversation,
            };
            answers::answer(ws, asked, cancel).await.map(answers::into_outcome)
        }
        EffectKind::Generate { task, prompt, instructions, max_words } => {
            write::write(ws, place, write::Text { task, prompt, instructions, max_words }, cancel).await
        }
        EffectKind::Classify { text, classes, min_confidence } => {
            classify::classify(ws, &text, &classes, min_confidence).await
        }
        EffectKind::Extract { text, instructions, wanted } => {
            extract::extract(ws, place, &text, &instructions, &wanted, cancel).await
        }
        EffectKind::Agent { instructions, history, tools, max_words } => {
            agent::turn(ws, agent::Turn { instructions, history, tools, max_words }, cancel).await
        }
        EffectKind::Http { method, url, headers, body, timeout_ms, basic, paging } => {
            let timeout = Duration::from_millis(timeout_ms);
            let request = http::Request { method, url, headers, body, basic, timeout, paging };
            let known = secrets::known(ws, request.texts()).await?;
            request.send(ws.reach, &known, &place.key()).await
        }
        EffectKind::WebhookOut { url, payload, secret, timeout_ms } => {
            tell(ws, place, &url, &payload, &secret, timeout_ms).await
        }
        EffectKind::Code { script, input, timeout_ms } => code::run(script, &input, timeout_ms).await,
        EffectKind::Email { to, subject, text, reply_to } => {
            let known = secrets::known(ws, [to.as_str(), &subject, &text, &reply_to]).await?;
            let mail = email::Email {
                to: known.reveal(&to)?,
                subject: known.reveal(&subject)?,
                text: known.reveal(&text)?,
                reply_to: known.reveal(&reply_to)?,
                key: place.key(),
            };
            let id = email::send(ws, mail).await?;
            Ok(Outcome::Value { value: json!({ "message_id": id }) })
        }
        EffectKind::FreeSlots(mut slots) => {
            let known = reveal_feeds(ws, &mut slots.feeds).await?;
            let mut value = calendar::free_slots(ws, place.language.as_deref(), &slots).await?;
            known.hide(&mut value);
            Ok(Outcome::Value { value })
        }
        EffectKind::Book { mut slots, start, name, contact, note } => {
            reveal_feeds(ws, &mut slots.feeds).await?;
            let wish = calendar::Wish { run: place.run, seq: place.seq, start, name, contact, note };
            let language = place.language.as_deref();
            let tried = match place.trial {
                true => calendar::would_book(ws, language, &slots, wish).await,
                false => calendar::book(ws, language, &slots, wish).await,
            };
            match tried {
                Ok(value) => Ok(Outcome::Value { value }),
                // No booking: the flow goes on where somebody was faster.
                Err(e) if e.code == ErrorCode::Conflict => {
                    tracing::info!(run = %place.run, why = e.message, "a time was not booked");
                    Ok(Outcome::Value { value: Value::Null })
                }
                Err(e) => Err(e),
            }
        }
        // `Approve` is a person's to do and becomes no job; the others are done where the run advances.
        other => Err(Error::internal(format!("{} is not performed outside of a run", other.name()))),
    }
}

async fn tell(
    ws: &Workspace,
    place: &Place,
    url: &str,
    payload: &Value,
    secret: &str,
    timeout_ms: u64,
) -> Result<Outcome> {
    let known = secrets::known(ws, [url]).await?;
    let secret = match secret.trim() {
        "" => None,
        name => Some(Known::one(ws, name).await?),
    };
    let told = webhook_out::Told {
        url: &known.reveal(url)?,
        payload,
        secret,
        timeout: Duration::from_millis(timeout_ms),
        key: &place.key(),
        now: ws.clock.now(),
    };
    told.send(ws.reach).await
}

/// Addresses of calendars are often secret.
async fn reveal_feeds(ws: &Workspace, feeds: &mut [String]) -> Result<Known> {
    let known = secrets::known(ws, feeds.iter().map(String::as_str)).await?;
    for feed in feeds {
        *feed = known.reveal(feed)?;
    }
    Ok(known)
}
