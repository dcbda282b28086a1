//! What a customer means by a reply, in the customer's own way of writing.

mod dates;
mod numbers;
pub(crate) mod phone;
mod times;

use std::sync::LazyLock;

use base::Time;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::words;

/// Longest reply that is searched for a number, a date and so on, in bytes.
const MAX_TYPED_BYTES: usize = 500;

/// What a question expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// Any words.
    #[default]
    Text,
    /// Stored as a number.
    Number,
    Email,
    /// Stored without spaces and signs.
    Phone,
    /// Stored with `https://`.
    Url,
    /// Stored as `2026-03-01`.
    Date,
    /// Stored as `15:30`.
    Time,
    /// Stored as true or false.
    YesNo,
}

/// What a reply is read against.
pub(crate) struct Reader {
    today: Date,
    month_first: bool,
}

impl Reader {
    /// `language` and `timezone` may be unknown; then UTC and day before month.
    pub(crate) fn new(at: Time, timezone: &str, language: Option<&str>) -> Self {
        let zone = if timezone.is_empty() { TimeZone::UTC } else { TimeZone::get(timezone).unwrap_or(TimeZone::UTC) };
        let language = language.unwrap_or_default().to_ascii_lowercase();
        let month_first = language == "en-us"
            || language.starts_with("en") && language != "en-gb" && timezone.starts_with("America/");
        Self { today: at.to_jiff().to_zoned(zone).date(), month_first }
    }

    /// The value to store, or nothing when the reply does not hold exactly one.
    pub(crate) fn read(&self, kind: AnswerKind, text: &str) -> Option<Value> {
        let text = text.trim();
        if text.is_empty() || kind != AnswerKind::Text && text.len() > MAX_TYPED_BYTES {
            return None;
        }
        match kind {
            AnswerKind::Text => Some(json!(text)),
            AnswerKind::Number => numbers::read(text).map(number),
            AnswerKind::Email => email(text).map(Value::from),
            AnswerKind::Phone => phone::read(text).map(Value::from),
            AnswerKind::Url => address(text).map(Value::from),
            AnswerKind::Date => dates::read(text, self.today, self.month_first).map(|d| json!(d.to_string())),
            AnswerKind::Time => times::read(text).map(|(hour, minute)| json!(format!("{hour:02}:{minute:02}"))),
            AnswerKind::YesNo => match (words::is_yes(text), words::is_no(text)) {
                (true, _) => Some(json!(true)),
                (_, true) => Some(json!(false)),
                _ => None,
            },
        }
    }
}

/// Reads one value out of a text, as the questions of a flow do; nothing when the text does not hold exactly one.
pub fn read_value(kind: AnswerKind, text: &str, at: Time, timezone: &str, language: Option<&str>) -> Option<Value> {
    Reader::new(at, timezone, language).read(kind, text)
}

/// Whole numbers are stored as such.
fn number(value: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "only used when it is exact")]
    let whole = value as i64;
    #[expect(clippy::cast_precision_loss, reason = "compared to see whether it was exact")]
    if whole as f64 == value && value.abs() < 9e15 { json!(whole) } else { json!(value) }
}

fn email(text: &str) -> Option<String> {
    static EMAIL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"[^\s@<>(),;:\[\]]{1,64}@[^\s@<>(),;:\[\]]{1,200}\.[\p{L}\d-]{2,}").ok());
    let found = EMAIL.as_ref()?.find(text)?.as_str();
    let (name, domain) = found.rsplit_once('@')?;
    (!domain.contains("..")).then(|| format!("{name}@{}", domain.to_lowercase()))
}

fn address(text: &str) -> Option<String> {
    text.split_whitespace().find_map(|word| {
        let word =
            word.trim_matches(|c: char| matches!(c, ',' | ';' | '(' | ')' | '<' | '>' | '"')).trim_end_matches('.');
        let lower = word.to_ascii_lowercase();
        let whole = if lower.starts_with("http://") || lower.starts_with("https://") {
            word.to_owned()
        } else if word.contains("://") || word.contains('@') {
            return None;
        } else {
            format!("https://{word}")
        };
        let url = url::Url::parse(&whole).ok()?;
        let domain = url.domain()?;
        let end = domain.rsplit('.').next()?;
        (domain.contains('.') && end.len() >= 2 && end.chars().any(char::is_alphabetic)).then(|| url.to_string())
    })
}

/// Digits of other scripts as the ones we calculate with.
pub(crate) fn western_digits(text: &str) -> String {
    const ZEROES: [char; 8] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{be6}', '\u{e50}', '\u{ff10}'];
    text.chars()
        .map(|c| {
            let digit = |zero: &char| (c as u32).checked_sub(*zero as u32).filter(|d| *d < 10);
            ZEROES.iter().find_map(digit).and_then(|d| char::from_digit(d, 10)).unwrap_or(c)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Wednesday, 4 March 2026, 23:30 in UTC and Thursday in Tokyo.
    const AT: Time = Time(1_772_667_000_000);

    fn read(kind: AnswerKind, text: &str) -> Option<Value> {
        Reader::new(AT, "UTC", None).read(kind, text)
    }

    #[test]
    fn replies_are_understood_as_people_write_them() {
        use AnswerKind::{Date, Email, Number, Phone, Text, Time, Url, YesNo};
        for (kind, text, expected) in [
            (Text, "  Ana  ", json!("Ana")),
            (Number, "2,5", json!(2.5)),
            (Number, "two", json!(2)),
            (Number, "I need 12 please", json!(12)),
            (Number, "1.234,56 €", json!(1234.56)),
            (Number, "1,234.5", json!(1234.5)),
            (Number, "1 000 000", json!(1_000_000)),
            (Number, "٣", json!(3)),
            (Number, "-4", json!(-4)),
            (Number, "0.125", json!(0.125)),
            (Number, "fünf", json!(5)),
            (Number, "1'000", json!(1000)),
            (Number, "dos", json!(2)),
            (Number, "10 000,5", json!(10000.5)),
            (Email, "my mail is Ana.B@Example.COM, thanks", json!("Ana.B@example.com")),
            (Phone, "+49 (30) 12 34-56", json!("+49301234 56".replace(' ', ""))),
            (Phone, "0049 30 123456", json!("+4930123456")),
            (Phone, "call me: 030 1234567", json!("0301234567")),
            (Phone, "٠٥٠١٢٣٤٥٦٧", json!("0501234567")),
            (Url, "see example.com/a.", json!("https://example.com/a")),
            (Url, "http://Shop.example", json!("http://shop.example/")),
            (Date, "tomorrow", json!("2026-03-05")),
            (Date, "Today please", json!("2026-03-04")),
            (Date, "12/3", json!("2026-03-12")),
            (Date, "next friday", json!("2026-03-06")),
            (Date, "Wednesday", json!("2026-03-11")),
            (Date, "2026-12-24", json!("2026-12-24")),
            (Date, "1.2.", json!("2027-02-01")),
            (Date, "3/25/2026", json!("2026-03-25")),
            (Date, "3 march", json!("2027-03-03")),
            (Date, "March 5th", json!("2026-03-05")),
            (Date, "24. Dezember", json!("2026-12-24")),
            (Date, "5 de mayo de 2027", json!("2027-05-05")),
            (Date, "morgen", json!("2026-03-05")),
            (Date, "amanhã", json!("2026-03-05")),
            (Date, "pasado mañana", json!("2026-03-06")),
            (Date, "in 3 days", json!("2026-03-07")),
            (Date, "in two weeks", json!("2026-03-18")),
            (Date, "12.3.26", json!("2026-03-12")),
            (Date, "on friday", json!("2026-03-06")),
            (Date, "завтра", json!("2026-03-05")),
            (Date, "غدا", json!("2026-03-05")),
            (Time, "15h30", json!("15:30")),
            (Time, "half past 3", json!("03:30")),
            (Time, "3pm", json!("15:00")),
            (Time, "3:15 p.m.", json!("15:15")),
            (Time, "halb vier", json!("03:30")),
            (Time, "quarter to four", json!("03:45")),
            (Time, "um 15 Uhr", json!("15:00")),
            (Time, "noon", json!("12:00")),
            (Time, "12 am", json!("00:00")),
            (Time, "9.45", json!("09:45")),
            (Time, "at 9 o'clock", json!("09:00")),
            (Time, "18", json!("18:00")),
            (Time, "às 15h", json!("15:00")),
            (YesNo, "Sure!", json!(true)),
            (YesNo, "não", json!(false)),
        ] {
            assert_eq!(read(kind, text), Some(expected), "{kind:?} {text}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_made_up() {
        use AnswerKind::{Date, Email, Number, Phone, Text, Time, Url, YesNo};
        for (kind, text) in [
            (Text, "  "),
            (Number, "many"),
            (Number, "2 or 3"),
            (Number, ""),
            (Email, "ana@"),
            (Email, "ana at example"),
            (Phone, "123"),
            (Phone, "12345678901234567890"),
            (Url, "hello"),
            (Url, "ftp://example.com"),
            (Url, "1.5"),
            (Date, "31/2"),
            (Date, "soon"),
            (Date, "45/45"),
            (Date, "2026-13-01"),
            (Date, "market"),
            (Time, "25:00"),
            (Time, "later"),
            (Time, "13 pm"),
            (YesNo, "maybe"),
            (YesNo, "yes and no"),
        ] {
            assert_eq!(read(kind, text), None, "{kind:?} {text}");
        }
    }

    #[test]
    fn days_count_where_the_business_is_and_months_as_the_customer_writes() {
        let read = |zone: &str, language: Option<&str>, text: &str| {
            Reader::new(AT, zone, language).read(AnswerKind::Date, text)
        };
        assert_eq!(read("Asia/Tokyo", None, "today"), Some(json!("2026-03-05")));
        assert_eq!(read("America/New_York", Some("en"), "12/3"), Some(json!("2026-12-03")));
        assert_eq!(read("Europe/London", Some("en"), "12/3"), Some(json!("2026-03-12")));
        assert_eq!(read("Nowhere/City", None, "today"), Some(json!("2026-03-04")));
    }

    proptest! {
        #[test]
        fn no_reply_makes_reading_panic(text in "\\PC{0,80}", near in "[0-9./:, hpamtn+-]{0,30}", at in any::<i64>()) {
            use AnswerKind::{Date, Email, Number, Phone, Text, Time as Clock, Url, YesNo};
            let reader = Reader::new(Time(at), "Europe/Berlin", None);
            for kind in [Text, Number, Email, Phone, Url, Date, Clock, YesNo] {
                let _ = (reader.read(kind, &text), reader.read(kind, &near));
            }
        }
    }
}
