//! What only shows when one follows the ways: steps that nothing leads to, circles, closed windows, and what it costs.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Finding, Severity, finding};
use crate::declare::{Group, Kind};
use crate::definition::{Definition, Flow, Step};
use crate::steps;

/// WhatsApp takes free text for this long after the customer's last message, in milliseconds.
const WINDOW_MS: u64 = 24 * 3600 * 1000;
/// So many messages in a row are dear where each is billed.
const MANY_MESSAGES: usize = 4;

/// Looks through one flow.
pub(super) fn look(flow: &Flow, findings: &mut Vec<Finding>) {
    let map = Map::of(flow);
    map.unreachable(findings);
    map.circles(findings);
    map.closed_windows(findings);
    map.many_messages(findings);
}

struct Map<'a> {
    flow: &'a Flow,
    kinds: Vec<Option<&'static Kind>>,
    /// Where each step leads, by place.
    next: Vec<Vec<usize>>,
    /// The same, without the ways on which the customer has just written.
    unheard: Vec<Vec<usize>>,
}

impl<'a> Map<'a> {
    fn of(flow: &'a Flow) -> Map<'a> {
        let place: HashMap<&str, usize> = flow.steps.iter().enumerate().map(|(i, s)| (s.id.as_str(), i)).collect();
        let mut next = vec![Vec::new(); flow.steps.len()];
        let mut unheard = next.clone();
        for edge in &flow.edges {
            if let (Some(&from), Some(&to)) = (place.get(edge.from.as_str()), place.get(edge.to.as_str())) {
                next[from].push(to);
                if !(edge.branch == "other" && matches!(flow.steps[from].kind.as_str(), "wait" | "wait_until")) {
                    unheard[from].push(to);
                }
            }
        }
        for (i, step) in flow.steps.iter().enumerate().filter(|(_, s)| s.kind == "jump") {
            if let Some(&to) = step.fields.get("to").and_then(Value::as_str).and_then(|id| place.get(id)) {
                next[i].push(to);
                unheard[i].push(to);
            }
        }
        Map { flow, kinds: flow.steps.iter().map(|s| steps::kind(&s.kind)).collect(), next, unheard }
    }

    fn step(&self, at: usize) -> &'a Step {
        &self.flow.steps[at]
    }

    fn is(&self, at: usize, kind: &str) -> bool {
        self.flow.steps[at].kind == kind
    }

    fn unreachable(&self, findings: &mut Vec<Finding>) {
        let mut seen = vec![false; self.flow.steps.len()];
        let mut open: Vec<usize> =
            (0..seen.len()).filter(|i| self.kinds[*i].is_none_or(|k| k.entry || k.name == "comment")).collect();
        // Customers get to the first handover by asking for a person.
        open.extend((0..seen.len()).find(|i| self.is(*i, "handover")));
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                open.extend(&self.next[at]);
            }
        }
        for at in (0..seen.len()).filter(|at| !seen[*at]) {
            let message = "No way leads to this step.";
            findings.push(finding(Severity::Warning, Some(&self.step(at).id), message, "Connect it, or remove it."));
        }
    }

    /// Whether a thread that comes by must wait, or can come by only so often.
    fn pauses(&self, at: usize) -> bool {
        self.kinds[at].is_some_and(|k| k.outside || k.group == Group::Questions || k.pauses)
    }

    /// Circles in which nobody is waited for would never end.
    fn circles(&self, findings: &mut Vec<Finding>) {
        // Steps are taken away while nothing of the rest leads to them; what is left lies on or behind a circle.
        let busy: Vec<bool> = (0..self.next.len()).map(|i| !self.pauses(i)).collect();
        let mut incoming = vec![0usize; self.next.len()];
        for (targets, _) in self.next.iter().zip(&busy).filter(|(_, busy)| **busy) {
            for &to in targets.iter().filter(|to| busy[**to]) {
                incoming[to] += 1;
            }
        }
        let mut open: Vec<usize> = (0..busy.len()).filter(|i| busy[*i] && incoming[*i] == 0).collect();
        let mut left: usize = busy.iter().filter(|b| **b).count();
        while let Some(at) = open.pop() {
            left -= 1;
            for &to in self.next[at].iter().filter(|to| busy[**to]) {
                incoming[to] -= 1;
                if incoming[to] == 0 {
                    open.push(to);
                }
            }
        }
        if left > 0 {
            let step = (0..busy.len()).find(|i| busy[*i] && incoming[*i] > 0).map(|i| self.step(i).id.as_str());
            let message = "The flow can go round in a circle here without waiting for anything.";
            findings.push(finding(Severity::Error, step, message, "Put a question or a pause into the circle."));
        }
    }

    /// Messages that go out when the customer may not have written for a day.
    fn closed_windows(&self, findings: &mut Vec<Finding>) {
        let long = |at: usize| {
            let ms = |field: &str| self.step(at).fields.get(field).and_then(Value::as_u64).unwrap_or_default();
            match self.step(at).kind.as_str() {
                "schedule" => true,
                "wait" => ms("duration_ms") >= WINDOW_MS,
                "inactivity" => ms("after_ms") >= WINDOW_MS,
                "wait_until" => true,
                _ => false,
            }
        };
        let mut seen = vec![false; self.next.len()];
        let mut open: Vec<usize> =
            (0..seen.len()).filter(|at| long(*at)).flat_map(|at| self.unheard[at].clone()).collect();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let says = self.kinds[at].is_some_and(|k| {
                matches!(k.group, Group::Messages | Group::Questions)
                    && !matches!(k.name, "template" | "typing" | "reaction")
            });
            if says {
                let message =
                    "By then WhatsApp may take no free text any more: the customer must have written within 24 hours.";
                let fix = "Send a template message first and wait for the reply.";
                findings.push(finding(Severity::Warning, Some(&self.step(at).id), message, fix));
                continue;
            }
            if !self.is(at, "wait_reply") {
                open.extend(&self.unheard[at]);
            }
        }
    }

    /// Rows of messages that could be one.
    fn many_messages(&self, findings: &mut Vec<Finding>) {
        let mut before = vec![0usize; self.next.len()];
        for &to in self.next.iter().flatten() {
            before[to] += 1;
        }
        // Texts in a row are joined by the engine; files and lists are not.
        let dear = |at: usize| {
            self.kinds[at]
                .is_some_and(|k| k.group == Group::Messages && !matches!(k.name, "text" | "typing" | "reaction"))
        };
        for start in (0..self.next.len()).filter(|at| dear(*at)) {
            let led_by_dear = (0..self.next.len()).any(|i| dear(i) && self.next[i] == [start]);
            if led_by_dear {
                continue;
            }
            let (mut at, mut count) = (start, 1);
            while let [next] = self.next[at][..]
                && dear(next)
                && before[next] == 1
                && count < 50
            {
                (at, count) = (next, count + 1);
            }
            if count > MANY_MESSAGES {
                let message = format!("{count} messages go out one after the other, and WhatsApp bills each of them.");
                let fix = "Join some of them, for instance as the caption of a picture.";
                findings.push(finding(Severity::Warning, Some(&self.step(start).id), message, fix));
            }
        }
    }
}

/// Flows that call each other without end.
pub(super) fn calls(definition: &Definition, findings: &mut Vec<Finding>) {
    let calls: HashMap<&str, Vec<(&str, &str)>> = definition
        .flows
        .iter()
        .map(|flow| {
            let of = |step: &'_ Step| step.kind == "call";
            let called = flow
                .steps
                .iter()
                .filter(|s| of(s))
                .filter_map(|s| Some((s.id.as_str(), s.fields.get("flow")?.as_str()?)))
                .collect();
            (flow.id.as_str(), called)
        })
        .collect();
    for flow in &definition.flows {
        let mut seen = HashSet::new();
        let mut open: Vec<(&str, &str)> = calls.get(flow.id.as_str()).cloned().unwrap_or_default();
        let first = open.clone();
        while let Some((_, called)) = open.pop() {
            if called == flow.id {
                let message = "This flow calls itself, by way of others or at once, and may never end.";
                let mut found = finding(
                    Severity::Error,
                    first.first().map(|(step, _)| *step),
                    message,
                    "Let the flow return, or use “Repeat”.",
                );
                found.flow = Some(flow.id.clone());
                findings.push(found);
                break;
            }
            if seen.insert(called) {
                open.extend(calls.get(called).into_iter().flatten());
            }
        }
    }
}
