//! Files that a step sends: uploaded ones, files on the web, and those that a customer sent.

use base::message::{Content, Media};
use serde_json::Value;

use crate::expression::words_of;
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;
use crate::whatsapp;

/// Longest web address, in characters.
const MAX_URL_CHARS: usize = 2_000;

/// The file with its expressions filled in. `kind` says what it is taken for when nothing else does.
pub(crate) fn filled(run: &Run<'_>, media: &Media, kind: &str) -> Result<Media, String> {
    if media.stored.as_deref().is_some_and(|stored| !stored.trim().is_empty()) {
        return Ok(Media { url: None, ..media.clone() });
    }
    let source = media.url.as_deref().unwrap_or_default().trim();
    if source.is_empty() {
        return Err("There is no file to send. Choose one in this step.".into());
    }
    let value = run.value(source)?;
    if let Value::Object(_) = &value {
        return received(&value, media, kind);
    }
    let address = words_of(&value).trim().to_owned();
    let url = url::Url::parse(&address).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    let Some(url) = url.filter(|_| address.chars().count() <= MAX_URL_CHARS) else {
        let short: String = address.chars().take(100).collect();
        return Err(format!("“{short}” is not the web address of a file. It must begin with https://."));
    };
    let name = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default().to_owned();
    Ok(Media { url: Some(address), mime: mime_of(&media.mime, &name, kind), stored: None, ..media.clone() })
}

/// A file that a customer sent, as `ask_file` keeps it.
fn received(file: &Value, media: &Media, kind: &str) -> Result<Media, String> {
    let of = |key: &str| file.get(key).and_then(Value::as_str).filter(|t| !t.trim().is_empty()).map(str::to_owned);
    let (stored, url) = (of("stored"), of("url"));
    if stored.is_none() && url.is_none() {
        return Err("The file is not there yet. Let some time pass before this step, or hand over to a person.".into());
    }
    let filename = media.filename.clone().or_else(|| of("name"));
    let mime = mime_of(&of("mime").unwrap_or_default(), filename.as_deref().unwrap_or_default(), kind);
    Ok(Media {
        stored,
        url,
        mime,
        filename,
        size_bytes: file.get("size_bytes").and_then(Value::as_u64),
        ..Media::default()
    })
}

/// The type as it is known, else by the end of the name, else the usual one of its kind.
fn mime_of(known: &str, name: &str, kind: &str) -> String {
    if !known.trim().is_empty() {
        return known.trim().to_owned();
    }
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    let mime = match (end.as_str(), kind) {
        ("jpg" | "jpeg", _) => "image/jpeg",
        ("png", _) => "image/png",
        ("webp", _) => "image/webp",
        ("gif", _) => "image/gif",
        ("mp4", "audio") | ("m4a", _) => "audio/mp4",
        ("mp4", _) => "video/mp4",
        ("3gp", _) => "video/3gpp",
        ("mp3", _) => "audio/mpeg",
        ("ogg" | "opus", _) => "audio/ogg",
        ("aac", _) => "audio/aac",
        ("amr", _) => "audio/amr",
        ("pdf", _) => "application/pdf",
        ("txt", _) => "text/plain",
        ("csv", _) => "text/csv",
        (_, "image") => "image/jpeg",
        (_, "video") => "video/mp4",
        (_, "audio") => "audio/mpeg",
        _ => "application/octet-stream",
    };
    mime.to_owned()
}

/// The words under a file; nothing when there are none.
pub(crate) fn caption(run: &Run<'_>, source: &str) -> Result<Option<String>, String> {
    Ok(Some(run.text(source)?.trim().to_owned()).filter(|c| !c.is_empty()))
}

/// Sends it, notes it under a title, and goes on.
pub(crate) fn send<'a>(run: &mut Run<'a>, title: &str, content: Content) -> Stepped<'a> {
    run.note(title, content.words());
    run.send(content, None)?;
    Ok(Next::NEXT)
}

/// What WhatsApp would not take as it is.
pub(crate) fn check(check: &mut Check<'_>, kind: &str, media: &Media, caption: &str) {
    whatsapp::file(check, "media", kind, &media.mime, media.size_bytes);
    whatsapp::longest(check, "caption", caption, whatsapp::CAPTION, "sends it as a message of its own");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::event::EffectKind;
    use crate::testing::{Talk, warns};

    #[test]
    fn a_file_comes_from_the_store_the_web_or_the_customer() {
        let stored = "ab".repeat(32);
        let photo = json!({"kind": "image", "mime": "image/png", "name": "cat.png", "stored": stored, "size_bytes": 9});
        for (kind, media, expected) in [
            ("image", json!({"stored": stored, "mime": "image/jpeg"}), json!({"stored": stored, "mime": "image/jpeg"})),
            (
                "image",
                json!({"url": "https://a.example/b.png?x=1"}),
                json!({"url": "https://a.example/b.png?x=1", "mime": "image/png"}),
            ),
            (
                "image",
                json!({"url": "https://a.example/{{ last.text }}"}),
                json!({"url": "https://a.example/begin", "mime": "image/jpeg"}),
            ),
            (
                "document",
                json!({"url": "https://a.example/m.pdf", "filename": "Menu.pdf"}),
                json!({"url": "https://a.example/m.pdf", "mime": "application/pdf", "filename": "Menu.pdf"}),
            ),
            (
                "audio",
                json!({"url": "https://a.example/x.mp4"}),
                json!({"url": "https://a.example/x.mp4", "mime": "audio/mp4"}),
            ),
            (
                "image",
                json!({"url": "{{ contact.photo }}"}),
                json!({"stored": stored, "mime": "image/png", "filename": "cat.png", "size_bytes": 9}),
            ),
        ] {
            let mut talk = Talk::of(kind, json!({"media": media}));
            talk.context.contact.insert("photo".into(), photo.clone());
            talk.says("begin");
            let EffectKind::Send { content, .. } = talk.effects()[0] else { panic!("{media}") };
            assert_eq!(serde_json::to_value(content).unwrap()["media"], expected, "{media}");
            assert_eq!(talk.way(), "next");
        }
    }

    #[test]
    fn an_owner_learns_why_no_file_went_out() {
        for (media, part) in [
            (json!({}), "no file"),
            (json!({"url": "{{ contact.nothing }}"}), "not the web address"),
            (json!({"url": "ftp://a.example/b"}), "not the web address"),
            (json!({"url": "{{ contact.photo }}"}), "not there yet"),
        ] {
            let mut talk = Talk::of("image", json!({"media": media}));
            talk.context.contact.insert("photo".into(), json!({"kind": "image", "stored": ""}));
            talk.says("begin");
            assert_eq!(talk.status(), crate::Status::Failed, "{media}");
            assert!(talk.notes().iter().any(|n| n.contains(part)), "{media}: {:?}", talk.notes());
        }
    }

    #[test]
    fn limits_of_whatsapp_are_told_while_drawing() {
        let stored = "ab".repeat(32);
        for (kind, fields, part) in [
            ("image", json!({}), "no file"),
            ("image", json!({"media": {"url": "a.png"}}), "not the web address"),
            ("image", json!({"media": {"stored": stored, "mime": "image/webp"}}), "as documents"),
            (
                "image",
                json!({"media": {"stored": stored, "mime": "image/png", "size_bytes": 6_000_000}}),
                "larger than 5 MB",
            ),
            ("video", json!({"media": {"stored": stored, "mime": "video/quicktime"}}), "as documents"),
            (
                "document",
                json!({"media": {"stored": stored, "mime": "a/b"}, "caption": "x".repeat(1025)}),
                "longer than 1024",
            ),
            ("audio", json!({"media": {"stored": stored, "mime": "audio/wav"}}), "as documents"),
        ] {
            warns(kind, fields, part);
        }
    }
}
