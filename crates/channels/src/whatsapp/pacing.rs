//! How fast a number may send, in all and to one customer. Pure: the caller passes the time in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use base::Time;

use super::Recipient;

/// What a number may send and receive in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throughput {
    Standard,
    /// The number is in use on the owner's phone as well.
    Coexistence,
    /// As Meta has told.
    PerSecond(u32),
}

impl Throughput {
    pub fn per_second(self) -> usize {
        match self {
            Throughput::Standard => 80,
            Throughput::Coexistence => 20,
            Throughput::PerSecond(n) => n.clamp(1, 1000) as usize,
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// A whole number's rate: no second holds more messages than allowed, whatever second one takes.
#[derive(Clone, Debug)]
struct NumberPace {
    per_second: usize,
    /// When the latest messages passed, at most `per_second` of them, in order.
    recent: VecDeque<Time>,
    blocked_until: Time,
    refusals: u32,
}

impl NumberPace {
    fn next_allowed(&self, now: Time) -> Time {
        let full = self.recent.len() >= self.per_second;
        let free = self.recent.front().filter(|_| full).map_or(now, |oldest| oldest.plus(SECOND));
        now.max(free).max(self.blocked_until)
    }

    /// How many may go at once.
    fn room(&self, now: Time) -> usize {
        let within = self.recent.iter().rev().take_while(|t| t.plus(SECOND) > now).count();
        if self.blocked_until > now { 0 } else { self.per_second.saturating_sub(within) }
    }

    fn passed(&mut self, at: Time) {
        // Times may come slightly out of order; the queue stays sorted.
        let place = self.recent.iter().rposition(|t| *t <= at).map_or(0, |i| i + 1);
        self.recent.insert(place, at);
        if self.recent.len() > self.per_second {
            self.recent.pop_front();
        }
    }
}

/// One customer's rate: a message each 6 seconds, of which 45 may go at once and are paid back.
#[derive(Clone, Copy, Debug, Default)]
struct PairPace {
    /// When all that was sent is paid back.
    paid_at: Time,
    blocked_until: Time,
    refusals: u32,
}

const PAIR_INTERVAL: Duration = Duration::from_secs(6);
const PAIR_BURST: u32 = 45;
/// 4^5 is 17 minutes; by then the pair's own debt of 4.5 minutes is long paid.
const MOST_PAIR_REFUSALS: u32 = 5;
/// Customers whose debt is remembered; those without any are forgotten first.
const MOST_PAIRS: usize = 10_000;

impl PairPace {
    fn next_allowed(&self, now: Time) -> Time {
        let credit = PAIR_INTERVAL * (PAIR_BURST - 1);
        now.max(self.paid_at.minus(credit)).max(self.blocked_until)
    }

    fn passed(&mut self, at: Time) {
        self.paid_at = self.paid_at.max(at).plus(PAIR_INTERVAL);
    }

    fn is_idle(&self, now: Time) -> bool {
        self.paid_at <= now && self.blocked_until <= now && self.refusals == 0
    }
}

/// The pace of one business number and of its customers. Lost on a restart, which is harmless: Meta's refusals set it
/// right again.
#[derive(Clone, Debug)]
pub struct Pacing {
    number: NumberPace,
    pairs: HashMap<Recipient, PairPace>,
}

impl Pacing {
    pub fn new(throughput: Throughput) -> Self {
        let number = NumberPace {
            per_second: throughput.per_second(),
            recent: VecDeque::new(),
            blocked_until: Time::ZERO,
            refusals: 0,
        };
        Self { number, pairs: HashMap::new() }
    }

    /// How many messages the number may send at this moment; when there is no room, when there will be.
    pub fn room(&self, now: Time) -> std::result::Result<usize, Time> {
        match self.number.room(now) {
            0 => Err(self.number.next_allowed(now)),
            room => Ok(room),
        }
    }

    /// The earliest moment for the next message to this customer; `now` when it may go at once.
    pub fn next_allowed(&self, to: &Recipient, now: Time) -> Time {
        let number = self.number.next_allowed(now);
        self.pairs.get(to).map_or(number, |pair| pair.next_allowed(now).max(number))
    }

    /// A message went out. Only what was accepted ends a customer's back-off: call [`Pacing::accepted`] for that.
    pub fn sent(&mut self, to: &Recipient, at: Time) {
        self.number.passed(at);
        self.forget_idle(at);
        self.pairs.entry(to.clone()).or_default().passed(at);
    }

    /// A message came in; it counts towards the number's rate.
    pub fn received(&mut self, at: Time) {
        self.number.passed(at);
    }

    /// Meta took the message: back-offs begin anew the next time.
    pub fn accepted(&mut self, to: &Recipient) {
        self.number.refusals = 0;
        if let Some(pair) = self.pairs.get_mut(to) {
            pair.refusals = 0;
        }
    }

    /// Meta refused for this customer's rate (131056): wait 1, 4, 16 ... seconds. Gives the moment of the next try.
    pub fn pair_limited(&mut self, to: &Recipient, now: Time) -> Time {
        let pair = self.pairs.entry(to.clone()).or_default();
        pair.blocked_until = pair.blocked_until.max(now.plus(Duration::from_secs(4u64.pow(pair.refusals))));
        pair.refusals = (pair.refusals + 1).min(MOST_PAIR_REFUSALS);
        self.next_allowed(to, now)
    }

    /// Meta refused for the number's rate: the whole number waits, doubling from `first` to `most`.
    pub fn number_limited(&mut self, first: Duration, most: Duration, now: Time) -> Time {
        let wait = first.saturating_mul(2u32.saturating_pow(self.number.refusals)).min(most);
        self.number.blocked_until = self.number.blocked_until.max(now.plus(wait));
        self.number.refusals = (self.number.refusals + 1).min(20);
        self.number.next_allowed(now)
    }

    fn forget_idle(&mut self, now: Time) {
        if self.pairs.len() < MOST_PAIRS {
            return;
        }
        self.pairs.retain(|_, pair| !pair.is_idle(now));
        if self.pairs.len() >= MOST_PAIRS {
            // All are in debt: forget half of it; a refusal would teach it again.
            let mut n = 0;
            self.pairs.retain(|_, _| {
                n += 1;
                n % 2 == 0
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(n: usize) -> Recipient {
        Recipient::Phone(format!("+278255{n:05}"))
    }

    const START: Time = Time(1_794_000_000_000);

    fn after(ms: u64) -> Time {
        START.plus(Duration::from_millis(ms))
    }

    #[test]
    fn no_second_holds_more_messages_than_the_number_may_send() {
        for (throughput, most) in
            [(Throughput::Standard, 80), (Throughput::Coexistence, 20), (Throughput::PerSecond(5), 5)]
        {
            let mut pacing = Pacing::new(throughput);
            let mut times = Vec::new();
            let mut now = START;
            assert_eq!(pacing.room(now), Ok(most));
            for n in 0..400 {
                let next = pacing.next_allowed(&to(n), now);
                match pacing.room(now) {
                    Ok(room) => assert!(room > 0 && next == now, "{room} at {now:?}"),
                    Err(at) => assert_eq!(at, next),
                }
                now = next;
                pacing.sent(&to(n), now);
                times.push(now);
            }
            for (i, t) in times.iter().enumerate() {
                let within = times[i..].iter().take_while(|u| u.since(*t) < SECOND).count();
                assert!(within <= most, "{throughput:?}: {within} in a second");
            }
            let all = times[399].since(times[0]);
            assert!(
                all <= Duration::from_secs(400 / most as u64),
                "{throughput:?} is slower than it needs to be: {all:?}"
            );
        }
    }

    #[test]
    fn one_customer_gets_45_at_once_and_then_one_in_six_seconds() {
        let mut pacing = Pacing::new(Throughput::PerSecond(1000));
        for n in 0..45 {
            assert_eq!(pacing.next_allowed(&to(1), START), START, "message {n} had to wait");
            pacing.sent(&to(1), START);
        }
        assert_eq!(pacing.next_allowed(&to(1), START), after(6_000));
        assert_eq!(pacing.next_allowed(&to(2), START), START, "another customer is not affected");
        pacing.sent(&to(1), after(6_000));
        assert_eq!(pacing.next_allowed(&to(1), after(6_000)), after(12_000));
        assert_eq!(pacing.next_allowed(&to(1), after(400_000)), after(400_000), "all is paid back");
    }

    #[test]
    fn a_refused_customer_waits_four_times_longer_each_time_until_one_is_accepted() {
        let mut pacing = Pacing::new(Throughput::Standard);
        let mut now = START;
        for wait in [1, 4, 16, 64, 256, 1024, 1024] {
            let next = pacing.pair_limited(&to(1), now);
            assert_eq!(next.since(now).as_secs(), wait);
            now = next;
        }
        pacing.accepted(&to(1));
        assert_eq!(pacing.pair_limited(&to(1), now).since(now).as_secs(), 1);
        assert_eq!(pacing.next_allowed(&to(2), now), now);
    }

    #[test]
    fn a_refused_number_holds_back_everybody_for_longer_and_longer() {
        let mut pacing = Pacing::new(Throughput::Standard);
        let (first, most) = (Duration::from_secs(2), Duration::from_secs(10));
        let mut now = START;
        for wait in [2, 4, 8, 10, 10] {
            let next = pacing.number_limited(first, most, now);
            assert_eq!(next.since(now).as_secs(), wait);
            assert_eq!(pacing.next_allowed(&to(9), now), next);
            now = next;
        }
    }

    #[test]
    fn many_customers_do_not_fill_the_memory() {
        let mut pacing = Pacing::new(Throughput::PerSecond(1000));
        for n in 0..3 * MOST_PAIRS {
            pacing.sent(&to(n), START);
        }
        assert!(pacing.pairs.len() <= MOST_PAIRS);
    }
}
