//! Remembers values.

use crate::declare::{Choose, Field, Group, VarType, fields, kind};
use crate::expression::words_of;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

const KEEP: &[Choose] = &[
    Choose { value: "run", label: "this conversation's way through the flow" },
    Choose { value: "conversation", label: "the conversation, for good" },
    Choose { value: "workspace", label: "all conversations" },
];

fields! {
    /// One value and where it is kept.
    pub(crate) struct Item {
        name: String = String::new() => Field::variable("Name", "Such as “city”.", VarType::Any).required(),
        value: String = String::new() => Field::value("Value", "A text or an expression; a single expression keeps its kind.", VarType::Any),
    }
}

fields! {
    /// What is remembered.
    pub(crate) struct Set {
        values: Vec<Item> = Vec::new() => Field::items("Values", "Filled from top to bottom.", 30, "value", Item::FIELDS).required(),
        keep: String = "run".into() => Field::pick("Keep for", "Values kept beyond this way are read as {{ conversation.name }} and {{ workspace.name }}.", KEEP),
    }
}

kind!(Set {
    name: "set",
    group: Group::Data,
    title: "Remember values",
    help: "Keeps values under names, to use in texts and decisions of later steps.",
    example: r#"{"values":[{"name":"topic","value":"{{ last.text }}"}]}"#,
    example_says: "Keeps the customer’s last message as “topic”.",
});

impl Behaviour for Set {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        for item in &self.values {
            let value = run.value(&item.value)?;
            run.note("Remembered a value", format!("{}: {}", item.name, words_of(&value)));
            match self.keep.as_str() {
                "conversation" => run.set_conversation(&item.name, value)?,
                "workspace" => run.set_workspace(&item.name, value)?,
                _ => run.set_variable(&item.name, value)?,
            }
        }
        Ok(Next::NEXT)
    }
}
