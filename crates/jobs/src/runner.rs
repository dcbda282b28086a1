//! The runner: claims due jobs, starts their handlers, and writes down what came of them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::id::{JobId, Uuid};
use base::{Clock, Error, Result, Time};
use db::Db;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::registry::Registry;
use crate::store::{self, Claimed, JobInfo, ListQuery, State, Stats};
use crate::tick::{self, Ended, Room, Tick, Ticked};
use crate::work::{self, GRACE, Stop};

const LEASE: Duration = Duration::from_secs(60);
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Timers stand still while a laptop sleeps, so the clock is looked at this often.
const LONGEST_NAP: Duration = Duration::from_secs(15);
const AFTER_FAILED_WRITE: Duration = Duration::from_secs(1);
/// How long running jobs may go on after a shutdown began, before they are asked to stop.
const DRAIN: Duration = Duration::from_secs(10);
const RETENTION: Duration = Duration::from_secs(7 * 86_400);
/// More jobs than this in one [`Runner::run_due`] means that they call each other for ever.
const RUN_DUE_LIMIT: usize = 10_000;

/// Runs the jobs of one database file. Cheap to clone. There must be one per file: what another one left unfinished
/// is taken over at the start.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    registry: Registry,
    owner: Uuid,
    slots: Mutex<Slots>,
    ended: mpsc::UnboundedSender<Ended>,
    ended_queue: Mutex<Option<mpsc::UnboundedReceiver<Ended>>>,
    adopted: AtomicBool,
    stopping: CancellationToken,
    stopped: CancellationToken,
    power_cut: CancellationToken,
}

#[derive(Default)]
struct Slots {
    running: HashMap<JobId, Running>,
    queues: HashMap<String, QueueUse>,
    /// Cancelled between being claimed and being started.
    cancelled_early: HashSet<JobId>,
}

struct Running {
    queue: String,
    cancel: CancellationToken,
    stop: Option<Stop>,
}

struct QueueUse {
    running: usize,
    /// Starts that the rate still allows, refilled as time passes.
    tokens: f64,
    refilled: Time,
}

impl Runner {
    pub fn new(db: Db, clock: Clock, registry: Registry) -> Runner {
        // Bounded by the number of running jobs, which the limits of the queues bound.
        let (ended, ended_queue) = mpsc::unbounded_channel();
        Runner(Arc::new(Inner {
            db,
            clock,
            registry,
            owner: base::id::fresh(),
            slots: Mutex::default(),
            ended,
            ended_queue: Mutex::new(Some(ended_queue)),
            adopted: AtomicBool::new(false),
            stopping: CancellationToken::new(),
            stopped: CancellationToken::new(),
            power_cut: CancellationToken::new(),
        }))
    }

    /// Starts to work in the background, first on what the last run of the program left unfinished. Call it once.
    pub fn start(&self) {
        let queue = self.0.ended_queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(queue) = queue {
            // Subscribed here, so that nothing committed after this call is missed.
            let changes = self.0.db.changes();
            let inner = self.0.clone();
            base::task::spawn("jobs", async move {
                inner.clone().drive(queue, changes).await;
                inner.stopped.cancel();
            });
        }
    }

    /// Starts nothing new and waits for what runs: 10 seconds, then the handlers are asked to stop and given 5 more.
    /// What is still unfinished goes back into the queue and counts no attempt.
    pub async fn shutdown(&self) {
        self.0.stopping.cancel();
        let never_started = self.0.ended_queue.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if never_started || tokio::time::timeout(DRAIN, self.0.stopped.cancelled()).await.is_ok() {
            return;
        }
        for running in self.0.slots().running.values_mut() {
            running.stop.get_or_insert(Stop::Shutdown);
            running.cancel.cancel();
        }
        if tokio::time::timeout(GRACE * 2, self.0.stopped.cancelled()).await.is_err() {
            tracing::error!("some work did not stop in time; it goes on after the next start");
        }
    }

    /// Stops at once and writes nothing down, as a power cut would. For crash tests.
    pub fn power_cut(&self) {
        self.0.power_cut.cancel();
    }

    /// Runs, one after the other, everything that is due now and whatever that makes due, in the order of priority,
    /// due time and age; limits of concurrency and rate do not apply. Returns how many ran. For tests, and for work
    /// that must be through before going on.
    pub async fn run_due(&self) -> Result<usize> {
        let inner = &self.0;
        let owner = inner.owner;
        if !inner.adopted.swap(true, Ordering::SeqCst) {
            let now = inner.clock.now();
            inner.db.write(move |tx| store::reclaim_others(tx, now, owner)).await?;
        }
        for count in 0..RUN_DUE_LIMIT {
            let now = inner.clock.now();
            let claimed = inner
                .db
                .write(move |tx| {
                    tick::fire_schedules(tx, now)?;
                    store::claim_first(tx, now, owner, now.plus(LEASE))
                })
                .await?;
            let Some(claimed) = claimed else { return Ok(count) };
            let ended = tokio::select! {
                () = inner.power_cut.cancelled() => return Err(Error::cancelled()),
                ended = inner.run_one(claimed) => ended,
            };
            let now = inner.clock.now();
            inner.db.write(move |tx| tick::write_down(tx, now, owner, &ended)).await?;
        }
        Err(Error::internal(format!("more than {RUN_DUE_LIMIT} jobs were due at once")))
    }

    /// Starts nothing more from this queue until [`Runner::resume`], also after a restart. What runs goes on.
    pub async fn pause(&self, queue: &str) -> Result<()> {
        let queue = queue.to_owned();
        self.0.db.write(move |tx| store::set_paused(tx, &queue, true)).await
    }

    pub async fn resume(&self, queue: &str) -> Result<()> {
        let queue = queue.to_owned();
        self.0.db.write(move |tx| store::set_paused(tx, &queue, false)).await
    }

    /// Cancels a job: at once when it is queued, as soon as its handler ends when it runs. One that has ended stays
    /// as it is.
    pub async fn cancel(&self, id: JobId) -> Result<()> {
        let now = self.0.clock.now();
        if self.0.db.write(move |tx| store::cancel(tx, now, id)).await? == State::Running {
            let mut slots = self.0.slots();
            match slots.running.get_mut(&id) {
                Some(running) => {
                    running.stop.get_or_insert(Stop::Person);
                    running.cancel.cancel();
                }
                None => {
                    if slots.cancelled_early.len() > 1000 {
                        slots.cancelled_early.clear();
                    }
                    slots.cancelled_early.insert(id);
                }
            }
        }
        Ok(())
    }

    /// Starts a dead or cancelled job anew, with all its attempts.
    pub async fn retry(&self, id: JobId) -> Result<()> {
        let now = self.0.clock.now();
        self.0.db.write(move |tx| store::retry(tx, now, id)).await
    }

    pub async fn get(&self, id: JobId) -> Result<JobInfo> {
        self.0.db.read(move |c| store::get(c, id)).await
    }

    pub async fn list(&self, query: ListQuery) -> Result<Vec<JobInfo>> {
        self.0.db.read(move |c| store::list(c, query)).await
    }

    /// Counts by queue and state, and the age of the oldest job that is due.
    pub async fn stats(&self) -> Result<Stats> {
        let now = self.0.clock.now();
        self.0.db.read(move |c| store::stats(c, now)).await
    }

    /// Deletes what ended more than 7 days before `now`, a little at a time. Returns how many.
    pub async fn purge_old(&self, now: Time) -> Result<usize> {
        let before = now.minus(RETENTION);
        let mut total = 0;
        loop {
            let count = self.0.db.write(move |tx| store::purge(tx, before)).await?;
            total += count;
            if count == 0 {
                return Ok(total);
            }
        }
    }
}

impl Inner {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The loop. One write transaction is under way at a time; what ends meanwhile is written down by the next one.
    async fn drive(
        self: Arc<Self>,
        mut queue: mpsc::UnboundedReceiver<Ended>,
        mut changes: broadcast::Receiver<Arc<[db::Tag]>>,
    ) {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ended = Vec::new();
        let mut renew = true;
        loop {
            let stopping = self.stopping.is_cancelled();
            let idle = self.slots().running.is_empty();
            while let Ok(one) = queue.try_recv() {
                ended.push(one);
            }
            if stopping && idle && ended.is_empty() {
                return;
            }
            let mut nap = LONGEST_NAP;
            if !stopping || renew || !ended.is_empty() {
                let tick = self.tick(&ended, renew, stopping);
                let written = tokio::select! {
                    () = self.power_cut.cancelled() => return,
                    written = self.db.write(move |tx| tick::run(tx, &tick)) => written,
                };
                match written {
                    Ok(ticked) => {
                        self.adopted.store(true, Ordering::SeqCst);
                        ended.clear();
                        renew = false;
                        nap = self.nap(&ticked);
                        let more = ticked.more;
                        self.begin(ticked);
                        // While stopping, look again whether that was all.
                        if more || stopping {
                            continue;
                        }
                    }
                    Err(e) => {
                        tracing::error!(error = ?e, "the job queue could not be written; trying again");
                        nap = AFTER_FAILED_WRITE;
                    }
                }
            }
            tokio::select! {
                biased;
                () = self.power_cut.cancelled() => return,
                () = self.stopping.cancelled(), if !stopping => {}
                one = queue.recv() => ended.extend(one),
                open = announced(&mut changes) => if !open { return },
                _ = heartbeat.tick() => renew = true,
                () = tokio::time::sleep(nap) => {}
            }
        }
    }

    fn tick(&self, ended: &[Ended], renew: bool, stopping: bool) -> Tick {
        let now = self.clock.now();
        metrics::counter!("jobs_transactions_total").increment(1);
        Tick {
            now,
            owner: self.owner,
            lease_until: now.plus(LEASE),
            ended: ended.to_vec(),
            renew: renew.then(|| self.slots().running.keys().copied().collect()),
            adopt: !self.adopted.load(Ordering::SeqCst),
            room: (!stopping).then(|| self.room(now)),
        }
    }

    /// How many jobs of each queue may be started now.
    fn room(&self, now: Time) -> Room {
        let mut slots = self.slots();
        let mut room = Room { known: HashMap::new(), others: self.registry.limits("").concurrency };
        for name in self.registry.queue_names() {
            slots.queues.entry(name.clone()).or_insert_with(|| QueueUse::new(now));
        }
        for (name, usage) in &mut slots.queues {
            let limits = self.registry.limits(name);
            let mut free = limits.concurrency.saturating_sub(usage.running);
            if let Some(per_second) = limits.per_second {
                free = free.min(usage.refill(per_second, now));
            }
            room.known.insert(name.clone(), free);
        }
        room
    }

    /// How long to sleep until something falls due or a rate allows the next start.
    fn nap(&self, ticked: &Ticked) -> Duration {
        let mut nap = LONGEST_NAP;
        if let Some(due) = ticked.next_due {
            nap = nap.min(due.since(self.clock.now()));
        }
        let slots = self.slots();
        for name in &ticked.crowded {
            let limits = self.registry.limits(name);
            if let (Some(per_second), Some(usage)) = (limits.per_second, slots.queues.get(name))
                && usage.running < limits.concurrency
            {
                let missing = (1.0 - usage.tokens).clamp(0.0, 1.0);
                nap = nap.min(Duration::from_secs_f64((missing / per_second.max(0.001)).min(15.0)));
            }
        }
        // Not below a millisecond, so that rounding cannot keep a processor busy.
        nap.max(Duration::from_millis(1))
    }

    /// Starts what was claimed and stops what was lost.
    fn begin(self: &Arc<Self>, ticked: Ticked) {
        for id in ticked.lost {
            if let Some(running) = self.slots().running.get_mut(&id) {
                running.stop = Some(Stop::Lost);
                running.cancel.cancel();
            }
        }
        for claimed in ticked.claimed {
            let inner = self.clone();
            let cancel = self.occupy(&claimed);
            base::task::spawn("job", async move {
                tokio::select! {
                    () = inner.power_cut.cancelled() => {}
                    worked = work::run(&inner.registry, &inner.clock, inner.owner, &claimed, cancel) => {
                        let mut slots = inner.slots();
                        let ended = inner.vacate(&mut slots, worked, &claimed);
                        // Sent before the lock is released: an idle runner has nothing unsent.
                        let _ = inner.ended.send(ended);
                    }
                }
            });
        }
    }

    /// Runs a claimed job where it stands.
    async fn run_one(&self, claimed: Claimed) -> Ended {
        let cancel = self.occupy(&claimed);
        let worked = work::run(&self.registry, &self.clock, self.owner, &claimed, cancel).await;
        self.vacate(&mut self.slots(), worked, &claimed)
    }

    fn occupy(&self, claimed: &Claimed) -> CancellationToken {
        let cancel = CancellationToken::new();
        let mut slots = self.slots();
        let stop = slots.cancelled_early.remove(&claimed.id).then_some(Stop::Person);
        if stop.is_some() {
            cancel.cancel();
        }
        let now = self.clock.now();
        let usage = slots.queues.entry(claimed.queue.clone()).or_insert_with(|| QueueUse::new(now));
        usage.running += 1;
        usage.tokens -= 1.0;
        slots.running.insert(claimed.id, Running { queue: claimed.queue.clone(), cancel: cancel.clone(), stop });
        cancel
    }

    fn vacate(&self, slots: &mut Slots, worked: work::Worked, claimed: &Claimed) -> Ended {
        let running = slots.running.remove(&claimed.id);
        if let Some(usage) = running.as_ref().and_then(|r| slots.queues.get_mut(&r.queue)) {
            usage.running = usage.running.saturating_sub(1);
        }
        let stop = running.and_then(|r| r.stop);
        Ended { id: claimed.id, verdict: work::judge(worked, claimed, stop, self.clock.now()) }
    }
}

impl QueueUse {
    fn new(now: Time) -> Self {
        Self { running: 0, tokens: 1.0, refilled: now }
    }

    /// Adds what the time since the last call allows, up to one second's worth; how many may start now.
    fn refill(&mut self, per_second: f64, now: Time) -> usize {
        let gained = now.since(self.refilled).as_secs_f64() * per_second;
        self.tokens = (self.tokens + gained).min(per_second.max(1.0));
        self.refilled = now;
        // A hair above, so that a sum of fractions that should be 1 counts as 1.
        (self.tokens + 1e-6).max(0.0) as usize
    }
}

/// Resolves when a job became ready; false when the database is closed.
async fn announced(changes: &mut broadcast::Receiver<Arc<[db::Tag]>>) -> bool {
    loop {
        match changes.recv().await {
            Ok(tags) if tags.iter().any(|tag| tag == crate::TAG) => return true,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}
