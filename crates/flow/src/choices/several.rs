//! Which choices a reply means that may name several: “1, 3”, “red and blue”, “all of them”.

use std::collections::BTreeSet;

use base::message::Choice;

use super::pick::{MAX_REPLY_BYTES, SMALL, pick_words};
use crate::reply::western_digits;
use crate::words::fold;

/// Whole replies that mean everything.
const ALL: &[&str] = &[
    "all",
    "all of them",
    "all of it",
    "everything",
    "every one",
    "all please",
    "alle",
    "alles",
    "alle bitte",
    "todo",
    "todos",
    "todas",
    "tudo",
    "tous",
    "toutes",
    "tout",
    "tutti",
    "tutte",
    "tutto",
    "allemaal",
    "все",
    "всё",
    "wszystkie",
    "wszystko",
    "hepsi",
    "الكل",
    "كل شيء",
    "全部",
    "すべて",
    "전부",
];

/// Whole replies that mean everything, when that is two things.
const BOTH: &[&str] = &[
    "both",
    "both of them",
    "both please",
    "beide",
    "ambos",
    "ambas",
    "les deux",
    "entrambi",
    "entrambe",
    "allebei",
    "оба",
    "обе",
    "oba",
    "ikisi",
    "ikisi de",
    "كلاهما",
    "两个",
    "両方",
    "둘다",
];

/// Whole replies that mean that nothing is to be added.
const DONE: &[&str] = &[
    "done",
    "thats all",
    "that is all",
    "thats it",
    "that is it",
    "finished",
    "ready",
    "enough",
    "no more",
    "nothing else",
    "fertig",
    "das ist alles",
    "das wars",
    "genug",
    "listo",
    "eso es todo",
    "nada mas",
    "pronto",
    "e so isso",
    "so isso",
    "fini",
    "cest tout",
    "termine",
    "fatto",
    "e tutto",
    "klaar",
    "готово",
    "всё",
    "gotowe",
    "tamam",
    "完成",
    "以上",
];

/// Between two choices, folded.
const AND: &[&str] =
    &["and", "und", "y", "e", "et", "en", "og", "och", "и", "та", "i", "oraz", "ve", "و", "और", "和", "と", "plus"];

/// Marks between choices that no title needs.
fn separates(c: char) -> bool {
    matches!(c, ',' | ';' | '/' | '&' | '+' | '\n' | '|' | '•' | '·' | '、' | '，' | '；' | '،' | '؛')
}

/// The places of all choices that a reply names, in their order; nothing when any part of it is not understood.
pub(crate) fn pick_several(choices: &[Choice], text: &str) -> Option<Vec<usize>> {
    if text.len() > MAX_REPLY_BYTES {
        return None;
    }
    let whole = fold(text);
    // A choice may itself be called “All”.
    if let Some(exact) = choices.iter().position(|c| !whole.is_empty() && fold(&c.title) == whole) {
        return Some(vec![exact]);
    }
    let says = |words: &[&str]| words.iter().any(|word| fold(word) == whole);
    if says(ALL) || choices.len() == 2 && says(BOTH) {
        return Some((0..choices.len()).collect()).filter(|all: &Vec<usize>| !all.is_empty());
    }
    let mut found = BTreeSet::new();
    let parts = text.split(separates).all(|piece| take(choices, piece, &mut found));
    if !parts || found.is_empty() {
        // “Tea / coffee” may be one title.
        found.clear();
        if !take(choices, text, &mut found) {
            return None;
        }
    }
    Some(found.into_iter().collect()).filter(|found: &Vec<usize>| !found.is_empty())
}

/// Whether a reply says that there is no more to pick; `own` is what the owner calls it.
pub(crate) fn is_done(text: &str, own: &str) -> bool {
    let said = fold(text);
    !said.is_empty() && (said == fold(own) || DONE.iter().any(|done| fold(done) == said))
}

/// Adds what one piece names; false when something in it is not understood.
fn take(choices: &[Choice], piece: &str, found: &mut BTreeSet<usize>) -> bool {
    if let Some(range) = range(piece, choices.len()) {
        found.extend(range);
        return true;
    }
    let mut rest = format!(" {} ", fold(piece));
    let mut titles: Vec<(usize, String)> = choices.iter().enumerate().map(|(i, c)| (i, fold(&c.title))).collect();
    // “Fish and chips” before “fish”.
    titles.sort_by_key(|(_, title)| std::cmp::Reverse(title.len()));
    for (i, title) in titles.iter().filter(|(_, title)| title.chars().any(|c| !c.is_ascii_digit())) {
        // “2 margheritas” is the dish, and how many of it; so is “a salad” of “green salad” further down.
        let plural = format!(" {title}s ");
        let padded = if rest.contains(&plural) { plural } else { format!(" {title} ") };
        if rest.contains(&padded) {
            rest = rest.replace(&padded, " \u{1} ");
            found.insert(*i);
        }
    }
    let all: Vec<&str> = rest.split_whitespace().collect();
    // A number right before a title says how many.
    let is_amount = |at: usize| all[at].parse::<u32>().is_ok() && all.get(at + 1) == Some(&"\u{1}");
    let words: Vec<&str> = (0..all.len()).filter(|at| !is_amount(*at)).map(|at| all[at]).collect();
    words.split(|word| *word == "\u{1}" || AND.contains(word)).all(|group| {
        let number = |word: &&str| word.parse::<usize>().ok().filter(|n| (1..=choices.len()).contains(n));
        let meant: Vec<&str> = group.iter().copied().filter(|w| !SMALL.contains(w)).collect();
        if meant.is_empty() {
            return true;
        }
        if meant.iter().all(|word| number(word).is_some()) {
            found.extend(meant.iter().filter_map(number).map(|n| n - 1));
            return true;
        }
        pick_words(choices, &meant.join(" ")).map(|at| found.insert(at)).is_some()
    })
}

/// “1-3” means one, two and three.
fn range(piece: &str, count: usize) -> Option<std::ops::Range<usize>> {
    let western = western_digits(piece.trim());
    let (from, to) = western.split_once(['-', '–', '—'])?;
    let (from, to): (usize, usize) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from >= 1 && from < to && to <= count).then(|| from - 1..to)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::choices::choice;

    #[test]
    fn several_choices_are_recognised_however_they_are_said() {
        let titles = ["Red", "Blue", "Fish and chips", "Fish", "Tea / coffee"];
        let choices: Vec<Choice> = titles.iter().map(|t| choice(t, t)).collect();
        for (text, expected) in [
            ("1, 3", Some(vec![0, 2])),
            ("1 and 3", Some(vec![0, 2])),
            ("1 3", Some(vec![0, 2])),
            ("1,3", Some(vec![0, 2])),
            ("2-4", Some(vec![1, 2, 3])),
            ("١ و ٢", Some(vec![0, 1])),
            ("red and blue", Some(vec![0, 1])),
            ("Blue, red please", Some(vec![0, 1])),
            ("the red one and number 2", Some(vec![0, 1])),
            ("2 reds and a blue", Some(vec![0, 1])),
            ("rot", None),
            ("bleu", Some(vec![1])),
            ("fish and chips and red", Some(vec![0, 2])),
            ("fish, red", Some(vec![0, 3])),
            ("tea / coffee", Some(vec![4])),
            ("red & tea", Some(vec![0, 4])),
            ("ALL", Some(vec![0, 1, 2, 3, 4])),
            ("alles", Some(vec![0, 1, 2, 3, 4])),
            ("red but not blue", None),
            ("red, purple", None),
            ("1, 9", None),
            ("13", None),
            ("", None),
            (", ,", None),
            ("please", None),
            ("red red red", Some(vec![0])),
        ] {
            assert_eq!(pick_several(&choices, text), expected, "{text}");
        }
        assert_eq!(pick_several(&[], "all"), None);
        assert_eq!(pick_several(&choices[..2], "both"), Some(vec![0, 1]));
        assert_eq!(pick_several(&choices, "both"), None);
        let named = [choice("x", "All"), choice("y", "None")];
        assert_eq!(pick_several(&named, "all"), Some(vec![0]), "a choice goes before the word");
    }

    #[test]
    fn a_customer_says_when_it_is_enough() {
        for (text, done) in
            [("Done!", true), ("that's all", true), ("Weiter", true), ("fertig", true), ("red", false), ("", false)]
        {
            assert_eq!(is_done(text, "Weiter"), done, "{text}");
        }
        assert!(!is_done("", ""));
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(text in "[\\PC,0-9 -]{0,40}", titles in proptest::collection::vec("\\PC{0,12}", 0..6)) {
            let choices: Vec<Choice> = titles.iter().map(|t| choice(t, t)).collect();
            if let Some(found) = pick_several(&choices, &text) {
                prop_assert!(found.iter().all(|at| *at < choices.len()));
            }
        }
    }
}
