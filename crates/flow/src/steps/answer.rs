//! Answers from the knowledge.

use base::message::Content;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::event::{AnswerOptions, EffectKind, Outcome};
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

pub(super) const ABOUT: About = About {
    name: "answer",
    title: "Answer from knowledge",
    help: "Looks the question up in what the bot knows and sends the answer. When the knowledge says nothing about it, \
           nothing is sent and the way “unknown” is taken.",
    branches: &["answered", "unknown", "failed"],
    needed: &["unknown"],
};

/// A question to the knowledge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = AnswerStep)]
pub struct Answer {
    /// Usually what the customer said last.
    #[schema(required)]
    pub question: String,
    /// Ids of the knowledge sources to look in; empty means all of the bot's.
    #[schema(required)]
    pub sources: Vec<String>,
}

impl Default for Answer {
    fn default() -> Self {
        Self { question: "{{ last.text }}".into(), sources: Vec::new() }
    }
}

impl Behaviour for Answer {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let question = run.text(&self.question)?.trim().to_owned();
        if question.is_empty() {
            run.note("No answer", "There was no question in words.");
            return Ok(Next::branch("unknown"));
        }
        run.note("Looks for an answer", &question);
        let language = run.state.last.language.clone();
        let options = AnswerOptions { sources: self.sources.clone() };
        Ok(run.await_effect(EffectKind::Answer { question, language, options }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, seq: u64, outcome: &Outcome) -> Stepped<'a> {
        match outcome {
            Outcome::Answered { text, .. } if !text.trim().is_empty() => {
                run.note("Answered from knowledge", text);
                // Never taken for a text with expressions: it may quote a customer or a web page.
                run.send(Content::text(text.clone()), Some(seq))?;
                Ok(Next::branch(if run.has_way("answered") { "answered" } else { "next" }))
            }
            Outcome::Answered { .. } | Outcome::Unknown { .. } => {
                run.note("No answer in the knowledge", "");
                Ok(Next::branch("unknown"))
            }
            _ => Err("The outcome does not belong to this kind of step.".into()),
        }
    }

    fn branch_instead_of_failed(&self) -> &'static str {
        "unknown"
    }

    fn check(&self, check: &mut Check<'_>) {
        check.text("question", &self.question, true);
    }
}
