//! One advance of a run in the making: what steps may read, say, ask for and remember.

use std::borrow::Cow;
use std::collections::VecDeque;

use base::Time;
use base::message::Content;
use serde_json::{Map, Value, json};

use crate::compiled::{Compiled, CompiledStep, Place};
use crate::event::{Context, Effect, EffectKind, Entry, Hop, Incoming, nests_deeper};
use crate::expression::Scope;
use crate::state::{Frame, Last, MAX_TEXT_BYTES, RunState, Status, Thread, Wait, cut};

/// Messages that one event may cause.
const MAX_SENDS: usize = 10;
/// Variables of a run.
const MAX_VARIABLES: usize = 200;
/// Size of all variables together, as text.
const MAX_VARIABLE_BYTES: usize = 256 * 1024;
/// Longest note of the journal, in characters.
const MAX_NOTE_CHARS: usize = 300;
/// Largest value that the journal keeps, in bytes.
const MAX_DATA_BYTES: usize = 4 * 1024;
/// Lines of the journal that one event may write.
const MAX_ENTRIES: usize = 2_000;
/// Lists and groups inside of each other, of one variable. A state that is nested deeper than 127 could not be read back.
const MAX_NESTING: usize = 64;
/// Bodies inside of each other.
const MAX_FRAMES: usize = 20;
/// Places of one run at once.
const MAX_THREADS: usize = 20;

/// Where a thread goes from a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Next<'a> {
    /// Along the way of this name; without one the body or the run ends.
    Branch(Cow<'a, str>),
    /// To another step, which may be in another flow.
    Step(Place),
    /// Nowhere before the next event; the step has said what it waits for.
    Wait,
    /// Something outside did not work; the step's failure settings say what follows.
    Failed(String),
    /// The same, but trying again would not help.
    Refused(String),
    /// The end of the body that the thread is in.
    Leave,
    /// Where ways that were gone at the same time come together.
    Met,
    /// Silent, since a person has it.
    Hand,
    /// The end of the run.
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
    pub(crate) path: Vec<Hop>,
    /// The thread that moves; its place in the state.
    pub(crate) current: usize,
    /// Threads that have somewhere to go.
    pub(crate) ready: VecDeque<(u32, Stepped<'a>)>,
    /// Steps entered during this advance.
    pub(crate) steps: u32,
    /// Whether it came to an error during this advance.
    pub(crate) failed: bool,
    sends: usize,
    draws: u64,
}

impl<'a> Run<'a> {
    pub(crate) fn new(flow: &'a Compiled, state: RunState, context: &'a Context, at: Time) -> Self {
        Self {
            flow,
            context,
            at,
            state,
            effects: Vec::new(),
            journal: Vec::new(),
            path: Vec::new(),
            current: 0,
            ready: VecDeque::new(),
            steps: 0,
            failed: false,
            sends: 0,
            draws: 0,
        }
    }

    /// The thread that moves. There always is one while a step works.
    pub(crate) fn thread(&self) -> Option<&Thread> {
        self.state.threads.get(self.current)
    }

    pub(crate) fn thread_mut(&mut self) -> Option<&mut Thread> {
        self.state.threads.get_mut(self.current)
    }

    /// A thread at the beginning of a flow.
    pub(crate) fn spawn(&mut self, flow: &str, parent: Option<u32>) -> Result<usize, String> {
        if self.state.threads.len() >= MAX_THREADS {
            return Err(format!("At most {MAX_THREADS} ways can be gone at once."));
        }
        self.state.next_thread += 1;
        let id = self.state.next_thread;
        self.state.threads.push(Thread { id, parent, flow: flow.to_owned(), ..Thread::default() });
        Ok(self.state.threads.len() - 1)
    }

    /// The step that the thread stands on.
    pub(crate) fn place(&self) -> Option<Place> {
        let thread = self.thread()?;
        self.flow.place(&thread.flow, thread.step.as_deref()?)
    }

    pub(crate) fn step(&self) -> Option<&'a CompiledStep> {
        self.place().map(|place| self.flow.step(place))
    }

    /// The id of the step that the thread stands on.
    pub(crate) fn step_id(&self) -> String {
        self.thread().and_then(|t| t.step.clone()).unwrap_or_default()
    }

    fn scope(&self, secrets: bool) -> Scope<'_> {
        let vars = self.thread().and_then(|t| t.locals.as_ref()).unwrap_or(&self.state.vars);
        Scope { vars, state: &self.state, context: self.context, secrets }
    }

    /// The text with its expressions filled in.
    pub(crate) fn text(&self, source: &str) -> Result<String, String> {
        self.scope(false).text(source)
    }

    /// The same, for what leaves the program: secrets become marks, which [`crate::reveal`] turns into their values.
    pub(crate) fn text_with_secrets(&self, source: &str) -> Result<String, String> {
        self.scope(true).text(source)
    }

    /// The value of an expression.
    pub(crate) fn value(&self, source: &str) -> Result<Value, String> {
        self.scope(false).value(source)
    }

    /// A variable of the run, or of the flow that was called.
    pub(crate) fn variable(&self, name: &str) -> Option<&Value> {
        self.scope(false).vars.get(name)
    }

    /// Whatever an expression's path names, such as `contact.name`.
    pub(crate) fn lookup(&self, path: &str) -> Option<Value> {
        self.scope(false).lookup(path).cloned()
    }

    /// A JSON document with the expressions in its texts filled in; a text that is one expression keeps its kind.
    pub(crate) fn json(&self, source: &Value) -> Result<Value, String> {
        Ok(match source {
            Value::String(text) => self.value(text)?,
            Value::Array(items) => Value::Array(items.iter().map(|i| self.json(i)).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                Value::Object(map.iter().map(|(k, v)| Ok((k.clone(), self.json(v)?))).collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }

    /// Whether there is anybody to write to.
    pub(crate) fn has_customer(&self) -> bool {
        self.context.conversation.contains_key("id")
    }

    /// The channel's kind, such as `whatsapp`; empty without a conversation.
    pub(crate) fn channel(&self) -> &str {
        self.context.conversation.get("channel").and_then(Value::as_str).unwrap_or_default()
    }

    /// Says something; a text without words is left out. Gives the effect's number.
    pub(crate) fn send(&mut self, content: Content, answer_of: Option<u64>) -> Result<u64, String> {
        if matches!(&content, Content::Text { text } if text.trim().is_empty()) {
            self.note("Nothing to send", "The text is empty.");
            return Ok(0);
        }
        if !self.has_customer() {
            return Err(
                "There is nobody to write to: this flow began without a customer. Remove the message, or begin the flow \
                 with a message."
                    .into(),
            );
        }
        self.sends += 1;
        if self.sends > MAX_SENDS {
            return Err(format!(
                "The flow wanted to send more than {MAX_SENDS} messages at once. Look for a circle in it."
            ));
        }
        self.state.used.messages += 1;
        let most = self.flow.limits().messages;
        if self.state.used.messages > most {
            return Err(format!("This run sent more than {most} messages, which the bot's settings allow."));
        }
        Ok(self.effect(EffectKind::Send { content, answer_of }))
    }

    /// Wants something done and gives its number.
    pub(crate) fn effect(&mut self, kind: EffectKind) -> u64 {
        self.state.next_seq += 1;
        let seq = self.state.next_seq;
        if kind.is_external() {
            self.state.outside = seq;
        }
        self.effects.push(Effect { seq, step: self.step_id(), kind });
        seq
    }

    /// Wants something done outside, and waits for its outcome.
    pub(crate) fn await_effect(&mut self, kind: EffectKind) -> Next<'a> {
        let seq = self.effect(kind);
        let limit = self.step().and_then(|s| s.failure.as_ref()).and_then(|f| f.timeout_ms).filter(|ms| *ms > 0);
        let deadline = limit.map(|ms| later(self.at, ms));
        self.wait(Wait::Effect { seq, deadline })
    }

    /// Waits for what the customer says.
    pub(crate) fn await_reply(&mut self, timeout_ms: Option<u64>, tries: u32, seq: u64) -> Next<'a> {
        let deadline = timeout_ms.filter(|ms| *ms > 0).map(|ms| later(self.at, ms));
        self.wait(Wait::Reply { deadline, tries, seq })
    }

    /// The effect that asked what is being answered.
    pub(crate) fn asked_by(&self) -> u64 {
        match self.thread().and_then(|t| t.wait.as_ref()) {
            Some(Wait::Reply { seq, .. }) => *seq,
            _ => 0,
        }
    }

    /// Waits for a moment.
    pub(crate) fn await_time(&mut self, duration_ms: u64) -> Next<'a> {
        let at = later(self.at, duration_ms);
        self.wait(Wait::Until { at })
    }

    pub(crate) fn wait(&mut self, wait: Wait) -> Next<'a> {
        if let Some(thread) = self.thread_mut() {
            thread.wait = Some(wait);
        }
        Next::Wait
    }

    /// Goes into a body, which ends at [`Next::Leave`] or where no way leads on.
    pub(crate) fn open(&mut self, frame: Frame) -> Result<(), String> {
        let thread = self.state.threads.get_mut(self.current).ok_or("Nothing is running.")?;
        if thread.frames.len() >= MAX_FRAMES {
            return Err(format!("More than {MAX_FRAMES} loops and flows lie in each other."));
        }
        thread.frames.push(frame);
        Ok(())
    }

    /// Goes into another flow with these values; the step's `body_done` gets that flow's values when it is over.
    pub(crate) fn call(&mut self, flow: &str, inputs: Map<String, Value>) -> Stepped<'a> {
        let called = self.flow.flow_at(flow).ok_or("The flow that is to be called is not there any more.")?;
        let place = self
            .flow
            .first_in(called, "called")
            .or_else(|| self.flow.first_entry(called))
            .ok_or("The flow that is to be called has no beginning.")?;
        let thread = self.thread().ok_or("Nothing is running.")?;
        let (flow, step) = (thread.flow.clone(), thread.step.clone().unwrap_or_default());
        let locals = thread.locals.clone();
        self.open(Frame::Call { flow, step, locals })?;
        if let Some(thread) = self.thread_mut() {
            thread.locals = Some(inputs);
        }
        Ok(Next::Step(place))
    }

    /// The body that belongs to the step on which the thread stands, when it came back to it from within.
    pub(crate) fn reopen(&mut self) -> Option<Frame> {
        let step = self.step_id();
        let thread = self.state.threads.get_mut(self.current)?;
        let calls = thread.frames.iter().rposition(|f| matches!(f, Frame::Call { .. })).map_or(0, |at| at + 1);
        let own = thread.frames.iter().rposition(|f| f.step() == step)?;
        if own < calls {
            return None;
        }
        thread.frames.truncate(own + 1);
        thread.frames.pop()
    }

    pub(crate) fn set_variable(&mut self, name: &str, value: Value) -> Result<(), String> {
        if name.is_empty() {
            return Ok(());
        }
        if nests_deeper(&value, MAX_NESTING) {
            return Err(format!("“{name}” has lists inside of lists, too deep to keep."));
        }
        let vars = match self.state.threads.get_mut(self.current).and_then(|t| t.locals.as_mut()) {
            Some(locals) => locals,
            None => &mut self.state.vars,
        };
        // Small values among few need no counting.
        let small = vars.len() < 50 && !matches!(value, Value::Array(_) | Value::Object(_)) && size(&value) < 256;
        match vars.get_mut(name) {
            Some(old) => *old = value,
            None => drop(vars.insert(name.to_owned(), value)),
        }
        if small && vars.len() < 50 {
            return Ok(());
        }
        let bytes: usize = vars.iter().map(|(k, v)| k.len() + size(v)).sum();
        if vars.len() > MAX_VARIABLES || bytes > MAX_VARIABLE_BYTES {
            vars.remove(name);
            return Err(format!("There is no room for “{name}”: a run keeps 200 variables of 256 KB together."));
        }
        Ok(())
    }

    pub(crate) fn set_contact(&mut self, field: &str, value: Value) -> Result<(), String> {
        keep(&mut self.state.contact, "contact's field", field, &value)?;
        self.effect(EffectKind::SetContact { field: field.to_owned(), value });
        Ok(())
    }

    pub(crate) fn set_conversation(&mut self, name: &str, value: Value) -> Result<(), String> {
        keep(&mut self.state.conversation, "conversation's value", name, &value)?;
        self.effect(EffectKind::SetConversation { name: name.to_owned(), value });
        Ok(())
    }

    pub(crate) fn set_workspace(&mut self, name: &str, value: Value) -> Result<(), String> {
        keep(&mut self.state.workspace, "business's value", name, &value)?;
        self.effect(EffectKind::SetWorkspace { name: name.to_owned(), value });
        Ok(())
    }

    /// Remembers what the customer said last.
    pub(crate) fn hear(&mut self, message: &Incoming) {
        let mut text = message.text.clone();
        cut(&mut text, MAX_TEXT_BYTES);
        let language = message.language.clone().or_else(|| self.state.last.language.take());
        self.state.last = Last {
            text,
            language,
            kind: message.content.kind().to_owned(),
            first_contact: message.first_contact,
            file: file_of(&message.content),
        };
    }

    /// Whether a way of this name leaves the step that the thread stands on.
    pub(crate) fn has_way(&self, branch: &str) -> bool {
        self.place().is_some_and(|place| self.flow.way(place, branch).is_some())
    }

    /// A number from 0 up to but not including 1. The same event gives the same numbers.
    pub(crate) fn chance(&mut self) -> f64 {
        self.draws += 1;
        // SplitMix64 (Steele, Lea, Flood 2014) over the event's seed and what was drawn before.
        let mut z = self.context.seed.wrapping_add(self.draws.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let part = (z >> 11) as f64 / (1u64 << 53) as f64;
        part
    }

    /// Writes a line into the run's diary.
    pub(crate) fn note(&mut self, title: &str, note: impl AsRef<str>) {
        self.note_with(title, note.as_ref(), None);
    }

    /// The same, with a value worth showing.
    pub(crate) fn note_value(&mut self, title: &str, note: impl AsRef<str>, data: &Value) {
        let data = if size(data) > MAX_DATA_BYTES { json!("(too long to keep)") } else { data.clone() };
        self.note_with(title, note.as_ref(), Some(data));
    }

    fn note_with(&mut self, title: &str, note: &str, data: Option<Value>) {
        if self.journal.len() >= MAX_ENTRIES {
            return;
        }
        let short = match note.char_indices().nth(MAX_NOTE_CHARS) {
            Some((at, _)) => format!("{}…", &note[..at]),
            None => note.to_owned(),
        };
        let thread = self.thread();
        let (flow, step) = (thread.map(|t| t.flow.clone()), thread.and_then(|t| t.step.clone()));
        self.journal.push(Entry { flow, step, title: title.to_owned(), note: short, data });
    }

    /// Writes a line that must be there, in place of the last one when the diary is full.
    pub(crate) fn note_surely(&mut self, title: &str, note: &str) {
        self.journal.truncate(MAX_ENTRIES - 1);
        self.note(title, note);
    }

    /// Comes to an end.
    pub(crate) fn finish(&mut self, status: Status) {
        self.state.status = status;
        self.ready.clear();
        if status == Status::Handed || status == Status::Failed {
            // The place is kept for whoever looks at it.
            self.state.threads.truncate(1);
            if let Some(thread) = self.state.threads.first_mut() {
                thread.wait = None;
                thread.frames.clear();
            }
        } else {
            self.state.threads.clear();
        }
        self.current = 0;
    }
}

/// Keeps a value that outlives the run, within limits.
fn keep(map: &mut Map<String, Value>, what: &str, name: &str, value: &Value) -> Result<(), String> {
    let full = map.len() >= MAX_VARIABLES && !map.contains_key(name);
    if full || size(value) > MAX_TEXT_BYTES || nests_deeper(value, MAX_NESTING) {
        return Err(format!("There is no room for the {what} “{name}”."));
    }
    map.insert(name.to_owned(), value.clone());
    Ok(())
}

/// The file of a message, as expressions read it.
pub(crate) fn file_of(content: &Content) -> Option<Value> {
    let media = match content {
        Content::Image { media, .. }
        | Content::Video { media, .. }
        | Content::Audio { media, .. }
        | Content::Document { media, .. }
        | Content::Sticker { media, .. } => media,
        _ => return None,
    };
    Some(json!({
        "kind": content.kind(),
        "mime": media.mime,
        "name": media.filename.clone().unwrap_or_default(),
        "stored": media.stored.clone().unwrap_or_default(),
        "provider_id": media.provider_id.clone().unwrap_or_default(),
        "size_bytes": media.size_bytes,
    }))
}

pub(crate) fn later(at: Time, ms: u64) -> Time {
    at.plus(std::time::Duration::from_millis(ms))
}

/// Roughly how much room a value takes, in bytes.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::String(s) => s.len(),
        Value::Array(items) => items.iter().map(size).sum::<usize>() + items.len() * 8,
        Value::Object(map) => map.iter().map(|(k, v)| k.len() + size(v) + 8).sum(),
        _ => 8,
    }
}
