//! From content to the JSON of a Graph call.

use std::collections::BTreeMap;

use base::message::{ContactCard, Content, ListSection, Media, TemplateParameter};
use base::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::limits;

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// With country code; the `+` is added where it is missing.
    Phone(String),
    /// The customer's id towards this business (BSUID), for those whose number is not known.
    UserId(String),
}

impl Recipient {
    /// The number as `+` and digits.
    ///
    /// # Errors
    /// `Invalid` when it cannot be an international number.
    pub fn phone(number: &str) -> Result<Self> {
        let international = number.trim().trim_start_matches('+');
        let digits: String = international.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.strip_prefix("00").unwrap_or(&digits);
        let strange = international.chars().any(|c| !c.is_ascii_digit() && !" -./()\u{a0}".contains(c));
        if strange || digits.starts_with('0') || !(7..=15).contains(&digits.len()) {
            return Err(Error::invalid(format!(
                "“{number}” is not a full phone number. Write it with the country code, such as +27 82 555 0142."
            )));
        }
        Ok(Recipient::Phone(format!("+{digits}")))
    }

    fn put(&self, body: &mut Map<String, Value>) -> Result<()> {
        match self {
            Recipient::Phone(number) => {
                // Without the `+`, Meta takes the number for one in the business's own country.
                let Recipient::Phone(number) = Self::phone(number)? else { return Ok(()) };
                body.insert("to".into(), number.into());
            }
            Recipient::UserId(id) => {
                let plain = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
                if id.is_empty() || id.len() > 160 || !plain {
                    return Err(Error::invalid(
                        "This customer's WhatsApp id cannot be written to. Ask for their phone number.",
                    ));
                }
                body.insert("recipient".into(), id.as_str().into());
            }
        }
        Ok(())
    }
}

/// An invitation to fill in a form (a "WhatsApp Flow"), which has no counterpart in [`Content`] yet.
#[derive(Clone, Debug, PartialEq)]
pub struct FormInvitation<'a> {
    pub text: &'a str,
    /// What the button says.
    pub label: &'a str,
    /// Meta's id of the form.
    pub flow_id: &'a str,
    /// Comes back with the answers: the only way to tell which invitation they belong to.
    pub token: &'a str,
    /// The first screen, with its data; else the form asks its own server.
    pub screen: Option<(&'a str, Value)>,
}

fn body(to: &Recipient, kind: &str, payload: Value, our_ref: &str, reply_to: Option<&str>) -> Result<Value> {
    if our_ref.len() > limits::OUR_REF {
        return Err(Error::invalid("The message's own id is too long."));
    }
    let mut body = Map::new();
    body.insert("messaging_product".into(), "whatsapp".into());
    body.insert("recipient_type".into(), "individual".into());
    to.put(&mut body)?;
    body.insert("type".into(), kind.into());
    body.insert(kind.into(), payload);
    if let Some(id) = reply_to {
        body.insert("context".into(), json!({ "message_id": id }));
    }
    if !our_ref.is_empty() {
        body.insert("biz_opaque_callback_data".into(), our_ref.into());
    }
    Ok(Value::Object(body))
}

/// The body of `POST /{phone-number-id}/messages`. `our_ref` comes back in each status: with it a send whose answer was
/// lost is found again. `reply_to` is the message that this one quotes. Reactions carry no quote.
///
/// # Errors
/// `Invalid` for what WhatsApp would refuse (run [`limits::fit`] first), for kinds that only come in and for broken
/// recipients; `Unavailable` for a file that was not uploaded yet.
pub fn encode(to: &Recipient, content: &Content, our_ref: &str, reply_to: Option<&str>) -> Result<Value> {
    if let Some(problem) = limits::check(content).into_iter().next() {
        return Err(Error::invalid(problem.sentence));
    }
    let (kind, payload) = match content {
        Content::Text { text } => {
            let preview = text.contains("https://") || text.contains("http://");
            ("text", json!({"body": text, "preview_url": preview}))
        }
        Content::Image { media, caption } => ("image", file(media, caption.as_deref(), false)?),
        Content::Video { media, caption } => ("video", file(media, caption.as_deref(), false)?),
        Content::Document { media, caption } => ("document", file(media, caption.as_deref(), true)?),
        Content::Audio { media, voice } => {
            let mut payload = file(media, None, false)?;
            if *voice {
                payload["voice"] = true.into();
            }
            ("audio", payload)
        }
        Content::Sticker { media, .. } => ("sticker", file(media, None, false)?),
        Content::Location { latitude, longitude, name, address } => {
            let mut payload = json!({"latitude": latitude, "longitude": longitude});
            if let Some(name) = name {
                payload["name"] = name.as_str().into();
            }
            if let Some(address) = address {
                payload["address"] = address.as_str().into();
            }
            ("location", payload)
        }
        Content::Contacts { contacts } => ("contacts", contacts.iter().map(card).collect()),
        Content::Reaction { provider_message_id, emoji } => {
            let payload = json!({"message_id": provider_message_id, "emoji": emoji.as_deref().unwrap_or_default()});
            return body(to, "reaction", payload, our_ref, None);
        }
        Content::Buttons { text, footer, buttons } => {
            let buttons: Vec<_> =
                buttons.iter().map(|b| json!({"type": "reply", "reply": {"id": b.id, "title": b.title}})).collect();
            let mut payload = json!({"type": "button", "body": {"text": text}, "action": {"buttons": buttons}});
            if let Some(footer) = footer.as_deref().filter(|f| !f.is_empty()) {
                payload["footer"] = json!({ "text": footer });
            }
            ("interactive", payload)
        }
        Content::List { text, button, sections } => {
            let sections: Vec<_> = sections.iter().map(section).collect();
            let action = json!({"button": button, "sections": sections});
            ("interactive", json!({"type": "list", "body": {"text": text}, "action": action}))
        }
        Content::Link { text, label, url } => {
            let action = json!({"name": "cta_url", "parameters": {"display_text": label, "url": url}});
            ("interactive", json!({"type": "cta_url", "body": {"text": text}, "action": action}))
        }
        Content::LocationRequest { text } => (
            "interactive",
            json!({"type": "location_request_message", "body": {"text": text}, "action": {"name": "send_location"}}),
        ),
        Content::Template { name, language, parameters } => {
            let mut payload = json!({"name": name, "language": {"code": language}});
            let components = components(parameters);
            if !components.is_empty() {
                payload["components"] = components.into();
            }
            ("template", payload)
        }
        Content::Picked { .. } | Content::Form { .. } | Content::Order { .. } | Content::Unsupported { .. } => {
            return Err(Error::invalid("A message of this kind can only come from a customer."));
        }
    };
    body(to, kind, payload, our_ref, reply_to)
}

/// The body that invites to a form.
///
/// # Errors
/// `Invalid` as for [`encode`].
pub fn form_invitation(to: &Recipient, form: &FormInvitation<'_>, our_ref: &str) -> Result<Value> {
    let (label, text) = (crate::text::length(form.label), crate::text::length(form.text));
    if !(1..=30).contains(&label) || !(1..=limits::BODY).contains(&text) || form.flow_id.is_empty() {
        return Err(Error::invalid(
            "An invitation to a form needs a form, a text of up to 1,024 and a button of up to 30 characters.",
        ));
    }
    let mut parameters = json!({
        "flow_message_version": "3", "flow_id": form.flow_id, "flow_cta": form.label, "flow_token": form.token,
        "flow_action": if form.screen.is_some() { "navigate" } else { "data_exchange" },
    });
    if let Some((screen, data)) = &form.screen {
        parameters["flow_action_payload"] = json!({"screen": screen, "data": data});
    }
    let action = json!({"name": "flow", "parameters": parameters});
    body(to, "interactive", json!({"type": "flow", "body": {"text": form.text}, "action": action}), our_ref, None)
}

/// The body that asks a customer for their phone number (2026), in the form that Meta's documentation gives.
///
/// # Errors
/// `Invalid` as for [`encode`].
pub fn contact_request(to: &Recipient, text: &str, our_ref: &str) -> Result<Value> {
    if !(1..=limits::BODY).contains(&crate::text::length(text)) {
        return Err(Error::invalid("The text must have between 1 and 1,024 characters."));
    }
    let action = json!({"name": "request_contact_info"});
    body(to, "interactive", json!({"type": "contact_request", "body": {"text": text}, "action": action}), our_ref, None)
}

/// The body that marks a customer's message as read and, if wanted, shows that an answer is being written (for 25
/// seconds at most).
pub fn read_receipt(wamid: &str, typing: bool) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid});
    if typing {
        body["typing_indicator"] = json!({"type": "text"});
    }
    body
}

fn file(media: &Media, caption: Option<&str>, named: bool) -> Result<Value> {
    let mut payload = match (&media.provider_id, &media.url) {
        (Some(id), _) => json!({ "id": id }),
        (None, Some(url)) => json!({ "link": url }),
        (None, None) => {
            return Err(Error::unavailable("The file was not handed to WhatsApp yet. Try again in a moment."));
        }
    };
    if let Some(caption) = caption.filter(|c| !c.is_empty()) {
        payload["caption"] = caption.into();
    }
    if let Some(name) = media.filename.as_deref().filter(|_| named) {
        payload["filename"] = name.into();
    }
    Ok(payload)
}

fn card(card: &ContactCard) -> Value {
    let name =
        if card.name.trim().is_empty() { card.phones.first().map_or("", String::as_str) } else { card.name.trim() };
    let phones: Vec<_> = card.phones.iter().map(|p| json!({"phone": p, "type": "CELL"})).collect();
    // Besides the whole name Meta wants at least one of its parts.
    let first = name.split_whitespace().next().unwrap_or(name);
    let mut out = json!({"name": {"formatted_name": name, "first_name": first}});
    if !phones.is_empty() {
        out["phones"] = phones.into();
    }
    out
}

fn section(section: &ListSection) -> Value {
    let rows: Vec<_> = section
        .rows
        .iter()
        .map(|row| {
            let mut out = json!({"id": row.id, "title": row.title});
            if let Some(description) = row.description.as_deref().filter(|d| !d.is_empty()) {
                out["description"] = description.into();
            }
            out
        })
        .collect();
    if section.title.is_empty() { json!({ "rows": rows }) } else { json!({"title": section.title, "rows": rows}) }
}

/// Header and body with their values, then each button with its own. A header value that is a web address and is named
/// `image`, `video` or `document` is that file. A button's value is the rest of its web address, or, by its name, the
/// payload of a `quick_reply` or the code of a `copy_code` button.
fn components(parameters: &[TemplateParameter]) -> Vec<Value> {
    let mut out = Vec::new();
    for part in ["header", "body"] {
        let values: Vec<_> = parameters.iter().filter(|p| p.part == part).map(value).collect();
        if !values.is_empty() {
            out.push(json!({"type": part, "parameters": values}));
        }
    }
    let mut buttons: BTreeMap<u32, (&str, Vec<Value>)> = BTreeMap::new();
    for p in parameters.iter().filter(|p| p.part == "button") {
        let (sub_type, value) = match p.name.as_deref() {
            Some("quick_reply") => ("quick_reply", json!({"type": "payload", "payload": p.text})),
            Some("copy_code") => ("copy_code", json!({"type": "coupon_code", "coupon_code": p.text})),
            _ => ("url", json!({"type": "text", "text": p.text})),
        };
        buttons.entry(p.index.unwrap_or(0)).or_insert((sub_type, Vec::new())).1.push(value);
    }
    for (index, (sub_type, values)) in buttons {
        out.push(json!({"type": "button", "sub_type": sub_type, "index": index.to_string(), "parameters": values}));
    }
    out
}

fn value(p: &TemplateParameter) -> Value {
    match p.name.as_deref() {
        Some(kind @ ("image" | "video" | "document")) if p.part == "header" && p.text.starts_with("https://") => {
            json!({"type": kind, kind: {"link": p.text}})
        }
        Some(name) => json!({"type": "text", "parameter_name": name, "text": p.text}),
        None => json!({"type": "text", "text": p.text}),
    }
}

#[cfg(test)]
mod tests {
    use base::ErrorCode;
    use base::message::Choice;

    use super::*;
    use crate::whatsapp::fake::validate;

    fn thandi() -> Recipient {
        Recipient::Phone("27825550142".into())
    }

    #[test]
    fn numbers_always_go_out_with_their_country_code() {
        for (given, sent) in [
            ("27825550142", Some("+27825550142")),
            ("+27 82 555-0142", Some("+27825550142")),
            ("0027 (82) 5550142", Some("+27825550142")),
            ("082 555 0142", None),
            ("+27", None),
            ("+27825550142123456", None),
            ("27x25550142", None),
            ("", None),
        ] {
            let got = Recipient::phone(given).ok().map(|r| match r {
                Recipient::Phone(p) => p,
                Recipient::UserId(id) => id,
            });
            assert_eq!(got.as_deref(), sent, "{given}");
        }
    }

    #[test]
    fn each_kind_has_the_shape_that_meta_documents() {
        let media = Media {
            provider_id: Some("9".into()),
            mime: "application/pdf".into(),
            filename: Some("Q.pdf".into()),
            ..Media::default()
        };
        let linked =
            Media { url: Some("https://x.example/a.jpg".into()), mime: "image/jpeg".into(), ..Media::default() };
        let row = Choice { id: "r".into(), title: "Gutter".into(), description: Some("2 hours".into()) };
        let parameter = |part: &str, index, name: Option<&str>, text: &str| TemplateParameter {
            part: part.into(),
            index,
            name: name.map(Into::into),
            text: text.into(),
        };
        for (content, kind, payload) in [
            (
                Content::text("Hi https://a.example"),
                "text",
                json!({"body": "Hi https://a.example", "preview_url": true}),
            ),
            (
                Content::Document { media, caption: Some("quote".into()) },
                "document",
                json!({"id": "9", "caption": "quote", "filename": "Q.pdf"}),
            ),
            (Content::Image { media: linked, caption: None }, "image", json!({"link": "https://x.example/a.jpg"})),
            (
                Content::Location { latitude: -34.0, longitude: 18.5, name: Some("Site C".into()), address: None },
                "location",
                json!({"latitude": -34.0, "longitude": 18.5, "name": "Site C"}),
            ),
            (
                Content::Contacts {
                    contacts: vec![ContactCard { name: "Lebo N".into(), phones: vec!["+27835550199".into()] }],
                },
                "contacts",
                json!([{"name": {"formatted_name": "Lebo N", "first_name": "Lebo"}, "phones": [{"phone": "+27835550199", "type": "CELL"}]}]),
            ),
            (
                Content::Buttons {
                    text: "When?".into(),
                    footer: Some("Any day".into()),
                    buttons: vec![Choice { id: "tue".into(), title: "Tuesday".into(), description: None }],
                },
                "interactive",
                json!({"type": "button", "body": {"text": "When?"}, "footer": {"text": "Any day"},
                    "action": {"buttons": [{"type": "reply", "reply": {"id": "tue", "title": "Tuesday"}}]}}),
            ),
            (
                Content::List {
                    text: "What?".into(),
                    button: "See".into(),
                    sections: vec![ListSection { title: "Roof".into(), rows: vec![row] }],
                },
                "interactive",
                json!({"type": "list", "body": {"text": "What?"}, "action": {"button": "See", "sections": [
                    {"title": "Roof", "rows": [{"id": "r", "title": "Gutter", "description": "2 hours"}]}]}}),
            ),
            (
                Content::Link { text: "Pay".into(), label: "Open".into(), url: "https://pay.example".into() },
                "interactive",
                json!({"type": "cta_url", "body": {"text": "Pay"},
                    "action": {"name": "cta_url", "parameters": {"display_text": "Open", "url": "https://pay.example"}}}),
            ),
            (
                Content::LocationRequest { text: "Where?".into() },
                "interactive",
                json!({"type": "location_request_message", "body": {"text": "Where?"}, "action": {"name": "send_location"}}),
            ),
            (
                Content::Template {
                    name: "quote_ready".into(),
                    language: "en_ZA".into(),
                    parameters: vec![
                        parameter("button", Some(1), None, "q/7"),
                        parameter("body", None, Some("name"), "Thandi"),
                        parameter("header", None, Some("image"), "https://x.example/a.jpg"),
                        parameter("button", Some(0), Some("quick_reply"), "YES"),
                    ],
                },
                "template",
                json!({"name": "quote_ready", "language": {"code": "en_ZA"}, "components": [
                    {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://x.example/a.jpg"}}]},
                    {"type": "body", "parameters": [{"type": "text", "parameter_name": "name", "text": "Thandi"}]},
                    {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "YES"}]},
                    {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "q/7"}]},
                ]}),
            ),
            (
                Content::Reaction { provider_message_id: "wamid.1".into(), emoji: None },
                "reaction",
                json!({"message_id": "wamid.1", "emoji": ""}),
            ),
        ] {
            let got = encode(&thandi(), &content, "ob_1", None).unwrap();
            let mut expected = json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+27825550142",
                "type": kind, "biz_opaque_callback_data": "ob_1"});
            expected[kind] = payload;
            assert_eq!(got, expected);
            validate::message(&got).unwrap_or_else(|e| panic!("{got}: {e:?}"));
        }
    }

    #[test]
    fn forms_contact_requests_receipts_and_quotes_are_accepted_too() {
        let to = Recipient::UserId("ZA.77".into());
        let form = FormInvitation {
            text: "Book",
            label: "Open",
            flow_id: "1",
            token: "ft-1",
            screen: Some(("A", json!({"x": 1}))),
        };
        let quoting = encode(&to, &Content::text("x"), "", Some("wamid.1")).unwrap();
        assert_eq!(quoting["context"]["message_id"], "wamid.1");
        assert_eq!(quoting["recipient"], "ZA.77");
        assert!(quoting.get("to").is_none() && quoting.get("biz_opaque_callback_data").is_none());
        for body in [form_invitation(&to, &form, "r").unwrap(), contact_request(&to, "Number?", "r").unwrap(), quoting]
        {
            validate::message(&body).unwrap_or_else(|e| panic!("{body}: {e:?}"));
        }
        assert_eq!(
            read_receipt("wamid.1", true),
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1", "typing_indicator": {"type": "text"}})
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused_before_it_leaves() {
        let stored = Media { stored: Some("ab".into()), mime: "image/png".into(), ..Media::default() };
        for (to, content, our_ref, code) in [
            (thandi(), Content::text(""), "r", ErrorCode::Invalid),
            (thandi(), Content::Unsupported { what: "poll".into() }, "r", ErrorCode::Invalid),
            (thandi(), Content::text("x".repeat(4097)), "r", ErrorCode::Invalid),
            (thandi(), Content::Image { media: stored, caption: None }, "r", ErrorCode::Unavailable),
            (Recipient::Phone("0825550142".into()), Content::text("x"), "r", ErrorCode::Invalid),
            (Recipient::UserId("a/b".into()), Content::text("x"), "r", ErrorCode::Invalid),
            (thandi(), Content::text("x"), &*"r".repeat(513), ErrorCode::Invalid),
        ] {
            assert_eq!(encode(&to, &content, our_ref, None).unwrap_err().code, code, "{content:?}");
        }
    }
}
