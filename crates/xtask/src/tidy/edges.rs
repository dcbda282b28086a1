//! Which crate may use which: the table of ARCHITECTURE.md, as a check.

use serde_json::Value;

/// Each crate and what it may use. A crate that is not here, or an edge that is not, is an error.
const EDGES: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("db", &["base"]),
    ("jobs", &["base", "db"]),
    ("web", &["base"]),
    ("flow", &["base"]),
    ("ai", &["base"]),
    ("knowledge", &["base", "db", "jobs"]),
    ("channels", &["base"]),
    ("machine", &["base"]),
    ("update", &["base", "machine"]),
    ("accounts", &["base", "db", "web"]),
    ("bots", &["base", "db", "jobs", "web", "flow", "ai", "knowledge", "channels", "accounts", "machine"]),
    ("ops", &["base", "db", "jobs", "web"]),
    (
        "app",
        &[
            "base",
            "db",
            "jobs",
            "web",
            "flow",
            "ai",
            "knowledge",
            "channels",
            "accounts",
            "machine",
            "update",
            "bots",
            "ops",
        ],
    ),
    // Its tests publish versions of their own.
    ("desktop", &["app", "base", "machine", "update"]),
    (
        "tests",
        &[
            "base",
            "db",
            "jobs",
            "web",
            "flow",
            "ai",
            "knowledge",
            "channels",
            "accounts",
            "machine",
            "bots",
            "update",
            "ops",
            "app",
        ],
    ),
    ("xtask", &[]),
];

const PREFIX: &str = "botflow-";

/// Compares what `cargo metadata --no-deps` says with the table.
pub(super) fn check(metadata: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let full = package["name"].as_str().unwrap_or_default();
        let name = full.strip_prefix(PREFIX);
        let Some((name, allowed)) = name.and_then(|name| EDGES.iter().find(|(known, _)| *known == name)) else {
            broken.push(format!("{full}: a crate that the table in crates/xtask/src/tidy/edges.rs does not know"));
            continue;
        };
        let used = package["dependencies"].as_array().into_iter().flatten();
        let used = used.filter_map(|used| used["name"].as_str()?.strip_prefix(PREFIX));
        for other in used.filter(|other| !allowed.contains(other)) {
            broken.push(format!("{name} uses {other}, which the table of crates does not allow"));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_edge_that_the_design_forbids_is_named() {
        let package = |name: &str, uses: &[&str]| {
            let uses: Vec<Value> = uses.iter().map(|name| json!({ "name": name })).collect();
            json!({ "packages": [{ "name": name, "dependencies": uses }] })
        };
        for (name, uses, broken) in [
            ("botflow-base", &[][..], 0),
            ("botflow-base", &["serde", "uuid"], 0),
            ("botflow-base", &["botflow-db"], 1),
            ("botflow-flow", &["botflow-base", "botflow-db", "botflow-ai"], 2),
            ("botflow-app", &["botflow-bots", "botflow-ops"], 0),
            ("botflow-bots", &["botflow-app"], 1),
            ("botflow-xtask", &["botflow-base"], 1),
            ("botflow-new", &[], 1),
            ("something-else", &[], 1),
        ] {
            assert_eq!(check(&package(name, uses)).len(), broken, "{name} {uses:?}");
        }
    }

    #[test]
    fn the_table_has_no_circle() {
        let mut known: Vec<&str> = Vec::new();
        let mut left: Vec<_> = EDGES.to_vec();
        while !left.is_empty() {
            let before = left.len();
            left.retain(|(name, uses)| {
                let ready = uses.iter().all(|other| known.contains(other));
                if ready {
                    known.push(name);
                }
                !ready
            });
            assert!(left.len() < before, "these use each other: {left:?}");
        }
    }
}
