//! Agents that look things up, use flows, ask a person, and come to an end.

use serde_json::{Value, json};

use crate::event::{EffectKind, Outcome, Tool};
use crate::testing::{Talk, warns};
use crate::{Status, VarType};

fn flows(fields: Value) -> Value {
    let port = |name: &str, of: &str| json!({"name": name, "type": of});
    json!([
        {"id": "main", "name": "Main", "steps": [
            {"id": "begin", "kind": "message_received"},
            {"id": "it", "kind": "agent", "fields": fields, "failure": {"retries": 1, "wait_ms": 1000, "then": "branch"}},
            {"id": "done", "kind": "end"},
            {"id": "more", "kind": "text", "fields": {"text": "No end."}},
            {"id": "sorry", "kind": "text", "fields": {"text": "Sorry."}},
        ], "edges": [["begin", "next", "it"], ["it", "next", "done"], ["it", "unfinished", "more"], ["it", "failed", "sorry"]]},
        {"id": "f1", "name": "Order status", "inputs": [port("number", "number")], "outputs": [port("status", "text")], "steps": [
            {"id": "begin", "kind": "called"},
            {"id": "it", "kind": "ask_text", "fields": {"text": "Your postcode for order {{ number }}?", "variable": "postcode"}},
            {"id": "set", "kind": "set", "fields": {"values": [{"name": "status", "value": "{{ number }} goes to {{ postcode }}"}]}},
        ], "edges": [["begin", "next", "it"], ["it", "next", "set"]]},
        {"id": "f2", "name": "Refund", "inputs": [port("reason", "text")], "steps": [
            {"id": "begin", "kind": "called"},
            {"id": "say", "kind": "text", "fields": {"text": "Refunded for {{ reason }}."}},
        ], "edges": [["begin", "next", "say"]]},
    ])
}

fn fields() -> Value {
    json!({"instructions": "Help {{ business.name }}", "variable": "reply", "memory": "talk", "max_turns": 3,
        "tools": [{"flow": "f1", "help": "to find an order"}, {"flow": "f2", "approve": true}, {"flow": "gone"}]})
}

fn wants(tool: &str, arguments: Value) -> Outcome {
    Outcome::ToolWanted { tool: tool.into(), arguments }
}

fn done(text: &str) -> Outcome {
    Outcome::Generated { text: text.into() }
}

/// What the model is told in its next turn, as far as it was said or given.
fn told(talk: &Talk) -> Vec<String> {
    let Some(EffectKind::Agent { history, .. }) = talk.effects().pop() else { panic!("{:?}", talk.effects()) };
    let of = |e: &Value| ["text", "result", "tool"].iter().find_map(|k| e[*k].as_str()).unwrap_or_default().to_owned();
    history.iter().map(of).collect()
}

#[test]
fn it_is_told_its_tools_and_answers() {
    let mut talk = Talk::flows(flows(fields()));
    talk.says("Hello");
    let Some(EffectKind::Agent { instructions, history, tools, max_words: 120 }) = talk.effects().pop() else {
        panic!()
    };
    assert_eq!((instructions.as_str(), history), ("Help Sample", &vec![json!({"role": "user", "text": "Hello"})]));
    let names: Vec<&str> = tools.iter().map(|t: &Tool| t.name.as_str()).collect();
    assert_eq!(names, ["search_knowledge", "order_status", "refund"]);
    assert_eq!((tools[1].help.as_str(), tools[1].inputs[0].of), ("Order status: to find an order", VarType::Number));
    talk.outcome(done("Hi {{ there }}!"));
    assert_eq!(talk.sent(), ["Hi {{ there }}!"]);
    assert_eq!((talk.way(), talk.var("reply")), ("next", json!("Hi {{ there }}!")));
    assert_eq!(talk.var("talk").as_array().unwrap().len(), 2);
    assert!(talk.state.threads.is_empty());
}

#[test]
fn it_uses_a_flow_in_which_the_customer_is_asked() {
    let mut talk = Talk::flows(flows(fields()));
    talk.says("Where is order 12?").outcome(wants("order_status", json!({"number": "12", "more": "x"})));
    assert_eq!(talk.sent(), ["Your postcode for order 12?"]);
    talk.says("10115");
    assert_eq!(told(&talk), ["Where is order 12?", "order_status", "{\"status\":\"12 goes to 10115\"}"]);
    assert_eq!(talk.var("postcode"), Value::Null, "the flow's own values stay there");
    talk.outcome(done("It is on its way."));
    assert_eq!(talk.sent(), ["It is on its way."]);
    assert_eq!(talk.way(), "next");
}

#[test]
fn it_looks_into_the_knowledge() {
    for (outcome, expected) in [
        (Outcome::Answered { text: "From nine to five.".into(), detail: Value::Null }, "From nine to five."),
        (Outcome::Unknown { detail: Value::Null }, "The knowledge says nothing about this."),
    ] {
        let mut talk = Talk::flows(flows(fields()));
        talk.says("When?").outcome(wants("search_knowledge", json!({"question": "Opening hours"})));
        let [EffectKind::Answer { question, .. }] = talk.effects()[..] else { panic!() };
        assert_eq!(question, "Opening hours");
        talk.outcome(outcome);
        assert_eq!(told(&talk), ["When?", "search_knowledge", expected]);
        assert!(talk.sent().is_empty());
    }
    let mut closed = fields();
    closed["knowledge"] = json!(false);
    let mut talk = Talk::flows(flows(closed));
    talk.says("When?").outcome(wants("search_knowledge", json!({"question": "Opening hours"})));
    assert_eq!(told(&talk)[2], "There is no such tool.");
}

#[test]
fn a_person_decides_what_must_be_allowed() {
    for (yes, told_next, sent) in
        [(true, "Done.", vec!["Refunded for rain."]), (false, "A person of the business did not allow this.", vec![])]
    {
        let mut talk = Talk::flows(flows(fields()));
        talk.says("My money!").outcome(wants("refund", json!({"reason": "rain"})));
        let [EffectKind::Approve { title, details }] = talk.effects()[..] else { panic!() };
        assert_eq!((title.as_str(), details.as_str()), ("May the bot use “Refund”?", "reason: rain"));
        talk.passes(3 * 24 * 3_600_000).outcome(Outcome::Decided { yes });
        assert_eq!(told(&talk)[2], told_next);
        assert_eq!(talk.sent(), sent);
    }
}

#[test]
fn it_comes_to_an_end() {
    let mut talk = Talk::flows(flows(fields()));
    talk.says("Hello");
    for n in 0..3 {
        talk.outcome(wants("unheard_of", json!({ "n": n })));
    }
    assert_eq!(talk.sent(), ["No end."]);
    assert_eq!(talk.way(), "unfinished");
    assert_eq!(talk.status(), Status::Ended, "nothing of it is left behind");
}

#[test]
fn a_failing_model_is_tried_again_where_it_stood_and_then_given_up() {
    let mut talk = Talk::flows(flows(fields()));
    talk.says("Hello").outcome(wants("unheard_of", json!({})));
    talk.outcome(Outcome::Failed { message: "No model.".into() }).passes(1000);
    assert_eq!(told(&talk), ["Hello", "unheard_of", "There is no such tool."]);
    talk.outcome(Outcome::Failed { message: "No model.".into() });
    assert_eq!((talk.sent(), talk.status()), (vec!["Sorry.".to_owned()], Status::Ended));
}

#[test]
fn it_remembers_what_was_said_when_the_customer_comes_back() {
    let mut flows = flows(fields());
    flows[0]["steps"][2] = json!({"id": "done", "kind": "ask_text", "fields": {"text": "More?", "variable": "x"}});
    flows[0]["edges"].as_array_mut().unwrap().push(json!(["done", "next", "it"]));
    let mut talk = Talk::flows(flows);
    talk.says("I am Ana").outcome(done("Hello Ana.")).says("Who am I?");
    assert_eq!(told(&talk), ["I am Ana", "Hello Ana.", "Who am I?"]);
}

#[test]
fn what_it_is_given_is_checked() {
    for (fields, part) in [
        (json!({}), "empty"),
        (json!({"instructions": "x", "knowledge": false}), "nothing to work with"),
        (json!({"instructions": "x", "send": false}), "Nobody sees"),
        (json!({"instructions": "x", "tools": [{"flow": "main"}]}), "may never end"),
        (json!({"instructions": "x", "tools": [{"flow": "gone"}]}), "not there any more"),
    ] {
        warns("agent", fields, part);
    }
}
