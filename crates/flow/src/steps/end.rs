//! Where a run is over.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

pub(super) const ABOUT: About = About {
    name: "end",
    title: "End",
    help: "The conversation rests. The next message starts the flow again.",
    branches: &[],
    needed: &[],
};

/// The end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = EndStep)]
pub struct End {
    /// Also marks the conversation as resolved.
    #[schema(required)]
    pub resolve: bool,
}

impl Behaviour for End {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if self.resolve {
            run.effect(EffectKind::Resolve);
            run.note("Ended and resolved", "");
        } else {
            run.note("Ended", "");
        }
        Ok(Next::End)
    }

    fn check(&self, _check: &mut Check<'_>) {}
}
