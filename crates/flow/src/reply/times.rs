//! Times of day as people write them.

use std::sync::LazyLock;

use regex::Regex;

use super::{numbers, western_digits};
use crate::words::fold;

/// Hour and minute. Without “am” or “pm” the hour is taken as written.
pub(super) fn read(text: &str) -> Option<(u8, u8)> {
    let western = western_digits(text).to_lowercase();
    spoken(&western).or_else(|| digits(&western))
}

/// “half past 3”, “quarter to four”, “halb vier”, “noon”.
fn spoken(text: &str) -> Option<(u8, u8)> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').take(12).collect();
    for (i, word) in words.iter().enumerate() {
        match *word {
            "noon" | "midday" | "mittag" | "mittags" | "mediodia" | "midi" | "mezzogiorno" | "полдень" => {
                return Some((12, 0));
            }
            "midnight" | "mitternacht" | "medianoche" | "minuit" | "mezzanotte" | "полночь" => {
                return Some((0, 0));
            }
            _ => {}
        }
        let hour = |at: usize| {
            let word = words.get(at)?;
            let hour = word.parse().ok().or_else(|| numbers::word(word))?;
            (hour <= 24).then(|| afternoon(hour % 24, text)).flatten()
        };
        match (*word, words.get(i + 1).copied()) {
            ("half", Some("past")) => return hour(i + 2).map(|h| (h, 30)),
            ("quarter", Some("past" | "after")) => return hour(i + 2).map(|h| (h, 15)),
            ("quarter", Some("to" | "before")) => return hour(i + 2).map(|h| ((h + 23) % 24, 45)),
            ("viertel", Some("nach")) => return hour(i + 2).map(|h| (h, 15)),
            ("viertel", Some("vor")) => return hour(i + 2).map(|h| ((h + 23) % 24, 45)),
            // German and Dutch name the hour that is coming.
            ("halb" | "half", Some(_)) => return hour(i + 1).map(|h| ((h + 23) % 24, 30)),
            _ => {}
        }
    }
    // “nine o'clock”: a number in words, with nothing but small words around it.
    let mut named = words.iter().filter(|w| w.len() > 2 && **w != "uhr").filter_map(|w| numbers::word(w));
    let only = named.next().filter(|_| words.len() <= 4 && named.next().is_none())?;
    (!folded.bytes().any(|b| b.is_ascii_digit())).then(|| afternoon(only, text)).flatten().map(|h| (h, 0))
}

/// The hour on a clock of 24, or nothing when it does not go with “am” or “pm”.
fn afternoon(hour: u8, text: &str) -> Option<u8> {
    static PM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:\d|\s|^)p\.?\s?m\b|in the (?:afternoon|evening)|nachmittag|abends|tarde|noche|noite|soir|pomeriggio|вечера|дня").ok()
    });
    static AM: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?:\d|\s|^)a\.?\s?m\b|in the morning|morgens|утра").ok());
    let is = |pattern: &LazyLock<Option<Regex>>| pattern.as_ref().is_some_and(|p| p.is_match(text));
    match (is(&PM), is(&AM)) {
        (true, _) if hour > 12 => (!text.contains("pm")).then_some(hour),
        (true, _) => Some(hour % 12 + 12),
        (_, true) if hour > 12 => None,
        (_, true) => Some(hour % 12),
        _ => Some(hour),
    }
}

/// “15:30”, “15h30”, “3 pm”, “15 Uhr”, “9”.
fn digits(text: &str) -> Option<(u8, u8)> {
    static TIME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(\d{1,2})(?:\s?(?:[:.h点時시]|uhr|ч)\s?(\d{2})?)?(\d?)").ok());
    let mut found = TIME.as_ref()?.captures_iter(text);
    let first = found.next()?;
    if found.next().is_some() || first.get(3).is_some_and(|more| !more.is_empty()) {
        return None;
    }
    let hour: u8 = first.get(1)?.as_str().parse().ok()?;
    let minute: u8 = first.get(2).map_or(Some(0), |m| m.as_str().parse().ok())?;
    if hour > 24 || minute > 59 || hour == 24 && minute > 0 {
        return None;
    }
    Some((afternoon(hour % 24, text)?, minute))
}
