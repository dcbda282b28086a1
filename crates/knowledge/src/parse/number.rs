//! Numbers of a spreadsheet as the person sees them: currency, percents, dates, by the cell's number format.

use std::fmt::Write;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The format codes that have a number instead of a text (ECMA-376 part 1, 18.8.30). Dates whose order depends on the
/// computer's country are shown in the one order that cannot be misread.
pub(super) fn builtin(id: u32) -> &'static str {
    match id {
        1 => "0",
        2 => "0.00",
        3 | 37 | 38 => "#,##0",
        4 | 39 | 40 => "#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 | 48 => "0.00E+00",
        14 => "yyyy-mm-dd",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 => "h:mm",
        21 => "h:mm:ss",
        22 => "yyyy-mm-dd h:mm",
        41 | 42 => "#,##0",
        43 | 44 => "#,##0.00",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mm:ss.0",
        _ => "General",
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// Shown as it is.
    Literal(String),
    /// Placeholders of a number: 0 # ? . , and E.
    Digits(String),
    /// A letter of a date, with its length.
    Date(char, usize),
    /// Hours, minutes or seconds in all.
    Elapsed(char),
    HalfDay,
    Percent,
    Text,
}

/// `value` under the format `code`.
pub(super) fn show(value: f64, code: &str, epoch_1904: bool) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let sections = sections(code);
    let (section, value) = match sections.as_slice() {
        [_, negative, ..] if value < 0.0 => (negative, value.abs()),
        [_, _, zero, ..] if value == 0.0 => (zero, value),
        [first, ..] => (first, value),
        [] => return general(value),
    };
    let tokens = tokens(section);
    if tokens.iter().any(|t| matches!(t, Token::Date(..) | Token::Elapsed(_))) {
        return date(value, &tokens, epoch_1904).unwrap_or_else(|| general(value));
    }
    number(value, &tokens).unwrap_or_else(|| general(value))
}

/// As in a cell without any format: no more digits than there are.
pub(super) fn general(value: f64) -> String {
    if value.abs() >= 1e15 || (value != 0.0 && value.abs() < 1e-7) {
        return format!("{value:e}");
    }
    let text = format!("{value:.9}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

fn sections(code: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in code.chars().take(500) {
        if c == ';' && !quoted && !escaped {
            out.push(String::new());
            continue;
        }
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    if out.iter().all(|s| s.trim().is_empty()) { Vec::new() } else { out }
}

fn tokens(section: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let literal = |out: &mut Vec<Token>, text: &str| match out.last_mut() {
        Some(Token::Literal(last)) => last.push_str(text),
        _ => out.push(Token::Literal(text.to_string())),
    };
    let chars: Vec<char> = section.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            '"' => {
                let end = chars[at..].iter().position(|c| *c == '"').map_or(chars.len(), |p| at + p);
                literal(&mut out, &chars[at..end].iter().collect::<String>());
                at = end + 1;
            }
            '\\' | '!' => {
                if let Some(c) = chars.get(at) {
                    literal(&mut out, &c.to_string());
                }
                at += 1;
            }
            // As wide as the next character; filled up with the next character.
            '_' => {
                literal(&mut out, " ");
                at += 1;
            }
            '*' => at += 1,
            '[' => {
                let end = chars[at..].iter().position(|c| *c == ']').map_or(chars.len(), |p| at + p);
                let inside: String = chars[at..end].iter().collect();
                at = end + 1;
                let lower = inside.to_ascii_lowercase();
                if let Some(currency) = inside.strip_prefix('$') {
                    literal(&mut out, currency.split('-').next().unwrap_or_default());
                } else if !lower.is_empty() && ["h", "m", "s"].iter().any(|u| lower.chars().all(|c| u.contains(c))) {
                    out.push(Token::Elapsed(lower.chars().next().unwrap_or('h')));
                }
            }
            '%' => out.push(Token::Percent),
            '@' => out.push(Token::Text),
            '0' | '#' | '?' | '.' | ',' => match out.last_mut() {
                Some(Token::Digits(last)) => last.push(c),
                _ if c == ',' => literal(&mut out, ","),
                // Fractions of a second in a time; else the start of a number.
                _ => out.push(Token::Digits(c.to_string())),
            },
            'E' | 'e' if matches!(chars.get(at), Some('+' | '-')) => out.push(Token::Digits("E".into())),
            'A' | 'a' if chars[at - 1..].iter().take(5).collect::<String>().eq_ignore_ascii_case("AM/PM") => {
                out.push(Token::HalfDay);
                at += 4;
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => {
                let c = c.to_ascii_lowercase();
                match out.last_mut() {
                    Some(Token::Date(last, count)) if *last == c => *count += 1,
                    _ => out.push(Token::Date(c, 1)),
                }
            }
            'G' if section[..].contains("General") => {
                out.push(Token::Digits("General".into()));
                at += 6;
            }
            '/' if matches!(out.last(), Some(Token::Digits(_))) => out.push(Token::Digits("/".into())),
            c => literal(&mut out, &c.to_string()),
        }
    }
    out
}

fn number(value: f64, tokens: &[Token]) -> Option<String> {
    let plan: Vec<&str> =
        tokens.iter().filter_map(|t| if let Token::Digits(d) = t { Some(d.as_str()) } else { None }).collect();
    // Fractions and exponents are rare; plain digits serve.
    if plan.iter().any(|d| *d == "/" || *d == "E") {
        return None;
    }
    let percent = tokens.contains(&Token::Percent);
    let mut shown = value * if percent { 100.0 } else { 1.0 };
    let mut out = String::new();
    let mut placed = false;
    for token in tokens {
        match token {
            Token::Literal(text) => out.push_str(text),
            Token::Percent => out.push('%'),
            Token::Digits(plan) if !placed => {
                placed = true;
                if plan == "General" {
                    out.push_str(&general(shown.abs()));
                    continue;
                }
                let scale = plan.len() - plan.trim_end_matches(',').len();
                shown /= 1000_f64.powi(i32::try_from(scale).unwrap_or(0));
                out.push_str(&digits(shown.abs(), plan.trim_end_matches(',')));
            }
            Token::Text => {
                placed = true;
                out.push_str(&general(shown.abs()));
            }
            _ => {}
        }
    }
    let out = out.trim().to_string();
    // The section for negative numbers brings its own sign.
    Some(if value < 0.0 && placed { format!("-{out}") } else { out })
}

fn digits(value: f64, plan: &str) -> String {
    let (whole, decimals) = plan.split_once('.').unwrap_or((plan, ""));
    let most = decimals.chars().filter(|c| matches!(c, '0' | '#' | '?')).count().min(15);
    let least = decimals.chars().filter(|c| *c == '0').count().min(15);
    let text = format!("{value:.most$}");
    let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut fraction = fraction.to_string();
    while fraction.len() > least && fraction.ends_with('0') {
        fraction.pop();
    }
    let zeros = whole.chars().filter(|c| *c == '0').count().min(20);
    let integer = if integer == "0" && zeros == 0 && !fraction.is_empty() {
        String::new()
    } else {
        format!("{integer:0>zeros$}")
    };
    let mut out = if whole.contains(',') { grouped(&integer) } else { integer };
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(&fraction);
    }
    out
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Days since the civil epoch to year, month and day.
fn civil(days: i64) -> (i64, usize, i64) {
    // Howard Hinnant's algorithm for the proleptic Gregorian calendar.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), usize::try_from(month).unwrap_or(1), doy - (153 * mp + 2) / 5 + 1)
}

fn date(value: f64, tokens: &[Token], epoch_1904: bool) -> Option<String> {
    if !(0.0..2_958_466.0).contains(&value) {
        return None;
    }
    // Whole seconds, rounded as the sheet does.
    let total = (value * 86_400.0).round() as i64;
    let (days, second) = (total.div_euclid(86_400), total.rem_euclid(86_400));
    // The 1900 system counts a 29 February 1900 that never was.
    let serial = if epoch_1904 { days + 1462 } else { days };
    let civil_days = serial - 25_569 + i64::from(serial < 60);
    let (year, month, day) = civil(civil_days);
    let weekday = usize::try_from((civil_days + 4).rem_euclid(7)).unwrap_or(0);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    let half = tokens.contains(&Token::HalfDay);
    let mut out = String::new();
    for (at, token) in tokens.iter().enumerate() {
        // An m is a minute next to hours or seconds, else a month.
        let is_moment = |t: &&Token| matches!(t, Token::Date(..) | Token::Elapsed(_));
        let is_minute = || {
            matches!(tokens[..at].iter().rev().find(is_moment), Some(Token::Date('h', _) | Token::Elapsed('h')))
                || matches!(tokens[at + 1..].iter().find(is_moment), Some(Token::Date('s', _)))
        };
        let written = match token {
            Token::Literal(text) => write!(out, "{text}"),
            Token::Date('y', n) if *n <= 2 => write!(out, "{:02}", year.rem_euclid(100)),
            Token::Date('y', _) => write!(out, "{year}"),
            Token::Date('m', n) if *n <= 2 && is_minute() => write!(out, "{minute:0n$}"),
            Token::Date('m', n) if *n <= 2 => write!(out, "{month:0n$}"),
            Token::Date('m', 3) => write!(out, "{}", MONTHS.get(month - 1)?.get(..3)?),
            Token::Date('m', _) => write!(out, "{}", MONTHS.get(month - 1)?),
            Token::Date('d', n) if *n <= 2 => write!(out, "{day:0n$}"),
            Token::Date('d', 3) => write!(out, "{}", DAYS.get(weekday)?.get(..3)?),
            Token::Date('d', _) => write!(out, "{}", DAYS.get(weekday)?),
            Token::Date('h', n) => {
                let shown = if half { (hour + 11) % 12 + 1 } else { hour };
                write!(out, "{shown:0n$}", n = (*n).min(2))
            }
            Token::Date('s', n) => write!(out, "{:0n$}", second % 60, n = (*n).min(2)),
            Token::Elapsed('h') => write!(out, "{}", total / 3600),
            Token::Elapsed('m') => write!(out, "{}", total / 60),
            Token::Elapsed(_) => write!(out, "{total}"),
            Token::HalfDay => write!(out, "{}", if hour < 12 { "AM" } else { "PM" }),
            // Fractions of a second are noise.
            _ => Ok(()),
        };
        written.ok()?;
    }
    Some(out.trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_reads_as_it_is_shown_on_the_screen() {
        for (value, code, expected) in [
            (6849.0, "\"R\" #,##0.00", "R 6,849.00"),
            (97.5, "\"R\" #,##0.00", "R 97.50"),
            (0.15, "0%", "15%"),
            (0.155, "0.0%", "15.5%"),
            (46129.0, "yyyy-mm-dd", "2026-04-17"),
            (0.395_833_333_3, "h:mm:ss", "9:30:00"),
            (0.75, "h:mm AM/PM", "6:00 PM"),
            (46129.75, "d mmmm yyyy hh:mm", "17 April 2026 18:00"),
            (46129.0, "dddd, d mmm yy", "Friday, 17 Apr 26"),
            (1.5, "[h]:mm", "36:00"),
            (1234.5, "General", "1234.5"),
            (0.1 + 0.2, "General", "0.3"),
            (-5.0, "0.00", "-5.00"),
            (-5.0, "0.00;(0.00)", "(5.00)"),
            (-1234.0, "[$€-407] #,##0.00;[Red]-[$€-407] #,##0.00", "-€ 1,234.00"),
            (12.0, "_-\"£\"* #,##0.00_-", "£12.00"),
            (1_234_567.0, "#,##0,", "1,235"),
            (0.5, "#.##", ".5"),
            (7.0, "000", "007"),
            (3.0, "0 \"pcs\"", "3 pcs"),
            (0.0, "0;-0;\"free\"", "free"),
            (1.0, "yyyy", "1900"),
            (61.0, "yyyy-mm-dd", "1900-03-01"),
            (5.0, "# ?/?", "5"),
            (5.0, "", "5"),
            (12.0, "[$R-1C09] #,##0", "R 12"),
        ] {
            assert_eq!(show(value, code, false), expected, "{value} under {code}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_format_makes_it_panic(value in proptest::num::f64::ANY, code in ".{0,40}", epoch in proptest::bool::ANY) {
            let _ = show(value, &code, epoch);
        }
        #[test]
        fn nor_one_made_of_its_own_signs(value in -1e9_f64..1e9, code in "[0#?.,;%@EyYmMdhsAPG\\[\\]\"$_*/ -]{0,30}") {
            let _ = show(value, &code, false);
        }
    }
}
