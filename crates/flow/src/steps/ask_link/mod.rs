//! Asks for a web address.

use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::declare::{Group, kind};
use crate::event::Incoming;
use crate::reply::{AnswerKind, Reader};
use crate::run::Run;

question! {
    /// A question that a web address answers.
    pub(crate) struct AskLink of Text {}
}

kind!(AskLink {
    name: "ask_link",
    group: Group::Questions,
    title: "Ask for a web address",
    help: "Asks a question and keeps the web address in the reply, with https:// in front.",
    branches: WAYS,
    example: r#"{"text":"Which of our products is it? A link helps us most.","variable":"product"}"#,
    example_says: "Asks for a link to the product and keeps it as “product”.",
});

impl Ask for AskLink {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn read(&self, _run: &Run<'_>, message: &Incoming, reader: &Reader) -> Reading {
        reader.read(AnswerKind::Url, &message.text).map_or(Reading::Nothing, Reading::Value)
    }

    /// A question mark in an address asks nothing.
    fn claims_reply(&self, _run: &Run<'_>, message: &Incoming) -> bool {
        let text = message.text.trim();
        !text.contains(char::is_whitespace) && (text.starts_with("https://") || text.starts_with("http://"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Talk;

    #[test]
    fn an_address_is_found_in_what_the_customer_says() {
        let fields = json!({"text": "Link?", "variable": "link", "interruptible": true});
        for (reply, expected, way) in [
            ("see example.com/a.", json!("https://example.com/a"), "next"),
            (
                "https://shop.example/a/b/c/d/e?id=7&b=c-d-e-f",
                json!("https://shop.example/a/b/c/d/e?id=7&b=c-d-e-f"),
                "next",
            ),
            ("hello", Value::Null, ""),
            ("ana@example.com", Value::Null, ""),
            ("where do I find it?", Value::Null, "other"),
        ] {
            let mut talk = Talk::begun("ask_link", fields.clone());
            talk.says(reply);
            assert_eq!((talk.var("link"), talk.way()), (expected, way), "{reply}");
        }
    }
}
