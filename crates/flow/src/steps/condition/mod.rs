//! Decides between two ways.

use crate::declare::{Field, Group, Input, fields, kind, needed};
use crate::rules::Rules;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// A decision.
    pub(crate) struct Condition {
        rules: Rules = Rules::default() => Field::new("Rules",
            "“Yes” when every rule of the first group holds and, if there is a second group, at least one of that.", Input::Rules),
    }
}

kind!(Condition {
    name: "condition",
    group: Group::Logic,
    title: "Decide",
    help: "Goes one of two ways: “yes” when the rules hold, else “no”. What is not there counts as empty.",
    branches: &[needed("yes", "Yes"), needed("no", "No")],
    example: r#"{"rules":{"all":[{"left":"{{ last.text }}","op":"contains","right":"price"}],"any":[]}}"#,
    example_says: "Goes “yes” when the message contains “price”.",
});

impl Behaviour for Condition {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let yes = self.rules.hold(run)?;
        run.note("Decided", if yes { "Yes" } else { "No" });
        Ok(Next::branch(if yes { "yes" } else { "no" }))
    }
}
