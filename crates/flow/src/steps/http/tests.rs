//! Requests as services want them, and what becomes of their answers.

use serde_json::{Value, json};

use crate::event::{EffectKind, Outcome};
use crate::testing::{Talk, warns};

const URL: &str = "https://shop.example/orders";

/// The request with its secrets in it, each named `s-` and its name, with quotation marks.
fn request(fields: Value) -> Result<(String, String, Vec<String>, String), String> {
    let mut fields = fields;
    if fields.get("url").is_none() {
        fields["url"] = json!(URL);
    }
    let mut talk = Talk::of("http", fields);
    talk.context.contact.insert("name".into(), json!("A \"B\" & C\r\nX: 1"));
    talk.says("a b");
    let [EffectKind::Http { method, url, headers, body, basic, .. }] = talk.effects()[..] else {
        return Err(talk.journal().join(", "));
    };
    let open = |text: &str| crate::reveal(text, |name| Some(format!("s-\"{name}\""))).unwrap();
    let mut headers: Vec<String> = headers.iter().map(|(n, v)| format!("{n}: {}", open(v))).collect();
    headers.extend(basic.iter().map(|(user, password)| format!("{} / {}", open(user), open(password))));
    Ok((method.clone(), open(url), headers, open(body.as_deref().unwrap_or_default())))
}

#[test]
fn addresses_carry_what_is_added() {
    let query = json!([{"name": "q", "value": "{{ last.text }}&x"}, {"name": "key", "value": "{{ secret.k }}"}]);
    for (url, expected) in [
        (URL, "https://shop.example/orders?q=a+b%26x&key=s-%22k%22"),
        ("https://shop.example/o?a=1", "https://shop.example/o?a=1&q=a+b%26x&key=s-%22k%22"),
        ("https://shop.example/o?#part", "https://shop.example/o?q=a+b%26x&key=s-%22k%22"),
        ("https://shop.example/{{ last.text | urlencode }}", "https://shop.example/a%20b?q=a+b%26x&key=s-%22k%22"),
    ] {
        assert_eq!(request(json!({"url": url, "query": query})).unwrap().1, expected);
    }
    assert_eq!(request(json!({"url": "https://{{ last.text }}/"})).ok(), None);
}

#[test]
fn services_know_who_asks() {
    for (fields, expected) in [
        (json!({"auth": "none", "secret": "left"}), None),
        (json!({"auth": "bearer", "secret": "shop"}), Some("Authorization: Bearer s-\"shop\"")),
        (json!({"auth": "basic", "user": "me", "secret": "shop"}), Some("me / s-\"shop\"")),
        (json!({"auth": "header", "header": "X-Key", "secret": "shop"}), Some("X-Key: s-\"shop\"")),
        (json!({"headers": [{"name": "X-Name", "value": "{{ contact.name }}"}]}), Some("X-Name: A \"B\" & C  X: 1")),
    ] {
        let headers = request(fields.clone()).unwrap().2;
        assert_eq!(headers.first().map(String::as_str), expected, "{fields}");
    }
    for fields in [
        json!({"auth": "bearer"}),
        json!({"auth": "header", "header": "a b", "secret": "x"}),
        json!({"headers": [{"name": "a:", "value": ""}]}),
    ] {
        assert!(request(fields.clone()).is_err(), "{fields}");
    }
}

#[test]
fn bodies_are_written_in_their_form() {
    for (fields, kind, expected) in [
        (
            json!({"method": "POST", "body": "json", "json": {"name": "{{ contact.name }}", "n": "{{ 1 + 1 }}", "key": "k={{ secret.k }}"}}),
            Some("Content-Type: application/json"),
            "{\"name\":\"A \\\"B\\\" & C\\r\\nX: 1\",\"n\":2,\"key\":\"k=s-\\\"k\\\"\"}",
        ),
        (
            json!({"method": "PUT", "body": "form", "form": [{"name": "n", "value": "{{ last.text }}"}, {"name": "k", "value": "{{ secret.k }}"}]}),
            Some("Content-Type: application/x-www-form-urlencoded"),
            "n=a+b&k=s-%22k%22",
        ),
        (
            json!({"method": "patch", "body": "text", "text": "Said {{ last.text }}", "headers": [{"name": "content-type", "value": "text/x"}]}),
            Some("content-type: text/x"),
            "Said a b",
        ),
        (json!({"method": "GET", "body": "text", "text": "left out"}), None, ""),
        (json!({"method": "POST"}), None, ""),
    ] {
        let (_, _, headers, body) = request(fields.clone()).unwrap();
        assert_eq!((headers.first().map(String::as_str), body.as_str()), (kind, expected), "{fields}");
    }
}

#[test]
fn answers_are_kept_or_count_as_failed() {
    let save = json!([{"variable": "price", "pointer": "/items/0/price"}, {"variable": "all", "pointer": ""}]);
    let body = json!({"items": [{"price": 5}]});
    for (accept, status, way, price) in [
        (false, 200, "next", json!(5)),
        (false, 399, "next", json!(5)),
        (false, 404, "failed", Value::Null),
        (true, 404, "next", json!(5)),
    ] {
        let mut talk =
            Talk::begun("http", json!({"url": URL, "save": save, "status": "code", "accept_errors": accept}));
        talk.outcome(Outcome::Response { status, body: body.clone() });
        assert_eq!((talk.way(), talk.var("price"), talk.var("code")), (way, price, json!(status)), "{accept} {status}");
    }
    let mut talk = Talk::begun("http", json!({"url": URL, "save": save}));
    talk.outcome(Outcome::Response { status: 200, body: json!("plain") });
    assert_eq!((talk.var("price"), talk.var("all")), (Value::Null, json!("plain")));
}

#[test]
fn failures_are_tried_again_and_may_have_a_value_instead() {
    let step = json!({"id": "it", "kind": "http", "fields": {"url": URL, "save": [{"variable": "x", "pointer": "/x"}]},
        "failure": {"timeout_ms": 3000, "retries": 1, "wait_ms": 500, "then": "default", "value": {"x": 7}}});
    let mut talk =
        Talk::new(json!([{"id": "begin", "kind": "message_received"}, step]), json!([["begin", "next", "it"]]));
    talk.says("hello");
    let [EffectKind::Http { timeout_ms: 3000, paging: None, .. }] = talk.effects()[..] else { panic!() };
    talk.outcome(Outcome::Response { status: 503, body: Value::Null });
    assert_eq!(talk.effects().len(), 0);
    talk.passes(500);
    assert_eq!(talk.effects().len(), 1);
    talk.passes(3000);
    assert_eq!((talk.way(), talk.var("x")), ("next", json!(7)));
}

#[test]
fn further_pages_are_asked_for() {
    let talk = Talk::begun("http", json!({"url": URL, "pages": true, "max_pages": 90}));
    let [EffectKind::Http { paging: Some(paging), .. }] = talk.effects()[..] else { panic!() };
    assert_eq!((paging.next.as_str(), paging.items.as_str(), paging.max_pages), ("/next", "/items", 20));
}

#[test]
fn mistakes_show_before_a_customer_meets_them() {
    for (fields, part) in [
        (json!({}), "empty"),
        (json!({"url": "https://{{ last.text }}/x"}), "is an expression"),
        (json!({"url": "shop.example"}), "not a web address"),
        (json!({"url": "https:///x"}), "names no server"),
        (json!({"url": "http://shop.example"}), "not encrypted"),
        (json!({"url": URL, "auth": "bearer"}), "No secret is chosen"),
        (json!({"url": URL, "method": "BREW"}), "not chosen"),
        (json!({"url": URL, "headers": [{"name": "a b", "value": ""}]}), "cannot be the name of a header"),
        (json!({"url": URL, "method": "POST", "body": "json", "json": "{"}), "not JSON"),
        (json!({"url": URL, "save": [{"variable": "a b", "pointer": "x"}]}), "does not point"),
        (json!({"url": URL, "save": [{"variable": "a b", "pointer": "x"}]}), "cannot be a name"),
    ] {
        warns("http", fields, part);
    }
    let fine = json!({"url": "https://shop.example/{{ secret.path }}", "method": "POST", "body": "json",
        "json": {"key": "{{ secret.key }}"}, "headers": [{"name": "X-Key", "value": "{{ secret.key }}"}]});
    assert_eq!(crate::testing::findings("http", fine), ["No way leads to this step."]);
}
