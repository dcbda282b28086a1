//! Asks for a postal address.

use base::message::Content;
use serde_json::json;

use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::declare::{Field, Group, kind};
use crate::event::Incoming;
use crate::reply::Reader;
use crate::run::Run;
use crate::words;

/// Longest address, in characters.
const MAX_CHARS: usize = 500;
const MAX_LINES: usize = 10;

question! {
    /// A question that a postal address answers.
    pub(crate) struct AskAddress of Text {
        strict: bool = true => Field::toggle("With a number", "A house number or a postcode must be in it; else it is asked for again."),
    }
}

kind!(AskAddress {
    name: "ask_address",
    group: Group::Questions,
    title: "Ask for an address",
    help: "Asks a question and keeps the postal address as it was written, in one line or several. A place that is shared from \
           the map is a reply, too.",
    branches: WAYS,
    example: r#"{"text":"Where shall we deliver? Street, number, postcode and town, please.","variable":"address"}"#,
    example_says: "Asks for the address and keeps it as “address”.",
});

/// The lines of an address without surplus spaces.
fn tidy(text: &str) -> String {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = text.lines().map(line).filter(|line| !line.is_empty()).take(MAX_LINES).collect();
    lines.join("\n")
}

impl Ask for AskAddress {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn read(&self, _run: &Run<'_>, message: &Incoming, _reader: &Reader) -> Reading {
        if let Content::Location { latitude, longitude, name, address } = &message.content {
            let parts = [name, address].into_iter().flatten().map(|part| tidy(part)).filter(|part| !part.is_empty());
            let named = parts.collect::<Vec<_>>().join("\n");
            let text = if named.is_empty() { format!("{latitude}, {longitude}") } else { named };
            return Reading::Value(json!(text));
        }
        let text = tidy(&message.text);
        let number = text.chars().any(char::is_numeric);
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let whole = letters >= 3 && (number || !self.strict && words::count(&text) >= 2);
        if whole && text.chars().count() <= MAX_CHARS { Reading::Value(json!(text)) } else { Reading::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use base::message::Content;
    use serde_json::{Value, json};

    use crate::testing::Talk;

    #[test]
    fn an_address_keeps_its_lines() {
        for (strict, reply, expected, way) in [
            (
                true,
                "Ana Lima\n  Rua  Augusta 12 \n\n1100-053 Lisboa",
                json!("Ana Lima\nRua Augusta 12\n1100-053 Lisboa"),
                "next",
            ),
            (
                true,
                "12 Long Street, Cape Town, 8001 South Africa, near the church",
                json!("12 Long Street, Cape Town, 8001 South Africa, near the church"),
                "next",
            ),
            (true, "東京都千代田区千代田1-1", json!("東京都千代田区千代田1-1"), "next"),
            (true, "Rose Cottage, Little Snoring", Value::Null, ""),
            (false, "Rose Cottage, Little Snoring", json!("Rose Cottage, Little Snoring"), "next"),
            (true, "12", Value::Null, ""),
            (false, "home", Value::Null, ""),
            (true, "do you deliver to Porto at all?", Value::Null, "other"),
            (true, "skip", json!(""), "skipped"),
        ] {
            let fields =
                json!({"text": "Where?", "variable": "a", "strict": strict, "interruptible": true, "skippable": true});
            let mut talk = Talk::begun("ask_address", fields);
            talk.says(reply);
            assert_eq!((talk.var("a"), talk.way()), (expected, way), "{reply}");
        }
    }

    #[test]
    fn a_place_on_the_map_is_an_address() {
        for (name, address, expected) in [
            (Some("Shop"), Some("Long Street 1"), "Shop\nLong Street 1"),
            (None, Some("Long Street 1"), "Long Street 1"),
            (None, None, "1.5, 2.25"),
        ] {
            let mut talk = Talk::begun("ask_address", json!({"text": "Where?", "variable": "a"}));
            let (name, address) = (name.map(str::to_owned), address.map(str::to_owned));
            talk.shows(Content::Location { latitude: 1.5, longitude: 2.25, name, address });
            assert_eq!(talk.var("a"), json!(expected));
        }
    }
}
