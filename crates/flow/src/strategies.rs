//! Random flows and what happens to them, for properties that must hold for all of them.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::definition::{Definition, Edge, Flow, Step};
use crate::event::Outcome;
use crate::steps;

pub(crate) fn a_text() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("hi"),
        Just("agent"),
        Just("menu"),
        Just("yes"),
        Just("2"),
        Just("Ana"),
        Just("skip"),
        Just("Do you deliver?"),
        Just(""),
        Just("prices"),
        Just("{{ 1 }}"),
        Just("ana@example.com"),
        Just("tomorrow"),
        Just("العربية؟"),
    ];
    prop_oneof![4 => words.prop_map(str::to_owned), 1 => "\\PC{0,30}"]
}

pub(crate) fn an_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        a_text().prop_map(|text| Outcome::Answered { text, detail: json!({}) }),
        Just(Outcome::Unknown { detail: json!({}) }),
        a_text().prop_map(|text| Outcome::Generated { text }),
        (100u16..600, a_text()).prop_map(|(status, t)| Outcome::Response { status, body: json!({"status": t}) }),
        a_text().prop_map(|label| Outcome::Classified { label: Some(label), confidence: 0.9 }),
        a_text().prop_map(|tool| Outcome::ToolWanted { tool, arguments: json!({"question": "x"}) }),
        a_text().prop_map(|text| Outcome::Value { value: json!({"a": text, "list": [1, 2]}) }),
        Just(Outcome::Value { value: json!([{"start": "2026-03-01T10:00", "label": "ten"}]) }),
        any::<bool>().prop_map(|yes| Outcome::Decided { yes }),
        a_text().prop_map(|message| Outcome::Failed { message }),
    ]
}

/// Steps of every kind, wired at random along branches that they have, in two flows that may call each other.
pub(crate) fn some_flows() -> impl Strategy<Value = Definition> {
    let count = steps::kinds().len();
    let one = move || {
        (
            proptest::collection::vec(0usize..count, 1..14),
            proptest::collection::vec((any::<usize>(), any::<usize>(), any::<usize>()), 0..40),
        )
    };
    (one(), one()).prop_map(|(main, other)| {
        let mut definition = Definition::of(a_flow("main", main));
        definition.flows.push(a_flow("other", other));
        definition
    })
}

fn a_flow(id: &str, (kinds, wires): (Vec<usize>, Vec<(usize, usize, usize)>)) -> Flow {
    let all = steps::kinds();
    let begin = |id: &str| all.iter().position(|k| k.name == if id == "main" { "message_received" } else { "called" });
    let steps: Vec<Step> = begin(id)
        .into_iter()
        .chain(kinds)
        .enumerate()
        .map(|(i, kind)| {
            let Value::Object(fields) = all[kind].example.clone() else { panic!("an example is an object") };
            let fields = if i == 0 { Map::new() } else { fields };
            Step { id: format!("s{i}"), kind: all[kind].name.into(), fields, ..Step::default() }
        })
        .collect();
    let edges = wires
        .into_iter()
        .filter_map(|(from, branch, to)| {
            let from = &steps[from % steps.len()];
            let ways: Vec<&str> = steps::kind(&from.kind)?.ways(&from.fields).into_iter().collect();
            let branch = (*ways.get(branch.checked_rem(ways.len())?)?).to_owned();
            Some(Edge { from: from.id.clone(), branch, to: steps[to % steps.len()].id.clone() })
        })
        .collect();
    Flow { id: id.into(), name: id.into(), steps, edges, ..Flow::default() }
}
