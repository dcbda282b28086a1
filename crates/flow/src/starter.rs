//! The flow that every new bot begins with: greet, answer, and fetch a person when there is no answer.

use base::message::Content;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::definition::{Edge, FORMAT, Flow, Position, Settings, Step};
use crate::reply::AnswerKind;
use crate::steps::{Answer, Condition, End, Handover, Message, Op, Question, Rule, Set, Start, StepKind, Target};

/// How long a customer may take to say their name before a person is called anyway.
const PATIENCE_MS: u64 = 30 * 60 * 1000;

/// What the bot says in its first flow; any of them may be changed by the owner or translated.
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
        }
    }
}

/// The first flow of a new bot. Neighbouring texts, such as “unknown” and the question for the name, are sent as one.
pub fn default_flow(texts: &DefaultTexts) -> Flow {
    let rule = |left: &str, op: Op| Rule { left: left.into(), op, right: String::new() };
    let say = |text: &str| StepKind::Message(Message { content: Content::text(text) });
    let steps = [
        ("start", 0, 0, StepKind::Start(Start::default())),
        (
            "is_greeting",
            0,
            1,
            // A picture without words is met by asking what it is about.
            StepKind::Condition(Condition {
                all: Vec::new(),
                any: vec![rule("{{ last.text }}", Op::IsGreeting), rule("{{ last.text }}", Op::IsEmpty)],
            }),
        ),
        (
            "is_thanks",
            0,
            2,
            // “Thank you” after an answer needs no reply, and least of all “I don't know”.
            StepKind::Condition(Condition { all: vec![rule("{{ last.text }}", Op::IsThanks)], any: Vec::new() }),
        ),
        ("greeting", -1, 2, say(&texts.greeting)),
        (
            "remember_question",
            0,
            3,
            set(Target::Variable, "question", "{{ (question | default('') ~ '\n' ~ last.text) | trim }}"),
        ),
        ("answer", 0, 4, StepKind::Answer(Answer::default())),
        ("unknown", 0, 5, say(&texts.unknown)),
        ("fallback", 1, 5, say(&texts.fallback)),
        (
            "is_name_known",
            0,
            6,
            StepKind::Condition(Condition { all: vec![rule("{{ contact.name }}", Op::IsNotEmpty)], any: Vec::new() }),
        ),
        (
            "ask_name",
            0,
            7,
            StepKind::Question(Question {
                text: texts.ask_name.clone(),
                answer: AnswerKind::Text,
                variable: "name".into(),
                short: true,
                max_tries: 2,
                timeout_ms: Some(PATIENCE_MS),
                interruptible: true,
                skippable: true,
                ..Question::default()
            }),
        ),
        ("remember_name", 0, 8, set(Target::Contact, "name", "{{ name }}")),
        (
            "has_name",
            1,
            8,
            StepKind::Condition(Condition { all: vec![rule("{{ name }}", Op::IsNotEmpty)], any: Vec::new() }),
        ),
        (
            "ask_details",
            0,
            9,
            StepKind::Question(Question {
                text: texts.ask_details.clone(),
                answer: AnswerKind::Text,
                variable: "details".into(),
                timeout_ms: Some(PATIENCE_MS),
                interruptible: true,
                skippable: true,
                ..Question::default()
            }),
        ),
        (
            "handover",
            0,
            10,
            StepKind::Handover(Handover {
                reason: "The bot had no answer".into(),
                note: "Name: {{ contact.name | default(name | default('-')) }}\n\
                       Question: {{ question | default(last.text) }}\n\
                       Details: {{ details | default('-') }}"
                    .into(),
                message: Some(texts.handover.clone()),
            }),
        ),
        ("end", -1, 5, StepKind::End(End::default())),
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
    Flow {
        format: FORMAT,
        name: "Main".into(),
        settings: Settings::default(),
        steps: steps
            .into_iter()
            .map(|(id, column, row, kind)| Step { id: id.into(), title: None, position: place(column, row), kind })
            .collect(),
        edges: edges
            .into_iter()
            .map(|(from, branch, to)| Edge { from: from.into(), branch: branch.into(), to: to.into() })
            .collect(),
    }
}

fn set(target: Target, name: &str, value: &str) -> StepKind {
    StepKind::Set(Set { target, name: name.into(), value: value.into() })
}

/// A place on the canvas, in columns and rows.
fn place(column: i8, row: i8) -> Position {
    Position { x: f32::from(column) * 320.0, y: f32::from(row) * 160.0 }
}
