//! Finds where sentences end, in many languages, without being fooled by decimals, times, addresses and abbreviations.

/// Words before a full stop that is not an end, in lower case, without their own last stop.
const ABBREVIATIONS: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "dr",
    "prof",
    "st",
    "jr",
    "sr",
    "vs",
    "no",
    "nr",
    "approx",
    "dept",
    "est",
    "fig",
    "inc",
    "ltd",
    "co",
    "corp",
    "min",
    "max",
    "tel",
    "ext",
    "ave",
    "blvd",
    "rd",
    "e.g",
    "i.e",
    "cf",
    "incl",
    "excl",
    "vol",
    "pp",
    "ed",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sept",
    "sep",
    "oct",
    "nov",
    "dec",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thurs",
    "fri",
    "sat",
    "sun",
    // German
    "bzw",
    "ca",
    "z",
    "z.b",
    "d.h",
    "u.a",
    "usw",
    "evtl",
    "ggf",
    "inkl",
    "exkl",
    "zzgl",
    "str",
    "hr",
    "fr",
    "abs",
    "art",
    "bspw",
    "sog",
    "tgl",
    "std",
    "mo",
    "di",
    "mi",
    "do",
    "sa",
    "so",
    // Spanish, Portuguese, French, Italian
    "sra",
    "srta",
    "dra",
    "ud",
    "uds",
    "av",
    "avda",
    "núm",
    "pág",
    "p.ej",
    "ej",
    "aprox",
    "r",
    "trav",
    "tel",
    "mme",
    "mlle",
    "mm",
    "bd",
    "env",
    "sig",
    "sig.ra",
    "dott",
    "ecc",
    "pag",
    "n",
    "p",
    "pz",
    // Dutch and Afrikaans
    "dhr",
    "mevr",
    "mnr",
    "mev",
    "bv",
    "nl",
    "o.a",
    "m.b.t",
    "bl",
    "ens",
    "d.w.s",
    "bijv",
    "blz",
    "o.m",
    // Indonesian, Malay
    "jl",
    "jln",
    "bpk",
    "sdr",
    "dll",
    "dsb",
    "no",
    // Russian
    "г",
    "ул",
    "д",
    "т.е",
    "т.д",
    "им",
    "руб",
    "коп",
    "тел",
    "стр",
    "мин",
    "ч",
    // Hindi
    "डॉ",
    "श्री",
    "रु",
];

/// After a number and a full stop these go on: "3. Oktober".
const MONTHS: &[&str] = &[
    "januar",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
    "january",
    "february",
    "march",
    "may",
    "june",
    "july",
    "october",
    "december",
];

/// The sentences of a text, trimmed, in order; together they hold everything but the white space between them. A line
/// break ends a sentence.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = at + c.len_utf8();
        let end = match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(after),
            // These need no space behind them.
            '。' | '！' | '？' | '｡' => Some(closers(text, after)),
            '.' | '!' | '?' | '…' | '؟' | '۔' | '।' | '॥' | '።' => {
                let end = closers(text, after);
                ends(text, start, at, c, end).then_some(end)
            }
            _ => None,
        };
        if let Some(end) = end {
            push(&mut out, &text[start..end]);
            start = end;
            while chars.next_if(|(i, _)| *i < end).is_some() {}
        }
    }
    push(&mut out, &text[start..]);
    out
}

fn push<'a>(out: &mut Vec<&'a str>, sentence: &'a str) {
    let sentence = sentence.trim();
    if !sentence.is_empty() {
        out.push(sentence);
    }
}

/// Behind further marks, quotes and brackets that belong to the sentence.
fn closers(text: &str, from: usize) -> usize {
    text[from..]
        .char_indices()
        .find(|(_, c)| {
            !matches!(
                c,
                '.' | '!' | '?' | '…' | '؟' | '"' | '”' | '’' | '\'' | '»' | '›' | ')' | ']' | '」' | '』' | '）'
            )
        })
        .map_or(text.len(), |(i, _)| from + i)
}

/// Whether the mark at `at` ends the sentence that began at `start`.
fn ends(text: &str, start: usize, at: usize, mark: char, end: usize) -> bool {
    let rest = &text[end..];
    let Some(next) = rest.chars().next() else { return true };
    if !next.is_whitespace() {
        // "7.30", "a.b", "example.com" go on; so does everything else without a space.
        return false;
    }
    let following = rest.trim_start();
    let opening =
        following.trim_start_matches(['"', '“', '„', '«', '(', '[', '¿', '¡', '‘', '\'', '-', '–', '•']).chars().next();
    let lower = opening.is_some_and(char::is_lowercase);
    match mark {
        '!' | '?' | '…' => return !lower,
        '.' => {}
        _ => return true,
    }
    if lower {
        return false;
    }
    let before = text[start..at].trim_end_matches('.');
    let word_from = before
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '“' | '„' | '«' | '[' | '/' | '-'))
        .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
    let word = &before[word_from..];
    let mut letters = word.chars();
    // A list's number, an ordinal before a month.
    if !word.is_empty() && word.chars().all(|c| c.is_numeric()) {
        let opens = before[..word_from].trim().is_empty();
        let next_word: String = following.chars().take_while(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
        return !(opens && word.chars().count() <= 3
            || word.chars().count() <= 2 && MONTHS.contains(&next_word.as_str()));
    }
    // "J. Smith", but also the end of "Plan B." when nothing is certain: an initial is the rarer case at an end.
    if let (Some(one), None) = (letters.next(), letters.next())
        && one.is_alphabetic()
        && one.is_uppercase()
    {
        return false;
    }
    let lower_word = word.to_lowercase();
    if matches!(lower_word.as_str(), "a.m" | "p.m" | "etc" | "u.s" | "usw" | "dll" | "ens" | "ecc") {
        return true;
    }
    if matches!(
        lower_word.as_str(),
        "no" | "so"
            | "do"
            | "sun"
            | "sat"
            | "mar"
            | "art"
            | "co"
            | "est"
            | "ed"
            | "max"
            | "min"
            | "n"
            | "p"
            | "di"
            | "mi"
            | "sa"
            | "mo"
            | "fr"
            | "ms"
            | "av"
            | "inc"
            | "ltd"
    ) {
        // Words in their own right: an abbreviation only where a number or a name follows closely.
        let short_name = word.starts_with(char::is_uppercase) && word.len() <= 2;
        return !(short_name || following.starts_with(char::is_numeric));
    }
    !ABBREVIATIONS.contains(&lower_word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        // The bar marks every end.
        for text in [
            "We open at 8.|Come in!|Is it far?|No.",
            "It costs R 1.250,00 today.|Tomorrow 9.50 more.",
            "Open from 7.30 to 16.45 on weekdays.|Closed on Sunday.",
            "Write to info@shop.example or see www.shop.example/a.b?c=1 first.|Then call.",
            "Ask Dr. Smith or Mrs. Jones, e.g. on Monday.|They know.",
            "J. R. Smith founded it.|He was 30.",
            "1. Bring your slip.|2. Wait for your number.",
            "She said \"Go now!\"|He went (slowly.)|Done.",
            "Wait... what is this?|Nothing.",
            "Wir haben z. B. am 3. Oktober zu.|Sonst ist offen.",
            "Das kostet ca. 20 Euro inkl. MwSt.|Danke.",
            "¿Abren hoy?|¡Sí, claro!|Hasta las 20.30 h.",
            "Estamos en la Av. Libertad núm. 5.|Cerca del mar.",
            "O horário é das 9h às 18h.|Aos sábados, até 13h.",
            "نفتح كل يوم.|هل أنتم مفتوحون؟|نعم.",
            "हम खुले हैं।|क्या आप आएंगे?|हाँ।",
            "我们每天营业。|你来吗？|来！",
            "Ons is oop.|Kom kuier by mnr. Botha se winkel.",
            "Buka pukul 08.00 di Jl. Merdeka.|Tutup hari Minggu.",
            "Мы на ул. Ленина, д. 5.|Приходите!",
            "We close at 5 p.m.|Tomorrow we rest.",
            "First line|Second line",
            "Version 2.0 is out.|Get it.",
            "There is no.|Really.",
        ] {
            let joined = if text == "First line|Second line" || text.contains('。') {
                text.replace('|', if text.contains('。') { "" } else { "\n" })
            } else {
                text.replace('|', " ")
            };
            assert_eq!(sentences(&joined), text.split('|').collect::<Vec<_>>(), "{joined}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_letter_is_lost_and_nothing_panics(text in "[a-zA-Z0-9.!?؟。।\"() \n\u{e9}\u{905}]{0,120}") {
            let all: String = sentences(&text).concat().split_whitespace().collect();
            let expected: String = text.split_whitespace().collect();
            proptest::prop_assert_eq!(all, expected);
        }

        #[test]
        fn any_text_is_taken(text in ".{0,200}") {
            let _ = sentences(&text);
        }
    }
}
