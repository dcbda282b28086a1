//! Calendars as Google, Apple, Outlook and others write them, and what is busy in them.

use base::Time;
use base::id::BookingId;
use jiff::tz::TimeZone;

use super::store::Booking;
use super::{Span, feed, ics};

fn at(text: &str) -> Time {
    Time::from_jiff(text.parse().unwrap())
}

fn range(from: &str, until: &str) -> Span {
    Span { from: at(from), until: at(until) }
}

/// Busy times as `06 09:00–10:00` in UTC.
fn busy(events: &str, home: &str, range: Span) -> Vec<String> {
    let text =
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n", events.trim().replace('\n', "\r\n"));
    let mut spans = feed::busy(&text, range, &TimeZone::get(home).unwrap()).unwrap();
    spans.sort();
    let show = |s: &Span| format!("{}–{}", s.from.to_jiff().strftime("%d %H:%M"), s.until.to_jiff().strftime("%H:%M"));
    spans.iter().map(show).collect()
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT\n")
}

#[test]
fn events_are_busy_when_they_are_in_every_way_of_writing() {
    let week = range("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
    for (lines, home, expected) in [
        ("DTSTART:20260304T090000Z\nDTEND:20260304T100000Z", "UTC", &["04 09:00–10:00"][..]),
        (
            "DTSTART;TZID=Europe/Berlin:20260304T090000\nDTEND;TZID=Europe/Berlin:20260304T100000",
            "UTC",
            &["04 08:00–09:00"],
        ),
        ("DTSTART;TZID=\"W. Europe Standard Time\":20260304T090000\nDURATION:PT1H30M", "UTC", &["04 08:00–09:30"]),
        ("DTSTART:20260304T090000\nDTEND:20260304T100000", "Africa/Johannesburg", &["04 07:00–08:00"]),
        ("DTSTART;TZID=Nowhere:20260304T090000\nDURATION:PT1H", "Asia/Tokyo", &["04 00:00–01:00"]),
        ("DTSTART;VALUE=DATE:20260304\nDTEND;VALUE=DATE:20260306", "UTC", &["04 00:00–00:00"]),
        ("DTSTART;VALUE=DATE:20260304", "America/New_York", &["04 05:00–05:00"]),
        ("DTSTART:20260304\nDURATION:P1W", "UTC", &["04 00:00–00:00"]),
        ("DTSTART:20260304T090000Z", "UTC", &[]),
        ("DTSTART:20260304T090000Z\nDTEND:20260304T100000Z\nTRANSP:TRANSPARENT", "UTC", &[]),
        ("DTSTART:20260304T090000Z\nDTEND:20260304T100000Z\nSTATUS:CANCELLED", "UTC", &[]),
        ("DTSTART:20260304T090000Z\nDTEND:20260304T100000Z\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", "UTC", &[]),
        ("DTSTART:20260404T090000Z\nDTEND:20260404T100000Z", "UTC", &[]),
        ("DTSTART:2026030\n 4T0900\n 00Z\nDURATION:PT1H", "UTC", &["04 09:00–10:00"]),
        (
            "BEGIN:VALARM\nDTSTART:20260305T090000Z\nEND:VALARM\nDTSTART:20260304T090000Z\nDURATION:PT1H",
            "UTC",
            &["04 09:00–10:00"],
        ),
        ("broken line\n;;;:\nDTSTART:20260304T090000Z\nDURATION:PT1H\nDTEND:rubbish", "UTC", &["04 09:00–10:00"]),
    ] {
        assert_eq!(busy(&event(lines), home, week), expected, "{lines}");
    }
}

#[test]
fn repeating_events_are_busy_each_time_but_for_the_exceptions() {
    let march = range("2026-03-23T00:00:00Z", "2026-04-06T00:00:00Z");
    for (lines, expected) in [
        // Nine o'clock stays nine o'clock when Germany changes its clocks on the 29th.
        (
            "DTSTART;TZID=Europe/Berlin:20200106T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO",
            &["23 08:00–09:00", "30 07:00–08:00"][..],
        ),
        (
            "DTSTART:20260323T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3",
            &["23 09:00–10:00", "24 09:00–10:00", "25 09:00–10:00"],
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260323T003000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20260324T233000Z",
            &["22 23:30–00:30", "23 23:30–00:30", "24 23:30–00:30"],
        ),
        ("DTSTART;VALUE=DATE:20260323\nRRULE:FREQ=DAILY;UNTIL=20260324", &["23 00:00–00:00", "24 00:00–00:00"]),
        (
            "DTSTART:20260323T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260324T090000Z\nEXDATE;VALUE=DATE:20260325",
            &["23 09:00–10:00", "26 09:00–10:00"],
        ),
        ("DTSTART:20260201T090000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYDAY=-1FR", &["27 09:00–10:00"]),
        (
            "DTSTART:20260323T090000Z\nDURATION:PT1H\nRDATE:20260401T090000Z,20260402T080000Z",
            &["23 09:00–10:00", "01 09:00–10:00", "02 08:00–09:00"],
        ),
        (
            "DTSTART:20260323T090000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20260401T090000Z/PT3H",
            &["23 09:00–10:00", "01 09:00–12:00"],
        ),
        // What cannot be understood is busy the first time at least.
        ("DTSTART:20260323T090000Z\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES", &["23 09:00–10:00"]),
        ("DTSTART:20260323T090000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY", &["23 09:00–10:00"]),
    ] {
        assert_eq!(busy(&event(lines), "UTC", march), expected, "{lines}");
    }
}

#[test]
fn one_time_of_a_series_that_was_moved_is_busy_where_it_went() {
    let series = event("DTSTART:20260323T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3");
    let moved = event("RECURRENCE-ID:20260324T090000Z\nDTSTART:20260324T150000Z\nDURATION:PT1H");
    let dropped = event("RECURRENCE-ID:20260325T090000Z\nDTSTART:20260325T090000Z\nDURATION:PT1H\nSTATUS:CANCELLED");
    let march = range("2026-03-23T00:00:00Z", "2026-04-06T00:00:00Z");
    assert_eq!(busy(&format!("{moved}{series}{dropped}"), "UTC", march), ["23 09:00–10:00", "24 15:00–16:00"]);
}

#[test]
fn zones_and_busy_lists_that_calendars_bring_along_count() {
    let week = range("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
    let zone = "BEGIN:VTIMEZONE\nTZID:Custom\nX-LIC-LOCATION:Asia/Tokyo\nBEGIN:STANDARD\nDTSTART:19700101T000000\nEND:STANDARD\nEND:VTIMEZONE\n";
    let own = event("DTSTART;TZID=Custom:20260304T090000\nDURATION:PT1H");
    assert_eq!(busy(&format!("{zone}{own}"), "UTC", week), ["04 00:00–01:00"]);
    let home = format!("X-WR-TIMEZONE:Asia/Tokyo\n{}", event("DTSTART:20260304T090000\nDURATION:PT1H"));
    assert_eq!(busy(&home, "UTC", week), ["04 00:00–01:00"]);
    let list = "BEGIN:VFREEBUSY\nFREEBUSY:20260304T090000Z/20260304T100000Z,20260305T090000Z/PT2H\n\
                FREEBUSY;FBTYPE=FREE:20260306T090000Z/PT2H\nEND:VFREEBUSY";
    assert_eq!(busy(list, "UTC", week), ["04 09:00–10:00", "05 09:00–11:00"]);
}

#[test]
fn what_is_no_calendar_is_refused_and_a_hostile_one_does_no_harm() {
    let week = range("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
    for text in ["", "<html>Sign in</html>", "{}", "BEGIN:VCARD\nEND:VCARD"] {
        assert!(feed::busy(text, week, &TimeZone::UTC).is_err(), "{text}");
    }
    let deep = format!("BEGIN:VCALENDAR\n{}", "BEGIN:X\n".repeat(200_000));
    assert_eq!(feed::busy(&deep, week, &TimeZone::UTC).unwrap(), []);
    let watch = base::Stopwatch::start();
    let hourly = event("DTSTART:19000101T000000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY").repeat(10);
    let _ = busy(&hourly, "UTC", week);
    let never = event("DTSTART:20260302T000000Z\nDURATION:PT1M\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30").repeat(10);
    let _ = busy(&never, "UTC", week);
    assert!(watch.elapsed().as_secs() < 20, "{:?}", watch.elapsed());
}

#[test]
fn a_bookings_file_is_read_back_as_busy_at_that_time_and_holds_no_other_lines() {
    let booking = Booking {
        id: BookingId::fresh(),
        calendar: "Workshop".into(),
        span: range("2026-03-04T09:00:00Z", "2026-03-04T10:30:00Z"),
        name: "Ana\r\nDTSTART:20260305T090000Z".into(),
        contact: "ana@example.com; 030, 1234".into(),
        note: "ä".repeat(200),
        timezone: "UTC".into(),
        created_at: at("2026-03-01T00:00:00Z"),
        cancelled_at: None,
    };
    let text = ics::write(&booking);
    let week = range("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
    assert_eq!(feed::busy(&text, week, &TimeZone::UTC).unwrap(), [booking.span]);
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.starts_with("DTSTART:20260305")), "{text}");
    assert!(text.contains("ana@example.com\\; 030\\, 1234"), "{text}");
    let cancelled = ics::write(&Booking { cancelled_at: Some(Time(0)), ..booking });
    assert_eq!(feed::busy(&cancelled, week, &TimeZone::UTC).unwrap(), []);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
    #[test]
    fn no_calendar_makes_reading_panic(text in "(\\PC{0,20}\n){0,6}", lines in "([A-Z;=:/]{1,8}[0-9TZP/,+-]{0,12}\n){0,8}") {
        let week = range("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
        let _ = feed::busy(&text, week, &TimeZone::UTC);
        for body in [text.as_str(), lines.as_str()] {
            let whole = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{body}END:VEVENT\nEND:VCALENDAR");
            let _ = feed::busy(&whole, week, &TimeZone::UTC);
        }
    }

    #[test]
    fn no_event_makes_reading_panic(
        start in "(19|20|22)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9](T[0-2][0-9][0-5][0-9][0-5][0-9]Z?)?",
        end in "P?T?[0-9]{0,12}[DHMSW]?",
        frequency in proptest::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY"]),
        rest in "(;(INTERVAL|COUNT|BYMONTHDAY|BYSETPOS|BYDAY|BYHOUR|BYWEEKNO|BYYEARDAY|UNTIL|WKST)=(-?[0-9]{1,4}|MO|-1FR|2026030[1-9])){0,3}",
    ) {
        let week = range("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
        let lines = format!("DTSTART:{start}\nDURATION:{end}\nDTEND:{end}\nRRULE:FREQ={frequency}{rest}\nEXDATE:{start}");
        let text = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR", event(&lines));
        let home = TimeZone::get("Europe/Berlin").unwrap();
        for span in feed::busy(&text, week, &home).unwrap() {
            proptest::prop_assert!(span.from < span.until && span.meets(&week));
        }
    }
}
