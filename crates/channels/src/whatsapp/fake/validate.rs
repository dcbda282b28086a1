//! What Meta accepts as the body of a message, written from its documentation and on purpose without our own encoder and
//! limits, so that one checks the other.

use serde_json::{Map, Value, json};

/// An error answer of Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    pub code: i64,
    pub details: String,
}

impl Refusal {
    pub fn new(status: u16, code: i64, details: impl Into<String>) -> Self {
        Self { status, code, details: details.into() }
    }

    /// The refusal that a code usually comes with.
    pub fn of(code: i64) -> Self {
        let (status, details) = match code {
            190 => (401, "Error validating access token: Session has expired"),
            131_047 => (
                400,
                "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
            ),
            131_056 => (
                400,
                "Too many messages sent from the sender phone number to the same recipient phone number in a short period of time.",
            ),
            130_429 => (429, "Cloud API message throughput has been reached."),
            2 => (503, "Service temporarily unavailable"),
            131_000 => (500, "Message failed to send due to an unknown error."),
            _ => (400, "The message was refused."),
        };
        Self::new(status, code, details)
    }

    /// The error object, as in answers and (with `title`) in statuses.
    pub fn error(&self) -> Value {
        let title = match self.code {
            100 => "Invalid parameter",
            190 => "Access token has expired",
            2200 => "Callback verification failed",
            130_429 => "Rate limit hit",
            131_000 => "Something went wrong",
            131_008 => "Required parameter is missing",
            131_009 => "Parameter value is not valid",
            131_047 => "Re-engagement message",
            131_056 => "(Business Account, Consumer Account) pair rate limit hit",
            132_001 => "Template name does not exist in the translation",
            _ => "Message undeliverable",
        };
        json!({"message": format!("(#{}) {title}", self.code), "type": "OAuthException", "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details}, "fbtrace_id": "FakeTraceOfFakeGraph"})
    }
}

type Check<T = ()> = Result<T, Refusal>;

fn missing(path: &str) -> Refusal {
    Refusal::new(400, 131_008, format!("Parameter '{path}' is mandatory"))
}

fn wrong(path: &str, why: &str) -> Refusal {
    Refusal::new(400, 131_009, format!("Parameter '{path}' {why}"))
}

fn shape(path: &str, why: &str) -> Refusal {
    Refusal::new(400, 100, format!("Param {path} {why}"))
}

fn object<'a>(v: &'a Value, path: &str, allowed: &[&str]) -> Check<&'a Map<String, Value>> {
    let map = v.as_object().ok_or_else(|| shape(path, "must be a JSON object"))?;
    match map.keys().find(|k| !allowed.contains(&k.as_str())) {
        Some(key) => Err(shape(path, &format!("has the unexpected key \"{key}\""))),
        None => Ok(map),
    }
}

fn need<'a>(map: &'a Map<String, Value>, key: &str, path: &str) -> Check<&'a Value> {
    map.get(key).filter(|v| !v.is_null()).ok_or_else(|| missing(&format!("{path}.{key}")))
}

/// A string of 1 to `most` code points.
fn string<'a>(map: &'a Map<String, Value>, key: &str, path: &str, most: usize) -> Check<&'a str> {
    let at = format!("{path}['{key}']");
    let s = need(map, key, path)?.as_str().ok_or_else(|| shape(&at, "must be a string"))?;
    match s.chars().count() {
        _ if s.trim().is_empty() => Err(missing(&at)),
        n if n > most => Err(wrong(&at, &format!("is {n} long, {most} at most"))),
        _ => Ok(s),
    }
}

fn optional<'a>(map: &'a Map<String, Value>, key: &str, path: &str, most: usize) -> Check<Option<&'a str>> {
    if map.contains_key(key) { string(map, key, path, most).map(Some) } else { Ok(None) }
}

fn array<'a>(map: &'a Map<String, Value>, key: &str, path: &str, least: usize, most: usize) -> Check<&'a [Value]> {
    let at = format!("{path}['{key}']");
    let items = need(map, key, path)?.as_array().ok_or_else(|| shape(&at, "must be an array"))?;
    if (least..=most).contains(&items.len()) {
        Ok(items)
    } else {
        Err(wrong(&at, &format!("needs {least} to {most} items")))
    }
}

fn literal(map: &Map<String, Value>, key: &str, path: &str, allowed: &[&str]) -> Check<String> {
    let s = string(map, key, path, 100)?;
    if allowed.contains(&s) {
        Ok(s.to_owned())
    } else {
        Err(shape(&format!("{path}['{key}']"), &format!("must be one of {allowed:?}")))
    }
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>, path: &str) -> Check {
    let mut seen = std::collections::HashSet::new();
    for value in values {
        if !seen.insert(value) {
            return Err(wrong(path, "holds the same value twice"));
        }
    }
    Ok(())
}

/// What kind of body this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    ReadReceipt { message_id: String, typing: bool },
    Message { to: String, kind: String },
}

/// Checks the body of `POST /{phone-number-id}/messages`.
///
/// # Errors
/// The answer that Graph would give.
pub fn message(body: &Value) -> Result<Body, Refusal> {
    let kind = body.get("type").and_then(Value::as_str).unwrap_or("text").to_owned();
    let mut keys = vec![
        "messaging_product",
        "recipient_type",
        "to",
        "recipient",
        "type",
        "context",
        "biz_opaque_callback_data",
        "status",
        "message_id",
        "typing_indicator",
    ];
    keys.push(&kind);
    let map = object(body, "body", &keys)?;
    literal(map, "messaging_product", "body", &["whatsapp"])?;
    if map.contains_key("status") {
        literal(map, "status", "body", &["read"])?;
        if let Some(indicator) = map.get("typing_indicator") {
            literal(object(indicator, "typing_indicator", &["type"])?, "type", "typing_indicator", &["text"])?;
        }
        let typing = map.contains_key("typing_indicator");
        return Ok(Body::ReadReceipt { message_id: string(map, "message_id", "body", 128)?.to_owned(), typing });
    }
    if map.contains_key("recipient_type") {
        literal(map, "recipient_type", "body", &["individual"])?;
    }
    let to = recipient(map)?;
    if let Some(context) = map.get("context") {
        string(object(context, "context", &["message_id"])?, "message_id", "context", 128)?;
    }
    optional(map, "biz_opaque_callback_data", "body", 512)?;
    let payload = need(map, &kind, "body")?;
    match kind.as_str() {
        "text" => {
            let text = object(payload, "text", &["body", "preview_url"])?;
            string(text, "body", "text", 4096)?;
            if text.get("preview_url").is_some_and(|p| !p.is_boolean()) {
                return Err(shape("text['preview_url']", "must be a boolean"));
            }
        }
        "image" | "video" | "audio" | "document" | "sticker" => media(&kind, payload)?,
        "location" => {
            let place = object(payload, "location", &["latitude", "longitude", "name", "address"])?;
            for (key, most) in [("latitude", 90.0), ("longitude", 180.0)] {
                let v = need(place, key, "location")?;
                let number = v.as_f64().or_else(|| v.as_str()?.parse().ok());
                if number.is_none_or(|n| n.abs() > most) {
                    return Err(wrong(&format!("location['{key}']"), "is no coordinate"));
                }
            }
            optional(place, "name", "location", 1000)?;
            optional(place, "address", "location", 1000)?;
        }
        "contacts" => contacts(payload)?,
        "reaction" => {
            let reaction = object(payload, "reaction", &["message_id", "emoji"])?;
            string(reaction, "message_id", "reaction", 512)?;
            if !need(reaction, "emoji", "reaction")?.is_string() {
                return Err(shape("reaction['emoji']", "must be a string"));
            }
        }
        "interactive" => interactive(payload)?,
        "template" => template(payload)?,
        _ => return Err(shape("type", "is not a type of message")),
    }
    Ok(Body::Message { to, kind })
}

fn recipient(map: &Map<String, Value>) -> Check<String> {
    if map.contains_key("to") {
        // Meta would take a number without + for one of the business's own country: never what we want.
        let to = string(map, "to", "body", 20)?;
        let digits =
            to.strip_prefix('+').filter(|d| (7..=15).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()));
        return digits.map(|_| to.to_owned()).ok_or_else(|| wrong("to", "is no phone number with + and country code"));
    }
    let id = string(map, "recipient", "body", 160)?;
    match id.split_once('.') {
        Some((country, rest)) if country.len() == 2 && !rest.is_empty() => Ok(id.to_owned()),
        _ => Err(wrong("recipient", "is no user id")),
    }
}

fn media(kind: &str, payload: &Value) -> Check {
    let allowed: &[&str] = match kind {
        "image" | "video" => &["id", "link", "caption"],
        "document" => &["id", "link", "caption", "filename"],
        "audio" => &["id", "link", "voice"],
        _ => &["id", "link"],
    };
    let map = object(payload, kind, allowed)?;
    optional(map, "caption", kind, 1024)?;
    optional(map, "filename", kind, 240)?;
    match (map.get("id"), map.get("link")) {
        (Some(_), None) => string(map, "id", kind, 512).map(|_| ()),
        (None, Some(_)) => web_address(string(map, "link", kind, 2048)?, &format!("{kind}['link']")),
        (None, None) => Err(missing(&format!("{kind}.id"))),
        (Some(_), Some(_)) => Err(shape(kind, "has both id and link")),
    }
}

fn web_address(url: &str, path: &str) -> Check {
    if url.starts_with("https://") || url.starts_with("http://") {
        Ok(())
    } else {
        Err(wrong(path, "is no web address"))
    }
}

fn contacts(payload: &Value) -> Check {
    let list =
        payload.as_array().filter(|l| !l.is_empty()).ok_or_else(|| shape("contacts", "must be a filled array"))?;
    for contact in list {
        let map = object(contact, "contacts", &["name", "phones", "emails", "addresses", "org", "urls", "birthday"])?;
        let parts = ["formatted_name", "first_name", "last_name", "middle_name", "suffix", "prefix"];
        let name = object(need(map, "name", "contacts")?, "contacts.name", &parts)?;
        string(name, "formatted_name", "contacts.name", 10_000)?;
        if name.len() < 2 {
            return Err(missing("contacts.name.first_name"));
        }
        if map.contains_key("phones") {
            for phone in array(map, "phones", "contacts", 1, 1000)? {
                string(
                    object(phone, "contacts.phones", &["phone", "type", "wa_id"])?,
                    "phone",
                    "contacts.phones",
                    1000,
                )?;
            }
        }
    }
    Ok(())
}

fn text_of(map: &Map<String, Value>, key: &str, most: usize) -> Check {
    let part = object(need(map, key, "interactive")?, &format!("interactive['{key}']"), &["text"])?;
    string(part, "text", key, most).map(|_| ())
}

fn interactive(payload: &Value) -> Check {
    let map = object(payload, "interactive", &["type", "header", "body", "footer", "action"])?;
    let kinds =
        ["button", "list", "cta_url", "flow", "location_request_message", "contact_request", "request_contact_info"];
    let kind = literal(map, "type", "interactive", &kinds)?;
    text_of(map, "body", if kind == "list" { 4096 } else { 1024 })?;
    if map.contains_key("footer") {
        text_of(map, "footer", 60)?;
    }
    if let Some(header) = map.get("header") {
        let header = object(header, "header", &["type", "text", "image", "video", "document"])?;
        let allowed: &[&str] = if kind == "list" { &["text"] } else { &["text", "image", "video", "document"] };
        match literal(header, "type", "header", allowed)?.as_str() {
            "text" => string(header, "text", "header", 60).map(|_| ())?,
            file => media(file, need(header, file, "header")?)?,
        }
    }
    let action = need(map, "action", "interactive")?;
    match kind.as_str() {
        "button" => buttons(action),
        "list" => list(action),
        "cta_url" | "flow" => {
            let action = object(action, "action", &["name", "parameters"])?;
            literal(action, "name", "action", &[&kind])?;
            let p = need(action, "parameters", "action")?;
            if kind == "cta_url" {
                let p = object(p, "parameters", &["display_text", "url"])?;
                string(p, "display_text", "parameters", 20)?;
                web_address(string(p, "url", "parameters", 2000)?, "url")
            } else {
                form(p)
            }
        }
        "location_request_message" => {
            literal(object(action, "action", &["name"])?, "name", "action", &["send_location"]).map(|_| ())
        }
        _ => literal(object(action, "action", &["name"])?, "name", "action", &["request_contact_info"]).map(|_| ()),
    }
}

fn form(parameters: &Value) -> Check {
    let keys = [
        "flow_message_version",
        "flow_id",
        "flow_name",
        "flow_cta",
        "flow_token",
        "mode",
        "flow_action",
        "flow_action_payload",
    ];
    let p = object(parameters, "parameters", &keys)?;
    literal(p, "flow_message_version", "parameters", &["3"])?;
    string(p, "flow_cta", "parameters", 30)?;
    if p.contains_key("flow_id") == p.contains_key("flow_name") {
        return Err(shape("parameters", "needs one of flow_id and flow_name"));
    }
    match literal(p, "flow_action", "parameters", &["navigate", "data_exchange"])?.as_str() {
        "navigate" => {
            let first =
                object(need(p, "flow_action_payload", "parameters")?, "flow_action_payload", &["screen", "data"])?;
            string(first, "screen", "flow_action_payload", 100).map(|_| ())
        }
        _ => Ok(()),
    }
}

fn tidy_id<'a>(map: &'a Map<String, Value>, path: &str, most: usize) -> Check<&'a str> {
    let id = string(map, "id", path, most)?;
    if id.trim() == id { Ok(id) } else { Err(wrong(&format!("{path}['id']"), "begins or ends with a space")) }
}

fn buttons(action: &Value) -> Check {
    let action = object(action, "action", &["buttons"])?;
    let (mut ids, mut titles) = (Vec::new(), Vec::new());
    for button in array(action, "buttons", "action", 1, 3)? {
        let button = object(button, "buttons", &["type", "reply"])?;
        literal(button, "type", "buttons", &["reply"])?;
        let reply = object(need(button, "reply", "buttons")?, "reply", &["id", "title"])?;
        ids.push(tidy_id(reply, "reply", 256)?);
        titles.push(string(reply, "title", "reply", 20)?);
    }
    distinct(ids.into_iter(), "reply['id']")?;
    distinct(titles.into_iter(), "reply['title']")
}

fn list(action: &Value) -> Check {
    let action = object(action, "action", &["button", "sections"])?;
    string(action, "button", "action", 20)?;
    let sections = array(action, "sections", "action", 1, 10)?;
    let mut ids = Vec::new();
    for section in sections {
        let map = object(section, "sections", &["title", "rows"])?;
        if sections.len() > 1 || map.contains_key("title") {
            string(map, "title", "sections", 24)?;
        }
        for row in array(map, "rows", "sections", 1, 10)? {
            let row = object(row, "rows", &["id", "title", "description"])?;
            ids.push(tidy_id(row, "rows", 200)?);
            string(row, "title", "rows", 24)?;
            optional(row, "description", "rows", 72)?;
        }
    }
    if ids.len() > 10 {
        return Err(wrong("sections", "has more than 10 rows in all"));
    }
    distinct(ids.into_iter(), "rows['id']")
}

fn template(payload: &Value) -> Check {
    let map = object(payload, "template", &["name", "language", "components"])?;
    string(map, "name", "template", 512)?;
    let language = object(need(map, "language", "template")?, "language", &["code", "policy"])?;
    string(language, "code", "language", 20)?;
    let Some(components) = map.get("components") else { return Ok(()) };
    let components = components.as_array().ok_or_else(|| shape("components", "must be an array"))?;
    for component in components {
        let map = object(component, "components", &["type", "sub_type", "index", "parameters"])?;
        let kind = literal(map, "type", "components", &["header", "body", "button"])?;
        if kind == "button" {
            literal(map, "sub_type", "components", &["quick_reply", "url", "copy_code", "flow", "catalog"])?;
            let index = need(map, "index", "components")?;
            let index = index.as_u64().or_else(|| index.as_str()?.parse().ok());
            if index.is_none_or(|i| i > 9) {
                return Err(wrong("components['index']", "is not between 0 and 9"));
            }
        }
        let mut total = 0;
        for p in array(map, "parameters", "components", 1, 100)? {
            let p = p.as_object().ok_or_else(|| shape("parameters", "must be objects"))?;
            match string(p, "type", "parameters", 20)? {
                "text" => {
                    let text = string(p, "text", "parameters", if kind == "header" { 60 } else { 32_768 })?;
                    if text.contains(['\n', '\t']) || text.contains("     ") {
                        return Err(Refusal::new(
                            400,
                            132_018,
                            "Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
                        ));
                    }
                    total += text.chars().count();
                }
                "payload" => string(p, "payload", "parameters", 256).map(|_| ())?,
                "coupon_code" => string(p, "coupon_code", "parameters", 20).map(|_| ())?,
                file @ ("image" | "video" | "document") => media(file, need(p, file, "parameters")?)?,
                "currency" | "date_time" | "location" | "action" => {}
                other => return Err(shape("parameters['type']", &format!("cannot be {other}"))),
            }
        }
        if kind == "body" && total > 1024 {
            return Err(Refusal::new(400, 132_005, "Translated text too long"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_meta_would_refuse_the_fake_refuses_with_its_code() {
        let with = |kind: &str, payload: Value| json!({"messaging_product": "whatsapp", "to": "+27825550142", "type": kind, kind: payload});
        let button = |id: &str, title: &str| json!({"type": "reply", "reply": {"id": id, "title": title}});
        let buttons =
            |b: Value| with("interactive", json!({"type": "button", "body": {"text": "x"}, "action": {"buttons": b}}));
        for (body, code) in [
            (with("text", json!({"body": "x"})), None),
            (with("text", json!({"body": ""})), Some(131_008)),
            (with("text", json!({"body": "x".repeat(4097)})), Some(131_009)),
            (with("text", json!({"body": 5})), Some(100)),
            (with("text", json!({"body": "x", "colour": "red"})), Some(100)),
            (with("hologram", json!({})), Some(100)),
            (
                json!({"messaging_product": "whatsapp", "to": "0825550142", "type": "text", "text": {"body": "x"}}),
                Some(131_009),
            ),
            (
                json!({"messaging_product": "whatsapp", "to": "27825550142", "type": "text", "text": {"body": "x"}}),
                Some(131_009),
            ),
            (
                json!({"messaging_product": "whatsapp", "recipient": "ZA.77", "type": "text", "text": {"body": "x"}}),
                None,
            ),
            (json!({"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}), Some(131_008)),
            (json!({"to": "+27825550142", "type": "text", "text": {"body": "x"}}), Some(131_008)),
            (json!({"messaging_product": "whatsapp", "to": "+27825550142", "type": "text"}), Some(131_008)),
            (json!([]), Some(100)),
            (with("image", json!({"id": "1", "link": "https://x"})), Some(100)),
            (with("image", json!({})), Some(131_008)),
            (with("audio", json!({"id": "1", "caption": "x"})), Some(100)),
            (buttons(json!([button("a", "A"), button("b", "B"), button("c", "C")])), None),
            (buttons(json!([button("a", "A"), button("b", "B"), button("c", "C"), button("d", "D")])), Some(131_009)),
            (buttons(json!([button("a", "A"), button("b", "A")])), Some(131_009)),
            (buttons(json!([button("a", &"A".repeat(21))])), Some(131_009)),
            (buttons(json!([button(" a", "A")])), Some(131_009)),
            (with("template", json!({"name": "t"})), Some(131_008)),
            (with("template", json!({"name": "t", "language": {"code": "en"}})), None),
            (
                with(
                    "template",
                    json!({"name": "t", "language": {"code": "en"}, "components": [{"type": "body", "parameters": [{"type": "text", "text": "a\nb"}]}]}),
                ),
                Some(132_018),
            ),
            (json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}), None),
            (json!({"messaging_product": "whatsapp", "status": "read"}), Some(131_008)),
        ] {
            assert_eq!(message(&body).err().map(|r| r.code), code, "{body}");
        }
    }
}
