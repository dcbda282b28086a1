//! Sends a file.

use base::message::{Content, Media};

use crate::declare::{ChannelNote, Field, Group, Input, fields, kind};
use crate::media;
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

/// Longest name of a file, in characters.
const MAX_NAME_CHARS: usize = 240;

fields! {
    /// A file with words under it.
    pub(crate) struct Document {
        media: Media = Media::default() => Field::new("File", "Upload one, or enter its web address. A file that a customer sent is \
            used by its name, as in {{ file }}.", Input::Media { kinds: &["document", "image", "video", "audio"] }).required(),
        filename: String = String::new() => Field::line("Name", "What the customer sees, such as “Price list.pdf”. Empty keeps the file’s own."),
        caption: String = String::new() => Field::words("Words under it", "Empty shows the file alone."),
    }
}

kind!(Document {
    name: "document",
    group: Group::Messages,
    title: "Send a file",
    help: "Sends a file such as a price list, with words under it if you like, and goes on at once.",
    example: r#"{"media":{"url":"https://shop.example/prices.pdf","mime":"application/pdf"},"filename":"Price list.pdf"}"#,
    example_says: "Sends the price list as a file.",
    channels: &[ChannelNote { channel: "whatsapp", note: "Any type up to 100 MB. Up to 1,024 letters under it." }],
});

impl Behaviour for Document {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let mut media = media::filled(run, &self.media, "document")?;
        // A name is no path.
        let name = run.text(&self.filename)?.replace(['/', '\\', '\0'], "-");
        let name: String = name.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
        if !name.is_empty() {
            media.filename = Some(name);
        }
        let caption = media::caption(run, &self.caption)?;
        media::send(run, "Sent a file", Content::Document { media, caption })
    }

    fn check(&self, check: &mut Check<'_>) {
        media::check(check, "document", &self.media, &self.caption);
    }
}

#[cfg(test)]
mod tests {
    use base::message::Content;
    use serde_json::json;

    use crate::testing::Talk;

    #[test]
    fn a_file_goes_out_under_the_name_that_the_owner_gave_it() {
        let mut talk = Talk::begun(
            "document",
            json!({"media": {"url": "https://a.example/x.pdf"}, "filename": "For {{ last.text }}/..pdf", "caption": " Here "}),
        );
        let Content::Document { media, caption } = talk.contents()[0] else { panic!() };
        assert_eq!((media.filename.as_deref(), caption.as_deref()), (Some("For begin-..pdf"), Some("Here")));
        assert_eq!(talk.sent(), ["[document] Here"]);
    }
}
