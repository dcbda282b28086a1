//! Takes one accepted item in: finds who it is from, stores what was said, and gives the conversation its turn.

use std::time::Duration;

use base::id::{ChannelId, OutboxId};
use base::message::Content;
use base::{Result, Time};
use db::Tx;

use super::store::InboundRow;
use super::{Inbound, OldMessage, store};
use crate::contacts::{self, Alias};
use crate::conversations::{self, Author, ConversationRow, MessageStatus, Mode, NewMessage, Reaction, preview};
use crate::outbox::{Refusal, State};
use crate::workspace::Workspace;
use crate::{bots, outbox, runs};

/// Customers hear that a kind of message is not understood, but not every time.
const TELL_UNSUPPORTED_EVERY: Duration = Duration::from_secs(24 * 3600);

/// A customer who came from an advertisement may be written to for this long, by WhatsApp's rule.
const FREE_ENTRY: Duration = Duration::from_secs(72 * 3600);

/// One item, in one transaction with everything that follows from it.
pub(super) fn ingest(tx: &Tx<'_>, ws: &Workspace, row: &InboundRow) -> Result<()> {
    if !store::finish(tx, row.id)? {
        return Ok(());
    }
    let now = ws.clock.now();
    match serde_json::from_str::<Inbound>(&row.payload)? {
        Inbound::Message {
            from,
            name,
            provider_id,
            client_id,
            content,
            sent_at,
            replied_to,
            free_entry,
            quiet,
            extra: _,
        } => {
            let mut conversation = conversation_with(tx, now, row.channel_id, &from, name.as_deref())?;
            if free_entry {
                let until = sent_at.plus(FREE_ENTRY);
                conversations::store::set_free_entry(tx, conversation.id, until)?;
                conversation.free_entry_until = Some(until);
            }
            let incoming = Incoming { provider_id, client_id, content, sent_at, replied_to, quiet };
            message(tx, ws, now, conversation, incoming)
        }
        Inbound::Echo { to, provider_id, content, sent_at } => {
            let conversation = conversation_with(tx, now, row.channel_id, &to, None)?;
            echo(tx, ws, now, &conversation, &provider_id, &content, sent_at)
        }
        Inbound::Edit { provider_id, content, at } => edit(tx, ws, &provider_id, &content, at),
        Inbound::Revoke { provider_id, at } => revoke(tx, ws, &provider_id, at),
        Inbound::Status { provider_id, our_ref, status, error, code } => {
            let refusal = (status == MessageStatus::Failed).then(|| Refusal::told(code, error));
            self::status(tx, ws, provider_id.as_deref(), our_ref.as_deref(), status, refusal)
        }
        Inbound::AliasChange { changes } => {
            changes.iter().try_for_each(|(previous, current)| contacts::change_alias(tx, now, previous, current))
        }
        Inbound::Preference { from, marketing_stopped, at } => {
            let contact = contacts::resolve(tx, now, &from, None)?;
            contacts::store::set_marketing_stopped(tx, contact, marketing_stopped.then_some(at))
        }
        Inbound::History { messages } => messages.iter().try_for_each(|old| history(tx, now, row.channel_id, old)),
        Inbound::Notice { message, serious } => {
            if serious {
                crate::channels::store::set_trouble(tx, row.channel_id, Some(&outbox::problem(&message)))?;
                ws.channels.forget();
                tx.publish("channels");
            } else {
                tracing::info!(channel = %row.channel_id, message, "the provider tells");
            }
            Ok(())
        }
        Inbound::Noted { what } => {
            tracing::debug!(channel = %row.channel_id, what, "noted");
            Ok(())
        }
    }
}

fn conversation_with(
    tx: &Tx<'_>,
    now: Time,
    channel: ChannelId,
    aliases: &[Alias],
    name: Option<&str>,
) -> Result<ConversationRow> {
    let contact = contacts::resolve(tx, now, aliases, name)?;
    if let Some(found) = conversations::store::find(tx, channel, contact)? {
        return Ok(found);
    }
    conversations::store::insert(tx, now, channel, contact)?;
    conversations::store::find(tx, channel, contact)?.ok_or_else(|| base::Error::internal("a new conversation is gone"))
}

struct Incoming {
    provider_id: Option<String>,
    client_id: Option<String>,
    content: Content,
    sent_at: Time,
    replied_to: Option<String>,
    quiet: bool,
}

fn message(
    tx: &Tx<'_>,
    ws: &Workspace,
    now: Time,
    mut conversation: ConversationRow,
    incoming: Incoming,
) -> Result<()> {
    if let Content::Reaction { provider_message_id, emoji } = &incoming.content {
        return reaction(tx, provider_message_id, emoji.as_deref(), Author::Contact);
    }
    let words = incoming.content.words();
    if let Some(language) = runs::language_of(words)
        && conversation.contact_language.as_ref() != Some(&language)
    {
        contacts::store::set_language(tx, conversation.contact_id, &language)?;
        conversation.contact_language = Some(language);
    }
    let bot = bots::store::get(tx, conversation.bot_id)?;
    let bot_answers =
        conversation.mode == Mode::Bot && bot.as_ref().is_some_and(|b| !b.paused && b.deleted_at.is_none());
    let unsupported = matches!(incoming.content, Content::Unsupported { .. });
    let id = conversations::store::insert_message(
        tx,
        &NewMessage {
            conversation_id: conversation.id,
            author: Author::Contact,
            author_name: None,
            content: &incoming.content,
            provider_id: incoming.provider_id.as_deref(),
            client_id: incoming.client_id.as_deref(),
            status: MessageStatus::Received,
            answer: None,
            run: None,
            replied_to: incoming.replied_to.as_deref(),
            pending: bot_answers && !unsupported && !incoming.quiet,
            at: now,
        },
    )?;
    // Without a bot that answers, a person has to.
    let waiting = !bot_answers && !incoming.quiet;
    let sent_at = incoming.sent_at.min(now);
    conversations::store::touch_inbound(tx, conversation.id, now, &preview(&incoming.content), sent_at, waiting)?;
    conversation.last_inbound_at = conversation.last_inbound_at.max(Some(sent_at));
    tx.publish("conversations");
    tx.publish(format!("conversation:{}", conversation.id));
    tx.publish("home");
    crate::media::want(tx, now, conversation.channel_id, id, &incoming.content)?;
    if !bot_answers || incoming.quiet {
        return Ok(());
    }
    if unsupported {
        return tell_unsupported(tx, now, &conversation);
    }
    let bot_wait = bot.map_or(Duration::ZERO, |b| Duration::from_millis(u64::from(b.debounce_ms)));
    let wait = runs::debounce(tx, &conversation, &incoming.content, bot_wait)?;
    if wait.is_zero() {
        runs::turn(tx, ws, &conversation)?;
        if conversation.channel_kind == "whatsapp" {
            outbox::answered_by_bot(tx, conversation.id);
        }
        Ok(())
    } else {
        conversations::store::set_turn(tx, conversation.id, now.plus(wait))?;
        tx.publish(runs::TAG);
        Ok(())
    }
}

/// Says once a day that this kind of message is not understood; the flow is not moved by it.
fn tell_unsupported(tx: &Tx<'_>, now: Time, conversation: &ConversationRow) -> Result<()> {
    if conversation.told_unsupported_at.is_some_and(|at| now.since(at) < TELL_UNSUPPORTED_EVERY) {
        return Ok(());
    }
    conversations::store::set_told_unsupported(tx, conversation.id, now)?;
    let texts = bots::store::texts(tx, conversation.bot_id)?;
    outbox::answered_by_bot(tx, conversation.id);
    conversations::service::say(tx, now, conversation, &Content::text(texts.unsupported), None)
}

fn echo(
    tx: &Tx<'_>,
    ws: &Workspace,
    now: Time,
    conversation: &ConversationRow,
    provider_id: &str,
    content: &Content,
    sent_at: Time,
) -> Result<()> {
    if let Content::Reaction { provider_message_id, emoji } = content {
        return reaction(tx, provider_message_id, emoji.as_deref(), Author::Phone);
    }
    // What this program sent comes back as an echo on some set-ups.
    if conversations::store::message_by_provider(tx, provider_id)?.is_some() {
        return Ok(());
    }
    conversations::store::insert_message(
        tx,
        &NewMessage {
            conversation_id: conversation.id,
            author: Author::Phone,
            author_name: None,
            content,
            provider_id: Some(provider_id),
            client_id: None,
            status: MessageStatus::Sent,
            answer: None,
            run: None,
            replied_to: None,
            pending: false,
            at: sent_at.min(now),
        },
    )?;
    conversations::store::touch(tx, conversation.id, now, &preview(content))?;
    conversations::service::take_over(tx, ws, conversation)
}

fn reaction(tx: &Tx<'_>, provider_message_id: &str, emoji: Option<&str>, by: Author) -> Result<()> {
    let Some(target) = conversations::store::message_by_provider(tx, provider_message_id)? else { return Ok(()) };
    let mut reactions = target.reactions;
    reactions.retain(|r| r.by != by);
    if let Some(emoji) = emoji.filter(|e| !e.is_empty()) {
        reactions.push(Reaction { emoji: emoji.to_owned(), by });
    }
    conversations::store::set_reactions(tx, target.id, &reactions)?;
    tx.publish(format!("conversation:{}", target.conversation_id));
    Ok(())
}

/// The history shows the new words, and the run mends what it can: an answer that nothing outside was done with yet.
fn edit(tx: &Tx<'_>, ws: &Workspace, provider_id: &str, content: &Content, at: Time) -> Result<()> {
    let Some(target) = conversations::store::message_by_provider(tx, provider_id)? else { return Ok(()) };
    conversations::store::set_content(tx, target.id, content, at)?;
    tx.publish(format!("conversation:{}", target.conversation_id));
    let words = content.words();
    let message = flow::Incoming { content: content.clone(), ..flow::Incoming::words(words) };
    let was = target.content.words().to_owned();
    of_customer(tx, ws, &target, flow::EventKind::Edited { was, message })
}

fn revoke(tx: &Tx<'_>, ws: &Workspace, provider_id: &str, at: Time) -> Result<()> {
    let Some(target) = conversations::store::message_by_provider(tx, provider_id)? else { return Ok(()) };
    conversations::store::set_deleted(tx, target.id, at)?;
    tx.publish(format!("conversation:{}", target.conversation_id));
    let text = target.content.words().to_owned();
    of_customer(tx, ws, &target, flow::EventKind::Deleted { text })
}

/// Tells the run of a message that the customer changed, unless it still waits to be given to it.
fn of_customer(tx: &Tx<'_>, ws: &Workspace, target: &conversations::MessageRow, kind: flow::EventKind) -> Result<()> {
    let Some(conversation) = conversations::store::get(tx, target.conversation_id)? else { return Ok(()) };
    let waits = conversations::store::pending(tx, conversation.id)?.iter().any(|m| m.id == target.id);
    if target.author != Author::Contact || conversation.mode == Mode::Person || waits {
        return Ok(());
    }
    runs::conversation_event(tx, ws, &conversation, kind)
}

fn status(
    tx: &Tx<'_>,
    ws: &Workspace,
    provider_id: Option<&str>,
    our_ref: Option<&str>,
    status: MessageStatus,
    refusal: Option<Refusal>,
) -> Result<()> {
    let by_ref = match our_ref.and_then(|r| r.parse::<OutboxId>().ok()) {
        Some(id) => outbox::store::get(tx, id)?,
        None => None,
    };
    let row = match (by_ref, provider_id) {
        (Some(row), _) => Some(row),
        (None, Some(provider_id)) => match conversations::store::message_by_provider(tx, provider_id)? {
            Some(message) => outbox::store::by_message(tx, message.id)?,
            None => None,
        },
        (None, None) => None,
    };
    // A status of a message that another program sent from the same number.
    let Some(row) = row else { return Ok(()) };
    let Some(message) = conversations::store::message(tx, row.message_id)? else { return Ok(()) };
    if outbox::is_of_an_earlier_try(&row, &message, provider_id) {
        return Ok(());
    }
    let Some(refusal) = refusal else { return outbox::mark_sent(tx, &row, status, provider_id) };
    if !message.status.may_become(MessageStatus::Failed) {
        return Ok(());
    }
    // Which try it was that failed, so that later news of it is not taken for news of the next.
    conversations::store::set_status(tx, message.id, message.status, provider_id, None)?;
    outbox::refuse(tx, ws, &row, &[State::Sending, State::InDoubt, State::Sent], &refusal)
}

/// Old messages fill the thread; they neither count as new nor move a flow.
fn history(tx: &Tx<'_>, now: Time, channel: ChannelId, old: &OldMessage) -> Result<()> {
    if conversations::store::message_by_provider(tx, &old.provider_id)?.is_some() {
        return Ok(());
    }
    let conversation = conversation_with(tx, now, channel, &old.customer, None)?;
    conversations::store::insert_message(
        tx,
        &NewMessage {
            conversation_id: conversation.id,
            author: if old.by_business { Author::Phone } else { Author::Contact },
            author_name: None,
            content: &old.content,
            provider_id: Some(&old.provider_id),
            client_id: None,
            status: if old.by_business { MessageStatus::Sent } else { MessageStatus::Received },
            answer: None,
            run: None,
            replied_to: None,
            pending: false,
            at: old.at,
        },
    )?;
    tx.publish("conversations");
    Ok(())
}
