//! Reads iCalendar (RFC 5545) as strangers' programs write it, and tells when somebody is busy.
//!
//! Read line by line: a line that is damaged costs that line, not the calendar, and nesting costs no memory.

use std::collections::{HashMap, HashSet};

use base::{Error, Result, Time};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Span, recurrence, zones};

const MAX_EVENTS: usize = 20_000;
/// Busy times of one calendar in the stretch that is asked for.
const MAX_SPANS: usize = 20_000;
const MAX_DATES: usize = 2_000;
/// Lines of one event.
const MAX_LINES: usize = 500;

/// A day, or a moment in a time zone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct When {
    /// The wall clock there; midnight for a day.
    pub(super) at: DateTime,
    pub(super) zone: TimeZone,
    pub(super) all_day: bool,
}

impl When {
    pub(super) fn time(&self) -> Option<Time> {
        moment(self.at, &self.zone)
    }
}

/// The moment of a wall clock; in the hour that is skipped, that much later.
pub(super) fn moment(at: DateTime, zone: &TimeZone) -> Option<Time> {
    Some(Time::from_jiff(at.to_zoned(zone.clone()).ok()?.timestamp()))
}

/// How long something takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Length {
    Days(i64),
    Ms(i64),
}

/// What an event says of when it is.
#[derive(Debug, Default)]
struct Event {
    uid: String,
    start: Option<When>,
    end: Option<When>,
    length: Option<Length>,
    rules: Vec<String>,
    more: Vec<(When, Option<Length>)>,
    except: Vec<When>,
    /// The occurrence that it stands in the place of.
    replaces: Option<When>,
    is_free: bool,
    lines: usize,
}

/// When somebody is busy in `range`. Times without a zone are meant in `home`.
///
/// # Errors
/// `Invalid` when this is no calendar at all.
pub(super) fn busy(text: &str, range: Span, home: &TimeZone) -> Result<Vec<Span>> {
    let calendar = read(text, home)?;
    let mut spans: Vec<Span> = calendar.taken.into_iter().filter(|s| s.meets(&range)).take(MAX_SPANS).collect();
    // An occurrence that was moved is no longer where its series has it.
    let mut moved: HashMap<&str, HashSet<Time>> = HashMap::new();
    for event in &calendar.events {
        if let Some(at) = event.replaces.as_ref().and_then(When::time) {
            moved.entry(&event.uid).or_default().insert(at);
        }
    }
    for event in calendar.events.iter().filter(|e| !e.is_free) {
        let known = moved.get(event.uid.as_str()).filter(|_| event.replaces.is_none());
        event.spans(range, known, &mut spans);
        if spans.len() >= MAX_SPANS {
            tracing::warn!("a calendar holds more events than are looked at");
            break;
        }
    }
    Ok(spans)
}

impl Event {
    fn length(&self, start: &When) -> Length {
        let by_end = self.end.as_ref().and_then(|end| {
            if start.all_day {
                Some(Length::Days(i64::from(start.at.date().until(end.at.date()).ok()?.get_days())))
            } else {
                Some(Length::Ms(end.time()?.as_ms() - start.time()?.as_ms()))
            }
        });
        // Without an end a day is the whole day, and a moment takes no time (RFC 5545, 3.6.1).
        by_end.or(self.length).unwrap_or(if start.all_day { Length::Days(1) } else { Length::Ms(0) })
    }

    fn spans(&self, range: Span, moved: Option<&HashSet<Time>>, spans: &mut Vec<Span>) {
        let Some(start) = &self.start else { return };
        let length = self.length(start);
        let mut add = |when: &When, length: Length| {
            let Some(span) = span_of(when, length) else { return };
            let except = self
                .except
                .iter()
                .any(|e| if e.all_day { e.at.date() == when.at.date() } else { e.time() == Some(span.from) });
            let is_moved = moved.is_some_and(|moved| moved.contains(&span.from));
            if !except && !is_moved && span.meets(&range) && spans.len() < MAX_SPANS {
                spans.push(span);
            }
        };
        let back = match length {
            Length::Days(days) => days.clamp(0, 4000) * 24 * 3600 * 1000,
            Length::Ms(ms) => ms.max(0),
        };
        // A day more on both sides, for zones.
        let day = 24 * 3600 * 1000;
        let window = Span { from: Time(range.from.0 - back - day), until: Time(range.until.0 + day) };
        let mut dates: Vec<DateTime> = Vec::new();
        for rule in &self.rules {
            match recurrence::dates(start, rule, window) {
                Ok(found) => dates.extend(found),
                // Better the first time than none.
                Err(why) => tracing::debug!(why, "a rule of a calendar is not understood"),
            }
        }
        if self.rules.is_empty() || !dates.contains(&start.at) {
            dates.push(start.at);
        }
        for at in dates {
            add(&When { at, ..start.clone() }, length);
        }
        for (when, own) in &self.more {
            add(when, own.unwrap_or(length));
        }
    }
}

fn span_of(when: &When, length: Length) -> Option<Span> {
    let from = when.time()?;
    let until = match length {
        Length::Ms(ms) => Time(from.0.checked_add(ms)?),
        Length::Days(days) => moment(when.at.checked_add(days.clamp(0, 4000).days()).ok()?, &when.zone)?,
    };
    (from < until).then_some(Span { from, until })
}

#[derive(Default)]
struct Calendar {
    events: Vec<Event>,
    /// Busy times that are told without events.
    taken: Vec<Span>,
}

fn read(text: &str, home: &TimeZone) -> Result<Calendar> {
    let mut calendar = Calendar::default();
    let (mut home, mut named) = (home.clone(), HashMap::new());
    let mut open: Vec<String> = Vec::new();
    let (mut event, mut zone_id, mut found) = (None::<Event>, String::new(), false);
    // How deep we are in what is not kept.
    let mut skipped = 0usize;
    for line in unfolded(text) {
        let Some(line) = Line::read(&line) else { continue };
        match (line.name.as_str(), line.value.trim().to_ascii_uppercase().as_str()) {
            ("BEGIN", name) => {
                found |= name == "VCALENDAR";
                if open.len() >= 8 {
                    skipped += 1;
                    continue;
                }
                if name == "VEVENT" {
                    event = Some(Event::default());
                }
                open.push(name.to_owned());
            }
            ("END", _) if skipped > 0 => skipped -= 1,
            ("END", name) => {
                if name == "VEVENT"
                    && let Some(event) = event.take()
                {
                    calendar.events.push(event);
                    if calendar.events.len() > MAX_EVENTS {
                        return Err(Error::too_large("A calendar holds more than 20,000 events. Use a smaller one."));
                    }
                }
                if let Some(at) = open.iter().rposition(|o| o == name) {
                    open.truncate(at);
                }
            }
            _ if skipped > 0 => {}
            _ => match (open.last().map(String::as_str), &mut event) {
                (Some("VEVENT"), Some(event)) => {
                    event.lines += 1;
                    if event.lines <= MAX_LINES {
                        event.take(&line, &home, &named);
                    }
                }
                (Some("VFREEBUSY"), _) => calendar.take(&line, &home, &named),
                (Some("VTIMEZONE"), _) => match line.name.as_str() {
                    "TZID" => zone_id = line.value.trim().to_owned(),
                    "X-LIC-LOCATION" if named.len() < 200 => {
                        if let Some(zone) = zones::find(&line.value) {
                            named.insert(zone_id.clone(), zone);
                        }
                    }
                    _ => {}
                },
                (Some("VCALENDAR"), _) if line.name == "X-WR-TIMEZONE" => {
                    home = zones::find(&line.value).unwrap_or(home);
                }
                _ => {}
            },
        }
    }
    if found { Ok(calendar) } else { Err(Error::invalid("The address of a calendar gives no calendar (iCalendar).")) }
}

impl Calendar {
    fn take(&mut self, line: &Line, home: &TimeZone, named: &HashMap<String, TimeZone>) {
        let is_free = line.parameter("FBTYPE").is_some_and(|kind| kind.eq_ignore_ascii_case("FREE"));
        if line.name != "FREEBUSY" || is_free {
            return;
        }
        for period in line.value.split(',').take(MAX_DATES) {
            if let Some((when, Some(length))) = period_of(period, line, home, named)
                && let Some(span) = span_of(&when, length)
                && self.taken.len() < MAX_SPANS
            {
                self.taken.push(span);
            }
        }
    }
}

impl Event {
    fn take(&mut self, line: &Line, home: &TimeZone, named: &HashMap<String, TimeZone>) {
        let when = || when(line.value.trim(), line, home, named);
        let value = line.value.trim();
        match line.name.as_str() {
            "UID" => self.uid = value.chars().take(500).collect(),
            "DTSTART" => self.start = when(),
            "DTEND" => self.end = when(),
            "DURATION" => self.length = length(value),
            "RRULE" if self.rules.len() < 4 => self.rules.push(value.chars().take(500).collect()),
            "EXDATE" if self.except.len() < MAX_DATES => {
                let dates = value.split(',').take(MAX_DATES);
                self.except.extend(dates.filter_map(|d| self::when(d.trim(), line, home, named)));
            }
            "RDATE" if self.more.len() < MAX_DATES => {
                let dates = value.split(',').take(MAX_DATES);
                self.more.extend(dates.filter_map(|d| period_of(d, line, home, named)));
            }
            "RECURRENCE-ID" => self.replaces = when(),
            "STATUS" => self.is_free |= value.eq_ignore_ascii_case("CANCELLED"),
            "TRANSP" => self.is_free |= value.eq_ignore_ascii_case("TRANSPARENT"),
            "X-MICROSOFT-CDO-BUSYSTATUS" => self.is_free |= value.eq_ignore_ascii_case("FREE"),
            _ => {}
        }
    }
}

/// `start/end`, `start/duration`, or a start alone.
fn period_of(
    text: &str,
    line: &Line,
    home: &TimeZone,
    named: &HashMap<String, TimeZone>,
) -> Option<(When, Option<Length>)> {
    let Some((start, end)) = text.trim().split_once('/') else {
        return Some((when(text.trim(), line, home, named)?, None));
    };
    let start = when(start, line, home, named)?;
    let length = match when(end, line, home, named) {
        Some(end) => Length::Ms(end.time()?.as_ms() - start.time()?.as_ms()),
        None => length(end)?,
    };
    Some((start, Some(length)))
}

/// `20260301`, `20260301T153000` or `20260301T133000Z`.
fn when(text: &str, line: &Line, home: &TimeZone, named: &HashMap<String, TimeZone>) -> Option<When> {
    let (text, utc) = match text.strip_suffix(['Z', 'z']) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (date, time) = text.split_once(['T', 't']).map_or((text, None), |(date, time)| (date, Some(time)));
    let digits = |text: &str, at: std::ops::Range<usize>| -> Option<i16> {
        let part = text.get(at)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
    };
    let small = |text: &str, at: std::ops::Range<usize>| i8::try_from(digits(text, at)?).ok();
    let year = digits(date, 0..4).filter(|y| (1900..=2200).contains(y))?;
    let date = Date::new(year, small(date, 4..6)?, small(date, 6..8)?).ok()?;
    let Some(time) = time else {
        return Some(When { at: date.to_datetime(jiff::civil::Time::midnight()), zone: home.clone(), all_day: true });
    };
    // A leap second is the last one before it.
    let second = small(time, 4..6).unwrap_or(0).min(59);
    let time = jiff::civil::Time::new(small(time, 0..2)?, small(time, 2..4)?, second, 0).ok()?;
    let zone = if utc {
        TimeZone::UTC
    } else {
        line.parameter("TZID")
            .and_then(|id| named.get(id.trim()).cloned().or_else(|| zones::find(id)))
            .unwrap_or_else(|| home.clone())
    };
    Some(When { at: date.to_datetime(time), zone, all_day: false })
}

/// `PT1H30M`, `P2D`, `P1W`; nothing for what lies in the past.
fn length(text: &str) -> Option<Length> {
    let text = text.trim().trim_start_matches('+').strip_prefix(['P', 'p'])?;
    let (mut ms, mut days, mut number, mut timed) = (0i64, 0i64, 0i64, false);
    for c in text.chars().take(40) {
        let unit = match c.to_ascii_uppercase() {
            'T' => {
                timed = true;
                continue;
            }
            digit @ '0'..='9' => {
                number = (number * 10 + i64::from(digit.to_digit(10)?)).min(1_000_000);
                continue;
            }
            'W' => 7,
            'D' => 1,
            'H' => 3_600_000,
            'M' => 60_000,
            'S' => 1000,
            _ => return None,
        };
        if unit < 1000 {
            days += number * unit
        } else {
            ms += number * unit
        }
        number = 0;
    }
    Some(if timed { Length::Ms(ms + days * 24 * 3_600_000) } else { Length::Days(days) })
}

/// Lines as they were before they were folded: what begins with a space goes on the line before.
fn unfolded(text: &str) -> impl Iterator<Item = String> {
    let mut lines =
        text.trim_start_matches('\u{feff}').split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).peekable();
    std::iter::from_fn(move || {
        let mut line = lines.next()?.to_owned();
        while let Some(next) = lines.peek().and_then(|next| next.strip_prefix([' ', '\t'])) {
            // Long descriptions are not needed; dates are short.
            if line.len() < 64 << 10 {
                line.push_str(next);
            }
            lines.next();
        }
        Some(line)
    })
}

/// `NAME;PARAMETER=value:value`.
struct Line {
    name: String,
    parameters: Vec<(String, String)>,
    value: String,
}

impl Line {
    fn read(line: &str) -> Option<Line> {
        let mut quoted = false;
        let mut cuts = Vec::new();
        let mut colon = None;
        for (at, c) in line.char_indices() {
            match c {
                '"' => quoted = !quoted,
                ';' if !quoted && cuts.len() < 20 => cuts.push(at),
                ':' if !quoted => {
                    colon = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let colon = colon?;
        let mut parts = Vec::with_capacity(cuts.len() + 1);
        let mut from = 0;
        for cut in cuts.into_iter().chain([colon]) {
            parts.push(&line[from..cut]);
            from = cut + 1;
        }
        let (name, parameters) = parts.split_first()?;
        let parameter = |part: &&str| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_ascii_uppercase(), value.trim().trim_matches('"').to_owned()))
        };
        // A group in front of the name is an old habit of some programs.
        let name = name.rsplit('.').next().unwrap_or(name).trim().to_ascii_uppercase();
        let parameters = parameters.iter().filter_map(parameter).collect();
        Some(Line { name, parameters, value: line[colon + 1..].to_owned() })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}
