//! Sends a message that WhatsApp approved beforehand.

use base::message::{Content, TemplateParameter};

use crate::declare::{ChannelNote, Choose, Field, Group, fields, kind};
use crate::media::send;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

const PARTS: &[Choose] = &[
    Choose { value: "body", label: "Text" },
    Choose { value: "header", label: "Heading" },
    Choose { value: "button", label: "Button" },
];

/// Buttons of a template.
const MAX_BUTTONS: f64 = 10.0;

fields! {
    /// What fills one placeholder.
    pub(crate) struct Parameter {
        part: String = "body".into() => Field::pick("Where", "The part of the template that has the placeholder.", PARTS),
        #[serde(skip_serializing_if = "Option::is_none")]
        index: Option<u32> = None =>
            Field::whole("Which button", "Counted from 1.", 1.0, MAX_BUTTONS, "").required().when("part", &["button"]),
        name: String = String::new() => Field::plain("Name of the placeholder", "Only if the template names them; else they are filled in order.", 60),
        value: String = String::new() => Field::line("Value", "What stands there, such as {{ contact.name }}.").required(),
    }
}

fields! {
    /// A template with its values.
    pub(crate) struct Template {
        name: String = String::new() => Field::plain("Template", "Its name, as WhatsApp approved it.", 512).required(),
        language: String = "en".into() => Field::plain("Language", "Its code, such as en or pt_BR.", 20).required(),
        parameters: Vec<Parameter> = Vec::new() => Field::items("Values", "One for each placeholder, in their order.", 30, "value", Parameter::FIELDS),
        otherwise: String = String::new() => Field::words("Elsewhere", "What is said on channels without templates. Empty says nothing."),
    }
}

kind!(Template {
    name: "template",
    group: Group::Messages,
    title: "Send a template",
    help: "Sends a message that WhatsApp approved beforehand. Only these reach a customer who has not written for 24 hours. \
           The flow goes on at once.",
    example: r#"{"name":"appointment_reminder","language":"en","parameters":[{"part":"body","value":"{{ contact.name }}"}]}"#,
    example_says: "Sends the approved template “appointment_reminder” with the customer’s name in it.",
    channels: &[
        ChannelNote {
            channel: "whatsapp",
            note: "Each is billed. Values have no line breaks and together up to 1,024 letters."
        },
        ChannelNote { channel: "webchat", note: "There are no templates; the text under “Elsewhere” is sent." },
    ],
});

impl Behaviour for Template {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if run.has_customer() && run.channel() != "whatsapp" {
            let text = run.text(&self.otherwise)?;
            if text.trim().is_empty() {
                run.note("Left out a template", "This channel has no templates.");
                return Ok(Next::NEXT);
            }
            return send(run, "Sent a text in the place of a template", Content::text(text));
        }
        let one = |parameter: &Parameter| {
            let text = run.text(&parameter.value)?;
            Ok(TemplateParameter {
                part: parameter.part.clone(),
                // Others count buttons from 0, people from 1.
                index: parameter.index.filter(|_| parameter.part == "button").map(|n| n.saturating_sub(1)),
                name: Some(parameter.name.trim().to_owned()).filter(|name| !name.is_empty()),
                // Line breaks are refused.
                text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            })
        };
        let parameters = self.parameters.iter().map(one).collect::<Result<_, String>>()?;
        run.note("Sent a template", &self.name);
        let (name, language) = (self.name.trim().to_owned(), self.language.trim().to_owned());
        run.send(Content::Template { name, language, parameters }, None)?;
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        let plain = |text: &str| text.trim().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !plain(&self.name) {
            let message = "The name of a template has small letters, digits and _ only.";
            check.error("name", message, "Copy it from where WhatsApp approved it.");
        }
        let code = |text: &str| text.trim().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if !code(&self.language) {
            check.error("language", "This is not the code of a language.", "Write it as en, de or pt_BR.");
        }
        let headings = self.parameters.iter().filter(|p| p.part == "header").count();
        if headings > 1 {
            check.error("parameters", "A template’s heading takes one value only.", "Remove the others.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Talk, warns};

    #[test]
    fn a_template_goes_out_with_its_values() {
        let fields = json!({"name": "reminder", "language": "pt_BR", "otherwise": "See you soon", "parameters": [
            {"part": "header", "value": "Hi"},
            {"part": "body", "value": "{{ last.text }}\n  now", "name": "who"},
            {"part": "button", "index": 1, "value": "a1"},
        ]});
        let mut talk = Talk::begun("template", fields.clone());
        assert_eq!(
            serde_json::to_value(talk.contents()[0]).unwrap(),
            json!({"kind": "template", "name": "reminder", "language": "pt_BR", "parameters": [
                {"part": "header", "text": "Hi"},
                {"part": "body", "name": "who", "text": "begin now"},
                {"part": "button", "index": 0, "text": "a1"},
            ]})
        );
        assert_eq!(talk.sent(), ["[template]"]);
        assert_eq!(Talk::of("template", fields).on("webchat").says("begin").sent(), ["See you soon"]);
        let mut silent = Talk::of("template", json!({"name": "reminder"})).on("webchat");
        assert!(silent.says("begin").sent().is_empty());
        assert_eq!(silent.way(), "next");
    }

    #[test]
    fn an_owner_learns_what_is_wrong_with_a_template() {
        for (fields, part) in [
            (json!({}), "empty"),
            (json!({"name": "Order Ready"}), "small letters"),
            (json!({"name": "a", "language": "Brazilian Portuguese"}), "code of a language"),
            (json!({"name": "a", "parameters": [{"part": "body", "value": ""}]}), "empty"),
            (
                json!({"name": "a", "parameters": [{"part": "header", "value": "a"}, {"part": "header", "value": "b"}]}),
                "one value",
            ),
            (json!({"name": "a", "parameters": [{"part": "button", "index": 11, "value": "a"}]}), "out of range"),
        ] {
            warns("template", fields, part);
        }
    }
}
