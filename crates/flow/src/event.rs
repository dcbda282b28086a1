//! What comes into a run and what goes out of it: events, effects, outcomes and the journal.

use base::Time;
use base::message::Content;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::state::RunState;

/// Something that happened to a run. A run's whole past is its list of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub at: Time,
    pub kind: EventKind,
}

/// The kinds of things that can happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The run begins, mostly because of a message.
    Started {
        #[serde(default)]
        message: Option<Incoming>,
    },
    /// The customer wrote.
    Message { message: Incoming },
    /// An external effect came to its end.
    EffectDone { seq: u64, outcome: Outcome },
    /// The moment that [`RunState::wake_at`] named has come.
    Timer,
    /// A person of the business answers from here on.
    PersonTookOver,
    /// The person gave the conversation back.
    PersonReleased,
    /// The conversation was closed, or the run was stopped by hand.
    Cancelled,
}

/// What a customer sent, already joined when several messages came in one burst.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incoming {
    /// The words; empty when there are none.
    pub text: String,
    pub content: Content,
    /// BCP 47 code, when known.
    #[serde(default)]
    pub language: Option<String>,
    /// The customer's first message ever.
    #[serde(default)]
    pub first_contact: bool,
}

/// How an external effect ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// For `Answer`: the text to send. `detail` is not read here.
    Answered { text: String, detail: Value },
    /// For `Answer`: the knowledge says nothing about it.
    Unknown { detail: Value },
    /// For `Generate`.
    Generated { text: String },
    /// For `Http`: any response that came, of any status.
    Response { status: u16, body: Value },
    /// It could not be done; the message is for the owner.
    Failed { message: String },
}

/// One thing that the run wants done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Increases within a run; the same events give the same numbers.
    pub seq: u64,
    pub kind: EffectKind,
}

/// What a run can want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum EffectKind {
    /// Says something to the customer.
    Send {
        content: Content,
        /// The `Answer` effect whose outcome this text is.
        #[serde(default)]
        answer_of: Option<u64>,
    },
    /// Looks the question up in the knowledge.
    Answer {
        question: String,
        #[serde(default)]
        language: Option<String>,
        #[serde(default)]
        options: AnswerOptions,
    },
    /// Lets a model write a text.
    Generate { prompt: String, instructions: String, max_words: u32 },
    /// Calls a web service.
    Http {
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        #[serde(default)]
        body: Option<String>,
        timeout_ms: u64,
        retries: u32,
    },
    /// Gives the conversation to a person.
    Handover { reason: String, note: String },
    /// Marks the conversation as resolved.
    Resolve,
    /// Writes a field of the contact.
    SetContact { field: String, value: Value },
}

impl EffectKind {
    /// Whether it takes place outside of the program and is answered by [`EventKind::EffectDone`].
    pub fn is_external(&self) -> bool {
        matches!(self, EffectKind::Answer { .. } | EffectKind::Generate { .. } | EffectKind::Http { .. })
    }

    /// The name as it is serialised.
    pub fn name(&self) -> &'static str {
        match self {
            EffectKind::Send { .. } => "send",
            EffectKind::Answer { .. } => "answer",
            EffectKind::Generate { .. } => "generate",
            EffectKind::Http { .. } => "http",
            EffectKind::Handover { .. } => "handover",
            EffectKind::Resolve => "resolve",
            EffectKind::SetContact { .. } => "set_contact",
        }
    }
}

/// How the knowledge is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AnswerOptions {
    /// Ids of the knowledge sources to look in; empty means all of them.
    pub sources: Vec<String>,
}

/// What expressions may read besides the run's own variables. Recorded with each event, so that replay sees the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    pub contact: Map<String, Value>,
    pub business: Map<String, Value>,
    pub conversation: Map<String, Value>,
    /// IANA name; empty or unknown means UTC.
    pub timezone: String,
}

/// What [`crate::advance`] gives back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advance {
    pub state: RunState,
    /// In the order in which they are to be done.
    pub effects: Vec<Effect>,
    pub journal: Vec<Entry>,
}

/// One line of the run's diary, in plain words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// The step's id, when it belongs to one.
    #[serde(default)]
    pub step: Option<String>,
    /// Such as “Answered from knowledge”.
    pub title: String,
    pub note: String,
}
