//! The flow as it is drawn and stored: steps, edges and settings.

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::steps::StepKind;
use crate::words;

/// Largest definition, in bytes of JSON.
pub const MAX_FLOW_BYTES: usize = 1024 * 1024;
pub const MAX_STEPS: usize = 1000;
pub const MAX_EDGES: usize = 4000;
/// The format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// A flow: what the bot does, step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Flow {
    /// Version of this format; 1.
    pub format: u32,
    pub name: String,
    #[serde(default)]
    #[schema(required)]
    pub settings: Settings,
    pub steps: Vec<Step>,
    #[serde(default)]
    #[schema(required)]
    pub edges: Vec<Edge>,
}

/// What holds for the whole flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = FlowSettings)]
pub struct Settings {
    /// Whole messages with which a customer asks for a person; they lead to the first handover step.
    #[schema(required)]
    pub human_words: Vec<String>,
    /// Whole messages with which a customer begins again.
    #[schema(required)]
    pub restart_words: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { human_words: words::list(words::HUMAN), restart_words: words::list(words::RESTART) }
    }
}

/// One step on the canvas.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = FlowStep)]
pub struct Step {
    /// Unique within the flow.
    pub id: String,
    /// The owner's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default)]
    #[schema(required)]
    pub position: Position,
    #[serde(flatten)]
    pub kind: StepKind,
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
    /// `next`, `yes`, `no`, `timeout`, `failed`, `other`, `answered`, `unknown`, or the id of a choice.
    pub branch: String,
    pub to: String,
}

impl Flow {
    /// Reads a stored flow. Whether it makes sense is for [`crate::validate`] to say.
    ///
    /// # Errors
    /// `too_large` beyond the limits of this module, `unsupported` for another format, `invalid` for anything unreadable.
    pub fn parse(json: &str) -> Result<Flow> {
        if json.len() > MAX_FLOW_BYTES {
            return Err(Error::too_large("This flow is larger than 1 MB. Split it into several flows."));
        }
        #[derive(Deserialize)]
        struct Format {
            format: Option<u32>,
        }
        let unreadable = |e: serde_json::Error| Error::invalid(format!("This flow cannot be read: {e}.")).with_cause(e);
        match serde_json::from_str::<Format>(json).map_err(unreadable)?.format {
            Some(FORMAT) => {}
            Some(other) => {
                return Err(Error::unsupported(format!(
                    "This flow has format {other}, and this version of BotFlow reads format {FORMAT}. Update BotFlow and try again."
                )));
            }
            None => return Err(Error::invalid("This is not a flow: it does not say which format it has.")),
        }
        let flow: Flow = serde_json::from_str(json).map_err(unreadable)?;
        if flow.steps.len() > MAX_STEPS {
            return Err(Error::too_large(format!(
                "This flow has {} steps; {MAX_STEPS} are allowed. Split it into several flows.",
                flow.steps.len()
            )));
        }
        if flow.edges.len() > MAX_EDGES {
            return Err(Error::too_large(format!(
                "This flow has {} connections; {MAX_EDGES} are allowed. Split it into several flows.",
                flow.edges.len()
            )));
        }
        Ok(flow)
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
            let step = r#"{"id":"a","kind":"start"}"#;
            format!(r#"{{"format":1,"name":"","steps":[{}]}}"#, vec![step; n].join(","))
        };
        for (json, code, part) in [
            ("", ErrorCode::Invalid, "cannot be read"),
            ("{}", ErrorCode::Invalid, "not a flow"),
            (r#"{"format":2}"#, ErrorCode::Unsupported, "format 2"),
            (r#"{"format":1,"name":"x","steps":[{"id":"a","kind":"fly"}]}"#, ErrorCode::Invalid, "fly"),
            (&many(1001), ErrorCode::TooLarge, "1001 steps"),
            (&" ".repeat(MAX_FLOW_BYTES + 1), ErrorCode::TooLarge, "1 MB"),
        ] {
            let error = Flow::parse(json).unwrap_err();
            assert_eq!(error.code, code, "{}", error.message);
            assert!(error.message.contains(part), "{}", error.message);
        }
        assert_eq!(Flow::parse(&many(3)).unwrap().steps.len(), 3);
    }

    #[test]
    fn a_flow_is_stored_and_read_back_the_same() {
        let flow = crate::default_flow(&crate::DefaultTexts::default());
        let json = serde_json::to_string(&flow).unwrap();
        assert_eq!(Flow::parse(&json).unwrap(), flow);
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".{0,200}", cut in 0usize..4000) {
            let _ = Flow::parse(&text);
            let whole = serde_json::to_string(&crate::default_flow(&crate::DefaultTexts::default())).unwrap();
            let mut at = cut.min(whole.len());
            while !whole.is_char_boundary(at) { at -= 1; }
            let _ = Flow::parse(&format!("{}{text}{}", &whole[..at], &whole[at..]));
        }
    }
}
