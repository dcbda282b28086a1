//! A conversation for tests: plays events into a flow and remembers what came of them.

use base::Time;
use base::message::Content;
use serde_json::{Map, Value, json};

use crate::compiled::Compiled;
use crate::definition::Definition;
use crate::engine::advance;
use crate::event::{Context, Effect, EffectKind, Event, EventKind, Hop, Incoming, Outcome};
use crate::state::{RunState, Status, Wait};
use crate::steps;

/// Wednesday, 4 March 2026, 10:00 in UTC and 11:00 in Berlin.
pub(crate) const START: Time = Time(1_772_618_400_000);

/// A conversation under test. Each call that plays an event gives the conversation back, so that calls can follow.
pub(crate) struct Talk {
    pub(crate) flow: Compiled,
    pub(crate) state: RunState,
    pub(crate) context: Context,
    pub(crate) at: Time,
    unseen: Vec<String>,
    effects: Vec<Effect>,
    journal: Vec<String>,
    notes: Vec<String>,
    path: Vec<Hop>,
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// `[["a", "next", "b"]]` as edges; edges written out stay as they are.
fn edges(edges: &Value) -> Value {
    let edge = |e: &Value| match e.as_array() {
        Some(parts) => json!({"from": parts[0], "branch": parts[1], "to": parts[2]}),
        None => e.clone(),
    };
    edges.as_array().map(|all| all.iter().map(edge).collect()).unwrap_or_default()
}

impl Talk {
    /// A flow of these steps (`{id, kind, fields}`) and ways (`["from", "way", "to"]`).
    pub(crate) fn new(steps: Value, ways: Value) -> Talk {
        Talk::flows(json!([{"id": "main", "name": "Main", "steps": steps, "edges": edges(&ways)}]))
    }

    /// Several flows; their `edges` may be short, too.
    pub(crate) fn flows(mut flows: Value) -> Talk {
        for flow in flows.as_array_mut().unwrap() {
            flow["edges"] = edges(&flow["edges"]);
        }
        let definition: Definition = serde_json::from_value(json!({"format": 2, "flows": flows})).unwrap();
        let context = Context {
            conversation: map(json!({"id": "c", "channel": "whatsapp"})),
            business: map(json!({"name": "Sample", "currency": "EUR", "language": "en"})),
            timezone: "Europe/Berlin".into(),
            seed: 7,
            ..Context::default()
        };
        Talk {
            flow: Compiled::new(definition),
            state: RunState::default(),
            context,
            at: START,
            unseen: Vec::new(),
            effects: Vec::new(),
            journal: Vec::new(),
            notes: Vec::new(),
            path: Vec::new(),
        }
    }

    /// One step called `it`, each of whose ways leads to an end, begun by a message “begin”.
    pub(crate) fn of(kind: &str, fields: Value) -> Talk {
        let ways: Vec<String> = {
            let known = steps::kind(kind).unwrap_or_else(|| panic!("no kind {kind}"));
            known.ways(&map(fields.clone())).into_iter().map(str::to_owned).collect()
        };
        let mut edges = vec![json!(["begin", "next", "it"])];
        edges.extend(ways.iter().map(|way| json!(["it", way, "done"])));
        let steps = json!([
            {"id": "begin", "kind": "message_received"},
            {"id": "it", "kind": kind, "fields": fields},
            {"id": "done", "kind": "end"},
        ]);
        Talk::new(steps, Value::Array(edges))
    }

    /// The same, already begun.
    pub(crate) fn begun(kind: &str, fields: Value) -> Talk {
        let mut talk = Talk::of(kind, fields);
        talk.says("begin");
        talk
    }

    /// Another channel.
    pub(crate) fn on(mut self, channel: &str) -> Talk {
        self.context.conversation.insert("channel".into(), channel.into());
        self
    }

    pub(crate) fn play(&mut self, kind: EventKind) -> &mut Talk {
        // Through JSON each time, as after a restart of the program.
        let state = serde_json::from_str(&serde_json::to_string(&self.state).unwrap()).unwrap();
        let event = Event { at: self.at, kind };
        let advanced = advance(&self.flow, state, &event, &self.context);
        self.state = advanced.state;
        self.unseen.extend(advanced.effects.iter().filter_map(|e| match &e.kind {
            EffectKind::Send { content: Content::Text { text }, .. } => Some(text.clone()),
            EffectKind::Send { content, .. } => Some(format!("[{}] {}", content.kind(), content.words()).trim().into()),
            _ => None,
        }));
        self.effects = advanced.effects;
        (self.journal, self.notes) = advanced.journal.into_iter().map(|e| (e.title, e.note)).unzip();
        self.path = advanced.path;
        self
    }

    /// The customer writes; what comes first begins the flow.
    pub(crate) fn says(&mut self, text: &str) -> &mut Talk {
        self.hears(Incoming::words(text))
    }

    pub(crate) fn hears(&mut self, message: Incoming) -> &mut Talk {
        self.play(EventKind::Message { message })
    }

    /// The customer sends something that is not a mere text.
    pub(crate) fn shows(&mut self, content: Content) -> &mut Talk {
        self.hears(Incoming { text: content.words().to_owned(), content, ..Incoming::words("") })
    }

    pub(crate) fn picks(&mut self, id: &str, title: &str) -> &mut Talk {
        self.shows(Content::Picked { id: id.into(), title: title.into() })
    }

    /// What is waited for outside comes to an end.
    pub(crate) fn outcome(&mut self, outcome: Outcome) -> &mut Talk {
        let seq = self.state.threads.iter().find_map(|t| match t.wait {
            Some(Wait::Effect { seq, .. } | Wait::Route { seq }) => Some(seq),
            _ => None,
        });
        let seq = seq.expect("nothing outside is waited for");
        self.play(EventKind::EffectDone { seq, outcome, cost_cents: 0.0 })
    }

    /// Time goes by, with the alarms that ring meanwhile.
    pub(crate) fn passes(&mut self, ms: u64) -> &mut Talk {
        let until = self.at.plus(std::time::Duration::from_millis(ms));
        for _ in 0..100 {
            let Some(due) = self.state.wake_at().filter(|due| *due <= until) else { break };
            self.at = due;
            self.play(EventKind::Timer);
        }
        self.at = until;
        self
    }

    /// What the customer was told since this was asked last: texts, and `[kind] words` of other messages.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        std::mem::take(&mut self.unseen)
    }

    /// What the last event wanted to be done.
    pub(crate) fn effects(&self) -> Vec<&EffectKind> {
        self.effects.iter().map(|e| &e.kind).collect()
    }

    /// The messages that the last event sent.
    pub(crate) fn contents(&self) -> Vec<&Content> {
        self.effects
            .iter()
            .filter_map(|e| match &e.kind {
                EffectKind::Send { content, .. } => Some(content),
                _ => None,
            })
            .collect()
    }

    /// A variable; null when there is none.
    pub(crate) fn var(&self, name: &str) -> Value {
        self.state.variables().get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn status(&self) -> Status {
        self.state.status()
    }

    /// The titles of what the last event wrote into the journal.
    pub(crate) fn journal(&self) -> Vec<&str> {
        self.journal.iter().map(String::as_str).collect()
    }

    /// What stands beside those titles.
    pub(crate) fn notes(&self) -> Vec<&str> {
        self.notes.iter().map(String::as_str).collect()
    }

    /// By which way the last event left the step `it`; empty while the run waits there.
    pub(crate) fn way(&self) -> &str {
        self.way_of("it")
    }

    /// By which way the last event left a step.
    pub(crate) fn way_of(&self, step: &str) -> &str {
        let left = self.path.iter().rev().find(|h| h.step == step);
        left.and_then(|h| h.branch.as_deref()).unwrap_or_default()
    }
}

/// The messages of what is wrong with one step with these fields.
pub(crate) fn findings(kind: &str, fields: Value) -> Vec<String> {
    let found = crate::validate::check_alone(kind, map(fields));
    found.into_iter().map(|f| f.message).collect()
}

/// Whether one of the findings about a step says this.
pub(crate) fn warns(kind: &str, fields: Value, part: &str) {
    let found = findings(kind, fields);
    assert!(found.iter().any(|m| m.contains(part)), "{kind}: “{part}” is not among {found:#?}");
}
