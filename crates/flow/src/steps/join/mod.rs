//! Where ways that were gone at the same time come together.

use crate::declare::{Group, fields, kind, needed};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// Nothing needs to be said.
    pub(crate) struct Join {}
}

kind!(Join {
    name: "join",
    group: Group::Logic,
    title: "Come together",
    help: "Ways that began “At the same time” end here, and the flow goes on once.",
    branches: &[needed("next", "Then")],
    example: "{}",
    example_says: "Waits for the other ways.",
});

impl Behaviour for Join {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if run.thread().is_some_and(|t| t.parent.is_some() && t.frames.is_empty()) {
            run.note("Came together", "");
            return Ok(Next::Met);
        }
        // On a single way there is nobody to wait for.
        Ok(Next::NEXT)
    }
}
