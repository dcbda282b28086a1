//! Asks for words.

use base::message::Content;
use serde_json::json;

use crate::ask::{Ask, Asking, Expect, Reading, WAYS, question};
use crate::declare::{Field, Group, kind};
use crate::event::Incoming;
use crate::reply::{AnswerKind, Reader};
use crate::run::Run;

question! {
    /// A question that any words answer.
    pub(crate) struct AskText of Text {
        short: bool = false =>
            Field::toggle("A few words", "A name or a city is expected; a whole sentence is then about something else."),
    }
}

kind!(AskText {
    name: "ask_text",
    group: Group::Questions,
    title: "Ask for words",
    help: "Asks a question and keeps the reply as it was written, such as a name or what is wrong.",
    branches: WAYS,
    example: r#"{"text":"What is your name?","variable":"name","short":true}"#,
    example_says: "Asks for the name and keeps it as “name”.",
});

impl Ask for AskText {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn expect(&self) -> Expect {
        if self.short { Expect::FewWords } else { Expect::Words }
    }

    fn read(&self, _run: &Run<'_>, message: &Incoming, reader: &Reader) -> Reading {
        let text = message.text.trim();
        // A photo or a voice message says something, too; the person will look at it.
        if text.is_empty() && !self.short && !matches!(message.content, Content::Text { .. }) {
            return Reading::Value(json!(format!("[{}]", message.content.kind())));
        }
        reader.read(AnswerKind::Text, text).map_or(Reading::Nothing, Reading::Value)
    }
}
