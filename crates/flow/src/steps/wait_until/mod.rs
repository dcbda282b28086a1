//! Pauses until a date.

use jiff::civil::{Date, DateTime, Time as Clock};

use crate::declare::{Field, Group, VarType, fields, kind, needed, way};
use crate::hours::zone;
use crate::run::{Next, Run, Stepped};
use crate::state::Wait;
use crate::steps::Behaviour;

/// Longest pause: a year.
const MAX_MS: i64 = 366 * 24 * 3600 * 1000;

fields! {
    /// A moment, and how far from it.
    pub(crate) struct WaitUntil {
        date: String = String::new() => Field::value("Date", "Such as {{ day }} from a question, or 2026-12-24 18:00.", VarType::Date).required(),
        time: String = String::new() => Field::value("Time of day", "Such as {{ time }} or 09:00. Empty takes that of the date, or nine o’clock.", VarType::Time),
        before_ms: u64 = 0 => Field::duration("So long before", "For a reminder the day before, for instance.", 0, 60 * 24 * 3_600_000),
    }
}

kind!(WaitUntil {
    name: "wait_until",
    group: Group::Logic,
    title: "Wait until",
    help: "Pauses until a date and time, or some time before it. When that has passed already, “Already over” is taken.",
    branches: &[needed("next", "Then"), way("past", "Already over"), way("other", "Customer writes")],
    pauses: true,
    example: r#"{"date":"2026-12-24 18:00","before_ms":86400000}"#,
    example_says: "Waits until a day before Christmas Eve, six o’clock.",
});

impl Behaviour for WaitUntil {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (date, time) = (run.text(&self.date)?, run.text(&self.time)?);
        let date = date.trim();
        let unreadable = || format!("“{date}” is not a date to wait for.");
        let moment = match (date.parse::<jiff::Timestamp>(), date.parse::<DateTime>(), date.parse::<Date>()) {
            (Ok(moment), ..) => moment,
            (_, parsed, Ok(day)) => {
                let own = parsed.ok().map(|p| p.time()).filter(|t| *t != Clock::midnight());
                let clock = match time.trim() {
                    "" => own.unwrap_or(Clock::constant(9, 0, 0, 0)),
                    text => text.parse().map_err(|_| format!("“{text}” is not a time of day."))?,
                };
                let zoned = day.to_datetime(clock).to_zoned(zone(&run.context.timezone)).map_err(|_| unreadable())?;
                zoned.timestamp()
            }
            (_, Ok(parsed), _) => parsed.to_zoned(zone(&run.context.timezone)).map_err(|_| unreadable())?.timestamp(),
            _ => return Err(unreadable()),
        };
        let before = i64::try_from(self.before_ms).unwrap_or(i64::MAX);
        let at = base::Time(moment.as_millisecond().saturating_sub(before));
        if at <= run.at {
            run.note("The date is over already", date);
            return Ok(Next::branch(if run.has_way("past") { "past" } else { "next" }));
        }
        if at.0.saturating_sub(run.at.0) > MAX_MS {
            return Err(format!("“{date}” is more than a year away, which is longer than a flow waits."));
        }
        run.note("Waits until", moment.to_string());
        Ok(run.wait(Wait::Until { at }))
    }

    fn late<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("The date has come", "");
        Ok(Next::NEXT)
    }
}
