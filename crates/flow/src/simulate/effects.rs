//! What effects do to a simulated world, and how they go wrong in it.

use base::message::Content;
use serde_json::{Value, json};

use super::{Failing, FollowUp, Play, Who, after_ms, later, words};
use crate::event::{Effect, EffectKind, Hop, Outcome};

impl Play<'_> {
    /// Applies an effect and shows it. Gives the outcome of one that takes place outside, when it is known already.
    pub(super) fn perform(&mut self, effect: Effect, path: &[Hop]) -> Option<Outcome> {
        let step = Some(effect.step.clone()).filter(|s| !s.is_empty());
        let flow = step.as_deref().and_then(|step| self.flow_of(step, path));
        if let Some(note) = words::note(&effect.kind, self.flow, self.now) {
            self.note(note, flow.clone(), step.clone());
        }
        if effect.kind.is_external() {
            return self.outside(effect);
        }
        match effect.kind {
            EffectKind::Send { content, .. } => self.send(content, flow, step),
            EffectKind::React { emoji } => {
                // Whose message it is is clear without its provider's id.
                let content = Content::Reaction { provider_message_id: String::new(), emoji: Some(emoji) };
                self.line(Who::Bot, Some(content), None, flow, step);
            }
            EffectKind::Handover { note, .. } => {
                // Without a customer there is nothing to hand over.
                self.person |= !self.alone;
                if !note.is_empty() {
                    self.contact.insert("note".into(), json!(note));
                }
            }
            EffectKind::Resolve => {
                self.silence = None;
                let resolved = self.flow.entries("resolved");
                let follow_ups = resolved.map(|(flow, _, fields)| FollowUp {
                    flow: flow.to_owned(),
                    at: later(self.now, after_ms(fields, 0)),
                    first_at: later(self.now, after_ms(fields, 0)),
                    unless_reply: true,
                    data: json!({ "resolved_at": self.now }),
                    again: false,
                });
                self.follow_ups.extend(follow_ups);
            }
            EffectKind::SetContact { field, value } => drop(self.contact.insert(field, value)),
            EffectKind::SetConversation { name, value } => drop(self.conversation.insert(name, value)),
            EffectKind::SetWorkspace { name, value } => drop(self.context.workspace.insert(name, value)),
            EffectKind::Tag { tag, on } => self.tag(tag, on),
            EffectKind::Count { name, by } => {
                let count = self.context.counters.get(&name).and_then(Value::as_i64).unwrap_or_default();
                self.context.counters.insert(name, json!(count.saturating_add(by)));
            }
            EffectKind::FollowUp { flow, at, unless_reply, data } => {
                self.follow_ups.push(FollowUp { flow, at, first_at: at, unless_reply, data, again: false });
            }
            // A note says all there is to them.
            _ => {}
        }
        None
    }

    /// The flow of a step that was just passed.
    fn flow_of(&self, step: &str, path: &[Hop]) -> Option<String> {
        let passed = path.iter().rfind(|hop| hop.step == step).map(|hop| &hop.flow);
        let stands = || self.state.threads.iter().find(|t| t.step.as_deref() == Some(step)).map(|t| &t.flow);
        passed.or_else(stands).cloned()
    }

    fn send(&mut self, content: Content, flow: Option<String>, step: Option<String>) {
        let template = matches!(content, Content::Template { .. });
        self.line(Who::Bot, Some(content), None, flow.clone(), step.clone());
        if self.refused > 0 {
            self.refused -= 1;
            self.note("Not delivered: the channel did not take this message.".into(), flow, step);
        } else if !template && !self.window_open() {
            let why = "Not delivered: WhatsApp would refuse this message, because the customer has not written for 24 \
                       hours. Only an approved template may be sent now.";
            self.note(why.into(), flow, step);
        }
    }

    fn tag(&mut self, tag: String, on: bool) {
        let tags = self.contact.entry("tags").or_insert_with(|| json!([]));
        if !tags.is_array() {
            *tags = json!([]);
        }
        if let Some(tags) = tags.as_array_mut() {
            tags.retain(|t| t.as_str() != Some(tag.as_str()));
            if on {
                tags.push(tag.into());
            }
        }
    }

    /// An effect that takes place outside: its outcome is in the script, or it waits.
    fn outside(&mut self, effect: Effect) -> Option<Outcome> {
        let (seq, kind) = (effect.seq, &effect.kind);
        if let Some(outcome) = self.outcomes.remove(&seq) {
            return Some(outcome);
        }
        if let Some(how) = self.failing.remove(&seq) {
            return Some(failed(kind, how));
        }
        if let Some(at) = self.failing_next.iter().position(|how| suits(kind, *how)) {
            return Some(failed(kind, self.failing_next.remove(at)));
        }
        // Nothing comes back from a letter: there is nothing that one would have to play.
        if matches!(kind, EffectKind::Email { .. }) {
            return Some(Outcome::Value { value: Value::Null });
        }
        self.pending.push(effect);
        None
    }

    pub(super) fn done(&mut self, seq: u64, outcome: Outcome) {
        self.event(crate::EventKind::EffectDone { seq, outcome, cost_cents: 0.0 });
    }

    pub(super) fn fail(&mut self, seq: Option<u64>, how: Failing) {
        if how == Failing::Channel {
            self.refused += 1;
            return;
        }
        let found = match seq {
            Some(seq) => self.pending.iter().find(|e| e.seq == seq),
            None => self.pending.iter().find(|e| suits(&e.kind, how)),
        };
        match (found, seq) {
            (Some(effect), _) => {
                let (seq, outcome) = (effect.seq, failed(&effect.kind, how));
                self.done(seq, outcome);
            }
            (None, Some(seq)) => drop(self.failing.insert(seq, how)),
            (None, None) => self.failing_next.push(how),
        }
    }
}

/// Whether an effect can go wrong in this way.
fn suits(kind: &EffectKind, how: Failing) -> bool {
    use EffectKind::{Agent, Answer, Approve, Classify, Extract, Generate};
    let model = matches!(kind, Answer { .. } | Generate { .. } | Classify { .. } | Extract { .. } | Agent { .. });
    match how {
        Failing::Model => model,
        Failing::Http500 => !model && !matches!(kind, Approve { .. }),
        Failing::Timeout => true,
        Failing::Channel => false,
    }
}

fn failed(kind: &EffectKind, how: Failing) -> Outcome {
    let message = match how {
        Failing::Http500 if matches!(kind, EffectKind::Http { .. } | EffectKind::WebhookOut { .. }) => {
            return Outcome::Response { status: 500, body: Value::Null };
        }
        Failing::Http500 => "The other program answered with an error (500).",
        Failing::Timeout => "It took too long.",
        Failing::Model => "The model did not answer.",
        Failing::Channel => "The channel did not take it.",
    };
    Outcome::Failed { message: message.into() }
}
