//! A customer's question taken apart: its language, its clauses, the words that carry its subject, and what kind of thing it
//! asks for.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

use crate::concepts;
use crate::days::{self, Days};
use crate::index::text::{Vocabulary, Wanted};
use crate::index::words::{self, is_number};
use crate::kinds::{self, Kind};

/// Longer questions are cut; a voice note of two minutes is shorter.
const LONGEST_CHARS: usize = 1_500;
/// A question of fewer words is one clause.
const SHORT_WORDS: usize = 12;
/// A word of the same concept is nearly the word itself.
const SAME_CONCEPT: f32 = 0.85;
/// A question about more days than this is about all of them.
const MOST_DAYS: u32 = 2;
/// Clauses that are looked at by themselves, besides the whole.
const MOST_CLAUSES: usize = 5;

/// A question as the rest of the crate sees it.
#[derive(Clone, Debug)]
pub struct Question {
    pub text: String,
    /// ISO 639-1, when it could be told.
    pub language: Option<String>,
    /// Whether no document is in its language: words then tell little and meaning all.
    pub foreign: bool,
    /// The whole first, then, for a long one, its clauses.
    pub spans: Vec<Span>,
}

/// The whole question, or a clause of it.
#[derive(Clone, Debug)]
pub struct Span {
    pub text: String,
    /// The same with misspelt words corrected; differs from `text` only then.
    pub corrected: String,
    pub terms: Vec<Term>,
    pub asks: HashSet<Kind>,
    /// The days of the week it names.
    pub(crate) days: Days,
    /// Whether it is put as a question: by its mark, or by a question word.
    pub is_question: bool,
}

/// A word with a subject.
#[derive(Clone, Debug)]
pub struct Term {
    pub word: String,
    /// Its stems in the languages of the documents, and those of words it may be misspelt from; with a likeness of up to 1.
    pub forms: Vec<(String, f32)>,
    /// How much it tells: large when it is rare.
    pub weight: f32,
    /// Whether any form of it occurs in any document.
    pub known: bool,
    /// Whether its meaning is in the tables of concepts: then it is no slip, and what lacks it speaks of something else.
    pub understood: bool,
    pub number: bool,
    /// Written as a name: a capital in the middle of a sentence.
    pub name: bool,
}

impl Question {
    /// Takes `text` apart in the light of what words the documents have and in which languages, commonest first. `today`
    /// is the day of the week, 1 for Monday, that a customer means by that word.
    pub fn new(text: &str, vocabulary: &Vocabulary, languages: &[String], today: Option<u8>) -> Self {
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_CHARS).collect();
        let all = words::words(&text);
        let language = guess(&text, &all, languages, vocabulary);
        let foreign = language.as_ref().is_some_and(|l| !languages.is_empty() && !languages.contains(l));
        let reader = Reader { vocabulary, languages, language: language.as_deref(), foreign, today };
        let mut spans = vec![reader.span(&text)];
        if all.len() > SHORT_WORDS {
            spans.extend(clauses(&text).iter().map(|c| reader.span(c)).filter(|s| !s.terms.is_empty()));
            let mut order: Vec<usize> = (1..spans.len()).collect();
            // What is put as a question comes first, then what comes later: people tell the story before they ask.
            order.sort_by_key(|i| (!spans[*i].is_question, std::cmp::Reverse(*i)));
            order.truncate(MOST_CLAUSES);
            order.sort_unstable();
            let kept: Vec<Span> = order.into_iter().map(|i| spans[i].clone()).collect();
            spans.truncate(1);
            spans.extend(kept);
        }
        Question { text, language, foreign, spans }
    }

    pub fn whole(&self) -> &Span {
        &self.spans[0]
    }

    /// What is asked for, in any clause.
    pub fn asks(&self, kind: Kind) -> bool {
        self.spans.iter().any(|s| s.asks.contains(&kind))
    }
}

impl Span {
    /// Exact words and stems to search for, each with its weight.
    pub(crate) fn wanted(&self) -> (Vec<Wanted>, Vec<Wanted>) {
        let mut exact = Vec::new();
        let mut stems = Vec::new();
        for term in &self.terms {
            exact.push(Wanted { word: term.word.clone(), weight: 1.0 });
            for (stem, likeness) in &term.forms {
                // What may be meant ranks below what was typed.
                let weight = if *likeness >= 1.0 { 1.0 } else { likeness * 0.7 };
                stems.push(Wanted { word: stem.clone(), weight });
            }
        }
        (exact, stems)
    }
}

fn guess(text: &str, all: &[String], languages: &[String], vocabulary: &Vocabulary) -> Option<String> {
    if let Some(script) = script_language(text) {
        return Some(script.to_owned());
    }
    let counts = words::count_small(all);
    let best = counts.iter().map(|(n, _)| *n).max().unwrap_or(0);
    if best == 0 {
        return crate::language::detect(text).filter(|_| all.len() >= 4);
    }
    // The documents' own languages win a tie.
    if let Some(own) = languages.iter().find(|l| counts.iter().any(|(n, code)| *n == best && *code == l.as_str())) {
        return Some(own.clone());
    }
    let mut leaders = counts.iter().filter(|(n, _)| *n == best);
    match (leaders.next(), leaders.next()) {
        (Some((_, code)), None) if best >= 2 => Some((*code).to_owned()),
        (Some((_, code)), _) => {
            // One small word may be any word of another language: only a second opinion makes it tell.
            let second = crate::language::detect(text);
            if best >= 2 {
                return second.or_else(|| Some((*code).to_owned()));
            }
            // Nor does a word that the documents use.
            let own = all.iter().any(|w| words::is_small(w, Some(code)) && vocabulary.words.contains_key(w));
            second.filter(|s| s == code && !own)
        }
        (None, _) => None,
    }
}

/// Scripts that stand for one language well enough.
fn script_language(text: &str) -> Option<&'static str> {
    let mut counts = [0usize; 8];
    let codes = ["hi", "ar", "ru", "el", "he", "th", "ko", "ja"];
    let mut letters = 0usize;
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        let i = match u32::from(c) {
            0x0900..=0x097f => 0,
            0x0600..=0x06ff => 1,
            0x0400..=0x04ff => 2,
            0x0370..=0x03ff => 3,
            0x0590..=0x05ff => 4,
            0x0e00..=0x0e7f => 5,
            0xac00..=0xd7af => 6,
            0x3040..=0x30ff => 7,
            _ => continue,
        };
        counts[i] += 1;
    }
    let (i, n) = counts.iter().enumerate().max_by_key(|(_, n)| **n)?;
    (*n * 2 > letters && *n > 0).then_some(codes[i])
}

struct Reader<'a> {
    vocabulary: &'a Vocabulary,
    languages: &'a [String],
    language: Option<&'a str>,
    foreign: bool,
    today: Option<u8>,
}

impl Reader<'_> {
    fn span(&self, text: &str) -> Span {
        let small_language = self.language.or(self.languages.first().map(String::as_str)).unwrap_or("en");
        let names = if self.language == Some("de") { HashSet::new() } else { names(text) };
        let named = self.days(text);
        let mut all = words::words_for_index(text);
        all.retain(|w| !days::is_token(w));
        let plain = words::words(text).len();
        // A joined spelling ("wi-fi" as wifi) only counts when the documents have it.
        let joined: Vec<String> =
            all.split_off(plain).into_iter().filter(|w| self.vocabulary.words.contains_key(w)).collect();
        all.extend(joined);
        let mut asks = kinds::asked(&all);
        // A day is looked for under its own word of the index, in whatever language or range it stands.
        all.retain(|w| !named.words.contains(w));
        if named.days.len() <= MOST_DAYS {
            all.extend(named.days.tokens());
        }
        let mut terms: Vec<Term> = Vec::new();
        let mut corrected = text.to_owned();
        for word in &all {
            if kinds::is_kind_word(word) || words::is_small(word, Some(small_language)) {
                continue;
            }
            if terms.iter().any(|t| t.word == *word) {
                continue;
            }
            let mut forms = self.stems(word);
            let number = is_number(word);
            let mut known = forms.iter().any(|s| self.vocabulary.stems.contains_key(s));
            let mut forms: Vec<(String, f32)> = forms.drain(..).map(|s| (s, 1.0)).collect();
            let meant = self.concepts(word);
            let mut understood = !meant.is_empty();
            for concept in meant {
                if self.vocabulary.stems.contains_key(&concept) {
                    forms.push((concept, SAME_CONCEPT));
                    known = true;
                }
            }
            if !known && !understood && !number && !days::is_token(word) {
                match self.respell(word, small_language) {
                    Respelt::Small(meant) => {
                        asks.extend(kinds::asked(std::slice::from_ref(&meant)));
                        corrected = replace_word(&corrected, word, &meant);
                        continue;
                    }
                    Respelt::Known(found) => {
                        if let Some((meant, _)) = found.first() {
                            corrected = replace_word(&corrected, word, meant);
                        }
                        for (meant, likeness) in found {
                            for stem in self.stems(&meant) {
                                if !forms.iter().any(|(s, _)| *s == stem) {
                                    forms.push((stem, likeness));
                                }
                            }
                        }
                        known = true;
                    }
                    // A slip in a word that no document has is still understood.
                    Respelt::Understood(meant) => {
                        understood = true;
                        for concept in self.concepts(&meant) {
                            if self.vocabulary.stems.contains_key(&concept) {
                                forms.push((concept, SAME_CONCEPT));
                                known = true;
                            }
                        }
                    }
                    Respelt::Not => {}
                }
            }
            let weight = forms
                .iter()
                .filter(|(s, _)| self.vocabulary.stems.contains_key(s))
                .map(|(s, _)| self.vocabulary.rarity(s))
                .fold(f32::NAN, f32::min);
            let weight = if weight.is_nan() { self.vocabulary.rarity("") } else { weight };
            let name = names.contains(word);
            terms.push(Term { word: word.clone(), forms, weight, known, understood, number, name });
        }
        let is_question =
            text.contains(['?', '؟', '？', '¿']) || all.iter().any(|w| kinds::is_question_word(w)) || !asks.is_empty();
        Span { text: text.to_owned(), corrected, terms, asks, days: named.days, is_question }
    }

    /// What a word means in the customer's language; in the documents' own when they mix.
    fn concepts(&self, word: &str) -> Vec<String> {
        let Some(own) = self.language else { return concepts::of(word, None) };
        let mut out = concepts::of(word, Some(own));
        for language in self.languages.iter().filter(|l| *l != own) {
            // "Braai", "check-in": words of the documents' language inside another one.
            if out.is_empty() && self.vocabulary.words.contains_key(word) {
                out.extend(concepts::of(word, Some(language)));
            }
        }
        out
    }

    /// The days that a question names, also misspelt, and as today or tomorrow.
    fn days(&self, text: &str) -> days::Found {
        let mut found = days::find(text);
        for word in words::words(text) {
            if self.vocabulary.words.contains_key(&word) || found.words.contains(&word) {
                continue;
            }
            let relative = self.today.and_then(|today| days::relative(&word, today));
            if let Some(day) = relative.or_else(|| days::misspelt(&word)) {
                found.days.add(day);
                found.words.push(word);
            }
        }
        found
    }

    /// The stems of a word in the languages of the documents and in its own, without doubles.
    fn stems(&self, word: &str) -> Vec<String> {
        let mut out = Vec::new();
        let own = self.language.filter(|l| !self.languages.iter().any(|x| x == l));
        for language in self.languages.iter().map(String::as_str).chain(own) {
            let stem = words::stem(word, Some(language));
            if !out.contains(&stem) {
                out.push(stem);
            }
        }
        if out.is_empty() {
            out.push(word.to_owned());
        }
        out
    }

    fn respell(&self, word: &str, language: &str) -> Respelt {
        let long = word.chars().count();
        // A word of another language is no misspelling, but a name may be.
        if self.foreign && long < 6 {
            return Respelt::Not;
        }
        let mut found = self.vocabulary.like(word);
        if self.foreign {
            found.retain(|(_, likeness)| *likeness >= 0.85);
        }
        let best = found.first().map_or(0.0, |(_, likeness)| *likeness);
        let small = words::small_words(language)
            .chain(kinds::kind_words())
            .filter_map(|s| Some((crate::index::spelling::likeness(word, s)?, s)))
            .filter(|(likeness, _)| *likeness >= 0.86)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if !self.foreign
            && let Some((likeness, meant)) = small
            && likeness >= best
        {
            return Respelt::Small(meant.to_owned());
        }
        if let Some((meant, likeness)) = self.language.and_then(|l| concepts::meant(word, l))
            && likeness > best
        {
            return Respelt::Understood(meant);
        }
        if found.is_empty() {
            return Respelt::Not;
        }
        Respelt::Known(found.into_iter().map(|(w, l)| (w.to_owned(), l)).collect())
    }
}

enum Respelt {
    /// A word without a subject, spelt otherwise.
    Small(String),
    /// A word of the customer's language that no document has.
    Understood(String),
    /// Words of the documents with their likeness, best first.
    Known(Vec<(String, f32)>),
    Not,
}

/// Puts the meant word in the place of the typed one, however that one was cased.
fn replace_word(text: &str, typed: &str, meant: &str) -> String {
    text.split(' ')
        .map(|part| {
            let core = part.trim_matches(|c: char| !c.is_alphanumeric());
            if words::fold(core) == typed { part.replacen(core, meant, 1) } else { part.to_owned() }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Words with a capital that do not begin a sentence. A text in capitals or with most words capitalised has none.
fn names(text: &str) -> HashSet<String> {
    let mut out = HashSet::new();
    let mut total = 0usize;
    for sentence in text.unicode_sentences() {
        for (i, word) in sentence.unicode_words().enumerate() {
            total += 1;
            let capital = word.chars().next().is_some_and(char::is_uppercase) && word.chars().count() > 1;
            // Days and months have capitals in some languages and are no names.
            if i > 0 && capital && kinds::holds(word, Kind::Day) == 0.0 {
                out.extend(words::words(word));
            }
        }
    }
    if out.len() * 2 > total { HashSet::new() } else { out }
}

/// The clauses of a long text, neighbours joined where they are very short, and pairs of them.
fn clauses(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split_inclusive(['.', '?', '!', ';', ',', '؟', '،', '。', '、', '？', '\n', ':']) {
        // "1,500" and "10.30" are not two clauses.
        let inside_number = parts
            .last()
            .is_some_and(|p: &String| p.trim_end_matches(['.', ',', ':']).ends_with(|c: char| c.is_ascii_digit()))
            && part.starts_with(|c: char| c.is_ascii_digit());
        let short = parts
            .last()
            .is_some_and(|p| p.unicode_words().count() < 4 && !p.trim_end().ends_with(['?', '؟', '.', '!']));
        match parts.last_mut() {
            Some(last) if inside_number || short => last.push_str(part),
            _ => parts.push(part.to_owned()),
        }
    }
    let mut pieces = Vec::new();
    for part in parts {
        let words: Vec<&str> = part.split_whitespace().collect();
        // Spoken text may have no marks at all: windows then.
        if words.len() > 22 {
            pieces.extend(words.chunks(14).map(|w| w.join(" ")));
        } else {
            pieces.push(words.join(" "));
        }
    }
    let mut out: Vec<String> = Vec::new();
    for pair in pieces.windows(2) {
        out.push(pair[0].clone());
        out.push(format!("{} {}", pair[0], pair[1]));
    }
    out.extend(pieces.last().cloned());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_with_a_subject_are_found_in_what_people_write() {
        let vocabulary = Vocabulary::default();
        for (text, expected) in [
            ("How much is a bidet?", "bidet"),
            ("hi there, do you have parking please", "parking"),
            ("how much is delivry to constansia", "delivry constansia"),
            ("¿Cuánto cuesta el yoga?", "yoga"),
        ] {
            let question = Question::new(text, &vocabulary, &["en".to_owned()], None);
            let found: Vec<&str> = question.whole().terms.iter().map(|t| t.word.as_str()).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn anything_a_customer_types_can_be_taken_apart(text in "\\PC{0,300}") {
            let question = Question::new(&text, &Vocabulary::default(), &["en".to_owned(), "pt".to_owned()], Some(3));
            proptest::prop_assert!(question.spans.len() <= 1 + MOST_CLAUSES);
        }
    }
}
