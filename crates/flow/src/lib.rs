//! The flow engine: a pure, deterministic reducer from a run's state and an event to its next state and what to do.
//!
//! Nothing here reads a clock, a file or the network. Whoever replays a run's events gets the same run. A kind of step is a
//! folder in `steps/`; `docs/add-a-step-kind.md` walks through one.

mod ask;
mod changes;
mod choices;
mod coalesce;
mod compiled;
mod declare;
mod definition;
mod engine;
mod event;
mod expression;
mod filters;
mod hours;
mod media;
mod migrate;
mod outside;
mod payload;
mod reply;
mod rules;
mod run;
mod simulate;
mod slots;
mod starter;
mod state;
mod steps;
#[cfg(test)]
mod strategies;
#[cfg(test)]
mod testing;
mod validate;
mod values;
mod whatsapp;
mod words;

pub use changes::{Change, Changes, EdgeChange, FieldChange, FlowChange, SETTINGS, StepChange, changes, why_broken};
pub use coalesce::coalesce;
pub use compiled::{Compiled, Reads};
pub use declare::{Branch, ChannelNote, Field, Group, Input, KindInfo, VarType, Written};
pub use definition::{
    Definition, Edge, FORMAT, Failure, Flow, Limits, MAX_DEFINITION_BYTES, MAX_EDGES, MAX_FLOWS, MAX_STEPS, Port,
    Position, Settings, Step, StepGroup, Then,
};
pub use engine::advance;
pub use event::{
    Advance, AnswerOptions, Class, Context, Effect, EffectKind, Entry, Event, EventKind, Hop, Incoming, Outcome,
    Paging, Slots, Task, Tool, Wanted,
};
pub use expression::{hide_marks, preview, reveal};
pub use hours::Hours;
pub use reply::{AnswerKind, read_value};
pub use simulate::{
    Action, Branching, Channel, Coverage, Difference, Failing, FileKind, Line, MAX_ACTIONS, MAX_LINES, Pending,
    Simulated, Simulation, Visit, Waits, WaitsFor, Who, World, check_test, coverage, expected, simulate,
};
pub use starter::{DefaultTexts, default_definition};
pub use state::{RunState, Status};
pub use steps::kinds;
pub use validate::{Finding, Severity, Span, validate};
pub use words::{fold, is_greeting, is_thanks};
