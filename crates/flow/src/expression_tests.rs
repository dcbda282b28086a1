//! Tests of expressions.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn with<T>(f: impl FnOnce(Scope<'_>) -> T) -> T {
    let map = |v: Value| v.as_object().cloned().unwrap();
    let state = RunState {
        vars: map(
            json!({"name": "Ana", "price": 2.5, "list": ["a", "b"], "evil": "{{ name }}", "order": {"id": 7}, "gone": null}),
        ),
        contact: map(json!({"name": "Ana Maria"})),
        last: Last { text: "hello".into(), language: Some("pt".into()), ..Last::default() },
        ..RunState::default()
    };
    let context = Context {
        contact: map(json!({"name": "Old", "city": "Rome"})),
        business: map(json!({"name": "Shop"})),
        ..Context::default()
    };
    f(Scope { vars: &state.vars, state: &state, context: &context, secrets: false })
}

#[test]
fn texts_are_filled_in() {
    for (source, expected) in [
        ("plain } text", "plain } text"),
        ("Hi {{ name }}!", "Hi Ana!"),
        ("{{name}}", "Ana"),
        ("{{ contact.name }} in {{ contact.city }}", "Ana Maria in Rome"),
        ("{{ contact.name }}", "Ana Maria"),
        ("{{ business.name }}", "Shop"),
        ("{{ last.text }} {{ last.language }}", "hello pt"),
        ("{{ order.id }}", "7"),
        ("{{ gone }}|{{ gone }}", "|"),
        ("{{ evil }} {{ evil | upper }}", "{{ name }} {{ NAME }}"),
        ("{{ nobody | default('friend') }}", "friend"),
        ("{{ contact.email | default('none') }}", "none"),
        ("{{ price | times(2) }} {{ price * 2 }}", "5 5.0"),
        ("{{ 1234567.891 | money('eur') }}", "1,234,567.89 EUR"),
        ("{{ -0.001 | money }} {{ 500 | money('JPY') }}", "0.00 500 JPY"),
        ("{{ '2026-03-01' | date('%d.%m.%Y') }}", "01.03.2026"),
        ("{{ 0 | date('%Y %H:%M', 'Asia/Tokyo') }}", "1970 09:00"),
        ("{{ '+49 (30) 12-34' | phone }}", "+49301234"),
        ("{% for x in list %}- {{ x }};{% endfor %}", "- a;- b;"),
        ("{{ list | join('/') }}", "a/b"),
        ("{% if price > 2 %}dear{% else %}cheap{% endif %}", "dear"),
        ("{# note #}x", "x"),
        ("{{ {'a': 1}.a }}{{ '}}' }}", "1}}"),
    ] {
        assert_eq!(with(|s| s.text(source)).as_deref(), Ok(expected), "{source}");
    }
}

#[test]
fn a_single_expression_keeps_its_kind() {
    for (source, expected) in [
        ("{{ price }}", json!(2.5)),
        ("{{ list }}", json!(["a", "b"])),
        ("{{ order }}", json!({"id": 7})),
        ("{{ order['id'] + 1 }}", json!(8)),
        ("{{ nobody }}", json!(null)),
        ("{{ nobody | upper }}", json!(null)),
        ("{{ price > 1 }}", json!(true)),
        ("{{ last.text }}", json!("hello")),
        ("x{{ price }}", json!("x2.5")),
        ("12", json!("12")),
    ] {
        assert_eq!(with(|s| s.value(source)), Ok(expected), "{source}");
    }
}

#[test]
fn mistakes_are_explained_and_nothing_can_be_blown_up() {
    for (source, part) in [
        ("{{ nobody }}", "no value for “nobody”"),
        ("Hi {{ nobody }}", "not there yet"),
        ("{{ name | shout }}", "not known"),
        ("{{ name ", "not written correctly"),
        ("{% set a = 1 %}{{ a }}", "cannot be used"),
        ("{%- macro x() %}{% endmacro %}", "cannot be used"),
        ("{{ 'x' * 9000 }}", "longer than 8 KB"),
        ("{% for a in list %}{{ 'x' * 9000 }}{% endfor %}", "times"),
        ("{{ 1*1*1*1*1*1 }}", "times"),
        ("{{ range(5) }}", "failed"),
        ("{{ 'abc' | date }}", "not a date"),
        ("{{ 'abc' | money }}", "not a number"),
    ] {
        let error = with(|s| s.text(source)).unwrap_err();
        assert!(error.contains(part), "{source}: {error}");
    }
    let long: Vec<Value> = (0..5000).map(Value::from).collect();
    let state = RunState { vars: [("l".to_owned(), Value::Array(long))].into_iter().collect(), ..RunState::default() };
    let context = Context::default();
    let scope = Scope { vars: &state.vars, state: &state, context: &context, secrets: false };
    let source = "{% for a in l %}{% for b in l %}{% if a %}{% endif %}{% endfor %}{% endfor %}";
    assert!(scope.text(source).unwrap_err().contains("too long"));
}

proptest! {
    #[test]
    fn no_text_makes_expressions_panic(text in ".{0,60}", tag in "[{}%a-z.'\"| *()0-9-]{0,40}") {
        with(|s| {
            let _ = (s.text(&text), s.value(&text), s.text(&format!("{{{{ {tag} }}}}")), s.value(&format!("{{{{{tag}}}}}")));
            let _ = (s.text(&tag), check(&tag));
        });
    }
}
