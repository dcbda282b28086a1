//! Bookings as stored.

use base::id::{BookingId, RunId};
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row, params};

use super::Span;

/// No slot is longer, so that earlier bookings need not be looked at.
const LONGEST_MS: i64 = 24 * 3600 * 1000;
const COLUMNS: &str = "id, calendar, start_at, end_at, name, contact, note, timezone, created_at, cancelled_at";

/// A time that a customer took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Booking {
    pub(crate) id: BookingId,
    pub(crate) calendar: String,
    pub(crate) span: Span,
    pub(crate) name: String,
    pub(crate) contact: String,
    pub(crate) note: String,
    /// Where it was taken; IANA name.
    pub(crate) timezone: String,
    pub(crate) created_at: Time,
    pub(crate) cancelled_at: Option<Time>,
}

fn booking(row: &Row<'_>) -> db::rusqlite::Result<Booking> {
    Ok(Booking {
        id: row.get(0)?,
        calendar: row.get(1)?,
        span: Span { from: row.get(2)?, until: row.get(3)? },
        name: row.get(4)?,
        contact: row.get(5)?,
        note: row.get(6)?,
        timezone: row.get(7)?,
        created_at: row.get(8)?,
        cancelled_at: row.get(9)?,
    })
}

pub(crate) fn get(connection: &Connection, id: BookingId) -> Result<Option<Booking>> {
    let sql = format!("select {COLUMNS} from booking where id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([id], booking).optional()?)
}

/// The booking that a wish has led to.
pub(crate) fn of_effect(connection: &Connection, run: RunId, seq: u64) -> Result<Option<Booking>> {
    let sql = format!("select {COLUMNS} from booking where run_id = ?1 and effect_seq = ?2");
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    Ok(connection.prepare_cached(&sql)?.query_row((run, seq), booking).optional()?)
}

/// Bookings by their beginning, the latest first; `after` is the last one of the page before.
pub(crate) fn list(connection: &Connection, after: Option<(Time, BookingId)>, limit: usize) -> Result<Vec<Booking>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let order = "order by start_at desc, id desc";
    let rows = match after {
        None => connection
            .prepare_cached(&format!("select {COLUMNS} from booking {order} limit ?1"))?
            .query_map([limit], booking)?
            .collect::<db::rusqlite::Result<_>>()?,
        Some((at, id)) => connection
            .prepare_cached(&format!("select {COLUMNS} from booking where (start_at, id) < (?1, ?2) {order} limit ?3"))?
            .query_map((at, id, limit), booking)?
            .collect::<db::rusqlite::Result<_>>()?,
    };
    Ok(rows)
}

const MEETING: &str =
    "from booking where calendar = ?1 and cancelled_at is null and start_at > ?2 and start_at < ?3 and end_at > ?4";

/// What is booked in a stretch of time.
pub(crate) fn spans(connection: &Connection, calendar: &str, range: Span) -> Result<Vec<Span>> {
    let mut statement = connection.prepare_cached(&format!("select start_at, end_at {MEETING}"))?;
    let earliest = range.from.as_ms().saturating_sub(LONGEST_MS + 1);
    let rows = statement.query_map(params![calendar, earliest, range.until, range.from], |row| {
        Ok(Span { from: row.get(0)?, until: row.get(1)? })
    })?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn is_taken(connection: &Connection, calendar: &str, range: Span) -> Result<bool> {
    Ok(!spans(connection, calendar, range)?.is_empty())
}

pub(crate) fn insert(tx: &Tx<'_>, booking: &Booking, run: RunId, seq: u64) -> Result<()> {
    tx.prepare_cached(
        "insert into booking (id, calendar, start_at, end_at, name, contact, note, timezone, run_id, effect_seq, created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        booking.id,
        booking.calendar,
        booking.span.from,
        booking.span.until,
        booking.name,
        booking.contact,
        booking.note,
        booking.timezone,
        run,
        i64::try_from(seq).unwrap_or(i64::MAX),
        booking.created_at,
    ])?;
    Ok(())
}

/// Gives the time back; false when there is no such booking.
pub(crate) fn cancel(tx: &Tx<'_>, id: BookingId, now: Time) -> Result<bool> {
    let changed = tx
        .prepare_cached("update booking set cancelled_at = coalesce(cancelled_at, ?2) where id = ?1")?
        .execute((id, now))?;
    Ok(changed == 1)
}
