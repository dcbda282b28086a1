//! What somebody beside the screen wants to know: who waits, whether bots answer, what is in trouble; and the one switch
//! for all bots. The desktop's tray icon and its notifications are made of it.

use std::collections::BTreeSet;

use base::id::{BotId, ChannelId, ConversationId};
use base::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::address::{self, AddressState};
use crate::channels::ChannelState;
use crate::conversations::store::Filter;
use crate::settings::store as settings;
use crate::workspace::Workspace;
use crate::{bots, channels, conversations, inbound, outbox};

const NAME: &str = "silenced";
/// So many of those who wait are named.
const NAMED: usize = 20;
/// Changes that an outlook does not show.
const IGNORED: [&str; 9] =
    ["sources", "gaps", "approved_answers", "bookings", "secrets", "models", "runs", crate::runs::TAG, jobs::TAG];

/// One business at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// There is a bot at all.
    pub bots: bool,
    /// At least one bot answers.
    pub answering: bool,
    /// Conversations in which a person is asked for.
    pub waiting: u32,
    /// Those of them that were written in last.
    pub people: Vec<Waiting>,
    pub address: Reached,
    /// Messages on their way out.
    pub outgoing: u32,
    /// Messages that a person has to look at: it is not certain that they left, or they could not be understood.
    pub stuck: u32,
    /// Channels that were stopped by something the owner has to mend.
    pub channels_down: Vec<Down>,
    /// The disk is so full that new messages wait outside.
    pub disk_low: bool,
}

/// Somebody who waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub conversation: ConversationId,
    /// Nothing when the customer's name is not known.
    pub name: Option<String>,
}

/// A channel in trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    pub channel: ChannelId,
    pub name: String,
}

/// Whether the world reaches this computer, as far as is known. Of several businesses, the worst news counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// No public address is set.
    #[default]
    Unset,
    Proven,
    Unproven,
    Failed,
}

impl Outlook {
    /// All businesses of this machine as one.
    pub fn joined(all: impl IntoIterator<Item = Outlook>) -> Outlook {
        all.into_iter().fold(Outlook::default(), |mut sum, one| {
            sum.bots |= one.bots;
            sum.answering |= one.answering;
            sum.waiting = sum.waiting.saturating_add(one.waiting);
            sum.people.extend(one.people);
            sum.address = sum.address.max(one.address);
            sum.outgoing = sum.outgoing.saturating_add(one.outgoing);
            sum.stuck = sum.stuck.saturating_add(one.stuck);
            sum.channels_down.extend(one.channels_down);
            sum.disk_low |= one.disk_low;
            sum
        })
    }

    /// Whether something is wrong that the owner has to look at.
    pub fn in_trouble(&self) -> bool {
        self.address == Reached::Failed || !self.channels_down.is_empty() || self.disk_low
    }
}

/// The bots that were silenced together, so that answering again wakes those and no others.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Silenced {
    bots: BTreeSet<BotId>,
}

/// Whether a change with these tags may change an outlook.
pub fn concerns(tags: &[impl AsRef<str>]) -> bool {
    tags.iter().any(|tag| {
        let tag = tag.as_ref();
        !IGNORED.contains(&tag) && !tag.starts_with("conversation:") && !tag.starts_with(outbox::RECEIPT_TAG)
    })
}

/// One business at a glance.
pub async fn outlook(ws: &Workspace) -> Result<Outlook> {
    let mut outlook = ws
        .db
        .read(|c| {
            let bots = bots::store::list(c)?;
            let (outgoing, in_doubt) = outbox::store::count_open(c)?;
            let waiting = conversations::store::list(c, Filter::Waiting, None, None, NAMED)?;
            let channels = channels::store::all(c)?;
            let left_behind = address::told_left_behind(c)?;
            Ok(Outlook {
                bots: !bots.is_empty(),
                answering: bots.iter().any(|b| !b.paused),
                waiting: conversations::store::count_waiting(c)?,
                people: waiting
                    .into_iter()
                    .map(|row| Waiting { conversation: row.id, name: row.contact_name })
                    .collect(),
                address: match address::get(c)?.state {
                    AddressState::None => Reached::Unset,
                    AddressState::Unproven => Reached::Unproven,
                    AddressState::Proven => Reached::Proven,
                    AddressState::Failed => Reached::Failed,
                },
                outgoing,
                stuck: in_doubt.saturating_add(inbound::store::count_quarantined(c)?),
                channels_down: channels
                    .into_iter()
                    .filter(|channel| match channel.state {
                        ChannelState::Trouble => true,
                        ChannelState::Active => left_behind.contains(&channel.id),
                        ChannelState::Draft | ChannelState::Paused => false,
                    })
                    .map(|channel| Down { channel: channel.id, name: channel.name })
                    .collect(),
                disk_low: false,
            })
        })
        .await?;
    outlook.disk_low = ws.db.ensure_room().is_err();
    Ok(outlook)
}

/// Lets all bots of the business answer, or none. Bots that the owner had silenced one by one stay silent when the others
/// answer again, unless they are all there is.
pub async fn set_answering(ws: &Workspace, answering: bool) -> Result<()> {
    let now = ws.clock.now();
    ws.db
        .write(move |tx| {
            let bots = bots::store::list(tx)?;
            let mut silenced: Silenced = settings::get(tx, NAME)?;
            let known = bots.iter().any(|b| b.paused && silenced.bots.contains(&b.id));
            for mut bot in bots {
                let change =
                    if answering { bot.paused && (!known || silenced.bots.contains(&bot.id)) } else { !bot.paused };
                if !change {
                    continue;
                }
                if answering {
                    silenced.bots.remove(&bot.id);
                } else {
                    silenced.bots.insert(bot.id);
                }
                bot.paused = !answering;
                bot.updated_at = now;
                bots::store::update(tx, &bot)?;
            }
            if answering {
                silenced.bots.clear();
            }
            settings::put(tx, NAME, &silenced)?;
            for tag in ["bots", "status", "home"] {
                tx.publish(tag);
            }
            Ok::<_, Error>(())
        })
        .await
}
