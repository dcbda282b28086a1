//! What a job is: how it is asked for, what its handler gets and what it may come to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::id::{JobId, Uuid};
use base::{Clock, Error, ErrorCode, Result, Time};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::store;

/// Payloads name things; the things themselves belong in their own tables.
const MAX_PAYLOAD_BYTES: usize = 1 << 20;
const MAX_KEY_BYTES: usize = 500;
const DEFAULT_ATTEMPTS: u32 = 8;

/// Within a queue, a higher priority always goes first. Work that may take long belongs in its own queue.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Critical,
    High,
    #[default]
    Normal,
    Low,
}

/// A job to be enqueued.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub kind: &'static str,
    pub queue: &'static str,
    pub payload: serde_json::Value,
    pub priority: Priority,
    /// Not before this time; now when absent.
    pub run_at: Option<Time>,
    /// At most one job of this kind with this key is queued or running. See [`enqueue`].
    pub dedupe_key: Option<String>,
    /// Starts until the job is given up and kept as dead.
    pub max_attempts: u32,
}

impl NewJob {
    /// A job of normal priority, due now, with 8 attempts. The payload is kept as JSON of at most 1 MiB.
    pub fn new(kind: &'static str, queue: &'static str, payload: impl Serialize) -> Result<Self> {
        let payload = serde_json::to_value(payload)?;
        Ok(Self {
            kind,
            queue,
            payload,
            priority: Priority::Normal,
            run_at: None,
            dedupe_key: None,
            max_attempts: DEFAULT_ATTEMPTS,
        })
    }

    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    pub fn run_at(mut self, at: Time) -> Self {
        self.run_at = Some(at);
        self
    }

    pub fn dedupe(mut self, key: impl Into<String>) -> Self {
        self.dedupe_key = Some(key.into());
        self
    }

    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }
}

/// Puts a job into the queue, inside the caller's transaction. Wakes the runner once that is committed.
///
/// With a dedupe key that is already queued or running, nothing new is queued and `None` comes back, but the work is
/// still sure to happen: a queued job is pulled forward to `run_at` (unless it is backing off after a failure), and a
/// running one, which may have read the state of things before this transaction, runs once more after it ends.
pub fn enqueue(tx: &db::Tx<'_>, now: Time, job: NewJob) -> Result<Option<JobId>> {
    let payload = job.payload.to_string();
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(Error::internal(format!("the payload of a {} job has {} bytes", job.kind, payload.len())));
    }
    if job.dedupe_key.as_ref().is_some_and(|key| key.len() > MAX_KEY_BYTES) {
        return Err(Error::internal(format!("the dedupe key of a {} job is too long", job.kind)));
    }
    store::insert(
        tx,
        now,
        &store::Insert {
            kind: job.kind,
            queue: job.queue,
            payload: &payload,
            priority: job.priority,
            run_at: job.run_at.unwrap_or(now),
            dedupe_key: job.dedupe_key.as_deref(),
            max_attempts: job.max_attempts.max(1),
        },
    )
}

/// What a handler's work came to.
#[derive(Debug)]
pub enum Outcome {
    Done,
    /// Counts an attempt. Without `after`, the pause doubles with every attempt, from 2 seconds to 10 minutes. When
    /// all attempts are used up, the job is kept as dead.
    Retry {
        after: Option<Duration>,
        why: Error,
    },
    /// Trying again would not help: the job is kept as dead until a person retries it.
    Fail(Error),
    /// Not yet: run again at this time. Counts no attempt.
    Wait {
        until: Time,
    },
}

impl Outcome {
    /// Tries again after the usual pause.
    pub fn retry(why: impl Into<Error>) -> Self {
        Outcome::Retry { after: None, why: why.into() }
    }
}

/// Errors that a repetition would meet again become `Fail`, all others `Retry`.
impl From<Result<()>> for Outcome {
    fn from(result: Result<()>) -> Self {
        match result {
            Ok(()) => Outcome::Done,
            Err(e) => match e.code {
                ErrorCode::Invalid
                | ErrorCode::Unauthorized
                | ErrorCode::Forbidden
                | ErrorCode::NotFound
                | ErrorCode::TooLarge
                | ErrorCode::Unsupported => Outcome::Fail(e),
                _ => Outcome::retry(e),
            },
        }
    }
}

/// A job under way.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    /// 1 on the first start.
    pub attempt: u32,
    pub max_attempts: u32,
    pub payload: serde_json::Value,
}

/// What a handler gets. The lease of the job is renewed by itself for as long as the handler runs.
#[derive(Clone)]
pub struct Context {
    pub job: Job,
    /// Fires when a person cancels the job or the program shuts down; the handler then has 5 seconds to end.
    pub cancel: CancellationToken,
    pub(crate) owner: Uuid,
    pub(crate) clock: Clock,
    pub(crate) completed: Arc<AtomicBool>,
}

impl Context {
    /// The payload as `T`. An error here is worth a [`Outcome::Fail`].
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.job.payload).map_err(|e| {
            Error::internal(format!("the payload of the {} job {} cannot be read: {e}", self.job.kind, self.job.id))
        })
    }

    /// Marks the job done inside the transaction of its effect, so that both last or neither does; return
    /// [`Outcome::Done`] afterwards. Spares a transaction, too. Fails, and so takes the effect back, when the job
    /// meanwhile belongs to another run of the program.
    pub fn complete(&self, tx: &db::Tx<'_>) -> Result<()> {
        if !store::complete(tx, self.clock.now(), self.job.id, self.owner)? {
            return Err(Error::conflict("This work was taken over meanwhile."));
        }
        self.completed.store(true, Ordering::SeqCst);
        Ok(())
    }
}
