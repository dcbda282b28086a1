//! Running one handler: catches its panics, bounds its time, stops it when asked, and judges its outcome.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::id::Uuid;
use base::{Clock, Error, Stopwatch, Time, random};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::job::{Context, Job, Outcome};
use crate::registry::Registry;
use crate::store::Claimed;
use crate::tick::Verdict;

/// How long a handler has to end after its token fired.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// Why a running job was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Person,
    Shutdown,
    /// Another run of the program has the job now.
    Lost,
}

pub(crate) struct Worked {
    pub(crate) outcome: Outcome,
    /// The handler marked the job done itself.
    pub(crate) completed: bool,
}

/// Runs the handler of a claimed job to its end.
pub(crate) async fn run(
    registry: &Registry,
    clock: &Clock,
    owner: Uuid,
    claimed: &Claimed,
    cancel: CancellationToken,
) -> Worked {
    let watch = Stopwatch::start();
    let waited = clock.now().since(claimed.run_at);
    metrics::histogram!("jobs_wait_seconds", "queue" => claimed.queue.clone()).record(waited.as_secs_f64());
    let completed = Arc::new(AtomicBool::new(false));
    let span = tracing::info_span!("job", kind = claimed.kind, id = %claimed.id, attempt = claimed.attempt);
    let outcome = handle(registry, clock, owner, claimed, cancel, completed.clone()).instrument(span.clone()).await;
    let name = match &outcome {
        Outcome::Done => "done",
        Outcome::Retry { .. } => "retry",
        Outcome::Fail(_) => "fail",
        Outcome::Wait { .. } => "wait",
    };
    if let Outcome::Retry { why, .. } | Outcome::Fail(why) = &outcome {
        span.in_scope(|| tracing::warn!(error = ?why, outcome = name, "a job failed"));
    }
    metrics::histogram!("jobs_run_seconds", "kind" => claimed.kind.clone()).record(watch.elapsed().as_secs_f64());
    metrics::counter!("jobs_ended_total", "kind" => claimed.kind.clone(), "outcome" => name).increment(1);
    Worked { outcome, completed: completed.load(Ordering::SeqCst) }
}

async fn handle(
    registry: &Registry,
    clock: &Clock,
    owner: Uuid,
    claimed: &Claimed,
    cancel: CancellationToken,
    completed: Arc<AtomicBool>,
) -> Outcome {
    let Some((handler, limit)) = registry.find(&claimed.kind) else {
        return Outcome::Fail(
            Error::unavailable("This version of the program does not know this kind of work.")
                .with_cause(format!("no handler for {}", claimed.kind)),
        );
    };
    let payload = match serde_json::from_str(&claimed.payload) {
        Ok(payload) => payload,
        Err(e) => return Outcome::Fail(e.into()),
    };
    let job = Job {
        id: claimed.id,
        kind: claimed.kind.clone(),
        attempt: claimed.attempt,
        max_attempts: claimed.max_attempts,
        payload,
    };
    let context = Context { job, cancel: cancel.clone(), owner, clock: clock.clone(), completed };
    let work = AssertUnwindSafe(handler(context)).catch_unwind();
    tokio::select! {
        biased;
        outcome = work => outcome.unwrap_or_else(|_| Outcome::retry(Error::internal("the handler panicked"))),
        () = after_grace(&cancel) => Outcome::retry(Error::cancelled()),
        () = tokio::time::sleep(limit) => {
            cancel.cancel();
            Outcome::retry(Error::timeout("This took too long and was stopped."))
        }
    }
}

async fn after_grace(cancel: &CancellationToken) {
    cancel.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

/// What is written down for an outcome.
pub(crate) fn judge(worked: Worked, claimed: &Claimed, stop: Option<Stop>, now: Time) -> Verdict {
    if stop == Some(Stop::Lost) {
        return Verdict::Nothing;
    }
    match (worked.outcome, stop) {
        (Outcome::Done, _) if worked.completed => Verdict::Nothing,
        (Outcome::Done, _) => Verdict::Done,
        (_, Some(Stop::Person)) => Verdict::Cancelled,
        (_, Some(Stop::Shutdown)) => Verdict::Again { run_at: now, refund: true, error: None },
        // At least a millisecond on, so that waiting for a moment that has passed cannot go round in circles.
        (Outcome::Wait { until }, _) => {
            Verdict::Again { run_at: until.max(now.plus(Duration::from_millis(1))), refund: true, error: None }
        }
        (Outcome::Fail(why), _) => Verdict::Dead(why.message),
        (Outcome::Retry { why, .. }, _) if claimed.attempt >= claimed.max_attempts => Verdict::Dead(why.message),
        (Outcome::Retry { after, why }, _) => {
            let pause = after.unwrap_or_else(|| pause(claimed.attempt, random::fraction()));
            Verdict::Again { run_at: now.plus(pause), refund: false, error: Some(why.message) }
        }
    }
}

/// Doubles with every attempt; `jitter` in `0.0..1.0` spreads it by a quarter either way, so that jobs that failed
/// together do not come back together.
pub(crate) fn pause(attempt: u32, jitter: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(20));
    doubled.min(LONGEST_PAUSE).mul_f64(0.75 + jitter / 2.0)
}
