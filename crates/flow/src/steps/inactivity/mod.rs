//! A flow begins because the customer has been silent.

use crate::declare::{Field, Group, fields, kind, needed};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// After how long, and how often.
    pub(crate) struct Inactivity {
        after_ms: u64 = 3_600_000 => Field::duration("After", "So long since the customer last wrote.", 60_000, 30 * 24 * 3_600_000),
        at_most: u32 = 1 => Field::whole("At most", "How often in a row, until the customer writes again.", 1.0, 5.0, "times"),
    }
}

kind!(Inactivity {
    name: "inactivity",
    group: Group::Triggers,
    title: "Customer is silent",
    help: "The flow begins when a customer has not written for some time and nothing else is under way. A question that waits has a time limit of its own.",
    branches: &[needed("next", "Then")],
    entry: true,
    example: r#"{"after_ms":7200000,"at_most":1}"#,
    example_says: "Begins after two hours of silence, once in each conversation.",
});

impl Behaviour for Inactivity {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("The customer has been silent", "");
        Ok(Next::NEXT)
    }
}
