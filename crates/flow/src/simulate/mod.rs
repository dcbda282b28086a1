//! The simulator: a conversation played on a clock that obeys, with the engine that real ones run on and nothing outside.
//!
//! A script is always played from its beginning, so that the same script gives the same talk, and the beginning of a script
//! the beginning of its talk.

mod check;
mod clock;
mod effects;
mod shapes;
mod words;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use base::Time;
use base::message::{Content, Media};
use serde_json::{Map, Value, json};

pub use check::{Branching, Coverage, Difference, check_test, coverage, expected};
pub use shapes::{
    Action, Channel, Failing, FileKind, Line, Pending, Simulated, Simulation, Visit, Waits, WaitsFor, Who, World,
};

use clock::FollowUp;

use crate::compiled::{Compiled, Place};
use crate::engine::advance;
use crate::event::{Context, Effect, Entry, Event, EventKind, Hop, Incoming, Outcome};
use crate::run::Run;
use crate::state::{MAX_TEXT_BYTES, RunState, Status, Thread, Wait, cut};

/// Actions of one script.
pub const MAX_ACTIONS: usize = 200;
/// Lines of one talk.
pub const MAX_LINES: usize = 500;
/// Steps that the path tells.
const MAX_VISITS: usize = 5_000;
/// Steps that a script may lead through.
const MAX_HOPS: usize = 30_000;
const MAX_EVENTS: u32 = 2_000;
/// The clock goes no further: in the year 9800 calendars are still known.
const LATEST: Time = Time(247_000_000_000_000);
/// Longest leap of the clock.
const MAX_PASS_MS: u64 = 366 * 24 * 3_600_000;
/// WhatsApp takes free text for this long after the customer's last message.
const WINDOW: Duration = Duration::from_secs(24 * 3600);
/// Longest name of a file or a button, in bytes.
const MAX_NAME_BYTES: usize = 200;
/// Silence that an “inactivity” trigger waits for when it does not say so.
const SILENT_MS: u64 = 3_600_000;

/// Plays a script from its beginning. Total and deterministic; nothing leaves the program.
pub fn simulate(flow: &Compiled, script: &Simulation, world: &World) -> Simulated {
    let mut play = Play::new(flow, script, world);
    for (i, action) in script.actions.iter().take(MAX_ACTIONS).enumerate() {
        play.action = u32::try_from(i).unwrap_or(u32::MAX);
        play.act(action);
        play.settle();
        if play.stopped.is_some() {
            break;
        }
    }
    if script.actions.len() > MAX_ACTIONS {
        play.stopped.get_or_insert_with(|| format!("Only the first {MAX_ACTIONS} actions were played."));
    }
    play.simulated()
}

/// A simulation under way.
struct Play<'a> {
    flow: &'a Compiled,
    script: &'a Simulation,
    now: Time,
    action: u32,
    state: RunState,
    /// The run has no customer.
    alone: bool,
    /// A person has the conversation.
    person: bool,
    contact: Map<String, Value>,
    conversation: Map<String, Value>,
    /// The business and what all conversations share; the rest is filled in for each event.
    context: Context,
    lines: Vec<Line>,
    path: Vec<Visit>,
    /// What the customer wrote; nothing where they took it back.
    said: Vec<Option<String>>,
    last_heard: Option<Time>,
    pending: Vec<Effect>,
    /// For effects that have not come yet.
    outcomes: BTreeMap<u64, Outcome>,
    failing: BTreeMap<u64, Failing>,
    failing_next: Vec<Failing>,
    /// So many messages will not arrive.
    refused: u32,
    follow_ups: Vec<FollowUp>,
    /// When the customer's silence is noticed, and how often it was.
    silence: Option<Time>,
    silences: u64,
    events: u32,
    hops: usize,
    error: Option<String>,
    stopped: Option<String>,
}

impl<'a> Play<'a> {
    fn new(flow: &'a Compiled, script: &'a Simulation, world: &World) -> Play<'a> {
        Play {
            flow,
            script,
            now: script.start_at.clamp(Time::ZERO, LATEST),
            action: 0,
            state: RunState::default(),
            alone: false,
            person: false,
            contact: script.contact.clone(),
            conversation: Map::new(),
            context: Context {
                business: world.business.clone(),
                words: world.words.clone(),
                workspace: world.workspace.clone(),
                counters: world.counters.clone(),
                timezone: world.timezone.clone(),
                seed: world.seed,
                ..Context::default()
            },
            lines: Vec::new(),
            path: Vec::new(),
            said: Vec::new(),
            last_heard: None,
            pending: Vec::new(),
            outcomes: BTreeMap::new(),
            failing: BTreeMap::new(),
            failing_next: Vec::new(),
            refused: 0,
            follow_ups: Vec::new(),
            silence: None,
            silences: 0,
            events: 0,
            hops: 0,
            error: None,
            stopped: None,
        }
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Say { text } => self.hear(Content::text(shortened(text, MAX_TEXT_BYTES))),
            Action::Pick { id, title } => {
                let (id, title) = (shortened(id, MAX_NAME_BYTES), shortened(title, MAX_NAME_BYTES));
                self.hear(Content::Picked { id, title });
            }
            Action::SendFile { kind, filename } => self.hear(file(*kind, filename)),
            Action::SendLocation { latitude, longitude } => {
                let (latitude, longitude) = (*latitude, *longitude);
                self.hear(Content::Location { latitude, longitude, name: None, address: None });
            }
            Action::Pass { ms } => {
                let until = self.now.plus(Duration::from_millis((*ms).min(MAX_PASS_MS)));
                self.pass(until);
            }
            Action::UntilNext => match self.next_at() {
                Some(at) => self.pass(at),
                None => self.note("Nothing is planned: without the customer nothing more happens.".into(), None, None),
            },
            Action::Trigger { step } => self.trigger(step),
            Action::Person { on } => self.person(*on),
            Action::Set { name, value } => self.set(name, value),
            Action::Outcome { seq, outcome } => match self.pending.iter().any(|e| e.seq == *seq) {
                true => self.done(*seq, outcome.clone()),
                false => drop(self.outcomes.insert(*seq, outcome.clone())),
            },
            Action::Fail { seq, how } => self.fail(*seq, *how),
            Action::Edit { nth, text } => self.correct(*nth, Some(shortened(text, MAX_TEXT_BYTES))),
            Action::Delete { nth } => self.correct(*nth, None),
        }
    }

    /// The customer sends something.
    fn hear(&mut self, content: Content) {
        let text = content.words().to_owned();
        self.line(Who::Customer, Some(content.clone()), None, None, None);
        self.said.push(Some(text.clone()));
        self.last_heard = Some(self.now);
        self.follow_ups.retain(|f| !f.unless_reply);
        let after = self.flow.entries("inactivity").map(|(.., fields)| after_ms(fields, SILENT_MS)).min();
        (self.silence, self.silences) = (after.map(|ms| later(self.now, ms)), 0);
        if self.person {
            return;
        }
        let message = Incoming {
            content,
            language: self.contact.get("language").and_then(Value::as_str).filter(|l| !l.is_empty()).map(str::to_owned),
            first_contact: self.script.first_contact && self.said.len() == 1,
            ..Incoming::words(text)
        };
        if self.state.status() == Status::Waiting && !self.alone {
            return self.event(EventKind::Message { message });
        }
        self.begin(false);
        match self.own_beginning(&message) {
            Some(place) => {
                let context = self.context();
                let mut run = Run::new(self.flow, std::mem::take(&mut self.state), &context, self.now);
                run.hear(&message);
                self.state = run.state;
                self.triggered(place, Value::Null);
            }
            None => self.event(EventKind::Started { message: Some(message) }),
        }
    }

    /// Where a flow that is tried begins although no message leads to it, such as one that others call.
    fn own_beginning(&self, message: &Incoming) -> Option<Place> {
        let flow = self.flow.flow_at(self.script.flow.as_deref()?)?;
        let text = &message.text;
        let has_door = self.flow.doors().iter().any(|(place, _)| place.flow == flow);
        if has_door
            || self.flow.asks_for_person(text)
            || self.flow.asks_to_stop(text)
            || self.flow.asks_for_restart(text)
        {
            return None;
        }
        let place = self.flow.first_in(flow, "called").or_else(|| self.flow.first_entry(flow))?;
        (!self.is_alone(place)).then_some(place)
    }

    /// Whether what begins there has nobody to write to.
    fn is_alone(&self, place: Place) -> bool {
        let step = &self.flow.definition().flows[place.flow].steps[place.step];
        let empty = |field: &str| step.fields.get(field).and_then(Value::as_str).is_none_or(|v| v.trim().is_empty());
        match step.kind.as_str() {
            "schedule" => empty("for_tag"),
            "webhook" => empty("customer"),
            _ => false,
        }
    }

    /// A run of its own, in the place of one that is over.
    fn begin(&mut self, alone: bool) {
        self.alone = alone;
        self.error = None;
        // Numbers go on, so that an outcome is never taken for that of an earlier run.
        self.state = RunState { next_seq: self.state.next_seq, ..RunState::default() };
        self.pending.clear();
    }

    fn triggered(&mut self, place: Place, data: Value) {
        let flow = self.flow.flow(place.flow).id.clone();
        let step = self.flow.step(place).id.clone();
        self.event(EventKind::Triggered { flow, step, data });
    }

    /// Begins a flow, unless something is under way or a person has the conversation. Tells whether it began.
    fn begin_at(&mut self, place: Place, data: Value, explain: bool) -> bool {
        let name = words::flow_name(self.flow, &self.flow.flow(place.flow).id);
        let alone = self.is_alone(place);
        let why = match () {
            () if self.person && !alone => "a person has the conversation",
            () if self.state.status() == Status::Waiting => "the conversation is in the middle of something",
            () => {
                self.begin(alone);
                self.triggered(place, data);
                return true;
            }
        };
        let id = self.flow.flow(place.flow).id.clone();
        let step = self.flow.step(place).id.clone();
        if explain {
            self.note(format!("“{name}” does not begin now, because {why}."), Some(id), Some(step));
        }
        false
    }

    fn trigger(&mut self, step: &str) {
        let flows = &self.flow.definition().flows;
        let own = self.script.flow.as_deref().or_else(|| flows.first().map(|f| f.id.as_str()));
        let place = own
            .and_then(|flow| self.flow.place(flow, step))
            .or_else(|| flows.iter().find_map(|flow| self.flow.place(&flow.id, step)));
        match place {
            Some(place) => drop(self.begin_at(place, Value::Null, true)),
            None => self.note("The step with which this was to begin is not in the flow.".into(), None, None),
        }
    }

    fn person(&mut self, on: bool) {
        let status = self.state.status();
        self.person = on;
        match (on, status) {
            (true, Status::Waiting) => self.event(EventKind::PersonTookOver),
            (false, Status::Handed) => self.event(EventKind::PersonReleased),
            _ => {}
        }
    }

    fn set(&mut self, name: &str, value: &Value) {
        if let Some(("contact", field)) = name.split_once('.') {
            self.contact.insert(field.to_owned(), value.clone());
        }
        let entries = self.event_noted(EventKind::VariableSet { name: name.to_owned(), value: value.clone() });
        if let Some(refused) = entries.first().filter(|e| e.title == "A value could not be changed") {
            self.note(refused.note.clone(), None, None);
        }
    }

    /// The customer changes a message, or takes it back.
    fn correct(&mut self, nth: u32, text: Option<String>) {
        let said = usize::try_from(nth).ok().and_then(|nth| self.said.get_mut(nth)).filter(|said| said.is_some());
        let Some(was) = said.and_then(|said| std::mem::replace(said, text.clone())) else {
            return self.note("The customer has no such message.".into(), None, None);
        };
        if !matches!(self.state.status(), Status::Waiting | Status::Handed) {
            return self.note("The flow had used it already; nothing was taken back.".into(), None, None);
        }
        let entries = self.event_noted(match text {
            Some(text) => EventKind::Edited { was, message: Incoming::words(text) },
            None => EventKind::Deleted { text: was },
        });
        if let Some(entry) = entries.first() {
            let text =
                if entry.note.is_empty() { entry.title.clone() } else { format!("{}: {}", entry.title, entry.note) };
            self.note(text, None, None);
        }
    }

    fn context(&self) -> Context {
        let mut context = self.context.clone();
        context.seed = context.seed.wrapping_add(u64::from(self.events));
        if self.alone {
            return context;
        }
        context.contact = self.contact.clone();
        for (name, value) in
            [("id", json!("simulated")), ("name", json!("")), ("language", json!("")), ("tags", json!([]))]
        {
            context.contact.entry(name).or_insert(value);
        }
        context.conversation = self.conversation.clone();
        context.conversation.insert("id".into(), json!("simulated"));
        context.conversation.insert("channel".into(), json!(self.script.channel.name()));
        context
    }

    /// Whether there is room for one more.
    fn count_event(&mut self) -> bool {
        self.events += 1;
        if self.events > MAX_EVENTS || self.hops > MAX_HOPS {
            self.stopped.get_or_insert_with(|| {
                "More happens here than the simulator plays. Look for a circle in the flow, or let less time pass."
                    .into()
            });
        }
        self.stopped.is_none()
    }

    fn event(&mut self, kind: EventKind) {
        self.event_noted(kind);
    }

    /// Plays an event and what follows from it at once; gives the event's own lines of the diary.
    fn event_noted(&mut self, kind: EventKind) -> Vec<Entry> {
        let mut queue = VecDeque::from([kind]);
        let mut first = None;
        while let Some(kind) = queue.pop_front() {
            if !self.count_event() {
                break;
            }
            let context = self.context();
            let event = Event { at: self.now, kind };
            let advanced = advance(self.flow, std::mem::take(&mut self.state), &event, &context);
            self.state = advanced.state;
            if self.state.status() == Status::Failed
                && let Some(entry) = advanced.journal.iter().rfind(|e| e.title == "Stopped by an error")
            {
                self.error = Some(entry.note.clone());
            }
            first.get_or_insert(advanced.journal);
            self.walked(&advanced.path);
            for effect in crate::coalesce(advanced.effects) {
                let seq = effect.seq;
                if let Some(outcome) = self.perform(effect, &advanced.path) {
                    queue.push_back(EventKind::EffectDone { seq, outcome, cost_cents: 0.0 });
                }
            }
            let threads = &self.state.threads;
            self.pending.retain(|e| threads.iter().any(|t| t.waits_for_effect(e.seq)));
        }
        first.unwrap_or_default()
    }

    fn walked(&mut self, hops: &[Hop]) {
        self.hops += hops.len();
        for hop in hops {
            if !hop.entered {
                let open = |v: &&mut Visit| v.branch.is_none() && v.step == hop.step && v.flow == hop.flow;
                if let Some(visit) = self.path.iter_mut().rev().find(open) {
                    visit.branch.clone_from(&hop.branch);
                    continue;
                }
            }
            if self.path.len() < MAX_VISITS {
                let (flow, step, branch) = (hop.flow.clone(), hop.step.clone(), hop.branch.clone());
                self.path.push(Visit { flow, step, branch, at: self.now, action: self.action });
            }
        }
    }

    fn note(&mut self, text: String, flow: Option<String>, step: Option<String>) {
        self.line(Who::Note, None, Some(text), flow, step);
    }

    fn line(
        &mut self,
        who: Who,
        content: Option<Content>,
        text: Option<String>,
        flow: Option<String>,
        step: Option<String>,
    ) {
        if self.lines.len() >= MAX_LINES {
            self.stopped.get_or_insert_with(|| format!("The simulator shows {MAX_LINES} lines, and there are more."));
            return;
        }
        self.lines.push(Line { at: self.now, action: self.action, who, content, text, flow, step });
    }

    fn window_open(&self) -> bool {
        self.script.channel != Channel::Whatsapp || self.last_heard.is_some_and(|at| self.now.since(at) <= WINDOW)
    }

    fn waits(&self) -> Option<Waits> {
        let of = |thread: &Thread| {
            let (what, until) = match thread.wait.as_ref()? {
                Wait::Reply { .. } => (WaitsFor::Reply, thread.wake_at()),
                Wait::Effect { .. } | Wait::Route { .. } => (WaitsFor::Effect, thread.wake_at()),
                Wait::Until { .. } | Wait::Retry { .. } => (WaitsFor::Time, thread.wake_at()),
                Wait::Join { .. } => (WaitsFor::Join, self.state.wake_at()),
            };
            Some(Waits { what, until, step: thread.step.clone().unwrap_or_default() })
        };
        let waits = self.state.status() == Status::Waiting;
        self.state.threads.iter().filter_map(of).min_by_key(|w| w.what).filter(|_| waits)
    }

    fn simulated(self) -> Simulated {
        let status = match self.state.status() {
            Status::Failed => Status::Failed,
            _ if self.person && !self.alone => Status::Handed,
            status => status,
        };
        let pending = self.pending.iter().map(|e| Pending {
            seq: e.seq,
            step: e.step.clone(),
            effect: e.kind.name().into(),
            says: words::says(&e.kind),
        });
        Simulated {
            actions: self.script.actions.clone(),
            now: self.now,
            status,
            path: self.path.clone(),
            variables: self.state.variables().clone(),
            waits: self.waits(),
            pending: pending.collect(),
            window_open: self.window_open(),
            error: self.stopped.or(self.error),
            lines: self.lines,
            contact: self.contact,
            needs: self.pending,
        }
    }
}

fn later(at: Time, ms: u64) -> Time {
    at.plus(Duration::from_millis(ms))
}

fn after_ms(fields: &Map<String, Value>, ready: u64) -> u64 {
    fields.get("after_ms").and_then(Value::as_u64).unwrap_or(ready)
}

fn shortened(text: &str, bytes: usize) -> String {
    let mut text = text.to_owned();
    cut(&mut text, bytes);
    text
}

/// A file that nobody has: only its name and kind are known.
fn file(kind: FileKind, filename: &str) -> Content {
    let name = shortened(filename, MAX_NAME_BYTES);
    let ending = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    let mime = match (kind, ending.as_str()) {
        (FileKind::Image, "png") => "image/png",
        (FileKind::Image, "webp") => "image/webp",
        (FileKind::Image, _) => "image/jpeg",
        (FileKind::Video, _) => "video/mp4",
        (FileKind::Audio, "mp3") => "audio/mpeg",
        (FileKind::Audio, _) => "audio/ogg",
        (FileKind::Document, "txt") => "text/plain",
        (FileKind::Document, "csv") => "text/csv",
        (FileKind::Document, "docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (FileKind::Document, _) => "application/pdf",
    };
    let media = Media { mime: mime.into(), filename: Some(name), ..Media::default() };
    match kind {
        FileKind::Image => Content::Image { media, caption: None },
        FileKind::Video => Content::Video { media, caption: None },
        FileKind::Audio => Content::Audio { media, voice: true },
        FileKind::Document => Content::Document { media, caption: None },
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
