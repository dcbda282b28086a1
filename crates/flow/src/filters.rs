//! The filters of expressions: money, date, phone, and the harmless ones of the template language.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, filters, tests};

/// Longest text that a filter makes from a list, in bytes.
const MAX_JOINED_BYTES: usize = 8 * 1024;

pub(crate) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("title", filters::title);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("length", filters::length);
    environment.add_filter("abs", filters::abs);
    environment.add_filter("int", filters::int);
    environment.add_filter("float", filters::float);
    environment.add_filter("round", filters::round);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("tojson", filters::tojson);
    environment.add_filter("urlencode", filters::urlencode);
    environment.add_filter("default", default);
    environment.add_filter("join", join);
    environment.add_filter("money", money);
    environment.add_filter("date", date);
    environment.add_filter("phone", phone);
    environment.add_filter("times", times);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment.add_test("number", tests::is_number);
    environment.add_test("string", tests::is_string);
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// The value, or the other one when there is none or it is empty: what an owner means by “default”.
fn default(value: &Value, other: Option<Value>) -> Value {
    let empty = value.is_undefined() || value.is_none() || value.as_str().is_some_and(|s| s.trim().is_empty());
    if empty { other.unwrap_or_else(|| Value::from("")) } else { value.clone() }
}

fn join(value: &Value, between: Option<String>) -> Result<String, Error> {
    let between = between.unwrap_or_else(|| ", ".into());
    let mut text = String::new();
    for item in value.try_iter()? {
        if !text.is_empty() {
            text.push_str(&between);
        }
        text.push_str(&item.to_string());
        if text.len() > MAX_JOINED_BYTES {
            return Err(wrong("the joined text is longer than 8 KB"));
        }
    }
    Ok(text)
}

fn number(value: &Value) -> Result<f64, Error> {
    let number = match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => f64::try_from(value.clone()).ok(),
    };
    number.filter(|n: &f64| n.is_finite()).ok_or_else(|| wrong(format!("“{}” is not a number", brief(value))))
}

fn brief(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}

/// Multiplies numbers and nothing else.
fn times(value: &Value, by: &Value) -> Result<Value, Error> {
    let product = number(value)? * number(by)?;
    // Whole numbers stay whole, so that 2 times 3 is not written 6.0.
    #[expect(clippy::cast_possible_truncation, reason = "only taken when it is exact")]
    let whole = product as i64;
    #[expect(clippy::cast_precision_loss, reason = "compared to see whether it was exact")]
    let exact = whole as f64 == product && product.abs() < 9e15;
    Ok(if exact { Value::from(whole) } else { Value::from(product) })
}

/// A number with two decimals, grouped in threes, and the currency behind it. Takes units, not cents.
pub(crate) fn money(value: &Value, currency: Option<String>) -> Result<String, Error> {
    let amount = number(value)?;
    let currency = currency.unwrap_or_default().to_uppercase();
    // ISO 4217 currencies without a minor unit.
    let decimals =
        usize::from(!matches!(currency.as_str(), "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "UGX" | "XOF" | "XAF")) * 2;
    let fixed = format!("{:.decimals$}", amount.abs());
    let (whole, cents) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let mut text = String::new();
    if amount < 0.0 && fixed.bytes().any(|b| matches!(b, b'1'..=b'9')) {
        text.push('-');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !cents.is_empty() {
        text.push('.');
        text.push_str(cents);
    }
    if !currency.is_empty() {
        text.push(' ');
        text.push_str(&currency);
    }
    Ok(text)
}

/// A date, a time or a moment in milliseconds, written by a `strftime` pattern; moments are shown in UTC or `timezone`.
fn date(value: &Value, pattern: Option<String>, timezone: Option<String>) -> Result<String, Error> {
    let pattern = pattern.unwrap_or_else(|| "%Y-%m-%d".into());
    if pattern.len() > 100 {
        return Err(wrong("the pattern of a date is longer than 100 characters"));
    }
    let zone = timezone.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC);
    let moment = match (value.as_str(), value.as_i64()) {
        (None, Some(ms)) => Timestamp::from_millisecond(ms).ok().map(|t| t.to_zoned(zone)),
        (Some(text), _) => {
            let text = text.trim();
            let civil = || text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from));
            match text.parse::<Timestamp>() {
                Ok(t) => Some(t.to_zoned(zone)),
                Err(_) => civil().and_then(|c| c.to_zoned(TimeZone::UTC).ok()),
            }
        }
        _ => None,
    };
    let moment = moment.ok_or_else(|| wrong(format!("“{}” is not a date", brief(value))))?;
    jiff::fmt::strtime::format(&pattern, &moment).map_err(|_| wrong(format!("“{pattern}” is not a pattern for dates")))
}

/// A phone number without spaces and signs, with `+` in front when it is international.
fn phone(value: &Value) -> String {
    crate::reply::phone::tidy(&value.to_string())
}
