//! What an owner reads before publishing.

use serde_json::json;

use super::*;

fn bot(steps: Value, edges: Value) -> Definition {
    flows(json!([{"id": "main", "name": "Main", "steps": steps, "edges": edges}]))
}

fn flows(flows: Value) -> Definition {
    serde_json::from_value(json!({"format": 2, "flows": flows})).unwrap()
}

fn text(words: &str) -> Value {
    json!({"id": "a", "kind": "text", "fields": {"text": words}})
}

/// Changes as `main a changed Text: "x" -> "y"`, one for each setting, step, way or flow.
fn told(before: &Definition, after: &Definition) -> Vec<String> {
    let word = |change: Change| serde_json::to_value(change).unwrap().as_str().unwrap().to_owned();
    let shown = |value: &Option<Value>| value.as_ref().map_or("-".into(), ToString::to_string);
    let mut lines = Vec::new();
    for flow in changes(before, after).flows {
        if flow.change != Change::Changed || flow.steps.is_empty() && flow.edges.is_empty() {
            lines.push(format!("{} {}", flow.name, word(flow.change)));
        }
        for step in &flow.steps {
            let head = format!("{} {} {}", flow.flow, step.step, word(step.change));
            match step.fields.is_empty() {
                true => lines.push(head),
                false => lines.extend(
                    step.fields
                        .iter()
                        .map(|f| format!("{head} {}: {} -> {}", f.label, shown(&f.before), shown(&f.after))),
                ),
            }
        }
        let edges = flow.edges.iter();
        lines.extend(edges.map(|e| format!("{} {}-{}-{} {}", flow.flow, e.from, e.branch, e.to, word(e.change))));
    }
    lines
}

#[test]
fn an_owner_reads_what_is_different() {
    let step = |step: Value| bot(json!([step]), json!([]));
    let edge = |to: &str| json!([{"from": "a", "branch": "next", "to": to}]);
    let named = |name: &str, output: Value| flows(json!([{"id": "main", "name": name, "outputs": output}]));
    let with_words = |words: &[&str], steps: u32| {
        let mut bot = step(text("x"));
        bot.settings.human_words = words.iter().map(|w| (*w).to_owned()).collect();
        bot.settings.limits.steps = steps;
        bot
    };
    let two = flows(
        json!([{"id": "main", "name": "Main", "steps": [text("x")]}, {"id": "more", "name": "More", "steps": [text("y")]}]),
    );
    let title = |kind: &str| steps::kind(kind).unwrap().title;
    let kind_change = format!("main a changed Kind of step: {:?} -> {:?}", title("text"), title("log"));
    for (before, after, expected) in [
        (step(text("x")), step(text("x")), vec![]),
        (step(text("x")), step(text("y")), vec![r#"main a changed Text: "x" -> "y""#]),
        // Where a step stands is nothing that a customer would notice, nor what is as in a new step.
        (
            step(text("x")),
            step(
                json!({"id": "a", "kind": "text", "position": {"x": 9, "y": 9}, "group": "g", "fields": {"text": "x"}}),
            ),
            vec![],
        ),
        (
            step(json!({"id": "a", "kind": "answer"})),
            step(json!({"id": "a", "kind": "answer", "fields": {"send": true, "sources": []}})),
            vec![],
        ),
        (
            step(json!({"id": "a", "kind": "answer"})),
            step(json!({"id": "a", "kind": "answer", "fields": {"send": false}})),
            vec!["main a changed Send the answer: true -> false"],
        ),
        (
            step(text("x")),
            step(json!({"id": "a", "kind": "text", "title": "Hello", "fields": {"text": "x"}})),
            vec![r#"main a changed Name: - -> "Hello""#],
        ),
        (step(text("x")), step(json!({"id": "a", "kind": "log", "fields": {"text": "x"}})), vec![kind_change.as_str()]),
        (
            step(json!({"id": "a", "kind": "answer"})),
            step(json!({"id": "a", "kind": "answer", "failure": {"retries": 1, "wait_ms": 5, "then": "stop"}})),
            vec![r#"main a changed If it fails: - -> {"retries":1,"wait_ms":5,"then":"stop"}"#],
        ),
        (
            step(json!({"id": "a", "kind": "from the future", "fields": {"z": 1}})),
            step(json!({"id": "a", "kind": "from the future", "fields": {"z": 2}})),
            vec!["main a changed z: 1 -> 2"],
        ),
        (
            bot(json!([text("x")]), edge("a")),
            bot(json!([text("x"), {"id": "b", "kind": "end"}]), edge("b")),
            vec!["main b added", "main a-next-b added", "main a-next-a removed"],
        ),
        (bot(json!([text("x"), {"id": "b", "kind": "end"}]), json!([])), step(text("x")), vec!["main b removed"]),
        (step(text("x")), two.clone(), vec!["More added", "more a added"]),
        (two, step(text("x")), vec!["More removed", "more a removed"]),
        (named("Main", json!([])), named("First", json!([])), vec!["First changed"]),
        (named("Main", json!([])), named("Main", json!([{"name": "price", "type": "number"}])), vec!["Main changed"]),
        (
            with_words(&["human"], 5),
            with_words(&["person"], 6),
            vec![
                r#"settings settings changed Words that ask for a person: ["human"] -> ["person"]"#,
                "settings settings changed Steps of one run: 5 -> 6",
            ],
        ),
    ] {
        assert_eq!(told(&before, &after), expected);
    }
}

#[test]
fn a_conversation_that_cannot_go_on_is_known_before() {
    let ask =
        |fields: Value| bot(json!([{"id": "a", "kind": "ask_text", "title": "Name", "fields": fields}]), json!([]));
    let before = ask(json!({"text": "Your name?", "variable": "name"}));
    let pick = |choices: Value| {
        bot(
            json!([{"id": "a", "kind": "ask_choice", "title": "Colour", "fields": {"text": "Which?", "variable": "c", "choices": choices}}]),
            json!([]),
        )
    };
    let (red, blue) = (json!({"id": "r", "title": "Red"}), json!({"id": "b", "title": "Blue"}));
    let mut cases = vec![
        (before.clone(), before.clone(), None),
        (before.clone(), ask(json!({"text": "And your name?", "variable": "name"})), None),
        (before.clone(), ask(json!({"text": "Your name?", "variable": "who"})), Some("keeps the reply as “who” now")),
        (before.clone(), ask(json!({"text": 7})), Some("cannot run")),
        (before.clone(), bot(json!([]), json!([])), Some("The step “Name” is no longer there.")),
        (before.clone(), flows(json!([])), Some("The flow “Main” is no longer there.")),
        (before.clone(), bot(json!([{"id": "a", "kind": "end"}]), json!([])), Some("is something else now")),
        (bot(json!([]), json!([])), before, None),
    ];
    if steps::kind("ask_choice").is_some() {
        cases.extend([
            (pick(json!([red, blue])), pick(json!([blue, red])), None),
            (pick(json!([red])), pick(json!([red, blue])), None),
            (pick(json!([red, blue])), pick(json!([red])), Some("no longer offers “Blue”")),
        ]);
    }
    for (before, after, expected) in cases {
        let why = why_broken(&before, &Compiled::new(after), "main", "a");
        assert_eq!(why.is_some(), expected.is_some(), "{why:?}");
        assert!(why.as_deref().unwrap_or_default().contains(expected.unwrap_or_default()), "{why:?}");
    }
}
