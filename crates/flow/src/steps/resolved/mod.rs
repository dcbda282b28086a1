//! A flow begins because a conversation was marked as resolved.

use crate::declare::{Field, Group, fields, kind, needed};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// How long after.
    pub(crate) struct Resolved {
        after_ms: u64 = 0 => Field::duration("Wait before", "So long after it was marked.", 0, 7 * 24 * 3_600_000),
    }
}

kind!(Resolved {
    name: "resolved",
    group: Group::Triggers,
    title: "Conversation resolved",
    help: "The flow begins when a conversation is marked as resolved, by you or by a flow, for instance to ask how it was.",
    branches: &[needed("next", "Then")],
    entry: true,
    example: r#"{"after_ms":3600000}"#,
    example_says: "Begins an hour after the conversation was marked as resolved.",
});

impl Behaviour for Resolved {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("The conversation was resolved", "");
        Ok(Next::NEXT)
    }
}
