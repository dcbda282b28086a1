//! Says a text with buttons under it, and goes on.

use base::message::{Choice, Content};

use crate::choices;
use crate::declare::{ChannelNote, Field, Group, Input, fields, kind};
use crate::media::{caption, send};
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::whatsapp;

fields! {
    /// A text with up to three buttons.
    pub(crate) struct Buttons {
        text: String = String::new() => Field::words("Text", "What stands above the buttons.").required(),
        choices: Vec<Choice> = Vec::new() => Field::new("Buttons", "Up to three, each with a few words.",
            Input::Choices { max: 3, descriptions: false }).required(),
        footer: String = String::new() => Field::line("Small text", "In grey below it. Empty shows none."),
    }
}

kind!(Buttons {
    name: "buttons",
    group: Group::Messages,
    title: "Offer buttons",
    help: "Sends a text with up to three buttons and goes on without waiting. A later press begins the flow that has the \
           trigger “Button pressed”; to wait for the customer’s choice, use “Ask to choose one”.",
    example: r#"{"text":"We are here for you.","choices":[{"id":"book","title":"Book a visit"},{"id":"prices","title":"Prices"}]}"#,
    example_says: "Says “We are here for you.” with the buttons “Book a visit” and “Prices”.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "Up to 3 buttons of 20 letters, 1,024 letters above and 60 letters of small text.",
    }],
});

impl Behaviour for Buttons {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let text = run.text(&self.text)?;
        let mut buttons = choices::filled(run, &self.choices)?;
        buttons.truncate(whatsapp::MAX_BUTTONS);
        if buttons.is_empty() {
            return send(run, "Sent a text, since no button has words", Content::text(text));
        }
        let footer = caption(run, &self.footer)?;
        send(run, "Offered buttons", Content::Buttons { text, footer, buttons })
    }

    fn check(&self, check: &mut Check<'_>) {
        choices::check(check, "choices", &self.choices, whatsapp::BUTTON_TITLE);
        whatsapp::longest(check, "text", &self.text, whatsapp::BODY, whatsapp::SPLITS);
        whatsapp::longest(check, "footer", &self.footer, whatsapp::FOOTER, whatsapp::CUTS);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Talk, findings, warns};

    #[test]
    fn buttons_are_offered_and_the_flow_goes_on() {
        let fields = json!({"text": "Hi {{ last.text }}", "footer": "Sample", "choices": [
            {"id": "a", "title": "For {{ last.text }}"}, {"id": "b", "title": "{{ contact.none | default('') }}"}]});
        let talk = Talk::begun("buttons", fields);
        assert_eq!(talk.way(), "next");
        assert_eq!(
            serde_json::to_value(talk.contents()[0]).unwrap(),
            json!({"kind": "buttons", "text": "Hi begin", "footer": "Sample", "buttons": [{"id": "a", "title": "For begin"}]})
        );
        let mut talk = Talk::begun(
            "buttons",
            json!({"text": "Hi", "choices": [{"id": "b", "title": "{{ contact.none | default('') }}"}]}),
        );
        assert_eq!(talk.sent(), ["Hi"]);
    }

    #[test]
    fn a_press_begins_the_flow_that_waits_for_it() {
        let mut talk = Talk::new(
            json!([
                {"id": "m", "kind": "message_received"},
                {"id": "b", "kind": "buttons", "fields": {"text": "Hi", "choices": [{"id": "book", "title": "Book"}]}},
                {"id": "p", "kind": "button_pressed", "fields": {"names": ["Book"]}},
                {"id": "t", "kind": "text", "fields": {"text": "When?"}},
            ]),
            json!([["m", "next", "b"], ["p", "next", "t"]]),
        );
        assert_eq!(talk.says("hello").sent(), ["[buttons] Hi"]);
        assert_eq!(talk.passes(86_400_000).picks("book", "Book").sent(), ["When?"]);
    }

    #[test]
    fn limits_of_whatsapp_are_told_while_drawing() {
        let choice = |id: &str, title: &str| json!({"id": id, "title": title});
        for (choices, text, part) in [
            (json!([]), "x", "nothing to choose"),
            (json!([choice("a", "More than twenty letters")]), "x", "longer than 20"),
            (json!([choice("a", "A"), choice("a", "B")]), "x", "no usable id"),
            (json!([choice("a", "A"), choice("b", "a")]), "x", "Two choices are called"),
            (json!([choice("a", "A"), choice("b", "B"), choice("c", "C"), choice("d", "D")]), "x", "more than 3"),
            (json!([choice("a", "A")]), &"x".repeat(1025), "longer than 1024"),
            (json!([choice("a", "A")]), "", "empty"),
        ] {
            warns("buttons", json!({"text": text, "choices": choices}), part);
        }
        let fine =
            findings("buttons", json!({"text": "x", "choices": [choice("a", "{{ business.name }} is a long name")]}));
        assert!(!fine.iter().any(|m| m.contains("longer")), "{fine:?}");
    }
}
