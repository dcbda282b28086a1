//! The licences of everything in a package: from cargo's and npm's own lists and the sources that were built.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::{interface, process};

/// Licences that ask for no more than to be named and passed on.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OFL-1.1",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Others, each by name and for a reason.
const BY_NAME: &[(&str, &str, &str)] = &[
    ("cssparser", "MPL-2.0", "reads web pages; used unchanged, its sources are published"),
    ("cssparser-color", "MPL-2.0", "reads web pages; used unchanged, its sources are published"),
    ("cssparser-macros", "MPL-2.0", "reads web pages; used unchanged, its sources are published"),
    ("dtoa-short", "MPL-2.0", "reads web pages; used unchanged, its sources are published"),
    ("selectors", "MPL-2.0", "reads web pages; used unchanged, its sources are published"),
    ("option-ext", "MPL-2.0", "finds the user's folders; used unchanged, its sources are published"),
];

/// The programs that are shipped; what they are linked with is what counts.
const PROGRAMS: [&str; 2] = ["botflow-app", "botflow-desktop"];
const RULE: &str = "------------------------------------------------------------------------";

/// One library.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    name: String,
    version: String,
    licence: String,
    /// The texts that lie beside its sources.
    texts: Vec<String>,
}

/// The list as it ships.
pub(crate) struct Licences {
    /// Packed text.
    pub(crate) packed: Vec<u8>,
    pub(crate) count: usize,
}

/// The target of packages for Linux, which are made on the kind of computer that they are for.
pub(crate) fn linux() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// Gathers the list of what is in programs for `target`: each system has libraries that no other one has. Errors: a library
/// whose licence nobody has allowed.
pub(crate) fn gather(target: &str) -> Result<Licences> {
    let mut parts = linked(&metadata(&process::root(), target)?)?;
    for folder in interface::folders() {
        parts.extend(of_npm(&folder)?);
    }
    parts.sort();
    parts.dedup();
    let refused: Vec<String> = parts.iter().filter_map(refusal).collect();
    if !refused.is_empty() {
        bail!(
            "{}\nUse something else, or allow it by name and with a reason in crates/xtask/src/installer/licences.rs.",
            refused.join("\n")
        );
    }
    Ok(Licences { packed: pack(write(&parts).as_bytes())?, count: parts.len() })
}

/// Why a library may not be shipped; nothing when it may.
fn refusal(part: &Part) -> Option<String> {
    let excused = BY_NAME.iter().find(|(name, ..)| *name == part.name).map(|(_, licence, _)| *licence);
    let allowed = |licence: &str| ALLOWED.contains(&licence) || excused == Some(licence);
    let sentence = |why: &str| Some(format!("{} {}: its licence “{}” {why}.", part.name, part.version, part.licence));
    match Expression::parse_mode(&part.licence, ParseMode::LAX) {
        Err(_) => sentence("is none that can be read"),
        Ok(known) => {
            let fine = known.evaluate(|wanted| wanted.license.id().is_some_and(|id| allowed(id.name)));
            if fine { None } else { sentence("is not among the allowed ones") }
        }
    }
}

/// What cargo knows of the workspace in `folder`, as far as it is built for `target`.
fn metadata(folder: &Path, target: &str) -> Result<Value> {
    let mut command = process::cargo(&["metadata", "--format-version", "1", "--filter-platform", target]);
    let text = process::output(command.current_dir(folder)).context("`cargo metadata` failed; run it to see why")?;
    Ok(serde_json::from_str(&text)?)
}

/// What the programs are linked with, themselves and our own crates left out.
fn linked(metadata: &Value) -> Result<Vec<Part>> {
    let by_id = |list: &'static str, of: &Value| -> BTreeMap<String, Value> {
        let entries = of[list].as_array().into_iter().flatten();
        entries.filter_map(|entry| Some((entry["id"].as_str()?.to_owned(), entry.clone()))).collect()
    };
    let packages = by_id("packages", metadata);
    let nodes = by_id("nodes", &metadata["resolve"]);
    let is_program = |package: &Value| PROGRAMS.iter().any(|name| package["name"] == *name);
    let mut open: Vec<&str> = packages.iter().filter(|(_, p)| is_program(p)).map(|(id, _)| id.as_str()).collect();
    let mut seen: BTreeSet<&str> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        for used in nodes.get(id).and_then(|node| node["deps"].as_array()).into_iter().flatten() {
            let kinds = used["dep_kinds"].as_array();
            let is_linked = kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()));
            if let Some(other) = used["pkg"].as_str().filter(|other| is_linked && seen.insert(other)) {
                open.push(other);
            }
        }
    }
    let mut parts = Vec::new();
    for package in seen.into_iter().filter_map(|id| packages.get(id)).filter(|package| !package["source"].is_null()) {
        let word = |field: &str| package[field].as_str().unwrap_or_default().to_owned();
        let manifest = PathBuf::from(word("manifest_path"));
        let folder = manifest.parent().context("a package lies in a folder")?;
        let mut texts = texts_in(folder)?;
        if let Some(file) = package["license_file"].as_str().filter(|_| texts.is_empty()) {
            texts.extend(fs::read_to_string(folder.join(file)).ok());
        }
        parts.push(Part { name: word("name"), version: word("version"), licence: word("license"), texts });
    }
    Ok(parts)
}

/// What the lock file in `folder` says is shipped, as far as it is installed.
fn of_npm(folder: &Path) -> Result<Vec<Part>> {
    let lock = folder.join("package-lock.json");
    let lock: Value = serde_json::from_str(
        &fs::read_to_string(&lock).with_context(|| format!("{} cannot be read", lock.display()))?,
    )?;
    let mut parts = Vec::new();
    for (path, entry) in lock["packages"].as_object().into_iter().flatten() {
        let left_out = ["dev", "optional", "devOptional"].iter().any(|word| entry[word] == true);
        let place = folder.join(path);
        if path.is_empty() || left_out || !place.is_dir() {
            continue;
        }
        parts.push(Part {
            name: path.rsplit("node_modules/").next().unwrap_or(path).to_owned(),
            version: entry["version"].as_str().unwrap_or_default().to_owned(),
            licence: entry["license"].as_str().unwrap_or_default().to_owned(),
            texts: texts_in(&place)?,
        });
    }
    Ok(parts)
}

/// The texts of licences and notices that lie in a folder, in the order of their names.
fn texts_in(folder: &Path) -> Result<Vec<String>> {
    let begins = ["licen", "copying", "unlicense", "copyright", "notice", "ofl"];
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let is_source = name.ends_with(".rs") || name.ends_with(".html") || name.ends_with(".json");
        if path.is_file() && !is_source && begins.iter().any(|begin| name.starts_with(begin)) {
            files.push(path);
        }
    }
    files.sort();
    // One that is no text has nothing to say here.
    Ok(files.iter().filter_map(|file| fs::read_to_string(file).ok()).map(|text| tidy(&text)).collect())
}

/// The same text, whatever system it was written on.
fn tidy(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// First who is in it and under which licence, then each text once, with those it belongs to.
fn write(parts: &[Part]) -> String {
    let mut text =
        String::from("This program stands on the work of many people. Each part, its version and its licence:\n\n");
    let mut texts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for part in parts {
        let name = format!("{} {}", part.name, part.version);
        text.push_str(&format!("{name}: {}\n", part.licence));
        for (_, licence, reason) in BY_NAME.iter().filter(|(other, ..)| *other == part.name) {
            text.push_str(&format!("    ({licence}: {reason} under this name and version)\n"));
        }
        part.texts.iter().for_each(|of| texts.entry(of.as_str()).or_default().push(name.clone()));
    }
    for (words, names) in texts {
        text.push_str(&format!("\n{RULE}\n{}\n\n{words}\n", names.join(", ")));
    }
    text
}

/// Packed as browsers unpack by themselves, the same each time.
pub(crate) fn pack(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(name: &str, licence: &str) -> Part {
        Part { name: name.into(), version: "1.0.0".into(), licence: licence.into(), texts: vec!["Text.".into()] }
    }

    #[test]
    fn a_licence_that_nobody_allowed_is_named_with_its_library() {
        for (name, licence, fine) in [
            ("a", "MIT", true),
            ("a", "MIT OR GPL-3.0", true),
            ("a", "MIT/Apache-2.0", true),
            ("a", "Apache-2.0 WITH LLVM-exception", true),
            ("a", "(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("a", "MIT AND GPL-3.0", false),
            ("a", "AGPL-3.0-only", false),
            ("a", "MPL-2.0", false),
            ("selectors", "MPL-2.0", true),
            ("selectors", "GPL-2.0-only", false),
            ("a", "", false),
            ("a", "SEE LICENSE IN file", false),
        ] {
            let refused = refusal(&part(name, licence));
            assert_eq!(refused.is_none(), fine, "{name} {licence}: {refused:?}");
            assert!(refused.is_none_or(|sentence| sentence.contains(licence) && sentence.starts_with(name)));
        }
    }

    #[test]
    fn the_list_of_each_system_names_what_only_its_programs_are_linked_with() {
        let folder = tempfile::tempdir().unwrap();
        let package = |name: &str, more: &str| {
            let place = folder.path().join(name);
            fs::create_dir_all(place.join("src")).unwrap();
            fs::write(place.join("src").join("lib.rs"), "").unwrap();
            let head = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n");
            fs::write(place.join("Cargo.toml"), head + more).unwrap();
        };
        let only = |system: &str, name: &str| {
            format!("[target.'cfg(target_os = \"{system}\")'.dependencies]\n{name} = {{ path = \"../{name}\" }}\n")
        };
        package("of-linux", "");
        package("of-windows", "");
        package("of-macos", "");
        let others = [only("linux", "of-linux"), only("windows", "of-windows"), only("macos", "of-macos")].concat();
        package("botflow-app", &others);
        fs::write(folder.path().join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n").unwrap();
        for (target, expected) in [
            (linux().as_str(), "of-linux"),
            (crate::windows::TARGET, "of-windows"),
            ("aarch64-apple-darwin", "of-macos"),
        ] {
            let mut known = metadata(folder.path(), target).unwrap();
            // As if it came from elsewhere: our own crates are not on the list.
            for package in known["packages"].as_array_mut().unwrap() {
                package["source"] = json!("elsewhere");
            }
            let parts = linked(&known).unwrap();
            let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
            assert_eq!(names, ["botflow-app", expected], "{target}");
        }
    }

    #[test]
    fn only_what_is_linked_counts_and_each_text_stands_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("LICENSE-MIT"), "Do what you like.\r\n").unwrap();
        let package = |name: &str, source: Value| {
            json!({ "id": name, "name": name, "version": "1.0.0", "license": "MIT", "source": source,
                    "manifest_path": folder.path().join("Cargo.toml") })
        };
        let used = |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [package("botflow-app", Value::Null), package("inside", json!("r")), package("deeper", json!("r")),
                         package("tester", json!("r"))],
            "resolve": { "nodes": [
                { "id": "botflow-app", "deps": [used("inside", Value::Null), used("tester", json!("dev"))] },
                { "id": "inside", "deps": [used("deeper", Value::Null)] },
            ] }
        });
        let parts = linked(&metadata).unwrap();
        let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["deeper", "inside"]);
        let text = write(&parts);
        assert_eq!(text.matches("Do what you like.").count(), 1, "{text}");
        assert!(text.contains("deeper 1.0.0, inside 1.0.0"), "{text}");
    }
}
