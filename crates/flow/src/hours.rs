//! Opening hours: when a business is there, by day of the week, and the days on which it is not.

use std::collections::BTreeMap;

use base::Time;
use jiff::civil::{Date, Time as Clock, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MAX_HOLIDAYS: usize = 400;
const MAX_SPANS: usize = 6;
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// When a business is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = OpeningHours)]
pub struct Hours {
    /// For `mon` to `sun`: from and until, as `09:00` and `17:30`. A span that ends before it begins goes over midnight.
    pub days: BTreeMap<String, Vec<(String, String)>>,
    /// Closed all day: `2026-12-25`, or `12-25` for every year.
    pub holidays: Vec<String>,
}

impl Default for Hours {
    fn default() -> Self {
        let day = |day: &&str| ((*day).to_owned(), vec![("09:00".to_owned(), "17:00".to_owned())]);
        Self { days: DAYS[..5].iter().map(day).collect(), holidays: Vec::new() }
    }
}

/// A zone by its IANA name; UTC when there is no such zone.
pub(crate) fn zone(name: &str) -> TimeZone {
    if name.is_empty() { TimeZone::UTC } else { TimeZone::get(name).unwrap_or(TimeZone::UTC) }
}

fn clock(text: &str) -> Option<Clock> {
    let (hour, minute) = text.trim().split_once(':')?;
    match (hour.parse().ok()?, minute.parse().ok()?) {
        // The end of a day is written as people write it.
        (24, 0) => Some(Clock::constant(23, 59, 59, 999_999_999)),
        (hour, minute) => Clock::new(hour, minute, 0, 0).ok(),
    }
}

fn name(day: Weekday) -> &'static str {
    DAYS[usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()]
}

impl Hours {
    /// # Errors
    /// A sentence for the owner.
    pub fn check(&self) -> Result<(), String> {
        for (day, spans) in &self.days {
            if !DAYS.contains(&day.as_str()) {
                return Err(format!("“{day}” is no day of the week."));
            }
            if spans.len() > MAX_SPANS {
                return Err(format!("A day has more than {MAX_SPANS} parts."));
            }
            for (from, until) in spans {
                if clock(from).is_none() || clock(until).is_none() {
                    return Err(format!("“{from}–{until}” is not a time span such as 09:00–17:00."));
                }
            }
        }
        if self.holidays.len() > MAX_HOLIDAYS {
            return Err(format!("There are more than {MAX_HOLIDAYS} holidays."));
        }
        for holiday in &self.holidays {
            let whole = if holiday.len() == 5 { format!("2024-{holiday}") } else { holiday.clone() };
            if whole.parse::<Date>().is_err() {
                return Err(format!("“{holiday}” is not a date such as 2026-12-25 or 12-25."));
            }
        }
        Ok(())
    }

    pub fn is_holiday(&self, date: Date) -> bool {
        let (whole, yearly) = (date.to_string(), date.strftime("%m-%d").to_string());
        self.holidays.iter().any(|h| *h == whole || *h == yearly)
    }

    /// The open spans of a day that begin on it.
    pub fn spans(&self, date: Date) -> Vec<(Clock, Clock)> {
        if self.is_holiday(date) {
            return Vec::new();
        }
        let spans = self.days.get(name(date.weekday())).map(Vec::as_slice).unwrap_or_default();
        spans.iter().filter_map(|(from, until)| Some((clock(from)?, clock(until)?))).collect()
    }

    pub fn is_open(&self, at: Time, timezone: &str) -> bool {
        let now = at.to_jiff().to_zoned(zone(timezone));
        let (date, time) = (now.date(), now.time());
        let today = |(from, until): &(Clock, Clock)| {
            if from <= until { time >= *from && time < *until } else { time >= *from }
        };
        let over_night = |(from, until): &(Clock, Clock)| from > until && time < *until;
        self.spans(date).iter().any(today)
            || date.yesterday().is_ok_and(|before| self.spans(before).iter().any(over_night))
    }

    /// When it opens next; the same moment when it is open already; nothing when it never opens within 400 days.
    pub fn next_open(&self, at: Time, timezone: &str) -> Option<Time> {
        if self.is_open(at, timezone) {
            return Some(at);
        }
        let zone = zone(timezone);
        let now = at.to_jiff().to_zoned(zone.clone());
        let mut date = now.date();
        for _ in 0..400 {
            let mut spans = self.spans(date);
            spans.sort();
            for (from, _) in spans {
                let opens = date.to_datetime(from).to_zoned(zone.clone()).ok()?;
                if opens > now {
                    return Some(Time(opens.timestamp().as_millisecond()));
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Time {
        Time(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn the_door_is_open_when_the_sign_says_so() {
        let mut hours = Hours { holidays: vec!["12-25".into(), "2026-03-04".into()], ..Hours::default() };
        hours.days.insert("fri".into(), vec![("22:00".into(), "02:00".into())]);
        for (moment, zone, open) in [
            ("2026-03-02T09:00:00Z", "UTC", true),
            ("2026-03-02T08:59:59Z", "UTC", false),
            ("2026-03-02T17:00:00Z", "UTC", false),
            ("2026-03-02T07:30:00Z", "Africa/Johannesburg", true),
            ("2026-03-04T10:00:00Z", "UTC", false),
            ("2026-12-25T23:00:00Z", "UTC", false),
            ("2026-03-06T23:00:00Z", "UTC", true),
            ("2026-03-07T01:59:00Z", "UTC", true),
            ("2026-03-07T02:00:00Z", "UTC", false),
            ("2026-03-08T12:00:00Z", "UTC", false),
        ] {
            assert_eq!(hours.is_open(at(moment), zone), open, "{moment} {zone}");
        }
        assert_eq!(hours.next_open(at("2026-03-03T18:00:00Z"), "UTC"), Some(at("2026-03-05T09:00:00Z")));
        assert_eq!(Hours { days: BTreeMap::new(), ..hours }.next_open(at("2026-03-03T18:00:00Z"), "UTC"), None);
    }

    #[test]
    fn an_owner_learns_what_is_wrong_with_the_hours() {
        let with = |day: &str, from: &str, holiday: &str| Hours {
            days: [(day.to_owned(), vec![(from.to_owned(), "17:00".to_owned())])].into(),
            holidays: vec![holiday.to_owned()],
        };
        assert_eq!(with("mon", "09:00", "12-25").check(), Ok(()));
        assert!(with("monday", "09:00", "12-25").check().is_err());
        assert!(with("mon", "9 am", "12-25").check().is_err());
        assert!(with("mon", "09:00", "Christmas").check().is_err());
    }

    proptest! {
        #[test]
        fn no_hours_make_it_panic(day in "(mon|sun|x)", from in "[0-9:]{0,6}", until in "\\PC{0,6}", ms in any::<i64>()) {
            let hours = Hours { days: [(day, vec![(from, until)])].into(), holidays: vec!["02-29".into()] };
            let _ = (hours.check(), hours.is_open(Time(ms), "Europe/Berlin"), hours.next_open(Time(ms), "UTC"));
        }
    }
}
