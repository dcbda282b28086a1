//! Finds what is wrong with a flow before a customer does.

use std::collections::{HashMap, HashSet};

use base::message::Content;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::definition::{FORMAT, Flow, MAX_EDGES, MAX_STEPS, Step};
use crate::expression;
use crate::steps::{StepKind, Target};

/// Findings beyond this number are left out.
const MAX_FINDINGS: usize = 500;
/// Longest text of a step, in characters.
const MAX_TEXT_CHARS: usize = 16_000;

/// What expressions may read besides variables.
const SCOPES: [&str; 4] = ["contact", "business", "conversation", "last"];

/// Something about a flow that the owner should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowFinding)]
pub struct Finding {
    pub severity: Severity,
    /// The step's id, when it belongs to one.
    #[schema(required)]
    pub step: Option<String>,
    /// The step's field, when it belongs to one.
    #[schema(required)]
    pub field: Option<String>,
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

/// Whether a flow may be published nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FindingSeverity)]
pub enum Severity {
    Error,
    Warning,
}

/// Looks a flow through. Errors come first; a flow without errors can be published.
pub fn validate(flow: &Flow) -> Vec<Finding> {
    let mut findings = Vec::new();
    whole(flow, &mut findings);
    edges(flow, &mut findings);
    let mut ways: HashMap<&str, HashSet<&str>> = HashMap::new();
    for edge in &flow.edges {
        ways.entry(&edge.from).or_default().insert(&edge.branch);
    }
    let none = HashSet::new();
    let known = variables(flow);
    for step in flow.steps.iter().take(MAX_STEPS) {
        let mut check =
            Check { step, ways: ways.get(step.id.as_str()).unwrap_or(&none), known: &known, findings: &mut findings };
        step.kind.behaviour().check(&mut check);
        for branch in step.kind.about().needed {
            if !check.leads_on(branch) {
                check.warning(
                    "",
                    &format!("Nothing follows “{branch}” here, so the flow ends."),
                    "Connect it to a step.",
                );
            }
        }
    }
    reachable(flow, &mut findings);
    circles(flow, &mut findings);
    findings.sort_by_key(|f| f.severity);
    findings.truncate(MAX_FINDINGS);
    findings
}

/// What a step's rules look at and report to.
pub(crate) struct Check<'a> {
    step: &'a Step,
    ways: &'a HashSet<&'a str>,
    /// Names that some step fills.
    known: &'a HashSet<&'a str>,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    pub(crate) fn error(&mut self, field: &str, message: &str, fix: &str) {
        self.add(Severity::Error, field, message, fix);
    }

    pub(crate) fn warning(&mut self, field: &str, message: &str, fix: &str) {
        self.add(Severity::Warning, field, message, fix);
    }

    fn add(&mut self, severity: Severity, field: &str, message: &str, fix: &str) {
        let field = Some(field.to_owned()).filter(|f| !f.is_empty());
        let (message, fix) = (message.to_owned(), fix.to_owned());
        self.findings.push(Finding { severity, step: Some(self.step.id.clone()), field, message, fix });
    }

    /// Whether an edge of this name leaves the step.
    pub(crate) fn leads_on(&self, branch: &str) -> bool {
        self.ways.contains(branch)
    }

    /// A text that may hold expressions.
    pub(crate) fn text(&mut self, field: &str, text: &str, needed: bool) {
        if needed && text.trim().is_empty() {
            self.error(field, "This text is empty.", "Write something here.");
        } else if text.chars().count() > MAX_TEXT_CHARS {
            self.error(field, "This text is too long.", "Shorten it to 16,000 letters.");
        } else if let Err(problem) = expression::check(text) {
            self.error(field, &problem, "Correct what stands between the double braces.");
        } else {
            let mut names: Vec<String> = expression::names(text).into_iter().collect();
            names.sort_unstable();
            for name in names.iter().filter(|n| !SCOPES.contains(&n.as_str()) && !self.known.contains(n.as_str())) {
                let message = format!("No step fills “{name}”, so the flow stops here.");
                self.warning(field, &message, "Fill it in an earlier step, or correct the name.");
            }
        }
    }

    /// Any message.
    pub(crate) fn content(&mut self, field: &str, content: &Content) {
        match content {
            Content::Text { text } => self.text(field, text, true),
            Content::Picked { .. } | Content::Form { .. } | Content::Order { .. } | Content::Unsupported { .. } => {
                self.error(
                    field,
                    "Only customers can send this kind of message.",
                    "Choose a text, a picture or a file.",
                );
            }
            other => {
                let mut texts = Vec::new();
                if let Ok(json) = serde_json::to_value(other) {
                    collect(&json, &mut texts);
                }
                for text in texts {
                    self.text(field, &text, false);
                }
            }
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
            self.error(
                field,
                &format!("“{name}” cannot be a name for a value."),
                "Use letters a to z, digits and _ only, and begin with a letter.",
            );
        } else if SCOPES.contains(&name)
            || matches!(
                name,
                "loop"
                    | "self"
                    | "true"
                    | "false"
                    | "none"
                    | "not"
                    | "and"
                    | "or"
                    | "in"
                    | "is"
                    | "if"
                    | "else"
                    | "for"
            )
        {
            self.error(field, &format!("“{name}” already means something else."), "Choose another name.");
        }
    }
}

fn collect(json: &serde_json::Value, texts: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) => texts.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        serde_json::Value::Object(map) => map.values().for_each(|item| collect(item, texts)),
        _ => {}
    }
}

fn finding(severity: Severity, step: Option<&str>, message: impl Into<String>, fix: &str) -> Finding {
    Finding { severity, step: step.map(str::to_owned), field: None, message: message.into(), fix: fix.into() }
}

fn whole(flow: &Flow, findings: &mut Vec<Finding>) {
    use Severity::{Error, Warning};
    if flow.format != FORMAT {
        findings.push(finding(Error, None, format!("Format {} is not known.", flow.format), "Update BotFlow."));
    }
    if flow.name.trim().is_empty() {
        findings.push(finding(Warning, None, "This flow has no name.", "Give it one."));
    }
    if flow.steps.len() > MAX_STEPS || flow.edges.len() > MAX_EDGES {
        findings.push(finding(Error, None, "This flow is too large.", "Split it into several flows."));
    }
    let starts: Vec<&Step> = flow.steps.iter().filter(|s| matches!(s.kind, StepKind::Start(_))).collect();
    match starts[..] {
        [] => findings.push(finding(Error, None, "This flow has no start.", "Add a start step.")),
        [_] => {}
        [_, second, ..] => {
            findings.push(finding(
                Error,
                Some(&second.id),
                "This flow has several starts.",
                "Keep one and remove the others.",
            ));
        }
    }
    let mut seen = HashSet::new();
    for step in &flow.steps {
        if step.id.trim().is_empty() || step.id.len() > 100 {
            findings.push(finding(Error, Some(&step.id), "A step has no usable id.", "Remove it and add it again."));
        } else if !seen.insert(step.id.as_str()) {
            findings.push(finding(Error, Some(&step.id), "Two steps share an id.", "Remove one and add it again."));
        }
    }
    if !flow.settings.human_words.is_empty() && !flow.steps.iter().any(|s| matches!(s.kind, StepKind::Handover(_))) {
        let message = "Customers who ask for a person do not get one.";
        findings.push(finding(Warning, None, message, "Add a handover step; it needs no connection."));
    }
}

fn edges(flow: &Flow, findings: &mut Vec<Finding>) {
    let steps: HashMap<&str, &Step> = flow.steps.iter().map(|s| (s.id.as_str(), s)).collect();
    let mut seen = HashSet::new();
    for edge in flow.edges.iter().take(MAX_EDGES) {
        let from = steps.get(edge.from.as_str());
        let problem = match from {
            None => Some("A connection comes from a step that is not there.".to_owned()),
            Some(_) if !steps.contains_key(edge.to.as_str()) => {
                Some("A connection leads to a step that is not there.".into())
            }
            Some(step) if !step.kind.branches().contains(&edge.branch.as_str()) => {
                Some(format!("This step has no way called “{}”.", edge.branch))
            }
            Some(_) if !seen.insert((&edge.from, &edge.branch)) => {
                Some(format!("Two connections leave “{}”; only the first one counts.", edge.branch))
            }
            Some(_) => None,
        };
        if let Some(problem) = problem {
            findings.push(finding(Severity::Error, from.map(|s| s.id.as_str()), problem, "Remove the connection."));
        }
    }
}

/// The names that steps fill.
fn variables(flow: &Flow) -> HashSet<&str> {
    let mut names = HashSet::new();
    for step in &flow.steps {
        match &step.kind {
            StepKind::Question(step) => {
                names.insert(step.variable.as_str());
            }
            StepKind::Choices(step) => {
                names.insert(step.variable.as_str());
            }
            StepKind::Generate(step) => {
                names.insert(step.variable.as_str());
            }
            StepKind::Set(step) if step.target == Target::Variable => {
                names.insert(step.name.as_str());
            }
            StepKind::Http(step) => names.extend(step.save.iter().map(|save| save.variable.as_str())),
            _ => {}
        }
    }
    names
}

/// Where each step leads, by place.
fn successors(flow: &Flow) -> Vec<Vec<usize>> {
    let place: HashMap<&str, usize> = flow.steps.iter().enumerate().map(|(i, s)| (s.id.as_str(), i)).collect();
    let mut next = vec![Vec::new(); flow.steps.len()];
    for edge in &flow.edges {
        if let (Some(&from), Some(&to)) = (place.get(edge.from.as_str()), place.get(edge.to.as_str())) {
            next[from].push(to);
        }
    }
    next
}

fn reachable(flow: &Flow, findings: &mut Vec<Finding>) {
    let next = successors(flow);
    let mut seen = vec![false; flow.steps.len()];
    let mut open: Vec<usize> =
        flow.steps.iter().position(|s| matches!(s.kind, StepKind::Start(_))).into_iter().collect();
    // Customers get to the first handover by asking for a person.
    open.extend(flow.steps.iter().position(|s| matches!(s.kind, StepKind::Handover(_))));
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            open.extend(&next[at]);
        }
    }
    for (step, _) in flow.steps.iter().zip(seen).filter(|(_, seen)| !seen) {
        let message = "No way leads to this step.";
        findings.push(finding(Severity::Warning, Some(&step.id), message, "Connect it, or remove it."));
    }
}

/// Circles in which nobody is waited for would never end.
fn circles(flow: &Flow, findings: &mut Vec<Finding>) {
    let waits = |step: &Step| match &step.kind {
        StepKind::Wait(wait) => wait.duration_ms > 0,
        kind => matches!(
            kind,
            StepKind::Question(_)
                | StepKind::Choices(_)
                | StepKind::Answer(_)
                | StepKind::Generate(_)
                | StepKind::Http(_)
        ),
    };
    let next = successors(flow);
    // Steps are taken away while nothing of the rest leads to them; what is left lies on or behind a circle.
    let busy: Vec<bool> = flow.steps.iter().map(|s| !waits(s)).collect();
    let mut incoming = vec![0usize; flow.steps.len()];
    for (targets, _) in next.iter().zip(&busy).filter(|(_, busy)| **busy) {
        for &to in targets.iter().filter(|to| busy[**to]) {
            incoming[to] += 1;
        }
    }
    let mut open: Vec<usize> = (0..flow.steps.len()).filter(|i| busy[*i] && incoming[*i] == 0).collect();
    let mut left: usize = busy.iter().filter(|b| **b).count();
    while let Some(at) = open.pop() {
        left -= 1;
        for &to in next[at].iter().filter(|to| busy[**to]) {
            incoming[to] -= 1;
            if incoming[to] == 0 {
                open.push(to);
            }
        }
    }
    if left > 0 {
        let step = (0..flow.steps.len()).find(|i| busy[*i] && incoming[*i] > 0).map(|i| flow.steps[i].id.as_str());
        let message = "The flow can go round in a circle here without waiting for anything.";
        findings.push(finding(Severity::Error, step, message, "Put a question or a pause into the circle."));
    }
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;
