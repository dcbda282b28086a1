//! Calculates.

use serde_json::Value;

use crate::declare::{Choose, FAILED, Field, Group, NEXT, VarType, fields, kind};
use crate::filters::money;
use crate::rules;
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::values;

const OPERATIONS: &[Choose] = &[
    Choose { value: "add", label: "Add" },
    Choose { value: "subtract", label: "Subtract" },
    Choose { value: "multiply", label: "Multiply" },
    Choose { value: "divide", label: "Divide" },
    Choose { value: "remainder", label: "What is left after dividing" },
    Choose { value: "percent", label: "So many percent of it" },
    Choose { value: "min", label: "The smaller one" },
    Choose { value: "max", label: "The larger one" },
    Choose { value: "round", label: "Round" },
    Choose { value: "up", label: "Round up" },
    Choose { value: "down", label: "Round down" },
    Choose { value: "money", label: "Write it as money" },
];

/// Operations with a second number.
const TWO: &[&str] = &["add", "subtract", "multiply", "divide", "remainder", "percent", "min", "max"];

fields! {
    /// What is calculated.
    pub(crate) struct NumberTool {
        operation: String = "add".into() => Field::pick("Do", "What is calculated.", OPERATIONS),
        number: String = String::new() => Field::value("Number", "A number or an expression; for the smaller or larger one also a list.", VarType::Any).required(),
        by: String = String::new() => Field::value("With", "The second number. For percent, how many.", VarType::Any).when("operation", TWO),
        decimals: u32 = 0 => Field::whole("Digits after the point", "0 gives a whole number.", 0.0, 10.0, "").when("operation", &["round", "up", "down"]),
        currency: String = String::new() => Field::plain("Currency", "Such as EUR. Empty means that of the business.", 3).when("operation", &["money"]),
        variable: String = String::new() => Field::variable("Keep as", "A name for the result.", VarType::Any).required(),
    }
}

kind!(NumberTool {
    name: "number_tool",
    group: Group::Data,
    title: "Calculate",
    help: "Adds, multiplies, rounds and so on, and keeps the result under a name. Numbers may be written as customers do, \
           such as 1.234,50.",
    branches: &[NEXT, FAILED],
    example: r#"{"operation":"multiply","number":"12.50","by":"3","variable":"total"}"#,
    example_says: "Keeps 37.5 as “total”.",
});

impl NumberTool {
    fn result(&self, run: &Run<'_>) -> Result<Value, String> {
        let first = run.value(&self.number)?;
        if let "min" | "max" = self.operation.as_str() {
            return self.extreme(run, first);
        }
        let a = values::number(run, &first)?;
        if !TWO.contains(&self.operation.as_str()) {
            return self.alone(run, a);
        }
        let b = values::number(run, &run.value(&self.by)?)?;
        values::written(match self.operation.as_str() {
            "add" => a + b,
            "subtract" => a - b,
            "multiply" => a * b,
            "percent" => a * b / 100.0,
            "divide" | "remainder" if b == 0.0 => return Err("Nothing can be divided by zero.".into()),
            "divide" => a / b,
            _ => a.rem_euclid(b),
        })
    }

    fn extreme(&self, run: &Run<'_>, first: Value) -> Result<Value, String> {
        let mut all = if first.is_array() { values::list(first) } else { vec![first] };
        if !self.by.trim().is_empty() {
            all.extend(values::list(run.value(&self.by)?));
        }
        let filled = all.iter().filter(|v| !rules::is_empty(v));
        let numbers = filled.map(|v| values::number(run, v)).collect::<Result<Vec<f64>, _>>()?;
        let (pick, none): (fn(f64, f64) -> f64, _) =
            if self.operation == "min" { (f64::min, f64::INFINITY) } else { (f64::max, f64::NEG_INFINITY) };
        if numbers.is_empty() {
            return Err("There is no number to choose from.".into());
        }
        values::written(numbers.into_iter().fold(none, pick))
    }

    fn alone(&self, run: &Run<'_>, a: f64) -> Result<Value, String> {
        let scale = 10f64.powi(i32::try_from(self.decimals.min(10)).unwrap_or_default());
        // What is 2.675 for people is a little less in binary fractions.
        let scaled =
            (a * scale * (1.0 + f64::EPSILON * 4.0 * f64::from(u8::from(a.fract() != 0.0)))).clamp(-1e300, 1e300);
        match self.operation.as_str() {
            "round" => values::written(scaled.round() / scale),
            "up" => values::written((a * scale - 1e-9).ceil() / scale),
            "down" => values::written((a * scale + 1e-9).floor() / scale),
            "money" => {
                let own = run.context.business.get("currency").and_then(Value::as_str).unwrap_or_default();
                let currency = Some(self.currency.trim()).filter(|c| !c.is_empty()).unwrap_or(own).to_owned();
                let text =
                    money(&a.into(), Some(currency)).map_err(|_| "This cannot be written as money.".to_owned())?;
                Ok(Value::String(text))
            }
            _ => Err("It is not said what to calculate. Choose it in this step.".into()),
        }
    }
}

impl Behaviour for NumberTool {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let result = self.result(run);
        values::keep(run, "Calculated", &self.variable, result)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Talk;

    fn kept(operation: &str, number: &str, by: &str, more: Value) -> (String, Value) {
        let mut fields = json!({"operation": operation, "number": number, "by": by, "variable": "kept"});
        fields.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let talk = Talk::begun("number_tool", fields);
        (talk.way().to_owned(), talk.var("kept"))
    }

    #[test]
    fn numbers_are_calculated() {
        for (operation, number, by, more, expected) in [
            ("add", "0.1", "{{ 0.2 }}", json!({}), json!(0.3)),
            ("subtract", "1", "3", json!({}), json!(-2)),
            ("multiply", "12.50", "3", json!({}), json!(37.5)),
            ("multiply", "1.234,50", "2", json!({}), json!(2469)),
            ("divide", "10", "4", json!({}), json!(2.5)),
            ("remainder", "10", "4", json!({}), json!(2)),
            ("remainder", "-1", "7", json!({}), json!(6)),
            ("percent", "80", "19", json!({}), json!(15.2)),
            ("min", "3", "2", json!({}), json!(2)),
            ("max", "{{ [3, '8', none] }}", "", json!({}), json!(8)),
            ("round", "2.5", "", json!({}), json!(3)),
            ("round", "2.675", "", json!({"decimals": 2}), json!(2.68)),
            ("round", "-2.5", "", json!({}), json!(-3)),
            ("up", "2.1", "", json!({}), json!(3)),
            ("up", "2", "", json!({}), json!(2)),
            ("up", "0.30000000000000004", "", json!({"decimals": 1}), json!(0.3)),
            ("down", "2.99", "", json!({"decimals": 1}), json!(2.9)),
            ("money", "1234.5", "", json!({}), json!("1,234.50 EUR")),
            ("money", "1234.5", "", json!({"currency": "JPY"}), json!("1,234 JPY")),
        ] {
            assert_eq!(kept(operation, number, by, more), ("next".into(), expected), "{operation} {number} {by}");
        }
    }

    #[test]
    fn what_cannot_be_calculated_takes_its_own_way() {
        for (operation, number, by) in [
            ("add", "many", "1"),
            ("add", "1", ""),
            ("divide", "1", "0"),
            ("remainder", "1", "0"),
            ("multiply", "1e300", "1e300"),
            ("max", "{{ [] }}", ""),
            ("unheard_of", "1", "1"),
        ] {
            assert_eq!(kept(operation, number, by, json!({})).0, "failed", "{operation} {number} {by}");
        }
    }
}
