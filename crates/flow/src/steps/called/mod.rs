//! A flow begins because another one calls it.

use crate::declare::{Group, fields, kind, needed};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// Nothing needs to be said; the values that come in are the flow's own inputs.
    pub(crate) struct Called {

    }
}

kind!(Called {
    name: "called",
    group: Group::Triggers,
    title: "Called by another flow",
    help: "The flow begins when another flow calls it, with the values that it hands over. Name them under the flow’s own settings.",
    branches: &[needed("next", "Then")],
    entry: true,
    example: r#"{}"#,
    example_says: "Begins when another flow calls this one.",
});

impl Behaviour for Called {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("Called by another flow", "");
        Ok(Next::NEXT)
    }
}
