//! Lets the customer choose several things.

use base::message::{Choice, Content};
use serde_json::{Value, json};

use super::ask_choice::{KEEPS, OFFERS};
use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::choices::{self, choice, filled, is_done, of_list, pick_several, rows};
use crate::declare::{ChannelNote, Choose, Field, Group, Input, VarType, kind};
use crate::event::Incoming;
use crate::expression::words_of;
use crate::reply::Reader;
use crate::run::Run;
use crate::validate::Check;
use crate::words::is_no;
use crate::{whatsapp, words};

const SHOWS: &[Choose] = &[
    Choose { value: "numbers", label: "A numbered text; the customer writes which" },
    Choose { value: "list", label: "A list; the customer picks one after another" },
];

/// The id of the entry that ends picking.
const DONE: &str = "done";

question! {
    /// A question that several choices answer.
    pub(crate) struct AskChoices of List {
        offer: String = "these".into() => Field::pick("Offer", "Your own choices, or what an earlier step has found.", OFFERS),
        choices: Vec<Choice> = Vec::new() => Field::new("Choices", "What may be picked.",
            Input::Choices { max: 20, descriptions: true }).required().when("offer", &["these"]),
        from: String = String::new() => Field::value("List", "Such as {{ items }}. Its entries are texts, or have a title, an id and a \
            description.", VarType::List).required().when("offer", &["list"]),
        show: String = "numbers".into() => Field::pick("Shown as", "Either way customers may write “1, 3”, “red and blue” or “all”.", SHOWS),
        button: String = "Choose".into() => Field::line("Word on the button", "What opens the list.").when("show", &["list"]),
        again: String = "Anything else?".into() => Field::words("After each", "What is said when one has been picked.").when("show", &["list"]),
        done: String = "Done".into() => Field::line("Word for “that is all”", "The last entry of the list.").when("show", &["list"]),
        at_least: u32 = 1 => Field::whole("At least", "Fewer do not fit; 0 lets the customer pick none.", 0.0, 20.0, "choices"),
        at_most: u32 = 20 => Field::whole("At most", "More do not fit.", 1.0, 20.0, "choices"),
        keep: String = "title".into() => Field::pick("Keep of each choice", "Their words, or their ids.", KEEPS),
    }
}

kind!(AskChoices {
    name: "ask_choices",
    group: Group::Questions,
    title: "Ask to choose several",
    help: "Offers choices and waits. Customers pick as many as they like: “1, 3”, “red and blue”, “all”, or one after another \
           until “done”. The choices are kept as a list.",
    branches: WAYS,
    example: r#"{"text":"What would you like with it?","choices":[{"id":"c","title":"Cheese"},{"id":"o","title":"Onions"},{"id":"s","title":"Salad"}],"variable":"extras","at_least":0}"#,
    example_says: "Offers cheese, onions and salad, and keeps what is picked as “extras”.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "As a list up to 9 choices of 24 letters; as a numbered text up to 20.",
    }],
});

impl AskChoices {
    fn offered(&self, run: &Run<'_>) -> Result<Vec<Choice>, String> {
        // One entry is for “done”.
        let most = if self.show == "list" { whatsapp::MAX_ROWS - 1 } else { choices::MAX_CHOICES };
        let mut all = match self.offer.as_str() {
            "list" => of_list(&run.value(&self.from)?, most),
            _ => filled(run, &self.choices)?,
        };
        all.truncate(most);
        Ok(all)
    }

    fn kept<'a>(&self, choice: &'a Choice) -> &'a str {
        if self.keep == "id" { &choice.id } else { &choice.title }
    }

    /// The places of what has been picked one after another.
    fn so_far(&self, run: &Run<'_>, all: &[Choice]) -> Vec<usize> {
        let list = run.variable(&self.variable).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let place = |value: &Value| all.iter().position(|c| self.kept(c) == words_of(value));
        list.iter().filter_map(place).collect()
    }

    fn most(&self, all: &[Choice]) -> usize {
        (self.at_most as usize).clamp(1, all.len().max(1))
    }

    fn value(&self, all: &[Choice], picked: &[usize]) -> Value {
        let mut picked = picked.to_vec();
        picked.sort_unstable();
        picked.dedup();
        json!(picked.iter().filter_map(|at| all.get(*at)).map(|c| self.kept(c)).collect::<Vec<_>>())
    }

    /// The final list, when there are neither too few nor too many.
    fn whole(&self, all: &[Choice], picked: &[usize]) -> Reading {
        let value = self.value(all, picked);
        let count = value.as_array().map_or(0, Vec::len);
        let fits = count >= self.at_least as usize && count <= self.most(all);
        if fits { Reading::Value(value) } else { Reading::Nothing }
    }
}

impl Ask for AskChoices {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn content(&self, run: &Run<'_>, text: String) -> Result<Content, String> {
        let all = self.offered(run)?;
        if all.is_empty() {
            return Err("There is nothing to choose from here. Add choices to this step.".into());
        }
        if self.show != "list" {
            let line = |(at, choice): (usize, &Choice)| match &choice.description {
                Some(description) => format!("{}. {} – {description}", at + 1, choice.title),
                None => format!("{}. {}", at + 1, choice.title),
            };
            let lines: Vec<String> = all.iter().enumerate().map(line).collect();
            return Ok(Content::text(format!("{}\n\n{}", text.trim_end(), lines.join("\n"))));
        }
        let picked = self.so_far(run, &all);
        let enough = picked.len() >= self.at_least as usize;
        let mut left: Vec<Choice> =
            all.into_iter().enumerate().filter(|(at, _)| !picked.contains(at)).map(|(_, choice)| choice).collect();
        if enough {
            let done = run.text(&self.done)?;
            left.push(choice(DONE, if done.trim().is_empty() { "Done" } else { done.trim() }));
        }
        Ok(rows(text, &run.text(&self.button)?, left))
    }

    fn more(&self) -> Option<&str> {
        Some(if self.show == "list" { &self.again } else { "" })
    }

    fn read(&self, run: &Run<'_>, message: &Incoming, _reader: &Reader) -> Reading {
        let Ok(all) = self.offered(run) else { return Reading::Nothing };
        let mut picked = self.so_far(run, &all);
        if let Content::Picked { id, .. } = &message.content {
            if let Some(at) = all.iter().position(|c| c.id == *id) {
                if !picked.contains(&at) {
                    picked.push(at);
                }
                let full = picked.len() >= self.most(&all);
                return if full { self.whole(&all, &picked) } else { Reading::More(self.value(&all, &picked)) };
            }
            if id == DONE {
                return self.whole(&all, &picked);
            }
        }
        let text = message.text.trim();
        let nothing = self.at_least == 0 && (is_no(text) || words::is_skip(text, &[]));
        if let Some(found) = pick_several(&all, text) {
            picked.extend(found);
            return self.whole(&all, &picked);
        }
        let own = run.text(&self.done).unwrap_or_default();
        let done = (!picked.is_empty() || self.at_least == 0) && (is_done(text, &own) || is_no(text));
        if done || nothing { self.whole(&all, &picked) } else { Reading::Nothing }
    }

    fn check_more(&self, check: &mut Check<'_>) {
        choices::check(check, "choices", &self.choices, 24);
        whatsapp::longest(check, "text", &self.text, whatsapp::BODY, whatsapp::SPLITS);
        if self.at_least > self.at_most {
            check.error("at_most", "Nothing fits, because “at most” is below “at least”.", "Swap them.");
        }
        if self.offer != "list" && !self.choices.is_empty() && self.at_least as usize > self.choices.len() {
            check.error("at_least", "There are not so many choices.", "Choose a smaller number, or add choices.");
        }
        if self.show == "list" {
            whatsapp::longest(check, "button", &self.button, whatsapp::OPENER, whatsapp::CUTS);
            whatsapp::longest(check, "done", &self.done, 24, whatsapp::CUTS);
            if self.offer != "list" && self.choices.len() >= whatsapp::MAX_ROWS {
                let message = "A list has room for nine choices and “done”.";
                check.error("choices", message, "Remove some, or show them as a numbered text.");
            }
            if self.choices.iter().any(|c| c.id == DONE) {
                check.error("choices", "A choice has the id “done”.", "Remove it and add it again.");
            }
        }
    }

    fn claims_reply(&self, run: &Run<'_>, message: &Incoming) -> bool {
        let done = matches!(&message.content, Content::Picked { id, .. } if id == DONE && self.show == "list");
        done || self.offered(run).is_ok_and(|all| choices::is_exactly_one(&all, message))
    }
}

#[cfg(test)]
mod tests;
