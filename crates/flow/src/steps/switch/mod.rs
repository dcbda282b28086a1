//! Chooses one of many ways by a value.

use serde_json::Value;

use crate::declare::{Field, Group, VarType, fields, kind, needed};
use crate::expression::words_of;
use crate::rules::{Op, compare};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// One of the values.
    pub(crate) struct Case {
        id: String = String::new() => Field::plain("Id", "Names the way.", 60),
        title: String = String::new() => Field::plain("Name", "What the way is called.", 60),
        op: Op = Op::Equals => Field::pick("How", "How the value is compared.", crate::rules::OPS),
        value: String = String::new() => Field::value("With", "A text or an expression.", VarType::Any),
    }
}

fields! {
    /// A value and what it may be.
    pub(crate) struct Switch {
        value: String = "{{ last.text }}".into() => Field::value("Value", "What is looked at.", VarType::Any).required(),
        cases: Vec<Case> = Vec::new() => Field::items("Cases", "The first one that fits is taken.", 30, "case", Case::FIELDS).required(),
    }
}

kind!(Switch {
    name: "switch",
    group: Group::Logic,
    title: "Choose by value",
    help: "Compares a value with several others and takes the way of the first one that fits.",
    branches: &[needed("other", "None of them")],
    branches_from: Some("cases"),
    example: r#"{"value":"{{ last.text }}","cases":[{"id":"price","title":"Prices","op":"contains","value":"price"},{"id":"hours","title":"Hours","op":"contains","value":"open"}]}"#,
    example_says: "One way for messages with “price”, one for those with “open”, one for all others.",
});

impl Behaviour for Switch {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let value = run.value(&self.value)?;
        for case in &self.cases {
            let right = if case.op.takes_right() { run.value(&case.value)? } else { Value::Null };
            if compare(&value, case.op, &right)? {
                let name = if case.title.is_empty() { &case.id } else { &case.title };
                run.note("Chose by value", format!("{}: {name}", words_of(&value)));
                return Ok(Next::Branch(case.id.as_str().into()));
            }
        }
        run.note("Chose by value", format!("{}: none of them", words_of(&value)));
        Ok(Next::branch("other"))
    }
}
