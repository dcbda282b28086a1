//! The outbox: replies that are decided and durable, on their way to the provider.
//!
//! A row is `queued`, then marked `sending` in a transaction of its own before the request leaves, then `sent` or
//! `failed`. When the program dies in between, or the provider does not answer, the row is `in_doubt`: it is not sent
//! again until the provider's own word (a status that carries our id) decides, or has had its chance and did not come.

mod sender;
pub(crate) mod store;

use base::id::{ChannelId, ConversationId, MessageId, OutboxId};
use base::{Error, Result, Time};
use db::Tx;
use serde_json::{Value, json};

pub(crate) use sender::run as run_sender;

use crate::conversations::{self, MessageStatus};

/// Published when something may be ready to send.
pub(crate) const TAG: &str = "outbox";

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
    pub(crate) state: State,
    pub(crate) attempts: u32,
    pub(crate) next_at: Time,
    pub(crate) attempted_at: Option<Time>,
}

/// Puts a stored message on its way.
pub(crate) fn enqueue(
    tx: &Tx<'_>,
    now: Time,
    channel: ChannelId,
    conversation: ConversationId,
    message: MessageId,
) -> Result<()> {
    store::insert(tx, now, channel, conversation, message)?;
    tx.publish(TAG);
    Ok(())
}

/// What is known of a message's fate, as it is stored: what happened and what to do, for the owner.
pub(crate) fn problem(message: &str) -> Value {
    json!({ "message": message })
}

const OPEN: [State; 3] = [State::Queued, State::Sending, State::InDoubt];

/// The provider has it: by its answer, or by a status that came first.
pub(crate) fn mark_sent(tx: &Tx<'_>, row: &OutboxRow, status: MessageStatus, provider_id: Option<&str>) -> Result<()> {
    if store::move_on(tx, row.id, &OPEN, State::Sent, None)? {
        tx.publish(TAG);
    }
    let Some(message) = conversations::store::message(tx, row.message_id)? else { return Ok(()) };
    let status = if message.status.may_become(status) { status } else { message.status };
    conversations::store::set_status(tx, row.message_id, status, provider_id, None)?;
    publish(tx, row.conversation_id);
    Ok(())
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

/// The request may or may not have reached the provider. A status that came meanwhile has settled it already.
pub(crate) fn mark_in_doubt(tx: &Tx<'_>, row: &OutboxRow) -> Result<()> {
    if !store::move_on(tx, row.id, &[State::Sending], State::InDoubt, None)? {
        return Ok(());
    }
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
    if !matches!(row.state, State::Failed | State::InDoubt) {
        return Err(Error::conflict("This message is on its way already."));
    }
    requeue(tx, &row, &[State::Failed, State::InDoubt], now, None)
}

fn publish(tx: &Tx<'_>, conversation: ConversationId) {
    tx.publish(format!("conversation:{conversation}"));
}
