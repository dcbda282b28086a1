//! Books a time.

use serde_json::Value;

use crate::declare::{FAILED, Field, Group, Input, VarType, fields, kind, needed};
use crate::event::{EffectKind, Outcome};
use crate::hours::Hours;
use crate::outside::WRONG;
use crate::rules::is_empty;
use crate::run::{Next, Run, Stepped};
use crate::slots::{self, Calendar};
use crate::state::cut;
use crate::steps::Behaviour;
use crate::steps::free_slots::FreeSlots;
use crate::validate::Check;
use crate::values;

/// Longest name, contact and note, in bytes.
const MAX_BYTES: usize = 1_000;

/// Shows only while the settings are not those of another step.
const OWN: &[&str] = &[""];

fields! {
    /// Which time, and for whom.
    pub(crate) struct Book {
        start: String = String::new() => Field::value("Time", "When it begins, such as {{ slot }} that the customer chose.", VarType::Any).required(),
        like: String = String::new() => Field::new("Calendar as in", "The step “Find free times” whose calendar, length and hours hold. Empty lets you set them here.", Input::Step),
        calendar: String = "appointments".into() => Field::plain("Calendar", "The same name as where free times are found.", 60).required().when("like", OWN),
        feeds: Vec<String> = Vec::new() => Field::list("Other calendars", "Addresses in iCal format. What stands there is taken.", 5, "address").when("like", OWN),
        minutes: u32 = 30 => Field::whole("It takes", "How long the appointment is.", 5.0, 720.0, "minutes").when("like", OWN),
        gap_minutes: u32 = 0 => Field::whole("Kept free around it", "To clean up or to get there.", 0.0, 240.0, "minutes").when("like", OWN),
        hours: Hours = Hours::default() => Field::new("Hours", "When appointments can be.", Input::Hours).required().when("like", OWN),
        name: String = "{{ contact.name | default('') }}".into() => Field::line("Name", "Who comes."),
        contact: String = "{{ contact.phone | default('') }}".into() => Field::line("Phone or e-mail", "How to reach them."),
        note: String = String::new() => Field::words("Note", "What it is about, for whoever looks into the calendar."),
        variable: String = "booking".into() => Field::variable("Keep the booking as", "Empty keeps it nowhere.", VarType::Object),
    }
}

kind!(Book {
    name: "book",
    group: Group::Actions,
    title: "Book a time",
    help: "Takes a time in your calendar, if it is still free at that moment. If somebody was faster, “No longer free” is taken.",
    branches: &[needed("next", "Booked"), needed("taken", "No longer free"), FAILED],
    outside: true,
    example: r#"{"start":"2026-03-10T10:30","calendar":"haircuts","minutes":30,"name":"{{ contact.name | default('') }}","note":"{{ last.text }}"}"#,
    example_says: "Books half an hour on 10 March at half past ten in the customer’s name.",
});

impl Book {
    /// The calendar of another step, when one is named.
    fn other(&self, run: &Run<'_>) -> Result<Option<FreeSlots>, String> {
        if self.like.is_empty() {
            return Ok(None);
        }
        let gone =
            || "The step “Find free times” to which this booking belongs is not there. Choose another one.".to_owned();
        let flow = run.thread().map(|t| t.flow.clone()).unwrap_or_default();
        let flow = run.flow.definition().flows.iter().find(|f| f.id == flow).ok_or_else(gone)?;
        let step = flow.steps.iter().find(|s| s.id == self.like && s.kind == "free_slots").ok_or_else(gone)?;
        serde_json::from_value(Value::Object(step.fields.clone())).map(Some).map_err(|_| gone())
    }

    fn own(&self) -> Calendar<'_> {
        Calendar {
            name: &self.calendar,
            feeds: &self.feeds,
            minutes: self.minutes,
            gap_minutes: self.gap_minutes,
            hours: &self.hours,
        }
    }

    fn kept<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        if is_empty(&value) || value == Value::Bool(false) {
            run.note("No longer free", "Somebody was faster.");
            return Ok(Next::branch(if run.has_way("taken") { "taken" } else { "failed" }));
        }
        run.note_value("Booked a time", "", &value);
        run.set_variable(&self.variable, value)?;
        Ok(Next::NEXT)
    }
}

impl Behaviour for Book {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let mut start = run.value(&self.start)?;
        // An entry of the list as it was found is as good as its start.
        if let Some(of) = start.get("start") {
            start = of.clone();
        }
        if is_empty(&start) {
            return Err("It is not said which time is to be booked. Fill it in an earlier step.".into());
        }
        let when = values::when(run, &start)?;
        let values::When::Moment(moment) = &when else {
            return Err(format!("“{}” is a day without a time of day.", values::brief(&start)));
        };
        let text = |source: &str| {
            let mut text = run.text(source)?.trim().to_owned();
            cut(&mut text, MAX_BYTES);
            Ok::<String, String>(text)
        };
        let (name, contact, note) = (text(&self.name)?, text(&self.contact)?, text(&self.note)?);
        let other = self.other(run)?;
        let calendar = other.as_ref().map_or_else(|| self.own(), FreeSlots::calendar);
        let slots = calendar.slots(run, moment.date())?;
        let start = moment.strftime("%Y-%m-%dT%H:%M").to_string();
        run.note("Books a time", format!("{}: {start}", slots.calendar));
        Ok(run.await_effect(EffectKind::Book { slots, start, name, contact, note }))
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
        if self.like.is_empty() {
            slots::check(check, &self.feeds, &self.hours);
        } else if check.flow.steps.iter().any(|s| s.id == self.like && s.kind != "free_slots") {
            check.error("like", "That step does not find free times.", "Choose a step “Find free times”.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Status;
    use crate::testing::{Talk, warns};

    #[test]
    fn a_time_is_booked_if_it_is_still_free() {
        for (value, way) in [(json!({"id": "b1"}), "next"), (Value::Null, "taken"), (json!(false), "taken")] {
            let mut talk = Talk::begun("book", json!({"start": "2026-03-10T10:30", "note": "Said {{ last.text }}"}));
            let [EffectKind::Book { slots, start, note, .. }] = talk.effects()[..] else { panic!() };
            assert_eq!((start.as_str(), note.as_str()), ("2026-03-10T10:30", "Said begin"));
            assert_eq!((slots.calendar.as_str(), slots.from.as_str(), slots.days), ("appointments", "2026-03-10", 1));
            talk.outcome(Outcome::Value { value: value.clone() });
            assert_eq!(talk.way(), way);
            assert_eq!(talk.var("booking"), if way == "next" { value } else { Value::Null });
        }
    }

    #[test]
    fn the_calendar_may_be_that_of_the_step_that_found_the_time() {
        let steps = json!([
            {"id": "begin", "kind": "message_received"},
            {"id": "find", "kind": "free_slots", "fields": {"calendar": "haircuts", "minutes": 45}},
            {"id": "it", "kind": "book", "fields": {"start": "{{ slots | first }}", "like": "find"}},
        ]);
        let mut talk = Talk::new(steps, json!([["begin", "next", "find"], ["find", "next", "it"]]));
        talk.says("hello")
            .outcome(Outcome::Value { value: json!([{"start": "2026-03-10T10:30", "label": "Tuesday"}]) });
        let [EffectKind::Book { slots, start, .. }] = talk.effects()[..] else { panic!("{:?}", talk.journal()) };
        assert_eq!((slots.calendar.as_str(), slots.minutes, start.as_str()), ("haircuts", 45, "2026-03-10T10:30"));
    }

    #[test]
    fn what_is_no_time_cannot_be_booked() {
        for start in ["", "2026-03-10", "some time"] {
            assert_eq!(Talk::begun("book", json!({ "start": start })).status(), Status::Failed, "{start}");
        }
        assert_eq!(Talk::begun("book", json!({"start": "2026-03-10T10:30", "like": "gone"})).status(), Status::Failed);
        warns("book", json!({"start": "{{ last.text }}", "like": "other"}), "does not find free times");
    }
}
