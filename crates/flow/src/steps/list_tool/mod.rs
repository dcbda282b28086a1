//! Works on a list.

mod pick;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::declare::{Choose, FAILED, Field, Group, Input, NEXT, VarType, fields, kind};
use crate::expression::words_of;
use crate::rules::{OPS, Op, pattern};
use crate::run::{Run, Stepped};
use crate::state::{MAX_TEXT_BYTES, cut};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::values;

const OPERATIONS: &[Choose] = &[
    Choose { value: "first", label: "Take the first entry" },
    Choose { value: "last", label: "Take the last entry" },
    Choose { value: "nth", label: "Take a certain entry" },
    Choose { value: "count", label: "Count the entries" },
    Choose { value: "sum", label: "Add them up" },
    Choose { value: "sort", label: "Sort it" },
    Choose { value: "reverse", label: "Turn it round" },
    Choose { value: "unique", label: "Leave out what is there twice" },
    Choose { value: "filter", label: "Keep only what fits" },
    Choose { value: "map", label: "Take one thing of each entry" },
    Choose { value: "join", label: "Write it as a text" },
    Choose { value: "add", label: "Add an entry" },
    Choose { value: "remove", label: "Remove an entry" },
];

fields! {
    /// What is done with which list.
    pub(crate) struct ListTool {
        operation: String = "first".into() => Field::pick("Do", "What is done with the list.", OPERATIONS),
        list: String = String::new() => Field::value("List", "Such as {{ orders }}. Texts are split at their commas or lines.", VarType::List).required(),
        field: String = String::new() => Field::plain("Of each entry", "Which of its values counts, such as “price” or “address.city”. Empty means the entry itself.", 200)
            .when("operation", &["sum", "sort", "unique", "filter", "map", "join", "remove"]),
        op: Op = Op::Equals => Field::pick("How", "How it is compared.", OPS).when("operation", &["filter"]),
        value: String = String::new() => Field::value("Value", "What it is compared with, added or removed.", VarType::Any).when("operation", &["filter", "add", "remove"]),
        position: i64 = 1 => Field::whole("Which one", "1 is the first one; -1 is the last one.", -100_000.0, 100_000.0, "").when("operation", &["nth"]),
        descending: bool = false => Field::toggle("The largest first", "Else the smallest comes first, or A before Z.").when("operation", &["sort"]),
        separator: String = ", ".into() => Field::new("Between the entries", "Such as a comma. Empty means a new line.", Input::Plain { max: 20, lines: 1 })
            .when("operation", &["join"]),
        variable: String = String::new() => Field::variable("Keep as", "A name for the result.", VarType::Any).required(),
    }
}

kind!(ListTool {
    name: "list_tool",
    group: Group::Data,
    title: "Work on a list",
    help: "Sorts a list, counts it, takes something out of it or changes it, and keeps the result under a name.",
    branches: &[NEXT, FAILED],
    example: r#"{"operation":"filter","list":"{{ ['red', 'blue', 'dark red'] }}","op":"contains","value":"red","variable":"reds"}"#,
    example_says: "Keeps “red” and “dark red” as “reds”.",
});

impl ListTool {
    fn result(&self, run: &Run<'_>) -> Result<Value, String> {
        let mut items = values::list(run.value(&self.list)?);
        let of = |item: &Value| pick::of(item, &self.field).cloned().unwrap_or_default();
        Ok(match self.operation.as_str() {
            "first" => items.first().cloned().unwrap_or_default(),
            "last" => items.last().cloned().unwrap_or_default(),
            "nth" => pick::nth(&items, self.position).cloned().unwrap_or_default(),
            "count" => json!(items.len()),
            "sum" => {
                let filled = items.iter().map(of).filter(|v| !crate::rules::is_empty(v));
                let sum: f64 = filled.map(|v| values::number(run, &v)).sum::<Result<f64, _>>()?;
                values::written(sum)?
            }
            "sort" => {
                items.sort_by_cached_key(|item| pick::rank(&of(item)));
                if self.descending {
                    items.reverse();
                }
                Value::Array(items)
            }
            "reverse" => {
                items.reverse();
                Value::Array(items)
            }
            "unique" => {
                let mut seen = std::collections::HashSet::new();
                items.retain(|item| seen.insert(pick::likeness(&of(item))));
                Value::Array(items)
            }
            "filter" => {
                let right = if self.op.takes_right() { run.value(&self.value)? } else { Value::Null };
                let fits = pick::Fits::new(self.op, right)?;
                let found = items.into_iter().filter_map(|item| match fits.holds(&of(&item)) {
                    Ok(true) => Some(Ok(item)),
                    Ok(false) => None,
                    Err(problem) => Some(Err(problem)),
                });
                Value::Array(found.collect::<Result<_, String>>()?)
            }
            "map" => items.iter().map(of).collect(),
            "join" => Value::String(self.joined(items.iter().map(of))),
            "add" => {
                items.push(run.value(&self.value)?);
                Value::Array(items)
            }
            "remove" => {
                let gone = run.value(&self.value)?;
                items.retain(|item| !crate::rules::same(&of(item), &gone));
                Value::Array(items)
            }
            _ => return Err("It is not said what to do with the list. Choose it in this step.".into()),
        })
    }

    fn joined(&self, items: impl Iterator<Item = Value>) -> String {
        let between = if self.separator.is_empty() { "\n" } else { &self.separator };
        let mut text = String::new();
        for (i, item) in items.enumerate() {
            if i > 0 {
                text.push_str(between);
            }
            text.push_str(&words_of(&item));
            if text.len() > MAX_TEXT_BYTES {
                break;
            }
        }
        cut(&mut text, MAX_TEXT_BYTES);
        text
    }
}

impl Behaviour for ListTool {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let result = self.result(run);
        values::keep(run, "Worked on a list", &self.variable, result)
    }

    fn check(&self, check: &mut Check<'_>) {
        if self.operation == "filter"
            && self.op == Op::Matches
            && crate::expression::is_plain(&self.value)
            && let Err(problem) = pattern(&self.value)
        {
            check.error("value", &problem, "Correct the pattern.");
        }
    }
}
