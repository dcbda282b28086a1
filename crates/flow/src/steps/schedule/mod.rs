//! A flow begins at set times.

use crate::declare::{Field, Group, Input, VarType, Written, fields, kind, needed};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// When the flow begins.
    pub(crate) struct Schedule {
        cron: String = "0 9 * * *".into() => Field::new("When", "Minute, hour, day, month and day of the week.", Input::Cron).required(),
        timezone: String = String::new() => Field::plain("Time zone", "Such as Europe/Berlin. Empty means that of the business.", 60),
        for_tag: String = String::new() => Field::plain("For every customer with this tag", "Empty begins once, with nobody to write to.", 60),
    }
}

kind!(Schedule {
    name: "schedule",
    group: Group::Triggers,
    title: "At set times",
    help: "The flow begins by itself at times that you choose, for nobody in particular or once for every customer with a tag.",
    branches: &[needed("next", "Then")],
    entry: true,
    writes: &[Written { name: "trigger", of: VarType::Object }],
    example: r#"{"cron":"0 9 * * 1","for_tag":"newsletter"}"#,
    example_says: "Begins every Monday at nine for each customer with the tag “newsletter”.",
});

impl Behaviour for Schedule {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("The time has come", "");
        Ok(Next::NEXT)
    }
}
