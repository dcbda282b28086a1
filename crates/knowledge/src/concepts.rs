//! Concepts: words that mean the same to a business's customers, in sixteen languages.
//!
//! A model of meaning is vague about single things ("caution", "Kaution", "deposit"), and a business without one has only
//! words. Each concept is one more word of the index, so that a question meets a document over it in any language.
//!
//! The tables are ours: one concept a line, its name first, then `language:word,word` parted by tabs.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::index::spelling;
use crate::index::words::{fold, stem};

const TABLES: [&str; 2] = [include_str!("concepts/general.tsv"), include_str!("concepts/trades.tsv")];

/// Concepts by folded word or stem.
#[derive(Default)]
struct Words(HashMap<String, Vec<&'static str>>);

impl Words {
    fn add(&mut self, word: String, concept: &'static str) {
        let concepts = self.0.entry(word).or_default();
        if !concepts.contains(&concept) {
            concepts.push(concept);
        }
    }
}

static CONCEPTS: LazyLock<HashMap<&'static str, Words>> = LazyLock::new(|| {
    let mut out: HashMap<&'static str, Words> = HashMap::new();
    for line in TABLES.iter().flat_map(|table| table.lines()) {
        let mut fields = line.split('\t');
        let Some(concept) = fields.next().filter(|c| !c.is_empty()) else { continue };
        for (language, list) in fields.filter_map(|field| field.split_once(':')) {
            let words = out.entry(language).or_default();
            for word in list.split(',').map(fold) {
                // Two words with a hyphen come apart in texts; the joined spelling is in the index, too.
                let word: String = word.chars().filter(|c| *c != '-').collect();
                words.add(stem(&word, Some(language)), concept);
                words.add(word, concept);
            }
        }
    }
    out
});

/// The index's words for what a folded word means in a language; in any language when that is not known.
pub(crate) fn of(word: &str, language: Option<&str>) -> Vec<String> {
    let mut out = Vec::new();
    let mut look = |code: &str, words: &Words| {
        for key in [word, stem(word, Some(code)).as_str()] {
            for concept in words.0.get(key).into_iter().flatten() {
                let token = format!("¤{concept}");
                if !out.contains(&token) {
                    out.push(token);
                }
            }
        }
    };
    match language {
        Some(language) => {
            if let Some((code, words)) = CONCEPTS.get_key_value(language) {
                look(code, words);
            }
        }
        None => CONCEPTS.iter().for_each(|(code, words)| look(code, words)),
    }
    out
}

/// The word of a language that this one is a slip of, with its likeness: "studints" for "students".
pub(crate) fn meant(word: &str, language: &str) -> Option<(String, f32)> {
    if word.chars().count() < 5 || !word.is_ascii() {
        return None;
    }
    let words = CONCEPTS.get(language)?;
    let near = words.0.keys().filter_map(|known| Some((known, spelling::likeness(word, known)?)));
    let (known, likeness) = near.filter(|(_, likeness)| *likeness >= 0.86).max_by(|a, b| {
        // Of two that are as near, always the same one.
        a.1.total_cmp(&b.1).then_with(|| b.0.cmp(a.0))
    })?;
    Some((known.clone(), likeness))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_tables_are_whole() {
        let mut seen = HashSet::new();
        for line in TABLES.iter().flat_map(|table| table.lines()) {
            let mut fields = line.split('\t');
            let concept = fields.next().unwrap();
            assert!(seen.insert(concept), "{concept} is there twice");
            assert!(
                concept.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/&".contains(c)),
                "{concept}"
            );
            for field in fields {
                let (language, words) = field.split_once(':').unwrap_or_else(|| panic!("{concept}: {field}"));
                assert!(language.len() == 2 && !words.is_empty(), "{concept}: {field}");
                assert!(
                    words.split(',').all(|w| !w.is_empty() && !w.contains(char::is_whitespace)),
                    "{concept}: {field}"
                );
            }
        }
        assert!(seen.len() > 400, "{} concepts", seen.len());
    }

    #[test]
    fn a_concept_is_the_same_in_every_language_and_inflection() {
        for (word, language, concept) in [
            ("caution", "fr", "¤deposit"),
            ("kaution", "de", "¤deposit"),
            ("deposits", "en", "¤deposit"),
            ("devolucion", "es", "¤return"),
            ("fermez", "fr", "¤closing"),
        ] {
            assert!(of(word, Some(language)).contains(&concept.to_owned()), "{word}: {:?}", of(word, Some(language)));
        }
        assert_eq!(of("caution", Some("en")), Vec::<String>::new());
        assert_eq!(meant("studints", "en").map(|(word, _)| of(&word, Some("en"))), Some(vec!["¤student".to_owned()]));
        assert_eq!(meant("qwertzuiop", "en"), None);
    }
}
