//! Asks for a picture or a file.

use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::declare::{ChannelNote, Field, Group, kind};
use crate::event::Incoming;
use crate::reply::Reader;
use crate::run::{Run, file_of};
use crate::validate::Check;

const KINDS: [&str; 4] = ["image", "video", "audio", "document"];

question! {
    /// A question that a file answers.
    pub(crate) struct AskFile of File {
        kinds: Vec<String> = Vec::new() => Field::list("Kinds", "image, video, audio or document. Empty takes any of them.", 4, "kind"),
        #[serde(skip_serializing_if = "Option::is_none")]
        max_mb: Option<f64> = None => Field::number("At most", "In megabytes. Empty takes what the channel allows.", 0.1, 100.0),
    }
}

kind!(AskFile {
    name: "ask_file",
    group: Group::Questions,
    title: "Ask for a file",
    help: "Asks for a photo, a video, a voice message or a file and keeps it. Later steps send it on or use its name, type and \
           size.",
    branches: WAYS,
    example: r#"{"text":"Please send us a photo of the damage.","variable":"photo","kinds":["image"]}"#,
    example_says: "Asks for a photo and keeps it as “photo”.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "Photos that are sent as files arrive as documents; allow both."
    }],
});

impl AskFile {
    fn fits(&self, message: &Incoming) -> Option<serde_json::Value> {
        let file = file_of(&message.content)?;
        let kind = file.get("kind")?.as_str()?;
        let mime = file.get("mime")?.as_str()?.to_ascii_lowercase();
        // A photo that was sent as a file is still a photo.
        let kind = match kind {
            "sticker" => "image",
            "document" if mime.starts_with("image/") && self.takes("image") => "image",
            "document" if mime.starts_with("video/") && self.takes("video") => "video",
            "document" if mime.starts_with("audio/") && self.takes("audio") => "audio",
            kind => kind,
        };
        let size = file.get("size_bytes").and_then(serde_json::Value::as_f64);
        let small = size.is_none_or(|bytes| self.max_mb.is_none_or(|most| bytes <= most * 1024.0 * 1024.0));
        (self.takes(kind) && small).then_some(file)
    }

    fn takes(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|k| k == kind)
    }
}

impl Ask for AskFile {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn read(&self, _run: &Run<'_>, message: &Incoming, _reader: &Reader) -> Reading {
        self.fits(message).map_or(Reading::Nothing, Reading::Value)
    }

    fn check_more(&self, check: &mut Check<'_>) {
        for kind in self.kinds.iter().filter(|k| !KINDS.contains(&k.as_str()) && !k.trim().is_empty()) {
            let message = format!("“{kind}” is no kind of file.");
            check.error("kinds", &message, "Write image, video, audio or document.");
        }
    }

    /// Words under a photo do not make it a question.
    fn claims_reply(&self, _run: &Run<'_>, message: &Incoming) -> bool {
        self.fits(message).is_some()
    }
}

#[cfg(test)]
mod tests {
    use base::message::{Content, Media};
    use serde_json::{Value, json};

    use crate::testing::{Talk, warns};

    fn media(mime: &str, size: u64) -> Media {
        Media {
            mime: mime.into(),
            stored: Some("ab".repeat(32)),
            size_bytes: Some(size),
            filename: Some("x".into()),
            ..Media::default()
        }
    }

    #[test]
    fn a_file_of_the_right_kind_is_kept() {
        let image = |caption: Option<&str>| Content::Image {
            media: media("image/jpeg", 2_000_000),
            caption: caption.map(str::to_owned),
        };
        let document = |mime: &str| Content::Document { media: media(mime, 10), caption: None };
        for (more, content, kept) in [
            (json!({}), image(None), true),
            (json!({}), document("application/pdf"), true),
            (json!({"kinds": ["image"]}), image(Some("is this what you need, or the menu?")), true),
            (json!({"kinds": ["image"]}), document("image/png"), true),
            (json!({"kinds": ["image"]}), document("application/pdf"), false),
            (json!({"kinds": ["document"]}), document("image/png"), true),
            (json!({"kinds": ["document"]}), image(None), false),
            (json!({"max_mb": 1}), image(None), false),
            (json!({"max_mb": 2}), image(None), true),
            (json!({}), Content::text("later"), false),
            (json!({"kinds": ["audio"]}), Content::Audio { media: media("audio/ogg", 1), voice: true }, true),
        ] {
            let mut fields = json!({"text": "A photo?", "variable": "photo", "interruptible": true});
            fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let mut talk = Talk::begun("ask_file", fields);
            talk.shows(content.clone());
            assert_eq!(talk.var("photo").is_object(), kept, "{more} {content:?}");
            assert_eq!(talk.way(), if kept { "next" } else { "" }, "{more} {content:?}");
        }
    }

    #[test]
    fn a_kept_file_can_be_sent_on() {
        let mut talk = Talk::new(
            json!([
                {"id": "m", "kind": "message_received"},
                {"id": "it", "kind": "ask_file", "fields": {"text": "A photo?", "variable": "photo"}},
                {"id": "i", "kind": "image", "fields": {"media": {"url": "{{ photo }}"}, "caption": "{{ photo.mime }}"}},
            ]),
            json!([["m", "next", "it"], ["it", "next", "i"]]),
        );
        talk.says("hello").shows(Content::Image { media: media("image/jpeg", 9), caption: None });
        let Content::Image { media: sent, caption } = talk.contents()[0] else { panic!("{:?}", talk.notes()) };
        assert_eq!((sent.stored.clone(), caption.as_deref()), (Some("ab".repeat(32)), Some("image/jpeg")));
    }

    #[test]
    fn a_file_may_be_skipped_and_kinds_are_checked() {
        let mut talk = Talk::begun("ask_file", json!({"text": "A photo?", "variable": "photo", "skippable": true}));
        talk.says("no");
        assert_eq!((talk.way(), talk.var("photo")), ("skipped", Value::from("")));
        warns("ask_file", json!({"text": "?", "variable": "f", "kinds": ["photo"]}), "no kind of file");
    }
}
