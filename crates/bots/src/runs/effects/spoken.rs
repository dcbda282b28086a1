//! JSON in what a language model wrote, however it wrapped it up.

use serde_json::{Map, Value};

/// Longer answers are not looked through.
const MAX_BYTES: usize = 64 << 10;
/// Places at which an object is looked for.
const MAX_TRIES: usize = 50;

/// The first object that is wanted. Takes it out of prose and code fences; forgives commas too many and ends that are
/// missing.
pub(super) fn object(text: &str, wanted: impl Fn(&Map<String, Value>) -> bool) -> Option<Map<String, Value>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let starts = || text.match_indices('{').map(|(at, _)| &text[at..]).take(MAX_TRIES);
    let fits = |value: Value| match value {
        Value::Object(map) if wanted(&map) => Some(map),
        _ => None,
    };
    let first = |from: &str| serde_json::Deserializer::from_str(from).into_iter::<Value>().next()?.ok();
    starts().find_map(|from| fits(first(from)?)).or_else(|| starts().find_map(|from| fits(first(&repaired(from))?)))
}

/// Takes out commas before an end, puts plain quotes in the place of printed ones, and closes what is left open.
fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut open = Vec::new();
    let (mut inside, mut escaped, mut printed) = (false, false, false);
    for c in text.chars() {
        if inside {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => inside = false,
                // Printed quotes that open are closed by printed ones.
                '”' if printed => {
                    inside = false;
                    out.push('"');
                    continue;
                }
                // A line break may not stand in a text of JSON, but models put it there.
                '\n' => {
                    out.push_str("\\n");
                    continue;
                }
                _ => {}
            }
            out.push(c);
            continue;
        }
        match c {
            '"' | '“' | '”' => {
                (inside, printed) = (true, c != '"');
                out.push('"');
                continue;
            }
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => {
                let end = out.trim_end().len();
                out.truncate(end);
                if out.ends_with(',') {
                    out.pop();
                }
                if open.pop() != Some(c) {
                    return out;
                }
            }
            _ => {}
        }
        out.push(c);
        if open.is_empty() && c == '}' {
            return out;
        }
    }
    if inside {
        out.push('"');
    }
    let end = out.trim_end_matches(|c: char| c == ',' || c.is_whitespace()).len();
    out.truncate(end);
    out.extend(open.into_iter().rev());
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_found_however_it_is_wrapped() {
        for text in [
            r#"{"tool":"find","arguments":{"id":"4{5}"}}"#,
            "Sure! Here it is:\n```json\n{\"tool\": \"find\", \"arguments\": {\"id\": \"4{5}\"}}\n```\nAnything else?",
            r#"Given {x} and {"other": 1}, I choose {"tool":"find","arguments":{"id":"4{5}"}}"#,
            r#"{"tool":"find","arguments":{"id":"4{5}",},}"#,
            r#"{“tool”:"find","arguments":{"id":"4{5}"#,
            "{\"tool\":\"find\",\"arguments\":{\"id\":\"4{5}\"}",
        ] {
            let found = object(text, |map| map.contains_key("tool")).map(Value::Object);
            assert_eq!(found, Some(json!({ "tool": "find", "arguments": { "id": "4{5}" } })), "{text}");
        }
        for text in ["", "no", "{", "{]", "[1, 2]", "{\"other\": 1}", &"{".repeat(100_000)] {
            assert_eq!(object(text, |map| map.contains_key("tool")), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_a_model_writes_makes_it_panic(text in "\\PC{0,80}", near in "[{}\\[\\]\",:a1\\\\ \n“]{0,60}") {
            let _ = (object(&text, |_| true), object(&near, |_| true), repaired(&near));
        }

        #[test]
        fn whole_json_is_read_as_it_is(key in "[a-z]{1,5}", words in "\\PC{0,30}", n in proptest::num::i32::ANY) {
            let value = json!({ key: words, "n": n, "list": [n, null, { "x": true }] });
            let wrapped = format!("Well, {value} it is");
            proptest::prop_assert_eq!(object(&wrapped, |_| true).map(Value::Object), Some(value));
        }
    }
}
