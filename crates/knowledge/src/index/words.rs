//! Words as the index and the answers see them: folded, split, stemmed; and the small words that carry no subject.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Longer words are cut: nobody asks for them, and they are mostly encoded data.
const LONGEST_WORD: usize = 40;

/// Lower case without accents of the Latin kind and without Arabic vowel signs; letters that ASCII spells with two are
/// spelled so. Scripts whose marks are letters (Devanagari, Thai) keep them.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{640}' | '\u{200b}'..='\u{200f}' => {}
            'أ' | 'إ' | 'آ' | 'ٱ' => out.push('ا'),
            '’' | '‘' | 'ʼ' | '`' => out.push('\''),
            '٠'..='٩' => out.push(digit(c, '٠')),
            '۰'..='۹' => out.push(digit(c, '۰')),
            '०'..='९' => out.push(digit(c, '०')),
            'ß' | 'ẞ' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            'œ' | 'Œ' => out.push_str("oe"),
            'ø' | 'Ø' => out.push('o'),
            'ł' | 'Ł' => out.push('l'),
            'đ' | 'Đ' => out.push('d'),
            'ı' => out.push('i'),
            c => out.extend(c.to_lowercase().filter(|c| !matches!(c, '\u{300}'..='\u{36f}'))),
        }
    }
    // Recomposing keeps Korean and Indic words in the form in which they are typed.
    out.nfc().collect()
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or('0')
}

/// The words of a text in order, folded. Digits are parted from letters ("22mm" is 22 and mm), thousands are joined
/// ("2 500" and "2,500" are 2500), and scripts without spaces come as pairs of letters.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(&join_thousands(text));
    let mut out = Vec::new();
    for word in folded.unicode_words() {
        let word = word.strip_suffix("'s").unwrap_or(word);
        split(word, &mut out);
    }
    join_pairs(out)
}

/// The words of a text, and for "check-out" and "wi-fi" also the joined spelling, so that both ways of writing meet; and a
/// word for each day of the week that it covers, so that "Saturdays" meets "Mon-Sat" in any language.
pub fn words_for_index(text: &str) -> Vec<String> {
    let mut out = words(text);
    out.extend(crate::days::find(text).days.tokens());
    for part in fold(text).split_whitespace() {
        if part.contains('-') {
            let joined: String = part.chars().filter(|c| c.is_alphanumeric()).collect();
            if (4..=LONGEST_WORD).contains(&joined.len()) && joined.chars().all(char::is_alphabetic) {
                out.push(joined);
            }
        }
    }
    out
}

fn split(word: &str, out: &mut Vec<String>) {
    let mut part = String::new();
    let mut was_digit = None;
    for c in word.chars() {
        if c == '\'' || c == '_' {
            continue;
        }
        // "5.5" and "07:30" stay whole.
        let is_digit = c.is_ascii_digit() || (matches!(c, '.' | ',' | ':') && was_digit == Some(true));
        if !is_digit && !c.is_alphanumeric() && !is_mark(c) {
            flush(&mut part, out);
            was_digit = None;
            continue;
        }
        if was_digit.is_some_and(|was| was != is_digit) {
            flush(&mut part, out);
        }
        part.push(if c == ',' { '.' } else { c });
        was_digit = Some(is_digit);
    }
    flush(&mut part, out);
}

/// Vowel signs and the like of Indic and Thai scripts, which are not "alphanumeric" but belong to the word.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}')
}

fn flush(part: &mut String, out: &mut Vec<String>) {
    let word = part.trim_end_matches(['.', ':']);
    if !word.is_empty() {
        out.push(number_form(word).chars().take(LONGEST_WORD).collect());
    }
    part.clear();
}

/// "97.50" and "97.5" are one number; "07:45" and "7:45" one time.
fn number_form(word: &str) -> &str {
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return word;
    }
    let word = if word.contains('.') { word.trim_end_matches('0').trim_end_matches('.') } else { word };
    // "07:45" comes apart into 07 and 45; a longer number with a zero in front is a telephone's.
    if word.len() == 2 { word.strip_prefix('0').unwrap_or(word) } else { word }
}

/// "2 500" and "2,500" become "2500": a group of exactly three digits after one to three.
fn join_thousands(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        let group = matches!(c, ' ' | ',' | '\u{a0}' | '\u{202f}' | '\'' | '’' | '٬' | '،')
            && (1..=3).contains(&run)
            && chars[i + 1..].iter().take(3).filter(|c| c.is_ascii_digit()).count() == 3
            && !chars.get(i + 4).is_some_and(|c| c.is_ascii_digit())
            // "021 000 0199" is a telephone number.
            && chars[i - run] != '0';
        if group {
            out.extend(&chars[i + 1..i + 4]);
            i += 4;
            run = 3;
            continue;
        }
        run = if c.is_ascii_digit() { run + 1 } else { 0 };
        out.push(c);
        i += 1;
    }
    out
}

/// Whether a character belongs to a script that is written without spaces.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

fn join_pairs(words: Vec<String>) -> Vec<String> {
    if !words.iter().any(|w| w.starts_with(is_unspaced)) {
        return words;
    }
    let mut out = Vec::new();
    let mut run: Vec<char> = Vec::new();
    let end = |run: &mut Vec<char>, out: &mut Vec<String>| {
        match run.len() {
            0 => {}
            1 => out.push(run.iter().collect()),
            _ => out.extend(run.windows(2).map(|pair| pair.iter().collect::<String>())),
        }
        run.clear();
    };
    for word in words {
        if word.starts_with(is_unspaced) {
            run.extend(word.chars());
        } else {
            end(&mut run, &mut out);
            out.push(word);
        }
    }
    end(&mut run, &mut out);
    out
}

/// The stem of a folded word in a language (ISO 639-1); the word itself where no stemmer is known.
pub fn stem(word: &str, language: Option<&str>) -> String {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return word.to_owned();
    }
    let language = match language {
        // Close enough to share a stemmer.
        Some("af") => "nl",
        Some("gl") => "pt",
        Some("ms") => "id",
        Some("nb" | "nn") => "no",
        Some(code) => code,
        None => return word.to_owned(),
    };
    match frostem::Stemmer::try_from_name(language) {
        Ok(stemmer) => {
            let stemmed = stemmer.stem(word);
            if stemmed.chars().count() < 2 { word.to_owned() } else { stemmed.into_owned() }
        }
        Err(_) => word.to_owned(),
    }
}

/// A number, as opposed to a word.
pub fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

struct Table {
    all: HashSet<&'static str>,
}

static SMALL: LazyLock<Vec<(&'static str, Table)>> = LazyLock::new(|| {
    super::small_words::SMALL_WORDS
        .iter()
        .map(|(language, text)| (*language, Table { all: text.split_whitespace().collect() }))
        .collect()
});

/// Whether a folded word carries no subject in the language: articles, pronouns, question words, courtesies. Without
/// a language only what is small in English counts.
pub fn is_small(word: &str, language: Option<&str>) -> bool {
    if word.chars().count() == 1 && word.is_ascii() && !is_number(word) {
        return true;
    }
    let language = language.unwrap_or("en");
    SMALL.iter().any(|(code, table)| *code == language && table.all.contains(word))
}

/// The small words of a language, for finding out that a misspelt word is one.
pub fn small_words(language: &str) -> impl Iterator<Item = &'static str> + use<> {
    let language = language.to_owned();
    SMALL.iter().filter(move |(code, _)| *code == language).flat_map(|(_, table)| table.all.iter().copied())
}

/// For each language how many of the words are small words of it.
pub fn count_small(words: &[String]) -> Vec<(usize, &'static str)> {
    SMALL.iter().map(|(code, table)| (words.iter().filter(|w| table.all.contains(w.as_str())).count(), *code)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_are_written() {
        for (text, expected) in [
            ("a 22mm copper elbow", "a 22 mm copper elbow"),
            ("2 500 litre", "2500 litre"),
            ("R 2,800.00", "r 2800"),
            ("021 000 0199", "021 000 0199"),
            ("5.5 m at 07:45", "5.5 m at 7 45"),
            ("Café Garça’s", "cafe garca"),
            ("Größe", "grosse"),
            ("कॉपर पाइप", "कॉपर पाइप"),
            ("営業時間", "営業 業時 時間"),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn both_spellings_of_a_joined_word_are_in_the_index() {
        assert!(words_for_index("Late check-out").contains(&"checkout".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_cut_into_words(text in ".{0,200}") {
            for word in words_for_index(&text) {
                let _ = stem(&word, Some("en"));
            }
        }

        #[test]
        fn digits_and_separators_in_any_order_are_no_trouble(text in "[0-9 ,.:'٠-٩a-c]{0,60}") {
            let _ = words(&text);
        }
    }
}
