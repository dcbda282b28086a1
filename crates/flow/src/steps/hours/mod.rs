//! Asks whether the business is open.

use crate::declare::{Field, Group, Input, VarType, Written, fields, kind, needed, way};
use crate::hours::Hours as Opening;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// When the business is there.
    pub(crate) struct Hours {
        hours: Opening = Opening::default() => Field::new("Open", "For each day of the week, and the days on which it is closed.", Input::Hours).required(),
        timezone: String = String::new() => Field::plain("Time zone", "Such as Africa/Johannesburg. Empty means that of the business.", 60),
    }
}

kind!(Hours {
    name: "hours",
    group: Group::Logic,
    title: "Opening hours",
    help: "Goes one way while you are open and another while you are closed or on holiday. When you open next is kept as \
           {{ opens_at }}.",
    branches: &[needed("open", "Open"), needed("closed", "Closed"), way("holiday", "Holiday")],
    writes: &[Written { name: "opens_at", of: VarType::Text }],
    example: r#"{"hours":{"days":{"mon":[["09:00","17:00"]],"tue":[["09:00","17:00"]]},"holidays":["12-25"]}}"#,
    example_says: "“Open” on Mondays and Tuesdays from nine to five, but not at Christmas.",
});

impl Behaviour for Hours {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let zone = if self.timezone.trim().is_empty() { &run.context.timezone } else { &self.timezone };
        let today = run.at.to_jiff().to_zoned(crate::hours::zone(zone)).date();
        let (open, holiday) = (self.hours.is_open(run.at, zone), self.hours.is_holiday(today));
        let opens = self.hours.next_open(run.at, zone).map(|at| {
            at.to_jiff().to_zoned(crate::hours::zone(zone)).strftime("%Y-%m-%d %H:%M").to_string()
        });
        run.set_variable("opens_at", opens.unwrap_or_default().into())?;
        let way = match (open, holiday) {
            (true, _) => "open",
            (_, true) if run.has_way("holiday") => "holiday",
            _ => "closed",
        };
        run.note("Looked at the opening hours", way);
        Ok(Next::branch(way))
    }
}
