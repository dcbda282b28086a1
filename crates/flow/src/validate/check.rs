//! What a step's rules look at and report to.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::{Finding, Severity, Span};
use crate::declare::{Kind, MAX_TEXT_CHARS, VarType};
use crate::definition::{Definition, Flow, Step};
use crate::{expression, steps};

/// What expressions may read besides variables.
pub(crate) const SCOPES: [&str; 8] =
    ["contact", "business", "conversation", "workspace", "words", "last", "secret", "counters"];
/// Names that already mean something in an expression.
const RESERVED: [&str; 13] =
    ["loop", "self", "true", "false", "none", "not", "and", "or", "in", "is", "if", "else", "for"];

pub(crate) struct Check<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) flow: &'a Flow,
    pub(crate) step: &'a Step,
    pub(super) ways: &'a HashSet<&'a str>,
    /// Names that some step fills.
    pub(super) known: &'a HashMap<String, VarType>,
    pub(super) findings: &'a mut Vec<Finding>,
    /// Whether the field at hand may read secrets.
    pub(super) secrets: bool,
    /// In front of the field's name, for a field of an item: `headers.0.`.
    pub(super) prefix: String,
}

impl Check<'_> {
    /// Everything about the step.
    pub(super) fn step(&mut self) {
        let Some(kind) = steps::kind(&self.step.kind) else {
            let product = base::product::name();
            let message = format!("This version of {product} does not know steps of the kind “{}”.", self.step.kind);
            return self.error("", &message, &format!("Update {product}, or remove the step."));
        };
        let fields = self.step.fields.clone();
        self.fields(kind.fields, &fields, &kind.defaults_map());
        match (kind.parse)(&fields) {
            Ok(behaviour) => behaviour.check(self),
            Err(problem) => self.error("", &problem, "Remove the step and add it again."),
        }
        self.needed(kind);
        self.failure(kind);
    }

    fn needed(&mut self, kind: &Kind) {
        for branch in kind.branches.iter().filter(|b| b.needed) {
            if !self.leads_on(branch.name) {
                let message = format!("Nothing follows “{}” here, so the flow ends.", branch.title);
                self.warning("", &message, "Connect it to a step.");
            }
        }
    }

    fn failure(&mut self, kind: &Kind) {
        let Some(failure) = &self.step.failure else { return };
        if !kind.outside {
            return self.warning("", "This step cannot fail, so its settings for failures do nothing.", "Remove them.");
        }
        if failure.retries > 10 || failure.wait_ms > 3_600_000 {
            self.error("failure", "More than 10 tries, or more than an hour between them.", "Choose less.");
        }
        if failure.timeout_ms.is_some_and(|ms| !(100..=600_000).contains(&ms)) {
            self.error("failure", "The time limit is out of range.", "Choose between 0.1 seconds and 10 minutes.");
        }
    }

    pub(crate) fn error(&mut self, field: &str, message: &str, fix: &str) {
        self.add(Severity::Error, field, None, message, fix);
    }

    pub(crate) fn warning(&mut self, field: &str, message: &str, fix: &str) {
        self.add(Severity::Warning, field, None, message, fix);
    }

    pub(super) fn add(&mut self, severity: Severity, field: &str, at: Option<Span>, message: &str, fix: &str) {
        let field = Some(format!("{}{field}", self.prefix)).filter(|f| !f.is_empty());
        let (message, fix) = (message.to_owned(), fix.to_owned());
        self.findings.push(Finding { severity, flow: None, step: Some(self.step.id.clone()), field, at, message, fix });
    }

    /// Whether a way of this name leaves the step.
    pub(crate) fn leads_on(&self, branch: &str) -> bool {
        self.ways.contains(branch)
    }

    /// Whether a flow of the bot has this id.
    pub(crate) fn flow_called(&self, id: &str) -> Option<&Flow> {
        self.definition.flows.iter().find(|f| f.id == id)
    }

    /// A text that may hold expressions.
    pub(crate) fn text(&mut self, field: &str, text: &str, needed: bool) {
        if needed && text.trim().is_empty() {
            self.error(field, "This text is empty.", "Write something here.");
        } else if text.chars().count() > MAX_TEXT_CHARS as usize {
            self.error(field, "This text is too long.", "Shorten it to 16,000 letters.");
        } else if let Err(problem) = expression::check(text) {
            let fix = "Correct what stands between the double braces.";
            self.add(Severity::Error, field, problem.at, &problem.message, fix);
        } else {
            self.names(field, text);
        }
    }

    fn names(&mut self, field: &str, text: &str) {
        let mut names: Vec<String> = expression::names(text).into_iter().collect();
        names.sort_unstable();
        for name in names {
            let at = expression::place_of(text, &name);
            if name == "secret" {
                if !self.secrets {
                    let message = "Secrets cannot be used here, because customers and journals would see them.";
                    self.add(Severity::Error, field, at, message, "Use them in web requests, e-mails and web calls.");
                }
            } else if !SCOPES.contains(&name.as_str()) && !self.known.contains_key(&name) {
                let message = format!("No step fills “{name}”, so the flow stops here.");
                let fix = "Fill it in an earlier step, or correct the name.";
                self.add(Severity::Warning, field, at, &message, fix);
            }
        }
    }

    /// A value of a certain type.
    pub(crate) fn value_of(&mut self, field: &str, source: &str, of: VarType, needed: bool) {
        self.text(field, source, needed);
        let Some(name) = expression::single_name(source) else { return };
        if let Some(known) = self.known.get(name).copied()
            && !known.fits(of)
        {
            let message = format!("“{name}” is {}, and {} is needed here.", known.words(), of.words());
            let at = expression::place_of(source, name);
            self.add(Severity::Error, field, at, &message, "Use another value.");
        }
    }

    /// The name of a variable.
    pub(crate) fn variable(&mut self, field: &str, name: &str, needed: bool) {
        if name.is_empty() {
            if needed {
                self.error(field, "The value has no name.", "Give it a name, such as “city”.");
            }
            return;
        }
        let mut chars = name.chars();
        let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if !first || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') || name.len() > 60 {
            let message = format!("“{name}” cannot be a name for a value.");
            self.error(field, &message, "Use letters a to z, digits and _ only, and begin with a letter.");
        } else if SCOPES.contains(&name) || RESERVED.contains(&name) {
            self.error(field, &format!("“{name}” already means something else."), "Choose another name.");
        }
    }
}

impl Kind {
    /// The fields of a new step.
    pub(crate) fn defaults_map(&self) -> Map<String, Value> {
        match (self.defaults)() {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }
}
