//! The kinds of steps: one file each, with what it holds, what is allowed, and what it does.

mod answer;
mod choices;
mod condition;
mod end;
mod generate;
mod handover;
mod http;
mod message;
mod question;
mod set;
mod start;
mod wait;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use answer::Answer;
pub use choices::Choices;
pub use condition::{Condition, Op, Rule};
pub use end::End;
pub use generate::Generate;
pub use handover::Handover;
pub use http::{Header, Http, Save};
pub use message::Message;
pub use question::Question;
pub use set::{Set, Target};
pub use start::Start;
pub use wait::Wait;

use crate::event::{Incoming, Outcome};
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

/// What a step does when the run comes to it and when something happens there.
pub(crate) trait Behaviour {
    /// The run arrives.
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a>;

    /// The customer replied, for the `tries + 1`th time.
    fn reply<'a>(&'a self, _run: &mut Run<'a>, _message: &Incoming, _tries: u32) -> Stepped<'a> {
        Err("This step does not wait for a reply.".into())
    }

    /// The external effect `seq` ended, and not by failing.
    fn outcome<'a>(&'a self, _run: &mut Run<'a>, _seq: u64, _outcome: &Outcome) -> Stepped<'a> {
        Err("The outcome does not belong to this kind of step.".into())
    }

    /// The deadline passed, or the pause is over.
    fn late<'a>(&'a self, _run: &mut Run<'a>) -> Stepped<'a> {
        Ok(Next::NEXT)
    }

    /// Whether a reply belongs to this step even if it is one of the words for a person or for starting over.
    fn claims(&self, _run: &Run<'_>, _message: &Incoming) -> bool {
        false
    }

    /// The way taken when something outside failed and there is no edge “failed”.
    fn branch_instead_of_failed(&self) -> &'static str {
        "failed"
    }

    /// Says what is wrong with the definition.
    fn check(&self, check: &mut Check<'_>);
}

/// What a step is; in JSON, `kind` names it and its fields stand beside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StepKind {
    Start(Start),
    Message(Message),
    Question(Question),
    Choices(Choices),
    Condition(Condition),
    Set(Set),
    Answer(Answer),
    Generate(Generate),
    Http(Http),
    Wait(Wait),
    Handover(Handover),
    End(End),
}

impl StepKind {
    /// The name as it is serialised.
    pub fn name(&self) -> &'static str {
        self.about().name
    }

    /// Every branch that may leave the step.
    pub fn branches(&self) -> Vec<&str> {
        let mut branches = self.about().branches.to_vec();
        if let StepKind::Choices(choices) = self {
            branches.extend(choices.choices.iter().map(|c| c.id.as_str()));
        }
        branches
    }

    pub(crate) fn behaviour(&self) -> &dyn Behaviour {
        match self {
            StepKind::Start(step) => step,
            StepKind::Message(step) => step,
            StepKind::Question(step) => step,
            StepKind::Choices(step) => step,
            StepKind::Condition(step) => step,
            StepKind::Set(step) => step,
            StepKind::Answer(step) => step,
            StepKind::Generate(step) => step,
            StepKind::Http(step) => step,
            StepKind::Wait(step) => step,
            StepKind::Handover(step) => step,
            StepKind::End(step) => step,
        }
    }

    pub(crate) fn about(&self) -> &'static About {
        match self {
            StepKind::Start(_) => &start::ABOUT,
            StepKind::Message(_) => &message::ABOUT,
            StepKind::Question(_) => &question::ABOUT,
            StepKind::Choices(_) => &choices::ABOUT,
            StepKind::Condition(_) => &condition::ABOUT,
            StepKind::Set(_) => &set::ABOUT,
            StepKind::Answer(_) => &answer::ABOUT,
            StepKind::Generate(_) => &generate::ABOUT,
            StepKind::Http(_) => &http::ABOUT,
            StepKind::Wait(_) => &wait::ABOUT,
            StepKind::Handover(_) => &handover::ABOUT,
            StepKind::End(_) => &end::ABOUT,
        }
    }

    /// One example of each kind, in the order in which the editor offers them.
    pub(crate) fn examples() -> Vec<StepKind> {
        vec![
            StepKind::Start(Start::default()),
            StepKind::Message(Message::example()),
            StepKind::Question(Question::example()),
            StepKind::Choices(Choices::example()),
            StepKind::Condition(Condition::example()),
            StepKind::Set(Set::example()),
            StepKind::Answer(Answer::default()),
            StepKind::Generate(Generate::example()),
            StepKind::Http(Http::example()),
            StepKind::Wait(Wait::example()),
            StepKind::Handover(Handover::example()),
            StepKind::End(End::default()),
        ]
    }
}

/// What each step's file says about its kind.
pub(crate) struct About {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) help: &'static str,
    /// The first one is the usual way.
    pub(crate) branches: &'static [&'static str],
    /// Branches without which customers are left hanging.
    pub(crate) needed: &'static [&'static str],
}

/// A kind of step, for the editor.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KindInfo {
    pub name: String,
    pub title: String,
    pub help: String,
    /// Choices have one more branch for each choice, named by its id.
    pub branches: Vec<String>,
    /// The fields of a new step of this kind, with `kind`.
    #[schema(value_type = Object)]
    pub example: Value,
}

/// Every kind of step, in the order in which the editor offers them.
pub fn kinds() -> Vec<KindInfo> {
    let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    StepKind::examples()
        .into_iter()
        .map(|example| {
            let about = example.about();
            KindInfo {
                name: about.name.into(),
                title: about.title.into(),
                help: about.help.into(),
                branches: owned(about.branches),
                example: serde_json::to_value(&example).unwrap_or_default(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_declared_once_and_its_example_is_read_back() {
        let kinds = kinds();
        assert_eq!(kinds.len(), 12);
        for (kind, example) in kinds.iter().zip(StepKind::examples()) {
            assert_eq!(kind.example["kind"], kind.name.as_str());
            assert_eq!(serde_json::from_value::<StepKind>(kind.example.clone()).unwrap(), example);
            let bare = serde_json::json!({"kind": kind.name});
            assert!(serde_json::from_value::<StepKind>(bare).is_ok(), "a fresh {} step needs no fields", kind.name);
        }
    }
}
