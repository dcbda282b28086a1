//! Pauses for a while.

use crate::declare::{Field, Group, fields, kind, needed, way};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

/// Longest pause: 90 days.
pub(crate) const MAX_MS: u64 = 90 * 24 * 3600 * 1000;

fields! {
    /// A pause.
    pub(crate) struct Wait {
        duration_ms: u64 = 3_600_000 => Field::duration("For", "Up to 90 days.", 1_000, MAX_MS).required(),
    }
}

kind!(Wait {
    name: "wait",
    group: Group::Logic,
    title: "Wait",
    help: "Pauses before going on, for instance a day before asking whether all went well. If the customer writes during the \
           pause, “Customer writes” is taken; without it the flow starts again with that message.",
    branches: &[needed("next", "Then"), way("other", "Customer writes")],
    pauses: true,
    example: r#"{"duration_ms":3600000}"#,
    example_says: "Waits for an hour.",
});

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
}
