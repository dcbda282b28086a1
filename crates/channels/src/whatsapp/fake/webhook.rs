//! Webhook bodies as Meta makes them, down to how it escapes characters.

use base::Time;
use base::message::{Content, Media};
use base64::Engine;
use serde_json::{Map, Value, json};

use super::{Customer, Settings};
use crate::whatsapp::content::minor_units;

/// Meta's serialisation: characters beyond ASCII as `\uXXXX` in lower case, slashes as `\/`. A receiver that parses and
/// serialises again before checking the signature fails on it.
pub fn meta_json(v: &Value) -> Vec<u8> {
    let plain = v.to_string();
    let mut out = Vec::with_capacity(plain.len() + 64);
    // Both only ever occur inside strings.
    for c in plain.chars() {
        match c {
            '/' => out.extend_from_slice(b"\\/"),
            c if c.is_ascii() => out.push(c as u8),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
    }
    out
}

fn seconds(at: Time) -> String {
    at.as_ms().div_euclid(1000).to_string()
}

/// The envelope around one change of a number.
pub(super) fn envelope(settings: &Settings, field: &str, parts: Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": settings.display_phone_number, "phone_number_id": settings.phone_number_id},
    });
    if let (Some(value), Value::Object(parts)) = (value.as_object_mut(), parts) {
        value.extend(parts);
    }
    json!({"object": "whatsapp_business_account",
        "entry": [{"id": settings.waba_id, "changes": [{"value": value, "field": field}]}]})
}

pub(super) fn contact(customer: &Customer) -> Value {
    let mut out = json!({"profile": {"name": customer.name}});
    if let Some(phone) = &customer.phone {
        out["wa_id"] = phone.as_str().into();
    }
    if let Some(id) = &customer.user_id {
        out["user_id"] = id.as_str().into();
    }
    out
}

/// A message object of any type.
pub(super) fn message(customer: &Customer, wamid: &str, at: Time, kind: &str, payload: Value) -> Value {
    let mut out = Map::new();
    if let Some(phone) = &customer.phone {
        out.insert("from".into(), phone.as_str().into());
    }
    if let Some(id) = &customer.user_id {
        out.insert("from_user_id".into(), id.as_str().into());
    }
    out.insert("id".into(), wamid.into());
    out.insert("timestamp".into(), seconds(at).into());
    out.insert("type".into(), kind.into());
    out.insert(kind.into(), payload);
    Value::Object(out)
}

/// The type and payload with which a customer's content comes; nothing for kinds that only go out.
pub(super) fn payload(content: &Content) -> Option<(&'static str, Value)> {
    Some(match content {
        Content::Text { text } => ("text", json!({ "body": text })),
        Content::Image { media, caption } => ("image", file(media, caption.as_deref())),
        Content::Video { media, caption } => ("video", file(media, caption.as_deref())),
        Content::Document { media, caption } => ("document", file(media, caption.as_deref())),
        Content::Audio { media, voice } => {
            let mut payload = file(media, None);
            payload["voice"] = (*voice).into();
            ("audio", payload)
        }
        Content::Sticker { media, animated } => {
            let mut payload = file(media, None);
            payload["animated"] = (*animated).into();
            ("sticker", payload)
        }
        Content::Location { latitude, longitude, name, address } => {
            let mut payload = json!({"latitude": latitude, "longitude": longitude});
            for (key, text) in [("name", name), ("address", address)] {
                if let Some(text) = text {
                    payload[key] = text.as_str().into();
                }
            }
            ("location", payload)
        }
        Content::Contacts { contacts } => {
            let card = |c: &base::message::ContactCard| {
                let phones: Vec<_> = c.phones.iter().map(|p| json!({"phone": p, "type": "CELL"})).collect();
                json!({"name": {"formatted_name": c.name, "first_name": c.name}, "phones": phones, "origin": "other"})
            };
            ("contacts", contacts.iter().map(card).collect())
        }
        Content::Reaction { provider_message_id, emoji } => {
            let mut payload = json!({ "message_id": provider_message_id });
            if let Some(emoji) = emoji {
                payload["emoji"] = emoji.as_str().into();
            }
            ("reaction", payload)
        }
        Content::Picked { id, title } => {
            ("interactive", json!({"type": "button_reply", "button_reply": {"id": id, "title": title}}))
        }
        Content::Form { name, values } => {
            let reply = json!({"name": name, "body": "Sent", "response_json": values.to_string()});
            ("interactive", json!({"type": "nfm_reply", "nfm_reply": reply}))
        }
        Content::Order { items, text } => {
            let items: Vec<_> = items
                .iter()
                .map(|i| {
                    let price = i.price_minor as f64 / f64::from(minor_units(&i.currency));
                    json!({"product_retailer_id": i.product_id, "quantity": i.quantity, "item_price": price, "currency": i.currency})
                })
                .collect();
            (
                "order",
                json!({"catalog_id": "700100", "text": text.as_deref().unwrap_or_default(), "product_items": items}),
            )
        }
        Content::Unsupported { what } => ("unsupported", json!({ "type": what })),
        Content::Buttons { .. }
        | Content::List { .. }
        | Content::Link { .. }
        | Content::Template { .. }
        | Content::LocationRequest { .. } => return None,
    })
}

fn file(media: &Media, caption: Option<&str>) -> Value {
    let mut out = json!({ "mime_type": media.mime });
    if let Some(digest) = media.sha256.as_deref().and_then(|h| hex::decode(h).ok()) {
        out["sha256"] = base64::engine::general_purpose::STANDARD.encode(digest).into();
    }
    for (key, text) in [
        ("id", media.provider_id.as_deref()),
        ("url", media.url.as_deref()),
        ("filename", media.filename.as_deref()),
        ("caption", caption),
    ] {
        if let Some(text) = text {
            out[key] = text.into();
        }
    }
    out
}

/// A status of a message that was sent to `to`, with its price where Meta tells it.
pub(super) fn status(sent: &super::Sent, status: &str, at: Time, error: Option<Value>) -> Value {
    let mut out = json!({"id": sent.wamid, "status": status, "timestamp": seconds(at)});
    match sent.to.strip_prefix('+') {
        Some(phone) => out["recipient_id"] = phone.into(),
        None => out["recipient_user_id"] = sent.to.as_str().into(),
    }
    if let Some(our_ref) = &sent.our_ref {
        out["biz_opaque_callback_data"] = our_ref.as_str().into();
    }
    if matches!(status, "sent" | "delivered") {
        let category = if sent.kind == "template" { "utility" } else { "service" };
        out["pricing"] = json!({"billable": true, "pricing_model": "PMP", "type": "regular", "category": category});
    }
    if let Some(error) = error {
        out["errors"] = json!([error]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_escaped_as_meta_does() {
        let raw = meta_json(&json!({"a": "é😊 https://x/\n\"\u{7f}"}));
        assert_eq!(
            String::from_utf8(raw.clone()).unwrap(),
            "{\"a\":\"\\u00e9\\ud83d\\ude0a https:\\/\\/x\\/\\n\\\"\u{7f}\"}"
        );
        let back: Value = serde_json::from_slice(&raw).unwrap();
        assert_eq!(back["a"], "é😊 https://x/\n\"\u{7f}");
    }
}
