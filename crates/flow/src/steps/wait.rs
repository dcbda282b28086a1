//! Pauses for a while.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

/// Longest pause: 90 days.
const MAX_MS: u64 = 90 * 24 * 3600 * 1000;

pub(super) const ABOUT: About = About {
    name: "wait",
    title: "Wait",
    help: "Pauses before going on, for instance a day before asking whether all went well. If the customer writes \
           during the pause, the way “other” is taken; without one, the flow starts again with that message.",
    branches: &["next", "other"],
    needed: &["next"],
};

/// A pause.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = WaitStep)]
pub struct Wait {
    /// In milliseconds, up to 90 days; 0 goes on at once.
    #[schema(required)]
    pub duration_ms: u64,
}

impl Wait {
    pub(super) fn example() -> Self {
        Self { duration_ms: 3_600_000 }
    }
}

impl Behaviour for Wait {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if self.duration_ms == 0 {
            return Ok(Next::NEXT);
        }
        run.note("Waits", "");
        Ok(run.await_time(self.duration_ms.min(MAX_MS)))
    }

    fn late<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("The pause is over", "");
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        if self.duration_ms == 0 {
            check.warning("duration_ms", "This pause has no length.", "Choose how long to wait, or remove the step.");
        } else if self.duration_ms > MAX_MS {
            check.error("duration_ms", "This pause is longer than 90 days.", "Choose a shorter one.");
        }
    }
}
