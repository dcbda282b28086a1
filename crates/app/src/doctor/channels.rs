//! Channels: what they need is typed in, readable, and accepted at the other end.

use std::path::Path;
use std::sync::Arc;

use base::{Result, Vault};
use bots::{ChannelStanding, Standing};

use super::{Area, Businesses, Check, File, Finding, MIDDLE, Network, SHORT, Site};

const AREA: Area = Area::Channels;
const SECRETS: &str = "Stored passwords and keys";

pub(super) fn checks(site: &Arc<Site>, businesses: &Businesses, network: &Network) -> Vec<Check> {
    let one = |file: &File| {
        let (site, network, of, file) = (site.clone(), network.clone(), file.business.clone(), file.clone());
        Check::new(AREA, "Channels", MIDDLE, async move {
            let key = site.config.data.join("secret.key");
            let standing = base::task::blocking(move || read(&file, &key)).await??;
            let mut findings: Vec<Finding> = secrets(&standing).into_iter().collect();
            let reached = network.answered().await.is_some();
            let looks = standing.channels.iter().map(|channel| look(channel, &site, reached));
            findings.extend(futures::future::join_all(looks).await);
            Ok(findings)
        })
        .of(&of)
    };
    businesses.0.iter().map(one).collect()
}

/// What a business's file tells of its channels and its address.
pub(super) fn read(file: &File, key: &Path) -> Result<Standing> {
    // Opening a vault makes a key where there is none.
    let vault = if key.is_file() { Vault::open(key).ok() } else { None };
    bots::standing(&file.look(SHORT)?, vault.as_ref())
}

fn secrets(standing: &Standing) -> Option<Finding> {
    let all = standing.sealed;
    match standing.unreadable {
        _ if all == 0 => None,
        0 => Some(Finding::good(Area::Secrets, SECRETS, "All of them can be read.")),
        unreadable => Some(Finding::bad(
            Area::Secrets,
            SECRETS,
            format!("{unreadable} of {all} cannot be read: the key file is another one or missing."),
            "Put “secret.key” back from your backup, or type the passwords and keys in again.",
        )),
    }
}

async fn look(channel: &ChannelStanding, site: &Site, reached: bool) -> Finding {
    let name = if channel.is_whatsapp { "WhatsApp" } else { "Web chat" };
    let finding = match judge_stored(channel, name) {
        Some(found) => found,
        None if !reached => {
            let sentence = "All it needs is stored. WhatsApp could not be asked: there is no connection.";
            Finding::good(AREA, name, sentence)
        }
        None => match channel.ask(&site.config.graph_url, site.clock.now()).await {
            Ok(checks) => match checks.into_iter().find(|check| !check.ok) {
                None if channel.in_trouble => Finding::attention(
                    AREA,
                    name,
                    "It was stopped: WhatsApp refused to send. What waits is kept.",
                    "Open the channel's settings; they say why.",
                ),
                None => Finding::good(AREA, name, "WhatsApp accepts the app, the token and the number."),
                Some(check) => {
                    let fix = check.fix.unwrap_or_else(|| "Open the channel's settings.".into());
                    Finding::bad(AREA, name, check.sentence, fix)
                }
            },
            Err(e) => Finding::attention(AREA, name, e.message, "Correct “graph_url” in the configuration."),
        },
    };
    finding.of(&channel.name)
}

/// What can be said without asking anybody.
fn judge_stored(channel: &ChannelStanding, name: &str) -> Option<Finding> {
    if !channel.is_whatsapp {
        return Some(Finding::good(AREA, name, "It needs no key."));
    }
    if !channel.unreadable.is_empty() {
        let sentence = format!("Stored, but not readable: {}.", channel.unreadable.join(", "));
        return Some(Finding::bad(AREA, name, sentence, "Type it in again in the channel's settings."));
    }
    if channel.missing.is_empty() {
        return None;
    }
    let sentence = format!("Not typed in yet: {}.", channel.missing.join(", "));
    // Somebody who has not finished yet is told elsewhere how to go on.
    Some(if channel.is_on {
        Finding::bad(AREA, name, sentence, "Type it in in the channel's settings.")
    } else {
        Finding::good(AREA, name, format!("Its set-up is not finished. {sentence}"))
    })
}

#[cfg(test)]
mod tests {
    use ops::Standing::{self as Level, Bad, Good};

    use super::*;

    #[test]
    fn what_a_channel_lacks_is_named_and_a_draft_is_no_trouble() {
        let with = |is_on, missing: &[&'static str], unreadable: &[&'static str]| {
            let mut channel = ChannelStanding::whatsapp("Front desk");
            (channel.is_on, channel.missing, channel.unreadable) = (is_on, missing.to_vec(), unreadable.to_vec());
            channel
        };
        let cases: [(ChannelStanding, Option<Level>, &str); 4] = [
            (with(true, &[], &[]), None, ""),
            (with(true, &["the access token"], &[]), Some(Bad), "the access token"),
            (with(false, &["the access token"], &[]), Some(Good), "not finished"),
            (with(true, &[], &["the app's secret"]), Some(Bad), "the app's secret"),
        ];
        for (channel, standing, word) in cases {
            let found = judge_stored(&channel, "WhatsApp");
            assert_eq!(found.as_ref().map(|f| f.standing), standing);
            assert!(found.is_none_or(|f| f.sentence.contains(word)));
        }
    }
}
