//! The writer thread: runs the transactions of one file, many in one commit, what somebody waits for before the rest.

use std::any::Any;
use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base::{Error, Result, Stopwatch};
use rusqlite::Connection;
use tokio::sync::{broadcast, mpsc, oneshot};

/// Names something that a transaction changed, such as `conversations` or `conversation:<id>`.
pub type Tag = Cow<'static, str>;

/// A batch closes after this many jobs or this long, whichever comes first, so that the first caller is not kept waiting.
const BATCH_JOBS: usize = 512;
const BATCH_TIME: Duration = Duration::from_millis(20);
/// Under load, a batch that nobody waits for stays open this long for more of its kind: each commit writes every page it
/// touched, and work of one kind touches the same ones.
const LINGER: Duration = Duration::from_millis(3);
/// While somebody waits, work in the background gets this part of the writer's time: one in so many.
const BACKGROUND_SHARE: u32 = 4;
/// Callers wait here when the disk cannot keep up; memory stays bounded.
const QUEUE: usize = 4096;
/// The log is copied into the file by force when it has grown past this.
const WAL_LIMIT_BYTES: u64 = 32 << 20;
const CHECK_WAL_EVERY: u64 = 64;

/// A transaction under way. Dereferences to the connection.
pub struct Tx<'a> {
    connection: &'a Connection,
    tags: RefCell<Vec<Tag>>,
}

impl Tx<'_> {
    /// Announces a change; it is told to listeners once the transaction is durable.
    pub fn publish(&self, tag: impl Into<Tag>) {
        let tag = tag.into();
        let mut tags = self.tags.borrow_mut();
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

type Answer = Box<dyn FnOnce(std::result::Result<(), String>) + Send>;

/// What a job came to: whether to keep its changes, and how to tell its caller once the commit is known.
struct Ran {
    keep: bool,
    answer: Answer,
}

enum Job {
    Write(Box<dyn FnOnce(&Tx<'_>) -> Ran + Send>),
    Maintain(oneshot::Sender<Result<()>>),
}

/// Who waits for a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A person or a provider.
    Front,
    /// Nobody in particular: it gives way.
    Background,
}

pub(crate) struct Writer {
    front: mpsc::Sender<Job>,
    background: mpsc::Sender<Job>,
}

impl Writer {
    pub(crate) fn spawn(
        connection: Connection,
        path: PathBuf,
        changes: broadcast::Sender<Arc<[Tag]>>,
    ) -> Result<Writer> {
        let (front, front_jobs) = mpsc::channel(QUEUE);
        let (background, background_jobs) = mpsc::channel(QUEUE);
        let wait = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let jobs = Jobs { front: front_jobs, background: background_jobs, wait };
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || Thread { connection, path, changes, commits: 0, rested: None }.run(jobs))?;
        Ok(Writer { front, background })
    }

    pub(crate) async fn call<T, F>(&self, lane: Lane, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, answer) = job(f);
        let queue = match lane {
            Lane::Front => &self.front,
            Lane::Background => &self.background,
        };
        queue.send(job).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    pub(crate) fn call_blocking<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, answer) = job(f);
        self.front.blocking_send(job).map_err(|_| closed())?;
        answer.blocking_recv().map_err(|_| closed())?
    }

    pub(crate) async fn maintain(&self) -> Result<()> {
        let (tell, answer) = oneshot::channel();
        self.front.send(Job::Maintain(tell)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn closed() -> Error {
    Error::unavailable("The program is shutting down. Please try again in a moment.")
}

fn job<T, F>(f: F) -> (Job, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
{
    let (tell, answer) = oneshot::channel();
    let work = Box::new(move |tx: &Tx<'_>| {
        let result =
            catch_unwind(AssertUnwindSafe(|| f(tx))).unwrap_or_else(|panic| Err(Error::internal(panic_text(&*panic))));
        Ran {
            keep: result.is_ok(),
            answer: Box::new(move |commit| {
                let _ = tell.send(result.and_then(|value| match commit {
                    Ok(()) => Ok(value),
                    Err(cause) => Err(Error::internal(cause)),
                }));
            }),
        }
    });
    (Job::Write(work), answer)
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a transaction panicked: {}", text.unwrap_or("no message"))
}

struct Jobs {
    front: mpsc::Receiver<Job>,
    background: mpsc::Receiver<Job>,
    /// Waits for both queues at once.
    wait: tokio::runtime::Runtime,
}

impl Jobs {
    /// Waits for a job; nothing when nobody can send one any more.
    fn wait(&mut self) -> Option<(Lane, Job)> {
        self.wait.block_on(async {
            tokio::select! {
                biased;
                Some(job) = self.front.recv() => Some((Lane::Front, job)),
                Some(job) = self.background.recv() => Some((Lane::Background, job)),
                else => None,
            }
        })
    }

    /// The same, but no longer than this.
    fn wait_at_most(&mut self, limit: Duration) -> Option<(Lane, Job)> {
        self.wait.block_on(async {
            tokio::select! {
                biased;
                Some(job) = self.front.recv() => Some((Lane::Front, job)),
                Some(job) = self.background.recv() => Some((Lane::Background, job)),
                () = tokio::time::sleep(limit) => None,
            }
        })
    }

    /// A job that waits already. One of the background only when `background` allows.
    fn next(&mut self, background: bool) -> Option<(Lane, Job)> {
        if let Ok(job) = self.front.try_recv() {
            return Some((Lane::Front, job));
        }
        let job = if background { self.background.try_recv().ok() } else { None };
        job.map(|job| (Lane::Background, job))
    }
}

struct Thread {
    connection: Connection,
    path: PathBuf,
    changes: broadcast::Sender<Arc<[Tag]>>,
    commits: u64,
    /// Since the end of the latest batch.
    rested: Option<Stopwatch>,
}

impl Thread {
    fn run(mut self, mut jobs: Jobs) {
        while let Some((lane, job)) = jobs.wait() {
            match job {
                Job::Write(work) => {
                    if let Some(tell) = self.batch(lane, work, &mut jobs) {
                        let _ = tell.send(self.maintain());
                    }
                }
                Job::Maintain(tell) => {
                    let _ = tell.send(self.maintain());
                }
            }
        }
        // The last owner is gone: leave a file without a log behind.
        let _ = self.connection.execute_batch("pragma wal_checkpoint(truncate)");
    }

    /// Runs `first` and whatever else is waiting in one transaction. Returns a request for maintenance met on the way.
    fn batch(
        &mut self,
        lane: Lane,
        first: Box<dyn FnOnce(&Tx<'_>) -> Ran + Send>,
        jobs: &mut Jobs,
    ) -> Option<oneshot::Sender<Result<()>>> {
        let watch = Stopwatch::start();
        let busy = self.rested.is_some_and(|since| since.elapsed() < LINGER);
        let tx = Tx { connection: &self.connection, tags: RefCell::default() };
        let begun = self.execute("begin immediate");
        let mut answers = Vec::new();
        let mut maintain = None;
        let mut next = Some((lane, first));
        let mut somebody_waits = false;
        let mut in_background = Duration::ZERO;
        while let Some((lane, work)) = next.take() {
            somebody_waits |= lane == Lane::Front;
            let before = watch.elapsed();
            answers.push(match &begun {
                Ok(()) => self.one(&tx, work),
                Err(_) => refuse(work),
            });
            let elapsed = watch.elapsed();
            if lane == Lane::Background {
                in_background += elapsed - before;
            }
            if answers.len() >= BATCH_JOBS || elapsed >= BATCH_TIME {
                break;
            }
            let mut more = jobs.next(!somebody_waits || in_background * BACKGROUND_SHARE < elapsed);
            if more.is_none() && busy && !somebody_waits && elapsed < LINGER {
                more = jobs.wait_at_most(LINGER - elapsed);
            }
            match more {
                Some((lane, Job::Write(work))) => next = Some((lane, work)),
                Some((_, Job::Maintain(tell))) => maintain = Some(tell),
                None => {}
            }
        }
        let committed = begun.and_then(|()| self.execute("commit")).map_err(|e| {
            let _ = self.execute("rollback");
            tracing::error!(error = %e, path = %self.path.display(), "a commit failed");
            e.to_string()
        });
        metrics::histogram!("db_commit_seconds").record(watch.elapsed().as_secs_f64());
        metrics::counter!("db_transactions_total").increment(answers.len() as u64);
        let tags = tx.tags.into_inner();
        let durable = committed.is_ok();
        for answer in answers {
            answer(committed.clone());
        }
        if durable && !tags.is_empty() {
            let _ = self.changes.send(tags.into());
        }
        self.rested = Some(Stopwatch::start());
        self.commits += 1;
        if self.commits.is_multiple_of(CHECK_WAL_EVERY) && self.wal_bytes() > WAL_LIMIT_BYTES {
            let _ = self.connection.execute_batch("pragma wal_checkpoint(truncate)");
        }
        maintain
    }

    /// Runs one job in its own savepoint, so that its failure takes back its own changes only.
    fn one(&self, tx: &Tx<'_>, work: Box<dyn FnOnce(&Tx<'_>) -> Ran + Send>) -> Answer {
        if let Err(e) = self.execute("savepoint job") {
            tracing::error!(error = %e, "a savepoint could not be opened");
            return refuse(work);
        }
        let tags_before = tx.tags.borrow().len();
        let ran = work(tx);
        let closed = if ran.keep {
            self.execute("release job")
        } else {
            tx.tags.borrow_mut().truncate(tags_before);
            self.execute("rollback to job").and_then(|()| self.execute("release job"))
        };
        match closed {
            Ok(()) => ran.answer,
            Err(e) => {
                let cause = e.to_string();
                Box::new(move |_| (ran.answer)(Err(cause)))
            }
        }
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    fn wal_bytes(&self) -> u64 {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        std::fs::metadata(name).map_or(0, |m| m.len())
    }

    fn maintain(&self) -> Result<()> {
        self.connection.execute_batch("pragma wal_checkpoint(truncate); pragma incremental_vacuum(512);")?;
        self.connection.execute_batch("pragma optimize;")?;
        Ok(())
    }
}

/// The transaction could not begin: the job never ran, and its caller hears so.
fn refuse(work: Box<dyn FnOnce(&Tx<'_>) -> Ran + Send>) -> Answer {
    // Dropping the job drops the caller's channel, which the caller reads as "shutting down, try again".
    drop(work);
    Box::new(|_| {})
}
