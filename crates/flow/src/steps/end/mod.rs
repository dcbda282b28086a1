//! Ends the run.

use crate::declare::{Group, fields, kind};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// Nothing needs to be said.
    pub(crate) struct End {}
}

kind!(End {
    name: "end",
    group: Group::Logic,
    title: "End",
    help: "The flow is over, wherever it is. The next message begins anew.",
    branches: &[],
    example: "{}",
    example_says: "Ends the flow.",
});

impl Behaviour for End {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("The end", "");
        Ok(Next::End)
    }
}
