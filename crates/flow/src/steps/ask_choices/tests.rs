//! Tests of choosing several things.

use base::message::Content;
use serde_json::{Value, json};

use crate::testing::{Talk, warns};

fn extras(more: Value) -> Value {
    let mut fields = json!({
        "text": "What with it?", "variable": "extras",
        "choices": [{"id": "r", "title": "Red"}, {"id": "b", "title": "Blue", "description": "dark"}, {"id": "g", "title": "Green"}],
    });
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fields
}

#[test]
fn several_are_kept_as_a_list_however_they_are_said() {
    for (more, reply, kept, way) in [
        (json!({}), "1, 3", json!(["Red", "Green"]), "next"),
        (json!({}), "blue and red", json!(["Red", "Blue"]), "next"),
        (json!({"keep": "id"}), "all", json!(["r", "b", "g"]), "next"),
        (json!({}), "green", json!(["Green"]), "next"),
        (json!({}), "purple", Value::Null, ""),
        (json!({"at_most": 2}), "all", Value::Null, ""),
        (json!({"at_least": 2}), "red", Value::Null, ""),
        (json!({"at_least": 0}), "no thanks", json!([]), "next"),
        (json!({"at_least": 0}), "none", json!([]), "next"),
        (json!({}), "none", Value::Null, ""),
        (json!({"skippable": true}), "none", json!(""), "skipped"),
        (json!({"interruptible": true}), "do you have them in yellow as well?", Value::Null, "other"),
    ] {
        let mut talk = Talk::begun("ask_choices", extras(more.clone()));
        assert_eq!(talk.sent(), ["What with it?\n\n1. Red\n2. Blue – dark\n3. Green"]);
        talk.says(reply);
        assert_eq!((talk.var("extras"), talk.way()), (kept, way), "{reply} {more}");
    }
}

fn titles(talk: &Talk) -> Vec<&str> {
    let Content::List { sections, .. } = talk.contents()[0] else { panic!("{:?}", talk.contents()) };
    sections[0].rows.iter().map(|r| r.title.as_str()).collect()
}

#[test]
fn a_list_is_picked_from_until_it_is_enough() {
    let list = json!({"show": "list", "again": "More?", "done": "That’s it"});
    let mut talk = Talk::begun("ask_choices", extras(list.clone()));
    assert_eq!(titles(&talk), ["Red", "Blue", "Green"]);
    assert_eq!(talk.sent(), ["[list] What with it?"]);
    talk.picks("g", "Green");
    assert_eq!(titles(&talk), ["Red", "Blue", "That’s it"]);
    assert_eq!(talk.sent(), ["[list] More?"]);
    talk.picks("r", "Red");
    assert_eq!(titles(&talk), ["Blue", "That’s it"]);
    talk.picks("done", "That’s it");
    assert_eq!((talk.var("extras"), talk.way()), (json!(["Red", "Green"]), "next"));

    for (end, kept) in [
        ("fertig", json!(["Green"])),
        ("no", json!(["Green"])),
        ("and red", json!(["Red", "Green"])),
        ("all", json!(["Red", "Blue", "Green"])),
    ] {
        let mut talk = Talk::begun("ask_choices", extras(list.clone()));
        talk.picks("g", "Green").says(end);
        assert_eq!((talk.var("extras"), talk.way()), (kept, "next"), "{end}");
    }

    let mut talk = Talk::begun("ask_choices", extras(json!({"show": "list", "at_most": 2})));
    assert_eq!(talk.picks("g", "Green").picks("b", "Blue").way(), "next", "two are enough");
    let mut talk = Talk::begun("ask_choices", extras(json!({"show": "list", "at_least": 2})));
    assert_eq!(titles(talk.picks("g", "Green")), ["Red", "Blue"], "one is too few to be done");
}

#[test]
fn who_comes_by_again_begins_with_nothing_picked() {
    let mut talk = Talk::new(
        json!([
            {"id": "m", "kind": "message_received"},
            {"id": "it", "kind": "ask_choices", "fields": extras(json!({"show": "list"}))},
            {"id": "q", "kind": "ask_text", "fields": {"text": "Sure about {{ extras | join }}?", "variable": "sure"}},
        ]),
        json!([["m", "next", "it"], ["it", "next", "q"], ["q", "next", "it"]]),
    );
    talk.says("hello").says("red").sent();
    talk.says("not really");
    assert_eq!(titles(&talk), ["Red", "Blue", "Green"]);
    assert_eq!(talk.var("extras"), Value::Null);
}

#[test]
fn an_owner_learns_what_is_wrong_with_choices() {
    let many: Vec<Value> = (0..10).map(|i| json!({"id": i.to_string(), "title": format!("Nr {i}")})).collect();
    for (more, part) in [
        (json!({"choices": []}), "nothing to choose"),
        (json!({"at_least": 3, "at_most": 1}), "Nothing fits"),
        (json!({"at_least": 9}), "not so many"),
        (json!({"show": "list", "choices": many}), "room for nine"),
        (json!({"show": "list", "choices": [{"id": "done", "title": "Done"}]}), "id “done”"),
        (json!({"choices": [{"id": "a", "title": "A"}, {"id": "a", "title": "B"}]}), "no usable id"),
        (json!({"show": "wheel"}), "not chosen"),
    ] {
        warns("ask_choices", extras(more), part);
    }
}
