//! A flow begins because the customer pressed a button of an earlier message.

use crate::declare::{Field, Group, fields, kind, needed};
use crate::run::{Next, Run, Stepped};
use crate::steps::{Behaviour, Door, On};

fields! {
    /// Which buttons begin the flow.
    pub(crate) struct ButtonPressed {
        names: Vec<String> = Vec::new() =>
            Field::list("Buttons", "The words on the button, or its id. Any of them begins the flow, even days later.", 50, "button").required(),
        interrupt: bool = true =>
            Field::toggle("Also in the middle of another flow", "The customer leaves what was going on and begins this."),
    }
}

kind!(ButtonPressed {
    name: "button_pressed",
    group: Group::Triggers,
    title: "Button pressed",
    help: "The flow begins when the customer presses a button or a row that a message offered, be it of a template, a list \
           or buttons that nobody waited for.",
    branches: &[needed("next", "Then")],
    entry: true,
    example: r#"{"names":["Book a visit"]}"#,
    example_says: "Begins when the customer presses “Book a visit”.",
});

impl Behaviour for ButtonPressed {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("A button was pressed", run.state.last.text.clone());
        Ok(Next::NEXT)
    }

    fn door(&self) -> Option<Door> {
        Some(Door { on: On::Button { names: self.names.clone() }, interrupt: self.interrupt })
    }
}
