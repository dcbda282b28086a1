//! Tests of choosing one thing.

use base::message::Content;
use serde_json::{Value, json};

use crate::testing::{Talk, warns};

fn choice(id: &str, title: &str) -> Value {
    json!({"id": id, "title": title})
}

fn topics() -> Value {
    json!({
        "text": "What can we do?", "variable": "topic", "interruptible": true,
        "choices": [choice("p", "Prices"), choice("b", "Book a visit"), choice("w", "Where are you?"), choice("a", "Agent")],
    })
}

#[test]
fn each_choice_has_a_way_however_it_is_said() {
    for (reply, kept, way) in [
        ("Prices", json!("Prices"), "p"),
        ("2", json!("Book a visit"), "b"),
        ("the second one", json!("Book a visit"), "b"),
        ("prcies", json!("Prices"), "p"),
        ("book", json!("Book a visit"), "b"),
        ("Where are you?", json!("Where are you?"), "w"),
        ("agent", json!("Agent"), "a"),
        ("dunno", Value::Null, ""),
        ("can I pay by card in your shop?", Value::Null, "other"),
    ] {
        let mut talk = Talk::begun("ask_choice", topics());
        talk.says(reply);
        assert_eq!((talk.var("topic"), talk.way()), (kept, way), "{reply}");
    }
    let mut talk = Talk::begun("ask_choice", topics());
    assert_eq!(talk.picks("w", "Where are you?").way(), "w", "a press is never a question of its own");
    let mut talk = Talk::begun("ask_choice", topics());
    assert_eq!(talk.picks("old", "Of last week").way(), "", "an old button is asked about again");
    assert_eq!(talk.sent(), ["[list] What can we do?", "[list] What can we do?"]);
}

#[test]
fn a_choice_without_its_own_way_takes_the_one_for_any() {
    let steps = json!([
        {"id": "m", "kind": "message_received"},
        {"id": "it", "kind": "ask_choice", "fields": topics()},
        {"id": "p", "kind": "text", "fields": {"text": "Two euros."}},
        {"id": "n", "kind": "text", "fields": {"text": "You want: {{ topic }}"}},
    ]);
    let ways = json!([["m", "next", "it"], ["it", "p", "p"], ["it", "next", "n"]]);
    for (reply, said) in [("prices", "Two euros."), ("book", "You want: Book a visit")] {
        let mut talk = Talk::new(steps.clone(), ways.clone());
        talk.says("hello").sent();
        assert_eq!(talk.says(reply).sent(), [said]);
    }
}

#[test]
fn few_are_buttons_and_more_are_a_list() {
    let of = |n: usize| {
        json!({"text": "?", "variable": "x", "button": "Open", "choices":
        (0..n).map(|i| choice(&format!("c{i}"), &format!("Choice {i}"))).collect::<Vec<_>>()})
    };
    for (n, kind) in [(1, "buttons"), (3, "buttons"), (4, "list"), (10, "list")] {
        let talk = Talk::begun("ask_choice", of(n));
        assert_eq!(talk.contents()[0].kind(), kind, "{n}");
    }
    let talk = Talk::begun("ask_choice", of(10));
    assert!(
        matches!(talk.contents()[0], Content::List { button, sections, .. } if button == "Open" && sections[0].rows.len() == 10)
    );
}

#[test]
fn what_an_earlier_step_found_can_be_offered() {
    let fields = |keep: &str| json!({"text": "When?", "variable": "slot", "offer": "list", "from": "{{ contact.slots }}", "keep": keep});
    let slots = json!([{"title": "Monday 9:00", "start": "2026-03-09T09:00"}, {"title": "Friday 14:00", "start": "2026-03-13T14:00"}]);
    for (keep, kept) in [("id", "2026-03-13T14:00"), ("title", "Friday 14:00")] {
        let mut talk = Talk::of("ask_choice", fields(keep));
        talk.context.contact.insert("slots".into(), slots.clone());
        talk.says("begin");
        assert!(matches!(talk.contents()[0], Content::Buttons { buttons, .. } if buttons.len() == 2));
        talk.says("friday");
        assert_eq!((talk.var("slot"), talk.way()), (json!(kept), "next"));
    }
    for none in [json!([]), Value::Null, json!("none")] {
        let mut talk = Talk::of("ask_choice", fields("id"));
        talk.context.contact.insert("slots".into(), none);
        assert_eq!(talk.says("begin").way(), "empty");
        assert!(talk.sent().is_empty());
    }
}

#[test]
fn an_earlier_button_corrects_the_earlier_choice() {
    let mut talk = Talk::new(
        json!([
            {"id": "m", "kind": "message_received"},
            {"id": "it", "kind": "ask_choice", "fields": {"text": "Colour?", "variable": "colour", "choices": [choice("r", "Red"), choice("g", "Green")]}},
            {"id": "q", "kind": "ask_text", "fields": {"text": "Name?", "variable": "name"}},
            {"id": "t", "kind": "text", "fields": {"text": "{{ name }}: {{ colour }}"}},
        ]),
        json!([["m", "next", "it"], ["it", "next", "q"], ["q", "next", "t"]]),
    );
    talk.says("hello").picks("r", "Red").sent();
    assert_eq!(talk.picks("g", "Green").sent(), ["Name?"]);
    assert_eq!(talk.says("Ana").sent(), ["Ana: Green"]);
}

#[test]
fn an_owner_learns_what_is_wrong_with_choices() {
    let of = |choices: Value| json!({"text": "?", "variable": "x", "choices": choices});
    let many: Vec<Value> = (0..11).map(|i| choice(&i.to_string(), &i.to_string())).collect();
    for (fields, part) in [
        (of(json!([])), "nothing to choose"),
        (of(json!(many)), "more than 10"),
        (of(json!([choice("a", "A"), choice("a", "B")])), "no usable id"),
        (of(json!([choice("next", "A")])), "no usable id"),
        (of(json!([choice("a", "A"), choice("b", "A")])), "Two choices are called"),
        (of(json!([choice("a", "More than twenty-four letters")])), "longer than 24"),
        (of(json!([choice("a", "A")])), "leads nowhere"),
        (json!({"text": "?", "variable": "x", "offer": "list"}), "empty"),
        (json!({"text": "?", "variable": "x", "offer": "list", "from": "{{ contact.x }}"}), "may be empty"),
        (json!({"text": "?", "choices": [choice("a", "A")]}), "no name"),
    ] {
        warns("ask_choice", fields, part);
    }
}
