//! Lists as web services and customers give them.

use super::*;
use crate::testing::Talk;

fn kept(fields: Value) -> (String, Value) {
    let mut fields = fields;
    fields["variable"] = json!("kept");
    let mut talk = Talk::of("list_tool", fields);
    talk.context.workspace.insert(
        "orders".into(),
        json!([
            {"id": 1, "price": 20, "city": {"name": "Köln"}},
            {"id": 2, "price": "5,5", "city": {"name": "Bonn"}},
            {"id": 3, "price": null, "city": {"name": "koln"}},
        ]),
    );
    talk.says("begin");
    (talk.way().to_owned(), talk.var("kept"))
}

#[test]
fn lists_are_worked_on() {
    let orders = "{{ workspace.orders }}";
    let ids = |fields: Value| {
        let (way, kept) = kept(fields);
        assert_eq!(way, "next");
        kept.as_array().unwrap().iter().map(|o| o["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    for (fields, expected) in [
        (json!({"operation": "sort", "field": "price"}), vec![1, 2, 3]),
        (json!({"operation": "sort", "field": "city.name"}), vec![2, 3, 1]),
        (json!({"operation": "sort", "field": "id", "descending": true}), vec![3, 2, 1]),
        (json!({"operation": "reverse"}), vec![3, 2, 1]),
        (json!({"operation": "unique", "field": "city.name"}), vec![1, 2]),
        (json!({"operation": "filter", "field": "city.name", "op": "equals", "value": "köln"}), vec![1, 3]),
        (json!({"operation": "filter", "field": "id", "op": "at_least", "value": "{{ 2 }}"}), vec![2, 3]),
        (json!({"operation": "filter", "field": "price", "op": "is_empty"}), vec![3]),
        (json!({"operation": "filter", "field": "city.name", "op": "matches", "value": "^b.*n$"}), vec![2]),
        (json!({"operation": "remove", "field": "id", "value": "2"}), vec![1, 3]),
    ] {
        let mut fields = fields;
        fields["list"] = json!(orders);
        assert_eq!(ids(fields.clone()), expected, "{fields}");
    }
    for (fields, expected) in [
        (json!({"operation": "first", "list": "a, b"}), json!("a")),
        (json!({"operation": "last", "list": "a, b"}), json!("b")),
        (json!({"operation": "nth", "list": "a, b, c", "position": 2}), json!("b")),
        (json!({"operation": "nth", "list": "a, b, c", "position": -1}), json!("c")),
        (json!({"operation": "nth", "list": "a", "position": 4}), Value::Null),
        (json!({"operation": "nth", "list": "a", "position": 0}), Value::Null),
        (json!({"operation": "first", "list": "{{ nothing }}"}), Value::Null),
        (json!({"operation": "count", "list": orders}), json!(3)),
        (json!({"operation": "sum", "list": orders, "field": "price"}), json!(25.5)),
        (json!({"operation": "map", "list": orders, "field": "id"}), json!([1, 2, 3])),
        (
            json!({"operation": "join", "list": orders, "field": "city.name", "separator": " + "}),
            json!("Köln + Bonn + koln"),
        ),
        (json!({"operation": "sort", "list": "{{ [10, 9, 'b', 'A', ''] }}"}), json!([9, 10, "A", "b", ""])),
        (json!({"operation": "add", "list": "{{ basket }}", "value": "{{ last.text }}"}), json!(["begin"])),
        (json!({"operation": "remove", "list": "a, B, c", "value": "b"}), json!(["a", "c"])),
    ] {
        assert_eq!(kept(fields.clone()), ("next".into(), expected), "{fields}");
    }
}

#[test]
fn what_cannot_be_done_takes_its_own_way() {
    for fields in [
        json!({"operation": "sum", "list": "1, two dozen or three"}),
        json!({"operation": "filter", "list": "a", "op": "matches", "value": "("}),
    ] {
        assert_eq!(kept(fields.clone()).0, "failed", "{fields}");
    }
    let broken = json!({"operation": "filter", "list": "a", "op": "matches", "value": "(", "variable": "x"});
    crate::testing::warns("list_tool", broken, "not a pattern");
}
