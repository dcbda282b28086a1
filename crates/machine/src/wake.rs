//! Notices that the computer slept and woke, from its two clocks alone, so that it works alike on every system.
//!
//! The clock on the wall always goes on while a computer sleeps. The one that timers follow stands still meanwhile on
//! Linux and macOS, and goes on under Windows. So a sleep shows as a jump of the wall's clock against the other, or as
//! a look that comes much too late, and either counts. A program that was held (by a debugger, or on a computer without
//! breath) looks the same; what follows from a wake is only that things are looked at once more.

use std::time::Duration;

use base::{Clock, Time};
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The clocks are read this often: half a wake-up a second, each of some microseconds.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// What the correction of the clock over the network may be at once without being taken for a sleep.
const CORRECTION: Duration = Duration::from_secs(5);
/// A look may come this much too late on a busy computer.
const LATE: Duration = Duration::from_secs(10);
/// The closure given to [`watch`] is called after this many looks: once a minute.
const LOOKS_A_MINUTE: u32 = 30;

/// The computer woke, or its clock was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Woke {
    /// How long it slept; zero when the clock was set back.
    pub asleep_for: Duration,
}

/// Watches until `closing`, and calls `each_minute` on the way, so that what has to be done now and then needs no timer
/// of its own. It must return at once.
///
/// Subscribe to what is returned. Sending on it makes everybody look again, as if the computer had woken.
///
/// A clock set by hand by five seconds or more, in either direction, is told like a wake: schedules and addresses are
/// looked at once more, which does no harm. Smaller corrections are not.
pub fn watch(
    clock: Clock,
    closing: CancellationToken,
    mut each_minute: impl FnMut() + Send + 'static,
) -> broadcast::Sender<Woke> {
    let (sender, _) = broadcast::channel(8);
    let woken = sender.clone();
    base::task::spawn("wake", async move {
        let mut looks = 0;
        let (mut wall, mut timer) = (clock.now(), Instant::now());
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let (wall_before, timer_before) = (wall, timer);
            (wall, timer) = (clock.now(), Instant::now());
            if let Some(woke) = compare(wall_before, wall, timer - timer_before) {
                tracing::info!(asleep_for_s = woke.asleep_for.as_secs(), "the computer woke, or its clock was set");
                // Nobody may be listening.
                let _ = woken.send(woke);
            }
            looks += 1;
            if looks >= LOOKS_A_MINUTE {
                looks = 0;
                each_minute();
            }
        }
    });
    sender
}

/// What the clocks say between two looks; `ran` is how far the timers' clock went.
fn compare(before: Time, now: Time, ran: Duration) -> Option<Woke> {
    let expected = before.plus(ran);
    let (ahead, behind) = (now.since(expected), expected.since(now));
    if ahead >= CORRECTION || behind >= CORRECTION {
        return Some(Woke { asleep_for: ahead });
    }
    let late = ran.saturating_sub(LOOK_EVERY);
    (late >= LATE).then_some(Woke { asleep_for: late })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use proptest::prelude::*;
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Lets `for_s` seconds go by on both clocks, as they do while nobody sleeps.
    async fn both_clocks_go_on(clock: &Clock, for_s: u64) {
        for _ in 0..for_s {
            clock.advance(Duration::from_secs(1));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    #[test]
    fn a_sleep_shows_on_every_system_and_a_small_correction_does_not() {
        let at = Time(1_700_000_000_000);
        let s = Duration::from_secs;
        for (what, wall_ms, ran, woke) in [
            ("nothing", 2_000, s(2), None),
            ("timers stood still", 3_602_000, s(2), Some(HOUR)),
            ("timers went on", 3_602_000, s(3602), Some(HOUR)),
            ("timers half went on", 3_602_000, s(1800), Some(s(1802))),
            ("corrected forwards", 6_900, s(2), None),
            ("corrected backwards", -2_900, s(2), None),
            ("set forwards", 7_000, s(2), Some(s(5))),
            ("set backwards", -3_000, s(2), Some(s(0))),
            ("a busy moment", 9_000, s(9), None),
        ] {
            let found = compare(at, Time(at.0 + wall_ms), ran).map(|w| w.asleep_for);
            assert_eq!(found, woke, "{what}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_laptop_that_slept_is_noticed_within_a_look_and_told_once() {
        let clock = Clock::manual(Time(1_700_000_000_000));
        let closing = CancellationToken::new();
        let mut wakes = watch(clock.clone(), closing.clone(), || {}).subscribe();
        both_clocks_go_on(&clock, 7).await;
        assert_eq!(wakes.try_recv(), Err(TryRecvError::Empty));

        clock.advance(HOUR);
        both_clocks_go_on(&clock, 3).await;
        let woke = wakes.try_recv().unwrap();
        assert!(woke.asleep_for.abs_diff(HOUR) < Duration::from_secs(3), "{woke:?}");
        both_clocks_go_on(&clock, 10).await;
        assert_eq!(wakes.try_recv(), Err(TryRecvError::Empty));

        // Where timers go on while the computer sleeps, as under Windows.
        clock.advance(HOUR);
        tokio::time::advance(HOUR).await;
        both_clocks_go_on(&clock, 3).await;
        assert!(wakes.try_recv().unwrap().asleep_for.abs_diff(HOUR) < Duration::from_secs(3));

        closing.cancel();
        assert_eq!(wakes.recv().await, Err(broadcast::error::RecvError::Closed));
    }

    #[tokio::test(start_paused = true)]
    async fn once_a_minute_something_else_may_be_done() {
        let clock = Clock::manual(Time(0));
        let times = Arc::new(AtomicU32::new(0));
        let counted = times.clone();
        let _wakes = watch(clock.clone(), CancellationToken::new(), move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        both_clocks_go_on(&clock, 181).await;
        assert_eq!(times.load(Ordering::SeqCst), 3);
    }

    proptest! {
        #[test]
        fn no_two_readings_of_the_clocks_break_it(before: i64, now: i64, ran_ms: u64) {
            let ran = Duration::from_millis(ran_ms);
            let same = Time(before).plus(ran) == Time(now) && ran < LATE;
            let woke = compare(Time(before), Time(now), ran);
            prop_assert!(!same || woke.is_none());
        }
    }
}
