//! One advance of a run in the making: what steps may read, say, ask for and remember.

use std::borrow::Cow;

use base::Time;
use base::message::Content;
use serde_json::Value;

use crate::compiled::Compiled;
use crate::event::{Context, Effect, EffectKind, Entry, Incoming};
use crate::expression::Scope;
use crate::state::{Last, MAX_TEXT_BYTES, RunState, Status, Wait, cut};

/// Messages that one event may cause.
const MAX_SENDS: usize = 10;
/// Variables of a run.
const MAX_VARIABLES: usize = 200;
/// Size of all variables together, as text.
const MAX_VARIABLE_BYTES: usize = 256 * 1024;
/// Longest note of the journal, in characters.
const MAX_NOTE_CHARS: usize = 300;

/// Where a run goes from a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Next<'a> {
    /// Along the edge of this name; without one the run ends.
    Branch(Cow<'a, str>),
    /// Nowhere before the next event; the step has said what it waits for.
    Wait,
    /// Silent, since a person has it.
    Hand,
    End,
}

impl Next<'_> {
    pub(crate) const NEXT: Next<'static> = Next::Branch(Cow::Borrowed("next"));

    pub(crate) fn branch(name: &'static str) -> Next<'static> {
        Next::Branch(Cow::Borrowed(name))
    }
}

/// Where to go, or a sentence for the owner.
pub(crate) type Stepped<'a> = Result<Next<'a>, String>;

/// The run while one event is worked in.
pub(crate) struct Run<'a> {
    pub(crate) flow: &'a Compiled,
    pub(crate) context: &'a Context,
    pub(crate) at: Time,
    pub(crate) state: RunState,
    pub(crate) effects: Vec<Effect>,
    pub(crate) journal: Vec<Entry>,
    /// Steps entered during this advance.
    pub(crate) steps: usize,
    /// Whether it came to an error during this advance.
    pub(crate) failed: bool,
    sends: usize,
}

impl<'a> Run<'a> {
    pub(crate) fn new(flow: &'a Compiled, state: RunState, context: &'a Context, at: Time) -> Self {
        Self { flow, context, at, state, effects: Vec::new(), journal: Vec::new(), steps: 0, failed: false, sends: 0 }
    }

    fn scope(&self) -> Scope<'_> {
        Scope { state: &self.state, context: self.context }
    }

    /// The text with its expressions filled in.
    pub(crate) fn text(&self, source: &str) -> Result<String, String> {
        self.scope().text(source)
    }

    /// The value of an expression.
    pub(crate) fn value(&self, source: &str) -> Result<Value, String> {
        self.scope().value(source)
    }

    /// A message with its expressions filled in, in whatever part of it they stand.
    pub(crate) fn fill(&self, content: &Content) -> Result<Content, String> {
        if let Content::Text { text } = content {
            return self.text(text).map(Content::text);
        }
        let mut json = serde_json::to_value(content).map_err(|e| format!("This message cannot be prepared: {e}."))?;
        self.fill_json(&mut json)?;
        serde_json::from_value(json).map_err(|e| format!("This message cannot be prepared: {e}."))
    }

    fn fill_json(&self, json: &mut Value) -> Result<(), String> {
        match json {
            Value::String(text) => *text = self.text(text)?,
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.fill_json(item))?,
            Value::Object(map) => map.values_mut().try_for_each(|item| self.fill_json(item))?,
            _ => {}
        }
        Ok(())
    }

    /// Says something; a text without words is left out.
    pub(crate) fn send(&mut self, content: Content, answer_of: Option<u64>) -> Result<(), String> {
        if matches!(&content, Content::Text { text } if text.trim().is_empty()) {
            self.note("Nothing to send", "The text is empty.");
            return Ok(());
        }
        self.sends += 1;
        if self.sends > MAX_SENDS {
            return Err(format!(
                "The flow wanted to send more than {MAX_SENDS} messages at once. Look for a circle in it."
            ));
        }
        self.effect(EffectKind::Send { content, answer_of });
        Ok(())
    }

    /// Wants something done and gives its number.
    pub(crate) fn effect(&mut self, kind: EffectKind) -> u64 {
        self.state.next_seq += 1;
        let seq = self.state.next_seq;
        self.effects.push(Effect { seq, kind });
        seq
    }

    /// Wants something done outside, and waits for its outcome.
    pub(crate) fn await_effect(&mut self, kind: EffectKind) -> Next<'a> {
        let seq = self.effect(kind);
        self.state.wait = Some(Wait::Effect { seq });
        Next::Wait
    }

    /// Waits for what the customer says.
    pub(crate) fn await_reply(&mut self, timeout_ms: Option<u64>, tries: u32) -> Next<'a> {
        let deadline = timeout_ms.filter(|ms| *ms > 0).map(|ms| later(self.at, ms));
        self.state.wait = Some(Wait::Reply { deadline, tries });
        Next::Wait
    }

    /// Waits for a moment.
    pub(crate) fn await_time(&mut self, duration_ms: u64) -> Next<'a> {
        self.state.wait = Some(Wait::Until { at: later(self.at, duration_ms) });
        Next::Wait
    }

    pub(crate) fn set_variable(&mut self, name: &str, value: Value) -> Result<(), String> {
        if name.is_empty() {
            return Ok(());
        }
        self.state.vars.insert(name.to_owned(), value);
        let size: usize = self.state.vars.iter().map(|(k, v)| k.len() + size(v)).sum();
        if self.state.vars.len() > MAX_VARIABLES || size > MAX_VARIABLE_BYTES {
            self.state.vars.remove(name);
            return Err(format!("There is no room for “{name}”: a run keeps 200 variables of 256 KB together."));
        }
        Ok(())
    }

    pub(crate) fn set_contact(&mut self, field: &str, value: Value) -> Result<(), String> {
        if self.state.contact.len() >= MAX_VARIABLES || size(&value) > MAX_TEXT_BYTES {
            return Err(format!("There is no room for the contact's field “{field}”."));
        }
        self.state.contact.insert(field.to_owned(), value.clone());
        self.effect(EffectKind::SetContact { field: field.to_owned(), value });
        Ok(())
    }

    /// Remembers what the customer said last.
    pub(crate) fn hear(&mut self, message: &Incoming) {
        let mut text = message.text.clone();
        cut(&mut text, MAX_TEXT_BYTES);
        let language = message.language.clone().or_else(|| self.state.last.language.take());
        self.state.last =
            Last { text, language, kind: message.content.kind().to_owned(), first_contact: message.first_contact };
    }

    /// Whether an edge of this name leaves the step that the run stands on.
    pub(crate) fn has_way(&self, branch: &str) -> bool {
        self.state
            .step
            .as_deref()
            .and_then(|id| self.flow.index(id))
            .is_some_and(|i| self.flow.way(i, branch).is_some())
    }

    /// Writes a line into the run's diary.
    pub(crate) fn note(&mut self, title: &str, note: impl AsRef<str>) {
        let note = note.as_ref();
        let short = match note.char_indices().nth(MAX_NOTE_CHARS) {
            Some((at, _)) => format!("{}…", &note[..at]),
            None => note.to_owned(),
        };
        self.journal.push(Entry { step: self.state.step.clone(), title: title.to_owned(), note: short });
    }

    /// Comes to an end.
    pub(crate) fn finish(&mut self, status: Status) {
        self.state.status = status;
        self.state.wait = None;
    }
}

fn later(at: Time, ms: u64) -> Time {
    at.plus(std::time::Duration::from_millis(ms))
}

/// Roughly how much room a value takes, in bytes.
fn size(value: &Value) -> usize {
    match value {
        Value::String(s) => s.len(),
        Value::Array(items) => items.iter().map(size).sum::<usize>() + items.len() * 8,
        Value::Object(map) => map.iter().map(|(k, v)| k.len() + size(v) + 8).sum(),
        _ => 8,
    }
}
