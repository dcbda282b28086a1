//! Which times are free: plain calculation with opening hours and what is busy.

use std::time::Duration;

use base::{Error, Result, Time};
use flow::Slots;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::Span;

const MAX_DAYS: u32 = 92;
const MIN_MINUTES: u32 = 5;
const MAX_MINUTES: u32 = 24 * 60;
const MAX_GAP: u32 = 24 * 60;
const MAX_SLOTS: u32 = 100;

pub(super) fn local(at: Time, zone: &TimeZone) -> Zoned {
    at.to_jiff().to_zoned(zone.clone())
}

fn minutes(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 60)
}

fn length(wanted: &Slots) -> Duration {
    minutes(wanted.minutes.clamp(MIN_MINUTES, MAX_MINUTES))
}

/// The days that are looked at: the wanted ones that are not over.
pub(super) fn range(wanted: &Slots, zone: &TimeZone, now: Time) -> Result<Span> {
    let today = local(now, zone).date();
    let first = match wanted.from.trim() {
        "" => today,
        text => text
            .get(..10)
            .and_then(|day| day.parse::<Date>().ok())
            .ok_or_else(|| Error::invalid("The first day is not a date such as 2026-03-01."))?,
    };
    let outside = || Error::invalid("These days are too far away.");
    let end = first.checked_add(i64::from(wanted.days.clamp(1, MAX_DAYS)).days()).map_err(|_| outside())?;
    let begins = |day: Date| Some(Time::from_jiff(day.to_zoned(zone.clone()).ok()?.timestamp()));
    let (from, until) = (begins(first.max(today)).ok_or_else(outside)?, begins(end).ok_or_else(outside)?);
    Ok(Span { from: from.max(now), until: until.max(from) })
}

/// The free times, the soonest first.
pub(super) fn free(wanted: &Slots, zone: &TimeZone, busy: &[Span], range: Span, now: Time) -> Result<Vec<Span>> {
    let busy = joined(busy.iter().map(|span| with_gap(wanted, *span)).collect());
    let most = wanted.max.clamp(1, MAX_SLOTS) as usize;
    let (length, last) = (length(wanted), local(range.until, zone).date());
    let mut free: Vec<Span> = Vec::new();
    let mut day = local(range.from, zone).date();
    // What is open beyond midnight began the day before.
    day = day.yesterday().unwrap_or(day);
    while day < last && free.len() < most {
        let mut open = open_on(wanted, zone, day);
        open.sort();
        for open in open {
            let mut from = open.from;
            while from.plus(length) <= open.until && free.len() < most {
                let span = Span { from, until: from.plus(length) };
                let fits = from >= range.from && from >= now && from < range.until;
                if fits && !meets_any(&busy, &span) && !free.contains(&span) {
                    free.push(span);
                }
                from = span.until;
            }
        }
        day = day.tomorrow().map_err(|_| Error::invalid("These days are too far away."))?;
    }
    Ok(free)
}

/// The moments between which the door is open that was opened on a day.
fn open_on(wanted: &Slots, zone: &TimeZone, day: Date) -> Vec<Span> {
    let at = |when: DateTime| Some(Time::from_jiff(when.to_zoned(zone.clone()).ok()?.timestamp()));
    let spans = wanted.hours.spans(day);
    let open = spans.into_iter().filter_map(|(from, until)| {
        let end = if until > from { day.to_datetime(until) } else { day.tomorrow().ok()?.to_datetime(until) };
        // A day that is written until 24:00 ends a moment before midnight.
        let until = at(end)?;
        let until = if until.as_ms() % 60_000 == 59_999 { Time(until.as_ms() + 1) } else { until };
        Some(Span { from: at(day.to_datetime(from))?, until })
    });
    open.collect()
}

/// Whether the door is open all the while.
pub(super) fn is_open(wanted: &Slots, zone: &TimeZone, span: Span) -> bool {
    let day = local(span.from, zone).date();
    let days = [day.yesterday().unwrap_or(day), day];
    days.into_iter().flat_map(|day| open_on(wanted, zone, day)).any(|o| o.from <= span.from && span.until <= o.until)
}

pub(super) fn span_from(wanted: &Slots, from: Time) -> Span {
    Span { from, until: from.plus(length(wanted)) }
}

/// With the minutes around it that stay free.
pub(super) fn with_gap(wanted: &Slots, span: Span) -> Span {
    let gap = minutes(wanted.gap_minutes.min(MAX_GAP));
    Span { from: span.from.minus(gap), until: span.until.plus(gap) }
}

/// Sorted, and joined where they meet.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|s| s.from < s.until);
    spans.sort();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => out.push(span),
        }
    }
    out
}

fn meets_any(joined: &[Span], span: &Span) -> bool {
    let next = joined.partition_point(|b| b.until <= span.from);
    joined.get(next).is_some_and(|b| b.meets(span))
}

/// A moment as a slot names it, or as it is written where the business is.
pub(super) fn moment(text: &str, zone: &TimeZone) -> Option<Time> {
    let text = text.trim();
    if text.len() > 40 {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Time::from_jiff(at));
    }
    let civil = text.parse::<DateTime>().ok().or_else(|| DateTime::strptime("%Y%m%dT%H%M", text).ok())?;
    // A date alone is no time.
    text.contains([':', 'T']).then_some(())?;
    Some(Time::from_jiff(civil.to_zoned(zone.clone()).ok()?.timestamp()))
}

#[cfg(test)]
mod tests {
    use flow::Hours;

    use super::*;

    fn wanted(from: &str, days: u32, minutes: u32) -> Slots {
        Slots {
            calendar: String::new(),
            feeds: Vec::new(),
            from: from.into(),
            days,
            minutes,
            gap_minutes: 0,
            hours: Hours::default(),
            timezone: String::new(),
            max: 100,
        }
    }

    fn at(text: &str) -> Time {
        Time::from_jiff(text.parse().unwrap())
    }

    fn shown(wanted: &Slots, zone: &str, busy: &[(&str, &str)], now: &str) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let busy: Vec<Span> = busy.iter().map(|(from, until)| Span { from: at(from), until: at(until) }).collect();
        let range = range(wanted, &zone, at(now)).unwrap();
        let free = free(wanted, &zone, &busy, range, at(now)).unwrap();
        assert!(free.iter().all(|s| is_open(wanted, &zone, *s)));
        free.iter().map(|s| local(s.from, &zone).strftime("%a %H:%M").to_string()).collect()
    }

    #[test]
    fn only_times_that_are_open_free_and_to_come_are_offered() {
        // Friday to Monday; the shop is closed at the weekend.
        let wanted = wanted("2026-03-06", 4, 120);
        let busy = [("2026-03-06T11:30:00Z", "2026-03-06T12:30:00Z"), ("2026-03-09T00:00:00Z", "2026-03-09T13:00:00Z")];
        let expected = ["Fri 09:00", "Fri 13:00", "Fri 15:00", "Mon 13:00", "Mon 15:00"];
        assert_eq!(shown(&wanted, "UTC", &busy, "2026-03-05T08:00:00Z"), expected);
        assert_eq!(shown(&wanted, "UTC", &busy, "2026-03-06T14:30:00Z"), expected[2..]);
        // An hour must stay free around each event.
        let gap = Slots { gap_minutes: 60, ..wanted.clone() };
        assert_eq!(shown(&gap, "UTC", &busy, "2026-03-05T08:00:00Z"), ["Fri 15:00", "Mon 15:00"]);
        let few = Slots { max: 1, ..wanted };
        assert_eq!(shown(&few, "UTC", &[], "2026-03-05T08:00:00Z"), ["Fri 09:00"]);
    }

    #[test]
    fn hours_are_those_of_the_place_on_the_day_the_clocks_change_and_over_midnight() {
        let mut bar = wanted("2026-03-28", 1, 60);
        bar.hours.days = [("sat".to_owned(), vec![("22:00".to_owned(), "04:00".to_owned())])].into();
        // Germany skips from 02:00 to 03:00 in that night.
        let free = shown(&bar, "Europe/Berlin", &[], "2026-03-28T06:00:00Z");
        assert_eq!(free, ["Sat 22:00", "Sat 23:00"]);
        let sunday = Slots { from: "2026-03-29".into(), ..bar };
        assert_eq!(
            shown(&sunday, "Europe/Berlin", &[], "2026-03-28T06:00:00Z"),
            ["Sun 00:00", "Sun 01:00", "Sun 03:00"]
        );
        let mut all_day = wanted("2026-03-28", 1, 12 * 60);
        all_day.hours.days = [("sat".to_owned(), vec![("00:00".to_owned(), "24:00".to_owned())])].into();
        assert_eq!(shown(&all_day, "Africa/Johannesburg", &[], "2026-03-01T06:00:00Z"), ["Sat 00:00", "Sat 12:00"]);
    }

    #[test]
    fn a_time_is_understood_as_a_slot_names_it() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let expected = Some(at("2026-07-01T13:30:00Z"));
        for text in [
            "2026-07-01T15:30:00+02:00",
            "2026-07-01T13:30:00Z",
            "20260701T1530",
            "2026-07-01 15:30",
            "2026-07-01T15:30",
        ] {
            assert_eq!(moment(text, &berlin), expected, "{text}");
        }
        for text in ["", "2026-07-01", "tomorrow", "99999999T9999", "2026-07-01T25:00"] {
            assert_eq!(moment(text, &berlin), None, "{text}");
        }
        assert!(range(&wanted("soon", 1, 30), &berlin, at("2026-03-05T08:00:00Z")).is_err());
        assert!(range(&wanted("9999-12-31", 90, 30), &berlin, at("2026-03-05T08:00:00Z")).is_err());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_that_is_offered_meets_what_is_busy(
            busy in proptest::collection::vec((0i64..6_000, 0i64..600), 0..20),
            slot in 5u32..180, gap in 0u32..90, zone in proptest::sample::select(vec!["UTC", "Europe/Berlin", "America/Sao_Paulo"]),
        ) {
            let wanted = Slots { gap_minutes: gap, ..wanted("2026-03-27", 5, slot) };
            let (zone, now) = (TimeZone::get(zone).unwrap(), at("2026-03-27T00:00:00Z"));
            let busy: Vec<Span> = busy
                .into_iter()
                .map(|(from, length)| Span { from: Time(now.0 + from * 60_000), until: Time(now.0 + (from + length) * 60_000) })
                .collect();
            let range = range(&wanted, &zone, now).unwrap();
            for span in free(&wanted, &zone, &busy, range, now).unwrap() {
                let around = with_gap(&wanted, span);
                proptest::prop_assert!(!busy.iter().any(|b| b.from < b.until && b.meets(&around)));
                proptest::prop_assert!(is_open(&wanted, &zone, span) && span.from >= now);
            }
        }

        #[test]
        fn no_text_makes_reading_a_moment_panic(text in "\\PC{0,45}", near in "[0-9T:Z+ -]{0,25}") {
            let _ = (moment(&text, &TimeZone::UTC), moment(&near, &TimeZone::UTC));
        }
    }
}
