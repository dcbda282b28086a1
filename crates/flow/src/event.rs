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
    /// The run begins because of a message.
    Started {
        #[serde(default)]
        message: Option<Incoming>,
    },
    /// The run begins at a step of its own: a schedule, a call of a web address, a person, another flow.
    Triggered {
        flow: String,
        step: String,
        /// What the trigger brought along; expressions read it as `trigger`.
        #[serde(default)]
        data: Value,
    },
    /// The customer wrote.
    Message { message: Incoming },
    /// The customer changed a message.
    Edited { was: String, message: Incoming },
    /// The customer took a message back.
    Deleted { text: String },
    /// An external effect came to its end.
    EffectDone {
        seq: u64,
        outcome: Outcome,
        /// In cents of the business's currency.
        #[serde(default, skip_serializing_if = "is_zero")]
        cost_cents: f64,
    },
    /// The moment that [`RunState::wake_at`] named has come.
    Timer,
    /// A person of the business answers from here on.
    PersonTookOver,
    /// The person gave the conversation back.
    PersonReleased,
    /// The conversation was closed, or the run was stopped by hand.
    Cancelled,
    /// A value was changed by hand, in the simulator.
    VariableSet { name: String, value: Value },
    /// A person wants the run to go on at a step of its main thread.
    MovedTo { flow: String, step: String },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &f64) -> bool {
    *n == 0.0
}

/// What a customer sent, already joined when several messages came in one burst.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incoming {
    /// The words; empty when there are none.
    pub text: String,
    pub content: Content,
    /// BCP 47 code, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The customer's first message ever.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first_contact: bool,
    /// The `Send` effect whose message it replies to, when the customer quoted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<u64>,
    /// The advertisement that the customer came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<String>,
}

impl Incoming {
    /// Plain words and nothing else.
    pub fn words(text: impl Into<String>) -> Incoming {
        let text = text.into();
        let content = Content::text(text.clone());
        Incoming { text, content, language: None, first_contact: false, reply_to: None, referral: None }
    }
}

/// How an external effect ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// For `Answer`: the text to send. `detail` is not read here.
    Answered { text: String, detail: Value },
    /// For `Answer`: the knowledge says nothing about it.
    Unknown { detail: Value },
    /// For `Generate`, and for `Agent` when it is done.
    Generated { text: String },
    /// For `Http` and `WebhookOut`: any response that came, of any status.
    Response { status: u16, body: Value },
    /// For `Classify`: which class, if any is near enough, and how sure that is, from 0 to 1.
    Classified {
        #[serde(default)]
        label: Option<String>,
        confidence: f64,
    },
    /// For `Agent`: it wants one of its tools.
    ToolWanted { tool: String, arguments: Value },
    /// For everything that gives one value: `Extract`, `Code`, `FreeSlots`, `Book`, `Email`.
    Value { value: Value },
    /// For `Approve`: what the person decided.
    Decided { yes: bool },
    /// It could not be done; the message is for the owner.
    Failed { message: String },
}

/// Lists and groups inside of each other that a value from outside may have. What is kept lies in several more, and JSON
/// is read back up to 127: a run that kept more could never go on.
const MAX_NESTING: usize = 32;

/// Whether more than so many lists and groups lie inside of each other.
pub(crate) fn nests_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|v| nests_deeper(v, levels - 1)),
        Value::Object(map) => levels == 0 || map.values().any(|v| nests_deeper(v, levels - 1)),
        _ => false,
    }
}

impl EventKind {
    /// As it can be kept and read back: a value that is nested too deep becomes its text, or a failure.
    #[must_use]
    pub fn kept(self) -> EventKind {
        match self {
            EventKind::Triggered { flow, step, data } if nests_deeper(&data, MAX_NESTING) => {
                EventKind::Triggered { flow, step, data: Value::String(data.to_string()) }
            }
            EventKind::EffectDone { seq, outcome, cost_cents } => {
                EventKind::EffectDone { seq, outcome: outcome.kept(), cost_cents }
            }
            other => other,
        }
    }
}

impl Outcome {
    /// As it can be kept and read back.
    #[must_use]
    pub fn kept(self) -> Outcome {
        let value = match &self {
            Outcome::Answered { detail: value, .. }
            | Outcome::Unknown { detail: value }
            | Outcome::Response { body: value, .. }
            | Outcome::ToolWanted { arguments: value, .. }
            | Outcome::Value { value } => value,
            _ => return self,
        };
        if !nests_deeper(value, MAX_NESTING) {
            return self;
        }
        let message =
            format!("What came back has more than {MAX_NESTING} lists inside of each other. Ask for less of it.");
        Outcome::Failed { message }
    }
}

/// One thing that the run wants done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Increases within a run; the same events give the same numbers. Together with the run's id it is the key under
    /// which an outside service may recognise a repeated request.
    pub seq: u64,
    /// The step that wants it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub step: String,
    pub kind: EffectKind,
}

/// What a run can want. Texts may hold secret marks (see [`crate::reveal`]) where a field allows it.
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
    /// Sets a sign on the customer's last message.
    React { emoji: String },
    /// Shows that the bot is typing.
    Typing { ms: u64 },
    /// Looks the question up in the knowledge.
    Answer {
        question: String,
        #[serde(default)]
        language: Option<String>,
        #[serde(default)]
        options: AnswerOptions,
    },
    /// Lets a model write a text.
    Generate {
        #[serde(default)]
        task: Task,
        prompt: String,
        instructions: String,
        max_words: u32,
    },
    /// Finds the class whose examples are nearest to the text.
    Classify { text: String, classes: Vec<Class>, min_confidence: f64 },
    /// Takes named values out of a text.
    Extract { text: String, instructions: String, wanted: Vec<Wanted> },
    /// One turn of a model that may use tools.
    Agent { instructions: String, history: Vec<Value>, tools: Vec<Tool>, max_words: u32 },
    /// Asks a person of the business; pending until one decides.
    Approve { title: String, details: String },
    /// Calls a web service.
    Http {
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        #[serde(default)]
        body: Option<String>,
        timeout_ms: u64,
        /// User and password of HTTP's basic authentication.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basic: Option<(String, String)>,
        #[serde(default)]
        paging: Option<Paging>,
    },
    /// Calls a web address with a body signed by the secret of this name; none when it is empty.
    WebhookOut { url: String, payload: Value, secret: String, timeout_ms: u64 },
    /// Runs JavaScript without input or output but these.
    Code { script: String, input: Value, timeout_ms: u64 },
    /// Sends an e-mail through the business's own server.
    Email { to: String, subject: String, text: String, reply_to: String },
    /// Looks for free times.
    FreeSlots(Slots),
    /// Takes one of them.
    Book { slots: Slots, start: String, name: String, contact: String, note: String },
    /// Tells the owner.
    Notify { title: String, text: String, urgent: bool },
    /// Gives the conversation to a person.
    Handover { reason: String, note: String },
    /// Marks the conversation as resolved.
    Resolve,
    /// Writes a field of the contact.
    SetContact { field: String, value: Value },
    /// Writes a value that stays with the conversation.
    SetConversation { name: String, value: Value },
    /// Writes a value that all conversations share.
    SetWorkspace { name: String, value: Value },
    /// Adds a tag to the contact, or takes it away.
    Tag { tag: String, on: bool },
    /// Adds to a counter of the business.
    Count { name: String, by: i64 },
    /// Whether the customer takes messages that they did not ask for.
    Consent { marketing: bool },
    /// Starts a flow later, unless the customer writes before and that ends it.
    FollowUp { flow: String, at: Time, unless_reply: bool, data: Value },
    /// Something that the business wants to happen has happened.
    Goal { name: String, value: f64, variants: Map<String, Value> },
    /// A line for the owner's own log.
    Log { text: String },
}

/// What a model is asked to do with a text; it decides what is done when there is no model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    #[default]
    Write,
    Summarise,
    Translate,
}

/// A class with its examples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    pub id: String,
    pub examples: Vec<String>,
}

/// A value to take out of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    pub name: String,
    #[serde(rename = "type")]
    pub of: crate::declare::VarType,
    pub help: String,
}

/// A tool that a model may use: the knowledge, or another flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    pub name: String,
    pub help: String,
    pub inputs: Vec<Wanted>,
}

/// How further pages of a response are found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    /// JSON pointer to the address of the next page.
    pub next: String,
    /// JSON pointer to the list that grows.
    pub items: String,
    pub max_pages: u32,
}

/// Which times are looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slots {
    /// Name of the business's calendar.
    pub calendar: String,
    /// Addresses of iCalendar feeds whose events are busy.
    pub feeds: Vec<String>,
    /// `2026-03-01`.
    pub from: String,
    pub days: u32,
    pub minutes: u32,
    /// Minutes that stay free around each event.
    pub gap_minutes: u32,
    pub hours: crate::hours::Hours,
    pub timezone: String,
    pub max: u32,
}

impl EffectKind {
    /// Whether it takes place outside of the program and is answered by [`EventKind::EffectDone`].
    pub fn is_external(&self) -> bool {
        use EffectKind::{
            Agent, Answer, Approve, Book, Classify, Code, Email, Extract, FreeSlots, Generate, Http, WebhookOut,
        };
        matches!(
            self,
            Answer { .. }
                | Generate { .. }
                | Classify { .. }
                | Extract { .. }
                | Agent { .. }
                | Approve { .. }
                | Http { .. }
                | WebhookOut { .. }
                | Code { .. }
                | Email { .. }
                | FreeSlots(_)
                | Book { .. }
        )
    }

    /// The name as it is serialised.
    pub fn name(&self) -> &'static str {
        match self {
            EffectKind::Send { .. } => "send",
            EffectKind::React { .. } => "react",
            EffectKind::Typing { .. } => "typing",
            EffectKind::Answer { .. } => "answer",
            EffectKind::Generate { .. } => "generate",
            EffectKind::Classify { .. } => "classify",
            EffectKind::Extract { .. } => "extract",
            EffectKind::Agent { .. } => "agent",
            EffectKind::Approve { .. } => "approve",
            EffectKind::Http { .. } => "http",
            EffectKind::WebhookOut { .. } => "webhook_out",
            EffectKind::Code { .. } => "code",
            EffectKind::Email { .. } => "email",
            EffectKind::FreeSlots(_) => "free_slots",
            EffectKind::Book { .. } => "book",
            EffectKind::Notify { .. } => "notify",
            EffectKind::Handover { .. } => "handover",
            EffectKind::Resolve => "resolve",
            EffectKind::SetContact { .. } => "set_contact",
            EffectKind::SetConversation { .. } => "set_conversation",
            EffectKind::SetWorkspace { .. } => "set_workspace",
            EffectKind::Tag { .. } => "tag",
            EffectKind::Count { .. } => "count",
            EffectKind::Consent { .. } => "consent",
            EffectKind::FollowUp { .. } => "follow_up",
            EffectKind::Goal { .. } => "goal",
            EffectKind::Log { .. } => "log",
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
    /// Without an `id` there is nobody to write to.
    pub conversation: Map<String, Value>,
    /// Values that all conversations share.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub workspace: Map<String, Value>,
    /// The bot's fixed texts.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub words: Map<String, Value>,
    /// Counters by name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub counters: Map<String, Value>,
    /// IANA name; empty or unknown means UTC.
    pub timezone: String,
    /// Where chance comes from.
    pub seed: u64,
}

/// What [`crate::advance`] gives back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advance {
    pub state: RunState,
    /// In the order in which they are to be done.
    pub effects: Vec<Effect>,
    pub journal: Vec<Entry>,
    /// The steps that were entered and left, in order.
    pub path: Vec<Hop>,
}

/// A step that was entered, left, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowHop)]
pub struct Hop {
    pub flow: String,
    pub step: String,
    /// Entered during this event; else it was waited at.
    pub entered: bool,
    /// The way by which it was left; nothing while the run waits there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

/// One line of the run's diary, in plain words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// The flow's id, when it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// The step's id, when it belongs to one.
    #[serde(default)]
    pub step: Option<String>,
    /// Such as “Answered from knowledge”.
    pub title: String,
    pub note: String,
    /// A value worth showing, such as what a web service gave; never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!("x"), |inner, n| if n % 2 == 0 { json!([inner]) } else { json!({ "a": inner }) })
    }

    /// JSON is read back up to 127 lists deep; what a service sends may be that deep, and what holds it is deeper.
    #[test]
    fn what_comes_from_outside_can_always_be_read_back() {
        for (levels, stays) in [(0, true), (32, true), (33, false), (120, false), (127, false)] {
            let value = nested(levels);
            for outcome in [
                Outcome::Value { value: value.clone() },
                Outcome::Response { status: 200, body: value.clone() },
                Outcome::ToolWanted { tool: "a".into(), arguments: value.clone() },
                Outcome::Answered { text: "a".into(), detail: value.clone() },
            ] {
                let kind = EventKind::EffectDone { seq: 1, outcome: outcome.clone(), cost_cents: 0.0 }.kept();
                let event = Event { at: Time(0), kind };
                let read: Event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
                assert_eq!(read, event);
                assert_eq!(outcome.clone().kept() == outcome, stays, "{levels}");
            }
            let triggered = |data| EventKind::Triggered { flow: "a".into(), step: "b".into(), data };
            let kept = triggered(value.clone()).kept();
            assert_eq!(kept == triggered(value), stays, "{levels}");
            assert!(serde_json::from_str::<EventKind>(&serde_json::to_string(&kept).unwrap()).is_ok());
        }
    }
}
