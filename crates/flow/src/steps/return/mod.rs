//! Goes back to the flow that called this one.

use crate::declare::{Field, Group, VarType, fields, kind};
use crate::run::{Next, Run, Stepped};
use crate::state::Frame;
use crate::steps::Behaviour;

fields! {
    /// A value to give back.
    pub(crate) struct Given {
        name: String = String::new() => Field::variable("Name", "As the calling flow knows it.", VarType::Any).required(),
        value: String = String::new() => Field::value("Value", "A text or an expression.", VarType::Any),
    }
}

fields! {
    /// What is given back.
    pub(crate) struct Return {
        values: Vec<Given> = Vec::new() => Field::items("Give back", "All other values of this flow can be taken back as well.", 30, "value", Given::FIELDS),
    }
}

kind!(Return {
    name: "return",
    group: Group::Logic,
    title: "Go back",
    help: "Ends this flow and goes on in the one that called it, with the values that you name. Without a caller the flow \
           just ends.",
    branches: &[],
    example: r#"{"values":[{"name":"price","value":"{{ 12 }}"}]}"#,
    example_says: "Goes back with 12 as “price”.",
});

impl Behaviour for Return {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        for given in &self.values {
            let value = run.value(&given.value)?;
            run.set_variable(&given.name, value)?;
        }
        run.note("Goes back", "");
        // Loops and attempts within this flow are over with it.
        if let Some(thread) = run.thread_mut() {
            let keep = thread.frames.iter().rposition(|f| matches!(f, Frame::Call { .. })).map_or(0, |at| at + 1);
            thread.frames.truncate(keep);
        }
        Ok(Next::Leave)
    }
}
