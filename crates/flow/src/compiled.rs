//! A flow prepared for running: steps and ways are found without searching.

use std::collections::{HashMap, HashSet};

use crate::definition::{Flow, Step};
use crate::steps::StepKind;
use crate::words::fold;

/// Longest message that is compared with the words for a person and for starting over, in bytes.
const MAX_WORD_BYTES: usize = 120;

/// A flow with its indexes; made once per version and shared.
#[derive(Clone, Debug)]
pub struct Compiled {
    flow: Flow,
    steps: HashMap<String, usize>,
    /// For each step, where its branches lead.
    ways: Vec<Vec<(String, usize)>>,
    start: Option<usize>,
    handover: Option<usize>,
    human: HashSet<String>,
    restart: HashSet<String>,
}

impl Compiled {
    /// Takes any flow: what [`crate::validate`] calls an error makes a run fail only when it gets there.
    pub fn new(flow: Flow) -> Compiled {
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
        let first = |is: fn(&StepKind) -> bool| flow.steps.iter().position(|step| is(&step.kind));
        let set = |words: &[String]| words.iter().map(|w| fold(w)).filter(|w| !w.is_empty()).collect();
        Compiled {
            start: first(|kind| matches!(kind, StepKind::Start(_))),
            handover: first(|kind| matches!(kind, StepKind::Handover(_))),
            human: set(&flow.settings.human_words),
            restart: set(&flow.settings.restart_words),
            steps,
            ways,
            flow,
        }
    }

    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.steps.get(id).copied()
    }

    pub(crate) fn step(&self, index: usize) -> Option<&Step> {
        self.flow.steps.get(index)
    }

    pub(crate) fn way(&self, from: usize, branch: &str) -> Option<usize> {
        self.ways.get(from)?.iter().find(|(name, _)| name == branch).map(|(_, to)| *to)
    }

    pub(crate) fn start(&self) -> Option<usize> {
        self.start
    }

    pub(crate) fn handover(&self) -> Option<usize> {
        self.handover
    }

    pub(crate) fn asks_for_person(&self, text: &str) -> bool {
        text.len() <= MAX_WORD_BYTES && self.handover.is_some() && self.human.contains(&fold(text))
    }

    pub(crate) fn asks_for_restart(&self, text: &str) -> bool {
        text.len() <= MAX_WORD_BYTES && self.restart.contains(&fold(text))
    }
}
