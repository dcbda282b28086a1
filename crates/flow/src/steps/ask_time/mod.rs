//! Asks for a time of day.

use base::Time;
use serde_json::{Value, json};

use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::declare::{Field, Group, VarType, kind};
use crate::event::Incoming;
use crate::expression::words_of;
use crate::reply::{AnswerKind, Reader};
use crate::run::Run;
use crate::validate::Check;
use crate::words::fold;

/// Words, folded, that say that the morning is meant.
const MORNING: [&str; 12] = [
    "am",
    "morning",
    "morgens",
    "fruh",
    "vormittags",
    "manana",
    "manha",
    "matin",
    "mattina",
    "утра",
    "night",
    "nachts",
];

question! {
    /// A question that a time of day answers.
    pub(crate) struct AskTime of Time {
        earliest: String = String::new() => Field::value("Not before", "Such as 09:00, or an expression. Empty takes any.", VarType::Time),
        latest: String = String::new() => Field::value("Not after", "Such as 17:30. Empty takes any.", VarType::Time),
    }
}

kind!(AskTime {
    name: "ask_time",
    group: Group::Questions,
    title: "Ask for a time",
    help: "Asks a question and keeps the time in the reply, be it “15:30”, “3 pm” or “half past three”. With limits, “at 3” \
           means the afternoon when you are closed at night.",
    branches: WAYS,
    example: r#"{"text":"At what time?","variable":"time","earliest":"09:00","latest":"17:30"}"#,
    example_says: "Asks for a time from 9 to half past 5 and keeps it as “time”, such as 15:30.",
});

/// The limit as `09:00`; nothing when there is none, or none that can be read.
fn limit(run: &Run<'_>, reader: &Reader, source: &str) -> Option<String> {
    if source.trim().is_empty() {
        return None;
    }
    let value = words_of(&run.value(source).ok()?);
    reader.read(AnswerKind::Time, &value)?.as_str().map(str::to_owned)
}

/// Whether a time lies within the limits; the later one may be after midnight.
fn within(time: &str, first: Option<&str>, last: Option<&str>) -> bool {
    match (first, last) {
        (Some(first), Some(last)) if first > last => time >= first || time <= last,
        (first, last) => first.is_none_or(|first| time >= first) && last.is_none_or(|last| time <= last),
    }
}

/// The same time twelve hours later, for those who say “3” and mean 15:00.
fn afternoon(time: &str) -> Option<String> {
    let (hour, minute) = time.split_once(':')?;
    let hour: u8 = hour.parse().ok().filter(|hour| (1..12).contains(hour))?;
    Some(format!("{}:{minute}", hour + 12))
}

impl Ask for AskTime {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn read(&self, run: &Run<'_>, message: &Incoming, reader: &Reader) -> Reading {
        let Some(Value::String(time)) = reader.read(AnswerKind::Time, &message.text) else { return Reading::Nothing };
        let (first, last) = (limit(run, reader, &self.earliest), limit(run, reader, &self.latest));
        let fits = |time: &str| within(time, first.as_deref(), last.as_deref());
        if fits(&time) {
            return Reading::Value(json!(time));
        }
        let said = fold(&message.text);
        // “3 a.m.” folds to “3 a m”.
        let morning =
            said.split(' ').any(|word| MORNING.contains(&word) || word.ends_with("am")) || said.ends_with(" a m");
        match afternoon(&time).filter(|later| !morning && fits(later)) {
            Some(later) => Reading::Value(json!(later)),
            None => Reading::Nothing,
        }
    }

    fn check_more(&self, check: &mut Check<'_>) {
        let reader = Reader::new(Time::ZERO, "", None);
        for (field, source) in [("earliest", &self.earliest), ("latest", &self.latest)] {
            let plain = !source.trim().is_empty() && !source.contains("{{");
            if plain && reader.read(AnswerKind::Time, source).is_none() {
                check.error(field, "This is not a time.", "Write it as 09:00.");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Talk, warns};

    #[test]
    fn a_time_is_kept_when_it_fits() {
        for (earliest, latest, reply, expected) in [
            ("", "", "half past 3", json!("03:30")),
            ("", "", "3pm", json!("15:00")),
            ("", "", "later", Value::Null),
            ("09:00", "17:30", "15h30", json!("15:30")),
            ("09:00", "17:30", "at 3", json!("15:00")),
            ("09:00", "17:30", "3 am", Value::Null),
            ("09:00", "17:30", "3 a.m.", Value::Null),
            ("09:00", "17:30", "3 in the morning", Value::Null),
            ("09:00", "17:30", "half past five", json!("17:30")),
            ("09:00", "17:30", "18:00", Value::Null),
            ("09:00", "", "8", json!("20:00")),
            ("22:00", "02:00", "1", json!("01:00")),
            ("22:00", "02:00", "11", json!("23:00")),
            ("22:00", "02:00", "15:00", Value::Null),
            ("{{ contact.opens }}", "{{ contact.nothing }}", "9:59", json!("21:59")),
            ("{{ contact.opens }}", "{{ contact.nothing }}", "10:00", json!("10:00")),
        ] {
            let mut talk =
                Talk::of("ask_time", json!({"text": "?", "variable": "time", "earliest": earliest, "latest": latest}));
            talk.context.contact.insert("opens".into(), json!("10:00"));
            talk.says("begin").says(reply);
            assert_eq!(talk.var("time"), expected, "{reply} {earliest}-{latest}");
        }
        warns("ask_time", json!({"text": "?", "variable": "t", "earliest": "early"}), "not a time");
    }
}
