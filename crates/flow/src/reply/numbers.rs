//! Numbers in digits, with any separators, and in words.

use std::sync::LazyLock;

use regex::Regex;

use super::western_digits;
use crate::words::fold;

/// Word for word in English, German, Spanish, Portuguese, French, Italian, Dutch, Russian, Polish, Turkish, Arabic, Hindi, Chinese, Japanese.
const WORDS: [&[&str]; 13] = [
    &["zero", "null", "cero", "nul", "ноль", "sıfır", "صفر", "शून्य", "零"],
    &[
        "one",
        "a",
        "eins",
        "ein",
        "eine",
        "uno",
        "una",
        "um",
        "uma",
        "un",
        "une",
        "een",
        "один",
        "одна",
        "jeden",
        "bir",
        "واحد",
        "एक",
        "一",
        "ひとつ",
    ],
    &[
        "two",
        "zwei",
        "dos",
        "dois",
        "duas",
        "deux",
        "due",
        "twee",
        "два",
        "две",
        "dwa",
        "iki",
        "اثنان",
        "दो",
        "二",
        "两",
        "ふたつ",
    ],
    &["three", "drei", "tres", "três", "trois", "tre", "drie", "три", "trzy", "üç", "ثلاثة", "तीन", "三"],
    &["four", "vier", "cuatro", "quatro", "quatre", "quattro", "четыре", "cztery", "dört", "أربعة", "चार", "四"],
    &["five", "fünf", "cinco", "cinq", "cinque", "vijf", "пять", "pięć", "beş", "خمسة", "पांच", "五"],
    &["six", "sechs", "seis", "sei", "zes", "шесть", "sześć", "altı", "ستة", "छह", "六"],
    &["seven", "sieben", "siete", "sete", "sept", "sette", "zeven", "семь", "siedem", "yedi", "سبعة", "सात", "七"],
    &["eight", "acht", "ocho", "oito", "huit", "otto", "восемь", "osiem", "sekiz", "ثمانية", "आठ", "八"],
    &["nine", "neun", "nueve", "nove", "neuf", "negen", "девять", "dziewięć", "dokuz", "تسعة", "नौ", "九"],
    &["ten", "zehn", "diez", "dez", "dix", "dieci", "tien", "десять", "dziesięć", "on", "عشرة", "दस", "十"],
    &["eleven", "elf", "once", "onze", "undici", "одиннадцать", "jedenaście", "onbir"],
    &[
        "twelve",
        "zwölf",
        "doce",
        "doze",
        "douze",
        "dodici",
        "twaalf",
        "двенадцать",
        "dwanaście",
        "oniki",
        "dozen",
        "a dozen",
    ],
];

static FOLDED: LazyLock<Vec<(String, u8)>> =
    LazyLock::new(|| (0u8..).zip(WORDS).flat_map(|(n, words)| words.iter().map(move |w| (fold(w), n))).collect());

/// The number that a folded word stands for.
pub(super) fn word(folded: &str) -> Option<u8> {
    FOLDED.iter().find(|(w, _)| w == folded).map(|(_, n)| *n)
}

/// The one number in a text; nothing when there are several.
pub(super) fn read(text: &str) -> Option<f64> {
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"[-−]?\d{1,3}(?:[ \u{a0}\u{202f}'’]\d{3})+(?:[.,]\d+)?|[-−]?\d+(?:[.,]\d+)*").ok()
    });
    let western = western_digits(text);
    let mut found = NUMBER.as_ref()?.find_iter(&western);
    match (found.next(), found.next()) {
        (Some(only), None) => {
            // “A-4” is a name, not minus four.
            let inside = western[..only.start()].chars().next_back().is_some_and(char::is_alphanumeric);
            let digits = if inside { only.as_str().trim_start_matches(['-', '−']) } else { only.as_str() };
            parse(digits)
        }
        (Some(_), Some(_)) => None,
        (None, _) => {
            let folded = fold(text);
            if let Some(n) = word(&folded) {
                return Some(f64::from(n));
            }
            let mut named = folded.split(' ').filter(|w| w.len() > 2).filter_map(word);
            match (named.next(), named.next()) {
                (Some(n), None) if folded.split(' ').count() <= 4 => Some(f64::from(n)),
                _ => None,
            }
        }
    }
}

/// Digits with separators; the last separator is the decimal one unless it groups thousands.
fn parse(digits: &str) -> Option<f64> {
    let clean: String =
        digits.replace('−', "-").chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-')).collect();
    let last = clean.rfind(['.', ',']);
    let value = match last {
        None => clean,
        Some(at) => {
            let separator = clean.as_bytes()[at];
            let (whole, decimals) = (&clean[..at], &clean[at + 1..]);
            let repeated = whole.bytes().any(|b| b == separator);
            let mixed = whole.bytes().any(|b| matches!(b, b'.' | b',') && b != separator);
            // Nobody writes three decimals in a chat, but many write thousands.
            let groups = repeated || !mixed && decimals.len() == 3 && !whole.trim_start_matches('-').starts_with('0');
            let strip = |part: &str| part.replace(['.', ','], "");
            if groups { format!("{}{decimals}", strip(whole)) } else { format!("{}.{decimals}", strip(whole)) }
        }
    };
    value.parse().ok().filter(|n: &f64| n.is_finite())
}
