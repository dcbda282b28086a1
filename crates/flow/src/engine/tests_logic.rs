//! Loops, attempts, calls, ways gone at once, limits, failures, and what customers do in between.

use serde_json::{Value, json};

use crate::event::{EffectKind, EventKind, Incoming, Outcome};
use crate::state::{Status, Wait};
use crate::testing::Talk;

fn text(id: &str, text: &str) -> Value {
    json!({"id": id, "kind": "text", "fields": {"text": text}})
}

fn begin() -> Value {
    json!({"id": "begin", "kind": "message_received"})
}

#[test]
fn a_loop_goes_through_every_entry_and_then_on() {
    let set = json!({"id": "add", "kind": "set", "fields": {"values": [{"name": "all", "value": "{{ (all | default('')) ~ n ~ product ~ ' ' }}"}]}});
    let each = json!({"id": "each", "kind": "each", "fields": {"list": "{{ ['bread', 'milk'] }}", "item": "product", "index": "n"}});
    for edges in [
        json!([["begin", "next", "each"], ["each", "each", "add"], ["each", "next", "say"]]),
        json!([["begin", "next", "each"], ["each", "each", "add"], ["add", "next", "each"], ["each", "next", "say"]]),
    ] {
        let mut talk = Talk::new(json!([begin(), each, set, text("say", "{{ all }}.")]), edges);
        talk.says("x");
        assert_eq!(talk.sent(), ["1bread 2milk ."]);
        assert_eq!(talk.status(), Status::Ended);
    }
}

#[test]
fn a_loop_within_a_loop_keeps_its_place_while_a_customer_is_asked() {
    let each =
        |id: &str, list: &str, item: &str| json!({"id": id, "kind": "each", "fields": {"list": list, "item": item}});
    let ask = json!({"id": "ask", "kind": "ask_text", "fields": {"text": "{{ a }}{{ b }}?", "variable": "reply"}});
    let mut talk = Talk::new(
        json!([
            begin(),
            each("outer", "{{ [1, 2] }}", "a"),
            each("inner", "{{ ['x', 'y'] }}", "b"),
            ask,
            text("end", "done")
        ]),
        json!([
            ["begin", "next", "outer"],
            ["outer", "each", "inner"],
            ["inner", "each", "ask"],
            ["outer", "next", "end"]
        ]),
    );
    talk.says("go");
    for question in ["1x?", "1y?", "2x?", "2y?"] {
        assert_eq!(talk.sent(), [question]);
        talk.says("ok");
    }
    assert_eq!(talk.sent(), ["done"]);
}

#[test]
fn repeating_stops_at_its_limit_or_when_it_is_enough() {
    for (until, rounds) in [("never", "1 2 3 "), ("2", "1 2 ")] {
        let rule = json!({"left": "{{ n | default(0) }}", "op": "at_least", "right": until});
        let mut talk = Talk::new(
            json!([
                begin(),
                {"id": "again", "kind": "repeat", "fields": {"times": 3, "index": "n", "until": {"all": [rule], "any": []}}},
                {"id": "add", "kind": "set", "fields": {"values": [{"name": "all", "value": "{{ (all | default('')) ~ n ~ ' ' }}"}]}},
                text("say", "{{ all }}"),
            ]),
            json!([["begin", "next", "again"], ["again", "again", "add"], ["again", "next", "say"]]),
        );
        talk.says("x");
        assert_eq!(talk.sent(), [rounds], "until {until}");
    }
}

#[test]
fn what_goes_wrong_is_caught_by_the_nearest_attempt() {
    let mut talk = Talk::new(
        json!([
            begin(),
            {"id": "try", "kind": "try"},
            {"id": "stop", "kind": "stop", "fields": {"message": "No price for {{ last.text }}"}},
            text("sorry", "Sorry: {{ error.message }}"),
            text("after", "after"),
        ]),
        json!([["begin", "next", "try"], ["try", "try", "stop"], ["try", "caught", "sorry"], ["try", "next", "after"]]),
    );
    talk.says("nails");
    assert_eq!(talk.sent(), ["Sorry: No price for nails"]);
    assert_eq!(talk.status(), Status::Ended);

    let mut talk = Talk::new(
        json!([begin(), {"id": "try", "kind": "try"}, text("well", "well"), text("after", "after")]),
        json!([["begin", "next", "try"], ["try", "try", "well"], ["try", "next", "after"]]),
    );
    talk.says("x");
    assert_eq!(talk.sent(), ["well", "after"]);
}

#[test]
fn an_error_that_nobody_catches_goes_to_the_flow_for_errors_once() {
    let flows = |again: bool| {
        json!([
            {"id": "main", "name": "Main", "steps": [begin(), {"id": "stop", "kind": "stop", "fields": {"message": "Broken."}}],
             "edges": [["begin", "next", "stop"]]},
            {"id": "errors", "name": "Errors", "steps": [
                {"id": "e", "kind": "error_elsewhere"}, text("say", "{{ error.message }} in {{ error.flow }}"),
                {"id": "stop", "kind": "stop"},
            ], "edges": if again { json!([["e", "next", "say"], ["say", "next", "stop"]]) } else { json!([["e", "next", "say"]]) }},
        ])
    };
    let mut talk = Talk::flows(flows(false));
    talk.says("x");
    assert_eq!(talk.sent(), ["Broken. in main"]);
    assert_eq!(talk.status(), Status::Ended);
    let mut talk = Talk::flows(flows(true));
    talk.says("x");
    assert_eq!(talk.status(), Status::Failed, "an error of the flow for errors is the end");
}

#[test]
fn another_flow_gets_values_and_gives_some_back_but_sees_no_others() {
    let mut talk = Talk::flows(json!([
        {"id": "main", "name": "Main", "steps": [
            begin(),
            {"id": "set", "kind": "set", "fields": {"values": [{"name": "mine", "value": "kept"}]}},
            {"id": "call", "kind": "call", "fields": {
                "flow": "price", "inputs": [{"name": "product", "value": "{{ last.text }}"}],
                "outputs": [{"name": "price", "variable": "cost"}, {"name": "seen", "variable": "seen"}]}},
            text("say", "{{ mine }} {{ cost }} {{ seen }}"),
        ], "edges": [["begin", "next", "set"], ["set", "next", "call"], ["call", "next", "say"]]},
        {"id": "price", "name": "Price", "steps": [
            {"id": "c", "kind": "called"},
            {"id": "look", "kind": "set", "fields": {"values": [{"name": "seen", "value": "{{ mine | default('nothing') }}"}]}},
            {"id": "ask", "kind": "ask_text", "fields": {"text": "How many {{ product }}?", "variable": "n"}},
            {"id": "back", "kind": "return", "fields": {"values": [{"name": "price", "value": "{{ n | int * 3 }}"}]}},
        ], "edges": [["c", "next", "look"], ["look", "next", "ask"], ["ask", "next", "back"]]},
    ]));
    talk.says("nails");
    assert_eq!(talk.sent(), ["How many nails?"]);
    talk.says("4");
    assert_eq!(talk.sent(), ["kept 12 nothing"]);
}

#[test]
fn ways_gone_at_once_come_together_whatever_comes_first() {
    let answer = |id: &str, keep: &str| json!({"id": id, "kind": "answer", "fields": {"question": id, "send": false, "variable": keep}});
    for (wait_for, expected) in [("all", "one two"), ("first", "- two")] {
        let mut talk = Talk::new(
            json!([
                begin(),
                {"id": "both", "kind": "parallel", "fields": {"lanes": [{"id": "l1", "title": ""}, {"id": "l2", "title": ""}], "wait_for": wait_for}},
                answer("a", "first"), answer("b", "second"),
                {"id": "join", "kind": "join"},
                text("say", "{{ first | default('-') }} {{ second }}"),
            ]),
            json!([
                ["begin", "next", "both"],
                ["both", "l1", "a"],
                ["both", "l2", "b"],
                ["a", "answered", "join"],
                ["b", "answered", "join"],
                ["join", "next", "say"],
            ]),
        );
        talk.says("x");
        let seqs: Vec<u64> = talk
            .state
            .threads
            .iter()
            .filter_map(|t| match t.wait {
                Some(Wait::Effect { seq, .. }) => Some(seq),
                _ => None,
            })
            .collect();
        assert_eq!(seqs.len(), 2, "both begin at once");
        let done = |seq: u64, text: &str| EventKind::EffectDone {
            seq,
            outcome: Outcome::Answered { text: text.into(), detail: json!({}) },
            cost_cents: 0.0,
        };
        talk.play(done(seqs[1], "two"));
        if wait_for == "all" {
            assert!(talk.sent().is_empty(), "the other is still under way");
        }
        talk.play(done(seqs[0], "one"));
        assert_eq!(talk.sent(), [expected], "{wait_for}");
        assert_eq!(talk.status(), Status::Ended);
    }
}

#[test]
fn what_fails_outside_is_tried_again_and_then_goes_as_the_owner_said() {
    let generate = |failure: Value| json!({"id": "g", "kind": "generate", "failure": failure, "fields": {"prompt": "x", "variable": "t", "send": false}});
    let edges = json!([["begin", "next", "g"], ["g", "next", "say"], ["g", "failed", "sorry"]]);
    let steps =
        |failure: Value| json!([begin(), generate(failure), text("say", "got {{ t }}"), text("sorry", "sorry")]);
    let failed = || Outcome::Failed { message: "No model.".into() };

    let mut talk = Talk::new(steps(json!({"retries": 2, "wait_ms": 1000, "then": "branch"})), edges.clone());
    talk.says("x").outcome(failed());
    assert_eq!(talk.state.wake_at().map(|at| at.as_ms() - talk.at.as_ms()), Some(1000));
    talk.passes(1000);
    talk.outcome(failed());
    assert_eq!(talk.state.wake_at().map(|at| at.as_ms() - talk.at.as_ms()), Some(2000), "the pause doubles");
    talk.passes(2000);
    talk.outcome(failed());
    assert_eq!(talk.sent(), ["sorry"]);

    let mut talk =
        Talk::new(steps(json!({"retries": 0, "wait_ms": 0, "then": "default", "value": "nothing"})), edges.clone());
    talk.says("x").outcome(failed());
    assert_eq!(talk.sent(), ["got nothing"]);

    let mut talk = Talk::new(steps(json!({"retries": 0, "wait_ms": 0, "then": "stop"})), edges.clone());
    talk.says("x").outcome(failed());
    assert_eq!(talk.status(), Status::Failed);

    let mut talk = Talk::new(steps(json!({"timeout_ms": 5000, "retries": 0, "wait_ms": 0, "then": "branch"})), edges);
    talk.says("x");
    talk.passes(5000);
    assert_eq!(talk.sent(), ["sorry"], "what takes too long has failed");
    let outcome = Outcome::Generated { text: "late".into() };
    talk.play(EventKind::EffectDone { seq: 1, outcome, cost_cents: 0.0 });
    assert!(talk.sent().is_empty());
}

#[test]
fn a_message_finds_the_flow_that_it_is_about() {
    let flow = |id: &str, fields: Value| {
        json!({"id": id, "name": id, "steps": [{"id": "b", "kind": "message_received", "fields": fields}, text("say", id)],
               "edges": [["b", "next", "say"]]})
    };
    let mut talk = Talk::flows(json!([
        flow("any", json!({})),
        flow("booking", json!({"on": "keyword", "words": ["Book", "termin"]})),
        flow("order", json!({"on": "pattern", "pattern": "^order \\d+$"})),
        flow("photo", json!({"on": "media", "kinds": ["image"]})),
        {"id": "button", "name": "button", "steps": [{"id": "b", "kind": "button_pressed", "fields": {"names": ["visit"]}}, text("say", "button")],
         "edges": [["b", "next", "say"]]},
    ]));
    for (message, expected) in [
        ("I want to BOOK a table", "booking"),
        ("bookkeeping?", "any"),
        ("Termín", "booking"),
        ("order 12", "order"),
        ("my order 12", "any"),
    ] {
        talk.says(message);
        assert_eq!(talk.sent(), [expected], "{message}");
    }
    talk.picks("visit", "Come by");
    assert_eq!(talk.sent(), ["button"]);
}

#[test]
fn what_a_customer_means_is_found_by_examples_and_otherwise_any_flow_begins() {
    let flows = json!([
        {"id": "any", "name": "any", "steps": [begin(), text("say", "any")], "edges": [["begin", "next", "say"]]},
        {"id": "booking", "name": "booking", "steps": [
            {"id": "b", "kind": "message_received", "fields": {"on": "intent", "examples": ["I want to come", "Do you have a free time?", "book me in"]}},
            text("say", "booking"),
        ], "edges": [["b", "next", "say"]]},
    ]);
    for (label, expected) in [(Some("booking/b"), "booking"), (None, "any"), (Some("gone/x"), "any")] {
        let mut talk = Talk::flows(flows.clone());
        talk.says("could I come on Monday?");
        assert!(matches!(talk.effects()[0], EffectKind::Classify { classes, .. } if classes.len() == 1));
        talk.outcome(Outcome::Classified { label: label.map(Into::into), confidence: 0.8 });
        assert_eq!(talk.sent(), [expected]);
    }
}

#[test]
fn a_customer_may_go_back_correct_and_change_what_they_said() {
    let ask = |id: &str| json!({"id": id, "kind": "ask_text", "fields": {"text": format!("{id}?"), "variable": id}});
    let talk = || {
        let mut talk = Talk::new(
            json!([begin(), ask("name"), ask("city"), text("say", "{{ name }} in {{ city }}")]),
            json!([["begin", "next", "name"], ["name", "next", "city"], ["city", "next", "say"]]),
        );
        talk.says("hi").says("Ana");
        assert_eq!(talk.sent(), ["name?", "city?"]);
        talk
    };
    let mut back = talk();
    back.says("back");
    assert_eq!(back.sent(), ["name?"]);
    back.says("Eva").says("Rome");
    assert_eq!(back.sent(), ["city?", "Eva in Rome"]);

    let mut corrected = talk();
    corrected.says("sorry, I meant Eva");
    assert_eq!(corrected.sent(), ["city?"], "the question that is open is asked again");
    corrected.says("Rome");
    assert_eq!(corrected.sent(), ["Eva in Rome"]);

    let mut edited = talk();
    edited.play(EventKind::Edited { was: "Ana".into(), message: Incoming::words("Eva") });
    edited.says("Rome");
    assert_eq!(edited.sent(), ["city?", "Eva in Rome"]);

    let mut quoted = talk();
    let asked = quoted.state.asked[0].seq;
    quoted.play(EventKind::Message { message: Incoming { reply_to: Some(asked), ..Incoming::words("Eva") } });
    quoted.says("Rome");
    assert_eq!(quoted.sent(), ["city?", "Eva in Rome"]);

    let mut deleted = talk();
    deleted.play(EventKind::Deleted { text: "Ana".into() });
    assert_eq!(deleted.status(), Status::Waiting);
}

#[test]
fn stop_means_stop_and_a_person_is_always_one_word_away() {
    let steps = json!([begin(), {"id": "q", "kind": "ask_text", "fields": {"text": "?", "variable": "v"}}, {"id": "h", "kind": "handover"}]);
    let edges = json!([["begin", "next", "q"]]);
    let mut talk = Talk::new(steps.clone(), edges.clone());
    talk.says("x").says("STOP");
    assert!(talk.effects().iter().any(|e| **e == EffectKind::Consent { marketing: false }));
    assert_eq!(talk.status(), Status::Ended);
    let mut talk = Talk::new(steps, edges);
    talk.says("x").says("Agent!");
    assert_eq!(talk.status(), Status::Handed);
}

#[test]
fn one_thing_may_interrupt_another_when_it_is_drawn_so() {
    for (interrupt, expected) in [(true, "urgent"), (false, "got urgent")] {
        let mut talk = Talk::flows(json!([
            {"id": "main", "name": "m", "steps": [begin(), {"id": "q", "kind": "ask_text", "fields": {"text": "?", "variable": "v"}}, text("say", "got {{ v }}")],
             "edges": [["begin", "next", "q"], ["q", "next", "say"]]},
            {"id": "urgent", "name": "u", "steps": [
                {"id": "b", "kind": "message_received", "fields": {"on": "keyword", "words": ["urgent"], "interrupt": interrupt}}, text("say", "urgent"),
             ], "edges": [["b", "next", "say"]]},
        ]));
        talk.says("x");
        talk.sent();
        talk.says("urgent");
        assert_eq!(talk.sent(), [expected]);
    }
}

#[test]
fn a_run_stays_within_its_limits() {
    let wide = json!({"id": "main", "name": "m", "steps": [
        begin(),
        {"id": "each", "kind": "repeat", "fields": {"times": 1000, "until": {"all": [], "any": []}}},
        {"id": "set", "kind": "set", "fields": {"values": [{"name": "x", "value": "1"}]}},
    ], "edges": [{"from": "begin", "branch": "next", "to": "each"}, {"from": "each", "branch": "again", "to": "set"}]});
    for (limit, status) in [(20_000, Status::Ended), (100, Status::Failed)] {
        let mut talk = Talk::flows(json!([wide.clone()]));
        let mut definition = talk.flow.definition().clone();
        definition.settings.limits.steps = limit;
        talk.flow = crate::Compiled::new(definition);
        talk.says("x");
        assert_eq!(talk.status(), status, "{limit}");
    }
}

#[test]
fn a_flow_without_a_customer_may_work_but_not_talk() {
    let steps = json!([
        {"id": "s", "kind": "schedule"},
        {"id": "set", "kind": "set", "fields": {"values": [{"name": "total", "value": "{{ trigger.n }}"}], "keep": "workspace"}},
        text("say", "hello"),
    ]);
    let triggered = || EventKind::Triggered { flow: "main".into(), step: "s".into(), data: json!({"n": 3}) };
    let mut talk = Talk::new(steps.clone(), json!([["s", "next", "set"]]));
    talk.context.conversation.clear();
    talk.play(triggered());
    assert_eq!(*talk.effects()[0], EffectKind::SetWorkspace { name: "total".into(), value: json!(3) });
    assert_eq!(talk.status(), Status::Ended);
    let mut talk = Talk::new(steps, json!([["s", "next", "set"], ["set", "next", "say"]]));
    talk.context.conversation.clear();
    talk.play(triggered());
    assert_eq!(talk.status(), Status::Failed);
    assert!(talk.effects().iter().all(|e| !matches!(e, EffectKind::Handover { .. })));
}

#[test]
fn a_switch_a_jump_and_the_opening_hours_choose_the_way() {
    let case = |id: &str, op: &str, value: &str| json!({"id": id, "title": id, "op": op, "value": value});
    let mut talk = Talk::new(
        json!([
            begin(),
            {"id": "sw", "kind": "switch", "fields": {"value": "{{ last.text }}", "cases": [case("p", "contains", "price"), case("y", "is_yes", "")]}},
            text("p", "price"), text("y", "yes"), {"id": "j", "kind": "jump", "fields": {"to": "h"}},
            {"id": "h", "kind": "hours", "fields": {"hours": {"days": {"wed": [["09:00", "17:00"]]}, "holidays": []}}},
            text("o", "open"), text("c", "closed until {{ opens_at }}"),
        ]),
        json!([
            ["begin", "next", "sw"],
            ["sw", "p", "p"],
            ["sw", "y", "y"],
            ["sw", "other", "j"],
            ["h", "open", "o"],
            ["h", "closed", "c"]
        ]),
    );
    for (says, expected) in [("the price?", "price"), ("Ja", "yes"), ("something", "open")] {
        talk.says(says);
        assert_eq!(talk.sent(), [expected]);
    }
    talk.passes(24 * 3600 * 1000);
    talk.says("something");
    assert_eq!(talk.sent(), ["closed until 2026-03-11 09:00"]);
}

#[test]
fn waiting_for_a_date_or_a_word_ends_when_it_comes() {
    let mut talk = Talk::begun("wait_until", json!({"date": "2026-03-06", "time": "10:00", "before_ms": 3_600_000}));
    assert_eq!(talk.state.wake_at().map(|at| at.to_jiff().to_string()), Some("2026-03-06T08:00:00Z".into()));
    talk.passes(3 * 24 * 3600 * 1000);
    assert_eq!(talk.status(), Status::Ended);
    let talk = Talk::begun("wait_until", json!({"date": "2026-03-01"}));
    assert_eq!(talk.status(), Status::Ended, "what is over is not waited for: {:?}", talk.journal());
    let mut talk = Talk::begun("wait_reply", json!({"variable": "said"}));
    talk.says("hello");
    assert_eq!(talk.state.vars.get("said"), Some(&json!("hello")));
}
