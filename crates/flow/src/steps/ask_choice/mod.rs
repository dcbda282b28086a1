//! Lets the customer choose one of several things.

use base::message::{Choice, Content};
use serde_json::{Value, json};

use crate::ask::{Ask, Asking, Reading, question};
use crate::choices::{self, filled, of_list, offer, pick};
use crate::declare::{Branch, ChannelNote, Choose, Field, Group, Input, VarType, kind, way};
use crate::event::Incoming;
use crate::reply::Reader;
use crate::run::Run;
use crate::validate::Check;
use crate::whatsapp;

pub(super) const OFFERS: &[Choose] =
    &[Choose { value: "these", label: "These choices" }, Choose { value: "list", label: "The entries of a list" }];
pub(super) const KEEPS: &[Choose] =
    &[Choose { value: "title", label: "its words" }, Choose { value: "id", label: "its id" }];

/// Those of a question with choices, and one for an empty list.
const CHOICE_WAYS: &[Branch] = &[
    crate::ask::CHOICE_WAYS[0],
    crate::ask::CHOICE_WAYS[1],
    crate::ask::CHOICE_WAYS[2],
    crate::ask::CHOICE_WAYS[3],
    crate::ask::CHOICE_WAYS[4],
    way("empty", "Nothing to offer"),
];

question! {
    /// A question that one of several choices answers.
    pub(crate) struct AskChoice of Text {
        offer: String = "these".into() => Field::pick("Offer", "Your own choices, or what an earlier step has found.", OFFERS),
        choices: Vec<Choice> = Vec::new() => Field::new("Choices", "Up to three short ones are shown as buttons, more as a list. Each has a \
            way of its own.", Input::Choices { max: 10, descriptions: true }).required().when("offer", &["these"]),
        from: String = String::new() => Field::value("List", "Such as {{ times }}. Its entries are texts, or have a title, an id and a \
            description; the first ten are offered.", VarType::List).required().when("offer", &["list"]),
        button: String = "Choose".into() => Field::line("Word on the button", "What opens the list, when there are more than three."),
        keep: String = "title".into() => Field::pick("Keep of the choice", "The id of an entry of a list is what later steps need, such as \
            the moment of a free time.", KEEPS),
    }
}

kind!(AskChoice {
    name: "ask_choice",
    group: Group::Questions,
    title: "Ask to choose one",
    help: "Offers choices and waits. Customers press one, or write its words, a part of them or its number; a slip of the \
           finger is understood.",
    branches: CHOICE_WAYS,
    branches_from: Some("choices"),
    example: r#"{"text":"What can we do for you?","choices":[{"id":"prices","title":"Prices"},{"id":"book","title":"Book a visit"}],"variable":"topic"}"#,
    example_says: "Asks what can be done, offers “Prices” and “Book a visit”, and goes on by the way of what is chosen.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "Up to 3 buttons of 20 letters, else a list of up to 10 entries of 24 letters with 72 letters of explanation.",
    }],
});

impl AskChoice {
    fn offered(&self, run: &Run<'_>) -> Result<Vec<Choice>, String> {
        let mut all = match self.offer.as_str() {
            "list" => of_list(&run.value(&self.from)?, whatsapp::MAX_ROWS),
            _ => filled(run, &self.choices)?,
        };
        all.truncate(whatsapp::MAX_ROWS);
        Ok(all)
    }
}

impl Ask for AskChoice {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn instead(&self, run: &Run<'_>) -> Option<&'static str> {
        let nothing = self.offered(run).is_ok_and(|all| all.is_empty());
        (nothing && run.has_way("empty")).then_some("empty")
    }

    fn content(&self, run: &Run<'_>, text: String) -> Result<Content, String> {
        let choices = self.offered(run)?;
        if choices.is_empty() {
            let fix = "Add choices to this step, or connect “Nothing to offer” to another one.";
            return Err(format!("There is nothing to choose from here. {fix}"));
        }
        Ok(offer(text, &run.text(&self.button)?, choices))
    }

    fn read(&self, run: &Run<'_>, message: &Incoming, _reader: &Reader) -> Reading {
        let Ok(choices) = self.offered(run) else { return Reading::Nothing };
        let Some(Choice { id, title, .. }) = pick(&choices, message).and_then(|at| choices.into_iter().nth(at)) else {
            return Reading::Nothing;
        };
        let value: Value = if self.keep == "id" { json!(id) } else { json!(title) };
        // An entry of a list must not take a way that happens to be called like it.
        if self.offer == "list" { Reading::Value(value) } else { Reading::Way(value, id) }
    }

    fn check_more(&self, check: &mut Check<'_>) {
        whatsapp::longest(check, "text", &self.text, whatsapp::BODY, whatsapp::SPLITS);
        whatsapp::longest(check, "button", &self.button, whatsapp::OPENER, whatsapp::CUTS);
        if self.offer == "list" {
            if !check.leads_on("empty") {
                let message = "The list may be empty, and nothing follows then.";
                check.warning("from", message, "Connect “Nothing to offer” to a step.");
            }
        } else {
            choices::check(check, "choices", &self.choices, 24);
        }
    }

    fn claims_reply(&self, run: &Run<'_>, message: &Incoming) -> bool {
        self.offered(run).is_ok_and(|all| choices::is_exactly_one(&all, message))
    }
}

#[cfg(test)]
mod tests;
