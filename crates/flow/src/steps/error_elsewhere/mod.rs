//! A flow begins because another one stopped with an error.

use crate::declare::{Group, VarType, Written, fields, kind, needed};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// Nothing needs to be said.
    pub(crate) struct ErrorElsewhere {

    }
}

kind!(ErrorElsewhere {
    name: "error_elsewhere",
    group: Group::Triggers,
    title: "Something went wrong",
    help: "The flow begins when another flow stops because of an error, with the error as {{ error.message }}. Without it a person is called.",
    branches: &[needed("next", "Then")],
    entry: true,
    writes: &[Written { name: "error", of: VarType::Object }],
    example: r#"{}"#,
    example_says: "Begins when any flow stops because of an error.",
});

impl Behaviour for ErrorElsewhere {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("Another flow stopped because of an error", "");
        Ok(Next::NEXT)
    }
}
