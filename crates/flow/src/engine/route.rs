//! Where a message leads before any step has seen it: to a person, back to the beginning, to an earlier question, or to the
//! flow that it is about.

use serde_json::json;

use crate::event::{EffectKind, Incoming, Outcome};
use crate::run::{Next, Run};
use crate::state::{Asked, Status, Thread, Wait};
use crate::steps::On;

/// How sure it must be what a customer wants.
const MIN_CONFIDENCE: f64 = 0.45;

impl<'a> Run<'a> {
    /// Finds the flow that a message is about and begins it.
    pub(super) fn route(&mut self, message: Option<&Incoming>) {
        let flow = self.flow;
        let heard = Incoming::words("");
        let message = message.unwrap_or(&heard);
        let particular = flow.doors().iter().find(|(_, door)| door.on.is_particular() && door.on.fits(message));
        if let Some((place, _)) = particular {
            return self.begin_at(*place);
        }
        let classes = flow.classes();
        if !classes.is_empty() && !message.text.trim().is_empty() {
            self.state.threads.clear();
            self.current = 0;
            let Ok(at) = self.spawn(&flow.flow(0).id.clone(), None) else { return };
            self.current = at;
            self.note("Looks for what the customer wants", &message.text);
            let (text, min_confidence) = (message.text.clone(), MIN_CONFIDENCE);
            let seq = self.effect(EffectKind::Classify { text, classes, min_confidence });
            self.wait(Wait::Route { seq });
            self.state.status = Status::Waiting;
            return;
        }
        self.begin_anywhere();
    }

    /// What was found out about the customer's wish.
    pub(super) fn routed(&mut self, outcome: &Outcome) {
        let label = match outcome {
            Outcome::Classified { label, .. } => label.as_deref(),
            // Without it the flow for everything is still right.
            _ => None,
        };
        let place = label.and_then(|l| l.split_once('/')).and_then(|(flow, step)| self.flow.place(flow, step));
        match place {
            Some(place) => {
                self.note("Found what the customer wants", self.flow.step(place).name());
                self.begin_at(place);
            }
            None => self.begin_anywhere(),
        }
    }

    /// Where every message may begin.
    fn begin_anywhere(&mut self) {
        let any = self.flow.doors().iter().find(|(_, door)| matches!(door.on, On::Any)).map(|(place, _)| *place);
        match any {
            Some(place) => self.begin_at(place),
            None => self.fail("No flow begins with any message. Add a step “Message received”."),
        }
    }

    /// Whether the message is one of the words that are understood everywhere, and was dealt with.
    pub(super) fn interrupted(&mut self, message: &Incoming) -> bool {
        if self.claimed(message) {
            return false;
        }
        let near = self.thread().and_then(|t| self.flow.flow_at(&t.flow));
        if self.flow.asks_for_person(&message.text)
            && let Some(handover) = self.flow.first("handover", near)
        {
            self.hear(message);
            self.note("The customer asked for a person", &message.text);
            self.begin_at(handover);
            return true;
        }
        if self.flow.asks_to_stop(&message.text) && self.has_customer() {
            self.hear(message);
            self.note("The customer wants no more messages", &message.text);
            self.effect(EffectKind::Consent { marketing: false });
            let words = self.context.words.get("stopped").and_then(|w| w.as_str()).unwrap_or_default().to_owned();
            // A refusal would be an error of the flow; there is none that could be mended here.
            let _ = self.send(base::message::Content::text(words), None);
            self.finish(Status::Ended);
            return true;
        }
        if self.flow.asks_for_restart(&message.text) {
            self.note("The customer started over", &message.text);
            self.state.restart();
            // The word has done its work; it is no question to be answered.
            self.hear(&Incoming { text: String::new(), ..message.clone() });
            self.begin_anywhere();
            return true;
        }
        if self.state.waits_for_reply() && self.flow.asks_to_go_back(&message.text) && self.go_back(message) {
            return true;
        }
        if self.state.waits_for_reply() && self.answers_earlier(message) {
            return true;
        }
        let door = self
            .flow
            .doors()
            .iter()
            .find(|(_, d)| d.interrupt && d.on.is_particular() && d.on.fits(message))
            .map(|(place, _)| *place)
            .filter(|_| self.state.status == Status::Waiting);
        if let Some(place) = door {
            self.note("The customer began something else", self.flow.step(place).name());
            let last = self.state.last.clone();
            self.state.restart();
            self.state.last = last;
            self.hear(message);
            self.begin_at(place);
            return true;
        }
        false
    }

    /// Whether the step that waits for a reply takes these words for its own.
    fn claimed(&mut self, message: &Incoming) -> bool {
        let waiting = self.state.threads.iter().position(|t| matches!(t.wait, Some(Wait::Reply { .. })));
        let Some(at) = waiting else { return false };
        let before = std::mem::replace(&mut self.current, at);
        let claims = self.behaviour().is_some_and(|b| b.claims(self, message));
        self.current = if claims { at } else { before };
        claims
    }

    /// Asks the question before the current one again.
    fn go_back(&mut self, message: &Incoming) -> bool {
        let Some(at) = self.state.threads.iter().position(|t| matches!(t.wait, Some(Wait::Reply { .. }))) else {
            return false;
        };
        let (flow, rounds) = (self.state.threads[at].flow.clone(), self.state.threads[at].rounds());
        // A round of a loop that is over cannot be entered again.
        let here = |a: &Asked| a.flow == flow && a.rounds == rounds;
        let Some(found) = self.state.asked.iter().rposition(here) else { return false };
        let asked = self.state.asked.remove(found);
        let Some(place) = self.flow.place(&asked.flow, &asked.step) else { return false };
        self.current = at;
        self.hear(message);
        self.note("The customer went back", self.flow.step(place).name());
        self.leave(Ok(Next::Step(place)));
        true
    }

    /// A customer who quotes an earlier question, or presses an earlier button, answers that one.
    fn answers_earlier(&mut self, message: &Incoming) -> bool {
        let quoted = |seq: u64| self.state.asked.iter().rposition(|a| a.seq == seq);
        let found = message.reply_to.and_then(quoted).or_else(|| {
            let picked = matches!(message.content, base::message::Content::Picked { .. });
            let claims = |at: &usize| {
                let asked = &self.state.asked[*at];
                self.flow
                    .place(&asked.flow, &asked.step)
                    .and_then(|p| self.flow.step(p).behaviour.as_deref().ok())
                    .is_some_and(|b| b.claims(self, message))
            };
            if picked { (0..self.state.asked.len()).rev().find(claims) } else { None }
        });
        let Some(at) = found else { return false };
        let asked = self.state.asked[at].clone();
        if !self.correct(&asked.flow, &asked.step, message) {
            return false;
        }
        if let Some(asked) = self.state.asked.get_mut(at) {
            asked.reply.clone_from(&message.text);
        }
        self.ask_again();
        true
    }

    /// Puts a new answer in the place of an earlier one.
    pub(crate) fn correct(&mut self, flow: &str, step: &str, message: &Incoming) -> bool {
        let Some(place) = self.flow.place(flow, step) else { return false };
        let step = self.flow.step(place);
        let Ok(behaviour) = &step.behaviour else { return false };
        match behaviour.correct(self, message) {
            Ok(true) => {
                self.note("The customer corrected an earlier answer", format!("{}: {}", step.name(), message.text));
                true
            }
            Ok(false) => false,
            Err(problem) => {
                self.note("A correction could not be used", problem);
                false
            }
        }
    }

    /// Repeats the question that is open.
    pub(crate) fn ask_again(&mut self) {
        let Some(at) = self.state.threads.iter().position(|t| matches!(t.wait, Some(Wait::Reply { .. }))) else {
            return;
        };
        self.current = at;
        if let Some(behaviour) = self.behaviour()
            && let Err(problem) = behaviour.again(self)
        {
            self.note("The question could not be repeated", problem);
        }
    }

    /// The customer changed a message. What it was used for is mended where nothing has left the program since.
    pub(super) fn edited(&mut self, was: &str, message: &Incoming) {
        if let Some(kept) = self.state.kept.iter_mut().find(|k| k.text == was) {
            *kept = message.clone();
            return self.note("The customer changed a message that waits", &message.text);
        }
        let asked = self.state.asked.iter().rev().find(|a| a.reply == was).cloned();
        let Some(asked) = asked.filter(|_| self.state.status == Status::Waiting && self.state.waits_for_reply()) else {
            return self.note("The customer changed a message", "It was used already; nothing was taken back.");
        };
        let last = self.state.asked.last().is_some_and(|a| *a == asked) && asked.outside == self.state.outside;
        let place = self.flow.place(&asked.flow, &asked.step);
        let here = |t: &Thread| t.wait.is_some() && t.flow == asked.flow && t.rounds() == asked.rounds;
        let at = self.state.threads.iter().position(here);
        match (last, place, at) {
            (true, Some(place), Some(at)) if message.text != was => {
                self.current = at;
                self.note("The customer changed the last answer", &message.text);
                self.hear(message);
                self.state.asked.pop();
                if let Some(thread) = self.thread_mut() {
                    thread.step = Some(asked.step.clone());
                }
                if let Ok(behaviour) = &self.flow.step(place).behaviour {
                    let next = behaviour.reply(self, message, 0);
                    self.leave(next);
                }
            }
            _ => {
                if self.correct(&asked.flow, &asked.step, message) {
                    self.ask_again();
                }
            }
        }
    }

    pub(super) fn deleted(&mut self, text: &str) {
        let before = self.state.kept.len();
        self.state.kept.retain(|k| k.text != text);
        if self.state.kept.len() < before {
            self.note("The customer took a message back before it was read", "");
        } else {
            self.note_value("The customer took a message back", "It was used already.", &json!(text));
        }
    }
}
