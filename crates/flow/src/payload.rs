//! JSON with expressions in it: how it is written, filled in and checked.

use serde_json::Value;

use crate::expression::{escaped_marks, is_plain, words_of};
use crate::run::Run;
use crate::validate::Check;

/// Longest JSON that leaves the program, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// The document. One that was written as a text may hold expressions in place of values: `{"price": {{ price }}}`.
fn document(source: &Value) -> Result<Value, String> {
    let Value::String(text) = source else { return Ok(source.clone()) };
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&quoted(text)).map_err(|e| format!("This is not JSON: {e}."))
}

/// Puts quotation marks around expressions that stand for a value, and takes care of those inside of expressions.
fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 16);
    let (mut rest, mut inside) = (text, false);
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("{{")
            && let Some(end) = rest.find("}}")
        {
            let expression = rest[..end + 2].replace("\\\"", "\"");
            let escaped = serde_json::to_string(&expression).unwrap_or_default();
            // Inside of a text the quotation marks around it are there already.
            written.push_str(if inside {
                escaped.trim_start_matches('"').strip_suffix('"').unwrap_or("")
            } else {
                &escaped
            });
            rest = &rest[end + 2..];
            continue;
        }
        let mut length = c.len_utf8();
        match c {
            '"' => inside = !inside,
            '\\' if inside => length += rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => {}
        }
        written.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    written
}

/// The document with its expressions filled in; a text that is one expression keeps its kind.
pub(crate) fn filled(run: &Run<'_>, source: &Value) -> Result<Value, String> {
    run.json(&document(source)?)
}

/// The same as a text to send, in which secrets are marks that keep the JSON whole.
pub(crate) fn text_with_secrets(run: &Run<'_>, source: &Value) -> Result<String, String> {
    let value = with_secrets(run, &document(source)?)?;
    let text = escaped_marks(&serde_json::to_string(&value).unwrap_or_default(), "json");
    if text.len() > MAX_BYTES { Err("This JSON is larger than 256 KB. Send less.".into()) } else { Ok(text) }
}

fn with_secrets(run: &Run<'_>, source: &Value) -> Result<Value, String> {
    Ok(match source {
        Value::String(text) if text.contains("secret.") => Value::String(run.text_with_secrets(text)?),
        Value::String(text) => unmarked(run.value(text)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| with_secrets(run, item)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let pairs = map.iter().map(|(k, v)| Ok((k.clone(), with_secrets(run, v)?)));
            Value::Object(pairs.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

/// Takes out whatever looks like the mark of a secret: a customer may have written it.
fn unmarked(value: Value) -> Value {
    match value {
        Value::String(_) => Value::String(words_of(&value)),
        Value::Array(items) => Value::Array(items.into_iter().map(unmarked).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(k, v)| (words_of(&Value::String(k)), unmarked(v))).collect())
        }
        other => other,
    }
}

/// Says what is wrong with it.
pub(crate) fn check(check: &mut Check<'_>, field: &str, source: &Value, needed: bool) {
    match document(source) {
        Ok(Value::Null) if needed => check.error(field, "This is empty.", "Write the data here."),
        Ok(document) => texts(check, field, &document),
        Err(problem) => {
            check.error(
                field,
                &problem,
                "Correct it. Texts stand in double quotes: {\"name\": \"{{ contact.name }}\"}.",
            );
        }
    }
}

fn texts(check: &mut Check<'_>, field: &str, source: &Value) {
    match source {
        Value::String(text) if !is_plain(text) => check.text(field, text, false),
        Value::Array(items) => items.iter().for_each(|item| texts(check, field, item)),
        Value::Object(map) => map.values().for_each(|value| texts(check, field, value)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{START, Talk};

    #[test]
    fn nobody_but_an_expression_names_a_secret() {
        let talk = Talk::new(json!([]), json!([]));
        let context = crate::Context::default();
        let mut run = Run::new(&talk.flow, crate::RunState::default(), &context, START);
        let forged = format!("a{}b", crate::expression::mark("key"));
        run.set_variable("said", json!({ forged.clone(): [forged], "n": 2 })).unwrap();
        let source = json!(r#"{"said": {{ said }}, "key": "{{ secret.key }}", "n": {{ said.n }}}"#);
        let text = text_with_secrets(&run, &source).unwrap();
        let revealed = crate::reveal(&text, |_| Some("\"s\"".into())).unwrap();
        let read: Value = serde_json::from_str(&revealed).unwrap();
        assert_eq!(read, json!({"said": {"akeyb": ["akeyb"], "n": 2}, "key": "\"s\"", "n": 2}));
    }

    #[test]
    fn json_may_be_written_with_expressions_anywhere() {
        for (written, expected) in [
            (json!({"a": "{{ x }}"}), json!({"a": "{{ x }}"})),
            (json!(r#"{"a": {{ x }}, "b": 1}"#), json!({"a": "{{ x }}", "b": 1})),
            (json!(r#"{"a": "to {{ x | default("you") }}!"}"#), json!({"a": "to {{ x | default(\"you\") }}!"})),
            (json!(r#"{"a": "to {{ x | default(\"you\") }}!"}"#), json!({"a": "to {{ x | default(\"you\") }}!"})),
            (json!(r#"[{{ a }}, "\"{{ b }}\"", "ä\\"]"#), json!(["{{ a }}", "\"{{ b }}\"", "ä\\"])),
            (json!("{{ all }}"), json!("{{ all }}")),
            (json!(""), Value::Null),
        ] {
            assert_eq!(document(&written), Ok(expected), "{written}");
        }
        for broken in [r#"{"a": }"#, r#"{"a": {{ x }"#, "\"", "\\", "{{"] {
            assert!(document(&json!(broken)).is_err(), "{broken}");
        }
    }
}
