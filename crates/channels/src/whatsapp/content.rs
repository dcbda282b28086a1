//! From the payload of an incoming message to content that flows and screens understand.

use base::message::{ContactCard, Content, Media, OrderItem};
use serde_json::Value;

use super::json;
use crate::text;

/// Longest text that customers can send.
pub(crate) const TEXT_IN: usize = 65_536;
const FORM_LIMIT_BYTES: usize = 256 * 1024;
const LIST_LIMIT: usize = 500;

/// The content of a message, and whether it is one that nobody wrote: such a message gets no reply.
pub(crate) struct Mapped {
    pub(crate) content: Content,
    pub(crate) quiet: bool,
}

/// Types that stand for no words of the customer.
const QUIET: [&str; 5] = ["ephemeral", "media_placeholder", "request_welcome", "system", "reaction"];
/// Types we read; what else comes is new to us, kept and not answered.
const KNOWN: [&str; 14] = [
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
    "interactive",
    "button",
    "order",
    "unsupported",
    "unknown",
];

/// Maps a message object of type `kind`. A payload that cannot be read becomes [`Content::Unsupported`]: the customer
/// did write, and the owner must see that.
pub(crate) fn map(kind: &str, message: &Value) -> Mapped {
    let payload = message.get(kind).unwrap_or(&Value::Null);
    let content = known(kind, payload, message).unwrap_or_else(|| Content::Unsupported {
        what: json::line(payload, "type").unwrap_or_else(|| text::clean_line(kind, 80)),
    });
    Mapped { content, quiet: QUIET.contains(&kind) || !KNOWN.contains(&kind) }
}

fn known(kind: &str, payload: &Value, message: &Value) -> Option<Content> {
    Some(match kind {
        "text" => Content::Text { text: long(payload, "body")? },
        "image" => Content::Image { media: media(payload)?, caption: caption(payload) },
        "video" => Content::Video { media: media(payload)?, caption: caption(payload) },
        "audio" => Content::Audio { media: media(payload)?, voice: json::flag(payload, "voice").unwrap_or(false) },
        "document" => Content::Document { media: media(payload)?, caption: caption(payload) },
        "sticker" => {
            Content::Sticker { media: media(payload)?, animated: json::flag(payload, "animated").unwrap_or(false) }
        }
        "location" => Content::Location {
            latitude: json::float(payload, "latitude").filter(|v| v.abs() <= 90.0)?,
            longitude: json::float(payload, "longitude").filter(|v| v.abs() <= 180.0)?,
            name: json::line(payload, "name"),
            address: json::line(payload, "address"),
        },
        "contacts" => {
            let contacts: Vec<_> = json::list(message, "contacts").iter().take(LIST_LIMIT).map(card).collect();
            Content::Contacts { contacts: (!contacts.is_empty()).then_some(contacts)? }
        }
        "reaction" => Content::Reaction {
            provider_message_id: json::id(payload, "message_id")?,
            emoji: json::line(payload, "emoji").map(|e| text::truncate(&e, 40)),
        },
        "interactive" => interactive(payload)?,
        "button" => {
            let title = json::line(payload, "text");
            let id = json::id(payload, "payload").or_else(|| title.clone())?;
            Content::Picked { title: title.unwrap_or_else(|| id.clone()), id }
        }
        "order" => order(payload)?,
        _ => return None,
    })
}

fn interactive(payload: &Value) -> Option<Content> {
    let kind =
        json::text(payload, "type").or_else(|| payload.as_object()?.keys().find(|k| k.ends_with("_reply")).cloned())?;
    let reply = payload.get(&kind)?;
    match kind.as_str() {
        "button_reply" | "list_reply" => {
            let id = json::id(reply, "id")?;
            Some(Content::Picked { title: json::line(reply, "title").unwrap_or_else(|| id.clone()), id })
        }
        "nfm_reply" => {
            // The answers come as JSON inside a string; what is no JSON is kept as the words it is.
            let values = match reply.get("response_json")? {
                Value::String(s) if s.len() > FORM_LIMIT_BYTES => return None,
                Value::String(s) => serde_json::from_str(s).unwrap_or_else(|_| Value::from(s.as_str())),
                other => other.clone(),
            };
            Some(Content::Form { name: json::line(reply, "name").unwrap_or_default(), values })
        }
        _ => None,
    }
}

fn long(v: &Value, key: &str) -> Option<String> {
    json::text(v, key).map(|s| text::truncate(&text::clean_text(&s), TEXT_IN))
}

fn caption(v: &Value) -> Option<String> {
    long(v, "caption").filter(|s| !s.is_empty())
}

fn media(v: &Value) -> Option<Media> {
    let media = Media {
        provider_id: json::id(v, "id"),
        url: json::text(v, "url").filter(|u| u.starts_with("https://") && u.len() <= 4096),
        stored: None,
        mime: json::line(v, "mime_type").unwrap_or_else(|| "application/octet-stream".into()).to_ascii_lowercase(),
        sha256: json::text(v, "sha256").and_then(|s| json::sha256_hex(&s)),
        filename: json::text(v, "filename").and_then(|f| text::clean_filename(&f)),
        size_bytes: json::int(v, "file_size").and_then(|n| u64::try_from(n).ok()),
    };
    (media.provider_id.is_some() || media.url.is_some()).then_some(media)
}

fn card(v: &Value) -> ContactCard {
    let name = v.get("name").unwrap_or(&Value::Null);
    let parts = || {
        let both: Vec<_> = ["first_name", "last_name"].into_iter().filter_map(|key| json::line(name, key)).collect();
        (!both.is_empty()).then(|| both.join(" "))
    };
    ContactCard {
        name: json::line(name, "formatted_name").or_else(parts).unwrap_or_default(),
        phones: json::list(v, "phones")
            .iter()
            .take(LIST_LIMIT)
            .filter_map(|p| json::line(p, "phone").or_else(|| json::id(p, "wa_id").map(|id| format!("+{id}"))))
            .map(|p| text::truncate(&p, 40))
            .collect(),
    }
}

fn order(v: &Value) -> Option<Content> {
    let items: Vec<_> = json::list(v, "product_items")
        .iter()
        .take(LIST_LIMIT)
        .filter_map(|item| {
            let currency = json::line(item, "currency").unwrap_or_default().to_ascii_uppercase();
            let price = json::float(item, "item_price").unwrap_or(0.0) * f64::from(minor_units(&currency));
            Some(OrderItem {
                product_id: json::id(item, "product_retailer_id")?,
                quantity: json::int(item, "quantity").and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
                price_minor: price.round() as i64, // Saturates; `float` lets no NaN through.
                currency,
            })
        })
        .collect();
    (!items.is_empty()).then(|| Content::Order { items, text: long(v, "text").filter(|s| !s.is_empty()) })
}

/// How many minor units make one, by ISO 4217.
pub(crate) fn minor_units(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 1,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 1000,
        _ => 100,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn odd_payloads_are_read_or_shown_as_something_that_came() {
        let unsupported = |what: &str| Content::Unsupported { what: what.into() };
        for (kind, message, expected, quiet) in [
            ("text", json!({"text": {"body": 5}}), Content::text("5"), false),
            ("text", json!({"text": 5}), unsupported("text"), false),
            ("interactive", json!({}), unsupported("interactive"), false),
            (
                "button",
                json!({"button": {"text": "Yes"}}),
                Content::Picked { id: "Yes".into(), title: "Yes".into() },
                false,
            ),
            ("unknown", json!({}), unsupported("unknown"), false),
            ("request_welcome", json!({}), unsupported("request_welcome"), true),
            ("image", json!({"image": {"mime_type": "image/png"}}), unsupported("image"), false),
            ("location", json!({"location": {"latitude": 95, "longitude": 1}}), unsupported("location"), false),
            (
                "location",
                json!({"location": {"latitude": "-34.5", "longitude": "18"}}),
                Content::Location { latitude: -34.5, longitude: 18.0, name: None, address: None },
                false,
            ),
            (
                "order",
                json!({"order": {"product_items": [{"product_retailer_id": 7, "quantity": "3", "item_price": "1250", "currency": "jpy"}]}}),
                Content::Order {
                    items: vec![OrderItem {
                        product_id: "7".into(),
                        quantity: 3,
                        price_minor: 1250,
                        currency: "JPY".into(),
                    }],
                    text: None,
                },
                false,
            ),
            (
                "interactive",
                json!({"interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "not json"}}}),
                Content::Form { name: String::new(), values: json!("not json") },
                false,
            ),
        ] {
            let mapped = map(kind, &message);
            assert_eq!(mapped.content, expected, "{kind}: {message}");
            assert_eq!(mapped.quiet, quiet, "{kind}: {message}");
        }
    }
}
