//! Runs a small program of the owner.

use serde_json::{Map, Value};

use crate::declare::{FAILED, Field, Group, Input, NEXT, VarType, fields, kind};
use crate::event::{EffectKind, Outcome};
use crate::expression::words_of;
use crate::outside::{WRONG, time_limit};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

/// Time limit, in milliseconds, and the longest one.
const TIMEOUT_MS: u64 = 2_000;
const MAX_TIMEOUT_MS: u64 = 10_000;

fields! {
    /// A value that the program works with.
    pub(crate) struct Given {
        name: String = String::new() => Field::plain("Name", "The program reads it as input.name.", 60).required(),
        value: String = String::new() => Field::value("Value", "A text or an expression.", VarType::Any),
    }
}

fields! {
    /// A program.
    pub(crate) struct Code {
        script: String = String::new() => Field::new("Program", "JavaScript. What “return” gives is kept. It reaches neither the web nor any file.", Input::Code { language: "javascript" }).required(),
        inputs: Vec<Given> = Vec::new() => Field::items("Works with", "Values that it reads as input.name.", 30, "value", Given::FIELDS),
        variable: String = String::new() => Field::variable("Keep the result as", "Empty keeps it nowhere.", VarType::Any),
    }
}

kind!(Code {
    name: "code",
    group: Group::Actions,
    title: "Run a program",
    help: "Runs a few lines of JavaScript for what no other step does. It gets the values that you name and gives one back.",
    branches: &[NEXT, FAILED],
    outside: true,
    example: r#"{"script":"return input.words.split(' ').length","inputs":[{"name":"words","value":"{{ last.text }}"}],"variable":"count"}"#,
    example_says: "Counts the words of the message and keeps the number as “count”.",
});

impl Code {
    fn kept<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        run.note_value("The program gave", words_of(&value), &value);
        run.set_variable(&self.variable, value)?;
        Ok(Next::NEXT)
    }
}

impl Behaviour for Code {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let mut input = Map::new();
        for given in self.inputs.iter().take(30) {
            input.insert(given.name.trim().to_owned(), run.value(&given.value)?);
        }
        run.note("Runs a program", "");
        let timeout_ms = time_limit(run, TIMEOUT_MS, MAX_TIMEOUT_MS);
        Ok(run.await_effect(EffectKind::Code { script: self.script.clone(), input: Value::Object(input), timeout_ms }))
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
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Talk, warns};

    #[test]
    fn a_program_gets_values_and_gives_one() {
        let fields = json!({"script": "return 1", "variable": "kept",
            "inputs": [{"name": "said", "value": "{{ last.text }}"}, {"name": "n", "value": "{{ 2 }}"}]});
        let mut talk = Talk::begun("code", fields.clone());
        let [EffectKind::Code { input, timeout_ms: 2000, .. }] = talk.effects()[..] else { panic!() };
        assert_eq!(*input, json!({"said": "begin", "n": 2}));
        talk.outcome(Outcome::Value { value: json!([1, 2]) });
        assert_eq!((talk.way(), talk.var("kept")), ("next", json!([1, 2])));
        let mut talk = Talk::begun("code", fields);
        talk.outcome(Outcome::Failed { message: "x is not defined".into() });
        assert_eq!(talk.way(), "failed");
        warns("code", json!({}), "no code");
    }
}
