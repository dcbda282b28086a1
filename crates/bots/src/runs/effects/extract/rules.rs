//! Values that plain rules find in a text: dates, times, numbers, addresses, names.

use std::sync::LazyLock;

use flow::{AnswerKind, VarType, Wanted};
use knowledge::chunk::sentences;
use regex::Regex;
use serde_json::{Map, Value};

use super::Reading;

/// Sentences looked at.
const MAX_SENTENCES: usize = 200;
/// Longest stretch of words that a date or a time is looked for in.
const MAX_STRETCH: usize = 6;
/// What the reader of single values takes, in bytes.
const MAX_BYTES: usize = 400;

/// Every wanted value, null where there is none.
pub(super) fn values(text: &str, wanted: &[Wanted], reading: &Reading) -> Map<String, Value> {
    let text = Text::new(text);
    wanted.iter().map(|w| (w.name.clone(), text.value(w, reading).unwrap_or_default())).collect()
}

/// A text in its sentences and their words.
struct Text<'t> {
    sentences: Vec<&'t str>,
}

impl<'t> Text<'t> {
    fn new(text: &'t str) -> Self {
        let short = |s: &&str| s.len() <= MAX_BYTES;
        let mut all: Vec<&str> = sentences(text).into_iter().take(MAX_SENTENCES).filter(short).collect();
        // A message is often one sentence without an end; of a longer one its parts between commas are looked at.
        if all.is_empty() {
            all = text.split([',', ';', '\n']).map(str::trim).filter(short).take(MAX_SENTENCES).collect();
        }
        Text { sentences: all }
    }

    fn value(&self, wanted: &Wanted, reading: &Reading) -> Option<Value> {
        match wanted.of {
            VarType::Date => self
                .stretches(|s| (!is_time(s) || s.contains('-')).then(|| reading.read(AnswerKind::Date, s)).flatten()),
            VarType::Time => self.stretches(|s| is_time(s).then(|| reading.read(AnswerKind::Time, s)).flatten()),
            VarType::Number => self.number(&hints(wanted), reading),
            VarType::YesNo => self.each(|s| {
                let first = s.split([',', '.', '!', ';', '–']).next().unwrap_or(s);
                reading.read(AnswerKind::YesNo, s).or_else(|| reading.read(AnswerKind::YesNo, first))
            }),
            VarType::Text | VarType::Any => self.text(wanted, reading),
            VarType::List | VarType::Object | VarType::File | VarType::Location => None,
        }
    }

    fn each(&self, read: impl Fn(&'t str) -> Option<Value>) -> Option<Value> {
        self.sentences.iter().find_map(|s| read(s))
    }

    /// Reads stretches of words, the longest first, so that “5 March 2027” is not taken for “5 March”.
    fn stretches(&self, read: impl Fn(&'t str) -> Option<Value>) -> Option<Value> {
        self.each(|sentence| {
            let words = words_at(sentence);
            (1..=MAX_STRETCH.min(words.len())).rev().find_map(|size| {
                words.windows(size).find_map(|stretch| {
                    let (from, until) = (stretch.first()?.0, stretch.last()?.1);
                    read(&sentence[from..until])
                })
            })
        })
    }

    /// What a text is about, told by its name and explanation.
    fn text(&self, wanted: &Wanted, reading: &Reading) -> Option<Value> {
        let about = format!(" {} {} ", flow::fold(&wanted.name.replace(['_', '-'], " ")), flow::fold(&wanted.help));
        let has = |words: &[&str]| words.iter().any(|w| about.contains(w));
        if has(&["mail", "correo"]) {
            return self.each(|s| reading.read(AnswerKind::Email, s));
        }
        if has(&["phone", " tel", "mobile", " cell", "whatsapp", "handy", "celular", "movil"]) {
            return self.each(|s| reading.read(AnswerKind::Phone, s));
        }
        if has(&["website", "web site", " link", " url", "web address"]) {
            return self.each(|s| reading.read(AnswerKind::Url, s));
        }
        let other = ["product", "company", "street", "file", "item", "shop", "city", "user name", "pet", "brand"];
        if has(&[" name", "nombre", "nome ", " nom "]) && !has(&other) {
            return self.each(|s| name(s).map(Value::from));
        }
        if has(&["number", "reference", " code", "order", "invoice", "nummer", "numero"]) {
            return reference(&self.sentences).map(Value::from);
        }
        None
    }

    /// The number next to a word that tells what it counts, else the first that is nothing else.
    fn number(&self, hints: &[String], reading: &Reading) -> Option<Value> {
        let mut first = None;
        for sentence in &self.sentences {
            let words = words_at(sentence);
            let word = |i: usize| words.get(i).map(|(from, until)| &sentence[*from..*until]);
            let is_hint = |i: Option<usize>| {
                let folded = i.and_then(word).map(flow::fold).unwrap_or_default();
                folded.len() > 2 && hints.iter().any(|h| h.starts_with(&folded) || folded.starts_with(h.as_str()))
            };
            for i in 0..words.len() {
                let Some(own) = word(i) else { continue };
                let with_next = word(i + 1).map(|next| format!("{own} {next}")).unwrap_or_default();
                if own.contains('@') || is_time(own) || is_time(&with_next) || own.contains(['/', ':']) {
                    continue;
                }
                // “a” and “an” are words before they are numbers.
                if own.chars().count() < 2 && !own.chars().all(char::is_numeric) {
                    continue;
                }
                let Some(value) = reading.read(AnswerKind::Number, own.trim_matches(['(', ')', ',', '.', '?', '!']))
                else {
                    continue;
                };
                let near = [i.checked_sub(1), i.checked_sub(2), Some(i + 1), Some(i + 2)];
                if near.into_iter().any(is_hint) {
                    return Some(value);
                }
                // Twelve digits in a row are a phone, or whatever; nobody counts so far.
                if own.chars().filter(char::is_ascii_digit).count() < 8 && first.is_none() {
                    first = Some(value);
                }
            }
        }
        first
    }
}

/// The words of a sentence, from where to where.
fn words_at(sentence: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in sentence.char_indices() {
        match (c.is_whitespace(), start) {
            (true, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    words.extend(start.map(|from| (from, sentence.len())));
    words
}

fn hints(wanted: &Wanted) -> Vec<String> {
    let small =
        ["how", "many", "much", "the", "number", "amount", "count", "what", "for", "they", "want", "with", "are"];
    let words = format!("{} {}", wanted.name.replace(['_', '-'], " "), wanted.help);
    let folded = flow::fold(&words);
    folded.split(' ').filter(|w| w.len() > 2 && !small.contains(w)).map(str::to_owned).collect()
}

/// Whether a stretch of words looks like a time of day.
fn is_time(text: &str) -> bool {
    static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\b\d{1,2}:\d{2}\b|\b\d{1,2}\s?(?:[ap]\.?\s?m\b|h\b|h\d{2}\b|uhr\b|o['’]?clock|点|時)|\b(?:noon|midday|midnight|half past|quarter (?:to|past)|halb|viertel (?:vor|nach)|mediod[ií]a|medianoche|midi|minuit|mezzogiorno|mezzanotte)\b",
        )
        .ok()
    });
    TIME.as_ref().is_some_and(|time| time.is_match(text))
}

/// Further names, with the small words that stand between them in many languages.
const MORE: &str = r"(?:\s+(?:(?:van|von|de|da|do|dos|del|della|di|du|der|den|ter|la|le|bin|ibn|al|el)\s+){0,2}\p{Lu}[\p{L}'’-]{0,30}){0,3}";

/// A person's name behind words that introduce one.
fn name(sentence: &str) -> Option<String> {
    // Behind the first words anything is a name; behind the second ones only what has capitals, for “I am late”.
    static PLAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let before = r"(?i:my name is|my name's|the name is|name:|call me|ich hei(?:ß|ss)e|mein name ist|me llamo|mi nombre es|je m['’]appelle|mon nom est|mi chiamo|meu nome é|me chamo|ik heet|mijn naam is|меня зовут|nazywam się|benim adım)";
        Regex::new(&format!(r"\b{before}\s+([\p{{L}}'’-]{{2,30}}{MORE})")).ok()
    });
    static CAPITAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let before = r"(?i:i['’]m|i am|this is|ich bin|hier ist|soy|je suis|sono|eu sou|sou|ik ben)";
        Regex::new(&format!(r"\b{before}\s+(\p{{Lu}}[\p{{L}}'’-]{{1,30}}{MORE})")).ok()
    });
    let found = |pattern: &Option<Regex>| Some(pattern.as_ref()?.captures(sentence)?.get(1)?.as_str().to_owned());
    found(&PLAIN).or_else(|| found(&CAPITAL)).map(|name| name.trim_end_matches(['\'', '’', '-']).to_owned())
}

/// The number of an order, an invoice, a ticket: letters and digits together, else many digits that are no part of a phone
/// number or a date.
fn reference(sentences: &[&str]) -> Option<String> {
    let mut best: Option<(bool, usize, String)> = None;
    for sentence in sentences {
        let words: Vec<&str> = sentence.split_whitespace().collect();
        for (i, word) in words.iter().enumerate() {
            let own = word.trim_matches(|c: char| !c.is_alphanumeric());
            let digits = own.bytes().filter(u8::is_ascii_digit).count();
            let plain = own.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '_'));
            if digits < 3 || !plain || own.chars().count() > 40 || word.starts_with('+') {
                continue;
            }
            let letters = own.chars().any(char::is_alphabetic);
            let beside = [i.checked_sub(1), Some(i + 1)].into_iter().flatten().filter_map(|i| words.get(i));
            let in_a_row = beside.into_iter().any(|w| w.bytes().any(|b| b.is_ascii_digit()));
            let is_date = own.split(['-', '/']).count() == 3;
            if !letters && (in_a_row || is_date) {
                continue;
            }
            let found = (letters, own.chars().count(), own.to_owned());
            if best.as_ref().is_none_or(|known| (known.0, known.1) < (found.0, found.1)) {
                best = Some(found);
            }
        }
    }
    best.map(|(_, _, own)| own)
}

#[cfg(test)]
mod tests {
    use base::Time;
    use serde_json::json;

    use super::*;

    fn read(text: &str, name: &str, of: VarType, help: &str) -> Value {
        let reading =
            Reading { at: Time(1_772_618_400_000), timezone: "Europe/Berlin".into(), language: Some("en".into()) };
        let wanted = [Wanted { name: name.into(), of, help: help.into() }];
        values(text, &wanted, &reading).remove(name).unwrap()
    }

    const BOOKING: &str = "Hello! This is Maria van Dyk, I'd like a table for 4 people on Friday at 7:30pm. My mail is \
        maria@Example.com and you can call +27 82 555 0142. Order A-1045/7 was fine.";

    #[test]
    fn a_customers_message_is_read_without_any_model() {
        use VarType::{Date, List, Number, Text, Time, YesNo};
        for (text, name, of, help, expected) in [
            (BOOKING, "name", Text, "The customer's name", json!("Maria van Dyk")),
            (BOOKING, "people", Number, "How many people come", json!(4)),
            (BOOKING, "day", Date, "", json!("2026-03-06")),
            (BOOKING, "at", Time, "", json!("19:30")),
            (BOOKING, "email", Text, "", json!("maria@example.com")),
            (BOOKING, "contact", Text, "Phone number", json!("+27825550142")),
            (BOOKING, "order_number", Text, "", json!("A-1045/7")),
            ("my invoice is 448812 from 2026-01-05", "invoice", Text, "", json!("448812")),
            (BOOKING, "colour", Text, "Which colour", Value::Null),
            (BOOKING, "things", List, "", Value::Null),
            ("yes, that is fine", "agrees", YesNo, "", json!(true)),
            ("No. Not today.", "agrees", YesNo, "", json!(false)),
            ("ich heiße jürgen", "name", Text, "", json!("jürgen")),
            ("I am late", "name", Text, "", Value::Null),
            ("we are six adults and 2 kids", "kids", Number, "", json!(2)),
            ("we are six adults and 2 kids", "adults", Number, "", json!(6)),
            ("12/3 at noon", "day", Date, "", json!("2026-03-12")),
            ("12/3 at noon", "hour", Time, "", json!("12:00")),
            ("el 5 de mayo de 2027", "day", Date, "", json!("2027-05-05")),
            ("nothing here", "n", Number, "", Value::Null),
            ("", "n", Number, "", Value::Null),
        ] {
            assert_eq!(read(text, name, of, help), expected, "{name} of: {text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,120}", near in "[0-9a-zäß.:/@ ,+-]{0,60}", help in "\\PC{0,20}") {
            use VarType::{Any, Date, Number, Text, Time, YesNo};
            for of in [Any, Text, Number, YesNo, Date, Time] {
                let _ = (read(&text, "name", of, &help), read(&near, "phone number", of, &help));
            }
        }
    }
}
