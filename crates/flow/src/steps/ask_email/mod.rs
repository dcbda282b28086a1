//! Asks for an e-mail address.

use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::declare::{Group, kind};
use crate::event::Incoming;
use crate::reply::{AnswerKind, Reader};
use crate::run::Run;

question! {
    /// A question that an e-mail address answers.
    pub(crate) struct AskEmail of Text {}
}

kind!(AskEmail {
    name: "ask_email",
    group: Group::Questions,
    title: "Ask for an e-mail address",
    help: "Asks a question and keeps the e-mail address in the reply. What is no address is asked for again.",
    branches: WAYS,
    example: r#"{"text":"Where may we send the invoice?","variable":"email"}"#,
    example_says: "Asks for the e-mail address and keeps it as “email”.",
});

impl Ask for AskEmail {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn read(&self, _run: &Run<'_>, message: &Incoming, reader: &Reader) -> Reading {
        reader.read(AnswerKind::Email, &message.text).map_or(Reading::Nothing, Reading::Value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Talk;

    #[test]
    fn an_address_is_found_in_what_the_customer_says() {
        let fields = json!({"text": "E-mail?", "variable": "email", "skippable": true, "interruptible": true});
        for (reply, expected, way) in [
            ("Ana.B@Example.COM", json!("Ana.B@example.com"), "next"),
            ("sure, you can write to me at ana@example.com any time", json!("ana@example.com"), "next"),
            ("ana at example", Value::Null, ""),
            ("skip", json!(""), "skipped"),
            ("what do you need that for?", Value::Null, "other"),
        ] {
            let mut talk = Talk::begun("ask_email", fields.clone());
            talk.says(reply);
            assert_eq!((talk.var("email"), talk.way()), (expected, way), "{reply}");
        }
    }
}
