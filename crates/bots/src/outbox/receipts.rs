//! Read receipts and the sign of typing on WhatsApp: best effort, beside the sending path and never in it. Each turn
//! gets one call at most; what fails or comes too late is let go.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::Result;
use base::id::{ChannelId, ConversationId};
use db::Tx;
use db::rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use web::RateLimit;

use crate::channels::ChannelState;
use crate::conversations::{self, Mode};
use crate::runs;
use crate::workspace::Workspace;

/// Published with the conversation's id and who reads behind it.
pub(crate) const TAG: &str = "receipt:";

/// An answer that takes no longer than this needs no sign of typing: the sign would arrive after it.
const FIRST_LOOK: Duration = Duration::from_millis(300);
/// After this long a receipt is of no more use to anybody.
const STALE: Duration = Duration::from_secs(20);
/// Meta refuses receipts for messages that are older.
const OLDEST: Duration = Duration::from_secs(29 * 24 * 3600);
/// They count towards the number's rate, of which messages must have the most.
const PER_SECOND: u32 = 10;
const PARALLEL: usize = 4;
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// After a failure the channel's receipts rest.
const REST: Duration = Duration::from_secs(30);
const MOST_WAITING: usize = 1_000;
const MOST_REMEMBERED: usize = 10_000;

/// Whose eyes were on the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Bot,
    Person,
}

/// The bot has taken a turn on what the customer wrote.
pub(crate) fn answered_by_bot(tx: &Tx<'_>, conversation: ConversationId) {
    tx.publish(format!("{TAG}bot:{conversation}"));
}

/// A person opened or answered the conversation.
pub(crate) fn seen_by_person(tx: &Tx<'_>, conversation: ConversationId) {
    tx.publish(format!("{TAG}person:{conversation}"));
}

fn parse(tag: &str) -> Option<(Reader, ConversationId)> {
    let (reader, id) = tag.strip_prefix(TAG)?.split_once(':')?;
    Some((if reader == "person" { Reader::Person } else { Reader::Bot }, id.parse().ok()?))
}

struct Wanted {
    conversation: ConversationId,
    reader: Reader,
    since: Instant,
}

impl Wanted {
    fn due(&self) -> Instant {
        if self.reader == Reader::Bot { self.since + FIRST_LOOK } else { self.since }
    }
}

/// What is to be marked, as the database has it now.
struct Plan {
    channel: ChannelId,
    seq: i64,
    wamid: String,
    typing: bool,
}

struct Receipts {
    ws: Arc<Workspace>,
    /// The latest message of each conversation that was marked; forgotten with the program, which is harmless.
    marked: Mutex<HashMap<ConversationId, i64>>,
    resting: Mutex<HashMap<ChannelId, Instant>>,
    rate: RateLimit,
    slots: Arc<Semaphore>,
}

/// Runs until the business is closed.
pub(crate) async fn run(ws: Arc<Workspace>) {
    let mut changes = ws.db.changes();
    let closing = ws.closing.clone();
    let receipts = Arc::new(Receipts {
        ws,
        marked: Mutex::default(),
        resting: Mutex::default(),
        rate: RateLimit::per_second(PER_SECOND, "too many receipts"),
        slots: Arc::new(Semaphore::new(PARALLEL)),
    });
    let mut waiting: VecDeque<Wanted> = VecDeque::new();
    loop {
        let next = waiting.iter().map(Wanted::due).min();
        tokio::select! {
            () = closing.cancelled() => return,
            changed = changes.recv() => match changed {
                Ok(tags) => {
                    let since = Instant::now();
                    for (reader, conversation) in tags.iter().filter_map(|tag| parse(tag)) {
                        // One call for each turn: the earliest wish stands, and sees all that is there by then.
                        if waiting.len() < MOST_WAITING
                            && !waiting.iter().any(|w| w.conversation == conversation && w.reader == reader)
                        {
                            waiting.push_back(Wanted { conversation, reader, since });
                        }
                    }
                }
                // What was missed stays unread; the next message makes up for it.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                let now = Instant::now();
                let Ok(slot) = receipts.slots.clone().try_acquire_owned() else {
                    waiting.retain(|w| now < w.since + STALE);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let Some(at) = waiting.iter().position(|w| w.due() <= now) else { continue };
                let Some(wanted) = waiting.remove(at).filter(|w| now < w.since + STALE) else { continue };
                let receipts = receipts.clone();
                base::task::spawn("receipt", async move {
                    let _slot = slot;
                    if let Err(e) = receipts.mark(&wanted).await {
                        tracing::debug!(conversation = %wanted.conversation, error = ?e, "a receipt was not sent");
                    }
                });
            }
        }
    }
}

impl Receipts {
    async fn mark(&self, wanted: &Wanted) -> Result<()> {
        let (conversation, reader) = (wanted.conversation, wanted.reader);
        let oldest = self.ws.clock.now().minus(OLDEST);
        let planned = self.ws.db.read(move |c| plan(c, conversation, reader, oldest)).await?;
        let Some(plan) = planned else { return Ok(()) };
        let channel = self.ws.channels.whatsapp(&self.ws, plan.channel)?;
        let resting = lock(&self.resting).get(&plan.channel).is_some_and(|until| Instant::now() < *until);
        if channel.state != ChannelState::Active || resting || self.rate.check(plan.channel).is_err() {
            return Ok(());
        }
        {
            let mut marked = lock(&self.marked);
            if marked.get(&conversation).is_some_and(|seq| *seq >= plan.seq) {
                return Ok(());
            }
            if marked.len() >= MOST_REMEMBERED {
                marked.clear();
            }
            marked.insert(conversation, plan.seq);
        }
        let graph = channel.graph.with_timeout(CALL_TIMEOUT);
        let done = graph.mark_read(&channel.phone_number_id, &plan.wamid, plan.typing).await;
        metrics::counter!("receipts_total", "outcome" => if done.is_ok() { "done" } else { "failed" }).increment(1);
        if done.is_err() {
            lock(&self.resting).insert(plan.channel, Instant::now() + REST);
            lock(&self.marked).remove(&conversation);
        }
        Ok(done?)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The customer's latest message, when it may be marked as read now. A conversation that was handed over is left unread
/// until the person has seen it: the customer must not believe that somebody has.
fn plan(connection: &Connection, id: ConversationId, reader: Reader, oldest: base::Time) -> Result<Option<Plan>> {
    let Some(conversation) = conversations::store::get(connection, id)? else { return Ok(None) };
    let bot_reads = reader == Reader::Bot;
    if conversation.channel_kind != "whatsapp" || (bot_reads && conversation.mode == Mode::Person) {
        return Ok(None);
    }
    let Some(latest) = conversations::store::latest_of_customer(connection, id)? else { return Ok(None) };
    let Some(wamid) = latest.provider_id.filter(|_| latest.at > oldest) else { return Ok(None) };
    let under_way = match conversation.run_id {
        Some(run) if bot_reads => runs::store::is_waiting_for_outside(connection, run)?,
        _ => false,
    };
    // Once something was said after it, a sign of typing would stand there with nothing to follow.
    let typing = under_way && !conversations::store::has_answer_after(connection, id, latest.seq)?;
    Ok(Some(Plan { channel: conversation.channel_id, seq: latest.seq, wamid, typing }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_whose_eyes_were_on_which_conversation() {
        let id = ConversationId::fresh();
        for (tag, read) in [
            (format!("{TAG}bot:{id}"), Some((Reader::Bot, id))),
            (format!("{TAG}person:{id}"), Some((Reader::Person, id))),
            (format!("conversation:{id}"), None),
            (format!("{TAG}bot:someone"), None),
        ] {
            assert_eq!(parse(&tag), read, "{tag}");
        }
    }
}
