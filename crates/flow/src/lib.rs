//! The flow engine: a pure, deterministic reducer from a run's state and an event to its next state and what to do.
//!
//! Nothing here reads a clock, a file or the network. Whoever replays a run's events gets the same run.

mod coalesce;
mod compiled;
mod definition;
mod engine;
mod event;
mod expression;
mod filters;
mod reply;
mod run;
mod starter;
mod state;
mod steps;
mod validate;
mod words;

pub use coalesce::coalesce;
pub use compiled::Compiled;
pub use definition::{Edge, FORMAT, Flow, MAX_EDGES, MAX_FLOW_BYTES, MAX_STEPS, Position, Settings, Step};
pub use engine::advance;
pub use event::{Advance, AnswerOptions, Context, Effect, EffectKind, Entry, Event, EventKind, Incoming, Outcome};
pub use reply::AnswerKind;
pub use starter::{DefaultTexts, default_flow};
pub use state::{RunState, Status};
pub use steps::{
    Answer, Choices, Condition, End, Generate, Handover, Header, Http, KindInfo, Message, Op, Question, Rule, Save,
    Set, Start, StepKind, Target, Wait, kinds,
};
pub use validate::{Finding, Severity, validate};
pub use words::{is_greeting, is_thanks};
