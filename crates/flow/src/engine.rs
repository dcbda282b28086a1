//! The reducer: a run's state and an event in; its next state, what to do, and the diary out.

use std::time::Duration;

use crate::compiled::Compiled;
use crate::definition::Step;
use crate::event::{Advance, Context, EffectKind, Event, EventKind, Incoming, Outcome};
use crate::run::{Next, Run, Stepped};
use crate::state::{RunState, Status, Wait};

/// Steps that one event may lead through.
const MAX_STEPS: usize = 200;
/// A message during a pause longer than this is answered at once; a shorter pause is waited out first.
const SHORT_PAUSE: Duration = Duration::from_secs(60);

/// Works one event into a run.
///
/// Total and deterministic: the same flow, state, event and context always give the same result, whatever they hold.
/// What a flow does wrong ends in [`Status::Failed`], a line in the journal, and a person being called.
pub fn advance(flow: &Compiled, state: RunState, event: &Event, context: &Context) -> Advance {
    let mut run = Run::new(flow, state, context, event.at);
    match &event.kind {
        EventKind::Started { message } => run.start(message.as_ref()),
        EventKind::Message { message } => run.message(message),
        EventKind::EffectDone { seq, outcome } => run.effect_done(*seq, outcome),
        EventKind::Timer => run.timer(),
        EventKind::PersonTookOver => run.hand("A person took over"),
        EventKind::PersonReleased => run.stop("The person gave the conversation back"),
        EventKind::Cancelled => run.stop("Stopped"),
    }
    run.deliver_kept();
    if run.failed && run.state.status == Status::Failed {
        // A customer must not be left alone with a broken flow.
        run.effect(EffectKind::Handover {
            reason: "The flow stopped because of an error.".into(),
            note: String::new(),
        });
    }
    Advance { state: run.state, effects: run.effects, journal: run.journal }
}

impl<'a> Run<'a> {
    fn start(&mut self, message: Option<&Incoming>) {
        self.state.restart();
        if let Some(message) = message {
            self.hear(message);
            if self.interrupted(message) {
                return;
            }
        }
        self.go_to_start();
    }

    fn go_to_start(&mut self) {
        match self.flow.start() {
            Some(start) => self.enter(start),
            None => self.fail("This flow has no start step. Add one."),
        }
    }

    fn message(&mut self, message: &Incoming) {
        // A copy of what it waits for: a word and a number.
        match (self.state.status, &self.state.wait.clone()) {
            (Status::Handed, _) => self.note("Left to the person", &message.text),
            (Status::Waiting, Some(_)) if self.interrupted(message) => {}
            (Status::Waiting, Some(Wait::Reply { tries, .. })) => {
                let tries = *tries;
                self.reply(message, tries);
            }
            (Status::Waiting, Some(Wait::Effect { .. })) => {
                self.note("Kept until the current step is done", &message.text);
                self.state.keep(message.clone());
            }
            (Status::Waiting, Some(Wait::Until { at })) => {
                let left = at.since(self.at);
                if self.has_way("other") {
                    self.hear(message);
                    self.note("The customer wrote during the pause", "");
                    self.follow(Ok(Next::branch("other")));
                } else if left <= SHORT_PAUSE {
                    self.note("Kept until the pause is over", &message.text);
                    self.state.keep(message.clone());
                } else {
                    // Nobody should wait a day for an answer because a reminder was planned.
                    self.note("The customer wrote during the pause; the flow starts again", "");
                    self.start(Some(message));
                }
            }
            _ => self.start(Some(message)),
        }
    }

    /// Whether the message asks for a person or for the beginning, and was dealt with.
    fn interrupted(&mut self, message: &Incoming) -> bool {
        if self.state.waits_for_reply()
            && self.current().is_some_and(|step| step.kind.behaviour().claims(self, message))
        {
            return false;
        }
        if self.flow.asks_for_person(&message.text)
            && let Some(handover) = self.flow.handover()
        {
            self.hear(message);
            self.state.wait = None;
            self.note("The customer asked for a person", &message.text);
            self.enter(handover);
            return true;
        }
        if self.flow.asks_for_restart(&message.text) {
            self.note("The customer started over", &message.text);
            self.state.restart();
            // The word has done its work; it is no question to be answered.
            self.hear(&Incoming { text: String::new(), ..message.clone() });
            self.go_to_start();
            return true;
        }
        false
    }

    fn reply(&mut self, message: &Incoming, tries: u32) {
        self.hear(message);
        let Some(step) = self.current() else { return self.fail_gone() };
        self.state.wait = None;
        let next = step.kind.behaviour().reply(self, message, tries);
        self.follow(next);
    }

    fn effect_done(&mut self, seq: u64, outcome: &Outcome) {
        if self.state.status != Status::Waiting || self.state.wait != Some(Wait::Effect { seq }) {
            return self.note("A late result was left aside", "");
        }
        let Some(step) = self.current() else { return self.fail_gone() };
        self.state.wait = None;
        let next = match outcome {
            Outcome::Failed { message } => self.failed_outside(step, message),
            outcome => step.kind.behaviour().outcome(self, seq, outcome),
        };
        self.follow(next);
    }

    /// The way on when something outside did not work.
    fn failed_outside(&mut self, step: &Step, message: &str) -> Stepped<'a> {
        self.note("This did not work", message);
        ["failed", step.kind.behaviour().branch_instead_of_failed()]
            .into_iter()
            .find(|branch| self.has_way(branch))
            .map(Next::branch)
            .ok_or_else(|| format!("{message} There is no way called “failed” from here."))
    }

    fn timer(&mut self) {
        let due = self.state.status == Status::Waiting && self.state.wake_at().is_some_and(|at| at <= self.at);
        if !due {
            return self.note("An alarm was left aside", "It was not due.");
        }
        let Some(step) = self.current() else { return self.fail_gone() };
        self.state.wait = None;
        let next = step.kind.behaviour().late(self);
        self.follow(next);
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

    fn current(&self) -> Option<&'a Step> {
        self.flow.step(self.flow.index(self.state.step.as_deref()?)?)
    }

    fn fail(&mut self, message: &str) {
        self.note("Stopped by an error", message);
        self.failed = true;
        self.finish(Status::Failed);
    }

    fn fail_gone(&mut self) {
        self.fail("The step that this conversation stood on is no longer in the flow.");
    }

    fn enter(&mut self, index: usize) {
        let next = self.step_into(index);
        self.follow(next);
    }

    fn step_into(&mut self, index: usize) -> Stepped<'a> {
        let Some(step) = self.flow.step(index) else { return Err("A step is missing.".into()) };
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(format!("The flow went through more than {MAX_STEPS} steps at once. Look for a circle in it."));
        }
        self.state.step = Some(step.id.clone());
        step.kind.behaviour().enter(self)
    }

    /// Goes on from step to step until the run waits or is over.
    fn follow(&mut self, mut next: Stepped<'a>) {
        loop {
            next = match next {
                Err(message) => return self.fail(&message),
                Ok(Next::Wait) => return self.state.status = Status::Waiting,
                Ok(Next::Hand) => return self.finish(Status::Handed),
                Ok(Next::End) => return self.finish(Status::Ended),
                Ok(Next::Branch(branch)) => {
                    let from = self.state.step.as_deref().and_then(|id| self.flow.index(id));
                    match from.and_then(|from| self.flow.way(from, &branch)) {
                        Some(to) => self.step_into(to),
                        None => {
                            self.note("The flow ends here", format!("Nothing follows “{branch}”."));
                            return self.finish(Status::Ended);
                        }
                    }
                }
            };
        }
    }

    /// Hands over what the customer said while something was under way, so that no message is dropped.
    fn deliver_kept(&mut self) {
        if self.state.kept.is_empty()
            || self.state.waits_for_effect()
            || matches!(self.state.wait, Some(Wait::Until { .. }))
        {
            return;
        }
        let Some(message) = self.state.take_kept() else { return };
        // A copy of what it waits for: a word and a number.
        match (self.state.status, &self.state.wait.clone()) {
            (Status::Handed, _) => self.note("Left to the person", &message.text),
            (Status::Waiting, Some(Wait::Reply { tries, .. })) => {
                let tries = *tries;
                self.note("Delivered what the customer wrote meanwhile", &message.text);
                if !self.interrupted(&message) {
                    self.reply(&message, tries);
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
