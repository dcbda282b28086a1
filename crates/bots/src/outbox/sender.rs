//! Sends what is due, one task for each business: in order within a conversation, in parallel across conversations,
//! within the provider's limits.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::id::{ChannelId, OutboxId};
use base::message::Content;
use base::{Result, Stopwatch, Time};
use channels::whatsapp::pacing::Pacing;
use channels::whatsapp::{Action, Class, GraphError, Recipient, SendOutcome};
use db::Tx;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::doubt::Ripe;
use super::files::File;
use super::flights::{Flight, Flights};
use super::look::{Due, Seen, Survey, look};
use super::refusal::{self, Refusal};
use super::unreached::Unreached;
use super::{OutboxRow, State, mark_accepted, mark_failed, mark_in_doubt, problem, refuse, requeue, store};
use crate::channels::{FallbackTemplate, WhatsApp};
use crate::conversations::{self, MessageRow, MessageStatus};
use crate::media;
use crate::workspace::Workspace;

/// Requests under way at once for one business.
const PARALLEL: usize = 32;
/// Files on their way to the provider at once; a slow line carries one well and many badly.
const UPLOADS: usize = 2;
/// Looks at least this often, for what only time changes.
pub(super) const IDLE: Duration = Duration::from_secs(20);
/// Looks this often at rows in doubt, rows left behind, and what will be due: in between nothing but what is due counts.
pub(super) const SURVEY: Duration = Duration::from_millis(500);
/// Passes are at least this far apart: what comes in quick succession is looked at, and begun, together.
const GATHER: Duration = Duration::from_millis(8);
/// A row whose file is on its way, or waits for its turn to be, is looked at again after this, or when the file is there.
const UPLOADING: Duration = Duration::from_millis(250);
/// A pause after a pass that failed, whatever happens meanwhile.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long what became of a message is kept in memory when it cannot be written down. Then the message is in doubt.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// An upload that is refused is stale when it is older than this; a fresh one is what Meta says it is.
const STALE_UPLOAD: Duration = Duration::from_secs(10 * 60);

pub(super) struct Sender {
    pub(super) ws: Arc<Workspace>,
    pacing: Mutex<HashMap<ChannelId, Pacing>>,
    /// Rows that are due and may leave only later: their customer got enough for now, or their file is on its way.
    held: Mutex<HashMap<OutboxId, (ChannelId, Time)>>,
    /// By the time that passes, not by the clock, which may be set.
    surveyed: Mutex<Option<Stopwatch>>,
    /// Passes so far; each begins with another channel, so that none waits for ever behind a busy one.
    passes: AtomicUsize,
    parallel: Arc<Semaphore>,
    /// The rows that a task works on. A row that is `sending` and not among them was left behind.
    pub(super) flights: Arc<Flights<OutboxId>>,
    /// The files under way, by their hash.
    uploads: Arc<Flights<String>>,
    landed: Arc<Notify>,
    pub(super) unreached: Unreached,
    pub(super) ripe: Ripe,
    /// By the clock, which may be set back: then it is the moment at which that was seen.
    started: Mutex<Time>,
}

/// A row about to be sent.
struct Ready {
    row: OutboxRow,
    message: MessageRow,
    to: Recipient,
    file: File,
    template: Option<FallbackTemplate>,
}

/// A row on its way out of the door.
struct Leaving {
    channel: Arc<WhatsApp>,
    ready: Ready,
    slot: OwnedSemaphorePermit,
    flight: Flight<OutboxId>,
}

/// Runs until the business is closed.
pub(crate) async fn run(ws: Arc<Workspace>) {
    let landed = Arc::new(Notify::new());
    let sender = Arc::new(Sender {
        started: Mutex::new(ws.clock.now()),
        pacing: Mutex::default(),
        held: Mutex::default(),
        surveyed: Mutex::default(),
        passes: AtomicUsize::new(0),
        parallel: Arc::new(Semaphore::new(PARALLEL)),
        flights: Flights::new(landed.clone()),
        uploads: Flights::new(landed.clone()),
        landed,
        unreached: Unreached::default(),
        ripe: Ripe::default(),
        ws,
    });
    let mut changes = sender.ws.db.changes();
    if let Err(e) = sender.recover().await {
        tracing::error!(error = ?e, "the outbox could not be read");
    }
    let closing = sender.ws.closing.clone();
    loop {
        let began = tokio::time::Instant::now();
        let pause = match sender.clone().pass().await {
            Ok(pause) => pause,
            Err(e) => {
                tracing::error!(error = ?e, "sending failed");
                tokio::select! {
                    () = closing.cancelled() => return,
                    () = tokio::time::sleep(AFTER_FAILURE) => continue,
                }
            }
        };
        // Whether the network may be there again; nothing when the business is closed.
        let woken = async {
            loop {
                match changes.recv().await {
                    Ok(tags) => {
                        // Forgotten once the change is durable, so that nothing older can be read in between.
                        let settings = tags.iter().any(|t| t == "channels");
                        if settings {
                            sender.ws.channels.forget();
                        }
                        let again = tags.iter().any(|t| t == super::AGAIN);
                        if again || settings || tags.iter().any(|t| t == super::TAG) {
                            return Some(again);
                        }
                    }
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {
                        sender.ws.channels.forget();
                        return Some(true);
                    }
                    Err(_) => return None,
                }
            }
        };
        let again = tokio::select! {
            () = closing.cancelled() => return,
            woken = woken => match woken {
                Some(again) => again,
                None => return,
            },
            () = sender.landed.notified() => false,
            () = tokio::time::sleep(pause) => false,
        };
        if again && let Err(e) = sender.bring_forward().await {
            tracing::error!(error = ?e, "what waited for the network could not be made due");
        }
        tokio::time::sleep_until(began + GATHER).await;
    }
}

impl Sender {
    pub(super) fn started(&self) -> Time {
        *self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock was set back to `now`.
    pub(super) fn begin_at(&self, now: Time) {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        *started = now.min(*started);
    }

    /// What an earlier life of the program left on its way is in doubt now.
    async fn recover(&self) -> Result<()> {
        let now = self.started();
        self.ws
            .db
            .write(move |tx| {
                for channel in crate::channels::store::all(tx)? {
                    for row in store::unresolved(tx, channel.id)? {
                        if row.state == State::Sending {
                            mark_in_doubt(tx, &row, now)?;
                        }
                    }
                }
                Ok(())
            })
            .await
    }

    /// Sends what is due now and has room, and tells how long to rest. One reading and one transaction, however many.
    async fn pass(self: Arc<Self>) -> Result<Duration> {
        let now = self.ws.clock.now();
        let mut rest = IDLE;
        let free = self.parallel.available_permits();
        let held = self.still_held(now);
        rest = held.values().fold(rest, |rest, (_, at)| rest.min(at.since(now).max(GATHER)));
        let mut channels = Vec::new();
        for channel in self.ws.channels.active_whatsapp(&self.ws)? {
            let room = self.with_pacing(&channel, |pacing| pacing.room(now));
            if let Err(at) = room {
                rest = rest.min(at.since(now).max(GATHER));
            }
            channels.push((channel, room.unwrap_or(0)));
        }
        let first = self.passes.fetch_add(1, Ordering::Relaxed) % channels.len().max(1);
        channels.rotate_left(first);
        let survey = self.is_time_to_survey();
        if !survey {
            rest = rest.min(SURVEY);
        }
        let (seen, mut left) = self.ws.db.read(move |c| look(c, channels, &held, (free, survey), now)).await?;
        let mut leaving = Vec::new();
        for Seen { channel, due, survey } in seen {
            if let Some(Survey { unresolved, next }) = survey {
                rest = rest.min(self.settle_doubts(&channel, unresolved, now).await?);
                rest = next.map_or(rest, |next| rest.min(next.since(now).max(Duration::from_millis(20))));
            }
            // Another computer may have taken the number since; a look at Meta tells before anything leaves, and wakes the
            // next pass.
            if !due.is_empty() && !crate::holder::is_fresh(&self.ws, channel.id, now) {
                crate::holder::look_soon(&self.ws, channel.id, self.landed.clone());
                left = left.max(1);
                continue;
            }
            for Due { row, message, to, file, template } in due {
                // A task that has just settled this row is about to end; its end wakes the next pass.
                if self.flights.holds(&row.id) {
                    continue;
                }
                let Some(message) = message else { continue };
                let Some(to) = to else {
                    let error =
                        problem("This customer has no WhatsApp address any more, so nothing can be sent to them.");
                    self.ws.db.write(move |tx| mark_failed(tx, &row, &error)).await?;
                    continue;
                };
                if let File::Wanted(key, media) = file {
                    rest = rest.min(self.hold(&row, now.plus(UPLOADING), now));
                    self.begin_upload(&channel, row, key, media);
                    continue;
                }
                let Ok(slot) = self.parallel.clone().try_acquire_owned() else { break };
                if let Some(at) = self.allowed_at(&channel, &to, now) {
                    rest = rest.min(self.hold(&row, at, now));
                    continue;
                }
                let Some(flight) = self.flights.take(row.id) else { continue };
                let ready = Ready { row, message, to, file, template };
                leaving.push(Leaving { channel: channel.clone(), ready, slot, flight });
            }
        }
        // With every slot taken, the end of one of those under way wakes the next pass.
        if left == 0 && leaving.len() < free {
            rest = Duration::ZERO;
        }
        if !leaving.is_empty() {
            self.launch(leaving, now).await?;
        }
        Ok(rest)
    }

    fn is_time_to_survey(&self) -> bool {
        let mut last = self.surveyed.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= SURVEY);
        if due {
            *last = Some(Stopwatch::start());
        }
        due
    }

    fn with_pacing<T>(&self, channel: &WhatsApp, f: impl FnOnce(&mut Pacing) -> T) -> T {
        let mut all = self.pacing.lock().unwrap_or_else(PoisonError::into_inner);
        f(all.entry(channel.id).or_insert_with(|| Pacing::new(channel.throughput())))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<OutboxId, (ChannelId, Time)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn still_held(&self, now: Time) -> HashMap<OutboxId, (ChannelId, Time)> {
        let mut held = self.held();
        held.retain(|_, (_, until)| *until > now);
        held.clone()
    }

    /// Passes over a row until a moment; how long that is.
    fn hold(&self, row: &OutboxRow, until: Time, now: Time) -> Duration {
        self.held().insert(row.id, (row.channel_id, until));
        until.since(now).max(GATHER)
    }

    /// Few at once and each file once; what has to wait is met again when one of them ends.
    fn begin_upload(
        self: &Arc<Self>,
        channel: &Arc<WhatsApp>,
        row: OutboxRow,
        key: store::UploadKey,
        media: base::message::Media,
    ) {
        if self.uploads.len() >= UPLOADS || self.ws.db.ensure_room().is_err() {
            return;
        }
        let Some(flight) = self.uploads.take(key.sha256.clone()) else { return };
        let (sender, channel) = (self.clone(), channel.clone());
        base::task::spawn("upload", async move {
            let _flight = flight;
            let id = row.id;
            let handed = sender.hand_over(&channel, row, key, media).await;
            sender.held().remove(&id);
            if let Err(e) = handed {
                tracing::error!(error = ?e, "the fate of a file could not be written down");
                // Not over and over again: the file would travel each time.
                tokio::time::sleep(IDLE).await;
            }
        });
    }

    /// Takes a place under the number's and the customer's limits; else tells when there will be one.
    fn allowed_at(&self, channel: &WhatsApp, to: &Recipient, now: Time) -> Option<Time> {
        self.with_pacing(channel, |pacing| {
            let at = pacing.next_allowed(to, now);
            if at > now {
                return Some(at);
            }
            pacing.sent(to, now);
            None
        })
    }

    /// Durable before a request leaves: from here on a crash leaves the row in doubt, never silently repeated.
    async fn launch(self: Arc<Self>, leaving: Vec<Leaving>, now: Time) -> Result<()> {
        let rows: Vec<_> = leaving
            .iter()
            .map(|l| (l.ready.row.id, l.ready.row.message_id, matches!(l.ready.to, Recipient::UserId(_))))
            .collect();
        let begin = move |tx: &Tx<'_>| {
            let begin = |(id, message, to_user)| {
                let begun = store::begin(tx, id, now, to_user)?;
                if begun {
                    conversations::store::set_status(tx, message, MessageStatus::Sending, None, None)?;
                }
                Ok(begun)
            };
            rows.into_iter().map(begin).collect::<Result<Vec<bool>>>()
        };
        let begun = self.ws.db.write(begin).await?;
        for (Leaving { channel, ready, slot, flight }, _) in leaving.into_iter().zip(begun).filter(|(_, begun)| *begun)
        {
            let sender = self.clone();
            base::task::spawn("send", async move {
                let _flight = flight;
                sender.send(&channel, ready, slot).await;
            });
        }
        Ok(())
    }

    async fn send(&self, channel: &WhatsApp, ready: Ready, slot: OwnedSemaphorePermit) {
        let Ready { row, message, to, file, template } = ready;
        let encoded = wire_content(&row, &message, &file, template.as_ref()).and_then(|content| {
            channels::whatsapp::outbound::encode(&to, &content, &row.id.to_string(), message.replied_to.as_deref())
        });
        let body = match encoded {
            Ok(body) => body,
            Err(e) => {
                let error = problem(&e.message);
                return self.write_down(row, move |tx, row| mark_failed(tx, row, &error)).await;
            }
        };
        let outcome = channel.graph.send(&channel.phone_number_id, &body).await;
        drop(slot);
        let now = self.ws.clock.now();
        metrics::counter!("outbox_sends_total", "outcome" => outcome_label(&outcome)).increment(1);
        match outcome {
            SendOutcome::Accepted { wamid, .. } => {
                self.write_down(row, move |tx, row| mark_accepted(tx, row, &wamid)).await;
            }
            SendOutcome::Unknown { .. } => {
                // The provider's word may find no way to us either.
                self.ws.address.look_again();
                let clock = self.ws.clock.clone();
                self.write_down(row, move |tx, row| mark_in_doubt(tx, row, clock.now())).await;
            }
            SendOutcome::NotSent { .. } => {
                let error = problem("WhatsApp could not be reached. It is tried again by itself.");
                let next = now.plus(back_off(row.attempts + 1));
                self.unreached.note(row.id, next, now);
                self.write_down(row, move |tx, row| requeue(tx, row, &[State::Sending], next, Some(&error))).await;
            }
            SendOutcome::Refused { class, code, details } => {
                if let File::Ready(key, upload) = file
                    && class == Class::Request
                    && now.since(upload.uploaded_at) > STALE_UPLOAD
                {
                    // Meta may have forgotten the file; it is handed over anew, once, for then it is fresh.
                    let again = move |tx: &Tx<'_>, row: &OutboxRow| {
                        store::forget_upload(tx, &key)?;
                        requeue(tx, row, &[State::Sending], now, None)
                    };
                    return self.write_down(row, again).await;
                }
                let refusal = Refusal::of(&GraphError::of(code, &details));
                let ws = self.ws.clone();
                self.write_down(row, move |tx, row| refuse(tx, &ws, row, &[State::Sending], &refusal)).await;
                if matches!(class.action(), Action::StopChannel | Action::DisableTemplate) {
                    self.ws.channels.forget();
                }
            }
        }
    }

    /// Writes down what became of a row, again and again while it cannot be written (a full disk, say): as long as this
    /// program knows the answer, the message need not come into doubt. After the lease it is left to the next look.
    async fn write_down<F>(&self, row: OutboxRow, f: F)
    where
        F: Fn(&Tx<'_>, &OutboxRow) -> Result<()> + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        let watch = Stopwatch::start();
        let mut pause = Duration::from_millis(50);
        loop {
            let (f, again) = (f.clone(), row.clone());
            // Nobody waits for it: it shares its commit with whatever else there is.
            let Err(e) = self.ws.db.write_in_background(move |tx| f(tx, &again)).await else { return };
            tracing::error!(error = ?e, outbox = %row.id, "the fate of a message could not be written down");
            if watch.elapsed() + pause > LEASE {
                return;
            }
            tokio::select! {
                () = self.ws.closing.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }
}

/// What leaves: the message with its file as the provider knows it, or the template in its place.
fn wire_content(
    row: &OutboxRow,
    message: &MessageRow,
    file: &File,
    template: Option<&FallbackTemplate>,
) -> Result<Content> {
    if row.as_template {
        return refusal::template(template, &message.content);
    }
    let mut content = message.content.clone();
    if let (Some(media), File::Ready(_, upload)) = (media::file_of_mut(&mut content), file) {
        media.provider_id = Some(upload.provider_id.clone());
    }
    Ok(content)
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
pub(super) fn back_off(attempts: u32) -> Duration {
    let base = Duration::from_secs(1).saturating_mul(2u32.saturating_pow(attempts.min(9).saturating_sub(1)));
    base.min(Duration::from_secs(300)).mul_f64(0.75 + base::random::fraction() * 0.5)
}
