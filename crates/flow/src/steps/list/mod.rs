//! Says a text with a list that opens at a touch, and goes on.

use base::message::{Choice, Content};

use crate::choices;
use crate::declare::{ChannelNote, Field, Group, Input, fields, kind};
use crate::media::send;
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::whatsapp;

fields! {
    /// A text with a list.
    pub(crate) struct List {
        text: String = String::new() => Field::words("Text", "What stands above the list.").required(),
        button: String = "Choose".into() => Field::line("Word on the button", "A touch on it opens the list.").required(),
        choices: Vec<Choice> = Vec::new() => Field::new("Entries", "Up to ten, each with a few words and a line of explanation if you like.",
            Input::Choices { max: 10, descriptions: true }).required(),
    }
}

kind!(List {
    name: "list",
    group: Group::Messages,
    title: "Offer a list",
    help: "Sends a text with a list of up to ten entries and goes on without waiting. A later press begins the flow that has \
           the trigger “Button pressed”; to wait for the customer’s choice, use “Ask to choose one”.",
    example: r#"{"text":"What would you like to know?","button":"Topics","choices":[{"id":"hours","title":"Opening hours"},{"id":"way","title":"How to find us","description":"With a map"}]}"#,
    example_says: "Asks what the customer would like to know, with the list “Topics” to open.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "Up to 10 entries of 24 letters with 72 letters of explanation, 20 letters on the button and 1,024 above it.",
    }],
});

impl Behaviour for List {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (text, button) = (run.text(&self.text)?, run.text(&self.button)?);
        let mut rows = choices::filled(run, &self.choices)?;
        rows.truncate(whatsapp::MAX_ROWS);
        if rows.is_empty() {
            return send(run, "Sent a text, since no entry of the list has words", Content::text(text));
        }
        send(run, "Offered a list", choices::rows(text, &button, rows))
    }

    fn check(&self, check: &mut Check<'_>) {
        choices::check(check, "choices", &self.choices, 24);
        whatsapp::longest(check, "text", &self.text, whatsapp::BODY, whatsapp::SPLITS);
        whatsapp::longest(check, "button", &self.button, whatsapp::OPENER, whatsapp::CUTS);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Talk, warns};

    #[test]
    fn a_list_is_offered_and_the_flow_goes_on() {
        let fields = json!({"text": "Pick", "button": "Open", "choices": [{"id": "a", "title": "A", "description": "{{ last.text }}"}]});
        let mut talk = Talk::begun("list", fields);
        assert_eq!((talk.way(), talk.contents().len()), ("next", 1));
        assert_eq!(
            serde_json::to_value(talk.contents()[0]).unwrap(),
            json!({"kind": "list", "text": "Pick", "button": "Open",
                   "sections": [{"title": "", "rows": [{"id": "a", "title": "A", "description": "begin"}]}]})
        );
        assert_eq!(talk.sent(), ["[list] Pick"]);
    }

    #[test]
    fn limits_of_whatsapp_are_told_while_drawing() {
        for (choice, button, part) in [
            (json!({"id": "a", "title": "More than twenty-four letters"}), "Open", "longer than 24"),
            (json!({"id": "a", "title": "A", "description": "x".repeat(73)}), "Open", "longer than 72"),
            (json!({"id": "a", "title": "A"}), "More than twenty letters", "longer than 20"),
            (json!({"id": "a", "title": "A"}), "", "empty"),
        ] {
            warns("list", json!({"text": "x", "button": button, "choices": [choice]}), part);
        }
    }
}
