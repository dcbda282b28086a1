//! Does several things side by side.

use crate::declare::{Choose, Field, Group, fields, kind, way};
use crate::run::{Next, Run, Stepped};
use crate::state::{Frame, Wait};
use crate::steps::Behaviour;

const WAIT_FOR: &[Choose] = &[
    Choose { value: "all", label: "all of them" },
    Choose { value: "first", label: "the first that reaches “Come together”" },
];

fields! {
    /// One of the ways.
    pub(crate) struct Lane {
        id: String = String::new() => Field::plain("Id", "Names the way.", 60),
        title: String = String::new() => Field::plain("Name", "What the way is called.", 60),
    }
}

fields! {
    /// The ways, and how many are waited for.
    pub(crate) struct Parallel {
        lanes: Vec<Lane> = Vec::new() => Field::items("Ways", "All of them begin at once.", 10, "way", Lane::FIELDS).required(),
        wait_for: String = "all".into() => Field::pick("Go on after", "What is still under way then is given up.", WAIT_FOR),
    }
}

kind!(Parallel {
    name: "parallel",
    group: Group::Logic,
    title: "At the same time",
    help: "Goes several ways at once, for instance asking two web services, and goes on when they are done: at the step \
           “Come together” that they reach, else at “Then”.",
    branches: &[way("next", "Then")],
    branches_from: Some("lanes"),
    pauses: false,
    example: r#"{"lanes":[{"id":"stock","title":"Ask for the stock"},{"id":"price","title":"Ask for the price"}],"wait_for":"all"}"#,
    example_says: "Asks for stock and price at once and goes on when both are known.",
});

impl Behaviour for Parallel {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let place = run.place().ok_or("The step is no longer in the flow.")?;
        let ways: Vec<_> = self.lanes.iter().filter_map(|lane| run.flow.way(place, &lane.id)).collect();
        if ways.is_empty() {
            run.note("Nothing to do at the same time", "");
            return Ok(Next::NEXT);
        }
        let thread = run.thread().ok_or("Nothing is running.")?;
        let (parent, flow, locals) = (thread.id, thread.flow.clone(), thread.locals.clone());
        run.note("Does several things at once", format!("{} ways", ways.len()));
        let open = u32::try_from(ways.len()).unwrap_or(u32::MAX);
        for way in ways {
            let at = run.spawn(&flow, Some(parent))?;
            let child = &mut run.state.threads[at];
            child.locals.clone_from(&locals);
            let id = child.id;
            run.ready.push_back((id, Ok(Next::Step(way))));
        }
        Ok(run.wait(Wait::Join { open, first: self.wait_for == "first", met: None }))
    }

    fn body_done<'a>(&'a self, _run: &mut Run<'a>, _frame: Frame, _given: serde_json::Map<String, serde_json::Value>) -> Stepped<'a> {
        Ok(Next::NEXT)
    }
}
