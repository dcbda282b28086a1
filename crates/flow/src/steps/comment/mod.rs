//! A note on the canvas.

use crate::declare::{Field, Group, Input, fields, kind};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// What the note says.
    pub(crate) struct Comment {
        text: String = String::new() => Field::new("Note", "For you and your colleagues; customers never see it.", Input::Plain { max: 2_000, lines: 4 }),
    }
}

kind!(Comment {
    name: "comment",
    group: Group::Logic,
    title: "Note",
    help: "A note on the drawing. It does nothing.",
    branches: &[],
    example: r#"{"text":"Prices are from the spring list."}"#,
    example_says: "Reminds you where the prices come from.",
});

impl Behaviour for Comment {
    fn enter<'a>(&'a self, _run: &mut Run<'a>) -> Stepped<'a> {
        Ok(Next::Leave)
    }
}
