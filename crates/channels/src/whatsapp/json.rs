//! Reading Meta's JSON without believing its types: numbers come as strings, lists as single objects, fields not at all.

use base::Time;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A string or number as a string, as the provider spelled it; also when empty.
pub(crate) fn text(v: &Value, key: &str) -> Option<String> {
    match v.get(key)? {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// An id: not empty and at most 512 bytes.
pub(crate) fn id(v: &Value, key: &str) -> Option<String> {
    text(v, key).filter(|s| !s.is_empty() && s.len() <= 512)
}

/// A short piece of text for people, at most 2,000 long; nothing when empty.
pub(crate) fn line(v: &Value, key: &str) -> Option<String> {
    text(v, key).map(|s| crate::text::clean_line(&s, 2000)).filter(|s| !s.is_empty())
}

pub(crate) fn float(v: &Value, key: &str) -> Option<f64> {
    match v.get(key)? {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
    .filter(|f: &f64| f.is_finite())
}

pub(crate) fn int(v: &Value, key: &str) -> Option<i64> {
    match v.get(key)? {
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

pub(crate) fn flag(v: &Value, key: &str) -> Option<bool> {
    match v.get(key)? {
        Value::Bool(b) => Some(*b),
        Value::String(s) => s.trim().parse().ok(),
        Value::Number(n) => n.as_i64().map(|n| n != 0),
        _ => None,
    }
}

/// Seconds since 1970 as string or number; what is too large for seconds is taken as milliseconds.
pub(crate) fn time(v: &Value, key: &str) -> Option<Time> {
    match int(v, key)? {
        n if n <= 0 => None,
        n if n < 100_000_000_000 => Some(Time::from_seconds(n)),
        n => Some(Time(n)),
    }
}

/// The elements of a list; a single object counts as a list of one.
pub(crate) fn list<'a>(v: &'a Value, key: &str) -> &'a [Value] {
    match v.get(key) {
        Some(Value::Array(items)) => items,
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    }
}

/// The same text for the same value, whatever the order of its keys.
fn canonical(v: &Value, out: &mut String) {
    match v {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (key, value) in keys {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                canonical(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// SHA-256 in hex over the parts and the canonical form of the value.
pub(crate) fn hash(parts: &[&str], v: &Value) -> String {
    let mut form = String::new();
    canonical(v, &mut form);
    let mut sha = Sha256::new();
    for part in parts.iter().copied().chain([form.as_str()]) {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    hex::encode(sha.finalize())
}

/// A SHA-256 given in base64 (webhooks) or hex (media calls), as hex; nothing when it is neither.
pub(crate) fn sha256_hex(given: &str) -> Option<String> {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    if given.len() == 64 && given.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(given.to_ascii_lowercase());
    }
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(given).ok())
        .filter(|digest| digest.len() == 32)
        .map(hex::encode)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_hash_ignores_the_order_of_keys_and_nothing_else() {
        let a: Value = serde_json::from_str(r#"{"a":1,"b":[1,2]}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"b":[1,2],"a":1}"#).unwrap();
        assert_eq!(hash(&["x", "y"], &a), hash(&["x", "y"], &b));
        assert_ne!(hash(&["x", "y"], &a), hash(&["xy", ""], &a));
        assert_ne!(hash(&[], &a), hash(&[], &json!({"a": 1, "b": [2, 1]})));
    }

    #[test]
    fn large_ids_keep_every_digit() {
        let v: Value = serde_json::from_str(r#"{"id":12345678901234567890}"#).unwrap();
        assert_eq!(id(&v, "id").as_deref(), Some("12345678901234567890"));
    }

    #[test]
    fn digests_are_read_in_both_spellings() {
        let hexed = "666f6f62617262617a717578666f6f62617262617a717578666f6f6261726261";
        assert_eq!(sha256_hex("Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE=").as_deref(), Some(hexed));
        assert_eq!(sha256_hex(&hexed.to_uppercase()).as_deref(), Some(hexed));
        assert_eq!(sha256_hex("c2hh"), None);
    }
}
