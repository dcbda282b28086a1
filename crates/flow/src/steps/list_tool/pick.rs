//! How entries of a list are found, compared and ordered.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

use crate::expression::words_of;
use crate::rules::{self, Op};
use crate::words::fold;

/// A value within an entry, by a path such as `address.city`.
pub(super) fn of<'v>(item: &'v Value, path: &str) -> Option<&'v Value> {
    let mut found = item;
    for part in path.split('.').map(str::trim).filter(|p| !p.is_empty()) {
        found = match found {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            found => found.get(part)?,
        };
    }
    Some(found)
}

/// The entry at a place: 1 is the first one, -1 the last one.
pub(super) fn nth(items: &[Value], position: i64) -> Option<&Value> {
    let near = usize::try_from(position.unsigned_abs()).ok()?;
    let at = if position < 0 { items.len().checked_sub(near)? } else { near.checked_sub(1)? };
    items.get(at)
}

/// Numbers by size, then texts by letters, then what says nothing. A total order, as sorting demands.
#[derive(Debug, PartialEq)]
pub(super) enum Rank {
    Number(f64),
    Text(String),
    Empty,
}

impl Eq for Rank {}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Rank) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Rank) -> Ordering {
        use Rank::{Empty, Number, Text};
        match (self, other) {
            (Number(a), Number(b)) => a.total_cmp(b),
            (Text(a), Text(b)) => a.cmp(b),
            (Empty, Empty) => Ordering::Equal,
            (Number(_), _) | (Text(_), Empty) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

pub(super) fn rank(value: &Value) -> Rank {
    match rules::number(value) {
        Some(number) => Rank::Number(number),
        None if rules::is_empty(value) => Rank::Empty,
        None => Rank::Text(words_of(value).to_lowercase()),
    }
}

/// What two values share that count as the same.
pub(super) fn likeness(value: &Value) -> String {
    if let Some(number) = rules::number(value) {
        return number.to_string();
    }
    let words = words_of(value);
    let folded = fold(&words);
    if folded.is_empty() { words.trim().to_owned() } else { folded }
}

/// A comparison with one value, ready to be made many times.
pub(super) enum Fits {
    Pattern(Box<Regex>),
    Rule(Op, Value),
}

impl Fits {
    pub(super) fn new(op: Op, right: Value) -> Result<Fits, String> {
        match op {
            Op::Matches => rules::pattern(&words_of(&right)).map(|regex| Fits::Pattern(Box::new(regex))),
            op => Ok(Fits::Rule(op, right)),
        }
    }

    pub(super) fn holds(&self, left: &Value) -> Result<bool, String> {
        match self {
            Fits::Pattern(regex) => Ok(regex.is_match(&words_of(left))),
            Fits::Rule(op, right) => rules::compare(left, *op, right),
        }
    }
}
