//! Gives the conversation to a person.

use base::message::Content;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

pub(super) const ABOUT: About = About {
    name: "handover",
    title: "Hand over to a person",
    help: "A person goes on from here. The bot is silent until the person gives the conversation back.",
    branches: &[],
    needed: &[],
};

/// A handover. All three may hold expressions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = HandoverStep)]
pub struct Handover {
    /// Why, in a few words, for the person.
    #[schema(required)]
    pub reason: String,
    /// What the person should know.
    #[schema(required)]
    pub note: String,
    /// What the customer is told, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Handover {
    pub(super) fn example() -> Self {
        Self {
            reason: "The customer asked for a person".into(),
            note: String::new(),
            message: Some("A colleague will be with you shortly.".into()),
        }
    }
}

impl Behaviour for Handover {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        // A mistake in a text must not keep the customer from reaching a person.
        let filled = |run: &mut Run<'_>, source: &str| {
            run.text(source).unwrap_or_else(|error| {
                run.note("A text of the handover was left out", error);
                String::new()
            })
        };
        if let Some(message) = self.message.as_deref().filter(|m| !m.trim().is_empty()) {
            let text = filled(run, message);
            run.send(Content::text(text), None)?;
        }
        let (reason, note) = (filled(run, &self.reason), filled(run, &self.note).trim().to_owned());
        run.note("Handed to a person", &reason);
        run.effect(EffectKind::Handover { reason, note });
        Ok(Next::Hand)
    }

    fn check(&self, check: &mut Check<'_>) {
        check.text("reason", &self.reason, false);
        check.text("note", &self.note, false);
        check.text("message", self.message.as_deref().unwrap_or_default(), false);
    }
}
