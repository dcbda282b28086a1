//! What is different between two versions of a bot, and which open conversations could not go on in the newer one.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::compiled::Compiled;
use crate::declare::{Group, Input, Kind};
use crate::definition::{Definition, Edge, Flow, Step};
use crate::steps;

/// The id under which changed settings of the whole bot stand among the flows.
pub const SETTINGS: &str = "settings";

/// Everything that is different; moves on the canvas alone are no difference.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowChanges)]
pub struct Changes {
    pub flows: Vec<FlowChange>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowChangeKind)]
pub enum Change {
    Added,
    Removed,
    Changed,
}

/// A flow that is different. Settings of the whole bot come as a flow with the id [`SETTINGS`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlowChange {
    pub flow: String,
    pub name: String,
    pub change: Change,
    pub steps: Vec<StepChange>,
    pub edges: Vec<EdgeChange>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowStepChange)]
pub struct StepChange {
    pub step: String,
    pub kind: String,
    pub title: String,
    pub change: Change,
    /// For a step that is there before and after.
    pub fields: Vec<FieldChange>,
}

/// A setting that is different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowFieldChange)]
pub struct FieldChange {
    pub name: String,
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowEdgeChange)]
pub struct EdgeChange {
    pub from: String,
    pub branch: String,
    pub to: String,
    pub change: Change,
}

/// Compares two versions of a bot.
pub fn changes(before: &Definition, after: &Definition) -> Changes {
    let old: HashMap<&str, &Flow> = before.flows.iter().map(|f| (f.id.as_str(), f)).collect();
    let new: HashSet<&str> = after.flows.iter().map(|f| f.id.as_str()).collect();
    let mut flows: Vec<FlowChange> = settings(before, after).into_iter().collect();
    let none = Flow::default();
    for flow in &after.flows {
        match old.get(flow.id.as_str()) {
            Some(was) => flows.extend(in_flow(was, flow, Change::Changed)),
            None => flows.extend(in_flow(&none, flow, Change::Added)),
        }
    }
    for flow in before.flows.iter().filter(|f| !new.contains(f.id.as_str())) {
        flows.extend(in_flow(flow, &none, Change::Removed));
    }
    Changes { flows }
}

/// What is different in one flow; nothing when nothing is.
fn in_flow(before: &Flow, after: &Flow, change: Change) -> Option<FlowChange> {
    let (steps, edges) = (in_steps(before, after), in_edges(before, after));
    let same = before.name == after.name && before.inputs == after.inputs && before.outputs == after.outputs;
    if change == Change::Changed && same && steps.is_empty() && edges.is_empty() {
        return None;
    }
    let named = if change == Change::Removed { before } else { after };
    Some(FlowChange { flow: named.id.clone(), name: named.name.clone(), change, steps, edges })
}

fn title(step: &Step) -> String {
    let own = step.title.as_deref().filter(|t| !t.trim().is_empty());
    own.or_else(|| steps::kind(&step.kind).map(|k| k.title)).unwrap_or(&step.id).to_owned()
}

fn in_steps(before: &Flow, after: &Flow) -> Vec<StepChange> {
    let old: HashMap<&str, &Step> = before.steps.iter().map(|s| (s.id.as_str(), s)).collect();
    let new: HashSet<&str> = after.steps.iter().map(|s| s.id.as_str()).collect();
    let one = |step: &Step, change: Change, fields: Vec<FieldChange>| StepChange {
        step: step.id.clone(),
        kind: step.kind.clone(),
        title: title(step),
        change,
        fields,
    };
    let mut found: Vec<StepChange> = Vec::new();
    for step in &after.steps {
        match old.get(step.id.as_str()) {
            None => found.push(one(step, Change::Added, Vec::new())),
            Some(was) => {
                let fields = in_fields(was, step);
                if !fields.is_empty() {
                    found.push(one(step, Change::Changed, fields));
                }
            }
        }
    }
    let gone = before.steps.iter().filter(|s| !new.contains(s.id.as_str()));
    found.extend(gone.map(|s| one(s, Change::Removed, Vec::new())));
    found
}

fn in_fields(before: &Step, after: &Step) -> Vec<FieldChange> {
    let mut found = Vec::new();
    let mut add = |name: &str, label: &str, before: Option<Value>, after: Option<Value>| {
        if before != after {
            found.push(FieldChange { name: name.into(), label: label.into(), before, after });
        }
    };
    let kinds = (steps::kind(&before.kind), steps::kind(&after.kind));
    let kind_title = |kind: Option<&Kind>, step: &Step| Some(Value::from(kind.map_or(step.kind.as_str(), |k| k.title)));
    if before.kind != after.kind {
        add("kind", "Kind of step", kind_title(kinds.0, before), kind_title(kinds.1, after));
    }
    let named = |step: &Step| step.title.as_deref().filter(|t| !t.trim().is_empty()).map(Value::from);
    add("title", "Name", named(before), named(after));
    let ready = |kind: Option<&Kind>| match kind.map(|k| (k.defaults)()) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    };
    let (ready_before, ready_after) = (ready(kinds.0), ready(kinds.1));
    for name in field_names(before, after, kinds.1) {
        let of = |step: &Step, ready: &Map<String, Value>| step.fields.get(name).or_else(|| ready.get(name)).cloned();
        // What is not written down is as it is in a new step.
        let effective = |value: Option<Value>| value.filter(|v| !v.is_null());
        let (was, is) = (effective(of(before, &ready_before)), effective(of(after, &ready_after)));
        let declared = [kinds.1, kinds.0].into_iter().flatten().flat_map(|k| k.fields).find(|f| f.name == name);
        add(name, declared.map_or(name, |f| f.label), was, is);
    }
    let failure = |step: &Step| step.failure.as_ref().and_then(|f| serde_json::to_value(f).ok());
    add("failure", "If it fails", failure(before), failure(after));
    found
}

/// The names of all fields, in the order of the panel.
fn field_names<'a>(before: &'a Step, after: &'a Step, kind: Option<&'static Kind>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    let declared = kind.into_iter().flat_map(|k| k.fields.iter().map(|f| f.name));
    let written = after.fields.keys().chain(before.fields.keys()).map(String::as_str);
    let there = |name: &str| before.fields.contains_key(name) || after.fields.contains_key(name);
    declared.chain(written).filter(|name| there(name) && seen.insert(*name)).collect()
}

fn in_edges(before: &Flow, after: &Flow) -> Vec<EdgeChange> {
    let key = |e: &'_ Edge| (e.from.clone(), e.branch.clone(), e.to.clone());
    let (old, new): (HashSet<_>, HashSet<_>) =
        (before.edges.iter().map(key).collect(), after.edges.iter().map(key).collect());
    let one =
        |e: &Edge, change| EdgeChange { from: e.from.clone(), branch: e.branch.clone(), to: e.to.clone(), change };
    let added = after.edges.iter().filter(|e| !old.contains(&key(e))).map(|e| one(e, Change::Added));
    let gone = before.edges.iter().filter(|e| !new.contains(&key(e))).map(|e| one(e, Change::Removed));
    added.chain(gone).collect()
}

/// Settings of the whole bot, as a flow of one step.
fn settings(before: &Definition, after: &Definition) -> Option<FlowChange> {
    const LABELS: [(&str, &str); 8] = [
        ("/human_words", "Words that ask for a person"),
        ("/restart_words", "Words that begin again"),
        ("/stop_words", "Words that want no more messages"),
        ("/back_words", "Words that go back"),
        ("/limits/steps", "Steps of one run"),
        ("/limits/messages", "Messages of one run"),
        ("/limits/hours", "Hours of one run"),
        ("/limits/cents", "Cents of one run"),
    ];
    let (old, new) = (serde_json::to_value(&before.settings).ok()?, serde_json::to_value(&after.settings).ok()?);
    let differs = LABELS.iter().filter(|(at, _)| old.pointer(at) != new.pointer(at));
    let fields: Vec<FieldChange> = differs
        .map(|(at, label)| FieldChange {
            name: at.rsplit('/').next().unwrap_or(at).into(),
            label: (*label).into(),
            before: old.pointer(at).cloned(),
            after: new.pointer(at).cloned(),
        })
        .collect();
    let title = "Settings";
    let step = StepChange {
        step: SETTINGS.into(),
        kind: SETTINGS.into(),
        title: title.into(),
        change: Change::Changed,
        fields,
    };
    (!step.fields.is_empty()).then(|| FlowChange {
        flow: SETTINGS.into(),
        name: title.into(),
        change: Change::Changed,
        steps: vec![step],
        edges: Vec::new(),
    })
}

fn find<'a>(definition: &'a Definition, flow: &str, step: &str) -> Option<&'a Step> {
    definition.flows.iter().find(|f| f.id == flow)?.steps.iter().find(|s| s.id == step)
}

/// Why a conversation that waits at a step could not go on in a newer version, in a sentence; nothing when it could.
pub fn why_broken(before: &Definition, after: &Compiled, flow: &str, step: &str) -> Option<String> {
    let was = find(before, flow, step);
    let name = was.map_or_else(|| step.to_owned(), title);
    if after.flow_at(flow).is_none() {
        let flow = before.flows.iter().find(|f| f.id == flow).map_or(flow, |f| f.name.as_str());
        return Some(format!("The flow “{flow}” is no longer there."));
    }
    let Some(place) = after.place(flow, step) else {
        return Some(format!("The step “{name}” is no longer there."));
    };
    if let Err(problem) = &after.step(place).behaviour {
        return Some(format!("The step “{name}” cannot run: {problem}"));
    }
    let (was, is) = (was?, find(after.definition(), flow, step)?);
    if was.kind != is.kind {
        let kind = steps::kind(&is.kind).map_or(is.kind.as_str(), |k| k.title);
        return Some(format!("The step “{name}” is something else now: “{kind}”."));
    }
    let kind = steps::kind(&is.kind)?;
    kind.fields.iter().find_map(|field| match field.input {
        // Later steps read the reply under its new name.
        Input::Variable { .. } if kind.group == Group::Questions => {
            let of = |step: &Step| step.fields.get(field.name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (was, is) = (of(was), of(is));
            (was != is).then(|| format!("The step “{name}” keeps the reply as “{is}” now, no longer as “{was}”."))
        }
        Input::Choices { .. } => vanished(field.name, was, is)
            .map(|choice| format!("The step “{name}” no longer offers “{choice}”, which the customer may still pick.")),
        _ => None,
    })
}

/// The first choice that was there and is not any more.
fn vanished(field: &str, was: &Step, is: &Step) -> Option<String> {
    let choices = |step: &Step| step.fields.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    let id = |choice: &Value| choice.get("id").and_then(Value::as_str).map(str::to_owned);
    let kept: HashSet<String> = choices(is).iter().filter_map(id).collect();
    let gone = choices(was).into_iter().find(|choice| id(choice).is_some_and(|id| !kept.contains(&id)))?;
    gone.get("title").or_else(|| gone.get("id")).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
