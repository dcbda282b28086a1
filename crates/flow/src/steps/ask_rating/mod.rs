//! Asks for marks.

use base::message::{Choice, Content};
use serde_json::json;

use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::choices::{choice, is_exactly_one, offer, pick};
use crate::declare::{ChannelNote, Choose, Field, Group, kind};
use crate::event::Incoming;
use crate::reply::{AnswerKind, Reader, western_digits};
use crate::run::Run;
use crate::validate::Check;
use crate::whatsapp;

const SHOWS: &[Choose] = &[
    Choose { value: "stars", label: "Stars" },
    Choose { value: "words", label: "Words" },
    Choose { value: "text", label: "Nothing; the customer writes a number" },
];
const MIN: u32 = 2;
const MAX: u32 = 10;
/// More than these are counted in digits.
const MAX_STARS: u32 = 5;

question! {
    /// A question that a mark answers.
    pub(crate) struct AskRating of Number {
        show: String = "stars".into() => Field::pick("Shown as", "What the customer picks from.", SHOWS),
        most: u32 = 5 => Field::whole("Best mark", "The worst is 1.", 2.0, 10.0, "").when("show", &["stars", "text"]),
        labels: Vec<String> = ["Very bad", "Bad", "All right", "Good", "Very good"].map(str::to_owned).to_vec() =>
            Field::list("Words", "From worst to best; the first is kept as 1.", MAX, "word").required().when("show", &["words"]),
        button: String = "Rate".into() => Field::line("Word on the button", "What opens the list.").when("show", &["stars", "words"]),
    }
}

kind!(AskRating {
    name: "ask_rating",
    group: Group::Questions,
    title: "Ask for a rating",
    help: "Asks how good something was and keeps the mark as a number. Customers pick it, or write “4”, “4/5”, “four” or ⭐⭐⭐⭐.",
    branches: WAYS,
    example: r#"{"text":"How did you like your visit?","variable":"mark","show":"stars","most":5}"#,
    example_says: "Asks how the visit was, from one to five stars, and keeps the number as “mark”.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "Up to three marks are buttons, more a list; up to 24 letters each."
    }],
});

impl AskRating {
    fn best(&self) -> u32 {
        if self.show == "words" {
            u32::try_from(self.labels.len()).unwrap_or(MAX).clamp(1, MAX)
        } else {
            self.most.clamp(MIN, MAX)
        }
    }

    /// The marks, the best one first; their ids are numbers.
    fn offered(&self) -> Vec<Choice> {
        let title = |mark: u32| match self.show.as_str() {
            "words" => self.labels.get(mark as usize - 1).map(|l| l.trim().to_owned()).unwrap_or_default(),
            _ if self.best() <= MAX_STARS => "⭐".repeat(mark as usize),
            _ => format!("{mark} ⭐"),
        };
        (1..=self.best()).rev().map(|mark| choice(&mark.to_string(), &title(mark))).collect()
    }

    /// “4/5”, “4 of 5”, “4”, “four”.
    fn number(&self, text: &str, reader: &Reader) -> Option<u32> {
        let western = western_digits(text);
        let marks: Vec<&str> = western.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        let decimal = western
            .as_bytes()
            .windows(3)
            .any(|w| w[0].is_ascii_digit() && matches!(w[1], b'.' | b',') && w[2].is_ascii_digit());
        let number = match marks[..] {
            _ if decimal || text.contains('-') => None,
            [mark] => mark.parse().ok(),
            [mark, of] if of.parse() == Ok(self.best()) => mark.parse().ok(),
            [] => reader.read(AnswerKind::Number, text).and_then(|n| n.as_u64()).and_then(|n| u32::try_from(n).ok()),
            _ => None,
        };
        number.filter(|mark| (1..=self.best()).contains(mark))
    }
}

/// How many stars a text consists of; nothing when there is anything else in it.
fn stars(text: &str) -> Option<u32> {
    let mut count = 0;
    for c in text.chars().take(50) {
        match c {
            '⭐' | '★' | '🌟' | '✭' | '✰' => count += 1,
            '☆' | ' ' | '\u{fe0f}' | '!' => {}
            _ => return None,
        }
    }
    Some(count).filter(|n| *n > 0)
}

impl Ask for AskRating {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn content(&self, run: &Run<'_>, text: String) -> Result<Content, String> {
        let offered: Vec<Choice> = self.offered().into_iter().filter(|c| !c.title.is_empty()).collect();
        if self.show == "text" || offered.is_empty() {
            return Ok(Content::text(text));
        }
        Ok(offer(text, &run.text(&self.button)?, offered))
    }

    fn read(&self, _run: &Run<'_>, message: &Incoming, reader: &Reader) -> Reading {
        let offered = self.offered();
        let text = message.text.trim();
        if text.len() > 500 {
            return Reading::Nothing;
        }
        let pressed = match &message.content {
            Content::Picked { id, .. } if offered.iter().any(|c| c.id == *id) => id.parse().ok(),
            _ => None,
        };
        // Places in the list are no marks, so numbers are read before words.
        let mark = pressed.or_else(|| stars(text).filter(|n| *n <= self.best())).or_else(|| self.number(text, reader));
        let named = || {
            let words = self.show == "words" && !text.chars().any(char::is_numeric);
            let at = words.then(|| pick(&offered, message)).flatten()?;
            offered.get(at)?.id.parse().ok()
        };
        mark.or_else(named).map_or(Reading::Nothing, |mark: u32| Reading::Value(json!(mark)))
    }

    fn check_more(&self, check: &mut Check<'_>) {
        if self.show == "words" {
            if self.labels.len() == 1 {
                check.error("labels", "One word is nothing to choose from.", "Add the others, from worst to best.");
            }
            for label in &self.labels {
                whatsapp::longest(check, "labels", label, 24, whatsapp::CUTS);
            }
        }
        if self.show != "text" {
            whatsapp::longest(check, "text", &self.text, whatsapp::BODY, whatsapp::SPLITS);
            whatsapp::longest(check, "button", &self.button, whatsapp::OPENER, whatsapp::CUTS);
        }
    }

    fn claims_reply(&self, _run: &Run<'_>, message: &Incoming) -> bool {
        self.show != "text" && is_exactly_one(&self.offered(), message)
    }
}

#[cfg(test)]
mod tests {
    use base::message::Content;
    use serde_json::{Value, json};

    use crate::testing::{Talk, warns};

    #[test]
    fn a_mark_is_kept_however_it_is_given() {
        let stars = json!({"text": "How was it?", "variable": "mark"});
        let ten = json!({"text": "How was it?", "variable": "mark", "most": 10, "show": "text"});
        let words =
            json!({"text": "How was it?", "variable": "mark", "show": "words", "labels": ["Bad", "So so", "Great"]});
        for (fields, reply, expected) in [
            (&stars, "4", json!(4)),
            (&stars, "four", json!(4)),
            (&stars, "4/5", json!(4)),
            (&stars, "4 out of 5!", json!(4)),
            (&stars, "⭐⭐⭐", json!(3)),
            (&stars, "★★☆☆☆", json!(2)),
            (&stars, "٥", json!(5)),
            (&stars, "6", Value::Null),
            (&stars, "0", Value::Null),
            (&stars, "-3", Value::Null),
            (&stars, "4.5", Value::Null),
            (&stars, "⭐⭐⭐⭐⭐⭐⭐", Value::Null),
            (&stars, "nice", Value::Null),
            (&ten, "10", json!(10)),
            (&ten, "8 of 10", json!(8)),
            (&ten, "11", Value::Null),
            (&words, "great", json!(3)),
            (&words, "so so I guess", json!(2)),
            (&words, "1", json!(1)),
            (&words, "graet", json!(3)),
        ] {
            let mut talk = Talk::begun("ask_rating", fields.clone());
            talk.says(reply);
            assert_eq!(talk.var("mark"), expected, "{reply}");
        }
        let mut talk = Talk::begun("ask_rating", stars);
        assert_eq!(talk.picks("2", "⭐⭐").var("mark"), json!(2));
    }

    #[test]
    fn marks_are_shown_from_best_to_worst() {
        for (more, kind, first) in [
            (json!({"most": 5}), "list", "⭐⭐⭐⭐⭐"),
            (json!({"most": 3}), "buttons", "⭐⭐⭐"),
            (json!({"most": 10}), "list", "10 ⭐"),
            (json!({"show": "words"}), "list", "Very good"),
            (json!({"show": "text"}), "text", ""),
        ] {
            let mut fields = json!({"text": "?", "variable": "mark"});
            fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let talk = Talk::begun("ask_rating", fields);
            let content = talk.contents()[0];
            assert_eq!(content.kind(), kind, "{more}");
            let title = match content {
                Content::List { sections, .. } => &sections[0].rows[0].title,
                Content::Buttons { buttons, .. } => &buttons[0].title,
                _ => "",
            };
            assert_eq!(title, first, "{more}");
        }
    }

    #[test]
    fn an_owner_learns_what_is_wrong_with_a_rating() {
        for (more, part) in [
            (json!({"most": 11}), "out of range"),
            (json!({"show": "words", "labels": []}), "empty"),
            (json!({"show": "words", "labels": ["Good"]}), "nothing to choose from"),
            (json!({"show": "words", "labels": ["Good", "Much more than twenty-four letters"]}), "longer than 24"),
        ] {
            let mut fields = json!({"text": "?", "variable": "mark"});
            fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            warns("ask_rating", fields, part);
        }
    }
}
