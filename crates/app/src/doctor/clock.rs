//! The clock: a year that can be, not behind what was written down, and near what other computers show.

use std::sync::Arc;
use std::time::Duration;

use base::Time;

use super::{Area, Businesses, Check, Finding, MIDDLE, Network, SHORT, Site, store};

/// The first day of the year in which this program was made, and of one in which nobody will run it.
const EARLIEST: Time = Time(1_767_225_600_000);
const LATEST: Time = Time(4_102_444_800_000);
/// Clocks of two computers are never the same.
const NEAR: Duration = Duration::from_secs(2 * 60);
/// Beyond this, secure connections and booked times go wrong.
const FAR: Duration = Duration::from_secs(30 * 60);

pub(super) fn check(site: &Arc<Site>, businesses: &Businesses, network: &Network) -> Check {
    let (site, businesses, network) = (site.clone(), businesses.clone(), network.clone());
    Check::new(Area::Clock, "Clock", MIDDLE, async move {
        let data = site.config.data.clone();
        let written = base::task::blocking(move || {
            let system = db::look(&data.join("system.db"), SHORT);
            let all = businesses.0.iter().map(|file| file.look(SHORT)).chain([system]);
            // A file that cannot be read is told of elsewhere.
            all.filter_map(|c| store::last_written(&c.ok()?).ok()?).max()
        })
        .await?;
        let answered = network.answered().await;
        let now = site.clock.now();
        let there = answered.and_then(|a| Some(a.date?.plus(a.took / 2)));
        Ok(vec![judge(now, written, there)])
    })
}

fn judge(now: Time, written: Option<Time>, there: Option<Time>) -> Finding {
    let set = "Let the system set the time by itself (“set time automatically”), and check the battery if it is wrong after every start.";
    let bad = |sentence: String| Finding::bad(Area::Clock, "Clock", sentence, set);
    if now < EARLIEST || now > LATEST {
        return bad("The computer's clock shows a year that cannot be.".into());
    }
    if let Some(written) = written.filter(|written| *written > now.plus(NEAR)) {
        return bad(format!("The clock is {} behind what was last written down.", words(written.since(now))));
    }
    let Some(there) = there else {
        return Finding::good(Area::Clock, "Clock", "The clock looks right. Nobody could be asked for the time.");
    };
    let (drift, way) = if there > now { (there.since(now), "behind") } else { (now.since(there), "ahead") };
    match drift {
        drift if drift <= NEAR => Finding::good(Area::Clock, "Clock", "The clock is right."),
        drift if drift <= FAR => {
            Finding::attention(Area::Clock, "Clock", format!("The clock is {} {way}.", words(drift)), set)
        }
        drift => bad(format!("The clock is {} {way}.", words(drift))),
    }
}

fn words(time: Duration) -> String {
    match time.as_secs() / 60 {
        minutes if minutes < 120 => format!("{minutes} minutes"),
        minutes if minutes < 48 * 60 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / (24 * 60)),
    }
}

#[cfg(test)]
mod tests {
    use ops::Standing::{Attention, Bad, Good};

    use super::*;

    #[test]
    fn a_wrong_clock_is_told_by_what_is_known() {
        let now = Time(1_794_000_000_000);
        let minutes = |n: u64| Duration::from_secs(60 * n);
        for (at, written, there, standing, word) in [
            (now, None, None, Good, "looks right"),
            (Time(0), None, None, Bad, "year"),
            (Time(5_000_000_000_000), None, None, Bad, "year"),
            (now, Some(now.minus(minutes(60))), Some(now), Good, "is right"),
            (now, Some(now.plus(minutes(180))), None, Bad, "3 hours behind"),
            (now, Some(now.plus(minutes(1))), None, Good, "looks right"),
            (now, None, Some(now.plus(minutes(10))), Attention, "10 minutes behind"),
            (now, None, Some(now.minus(minutes(10))), Attention, "10 minutes ahead"),
            (now, None, Some(now.minus(minutes(60 * 24 * 4))), Bad, "4 days ahead"),
        ] {
            let finding = judge(at, written, there);
            assert_eq!(finding.standing, standing, "{finding:?}");
            assert!(finding.sentence.contains(word), "{finding:?}");
        }
    }
}
