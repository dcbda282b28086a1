//! Sends what is due, one task for each business: in order within a conversation, in parallel across conversations,
//! within the provider's limits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::id::{ChannelId, ConversationId};
use base::{Result, Time};
use channels::whatsapp::pacing::Pacing;
use channels::whatsapp::{Action, Class, Recipient, SendOutcome};
use tokio::sync::Semaphore;

use super::{OutboxRow, State, mark_failed, mark_in_doubt, mark_sent, problem, requeue, store};
use crate::channels::WhatsApp;
use crate::contacts::AliasKind;
use crate::conversations::{self, MessageStatus};
use crate::workspace::Workspace;

/// Requests under way at once for one number.
const PARALLEL: usize = 16;
/// A message that keeps failing for a passing reason is given up after this many tries.
const MAX_ATTEMPTS: u32 = 12;
/// Looks at least this often, for what only time changes.
const IDLE: Duration = Duration::from_secs(20);

struct Sender {
    ws: Arc<Workspace>,
    pacing: Mutex<HashMap<ChannelId, Pacing>>,
    parallel: Arc<Semaphore>,
    started: Time,
}

/// Runs until the business is closed.
pub(crate) async fn run(ws: Arc<Workspace>) {
    let sender = Arc::new(Sender {
        started: ws.clock.now(),
        pacing: Mutex::default(),
        parallel: Arc::new(Semaphore::new(PARALLEL)),
        ws,
    });
    let mut changes = sender.ws.db.changes();
    if let Err(e) = sender.recover().await {
        tracing::error!(error = ?e, "the outbox could not be read");
    }
    loop {
        let pause = sender.clone().pass().await.unwrap_or_else(|e| {
            tracing::error!(error = ?e, "sending failed");
            Duration::from_secs(1)
        });
        let closing = sender.ws.closing.clone();
        let woken = async {
            loop {
                match changes.recv().await {
                    Ok(tags) if tags.iter().any(|t| t == super::TAG || t == "channels") => return true,
                    Ok(_) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => return true,
                    Err(_) => return false,
                }
            }
        };
        tokio::select! {
            () = closing.cancelled() => return,
            open = woken => if !open { return },
            () = tokio::time::sleep(pause) => {}
        }
    }
}

impl Sender {
    /// What an earlier life of the program left on its way is in doubt now.
    async fn recover(&self) -> Result<()> {
        self.ws
            .db
            .write(|tx| {
                for channel in crate::channels::store::all(tx)? {
                    for row in store::unresolved(tx, channel.id)? {
                        if row.state == State::Sending {
                            mark_in_doubt(tx, &row)?;
                        }
                    }
                }
                Ok(())
            })
            .await
    }

    /// Sends everything that is due and settles doubts; tells how long to rest.
    async fn pass(self: Arc<Self>) -> Result<Duration> {
        let now = self.ws.clock.now();
        let mut rest = IDLE;
        for channel in self.ws.channels.active_whatsapp(&self.ws)? {
            rest = rest.min(self.settle_doubts(&channel, now).await?);
            let id = channel.id;
            let (rows, next) = self
                .ws
                .db
                .read(move |c| {
                    let rows = store::due(c, id, now, 200)?
                        .into_iter()
                        .map(|row| Ok((recipient(c, row.conversation_id)?, row)))
                        .collect::<Result<Vec<_>>>()?;
                    Ok((rows, store::next_due(c, id)?))
                })
                .await?;
            if let Some(next) = next {
                rest = rest.min(next.since(now).max(Duration::from_millis(20)));
            }
            for (recipient, row) in rows {
                let Some(recipient) = recipient else {
                    let error =
                        problem("This customer has no WhatsApp address any more, so nothing can be sent to them.");
                    self.ws.db.write(move |tx| mark_failed(tx, &row, &error)).await?;
                    continue;
                };
                match self.allowed_at(&channel, &recipient, now) {
                    Some(at) => rest = rest.min(at.since(now).max(Duration::from_millis(20))),
                    None => self.clone().launch(channel.clone(), recipient, row).await?,
                }
            }
        }
        Ok(rest)
    }

    /// Takes a place under the number's and the customer's limits; else tells when there will be one.
    fn allowed_at(&self, channel: &WhatsApp, to: &Recipient, now: Time) -> Option<Time> {
        let Ok(mut all) = self.pacing.lock() else { return Some(now.plus(IDLE)) };
        let pacing = all.entry(channel.id).or_insert_with(|| Pacing::new(channel.throughput()));
        let at = pacing.next_allowed(to, now);
        if at > now {
            return Some(at);
        }
        pacing.sent(to, now);
        None
    }

    async fn launch(self: Arc<Self>, channel: Arc<WhatsApp>, to: Recipient, row: OutboxRow) -> Result<()> {
        let slot = self.parallel.clone().acquire_owned().await.map_err(base::Error::internal)?;
        let now = self.ws.clock.now();
        let id = row.id;
        // Durable before the request leaves: from here on a crash leaves the row in doubt, never silently repeated.
        let begun = self
            .ws
            .db
            .write(move |tx| {
                let begun = store::begin(tx, id, now)?;
                if begun {
                    conversations::store::set_status(tx, row.message_id, MessageStatus::Sending, None, None)?;
                }
                Ok(begun)
            })
            .await?;
        if begun {
            base::task::spawn("send", async move {
                let _slot = slot;
                if let Err(e) = self.send(&channel, &to, row).await {
                    tracing::error!(error = ?e, "the fate of a message could not be written down");
                }
            });
        }
        Ok(())
    }

    async fn send(&self, channel: &WhatsApp, to: &Recipient, row: OutboxRow) -> Result<()> {
        let message_id = row.message_id;
        let message = self.ws.db.read(move |c| conversations::store::message(c, message_id)).await?;
        let Some(message) = message else { return Ok(()) };
        let encoded = channels::whatsapp::outbound::encode(
            to,
            &message.content,
            &row.id.to_string(),
            message.replied_to.as_deref(),
        );
        let body = match encoded {
            Ok(body) => body,
            Err(e) => {
                let error = problem(&e.message);
                return self.ws.db.write(move |tx| mark_failed(tx, &row, &error)).await;
            }
        };
        let outcome = channel.graph.send(&channel.phone_number_id, &body).await;
        let now = self.ws.clock.now();
        metrics::counter!("outbox_sends_total", "outcome" => outcome_label(&outcome)).increment(1);
        let attempts = row.attempts + 1;
        match outcome {
            SendOutcome::Accepted { wamid, .. } => {
                self.ws.db.write(move |tx| mark_sent(tx, &row, MessageStatus::Sent, Some(&wamid))).await
            }
            SendOutcome::Unknown { .. } => self.ws.db.write(move |tx| mark_in_doubt(tx, &row)).await,
            SendOutcome::NotSent { .. } => {
                let error = problem("WhatsApp could not be reached. It is tried again by itself.");
                let next = now.plus(back_off(attempts));
                self.ws.db.write(move |tx| requeue(tx, &row, &[State::Sending], next, Some(&error))).await
            }
            SendOutcome::Refused { class, .. } => self.refused(channel, row, class, attempts).await,
        }
    }

    async fn refused(&self, channel: &WhatsApp, row: OutboxRow, class: Class, attempts: u32) -> Result<()> {
        let now = self.ws.clock.now();
        let error = problem(class.sentence());
        let doubled = |first: Duration| first.saturating_mul(2u32.saturating_pow(attempts.saturating_sub(1).min(12)));
        match class.action() {
            Action::Retry { first, attempts: most } if attempts < most => {
                let next = now.plus(doubled(first));
                self.ws.db.write(move |tx| requeue(tx, &row, &[State::Sending], next, Some(&error))).await
            }
            Action::BackOff { first, most } if attempts < MAX_ATTEMPTS => {
                let (next, id) = (now.plus(doubled(first).min(most)), channel.id);
                self.ws
                    .db
                    .write(move |tx| {
                        requeue(tx, &row, &[State::Sending], next, Some(&error))?;
                        store::postpone_channel(tx, id, next)
                    })
                    .await
            }
            Action::BackOffRecipient if attempts < MAX_ATTEMPTS => {
                let next = now.plus(Duration::from_secs(4u64.saturating_pow(attempts.min(6))));
                self.ws.db.write(move |tx| requeue(tx, &row, &[State::Sending], next, Some(&error))).await
            }
            Action::StopChannel => {
                // The queue is kept: everything goes out once the owner has mended what is wrong.
                let id = channel.id;
                let stopped = self
                    .ws
                    .db
                    .write(move |tx| {
                        crate::channels::store::set_trouble(tx, id, Some(&error))?;
                        tx.publish("channels");
                        requeue(tx, &row, &[State::Sending], now, Some(&error))
                    })
                    .await;
                self.ws.channels.forget();
                stopped
            }
            _ => self.ws.db.write(move |tx| mark_failed(tx, &row, &error)).await,
        }
    }

    /// A row in doubt goes back to the queue only when the provider had its chance to tell us that it has the message:
    /// enough time has passed, and in that time something else of the provider's did reach us. Without such a sign the
    /// owner decides.
    async fn settle_doubts(&self, channel: &WhatsApp, now: Time) -> Result<Duration> {
        let id = channel.id;
        let doubtful = self.ws.db.read(move |c| store::unresolved(c, id)).await?;
        let mut rest = IDLE;
        for row in doubtful.into_iter().filter(|r| r.state == State::InDoubt) {
            let since = row.attempted_at.unwrap_or(row.next_at).max(self.started);
            let decide_at = since.plus(self.ws.timing.doubt);
            if decide_at > now {
                rest = rest.min(decide_at.since(now).max(Duration::from_millis(20)));
                continue;
            }
            let heard = self.ws.address.heard_since(id, since) || self.ws.channels.heard_since(id, since);
            if heard {
                tracing::info!(outbox = %row.id, "no word from the provider; sending again");
                self.ws.db.write(move |tx| requeue(tx, &row, &[State::InDoubt], now, None)).await?;
                rest = Duration::from_millis(20);
            }
        }
        Ok(rest)
    }
}

fn recipient(connection: &db::rusqlite::Connection, conversation: ConversationId) -> Result<Option<Recipient>> {
    let Some(conversation) = conversations::store::get(connection, conversation)? else { return Ok(None) };
    let aliases = crate::contacts::store::aliases(connection, conversation.contact_id)?;
    let of = |kind| aliases.iter().find(|a| a.kind == kind).map(|a| a.value.clone());
    Ok(match (of(AliasKind::Phone), of(AliasKind::User)) {
        (Some(phone), _) => Some(Recipient::Phone(format!("+{phone}"))),
        (None, Some(user)) => Some(Recipient::UserId(user)),
        (None, None) => None,
    })
}

fn outcome_label(outcome: &SendOutcome) -> &'static str {
    match outcome {
        SendOutcome::Accepted { .. } => "accepted",
        SendOutcome::Refused { .. } => "refused",
        SendOutcome::Unknown { .. } => "unknown",
        SendOutcome::NotSent { .. } => "not_sent",
    }
}

/// From one second to five minutes, with jitter.
fn back_off(attempts: u32) -> Duration {
    let base = Duration::from_secs(1).saturating_mul(2u32.saturating_pow(attempts.min(9).saturating_sub(1)));
    base.min(Duration::from_secs(300)).mul_f64(0.75 + base::random::fraction() * 0.5)
}
