//! Does something again and again, up to a limit.

use serde_json::{Map, Value, json};

use crate::declare::{Field, Group, Input, VarType, fields, kind, needed, way};
use crate::rules::Rules;
use crate::run::{Next, Run, Stepped};
use crate::state::Frame;
use crate::steps::Behaviour;

const MAX_TIMES: u32 = 1_000;

fields! {
    /// How often, and until when.
    pub(crate) struct Repeat {
        times: u32 = 3 => Field::whole("At most", "So many rounds.", 1.0, 1_000.0, "times").required(),
        until: Rules = Rules::default() => Field::new("Stop when", "Looked at before every round. Without rules it is not looked at.", Input::Rules),
        index: String = String::new() => Field::variable("Count as", "The round’s number, from 1. Empty keeps none.", VarType::Number),
    }
}

kind!(Repeat {
    name: "repeat",
    group: Group::Logic,
    title: "Repeat",
    help: "Goes the way “Again” up to so many times, or until something holds, and “Then” after that. A round is over where \
           its way ends or leads back here.",
    branches: &[needed("again", "Again"), way("next", "Then")],
    pauses: true,
    example: r#"{"times":3,"until":{"all":[{"left":"{{ found }}","op":"is_not_empty","right":""}],"any":[]}}"#,
    example_says: "Goes round up to three times, until {{ found }} is there.",
});

impl Repeat {
    fn round<'a>(&self, run: &mut Run<'a>, step: String, done: u32) -> Stepped<'a> {
        let ruled = !self.until.all.is_empty() || !self.until.any.is_empty();
        if done >= self.times.min(MAX_TIMES) || ruled && self.until.hold(run)? {
            run.note("No more rounds", format!("{done} done"));
            return Ok(Next::NEXT);
        }
        run.set_variable(&self.index, json!(done + 1))?;
        run.open(Frame::Repeat { step, done: done + 1 })?;
        Ok(Next::branch("again"))
    }
}

impl Behaviour for Repeat {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        match run.reopen() {
            Some(Frame::Repeat { step, done }) => self.round(run, step, done),
            _ => {
                let step = run.step_id();
                self.round(run, step, 0)
            }
        }
    }

    fn body_done<'a>(&'a self, run: &mut Run<'a>, frame: Frame, _given: Map<String, Value>) -> Stepped<'a> {
        match frame {
            Frame::Repeat { step, done } => self.round(run, step, done),
            _ => Ok(Next::NEXT),
        }
    }
}
