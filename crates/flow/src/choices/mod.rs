//! Things to pick: what is offered, how it looks, and which of them a reply means.

mod pick;
mod several;

use std::collections::HashSet;

use base::message::{Choice, Content, ListSection};
use serde_json::Value;

use crate::event::Incoming;
use crate::expression::words_of;
use crate::run::Run;
use crate::validate::Check;
use crate::whatsapp;
use crate::words::fold;

pub(crate) use pick::pick;
pub(crate) use several::{is_done, pick_several};

/// Most things that are offered at once.
pub(crate) const MAX_CHOICES: usize = 20;
/// Longest id of a choice, in characters.
const MAX_ID_CHARS: usize = whatsapp::ROW_ID;

pub(crate) fn choice(id: &str, title: &str) -> Choice {
    Choice { id: id.into(), title: title.into(), description: None }
}

/// The choices with their expressions filled in; those whose title turns out empty are left out.
pub(crate) fn filled(run: &Run<'_>, choices: &[Choice]) -> Result<Vec<Choice>, String> {
    let fill = |choice: &Choice| {
        let description = choice.description.as_deref().map(|d| run.text(d)).transpose()?;
        let description = description.filter(|d| !d.trim().is_empty());
        Ok(Choice { id: choice.id.clone(), title: run.text(&choice.title)?.trim().to_owned(), description })
    };
    let filled: Vec<Choice> = choices.iter().take(MAX_CHOICES).map(fill).collect::<Result<_, String>>()?;
    Ok(filled.into_iter().filter(|c| !c.title.is_empty()).collect())
}

/// The entries of a list as choices: texts, or groups of values with a `title` (or `name`, `label`, `text`) and maybe an
/// `id` (or `value`, `start`) and a `description`.
pub(crate) fn of_list(list: &Value, most: usize) -> Vec<Choice> {
    let mut seen = HashSet::new();
    let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let one = |entry: &Value| {
        let of = |keys: &[&str]| {
            let found = keys.iter().find_map(|key| entry.get(key)).map(words_of).unwrap_or_default();
            Some(found.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let title = match entry {
            Value::Object(_) => of(&["title", "name", "label", "text"]).or_else(|| of(&["id", "value", "start"]))?,
            Value::Array(_) => return None,
            plain => Some(words_of(plain).trim().to_owned()).filter(|text| !text.is_empty())?,
        };
        let id: String =
            of(&["id", "value", "start"]).unwrap_or_else(|| title.clone()).chars().take(MAX_ID_CHARS).collect();
        Some(Choice { id: id.trim().to_owned(), title, description: of(&["description"]) })
    };
    entries.iter().filter_map(one).filter(|c| seen.insert(c.id.clone())).take(most).collect()
}

/// A text with things to pick under it: up to three short ones as buttons, more as a list that `button` opens.
pub(crate) fn offer(text: String, button: &str, choices: Vec<Choice>) -> Content {
    let short = |c: &Choice| c.title.chars().count() <= whatsapp::BUTTON_TITLE && c.description.is_none();
    if choices.len() <= whatsapp::MAX_BUTTONS && choices.iter().all(short) {
        return Content::Buttons { text, footer: None, buttons: choices };
    }
    rows(text, button, choices)
}

/// A text with a list to pick from.
pub(crate) fn rows(text: String, button: &str, rows: Vec<Choice>) -> Content {
    let button = if button.trim().is_empty() { "Choose" } else { button.trim() };
    Content::List { text, button: button.to_owned(), sections: vec![ListSection { title: String::new(), rows }] }
}

/// Whether a message is one of the choices word for word, or the press of one.
pub(crate) fn is_exactly_one(choices: &[Choice], message: &Incoming) -> bool {
    if let Content::Picked { id, .. } = &message.content {
        return choices.iter().any(|c| c.id == *id);
    }
    let said = fold(&message.text);
    !said.is_empty() && choices.iter().any(|c| fold(&c.title) == said)
}

/// What is wrong with choices, beyond what their declaration tells.
pub(crate) fn check(check: &mut Check<'_>, field: &str, choices: &[Choice], longest_title: usize) {
    let mut ids = HashSet::new();
    for choice in choices {
        if choice.id.trim().is_empty() || choice.id.chars().count() > MAX_ID_CHARS || !ids.insert(choice.id.as_str()) {
            let message = format!("“{}” has no usable id.", choice.title);
            check.error(field, &message, "Remove it and add it again.");
        }
        // What is longer than a row is told already.
        if choice.title.chars().count() <= 24 {
            whatsapp::longest(check, field, &choice.title, longest_title, whatsapp::CUTS);
        }
        let description = choice.description.as_deref().unwrap_or_default();
        whatsapp::longest(check, field, description, whatsapp::ROW_DESCRIPTION, whatsapp::CUTS);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_entries_of_any_list_can_be_offered() {
        let list = json!([
            "Red", 2, {"title": "Monday", "start": "2026-03-09T09:00", "description": "nine"}, {"name": "Ana", "id": 7},
            {"start": "x"}, {}, [], null, "", "Red"
        ]);
        let choices = of_list(&list, 10);
        let told: Vec<String> = choices
            .iter()
            .map(|c| format!("{}={}{}", c.id, c.title, c.description.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(told, ["Red=Red", "2=2", "2026-03-09T09:00=Mondaynine", "7=Ana", "x=x"]);
        assert_eq!(of_list(&list, 2).len(), 2);
        assert_eq!(of_list(&json!("no list"), 10), []);
    }

    #[test]
    fn few_short_choices_are_buttons_and_the_others_a_list() {
        let of = |titles: &[&str]| titles.iter().map(|t| choice(t, t)).collect::<Vec<_>>();
        for (titles, kind) in [
            (&["a", "b", "c"][..], "buttons"),
            (&["a", "b", "c", "d"], "list"),
            (&["This is longer than twenty"], "list"),
        ] {
            assert_eq!(offer("?".into(), "", of(titles)).kind(), kind);
        }
        let described = Choice { description: Some("more".into()), ..choice("a", "a") };
        assert!(matches!(offer("?".into(), " ", vec![described]), Content::List { button, .. } if button == "Choose"));
    }
}
