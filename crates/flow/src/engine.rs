//! The reducer: a run's state and an event in; its next state, what to do, and the diary out.

mod route;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::compiled::{Compiled, CompiledStep, Place};
use crate::definition::Then;
use crate::event::{Advance, Context, EffectKind, Event, EventKind, Hop, Incoming, Outcome};
use crate::run::{Next, Run, Stepped, later};
use crate::state::{Frame, RunState, Status, Thread, Wait};

/// Steps that one event may lead through.
pub(crate) const MAX_STEPS_AT_ONCE: u32 = 10_000;
/// A message during a pause longer than this is answered at once; a shorter pause is waited out first.
const SHORT_PAUSE: Duration = Duration::from_secs(60);
/// Longest pause before a try, in milliseconds.
const MAX_BACKOFF_MS: u64 = 3_600_000;

/// Works one event into a run.
///
/// Total and deterministic: the same flow, state, event and context always give the same result, whatever they hold.
/// What a flow does wrong ends in [`Status::Failed`], a line in the journal, and a person being called.
pub fn advance(flow: &Compiled, state: RunState, event: &Event, context: &Context) -> Advance {
    let mut run = Run::new(flow, state, context, event.at);
    if run.state.used.since.is_none() {
        run.state.used.since = Some(event.at);
    }
    match &event.kind {
        EventKind::Started { message } => run.start(message.as_ref()),
        EventKind::Triggered { flow, step, data } => run.triggered(flow, step, data),
        EventKind::Message { message } => run.message(message),
        EventKind::Edited { was, message } => run.edited(was, message),
        EventKind::Deleted { text } => run.deleted(text),
        EventKind::EffectDone { seq, outcome, cost_cents } => run.effect_done(*seq, outcome, *cost_cents),
        EventKind::Timer => run.timer(),
        EventKind::PersonTookOver => run.hand("A person took over"),
        EventKind::PersonReleased => run.stop("The person gave the conversation back"),
        EventKind::Cancelled => run.stop("Stopped"),
        EventKind::VariableSet { name, value } => run.set_by_hand(name, value),
        EventKind::MovedTo { flow, step } => run.moved_to(flow, step),
    }
    run.drive();
    run.deliver_kept();
    run.drive();
    if run.journal.is_empty() {
        run.note("Went on", "");
    }
    if run.failed && run.state.status == Status::Failed && run.has_customer() {
        // A customer must not be left alone with a broken flow.
        run.effect(EffectKind::Handover {
            reason: "The flow stopped because of an error.".into(),
            note: String::new(),
        });
    }
    Advance { state: run.state, effects: run.effects, journal: run.journal, path: run.path }
}

impl<'a> Run<'a> {
    pub(crate) fn start(&mut self, message: Option<&Incoming>) {
        self.state.restart();
        self.state.status = Status::Active;
        self.current = 0;
        if let Some(message) = message {
            self.hear(message);
            if self.interrupted(message) {
                return;
            }
        }
        self.route(message);
    }

    fn triggered(&mut self, flow: &str, step: &str, data: &Value) {
        self.state.restart();
        let Some(place) = self.flow.place(flow, step) else {
            return self.fail("The step with which this was to begin is no longer in the flow.");
        };
        self.begin_at(place);
        if !data.is_null() && self.set_variable("trigger", data.clone()).is_err() {
            self.note("What the trigger brought along is too long", "");
        }
    }

    /// A single thread at a step.
    pub(crate) fn begin_at(&mut self, place: Place) {
        self.state.threads.clear();
        self.ready.clear();
        self.current = 0;
        if let Ok(at) = self.spawn(&self.flow.flow(place.flow).id.clone(), None) {
            self.current = at;
            self.state.status = Status::Active;
            let id = self.state.threads[at].id;
            self.ready.push_back((id, Ok(Next::Step(place))));
        }
    }

    fn message(&mut self, message: &Incoming) {
        match self.state.status {
            Status::Handed => self.note("Left to the person", &message.text),
            Status::Waiting => {
                if self.interrupted(message) {
                    return;
                }
                self.hear_while_waiting(message);
            }
            _ => self.start(Some(message)),
        }
    }

    fn hear_while_waiting(&mut self, message: &Incoming) {
        let threads = &self.state.threads;
        let replies = threads.iter().position(|t| matches!(t.wait, Some(Wait::Reply { .. })));
        if let Some(at) = replies {
            self.current = at;
            if let Some(Wait::Reply { tries, .. }) = threads[at].wait {
                self.reply(message, tries);
            }
            return;
        }
        if self.state.waits_for_effect() || threads.iter().any(|t| matches!(t.wait, Some(Wait::Retry { .. }))) {
            self.note("Kept until the current step is done", &message.text);
            return self.state.keep(message.clone());
        }
        let Some((at, until)) = threads.iter().enumerate().find_map(|(i, t)| match t.wait {
            Some(Wait::Until { at }) => Some((i, at)),
            _ => None,
        }) else {
            return self.start(Some(message));
        };
        self.current = at;
        if self.has_way("other") {
            self.hear(message);
            self.note("The customer wrote during the pause", "");
            self.leave(Ok(Next::branch("other")));
        } else if until.since(self.at) <= SHORT_PAUSE {
            self.note("Kept until the pause is over", &message.text);
            self.state.keep(message.clone());
        } else {
            // Nobody should wait a day for an answer because a reminder was planned.
            self.note("The customer wrote during the pause; the flow starts again", "");
            self.start(Some(message));
        }
    }

    fn reply(&mut self, message: &Incoming, tries: u32) {
        self.hear(message);
        let Some(behaviour) = self.behaviour() else { return self.fail_gone() };
        let next = behaviour.reply(self, message, tries);
        self.leave(next);
    }

    fn effect_done(&mut self, seq: u64, outcome: &Outcome, cost_cents: f64) {
        if cost_cents.is_finite() && cost_cents > 0.0 {
            self.state.used.cents += cost_cents;
        }
        let waiting = self.state.status == Status::Waiting;
        let Some(at) = self.state.threads.iter().position(|t| t.waits_for_effect(seq)).filter(|_| waiting) else {
            return self.note("A late result was left aside", "");
        };
        self.current = at;
        if matches!(self.state.threads[at].wait, Some(Wait::Route { .. })) {
            return self.routed(outcome);
        }
        let Some(behaviour) = self.behaviour() else { return self.fail_gone() };
        let next = match outcome {
            Outcome::Failed { message } => Ok(Next::Failed(message.clone())),
            outcome => behaviour.outcome(self, seq, outcome),
        };
        self.leave(next);
    }

    fn timer(&mut self) {
        let due: Vec<u32> =
            self.state.threads.iter().filter(|t| t.wake_at().is_some_and(|at| at <= self.at)).map(|t| t.id).collect();
        if self.state.status != Status::Waiting || due.is_empty() {
            return self.note("An alarm was left aside", "It was not due.");
        }
        for id in due {
            let Some(at) = self.state.threads.iter().position(|t| t.id == id) else { continue };
            self.current = at;
            let Some(behaviour) = self.behaviour() else { return self.fail_gone() };
            let next = match self.state.threads[at].wait {
                Some(Wait::Effect { .. }) => Ok(Next::Failed("It took too long.".into())),
                Some(Wait::Retry { .. }) => {
                    self.note("Tries again", "");
                    match self.place() {
                        Some(place) => Ok(Next::Step(place)),
                        None => return self.fail_gone(),
                    }
                }
                _ => behaviour.late(self),
            };
            self.leave(next);
        }
    }

    fn hand(&mut self, title: &str) {
        if matches!(self.state.status, Status::Ended | Status::Failed) {
            return self.note(title, "The run was over already.");
        }
        self.note(title, "");
        self.finish(Status::Handed);
    }

    fn stop(&mut self, title: &str) {
        self.note(title, "");
        // Whoever stops it has seen the messages.
        self.state.kept.clear();
        self.finish(Status::Ended);
    }

    fn set_by_hand(&mut self, name: &str, value: &Value) {
        let kept = match name.split_once('.') {
            Some(("contact", field)) => {
                self.state.contact.insert(field.to_owned(), value.clone());
                Ok(())
            }
            _ => self.set_variable(name, value.clone()),
        };
        match kept {
            Ok(()) => self.note("A value was changed by hand", name),
            Err(problem) => self.note("A value could not be changed", problem),
        }
    }

    /// Leaves everything else and goes on from a step.
    fn moved_to(&mut self, flow: &str, step: &str) {
        match self.flow.place(flow, step) {
            Some(place) => {
                self.note("A person moved this run on", self.flow.step(place).name());
                self.begin_at(place);
            }
            None => self.note("A person wanted to move this run", "The step is not in this version of the flow."),
        }
    }

    /// What the step of the current thread does.
    pub(crate) fn behaviour(&self) -> Option<&'a dyn crate::steps::Behaviour> {
        self.step().and_then(|step| step.behaviour.as_deref().ok())
    }

    /// The current thread no longer waits, and goes where a step said.
    pub(crate) fn leave(&mut self, next: Stepped<'a>) {
        let Some(thread) = self.thread_mut() else { return };
        if !matches!(next, Ok(Next::Wait)) {
            thread.wait = None;
        }
        let id = thread.id;
        self.ready.push_back((id, next));
    }

    pub(crate) fn fail(&mut self, message: &str) {
        self.note_surely("Stopped by an error", message);
        self.failed = true;
        self.finish(Status::Failed);
    }

    fn fail_gone(&mut self) {
        self.fail("The step that this conversation stood on is no longer in the flow.");
    }

    /// Moves every thread that has somewhere to go, until all of them wait or are over.
    pub(crate) fn drive(&mut self) {
        while let Some((id, next)) = self.ready.pop_front() {
            let Some(at) = self.state.threads.iter().position(|t| t.id == id) else { continue };
            self.current = at;
            self.follow(next);
        }
        if self.state.status == Status::Active && !self.state.threads.is_empty() {
            self.state.status = Status::Waiting;
        }
    }

    /// Goes on from step to step until the thread waits or is over.
    fn follow(&mut self, mut next: Stepped<'a>) {
        loop {
            next = match next {
                Ok(Next::Wait) => {
                    self.state.status = Status::Waiting;
                    return;
                }
                Ok(Next::Branch(branch)) => {
                    self.left_by(&branch);
                    match self.place().and_then(|from| self.flow.way(from, &branch)) {
                        Some(to) => self.enter(to),
                        None => match self.close() {
                            Some(next) => next,
                            None => return,
                        },
                    }
                }
                Ok(Next::Step(place)) => self.enter(place),
                Ok(Next::Leave) => match self.close() {
                    Some(next) => next,
                    None => return,
                },
                Ok(Next::Met) => {
                    let step = self.thread().and_then(|t| t.step.clone());
                    return self.thread_over(step.as_deref());
                }
                Ok(Next::Failed(message)) => self.failed_outside(&message, true),
                Ok(Next::Refused(message)) => self.failed_outside(&message, false),
                Ok(Next::Hand) => return self.finish(Status::Handed),
                Ok(Next::End) => return self.finish(Status::Ended),
                Err(message) => match self.unwind(&message) {
                    Some(next) => next,
                    None => return,
                },
            };
        }
    }

    fn enter(&mut self, place: Place) -> Stepped<'a> {
        let step: &'a CompiledStep = self.flow.step(place);
        self.steps += 1;
        self.state.used.steps += 1;
        let flow = &self.flow.flow(place.flow).id;
        if let Some(thread) = self.state.threads.get_mut(self.current) {
            match &mut thread.step {
                Some(old) => old.clone_from(&step.id),
                none => *none = Some(step.id.clone()),
            }
            if thread.flow != *flow {
                thread.flow.clone_from(flow);
            }
            thread.wait = None;
        }
        if self.steps > MAX_STEPS_AT_ONCE {
            return Err(format!(
                "The flow went through more than {MAX_STEPS_AT_ONCE} steps at once. Look for a circle in it."
            ));
        }
        self.within_limits()?;
        self.path.push(Hop { flow: flow.clone(), step: step.id.clone(), entered: true, branch: None });
        match &step.behaviour {
            Ok(behaviour) => behaviour.enter(self),
            Err(problem) => Err(problem.clone()),
        }
    }

    fn within_limits(&self) -> Result<(), String> {
        let (used, limits) = (&self.state.used, self.flow.limits());
        if used.steps > limits.steps {
            return Err(format!(
                "This run went through more than {} steps, which the bot's settings allow.",
                limits.steps
            ));
        }
        if used.cents > f64::from(limits.cents) {
            return Err(format!("This run cost more than {} cents, which the bot's settings allow.", limits.cents));
        }
        let most = Duration::from_secs(u64::from(limits.hours) * 3600);
        if used.since.is_some_and(|since| self.at.since(since) > most) {
            return Err(format!("This run took longer than {} hours, which the bot's settings allow.", limits.hours));
        }
        Ok(())
    }

    /// Notes by which way the current step was left.
    fn left_by(&mut self, branch: &str) {
        let Some((flow, step)) = self.thread().and_then(|t| Some((t.flow.as_str(), t.step.as_deref()?))) else {
            return;
        };
        let found = self.path.iter().rposition(|h| h.branch.is_none() && h.step == step && h.flow == flow);
        // Only the latest few can be the one; an older one was left long ago.
        match found.filter(|at| at + 8 >= self.path.len()) {
            Some(at) => self.path[at].branch = Some(branch.to_owned()),
            None => {
                let hop = Hop {
                    flow: flow.to_owned(),
                    step: step.to_owned(),
                    entered: false,
                    branch: Some(branch.to_owned()),
                };
                self.path.push(hop);
            }
        }
    }

    /// The body that the thread is in is over, or the thread, or the run.
    fn close(&mut self) -> Option<Stepped<'a>> {
        let Some(frame) = self.thread_mut()?.frames.pop() else {
            self.thread_over(None);
            return None;
        };
        Some(self.return_to(frame))
    }

    fn return_to(&mut self, frame: Frame) -> Stepped<'a> {
        let gone = || "The step that this conversation was to return to is no longer in the flow.".to_owned();
        let thread = self.thread_mut().ok_or_else(gone)?;
        thread.step = Some(frame.step().to_owned());
        let mut given = Map::new();
        let frame = match frame {
            Frame::Call { flow, step, mut locals } => {
                thread.flow.clone_from(&flow);
                std::mem::swap(&mut thread.locals, &mut locals);
                given = locals.unwrap_or_default();
                // An agent's tool is another flow as well: what is under the call tells whose it is.
                if let Some(Frame::Agent { .. }) = thread.frames.last() {
                    thread.frames.pop().ok_or_else(gone)?
                } else {
                    Frame::Call { flow, step, locals: None }
                }
            }
            frame => frame,
        };
        let behaviour = self.behaviour().ok_or_else(gone)?;
        behaviour.body_done(self, frame, given)
    }

    /// Ends the current thread. Its parent goes on when it waited for nothing else.
    pub(crate) fn thread_over(&mut self, met: Option<&str>) {
        if self.current >= self.state.threads.len() {
            return;
        }
        let thread: Thread = self.state.threads.remove(self.current);
        let Some(parent) = thread.parent else {
            if self.state.threads.is_empty() {
                if met.is_none() && thread.step.is_some() {
                    let entry = |t: &Thread| (Some(t.flow.clone()), t.step.clone());
                    let (flow, step) = entry(&thread);
                    self.journal.push(crate::event::Entry {
                        flow,
                        step,
                        title: "The flow ends here".into(),
                        ..Default::default()
                    });
                }
                self.finish(Status::Ended);
            }
            return;
        };
        let Some(at) = self.state.threads.iter().position(|t| t.id == parent) else { return };
        let Some(Wait::Join { open, first, met: known }) = &mut self.state.threads[at].wait else { return };
        *open = open.saturating_sub(1);
        if let Some(met) = met {
            known.get_or_insert_with(|| met.to_owned());
        }
        let done = *open == 0 || *first && met.is_some();
        if !done {
            return;
        }
        let join = known.clone();
        self.cancel_children(parent);
        let Some(at) = self.state.threads.iter().position(|t| t.id == parent) else { return };
        self.current = at;
        self.state.threads[at].wait = None;
        if let Some(join) = join {
            self.state.threads[at].step = Some(join);
        }
        self.ready.push_back((parent, Ok(Next::NEXT)));
    }

    fn cancel_children(&mut self, parent: u32) {
        let children: Vec<u32> = self.state.threads.iter().filter(|t| t.parent == Some(parent)).map(|t| t.id).collect();
        self.state.threads.retain(|t| t.parent != Some(parent));
        for child in children {
            self.cancel_children(child);
        }
    }

    /// The way on when something outside did not work.
    fn failed_outside(&mut self, message: &str, may_help: bool) -> Stepped<'a> {
        self.note("This did not work", message);
        let step = self.step().ok_or("The step is no longer in the flow.")?;
        let failure = step.failure.clone().unwrap_or_default();
        let tries = self.thread().map_or(0, |t| t.tries);
        if may_help && tries < failure.retries.min(10) {
            let pause = (failure.wait_ms.max(1) << tries.min(12)).min(MAX_BACKOFF_MS);
            let at = later(self.at, pause);
            if let Some(thread) = self.thread_mut() {
                thread.tries = tries + 1;
            }
            return Ok(self.wait(Wait::Retry { at }));
        }
        if let Some(thread) = self.thread_mut() {
            thread.tries = 0;
        }
        // What an agent remembers between its turns ends with its step.
        let _ = self.reopen();
        let instead = step.behaviour.as_ref().map_or("failed", |b| b.branch_instead_of_failed());
        match failure.then {
            Then::Default => {
                let value = failure.value.unwrap_or(Value::Null);
                match &step.behaviour {
                    Ok(behaviour) => behaviour.give(self, value),
                    Err(problem) => Err(problem.clone()),
                }
            }
            Then::Branch if self.has_way("failed") => Ok(Next::branch("failed")),
            Then::Branch if self.has_way(instead) => Ok(Next::branch(instead)),
            _ => Err(format!("{message} There is no way called “failed” from here.")),
        }
    }

    /// An error goes to the nearest “try” around it, then to the flow for errors; else the run stops.
    fn unwind(&mut self, message: &str) -> Option<Stepped<'a>> {
        let (flow, step) = match self.thread() {
            Some(t) => (t.flow.clone(), t.step.clone().unwrap_or_default()),
            None => (String::new(), String::new()),
        };
        let name = self.flow.name_of(&flow, &step).unwrap_or_default().to_owned();
        let error = json!({ "message": message, "step": name, "flow": flow });
        // More steps than may be is nothing that a flow could mend.
        let hopeless = self.steps > MAX_STEPS_AT_ONCE || self.within_limits().is_err();
        while !hopeless && let Some(frame) = self.thread_mut().and_then(|t| t.frames.pop()) {
            match frame {
                Frame::Call { flow, locals, .. } => {
                    let thread = self.thread_mut()?;
                    (thread.flow, thread.locals) = (flow, locals);
                }
                Frame::Try { step } => {
                    self.thread_mut()?.step = Some(step);
                    self.note("An error was caught", message);
                    return Some(self.set_variable("error", error).map(|()| Next::branch("caught")));
                }
                _ => {}
            }
        }
        if !hopeless
            && !self.state.error_seen
            && let Some(place) = self.flow.first("error_elsewhere", None)
        {
            self.note("An error; the flow for errors goes on", message);
            self.state.error_seen = true;
            self.state.threads.clear();
            self.ready.clear();
            self.current = self.spawn(&self.flow.flow(place.flow).id.clone(), None).ok()?;
            return Some(self.set_variable("error", error).map(|()| Next::Step(place)));
        }
        self.fail(message);
        None
    }

    /// Hands over what the customer said while something was under way, so that no message is dropped.
    fn deliver_kept(&mut self) {
        let busy = |t: &Thread| matches!(t.wait, Some(Wait::Until { .. } | Wait::Retry { .. } | Wait::Join { .. }));
        if self.state.kept.is_empty() {
            return;
        }
        if self.state.status == Status::Waiting
            && !self.state.waits_for_reply()
            && (self.state.waits_for_effect() || self.state.threads.iter().any(busy))
        {
            return;
        }
        let Some(message) = self.state.take_kept() else { return };
        match self.state.status {
            Status::Handed => self.note("Left to the person", &message.text),
            Status::Waiting if self.state.waits_for_reply() => {
                self.note("Delivered what the customer wrote meanwhile", &message.text);
                if !self.interrupted(&message) {
                    self.hear_while_waiting(&message);
                }
            }
            _ => {
                self.note("Starts again with what the customer wrote meanwhile", &message.text);
                self.start(Some(&message));
            }
        }
    }
}

#[cfg(test)]
#[path = "engine_properties.rs"]
mod properties;
#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
#[cfg(test)]
mod tests_logic;
