//! A time as a customer reads it: `Fri 6 Mar, 09:30`.

use jiff::Zoned;

/// A language's short names of the days from Monday on, and of the months.
type Names = (&'static str, [&'static str; 7], [&'static str; 12]);

const NAMES: &[Names] = &[
    (
        "en",
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ),
    (
        "de",
        ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
        ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."],
    ),
    (
        "es",
        ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
        ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
    ),
    (
        "pt",
        ["seg", "ter", "qua", "qui", "sex", "sáb", "dom"],
        ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"],
    ),
    (
        "fr",
        ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
        ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    ),
    (
        "it",
        ["lun", "mar", "mer", "gio", "ven", "sab", "dom"],
        ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
    ),
    (
        "nl",
        ["ma", "di", "wo", "do", "vr", "za", "zo"],
        ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    ),
];

/// In the customer's language where its names are known, else in English; in figures where no Latin letters are read.
pub(super) fn label(at: &Zoned, language: Option<&str>) -> String {
    let code = language.unwrap_or("en").split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let figures = ["ar", "fa", "he", "hi", "ja", "ko", "ru", "th", "uk", "ur", "zh"].contains(&code.as_str());
    if figures {
        return at.strftime("%Y-%m-%d, %H:%M").to_string();
    }
    let (_, days, months) = NAMES.iter().find(|(known, ..)| *known == code).unwrap_or(&NAMES[0]);
    let index = |n: i8| usize::try_from(n).unwrap_or_default();
    let day = days[index(at.weekday().to_monday_zero_offset()).min(6)];
    let month = months[index(at.month() - 1).min(11)];
    // Germans write a full stop behind the day.
    let dot = if code == "de" { "." } else { "" };
    format!("{day} {}{dot} {month}, {}", at.day(), at.strftime("%H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_the_customers_language() {
        let at: Zoned = "2026-03-06T09:05[Europe/Berlin]".parse().unwrap();
        for (language, expected) in [
            (None, "Fri 6 Mar, 09:05"),
            (Some("de-AT"), "Fr 6. März, 09:05"),
            (Some("es"), "vie 6 mar, 09:05"),
            (Some("xx"), "Fri 6 Mar, 09:05"),
            (Some("ja"), "2026-03-06, 09:05"),
        ] {
            assert_eq!(label(&at, language), expected, "{language:?}");
        }
    }
}
