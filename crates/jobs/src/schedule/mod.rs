//! Schedules: cron expressions in a time zone that put a job into the queue. Runs that were missed fire once.

pub(crate) mod store;

use std::str::FromStr;

use base::{Error, Result, Time};
use rusqlite::Connection;
use serde::Serialize;

use crate::job::{NewJob, Priority};

/// A schedule as stored.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ScheduleInfo {
    pub name: String,
    pub cron: String,
    pub zone: String,
    pub kind: String,
    pub queue: String,
    pub priority: Priority,
    pub next_run: Time,
    pub last_run: Option<Time>,
}

/// The first time after `after` that the expression names in the zone (an IANA name, such as `Europe/Berlin`).
/// A time of day that the clocks skip in spring runs right after the gap; one that comes twice in autumn runs once.
pub fn next_run(cron: &str, zone: &str, after: Time) -> Result<Time> {
    let parsed = croner::Cron::from_str(cron)
        .map_err(|e| Error::invalid(format!("“{cron}” is not a schedule: {e}. Example: 0 9 * * MON-FRI")))?;
    let zone = jiff::tz::TimeZone::get(zone)
        .map_err(|_| Error::invalid(format!("“{zone}” is not a time zone. Example: Europe/Berlin")))?;
    let from = after.to_jiff().to_zoned(zone);
    let next = parsed
        .find_next_occurrence(&from, false)
        .map_err(|e| Error::invalid(format!("“{cron}” never comes to pass: {e}")))?;
    Ok(Time::from_jiff(next.timestamp()))
}

/// Creates or changes a schedule. The job's own `run_at` and dedupe key are not used: a run that is still queued or
/// running when the next one is due is not doubled. An unchanged expression keeps its next run. Returns the next run.
pub fn put_schedule(tx: &db::Tx<'_>, now: Time, name: &str, cron: &str, zone: &str, job: NewJob) -> Result<Time> {
    let next = next_run(cron, zone, now)?;
    let payload = job.payload.to_string();
    let next = store::put_schedule(
        tx,
        &store::PutSchedule {
            name,
            cron,
            zone,
            next_run: next,
            kind: job.kind,
            queue: job.queue,
            payload: &payload,
            priority: job.priority,
            max_attempts: job.max_attempts.max(1),
        },
    )?;
    // The runner looks up when to wake next.
    tx.publish(crate::TAG);
    Ok(next)
}

/// Removes a schedule; tells whether it was there.
pub fn remove_schedule(tx: &db::Tx<'_>, name: &str) -> Result<bool> {
    store::remove_schedule(tx, name)
}

/// All schedules by name. There are few: the program makes them, not customers.
pub fn schedules(connection: &Connection) -> Result<Vec<ScheduleInfo>> {
    store::schedules(connection)
}
