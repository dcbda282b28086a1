//! What is written out from the declarations: the reference of all steps, and the kinds that the interface is tested with.
//! `UPDATE_DOCS=1 cargo nextest run -E 'test(written)'` writes both anew.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::kinds;
use crate::declare::{Field, Group, Input, KindInfo};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn is_fresh(path: &str, text: &str) {
    let path = root().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(stored == text, "{} is stale: run the tests with UPDATE_DOCS=1", path.display());
}

#[test]
fn the_interface_is_tested_with_the_kinds_that_there_are() {
    let text = serde_json::to_string_pretty(&kinds()).unwrap();
    is_fresh("ui/dev/kinds.json", &format!("{text}\n"));
}

#[test]
fn the_reference_of_steps_tells_what_they_do() {
    let mut text = String::from(
        "# All steps\n\nWritten out from the declarations in `crates/flow/src/steps`; how to add one: \
         [add-a-step-kind.md](add-a-step-kind.md).\n",
    );
    for (group, title) in [
        (Group::Triggers, "How a flow begins"),
        (Group::Messages, "Messages"),
        (Group::Questions, "Questions"),
        (Group::Ai, "AI"),
        (Group::Logic, "Logic"),
        (Group::Data, "Data"),
        (Group::Actions, "Actions"),
    ] {
        let _ = writeln!(text, "\n## {title}");
        for kind in kinds().iter().filter(|k| k.group == group) {
            one(&mut text, kind);
        }
    }
    is_fresh("docs/steps.md", &text);
}

fn one(text: &mut String, kind: &KindInfo) {
    let _ = writeln!(text, "\n### {} (`{}`)\n\n{}\n", kind.title, kind.name, kind.help);
    let _ = writeln!(text, "Example: {}\n", kind.example_says);
    if !kind.fields.is_empty() {
        let _ = writeln!(text, "| field | what | |\n|---|---|---|");
        kind.fields.iter().for_each(|f| field(text, f, ""));
    }
    let ways: Vec<String> = kind.branches.iter().map(|b| format!("{} (`{}`)", b.title, b.name)).collect();
    let own = kind.branches_from.map(|f| format!("one for each of `{f}`"));
    let ways: Vec<String> = own.into_iter().chain(ways).collect();
    if !ways.is_empty() {
        let _ = writeln!(text, "\nWays: {}.", ways.join(", "));
    }
    for note in &kind.channels {
        let name = if note.channel == "whatsapp" { "WhatsApp" } else { "Web chat" };
        let _ = writeln!(text, "\n{name}: {}", note.note);
    }
}

fn field(text: &mut String, field: &Field, inside: &str) {
    let needed = if field.required { "needed" } else { "" };
    let _ = writeln!(
        text,
        "| `{inside}{}` | **{}**. {} | {needed} |",
        field.name,
        field.label,
        field.help.replace('|', "\\|")
    );
    if let Input::Items { fields, .. } = field.input {
        fields.iter().for_each(|f| self::field(text, f, &format!("{inside}{}[].", field.name)));
    }
}
