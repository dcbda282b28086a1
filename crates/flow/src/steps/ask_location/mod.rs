//! Asks where the customer is.

use std::sync::LazyLock;

use base::message::Content;
use regex::Regex;
use serde_json::json;

use crate::ask::{Ask, Asking, Expect, Reading, WAYS, question};
use crate::declare::{ChannelNote, Field, Group, kind};
use crate::event::Incoming;
use crate::reply::{Reader, western_digits};
use crate::run::Run;
use crate::validate::Check;
use crate::whatsapp;
use crate::words::is_greeting;

/// Longest place in words, in characters.
const MAX_CHARS: usize = 500;

question! {
    /// A question that a place answers.
    pub(crate) struct AskLocation of Location {
        in_words: bool = true => Field::toggle("Also in words", "An address or the name of a town is a reply, too. It then has no place on the map."),
    }
}

kind!(AskLocation {
    name: "ask_location",
    group: Group::Questions,
    title: "Ask for a place",
    help: "Asks where the customer is and keeps the place: latitude, longitude, name and address. A link to a map or two \
           coordinates are understood, too.",
    branches: WAYS,
    example: r#"{"text":"Where shall the taxi pick you up?","variable":"place"}"#,
    example_says: "Asks for the place and keeps it as “place”, to be read as {{ place.latitude }} or {{ place.address }}.",
    channels: &[
        ChannelNote {
            channel: "whatsapp", note: "The question has a button “Send location”. Up to 1,024 letters."
        },
        ChannelNote { channel: "webchat", note: "Customers write their address." },
    ],
});

/// Coordinates in a text: “52.5163, 13.3777”, or in the address of a map.
fn coordinates(text: &str) -> Option<(f64, f64)> {
    static PAIR: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"([-−]?\d{1,3}\.\d{2,})\s*(?:,|;|\s|%2C)\s*([-−]?\d{1,3}\.\d{2,})").ok());
    if text.len() > 2_000 {
        return None;
    }
    let western = western_digits(text);
    let found = PAIR.as_ref()?.captures(&western)?;
    let number = |at: usize| found.get(at)?.as_str().replace('−', "-").parse::<f64>().ok();
    let (latitude, longitude) = (number(1)?, number(2)?);
    (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some((latitude, longitude))
}

impl Ask for AskLocation {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn expect(&self) -> Expect {
        if self.in_words { Expect::Words } else { Expect::Typed }
    }

    fn content(&self, run: &Run<'_>, text: String) -> Result<Content, String> {
        Ok(if run.channel() == "whatsapp" { Content::LocationRequest { text } } else { Content::text(text) })
    }

    fn read(&self, _run: &Run<'_>, message: &Incoming, _reader: &Reader) -> Reading {
        if let Content::Location { latitude, longitude, name, address } = &message.content {
            return Reading::Value(json!({
                "latitude": latitude, "longitude": longitude,
                "name": name.as_deref().unwrap_or_default(), "address": address.as_deref().unwrap_or_default(),
            }));
        }
        let text = message.text.trim();
        if let Some((latitude, longitude)) = coordinates(text) {
            return Reading::Value(json!({"latitude": latitude, "longitude": longitude, "name": "", "address": ""}));
        }
        let named = text.chars().filter(|c| c.is_alphabetic()).count() >= 2 && text.chars().count() <= MAX_CHARS;
        // A link to a map without coordinates leads nowhere.
        if self.in_words && named && !is_greeting(text) && !text.contains("://") {
            return Reading::Value(json!({"latitude": null, "longitude": null, "name": "", "address": text}));
        }
        Reading::Nothing
    }

    fn check_more(&self, check: &mut Check<'_>) {
        whatsapp::longest(check, "text", &self.text, whatsapp::BODY, whatsapp::SPLITS);
    }

    /// A question mark in the address of a map asks nothing.
    fn claims_reply(&self, _run: &Run<'_>, message: &Incoming) -> bool {
        matches!(message.content, Content::Location { .. })
            || message.text.contains("://") && coordinates(&message.text).is_some()
    }
}

#[cfg(test)]
mod tests {
    use base::message::Content;
    use serde_json::{Value, json};

    use crate::testing::Talk;

    #[test]
    fn a_place_is_kept_however_it_is_given() {
        let at = |latitude: f64, longitude: f64| json!({"latitude": latitude, "longitude": longitude, "name": "", "address": ""});
        let words = |text: &str| json!({"latitude": null, "longitude": null, "name": "", "address": text});
        for (in_words, reply, expected, way) in [
            (true, "52.5163, 13.3777", at(52.5163, 13.3777), "next"),
            (true, "https://maps.example/?q=-33.92,18.42", at(-33.92, 18.42), "next"),
            (false, "https://maps.example/place/X/@52.5163,13.3777,17z?entry=ttu", at(52.5163, 13.3777), "next"),
            (true, "91.00, 13.00", Value::Null, ""),
            (true, "Long Street 1, Cape Town", words("Long Street 1, Cape Town"), "next"),
            (false, "Long Street 1, Cape Town", Value::Null, ""),
            (true, "hello", Value::Null, ""),
            (true, "https://maps.example/abc", Value::Null, ""),
            (true, "why do you need that?", Value::Null, "other"),
        ] {
            let fields = json!({"text": "Where?", "variable": "place", "in_words": in_words, "interruptible": true});
            let mut talk = Talk::begun("ask_location", fields);
            talk.says(reply);
            assert_eq!((talk.var("place"), talk.way()), (expected, way), "{reply}");
        }
        let mut talk = Talk::begun("ask_location", json!({"text": "Where?", "variable": "place"}));
        talk.shows(Content::Location { latitude: 1.5, longitude: 2.5, name: Some("Shop".into()), address: None });
        assert_eq!(talk.var("place"), json!({"latitude": 1.5, "longitude": 2.5, "name": "Shop", "address": ""}));
    }

    #[test]
    fn only_whatsapp_has_a_button_for_it() {
        let fields = json!({"text": "Where?", "variable": "place"});
        assert_eq!(Talk::of("ask_location", fields.clone()).says("begin").sent(), ["[location_request] Where?"]);
        assert_eq!(Talk::of("ask_location", fields).on("webchat").says("begin").sent(), ["Where?"]);
    }
}
