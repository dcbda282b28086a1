//! Values as a step needs them, however they were written: numbers, lists, dates and moments.

use jiff::Zoned;
use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use crate::declare::VarType;
use crate::expression::words_of;
use crate::hours::zone;
use crate::reply::{AnswerKind, Reader};
use crate::rules;
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

/// Entries of a list that was written as a text.
const MAX_WRITTEN: usize = 1_000;

/// The beginning of a value, for a sentence about it.
pub(crate) fn brief(value: &Value) -> String {
    words_of(value).chars().take(40).collect()
}

fn reader(run: &Run<'_>) -> Reader {
    Reader::new(run.at, &run.context.timezone, run.state.last.language.as_deref())
}

/// A number, or a text that holds one, also as people write it: `1.234,50`.
pub(crate) fn number(run: &Run<'_>, value: &Value) -> Result<f64, String> {
    let read = || reader(run).read(AnswerKind::Number, value.as_str()?)?.as_f64();
    rules::number(value).or_else(read).ok_or_else(|| match rules::is_empty(value) {
        true => "A number is missing: the value is empty.".into(),
        false => format!("“{}” is not a number.", brief(value)),
    })
}

/// The number without the noise of calculating; whole ones are written without a fraction.
pub(crate) fn written(number: f64) -> Result<Value, String> {
    if !number.is_finite() {
        return Err("The result is too large to be a number.".into());
    }
    // Ten decimals are more than money, lengths and shares need, and fewer than binary fractions get wrong.
    let rounded = if number.abs() < 1e5 { (number * 1e10).round() / 1e10 } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "only used when it is exact")]
    let whole = rounded as i64;
    #[expect(clippy::cast_precision_loss, reason = "compared to see whether it was exact")]
    let exact = whole as f64 == rounded && rounded.abs() < 9e15;
    Ok(if exact { json!(whole) } else { json!(rounded) })
}

/// A list; a text becomes its lines, or what stands between its commas; nothing becomes an empty list.
pub(crate) fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        Value::String(text) => {
            if let Ok(Value::Array(items)) = serde_json::from_str(&text) {
                return items;
            }
            let sign = if text.trim().contains('\n') { '\n' } else { ',' };
            let parts = text.split(sign).map(str::trim).filter(|p| !p.is_empty());
            parts.take(MAX_WRITTEN).map(Value::from).collect()
        }
        other => vec![other],
    }
}

/// The value as one of a type; nothing when it cannot be one or says nothing.
pub(crate) fn shaped(run: &Run<'_>, of: VarType, value: &Value) -> Option<Value> {
    if rules::is_empty(value) {
        return None;
    }
    let read = |kind| reader(run).read(kind, value.as_str()?);
    match of {
        VarType::Number => number(run, value).ok().and_then(|n| written(n).ok()),
        VarType::YesNo => value.as_bool().map(Value::Bool).or_else(|| read(AnswerKind::YesNo)),
        VarType::Date => read(AnswerKind::Date),
        VarType::Time => read(AnswerKind::Time),
        VarType::Text => Some(json!(words_of(value).trim())),
        VarType::List => Some(Value::Array(list(value.clone()))),
        VarType::Any | VarType::Object | VarType::File | VarType::Location => Some(value.clone()),
    }
}

/// A day as a whole, or a moment of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum When {
    Day(Date),
    Moment(Zoned),
}

impl When {
    pub(crate) fn date(&self) -> Date {
        match self {
            When::Day(date) => *date,
            When::Moment(moment) => moment.date(),
        }
    }

    /// The moment; that of a day is its beginning where the business is.
    pub(crate) fn moment(&self, run: &Run<'_>) -> Result<Zoned, String> {
        match self {
            When::Day(date) => {
                date.to_zoned(zone(&run.context.timezone)).map_err(|_| format!("{date} is out of range."))
            }
            When::Moment(moment) => Ok(moment.clone()),
        }
    }

    /// As variables keep it: `2026-03-01`, or `2026-03-01T15:30` where the business is.
    pub(crate) fn value(&self) -> Value {
        match self {
            When::Day(date) => json!(date.to_string()),
            When::Moment(moment) => json!(moment.strftime("%Y-%m-%dT%H:%M").to_string()),
        }
    }
}

/// A date, a date with a time, a moment in milliseconds, or a date in words; nothing at all means now.
pub(crate) fn when(run: &Run<'_>, value: &Value) -> Result<When, String> {
    let zone = zone(&run.context.timezone);
    if rules::is_empty(value) {
        return Ok(When::Moment(run.at.to_jiff().to_zoned(zone)));
    }
    let unreadable = || format!("“{}” is not a date.", brief(value));
    if let Some(ms) = value.as_i64() {
        let moment = jiff::Timestamp::from_millisecond(ms).map_err(|_| unreadable())?;
        return Ok(When::Moment(moment.to_zoned(zone)));
    }
    let text = value.as_str().map(str::trim).ok_or_else(unreadable)?;
    if text.len() == 10
        && let Ok(date) = text.parse::<Date>()
    {
        return Ok(When::Day(date));
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(When::Moment(moment.to_zoned(zone)));
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        return civil.to_zoned(zone).map(When::Moment).map_err(|_| unreadable());
    }
    let read = reader(run).read(AnswerKind::Date, text);
    let date = read.as_ref().and_then(Value::as_str).and_then(|d| d.parse().ok());
    date.map(When::Day).ok_or_else(unreadable)
}

/// Keeps what a step has worked out; what cannot be done takes the way “failed”, when there is one.
pub(crate) fn keep<'a>(run: &mut Run<'a>, title: &str, variable: &str, result: Result<Value, String>) -> Stepped<'a> {
    match result {
        Ok(value) => {
            run.note(title, format!("{variable}: {}", words_of(&value)));
            run.set_variable(variable, value)?;
            Ok(Next::NEXT)
        }
        Err(problem) if run.has_way("failed") => {
            run.note("This did not work", &problem);
            Ok(Next::branch("failed"))
        }
        Err(problem) => Err(problem),
    }
}

/// A JSON pointer that begins as one must.
pub(crate) fn check_pointer(check: &mut Check<'_>, field: &str, pointer: &str) {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        let message = format!("“{pointer}” does not point into the data.");
        check.error(field, &message, "Begin it with a slash, as in /items/0/price.");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::event::Context;
    use crate::testing::{START, Talk};

    fn with_run<T>(test: impl FnOnce(&Run<'_>) -> T) -> T {
        let talk = Talk::new(json!([]), json!([]));
        let context = Context { timezone: "Europe/Berlin".into(), contact: Map::new(), ..Context::default() };
        test(&Run::new(&talk.flow, crate::RunState::default(), &context, START))
    }

    #[test]
    fn values_become_what_is_needed() {
        use VarType::*;
        for (of, value, expected) in [
            (Number, json!("1.234,50"), Some(json!(1234.5))),
            (Number, json!("2"), Some(json!(2))),
            (Number, json!("many"), None),
            (YesNo, json!("sim"), Some(json!(true))),
            (YesNo, json!(false), Some(json!(false))),
            (YesNo, json!("perhaps"), None),
            (Date, json!("tomorrow"), Some(json!("2026-03-05"))),
            (Time, json!("3 pm"), Some(json!("15:00"))),
            (Text, json!(" Ana "), Some(json!("Ana"))),
            (Text, json!(12), Some(json!("12"))),
            (Text, json!("  "), None),
            (List, json!("a, b"), Some(json!(["a", "b"]))),
            (Object, json!({"a": 1}), Some(json!({"a": 1}))),
            (Any, Value::Null, None),
        ] {
            assert_eq!(with_run(|run| shaped(run, of, &value)), expected, "{of:?} {value}");
        }
    }

    #[test]
    fn lists_are_found_in_texts() {
        for (value, expected) in [
            (json!(["a"]), json!(["a"])),
            (json!("a, b,,c"), json!(["a", "b", "c"])),
            (json!("a, b\nc"), json!(["a, b", "c"])),
            (json!("[1, 2]"), json!([1, 2])),
            (Value::Null, json!([])),
            (json!(5), json!([5])),
        ] {
            assert_eq!(Value::Array(list(value.clone())), expected, "{value}");
        }
    }

    #[test]
    fn dates_are_read_in_every_form() {
        for (value, expected) in [
            (json!(""), "2026-03-04T11:00"),
            (json!("2026-03-01"), "2026-03-01"),
            (json!("2026-03-01T15:30"), "2026-03-01T15:30"),
            (json!("2026-03-01 15:30"), "2026-03-01T15:30"),
            (json!("2026-07-01T12:00:00Z"), "2026-07-01T14:00"),
            (json!(1_772_618_400_000_i64), "2026-03-04T11:00"),
            (json!("next friday"), "2026-03-06"),
        ] {
            assert_eq!(with_run(|run| when(run, &value)).map(|w| w.value()), Ok(json!(expected)), "{value}");
        }
        for value in [json!("soon"), json!([1]), json!("2026-13-45"), json!(i64::MAX)] {
            assert!(with_run(|run| when(run, &value)).is_err(), "{value}");
        }
    }

    #[test]
    fn results_are_written_without_noise() {
        for (number, expected) in [
            (0.1 + 0.2, json!(0.3)),
            (6.0, json!(6)),
            (-0.5, json!(-0.5)),
            (1e17, json!(1e17)),
            (1.1 * 3.0, json!(3.3)),
        ] {
            assert_eq!(written(number), Ok(expected));
        }
        assert!(written(f64::INFINITY).is_err() && written(f64::NAN).is_err());
    }
}
