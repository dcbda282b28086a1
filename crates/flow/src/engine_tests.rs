//! Conversations with the engine: whole ways through flows, and what must hold whatever happens.

use base::Time;
use base::message::Content;
use serde_json::{Value, json};

use super::*;
use crate::event::Effect;
use crate::{DefaultTexts, Definition, coalesce, default_definition};

/// A conversation under test: plays events and remembers what was said.
struct Talk {
    flow: Compiled,
    state: RunState,
    context: Context,
    at: i64,
    effects: Vec<Effect>,
    titles: Vec<String>,
}

impl Talk {
    fn new(flows: Definition) -> Self {
        let context = context();
        Talk {
            flow: Compiled::new(flows),
            state: RunState::default(),
            context,
            at: 0,
            effects: Vec::new(),
            titles: Vec::new(),
        }
    }

    fn first_flow() -> Self {
        Self::new(default_definition())
    }

    /// Steps as format 1 wrote them, so that what was drawn then still does what it did.
    fn of(steps: Value, edges: &[(&str, &str, &str)]) -> Self {
        let edges: Vec<Value> = edges.iter().map(|(f, b, t)| json!({"from": f, "branch": b, "to": t})).collect();
        Self::new(
            Definition::parse(&json!({"format": 1, "name": "t", "steps": steps, "edges": edges}).to_string()).unwrap(),
        )
    }

    /// Plays an event and gives what the customer sees: texts, and kinds of other messages in brackets.
    fn play(&mut self, kind: EventKind) -> Vec<String> {
        self.at += 1000;
        // Through JSON each time, as after a restart of the program.
        let state = serde_json::from_str(&serde_json::to_string(&self.state).unwrap()).unwrap();
        let event = Event { at: Time(self.at), kind };
        let advanced = advance(&self.flow, state, &event, &self.context);
        self.state = advanced.state;
        self.effects = coalesce(advanced.effects);
        self.titles = advanced.journal.into_iter().map(|e| e.title).collect();
        let said = self.effects.iter().filter_map(|e| match &e.kind {
            EffectKind::Send { content: Content::Text { text }, .. } => Some(text.clone()),
            EffectKind::Send { content, .. } => Some(format!("[{}] {}", content.kind(), content.words())),
            _ => None,
        });
        said.collect()
    }

    fn starts(&mut self, text: &str) -> Vec<String> {
        self.play(EventKind::Started { message: Some(incoming(text)) })
    }

    fn says(&mut self, text: &str) -> Vec<String> {
        self.play(EventKind::Message { message: incoming(text) })
    }

    fn done(&mut self, outcome: Outcome) -> Vec<String> {
        let seq = self.state.next_seq;
        self.play(EventKind::EffectDone { seq, outcome, cost_cents: 0.0 })
    }

    fn unknown(&mut self) -> Vec<String> {
        self.done(Outcome::Unknown { detail: json!({}) })
    }

    fn answered(&mut self, text: &str) -> Vec<String> {
        self.done(Outcome::Answered { text: text.into(), detail: json!({}) })
    }

    /// The question that the knowledge is asked, if it is.
    fn asked(&self) -> Option<&str> {
        self.effects.iter().find_map(|e| match &e.kind {
            EffectKind::Answer { question, .. } => Some(question.as_str()),
            _ => None,
        })
    }

    fn note(&self) -> Option<&str> {
        self.effects.iter().find_map(|e| match &e.kind {
            EffectKind::Handover { note, .. } => Some(note.as_str()),
            _ => None,
        })
    }
}

fn incoming(text: &str) -> Incoming {
    Incoming::words(text)
}

/// A conversation with the bot's ready texts.
pub(super) fn context() -> Context {
    let Ok(Value::Object(words)) = serde_json::to_value(DefaultTexts::default()) else { panic!("texts are an object") };
    let conversation =
        serde_json::Map::from_iter([("id".to_owned(), json!("c1")), ("channel".to_owned(), json!("webchat"))]);
    Context { words, conversation, ..Context::default() }
}

#[test]
fn a_greeting_is_greeted_and_the_conversation_rests() {
    let mut talk = Talk::first_flow();
    assert_eq!(talk.starts("Bom dia!"), ["Hello! How can I help you?"]);
    assert_eq!(talk.state.status(), Status::Ended);
    assert!(talk.says("do you deliver?").is_empty());
    assert_eq!(talk.asked(), Some("do you deliver?"));
}

#[test]
fn a_question_is_answered_from_knowledge_and_the_answer_names_its_source() {
    let mut talk = Talk::first_flow();
    talk.starts("Do you deliver?");
    assert!(talk.state.waits_for_effect());
    let seq = talk.effects[0].seq;
    assert_eq!(talk.answered("Yes, {{ daily }}."), ["Yes, {{ daily }}."]);
    assert!(matches!(&talk.effects[0].kind, EffectKind::Send { answer_of: Some(of), .. } if *of == seq));
    assert_eq!(talk.state.status(), Status::Ended);
}

#[test]
fn an_unanswered_question_reaches_a_person_with_name_and_details() {
    let mut talk = Talk::first_flow();
    talk.starts("Can I rent the hall?");
    let said = talk.unknown();
    assert_eq!(said, ["I don't know the answer to that, but a colleague will.\n\nWhat is your name?"]);
    assert!(talk.state.waits_for_reply() && talk.state.wake_at().is_some());
    assert_eq!(talk.says("I'm Ana").len(), 1);
    assert!(
        talk.effects.iter().any(|e| e.kind == EffectKind::SetContact { field: "name".into(), value: json!("Ana") })
    );
    assert_eq!(talk.says("For 40 people in May"), ["Thank you! A colleague will reply to you here."]);
    assert_eq!(talk.note(), Some("Name: Ana\nQuestion: Can I rent the hall?\nDetails: For 40 people in May"));
    assert_eq!(talk.state.status(), Status::Handed);
    assert!(talk.says("hello?").is_empty());
    talk.play(EventKind::PersonReleased);
    assert_eq!(talk.state.status(), Status::Ended);
}

#[test]
fn a_new_question_in_place_of_the_name_is_answered() {
    let mut talk = Talk::first_flow();
    talk.starts("Can I rent the hall?");
    talk.unknown();
    talk.says("And how much is a coffee?");
    assert_eq!(talk.asked(), Some("And how much is a coffee?"));
    assert_eq!(talk.answered("Two euros."), ["Two euros."]);

    let mut talk = Talk::first_flow();
    talk.starts("Can I rent the hall?");
    talk.unknown();
    talk.says("And the garden?");
    talk.unknown();
    talk.says("Ana");
    talk.says("no");
    assert_eq!(talk.note(), Some("Name: Ana\nQuestion: Can I rent the hall?\nAnd the garden?\nDetails: -"));
}

#[test]
fn a_known_name_is_not_asked_for_and_silence_leads_to_a_person() {
    let mut talk = Talk::first_flow();
    talk.context.contact.insert("name".into(), json!("Ana"));
    talk.starts("Can I rent the hall?");
    assert!(talk.unknown()[0].contains("anything else"));
    let due = talk.state.wake_at().unwrap();
    assert!(talk.play(EventKind::Timer).is_empty(), "an early alarm changes nothing");
    assert!(talk.state.waits_for_reply());
    talk.at = due.as_ms();
    talk.play(EventKind::Timer);
    assert_eq!(talk.state.status(), Status::Handed);
    assert_eq!(talk.note(), Some("Name: Ana\nQuestion: Can I rent the hall?\nDetails: -"));
}

#[test]
fn messages_during_an_answer_are_never_dropped() {
    let mut talk = Talk::first_flow();
    talk.starts("Do you deliver?");
    assert!(talk.says("to Rome").is_empty() && talk.says("and Milan?").is_empty());
    assert_eq!(talk.answered("Yes."), ["Yes."]);
    assert_eq!(talk.asked(), Some("to Rome\nand Milan?"), "the run starts again with what was kept");
    talk.says("What about Turin?");
    assert!(talk.unknown()[0].contains("What is your name?"));
    assert_eq!(talk.asked(), Some("What about Turin?"), "a kept question counts as one, not as a name");
}

#[test]
fn thanks_are_left_in_peace() {
    let mut talk = Talk::first_flow();
    assert!(talk.starts("Thank you!").is_empty());
    assert!(talk.effects.is_empty());
    assert_eq!(talk.state.status(), Status::Ended);
}

#[test]
fn a_failed_lookup_is_admitted_and_a_person_called() {
    let mut talk = Talk::first_flow();
    talk.starts("Do you deliver?");
    let said = talk.done(Outcome::Failed { message: "No network.".into() });
    assert!(said[0].starts_with("I cannot look that up right now"), "{said:?}");
}

#[test]
fn a_customer_gets_a_person_or_a_new_start_by_asking() {
    let mut talk = Talk::first_flow();
    talk.starts("Do you deliver?");
    assert_eq!(talk.says("Agent!"), ["Thank you! A colleague will reply to you here."]);
    assert_eq!(talk.state.status(), Status::Handed);
    assert!(talk.answered("Yes.").is_empty(), "the late answer is left aside");

    let mut talk = Talk::first_flow();
    talk.starts("Can I rent the hall?");
    talk.unknown();
    assert_eq!(talk.says("start over"), ["Hello! How can I help you?"]);
}

#[test]
fn stale_events_change_nothing() {
    let mut talk = Talk::first_flow();
    talk.starts("Do you deliver?");
    let before = talk.state.clone();
    talk.play(EventKind::EffectDone { seq: 99, outcome: Outcome::Unknown { detail: json!({}) }, cost_cents: 0.0 });
    talk.play(EventKind::Timer);
    assert_eq!(talk.state, before);
    talk.answered("Yes.");
    let before = talk.state.clone();
    assert!(talk.answered("Yes.").is_empty(), "the same outcome twice is sent once");
    assert_eq!(talk.state, before);
}

#[test]
fn a_broken_flow_stops_and_calls_a_person() {
    let text = |t: &str| json!({"kind": "text", "text": t});
    let start = json!({"id": "s", "kind": "start"});
    let circle = json!([start, {"id": "a", "kind": "set", "name": "x", "value": "1"}]);
    let chatter = json!([start, {"id": "a", "kind": "message", "content": text("x")}]);
    let missing = json!([start, {"id": "a", "kind": "message", "content": text("{{ nobody }}")}]);
    let around = [("s", "next", "a"), ("a", "next", "a")];
    for (steps, edges) in [(circle, &around[..]), (chatter, &around[..]), (missing, &around[..]), (json!([]), &[])] {
        let mut talk = Talk::of(steps, edges);
        talk.starts("hello");
        assert_eq!(talk.state.status(), Status::Failed);
        assert!(talk.titles.last().unwrap().contains("error"));
        assert_eq!(talk.note(), Some(""));
        talk.play(EventKind::Timer);
        assert_eq!(talk.note(), None, "one failure calls a person once");
    }
}

#[test]
fn choices_lead_each_their_own_way() {
    let choice = |id: &str, title: &str| json!({"id": id, "title": title});
    let steps = json!([
        {"id": "s", "kind": "start"},
        {"id": "c", "kind": "choices", "text": "Which?", "choices": [choice("p", "Prices"), choice("h", "Agent")], "variable": "topic", "max_tries": 2},
        {"id": "m", "kind": "message", "content": {"kind": "text", "text": "You want {{ topic }}."}},
        {"id": "f", "kind": "message", "content": {"kind": "text", "text": "Never mind."}},
        {"id": "x", "kind": "handover"},
    ]);
    let edges = [("s", "next", "c"), ("c", "p", "m"), ("c", "next", "m"), ("c", "failed", "f")];
    let mut talk = Talk::of(steps, &edges);
    assert_eq!(talk.starts("x"), ["[buttons] Which?"]);
    assert_eq!(talk.says("dunno"), ["[buttons] Which?"]);
    assert_eq!(talk.says("dunno"), ["Never mind."]);
    talk.starts("x");
    assert_eq!(talk.says("pricse"), ["You want Prices."]);
    talk.starts("x");
    assert_eq!(talk.says("agent"), ["You want Agent."], "a choice goes before the word for a person");
}

#[test]
fn web_services_fill_variables_and_fail_along_their_way() {
    let steps = json!([
        {"id": "s", "kind": "start"},
        {"id": "h", "kind": "http", "method": "post", "url": "https://shop.example/o/{{ last.text | urlencode }}",
         "headers": [{"name": "X-A", "value": "{{ last.text }}"}], "body": "{\"q\":{{ last.text | tojson }}}",
         "save": [{"variable": "price", "pointer": "/items/0/price"}, {"variable": "none", "pointer": "/no"}]},
        {"id": "m", "kind": "message", "content": {"kind": "text", "text": "{{ price | money('EUR') }}{{ none }}"}},
        {"id": "f", "kind": "message", "content": {"kind": "text", "text": "Sorry."}},
    ]);
    let mut talk = Talk::of(steps, &[("s", "next", "h"), ("h", "next", "m"), ("h", "failed", "f")]);
    talk.starts("a/\"b\r\nEvil: 1");
    let EffectKind::Http { method, url, headers, body, .. } = &talk.effects[0].kind else {
        panic!("{:?}", talk.effects)
    };
    assert_eq!((method.as_str(), url.as_str()), ("POST", "https://shop.example/o/a/%22b%0D%0AEvil%3A%201"));
    assert!(!headers[0].1.contains(['\r', '\n']));
    assert_eq!(body.as_deref(), Some(r#"{"q":"a/\"b\r\nEvil: 1"}"#));
    let ok = Outcome::Response { status: 200, body: json!({"items": [{"price": 2.5}]}) };
    assert_eq!(talk.done(ok), ["2.50 EUR"]);
    talk.starts("x");
    assert_eq!(talk.done(Outcome::Response { status: 404, body: json!(null) }), ["Sorry."], "{:?}", talk.titles);
}

#[test]
fn a_written_text_is_kept_or_sent() {
    let steps = json!([
        {"id": "s", "kind": "start"},
        {"id": "g", "kind": "generate", "prompt": "{{ last.text }}", "instructions": "Short.", "variable": "sum", "send": false},
        {"id": "m", "kind": "message", "content": {"kind": "text", "text": "So: {{ sum }}"}},
    ]);
    let mut talk = Talk::of(steps, &[("s", "next", "g"), ("g", "next", "m")]);
    talk.starts("long story");
    assert_eq!(talk.done(Outcome::Generated { text: " {{ x }} ".into() }), ["So: {{ x }}"]);
    talk.starts("again");
    talk.done(Outcome::Failed { message: "No model.".into() });
    assert_eq!(talk.state.status(), Status::Failed);
}

#[test]
fn a_pause_ends_in_time_and_nobody_waits_for_it_to_be_answered() {
    let steps = json!([
        {"id": "s", "kind": "start"},
        {"id": "hi", "kind": "message", "content": {"kind": "text", "text": "Hi {{ last.text }}"}},
        {"id": "w", "kind": "wait", "duration_ms": 86_400_000},
        {"id": "m", "kind": "message", "content": {"kind": "text", "text": "All well?"}},
    ]);
    let mut talk = Talk::of(steps, &[("s", "next", "hi"), ("hi", "next", "w"), ("w", "next", "m")]);
    assert_eq!(talk.starts("a"), ["Hi a"]);
    assert_eq!(talk.says("b"), ["Hi b"]);
    talk.at = talk.state.wake_at().unwrap().as_ms() - 10_000;
    assert!(talk.says("c").is_empty(), "so short before its end, the pause goes on");
    talk.at += 10_000;
    assert_eq!(talk.play(EventKind::Timer), ["All well?\n\nHi c"], "and the kept message follows");
}

#[test]
fn a_reply_is_asked_for_again_but_not_for_ever() {
    let steps = json!([
        {"id": "s", "kind": "start"},
        {"id": "q", "kind": "question", "text": "How many?", "answer": "number", "variable": "n", "reask": "A number, please.", "max_tries": 2},
        {"id": "m", "kind": "message", "content": {"kind": "text", "text": "n={{ n }}"}},
    ]);
    let mut talk = Talk::of(steps, &[("s", "next", "q"), ("q", "next", "m")]);
    assert_eq!(talk.starts("x"), ["How many?"]);
    assert_eq!(talk.says("lots"), ["A number, please."]);
    assert_eq!(talk.says("2,5"), ["n=2.5"]);
    talk.starts("x");
    talk.says("lots");
    assert_eq!(talk.says("lots"), ["n="]);
}

#[test]
fn a_person_may_step_in_at_any_time_and_a_run_can_be_stopped() {
    for (kind, status) in [
        (EventKind::PersonTookOver, Status::Handed),
        (EventKind::PersonReleased, Status::Ended),
        (EventKind::Cancelled, Status::Ended),
    ] {
        let mut talk = Talk::first_flow();
        talk.starts("Do you deliver?");
        talk.says("hm");
        talk.play(kind);
        assert_eq!(talk.state.status(), status);
        assert!(talk.effects.is_empty());
        assert!(talk.answered("Yes.").is_empty());
        assert_eq!(talk.state.wake_at(), None);
    }
}
