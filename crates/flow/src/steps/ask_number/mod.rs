//! Asks for a number.

use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::declare::{Field, Group, kind};
use crate::event::Incoming;
use crate::reply::{AnswerKind, Reader};
use crate::run::Run;
use crate::validate::Check;

/// Numbers beyond this are slips.
const MOST: f64 = 1e12;

question! {
    /// A question that a number answers.
    pub(crate) struct AskNumber of Number {
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<f64> = None => Field::number("At least", "A smaller number does not fit. Empty takes any.", -MOST, MOST),
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<f64> = None => Field::number("At most", "A larger number does not fit. Empty takes any.", -MOST, MOST),
        whole: bool = false => Field::toggle("Whole numbers only", "“2.5” does not fit then."),
    }
}

kind!(AskNumber {
    name: "ask_number",
    group: Group::Questions,
    title: "Ask for a number",
    help: "Asks a question and keeps the number in the reply, be it “2”, “two”, “1.234,50” or “I need 12 please”.",
    branches: WAYS,
    example: r#"{"text":"For how many people?","variable":"people","min":1,"max":20,"whole":true,"reask":"From 1 to 20, please."}"#,
    example_says: "Asks for how many people, from 1 to 20, and keeps it as “people”.",
});

impl Ask for AskNumber {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn read(&self, _run: &Run<'_>, message: &Incoming, reader: &Reader) -> Reading {
        let Some(value) = reader.read(AnswerKind::Number, &message.text) else { return Reading::Nothing };
        let fits = value.as_f64().is_some_and(|n| {
            n.abs() <= MOST
                && self.min.is_none_or(|min| n >= min)
                && self.max.is_none_or(|max| n <= max)
                && !(self.whole && n.fract() != 0.0)
        });
        if fits { Reading::Value(value) } else { Reading::Nothing }
    }

    fn check_more(&self, check: &mut Check<'_>) {
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            check.error("max", "No number fits, because “at most” is below “at least”.", "Swap them.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Talk, warns};

    #[test]
    fn a_number_is_kept_when_it_fits() {
        let any = json!({});
        let table = json!({"min": 1, "max": 20, "whole": true});
        for (more, reply, expected) in [
            (&any, "2,5", json!(2.5)),
            (&any, "I need 12 please", json!(12)),
            (&any, "-4", json!(-4)),
            (&table, "two", json!(2)),
            (&table, "20", json!(20)),
            (&table, "21", Value::Null),
            (&table, "0", Value::Null),
            (&table, "2.5", Value::Null),
            (&any, "lots", Value::Null),
            (&any, "9999999999999", Value::Null),
        ] {
            let mut fields = json!({"text": "How many?", "variable": "n", "reask": "A number, please."});
            fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let mut talk = Talk::begun("ask_number", fields);
            assert_eq!(talk.sent(), ["How many?"]);
            talk.says(reply);
            assert_eq!(talk.var("n"), expected, "{reply}");
            let again: &[&str] = if expected.is_null() { &["A number, please."] } else { &[] };
            assert_eq!(talk.sent(), again, "{reply}");
        }
    }

    #[test]
    fn it_is_asked_only_so_often() {
        let mut talk = Talk::begun("ask_number", json!({"text": "?", "variable": "n", "max_tries": 2}));
        assert_eq!(talk.says("lots").way(), "");
        assert_eq!(talk.says("many").way(), "failed");
        warns("ask_number", json!({"text": "?", "variable": "n", "min": 5, "max": 1}), "No number fits");
    }
}
