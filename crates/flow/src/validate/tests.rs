//! Tests of what validation finds.

use super::*;
use crate::default_definition;

fn found(json: &str) -> Vec<Finding> {
    validate(&Definition::parse(json).unwrap())
}

#[test]
fn the_first_flow_has_nothing_to_complain_about() {
    assert_eq!(validate(&default_definition()), []);
}

#[test]
fn an_owner_is_told_what_is_wrong_and_where() {
    let flow = |steps: &str, edges: &str| format!(r#"{{"format":1,"name":"x","steps":[{steps}],"edges":[{edges}]}}"#);
    let start = r#"{"id":"s","kind":"start"}"#;
    let step = |kind: &str| format!(r#"{start},{{"id":"a","kind":{kind}}}"#);
    let edge = r#"{"from":"s","branch":"next","to":"a"}"#;
    for (json, severity, step, part) in [
        (flow("", ""), Severity::Error, None, "No flow begins"),
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
            flow(&step(r#""end""#), r#"{"from":"a","branch":"next","to":"s"}"#),
            Severity::Error,
            Some("a"),
            "no way called",
        ),
        (
            flow(&step(r#""wait","duration_ms":1000"#), r#"{"from":"a","branch":"next","to":"s"}"#),
            Severity::Error,
            Some("a"),
            "Nothing can lead",
        ),
        (flow(&step(r#""fly""#), edge), Severity::Error, Some("a"), "does not know steps"),
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
