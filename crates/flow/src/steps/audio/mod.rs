//! Sends a sound or a voice message.

use base::message::{Content, Media};

use crate::declare::{ChannelNote, Field, Group, Input, fields, kind};
use crate::media;
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

fields! {
    /// A sound.
    pub(crate) struct Audio {
        media: Media = Media::default() =>
            Field::new("Sound", "Upload one, or enter its web address.", Input::Media { kinds: &["audio"] }).required(),
        voice: bool = false => Field::toggle("As a voice message", "It looks as if you had spoken it into the phone."),
    }
}

kind!(Audio {
    name: "audio",
    group: Group::Messages,
    title: "Send a sound",
    help: "Sends a sound or a voice message and goes on at once.",
    example: r#"{"media":{"url":"https://shop.example/welcome.ogg","mime":"audio/ogg"},"voice":true}"#,
    example_says: "Sends your welcome as a voice message.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "AAC, AMR, MP3, M4A or OGG up to 16 MB. Only OGG with Opus looks like a voice message.",
    }],
});

impl Behaviour for Audio {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let media = media::filled(run, &self.media, "audio")?;
        media::send(run, "Sent a sound", Content::Audio { media, voice: self.voice })
    }

    fn check(&self, check: &mut Check<'_>) {
        media::check(check, "audio", &self.media, "");
        if self.voice && !self.media.mime.is_empty() && !self.media.mime.starts_with("audio/ogg") {
            let message = "WhatsApp shows this as a file, because only OGG looks like a voice message.";
            check.warning("voice", message, "Save it as OGG with Opus, or send it as a file.");
        }
    }
}
