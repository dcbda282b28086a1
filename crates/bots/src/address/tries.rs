//! How often the public address is tried that does not lead here, and from when on its tunnel is to blame.

use std::time::Duration;

use super::Answer;

/// After a check that failed; each further one waits so much longer, up to the most.
pub(super) const PAUSE: Duration = Duration::from_secs(10);
pub(super) const PAUSE_MOST: Duration = Duration::from_secs(60);
/// So many checks that fail, one after the other, say that the tunnel hangs, whatever it says of itself.
const HANGS_AFTER: u32 = 3;
/// After a wake or in another network, messages are to come in within seconds: so many checks follow each other soon.
const HASTY: u32 = 6;
const HASTY_PAUSE: Duration = Duration::from_secs(3);
/// So many of them that reach somebody, and not us, say that the tunnel does not find its way back.
const LEADS_NOWHERE_AFTER: u32 = 2;

/// What is counted between two checks that worked.
#[derive(Debug, Default)]
pub(super) struct Tries {
    failures: u32,
    /// So many more checks are hasty.
    hasty: u32,
    /// Of these, so many found somebody else.
    elsewhere: u32,
}

impl Tries {
    /// What was counted before a wake or in another network says nothing now.
    pub(super) fn look(&mut self) {
        *self = Self { hasty: HASTY, ..Self::default() };
    }

    /// A check failed: whether the tunnel hangs, and how long until the next one. `answer` is nothing where there is no
    /// address to be checked; `moves` says that the address is another one after each start of the tunnel, which is not
    /// risked in haste.
    pub(super) fn failed(&mut self, answer: Option<Answer>, moves: bool) -> (bool, Duration) {
        if self.hasty == 0 {
            self.failures += 1;
            return (self.failures.is_multiple_of(HANGS_AFTER), (PAUSE * self.failures).min(PAUSE_MOST));
        }
        self.hasty -= 1;
        // While nobody is reached at all, it is the network that is still on its way.
        self.elsewhere += u32::from(matches!(answer, Some(Answer::Another | Answer::Silence)));
        let hangs = !moves && self.elsewhere == LEADS_NOWHERE_AFTER;
        if hangs {
            self.hasty = 0;
        }
        (hangs, HASTY_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(tries: &mut Tries, answers: &[Answer]) -> Vec<(bool, u64)> {
        let failed = answers.iter().map(|answer| tries.failed(Some(*answer), false));
        failed.map(|(hangs, pause)| (hangs, pause.as_secs())).collect()
    }

    #[test]
    fn while_nothing_happens_pauses_grow_and_every_third_failure_blames_the_tunnel() {
        let expected = [(false, 10), (false, 20), (true, 30), (false, 40), (false, 50), (true, 60), (false, 60)];
        assert_eq!(all(&mut Tries::default(), &[Answer::Another; 7]), expected);
    }

    #[test]
    fn after_a_wake_a_tunnel_that_leads_nowhere_is_blamed_within_seconds_whatever_was_counted_before() {
        let mut tries = Tries::default();
        all(&mut tries, &[Answer::Nobody; 4]);
        tries.look();
        // Then it has time to come up.
        let then = [(false, 3), (true, 3), (false, 10), (false, 20), (true, 30)];
        assert_eq!(all(&mut tries, &[Answer::Another; 5]), then);
        tries.look();
        assert_eq!(all(&mut tries, &[Answer::Silence, Answer::Another]), [(false, 3), (true, 3)]);
    }

    #[test]
    fn an_address_that_a_new_start_would_change_is_not_given_up_in_haste() {
        let mut tries = Tries::default();
        tries.look();
        let hangs: Vec<bool> = (0..9).map(|_| tries.failed(Some(Answer::Another), true).0).collect();
        assert_eq!(hangs, [false, false, false, false, false, false, false, false, true]);
    }

    #[test]
    fn a_network_that_is_still_on_its_way_is_no_fault_of_the_tunnels() {
        let mut tries = Tries::default();
        tries.look();
        let six = [(false, 3); 6];
        assert_eq!(all(&mut tries, &[Answer::Nobody; 6]), six);
        assert_eq!(all(&mut tries, &[Answer::Nobody; 3]), [(false, 10), (false, 20), (true, 30)]);
    }
}
