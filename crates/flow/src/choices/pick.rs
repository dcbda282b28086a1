//! Which choice a reply means.

use base::message::{Choice, Content};
use unicode_segmentation::UnicodeSegmentation;

use crate::event::Incoming;
use crate::reply::{AnswerKind, Reader};
use crate::words::{self, fold};

/// Longest reply that is searched for a choice, in bytes.
pub(super) const MAX_REPLY_BYTES: usize = 500;

/// “The second one”, in folded words; the last list means the last choice.
const ORDINALS: [&[&str]; 6] = [
    &[
        "first",
        "1st",
        "erste",
        "ersten",
        "erstes",
        "primero",
        "primera",
        "primeiro",
        "primeira",
        "premier",
        "premiere",
        "primo",
        "prima",
        "первыи",
        "первая",
    ],
    &[
        "second",
        "2nd",
        "zweite",
        "zweiten",
        "zweites",
        "segundo",
        "segunda",
        "deuxieme",
        "secondo",
        "seconda",
        "второи",
        "вторая",
    ],
    &[
        "third",
        "3rd",
        "dritte",
        "dritten",
        "drittes",
        "tercero",
        "tercera",
        "terceiro",
        "terceira",
        "troisieme",
        "terzo",
        "terza",
        "третии",
        "третья",
    ],
    &["fourth", "4th", "vierte", "vierten", "cuarto", "quarto", "quatrieme", "четвертыи"],
    &["fifth", "5th", "funfte", "funften", "quinto", "cinquieme", "пятыи"],
    &["last", "letzte", "letzten", "ultimo", "ultima", "dernier", "derniere", "последнии"],
];

/// Small words that change nothing, folded.
pub(super) const SMALL: &[&str] = &[
    "the", "a", "an", "one", "ones", "please", "number", "das", "uno", "der", "choice", "wahl", "opcion", "opcao",
    "numbers", "nr", "option", "options", "with", "also", "too", "then", "i", "id", "like", "want", "would", "take",
    "ill", "bitte", "die", "der", "den", "auch", "ich", "nehme", "mochte", "el", "la", "los", "las", "o", "os", "as",
    "le", "les", "aussi", "tambien", "tambem", "gli", "il", "anche", "de",
];

/// The place of the choice that a reply means: by id, title, number, words in it, or a small slip of the finger.
pub(crate) fn pick(choices: &[Choice], message: &Incoming) -> Option<usize> {
    if let Content::Picked { id, title } = &message.content {
        // A button of last week is no slip of the finger.
        let same = |c: &Choice| !fold(title).is_empty() && fold(&c.title) == fold(title);
        return choices.iter().position(|c| c.id == *id).or_else(|| choices.iter().position(same));
    }
    pick_words(choices, &message.text)
}

/// The same, for words alone.
pub(super) fn pick_words(choices: &[Choice], text: &str) -> Option<usize> {
    if text.len() > MAX_REPLY_BYTES {
        return None;
    }
    let said = fold(text);
    if said.is_empty() {
        // A sign such as “⭐” or “+” folds to nothing and is compared as it stands.
        return choices.iter().position(|c| !text.trim().is_empty() && c.title.trim() == text.trim());
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
        // “The second one” names one, but not the first.
        .or_else(|| ordinal(&said, choices.len()))
        .or_else(|| number(text).filter(|n| (1..=choices.len()).contains(n)).map(|n| n - 1))
        .or_else(|| only(&titles, |title| is_slip(&said, title)))
}

/// The number of a choice, when the reply is hardly more than a number.
fn number(text: &str) -> Option<usize> {
    let said = fold(text);
    let others = said.split(' ').filter(|word| !SMALL.contains(word)).count();
    // “1 Elm Road” is an address.
    if words::count(text) > 3 || others > 1 {
        return None;
    }
    let reader = Reader::new(base::Time::ZERO, "", None);
    reader.read(AnswerKind::Number, text)?.as_u64().and_then(|n| usize::try_from(n).ok())
}

fn ordinal(said: &str, count: usize) -> Option<usize> {
    let mut meant = said.split(' ').filter(|word| !SMALL.contains(word));
    let word = meant.next().filter(|_| meant.next().is_none())?;
    let found = ORDINALS.iter().position(|words| words.contains(&word))?;
    let at = if found == ORDINALS.len() - 1 { count.checked_sub(1)? } else { found };
    (at < count).then_some(at)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::choices::choice;

    #[test]
    fn a_choice_is_recognised_however_it_is_said() {
        let titles = ["Prices", "Opening hours", "Delivery", "Blue"];
        let choices: Vec<Choice> = titles.iter().map(|t| choice(&t.to_lowercase(), t)).collect();
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
            ("the first one", Some(0)),
            ("das zweite", Some(1)),
            ("last", Some(3)),
            ("fifth", None),
            ("last week", None),
            ("9", None),
            ("0", None),
            ("price or delivery", Some(2)),
            ("blue delivery", None),
            ("", None),
            ("?!", None),
            ("something", None),
            ("blux", Some(3)),
            ("xxue", None),
        ] {
            assert_eq!(pick(&choices, &Incoming::words(text)), expected, "{text}");
        }
        let picked = |id: &str| Incoming {
            content: Content::Picked { id: id.into(), title: "?".into() },
            ..Incoming::words("?")
        };
        assert_eq!(pick(&choices, &picked("delivery")), Some(2));
        assert_eq!(pick(&choices, &picked("an old button")), None);
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(text in "\\PC{0,40}", titles in proptest::collection::vec("\\PC{0,12}", 0..6)) {
            let choices: Vec<Choice> = titles.iter().map(|t| choice(t, t)).collect();
            if let Some(at) = pick(&choices, &Incoming::words(text)) {
                prop_assert!(at < choices.len());
            }
        }
    }
}
