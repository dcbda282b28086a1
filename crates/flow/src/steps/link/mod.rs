//! Says a text with a button that opens a web address.

use base::message::Content;

use crate::declare::{ChannelNote, Field, Group, fields, kind};
use crate::media::send;
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::whatsapp;

/// Longest web address, in characters.
const MAX_URL_CHARS: usize = 2_000;

fields! {
    /// A text with a button that opens an address.
    pub(crate) struct Link {
        text: String = String::new() => Field::words("Text", "What stands above the button.").required(),
        label: String = "Open".into() => Field::line("Word on the button", "Such as “See the menu”.").required(),
        url: String = String::new() =>
            Field::line("Web address", "Where the button leads. Values go into it as {{ order | urlencode }}.").required(),
    }
}

kind!(Link {
    name: "link",
    group: Group::Messages,
    title: "Send a link",
    help: "Sends a text with a button that opens a web address, and goes on at once.",
    example: r#"{"text":"Here is our menu.","label":"See the menu","url":"https://shop.example/menu"}"#,
    example_says: "Says “Here is our menu.” with a button “See the menu”.",
    channels: &[ChannelNote { channel: "whatsapp", note: "Up to 20 letters on the button and 1,024 above it." }],
});

fn is_web_address(text: &str) -> bool {
    text.chars().count() <= MAX_URL_CHARS
        && !text.contains(char::is_whitespace)
        && url::Url::parse(text).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host())
}

impl Behaviour for Link {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (text, label) = (run.text(&self.text)?, run.text(&self.label)?.trim().to_owned());
        let url = run.text(&self.url)?.trim().to_owned();
        if !is_web_address(&url) {
            let short: String = url.chars().take(100).collect();
            return Err(format!("“{short}” is not a web address. It must begin with https:// and have no spaces."));
        }
        send(run, "Sent a link", Content::Link { text, label, url })
    }

    fn check(&self, check: &mut Check<'_>) {
        let url = self.url.trim();
        if !url.is_empty() && !url.starts_with("{{") && !is_web_address(&without_expressions(url)) {
            check.error("url", "This is not a web address.", "Begin it with https:// and leave out spaces.");
        }
        whatsapp::longest(check, "text", &self.text, whatsapp::BODY, whatsapp::SPLITS);
        whatsapp::longest(check, "label", &self.label, whatsapp::OPENER, whatsapp::CUTS);
    }
}

/// The address with a letter in the place of each expression.
fn without_expressions(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        out.push('x');
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Talk, findings, warns};

    #[test]
    fn a_link_is_sent_with_values_in_it() {
        let of = |url: &str| json!({"text": "Look", "label": "Go", "url": url});
        let mut talk = Talk::begun("link", of("https://a.example/?q={{ last.text | urlencode }}"));
        assert_eq!(
            serde_json::to_value(talk.contents()[0]).unwrap(),
            json!({"kind": "link", "text": "Look", "label": "Go", "url": "https://a.example/?q=begin"})
        );
        assert_eq!(talk.sent(), ["[link] Look"]);
        let talk = Talk::begun("link", of("{{ last.text }}"));
        assert!(talk.notes().iter().any(|n| n.contains("“begin” is not a web address")), "{:?}", talk.notes());
    }

    #[test]
    fn an_owner_learns_what_is_wrong_with_a_link() {
        let of = |label: &str, url: &str| json!({"text": "Look", "label": label, "url": url});
        for (label, url, part) in [
            ("Go", "shop.example", "not a web address"),
            ("Go", "https://a b", "not a web address"),
            ("Go", "javascript:alert(1)", "not a web address"),
            ("Go", "", "empty"),
            ("More than twenty letters", "https://a.example", "longer than 20"),
        ] {
            warns("link", of(label, url), part);
        }
        for url in ["https://a.example/{{ last.text | urlencode }}/x", "{{ words.shop }}"] {
            assert!(!findings("link", of("Go", url)).iter().any(|m| m.contains("address")), "{url}");
        }
    }
}
