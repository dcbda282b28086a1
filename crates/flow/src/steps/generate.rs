//! Lets a model write a text.

use base::message::Content;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::event::{EffectKind, Outcome};
use crate::run::{Next, Run, Stepped};
use crate::state::{MAX_TEXT_BYTES, cut};
use crate::validate::Check;

/// Most words that may be asked for.
const MAX_WORDS: u32 = 1000;

pub(super) const ABOUT: About = About {
    name: "generate",
    title: "Write with AI",
    help: "Lets the model write a text, for instance a summary, and sends it or keeps it under a name.",
    branches: &["next", "failed"],
    needed: &[],
};

/// A text to be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = GenerateStep)]
pub struct Generate {
    /// What it is about; may hold expressions and so the customer's words.
    #[schema(required)]
    pub prompt: String,
    /// How to write. Kept apart from the customer's words.
    #[schema(required)]
    pub instructions: String,
    #[schema(required)]
    pub max_words: u32,
    /// Where the text is kept; empty keeps it nowhere.
    #[schema(required)]
    pub variable: String,
    /// Sends the text to the customer.
    #[schema(required)]
    pub send: bool,
}

impl Default for Generate {
    fn default() -> Self {
        Self { prompt: String::new(), instructions: String::new(), max_words: 80, variable: String::new(), send: true }
    }
}

impl Generate {
    pub(super) fn example() -> Self {
        Self {
            prompt: "{{ last.text }}".into(),
            instructions: "Sum up what the customer wants in one sentence.".into(),
            variable: "summary".into(),
            send: false,
            ..Self::default()
        }
    }
}

impl Behaviour for Generate {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (prompt, instructions) = (run.text(&self.prompt)?, run.text(&self.instructions)?);
        run.note("Lets the model write", &prompt);
        let max_words = self.max_words.clamp(1, MAX_WORDS);
        Ok(run.await_effect(EffectKind::Generate { prompt, instructions, max_words }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Generated { text } = outcome else {
            return Err("The outcome does not belong to this kind of step.".into());
        };
        run.note("The model wrote", text);
        let mut text = text.trim().to_owned();
        cut(&mut text, MAX_TEXT_BYTES);
        if self.send {
            run.send(Content::text(text.clone()), None)?;
        }
        run.set_variable(&self.variable, Value::String(text))?;
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        check.text("prompt", &self.prompt, self.instructions.trim().is_empty());
        check.text("instructions", &self.instructions, false);
        check.variable("variable", &self.variable, false);
        if !(1..=MAX_WORDS).contains(&self.max_words) {
            check.error("max_words", "The number of words is out of range.", "Choose between 1 and 1000 words.");
        }
        if !self.send && self.variable.is_empty() {
            check.warning("send", "Nobody sees this text.", "Send it, or keep it under a name.");
        }
    }
}
