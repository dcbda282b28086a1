//! Tries something that may go wrong.

use serde_json::{Map, Value};

use crate::declare::{Group, VarType, Written, fields, kind, needed, way};
use crate::run::{Next, Run, Stepped};
use crate::state::Frame;
use crate::steps::Behaviour;

fields! {
    /// Nothing needs to be said.
    pub(crate) struct Try {}
}

kind!(Try {
    name: "try",
    group: Group::Logic,
    title: "Try",
    help: "Goes the way “Try”. When anything on it goes wrong, “If it goes wrong” is taken with the reason as \
           {{ error.message }}; where the way ends well, “Then”.",
    branches: &[needed("try", "Try"), needed("caught", "If it goes wrong"), way("next", "Then")],
    writes: &[Written { name: "error", of: VarType::Object }],
    example: "{}",
    example_says: "Tries what follows, and has another way for when it goes wrong.",
});

impl Behaviour for Try {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if run.reopen().is_some() {
            return Ok(Next::NEXT);
        }
        let step = run.step_id();
        run.open(Frame::Try { step })?;
        run.note("Tries", "");
        Ok(Next::branch("try"))
    }

    fn body_done<'a>(&'a self, _run: &mut Run<'a>, _frame: Frame, _given: Map<String, Value>) -> Stepped<'a> {
        Ok(Next::NEXT)
    }
}
