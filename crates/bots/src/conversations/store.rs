//! Conversations and their messages.

use base::id::{BotId, ChannelId, ContactId, ConversationId, MessageId, RunId};
use base::message::Content;
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

use super::{Author, ConversationRow, MessageRow, MessageStatus, Mode, NewMessage, Reaction};

const CONVERSATION: &str = "select v.id, v.contact_id, v.channel_id, c.bot_id, v.mode, v.status, v.waiting, v.preview,
    v.unread, v.last_message_at, v.last_inbound_at, v.free_entry_until, v.run_id, v.turn_at, v.told_unsupported_at,
    c.kind, c.name, p.name, p.language
    from conversation v join channel c on c.id = v.channel_id join contact p on p.id = v.contact_id";

fn read_conversation(row: &Row<'_>) -> db::rusqlite::Result<ConversationRow> {
    Ok(ConversationRow {
        id: row.get(0)?,
        contact_id: row.get(1)?,
        channel_id: row.get(2)?,
        bot_id: row.get(3)?,
        mode: if row.get::<_, String>(4)? == "person" { Mode::Person } else { Mode::Bot },
        resolved: row.get::<_, String>(5)? == "resolved",
        waiting: row.get(6)?,
        preview: row.get(7)?,
        unread: row.get(8)?,
        last_message_at: row.get(9)?,
        last_inbound_at: row.get(10)?,
        free_entry_until: row.get(11)?,
        run_id: row.get(12)?,
        told_unsupported_at: row.get(14)?,
        channel_kind: row.get(15)?,
        channel_name: row.get(16)?,
        contact_name: row.get(17)?,
        contact_language: row.get(18)?,
    })
}

pub(crate) fn get(connection: &Connection, id: ConversationId) -> Result<Option<ConversationRow>> {
    Ok(connection
        .prepare_cached(&format!("{CONVERSATION} where v.id = ?1"))?
        .query_row([id], read_conversation)
        .optional()?)
}

pub(crate) fn find(connection: &Connection, channel: ChannelId, contact: ContactId) -> Result<Option<ConversationRow>> {
    Ok(connection
        .prepare_cached(&format!("{CONVERSATION} where v.channel_id = ?1 and v.contact_id = ?2"))?
        .query_row((channel, contact), read_conversation)
        .optional()?)
}

pub(crate) fn insert(tx: &Tx<'_>, now: Time, channel: ChannelId, contact: ContactId) -> Result<ConversationId> {
    let id = ConversationId::fresh();
    tx.prepare_cached(
        "insert into conversation (id, contact_id, channel_id, last_message_at, created_at) values (?1, ?2, ?3, ?4, ?4)",
    )?
    .execute((id, contact, channel, now))?;
    Ok(id)
}

/// Values that flows keep with the conversation.
pub(crate) fn vars(connection: &Connection, id: ConversationId) -> Result<Map<String, Value>> {
    let stored: Option<String> = connection
        .prepare_cached("select vars from conversation where id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(stored.filter(|s| s != "{}").and_then(|s| serde_json::from_str(&s).ok()).unwrap_or_default())
}

pub(crate) fn set_var(tx: &Tx<'_>, id: ConversationId, name: &str, value: &Value) -> Result<()> {
    let mut vars = vars(tx, id)?;
    vars.insert(name.to_owned(), value.clone());
    tx.prepare_cached("update conversation set vars = ?2 where id = ?1")?
        .execute((id, serde_json::to_string(&vars)?))?;
    Ok(())
}

/// Which conversations a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    All,
    Waiting,
    Open,
    Resolved,
}

/// Newest first, after the given position. `search` looks at the contact's name and handles and the preview.
pub(crate) fn list(
    connection: &Connection,
    filter: Filter,
    search: Option<&str>,
    after: Option<(Time, ConversationId)>,
    limit: usize,
) -> Result<Vec<ConversationRow>> {
    let condition = match filter {
        Filter::All => "1",
        Filter::Waiting => "v.waiting = 1",
        Filter::Open => "v.status = 'open'",
        Filter::Resolved => "v.status = 'resolved'",
    };
    let sql = format!(
        "{CONVERSATION} where {condition}
         and (?1 is null or (v.last_message_at, v.id) < (?1, ?2))
         and (?3 is null or p.name like ?3 escape '\\' or v.preview like ?3 escape '\\'
              or exists (select 1 from contact_alias a where a.contact_id = p.id and a.value like ?3 escape '\\'))
         order by v.last_message_at desc, v.id desc limit ?4"
    );
    let pattern = search.map(|s| {
        let escaped = s.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{escaped}%")
    });
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![after.map(|a| a.0), after.map(|a| a.1), pattern, i64::try_from(limit).unwrap_or(50)],
        read_conversation,
    )?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// Nothing waits for its turn any more. Touches the row only when something did.
pub(crate) fn clear_turn(tx: &Tx<'_>, id: ConversationId) -> Result<()> {
    tx.prepare_cached("update conversation set turn_at = null where id = ?1 and turn_at is not null")?.execute([id])?;
    Ok(())
}

/// Notes a new message on its conversation: what the list shows, and when.
pub(crate) fn touch(tx: &Tx<'_>, id: ConversationId, at: Time, preview: &str) -> Result<()> {
    tx.prepare_cached(
        "update conversation set preview = ?3, last_message_at = max(last_message_at, ?2) where id = ?1",
    )?
    .execute((id, at, preview))?;
    Ok(())
}

/// The same for a customer's message, `sent_at` by the provider's clock: unread besides, open again, the provider's
/// window refreshed.
pub(crate) fn touch_inbound(
    tx: &Tx<'_>,
    id: ConversationId,
    at: Time,
    preview: &str,
    sent_at: Time,
    waiting: bool,
) -> Result<()> {
    tx.prepare_cached(
        "update conversation set preview = ?3, last_message_at = max(last_message_at, ?2), unread = unread + 1,
         status = 'open', waiting = max(waiting, ?5), last_inbound_at = max(coalesce(last_inbound_at, 0), ?4)
         where id = ?1",
    )?
    .execute((id, at, preview, sent_at, waiting))?;
    Ok(())
}

pub(crate) fn set_free_entry(tx: &Tx<'_>, id: ConversationId, at: Time) -> Result<()> {
    tx.prepare_cached("update conversation set free_entry_until = ?2 where id = ?1")?.execute((id, at))?;
    Ok(())
}

pub(crate) fn set_mode(tx: &Tx<'_>, id: ConversationId, mode: Mode, waiting: bool) -> Result<()> {
    tx.prepare_cached("update conversation set mode = ?2, waiting = ?3 where id = ?1")?.execute((
        id,
        mode.as_str(),
        waiting,
    ))?;
    Ok(())
}

pub(crate) fn set_resolved(tx: &Tx<'_>, id: ConversationId, resolved: bool) -> Result<()> {
    tx.prepare_cached("update conversation set status = ?2 where id = ?1")?
        .execute((id, if resolved { "resolved" } else { "open" }))?;
    Ok(())
}

pub(crate) fn set_run(tx: &Tx<'_>, id: ConversationId, run: Option<RunId>) -> Result<()> {
    tx.prepare_cached("update conversation set run_id = ?2 where id = ?1")?.execute((id, run))?;
    Ok(())
}

pub(crate) fn set_turn(tx: &Tx<'_>, id: ConversationId, at: Time) -> Result<()> {
    tx.prepare_cached("update conversation set turn_at = ?2 where id = ?1")?.execute((id, at))?;
    Ok(())
}

pub(crate) fn set_told_unsupported(tx: &Tx<'_>, id: ConversationId, at: Time) -> Result<()> {
    tx.prepare_cached("update conversation set told_unsupported_at = ?2 where id = ?1")?.execute((id, at))?;
    Ok(())
}

pub(crate) fn mark_seen(tx: &Tx<'_>, id: ConversationId) -> Result<()> {
    tx.prepare_cached("update conversation set unread = 0 where id = ?1")?.execute([id])?;
    Ok(())
}

/// Conversations whose debounced turn is due.
pub(crate) fn turns_due(connection: &Connection, now: Time, limit: usize) -> Result<Vec<ConversationId>> {
    let mut statement =
        connection.prepare_cached("select id from conversation where turn_at <= ?1 order by turn_at limit ?2")?;
    let rows = statement.query_map((now, i64::try_from(limit).unwrap_or(100)), |row| row.get(0))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn next_turn(connection: &Connection) -> Result<Option<Time>> {
    Ok(connection
        .prepare_cached("select min(turn_at) from conversation where turn_at is not null")?
        .query_row([], |row| row.get(0))?)
}

const MESSAGE: &str =
    "select seq, id, conversation_id, direction, author, author_name, content, provider_id, client_id,
    status, error, answer, run_id, effect_seq, reactions, replied_to, edited_at, deleted_at, at from message";

fn read_message(row: &Row<'_>) -> db::rusqlite::Result<MessageRow> {
    let json = |text: Option<String>| text.and_then(|t| serde_json::from_str::<Value>(&t).ok());
    let content: String = row.get(6)?;
    let reactions: String = row.get(14)?;
    Ok(MessageRow {
        seq: row.get(0)?,
        id: row.get(1)?,
        conversation_id: row.get(2)?,
        incoming: row.get::<_, String>(3)? == "in",
        author: Author::parse(&row.get::<_, String>(4)?),
        author_name: row.get(5)?,
        content: serde_json::from_str(&content)
            .unwrap_or_else(|_| Content::Unsupported { what: "a message of an older version".into() }),
        provider_id: row.get(7)?,
        client_id: row.get(8)?,
        status: MessageStatus::parse(&row.get::<_, String>(9)?),
        error: json(row.get(10)?),
        answer: json(row.get(11)?),
        run_id: row.get(12)?,
        effect_seq: row.get::<_, Option<i64>>(13)?.and_then(|seq| u64::try_from(seq).ok()),
        reactions: serde_json::from_str(&reactions).unwrap_or_default(),
        replied_to: row.get(15)?,
        edited_at: row.get(16)?,
        deleted_at: row.get(17)?,
        at: row.get(18)?,
    })
}

pub(crate) fn insert_message(tx: &Tx<'_>, message: &NewMessage<'_>) -> Result<MessageId> {
    let id = MessageId::fresh();
    let content = serde_json::to_string(message.content)?;
    tx.prepare_cached(
        "insert into message (id, conversation_id, direction, author, author_name, content, words, provider_id, client_id,
         status, answer, run_id, effect_seq, replied_to, pending, at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        id,
        message.conversation_id,
        if message.author == Author::Contact { "in" } else { "out" },
        message.author.as_str(),
        message.author_name,
        content,
        message.content.words(),
        message.provider_id,
        message.client_id,
        message.status.as_str(),
        message.answer.map(serde_json::to_string).transpose()?,
        message.run.map(|r| r.0),
        message.run.map(|r| i64::try_from(r.1).unwrap_or(i64::MAX)),
        message.replied_to,
        message.pending,
        message.at,
    ])?;
    Ok(id)
}

pub(crate) fn message(connection: &Connection, id: MessageId) -> Result<Option<MessageRow>> {
    Ok(connection.prepare_cached(&format!("{MESSAGE} where id = ?1"))?.query_row([id], read_message).optional()?)
}

pub(crate) fn message_by_provider(connection: &Connection, provider_id: &str) -> Result<Option<MessageRow>> {
    Ok(connection
        .prepare_cached(&format!("{MESSAGE} where provider_id = ?1"))?
        .query_row([provider_id], read_message)
        .optional()?)
}

pub(crate) fn message_by_client(
    connection: &Connection,
    conversation: ConversationId,
    client_id: &str,
) -> Result<Option<MessageRow>> {
    Ok(connection
        .prepare_cached(&format!("{MESSAGE} where conversation_id = ?1 and client_id = ?2"))?
        .query_row((conversation, client_id), read_message)
        .optional()?)
}

/// Newest first, before the given position.
pub(crate) fn messages_before(
    connection: &Connection,
    conversation: ConversationId,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<MessageRow>> {
    let mut statement = connection
        .prepare_cached(&format!("{MESSAGE} where conversation_id = ?1 and seq < ?2 order by seq desc limit ?3"))?;
    let rows = statement
        .query_map((conversation, before.unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(50)), read_message)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// Oldest first, after the given position.
pub(crate) fn messages_after(
    connection: &Connection,
    conversation: ConversationId,
    after: i64,
    limit: usize,
) -> Result<Vec<MessageRow>> {
    let mut statement = connection
        .prepare_cached(&format!("{MESSAGE} where conversation_id = ?1 and seq > ?2 order by seq limit ?3"))?;
    let rows = statement.query_map((conversation, after, i64::try_from(limit).unwrap_or(200)), read_message)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// The messages that wait for their turn, oldest first.
pub(crate) fn pending(connection: &Connection, conversation: ConversationId) -> Result<Vec<MessageRow>> {
    let mut statement = connection
        .prepare_cached(&format!("{MESSAGE} where conversation_id = ?1 and pending = 1 order by seq limit 100"))?;
    let rows = statement.query_map([conversation], read_message)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

/// They were given to the flow, or will never be.
pub(crate) fn clear_pending(tx: &Tx<'_>, conversation: ConversationId) -> Result<()> {
    tx.prepare_cached("update message set pending = 0 where conversation_id = ?1 and pending = 1")?
        .execute([conversation])?;
    Ok(())
}

/// What the customer sent last.
pub(crate) fn latest_of_customer(connection: &Connection, conversation: ConversationId) -> Result<Option<MessageRow>> {
    Ok(connection
        .prepare_cached(&format!(
            "{MESSAGE} where conversation_id = ?1 and direction = 'in' order by seq desc limit 1"
        ))?
        .query_row([conversation], read_message)
        .optional()?)
}

/// Whether something was said to the customer after a position.
pub(crate) fn has_answer_after(connection: &Connection, conversation: ConversationId, seq: i64) -> Result<bool> {
    Ok(connection
        .prepare_cached("select 1 from message where conversation_id = ?1 and seq > ?2 and direction = 'out' limit 1")?
        .exists((conversation, seq))?)
}

/// Whether the conversation held a message before these.
pub(crate) fn has_earlier(connection: &Connection, conversation: ConversationId, seq: i64) -> Result<bool> {
    Ok(connection
        .prepare_cached("select 1 from message where conversation_id = ?1 and seq < ?2 limit 1")?
        .exists((conversation, seq))?)
}

/// How far a message came.
pub(crate) fn status(connection: &Connection, id: MessageId) -> Result<Option<MessageStatus>> {
    let status: Option<String> = connection
        .prepare_cached("select status from message where id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(status.map(|status| MessageStatus::parse(&status)))
}

pub(crate) fn set_status(
    tx: &Tx<'_>,
    id: MessageId,
    status: MessageStatus,
    provider_id: Option<&str>,
    error: Option<&Value>,
) -> Result<()> {
    tx.prepare_cached(
        "update message set status = ?2, provider_id = coalesce(?3, provider_id), error = ?4 where id = ?1",
    )?
    .execute((id, status.as_str(), provider_id, error.map(Value::to_string)))?;
    Ok(())
}

/// What is wrong with a message, such as a file that will not come.
pub(crate) fn set_error(tx: &Tx<'_>, id: MessageId, error: &Value) -> Result<()> {
    tx.prepare_cached("update message set error = ?2 where id = ?1")?.execute((id, error.to_string()))?;
    Ok(())
}

pub(crate) fn set_reactions(tx: &Tx<'_>, id: MessageId, reactions: &[Reaction]) -> Result<()> {
    tx.prepare_cached("update message set reactions = ?2 where id = ?1")?
        .execute((id, serde_json::to_string(reactions)?))?;
    Ok(())
}

pub(crate) fn set_content(tx: &Tx<'_>, id: MessageId, content: &Content, edited_at: Time) -> Result<()> {
    tx.prepare_cached("update message set content = ?2, words = ?3, edited_at = ?4 where id = ?1")?.execute((
        id,
        serde_json::to_string(content)?,
        content.words(),
        edited_at,
    ))?;
    Ok(())
}

pub(crate) fn set_deleted(tx: &Tx<'_>, id: MessageId, at: Time) -> Result<()> {
    tx.prepare_cached("update message set deleted_at = ?2, pending = 0 where id = ?1")?.execute((id, at))?;
    Ok(())
}

/// Replaces the media of a message once our own copy is stored.
pub(crate) fn replace_content(tx: &Tx<'_>, id: MessageId, content: &Content) -> Result<()> {
    tx.prepare_cached("update message set content = ?2 where id = ?1")?
        .execute((id, serde_json::to_string(content)?))?;
    Ok(())
}

/// What happened since `from`: by bot, by person, in.
pub(crate) fn count_since(connection: &Connection, from: Time) -> Result<(u32, u32, u32)> {
    Ok(connection
        .prepare_cached(
            "select count(*) filter (where author = 'bot' and answer is not null),
                    count(*) filter (where author in ('person', 'phone')),
                    count(*) filter (where author = 'contact')
             from message where at >= ?1",
        )?
        .query_row([from], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
}

/// Messages that wait to be given to the flow.
pub(crate) fn count_unseen(connection: &Connection) -> Result<u32> {
    Ok(connection.prepare_cached("select count(*) from message where pending = 1")?.query_row([], |row| row.get(0))?)
}

pub(crate) fn count_waiting(connection: &Connection) -> Result<u32> {
    Ok(connection
        .prepare_cached("select count(*) from conversation where waiting = 1")?
        .query_row([], |row| row.get(0))?)
}

/// For each bot: answers given and hand-overs since `from`.
pub(crate) fn counts_of_bot(connection: &Connection, bot: BotId, from: Time) -> Result<(u32, u32)> {
    Ok(connection
        .prepare_cached(
            "select count(*) filter (where m.author = 'bot' and m.answer is not null),
                    count(distinct v.id) filter (where v.waiting = 1 or v.mode = 'person')
             from message m join conversation v on v.id = m.conversation_id join channel c on c.id = v.channel_id
             where m.at >= ?2 and c.bot_id = ?1",
        )?
        .query_row((bot, from), |row| Ok((row.get(0)?, row.get(1)?)))?)
}
