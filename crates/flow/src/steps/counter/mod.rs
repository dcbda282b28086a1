//! Counts over all conversations.

use serde_json::{Value, json};

use crate::declare::{Field, Group, VarType, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

/// Counters that one run may touch.
const MAX_COUNTERS: usize = 100;

fields! {
    /// Which counter, and by how much.
    pub(crate) struct Counter {
        name: String = String::new() => Field::plain("Counter", "A name of your own, such as “orders”. It is read as {{ counters.orders }}.", 60).required(),
        by: i64 = 1 => Field::whole("Count on by", "Below zero counts down.", -1e9, 1e9, ""),
        variable: String = String::new() => Field::variable("Keep the new number as", "Empty keeps it nowhere else.", VarType::Number),
    }
}

kind!(Counter {
    name: "counter",
    group: Group::Data,
    title: "Count",
    help: "Counts something over all conversations, such as orders or free places, and tells the new number.",
    example: r#"{"name":"orders","by":1,"variable":"order_number"}"#,
    example_says: "Counts one order more and keeps the number as “order_number”.",
});

impl Behaviour for Counter {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let name = self.name.trim();
        let known = run.state.counters.get(name).or_else(|| run.context.counters.get(name));
        let count = known.and_then(Value::as_i64).unwrap_or_default().saturating_add(self.by);
        if run.state.counters.len() >= MAX_COUNTERS && !run.state.counters.contains_key(name) {
            return Err(format!("One run works with at most {MAX_COUNTERS} counters."));
        }
        run.state.counters.insert(name.to_owned(), json!(count));
        run.note("Counted", format!("{name}: {count}"));
        run.effect(EffectKind::Count { name: name.to_owned(), by: self.by });
        run.set_variable(&self.variable, json!(count))?;
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        check.variable("name", self.name.trim(), false);
        if self.by == 0 {
            check.warning("by", "Counting on by 0 changes nothing.", "Choose another number.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Talk, warns};

    #[test]
    fn counting_goes_on_from_what_is_known() {
        let step = |id: &str, by: i64| json!({"id": id, "kind": "counter", "fields": {"name": "orders", "by": by, "variable": id}});
        let mut talk = Talk::new(
            json!([{"id": "begin", "kind": "message_received"}, step("a", 2), step("b", -1),
                {"id": "say", "kind": "text", "fields": {"text": "Number {{ counters.orders }}"}}]),
            json!([["begin", "next", "a"], ["a", "next", "b"], ["b", "next", "say"]]),
        );
        talk.context.counters.insert("orders".into(), json!(40));
        talk.says("hello");
        assert_eq!((talk.var("a"), talk.var("b")), (json!(42), json!(41)));
        assert_eq!(talk.sent(), ["Number 41"]);
        let counts = talk.effects().into_iter().filter_map(|e| match e {
            EffectKind::Count { by, .. } => Some(*by),
            _ => None,
        });
        assert_eq!(counts.collect::<Vec<_>>(), [2, -1]);
    }

    #[test]
    fn a_counter_has_a_name_that_expressions_can_read() {
        for (fields, part) in [
            (json!({}), "empty"),
            (json!({"name": "my orders"}), "cannot be a name"),
            (json!({"name": "orders", "by": 0}), "changes nothing"),
        ] {
            warns("counter", fields, part);
        }
    }
}
