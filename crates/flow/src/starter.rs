//! The flow that every new bot begins with: greet, answer, and fetch a person when there is no answer.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::definition::{Definition, Edge, Flow, Position, Step};

/// How long a customer may take to say their name before a person is called anyway.
const PATIENCE_MS: u64 = 30 * 60 * 1000;

/// What the bot says in its first flow; any of them may be changed by the owner or translated. Flows read them as
/// `words.greeting` and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DefaultTexts {
    pub greeting: String,
    /// Said when the knowledge has no answer.
    pub unknown: String,
    pub ask_name: String,
    pub ask_details: String,
    /// Said when a person is called.
    pub handover: String,
    /// Said when looking for an answer failed.
    pub fallback: String,
    /// Said to a customer who wants no more messages.
    pub stopped: String,
}

impl Default for DefaultTexts {
    fn default() -> Self {
        Self {
            greeting: "Hello! How can I help you?".into(),
            unknown: "I don't know the answer to that, but a colleague will.".into(),
            ask_name: "What is your name?".into(),
            ask_details: "Is there anything else we should know? If not, just say “no”.".into(),
            handover: "Thank you! A colleague will reply to you here.".into(),
            fallback: "I cannot look that up right now, but a colleague can help you.".into(),
            stopped: "You will get no more messages from us unless you write.".into(),
        }
    }
}

/// The first definition of a new bot. Neighbouring texts, such as “unknown” and the question for the name, are sent as one.
pub fn default_definition() -> Definition {
    let rule = |left: &str, op: &str| json!({ "left": left, "op": op, "right": "" });
    let ask = |text: &str, variable: &str, short: bool, tries: u32| {
        json!({
            "text": text, "variable": variable, "short": short, "max_tries": tries, "timeout_ms": PATIENCE_MS,
            "interruptible": true, "skippable": true,
        })
    };
    let steps = [
        ("start", 0, 0, "message_received", json!({})),
        (
            "is_greeting",
            0,
            1,
            "condition",
            // A picture without words is met by asking what it is about.
            json!({ "rules": {
                "all": [], "any": [rule("{{ last.text }}", "is_greeting"), rule("{{ last.text }}", "is_empty")],
            } }),
        ),
        (
            "is_thanks",
            0,
            2,
            "condition",
            // “Thank you” after an answer needs no reply, and least of all “I don't know”.
            json!({ "rules": { "all": [rule("{{ last.text }}", "is_thanks")], "any": [] } }),
        ),
        ("greeting", -1, 2, "text", json!({ "text": "{{ words.greeting }}" })),
        (
            "remember_question",
            0,
            3,
            "set",
            json!({ "values": [
                { "name": "question", "value": "{{ (question | default('') ~ '\n' ~ last.text) | trim }}" },
            ] }),
        ),
        ("answer", 0, 4, "answer", json!({ "question": "{{ last.text }}" })),
        ("unknown", 0, 5, "text", json!({ "text": "{{ words.unknown }}" })),
        ("fallback", 1, 5, "text", json!({ "text": "{{ words.fallback }}" })),
        (
            "is_name_known",
            0,
            6,
            "condition",
            json!({ "rules": { "all": [rule("{{ contact.name }}", "is_not_empty")], "any": [] } }),
        ),
        ("ask_name", 0, 7, "ask_text", ask("{{ words.ask_name }}", "name", true, 2)),
        ("remember_name", 0, 8, "contact_field", json!({ "field": "name", "value": "{{ name }}" })),
        ("has_name", 1, 8, "condition", json!({ "rules": { "all": [rule("{{ name }}", "is_not_empty")], "any": [] } })),
        ("ask_details", 0, 9, "ask_text", ask("{{ words.ask_details }}", "details", false, 3)),
        (
            "handover",
            0,
            10,
            "handover",
            json!({
                "reason": "The bot had no answer",
                "note": "Name: {{ contact.name | default(name | default('-')) }}\n\
                         Question: {{ question | default(last.text) }}\n\
                         Details: {{ details | default('-') }}",
                "message": "{{ words.handover }}",
            }),
        ),
        ("end", -1, 5, "end", json!({})),
    ];
    let edges = [
        ("start", "next", "is_greeting"),
        ("is_greeting", "yes", "greeting"),
        ("is_greeting", "no", "is_thanks"),
        ("is_thanks", "yes", "end"),
        ("is_thanks", "no", "remember_question"),
        ("greeting", "next", "end"),
        ("remember_question", "next", "answer"),
        ("answer", "answered", "end"),
        ("answer", "unknown", "unknown"),
        ("answer", "failed", "fallback"),
        ("unknown", "next", "is_name_known"),
        ("fallback", "next", "is_name_known"),
        ("is_name_known", "yes", "ask_details"),
        ("is_name_known", "no", "ask_name"),
        ("ask_name", "next", "has_name"),
        ("ask_name", "other", "remember_question"),
        ("ask_name", "timeout", "handover"),
        ("ask_name", "failed", "ask_details"),
        ("has_name", "yes", "remember_name"),
        ("has_name", "no", "ask_details"),
        ("remember_name", "next", "ask_details"),
        ("ask_details", "next", "handover"),
        ("ask_details", "other", "remember_question"),
        ("ask_details", "timeout", "handover"),
        ("ask_details", "failed", "handover"),
    ];
    Definition::of(Flow {
        id: "main".into(),
        name: "Main".into(),
        steps: steps.into_iter().map(|(id, column, row, kind, fields)| step(id, (column, row), kind, fields)).collect(),
        edges: edges
            .into_iter()
            .map(|(from, branch, to)| Edge { from: from.into(), branch: branch.into(), to: to.into() })
            .collect(),
        ..Flow::default()
    })
}

fn step(id: &str, (column, row): (i8, i8), kind: &str, fields: Value) -> Step {
    let Value::Object(fields) = fields else { return Step::default() };
    // From left to right, with room for the cards of the builder.
    let position = Position { x: f32::from(row) * 330.0, y: f32::from(column) * 270.0 };
    Step { id: id.into(), kind: kind.into(), position, fields, ..Step::default() }
}
