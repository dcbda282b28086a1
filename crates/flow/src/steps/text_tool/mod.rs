//! Works on a text.

use serde_json::{Value, json};

use crate::declare::{Choose, FAILED, Field, Group, NEXT, VarType, fields, kind};
use crate::expression::words_of;
use crate::rules::pattern;
use crate::run::{Run, Stepped};
use crate::state::{MAX_TEXT_BYTES, cut};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::values;

/// Parts into which a text is split.
const MAX_PARTS: usize = 1_000;

const OPERATIONS: &[Choose] = &[
    Choose { value: "trim", label: "Take away spaces around it" },
    Choose { value: "upper", label: "Write it in capitals" },
    Choose { value: "lower", label: "Write it in small letters" },
    Choose { value: "replace", label: "Replace words" },
    Choose { value: "split", label: "Split it into a list" },
    Choose { value: "join", label: "Join a list to a text" },
    Choose { value: "extract", label: "Take out what fits a pattern" },
    Choose { value: "slice", label: "Take a part of it" },
    Choose { value: "length", label: "Count its letters" },
];

fields! {
    /// What is done with which text.
    pub(crate) struct TextTool {
        operation: String = "trim".into() => Field::pick("Do", "What is done with the text.", OPERATIONS),
        text: String = "{{ last.text }}".into() => Field::value("Text", "Usually an expression; to join, a list.", VarType::Any).required(),
        find: String = String::new() => Field::line("Look for", "Every place where it stands is replaced.").required().when("operation", &["replace"]),
        replacement: String = String::new() => Field::line("Put in its place", "Empty takes it away.").when("operation", &["replace"]),
        separator: String = ", ".into() => Field::new("Between the parts", "Such as a comma. Empty means a new line.",
            crate::declare::Input::Plain { max: 20, lines: 1 }).when("operation", &["split", "join"]),
        pattern: String = String::new() => Field::plain("Pattern", "A regular expression, such as \\d{5} for a postcode. What stands in its first brackets is kept, else all that fits.", 500)
            .required().when("operation", &["extract"]),
        from: i64 = 1 => Field::whole("From letter", "1 is the first one; -3 is the third from the end.", -16_000.0, 16_000.0, "").when("operation", &["slice"]),
        count: u32 = 10 => Field::whole("Letters", "How many are taken.", 1.0, 16_000.0, "letters").when("operation", &["slice"]),
        variable: String = String::new() => Field::variable("Keep as", "A name for the result.", VarType::Any).required(),
    }
}

kind!(TextTool {
    name: "text_tool",
    group: Group::Data,
    title: "Work on a text",
    help: "Changes a text, takes it apart or takes something out of it, and keeps the result under a name.",
    branches: &[NEXT, FAILED],
    example: r#"{"operation":"extract","text":"{{ last.text }}","pattern":"\\d{5}","variable":"postcode"}"#,
    example_says: "Takes the five digits of a postcode out of the message.",
});

impl TextTool {
    fn result(&self, run: &Run<'_>) -> Result<Value, String> {
        let value = run.value(&self.text)?;
        let between = if self.separator.is_empty() { "\n" } else { &self.separator };
        if self.operation == "join" {
            return Ok(Value::String(joined(&values::list(value), between)));
        }
        let mut text = words_of(&value);
        cut(&mut text, MAX_TEXT_BYTES);
        let mut result = match self.operation.as_str() {
            "trim" => text.trim().to_owned(),
            "upper" => text.to_uppercase(),
            "lower" => text.to_lowercase(),
            "replace" => replaced(&text, &run.text(&self.find)?, &run.text(&self.replacement)?),
            "extract" => {
                let found = pattern(&self.pattern)?;
                let found = found.captures(&text).and_then(|c| c.get(1).or_else(|| c.get(0)));
                found.map(|f| f.as_str().to_owned()).unwrap_or_default()
            }
            "slice" => sliced(&text, self.from, self.count),
            "length" => return Ok(json!(text.chars().count())),
            "split" => {
                // “a, b” and “a,b” are meant alike, unless spaces are what is split at.
                let sign = if between.trim().is_empty() { between } else { between.trim() };
                let parts = text.split(sign).map(str::trim).filter(|p| !p.is_empty());
                return Ok(parts.take(MAX_PARTS).map(Value::from).collect());
            }
            _ => return Err("It is not said what to do with the text. Choose it in this step.".into()),
        };
        cut(&mut result, MAX_TEXT_BYTES);
        Ok(Value::String(result))
    }
}

fn joined(items: &[Value], between: &str) -> String {
    let mut text = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            text.push_str(between);
        }
        text.push_str(&words_of(item));
        if text.len() > MAX_TEXT_BYTES {
            cut(&mut text, MAX_TEXT_BYTES);
            break;
        }
    }
    text
}

fn replaced(text: &str, find: &str, replacement: &str) -> String {
    if find.is_empty() {
        return text.to_owned();
    }
    let mut result = String::new();
    for (i, part) in text.split(find).enumerate() {
        if i > 0 {
            result.push_str(replacement);
        }
        result.push_str(part);
        if result.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    result
}

fn sliced(text: &str, from: i64, count: u32) -> String {
    let length = text.chars().count();
    let near = usize::try_from(from.unsigned_abs()).unwrap_or(usize::MAX);
    let skip = if from < 0 { length.saturating_sub(near) } else { near.saturating_sub(1) };
    text.chars().skip(skip).take(count as usize).collect()
}

impl Behaviour for TextTool {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let result = self.result(run);
        values::keep(run, "Worked on a text", &self.variable, result)
    }

    fn check(&self, check: &mut Check<'_>) {
        if self.operation == "extract"
            && !self.pattern.is_empty()
            && let Err(problem) = pattern(&self.pattern)
        {
            check.error("pattern", &problem, "Correct the pattern.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Talk;

    #[test]
    fn texts_are_worked_on() {
        for (fields, expected) in [
            (json!({"operation": "trim", "text": "  a b "}), json!("a b")),
            (json!({"operation": "upper", "text": "straße"}), json!("STRASSE")),
            (json!({"operation": "lower", "text": "ÄB"}), json!("äb")),
            (
                json!({"operation": "replace", "text": "a-b-c", "find": "-", "replacement": "{{ last.text }}"}),
                json!("abeginbbeginc"),
            ),
            (json!({"operation": "replace", "text": "a-b", "find": "-"}), json!("ab")),
            (json!({"operation": "split", "text": "a, b,c"}), json!(["a", "b", "c"])),
            (json!({"operation": "split", "text": "a b", "separator": " "}), json!(["a", "b"])),
            (json!({"operation": "split", "text": "a\n\nb", "separator": ""}), json!(["a", "b"])),
            (json!({"operation": "join", "text": "{{ [1, 'b'] }}", "separator": " + "}), json!("1 + b")),
            (json!({"operation": "extract", "text": "Order AB-12!", "pattern": "[a-z]{2}-(\\d+)"}), json!("12")),
            (json!({"operation": "extract", "text": "in 10115 Berlin", "pattern": "\\d{5}"}), json!("10115")),
            (json!({"operation": "extract", "text": "none", "pattern": "\\d"}), json!("")),
            (json!({"operation": "slice", "text": "äbcdef", "from": 2, "count": 3}), json!("bcd")),
            (json!({"operation": "slice", "text": "äbcdef", "from": -2}), json!("ef")),
            (json!({"operation": "slice", "text": "ab", "from": 9}), json!("")),
            (json!({"operation": "length", "text": "äb😀"}), json!(3)),
            (json!({"operation": "upper", "text": "{{ missing }}"}), json!("")),
        ] {
            let mut fields = fields;
            fields["variable"] = json!("kept");
            let talk = Talk::begun("text_tool", fields.clone());
            assert_eq!((talk.way(), talk.var("kept")), ("next", expected), "{fields}");
        }
    }

    #[test]
    fn what_cannot_be_done_takes_its_own_way() {
        let talk = Talk::begun("text_tool", json!({"operation": "extract", "pattern": "(", "variable": "x"}));
        assert_eq!(talk.way(), "failed");
        crate::testing::warns(
            "text_tool",
            json!({"operation": "extract", "pattern": "(", "variable": "x"}),
            "not a pattern",
        );
    }

    #[test]
    fn results_stay_small() {
        let long = replaced(&"a".repeat(16_000), "a", &"b".repeat(2_000));
        assert!(long.len() <= MAX_TEXT_BYTES + 2_001);
        assert!(joined(&vec![json!("x".repeat(8_000)); 100], ", ").len() <= MAX_TEXT_BYTES);
    }
}
