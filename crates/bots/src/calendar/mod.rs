//! Times that customers can take: the business's opening hours, less what its calendars and its bookings hold.

mod feed;
mod ics;
mod labels;
mod recurrence;
pub(crate) mod routes;
mod slots;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod zones;

use std::time::Duration;

use base::id::{BookingId, RunId};
use base::net::{check_url, from_reqwest, guarded_client, read_limited};
use base::{Error, Result, Time};
use flow::Slots;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use url::Url;

use crate::business;
use crate::workspace::Workspace;
use store::Booking;

/// Larger calendars are refused.
const MAX_FEED_BYTES: usize = 8 << 20;
const MAX_FEEDS: usize = 10;
const FEED_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_NAME_CHARS: usize = 200;
const MAX_NOTE_CHARS: usize = 2000;
/// The calendar of a business that names none.
const DEFAULT_CALENDAR: &str = "default";

/// A stretch of time; what ends at a moment leaves that moment free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) from: Time,
    pub(crate) until: Time,
}

impl Span {
    pub(crate) fn meets(&self, other: &Span) -> bool {
        self.from < other.until && other.from < self.until
    }
}

/// A customer's wish for one of the times.
pub(crate) struct Wish {
    pub(crate) run: RunId,
    pub(crate) seq: u64,
    /// A slot's `start` or `id`, or `2026-03-01 15:30` where the business is.
    pub(crate) start: String,
    pub(crate) name: String,
    pub(crate) contact: String,
    pub(crate) note: String,
}

/// The free times as a list of `{id, start, end, label}`, the soonest first.
///
/// # Errors
/// A sentence when a calendar cannot be read: offering what may be taken is worse than offering nothing.
pub(crate) async fn free_slots(ws: &Workspace, language: Option<&str>, wanted: &Slots) -> Result<Value> {
    let zone = zone(ws, wanted).await?;
    let now = ws.clock.now();
    let range = slots::range(wanted, &zone, now)?;
    let busy = busy(ws, wanted, &zone, range).await?;
    let free = slots::free(wanted, &zone, &busy, range, now)?;
    Ok(Value::Array(free.iter().map(|span| slot(*span, &zone, language)).collect()))
}

/// Takes a time and gives `{id, start, end, label, ics}`. The same wish again gives the same booking.
///
/// # Errors
/// `Conflict` when the time is not free any more.
pub(crate) async fn book(ws: &Workspace, language: Option<&str>, wanted: &Slots, wish: Wish) -> Result<Value> {
    let (run, seq) = (wish.run, wish.seq);
    if let Some(known) = ws.db.read(move |c| store::of_effect(c, run, seq)).await? {
        return Ok(booked(&known, language));
    }
    let (booking, around) = looked_up(ws, wanted, wish).await?;
    let kept = ws
        .db
        .write(move |tx| {
            // Meanwhile the same wish may have come through, or another customer's.
            if let Some(known) = store::of_effect(tx, run, seq)? {
                return Ok(known);
            }
            if store::is_taken(tx, &booking.calendar, around)? {
                return Err(taken());
            }
            store::insert(tx, &booking, run, seq)?;
            tx.publish("bookings");
            Ok(booking)
        })
        .await?;
    Ok(booked(&kept, language))
}

/// What booking a time would give now; nothing is taken.
///
/// # Errors
/// As those of `book`.
pub(crate) async fn would_book(ws: &Workspace, language: Option<&str>, wanted: &Slots, wish: Wish) -> Result<Value> {
    Ok(booked(&looked_up(ws, wanted, wish).await?.0, language))
}

/// The booking that a wish asks for, and the time that must be free around it, when it is free at this moment.
async fn looked_up(ws: &Workspace, wanted: &Slots, wish: Wish) -> Result<(Booking, Span)> {
    let zone = zone(ws, wanted).await?;
    let now = ws.clock.now();
    let start = slots::moment(&wish.start, &zone)
        .ok_or_else(|| Error::invalid("This is not one of the times. Offer free times first."))?;
    let span = slots::span_from(wanted, start);
    if start < now {
        return Err(Error::conflict("This time is over already."));
    }
    if !slots::is_open(wanted, &zone, span) {
        return Err(Error::conflict("This time lies outside of the opening hours."));
    }
    let around = slots::with_gap(wanted, span);
    if busy(ws, wanted, &zone, around).await?.iter().any(|b| b.meets(&around)) {
        return Err(taken());
    }
    let cut = |text: String, most: usize| text.trim().chars().take(most).collect::<String>();
    let booking = Booking {
        id: BookingId::fresh(),
        calendar: calendar_name(wanted),
        span,
        name: cut(wish.name, MAX_NAME_CHARS),
        contact: cut(wish.contact, MAX_NAME_CHARS),
        note: cut(wish.note, MAX_NOTE_CHARS),
        timezone: zone.iana_name().unwrap_or("UTC").to_owned(),
        created_at: now,
        cancelled_at: None,
    };
    Ok((booking, around))
}

fn taken() -> Error {
    Error::conflict("This time is not free any more.")
}

fn calendar_name(wanted: &Slots) -> String {
    let name: String = wanted.calendar.trim().chars().take(MAX_NAME_CHARS).collect();
    if name.is_empty() { DEFAULT_CALENDAR.to_owned() } else { name }
}

/// Where the opening hours are meant.
async fn zone(ws: &Workspace, wanted: &Slots) -> Result<TimeZone> {
    let name = match wanted.timezone.trim() {
        "" => ws.db.read(business::get).await?.timezone,
        name => name.to_owned(),
    };
    Ok(if name.is_empty() { TimeZone::UTC } else { TimeZone::get(&name).unwrap_or(TimeZone::UTC) })
}

/// What is not free in a stretch of time: events of the feeds, and bookings.
async fn busy(ws: &Workspace, wanted: &Slots, zone: &TimeZone, range: Span) -> Result<Vec<Span>> {
    if wanted.feeds.len() > MAX_FEEDS {
        return Err(Error::invalid(format!("At most {MAX_FEEDS} calendars can be looked at.")));
    }
    // With room for the gap around events at the edges.
    let range = slots::with_gap(wanted, range);
    let feeds = wanted.feeds.iter().map(|f| f.trim()).filter(|f| !f.is_empty());
    let texts = futures::future::try_join_all(feeds.map(|feed| fetch(ws, feed))).await?;
    let home = zone.clone();
    let read = move || -> Result<Vec<Span>> {
        let mut all = Vec::new();
        for text in &texts {
            all.extend(feed::busy(text, range, &home)?);
        }
        Ok(all)
    };
    let mut busy = base::task::blocking(read).await??;
    let calendar = calendar_name(wanted);
    busy.extend(ws.db.read(move |c| store::spans(c, &calendar, range)).await?);
    Ok(busy)
}

async fn fetch(ws: &Workspace, feed: &str) -> Result<String> {
    // Calendar programs give such addresses.
    let address = match feed.split_once("://") {
        Some(("webcal", rest)) => format!("https://{rest}"),
        _ => feed.to_owned(),
    };
    let url: Url = address.parse().map_err(|_| Error::invalid("The address of a calendar is not a web address."))?;
    check_url(&url, ws.reach)?;
    let response = guarded_client(ws.reach, FEED_TIMEOUT)?.get(url).send().await.map_err(from_reqwest)?;
    let status = response.status();
    if !status.is_success() {
        return Err(Error::upstream(format!(
            "A calendar could not be read: its address answered {}.",
            status.as_u16()
        )));
    }
    let bytes = read_limited(response, MAX_FEED_BYTES).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A free time for a flow.
fn slot(span: Span, zone: &TimeZone, language: Option<&str>) -> Value {
    let (start, end) = (slots::local(span.from, zone), slots::local(span.until, zone));
    json!({
        "id": start.strftime("%Y%m%dT%H%M").to_string(),
        "start": start.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        "end": end.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        "label": labels::label(&start, language),
    })
}

/// A booking for a flow.
fn booked(booking: &Booking, language: Option<&str>) -> Value {
    let zone = TimeZone::get(&booking.timezone).unwrap_or(TimeZone::UTC);
    let mut value = slot(booking.span, &zone, language);
    value["id"] = json!(booking.id);
    value["ics"] = json!(ics::write(booking));
    value
}
