//! What the simulator is told and what it tells.

use base::Time;
use base::message::Content;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::event::{Effect, Outcome};
use crate::state::Status;

/// A conversation to try: who writes, where, from when on, and what happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Simulation {
    /// The flow that is tried; the first one when it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    pub start_at: Time,
    pub channel: Channel,
    /// What is known of the customer before.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub contact: Map<String, Value>,
    /// Whether the customer has never written before.
    #[serde(default)]
    pub first_contact: bool,
    /// At most 200.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Outside effects that are safe are really performed, by whoever calls the simulator.
    #[serde(default)]
    pub live: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SimulationChannel)]
pub enum Channel {
    #[default]
    Webchat,
    Whatsapp,
}

impl Channel {
    pub(super) fn name(self) -> &'static str {
        match self {
            Channel::Webchat => "webchat",
            Channel::Whatsapp => "whatsapp",
        }
    }
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
#[schema(as = SimulationAction)]
pub enum Action {
    /// The customer writes.
    Say {
        text: String,
    },
    /// The customer presses a button or picks a row.
    Pick {
        id: String,
        title: String,
    },
    SendFile {
        kind: FileKind,
        filename: String,
    },
    SendLocation {
        latitude: f64,
        longitude: f64,
    },
    /// Time goes by.
    Pass {
        #[serde(deserialize_with = "whole")]
        ms: u64,
    },
    /// Time goes by until something happens of its own accord.
    UntilNext,
    /// A flow begins at one of its triggers.
    Trigger {
        step: String,
    },
    /// A person takes the conversation, or gives it back.
    Person {
        on: bool,
    },
    /// A variable, or `contact.` and a field, is changed by hand.
    Set {
        name: String,
        value: Value,
    },
    /// What an effect gave, by its number; kept when the effect has not come yet.
    Outcome {
        /// Below 4,294,967,296.
        #[serde(deserialize_with = "short")]
        #[schema(value_type = i64, minimum = 0, maximum = 4294967295_i64)]
        seq: u64,
        #[schema(value_type = Object)]
        outcome: Outcome,
    },
    /// An effect goes wrong: the one of this number, else the one that waits, else the next that can go wrong like this.
    Fail {
        #[serde(default, deserialize_with = "short_if_any", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<i64>, minimum = 0, maximum = 4294967295_i64)]
        seq: Option<u64>,
        how: Failing,
    },
    /// The customer changes their message of this number, counted from 0.
    Edit {
        #[schema(value_type = i64, minimum = 0, maximum = 4294967295_i64)]
        nth: u32,
        text: String,
    },
    /// The customer takes it back.
    Delete {
        #[schema(value_type = i64, minimum = 0, maximum = 4294967295_i64)]
        nth: u32,
    },
}

/// A number as the contract gives it.
fn short<'de, D: serde::Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    u32::deserialize(d).map(u64::from)
}

/// What 64 bits with a sign hold, as the contract says.
fn whole<'de, D: serde::Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    u64::try_from(i64::deserialize(d)?).map_err(|_| serde::de::Error::custom("the time should not be negative"))
}

fn short_if_any<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<u64>, D::Error> {
    Ok(Option::<u32>::deserialize(d)?.map(u64::from))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SimulationFile)]
pub enum FileKind {
    Image,
    Video,
    Audio,
    Document,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SimulationFailure)]
pub enum Failing {
    /// A web service answers with an error.
    #[serde(rename = "http_500")]
    Http500,
    Timeout,
    /// The next message does not arrive.
    Channel,
    /// The model does not answer.
    Model,
}

/// How a simulation went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Simulated {
    /// As they were given; whoever performs effects adds their outcomes and plays all of them again.
    pub actions: Vec<Action>,
    /// What the clock shows.
    pub now: Time,
    pub status: Status,
    /// At most 500.
    pub lines: Vec<Line>,
    /// The steps that were entered, in order.
    pub path: Vec<Visit>,
    #[schema(value_type = Object)]
    pub variables: Map<String, Value>,
    #[schema(value_type = Object)]
    pub contact: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<Waits>,
    /// Effects outside of the program that are waited for.
    pub pending: Vec<Pending>,
    /// The same effects whole, for whoever can perform them. Texts may hold secret marks, so that they never leave as JSON.
    #[serde(skip)]
    #[schema(ignore)]
    pub needs: Vec<Effect>,
    /// Whether the channel would take a message of the bot now; WhatsApp does for 24 hours after the customer's last.
    pub window_open: bool,
    /// Why the flow, or the simulation, stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One line of the talk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SimulatedLine)]
pub struct Line {
    pub at: Time,
    /// Which action caused it.
    pub action: u32,
    pub who: Who,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// The words of a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SimulatedAuthor)]
pub enum Who {
    Customer,
    Bot,
    /// What would happen besides, in plain words.
    Note,
}

/// A step that was entered, and by which way it was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SimulatedVisit)]
pub struct Visit {
    pub flow: String,
    pub step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    pub at: Time,
    pub action: u32,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SimulatedWait)]
pub struct Waits {
    #[serde(rename = "for")]
    pub what: WaitsFor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    pub step: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SimulatedWaitFor)]
pub enum WaitsFor {
    Reply,
    Effect,
    Time,
    Join,
}

/// An effect whose outcome is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SimulatedEffect)]
pub struct Pending {
    pub seq: u64,
    pub step: String,
    /// The name of the effect's kind, such as `http`.
    pub effect: String,
    /// What it is, in a sentence.
    pub says: String,
}

/// What the simulator knows of the business.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    pub business: Map<String, Value>,
    /// The bot's fixed texts.
    pub words: Map<String, Value>,
    /// Values and counters that all conversations share.
    pub workspace: Map<String, Value>,
    pub counters: Map<String, Value>,
    /// IANA name; empty or unknown means UTC.
    pub timezone: String,
    /// Where chance comes from; the same seed gives the same simulation.
    pub seed: u64,
}
