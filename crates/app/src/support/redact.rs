//! Takes out of a text whatever may be somebody's. A text is read clause by clause: what the program could have said in its
//! own words stays, and from the first clause on that holds another word, everything goes. So a name, a message, a
//! document's sentence or a key is left out because it is not known, not because it was recognised.

use std::collections::HashSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Stands for what was left out.
pub(super) const MASK: &str = "•••";
/// Counts, ports, times in milliseconds. Longer ones may be a telephone's or an order's.
const LONGEST_NUMBER: usize = 5;

/// The words of the program's own log lines and errors, and of the libraries' it is made with; one that is missing here is
/// left out of a report until somebody adds it.
static OWN: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("own_words.txt").split_whitespace().collect());

/// What is replaced by its kind before words are looked at. The first that fits at a place counts.
static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let shapes = [
        // Our own ids are made of the time and of chance; a key that looks like one is of another version.
        r"(?<id>\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b)",
        r"(?<here>\b127\.0\.0\.1(?::\d{1,5})?\b)",
        r"(?<url>\b[A-Za-z][A-Za-z0-9+.-]*://[^\s]*)",
        r"(?<mail>[^\s@]+@[^\s@]+)",
        r#"(?<quoted>`[^`]*`?|"[^"]*"?)"#,
        r"(?<folder>[A-Za-z]:\\[^\s]*|/[^\s/]+/[^\s]*)",
        r"(?<number>\+?\d(?:[\s().\-/:\u{a0}\u{2010}-\u{2015}]{0,3}\d){5,})",
    ];
    Regex::new(&shapes.join("|")).ok()
});

/// Takes out what is not the program's own.
pub(super) struct Redactor {
    /// Folders that are known by what they are for.
    folders: Vec<(String, &'static str)>,
}

enum Token<'a> {
    /// A kind in brackets, or an id.
    Kept(String),
    Word(&'a str),
    Between(char),
}

impl Redactor {
    /// Paths in the data folder and in the person's home are shortened.
    pub(super) fn new(data: &Path) -> Self {
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let folders = [(Some(data.to_owned()), "[data]"), (home, "[home]")];
        let long = |(path, name): (Option<std::path::PathBuf>, _)| {
            let path = path.filter(|path| path.is_absolute())?.to_string_lossy().into_owned();
            // The top of a disk says nothing, and would be found everywhere.
            (path.len() > 3).then_some((path, name))
        };
        Self { folders: folders.into_iter().filter_map(long).collect() }
    }

    /// What is the program's own of `text`.
    pub(super) fn text(&self, text: &str) -> String {
        let Some(shapes) = SHAPES.as_ref() else { return MASK.to_owned() };
        let mut text = text.to_owned();
        for (folder, name) in &self.folders {
            text = text.replace(folder.as_str(), name);
        }
        let mut tokens = Vec::new();
        let mut at = 0;
        for found in shapes.captures_iter(&text) {
            let Some(whole) = found.get(0) else { continue };
            words(&text[at..whole.start()], &mut tokens);
            tokens.push(Token::Kept(kind(&found)));
            at = whole.end();
        }
        words(&text[at..], &mut tokens);
        keep(&tokens)
    }
}

fn kind(found: &Captures<'_>) -> String {
    let of = |name: &str| found.name(name).map(|m| m.as_str().to_owned());
    if let Some(own) = of("id").or_else(|| of("here")) {
        return own;
    }
    let kinds =
        [("url", "[address]"), ("mail", "[mail]"), ("folder", "[folder]"), ("number", "[number]"), ("quoted", MASK)];
    kinds.iter().find(|(name, _)| found.name(name).is_some()).map_or(MASK, |(_, kind)| kind).to_owned()
}

/// Cuts a text into words and what stands between them.
fn words<'a>(text: &'a str, tokens: &mut Vec<Token<'a>>) {
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (is_of_word(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                tokens.push(Token::Word(&text[from..at]));
                start = None;
            }
            _ => {}
        }
        if !is_of_word(c) {
            tokens.push(Token::Between(c));
        }
    }
    if let Some(from) = start {
        tokens.push(Token::Word(&text[from..]));
    }
}

/// Letters and digits of every script and whatever else could carry a meaning: only known signs stand between words.
fn is_of_word(c: char) -> bool {
    !(c.is_ascii_whitespace()
        || (c.is_ascii_punctuation() && c != '_' && c != '\'')
        || matches!(c, '“' | '”' | '…' | '–' | '—' | '•'))
}

/// Where a clause ends.
fn ends_clause(c: char) -> bool {
    !matches!(c, ' ' | '-' | '…' | '–' | '•' | '%' | '\t')
}

/// Clause by clause, up to the first that is not our own.
fn keep(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    for clause in tokens.split_inclusive(|token| matches!(token, Token::Between(c) if ends_clause(*c))) {
        let mut first = true;
        let own = clause.iter().all(|token| match token {
            Token::Word(word) => is_own(word, std::mem::take(&mut first)),
            _ => true,
        });
        if !own {
            if matches!(clause.first(), Some(Token::Between(' '))) {
                text.push(' ');
            }
            text.push_str(MASK);
            return text;
        }
        for token in clause {
            match token {
                Token::Kept(kept) => text.push_str(kept),
                Token::Word(word) => text.push_str(word),
                Token::Between(c) => text.push(*c),
            }
        }
    }
    text
}

/// Whether the program uses this word. With a capital it may be a name, unless a clause begins with it.
fn is_own(word: &str, first: bool) -> bool {
    let word = word.trim_matches('\'');
    if word.bytes().all(|b| b.is_ascii_digit()) {
        return word.len() <= LONGEST_NUMBER;
    }
    if OWN.contains(word) {
        return true;
    }
    let known = |part: &str| OWN.contains(part.to_ascii_lowercase().as_str());
    let capital = word.starts_with(|c: char| c.is_ascii_uppercase());
    let loud = word.len() > 1 && word.bytes().all(|b| b.is_ascii_uppercase());
    let parts = parts(word);
    let several = parts.len() > 1;
    (first || several || loud || !capital) && !parts.is_empty() && parts.into_iter().all(known)
}

/// `botflow_bots` and `WouldBlock` are two words each; `owner's` is one.
fn parts(word: &str) -> Vec<&str> {
    let word = word.strip_suffix("'s").unwrap_or(word);
    let mut parts = Vec::new();
    for piece in word.split('_').filter(|piece| !piece.is_empty()) {
        let mut from = 0;
        let bytes = piece.as_bytes();
        for at in 1..bytes.len() {
            if bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase() && piece.is_char_boundary(at) {
                parts.push(&piece[from..at]);
                from = at;
            }
        }
        parts.push(&piece[from..]);
    }
    parts
}

#[cfg(test)]
mod tests;
