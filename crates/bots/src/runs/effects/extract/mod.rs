//! Takes named values out of a text: with a language model where there is one, by plain rules where there is none.

mod rules;

use std::sync::Arc;

use ai::Message;
use base::{Result, Time};
use flow::{AnswerKind, Outcome, VarType, Wanted};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{Place, spoken};
use crate::answers::{self, Wish};
use crate::workspace::Workspace;
use crate::{business, models};

const MAX_TEXT_CHARS: usize = 12_000;
const MAX_WANTED: usize = 30;
/// Longest text that is taken for a value, in characters.
const MAX_VALUE_CHARS: usize = 1_000;

/// What a text is read against.
pub(super) struct Reading {
    at: Time,
    timezone: String,
    language: Option<String>,
}

impl Reading {
    fn read(&self, kind: AnswerKind, text: &str) -> Option<Value> {
        flow::read_value(kind, text, self.at, &self.timezone, self.language.as_deref())
    }
}

/// The values by name; what is not in the text is null.
pub(super) async fn extract(
    ws: &Arc<Workspace>,
    place: &Place,
    text: &str,
    instructions: &str,
    wanted: &[Wanted],
    cancel: &CancellationToken,
) -> Result<Outcome> {
    let text: String = text.chars().take(MAX_TEXT_CHARS).collect();
    let wanted = &wanted[..wanted.len().min(MAX_WANTED)];
    let timezone = ws.db.read(business::get).await?.timezone;
    let reading = Reading { at: ws.clock.now(), timezone, language: place.language.clone() };
    let mut values = rules::values(&text, wanted, &reading);
    if models::has_writer(ws) {
        let wish = Wish {
            purpose: "extract",
            orders: orders(instructions, wanted, &reading),
            messages: vec![Message::user(format!("<<<\n{text}\n>>>"))],
            max_tokens: 100 + 60 * u32::try_from(wanted.len()).unwrap_or(10),
            temperature: 0.0,
            shown: None,
        };
        match answers::generate(ws, wish, cancel).await {
            Ok(written) => take(&mut values, &written.text, written.local, &text, wanted, &reading),
            Err(e) if e.code == base::ErrorCode::Cancelled => return Err(e),
            Err(e) => tracing::warn!(error = ?e, "no model could look for details; plain rules do"),
        }
    }
    Ok(Outcome::Value { value: Value::Object(values) })
}

fn orders(instructions: &str, wanted: &[Wanted], reading: &Reading) -> String {
    let schema: Map<String, Value> = wanted
        .iter()
        .map(|w| (w.name.clone(), json!({ "type": [schema_type(w.of), "null"], "description": described(w) })))
        .collect();
    let schema = json!({ "type": "object", "properties": schema });
    let today = reading.at.to_jiff().in_tz(&reading.timezone).map_or_else(
        |_| reading.at.to_jiff().to_string().chars().take(10).collect(),
        |now| now.strftime("%A %Y-%m-%d").to_string(),
    );
    format!(
        "Read the text between the marks and take out of it what this JSON schema describes: {schema}\nReply with one \
         JSON object and nothing else. Use null for what the text does not say; never guess. Copy names and numbers as \
         they stand there. Today is {today}.\n{instructions}"
    )
}

fn schema_type(of: VarType) -> &'static str {
    match of {
        VarType::Number => "number",
        VarType::YesNo => "boolean",
        VarType::List => "array",
        VarType::Object => "object",
        _ => "string",
    }
}

fn described(wanted: &Wanted) -> String {
    let form = match wanted.of {
        VarType::Date => " As 2026-03-01.",
        VarType::Time => " As 15:30.",
        _ => "",
    };
    format!("{}{form}", wanted.help)
}

/// Takes over what a model found, as far as it has the right form and stands in the text. Of a small local model only what
/// the rules did not find.
fn take(values: &mut Map<String, Value>, written: &str, local: bool, text: &str, wanted: &[Wanted], reading: &Reading) {
    let knows = |map: &Map<String, Value>| wanted.iter().any(|w| map.contains_key(&w.name));
    let Some(found) = spoken::object(written, knows) else {
        tracing::info!("a model's details could not be read");
        return;
    };
    let folded = flow::fold(text);
    for w in wanted {
        let known = values.get(&w.name).is_some_and(|v| !v.is_null());
        if known && local {
            continue;
        }
        if let Some(value) = found.get(&w.name).and_then(|v| shaped(v, w.of, &folded, reading)) {
            values.insert(w.name.clone(), value);
        }
    }
}

/// The value in its type's form, or nothing when it cannot be one or was made up.
fn shaped(value: &Value, of: VarType, folded: &str, reading: &Reading) -> Option<Value> {
    let written = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => String::new(),
    };
    if written.chars().count() > MAX_VALUE_CHARS || matches!(written.as_str(), "null" | "none" | "unknown" | "N/A") {
        return None;
    }
    match of {
        VarType::Number => {
            let number = value.as_f64().or_else(|| reading.read(AnswerKind::Number, &written)?.as_f64())?;
            is_told(number, folded, reading).then(|| json_number(number))
        }
        VarType::YesNo => {
            value.as_bool().or_else(|| reading.read(AnswerKind::YesNo, &written)?.as_bool()).map(Value::Bool)
        }
        VarType::Date => reading.read(AnswerKind::Date, &written),
        VarType::Time => reading.read(AnswerKind::Time, &written),
        VarType::Text | VarType::Any => {
            let words = flow::fold(&written);
            let padded = format!(" {folded} ");
            let told =
                words.split(' ').all(|w| padded.contains(&format!(" {w} ")) || folded.contains(w) && w.len() > 3);
            (!words.is_empty() && told).then(|| json!(written))
        }
        VarType::List => value.as_array().filter(|list| list.len() <= 50).map(|list| Value::Array(list.clone())),
        VarType::Object => value.as_object().map(|map| Value::Object(map.clone())),
        VarType::File | VarType::Location => None,
    }
}

/// Whether the text names the number, in digits or in a word.
fn is_told(number: f64, folded: &str, reading: &Reading) -> bool {
    let mut words = folded.split(' ');
    words.any(|w| reading.read(AnswerKind::Number, w).and_then(|v| v.as_f64()) == Some(number))
        || folded.replace(' ', "").contains(&number.to_string().replace(['.', '-'], ""))
}

fn json_number(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "only used when it is exact")]
    let whole = number as i64;
    #[expect(clippy::cast_precision_loss, reason = "compared to see whether it was exact")]
    if whole as f64 == number { json!(whole) } else { json!(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        // Wednesday, 4 March 2026.
        Reading { at: Time(1_772_618_400_000), timezone: "Europe/Berlin".into(), language: Some("en".into()) }
    }

    fn wanted(of: &[(&str, VarType, &str)]) -> Vec<Wanted> {
        of.iter().map(|(name, of, help)| Wanted { name: (*name).into(), of: *of, help: (*help).into() }).collect()
    }

    #[test]
    fn what_a_model_made_up_is_not_taken_and_rules_fill_the_gap() {
        let text = "Hi, I'm Ana Lima. A table for four on Friday at 7pm please, near the window.";
        let wanted = wanted(&[
            ("name", VarType::Text, "Who it is for"),
            ("people", VarType::Number, "How many people"),
            ("date", VarType::Date, ""),
            ("time", VarType::Time, ""),
            ("place", VarType::Text, "Where they want to sit"),
            ("phone", VarType::Text, "Phone number"),
        ]);
        let written = r#"Here: {"name": "Ana Lima", "people": 6, "date": "2026-03-06", "time": "19:00", "place": "near the window", "phone": "030 999"}"#;
        for (local, people) in [(false, json!(4)), (true, json!(4))] {
            let mut values = rules::values(text, &wanted, &reading());
            take(&mut values, written, local, text, &wanted, &reading());
            let expected = json!({ "name": "Ana Lima", "people": people, "date": "2026-03-06", "time": "19:00",
                "place": "near the window", "phone": null });
            assert_eq!(Value::Object(values), expected, "local: {local}");
        }
    }

    #[test]
    fn the_model_is_told_the_day_and_the_form_and_never_the_customers_words() {
        let orders = orders("Order numbers begin with A.", &wanted(&[("day", VarType::Date, "Arrival")]), &reading());
        for part in ["Wednesday 2026-03-04", "\"day\"", "Arrival As 2026-03-01", "begin with A"] {
            assert!(orders.contains(part), "{part}: {orders}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_a_model_finds_makes_it_panic(text in "\\PC{0,60}", found in "\\PC{0,30}", n in proptest::num::f64::ANY) {
            use VarType::{Any, Date, File, List, Location, Number, Object, Text, Time, YesNo};
            let folded = flow::fold(&text);
            for of in [Any, Text, Number, YesNo, Date, Time, List, Object, File, Location] {
                for value in [json!(found), json!(n), json!([found]), json!({ "a": n }), json!(true), Value::Null] {
                    let _ = shaped(&value, of, &folded, &reading());
                }
            }
            let mut values = Map::new();
            take(&mut values, &found, false, &text, &wanted(&[("a", Text, "")]), &reading());
        }
    }
}
