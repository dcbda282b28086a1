//! Phone numbers with spaces, brackets and dashes.

use std::sync::LazyLock;

use regex::Regex;

use super::western_digits;

/// The phone number in a text: 6 to 15 digits (ITU-T E.164), with `+` in front when it says its country.
pub(crate) fn read(text: &str) -> Option<String> {
    static PHONE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\+?\(?\d[\d\s\u{a0}().\-/‑–]{4,40}\d|\+?\d{6,40}").ok());
    let western = western_digits(text);
    let number = tidy(PHONE.as_ref()?.find(&western)?.as_str());
    let digits = number.trim_start_matches('+').len();
    (6..=15).contains(&digits).then_some(number)
}

/// Only the digits, and `+` for an international number.
pub(crate) fn tidy(text: &str) -> String {
    let western = western_digits(text.trim());
    let digits: String = western.chars().filter(char::is_ascii_digit).take(40).collect();
    if western.starts_with('+') {
        format!("+{digits}")
    } else if let Some(rest) = digits.strip_prefix("00").filter(|rest| rest.len() >= 6) {
        format!("+{rest}")
    } else {
        digits
    }
}
