//! The public address, as it was last proven.

use std::sync::Arc;
use std::time::Duration;

use base::Time;
use bots::{AddressStanding, Standing};

use super::{Area, Businesses, Check, File, Finding, SHORT, Site, channels};

const NAME: &str = "Public address";
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn checks(site: &Arc<Site>, businesses: &Businesses) -> Vec<Check> {
    let one = |file: &File| {
        let (site, of, file) = (site.clone(), file.business.clone(), file.clone());
        Check::new(Area::Address, NAME, SHORT, async move {
            let key = site.config.data.join("secret.key");
            let standing = base::task::blocking(move || channels::read(&file, &key)).await??;
            Ok(vec![judge(&standing.address, needs_one(&standing), site.clock.now())])
        })
        .of(&of)
    };
    businesses.0.iter().map(one).collect()
}

/// WhatsApp delivers to nothing else.
fn needs_one(standing: &Standing) -> bool {
    standing.channels.iter().any(|channel| channel.is_whatsapp && channel.is_on)
}

fn judge(address: &AddressStanding, needed: bool, now: Time) -> Finding {
    if !address.is_set {
        let sentence = "None is set, so customers outside of this computer cannot write.";
        return if needed {
            Finding::bad(Area::Address, NAME, sentence, "Open Settings, Public address, and set one.")
        } else {
            Finding::good(Area::Address, NAME, sentence)
        };
    }
    if address.has_failed {
        let fix = address.fix.clone().unwrap_or_else(|| "Open Settings, Public address, and try it again.".into());
        let sentence = address.sentence.clone();
        return if needed {
            Finding::bad(Area::Address, NAME, sentence, fix)
        } else {
            Finding::attention(Area::Address, NAME, sentence, fix)
        };
    }
    let again = "Open Settings, Public address, and try it again.";
    match address.proven_at.filter(|_| address.is_proven) {
        None => Finding::attention(Area::Address, NAME, "It was never proven to lead here.", again),
        Some(at) if now.since(at) > OLD => {
            let days = now.since(at).as_secs() / OLD.as_secs();
            let sentence = format!("It last proved to lead here {days} days ago.");
            Finding::attention(Area::Address, NAME, sentence, again)
        }
        Some(at) => {
            let minutes = now.since(at).as_secs() / 60;
            Finding::good(Area::Address, NAME, format!("It led here {minutes} minutes ago."))
        }
    }
}

#[cfg(test)]
mod tests {
    use ops::Standing::{Attention, Bad, Good};

    use super::*;

    #[test]
    fn an_address_is_judged_by_its_last_proof_and_by_who_needs_it() {
        let now = Time(1_794_000_000_000);
        let proven = |hours: u64| AddressStanding {
            is_set: true,
            is_proven: true,
            has_failed: false,
            proven_at: Some(now.minus(Duration::from_secs(hours * 3600))),
            sentence: "It works.".into(),
            fix: None,
        };
        let none = || AddressStanding { is_set: false, is_proven: false, proven_at: None, ..proven(0) };
        let failed = || AddressStanding { is_proven: false, has_failed: true, ..proven(1) };
        let untried = || AddressStanding { is_proven: false, proven_at: None, ..proven(0) };
        for (address, needed, standing) in [
            (none(), false, Good),
            (none(), true, Bad),
            (failed(), false, Attention),
            (failed(), true, Bad),
            (untried(), true, Attention),
            (proven(1), true, Good),
            (proven(50), true, Attention),
        ] {
            let finding = judge(&address, needed, now);
            assert_eq!(finding.standing, standing, "{finding:?}");
            assert_eq!(finding.fix.is_some(), standing != Good, "{finding:?}");
        }
    }
}
