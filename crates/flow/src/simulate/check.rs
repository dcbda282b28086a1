//! Saved tests: what a script must give, and how much of a flow the scripts go through.

use std::collections::{HashMap, HashSet};

use base::message::{Choice, Content};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Line, Simulated, Simulation, Visit, Who, World, simulate};
use crate::compiled::Compiled;
use crate::state::Status;
use crate::steps;

/// The first line that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SimulatedDifference)]
pub struct Difference {
    /// Counted from 0 among the bot's messages; the one after the last stands for how it ends.
    pub line: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
}

/// How much of a flow was gone through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SimulatedCoverage)]
pub struct Coverage {
    /// Steps that were entered, in the flow's order.
    pub steps: Vec<String>,
    /// Ways that were taken, in the flow's order.
    pub branches: Vec<Branching>,
    /// Steps that can be reached.
    pub of_steps: u32,
    /// Ways that can be taken.
    pub of_branches: u32,
}

/// A way out of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SimulatedBranch)]
pub struct Branching {
    pub step: String,
    pub branch: String,
}

/// What a saved test keeps: the bot's messages, and a note of how it ends.
pub fn expected(simulated: &Simulated) -> Vec<Line> {
    let mut lines: Vec<Line> = simulated.lines.iter().filter(|l| l.who == Who::Bot).cloned().collect();
    lines.push(Line {
        at: simulated.now,
        action: u32::try_from(simulated.actions.len().saturating_sub(1)).unwrap_or_default(),
        who: Who::Note,
        content: None,
        text: Some(ending(simulated).into()),
        flow: None,
        step: None,
    });
    lines
}

fn ending(simulated: &Simulated) -> &'static str {
    match simulated.status {
        Status::Active => "In the end nothing has begun.",
        Status::Waiting => "In the end the flow waits.",
        Status::Handed => "In the end a person has the conversation.",
        Status::Ended => "In the end the flow is over.",
        Status::Failed => "In the end the flow has stopped because of an error.",
    }
}

/// Plays a script and compares the bot's messages and how it ends with what [`expected`] kept. Times are not compared.
pub fn check_test(flow: &Compiled, script: &Simulation, expected: &[Line], world: &World) -> Option<Difference> {
    let got = self::expected(&simulate(flow, script, world));
    let (kept, now) = (messages(expected), messages(&got));
    for line in 0..kept.len().max(now.len()) {
        let (kept, now) = (kept.get(line).copied(), now.get(line).copied());
        if !same(kept, now) {
            return Some(difference(line, kept, now));
        }
    }
    let (kept, now) = (note(expected), note(&got));
    // A test from elsewhere may not say how it ends.
    let differs = kept.is_some() && kept != now;
    let at = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    differs.then(|| Difference {
        line: at(messages(expected).len()),
        expected: kept.map(str::to_owned),
        got: now.map(str::to_owned),
    })
}

fn messages(lines: &[Line]) -> Vec<&Line> {
    lines.iter().filter(|l| l.who == Who::Bot).collect()
}

fn note(lines: &[Line]) -> Option<&str> {
    lines.iter().rfind(|l| l.who == Who::Note).and_then(|l| l.text.as_deref())
}

fn same(a: Option<&Line>, b: Option<&Line>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.content == b.content && a.text == b.text,
        (None, None) => true,
        _ => false,
    }
}

fn difference(line: usize, kept: Option<&Line>, now: Option<&Line>) -> Difference {
    let (mut expected, mut got) = (kept.map(shown), now.map(shown));
    if expected == got {
        // The words are the same: what differs lies deeper.
        let whole = |l: &Line| serde_json::to_string(&l.content).unwrap_or_default();
        (expected, got) = (kept.map(whole), now.map(whole));
    }
    Difference { line: u32::try_from(line).unwrap_or(u32::MAX), expected, got }
}

/// A message as a text: its words, what can be picked, and its kind when it is no text.
fn shown(line: &Line) -> String {
    let Some(content) = &line.content else { return line.text.clone().unwrap_or_default() };
    let options = |choices: &[Choice]| choices.iter().map(|c| format!("[{}]", c.title)).collect::<Vec<_>>();
    match content {
        Content::Text { text } => text.clone(),
        Content::Buttons { text, buttons, .. } => format!("{text}\n{}", options(buttons).join(" ")),
        Content::List { text, sections, .. } => {
            let rows: Vec<String> = sections.iter().flat_map(|s| options(&s.rows)).collect();
            format!("{text}\n{}", rows.join("\n"))
        }
        Content::Link { text, label, url } => format!("{text}\n[{label}] {url}"),
        other => format!("({}) {}", other.kind().replace('_', " "), other.words()).trim().to_owned(),
    }
}

/// How much of a flow some paths went through, out of what can be reached at all.
pub fn coverage<'v>(flow: &Compiled, flow_id: &str, paths: impl IntoIterator<Item = &'v Visit>) -> Coverage {
    let Some(at) = flow.flow_at(flow_id) else { return Coverage::default() };
    let drawn = &flow.definition().flows[at];
    let reached = reachable(flow, at);
    let (mut entered, mut taken) = (HashSet::new(), HashSet::new());
    for visit in paths.into_iter().filter(|v| v.flow == flow_id) {
        entered.insert(visit.step.as_str());
        if let Some(branch) = &visit.branch {
            taken.insert((visit.step.as_str(), branch.as_str()));
        }
    }
    let mut coverage = Coverage::default();
    for step in drawn.steps.iter().filter(|s| reached.contains(s.id.as_str())) {
        coverage.of_steps += 1;
        if entered.contains(step.id.as_str()) {
            coverage.steps.push(step.id.clone());
        }
    }
    let mut seen = HashSet::new();
    let ways = drawn.edges.iter().filter(|e| reached.contains(e.from.as_str()) && reached.contains(e.to.as_str()));
    for edge in ways.filter(|e| seen.insert((&e.from, &e.branch))) {
        coverage.of_branches += 1;
        if taken.contains(&(edge.from.as_str(), edge.branch.as_str())) {
            coverage.branches.push(Branching { step: edge.from.clone(), branch: edge.branch.clone() });
        }
    }
    coverage
}

/// The steps of a flow to which something leads; comments do not run.
fn reachable(flow: &Compiled, at: usize) -> HashSet<&str> {
    let drawn = &flow.definition().flows[at];
    let mut next: HashMap<&str, Vec<&str>> = HashMap::new();
    for edge in &drawn.edges {
        next.entry(&edge.from).or_default().push(&edge.to);
    }
    for step in drawn.steps.iter().filter(|s| s.kind == "jump") {
        next.entry(&step.id).or_default().extend(step.fields.get("to").and_then(serde_json::Value::as_str));
    }
    let entry = |kind: &str| steps::kind(kind).is_some_and(|k| k.entry);
    let mut open: Vec<&str> = drawn.steps.iter().filter(|s| entry(&s.kind)).map(|s| s.id.as_str()).collect();
    // Customers get to the first handover by asking for a person.
    if !flow.definition().settings.human_words.is_empty() {
        open.extend(drawn.steps.iter().find(|s| s.kind == "handover").map(|s| s.id.as_str()));
    }
    let there: HashSet<&str> = drawn.steps.iter().filter(|s| s.kind != "comment").map(|s| s.id.as_str()).collect();
    let mut reached = HashSet::new();
    while let Some(step) = open.pop() {
        if there.contains(step) && reached.insert(step) {
            open.extend(next.get(step).into_iter().flatten());
        }
    }
    reached
}
