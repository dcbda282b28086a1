//! The outbox: replies that are decided and durable, on their way to the provider.
//!
//! A row is `queued`, then marked `sending` in a transaction of its own before the request leaves, then `sent` or
//! `failed`. When the program dies in between, or the provider does not answer, the row is `in_doubt`: it is not sent
//! again until the provider's own word (a status that carries our id) decides, or has had its chance and did not come.

mod doubt;
mod files;
mod flights;
mod look;
mod receipts;
mod refusal;
mod sender;
pub(crate) mod store;
mod unreached;

use base::id::{ChannelId, ConversationId, MessageId, OutboxId};
use base::{Error, Result, Time};
use db::Tx;
use serde_json::{Value, json};

pub(crate) use receipts::{TAG as RECEIPT_TAG, answered_by_bot, run as run_receipts, seen_by_person};
pub(crate) use refusal::{Refusal, may_go_as_template, refuse};
pub(crate) use sender::run as run_sender;

use crate::conversations::{self, MessageRow, MessageStatus};

/// Published when something may be ready to send.
pub(crate) const TAG: &str = "outbox";
/// Published when the network may be there again: what found no way out is due at once.
pub(crate) const AGAIN: &str = "outbox:again";

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Queued,
    Sending,
    InDoubt,
    Sent,
    Failed,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Sending => "sending",
            State::InDoubt => "in_doubt",
            State::Sent => "sent",
            State::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "sending" => State::Sending,
            "in_doubt" => State::InDoubt,
            "sent" => State::Sent,
            "failed" => State::Failed,
            _ => State::Queued,
        }
    }
}

/// A row of the outbox.
#[derive(Clone, Debug)]
pub(crate) struct OutboxRow {
    pub(crate) id: OutboxId,
    pub(crate) message_id: MessageId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) channel_id: ChannelId,
    pub(crate) state: State,
    /// Tries so far, those that reached nobody included.
    pub(crate) attempts: u32,
    pub(crate) next_at: Time,
    pub(crate) attempted_at: Option<Time>,
    /// The latest try went to the customer's id because no number was known.
    pub(crate) to_user: bool,
    /// The channel's template goes out in place of the message.
    pub(crate) as_template: bool,
}

/// Puts a stored message on its way. `as_template`: the channel's template goes out in its place.
pub(crate) fn enqueue(
    tx: &Tx<'_>,
    now: Time,
    channel: ChannelId,
    conversation: ConversationId,
    message: MessageId,
    as_template: bool,
) -> Result<()> {
    let id = store::insert(tx, now, channel, conversation, message)?;
    if as_template {
        store::set_as_template(tx, id)?;
    }
    tx.publish(TAG);
    Ok(())
}

/// What is known of a message's fate, as it is stored: what happened and what to do, for the owner.
pub(crate) fn problem(message: &str) -> Value {
    json!({ "message": message })
}

const OPEN: [State; 3] = [State::Queued, State::Sending, State::InDoubt];

/// What the owner should know of a message that arrived, but not as it was written.
fn note(row: &OutboxRow) -> Option<Value> {
    row.as_template.then(|| {
        problem(
            "More than 24 hours had passed since the customer wrote, so your approved template went out in place of \
             this message.",
        )
    })
}

/// The provider's answer: it has the message. A status may have said so already, or that it failed after all.
pub(crate) fn mark_accepted(tx: &Tx<'_>, row: &OutboxRow, provider_id: &str) -> Result<()> {
    let moved = store::move_on(tx, row.id, &[State::Sending, State::InDoubt], State::Sent, None)?;
    if !moved && store::get(tx, row.id)?.is_none_or(|now| now.state != State::Sent) {
        return Ok(());
    }
    set_sent(tx, row, MessageStatus::Sent, Some(provider_id))
}

/// The provider's own word, by a status: it has the message.
pub(crate) fn mark_sent(tx: &Tx<'_>, row: &OutboxRow, status: MessageStatus, provider_id: Option<&str>) -> Result<()> {
    if row.state == State::Failed {
        return Ok(());
    }
    store::move_on(tx, row.id, &OPEN, State::Sent, None)?;
    set_sent(tx, row, status, provider_id)
}

fn set_sent(tx: &Tx<'_>, row: &OutboxRow, status: MessageStatus, provider_id: Option<&str>) -> Result<()> {
    tx.publish(TAG);
    let Some(was) = conversations::store::status(tx, row.message_id)? else { return Ok(()) };
    let status = if was.may_become(status) { status } else { was };
    conversations::store::set_status(tx, row.message_id, status, provider_id, note(row).as_ref())?;
    publish(tx, row.conversation_id);
    Ok(())
}

/// Whether a status tells of a try that another one has followed: one that failed while the next is under way, or one
/// that was in doubt before the next was accepted. Such news is old.
pub(crate) fn is_of_an_earlier_try(row: &OutboxRow, message: &MessageRow, told: Option<&str>) -> bool {
    match (message.provider_id.as_deref(), told) {
        (Some(known), Some(told)) if known == told => OPEN.contains(&row.state),
        (Some(_), Some(_)) => row.state == State::Sent,
        _ => false,
    }
}

/// It will not arrive: the provider refused it, or could not deliver what it had taken.
pub(crate) fn mark_failed(tx: &Tx<'_>, row: &OutboxRow, error: &Value) -> Result<()> {
    store::move_on(tx, row.id, &[State::Queued, State::Sending, State::InDoubt, State::Sent], State::Failed, None)?;
    conversations::store::set_status(tx, row.message_id, MessageStatus::Failed, None, Some(error))?;
    tx.publish(TAG);
    publish(tx, row.conversation_id);
    Ok(())
}

/// Back to the queue, to be tried again at `next_at`, if it still is where it was seen.
pub(crate) fn requeue(
    tx: &Tx<'_>,
    row: &OutboxRow,
    from: &[State],
    next_at: Time,
    error: Option<&Value>,
) -> Result<()> {
    if store::move_on(tx, row.id, from, State::Queued, Some(next_at))? {
        conversations::store::set_status(tx, row.message_id, MessageStatus::Queued, None, error)?;
        tx.publish(TAG);
        publish(tx, row.conversation_id);
    }
    Ok(())
}

/// The request may or may not have reached the provider. A status that came meanwhile has settled it already. The
/// provider's time to speak up begins `now`, when this is written: while nothing could be, it could not reach us either.
pub(crate) fn mark_in_doubt(tx: &Tx<'_>, row: &OutboxRow, now: Time) -> Result<()> {
    if !store::move_on(tx, row.id, &[State::Sending], State::InDoubt, Some(now))? {
        return Ok(());
    }
    tracing::warn!(outbox = %row.id, "it is not certain that a message left");
    let error = problem(
        "It is not certain that this message left. WhatsApp's word is awaited, so that the customer does not get it \
         twice; you can also send it again.",
    );
    conversations::store::set_status(tx, row.message_id, MessageStatus::InDoubt, None, Some(&error))?;
    tx.publish(TAG);
    publish(tx, row.conversation_id);
    Ok(())
}

/// The owner asks for a failed or doubtful message to be sent (again).
pub(crate) fn retry(tx: &Tx<'_>, now: Time, message: MessageId) -> Result<()> {
    let row = store::by_message(tx, message)?.ok_or_else(|| Error::not_found("message", message))?;
    // One that was left to another computer is done with here, and yet in doubt.
    let left = row.state == State::Sent && conversations::store::status(tx, message)? == Some(MessageStatus::InDoubt);
    if !left && !matches!(row.state, State::Failed | State::InDoubt) {
        return Err(Error::conflict("This message is on its way already."));
    }
    let from = if left { State::Sent } else { row.state };
    requeue(tx, &row, &[from], now, None)?;
    store::begin_anew(tx, row.id)
}

fn publish(tx: &Tx<'_>, conversation: ConversationId) {
    tx.publish(format!("conversation:{conversation}"));
}
