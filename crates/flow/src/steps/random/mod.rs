//! Leaves something to chance.

use serde_json::{Value, json};

use crate::declare::{Choose, FAILED, Field, Group, NEXT, VarType, fields, kind};
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::values;

const OPERATIONS: &[Choose] =
    &[Choose { value: "number", label: "A number" }, Choose { value: "entry", label: "An entry of a list" }];

fields! {
    /// What is drawn.
    pub(crate) struct Random {
        operation: String = "number".into() => Field::pick("Draw", "What chance decides.", OPERATIONS),
        from: i64 = 1 => Field::whole("From", "The smallest number.", -1e9, 1e9, "").when("operation", &["number"]),
        to: i64 = 6 => Field::whole("To", "The largest number.", -1e9, 1e9, "").when("operation", &["number"]),
        list: String = String::new() => Field::value("List", "An expression, or texts with commas between them.", VarType::List).required().when("operation", &["entry"]),
        variable: String = String::new() => Field::variable("Keep as", "A name for what was drawn.", VarType::Any).required(),
    }
}

kind!(Random {
    name: "random",
    group: Group::Data,
    title: "Draw by chance",
    help: "Draws a whole number or an entry of a list, for raffles, voucher numbers or a change in greetings.",
    branches: &[NEXT, FAILED],
    example: r#"{"operation":"entry","list":"Hello, Hi, Good to see you","variable":"greeting"}"#,
    example_says: "Keeps one of three greetings as “greeting”.",
});

impl Random {
    fn result(&self, run: &mut Run<'_>) -> Result<Value, String> {
        if self.operation == "entry" {
            let mut items = values::list(run.value(&self.list)?);
            if items.is_empty() {
                return Err("There is nothing to draw from: the list is empty.".into());
            }
            let at = drawn(run.chance(), items.len());
            return Ok(items.swap_remove(at));
        }
        let (from, to) = (self.from.min(self.to), self.from.max(self.to));
        let numbers = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX).saturating_add(1);
        let at = i64::try_from(drawn(run.chance(), numbers)).unwrap_or_default();
        Ok(json!(from.saturating_add(at)))
    }
}

/// A place below `count`, each of them as likely.
fn drawn(chance: f64, count: usize) -> usize {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "chance lies between 0 and 1"
    )]
    let at = (chance * count as f64) as usize;
    at.min(count.saturating_sub(1))
}

impl Behaviour for Random {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let result = self.result(run);
        values::keep(run, "Drew by chance", &self.variable, result)
    }

    fn check(&self, check: &mut Check<'_>) {
        if self.operation == "number" && self.from > self.to {
            check.warning("from", "The smallest number is larger than the largest.", "Swap them.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Talk;

    #[test]
    fn every_number_and_entry_has_its_chance() {
        let draws = |fields: Value| {
            let mut fields = fields;
            fields["variable"] = json!("kept");
            let mut talk = Talk::of("random", fields);
            let mut found = std::collections::BTreeSet::new();
            for seed in 0..200 {
                talk.context.seed = seed;
                talk.says("begin");
                assert_eq!(talk.way(), "next");
                found.insert(talk.var("kept").to_string());
            }
            found.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(draws(json!({"from": -1, "to": 2})), ["-1", "0", "1", "2"]);
        assert_eq!(draws(json!({"from": 5, "to": 5})), ["5"]);
        assert_eq!(draws(json!({"from": 2, "to": 1})), ["1", "2"]);
        assert_eq!(draws(json!({"operation": "entry", "list": "a, b"})), ["\"a\"", "\"b\""]);
    }

    #[test]
    fn nothing_is_drawn_from_nothing() {
        let talk = Talk::begun("random", json!({"operation": "entry", "list": "{{ [] }}", "variable": "x"}));
        assert_eq!(talk.way(), "failed");
    }

    #[test]
    fn the_same_event_draws_the_same() {
        let draw = || Talk::begun("random", json!({"from": 0, "to": 1_000_000, "variable": "x"})).var("x");
        assert_eq!(draw(), draw());
        assert_eq!((drawn(0.0, 3), drawn(0.999_999, 3), drawn(1.0, 3)), (0, 2, 2));
    }
}
