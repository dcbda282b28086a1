//! Rules about one file: how it opens, how long it is, and words that must not be in it.

use super::Source;

const LONGEST: usize = 600;

/// Files that a program writes.
const GENERATED: &[&str] = &["ui/src/api/schema.ts"];

/// Words that must not be in any file, and why. In two halves, so that this file may be checked as well.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("crates", ".io", REGISTRY),
    ("pypi", ".org", REGISTRY),
    ("python", "hosted.org", REGISTRY),
    ("registry.npm", "js.org", REGISTRY),
    ("deb.debian", ".org", REGISTRY),
    ("proxy.go", "lang.org", REGISTRY),
    ("../", "shared", "a folder outside the repository"),
    ("/work/", "shared", "a folder outside the repository"),
];

const REGISTRY: &str = "a registry's host: which one is used is each machine's own setting";

/// The rules that `source` breaks.
pub(super) fn check(source: &Source) -> Vec<String> {
    let mut broken = Vec::new();
    let extension = source.path.rsplit('.').next().unwrap_or_default();
    let written = !GENERATED.contains(&source.path.as_str()) && !source.path.contains(".gen.");
    if extension == "rs" && !source.text.starts_with("//! ") {
        broken.push("does not open with one `//!` sentence that says what it is for".to_owned());
    }
    let lines = source.text.lines().count();
    if matches!(extension, "rs" | "ts" | "tsx") && written && lines > LONGEST {
        broken.push(format!("has {lines} lines; past {LONGEST} a file is split by feature"));
    }
    if source.path != "Cargo.lock" {
        for (first, second, why) in FORBIDDEN {
            let word = format!("{first}{second}");
            if let Some(line) = source.text.lines().position(|line| line.contains(&word)) {
                broken.push(format!("line {}: `{word}` is {why}", line + 1));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_breaks_a_rule_is_named_and_one_that_does_not_is_not() {
        let long = format!("//! Long.\n{}", "\n".repeat(LONGEST));
        let host = format!("//! Fine.\n// see https://{}{}/x", "crates", ".io");
        let outside = format!("include {}{}/file", "../", "shared");
        for (path, text, broken) in [
            ("crates/base/src/lib.rs", "//! Fine.\n", 0),
            ("crates/base/src/lib.rs", "// Not a module comment.\n", 1),
            ("crates/base/src/lib.rs", "", 1),
            ("crates/base/src/lib.rs", long.as_str(), 1),
            ("ui/src/app/page.tsx", long.as_str(), 1),
            ("ui/src/api/schema.ts", long.as_str(), 0),
            ("ui/src/app/routes.gen.ts", long.as_str(), 0),
            ("docs/openapi.json", long.as_str(), 0),
            ("crates/base/src/lib.rs", host.as_str(), 1),
            ("ui/package-lock.json", host.as_str(), 1),
            ("Cargo.lock", host.as_str(), 0),
            ("README.md", outside.as_str(), 1),
        ] {
            let source = Source { path: path.to_owned(), text: text.to_owned() };
            assert_eq!(check(&source).len(), broken, "{path} {:?}", check(&source));
        }
    }
}
