//! Does something for each entry of a list.

use serde_json::{Map, Value, json};

use crate::declare::{Field, Group, VarType, fields, kind, needed, way};
use crate::run::{Next, Run, Stepped};
use crate::state::Frame;
use crate::steps::Behaviour;

const MAX_ITEMS: usize = 1_000;

fields! {
    /// Which list, and how its entries are called.
    pub(crate) struct Each {
        list: String = String::new() => Field::value("List", "Such as {{ products }}. A text counts as a list of its lines.", VarType::List).required(),
        item: String = "item".into() => Field::variable("Call each entry", "Its name within the loop.", VarType::Any).required(),
        index: String = String::new() => Field::variable("Count as", "The entry’s number, from 1. Empty keeps none.", VarType::Number),
    }
}

kind!(Each {
    name: "each",
    group: Group::Logic,
    title: "For each entry",
    help: "Goes the way “For each” once for every entry of a list, and “Then” after the last one. A round is over where its \
           way ends or leads back here.",
    branches: &[needed("each", "For each"), way("next", "Then")],
    pauses: true,
    example: r#"{"list":"{{ [\"bread\", \"milk\"] }}","item":"product"}"#,
    example_says: "Goes round twice, with “bread” and with “milk” as {{ product }}.",
});

impl Each {
    fn round<'a>(&self, run: &mut Run<'a>, step: String, items: Vec<Value>, next: usize) -> Stepped<'a> {
        let Some(item) = items.get(next) else { return Ok(Next::NEXT) };
        run.set_variable(&self.item, item.clone())?;
        run.set_variable(&self.index, json!(next + 1))?;
        run.open(Frame::Each { step, items, next: next + 1 })?;
        Ok(Next::branch("each"))
    }
}

impl Behaviour for Each {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if let Some(Frame::Each { step, items, next }) = run.reopen() {
            return self.round(run, step, items, next);
        }
        let items = match run.value(&self.list)? {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            Value::String(text) => text.lines().filter(|l| !l.trim().is_empty()).map(|l| json!(l.trim())).collect(),
            Value::Object(map) => map.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect(),
            one => vec![one],
        };
        if items.len() > MAX_ITEMS {
            return Err(format!("This list has {} entries; a loop takes {MAX_ITEMS}. Shorten it first.", items.len()));
        }
        run.note("Goes through a list", format!("{} entries", items.len()));
        let step = run.step_id();
        self.round(run, step, items, 0)
    }

    fn body_done<'a>(&'a self, run: &mut Run<'a>, frame: Frame, _given: Map<String, Value>) -> Stepped<'a> {
        match frame {
            Frame::Each { step, items, next } => self.round(run, step, items, next),
            _ => Ok(Next::NEXT),
        }
    }
}
