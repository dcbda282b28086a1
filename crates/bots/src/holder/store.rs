//! What is left to the other computer: messages that it may have sent, or will.

use base::id::{ChannelId, OutboxId};
use base::{Result, Time};
use db::Tx;
use db::rusqlite::types::Value;
use serde_json::json;

/// Every message of WhatsApp that was on its way when the data was taken from the other computer.
pub(crate) fn leave_all(tx: &Tx<'_>) -> Result<usize> {
    let open = "select id from outbox where state in ('queued', 'sending', 'in_doubt')";
    let ids = tx.prepare(open)?.query_map([], |row| row.get(0))?.collect::<db::rusqlite::Result<Vec<OutboxId>>>()?;
    leave(tx, &ids)
}

/// What a channel's bot wanted to say by itself while another computer answered: that one has the same timers, and said
/// it. Replies to a customer whose message reached this computer, and what a person wrote, are nobody else's.
pub(crate) fn leave_by_itself(tx: &Tx<'_>, channel: ChannelId, since: Time, until: Time) -> Result<usize> {
    let by_itself = "select o.id from outbox o join message m on m.id = o.message_id
        where o.channel_id = ?1 and o.state in ('queued', 'sending', 'in_doubt') and o.state = 'queued'
        and o.created_at >= ?2 and o.created_at < ?3 and m.author = 'bot'
        and not exists (select 1 from message i where i.conversation_id = o.conversation_id and i.direction = 'in'
                        and i.id >= ?4)";
    let ids = tx
        .prepare(by_itself)?
        .query_map((channel, since, until, made_since(since)), |row| row.get(0))?
        .collect::<db::rusqlite::Result<Vec<OutboxId>>>()?;
    leave(tx, &ids)
}

/// Rows that are done with here, whose messages are in doubt: a status that carries our id still tells what became of
/// them, and the owner may send them again.
fn leave(tx: &Tx<'_>, ids: &[OutboxId]) -> Result<usize> {
    let error = json!({
        "message": "This message was left to the other computer, which may have sent it. Look at the phone; if it is \
                    missing there, send it again."
    })
    .to_string();
    for id in ids {
        tx.prepare_cached(
            "update message set status = 'in_doubt', error = ?2 where id = (select message_id from outbox where id = ?1)
             and status in ('queued', 'sending', 'in_doubt')",
        )?
        .execute((id, &error))?;
        tx.prepare_cached("update outbox set state = 'sent' where id = ?1")?.execute([id])?;
    }
    Ok(ids.len())
}

/// The smallest id that is made at a moment: ids begin with their time.
fn made_since(at: Time) -> Value {
    let ms = u64::try_from(at.as_ms()).unwrap_or(0);
    let mut id = [0; 16];
    id[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
    Value::Blob(id.to_vec())
}
