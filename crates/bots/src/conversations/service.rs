//! The rules of conversations: who answers, and how a person steps in and out.

use base::id::{ConversationId, MessageId};
use base::message::Content;
use base::{Error, Result, Time};
use db::Tx;
use serde_json::Value;

use super::{Author, ConversationRow, MessageStatus, Mode, NewMessage, preview, store};
use crate::workspace::Workspace;
use crate::{outbox, runs};

/// The longest text a person may send at once; longer ones are split by the channel.
pub(crate) const MAX_TEXT_CHARS: usize = 4096;

/// Stores an outgoing message and puts it on its way. The web chat shows what is stored; WhatsApp has to be sent to.
fn send(
    tx: &Tx<'_>,
    now: Time,
    conversation: &ConversationRow,
    content: &Content,
    author: Author,
    details: Details<'_>,
) -> Result<MessageId> {
    let on_the_wire = conversation.channel_kind == "whatsapp";
    let id = store::insert_message(
        tx,
        &NewMessage {
            conversation_id: conversation.id,
            author,
            author_name: details.author_name,
            content,
            provider_id: None,
            client_id: details.client_id,
            status: if on_the_wire { MessageStatus::Queued } else { MessageStatus::Sent },
            answer: details.answer,
            run: details.run,
            replied_to: None,
            pending: false,
            at: now,
        },
    )?;
    if on_the_wire {
        outbox::enqueue(tx, now, conversation.channel_id, conversation.id, id, details.as_template)?;
    }
    store::touch(tx, conversation.id, now, &preview(content))?;
    tx.publish("conversations");
    tx.publish(format!("conversation:{}", conversation.id));
    tx.publish("home");
    Ok(id)
}

#[derive(Default)]
struct Details<'a> {
    author_name: Option<&'a str>,
    client_id: Option<&'a str>,
    answer: Option<&'a Value>,
    run: Option<(base::id::RunId, u64)>,
    /// The channel's template goes out in its place.
    as_template: bool,
}

/// The bot says something outside of a flow's steps.
pub(crate) fn say(
    tx: &Tx<'_>,
    now: Time,
    conversation: &ConversationRow,
    content: &Content,
    answer: Option<&Value>,
) -> Result<()> {
    send(tx, now, conversation, content, Author::Bot, Details { answer, ..Details::default() }).map(drop)
}

/// A run says something; `answer` carries what the words rest on.
pub(crate) fn say_from_run(
    tx: &Tx<'_>,
    now: Time,
    conversation: &ConversationRow,
    content: &Content,
    run: (base::id::RunId, u64),
    answer: Option<&Value>,
) -> Result<()> {
    let details = Details { run: Some(run), answer, ..Details::default() };
    send(tx, now, conversation, content, Author::Bot, details).map(drop)
}

/// What a person typed, fit to be sent.
pub(crate) fn typed(text: &str) -> Result<Content> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("Write something first."));
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(Error::invalid(format!(
            "This text is longer than {MAX_TEXT_CHARS} characters. Send it in two parts."
        )));
    }
    Ok(Content::text(text))
}

/// A person answers by hand: the bot falls silent here until it is given back. The same `client_id` sends only once.
pub(crate) fn reply_by_hand(
    tx: &Tx<'_>,
    ws: &Workspace,
    id: ConversationId,
    name: &str,
    content: &Content,
    client_id: &str,
) -> Result<MessageId> {
    if let Some(sent) = store::message_by_client(tx, id, client_id)? {
        return Ok(sent.id);
    }
    let conversation = store::get(tx, id)?.ok_or_else(|| Error::not_found("conversation", id))?;
    let now = ws.clock.now();
    let as_template = check_window(tx, &conversation, content, now)?;
    let details = Details { author_name: Some(name), client_id: Some(client_id), as_template, ..Details::default() };
    let message = send(tx, now, &conversation, content, Author::Person, details)?;
    take_over(tx, ws, &conversation)?;
    outbox::seen_by_person(tx, id);
    Ok(message)
}

/// WhatsApp takes free text and files only for a while after the customer last wrote; then text may go out inside the
/// channel's template, which is what `true` says.
///
/// # Errors
/// `Conflict` when it cannot go out at all now.
pub(super) fn check_window(
    connection: &db::rusqlite::Connection,
    conversation: &ConversationRow,
    content: &Content,
    now: Time,
) -> Result<bool> {
    match window_closes_at(conversation) {
        Some(closes) if closes <= now => {
            outbox::may_go_as_template(connection, conversation, content)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// When the provider stops taking free text; nothing where there is no such rule.
pub(crate) fn window_closes_at(conversation: &ConversationRow) -> Option<Time> {
    (conversation.channel_kind == "whatsapp").then(|| {
        channels::whatsapp::window::window_closes_at(
            conversation.last_inbound_at.unwrap_or(Time::ZERO),
            conversation.free_entry_until,
        )
    })
}

/// A person answers from now on; the bot's run rests and what waited for it is left to the person.
pub(crate) fn take_over(tx: &Tx<'_>, ws: &Workspace, conversation: &ConversationRow) -> Result<()> {
    store::set_mode(tx, conversation.id, Mode::Person, false)?;
    store::clear_pending(tx, conversation.id)?;
    store::clear_turn(tx, conversation.id)?;
    publish(tx, conversation.id);
    runs::conversation_event(tx, ws, conversation, flow::EventKind::PersonTookOver)
}

/// The bot answers again from the customer's next message on.
pub(crate) fn give_back(tx: &Tx<'_>, ws: &Workspace, conversation: &ConversationRow) -> Result<()> {
    store::set_mode(tx, conversation.id, Mode::Bot, false)?;
    publish(tx, conversation.id);
    runs::conversation_event(tx, ws, conversation, flow::EventKind::PersonReleased)
}

/// Done: off the list of what waits, and the next message begins afresh with the bot.
pub(crate) fn resolve(tx: &Tx<'_>, ws: &Workspace, conversation: &ConversationRow) -> Result<()> {
    runs::conversation_event(tx, ws, conversation, flow::EventKind::Cancelled)?;
    store::set_mode(tx, conversation.id, Mode::Bot, false)?;
    store::set_run(tx, conversation.id, None)?;
    store::set_resolved(tx, conversation.id, true)?;
    publish(tx, conversation.id);
    Ok(())
}

pub(crate) fn reopen(tx: &Tx<'_>, conversation: &ConversationRow) -> Result<()> {
    store::set_resolved(tx, conversation.id, false)?;
    publish(tx, conversation.id);
    Ok(())
}

fn publish(tx: &Tx<'_>, id: ConversationId) {
    tx.publish("conversations");
    tx.publish(format!("conversation:{id}"));
    tx.publish("home");
}
