//! The kinds of steps: one folder each, with its declaration, its rules and its tests. A new kind is a folder and a line here.

use base::message::Content;
use regex::Regex;
use serde_json::{Map, Value};

use crate::declare::{Kind, KindInfo};
use crate::event::{Incoming, Outcome};
use crate::run::{Next, Run, Stepped};
use crate::state::Frame;
use crate::validate::Check;
use crate::words::fold;

/// Every kind, in the order in which the palette offers them.
macro_rules! kinds {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*
        static KINDS: &[Kind] = &[$($name::KIND),*];
    };
}

kinds! {
    // Triggers.
    message_received, button_pressed, schedule, webhook, resolved, inactivity, manual, called, error_elsewhere,
    // Messages.
    text, image, video, audio, document, buttons, list, link, template, location, contact_card, reaction, typing,
    // Questions.
    ask_text, ask_number, ask_email, ask_phone, ask_link, ask_date, ask_time, ask_address, ask_choice, ask_choices,
    ask_yes_no, ask_rating, ask_file, ask_location,
    // AI.
    answer, generate, classify, extract, summarise, translate, sentiment, agent,
    // Logic.
    condition, switch, split, hours, wait, wait_until, wait_reply, each, repeat, parallel, join, jump, call, r#return,
    r#try, stop, end, goal, comment,
    // Data.
    set, contact_field, tag, text_tool, list_tool, date_tool, number_tool, json, random, counter, log,
    // Actions.
    http, code, email, notify, handover, resolve, follow_up, consent, free_slots, book, webhook_out,
}

/// What a step does when the run comes to it and when something happens there.
pub(crate) trait Behaviour: Send + Sync {
    /// The thread arrives.
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a>;

    /// The customer replied, for the `tries + 1`th time.
    fn reply<'a>(&'a self, _run: &mut Run<'a>, _message: &Incoming, _tries: u32) -> Stepped<'a> {
        Err("This step does not wait for a reply.".into())
    }

    /// The external effect `seq` ended, and not by failing.
    fn outcome<'a>(&'a self, _run: &mut Run<'a>, _seq: u64, _outcome: &Outcome) -> Stepped<'a> {
        Err("The outcome does not belong to this kind of step.".into())
    }

    /// The deadline passed, or the pause is over.
    fn late<'a>(&'a self, _run: &mut Run<'a>) -> Stepped<'a> {
        Ok(Next::NEXT)
    }

    /// A body that this step opened is over; `given` are the values of a flow that was called.
    fn body_done<'a>(&'a self, _run: &mut Run<'a>, _frame: Frame, _given: Map<String, Value>) -> Stepped<'a> {
        Ok(Next::NEXT)
    }

    /// Goes on with a value in the place of the one that could not be had.
    fn give<'a>(&'a self, _run: &mut Run<'a>, _value: Value) -> Stepped<'a> {
        Ok(Next::NEXT)
    }

    /// Says the open question once more.
    fn again(&self, _run: &mut Run<'_>) -> Result<(), String> {
        Ok(())
    }

    /// Takes a new answer to a question that was answered before; false when it does not fit.
    fn correct(&self, _run: &mut Run<'_>, _message: &Incoming) -> Result<bool, String> {
        Ok(false)
    }

    /// Whether a reply belongs to this step even if it is one of the words for a person or for starting over.
    fn claims(&self, _run: &Run<'_>, _message: &Incoming) -> bool {
        false
    }

    /// The way taken when something outside failed and there is no way “failed”.
    fn branch_instead_of_failed(&self) -> &'static str {
        "failed"
    }

    /// Which messages begin a flow here.
    fn door(&self) -> Option<Door> {
        None
    }

    /// Says what is wrong beyond what the declaration tells.
    fn check(&self, _check: &mut Check<'_>) {}
}

/// A beginning of a flow that messages lead to.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) on: On,
    /// Even in the middle of something else.
    pub(crate) interrupt: bool,
}

/// Which messages lead through a door.
#[derive(Clone, Debug)]
pub(crate) enum On {
    /// A pressed button or row, by id or by its words.
    Button {
        names: Vec<String>,
    },
    /// From an advertisement.
    Referral,
    /// One of these words, folded, somewhere in the message.
    Keyword {
        words: Vec<String>,
    },
    Pattern {
        regex: Box<Regex>,
    },
    /// Kinds of content.
    Media {
        kinds: Vec<String>,
    },
    FirstContact,
    /// Something like these; found out by the local model.
    Intent {
        examples: Vec<String>,
    },
    Any,
}

impl On {
    /// Whether it is about this message and not about all of them.
    pub(crate) fn is_particular(&self) -> bool {
        !matches!(self, On::Intent { .. } | On::Any)
    }

    pub(crate) fn fits(&self, message: &Incoming) -> bool {
        match self {
            On::Button { names } => match &message.content {
                Content::Picked { id, title } => names.iter().any(|n| n == id || fold(n) == fold(title)),
                _ => false,
            },
            On::Referral => message.referral.is_some(),
            On::Keyword { words } => {
                let text = format!(" {} ", fold(&message.text));
                text.len() > 2 && words.iter().any(|w| text.contains(&format!(" {w} ")))
            }
            On::Pattern { regex } => message.text.len() <= 4_096 && regex.is_match(&message.text),
            On::Media { kinds } => kinds.iter().any(|k| k == message.content.kind()),
            On::FirstContact => message.first_contact,
            On::Intent { .. } => false,
            On::Any => true,
        }
    }
}

impl Door {
    /// The particular before the general.
    pub(crate) fn rank(&self) -> u8 {
        match self.on {
            On::Button { .. } => 0,
            On::Referral => 1,
            On::Keyword { .. } => 2,
            On::Pattern { .. } => 3,
            On::Media { .. } => 4,
            On::FirstContact => 5,
            On::Intent { .. } => 6,
            On::Any => 7,
        }
    }
}

/// A kind by its name.
pub(crate) fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.name == name)
}

/// Every kind of step, in the order in which the palette offers them.
pub fn kinds() -> Vec<KindInfo> {
    KINDS.iter().map(Kind::info).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::declare::Input;

    #[test]
    fn every_kind_is_declared_once_and_whole() {
        let mut names = HashSet::new();
        for kind in KINDS {
            let name = kind.name;
            assert!(names.insert(name), "{name} is there twice");
            assert!(!kind.title.is_empty() && !kind.help.is_empty(), "{name} explains itself");
            assert!(kind.help.ends_with('.'), "the help of {name} is a sentence");
            assert!(!kind.example_says.is_empty(), "the example of {name} is explained");
            let example: Map<String, Value> =
                serde_json::from_str(kind.example).unwrap_or_else(|e| panic!("the example of {name}: {e}"));
            for (label, fields) in [("example", example), ("new step", Map::new())] {
                if let Err(problem) = (kind.parse)(&fields) {
                    panic!("{label} of {name}: {problem}");
                }
            }
            let defaults = (kind.defaults)();
            let known: HashSet<&str> = kind.fields.iter().map(|f| f.name).collect();
            for field in defaults.as_object().unwrap().keys() {
                assert!(known.contains(field.as_str()), "{name}.{field} is not declared");
            }
            let example: Map<String, Value> = serde_json::from_str(kind.example).unwrap();
            for field in example.keys() {
                assert!(
                    known.contains(field.as_str()),
                    "the example of {name} has a field “{field}” that is not there"
                );
            }
            for field in kind.fields {
                assert!(!field.label.is_empty(), "{name}.{} has a label", field.name);
                if let Some(shown) = field.shown_if {
                    assert!(known.contains(shown.field), "{name}.{} depends on {}", field.name, shown.field);
                }
                if let Input::Pick { options } = field.input {
                    let value = defaults[field.name].as_str().unwrap_or_default();
                    assert!(options.iter().any(|o| o.value == value), "{name}.{}: “{value}” is an option", field.name);
                }
            }
        }
    }

    #[test]
    fn every_example_passes_the_checks() {
        for kind in KINDS {
            let fields: Map<String, Value> = serde_json::from_str(kind.example).unwrap();
            let found = crate::validate::check_alone(kind.name, fields);
            let errors: Vec<_> = found.iter().filter(|f| f.severity == crate::Severity::Error).collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", kind.name);
        }
    }
}

#[cfg(test)]
#[path = "written.rs"]
mod written;
