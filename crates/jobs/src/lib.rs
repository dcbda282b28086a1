//! Durable background work: a queue and a scheduler inside a SQLite file; knows nothing of the product.
//!
//! [`enqueue`] a job inside the transaction that makes it necessary: either both last or neither does. A [`Runner`]
//! claims due jobs, runs the handler registered for their kind and writes down what came of it.
//!
//! **Every job runs at least once.** When the program dies after a handler did its work but before that was written
//! down, the job runs again after the next start. A handler whose effect is a write to the same file gets *exactly
//! once* by calling [`Context::complete`] inside the transaction of that effect; others must tolerate a repetition.

mod job;
mod registry;
mod runner;
mod schedule;
mod store;
mod tick;
mod work;

pub use job::{Context, Job, NewJob, Outcome, Priority, enqueue};
pub use registry::{QueueLimits, Registry};
pub use runner::Runner;
pub use schedule::{ScheduleInfo, next_run, put_schedule, remove_schedule, schedules};
pub use store::{JobInfo, ListQuery, QueueStats, State, Stats, count_due};

/// Published when a job became ready to run; the runner wakes by it.
pub const TAG: &str = "jobs";
/// Published when jobs started, finished or failed; for screens that show the queue.
pub const PROGRESS_TAG: &str = "jobs:progress";

#[cfg(test)]
mod tests;
