//! Where SQL may stand: in `store.rs` files, in migrations, in the db crate, and in tests.

use super::Source;

/// Two-word openings of a statement; a statement with one of them as its first words is SQL.
const OPENINGS: &[&str] = &[
    "insert into",
    "insert or",
    "delete from",
    "create table",
    "create index",
    "create unique",
    "create trigger",
    "create view",
    "create virtual",
    "drop table",
    "drop index",
    "drop trigger",
    "alter table",
];

/// The rules that `source` breaks.
pub(super) fn check(source: &Source) -> Vec<String> {
    if !source.path.ends_with(".rs") || may_hold_sql(&source.path) {
        return Vec::new();
    }
    let found = literals(without_tests(&source.text)).into_iter().filter(|(_, literal)| is_statement(literal));
    found.map(|(line, _)| format!("line {line}: SQL stands in store.rs files, where it can be found")).collect()
}

fn may_hold_sql(path: &str) -> bool {
    let mut parts = path.split('/');
    let in_tests = parts.any(|part| matches!(part, "tests" | "benches" | "store"));
    in_tests || path.starts_with("crates/db/") || ["/store.rs", "/tests.rs"].iter().any(|name| path.ends_with(name))
}

/// The text up to the module of unit tests.
pub(super) fn without_tests(text: &str) -> &str {
    let is_module = |rest: &str| rest.lines().next().is_some_and(|line| line.contains("mod ") && line.ends_with('{'));
    let mark = "#[cfg(test)]";
    let end = text.match_indices(mark).find(|(at, _)| is_module(text[at + mark.len()..].trim_start()));
    end.map_or(text, |(at, _)| &text[..at])
}

/// Whether a literal is a statement. Title case is a sentence for people.
fn is_statement(literal: &str) -> bool {
    let words: Vec<&str> = literal.split_whitespace().collect();
    let Some(first) = words.first() else { return false };
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    if *first != lower[0] && *first != first.to_uppercase() {
        return false;
    }
    let has = |word: &str| lower.iter().any(|other| other == word);
    match lower[0].as_str() {
        "select" => has("from"),
        "update" => has("set"),
        "with" => has("as") && lower.iter().any(|word| word.trim_start_matches('(') == "select"),
        "pragma" => lower.len() == 2,
        _ => lower.len() > 2 && OPENINGS.contains(&format!("{} {}", lower[0], lower[1]).as_str()),
    }
}

/// The string literals of a Rust source, each with the line it begins on. Comments and characters are passed over.
pub(super) fn literals(text: &str) -> Vec<(usize, String)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let rest = &text[at..];
        let end = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with('"') {
            let length = quoted(rest);
            found.push((line, rest[1..length].trim_end_matches('"').replace("\\\n", " ").replace("\\n", " ")));
            length
        } else if let Some((opening, length)) = raw(rest).filter(|_| at == 0 || !is_name(bytes[at - 1])) {
            found.push((line, rest[opening..length].trim_end_matches(['#', '"']).to_owned()));
            length
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\") {
            // The two characters that would otherwise open or hide a literal.
            rest[1..].find('\'').map_or(rest.len(), |end| (end + 2).max(3)).min(rest.len())
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        let end = next_boundary(rest, end);
        line += rest[..end].matches('\n').count();
        at += end;
    }
    found
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn next_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// The length of the literal that `text` opens with, both quotes included.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Where the content of a raw literal begins, and how long it is in all.
fn raw(text: &str) -> Option<(usize, usize)> {
    let hashes = text.strip_prefix('r')?;
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    let opening = 1 + count + 1;
    let content = hashes[count..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(count));
    Some((opening, content.find(&close).map_or(text.len(), |end| opening + end + close.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, text: &str) -> Vec<String> {
        check(&Source { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_statement_outside_a_store_is_found_and_a_sentence_is_not() {
        for (text, count) in [
            (r#"db.query("select id from bot where id = ?1")"#, 1),
            (r#"db.query("SELECT id FROM bot")"#, 1),
            ("db.query(\"\n  select id\n  from bot\")", 1),
            ("db.query(r#\"select \"id\" from bot\"#)", 1),
            (r#"db.execute("insert into bot (id) values (?1)")"#, 1),
            (r#"db.execute("update bot set name = ?1")"#, 1),
            (r#"db.execute("delete from bot where id = ?1")"#, 1),
            (r#"db.execute("create table bot (id blob) strict")"#, 1),
            (r#"db.execute("pragma journal_mode")"#, 1),
            (r#"db.execute("with old as (select 1) delete from bot")"#, 1),
            (r#"a("select id from bot"); b("delete from bot where 1")"#, 2),
            (r#"say("Select a file from the list.")"#, 0),
            (r#"say("Update your settings.")"#, 0),
            (r#"say("update available")"#, 0),
            (r#"say("With love")"#, 0),
            ("// select id from bot \"select id from bot\"", 0),
            ("/* \"select id from bot\" */", 0),
            ("fn f() {}\n#[cfg(test)]\nmod tests {\n q(\"select id from bot\");\n}", 0),
            ("#[cfg(test)]\nmod tests;\nq(\"select id from bot\");", 1),
            ("let quote = '\"'; q(\"select id from bot\"); let q = '\\'';", 1),
            ("let a = \"\\\\\"; q(\"select id from bot\");", 1),
            ("fn f<'a>(x: &'a str) { q(\"select id from bot\") }", 1),
        ] {
            assert_eq!(broken("crates/bots/src/bots/service.rs", text).len(), count, "{text}");
        }
    }

    #[test]
    fn stores_the_db_crate_and_tests_may_hold_sql() {
        for path in [
            "crates/bots/src/bots/store.rs",
            "crates/bots/src/bots/store/search.rs",
            "crates/db/src/open.rs",
            "crates/jobs/src/tests.rs",
            "tests/features/bots.rs",
        ] {
            assert!(broken(path, r#"q("select id from bot")"#).is_empty(), "{path}");
        }
    }

    #[test]
    fn the_line_is_where_the_statement_begins() {
        let text = "//! A file.\n\nfn f() {\n    q(\"select id\n from bot\");\n}\n";
        assert!(broken("crates/ops/src/lib.rs", text)[0].starts_with("line 4:"));
    }

    #[test]
    fn half_a_file_is_read_without_a_panic() {
        let text = "fn f<'a>() { r#\"é\"#; '\\''; '\"'; \"a\\\"é\"; /* é */ // é\n r##\"x\"# }";
        for (end, _) in text.char_indices() {
            literals(&text[..end]);
            literals(&text[end..]);
        }
    }
}
