//! A flow begins because a person starts it.

use crate::declare::{Field, Group, fields, kind, needed};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// How the inbox calls it.
    pub(crate) struct Manual {
        label: String = String::new() => Field::plain("Name in the inbox", "What the menu in the inbox calls it. Empty takes the name of the flow.", 60),
    }
}

kind!(Manual {
    name: "manual",
    group: Group::Triggers,
    title: "Started by hand",
    help: "The flow begins when you start it in the inbox, in the conversation that you have open.",
    branches: &[needed("next", "Then")],
    entry: true,
    example: r#"{"label":"Send the price list"}"#,
    example_says: "Appears in the inbox as “Send the price list”.",
});

impl Behaviour for Manual {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("Started by hand", "");
        Ok(Next::NEXT)
    }
}
