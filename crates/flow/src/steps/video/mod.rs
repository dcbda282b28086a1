//! Sends a video.

use base::message::{Content, Media};

use crate::declare::{ChannelNote, Field, Group, Input, fields, kind};
use crate::media;
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

fields! {
    /// A video with words under it.
    pub(crate) struct Video {
        media: Media = Media::default() => Field::new("Video", "Upload one, or enter its web address. A video that a customer sent \
            is used by its name, as in {{ video }}.", Input::Media { kinds: &["video"] }).required(),
        caption: String = String::new() => Field::words("Words under it", "Empty shows the video alone."),
    }
}

kind!(Video {
    name: "video",
    group: Group::Messages,
    title: "Send a video",
    help: "Sends a video, with words under it if you like, and goes on at once.",
    example: r#"{"media":{"url":"https://shop.example/tour.mp4","mime":"video/mp4"},"caption":"A walk through our shop"}"#,
    example_says: "Sends the video with “A walk through our shop” under it.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "MP4 or 3GP up to 16 MB; other videos arrive as documents. Up to 1,024 letters under it.",
    }],
});

impl Behaviour for Video {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (media, caption) = (media::filled(run, &self.media, "video")?, media::caption(run, &self.caption)?);
        media::send(run, "Sent a video", Content::Video { media, caption })
    }

    fn check(&self, check: &mut Check<'_>) {
        media::check(check, "video", &self.media, &self.caption);
    }
}
