//! Asks what is answered with yes or no.

use base::message::{Choice, Content};
use serde_json::json;

use crate::ask::{Ask, Asking, Reading, question};
use crate::choices::{choice, is_exactly_one, offer, pick};
use crate::declare::{Branch, ChannelNote, Field, Group, kind, way};
use crate::event::Incoming;
use crate::reply::{AnswerKind, Reader};
use crate::run::Run;
use crate::validate::Check;
use crate::{whatsapp, words};

const YES_NO_WAYS: &[Branch] = &[
    way("yes", "Yes"),
    way("no", "No"),
    way("next", "Either way"),
    crate::ask::CHOICE_WAYS[1],
    crate::ask::CHOICE_WAYS[2],
    crate::ask::CHOICE_WAYS[3],
    crate::ask::CHOICE_WAYS[4],
];

question! {
    /// A question that yes or no answers.
    pub(crate) struct AskYesNo of YesNo {
        buttons: bool = true => Field::toggle("With buttons", "Else only the text is sent."),
        yes: String = "Yes".into() => Field::line("Word for yes", "What stands on the button.").required().when("buttons", &["true"]),
        no: String = "No".into() => Field::line("Word for no", "What stands on the button.").required().when("buttons", &["true"]),
    }
}

kind!(AskYesNo {
    name: "ask_yes_no",
    group: Group::Questions,
    title: "Ask yes or no",
    help: "Asks a question with two buttons and goes one of two ways. “Sure”, “nope” and the like are understood in many \
           languages.",
    branches: YES_NO_WAYS,
    example: r#"{"text":"Shall we book it for you?","yes":"Yes, please","no":"Not now","variable":"book"}"#,
    example_says: "Asks whether to book it, with the buttons “Yes, please” and “Not now”.",
    channels: &[ChannelNote { channel: "whatsapp", note: "Up to 20 letters on a button and 1,024 above them." }],
});

impl AskYesNo {
    fn offered(&self, run: &Run<'_>) -> Result<Vec<Choice>, String> {
        let title = |source: &str, usual: &str| {
            let text = run.text(source)?.trim().to_owned();
            Ok::<_, String>(if text.is_empty() { usual.to_owned() } else { text })
        };
        Ok(vec![choice("yes", &title(&self.yes, "Yes")?), choice("no", &title(&self.no, "No")?)])
    }
}

impl Ask for AskYesNo {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn content(&self, run: &Run<'_>, text: String) -> Result<Content, String> {
        Ok(if self.buttons { offer(text, "", self.offered(run)?) } else { Content::text(text) })
    }

    fn read(&self, run: &Run<'_>, message: &Incoming, reader: &Reader) -> Reading {
        let known = |text: &str| reader.read(AnswerKind::YesNo, text).and_then(|v| v.as_bool());
        // “Yes, on Monday please”: what comes before the comma counts.
        let first = || message.text.split([',', '.', '!', ';', '\n']).next().and_then(known);
        let offered = || {
            let choices = self.offered(run).ok().filter(|_| self.buttons)?;
            pick(&choices, message).map(|at| at == 0)
        };
        let pressed = matches!(message.content, Content::Picked { .. });
        let said =
            if pressed { offered().or_else(|| known(&message.text)) } else { known(&message.text).or_else(offered) };
        match said.or_else(|| first().filter(|_| words::count(&message.text) <= 12)) {
            Some(yes) => Reading::Way(json!(yes), if yes { "yes" } else { "no" }.into()),
            None => Reading::Nothing,
        }
    }

    fn check_more(&self, check: &mut Check<'_>) {
        if !check.leads_on("next") && (!check.leads_on("yes") || !check.leads_on("no")) {
            let message = "Nothing follows one of the two answers, so the flow ends.";
            check.warning("", message, "Connect “Yes” and “No”, or “Either way”, to a step.");
        }
        if self.buttons {
            whatsapp::longest(check, "yes", &self.yes, whatsapp::BUTTON_TITLE, "shows a list instead of buttons");
            whatsapp::longest(check, "no", &self.no, whatsapp::BUTTON_TITLE, "shows a list instead of buttons");
            whatsapp::longest(check, "text", &self.text, whatsapp::BODY, whatsapp::SPLITS);
            if words::fold(&self.yes) == words::fold(&self.no) {
                check.error("no", "Both buttons have the same words.", "Change one of them.");
            }
        }
    }

    fn claims_reply(&self, run: &Run<'_>, message: &Incoming) -> bool {
        self.buttons && self.offered(run).is_ok_and(|all| is_exactly_one(&all, message))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Talk, warns};

    #[test]
    fn yes_and_no_go_their_own_ways() {
        let fields = json!({"text": "Book it?", "variable": "book", "yes": "Yes, please", "no": "Not now", "interruptible": true});
        for (reply, kept, way) in [
            ("Sure!", json!(true), "yes"),
            ("não", json!(false), "no"),
            ("yes please", json!(true), "yes"),
            ("not now", json!(false), "no"),
            ("Yes, on Monday would be best", json!(true), "yes"),
            ("No! Leave me alone", json!(false), "no"),
            ("👍", json!(true), "yes"),
            ("1", json!(true), "yes"),
            ("maybe", Value::Null, ""),
            ("how much is it then?", Value::Null, "other"),
        ] {
            let mut talk = Talk::begun("ask_yes_no", fields.clone());
            assert_eq!(talk.sent(), ["[buttons] Book it?"]);
            talk.says(reply);
            assert_eq!((talk.var("book"), talk.way()), (kept, way), "{reply}");
        }
        let mut talk = Talk::begun("ask_yes_no", fields);
        assert_eq!(talk.picks("no", "Not now").way(), "no");
    }

    #[test]
    fn without_buttons_it_is_a_mere_text_and_one_way_is_enough() {
        let steps = json!([
            {"id": "m", "kind": "message_received"},
            {"id": "it", "kind": "ask_yes_no", "fields": {"text": "Book it?", "variable": "book", "buttons": false}},
            {"id": "t", "kind": "text", "fields": {"text": "{{ 'yes' if book else 'no' }}"}},
        ]);
        let mut talk = Talk::new(steps, json!([["m", "next", "it"], ["it", "next", "t"]]));
        assert_eq!(talk.says("hello").sent(), ["Book it?"]);
        assert_eq!(talk.says("nein").sent(), ["no"]);
    }

    #[test]
    fn an_owner_learns_what_is_wrong_with_the_buttons() {
        for (yes, no, part) in [
            ("", "No", "empty"),
            ("OK", "ok", "the same words"),
            ("More than twenty letters", "No", "longer than 20"),
            ("Yes", "No", "one of the two answers"),
        ] {
            warns("ask_yes_no", json!({"text": "?", "variable": "x", "yes": yes, "no": no}), part);
        }
    }
}
