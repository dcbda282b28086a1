//! What the sender sees when it looks: which rows may leave now, and, less often, what became of others.

use std::collections::HashMap;
use std::sync::Arc;

use base::id::{ChannelId, ConversationId, OutboxId};
use base::{Result, Time};
use channels::whatsapp::Recipient;
use db::rusqlite::Connection;

use super::files::{self, File};
use super::{OutboxRow, store};
use crate::channels::{FallbackTemplate, WhatsApp};
use crate::contacts::AliasKind;
use crate::conversations::{self, MessageRow};

/// A row that may be sent, with what sending it takes.
pub(super) struct Due {
    pub(super) row: OutboxRow,
    pub(super) message: Option<MessageRow>,
    pub(super) to: Option<Recipient>,
    pub(super) file: File,
    pub(super) template: Option<FallbackTemplate>,
}

/// What one look at a channel's rows found.
pub(super) struct Seen {
    pub(super) channel: Arc<WhatsApp>,
    pub(super) due: Vec<Due>,
    pub(super) survey: Option<Survey>,
}

/// What does not depend on what is due.
pub(super) struct Survey {
    pub(super) unresolved: Vec<OutboxRow>,
    pub(super) next: Option<Time>,
}

/// Looks at no more rows than may leave: there may be thousands. Gives also how many more could have.
pub(super) fn look(
    connection: &Connection,
    channels: Vec<(Arc<WhatsApp>, usize)>,
    held: &HashMap<OutboxId, (ChannelId, Time)>,
    (mut free, survey): (usize, bool),
    now: Time,
) -> Result<(Vec<Seen>, usize)> {
    let mut all = Vec::new();
    for (channel, room) in channels {
        let id = channel.id;
        let most = room.min(free);
        let mut due = Vec::new();
        if most > 0 {
            let passed_over = held.values().filter(|(of, _)| *of == id).count();
            due = store::due(connection, id, now, most + passed_over)?;
            due.retain(|row| !held.contains_key(&row.id));
            due.truncate(most);
        }
        free -= due.len();
        let due = due.into_iter().map(|row| look_at(connection, row, &channel.phone_number_id, now));
        let due = due.collect::<Result<_>>()?;
        let survey = survey.then(|| {
            let unresolved = store::unresolved(connection, id)?;
            Ok::<_, base::Error>(Survey { unresolved, next: store::next_due(connection, id, now)? })
        });
        all.push(Seen { channel, due, survey: survey.transpose()? });
    }
    Ok((all, free))
}

fn look_at(connection: &Connection, row: OutboxRow, phone_number_id: &str, now: Time) -> Result<Due> {
    let to = recipient(connection, row.conversation_id)?;
    let message = conversations::store::message(connection, row.message_id)?;
    let file = match &message {
        Some(message) if !row.as_template => files::look(connection, phone_number_id, &message.content, now)?,
        _ => File::None,
    };
    let template = if row.as_template {
        crate::channels::store::get(connection, row.channel_id)?.and_then(|c| c.whatsapp().fallback_template)
    } else {
        None
    };
    Ok(Due { row, message, to, file, template })
}

fn recipient(connection: &Connection, conversation: ConversationId) -> Result<Option<Recipient>> {
    let Some(conversation) = conversations::store::get(connection, conversation)? else { return Ok(None) };
    let aliases = crate::contacts::store::aliases(connection, conversation.contact_id)?;
    let of = |kind| aliases.iter().find(|a| a.kind == kind).map(|a| a.value.clone());
    Ok(match (of(AliasKind::Phone), of(AliasKind::User)) {
        (Some(phone), _) => Some(Recipient::Phone(format!("+{phone}"))),
        (None, Some(user)) => Some(Recipient::UserId(user)),
        (None, None) => None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use channels::whatsapp::fake::{Customer, Settings};

    use super::*;
    use crate::tests::{DAY, Shop, until};

    #[tokio::test(flavor = "multi_thread")]
    async fn no_more_is_looked_at_than_may_leave_and_what_is_held_keeps_nobody_else_back() {
        let shop = Shop::open(Settings::default()).await;
        for n in 0..6 {
            shop.says(&Customer::new(&format!("2782555010{n}"), "Thandi"), "Are you open?");
        }
        until("all are answered", || async { (shop.graph.sent().len() == 6).then_some(()) }).await;
        until("all of it is written down", || async {
            let open = shop.ws.db.read(store::count_open).await.unwrap();
            (open == (0, 0)).then_some(())
        })
        .await;
        let tomorrow = shop.clock.now().plus(DAY);
        let (channel, ws) = (shop.channel, shop.ws.clone());
        let queue = move |tx: &db::Tx<'_>| {
            tx.execute("update outbox set state = 'queued', next_at = ?1", [tomorrow])?;
            Ok(())
        };
        shop.ws.db.write(queue).await.unwrap();
        let whatsapp = shop.ws.channels.whatsapp(&ws, channel).unwrap();
        let look = |held: usize, free: usize, room: usize| {
            let whatsapp = whatsapp.clone();
            ws.db.read(move |c| {
                let all = store::due(c, channel, tomorrow, 10)?;
                let held = all[..held].iter().map(|row| (row.id, (channel, tomorrow))).collect();
                let (seen, left) = super::look(c, vec![(whatsapp, room)], &held, (free, true), tomorrow)?;
                assert!(seen[0].due.iter().all(|due| !held.contains_key(&due.row.id)));
                Ok((seen[0].due.len(), left))
            })
        };
        for ((held, free, room), expected) in [
            ((0, 32, 80), (6, 26)),
            ((0, 2, 80), (2, 0)),
            ((0, 32, 1), (1, 31)),
            ((4, 2, 80), (2, 0)),
            ((5, 2, 80), (1, 1)),
            ((0, 0, 80), (0, 0)),
            ((0, 32, 0), (0, 32)),
        ] {
            assert_eq!(look(held, free, room).await.unwrap(), expected, "{held} held, {free} slots, room for {room}");
        }
        // Whatever the sender remembers of a channel, what is stored decides.
        let begin = |state: &'static str| {
            ws.db.write(move |tx| {
                tx.execute("update channel set state = ?1", [state])?;
                let row = store::due(tx, channel, tomorrow, 1)?.remove(0);
                let begun = store::begin(tx, row.id, tomorrow, false)?;
                tx.execute("update outbox set state = 'queued'", [])?;
                Ok(begun)
            })
        };
        for (state, begun) in [("trouble", false), ("paused", false), ("active", true)] {
            assert_eq!(begin(state).await.unwrap(), begun, "{state}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(shop.graph.sent().len(), 6, "they are due tomorrow");
        shop.close().await;
    }
}
