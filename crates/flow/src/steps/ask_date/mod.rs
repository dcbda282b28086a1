//! Asks for a day.

use base::Time;
use jiff::civil::Date;
use serde_json::Value;

use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::declare::{Choose, Field, Group, Input, VarType, kind};
use crate::event::Incoming;
use crate::expression::words_of;
use crate::hours::Hours;
use crate::reply::{AnswerKind, Reader};
use crate::run::Run;
use crate::validate::Check;

const DAYS: &[Choose] =
    &[Choose { value: "any", label: "Any day" }, Choose { value: "open", label: "Only days on which you are open" }];

question! {
    /// A question that a day answers.
    pub(crate) struct AskDate of Date {
        earliest: String = String::new() => Field::value("Not before",
            "A day such as today, tomorrow, in 3 days or 2026-12-24, or an expression. Empty takes any.", VarType::Date),
        latest: String = String::new() => Field::value("Not after", "Such as in 60 days. Empty takes any.", VarType::Date),
        days: String = "any".into() => Field::pick("Days", "Whether days on which you are closed fit.", DAYS),
        hours: Hours = Hours::default() => Field::new("Opening hours", "A day fits when you are open at any time of it, and it is no holiday.",
            Input::Hours).when("days", &["open"]),
    }
}

kind!(AskDate {
    name: "ask_date",
    group: Group::Questions,
    title: "Ask for a day",
    help: "Asks a question and keeps the day in the reply, be it “tomorrow”, “next Friday”, “12/3” or “24 December”, in many \
           languages.",
    branches: WAYS,
    example: r#"{"text":"On which day would you like to come?","variable":"day","earliest":"today","latest":"in 60 days"}"#,
    example_says: "Asks for a day within the next 60 and keeps it as “day”, such as 2026-12-24.",
});

/// The limit as `2026-03-01`; nothing when there is none, or none that can be read.
fn limit(run: &Run<'_>, reader: &Reader, source: &str) -> Option<String> {
    if source.trim().is_empty() {
        return None;
    }
    let value = words_of(&run.value(source).ok()?);
    // A moment is a day, too.
    let day = value.split_once('T').map_or(value.as_str(), |(day, _)| day);
    reader.read(AnswerKind::Date, day)?.as_str().map(str::to_owned)
}

impl Ask for AskDate {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn read(&self, run: &Run<'_>, message: &Incoming, reader: &Reader) -> Reading {
        let Some(Value::String(day)) = reader.read(AnswerKind::Date, &message.text) else { return Reading::Nothing };
        let early = limit(run, reader, &self.earliest).is_some_and(|first| day < first);
        let late = limit(run, reader, &self.latest).is_some_and(|last| day > last);
        let closed = self.days == "open" && day.parse::<Date>().is_ok_and(|date| self.hours.spans(date).is_empty());
        if early || late || closed { Reading::Nothing } else { Reading::Value(Value::String(day)) }
    }

    fn check_more(&self, check: &mut Check<'_>) {
        let reader = Reader::new(Time::ZERO, "", None);
        let mut known = Vec::new();
        for (field, source) in [("earliest", &self.earliest), ("latest", &self.latest)] {
            if source.trim().is_empty() || source.contains("{{") {
                continue;
            }
            match reader.read(AnswerKind::Date, source) {
                Some(day) => known.push(words_of(&day)),
                None => check.error(field, "This is not a day.", "Write it as today, in 3 days or 2026-12-24."),
            }
        }
        if let [first, last] = known.as_slice()
            && first > last
        {
            check.error("latest", "No day fits, because “not after” comes before “not before”.", "Swap them.");
        }
        if self.days == "open" && self.hours.days.values().all(Vec::is_empty) {
            check.error("hours", "No day fits, because you are never open.", "Enter your opening hours.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Talk, warns};

    /// Today is Wednesday, 4 March 2026.
    #[test]
    fn a_day_is_kept_when_it_fits() {
        let any = json!({});
        let soon = json!({"earliest": "today", "latest": "in 10 days"});
        let given = json!({"earliest": "{{ contact.from }}", "latest": "{{ contact.nothing }}"});
        let open = json!({"days": "open", "hours": {"days": {"mon": [["09:00", "17:00"]], "fri": [["09:00", "12:00"]]}, "holidays": ["03-06"]}});
        for (more, reply, expected) in [
            (&any, "tomorrow", json!("2026-03-05")),
            (&any, "24. Dezember", json!("2026-12-24")),
            (&any, "gestern", json!("2026-03-03")),
            (&any, "soon", Value::Null),
            (&soon, "today", json!("2026-03-04")),
            (&soon, "yesterday", Value::Null),
            (&soon, "14.3.", json!("2026-03-14")),
            (&soon, "15.3.", Value::Null),
            (&given, "9.3.", Value::Null),
            (&given, "10.3.", json!("2026-03-10")),
            (&open, "on monday", json!("2026-03-09")),
            (&open, "on tuesday", Value::Null),
            (&open, "on friday", Value::Null),
            (&open, "13.3.", json!("2026-03-13")),
        ] {
            let mut fields = json!({"text": "When?", "variable": "day"});
            fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let mut talk = Talk::of("ask_date", fields);
            talk.context.contact.insert("from".into(), json!("2026-03-10T09:00:00"));
            talk.says("begin").says(reply);
            assert_eq!(talk.var("day"), expected, "{reply} {more}");
        }
    }

    #[test]
    fn an_owner_learns_when_no_day_fits() {
        for (more, part) in [
            (json!({"earliest": "whenever"}), "not a day"),
            (json!({"earliest": "in 3 days", "latest": "today"}), "No day fits"),
            (json!({"days": "open", "hours": {"days": {}}}), "never open"),
            (json!({"days": "sometimes"}), "not chosen"),
        ] {
            let mut fields = json!({"text": "When?", "variable": "day"});
            fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            warns("ask_date", fields, part);
        }
    }
}
