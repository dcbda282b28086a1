//! Begins a flow later.

use serde_json::{Map, Value};

use crate::declare::{Choose, Field, Group, Input, VarType, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped, later};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::values::{self, When};

const DAY_MS: u64 = 86_400_000;
/// How far ahead a follow-up may be: a year.
const MAX_MS: u64 = 366 * DAY_MS;

const WHEN: &[Choose] = &[Choose { value: "in", label: "After a while" }, Choose { value: "at", label: "At a date" }];

fields! {
    /// A value that the other flow gets.
    pub(crate) struct Given {
        name: String = String::new() => Field::plain("Name there", "The other flow reads it as {{ trigger.name }}.", 60).required(),
        value: String = String::new() => Field::value("Value", "A text or an expression.", VarType::Any),
    }
}

fields! {
    /// Which flow, and when.
    pub(crate) struct FollowUp {
        flow: String = String::new() => Field::new("Flow", "What begins then. Give it a step “Called by another flow”.", Input::Flow).required(),
        when: String = "in".into() => Field::pick("When", "Counted from this moment, or at a date of your own.", WHEN),
        after_ms: u64 = DAY_MS => Field::duration("After", "WhatsApp takes free text for 24 hours after the customer’s last message; later begin with a template.", 60_000, MAX_MS)
            .required().when("when", &["in"]),
        at: String = String::new() => Field::value("At", "Such as {{ day }} or 2026-12-24 18:00. Without a time it is nine o’clock.", VarType::Any).required().when("when", &["at"]),
        unless_reply: bool = true => Field::toggle("Not if the customer writes before", "Then it is not needed any more."),
        values: Vec<Given> = Vec::new() => Field::items("Take along", "Values that the other flow works with.", 20, "value", Given::FIELDS),
    }
}

kind!(FollowUp {
    name: "follow_up",
    group: Group::Actions,
    title: "Follow up later",
    help: "Begins another flow after a while or at a date, such as a question after the visit. This flow goes on at once.",
    example: r#"{"flow":"other","when":"in","after_ms":86400000,"unless_reply":true}"#,
    example_says: "Begins the flow “other” tomorrow at this time, unless the customer writes before.",
});

impl FollowUp {
    fn moment(&self, run: &Run<'_>) -> Result<base::Time, String> {
        if self.when != "at" {
            return Ok(later(run.at, self.after_ms.min(MAX_MS)));
        }
        let when = values::when(run, &run.value(&self.at)?)?;
        let mut moment = when.moment(run)?;
        if let When::Day(date) = when {
            let nine = date.at(9, 0, 0, 0).to_zoned(moment.time_zone().clone());
            moment = nine.map_err(|_| format!("{date} is out of range."))?;
        }
        Ok(base::Time(moment.timestamp().as_millisecond()))
    }
}

impl Behaviour for FollowUp {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if !run.has_customer() {
            return Err("There is no customer to come back to: this flow began without one.".into());
        }
        if run.flow.flow_at(&self.flow).is_none() {
            return Err("The flow that is to begin later is not there any more. Choose another one.".into());
        }
        let at = self.moment(run)?;
        if at > later(run.at, MAX_MS) {
            return Err("A follow-up can be at most a year ahead.".into());
        }
        if at < run.at {
            run.note("No follow-up", "Its date is over already.");
            return Ok(Next::NEXT);
        }
        let mut data = Map::new();
        for given in self.values.iter().take(20) {
            data.insert(given.name.trim().to_owned(), run.value(&given.value)?);
        }
        run.note("Planned a follow-up", at.to_jiff().to_string());
        let (flow, unless_reply) = (self.flow.clone(), self.unless_reply);
        run.effect(EffectKind::FollowUp { flow, at, unless_reply, data: Value::Object(data) });
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        if let Some(flow) = check.flow_called(&self.flow)
            && !flow.steps.is_empty()
            && !flow.steps.iter().any(|s| s.kind == "called")
        {
            let fix = "Add a step “Called by another flow” there.";
            check.warning("flow", "That flow has no beginning for a follow-up.", fix);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Status;
    use crate::testing::{START, Talk, warns};

    fn begun(fields: Value) -> Talk {
        let mut fields = fields;
        fields["flow"] = json!("main");
        Talk::begun("follow_up", fields)
    }

    #[test]
    fn a_flow_is_planned() {
        let hours = |n: i64| START.0 + n * 3_600_000;
        for (fields, at) in [
            (json!({}), hours(24)),
            (json!({"after_ms": 3_600_000}), hours(1)),
            (json!({"when": "at", "at": "2026-03-05"}), hours(22)),
            (json!({"when": "at", "at": "tomorrow"}), hours(22)),
            (json!({"when": "at", "at": "2026-03-04 18:00"}), hours(7)),
        ] {
            let talk = begun(fields.clone());
            let expected =
                EffectKind::FollowUp { flow: "main".into(), at: base::Time(at), unless_reply: true, data: json!({}) };
            assert_eq!(talk.effects(), [&expected], "{fields}");
            assert_eq!(talk.way(), "next");
        }
        let talk = begun(json!({"unless_reply": false, "values": [{"name": "what", "value": "{{ last.text }}"}]}));
        let [EffectKind::FollowUp { unless_reply: false, data, .. }] = talk.effects()[..] else { panic!() };
        assert_eq!(*data, json!({"what": "begin"}));
    }

    #[test]
    fn nothing_is_planned_that_cannot_be() {
        let talk = begun(json!({"when": "at", "at": "2026-03-03"}));
        assert_eq!((talk.way(), talk.effects().len()), ("next", 0), "the date is over");
        for fields in [json!({"when": "at", "at": "soon"}), json!({"when": "at", "at": "2028-01-01"})] {
            assert_eq!(begun(fields.clone()).status(), Status::Failed, "{fields}");
        }
        assert_eq!(Talk::begun("follow_up", json!({"flow": "gone"})).status(), Status::Failed);
        warns("follow_up", json!({"flow": "gone"}), "not there any more");
        warns("follow_up", json!({"flow": "main"}), "no beginning for a follow-up");
    }
}
