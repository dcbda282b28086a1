//! Takes values out of a text.

use serde_json::Value;

use crate::declare::{Choose, FAILED, Field, Group, Input, NEXT, VarType, fields, kind, way};
use crate::event::{EffectKind, Outcome, Wanted};
use crate::expression::words_of;
use crate::outside::WRONG;
use crate::rules;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::values;

const TYPES: &[Choose] = &[
    Choose { value: "text", label: "Words" },
    Choose { value: "number", label: "A number" },
    Choose { value: "date", label: "A date" },
    Choose { value: "time", label: "A time of day" },
    Choose { value: "yes_no", label: "Yes or no" },
    Choose { value: "list", label: "A list" },
];

fields! {
    /// One value to look for.
    pub(crate) struct Part {
        name: String = String::new() => Field::variable("Keep as", "Such as “city”.", VarType::Any).required(),
        of: VarType = VarType::Text => Field::pick("It is", "What kind of value it is.", TYPES),
        help: String = String::new() => Field::plain("What it means", "Such as “the town where the package goes”.", 300),
        needed: bool = false => Field::toggle("Needed", "When it is not there, “Something is missing” is taken."),
    }
}

fields! {
    /// Which text, and what to look for.
    pub(crate) struct Extract {
        text: String = "{{ last.text }}".into() => Field::words("Text", "Usually what the customer said last.").required(),
        fields: Vec<Part> = Vec::new() => Field::items("Look for", "Each value is kept under its name. What is not in the text keeps what it was before.", 20, "value", Part::FIELDS).required(),
        instructions: String = String::new() => Field::new("What the model should know", "Such as how your order numbers look.", Input::Words { max: 2_000, lines: 3 }),
    }
}

kind!(Extract {
    name: "extract",
    group: Group::Ai,
    title: "Find details",
    help: "Finds names, numbers, dates and the like in a message and keeps them, so that nobody is asked what they have said \
           already.",
    branches: &[NEXT, way("missing", "Something is missing"), FAILED],
    outside: true,
    example: r#"{"text":"{{ last.text }}","fields":[{"name":"people","of":"number","help":"how many guests","needed":true},{"name":"day","of":"date","help":"when they come","needed":true}]}"#,
    example_says: "Finds 4 as “people” and the date of Friday as “day” in “A table for four on Friday, please”.",
});

impl Extract {
    fn found<'a>(&'a self, run: &mut Run<'a>, values: &Value) -> Stepped<'a> {
        let mut missing = Vec::new();
        run.note("Looked through the text", "");
        for part in &self.fields {
            let value = values.get(&part.name).and_then(|v| values::shaped(run, part.of, v));
            match value {
                Some(value) => {
                    run.note("Found a detail", format!("{}: {}", part.name, words_of(&value)));
                    run.set_variable(&part.name, value)?;
                }
                // An earlier message may have said it.
                None if run.variable(&part.name).is_some_and(|v| !rules::is_empty(v)) => {}
                None => {
                    run.set_variable(&part.name, Value::Null)?;
                    missing.extend(part.needed.then_some(part.name.as_str()));
                }
            }
        }
        if missing.is_empty() {
            return Ok(Next::NEXT);
        }
        run.note("Some details are missing", missing.join(", "));
        Ok(if run.has_way("missing") { Next::branch("missing") } else { Next::NEXT })
    }
}

impl Behaviour for Extract {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (text, instructions) = (run.text(&self.text)?, run.text(&self.instructions)?);
        if text.trim().is_empty() {
            return self.found(run, &Value::Null);
        }
        run.note("Looks for details", &text);
        let of = |p: &Part| Wanted { name: p.name.clone(), of: p.of, help: p.help.clone() };
        let wanted = self.fields.iter().map(of).collect();
        Ok(run.await_effect(EffectKind::Extract { text, instructions, wanted }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        match outcome {
            Outcome::Value { value } => self.found(run, value),
            _ => Err(WRONG.into()),
        }
    }

    fn give<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        self.found(run, &value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Talk, warns};

    fn fields() -> Value {
        json!({"fields": [
            {"name": "people", "of": "number", "needed": true},
            {"name": "day", "of": "date"},
            {"name": "note"},
        ]})
    }

    #[test]
    fn details_are_kept_as_what_they_are() {
        for (given, way, people, day) in [
            (json!({"people": "4", "day": "friday", "note": ""}), "next", json!(4), json!("2026-03-06")),
            (json!({"people": 2}), "next", json!(2), Value::Null),
            (json!({"people": "a few", "day": "2026-04-01"}), "missing", Value::Null, json!("2026-04-01")),
            (json!({}), "missing", Value::Null, Value::Null),
            (json!("nonsense"), "missing", Value::Null, Value::Null),
        ] {
            let mut talk = Talk::begun("extract", fields());
            let EffectKind::Extract { wanted, .. } = talk.effects()[0] else { panic!() };
            assert_eq!(wanted.len(), 3);
            talk.outcome(Outcome::Value { value: given.clone() });
            assert_eq!((talk.way(), talk.var("people"), talk.var("day")), (way, people, day), "{given}");
        }
    }

    #[test]
    fn what_was_said_before_is_not_forgotten() {
        let steps = json!([{"id": "begin", "kind": "message_received"}, {"id": "it", "kind": "extract", "fields": fields()},
            {"id": "more", "kind": "ask_text", "fields": {"text": "How many?", "variable": "x"}}, {"id": "done", "kind": "end"}]);
        let ways =
            json!([["begin", "next", "it"], ["it", "missing", "more"], ["more", "next", "it"], ["it", "next", "done"]]);
        let mut talk = Talk::new(steps, ways);
        talk.says("on friday").outcome(Outcome::Value { value: json!({"day": "2026-03-06"}) });
        assert_eq!(talk.sent(), ["How many?"]);
        talk.says("four of us").outcome(Outcome::Value { value: json!({"people": 4}) });
        assert_eq!((talk.var("people"), talk.var("day"), talk.way()), (json!(4), json!("2026-03-06"), "next"));
    }

    #[test]
    fn names_are_checked() {
        warns("extract", json!({}), "empty");
        warns("extract", json!({"fields": [{"name": "my city", "of": "text"}]}), "cannot be a name");
        warns("extract", json!({"fields": [{"name": "city", "of": ""}]}), "cannot be read");
    }
}
