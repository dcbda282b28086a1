//! Older formats of definitions, brought to the present one when they are read.

use base::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::definition::{Definition, FORMAT, Failure, Flow, Limits, Position, Settings, Step};
use crate::state::{Thread, Wait};

/// The one flow that a bot had.
const MAIN: &str = "main";

/// Format 1: one flow, with the fields of a step beside its kind.
pub(crate) fn from_1(old: &Value) -> Result<Definition> {
    let unreadable = |what: &str| Error::invalid(format!("This flow cannot be read: {what} is missing or damaged."));
    let steps = old.get("steps").and_then(Value::as_array).ok_or_else(|| unreadable("the list of steps"))?;
    let steps = steps.iter().map(step).collect::<Option<Vec<Step>>>().ok_or_else(|| unreadable("a step"))?;
    let edges = match old.get("edges") {
        None => Vec::new(),
        Some(edges) => serde_json::from_value(edges.clone()).map_err(|_| unreadable("a connection"))?,
    };
    let words = |key: &str, ready: Vec<String>| match old.pointer(&format!("/settings/{key}")) {
        Some(list) => serde_json::from_value(list.clone()).map_err(|_| unreadable("a setting")),
        None => Ok(ready),
    };
    let ready = Settings::default();
    let settings = Settings {
        human_words: words("human_words", ready.human_words)?,
        restart_words: words("restart_words", ready.restart_words)?,
        stop_words: ready.stop_words,
        back_words: ready.back_words,
        limits: Limits::default(),
    };
    let name = old.get("name").and_then(Value::as_str).unwrap_or("Main").to_owned();
    let mut flow = Flow { id: MAIN.into(), name, steps, edges, ..Flow::default() };
    hear_others(&mut flow);
    Ok(Definition { format: FORMAT, settings, flows: vec![flow] })
}

/// Before format 2 a run had one place, beside its other fields. Nothing when it has none any more.
pub(crate) fn thread_of_1(stored: &str) -> serde_json::Result<Option<Thread>> {
    #[derive(Deserialize)]
    struct Place {
        step: Option<String>,
        wait: Option<Wait>,
    }
    let Place { step, wait } = serde_json::from_str(stored)?;
    let place = step.map(|step| Thread { flow: MAIN.into(), step: Some(step), wait, ..Thread::default() });
    Ok(place.filter(|thread| thread.wait.is_some()))
}

fn step(old: &Value) -> Option<Step> {
    let mut fields = old.as_object()?.clone();
    let id = fields.remove("id")?.as_str()?.to_owned();
    let kind = fields.remove("kind")?.as_str()?.to_owned();
    let title = fields.remove("title").and_then(|t| t.as_str().map(str::to_owned));
    let position =
        fields.remove("position").and_then(|p| serde_json::from_value(p).ok()).unwrap_or(Position::default());
    let number = |key: &str| fields.get(key).and_then(Value::as_u64);
    let method = fields.get("method").and_then(Value::as_str).unwrap_or("GET");
    let reads = method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD");
    let failure = (kind == "http").then(|| Failure {
        timeout_ms: number("timeout_ms").map(|ms| ms.clamp(100, 60_000)),
        // Then as now, only what is safe to repeat is repeated.
        retries: u32::try_from(number("retries").unwrap_or(1)).unwrap_or_default().min(if reads { 5 } else { 0 }),
        wait_ms: 1_000,
        ..Failure::default()
    });
    let (kind, fields) = renamed(&kind, fields);
    Some(Step { id, kind: kind.to_owned(), title, position, fields, failure, group: None })
}

/// What a step of format 1 is called now, and its fields.
fn renamed(kind: &str, mut fields: Map<String, Value>) -> (&str, Map<String, Value>) {
    let text = |fields: &Map<String, Value>, key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    match kind {
        "start" => ("message_received", Map::new()),
        "message" => message(fields.remove("content").unwrap_or_default()),
        "question" => {
            let answer = fields.remove("answer");
            let kind = match answer.as_ref().and_then(Value::as_str) {
                Some("number") => "ask_number",
                Some("email") => "ask_email",
                Some("phone") => "ask_phone",
                Some("url") => "ask_link",
                Some("date") => "ask_date",
                Some("time") => "ask_time",
                Some("yes_no") => "ask_yes_no",
                _ => return ("ask_text", fields),
            };
            fields.remove("short");
            (kind, fields)
        }
        "choices" => ("ask_choice", fields),
        "condition" => {
            let rules = json!({
                "all": fields.remove("all").unwrap_or(json!([])),
                "any": fields.remove("any").unwrap_or(json!([])),
            });
            ("condition", Map::from_iter([("rules".to_owned(), rules)]))
        }
        "set" => match text(&fields, "target").as_deref() {
            Some("contact") => {
                fields.remove("target");
                let field = fields.remove("name").unwrap_or_default();
                fields.insert("field".into(), field);
                ("contact_field", fields)
            }
            _ => {
                let (name, value) = (fields.remove("name"), fields.remove("value"));
                let item = json!({ "name": name.unwrap_or_default(), "value": value.unwrap_or_default() });
                ("set", Map::from_iter([("values".to_owned(), json!([item]))]))
            }
        },
        "http" => {
            fields.remove("retries");
            fields.remove("timeout_ms");
            if let Some(body) = fields.remove("body").filter(|b| b.as_str().is_some_and(|b| !b.trim().is_empty())) {
                fields.insert("body".into(), json!("text"));
                fields.insert("text".into(), body);
            }
            ("http", fields)
        }
        "answer" => ("answer", fields),
        "generate" => ("generate", fields),
        "wait" => ("wait", fields),
        "handover" => ("handover", fields),
        "end" => ("end", Map::new()),
        // Validation tells the owner that the kind is not known.
        _ => ("unknown", fields),
    }
}

fn message(content: Value) -> (&'static str, Map<String, Value>) {
    let of = |key: &str| content.get(key).cloned().unwrap_or_default();
    let pick = |keys: &[&str]| keys.iter().map(|k| ((*k).to_owned(), of(k))).filter(|(_, v)| !v.is_null()).collect();
    match content.get("kind").and_then(Value::as_str) {
        Some("image") => ("image", pick(&["media", "caption"])),
        Some("video") => ("video", pick(&["media", "caption"])),
        Some("audio") => ("audio", pick(&["media", "voice"])),
        Some("document") => ("document", pick(&["media", "caption"])),
        Some("link") => ("link", pick(&["text", "label", "url"])),
        Some("buttons") => {
            let choices = Map::from_iter([("text".to_owned(), of("text")), ("choices".to_owned(), of("buttons"))]);
            ("buttons", choices)
        }
        Some("location") => ("location", pick(&["latitude", "longitude", "name", "address"])),
        _ => ("text", pick(&["text"])),
    }
}

/// Choices took “other” for every reply that fits none; now that is asked for.
fn hear_others(flow: &mut Flow) {
    for step in flow.steps.iter_mut().filter(|s| s.kind == "ask_choice") {
        if flow.edges.iter().any(|e| e.from == step.id && e.branch == "other") {
            step.fields.insert("interruptible".into(), json!(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Definition, RunState, Severity, validate};

    #[test]
    fn a_request_keeps_what_it_sends_and_how_often_it_is_tried() {
        let old = r#"{"format":1,"steps":[{"id":"h","kind":"http","method":"POST","url":"https://shop.example","body":"{}","timeout_ms":5000,"retries":2}]}"#;
        let step = Definition::parse(old).unwrap().flows.remove(0).steps.remove(0);
        assert_eq!((&step.fields["body"], &step.fields["text"]), (&"text".into(), &"{}".into()));
        let failure = step.failure.unwrap();
        assert_eq!((failure.timeout_ms, failure.retries), (Some(5000), 0), "nothing is ordered twice");
        let step = Definition::parse(&old.replace("POST", "GET")).unwrap().flows.remove(0).steps.remove(0);
        assert_eq!(step.failure.map(|f| f.retries), Some(2));
    }

    #[test]
    fn a_run_of_the_first_format_goes_on_waiting_for_the_same() {
        let run = |wait: &str| {
            let stored = format!(r#"{{"status":"waiting","step":"a","wait":{wait},"vars":{{"q":"Hi"}},"next_seq":1}}"#);
            RunState::parse(&stored).unwrap()
        };
        let answering = run(r#"{"for":"effect","seq":1}"#);
        assert!(answering.waits_for_effect() && answering.variables()["q"] == "Hi");
        assert!(run(r#"{"for":"reply","deadline":null,"tries":1}"#).waits_for_reply());
        assert_eq!(run(r#"{"for":"until","at":1800000000000}"#).wake_at(), Some(base::Time(1_800_000_000_000)));
        let ended = r#"{"status":"ended","step":"end","next_seq":2}"#;
        assert_eq!(RunState::parse(ended).unwrap(), serde_json::from_str(ended).unwrap(), "it is over");
    }

    #[test]
    fn a_flow_of_the_first_format_is_read_and_may_be_published() {
        let old = include_str!("../tests/format-1.json");
        let definition = Definition::parse(old).unwrap();
        let kinds: Vec<&str> = definition.flows[0].steps.iter().map(|s| s.kind.as_str()).collect();
        for kind in
            ["message_received", "condition", "text", "set", "contact_field", "answer", "ask_text", "handover", "end"]
        {
            assert!(kinds.contains(&kind), "{kind} is in {kinds:?}");
        }
        let errors: Vec<_> = validate(&definition).into_iter().filter(|f| f.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}
