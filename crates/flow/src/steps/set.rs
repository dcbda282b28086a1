//! Remembers a value.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::expression::words_of;
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

pub(super) const ABOUT: About = About {
    name: "set",
    title: "Remember a value",
    help: "Keeps a value under a name for the rest of this conversation, or writes it to the contact for good.",
    branches: &["next"],
    needed: &[],
};

/// What is remembered, and where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SetStep)]
pub struct Set {
    #[schema(required)]
    pub target: Target,
    /// Of the variable or the contact's field.
    #[schema(required)]
    pub name: String,
    /// A text or an expression; a single expression keeps its kind.
    #[schema(required)]
    pub value: String,
}

/// Where a value goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SetTarget)]
pub enum Target {
    #[default]
    Variable,
    Contact,
}

impl Set {
    pub(super) fn example() -> Self {
        Self { target: Target::Variable, name: "topic".into(), value: "{{ last.text }}".into() }
    }
}

impl Behaviour for Set {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let value = run.value(&self.value)?;
        run.note("Remembered a value", format!("{}: {}", self.name, words_of(&value)));
        match self.target {
            Target::Variable => run.set_variable(&self.name, value)?,
            Target::Contact => run.set_contact(&self.name, value)?,
        }
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        match self.target {
            Target::Variable => check.variable("name", &self.name, true),
            Target::Contact if self.name.trim().is_empty() => {
                check.error("name", "It is not said which field of the contact is meant.", "Choose the field.");
            }
            Target::Contact => {}
        }
        check.text("value", &self.value, false);
    }
}
