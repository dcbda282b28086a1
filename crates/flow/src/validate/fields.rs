//! The checks that follow from a field's declaration alone.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Check, Severity};
use crate::declare::{Field, Input};
use crate::hours::Hours;
use crate::rules;
use crate::words::fold;

/// Longest script, in characters.
const MAX_CODE_CHARS: usize = 20_000;
/// Longest title of a choice that WhatsApp shows whole, in characters.
const MAX_TITLE_CHARS: usize = 24;

impl Check<'_> {
    /// Every field that shows.
    pub(super) fn fields(&mut self, fields: &[Field], values: &Map<String, Value>, defaults: &Map<String, Value>) {
        for field in fields {
            let value = values.get(field.name).or_else(|| defaults.get(field.name)).unwrap_or(&Value::Null).clone();
            if is_shown(field, values, defaults) {
                self.secrets = field.secrets;
                self.field(field, &value);
                self.secrets = false;
            }
        }
    }

    fn field(&mut self, field: &Field, value: &Value) {
        let (name, needed) = (field.name, field.required);
        let text = value.as_str().unwrap_or_default();
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        match field.input {
            Input::Words { max, .. } => {
                self.text(name, text, needed);
                self.longest(name, text, max as usize);
            }
            Input::Plain { max, .. } => {
                if needed && text.trim().is_empty() {
                    self.error(name, &format!("“{}” is empty.", field.label), "Fill it in.");
                }
                self.longest(name, text, max as usize);
            }
            Input::Value { of } => match value {
                Value::String(_) | Value::Null => self.value_of(name, text, of, needed),
                _ => {}
            },
            Input::Variable { .. } => self.variable(name, text, needed),
            Input::Number { min, max, whole, unit } => match value.as_f64() {
                Some(n) if n < min || n > max => {
                    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
                    self.error(
                        name,
                        &format!("“{}” is out of range.", field.label),
                        &format!("Choose between {min} and {max}{unit}."),
                    );
                }
                Some(n) if whole && n.fract() != 0.0 => {
                    self.error(name, &format!("“{}” is not a whole number.", field.label), "Leave out the fraction.");
                }
                None if needed => self.error(name, &format!("“{}” is missing.", field.label), "Enter a number."),
                _ => {}
            },
            Input::Duration { min_ms, max_ms } => {
                let ms = value.as_u64();
                if ms.is_some_and(|ms| ms < min_ms || ms > max_ms) {
                    let message = format!("“{}” is out of range.", field.label);
                    let fix = format!("Choose between {} and {}.", span(min_ms), span(max_ms));
                    self.error(name, &message, &fix);
                } else if ms.is_none() && needed {
                    self.error(name, &format!("“{}” is missing.", field.label), "Choose how long.");
                }
            }
            Input::Pick { options } => {
                if !options.iter().any(|o| o.value == text) {
                    self.error(name, &format!("“{}” is not chosen.", field.label), "Choose one of the list.");
                }
            }
            Input::List { max, noun } => {
                self.count(field, list.len(), max, noun);
                if list.iter().any(|item| item.as_str().is_none_or(|t| t.trim().is_empty())) {
                    self.error(name, &format!("A {noun} is empty."), "Fill it in, or remove it.");
                }
            }
            Input::Rules => rules::check(self, name, value),
            Input::Choices { max, descriptions } => self.choices(field, list, max, descriptions),
            Input::Items { max, noun, fields } => {
                self.count(field, list.len(), max, noun);
                for (i, item) in list.iter().enumerate() {
                    let values = item.as_object().cloned().unwrap_or_default();
                    let (prefix, secrets) = (self.prefix.clone(), self.secrets);
                    self.prefix = format!("{prefix}{name}.{i}.");
                    for inner in fields.iter().filter(|inner| is_shown(inner, &values, &Map::new())) {
                        let value = values.get(inner.name).cloned().unwrap_or(Value::Null);
                        self.secrets = secrets || inner.secrets;
                        self.field(inner, &value);
                    }
                    (self.prefix, self.secrets) = (prefix, secrets);
                }
                self.ids(field, list);
            }
            Input::Media { .. } => self.media(field, value),
            Input::Step => {
                if text.is_empty() && needed {
                    self.error(name, "It is not said where to go on.", "Choose a step.");
                } else if !text.is_empty() && !self.flow.steps.iter().any(|s| s.id == text) {
                    self.error(name, "The step that is meant is not there any more.", "Choose another one.");
                }
            }
            Input::Flow => {
                if text.is_empty() && needed {
                    self.error(name, "It is not said which flow is meant.", "Choose a flow.");
                } else if !text.is_empty() && self.flow_called(text).is_none() {
                    self.error(name, "The flow that is meant is not there any more.", "Choose another one.");
                }
            }
            Input::Code { .. } => {
                if needed && text.trim().is_empty() {
                    self.error(name, "There is no code.", "Write some, or remove the step.");
                }
                self.longest(name, text, MAX_CODE_CHARS);
            }
            Input::Cron => self.cron(field, text),
            Input::Hours => {
                if let Err(e) =
                    serde_json::from_value::<Hours>(value.clone()).map_err(|e| e.to_string()).and_then(|h| h.check())
                {
                    self.error(name, &format!("These hours cannot be read: {e}"), "Correct them.");
                }
            }
            Input::Secret => {
                if needed && text.trim().is_empty() {
                    self.error(name, "No secret is chosen.", "Choose one, or add it under Settings.");
                }
            }
            Input::Json => crate::payload::check(self, name, value, needed),
            Input::Toggle | Input::Sources => {}
        }
    }

    fn longest(&mut self, name: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            self.error(name, "This text is too long.", &format!("Shorten it to {max} letters."));
        }
    }

    fn count(&mut self, field: &Field, count: usize, max: u32, noun: &str) {
        if field.required && count == 0 {
            self.error(field.name, &format!("“{}” is empty.", field.label), &format!("Add at least one {noun}."));
        } else if count > max as usize {
            let message = format!("“{}” has more than {max} entries.", field.label);
            self.error(field.name, &message, "Remove some, or split this step.");
        }
    }

    /// Ids of items must be there and differ, where ways are named by them.
    fn ids(&mut self, field: &Field, list: &[Value]) {
        let Some(kind) = crate::steps::kind(&self.step.kind).filter(|k| k.branches_from == Some(field.name)) else {
            return;
        };
        let mut seen: HashSet<&str> = kind.branches.iter().map(|b| b.name).collect();
        for (i, item) in list.iter().enumerate() {
            let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
            if id.trim().is_empty() || !seen.insert(id) {
                let message = format!("Entry {} has no usable id.", i + 1);
                self.error(field.name, &message, "Remove it and add it again.");
            } else if !self.leads_on(id) && !self.leads_on("next") && !self.leads_on("other") {
                let title = item.get("title").and_then(Value::as_str).filter(|t| !t.is_empty()).unwrap_or(id);
                self.warning(field.name, &format!("“{title}” leads nowhere."), "Connect it to a step.");
            }
        }
    }

    fn choices(&mut self, field: &Field, list: &[Value], max: u32, descriptions: bool) {
        if field.required && list.is_empty() {
            return self.error(field.name, "There is nothing to choose from.", "Add at least one choice.");
        }
        self.count(field, list.len(), max, "choice");
        let mut titles = HashSet::new();
        for choice in list {
            let of = |key: &str| choice.get(key).and_then(Value::as_str).unwrap_or_default();
            let title = of("title");
            self.text(field.name, title, true);
            if descriptions {
                self.text(field.name, of("description"), false);
            }
            if title.chars().count() > MAX_TITLE_CHARS && !title.contains("{{") {
                let message = format!("“{title}” is longer than {MAX_TITLE_CHARS} letters and may be cut.");
                self.warning(field.name, &message, "Shorten it.");
            }
            if !titles.insert(fold(title)) && !title.is_empty() {
                self.error(field.name, &format!("Two choices are called “{title}”."), "Rename one of them.");
            }
        }
        self.ids(field, list);
    }

    fn media(&mut self, field: &Field, value: &Value) {
        let of = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let (stored, url) = (of("stored"), of("url"));
        if stored.is_empty() && url.is_empty() {
            if field.required {
                self.error(field.name, "There is no file.", "Choose a file, or enter its web address.");
            }
            return;
        }
        if stored.is_empty() {
            self.text(field.name, url, true);
            if !url.starts_with("https://") && !url.starts_with("{{") {
                let message = "This is not the web address of a file.";
                self.add(Severity::Error, field.name, None, message, "Begin it with https://.");
            }
        }
    }

    fn cron(&mut self, field: &Field, text: &str) {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let plain = |p: &&str| p.bytes().all(|b| b.is_ascii_alphanumeric() || b"*/,-#?".contains(&b));
        if parts.len() != 5 || !parts.iter().all(plain) {
            let fix = "Use five parts, such as “0 9 * * 1” for Mondays at nine.";
            self.error(field.name, "This is not a time plan.", fix);
        }
    }
}

/// Whether a field shows, given the others; a field that does not is not looked at.
fn is_shown(field: &Field, values: &Map<String, Value>, defaults: &Map<String, Value>) -> bool {
    field.shown_if.is_none_or(|shown| {
        let text = match values.get(shown.field).or_else(|| defaults.get(shown.field)) {
            Some(Value::String(s)) => s.clone(),
            Some(Value::Bool(b)) => b.to_string(),
            _ => String::new(),
        };
        shown.is.contains(&text.as_str())
    })
}

/// A length of time as it is said.
fn span(ms: u64) -> String {
    let (n, unit) = match ms {
        _ if ms >= 86_400_000 && ms.is_multiple_of(86_400_000) => (ms / 86_400_000, "day"),
        _ if ms >= 3_600_000 && ms.is_multiple_of(3_600_000) => (ms / 3_600_000, "hour"),
        _ if ms >= 60_000 && ms.is_multiple_of(60_000) => (ms / 60_000, "minute"),
        _ => (ms / 1000, "second"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}
