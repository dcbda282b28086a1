//! Measuring and cutting text where a reader would, and cleaning names that strangers chose.

use unicode_segmentation::UnicodeSegmentation;

/// Length in UTF-16 units, the strictest of the ways in which providers count: what fits by it fits by code points too.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The longest beginning that fits and does not cut a visible character in two. A single character that is longer than
/// the limit by itself (stacked marks) is cut between code points.
fn prefix(text: &str, limit: usize) -> &str {
    let (mut used, mut end) = (0, 0);
    for grapheme in text.graphemes(true) {
        let more = length(grapheme);
        if used + more > limit {
            break;
        }
        used += more;
        end += grapheme.len();
    }
    if end == 0 {
        for c in text.chars() {
            if used + c.len_utf16() > limit {
                break;
            }
            used += c.len_utf16();
            end += c.len_utf8();
        }
    }
    &text[..end]
}

/// `text` when it fits, else its beginning with an ellipsis.
pub fn truncate(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    match limit {
        0 => String::new(),
        _ => format!("{}…", prefix(text, limit - 1).trim_end()),
    }
}

/// Splits into at most `most` parts that each fit, at paragraphs, lines, sentences or words where there are any. What
/// would need more parts is cut with an ellipsis. Blank text gives no part.
pub fn split(text: &str, limit: usize, most: usize) -> Vec<String> {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() && parts.len() < most && limit > 0 {
        if length_within(rest, limit) {
            parts.push(rest.to_owned());
            break;
        }
        if parts.len() + 1 == most {
            // The last one allowed holds what it can.
            parts.push(format!("{}…", prefix(rest, limit - 1).trim_end()));
            break;
        }
        let window = prefix(rest, limit);
        if window.is_empty() {
            break;
        }
        let end = break_point(window);
        let part = window[..end].trim_end();
        if !part.is_empty() {
            parts.push(part.to_owned());
        }
        rest = rest[end..].trim_start();
    }
    parts
}

/// As `length(text) <= limit`, without walking through all of a long text.
fn length_within(text: &str, limit: usize) -> bool {
    text.encode_utf16().nth(limit).is_none()
}

/// Where to break inside `window`, as a byte offset greater than 0; a break in the first third would leave a stub.
fn break_point(window: &str) -> usize {
    let least = window.len() / 3;
    let after = |pattern: &str| window.rfind(pattern).map(|at| at + pattern.len()).filter(|end| *end > least);
    after("\n\n")
        .or_else(|| after("\n"))
        .or_else(|| [". ", "! ", "? ", "。", "！", "？", "؟ ", "। "].into_iter().filter_map(after).max())
        .or_else(|| after(" "))
        .unwrap_or(window.len())
}

/// Characters that change the direction of what surrounds them or hide in it, with which a name can pretend to be
/// another (`exe.gpj` shown as `jpg.exe`).
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// One line without control and direction characters, at most `limit` long; empty when nothing is left.
pub fn clean_line(text: &str, limit: usize) -> String {
    // Bounded before it is walked: a name may be megabytes long.
    let beginning = prefix(text, limit.saturating_mul(4));
    let spaced: String = beginning.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let kept: String = spaced.chars().filter(|c| !is_deceptive(*c)).collect();
    truncate(&kept.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" "), limit)
}

/// Text of a message without characters that no keyboard makes; line breaks and tabs stay.
pub fn clean_text(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

const FILENAME_LIMIT: usize = 120;

/// A file name fit for every system's disk: no path parts, control, direction or reserved characters, no device names.
/// Nothing when nothing is left.
pub fn clean_filename(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Not cut yet: the extension is at the end.
    let line = clean_line(last, usize::MAX);
    let safe: String =
        line.chars().map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c }).collect();
    let trimmed = safe.trim_matches(['.', ' ']);
    if trimmed.is_empty() {
        return None;
    }
    let (stem, extension) = match trimmed.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 12 => (stem, Some(extension)),
        _ => (trimmed, None),
    };
    let device = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let reserved = matches!(device.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (device.len() == 4
            && (device.starts_with("COM") || device.starts_with("LPT"))
            && device.ends_with(|c: char| c.is_ascii_digit()));
    let stem = prefix(stem, FILENAME_LIMIT).trim_end_matches(['.', ' ']);
    let underscore = if reserved { "_" } else { "" };
    Some(match extension {
        Some(extension) => format!("{underscore}{stem}.{extension}"),
        None => format!("{underscore}{stem}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_from_strangers_cannot_leave_the_folder_or_pretend() {
        for (given, kept) in [
            ("../Quote 7.pdf", Some("Quote 7.pdf")),
            ("..\\..\\windows\\system32\\evil.dll", Some("evil.dll")),
            ("C:\\x\\CON", Some("_CON")),
            ("com1.txt", Some("_com1.txt")),
            ("invoice\u{202E}fdp.exe", Some("invoicefdp.exe")),
            ("a\0b\n c.txt", Some("ab c.txt")),
            ("what?*.pdf", Some("what__.pdf")),
            (".htaccess", Some("htaccess")),
            ("..", None),
            ("a/", None),
            ("", None),
            ("quote. . .", Some("quote")),
            ("प्राइस सूची.pdf", Some("प्राइस सूची.pdf")),
        ] {
            assert_eq!(clean_filename(given).as_deref(), kept, "{given:?}");
        }
        let long = clean_filename(&format!("{}.pdf", "x".repeat(5000))).unwrap();
        assert!(long.len() <= 130 && long.ends_with(".pdf"), "{long}");
    }

    #[test]
    fn cutting_never_splits_a_family_or_a_flag() {
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(truncate(&format!("ab{family}"), 6), "ab…");
        assert_eq!(truncate("🇿🇦🇿🇦", 5), "🇿🇦…");
        assert_eq!(truncate("short", 5), "short");
        assert_eq!(truncate("shorts", 5), "shor…");
        assert_eq!(truncate("x", 0), "");
    }

    #[test]
    fn long_answers_break_at_paragraphs_then_sentences_then_words() {
        assert_eq!(split("one two\n\nthree four", 12, 9), ["one two", "three four"]);
        assert_eq!(split("It is open. It is far away.", 16, 9), ["It is open.", "It is far away."]);
        assert_eq!(split("alpha beta gamma", 11, 9), ["alpha beta", "gamma"]);
        assert_eq!(split("aaaaaaaaaa", 4, 9), ["aaaa", "aaaa", "aa"]);
        assert_eq!(split("aaaaaaaaaa", 4, 2), ["aaaa", "aaa…"]);
        assert!(split("  \n ", 4, 2).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn parts_fit_and_lose_nothing_but_spaces(text in "(?s).{0,300}", limit in 2usize..40) {
            let parts = split(&text, limit, 1000);
            for part in &parts {
                proptest::prop_assert!(length(part) <= limit);
            }
            let squeeze = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            proptest::prop_assert_eq!(squeeze(&parts.concat()), squeeze(&text));
        }

        #[test]
        fn cleaning_any_name_never_panics_and_leaves_no_separator(name in "(?s).{0,80}") {
            if let Some(clean) = clean_filename(&name) {
                proptest::prop_assert!(!clean.contains(['/', '\\', '\0', ':']));
                proptest::prop_assert!(!clean.ends_with(['.', ' ']));
            }
        }

        #[test]
        fn truncated_text_fits(text in "(?s).{0,80}", limit in 0usize..30) {
            proptest::prop_assert!(length(&truncate(&text, limit)) <= limit);
        }
    }
}
