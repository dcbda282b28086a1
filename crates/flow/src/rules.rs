//! Comparisons: what conditions, switches and filters of messages are made of.

use std::cmp::Ordering;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::declare::Choose;
use crate::expression::{is_plain, words_of};
use crate::run::Run;
use crate::validate::Check;
use crate::words::{fold, is_greeting, is_no, is_thanks, is_yes};

const MAX_RULES: usize = 50;
/// Longest pattern, in bytes; a compiled one may take so much memory.
const MAX_PATTERN_BYTES: usize = 500;
const MAX_PATTERN_MEMORY: usize = 1 << 20;

/// Comparisons in two groups: all of one must hold, and one of the other, unless that is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = FlowRules)]
pub(crate) struct Rules {
    pub(crate) all: Vec<Rule>,
    pub(crate) any: Vec<Rule>,
}

/// One comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = FlowRule)]
pub(crate) struct Rule {
    /// Mostly an expression, such as `{{ contact.name }}`. What is not there counts as empty.
    pub(crate) left: String,
    pub(crate) op: Op,
    /// A text or an expression; not used by `is_…`.
    pub(crate) right: String,
}

/// How two values are compared. Texts are compared without regard to case, accents and punctuation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Comparison)]
pub(crate) enum Op {
    #[default]
    Equals,
    NotEquals,
    /// A text holds the other, or a list has it as an item.
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    /// A regular expression.
    Matches,
    Greater,
    Less,
    AtLeast,
    AtMost,
    /// Of dates and times.
    Before,
    After,
    IsEmpty,
    IsNotEmpty,
    /// The text is nothing but a greeting, in any of many languages.
    IsGreeting,
    /// The text is nothing but thanks or a farewell.
    IsThanks,
    IsYes,
    IsNo,
}

/// The comparisons as a panel offers them.
pub(crate) const OPS: &[Choose] = &[
    Choose { value: "equals", label: "is" },
    Choose { value: "not_equals", label: "is not" },
    Choose { value: "contains", label: "contains" },
    Choose { value: "not_contains", label: "does not contain" },
    Choose { value: "starts_with", label: "begins with" },
    Choose { value: "ends_with", label: "ends with" },
    Choose { value: "greater", label: "is more than" },
    Choose { value: "less", label: "is less than" },
    Choose { value: "at_least", label: "is at least" },
    Choose { value: "at_most", label: "is at most" },
    Choose { value: "before", label: "is before" },
    Choose { value: "after", label: "is after" },
    Choose { value: "is_empty", label: "is empty" },
    Choose { value: "is_not_empty", label: "is filled" },
    Choose { value: "is_greeting", label: "is a greeting" },
    Choose { value: "is_thanks", label: "is thanks" },
    Choose { value: "is_yes", label: "means yes" },
    Choose { value: "is_no", label: "means no" },
    Choose { value: "matches", label: "fits the pattern" },
];

impl Op {
    pub(crate) fn takes_right(self) -> bool {
        use Op::{IsEmpty, IsGreeting, IsNo, IsNotEmpty, IsThanks, IsYes};
        !matches!(self, IsEmpty | IsNotEmpty | IsGreeting | IsThanks | IsYes | IsNo)
    }
}

impl Rules {
    pub(crate) fn hold(&self, run: &Run<'_>) -> Result<bool, String> {
        for rule in self.all.iter().take(MAX_RULES) {
            if !rule.holds(run)? {
                return Ok(false);
            }
        }
        for rule in self.any.iter().take(MAX_RULES) {
            if rule.holds(run)? {
                return Ok(true);
            }
        }
        Ok(self.any.is_empty())
    }
}

impl Rule {
    pub(crate) fn holds(&self, run: &Run<'_>) -> Result<bool, String> {
        let left = run.value(&self.left)?;
        let right = if self.op.takes_right() { run.value(&self.right)? } else { Value::Null };
        compare(&left, self.op, &right)
    }
}

/// A pattern that cannot take long.
///
/// # Errors
/// A sentence for the owner.
pub(crate) fn pattern(source: &str) -> Result<Regex, String> {
    if source.len() > MAX_PATTERN_BYTES {
        return Err("This pattern is longer than 500 letters.".into());
    }
    RegexBuilder::new(source)
        .case_insensitive(true)
        .size_limit(MAX_PATTERN_MEMORY)
        .build()
        .map_err(|_| format!("“{source}” is not a pattern that can be used."))
}

pub(crate) fn compare(left: &Value, op: Op, right: &Value) -> Result<bool, String> {
    let ordered = || order(left, right);
    let (folded_left, folded_right) = (|| fold(&words_of(left)), || fold(&words_of(right)));
    Ok(match op {
        Op::Equals => same(left, right),
        Op::NotEquals => !same(left, right),
        Op::Contains => contains(left, right),
        Op::NotContains => !contains(left, right),
        Op::StartsWith => !is_empty(right) && folded_left().starts_with(&folded_right()),
        Op::EndsWith => !is_empty(right) && folded_left().ends_with(&folded_right()),
        Op::Matches => {
            let text = words_of(left);
            text.len() <= 16_384 && pattern(&words_of(right))?.is_match(&text)
        }
        Op::Greater | Op::After => ordered() == Some(Ordering::Greater),
        Op::Less | Op::Before => ordered() == Some(Ordering::Less),
        Op::AtLeast => matches!(ordered(), Some(Ordering::Greater | Ordering::Equal)),
        Op::AtMost => matches!(ordered(), Some(Ordering::Less | Ordering::Equal)),
        Op::IsEmpty => is_empty(left),
        Op::IsNotEmpty => !is_empty(left),
        Op::IsGreeting => is_greeting(&words_of(left)),
        Op::IsThanks => is_thanks(&words_of(left)),
        Op::IsYes => left == &Value::Bool(true) || is_yes(&words_of(left)),
        Op::IsNo => left == &Value::Bool(false) || is_no(&words_of(left)),
    })
}

fn contains(left: &Value, right: &Value) -> bool {
    match left {
        Value::Array(items) => items.iter().any(|item| same(item, right)),
        left => {
            let part = fold(&words_of(right));
            !part.is_empty() && fold(&words_of(left)).contains(&part)
        }
    }
}

pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// A number, or a text that is one.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    }
}

pub(crate) fn same(left: &Value, right: &Value) -> bool {
    if left == right {
        return true;
    }
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return left == right;
    }
    let (left, right) = (words_of(left), words_of(right));
    let folded = fold(&left);
    // Texts of signs alone, such as “+” and “-”, fold to nothing and are different nevertheless.
    if folded.is_empty() { left.trim() == right.trim() } else { folded == fold(&right) }
}

/// Numbers by size; dates, times and other texts by letters. Nothing cannot be compared.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if is_empty(left) || is_empty(right) {
        return None;
    }
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        (None, None) => Some(words_of(left).to_lowercase().cmp(&words_of(right).to_lowercase())),
        _ => None,
    }
}

/// Says what is wrong with rules.
pub(crate) fn check(check: &mut Check<'_>, field: &str, value: &Value) {
    let rules: Rules = match serde_json::from_value(value.clone()) {
        Ok(rules) => rules,
        Err(_) if value.is_null() => Rules::default(),
        Err(_) => return check.error(field, "These rules cannot be read.", "Remove them and add them again."),
    };
    if rules.all.is_empty() && rules.any.is_empty() {
        check.warning(field, "There are no rules, so this is always “yes”.", "Add a rule, or remove the step.");
    }
    if rules.all.len() > MAX_RULES || rules.any.len() > MAX_RULES {
        check.error(field, "There are more than 50 rules.", "Split them into several steps.");
    }
    for rule in rules.all.iter().chain(&rules.any) {
        check.text(field, &rule.left, true);
        check.text(field, &rule.right, false);
        if rule.op == Op::Matches
            && is_plain(&rule.right)
            && let Err(problem) = pattern(&rule.right)
        {
            check.error(field, &problem, "Correct the pattern.");
        }
        if !rule.left.is_empty() && is_plain(&rule.left) && is_plain(&rule.right) {
            let message = format!("“{}” is the same for every customer.", rule.left);
            check.warning(field, &message, "Put a value in double braces, such as {{ last.text }}.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_compared_as_people_mean_them() {
        use Op::*;
        for (left, op, right, expected) in [
            (json!("José"), Equals, json!("jose!"), true),
            (json!(10), Equals, json!("10.0"), true),
            (json!(10), Greater, json!("9"), true),
            (json!("9"), Less, json!(10), true),
            (json!("José"), Greater, json!("5"), false),
            (Value::Null, Less, json!(5), false),
            (json!("2026-03-01"), Before, json!("2026-12-01"), true),
            (json!("15:30"), After, json!("09:00"), true),
            (json!(5), AtLeast, json!(5), true),
            (json!(5), AtMost, json!(4), false),
            (json!(["Red", "blue"]), Contains, json!("red"), true),
            (json!(["Red", "blue"]), NotContains, json!("green"), true),
            (json!("José"), Contains, json!("OS"), true),
            (json!("José"), Contains, json!(""), false),
            (json!("Order 12"), StartsWith, json!("order"), true),
            (json!("Order 12"), StartsWith, json!(""), false),
            (json!("Order 12"), EndsWith, json!("12"), true),
            (json!("AB-1234"), Matches, json!(r"^[a-z]{2}-\d{4}$"), true),
            (Value::Null, IsEmpty, json!(""), true),
            (json!(0), IsNotEmpty, json!(""), true),
            (Value::Null, Equals, json!(""), true),
            (json!("+"), Equals, json!("-"), false),
            (json!("+"), NotEquals, json!("-"), true),
            (json!("Good morning!"), IsGreeting, json!(""), true),
            (json!("Thank you!"), IsThanks, json!(""), true),
            (json!(true), IsYes, json!(""), true),
            (json!("nein"), IsNo, json!(""), true),
        ] {
            assert_eq!(compare(&left, op, &right), Ok(expected), "{left} {op:?} {right}");
        }
        assert!(compare(&json!("a"), Matches, &json!("(")).is_err());
    }
}
