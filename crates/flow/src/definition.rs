//! A bot as it is drawn and stored: its flows, their steps and ways, and what holds for all of them.

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::declare::VarType;
use crate::{migrate, words};

/// Largest definition, in bytes of JSON.
pub const MAX_DEFINITION_BYTES: usize = 4 * 1024 * 1024;
/// Steps of one flow.
pub const MAX_STEPS: usize = 1000;
/// Ways of one flow.
pub const MAX_EDGES: usize = 4000;
pub const MAX_FLOWS: usize = 100;
/// Words of one kind that are understood everywhere.
const MAX_WORDS: usize = 500;
/// The format that this program writes; older ones are migrated when they are read.
pub const FORMAT: u32 = 2;

/// All flows of a bot, as one version holds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowDefinition)]
pub struct Definition {
    /// Version of this format; 2.
    pub format: u32,
    #[serde(default)]
    #[schema(required)]
    pub settings: Settings,
    pub flows: Vec<Flow>,
}

/// What holds for the whole bot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = FlowSettings)]
pub struct Settings {
    /// Whole messages with which a customer asks for a person; they lead to the first handover step.
    #[schema(required, max_items = 500)]
    pub human_words: Vec<String>,
    /// Whole messages with which a customer begins again.
    #[schema(required, max_items = 500)]
    pub restart_words: Vec<String>,
    /// Whole messages with which a customer wants no more messages of their own accord.
    #[schema(required, max_items = 500)]
    pub stop_words: Vec<String>,
    /// Whole messages with which a customer returns to the question before.
    #[schema(required, max_items = 500)]
    pub back_words: Vec<String>,
    #[schema(required)]
    pub limits: Limits,
}

/// How much one run may do before it is stopped and a person is called.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = FlowLimits)]
pub struct Limits {
    #[schema(required, minimum = 1, maximum = 1_000_000)]
    pub steps: u32,
    #[schema(required, minimum = 1, maximum = 10_000)]
    pub messages: u32,
    /// From its beginning to its end.
    #[schema(required, minimum = 1, maximum = 8_760)]
    pub hours: u32,
    /// What models and messages may cost, in cents of the business's currency.
    #[schema(required, minimum = 0, maximum = 100_000)]
    pub cents: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 20_000, messages: 200, hours: 24 * 90, cents: 200 }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            human_words: words::list(words::HUMAN),
            restart_words: words::list(words::RESTART),
            stop_words: words::list(words::STOP),
            back_words: words::list(words::BACK),
            limits: Limits::default(),
        }
    }
}

/// One drawing: steps and the ways between them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Flow {
    /// Unique within the bot.
    #[schema(required)]
    pub id: String,
    #[schema(required)]
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// What a flow that calls this one hands over.
    #[schema(required)]
    pub inputs: Vec<Port>,
    /// What it gets back.
    #[schema(required)]
    pub outputs: Vec<Port>,
    #[schema(required)]
    pub steps: Vec<Step>,
    #[schema(required)]
    pub edges: Vec<Edge>,
    /// Frames around steps.
    #[schema(required)]
    pub groups: Vec<StepGroup>,
}

/// A value that goes into a flow or comes out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowPort)]
pub struct Port {
    pub name: String,
    #[serde(rename = "type", default)]
    #[schema(required)]
    pub of: VarType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// A frame around the steps that name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowGroup)]
pub struct StepGroup {
    pub id: String,
    pub title: String,
}

/// One step on the canvas.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = FlowStep)]
pub struct Step {
    /// Unique within the flow.
    #[schema(required)]
    pub id: String,
    /// The name of its kind; `GET /api/flow-kinds` lists them.
    #[schema(required)]
    pub kind: String,
    /// The owner's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[schema(required)]
    pub position: Position,
    /// As its kind declares them.
    #[schema(required, value_type = Object)]
    pub fields: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The frame around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// What happens when something outside does not work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = StepFailure)]
pub struct Failure {
    /// It counts as failed after this time, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 100, maximum = 600_000)]
    pub timeout_ms: Option<u64>,
    /// Tries after the first one.
    #[schema(required, maximum = 10)]
    pub retries: u32,
    /// Before the first of them, in milliseconds; doubles with each.
    #[schema(required, maximum = 3_600_000)]
    pub wait_ms: u64,
    #[schema(required)]
    pub then: Then,
    /// For `default`: what the step gives instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// How it goes on after the last try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StepFailureThen)]
pub enum Then {
    /// The run stops and a person is called.
    Stop,
    /// The way `failed`; without one the run stops.
    #[default]
    Branch,
    /// As if it had given `value`.
    Default,
}

/// Where a step stands on the canvas, in pixels at zoom 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = StepPosition)]
pub struct Position {
    pub x: f32,
    pub y: f32,
}

/// A way from one step to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowEdge)]
pub struct Edge {
    pub from: String,
    /// One of the branches of its kind, or the id of a choice.
    pub branch: String,
    pub to: String,
}

impl Definition {
    /// A definition with nothing in it but one flow.
    pub fn of(flow: Flow) -> Definition {
        Definition { format: FORMAT, settings: Settings::default(), flows: vec![flow] }
    }

    /// Reads a stored or exported definition of any format up to this one. Whether it makes sense is for
    /// [`crate::validate`] to say.
    ///
    /// # Errors
    /// `too_large` beyond the limits of this module, `unsupported` for a newer format, `invalid` for anything unreadable.
    pub fn parse(json: &str) -> Result<Definition> {
        if json.len() > MAX_DEFINITION_BYTES {
            return Err(Error::too_large("These flows are larger than 4 MB together. Split them into several bots."));
        }
        let unreadable = |e: serde_json::Error| Error::invalid(format!("This flow cannot be read: {e}.")).with_cause(e);
        let value: Value = serde_json::from_str(json).map_err(unreadable)?;
        let format = value.get("format").and_then(Value::as_u64);
        let definition: Definition = match format {
            Some(1) => migrate::from_1(&value)?,
            Some(2) => serde_json::from_value(value).map_err(unreadable)?,
            Some(other) => {
                let product = base::product::name();
                return Err(Error::unsupported(format!(
                    "This flow has format {other}, and this version of {product} reads formats up to {FORMAT}. Update {product} and try again."
                )));
            }
            None => return Err(Error::invalid("This is not a flow: it does not say which format it has.")),
        };
        definition.limits()?;
        Ok(definition)
    }

    /// # Errors
    /// `too_large` when there is more in it than the program works with.
    pub fn limits(&self) -> Result<()> {
        self.settings.check()?;
        if self.flows.len() > MAX_FLOWS {
            let n = self.flows.len();
            return Err(Error::too_large(format!("This bot has {n} flows; {MAX_FLOWS} are allowed.")));
        }
        self.flows.iter().try_for_each(Flow::limits)
    }
}

impl Settings {
    /// # Errors
    /// `invalid` when a limit is out of range or there are too many words.
    pub fn check(&self) -> Result<()> {
        let Limits { steps, messages, hours, cents } = self.limits;
        let fits = (1..=1_000_000).contains(&steps)
            && (1..=10_000).contains(&messages)
            && (1..=8_760).contains(&hours)
            && cents <= 100_000;
        if !fits {
            return Err(Error::invalid(
                "A limit is out of range: 1 to 1,000,000 steps, 1 to 10,000 messages, 1 to 8,760 hours, up to 100,000 cents.",
            ));
        }
        let lists = [&self.human_words, &self.restart_words, &self.stop_words, &self.back_words];
        if lists.iter().any(|l| l.len() > MAX_WORDS || l.iter().any(|w| w.chars().count() > 200)) {
            return Err(Error::invalid(format!("A list may have {MAX_WORDS} words of up to 200 letters.")));
        }
        Ok(())
    }
}

impl Flow {
    /// # Errors
    /// `too_large` when there is more in it than the program works with.
    pub fn limits(&self) -> Result<()> {
        if self.steps.len() > MAX_STEPS {
            let n = self.steps.len();
            return Err(Error::too_large(format!(
                "This flow has {n} steps; {MAX_STEPS} are allowed. Split it into several flows."
            )));
        }
        if self.edges.len() > MAX_EDGES {
            let n = self.edges.len();
            return Err(Error::too_large(format!(
                "This flow has {n} connections; {MAX_EDGES} are allowed. Split it into several flows."
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use base::ErrorCode;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_owner_learns_what_is_wrong_with_a_file() {
        let many = |n: usize| {
            let step = r#"{"id":"a","kind":"text"}"#;
            format!(r#"{{"format":2,"flows":[{{"id":"main","steps":[{}]}}]}}"#, vec![step; n].join(","))
        };
        for (json, code, part) in [
            ("", ErrorCode::Invalid, "cannot be read"),
            ("{}", ErrorCode::Invalid, "not a flow"),
            (r#"{"format":3}"#, ErrorCode::Unsupported, "format 3"),
            (r#"{"format":2}"#, ErrorCode::Invalid, "flows"),
            (&many(1001), ErrorCode::TooLarge, "1001 steps"),
            (&" ".repeat(MAX_DEFINITION_BYTES + 1), ErrorCode::TooLarge, "4 MB"),
        ] {
            let error = Definition::parse(json).unwrap_err();
            assert_eq!(error.code, code, "{}", error.message);
            assert!(error.message.contains(part), "{}", error.message);
        }
        assert_eq!(Definition::parse(&many(3)).unwrap().flows[0].steps.len(), 3);
    }

    #[test]
    fn a_definition_is_stored_and_read_back_the_same() {
        let definition = crate::default_definition();
        let json = serde_json::to_string(&definition).unwrap();
        assert_eq!(Definition::parse(&json).unwrap(), definition);
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".{0,200}", cut in 0usize..4000) {
            let _ = Definition::parse(&text);
            let whole = serde_json::to_string(&crate::default_definition()).unwrap();
            let mut at = cut.min(whole.len());
            while !whole.is_char_boundary(at) { at -= 1; }
            let _ = Definition::parse(&format!("{}{text}{}", &whole[..at], &whole[at..]));
        }
    }
}
