//! Stops with an error.

use crate::declare::{Field, Group, fields, kind};
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// What is wrong.
    pub(crate) struct Stop {
        message: String = "Something is not right.".into() => Field::line("Reason", "What the owner sees; customers do not.").required(),
    }
}

kind!(Stop {
    name: "stop",
    group: Group::Logic,
    title: "Stop with an error",
    help: "Ends the flow as failed, so that it is listed with the reason and a person is called. A step “Try” around it, or a \
           flow for errors, catches it.",
    branches: &[],
    example: r#"{"message":"The order {{ last.text }} has no price."}"#,
    example_says: "Stops and says which order has no price.",
});

impl Behaviour for Stop {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let message = run.text(&self.message)?;
        Err(if message.trim().is_empty() { "The flow stopped itself.".into() } else { message })
    }
}
