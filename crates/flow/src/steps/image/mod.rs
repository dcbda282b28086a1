//! Sends a picture.

use base::message::{Content, Media};

use crate::declare::{ChannelNote, Field, Group, Input, fields, kind};
use crate::media;
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

fields! {
    /// A picture with words under it.
    pub(crate) struct Image {
        media: Media = Media::default() => Field::new("Picture", "Upload one, or enter its web address. A picture that a customer \
            sent is used by its name, as in {{ photo }}.", Input::Media { kinds: &["image"] }).required(),
        caption: String = String::new() => Field::words("Words under it", "Empty shows the picture alone."),
    }
}

kind!(Image {
    name: "image",
    group: Group::Messages,
    title: "Send a picture",
    help: "Sends a picture, with words under it if you like, and goes on at once.",
    example: r#"{"media":{"url":"https://shop.example/menu.jpg","mime":"image/jpeg"},"caption":"Our menu"}"#,
    example_says: "Sends the picture of the menu with “Our menu” under it.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "JPEG or PNG up to 5 MB; other pictures arrive as documents. Up to 1,024 letters under it.",
    }],
});

impl Behaviour for Image {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (media, caption) = (media::filled(run, &self.media, "image")?, media::caption(run, &self.caption)?);
        media::send(run, "Sent a picture", Content::Image { media, caption })
    }

    fn check(&self, check: &mut Check<'_>) {
        media::check(check, "image", &self.media, &self.caption);
    }
}
