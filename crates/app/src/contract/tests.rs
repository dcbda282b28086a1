//! What a program that calls us would stumble over: two things under one name, or a refusal that nobody told it of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

const METHODS: [&str; 6] = ["get", "put", "post", "delete", "options", "patch"];
/// How a name of an operation begins: with what is done.
const VERBS: &[&str] = &[
    "add",
    "ask",
    "call",
    "cancel",
    "change",
    "check",
    "choose",
    "create",
    "decide",
    "delete",
    "deliver",
    "dismiss",
    "download",
    "draw",
    "duplicate",
    "explain",
    "export",
    "get",
    "guess",
    "install",
    "list",
    "load",
    "mark",
    "preview",
    "prove",
    "publish",
    "read",
    "refresh",
    "reopen",
    "replace",
    "restore",
    "restart",
    "retry",
    "run",
    "save",
    "seal",
    "send",
    "sign",
    "simulate",
    "start",
    "stop",
    "stream",
    "subscribe",
    "test",
    "unschedule",
    "update",
    "upload",
    "verify",
];

fn documents() -> [Value; 2] {
    [super::openapi(), super::public_openapi()].map(|text| serde_json::from_str(&text).unwrap())
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| Some((format!("{method} {path}"), item.get(method)?)))
    })
}

#[test]
fn every_operation_has_a_telling_name_of_its_own() {
    let mut names = BTreeMap::new();
    for document in &documents() {
        for (place, operation) in operations(document) {
            let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
            let verb: String = name.chars().take_while(char::is_ascii_lowercase).collect();
            assert!(VERBS.contains(&verb.as_str()), "{place}: “{name}” does not begin with a verb that is known here");
            assert!(name.len() > verb.len() && name.chars().all(|c| c.is_ascii_alphabetic()), "{place}: “{name}”");
            assert!(operation["summary"].is_string(), "{place} does not say what it does");
            if let Some(other) = names.insert(name.clone(), place.clone()) {
                panic!("{place} and {other} are both called {name}");
            }
        }
    }
    assert!(names.len() > 80, "both contracts hold every route");
}

#[test]
fn every_operation_says_how_it_refuses_and_always_in_one_shape() {
    for document in &documents() {
        for (place, operation) in operations(document) {
            let responses = operation["responses"].as_object().unwrap();
            assert!(!responses.contains_key("default"), "{place}: “default” tells nobody anything");
            let refusals = responses.iter().filter(|(status, _)| status.starts_with(['4', '5']));
            let mut count = 0;
            for (status, refusal) in refusals {
                let told = resolve(document, refusal);
                assert!(!told["description"].as_str().unwrap_or_default().is_empty(), "{place} {status}");
                let schema = told["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
                let health = schema == "#/components/schemas/HealthReport" && status == "503";
                assert!(schema == "#/components/schemas/ErrorBody" || health, "{place} {status}: {schema}");
                count += 1;
            }
            assert!(count > 0, "{place} declares no error answer");
        }
    }
}

#[test]
fn whoever_is_not_signed_in_is_refused_wherever_the_contract_says_so() {
    let [owners, _] = documents();
    let free: BTreeSet<_> = operations(&owners)
        .filter(|(_, operation)| operation.get("security").is_some())
        .map(|(_, operation)| operation["operationId"].as_str().unwrap())
        .collect();
    let expected = [
        "cancelMoveImport",
        "checkLiveness",
        "checkReadiness",
        "createOwner",
        "getBrand",
        "getHealth",
        "getMoveImport",
        "getSession",
        "signIn",
        "signInByTicket",
        "signOut",
        "startMoveImport",
    ]
    .into();
    assert_eq!(free, expected);
    assert_eq!(owners["components"]["securitySchemes"]["session"]["in"], "cookie");
    for (place, operation) in operations(&owners).filter(|(_, operation)| operation.get("security").is_none()) {
        assert!(operation["responses"].get("401").is_some(), "{place}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn follow(document: &Value, value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(_)) = fields.get("$ref") {
                    assert!(!resolve(document, value).is_null(), "{value}");
                }
                fields.values().for_each(|value| follow(document, value));
            }
            Value::Array(items) => items.iter().for_each(|value| follow(document, value)),
            _ => {}
        }
    }
    for document in &documents() {
        follow(document, document);
    }
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => value,
    }
}

/// utoipa keeps one of two schemas of the same name and drops the other without a word, so the sources are looked at.
#[test]
fn no_two_types_share_a_name_in_the_contract() {
    let mut named = BTreeMap::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![crates];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                for name in schemas_of(&std::fs::read_to_string(&path).unwrap()) {
                    if let Some(other) = named.insert(name.clone(), path.clone()) {
                        let (one, other) = (path.display(), other.display());
                        panic!("{one} and {other} both call a schema {name}: name one with #[schema(as = …)]");
                    }
                }
            }
        }
    }
    for document in &documents() {
        let schemas = document["components"]["schemas"].as_object().unwrap();
        // Of a generic type, such as `Page_Source`, the type itself is looked for; ids are declared by a macro.
        let unknown = schemas.keys().filter(|name| {
            let of = name.split('_').next().unwrap_or_default();
            !named.contains_key(of) && !of.ends_with("Id")
        });
        assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&String>::new(), "the sources were not read as they are written");
    }
}

/// The names of the schemas that a file declares.
fn schemas_of(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if !line.trim_start().starts_with("#[derive(") {
            continue;
        }
        let mut attributes = line.to_owned();
        // What stands between the first line of the derive and the type's own.
        for line in lines.by_ref().filter(|line| !line.trim_start().starts_with("//")) {
            let words: Vec<&str> = line.split([' ', '<', '(', ';', '{']).collect();
            if let Some(at) = words.iter().position(|word| matches!(*word, "struct" | "enum")) {
                if attributes.contains("ToSchema") {
                    let given = attributes.split_once("schema(as = ").map(|(_, rest)| rest);
                    let given = given.and_then(|rest| rest.split([')', ',']).next());
                    let name = given.or(words.get(at + 1).copied()).unwrap_or_default();
                    if !name.starts_with('$') {
                        names.push(name.to_owned());
                    }
                }
                break;
            }
            attributes.push_str(line);
        }
    }
    names
}

#[test]
fn names_are_read_from_sources_as_they_are_written() {
    let source = "#[derive(Clone, ToSchema)]\n#[serde(default)]\n#[schema(as = Other)]\npub(crate) struct One {\n}\n\
                  #[derive(Clone)]\nstruct Two;\n#[derive(\n    utoipa::ToSchema,\n)]\nenum Three<T> {}\n";
    assert_eq!(schemas_of(source), ["Other", "Three"]);
}
