//! Calls another flow and comes back.

use serde_json::{Map, Value};

use crate::declare::{Field, Group, Input, VarType, fields, kind};
use crate::run::{Next, Run, Stepped};
use crate::state::Frame;
use crate::steps::Behaviour;

fields! {
    /// A value that is handed over.
    pub(crate) struct Given {
        name: String = String::new() => Field::plain("Name there", "As the other flow calls it.", 60).required(),
        value: String = String::new() => Field::value("Value", "A text or an expression.", VarType::Any),
    }
}

fields! {
    /// A value that comes back.
    pub(crate) struct Taken {
        name: String = String::new() => Field::plain("Name there", "As the other flow calls it.", 60).required(),
        variable: String = String::new() => Field::variable("Keep as", "As it is called here.", VarType::Any).required(),
    }
}

fields! {
    /// Which flow, and what goes in and comes out.
    pub(crate) struct Call {
        flow: String = String::new() => Field::new("Flow", "One of this bot’s flows.", Input::Flow).required(),
        inputs: Vec<Given> = Vec::new() => Field::items("Hand over", "Values that the other flow works with.", 30, "value", Given::FIELDS),
        outputs: Vec<Taken> = Vec::new() => Field::items("Take back", "Values that it gives.", 30, "value", Taken::FIELDS),
    }
}

kind!(Call {
    name: "call",
    group: Group::Logic,
    title: "Use another flow",
    help: "Goes through another flow of this bot and comes back, so that what is needed in several places is drawn once.",
    example: r#"{"flow":"other","inputs":[{"name":"product","value":"{{ last.text }}"}],"outputs":[{"name":"price","variable":"price"}]}"#,
    example_says: "Hands the message over as “product” and takes back the “price”.",
});

impl Behaviour for Call {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let mut inputs = Map::new();
        for given in &self.inputs {
            inputs.insert(given.name.clone(), run.value(&given.value)?);
        }
        run.note("Uses another flow", &self.flow);
        run.call(&self.flow, inputs)
    }

    fn body_done<'a>(&'a self, run: &mut Run<'a>, _frame: Frame, mut given: Map<String, Value>) -> Stepped<'a> {
        for taken in &self.outputs {
            let value = given.remove(&taken.name).unwrap_or_default();
            run.set_variable(&taken.variable, value)?;
        }
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut crate::validate::Check<'_>) {
        let Some(flow) = check.flow_called(&self.flow) else { return };
        let (inputs, outputs): (Vec<String>, Vec<String>) = (
            flow.inputs.iter().map(|p| p.name.clone()).collect(),
            flow.outputs.iter().map(|p| p.name.clone()).collect(),
        );
        let begins = flow.steps.is_empty() || flow.steps.iter().any(|s| s.kind == "called");
        if !begins {
            check.warning("flow", "That flow is not meant to be called.", "Add a step “Called by another flow” there.");
        }
        for name in inputs.iter().filter(|name| !self.inputs.iter().any(|g| g.name == **name)) {
            let message = format!("That flow expects a value “{name}”, which is not handed over.");
            check.warning("inputs", &message, "Add it.");
        }
        if !outputs.is_empty() {
            for taken in self.outputs.iter().filter(|t| !outputs.contains(&t.name)) {
                let message = format!("That flow does not give back a value “{}”.", taken.name);
                check.warning("outputs", &message, "Correct the name.");
            }
        }
    }
}
