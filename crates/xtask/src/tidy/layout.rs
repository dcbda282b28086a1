//! What may stand at the repository's top, and how migrations are numbered.

use std::collections::{BTreeMap, BTreeSet};

const FOLDERS: &[&str] = &["src-tauri", "ui", "crates", "migrations", "installers", "tests", "docs"];
const FILES: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "clippy.toml",
    "rustfmt.toml",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "NOTICE",
];

/// The rules that these paths break together.
pub(super) fn check(paths: &[String]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut top = BTreeSet::new();
    for path in paths {
        let (first, folder) = path.split_once('/').map_or((path.as_str(), false), |(first, _)| (first, true));
        top.insert(first);
        let known =
            if folder { FOLDERS.contains(&first) } else { FILES.contains(&first) || first.starts_with("LICENSE") };
        if !known && !first.starts_with('.') {
            broken.push(format!("{first}: nothing of that name belongs at the top of the repository"));
        }
    }
    broken.dedup();
    broken.extend(FILES.iter().filter(|file| !top.contains(*file)).map(|file| format!("{file}: is missing")));
    if !top.iter().any(|name| name.starts_with("LICENSE")) {
        broken.push("LICENSE: is missing".to_owned());
    }
    broken.extend(migrations(paths));
    broken
}

/// Migrations are `NNNN_verb_noun.sql` (an engine's `V` before the number is fine), from 1 on without gaps.
fn migrations(paths: &[String]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut numbers: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for path in paths {
        let Some((folder, name)) = path.strip_prefix("migrations/").and_then(|rest| rest.rsplit_once('/')) else {
            continue;
        };
        match number(name) {
            Some(number) => numbers.entry(folder).or_default().push(number),
            None => broken.push(format!("{path}: a migration is named like 0001_create_contact.sql")),
        }
    }
    for (folder, mut numbers) in numbers {
        numbers.sort_unstable();
        if !numbers.iter().copied().eq(1..=u32::try_from(numbers.len()).unwrap_or(u32::MAX)) {
            broken.push(format!("migrations/{folder}: the numbers are not 1, 2, 3, … each once: {numbers:?}"));
        }
    }
    broken
}

fn number(name: &str) -> Option<u32> {
    let (number, words) = name.strip_suffix(".sql")?.split_once('_')?;
    let words = words.trim_start_matches('_');
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if words.is_empty() || !words.chars().all(plain) {
        return None;
    }
    number.strip_prefix('V').unwrap_or(number).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(more: &[&str]) -> Vec<String> {
        FILES.iter().chain(&["LICENSE-MIT"]).chain(more).map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn a_stray_file_or_folder_at_the_top_is_named() {
        for (more, broken) in [
            (&["crates/base/src/lib.rs", ".ci/run", ".gitignore"][..], 0),
            (&["notes.txt"], 1),
            (&["scripts/a.sh", "scripts/b.sh"], 1),
            (&["src/main.rs"], 1),
            (&["LICENSES/a.txt"], 1),
        ] {
            assert_eq!(check(&with(more)).len(), broken, "{more:?}");
        }
        assert_eq!(check(&[]).len(), FILES.len() + 1, "everything that must be there is missed");
    }

    #[test]
    fn a_migration_that_was_forgotten_or_numbered_twice_is_named() {
        for (names, broken) in [
            (&["migrations/system/0001_create_user.sql", "migrations/system/0002_add_email.sql"][..], 0),
            (&["migrations/system/0001_create_user.sql", "migrations/workspace/0001_create_bot.sql"], 0),
            (&["migrations/system/V1__create_user.sql"], 0),
            (&["migrations/system/0001_create_user.sql", "migrations/system/0003_add_email.sql"], 1),
            (&["migrations/system/0001_create_user.sql", "migrations/system/0001_add_email.sql"], 1),
            (&["migrations/system/0002_add_email.sql"], 1),
            (&["migrations/system/readme.md"], 1),
            (&["migrations/system/first_table.sql"], 1),
            (&["migrations/system/99999999999_too_much.sql"], 1),
        ] {
            assert_eq!(check(&with(names)).len(), broken, "{names:?}");
        }
    }
}
