//! Goes on somewhere else in the same flow.

use crate::declare::{Field, Group, Input, fields, kind};
use crate::run::{Next, Run, Stepped};
use crate::state::Frame;
use crate::steps::Behaviour;

fields! {
    /// Where to.
    pub(crate) struct Jump {
        to: String = String::new() => Field::new("Go to", "A step of this flow.", Input::Step).required(),
    }
}

kind!(Jump {
    name: "jump",
    group: Group::Logic,
    title: "Go to a step",
    help: "Goes on at another step without a line across the drawing. It also leaves loops.",
    branches: &[],
    example: r#"{"to":"other"}"#,
    example_says: "Goes on at the step that you choose.",
});

impl Behaviour for Jump {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let flow = run.thread().map(|t| t.flow.clone()).unwrap_or_default();
        let place = run.flow.place(&flow, &self.to).ok_or("The step to go to is not there any more.")?;
        run.note("Goes to a step", run.flow.step(place).name());
        if let Some(thread) = run.thread_mut() {
            let keep = thread.frames.iter().rposition(|f| matches!(f, Frame::Call { .. })).map_or(0, |at| at + 1);
            thread.frames.truncate(keep);
        }
        Ok(Next::Step(place))
    }
}
