//! The tools of an agent: how they are called, what goes into them and what comes out.

use serde_json::{Map, Value};

use super::{Agent, AgentTool};
use crate::declare::VarType;
use crate::definition::Flow;
use crate::event::{Tool, Wanted};
use crate::run::Run;
use crate::values;

/// The name of the knowledge among the tools.
pub(super) const KNOWLEDGE: &str = "search_knowledge";
/// Longest name, in characters.
const MAX_NAME: usize = 40;

/// A flow under the name by which the model knows it.
pub(super) struct Named<'a> {
    name: String,
    pub(super) tool: &'a AgentTool,
    pub(super) flow: &'a Flow,
}

/// A name of plain letters, as models expect it: `order_status`.
fn plain(name: &str) -> String {
    let mut text = String::new();
    for c in crate::words::fold(name).chars() {
        match c {
            'a'..='z' | '0'..='9' => text.push(c),
            _ if text.ends_with('_') || text.is_empty() => {}
            _ => text.push('_'),
        }
    }
    text.truncate(MAX_NAME);
    text.truncate(text.trim_end_matches('_').len());
    text
}

fn all<'a>(agent: &'a Agent, run: &Run<'a>) -> Vec<Named<'a>> {
    let flows = &run.flow.definition().flows;
    let mut named: Vec<Named<'a>> = Vec::with_capacity(agent.tools.len());
    for (i, tool) in agent.tools.iter().enumerate() {
        let Some(flow) = flows.iter().find(|f| f.id == tool.flow) else { continue };
        let mut name = Some(plain(&flow.name)).filter(|n| !n.is_empty()).unwrap_or_else(|| format!("flow_{}", i + 1));
        if name == KNOWLEDGE || named.iter().any(|n| n.name == name) {
            name = format!("{name}_{}", i + 1);
        }
        named.push(Named { name, tool, flow });
    }
    named
}

pub(super) fn named<'a>(agent: &'a Agent, run: &Run<'a>, name: &str) -> Option<Named<'a>> {
    all(agent, run).into_iter().find(|n| n.name == name)
}

/// What the model is told about its tools.
pub(super) fn offered(agent: &Agent, run: &Run<'_>) -> Vec<Tool> {
    let mut tools = Vec::new();
    if agent.knowledge {
        let question =
            Wanted { name: "question".into(), of: VarType::Text, help: "The question, in whole words.".into() };
        let help = "Looks a question up in what the business has written down: prices, hours, products, terms.".into();
        tools.push(Tool { name: KNOWLEDGE.into(), help, inputs: vec![question] });
    }
    for Named { name, tool, flow } in all(agent, run) {
        let port =
            |p: &crate::Port| Wanted { name: p.name.clone(), of: p.of, help: p.help.clone().unwrap_or_default() };
        let help =
            if tool.help.trim().is_empty() { flow.name.clone() } else { format!("{}: {}", flow.name, tool.help) };
        tools.push(Tool { name, help, inputs: flow.inputs.iter().map(port).collect() });
    }
    tools
}

/// The model's arguments as the flow's inputs; what it left out, or what cannot be such a value, is nothing.
pub(super) fn inputs(run: &Run<'_>, flow: &Flow, arguments: Option<&Value>) -> Map<String, Value> {
    let of = |port: &crate::Port| {
        let given = arguments.and_then(|a| a.get(&port.name)).unwrap_or(&Value::Null);
        (port.name.clone(), values::shaped(run, port.of, given).unwrap_or_default())
    };
    flow.inputs.iter().map(of).collect()
}

/// What the flow gives back: its outputs and nothing else.
pub(super) fn outputs(flow: Option<&Flow>, mut given: Map<String, Value>) -> Value {
    let ports = flow.map(|f| f.outputs.as_slice()).unwrap_or_default();
    Value::Object(ports.iter().map(|p| (p.name.clone(), given.remove(&p.name).unwrap_or_default())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_such_as_models_use() {
        for (name, expected) in [
            ("Order status", "order_status"),
            ("  Où est ma commande ?", "ou_est_ma_commande"),
            ("預約", ""),
            (&"a".repeat(60), &"a".repeat(40)),
        ] {
            assert_eq!(plain(name), expected, "{name}");
        }
    }
}
