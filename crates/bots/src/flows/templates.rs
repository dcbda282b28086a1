//! Ready flows to begin from, each with its tests. They ship inside the program as JSON: `crates/bots/templates`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;

use base::id::BotId;
use base::{Error, Result, Time};
use db::Tx;
use flow::Definition;
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::saved_tests;

#[derive(RustEmbed)]
#[folder = "templates"]
struct Files;

/// A ready flow as its file holds it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Template {
    pub(crate) name: String,
    /// What it is for, in a sentence.
    pub(crate) about: String,
    /// The first flow is the one that is added under the owner's name; the others are those that it calls.
    pub(crate) definition: Definition,
    pub(crate) tests: Vec<TemplateTest>,
}

/// A talk that the ready flow is tried with.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TemplateTest {
    pub(crate) name: String,
    pub(crate) script: flow::Simulation,
}

/// A ready flow in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FlowTemplate)]
pub(crate) struct TemplateSummary {
    id: String,
    name: String,
    about: String,
    flows: usize,
    steps: usize,
    tests: usize,
}

/// Ready flows of whoever sells the program, by id, before our own.
static MORE: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
/// Larger files are no flows.
const MAX_BYTES: u64 = 2 << 20;
const MAX_MORE: usize = 100;

/// Offers the ready flows of a folder as well, files as in `crates/bots/templates`; read once.
pub fn offer_flows_of(folder: PathBuf) {
    let mut more = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten().take(MAX_MORE) {
        let path = entry.path();
        let Some(id) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json")) else { continue };
        let small = entry.metadata().is_ok_and(|known| known.is_file() && known.len() <= MAX_BYTES);
        match std::fs::read(&path) {
            Ok(bytes) if small && serde_json::from_slice::<Template>(&bytes).is_ok() => {
                more.insert(id.to_owned(), bytes);
            }
            _ => tracing::warn!(file = %path.display(), "not a ready flow; it is left out"),
        }
    }
    let _ = MORE.set(more);
}

/// A ready flow by its id.
pub(crate) fn get(id: &str) -> Result<Template> {
    if let Some(bytes) = MORE.get().and_then(|more| more.get(id)) {
        return Ok(serde_json::from_slice(bytes)?);
    }
    let file = Files::get(&format!("{id}.json")).ok_or_else(|| Error::not_found("ready flow", id))?;
    Ok(serde_json::from_slice(&file.data)?)
}

/// All ready flows, by name.
pub(crate) fn list() -> Result<Vec<TemplateSummary>> {
    let more = MORE.get().into_iter().flat_map(|more| more.keys().cloned());
    let ids: BTreeSet<String> =
        Files::iter().filter_map(|file| file.strip_suffix(".json").map(str::to_owned)).chain(more).collect();
    let mut all = ids
        .into_iter()
        .map(|id| {
            let template = get(&id)?;
            let steps = template.definition.flows.iter().map(|f| f.steps.len()).sum();
            Ok(TemplateSummary {
                id,
                name: template.name,
                about: template.about,
                flows: template.definition.flows.len(),
                steps,
                tests: template.tests.len(),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// Gives a flow that was made from a ready one its tests.
pub(crate) fn add_tests(tx: &Tx<'_>, now: Time, bot: BotId, flow: &str, template: &str) -> Result<()> {
    for test in get(template)?.tests {
        saved_tests::add(tx, now, bot, flow, &test.name, &test.script)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use flow::{Severity, World};

    use super::*;

    #[test]
    fn every_ready_flow_may_be_published_and_passes_its_own_tests() {
        let all = list().unwrap();
        assert!(all.len() >= 8, "{} ready flows", all.len());
        for summary in all {
            let template = get(&summary.id).unwrap();
            let mut definition = template.definition.clone();
            // Flows that are called, or begin with something of their own, stand beside one for everything else.
            definition.flows.extend(
                flow::default_definition()
                    .flows
                    .into_iter()
                    .filter(|_| !template.definition.flows.iter().any(|f| f.id == "main")),
            );
            let errors: Vec<_> =
                flow::validate(&definition).into_iter().filter(|f| f.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", summary.id);
            assert!(!template.tests.is_empty(), "{} has tests", summary.id);
            let compiled = flow::Compiled::new(definition);
            let Ok(serde_json::Value::Object(words)) = serde_json::to_value(flow::DefaultTexts::default()) else {
                panic!()
            };
            let world = World { words, ..World::default() };
            for test in &template.tests {
                let simulated = flow::simulate(&compiled, &test.script, &world);
                assert_eq!(simulated.error, None, "{}: {}", summary.id, test.name);
                assert!(
                    simulated.lines.iter().any(|l| l.who == flow::Who::Bot),
                    "{}: {} says something",
                    summary.id,
                    test.name
                );
            }
        }
    }
}
