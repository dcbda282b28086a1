//! Finds what is wrong with a bot's flows before a customer does.

mod check;
mod fields;
mod paths;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::declare::{Input, VarType};
use crate::definition::{Definition, Edge, FORMAT, Flow, MAX_EDGES, MAX_STEPS, Step};
use crate::steps;

pub(crate) use check::Check;

/// Findings beyond this number are left out.
const MAX_FINDINGS: usize = 500;

/// Something about a flow that the owner should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowFinding)]
pub struct Finding {
    pub severity: Severity,
    /// The flow's id, when it belongs to one.
    #[schema(required)]
    pub flow: Option<String>,
    /// The step's id, when it belongs to one.
    #[schema(required)]
    pub step: Option<String>,
    /// The step's field, when it belongs to one.
    #[schema(required)]
    pub field: Option<String>,
    /// Where in the field's text, when that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Span>,
    #[serde(serialize_with = "base::product::say")]
    pub message: String,
    /// What to do about it.
    #[serde(serialize_with = "base::product::say")]
    pub fix: String,
}

/// A part of a text, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TextSpan)]
pub struct Span {
    pub from: u32,
    /// The first that no longer belongs to it.
    pub to: u32,
}

/// Whether a flow may be published nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FindingSeverity)]
pub enum Severity {
    Error,
    Warning,
}

/// Looks a bot's flows through. Errors come first; flows without errors can be published.
pub fn validate(definition: &Definition) -> Vec<Finding> {
    let mut findings = Vec::new();
    whole(definition, &mut findings);
    for flow in &definition.flows {
        let from = findings.len();
        one(definition, flow, &mut findings);
        for finding in &mut findings[from..] {
            finding.flow = Some(flow.id.clone());
        }
    }
    paths::calls(definition, &mut findings);
    findings.sort_by_key(|f| f.severity);
    findings.truncate(MAX_FINDINGS);
    findings
}

/// What is wrong with a single step with these fields, in a flow of its own.
#[cfg(test)]
pub(crate) fn check_alone(kind: &str, fields: Map<String, Value>) -> Vec<Finding> {
    let step = |id: &str, kind: &str, fields| Step { id: id.into(), kind: kind.into(), fields, ..Step::default() };
    let entry = steps::kind(kind).is_some_and(|k| k.entry);
    let mut all = vec![step("other", "comment", Map::new()), step("a", kind, fields)];
    if !entry {
        all.push(step("begin", "message_received", Map::new()));
    }
    let flow = Flow { id: "main".into(), name: "Main".into(), steps: all, ..Flow::default() };
    let other = Flow { id: "other".into(), name: "Other".into(), ..Flow::default() };
    let mut definition = Definition::of(flow);
    definition.flows.push(other);
    validate(&definition).into_iter().filter(|f| f.step.as_deref() == Some("a")).collect()
}

fn finding(severity: Severity, step: Option<&str>, message: impl Into<String>, fix: &str) -> Finding {
    Finding {
        severity,
        flow: None,
        step: step.map(str::to_owned),
        field: None,
        at: None,
        message: message.into(),
        fix: fix.into(),
    }
}

fn whole(definition: &Definition, findings: &mut Vec<Finding>) {
    use Severity::{Error, Warning};
    if definition.format != FORMAT {
        let message = format!("Format {} is not known.", definition.format);
        findings.push(finding(Error, None, message, &format!("Update {}.", base::product::name())));
    }
    let mut seen = HashSet::new();
    for flow in &definition.flows {
        if flow.id.trim().is_empty() || flow.id.len() > 100 || flow.id.contains('/') || !seen.insert(flow.id.as_str()) {
            let message = format!("The flow “{}” has no usable id.", flow.name);
            findings.push(finding(Error, None, message, "Make a copy of it and delete this one."));
        }
    }
    let has = |kind: &str| definition.flows.iter().any(|f| f.steps.iter().any(|s| s.kind == kind));
    let any = definition.flows.iter().flat_map(|f| &f.steps).any(|s| {
        s.kind == "message_received" && matches!(s.fields.get("on").and_then(Value::as_str), None | Some("any"))
    });
    if !any {
        let message = "No flow begins with any message, so most customers get no answer.";
        findings.push(finding(Error, None, message, "Add a step “Message received” for any message."));
    }
    if !definition.settings.human_words.is_empty() && !has("handover") {
        let message = "Customers who ask for a person do not get one.";
        findings.push(finding(Warning, None, message, "Add a step “Hand over to a person”; it needs no connection."));
    }
    for words in [&definition.settings.human_words, &definition.settings.restart_words] {
        if words.len() > 500 {
            findings.push(finding(Error, None, "There are more than 500 words of one kind.", "Remove some."));
        }
    }
}

fn one(definition: &Definition, flow: &Flow, findings: &mut Vec<Finding>) {
    use Severity::{Error, Warning};
    if flow.name.trim().is_empty() {
        findings.push(finding(Warning, None, "This flow has no name.", "Give it one."));
    }
    if flow.steps.len() > MAX_STEPS || flow.edges.len() > MAX_EDGES {
        return findings.push(finding(Error, None, "This flow is too large.", "Split it into several flows."));
    }
    let mut seen = HashSet::new();
    for step in &flow.steps {
        if step.id.trim().is_empty() || step.id.len() > 100 || step.id.contains('/') {
            findings.push(finding(Error, Some(&step.id), "A step has no usable id.", "Remove it and add it again."));
        } else if !seen.insert(step.id.as_str()) {
            findings.push(finding(Error, Some(&step.id), "Two steps share an id.", "Remove one and add it again."));
        }
    }
    if !flow.steps.is_empty() && !flow.steps.iter().any(|s| steps::kind(&s.kind).is_some_and(|k| k.entry)) {
        findings.push(finding(
            Error,
            None,
            "This flow has no beginning.",
            "Add a trigger, such as “Message received”.",
        ));
    }
    edges(flow, findings);
    let mut ways: HashMap<&str, HashSet<&str>> = HashMap::new();
    for edge in &flow.edges {
        ways.entry(&edge.from).or_default().insert(&edge.branch);
    }
    let none = HashSet::new();
    let known = variables(flow);
    for step in &flow.steps {
        let ways = ways.get(step.id.as_str()).unwrap_or(&none);
        Check { definition, flow, step, ways, known: &known, findings, secrets: false, prefix: String::new() }.step();
    }
    paths::look(flow, findings);
}

fn edges(flow: &Flow, findings: &mut Vec<Finding>) {
    let by_id: HashMap<&str, &Step> = flow.steps.iter().map(|s| (s.id.as_str(), s)).collect();
    let mut seen = HashSet::new();
    for edge in &flow.edges {
        let from = by_id.get(edge.from.as_str());
        let problem = match (from, by_id.get(edge.to.as_str())) {
            (None, _) => Some("A connection comes from a step that is not there.".to_owned()),
            (_, None) => Some("A connection leads to a step that is not there.".into()),
            (Some(from), Some(to)) => edge_problem(from, edge, to)
                .or_else(|| (!seen.insert((&edge.from, &edge.branch))).then(|| twice(&edge.branch))),
        };
        if let Some(problem) = problem {
            findings.push(finding(Severity::Error, from.map(|s| s.id.as_str()), problem, "Remove the connection."));
        }
    }
}

fn twice(branch: &str) -> String {
    format!("Two connections leave “{branch}”; only the first one counts.")
}

fn edge_problem(from: &Step, edge: &Edge, to: &Step) -> Option<String> {
    let kind = steps::kind(&from.kind)?;
    if !kind.ways(&from.fields).contains(edge.branch.as_str()) {
        return Some(format!("This step has no way called “{}”.", edge.branch));
    }
    let to = steps::kind(&to.kind)?;
    to.entry.then(|| format!("Nothing can lead to “{}”: a flow begins there.", to.title))
}

/// The names that steps fill, and what they hold.
pub(crate) fn variables(flow: &Flow) -> HashMap<String, VarType> {
    let mut names: HashMap<String, VarType> = HashMap::new();
    let mut add = |name: &str, of: VarType| {
        if !name.is_empty() {
            let entry = names.entry(name.to_owned()).or_insert(of);
            if *entry != of {
                *entry = VarType::Any;
            }
        }
    };
    for port in &flow.inputs {
        add(&port.name, port.of);
    }
    for step in &flow.steps {
        let Some(kind) = steps::kind(&step.kind) else { continue };
        for written in kind.writes {
            add(written.name, written.of);
        }
        written_by(kind.fields, &step.fields, &mut add);
    }
    names
}

fn written_by(fields: &[crate::declare::Field], values: &Map<String, Value>, add: &mut impl FnMut(&str, VarType)) {
    for field in fields {
        match (field.input, values.get(field.name)) {
            (Input::Variable { of }, Some(Value::String(name))) => add(name, of),
            (Input::Items { fields, .. }, Some(Value::Array(items))) => {
                for item in items.iter().filter_map(Value::as_object) {
                    written_by(fields, item, add);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
