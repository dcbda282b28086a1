//! All that a run remembers between two events.

use base::Time;
use base::message::Content;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::event::Incoming;

/// Messages kept while an effect runs; what comes beyond is joined to the last one.
pub(crate) const MAX_KEPT: usize = 20;
/// Longest text of a message as the run remembers it, in bytes.
pub(crate) const MAX_TEXT_BYTES: usize = 16 * 1024;
/// Questions to which a customer may return.
const MAX_ASKED: usize = 20;

/// Where a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RunStatus)]
pub enum Status {
    /// Made, but nothing has happened to it yet.
    #[default]
    Active,
    /// Waits for a reply, an effect or a moment.
    Waiting,
    /// A person has the conversation; the run is silent.
    Handed,
    Ended,
    Failed,
}

impl Status {
    /// The name as it is serialised.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Waiting => "waiting",
            Status::Handed => "handed",
            Status::Ended => "ended",
            Status::Failed => "failed",
        }
    }
}

/// What a waiting thread waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub(crate) enum Wait {
    Reply {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<Time>,
        /// Replies that were not understood so far.
        #[serde(default)]
        tries: u32,
        /// The effect that asked.
        #[serde(default)]
        seq: u64,
    },
    Effect {
        seq: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<Time>,
    },
    Until {
        at: Time,
    },
    /// Before a step that failed is tried again.
    Retry {
        at: Time,
    },
    /// For threads of its own.
    Join {
        open: u32,
        /// Only the first one is waited for.
        #[serde(default)]
        first: bool,
        /// The join step that one of them reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        met: Option<String>,
    },
    /// To learn what the customer wants, before any step.
    Route {
        seq: u64,
    },
}

/// A body that a thread is in, and what its owner remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub(crate) enum Frame {
    Each {
        step: String,
        items: Vec<Value>,
        next: usize,
    },
    Repeat {
        step: String,
        done: u32,
    },
    Try {
        step: String,
    },
    /// Another flow; here are the caller's place and its values.
    Call {
        flow: String,
        step: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        locals: Option<Map<String, Value>>,
    },
    Agent {
        step: String,
        history: Vec<Value>,
        turns: u32,
        tool: String,
    },
}

impl Frame {
    /// The step that the body belongs to.
    pub(crate) fn step(&self) -> &str {
        match self {
            Frame::Each { step, .. }
            | Frame::Repeat { step, .. }
            | Frame::Try { step }
            | Frame::Call { step, .. }
            | Frame::Agent { step, .. } => step,
        }
    }
}

/// One place of a run. Most runs have one; a parallel step makes more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Thread {
    pub(crate) id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<u32>,
    pub(crate) flow: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wait: Option<Wait>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) frames: Vec<Frame>,
    /// Tries of the step that failed.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) tries: u32,
    /// Values of the flow that was called; without them those of the run are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locals: Option<Map<String, Value>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A question that was answered, so that the customer may return to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) flow: String,
    pub(crate) step: String,
    /// The effect that asked it.
    pub(crate) seq: u64,
    /// What was replied.
    pub(crate) reply: String,
    /// The last effect that works outside, at that time.
    pub(crate) outside: u64,
    /// The rounds of the bodies that it was asked in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) rounds: Vec<u32>,
}

/// The customer's last message, as expressions read it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Last {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    /// The kind of [`Content`], such as `image`.
    pub(crate) kind: String,
    pub(crate) first_contact: bool,
    /// The file that came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<Value>,
}

/// What a run has used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Used {
    pub(crate) steps: u32,
    pub(crate) messages: u32,
    pub(crate) cents: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Time>,
}

/// A run's memory: small, serialisable, and enough to go on after a crash.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunState {
    pub(crate) status: Status,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) threads: Vec<Thread>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) vars: Map<String, Value>,
    /// What this run has set of the contact, the conversation and the business; it counts before the context's.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) contact: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) conversation: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) workspace: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) counters: Map<String, Value>,
    /// Which variant each split gave.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) variants: Map<String, Value>,
    pub(crate) last: Last,
    pub(crate) next_seq: u64,
    /// The last effect that works outside.
    pub(crate) outside: u64,
    pub(crate) next_thread: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) kept: Vec<Incoming>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) asked: Vec<Asked>,
    pub(crate) used: Used,
    /// The flow for errors has had its turn.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) error_seen: bool,
}

impl RunState {
    /// A run as it was stored, by this version or an older one.
    ///
    /// # Errors
    /// It is not the state of a run.
    pub fn parse(stored: &str) -> serde_json::Result<RunState> {
        let mut state: RunState = serde_json::from_str(stored)?;
        if state.threads.is_empty() {
            state.threads.extend(crate::migrate::thread_of_1(stored)?);
        }
        Ok(state)
    }

    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether the customer is expected to say something.
    pub fn waits_for_reply(&self) -> bool {
        self.threads.iter().any(|t| matches!(t.wait, Some(Wait::Reply { .. })))
    }

    /// Whether an external effect is under way.
    pub fn waits_for_effect(&self) -> bool {
        self.threads.iter().any(|t| matches!(t.wait, Some(Wait::Effect { .. } | Wait::Route { .. })))
    }

    /// What is waited for first, in a word: `reply`, `effect`, `time` or `join`.
    pub fn waits_for(&self) -> Option<&'static str> {
        self.threads.iter().find_map(|t| {
            t.wait.as_ref().map(|wait| match wait {
                Wait::Reply { .. } => "reply",
                Wait::Effect { .. } | Wait::Route { .. } => "effect",
                Wait::Until { .. } | Wait::Retry { .. } => "time",
                Wait::Join { .. } => "join",
            })
        })
    }

    /// When a [`crate::EventKind::Timer`] is due, if nothing happens before.
    pub fn wake_at(&self) -> Option<Time> {
        self.threads.iter().filter_map(Thread::wake_at).min()
    }

    /// The flow and the step that the run stands on, for the canvas: where the customer is waited for, or the first.
    pub fn place(&self) -> Option<(&str, &str)> {
        let of = |t: &'_ &Thread| t.step.is_some();
        let thread = self
            .threads
            .iter()
            .find(|t| of(t) && matches!(t.wait, Some(Wait::Reply { .. })))
            .or_else(|| self.threads.iter().find(of))?;
        Some((thread.flow.as_str(), thread.step.as_deref()?))
    }

    /// All places, when a parallel step has made several.
    pub fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        self.threads.iter().filter_map(|t| Some((t.flow.as_str(), t.step.as_deref()?)))
    }

    /// The run's variables, for the simulator.
    pub fn variables(&self) -> &Map<String, Value> {
        self.threads.first().and_then(|t| t.locals.as_ref()).unwrap_or(&self.vars)
    }

    /// What the run has set of the contact.
    pub fn contact(&self) -> &Map<String, Value> {
        &self.contact
    }

    /// What it has cost so far, in cents of the business's currency.
    pub fn cost_cents(&self) -> f64 {
        self.used.cents
    }

    /// Keeps a message for later; never loses one.
    pub(crate) fn keep(&mut self, message: Incoming) {
        let full = self.kept.len() >= MAX_KEPT;
        match self.kept.last_mut() {
            Some(last) if full => *last = joined(vec![last.clone(), message]),
            _ => self.kept.push(message),
        }
    }

    /// Takes the kept messages as one.
    pub(crate) fn take_kept(&mut self) -> Option<Incoming> {
        match self.kept.len() {
            0 => None,
            _ => Some(joined(std::mem::take(&mut self.kept))),
        }
    }

    /// Remembers that a question was answered.
    pub(crate) fn answered(&mut self, asked: Asked) {
        self.asked.retain(|a| a.flow != asked.flow || a.step != asked.step);
        if self.asked.len() >= MAX_ASKED {
            self.asked.remove(0);
        }
        self.asked.push(asked);
    }

    /// Back to the beginning; what belongs to the conversation rather than to the way through the flow stays.
    pub(crate) fn restart(&mut self) {
        *self = RunState {
            next_seq: self.next_seq,
            next_thread: self.next_thread,
            outside: self.outside,
            used: self.used,
            last: std::mem::take(&mut self.last),
            contact: std::mem::take(&mut self.contact),
            conversation: std::mem::take(&mut self.conversation),
            workspace: std::mem::take(&mut self.workspace),
            counters: std::mem::take(&mut self.counters),
            variants: std::mem::take(&mut self.variants),
            kept: std::mem::take(&mut self.kept),
            ..RunState::default()
        };
    }
}

impl Thread {
    pub(crate) fn wake_at(&self) -> Option<Time> {
        match &self.wait {
            Some(Wait::Reply { deadline, .. } | Wait::Effect { deadline, .. }) => *deadline,
            Some(Wait::Until { at } | Wait::Retry { at }) => Some(*at),
            _ => None,
        }
    }

    /// The rounds of the bodies that the thread is in; equal ones mean the same place.
    pub(crate) fn rounds(&self) -> Vec<u32> {
        let of = |frame: &Frame| match frame {
            Frame::Each { next, .. } => u32::try_from(*next).unwrap_or(u32::MAX),
            Frame::Repeat { done, .. } => *done,
            Frame::Agent { turns, .. } => *turns,
            Frame::Try { .. } | Frame::Call { .. } => 0,
        };
        self.frames.iter().map(of).collect()
    }

    pub(crate) fn waits_for_effect(&self, seq: u64) -> bool {
        matches!(self.wait, Some(Wait::Effect { seq: s, .. } | Wait::Route { seq: s }) if s == seq)
    }
}

/// Several messages as one: the words in order, and the last content that is more than words.
fn joined(messages: Vec<Incoming>) -> Incoming {
    let mut all = Incoming::words("");
    let mut content = None;
    for message in messages {
        if !all.text.is_empty() && !message.text.is_empty() {
            all.text.push('\n');
        }
        all.text.push_str(&message.text);
        if !matches!(message.content, Content::Text { .. }) {
            content = Some(message.content);
        }
        all.language = message.language.or(all.language);
        all.first_contact |= message.first_contact;
        all.reply_to = message.reply_to.or(all.reply_to);
        all.referral = message.referral.or(all.referral);
    }
    cut(&mut all.text, MAX_TEXT_BYTES);
    all.content = content.unwrap_or_else(|| Content::text(all.text.clone()));
    all
}
/// Shortens a text to at most `bytes`, never inside a character.
pub(crate) fn cut(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        let mut at = bytes;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.truncate(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> Incoming {
        Incoming::words(text)
    }

    #[test]
    fn no_kept_message_is_lost() {
        let mut state = RunState::default();
        for n in 0..30 {
            state.keep(says(&n.to_string()));
        }
        assert_eq!(state.kept.len(), MAX_KEPT);
        let all = state.take_kept().unwrap();
        assert_eq!(all.text.lines().count(), 30);
        assert_eq!(state.take_kept(), None);
    }

    #[test]
    fn a_kept_photo_survives_joining() {
        let mut state = RunState::default();
        state.keep(Incoming { content: Content::Unsupported { what: "poll".into() }, ..says("look") });
        state.keep(says("at this"));
        let all = state.take_kept().unwrap();
        assert_eq!((all.text.as_str(), all.content.kind()), ("look\nat this", "unsupported"));
    }

    #[test]
    fn an_empty_object_is_a_fresh_run() {
        assert_eq!(serde_json::from_str::<RunState>("{}").unwrap(), RunState::default());
    }
}
