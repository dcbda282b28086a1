//! A flow begins because the customer wrote.

use crate::declare::{Choose, Field, Group, fields, kind, needed};
use crate::rules;
use crate::run::{Next, Run, Stepped};
use crate::steps::{Behaviour, Door, On};
use crate::validate::Check;
use crate::words::fold;

const ON: &[Choose] = &[
    Choose { value: "any", label: "Any message" },
    Choose { value: "keyword", label: "A word in it" },
    Choose { value: "intent", label: "Something like these examples" },
    Choose { value: "first_contact", label: "The first message ever" },
    Choose { value: "media", label: "A photo, a voice message or a file" },
    Choose { value: "referral", label: "A click on an advertisement" },
    Choose { value: "pattern", label: "A pattern (for experts)" },
];

fields! {
    /// Which messages begin the flow.
    pub(crate) struct MessageReceived {
        on: String = "any".into() => Field::pick("Begins with", "The particular goes before the general: a word before any message.", ON),
        words: Vec<String> = Vec::new() =>
            Field::list("Words", "One of them somewhere in the message is enough. Case and accents do not matter.", 100, "word")
                .required().when("on", &["keyword"]),
        examples: Vec<String> = Vec::new() =>
            Field::list("Examples", "Five or more messages as customers would write them. The local model finds those that mean the same.", 100, "example")
                .required().when("on", &["intent"]),
        kinds: Vec<String> = Vec::new() =>
            Field::list("Kinds", "image, video, audio, document, location, contacts or sticker.", 7, "kind").required().when("on", &["media"]),
        pattern: String = String::new() =>
            Field::plain("Pattern", "A regular expression, such as ^order \\d+.", 500).required().when("on", &["pattern"]),
        interrupt: bool = false =>
            Field::toggle("Also in the middle of another flow", "The customer leaves what was going on and begins this.")
                .when("on", &["keyword", "pattern", "media", "referral"]),
    }
}

kind!(MessageReceived {
    name: "message_received",
    group: Group::Triggers,
    title: "Message received",
    help: "The flow begins when a customer writes: anything at all, certain words, something like your examples, a photo, \
           or the first message ever.",
    branches: &[needed("next", "Then")],
    entry: true,
    example: r#"{"on":"keyword","words":["book","appointment"]}"#,
    example_says: "Begins when a message contains “book” or “appointment”.",
});

impl Behaviour for MessageReceived {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("A message came in", run.state.last.text.clone());
        Ok(Next::NEXT)
    }

    fn door(&self) -> Option<Door> {
        let on = match self.on.as_str() {
            "any" => On::Any,
            "keyword" => On::Keyword { words: self.words.iter().map(|w| fold(w)).filter(|w| !w.is_empty()).collect() },
            "intent" => On::Intent { examples: self.examples.clone() },
            "first_contact" => On::FirstContact,
            "media" => On::Media { kinds: self.kinds.clone() },
            "referral" => On::Referral,
            // A pattern that cannot be used is told about at design time, and fits nothing.
            "pattern" => On::Pattern { regex: Box::new(rules::pattern(&self.pattern).ok()?) },
            _ => return None,
        };
        Some(Door { on, interrupt: self.interrupt })
    }

    fn check(&self, check: &mut Check<'_>) {
        if self.on == "intent" && (1..3).contains(&self.examples.len()) {
            check.warning("examples", "Two examples are few to learn from.", "Add some more, said in other words.");
        }
        if self.on == "pattern"
            && let Err(problem) = rules::pattern(&self.pattern)
        {
            check.error("pattern", &problem, "Correct it, or use words instead.");
        }
    }
}
