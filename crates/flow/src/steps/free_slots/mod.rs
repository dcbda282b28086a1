//! Looks for free times.

use serde_json::{Value, json};

use crate::declare::{FAILED, Field, Group, Input, NEXT, VarType, fields, kind, way};
use crate::event::{EffectKind, Outcome, Slots};
use crate::hours::Hours;
use crate::outside::WRONG;
use crate::run::{Next, Run, Stepped};
use crate::slots::{self, Calendar};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::values;

fields! {
    /// Which times are looked at.
    pub(crate) struct FreeSlots {
        calendar: String = "appointments".into() => Field::plain("Calendar", "A name of your own. Times that are booked in it are taken.", 60).required(),
        feeds: Vec<String> = Vec::new() => Field::list("Other calendars", "Secret addresses in iCal format, as Google or Outlook give them. What stands there is taken as well.", 5, "address"),
        from: String = String::new() => Field::value("From", "The first day, such as {{ day }}. Empty means today.", VarType::Date),
        days: u32 = 7 => Field::whole("Days", "How many days are looked at.", 1.0, 60.0, "days"),
        minutes: u32 = 30 => Field::whole("One takes", "How long an appointment is.", 5.0, 720.0, "minutes"),
        gap_minutes: u32 = 0 => Field::whole("Kept free around each", "To clean up or to get there.", 0.0, 240.0, "minutes"),
        hours: Hours = Hours::default() => Field::new("Hours", "When appointments can be, where your business is.", Input::Hours).required(),
        max: u32 = 10 => Field::whole("At most", "So many times are kept; WhatsApp shows ten in a list.", 1.0, 50.0, "times"),
        variable: String = "slots".into() => Field::variable("Keep them as", "A list whose entries have a start and a label to show.", VarType::List).required(),
    }
}

kind!(FreeSlots {
    name: "free_slots",
    group: Group::Actions,
    title: "Find free times",
    help: "Looks into your calendars for times that are still free, to let the customer choose one and to book it with “Book \
           a time”.",
    branches: &[NEXT, way("none", "Nothing is free"), FAILED],
    outside: true,
    example: r#"{"calendar":"haircuts","days":7,"minutes":30,"hours":{"days":{"tue":[["09:00","17:00"]]},"holidays":[]},"variable":"slots"}"#,
    example_says: "Keeps up to ten free half hours on Tuesday as “slots”.",
});

impl FreeSlots {
    pub(crate) fn calendar(&self) -> Calendar<'_> {
        Calendar {
            name: &self.calendar,
            feeds: &self.feeds,
            minutes: self.minutes,
            gap_minutes: self.gap_minutes,
            hours: &self.hours,
        }
    }

    fn kept<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        let mut items = values::list(value);
        items.truncate(self.max.clamp(1, 50) as usize);
        let count = items.len();
        run.note("Found free times", count.to_string());
        run.set_variable(&self.variable, Value::Array(items))?;
        Ok(if count == 0 && run.has_way("none") { Next::branch("none") } else { Next::NEXT })
    }
}

impl Behaviour for FreeSlots {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let from = values::when(run, &run.value(&self.from)?)?.date();
        let today = values::when(run, &json!(""))?.date();
        let (days, max) = (self.days.clamp(1, 60), self.max.clamp(1, 50));
        // Nothing is free in the past.
        let slots = Slots { days, max, ..self.calendar().slots(run, from.max(today))? };
        run.note("Looks for free times", format!("{} days from {}", slots.days, slots.from));
        Ok(run.await_effect(EffectKind::FreeSlots(slots)))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        match outcome {
            Outcome::Value { value } => self.kept(run, value.clone()),
            _ => Err(WRONG.into()),
        }
    }

    fn give<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        self.kept(run, value)
    }

    fn check(&self, check: &mut Check<'_>) {
        slots::check(check, &self.feeds, &self.hours);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Talk, warns};

    #[test]
    fn free_times_are_looked_for_and_kept() {
        for (fields, from) in [
            (json!({}), "2026-03-04"),
            (json!({"from": "2026-03-10"}), "2026-03-10"),
            (json!({"from": "next friday"}), "2026-03-06"),
            (json!({"from": "2020-01-01"}), "2026-03-04"),
        ] {
            let mut talk = Talk::begun("free_slots", fields.clone());
            let [EffectKind::FreeSlots(slots)] = talk.effects()[..] else { panic!("{fields}") };
            assert_eq!((slots.from.as_str(), slots.minutes, slots.timezone.as_str()), (from, 30, "Europe/Berlin"));
            let free: Vec<Value> =
                (0..12).map(|n| json!({"start": format!("2026-03-10T{n:02}:00"), "label": "x"})).collect();
            talk.outcome(Outcome::Value { value: json!(free) });
            assert_eq!((talk.way(), talk.var("slots").as_array().map(Vec::len)), ("next", Some(10)));
        }
        let mut talk = Talk::begun("free_slots", json!({}));
        talk.outcome(Outcome::Value { value: json!([]) });
        assert_eq!((talk.way(), talk.var("slots")), ("none", json!([])));
    }

    #[test]
    fn calendars_are_checked() {
        for (fields, part) in [
            (json!({"feeds": ["calendar.example"]}), "not the address of a calendar"),
            (json!({"hours": {"days": {}, "holidays": []}}), "never"),
            (json!({"hours": {"days": {"mon": [["9", "x"]]}}}), "cannot be read"),
            (json!({"minutes": 0}), "out of range"),
        ] {
            warns("free_slots", fields, part);
        }
    }
}
