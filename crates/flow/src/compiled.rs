//! A bot's flows prepared for running: steps and ways are found without searching.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::declare::Kind;
use crate::definition::{Definition, Failure, Limits, Step};
use crate::event::Class;
use crate::steps::{self, Behaviour, Door, On};
use crate::words::fold;

/// Longest message that is compared with the words for a person and for starting over, in bytes.
const MAX_WORD_BYTES: usize = 120;

/// A definition with its indexes; made once per version and shared.
#[derive(Debug)]
pub struct Compiled {
    definition: Definition,
    flows: Vec<CompiledFlow>,
    by_id: HashMap<String, usize>,
    /// Where a message may begin, the particular before the general.
    doors: Vec<(Place, Door)>,
    human: HashSet<String>,
    restart: HashSet<String>,
    stop: HashSet<String>,
    back: HashSet<String>,
    reads: Reads,
}

/// Which scopes beyond the usual ones any expression may read, so that nobody gathers what nobody asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    pub workspace: bool,
    pub counters: bool,
    pub tags: bool,
    /// The customer's phone number.
    pub phone: bool,
    pub business: bool,
    /// The bot's fixed texts.
    pub words: bool,
}

impl Reads {
    fn of(definition: &Definition) -> Reads {
        let mut reads = Reads::default();
        for step in definition.flows.iter().flat_map(|f| &f.steps) {
            reads.counters |= step.kind == "counter";
            reads.phone |= step.kind == "ask_phone";
            reads.business |= step.kind == "number_tool";
            for value in step.fields.values() {
                reads.look(value);
            }
        }
        reads
    }

    fn look(&mut self, value: &Value) {
        match value {
            Value::String(text) if text.contains('{') => {
                self.workspace |= text.contains("workspace");
                self.counters |= text.contains("counters");
                self.tags |= text.contains("tags");
                self.phone |= text.contains("phone");
                self.business |= text.contains("business");
                self.words |= text.contains("words");
            }
            Value::Array(items) => items.iter().for_each(|item| self.look(item)),
            Value::Object(map) => map.values().for_each(|item| self.look(item)),
            _ => {}
        }
    }
}

/// A step, by the places of its flow and of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) flow: usize,
    pub(crate) step: usize,
}

#[derive(Debug)]
pub(crate) struct CompiledFlow {
    pub(crate) id: String,
    pub(crate) steps: Vec<CompiledStep>,
    by_id: HashMap<String, usize>,
    /// For each step, where its branches lead.
    ways: Vec<Vec<(String, usize)>>,
}

/// A step ready to run.
pub(crate) struct CompiledStep {
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) kind: Option<&'static Kind>,
    /// Or what is wrong with it.
    pub(crate) behaviour: Result<Box<dyn Behaviour>, String>,
    pub(crate) failure: Option<Failure>,
}

impl std::fmt::Debug for CompiledStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompiledStep").field("id", &self.id).field("kind", &self.kind.map(|k| k.name)).finish()
    }
}

impl CompiledStep {
    fn new(step: &Step) -> CompiledStep {
        let kind = steps::kind(&step.kind);
        let behaviour = match kind {
            Some(kind) => (kind.parse)(&step.fields),
            None => Err(format!(
                "This version of {} does not know steps of the kind “{}”.",
                base::product::name(),
                step.kind
            )),
        };
        CompiledStep {
            id: step.id.clone(),
            title: step.title.clone().filter(|t| !t.trim().is_empty()),
            kind,
            behaviour,
            failure: step.failure.clone(),
        }
    }

    /// The owner's name for it, else its kind's.
    pub(crate) fn name(&self) -> &str {
        self.title.as_deref().or_else(|| self.kind.map(|k| k.title)).unwrap_or(&self.id)
    }
}

impl Compiled {
    /// Takes any definition: what [`crate::validate`] calls an error makes a run fail only when it gets there.
    pub fn new(definition: Definition) -> Compiled {
        let mut flows = Vec::with_capacity(definition.flows.len());
        let mut by_id = HashMap::new();
        for (place, flow) in definition.flows.iter().enumerate() {
            by_id.entry(flow.id.clone()).or_insert(place);
            let mut steps = HashMap::with_capacity(flow.steps.len());
            for (i, step) in flow.steps.iter().enumerate() {
                steps.entry(step.id.clone()).or_insert(i);
            }
            let mut ways: Vec<Vec<(String, usize)>> = vec![Vec::new(); flow.steps.len()];
            for edge in &flow.edges {
                if let (Some(&from), Some(&to)) = (steps.get(&edge.from), steps.get(&edge.to))
                    && !ways[from].iter().any(|(branch, _)| *branch == edge.branch)
                {
                    ways[from].push((edge.branch.clone(), to));
                }
            }
            flows.push(CompiledFlow {
                id: flow.id.clone(),
                steps: flow.steps.iter().map(CompiledStep::new).collect(),
                by_id: steps,
                ways,
            });
        }
        let set = |words: &[String]| words.iter().map(|w| fold(w)).filter(|w| !w.is_empty()).collect();
        let mut doors: Vec<(Place, Door)> = Vec::new();
        for (flow, compiled) in flows.iter().enumerate() {
            for (step, compiled) in compiled.steps.iter().enumerate() {
                if let Some(door) = compiled.behaviour.as_ref().ok().and_then(|b| b.door()) {
                    doors.push((Place { flow, step }, door));
                }
            }
        }
        doors.sort_by_key(|(_, door)| door.rank());
        Compiled {
            human: set(&definition.settings.human_words),
            restart: set(&definition.settings.restart_words),
            stop: set(&definition.settings.stop_words),
            back: set(&definition.settings.back_words),
            reads: Reads::of(&definition),
            definition,
            flows,
            by_id,
            doors,
        }
    }

    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    pub fn reads(&self) -> Reads {
        self.reads
    }

    /// The beginnings of a kind, such as `schedule`: the flow's id, the step's id and its fields.
    pub fn entries<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a serde_json::Map<String, Value>)> + 'a {
        self.definition.flows.iter().flat_map(move |f| {
            f.steps.iter().filter(move |s| s.kind == kind).map(|s| (f.id.as_str(), s.id.as_str(), &s.fields))
        })
    }

    /// The owner's name of a step, else its kind's.
    pub fn name_of(&self, flow: &str, step: &str) -> Option<&str> {
        self.place(flow, step).map(|place| self.step(place).name())
    }

    /// The name of a step's kind.
    pub fn kind_of(&self, flow: &str, step: &str) -> Option<&'static str> {
        self.place(flow, step).and_then(|place| self.step(place).kind).map(|kind| kind.name)
    }

    /// Whether a run that stands there could go on.
    pub fn has_step(&self, flow: &str, step: &str) -> bool {
        self.place(flow, step).is_some()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.definition.settings.limits
    }

    pub(crate) fn doors(&self) -> &[(Place, Door)] {
        &self.doors
    }

    /// What a message may be about, by the examples of the doors that have some.
    pub(crate) fn classes(&self) -> Vec<Class> {
        let of = |(place, door): &(Place, Door)| match &door.on {
            On::Intent { examples } if !examples.is_empty() => {
                Some(Class { id: self.name_of_place(*place), examples: examples.clone() })
            }
            _ => None,
        };
        self.doors.iter().filter_map(of).collect()
    }

    /// A name for a place that a class can carry.
    pub(crate) fn name_of_place(&self, place: Place) -> String {
        format!("{}/{}", self.flows[place.flow].id, self.step(place).id)
    }

    pub(crate) fn flow(&self, flow: usize) -> &CompiledFlow {
        &self.flows[flow]
    }

    pub(crate) fn flow_at(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn place(&self, flow: &str, step: &str) -> Option<Place> {
        let flow = self.flow_at(flow)?;
        Some(Place { flow, step: *self.flows[flow].by_id.get(step)? })
    }

    /// Only for places that this made.
    pub(crate) fn step(&self, place: Place) -> &CompiledStep {
        &self.flows[place.flow].steps[place.step]
    }

    pub(crate) fn way(&self, from: Place, branch: &str) -> Option<Place> {
        let ways = &self.flows.get(from.flow)?.ways.get(from.step)?;
        let step = ways.iter().find(|(name, _)| name == branch).map(|(_, to)| *to)?;
        Some(Place { flow: from.flow, step })
    }

    /// The first step of a kind, in this flow before the others.
    pub(crate) fn first(&self, kind: &str, near: Option<usize>) -> Option<Place> {
        let of = |flow: usize| {
            let step = self.flows[flow].steps.iter().position(|s| s.kind.is_some_and(|k| k.name == kind))?;
            Some(Place { flow, step })
        };
        near.filter(|f| *f < self.flows.len()).and_then(of).or_else(|| (0..self.flows.len()).find_map(of))
    }

    /// The step of a kind in one flow.
    pub(crate) fn first_in(&self, flow: usize, kind: &str) -> Option<Place> {
        let step = self.flows.get(flow)?.steps.iter().position(|s| s.kind.is_some_and(|k| k.name == kind))?;
        Some(Place { flow, step })
    }

    /// The first beginning of a flow.
    pub(crate) fn first_entry(&self, flow: usize) -> Option<Place> {
        let step = self.flows.get(flow)?.steps.iter().position(|s| s.kind.is_some_and(|k| k.entry))?;
        Some(Place { flow, step })
    }

    pub(crate) fn asks_for_person(&self, text: &str) -> bool {
        is_word(&self.human, text)
    }

    pub(crate) fn asks_for_restart(&self, text: &str) -> bool {
        is_word(&self.restart, text)
    }

    /// Whether a message is one of the words for no more messages; then the engine says `words.stopped`.
    pub fn asks_to_stop(&self, text: &str) -> bool {
        is_word(&self.stop, text)
    }

    pub(crate) fn asks_to_go_back(&self, text: &str) -> bool {
        is_word(&self.back, text)
    }
}

fn is_word(words: &HashSet<String>, text: &str) -> bool {
    text.len() <= MAX_WORD_BYTES && !words.is_empty() && words.contains(&fold(text))
}
