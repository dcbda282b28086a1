//! Tests of what validation finds.

use super::*;
use crate::{DefaultTexts, default_flow, kinds};

fn found(json: &str) -> Vec<Finding> {
    validate(&Flow::parse(json).unwrap())
}

#[test]
fn the_first_flow_has_nothing_to_complain_about() {
    assert_eq!(validate(&default_flow(&DefaultTexts::default())), []);
}

#[test]
fn an_owner_is_told_what_is_wrong_and_where() {
    let flow = |steps: &str, edges: &str| format!(r#"{{"format":1,"name":"x","steps":[{steps}],"edges":[{edges}]}}"#);
    let start = r#"{"id":"s","kind":"start"}"#;
    let step = |kind: &str| format!(r#"{start},{{"id":"a","kind":{kind}}}"#);
    let edge = r#"{"from":"s","branch":"next","to":"a"}"#;
    for (json, severity, step, part) in [
        (flow("", ""), Severity::Error, None, "no start"),
        (flow(&format!("{start},{start}"), ""), Severity::Error, Some("s"), "several starts"),
        (flow(&format!("{start},{start}"), ""), Severity::Error, Some("s"), "share an id"),
        (flow(start, edge), Severity::Error, Some("s"), "not there"),
        (flow(&step(r#""end""#), &format!("{edge},{edge}")), Severity::Error, Some("s"), "Two connections"),
        (
            flow(&step(r#""end""#), r#"{"from":"s","branch":"no","to":"a"}"#),
            Severity::Error,
            Some("s"),
            "no way called",
        ),
        (flow(&step(r#""end""#), ""), Severity::Warning, Some("a"), "No way leads"),
        (flow(start, ""), Severity::Warning, Some("s"), "Nothing follows"),
        (
            flow(&step(r#""message","content":{"kind":"text","text":"{{ a "}"#), edge),
            Severity::Error,
            Some("a"),
            "not written",
        ),
        (
            flow(&step(r#""message","content":{"kind":"picked","id":"","title":""}"#), edge),
            Severity::Error,
            Some("a"),
            "Only customers",
        ),
        (
            flow(&step(r#""question","text":"?","variable":"a b""#), edge),
            Severity::Error,
            Some("a"),
            "cannot be a name",
        ),
        (flow(&step(r#""question","text":"?","variable":"last""#), edge), Severity::Error, Some("a"), "something else"),
        (
            flow(&step(r#""message","content":{"kind":"text","text":"Hi {{ nam }}"}"#), edge),
            Severity::Warning,
            Some("a"),
            "No step fills “nam”",
        ),
        (flow(&step(r#""choices","text":"?""#), edge), Severity::Error, Some("a"), "nothing to choose"),
        (flow(&step(r#""http","url":"https://{{ x }}/""#), edge), Severity::Error, Some("a"), "server"),
        (flow(&step(r#""http","url":"ftp://a/""#), edge), Severity::Error, Some("a"), "not a web address"),
        (flow(&step(r#""condition""#), edge), Severity::Warning, Some("a"), "always “yes”"),
        (
            flow(
                &step(r#""message","content":{"kind":"text","text":"x"}"#),
                &format!(r#"{edge},{{"from":"a","branch":"next","to":"a"}}"#),
            ),
            Severity::Error,
            Some("a"),
            "circle",
        ),
    ] {
        let findings = found(&json);
        let hit =
            findings.iter().any(|f| f.severity == severity && f.step.as_deref() == step && f.message.contains(part));
        assert!(hit, "{part}: {findings:#?}");
    }
}

#[test]
fn every_example_is_free_of_errors() {
    for kind in kinds() {
        let mut example = kind.example.clone();
        example["id"] = "a".into();
        let start = serde_json::json!({"id": "s", "kind": "start"});
        let steps = if kind.name == "start" { vec![example] } else { vec![start, example] };
        let flow = serde_json::json!({"format": 1, "name": "x", "steps": steps});
        let errors: Vec<_> = found(&flow.to_string()).into_iter().filter(|f| f.severity == Severity::Error).collect();
        assert_eq!(errors, [], "{}", kind.name);
    }
}
