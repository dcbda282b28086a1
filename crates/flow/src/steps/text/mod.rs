//! Says a text.

use base::message::Content;

use crate::declare::{ChannelNote, Field, Group, fields, kind};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// A text; expressions may stand in it.
    pub(crate) struct Text {
        text: String = String::new() => Field::words("Text", "What the customer reads.").required(),
    }
}

kind!(Text {
    name: "text",
    group: Group::Messages,
    title: "Send a text",
    help: "Sends a text and goes on at once. Texts that follow each other go out as one message, which saves money where \
           each is billed.",
    example: r#"{"text":"Thank you, {{ contact.name | default(\"friend\") }}!"}"#,
    example_says: "Says “Thank you, Ana!”",
    channels: &[ChannelNote { channel: "whatsapp", note: "Longer than 4,096 letters becomes several messages." }],
});

impl Behaviour for Text {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let text = run.text(&self.text)?;
        run.note("Sent a text", &text);
        run.send(Content::text(text), None)?;
        Ok(Next::NEXT)
    }
}
