//! What comes in from customers and providers: accepted once, durably, before anything is done with it.
//!
//! [`accept`] is all that happens before a webhook is answered with 200: the raw body and one row for each item in it,
//! in one transaction, each under a key that makes a redelivery insert nothing. Taking the items in (`ingest`) follows
//! in transactions of its own, so that an item that cannot be taken in spoils neither the answer nor the others.

mod ingest;
pub(crate) mod store;
mod worker;

use std::sync::Arc;

use base::id::ChannelId;
use base::message::Content;
use base::{Result, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(test)]
pub(crate) use worker::pass;
pub(crate) use worker::run as run_worker;

use crate::contacts::Alias;
use crate::conversations::MessageStatus;
use crate::workspace::Workspace;

/// Published when items wait to be taken in.
pub(crate) const TAG: &str = "inbound";

/// One thing that came in, in no provider's dialect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Inbound {
    /// A customer wrote.
    Message {
        from: Vec<Alias>,
        name: Option<String>,
        provider_id: Option<String>,
        client_id: Option<String>,
        content: Content,
        /// When the customer sent it, by the provider's clock.
        sent_at: Time,
        replied_to: Option<String>,
        /// The customer came from an advertisement, which opens a longer window.
        #[serde(default)]
        free_entry: bool,
        /// Nobody wrote this, or it was not written to us: it is shown and not answered.
        #[serde(default)]
        quiet: bool,
        /// What else the provider told: the advertisement, the product asked about, forwarding.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        extra: Value,
    },
    /// The owner wrote on their phone.
    Echo { to: Vec<Alias>, provider_id: String, content: Content, sent_at: Time },
    /// The customer changed a message.
    Edit { provider_id: String, content: Content, at: Time },
    /// The customer took a message back.
    Revoke { provider_id: String, at: Time },
    /// How far one of our messages came.
    Status {
        provider_id: Option<String>,
        /// The outbox id that we sent along.
        our_ref: Option<String>,
        status: MessageStatus,
        /// For a failure: what happened and what to do, for the owner.
        error: Option<String>,
        /// The provider's code for it.
        #[serde(default)]
        code: Option<i64>,
    },
    /// The provider calls a customer by another name now.
    AliasChange { changes: Vec<(Alias, Alias)> },
    /// The customer wants no more, or again, advertising.
    Preference { from: Vec<Alias>, marketing_stopped: bool, at: Time },
    /// Something about the number or the account that the owner should know; `serious` stops the channel.
    Notice { message: String, serious: bool },
    /// Messages from before the number was connected; shown, never answered.
    History { messages: Vec<OldMessage> },
    /// Stored and counted, nothing to do.
    Noted { what: String },
}

/// A message from before the number was connected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OldMessage {
    pub(crate) customer: Vec<Alias>,
    pub(crate) by_business: bool,
    pub(crate) provider_id: String,
    pub(crate) content: Content,
    pub(crate) at: Time,
}

/// An item with the key that recognises its duplicates. `channel` is another of our channels when the provider sends
/// several numbers' items to one address.
pub(crate) struct Item {
    pub(crate) channel: ChannelId,
    pub(crate) dedupe_key: String,
    pub(crate) inbound: Inbound,
}

/// An item that could not be understood: kept for a later look, and no reason to refuse the others.
pub(crate) struct Unreadable {
    pub(crate) dedupe_key: String,
    pub(crate) raw: String,
    pub(crate) problem: String,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    pub new: usize,
    pub duplicates: usize,
    pub unreadable: usize,
}

/// Stores a delivery. When this resolves, it is on the disk and will be taken in, whatever happens next.
pub(crate) async fn accept(
    ws: &Arc<Workspace>,
    channel: ChannelId,
    raw: Option<bytes::Bytes>,
    items: Vec<Item>,
    unreadable: Vec<Unreadable>,
) -> Result<Accepted> {
    ws.db.ensure_room()?;
    let now = ws.clock.now();
    let accepted = ws
        .db
        .write(move |tx| {
            let delivery = raw.map(|raw| store::insert_delivery(tx, channel, now, &raw)).transpose()?;
            let mut accepted = Accepted::default();
            for item in &items {
                let payload = serde_json::to_string(&item.inbound)?;
                if store::insert(tx, item.channel, &item.dedupe_key, delivery, &payload, now)? {
                    accepted.new += 1;
                } else {
                    accepted.duplicates += 1;
                }
            }
            for item in &unreadable {
                store::insert_quarantined(tx, channel, &item.dedupe_key, delivery, &item.raw, &item.problem, now)?;
                accepted.unreadable += 1;
            }
            if accepted.new > 0 {
                tx.publish(TAG);
            }
            Ok(accepted)
        })
        .await?;
    ws.channels.heard(channel, now);
    metrics::counter!("inbound_items_total", "kind" => "new").increment(accepted.new as u64);
    metrics::counter!("inbound_items_total", "kind" => "duplicate").increment(accepted.duplicates as u64);
    metrics::counter!("inbound_items_total", "kind" => "unreadable").increment(accepted.unreadable as u64);
    Ok(accepted)
}
