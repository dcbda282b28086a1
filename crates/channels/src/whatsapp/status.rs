//! What became of a message we sent: its states, which only move forward, and what it cost.

use base::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors::GraphError;
use super::inbound::{Identity, Scope};
use super::json;

/// The state of a sent message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Sent,
    Delivered,
    Read,
    /// A voice message was listened to.
    Played,
    Failed,
    /// `deleted`, `warning` and whatever comes: logged, never stored as a state.
    Other(String),
}

impl Status {
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "sent" => Status::Sent,
            "delivered" => Status::Delivered,
            "read" => Status::Read,
            "played" => Status::Played,
            "failed" | "error" => Status::Failed,
            other => Status::Other(crate::text::clean_line(other, 40)),
        }
    }

    /// 1 to 4 from sent to played; 0 for failed and for states that are not known.
    pub fn rank(&self) -> u8 {
        match self {
            Status::Sent => 1,
            Status::Delivered => 2,
            Status::Read => 3,
            Status::Played => 4,
            Status::Failed | Status::Other(_) => 0,
        }
    }

    /// The word as Meta and our own tables spell it.
    pub fn as_str(&self) -> &str {
        match self {
            Status::Sent => "sent",
            Status::Delivered => "delivered",
            Status::Read => "read",
            Status::Played => "played",
            Status::Failed => "failed",
            Status::Other(word) => word,
        }
    }
}

/// Whether a stored state may give way to `next`: never down, never away from failed, to failed only from nothing or
/// sent, and never to a state that is not known. States may be skipped: a read message was delivered.
pub fn may_follow(current: Option<&Status>, next: &Status) -> bool {
    match (current, next) {
        (_, Status::Other(_)) | (Some(Status::Failed), _) => false,
        (None | Some(Status::Other(_)), _) => true,
        (Some(current), Status::Failed) => *current == Status::Sent,
        (Some(current), next) => next.rank() > current.rank(),
    }
}

/// What Meta says a message cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pricing {
    /// `PMP` (by message) or, in old ones, `CBP` (by conversation).
    pub model: Option<String>,
    /// `regular`, `free_customer_service`, `free_entry_point` ...
    pub kind: Option<String>,
    /// `marketing`, `utility`, `authentication`, `service` ...
    pub category: Option<String>,
    billable: Option<bool>,
}

impl Pricing {
    /// Whether the message is billed; told by its kind where Meta does not say.
    pub fn is_billable(&self) -> bool {
        self.billable.unwrap_or_else(|| self.kind.as_deref().is_none_or(|kind| kind == "regular"))
    }
}

/// News of a message we sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// The message's id at Meta.
    pub provider_id: String,
    pub status: Status,
    /// When it happened, by Meta's clock.
    pub at: Option<Time>,
    /// Who the message went to; in groups the member that this is about.
    pub recipient: Identity,
    pub group_id: Option<String>,
    /// The id of ours that went out with the message; how a send with an unknown outcome is found again.
    pub our_ref: Option<String>,
    pub pricing: Option<Pricing>,
    /// The end of a free-entry window (72 hours after an advertisement), when this message is part of one.
    pub free_entry_until: Option<Time>,
    pub errors: Vec<GraphError>,
}

/// Reads one element of `statuses[]`.
pub(super) fn parse(scope: &Scope<'_>, v: &Value) -> Result<(String, StatusUpdate), &'static str> {
    let provider_id = json::id(v, "id").ok_or("a status without the id of its message")?;
    let word = json::id(v, "status").ok_or("a status that names no state")?;
    let participant = json::id(v, "recipient_participant_id").or_else(|| json::id(v, "recipient_participant_user_id"));
    let group = json::text(v, "recipient_type").is_some_and(|t| t == "group");
    let recipient = if group {
        scope.identity(
            json::id(v, "recipient_participant_id"),
            json::id(v, "recipient_participant_user_id"),
            json::id(v, "recipient_participant_parent_user_id"),
        )
    } else {
        scope.identity(
            json::id(v, "recipient_id"),
            json::id(v, "recipient_user_id"),
            // The documentation has the first spelling, Meta's own test button the second.
            json::id(v, "recipient_parent_user_id").or_else(|| json::id(v, "parent_recipient_user_id")),
        )
    };
    let pricing = v.get("pricing").filter(|p| p.is_object()).map(|p| Pricing {
        model: json::id(p, "pricing_model"),
        kind: json::id(p, "type"),
        category: json::id(p, "category"),
        billable: json::flag(p, "billable"),
    });
    let conversation = v.get("conversation").unwrap_or(&Value::Null);
    let origin = conversation.get("origin").and_then(|o| json::id(o, "type"));
    let free_entry = origin.as_deref() == Some("referral_conversion")
        || pricing.as_ref().is_some_and(|p| p.kind.as_deref() == Some("free_entry_point"));
    let key = scope.key("status", &[&provider_id, &word, participant.as_deref().unwrap_or_default()]);
    let update = StatusUpdate {
        status: Status::parse(&word),
        at: json::time(v, "timestamp"),
        recipient,
        group_id: if group { json::id(v, "recipient_id") } else { None },
        our_ref: json::id(v, "biz_opaque_callback_data"),
        free_entry_until: if free_entry { json::time(conversation, "expiration_timestamp") } else { None },
        pricing,
        errors: GraphError::list(v),
        provider_id,
    };
    Ok((key, update))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_only_move_forward_and_failed_is_the_end() {
        use Status::*;
        let known = [Sent, Delivered, Read, Played, Failed];
        for (current, allowed) in [
            (None, &[Sent, Delivered, Read, Played, Failed][..]),
            (Some(Sent), &[Delivered, Read, Played, Failed]),
            (Some(Delivered), &[Read, Played]),
            (Some(Read), &[Played]),
            (Some(Played), &[]),
            (Some(Failed), &[]),
        ] {
            for next in &known {
                assert_eq!(may_follow(current.as_ref(), next), allowed.contains(next), "{current:?} -> {next:?}");
            }
            assert!(!may_follow(current.as_ref(), &Other("deleted".into())), "unknown states are never stored");
        }
    }

    #[test]
    fn a_price_without_a_verdict_is_told_by_its_kind() {
        let price =
            |kind: Option<&str>, billable| Pricing { kind: kind.map(Into::into), billable, ..Pricing::default() };
        for (kind, billable, billed) in [
            (Some("regular"), None, true),
            (Some("free_customer_service"), None, false),
            (Some("regular"), Some(false), false),
            (None, None, true),
        ] {
            assert_eq!(price(kind, billable).is_billable(), billed, "{kind:?} {billable:?}");
        }
    }
}
