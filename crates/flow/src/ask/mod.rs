//! What all questions share: asking, understanding the reply, asking again kindly, skipping, giving up, and going back.

mod sentences;

use base::message::Content;
use serde_json::{Value, json};

use crate::event::Incoming;
use crate::expression::words_of;
use crate::reply::Reader;
use crate::run::{Next, Run, Stepped};
use crate::state::Asked;
use crate::validate::Check;
use crate::words::{self, is_greeting};
use sentences::{MAX_SHORT_WORDS, is_question, is_sentence, without_lead_in};

/// Longest time limit: 90 days.
pub(crate) const MAX_TIMEOUT_MS: u64 = 90 * 24 * 3600 * 1000;
pub(crate) const MAX_TRIES: u32 = 10;

/// The settings that every question has.
pub(crate) struct Asking<'a> {
    pub(crate) text: &'a str,
    pub(crate) variable: &'a str,
    pub(crate) reask: &'a str,
    pub(crate) max_tries: u32,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) skippable: bool,
    pub(crate) skip_words: &'a [String],
    pub(crate) interruptible: bool,
}

/// What kind of words is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Whatever the customer writes is the answer.
    Words,
    /// A few words, such as a name.
    FewWords,
    /// Something that can be told from other words, such as a date.
    Typed,
}

/// What a reply holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    Value(Value),
    /// A value with a way of its own.
    Way(Value, String),
    /// What is known so far; the rest is asked for.
    More(Value),
    Nothing,
}

/// What a kind of question adds. Everything else is done here.
pub(crate) trait Ask {
    fn asking(&self) -> Asking<'_>;

    fn expect(&self) -> Expect {
        Expect::Typed
    }

    /// The question as the customer sees it.
    fn content(&self, _run: &Run<'_>, text: String) -> Result<Content, String> {
        Ok(Content::text(text))
    }

    /// What a reply means.
    fn read(&self, run: &Run<'_>, message: &Incoming, reader: &Reader) -> Reading;

    /// What is wrong beyond the settings that every question has.
    fn check_more(&self, _check: &mut Check<'_>) {}

    /// The way that is taken at once, because there is nothing to ask.
    fn instead(&self, _run: &Run<'_>) -> Option<&'static str> {
        None
    }

    /// For questions that are answered in several replies: what is said after each but the last.
    fn more(&self) -> Option<&str> {
        None
    }

    /// Whether a reply belongs here even if it is one of the words that are understood everywhere.
    fn claims_reply(&self, _run: &Run<'_>, _message: &Incoming) -> bool {
        false
    }
}

/// How a reply was taken.
#[derive(Debug, PartialEq)]
enum Taken {
    Value(Value),
    Way(Value, String),
    More(Value),
    Skipped,
    Other,
    NotUnderstood,
}

fn take(ask: &dyn Ask, run: &Run<'_>, message: &Incoming, interruptible: bool) -> Taken {
    let asking = ask.asking();
    let reader = Reader::new(run.at, &run.context.timezone, run.state.last.language.as_deref());
    let text = message.text.trim();
    let read = match ask.read(run, message, &reader) {
        Reading::Value(value) => Some(Taken::Value(value)),
        Reading::Way(value, way) => Some(Taken::Way(value, way)),
        Reading::More(value) => Some(Taken::More(value)),
        Reading::Nothing => None,
    };
    if text.is_empty() {
        return read.unwrap_or(Taken::NotUnderstood);
    }
    let asks = is_question(text);
    let skips = asking.skippable && words::is_skip(text, asking.skip_words);
    match ask.expect() {
        Expect::Typed => match read {
            // A choice may be called “Where are you?”.
            Some(read) if !asks || !interruptible || words::count(text) <= 2 || ask.claims_reply(run, message) => read,
            _ if skips => Taken::Skipped,
            _ if interruptible && (asks || words::count(text) > MAX_SHORT_WORDS) => Taken::Other,
            _ => Taken::NotUnderstood,
        },
        _ if skips => Taken::Skipped,
        expect
            if interruptible
                && (asks || expect == Expect::FewWords && is_sentence(text))
                && !ask.claims_reply(run, message) =>
        {
            Taken::Other
        }
        Expect::FewWords => {
            let named = without_lead_in(text);
            // “Hello” is nobody's name.
            if is_greeting(text) || named.is_empty() { Taken::NotUnderstood } else { Taken::Value(json!(named)) }
        }
        Expect::Words => read.unwrap_or(Taken::NotUnderstood),
    }
}

pub(crate) fn enter<'a>(ask: &dyn Ask, run: &mut Run<'a>) -> Stepped<'a> {
    if let Some(way) = ask.instead(run) {
        run.note("There is nothing to ask", "");
        return Ok(Next::branch(way));
    }
    if ask.more().is_some() {
        // What was picked when the customer came by here before.
        run.set_variable(ask.asking().variable, Value::Null)?;
    }
    say(ask, run, ask.asking().text, 0)
}

/// Asks, and waits for the reply.
fn say<'a>(ask: &dyn Ask, run: &mut Run<'a>, text: &str, tries: u32) -> Stepped<'a> {
    let content = ask.content(run, run.text(text)?)?;
    run.note(if tries == 0 { "Asked" } else { "Asked again" }, content.words());
    let seq = run.send(content, None)?;
    Ok(run.await_reply(ask.asking().timeout_ms.map(|ms| ms.min(MAX_TIMEOUT_MS)), tries, seq))
}

pub(crate) fn reply<'a>(ask: &dyn Ask, run: &mut Run<'a>, message: &Incoming, tries: u32) -> Stepped<'a> {
    let asking = ask.asking();
    let mut message = std::borrow::Cow::Borrowed(message);
    if let Some(rest) = words::correction(&message.text) {
        let meant = Incoming { text: rest.to_owned(), content: Content::text(rest), ..message.as_ref().clone() };
        let here = ask.expect() == Expect::Typed && !matches!(take(ask, run, &meant, false), Taken::NotUnderstood);
        if here {
            message = std::borrow::Cow::Owned(meant);
        } else if let Some(last) = run.state.asked.last().cloned()
            && run.correct(&last.flow, &last.step, &meant)
        {
            return say(ask, run, asking.text, tries);
        }
    }
    let mut taken = take(ask, run, &message, asking.interruptible);
    if taken == Taken::Other && !run.has_way("other") {
        taken = take(ask, run, &message, false);
    }
    match taken {
        Taken::Value(value) => {
            run.note("Understood the reply", words_of(&value));
            remember(run, &message);
            run.set_variable(asking.variable, value)?;
            Ok(Next::NEXT)
        }
        Taken::Way(value, way) => {
            run.note("The customer picked", words_of(&value));
            remember(run, &message);
            run.set_variable(asking.variable, value)?;
            Ok(if run.has_way(&way) { Next::Branch(way.into()) } else { Next::NEXT })
        }
        Taken::More(value) => {
            run.note("The customer picked, and may pick more", words_of(&value));
            run.set_variable(asking.variable, value)?;
            let text = ask.more().filter(|text| !text.trim().is_empty()).unwrap_or(asking.text);
            say(ask, run, text, tries)
        }
        Taken::Skipped => {
            run.note("The customer skipped it", &message.text);
            run.set_variable(asking.variable, json!(""))?;
            Ok(if run.has_way("skipped") { Next::branch("skipped") } else { Next::NEXT })
        }
        Taken::Other => {
            run.note("The customer said something else", &message.text);
            Ok(Next::branch("other"))
        }
        Taken::NotUnderstood if tries + 1 >= asking.max_tries.clamp(1, MAX_TRIES) => {
            run.note("The reply was not understood; no more tries", &message.text);
            if run.has_way("failed") {
                return Ok(Next::branch("failed"));
            }
            run.set_variable(asking.variable, json!(""))?;
            Ok(Next::NEXT)
        }
        Taken::NotUnderstood => {
            run.note("The reply was not understood", &message.text);
            let again = if asking.reask.trim().is_empty() { asking.text } else { asking.reask };
            say(ask, run, again, tries + 1)
        }
    }
}

/// Notes what was replied, so that the customer may return to it.
fn remember(run: &mut Run<'_>, message: &Incoming) {
    let Some(thread) = run.thread() else { return };
    let asked = Asked {
        flow: thread.flow.clone(),
        step: thread.step.clone().unwrap_or_default(),
        seq: run.asked_by(),
        reply: message.text.clone(),
        outside: run.state.outside,
        rounds: thread.rounds(),
    };
    run.state.answered(asked);
}

pub(crate) fn late<'a>(run: &mut Run<'a>) -> Stepped<'a> {
    run.note("No reply came in time", "");
    Ok(Next::branch("timeout"))
}

/// Says the question once more while it stays open.
pub(crate) fn again(ask: &dyn Ask, run: &mut Run<'_>) -> Result<(), String> {
    let content = ask.content(run, run.text(ask.asking().text)?)?;
    run.send(content, None).map(|_| ())
}

/// Takes a new answer in the place of an earlier one.
pub(crate) fn correct(ask: &dyn Ask, run: &mut Run<'_>, message: &Incoming) -> Result<bool, String> {
    match take(ask, run, message, false) {
        Taken::Value(value) | Taken::Way(value, _) => {
            run.set_variable(ask.asking().variable, value)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

pub(crate) fn check(ask: &dyn Ask, check: &mut Check<'_>) {
    let asking = ask.asking();
    if asking.timeout_ms.is_some() && !check.leads_on("timeout") {
        let message = "There is a time limit, but nothing follows when it is over.";
        check.warning("timeout_ms", message, "Connect “No reply in time” to a step.");
    }
    if asking.interruptible && !check.leads_on("other") {
        let message = "Customers who ask something else are not answered.";
        check.warning("interruptible", message, "Connect “Says something else” to a step that answers.");
    }
    ask.check_more(check);
}

/// A kind of question: the settings that all have, its own, and the behaviour of all.
macro_rules! question {
    ($(#[$doc:meta])* pub(crate) struct $name:ident of $var:ident {
        $( $(#[$inner:meta])* $field:ident : $of:ty = $default:expr => $face:expr ),* $(,)?
    }) => {
        $crate::declare::fields! {
            $(#[$doc])*
            pub(crate) struct $name {
                text: String = String::new() =>
                    $crate::declare::Field::words("Question", "What the customer is asked.").required(),
                $( $(#[$inner])* $field: $of = $default => $face, )*
                variable: String = String::new() =>
                    $crate::declare::Field::variable("Keep the reply as", "A name for the reply, to use in later steps.",
                        $crate::declare::VarType::$var).required(),
                reask: String = String::new() => $crate::declare::Field::words("If the reply does not fit",
                    "What is said then. Empty asks the question again."),
                max_tries: u32 = 3 => $crate::declare::Field::whole("Ask at most",
                    "After so many replies that do not fit, “Not understood” is taken.", 1.0, 10.0, "times"),
                #[serde(skip_serializing_if = "Option::is_none")]
                timeout_ms: Option<u64> = None => $crate::declare::Field::duration("Wait for a reply at most",
                    "After that “No reply in time” is taken. Empty waits for ever.", 10_000, $crate::ask::MAX_TIMEOUT_MS),
                skippable: bool = false => $crate::declare::Field::toggle("May be skipped",
                    "“Skip”, “no” and the like, in many languages, leave it out."),
                skip_words: Vec<String> = Vec::new() => $crate::declare::Field::list("Words that skip",
                    "Your own words instead of the usual ones.", 20, "word").when("skippable", &["true"]),
                interruptible: bool = false => $crate::declare::Field::toggle("Answer questions first",
                    "A customer who asks something instead of replying takes “Says something else”."),
            }
        }

        impl $name {
            fn as_asking(&self) -> $crate::ask::Asking<'_> {
                $crate::ask::Asking {
                    text: &self.text,
                    variable: &self.variable,
                    reask: &self.reask,
                    max_tries: self.max_tries,
                    timeout_ms: self.timeout_ms,
                    skippable: self.skippable,
                    skip_words: &self.skip_words,
                    interruptible: self.interruptible,
                }
            }
        }

        impl $crate::steps::Behaviour for $name {
            fn enter<'a>(&'a self, run: &mut $crate::run::Run<'a>) -> $crate::run::Stepped<'a> {
                $crate::ask::enter(self, run)
            }

            fn reply<'a>(
                &'a self,
                run: &mut $crate::run::Run<'a>,
                message: &$crate::event::Incoming,
                tries: u32,
            ) -> $crate::run::Stepped<'a> {
                $crate::ask::reply(self, run, message, tries)
            }

            fn late<'a>(&'a self, run: &mut $crate::run::Run<'a>) -> $crate::run::Stepped<'a> {
                $crate::ask::late(run)
            }

            fn again(&self, run: &mut $crate::run::Run<'_>) -> Result<(), String> {
                $crate::ask::again(self, run)
            }

            fn correct(&self, run: &mut $crate::run::Run<'_>, message: &$crate::event::Incoming) -> Result<bool, String> {
                $crate::ask::correct(self, run, message)
            }

            fn claims(&self, run: &$crate::run::Run<'_>, message: &$crate::event::Incoming) -> bool {
                $crate::ask::Ask::claims_reply(self, run, message)
            }

            fn check(&self, check: &mut $crate::validate::Check<'_>) {
                $crate::ask::check(self, check)
            }
        }
    };
}
pub(crate) use question;

use crate::declare::{Branch, needed, way};

/// The ways of a question.
pub(crate) const WAYS: &[Branch] = &[
    needed("next", "Then"),
    way("skipped", "Skipped"),
    way("other", "Says something else"),
    way("timeout", "No reply in time"),
    way("failed", "Not understood"),
];

/// The ways of a question whose choices have ways of their own.
pub(crate) const CHOICE_WAYS: &[Branch] = &[
    way("next", "Any other choice"),
    way("skipped", "Skipped"),
    way("other", "Says something else"),
    way("timeout", "No reply in time"),
    way("failed", "Not understood"),
];
