//! Days as people write them, seen from today.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

use super::{numbers, western_digits};
use crate::words::fold;

/// Days from today, longest phrases first.
const RELATIVE: &[(i32, &[&str])] = &[
    (
        2,
        &[
            "day after tomorrow",
            "übermorgen",
            "pasado mañana",
            "depois de amanhã",
            "après-demain",
            "dopodomani",
            "overmorgen",
            "послезавтра",
            "pojutrze",
            "بعد غد",
            "后天",
            "明後日",
            "あさって",
            "모레",
        ],
    ),
    (
        0,
        &[
            "today",
            "heute",
            "hoy",
            "hoje",
            "aujourd'hui",
            "oggi",
            "vandaag",
            "сегодня",
            "dzisiaj",
            "dziś",
            "bugün",
            "اليوم",
            "היום",
            "आज",
            "hari ini",
            "今天",
            "今日",
            "오늘",
        ],
    ),
    (
        1,
        &[
            "tomorrow",
            "tmrw",
            "tomorow",
            "morgen",
            "mañana",
            "amanhã",
            "demain",
            "domani",
            "завтра",
            "jutro",
            "yarın",
            "غدا",
            "غداً",
            "מחר",
            "कल",
            "besok",
            "明天",
            "明日",
            "내일",
        ],
    ),
    (
        -1,
        &[
            "yesterday",
            "gestern",
            "ayer",
            "ontem",
            "hier",
            "ieri",
            "gisteren",
            "вчера",
            "wczoraj",
            "dün",
            "أمس",
            "אתמול",
            "昨天",
            "昨日",
            "어제",
        ],
    ),
];

const WEEKDAYS: &[(Weekday, &[&str])] = &[
    (
        Weekday::Monday,
        &[
            "monday",
            "mon",
            "montag",
            "lunes",
            "segunda",
            "segunda-feira",
            "lundi",
            "lunedì",
            "maandag",
            "понедельник",
            "poniedziałek",
            "pazartesi",
            "الاثنين",
            "सोमवार",
            "星期一",
            "周一",
            "月曜日",
            "월요일",
        ],
    ),
    (
        Weekday::Tuesday,
        &[
            "tuesday",
            "tue",
            "tues",
            "dienstag",
            "martes",
            "terça",
            "terça-feira",
            "mardi",
            "martedì",
            "dinsdag",
            "вторник",
            "wtorek",
            "salı",
            "الثلاثاء",
            "मंगलवार",
            "星期二",
            "周二",
            "火曜日",
            "화요일",
        ],
    ),
    (
        Weekday::Wednesday,
        &[
            "wednesday",
            "wed",
            "mittwoch",
            "miércoles",
            "quarta",
            "quarta-feira",
            "mercredi",
            "mercoledì",
            "woensdag",
            "среда",
            "среду",
            "środa",
            "środę",
            "çarşamba",
            "الأربعاء",
            "बुधवार",
            "星期三",
            "周三",
            "水曜日",
            "수요일",
        ],
    ),
    (
        Weekday::Thursday,
        &[
            "thursday",
            "thu",
            "thurs",
            "donnerstag",
            "jueves",
            "quinta",
            "quinta-feira",
            "jeudi",
            "giovedì",
            "donderdag",
            "четверг",
            "czwartek",
            "perşembe",
            "الخميس",
            "गुरुवार",
            "星期四",
            "周四",
            "木曜日",
            "목요일",
        ],
    ),
    (
        Weekday::Friday,
        &[
            "friday",
            "fri",
            "freitag",
            "viernes",
            "sexta",
            "sexta-feira",
            "vendredi",
            "venerdì",
            "vrijdag",
            "пятница",
            "пятницу",
            "piątek",
            "cuma",
            "الجمعة",
            "शुक्रवार",
            "星期五",
            "周五",
            "金曜日",
            "금요일",
        ],
    ),
    (
        Weekday::Saturday,
        &[
            "saturday",
            "sat",
            "samstag",
            "sonnabend",
            "sábado",
            "samedi",
            "sabato",
            "zaterdag",
            "суббота",
            "субботу",
            "sobota",
            "sobotę",
            "cumartesi",
            "السبت",
            "शनिवार",
            "星期六",
            "周六",
            "土曜日",
            "토요일",
        ],
    ),
    (
        Weekday::Sunday,
        &[
            "sunday",
            "sun",
            "sonntag",
            "domingo",
            "dimanche",
            "domenica",
            "zondag",
            "воскресенье",
            "niedziela",
            "niedzielę",
            "pazar",
            "الأحد",
            "रविवार",
            "星期日",
            "周日",
            "日曜日",
            "일요일",
        ],
    ),
];

const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "januar", "enero", "janeiro", "janvier", "gennaio", "januari", "января", "stycznia", "ocak"],
    &[
        "february",
        "feb",
        "februar",
        "febrero",
        "fevereiro",
        "février",
        "febbraio",
        "februari",
        "февраля",
        "lutego",
        "şubat",
    ],
    &["march", "mar", "märz", "marzo", "março", "mars", "maart", "марта", "marca", "mart"],
    &["april", "apr", "abril", "avril", "aprile", "апреля", "kwietnia", "nisan"],
    &["may", "mai", "mayo", "maio", "maggio", "mei", "мая", "maja", "mayıs"],
    &["june", "jun", "juni", "junio", "junho", "juin", "giugno", "июня", "czerwca", "haziran"],
    &["july", "jul", "juli", "julio", "julho", "juillet", "luglio", "июля", "lipca", "temmuz"],
    &["august", "aug", "agosto", "août", "augustus", "августа", "sierpnia", "ağustos"],
    &["september", "sep", "sept", "septiembre", "setembro", "septembre", "settembre", "сентября", "września", "eylül"],
    &[
        "october",
        "oct",
        "oktober",
        "okt",
        "octubre",
        "outubro",
        "octobre",
        "ottobre",
        "октября",
        "października",
        "ekim",
    ],
    &["november", "nov", "noviembre", "novembro", "novembre", "ноября", "listopada", "kasım"],
    &[
        "december",
        "dec",
        "dezember",
        "dez",
        "diciembre",
        "dezembro",
        "décembre",
        "dicembre",
        "декабря",
        "grudnia",
        "aralık",
    ],
];

struct Folded {
    relative: Vec<(String, i32)>,
    weekdays: Vec<(String, Weekday)>,
    months: Vec<(String, i8)>,
}

static FOLDED: LazyLock<Folded> = LazyLock::new(|| Folded {
    relative: RELATIVE.iter().flat_map(|(days, words)| words.iter().map(|w| (fold(w), *days))).collect(),
    weekdays: WEEKDAYS.iter().flat_map(|(day, words)| words.iter().map(|w| (fold(w), *day))).collect(),
    months: (1i8..).zip(MONTHS).flat_map(|(month, words)| words.iter().map(move |w| (fold(w), month))).collect(),
});

/// The day that a text names. A weekday or a date without a year is the next one to come.
pub(super) fn read(text: &str, today: Date, month_first: bool) -> Option<Date> {
    let western = western_digits(text);
    if western.bytes().any(|b| b.is_ascii_digit()) {
        return in_digits(&western, today, month_first);
    }
    let folded = fold(text);
    let padded = format!(" {folded} ");
    let has = |phrase: &str| padded.contains(&format!(" {phrase} ")) || folded == phrase;
    if let Some((_, days)) = FOLDED.relative.iter().find(|(phrase, _)| has(phrase)) {
        return today.checked_add(days.days()).ok();
    }
    if let Some((_, day)) = FOLDED.weekdays.iter().find(|(word, _)| has(word)) {
        // Nobody names today by its weekday.
        return today.nth_weekday(1, *day).ok();
    }
    counted(&folded, today)
}

/// “in 3 days”, “in two weeks”, “in einer Woche”.
fn counted(folded: &str, today: Date) -> Option<Date> {
    let words: Vec<&str> = folded.split(' ').take(20).collect();
    let (count, unit) = words.windows(2).find_map(|pair| {
        let count: i32 = pair[0].parse().ok().or_else(|| numbers::word(pair[0]).map(i32::from))?;
        let unit = match pair[1] {
            "day" | "days" | "tag" | "tagen" | "dia" | "dias" | "jour" | "jours" | "giorno" | "giorni" | "dagen"
            | "дня" | "дней" => 1,
            "week" | "weeks" | "woche" | "wochen" | "semana" | "semanas" | "semaine" | "semaines" | "settimana"
            | "settimane" | "weken" | "неделю" | "недели" => 7,
            _ => return None,
        };
        Some((count, unit))
    })?;
    (0..=1000).contains(&count).then(|| today.checked_add((count * unit).days()).ok()).flatten()
}

fn in_digits(text: &str, today: Date, month_first: bool) -> Option<Date> {
    static ISO: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\b(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?:\D|$)").ok());
    static NUMERIC: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^\d./-])(\d{1,2})\s?[./-]\s?(\d{1,2})(?:\s?[./-]\s?(\d{4}|\d{2}))?\.?(?:[^\d]|$)").ok()
    });
    let number = |found: &Captures<'_>, i: usize| found.get(i).and_then(|m| m.as_str().parse::<i16>().ok());
    if let Some(found) = ISO.as_ref()?.captures(text) {
        return day(number(&found, 1)?, number(&found, 2)?, number(&found, 3)?);
    }
    if let Some(found) = NUMERIC.as_ref()?.captures(text) {
        let (first, second) = (number(&found, 1)?, number(&found, 2)?);
        let (d, m) = if (month_first && first <= 12) || second > 12 { (second, first) } else { (first, second) };
        return match number(&found, 3) {
            Some(year) => day(if year < 100 { 2000 + year } else { year }, m, d),
            None => coming(m, d, today),
        };
    }
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').take(20).collect();
    let month = words.iter().find_map(|w| FOLDED.months.iter().find(|(name, _)| name == w).map(|(_, m)| i16::from(*m)));
    let Some(month) = month else { return counted(&folded, today) };
    let plain = |w: &&str| {
        let digits: String = w.chars().take_while(char::is_ascii_digit).collect();
        let ending = &w[digits.len()..];
        matches!(ending, "" | "st" | "nd" | "rd" | "th" | "er" | "º" | "o")
            .then(|| digits.parse::<i16>().ok())
            .flatten()
    };
    let numbers: Vec<i16> = words.iter().filter_map(plain).collect();
    match numbers[..] {
        [d] if d <= 31 => coming(month, d, today),
        [d, year] if d <= 31 && year >= 1000 => day(year, month, d),
        _ => None,
    }
}

fn day(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The next such day, today included. 29 February may be up to eight years away.
fn coming(month: i16, d: i16, today: Date) -> Option<Date> {
    (0..=8).filter_map(|years| day(today.year().checked_add(years)?, month, d)).find(|date| *date >= today)
}
