//! When a repeating event takes place (RFC 5545, 3.3.10), by the wall clock of its own time zone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use base::Stopwatch;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rrule::RRuleSet;

use super::Span;
use super::feed::When;

/// Occurrences counted from the first on, those that are long over included.
const MAX_STEPS: usize = 30_000;
/// What a single rule may cost.
const MAX_TIME: Duration = Duration::from_millis(300);
const FORM: &str = "%Y%m%dT%H%M%SZ";

/// The wall clock at which the event begins, each time within `window`.
///
/// The rule is unrolled as if the wall clock were UTC and only then put into its zone. So nine o'clock stays nine o'clock
/// when the clocks change, and one table of time zones counts, not two.
pub(super) fn dates(start: &When, rule: &str, window: Span) -> Result<Vec<DateTime>, &'static str> {
    let rule = rewritten(start, rule)?;
    // An event that repeats itself within the hour is a mistake, or malice.
    if rule.contains("SECONDLY") || rule.contains("MINUTELY") {
        return Err("repeats too often");
    }
    let text = format!("DTSTART:{}\nRRULE:{rule}", start.at.strftime(FORM));
    // Rules come from strangers, and the library is not ours.
    catch_unwind(AssertUnwindSafe(|| unrolled(&text, start, window))).unwrap_or(Err("cannot be unrolled"))
}

fn unrolled(text: &str, start: &When, window: Span) -> Result<Vec<DateTime>, &'static str> {
    let set: RRuleSet = text.parse().map_err(|_| "cannot be read")?;
    let set = set.limit();
    let watch = Stopwatch::start();
    let mut found = Vec::new();
    for date in (&set).into_iter().take(MAX_STEPS) {
        let Ok(at) = Timestamp::from_second(date.timestamp()) else { break };
        let at = at.to_zoned(TimeZone::UTC).datetime();
        let Some(time) = super::feed::moment(at, &start.zone) else { break };
        if time >= window.until || watch.elapsed() > MAX_TIME {
            break;
        }
        if time >= window.from {
            found.push(at);
        }
    }
    Ok(found)
}

/// The rule with its end by the same wall clock, and without what others made up.
fn rewritten(start: &When, rule: &str) -> Result<String, &'static str> {
    let mut parts = Vec::new();
    for part in rule.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let (name, value) = part.split_once('=').ok_or("cannot be read")?;
        let (name, value) = (name.to_ascii_uppercase(), value.trim().to_ascii_uppercase());
        if name.starts_with("X-") || name == "RSCALE" || name == "SKIP" {
            continue;
        }
        let value = if name == "UNTIL" { until(start, &value)? } else { value };
        parts.push(format!("{name}={value}"));
    }
    Ok(parts.join(";"))
}

fn until(start: &When, value: &str) -> Result<String, &'static str> {
    let wrong = "its end cannot be read";
    if !value.is_ascii() || value.len() < 8 {
        return Err(wrong);
    }
    let (date, time) = value.split_once('T').unwrap_or((value, ""));
    if time.is_empty() || start.all_day {
        return Ok(format!("{date}T235959Z"));
    }
    if !value.ends_with('Z') {
        return Ok(format!("{value}Z"));
    }
    let at = DateTime::strptime("%Y%m%dT%H%M%S", value.trim_end_matches('Z')).map_err(|_| wrong)?;
    let at = at.to_zoned(TimeZone::UTC).map_err(|_| wrong)?.with_time_zone(start.zone.clone());
    Ok(at.strftime(FORM).to_string())
}
