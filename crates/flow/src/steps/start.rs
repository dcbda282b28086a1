//! Where every run begins.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

pub(super) const ABOUT: About = About {
    name: "start",
    title: "Start",
    help: "Every conversation begins here. A flow has exactly one.",
    branches: &["next"],
    needed: &["next"],
};

/// The beginning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = StartStep)]
pub struct Start {}

impl Behaviour for Start {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let said = run.state.last.text.clone();
        run.note("Started", said);
        Ok(Next::NEXT)
    }

    fn check(&self, _check: &mut Check<'_>) {}
}
