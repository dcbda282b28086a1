//! Decides between two ways.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::expression::{is_plain, words_of};
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;
use crate::words::{fold, is_greeting, is_thanks};

const MAX_RULES: usize = 50;

pub(super) const ABOUT: About = About {
    name: "condition",
    title: "Decide",
    help: "Goes one of two ways. “Yes” is taken when every rule of the first group holds and, if there is a second group, \
           at least one rule of that holds, too.",
    branches: &["yes", "no"],
    needed: &["yes", "no"],
};

/// A decision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ConditionStep)]
pub struct Condition {
    /// All of these must hold.
    #[schema(required)]
    pub all: Vec<Rule>,
    /// At least one of these must hold, unless there are none.
    #[schema(required)]
    pub any: Vec<Rule>,
}

/// One comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ConditionRule)]
pub struct Rule {
    /// Mostly an expression, such as `{{ contact.name }}`. What is not there counts as empty.
    #[schema(required)]
    pub left: String,
    #[schema(required)]
    pub op: Op,
    /// A text or an expression; not used by `is_…`.
    #[schema(required)]
    pub right: String,
}

/// How two values are compared. Texts are compared without regard to case, accents and punctuation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Comparison)]
pub enum Op {
    #[default]
    Equals,
    NotEquals,
    /// A text holds the other, or a list has it as an item.
    Contains,
    Greater,
    Less,
    IsEmpty,
    IsNotEmpty,
    /// The text is nothing but a greeting, in any of many languages.
    IsGreeting,
    /// The text is nothing but thanks or a farewell.
    IsThanks,
}

impl Op {
    fn takes_right(self) -> bool {
        !matches!(self, Op::IsEmpty | Op::IsNotEmpty | Op::IsGreeting | Op::IsThanks)
    }
}

impl Condition {
    pub(super) fn example() -> Self {
        let rule = Rule { left: "{{ last.text }}".into(), op: Op::Contains, right: "price".into() };
        Self { all: vec![rule], any: Vec::new() }
    }

    fn holds(&self, run: &Run<'_>) -> Result<bool, String> {
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
    fn holds(&self, run: &Run<'_>) -> Result<bool, String> {
        let left = run.value(&self.left)?;
        let right = if self.op.takes_right() { run.value(&self.right)? } else { Value::Null };
        Ok(match self.op {
            Op::Equals => same(&left, &right),
            Op::NotEquals => !same(&left, &right),
            Op::Contains => match &left {
                Value::Array(items) => items.iter().any(|item| same(item, &right)),
                left => {
                    let part = fold(&words_of(&right));
                    !part.is_empty() && fold(&words_of(left)).contains(&part)
                }
            },
            Op::Greater => order(&left, &right) == Some(Ordering::Greater),
            Op::Less => order(&left, &right) == Some(Ordering::Less),
            Op::IsEmpty => is_empty(&left),
            Op::IsNotEmpty => !is_empty(&left),
            Op::IsGreeting => is_greeting(&words_of(&left)),
            Op::IsThanks => is_thanks(&words_of(&left)),
        })
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    }
}

fn same(left: &Value, right: &Value) -> bool {
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
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if is_empty(left) || is_empty(right) {
        return None;
    }
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        (None, None) => Some(words_of(left).to_lowercase().cmp(&words_of(right).to_lowercase())),
        _ => None,
    }
}

impl Behaviour for Condition {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let yes = self.holds(run)?;
        run.note("Decided", if yes { "Yes" } else { "No" });
        Ok(Next::branch(if yes { "yes" } else { "no" }))
    }

    fn check(&self, check: &mut Check<'_>) {
        if self.all.is_empty() && self.any.is_empty() {
            check.warning(
                "all",
                "This decision has no rules, so it is always “yes”.",
                "Add a rule, or remove the step.",
            );
        }
        if self.all.len() > MAX_RULES || self.any.len() > MAX_RULES {
            check.error("all", "This decision has more than 50 rules.", "Split it into several steps.");
        }
        for rule in self.all.iter().chain(&self.any) {
            check.text("left", &rule.left, true);
            check.text("right", &rule.right, false);
            if !rule.left.is_empty() && is_plain(&rule.left) && is_plain(&rule.right) {
                check.warning(
                    "left",
                    &format!("“{}” never changes, so this rule always decides the same.", rule.left),
                    "Put double braces around a name, as in {{ last.text }}.",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::compiled::Compiled;
    use crate::event::Context;
    use crate::state::RunState;

    #[test]
    fn rules_compare_as_people_do() {
        let flow = Compiled::new(crate::default_flow(&crate::DefaultTexts::default()));
        let vars = json!({"n": 10, "t": "9", "name": "José", "list": ["Red", 2], "none": null, "day": "2026-03-04", "sign": "+"});
        let state = RunState { vars: vars.as_object().cloned().unwrap(), ..RunState::default() };
        let context = Context::default();
        let run = Run::new(&flow, state, &context, base::Time(0));
        for (left, op, right, expected) in [
            ("{{ name }}", Op::Equals, "jose!", true),
            ("{{ n }}", Op::Equals, "10.0", true),
            ("{{ n }}", Op::Greater, "{{ t }}", true),
            ("{{ t }}", Op::Less, "10", true),
            ("{{ name }}", Op::Greater, "5", false),
            ("{{ nobody }}", Op::Less, "5", false),
            ("{{ day }}", Op::Less, "2026-12-01", true),
            ("{{ list }}", Op::Contains, "red", true),
            ("{{ list }}", Op::Contains, "3", false),
            ("{{ name }}", Op::Contains, "OS", true),
            ("{{ name }}", Op::Contains, "", false),
            ("{{ nobody }}", Op::IsEmpty, "", true),
            ("{{ contact.email }}", Op::IsNotEmpty, "", false),
            ("{{ n }}", Op::IsNotEmpty, "", true),
            ("{{ none }}", Op::Equals, "", true),
            ("{{ sign }}", Op::Equals, "-", false),
            ("{{ sign }}", Op::NotEquals, "+", false),
            ("Good morning!", Op::IsGreeting, "", true),
            ("Thank you!", Op::IsThanks, "", true),
        ] {
            let rule = Rule { left: left.into(), op, right: right.into() };
            assert_eq!(rule.holds(&run), Ok(expected), "{rule:?}");
        }
    }

    #[test]
    fn groups_are_joined_as_the_help_says() {
        let flow = Compiled::new(crate::default_flow(&crate::DefaultTexts::default()));
        let context = Context::default();
        let run = Run::new(&flow, RunState::default(), &context, base::Time(0));
        let rule = |holds: bool| Rule { left: "a".into(), op: Op::Equals, right: if holds { "a" } else { "b" }.into() };
        for (all, any, expected) in [
            (vec![], vec![], true),
            (vec![true, true], vec![], true),
            (vec![true, false], vec![], false),
            (vec![], vec![false, true], true),
            (vec![], vec![false], false),
            (vec![false], vec![true], false),
            (vec![true], vec![false, true], true),
        ] {
            let of = |group: &[bool]| group.iter().map(|h| rule(*h)).collect();
            assert_eq!(Condition { all: of(&all), any: of(&any) }.holds(&run), Ok(expected), "{all:?} {any:?}");
        }
    }
}
