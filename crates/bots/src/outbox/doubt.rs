//! Messages of which it is not certain that they left: the provider's word decides, and it gets its chance to reach us.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::id::OutboxId;
use base::{Result, Stopwatch, Time};

use super::sender::{IDLE, SURVEY, Sender};
use super::{OutboxRow, State, mark_in_doubt, requeue, store};
use crate::address::Outage;
use crate::channels::WhatsApp;

/// The provider delivers again less and less often while it cannot reach us. Its next try comes within about as long as
/// that was; it is not waited for longer than this.
const LONGEST_CHANCE: Duration = Duration::from_secs(3600);
/// A decision stands for so long before it is acted on: longer than it takes to notice that the computer has just woken,
/// for then the time that seems to have passed was none.
const SECOND_THOUGHT: Duration = Duration::from_secs(3);

/// Rows that are about to be sent again, and since when.
#[derive(Default)]
pub(super) struct Ripe(Mutex<HashMap<OutboxId, Stopwatch>>);

impl Ripe {
    fn all(&self) -> MutexGuard<'_, HashMap<OutboxId, Stopwatch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a row was ripe for as long as `wait` without a break.
    fn is_for(&self, id: OutboxId, wait: Duration) -> bool {
        self.all().entry(id).or_insert_with(Stopwatch::start).elapsed() >= wait
    }

    fn forget(&self, id: &OutboxId) {
        self.all().remove(id);
    }
}

/// From when on, and for how long, the provider can tell what became of a row that is in doubt since `since`; nothing
/// while it cannot.
fn chance(since: Time, doubt: Duration, outage: Option<Outage>, last_heard: Option<Time>) -> Option<(Time, Duration)> {
    let Some(outage) = outage else { return Some((since, doubt)) };
    match outage.until {
        Some(until) if until > since => Some((until, doubt.max(until.since(outage.from).min(LONGEST_CHANCE)))),
        Some(_) => Some((since, doubt)),
        // Where only our own way round is closed, deliveries still come in.
        None if last_heard.is_some_and(|at| at > outage.noticed) => Some((since, doubt)),
        None => None,
    }
}

impl Sender {
    /// A row that is `sending` and that no task works on was left behind: it is in doubt. A row in doubt goes back to the
    /// queue only when the provider had its chance to tell us that it has the message: enough time has passed in which
    /// it could reach us, in that time something else of the provider's did, and all that came was read. Without such a
    /// sign the owner decides.
    pub(super) async fn settle_doubts(
        &self,
        channel: &Arc<WhatsApp>,
        unresolved: Vec<OutboxRow>,
        now: Time,
    ) -> Result<Duration> {
        let id = channel.id;
        let mut rest = IDLE;
        for row in unresolved {
            if row.state == State::Sending {
                if !self.flights.holds(&row.id) {
                    let clock = self.ws.clock.clone();
                    self.ws.db.write(move |tx| mark_in_doubt(tx, &row, clock.now())).await?;
                }
                continue;
            }
            let since = row.attempted_at.unwrap_or(row.next_at).max(row.next_at).max(self.started());
            if since > now {
                // The clock was set back since, perhaps by hours: the provider's chance begins now.
                self.begin_at(now);
                self.ws.db.write(move |tx| store::doubt_since(tx, row.id, now)).await?;
                rest = rest.min(Duration::from_millis(20));
                continue;
            }
            let (outage, last_heard) = (self.ws.address.outage(), self.ws.channels.last_heard(id));
            // Neither is a sign that lies ahead one of the provider's.
            let outage = outage.filter(|outage| outage.until.is_none_or(|until| until <= now));
            let last_heard = last_heard.filter(|at| *at <= now);
            let Some((since, doubt)) = chance(since, self.ws.timing.doubt, outage, last_heard) else {
                self.ripe.forget(&row.id);
                // A sign of the provider's wakes nobody here, nor does the end of an outage.
                rest = rest.min(SURVEY);
                continue;
            };
            let decide_at = since.plus(doubt);
            if decide_at > now {
                self.ripe.forget(&row.id);
                rest = rest.min(decide_at.since(now).max(Duration::from_millis(20)));
                continue;
            }
            let heard = self.ws.address.heard_since(since, now) || self.ws.channels.heard_since(id, since, now);
            // The word that decides may lie here unread.
            let unread = self.ws.db.read(move |c| crate::inbound::store::is_waiting_since(c, decide_at)).await?;
            if !heard || unread {
                self.ripe.forget(&row.id);
                rest = rest.min(SURVEY);
            } else if self.ripe.is_for(row.id, SECOND_THOUGHT.min(doubt)) {
                self.ripe.forget(&row.id);
                tracing::info!(outbox = %row.id, "no word from the provider; sending again");
                self.ws.db.write(move |tx| requeue(tx, &row, &[State::InDoubt], now, None)).await?;
                rest = Duration::from_millis(20);
            } else {
                rest = rest.min(SURVEY);
            }
        }
        Ok(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_providers_chance_begins_when_it_can_reach_us_and_lasts_as_long_as_it_could_not() {
        let s = |s: i64| Time(s * 1000);
        let outage = |from: i64, noticed: i64, until: Option<i64>| {
            Some(Outage { from: s(from), noticed: s(noticed), until: until.map(s) })
        };
        let d = Duration::from_secs;
        for (what, outage, heard, expected) in [
            ("never out of reach", None, None, Some((s(1000), d(120)))),
            ("out of reach", outage(900, 1010, None), None, None),
            ("heard before, not since", outage(900, 1010, None), Some(s(1005)), None),
            ("only our own way round is closed", outage(900, 1010, None), Some(s(1020)), Some((s(1000), d(120)))),
            ("over before", outage(100, 200, Some(990)), None, Some((s(1000), d(120)))),
            ("back after a short time", outage(960, 990, Some(1010)), None, Some((s(1010), d(120)))),
            ("back after a while", outage(900, 1010, Some(1600)), None, Some((s(1600), d(700)))),
            ("back after a night", outage(900, 1010, Some(40_000)), None, Some((s(40_000), LONGEST_CHANCE))),
        ] {
            assert_eq!(chance(s(1000), d(120), outage, heard), expected, "{what}");
        }
    }
}
