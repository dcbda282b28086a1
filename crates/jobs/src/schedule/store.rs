//! Every SQL statement for schedules.

use base::{Result, Time};
use db::Tx;
use rusqlite::{Connection, params};

use super::ScheduleInfo;
use crate::job::Priority;

pub(crate) struct PutSchedule<'a> {
    pub(crate) name: &'a str,
    pub(crate) cron: &'a str,
    pub(crate) zone: &'a str,
    pub(crate) next_run: Time,
    pub(crate) kind: &'a str,
    pub(crate) queue: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) priority: Priority,
    pub(crate) max_attempts: u32,
}

pub(crate) fn put_schedule(tx: &Tx<'_>, s: &PutSchedule<'_>) -> Result<Time> {
    Ok(tx
        .prepare_cached(
            "insert into job_schedule (name, cron, zone, kind, queue, payload, priority, max_attempts, next_run)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             on conflict (name) do update set
                next_run = iif(cron = excluded.cron and zone = excluded.zone, next_run, excluded.next_run),
                cron = excluded.cron, zone = excluded.zone, kind = excluded.kind, queue = excluded.queue,
                payload = excluded.payload, priority = excluded.priority, max_attempts = excluded.max_attempts
             returning next_run",
        )?
        .query_row(
            params![
                s.name,
                s.cron,
                s.zone,
                s.kind,
                s.queue,
                s.payload,
                s.priority.number(),
                s.max_attempts,
                s.next_run
            ],
            |row| row.get(0),
        )?)
}

pub(crate) fn remove_schedule(tx: &Tx<'_>, name: &str) -> Result<bool> {
    Ok(tx.execute("delete from job_schedule where name = ?1", [name])? > 0)
}

pub(crate) fn schedules(connection: &Connection) -> Result<Vec<ScheduleInfo>> {
    let mut statement = connection.prepare_cached(
        "select name, cron, zone, kind, queue, priority, next_run, last_run from job_schedule order by name limit 1000",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(ScheduleInfo {
            name: row.get(0)?,
            cron: row.get(1)?,
            zone: row.get(2)?,
            kind: row.get(3)?,
            queue: row.get(4)?,
            priority: Priority::from_number(row.get(5)?),
            next_run: row.get(6)?,
            last_run: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A schedule that is due.
pub(crate) struct DueSchedule {
    pub(crate) name: String,
    pub(crate) cron: String,
    pub(crate) zone: String,
    pub(crate) kind: String,
    pub(crate) queue: String,
    pub(crate) payload: String,
    pub(crate) priority: Priority,
    pub(crate) max_attempts: u32,
}

pub(crate) const DUE_SCHEDULES: &str = "
    select name, cron, zone, kind, queue, payload, priority, max_attempts from job_schedule
    where next_run <= ?1 order by next_run, name limit 100";

pub(crate) fn due_schedules(tx: &Tx<'_>, now: Time) -> Result<Vec<DueSchedule>> {
    let mut statement = tx.prepare_cached(DUE_SCHEDULES)?;
    let rows = statement.query_map([now], |row| {
        Ok(DueSchedule {
            name: row.get(0)?,
            cron: row.get(1)?,
            zone: row.get(2)?,
            kind: row.get(3)?,
            queue: row.get(4)?,
            payload: row.get(5)?,
            priority: Priority::from_number(row.get(6)?),
            max_attempts: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn advance_schedule(tx: &Tx<'_>, name: &str, last: Time, next: Time) -> Result<()> {
    tx.prepare_cached("update job_schedule set last_run = ?2, next_run = ?3 where name = ?1")?
        .execute(params![name, last, next])?;
    Ok(())
}
