//! Reads and makes JSON.

use serde_json::Value;

use crate::declare::{Choose, FAILED, Field, Group, Input, NEXT, VarType, fields, kind};
use crate::payload;
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::values;

const OPERATIONS: &[Choose] = &[
    Choose { value: "parse", label: "Read a text as data" },
    Choose { value: "pick", label: "Take a part of data" },
    Choose { value: "make", label: "Make data" },
    Choose { value: "text", label: "Write data as a text" },
];

fields! {
    /// What is done with which data.
    pub(crate) struct Json {
        operation: String = "parse".into() => Field::pick("Do", "What is done with the data.", OPERATIONS),
        value: String = String::new() => Field::value("From", "Such as {{ response }}.", VarType::Any).required().when("operation", &["parse", "pick", "text"]),
        pointer: String = String::new() => Field::plain("Which part", "Such as /items/0/price: the price of the first item. Empty takes all.", 500)
            .when("operation", &["parse", "pick"]),
        json: Value = Value::Null => Field::new("Data", "JSON in which expressions may stand.", Input::Json).required().when("operation", &["make"]),
        variable: String = String::new() => Field::variable("Keep as", "A name for the result.", VarType::Any).required(),
    }
}

kind!(Json {
    name: "json",
    group: Group::Data,
    title: "Read or make data",
    help: "Works with JSON, the form in which programs exchange data: reads a text that holds it, takes a part of it, or \
           makes it from values.",
    branches: &[NEXT, FAILED],
    example: r#"{"operation":"make","json":{"customer":"{{ contact.name }}","items":["{{ last.text }}"]},"variable":"order"}"#,
    example_says: "Keeps the customer’s name and message together as “order”.",
});

impl Json {
    fn result(&self, run: &Run<'_>) -> Result<Value, String> {
        if self.operation == "make" {
            return payload::filled(run, &self.json);
        }
        let mut value = run.value(&self.value)?;
        match self.operation.as_str() {
            "text" => return Ok(Value::String(value.to_string())),
            "parse" | "pick" => {}
            _ => return Err("It is not said what to do with the data. Choose it in this step.".into()),
        }
        if let Value::String(text) = &value
            && (self.operation == "parse" || text.trim_start().starts_with(['{', '[']))
        {
            value = serde_json::from_str(text.trim()).map_err(|e| format!("This text is not JSON: {e}."))?;
        }
        Ok(value.pointer_mut(&self.pointer).map(Value::take).unwrap_or_default())
    }
}

impl Behaviour for Json {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let result = self.result(run);
        values::keep(run, "Worked on data", &self.variable, result)
    }

    fn check(&self, check: &mut Check<'_>) {
        if self.operation != "make" && self.operation != "text" {
            values::check_pointer(check, "pointer", &self.pointer);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Talk, warns};

    #[test]
    fn data_is_read_picked_and_made() {
        for (fields, way, expected) in [
            (json!({"value": "{\"a\": [1, 2]}"}), "next", json!({"a": [1, 2]})),
            (json!({"value": "{\"a\": [1, 2]}", "pointer": "/a/1"}), "next", json!(2)),
            (json!({"value": "12"}), "next", json!(12)),
            (json!({"value": "not json"}), "failed", Value::Null),
            (json!({"operation": "pick", "value": "{{ {'a': {'b': 'x'} } }}", "pointer": "/a/b"}), "next", json!("x")),
            (json!({"operation": "pick", "value": "{{ nothing }}", "pointer": "/a"}), "next", Value::Null),
            (json!({"operation": "pick", "value": "plain"}), "next", json!("plain")),
            (
                json!({"operation": "make", "json": {"said": "{{ last.text }}", "n": "{{ 1 + 1 }}"}}),
                "next",
                json!({"said": "begin", "n": 2}),
            ),
            (json!({"operation": "make", "json": "{\"said\": {{ last.text }}}"}), "next", json!({"said": "begin"})),
            (json!({"operation": "make", "json": "{\"said\": }"}), "failed", Value::Null),
            (json!({"operation": "text", "value": "{{ [1, 'a'] }}"}), "next", json!("[1,\"a\"]")),
        ] {
            let mut fields = fields;
            fields["variable"] = json!("kept");
            let talk = Talk::begun("json", fields.clone());
            assert_eq!((talk.way(), talk.var("kept")), (way, expected), "{fields}");
        }
    }

    #[test]
    fn mistakes_show_before_a_customer_meets_them() {
        for (fields, part) in [
            (json!({"operation": "make", "json": "{\"a\": }"}), "not JSON"),
            (json!({"operation": "make", "json": {"a": "{{ secret.key }}"}}), "Secrets cannot"),
            (json!({"operation": "make", "json": {"a": ["{{ nowhere }}"]}}), "No step fills"),
            (json!({"operation": "make"}), "empty"),
            (json!({"operation": "pick", "value": "{{ x }}", "pointer": "a.b"}), "does not point"),
        ] {
            warns("json", fields, part);
        }
    }
}
