//! What happens of its own accord while the simulator's clock moves: timers, flows that follow later, and silence.

use std::time::Duration;

use base::Time;
use serde_json::{Value, json};

use super::{LATEST, Play, SILENT_MS, after_ms, later};
use crate::event::EventKind;
use crate::state::{Status, Thread, Wait};

/// Before a flow that could not begin is tried again, and when that is given up; as in real conversations.
const LATER: Duration = Duration::from_secs(10 * 60);
const GIVE_UP: Duration = Duration::from_secs(24 * 3600);

/// A flow that is to begin later.
pub(super) struct FollowUp {
    pub(super) flow: String,
    pub(super) at: Time,
    pub(super) first_at: Time,
    pub(super) unless_reply: bool,
    pub(super) data: Value,
    /// It was due before and could not begin.
    pub(super) again: bool,
}

impl Play<'_> {
    /// When something happens next of its own accord.
    pub(super) fn next_at(&self) -> Option<Time> {
        let wake = self.state.wake_at().filter(|_| self.state.status() == Status::Waiting);
        wake.into_iter().chain(self.follow_ups.iter().map(|f| f.at)).chain(self.silence).min()
    }

    /// Lets time go by, with everything that falls due meanwhile.
    pub(super) fn pass(&mut self, until: Time) {
        let until = until.min(LATEST);
        while self.stopped.is_none()
            && let Some(at) = self.next_at().filter(|at| *at <= until)
        {
            self.now = self.now.max(at);
            self.fire();
        }
        self.now = self.now.max(until);
    }

    /// What is due now happens, and whoever shows “typing…” is waited for.
    pub(super) fn settle(&mut self) {
        while self.stopped.is_none()
            && let Some(at) = self.next_at().filter(|at| *at <= self.now || self.is_typing(*at))
        {
            self.now = self.now.max(at);
            self.fire();
        }
    }

    fn is_typing(&self, until: Time) -> bool {
        let types = |t: &Thread| {
            t.wait == Some(Wait::Until { at: until })
                && t.step
                    .as_deref()
                    .and_then(|step| self.flow.place(&t.flow, step))
                    .and_then(|place| self.flow.step(place).kind)
                    .is_some_and(|kind| kind.name == "typing")
        };
        self.state.threads.iter().any(types)
    }

    /// One of the things that are due.
    fn fire(&mut self) {
        if !self.count_event() {
            return;
        }
        let waits = self.state.status() == Status::Waiting;
        if waits && self.state.wake_at().is_some_and(|at| at <= self.now) {
            return self.event(EventKind::Timer);
        }
        let due = self.follow_ups.iter().enumerate().filter(|(_, f)| f.at <= self.now).min_by_key(|(i, f)| (f.at, *i));
        if let Some((i, _)) = due {
            let due = self.follow_ups.remove(i);
            return self.follow_up(due);
        }
        if self.silence.take_if(|at| *at <= self.now).is_some() {
            self.silent();
        }
    }

    fn follow_up(&mut self, due: FollowUp) {
        let kinds = ["resolved", "manual", "called", "inactivity", "message_received"];
        let flow = self.flow.flow_at(&due.flow);
        let Some(place) = flow.and_then(|flow| kinds.into_iter().find_map(|kind| self.flow.first_in(flow, kind)))
        else {
            return self.note(format!("“{}” was to begin now, but has no beginning.", due.flow), None, None);
        };
        if !self.begin_at(place, due.data.clone(), !due.again) && self.now.since(due.first_at) < GIVE_UP {
            // Whoever is in the middle of something is not disturbed; the flow comes after it.
            self.follow_ups.push(FollowUp { at: self.now.plus(LATER), again: true, ..due });
        }
    }

    /// The customer has been silent for as long as a flow waits for.
    fn silent(&mut self) {
        let since = self.last_heard.map_or(0, |at| u64::try_from(self.now.since(at).as_millis()).unwrap_or(u64::MAX));
        let mut next: Option<u64> = None;
        let mut begins = None;
        for (flow, step, fields) in self.flow.entries("inactivity") {
            let after = after_ms(fields, SILENT_MS);
            if self.silences >= fields.get("at_most").and_then(Value::as_u64).unwrap_or(1) {
                continue;
            }
            next = Some(next.map_or(after, |n| n.min(after)));
            if after.saturating_mul(self.silences + 1) <= since {
                begins = self.flow.place(flow, step);
                break;
            }
        }
        self.silences += 1;
        self.silence = next.map(|ms| later(self.now, ms.max(60_000)));
        if let Some(place) = begins {
            self.begin_at(place, json!({ "silent_ms": since }), true);
        }
    }
}
