//! A booking as a calendar file (RFC 5545) that customers and owners put into their own calendars.

use base::Time;

use super::store::Booking;

/// Longest line in bytes, before it is folded.
const LINE_BYTES: usize = 75;

/// The whole file.
pub(super) fn write(booking: &Booking) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| fold(&mut out, &format!("{name}:{value}"));
    line("BEGIN", "VCALENDAR");
    line("VERSION", "2.0");
    line("PRODID", &format!("-//{}//Booking//EN", base::product::name()));
    line("METHOD", "PUBLISH");
    line("BEGIN", "VEVENT");
    line("UID", &format!("{}@{}", booking.id, base::product::program()));
    line("DTSTAMP", &stamp(booking.created_at));
    line("DTSTART", &stamp(booking.span.from));
    line("DTEND", &stamp(booking.span.until));
    let what = if booking.calendar == super::DEFAULT_CALENDAR { "Booking" } else { &booking.calendar };
    let title = if booking.name.is_empty() { what.to_owned() } else { format!("{what}: {}", booking.name) };
    line("SUMMARY", &escaped(&title));
    let about: Vec<&str> =
        [&booking.contact, &booking.note].into_iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    if !about.is_empty() {
        line("DESCRIPTION", &escaped(&about.join("\n")));
    }
    line("STATUS", if booking.cancelled_at.is_some() { "CANCELLED" } else { "CONFIRMED" });
    line("END", "VEVENT");
    line("END", "VCALENDAR");
    out
}

fn stamp(at: Time) -> String {
    at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Breaks a long line between characters; what goes on begins with a space.
fn fold(out: &mut String, line: &str) {
    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > LINE_BYTES {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
}
