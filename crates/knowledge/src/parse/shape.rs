//! What a line is by its looks alone: a heading, a list item, a question, a page number.

use std::sync::LazyLock;

use regex::Regex;

#[expect(clippy::unwrap_used, reason = "the patterns are constants and every one is compiled by the tests")]
fn pattern(p: &str) -> Regex {
    Regex::new(p).unwrap()
}

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\s*(?:\(?\d{1,3}(?:\.\d{1,3})*[.)]|\d{1,3}(?:\.\d{1,3})+|[IVX]{1,5}\.|Q\d{1,3}[.:)])\s+")
});
static MARKER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(?:[•●▪■◦○‣⁃·*–—-]|\(?\d{1,3}[.)]|\(?[a-z][.)]|[☐☑✓✔➢➤►])(?:\s+|$)"));
static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:q|question|frage|pregunta|pergunta|question|domanda|vraag|soal|pertanyaan|سؤال|प्रश्न)\s*\d{0,3}\s*[:.)]\s*",
    )
});
static ANSWER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:a|answer|antwort|respuesta|resposta|réponse|risposta|antwoord|jawab|jawaban|جواب|उत्तर)\s*\d{0,3}\s*[:.)]\s*",
    )
});
static ANSWER_INSIDE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[?؟]\s+(?:A|Answer|Antwort|Respuesta|Resposta|Réponse|Antwoord)\s*[:.]\s*"));
static PAGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:(?:page|seite|página|pagina|bladsy|halaman|стр\.?|sayfa|p\.|pg\.?)\s*)?\d{1,4}\s*(?:(?:of|von|de|di|van|sur|dari|из|/)\s*\d{1,4})?\W*$",
    )
});

pub(super) fn asks(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '"' | '”' | '»'));
    text.ends_with(['?', '؟', '？']) && (4..=300).contains(&text.len())
}

/// The question without its label "Q:".
pub(super) fn question_label(text: &str) -> Option<&str> {
    QUESTION.find(text).map(|m| text[m.end()..].trim()).filter(|t| !t.is_empty())
}

pub(super) fn answer_label(text: &str) -> Option<&str> {
    ANSWER.find(text).map(|m| text[m.end()..].trim()).filter(|t| !t.is_empty())
}

/// "Is it far? A: No." in two.
pub(super) fn split_answer(text: &str) -> Option<(String, String)> {
    let found = ANSWER_INSIDE.find(text)?;
    let mark = text[found.start()..].chars().next()?.len_utf8();
    let (question, answer) = (text[..found.start() + mark].trim(), text[found.end()..].trim());
    (!answer.is_empty()).then(|| (question.to_string(), answer.to_string()))
}

/// A heading without its leading "3." or "Q3:".
pub(super) fn without_number(text: &str) -> &str {
    NUMBER.find(text).map(|m| &text[m.end()..]).filter(|t| !t.is_empty()).unwrap_or(text)
}

/// How deep a numbered heading is: 1 for "3.", 2 for "3.1".
pub(super) fn number_depth(text: &str) -> Option<u8> {
    let found = NUMBER.find(text)?.as_str();
    let parts = found.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).count();
    Some(u8::try_from(parts.clamp(1, 5)).unwrap_or(1))
}

/// The text of a list item without its bullet or number.
pub(super) fn item(line: &str) -> Option<&str> {
    MARKER.find(line).map(|m| line[m.end()..].trim()).filter(|t| !t.is_empty())
}

/// Whether this is nothing but a bullet or number, whose text stands further right.
pub(super) fn only_marker(text: &str) -> bool {
    MARKER.find(text).is_some_and(|m| m.end() == text.len())
}

/// Whether an item's marker is a bullet, not a number or letter.
pub(super) fn has_bullet(line: &str) -> bool {
    item(line).is_some() && !line.trim_start().starts_with(|c: char| c.is_alphanumeric() || c == '(')
}

pub(super) fn is_page_number(line: &str) -> bool {
    line.len() < 40 && PAGE.is_match(line)
}

/// A line of a table of contents.
pub(super) fn is_leader(line: &str) -> bool {
    line.contains(".....") || line.contains(". . . .") || line.contains("……")
}

pub(super) fn ends_sentence(line: &str) -> bool {
    line.trim_end_matches(['"', '”', '»', ')', '\'', '’'])
        .ends_with(['.', '!', '?', '…', '؟', '।', '。', '！', '？', ':', ';'])
}

pub(super) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Whether a line that stands on its own could be a heading: short, opens like one, does not end like a sentence.
pub(super) fn could_head(line: &str) -> bool {
    let line = line.trim();
    let body = without_number(line);
    let letters = body.chars().filter(|c| c.is_alphabetic()).count();
    let opens =
        body.chars().next().is_some_and(|c| !c.is_lowercase() && c.is_alphanumeric() || matches!(c, '¿' | '"' | '“'));
    let digits = body.chars().filter(|c| c.is_numeric()).count();
    let ends = line.ends_with(['.', ',', ';', '!', '।', '。', '،', '-']);
    opens
        && !ends
        && letters >= 3
        && digits <= letters
        && words(line) <= 12
        && line.chars().count() <= 90
        && !line.contains('@')
}

/// Joins a wrapped line to the text before it, undoing a hyphen at the line's end.
pub(super) fn join_line(text: &mut String, line: &str) {
    let line = line.trim();
    if text.is_empty() {
        text.push_str(line);
        return;
    }
    let mut ending = text.chars().rev();
    let hyphen = ending.next().is_some_and(|c| matches!(c, '-' | '\u{2010}' | '\u{ad}'))
        && ending.next().is_some_and(char::is_alphabetic);
    if hyphen && line.chars().next().is_some_and(char::is_lowercase) {
        text.pop();
    } else {
        text.push(' ');
    }
    text.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_by_their_looks() {
        for (line, head) in [
            ("Opening hours", true),
            ("1. Call-out fees", true),
            ("WHAT WE DO", true),
            ("ساعات العمل", true),
            ("We are open every day.", false),
            ("and so on", false),
            ("R 1,250.00", false),
            ("021 000 0142", false),
            ("hello@tolbos.example", false),
        ] {
            assert_eq!(could_head(line), head, "{line}");
        }
        for (line, page) in [
            ("Page 3", true),
            ("- 4 -", true),
            ("3 / 12", true),
            ("Seite 2 von 9", true),
            ("12 taps", false),
            ("2026 prices", false),
        ] {
            assert_eq!(is_page_number(line), page, "{line}");
        }
        for (line, text) in [
            ("• one", Some("one")),
            ("- two", Some("two")),
            ("3) three", Some("three")),
            ("a. four", Some("four")),
            ("-five", None),
            ("R 5", None),
        ] {
            assert_eq!(item(line), text, "{line}");
        }
        assert_eq!(number_depth("3.1 Fees"), Some(2));
        assert_eq!(number_depth("3. Fees"), Some(1));
        assert_eq!(without_number("10. What?"), "What?");
        assert!(only_marker("•") && !only_marker("• x") && has_bullet("• x") && !has_bullet("1. x"));
        assert_eq!(split_answer("Far? A: No."), Some(("Far?".into(), "No.".into())));
        assert_eq!(answer_label("Answer: yes"), Some("yes"));
        assert!(asks("¿Abren hoy?") && !asks("Yes."));
        let mut text = String::from("the work-");
        join_line(&mut text, "manship of");
        join_line(&mut text, "ours");
        assert_eq!(text, "the workmanship of ours");
    }
}
