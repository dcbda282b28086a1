//! Numbers whose messages WhatsApp still takes to an address that this computer had before: they are registered at the
//! new one, and the owner hears of those where that does not work for long.

use std::collections::{BTreeMap, BTreeSet};

use base::id::ChannelId;
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::Connection;

use super::keeper::{Alarm, Keeper};
use crate::channels::{self, ChannelKind, ChannelRow, ChannelState};
use crate::notices::{self, About, Notice};
use crate::{holder, settings};

/// The setting that keeps an [`Alarm`] for each number.
pub(crate) const SETTING: &str = "numbers_left_behind";

type LeftBehind = BTreeMap<ChannelId, Alarm>;

fn get(connection: &Connection) -> Result<LeftBehind> {
    settings::store::get(connection, SETTING)
}

/// The numbers of which the owner was told.
pub(crate) fn told(connection: &Connection) -> Result<BTreeSet<ChannelId>> {
    Ok(get(connection)?.into_iter().filter(|(_, alarm)| alarm.told).map(|(id, _)| id).collect())
}

/// There is to be no address any more, so that there is none to tell of.
pub(super) fn forget(tx: &Tx<'_>, now: Time) -> Result<()> {
    settings::store::remove(tx, SETTING)?;
    notices::settle(tx, now, About::Webhook)?;
    tx.publish("channels");
    Ok(())
}

impl Keeper {
    /// Registers a new address at Meta for every number that still has one of our own from before. False when it is not
    /// known of all numbers that Meta delivers here, so that it is to be tried again soon.
    pub(super) async fn tell_whatsapp(&self) -> Result<bool> {
        let (numbers, before) = self
            .ws
            .db
            .read(|c| {
                let all = channels::store::all(c)?.into_iter();
                let used = all.filter(|r| r.kind == ChannelKind::Whatsapp && r.state != ChannelState::Draft);
                Ok((used.collect::<Vec<_>>(), get(c)?))
            })
            .await?;
        let (mut all_told, mut behind) = (true, LeftBehind::new());
        for row in numbers {
            let since = before.get(&row.id).copied();
            match holder::is_left_behind(&self.ws, row.id).await {
                Some(false) => {}
                // Whatever was known of it still holds.
                None => {
                    all_told = false;
                    behind.extend(since.map(|alarm| (row.id, alarm)));
                }
                Some(true) => match channels::checks::subscribe(&self.ws, row.id).await {
                    Ok(()) => tracing::info!(channel = %row.id, "WhatsApp knows the new address"),
                    Err(e) => {
                        tracing::warn!(channel = %row.id, error = ?e, "WhatsApp could not be told of the new address");
                        all_told = false;
                        behind.insert(row.id, self.raise_for(&row, since.unwrap_or_default(), &e).await?);
                    }
                },
            }
        }
        if behind != before {
            let now = self.ws.clock.now();
            self.ws
                .db
                .write(move |tx| {
                    settings::store::put(tx, SETTING, &behind)?;
                    if before.values().any(|a| a.told) && !behind.values().any(|a| a.told) {
                        notices::settle(tx, now, About::Webhook)?;
                    }
                    tx.publish("channels");
                    Ok(())
                })
                .await?;
        }
        Ok(all_told)
    }

    /// Tells the owner, at home and by e-mail, when it has gone on for long: once for each time.
    async fn raise_for(&self, row: &ChannelRow, known: Alarm, why: &Error) -> Result<Alarm> {
        let now = self.ws.clock.now();
        let since = known.since.unwrap_or(now);
        let mut alarm = Alarm { since: Some(since), ..known };
        let used = matches!(row.state, ChannelState::Active | ChannelState::Trouble);
        if !used || alarm.told && alarm.written || now.since(since) < self.ws.timing.address_alarm {
            return Ok(alarm);
        }
        let title = format!("WhatsApp does not know your new address for {}", row.name);
        let text = format!(
            "Since {} what customers write has been on its way to the address that this computer had before, so it waits \
             at WhatsApp. {} Open the number under Settings, Channels; it is tried again every minute, too.",
            self.on_the_clock(since).await?,
            why.message
        );
        if !alarm.told {
            let (title, text) = (title.clone(), text.clone());
            let (id, told) = (row.id, Alarm { told: true, ..alarm });
            self.ws
                .db
                .write(move |tx| {
                    let notice = Notice {
                        title: &title,
                        text: &text,
                        urgent: true,
                        about: Some(About::Webhook),
                        ..Notice::default()
                    };
                    notices::tell(tx, now, &notice)?;
                    let mut all = get(tx)?;
                    all.insert(id, told);
                    settings::store::put(tx, SETTING, &all)?;
                    tx.publish("channels");
                    Ok(())
                })
                .await?;
            alarm = told;
        }
        alarm.written = self.write_to_owner(format!("webhook-{}-{}", row.id, since.as_ms()), title, text).await?;
        Ok(alarm)
    }
}
