//! How long to wait before the next try: longer each time, never the same for two computers.

use std::time::Duration;

/// Waits grow from `first` to `most`.
#[derive(Debug)]
pub(super) struct BackOff {
    first: Duration,
    most: Duration,
    failures: u32,
}

impl BackOff {
    pub(super) fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, failures: 0 }
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(super) fn next(&mut self) -> Duration {
        self.next_with(base::random::fraction())
    }

    /// `fraction` (0 to 1) adds up to a quarter, so that many computers do not come back in the same second.
    fn next_with(&mut self, fraction: f64) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        doubled.min(self.most).mul_f64(1.0 + fraction.clamp(0.0, 1.0) / 4.0).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes_and_begin_anew_after_a_good_time() {
        let mut waits = BackOff::new(Duration::from_secs(1), Duration::from_secs(300));
        let seconds: Vec<u64> = (0..11).map(|_| waits.next_with(0.0).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        waits.reset();
        assert_eq!(waits.next_with(0.0), Duration::from_secs(1));
    }

    proptest! {
        #[test]
        fn no_wait_is_shorter_than_the_first_or_longer_than_the_most(
            fractions in proptest::collection::vec(0.0_f64..=1.0, 1..100),
        ) {
            let (first, most) = (Duration::from_secs(1), Duration::from_secs(300));
            let mut waits = BackOff::new(first, most);
            for fraction in fractions {
                let wait = waits.next_with(fraction);
                prop_assert!(first <= wait && wait <= most);
            }
        }
    }
}
