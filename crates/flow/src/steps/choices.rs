//! Offers things to pick.

use base::message::{Choice, Content, ListSection};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::event::Incoming;
use crate::reply::{AnswerKind, Reader};
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;
use crate::words::{self, fold};

const MAX_CHOICES: usize = 10;
const MAX_BUTTONS: usize = 3;
/// Longest title that still fits on a button of the strictest common channel, in characters.
const MAX_BUTTON_CHARS: usize = 20;
const MAX_TITLE_CHARS: usize = 24;
const MAX_TRIES: u32 = 10;
const MAX_TIMEOUT_MS: u64 = 90 * 24 * 3600 * 1000;
/// Names that edges of this step have anyway.
const TAKEN: [&str; 4] = ["next", "other", "timeout", "failed"];

pub(super) const ABOUT: About = About {
    name: "choices",
    title: "Offer choices",
    help: "Shows up to three buttons or a list of up to ten. Customers may also type a title, a part of it or its number. \
           Each choice has its own way; “other” takes what fits none of them.",
    branches: &["next", "other", "timeout", "failed"],
    needed: &[],
};

/// Things to pick.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ChoicesStep)]
pub struct Choices {
    #[schema(required)]
    pub text: String,
    /// Each id is also the name of a branch.
    #[schema(required)]
    pub choices: Vec<Choice>,
    /// What the opener of the list says, for more than three choices.
    #[schema(required)]
    pub button: String,
    /// Where the picked title is kept; empty keeps it nowhere.
    #[schema(required)]
    pub variable: String,
    /// What is said when a reply fits no choice; empty repeats the text.
    #[schema(required)]
    pub reask: String,
    #[schema(required)]
    pub max_tries: u32,
    /// In milliseconds; without it the step waits for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            text: String::new(),
            choices: Vec::new(),
            button: "Choose".into(),
            variable: String::new(),
            reask: String::new(),
            max_tries: 3,
            timeout_ms: None,
        }
    }
}

impl Choices {
    pub(super) fn example() -> Self {
        let choice = |id: &str, title: &str| Choice { id: id.into(), title: title.into(), description: None };
        Self {
            text: "What can we do for you?".into(),
            choices: vec![choice("prices", "Prices"), choice("hours", "Opening hours")],
            ..Self::default()
        }
    }

    /// The choices with their titles filled in.
    fn filled(&self, run: &Run<'_>) -> Result<Vec<Choice>, String> {
        let fill = |choice: &Choice| {
            let description = choice.description.as_deref().map(|d| run.text(d)).transpose()?;
            Ok(Choice { id: choice.id.clone(), title: run.text(&choice.title)?, description })
        };
        self.choices.iter().take(MAX_CHOICES).map(fill).collect()
    }

    fn content(&self, run: &Run<'_>, text: &str) -> Result<Content, String> {
        let (text, choices) = (run.text(text)?, self.filled(run)?);
        let short = choices.iter().all(|c| c.title.chars().count() <= MAX_BUTTON_CHARS && c.description.is_none());
        if choices.len() <= MAX_BUTTONS && short {
            return Ok(Content::Buttons { text, footer: None, buttons: choices });
        }
        let button = if self.button.trim().is_empty() { "Choose".to_owned() } else { run.text(&self.button)? };
        Ok(Content::List { text, button, sections: vec![ListSection { title: String::new(), rows: choices }] })
    }

    fn wait<'a>(&self, run: &mut Run<'a>, tries: u32) -> Next<'a> {
        run.await_reply(self.timeout_ms.map(|ms| ms.min(MAX_TIMEOUT_MS)), tries)
    }
}

/// The choice that a reply means: by id, title, number, words in it, or a small slip of the finger.
fn pick(choices: &[Choice], message: &Incoming) -> Option<usize> {
    if let Content::Picked { id, .. } = &message.content
        && let Some(found) = choices.iter().position(|c| c.id == *id)
    {
        return Some(found);
    }
    let said = fold(&message.text);
    if said.is_empty() || said.len() > 500 {
        return None;
    }
    let titles: Vec<String> = choices.iter().map(|c| fold(&c.title)).collect();
    if let Some(found) = titles.iter().position(|t| *t == said) {
        return Some(found);
    }
    let padded = format!(" {said} ");
    let inside = |title: &String| !title.is_empty() && padded.contains(&format!(" {title} "));
    let part = |title: &String| said.chars().count() >= 3 && format!(" {title} ").contains(&padded);
    // “The blue one” means the blue one, not the first.
    only(&titles, inside)
        .or_else(|| only(&titles, part))
        .or_else(|| number(&message.text).filter(|n| (1..=choices.len()).contains(n)).map(|n| n - 1))
        .or_else(|| only(&titles, |title| is_slip(&said, title)))
}

/// The number of a choice, when the reply is hardly more than a number.
fn number(text: &str) -> Option<usize> {
    if words::count(text) > 3 {
        return None;
    }
    let reader = Reader::new(base::Time::ZERO, "", None);
    reader.read(AnswerKind::Number, text)?.as_u64().and_then(|n| usize::try_from(n).ok())
}

/// The place of the one that fits; nothing when several do.
fn only(titles: &[String], fits: impl Fn(&String) -> bool) -> Option<usize> {
    let mut found = titles.iter().enumerate().filter(|(_, t)| fits(t)).map(|(i, _)| i);
    found.next().filter(|_| found.next().is_none())
}

/// Whether two texts differ by so few letters that a slip is likely.
fn is_slip(said: &str, title: &str) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) = (said.graphemes(true).collect(), title.graphemes(true).collect());
    let allowed = match b.len() {
        0..=3 => return false,
        4..=7 => 1,
        _ => 2,
    };
    if a.len().abs_diff(b.len()) > allowed || b.len() > 100 {
        return false;
    }
    // Optimal string alignment: two letters that swapped places are one slip.
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().is_some_and(|distance| *distance <= allowed)
}

impl Behaviour for Choices {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if self.choices.is_empty() {
            return Err("There is nothing to choose from here. Add choices to this step.".into());
        }
        let content = self.content(run, &self.text)?;
        run.note("Offered choices", content.words());
        run.send(content, None)?;
        Ok(self.wait(run, 0))
    }

    fn reply<'a>(&'a self, run: &mut Run<'a>, message: &Incoming, tries: u32) -> Stepped<'a> {
        let choices = self.filled(run)?;
        if let Some(found) = pick(&choices, message).and_then(|i| choices.into_iter().nth(i)) {
            run.note("The customer picked", &found.title);
            run.set_variable(&self.variable, Value::String(found.title))?;
            let branch = if run.has_way(&found.id) { found.id } else { "next".to_owned() };
            return Ok(Next::Branch(branch.into()));
        }
        run.note("The reply fits no choice", &message.text);
        if run.has_way("other") && !message.text.trim().is_empty() {
            return Ok(Next::branch("other"));
        }
        if tries + 1 >= self.max_tries.clamp(1, MAX_TRIES) {
            return Ok(Next::branch("failed"));
        }
        let again = if self.reask.trim().is_empty() { &self.text } else { &self.reask };
        let content = self.content(run, again)?;
        run.send(content, None)?;
        Ok(self.wait(run, tries + 1))
    }

    fn late<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("No choice was made in time", "");
        Ok(Next::branch("timeout"))
    }

    fn claims(&self, run: &Run<'_>, message: &Incoming) -> bool {
        let said = fold(&message.text);
        matches!(message.content, Content::Picked { .. })
            || self.filled(run).is_ok_and(|choices| choices.iter().any(|c| fold(&c.title) == said))
    }

    fn check(&self, check: &mut Check<'_>) {
        check.text("text", &self.text, true);
        check.text("reask", &self.reask, false);
        check.text("button", &self.button, false);
        check.variable("variable", &self.variable, false);
        if self.choices.is_empty() {
            check.error("choices", "There is nothing to choose from.", "Add at least one choice.");
        }
        if self.choices.len() > MAX_CHOICES {
            check.error("choices", "There are more than ten choices.", "Group them: first the kind, then the thing.");
        }
        for (i, choice) in self.choices.iter().enumerate() {
            check.text("choices", &choice.title, true);
            check.text("choices", choice.description.as_deref().unwrap_or_default(), false);
            if choice.title.chars().count() > MAX_TITLE_CHARS && !choice.title.contains("{{") {
                check.warning(
                    "choices",
                    &format!("“{}” is longer than 24 letters and may be cut.", choice.title),
                    "Shorten it.",
                );
            }
            if choice.id.trim().is_empty() || TAKEN.contains(&choice.id.as_str()) {
                check.error(
                    "choices",
                    &format!("The choice “{}” has no usable id.", choice.title),
                    "Remove it and add it again.",
                );
            }
            let earlier = &self.choices[..i];
            if earlier.iter().any(|c| c.id == choice.id) {
                check.error(
                    "choices",
                    &format!("Two choices share the id “{}”.", choice.id),
                    "Remove one and add it again.",
                );
            } else if earlier.iter().any(|c| fold(&c.title) == fold(&choice.title)) {
                check.error("choices", &format!("Two choices are called “{}”.", choice.title), "Rename one of them.");
            }
            if !check.leads_on(&choice.id) && !check.leads_on("next") {
                check.warning("choices", &format!("“{}” leads nowhere.", choice.title), "Connect it to a step.");
            }
        }
        if !(1..=MAX_TRIES).contains(&self.max_tries) {
            check.error("max_tries", "The number of tries is out of range.", "Choose between 1 and 10.");
        }
        if self.timeout_ms.is_some_and(|ms| ms == 0 || ms > MAX_TIMEOUT_MS) {
            check.error("timeout_ms", "The time limit is out of range.", "Choose up to 90 days, or none.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_recognised_however_it_is_said() {
        let titles = ["Prices", "Opening hours", "Delivery", "Blue"];
        let choices: Vec<Choice> =
            titles.iter().map(|t| Choice { id: t.to_lowercase(), title: (*t).into(), description: None }).collect();
        let says = |text: &str| Incoming {
            text: text.into(),
            content: Content::text(text),
            language: None,
            first_contact: false,
        };
        for (text, expected) in [
            ("prices", Some(0)),
            ("PRICES!", Some(0)),
            ("2", Some(1)),
            ("number two", Some(1)),
            ("2.", Some(1)),
            ("hours", Some(1)),
            ("the delivery please", Some(2)),
            ("delviery", Some(2)),
            ("prcies", Some(0)),
            ("openning hour", Some(1)),
            ("the blue one", Some(3)),
            ("9", None),
            ("price or delivery", Some(2)),
            ("blue delivery", None),
            ("", None),
            ("something", None),
            ("blux", Some(3)),
            ("xxue", None),
        ] {
            assert_eq!(pick(&choices, &says(text)), expected, "{text}");
        }
        let picked = |id: &str| Incoming { content: Content::Picked { id: id.into(), title: "?".into() }, ..says("?") };
        assert_eq!(pick(&choices, &picked("delivery")), Some(2));
        assert_eq!(pick(&choices, &picked("an old button")), None);
    }
}
