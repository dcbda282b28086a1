//! The configuration without what may be secret: numbers and switches as they are, of texts only that they are set.

use base::Result;
use serde_json::{Map, Value, json};

use crate::Config;

/// Settings whose text tells nothing of anybody. A setting that is added later is hidden until it is named here.
const PLAIN: [&str; 3] = ["address", "public_address", "log"];

pub(super) fn without_secrets(config: &Config) -> Result<Value> {
    Ok(hide(serde_json::to_value(config)?, true))
}

fn hide(value: Value, top: bool) -> Value {
    match value {
        Value::Object(fields) => {
            let shown = fields.into_iter().map(|(name, value)| {
                let plain = top && PLAIN.contains(&name.as_str());
                let shown = if plain { value } else { hide(value, false) };
                (name, shown)
            });
            Value::Object(shown.collect::<Map<_, _>>())
        }
        Value::String(text) if text.is_empty() => json!("not set"),
        Value::String(_) => json!("set"),
        Value::Array(items) => json!(format!("{} set", items.len())),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_passwords_and_folders_of_a_person_do_not_leave() {
        let config = Config {
            data: "/home/zanele/botflow".into(),
            models_hub: Some("https://me:hunter2@mirror.example/".into()),
            host_names: vec!["zanele.example".into()],
            ..Config::default()
        };
        let shown = without_secrets(&config).unwrap();
        let text = shown.to_string();
        for marked in ["zanele", "hunter2", "mirror"] {
            assert!(!text.contains(marked), "{text}");
        }
        assert_eq!(
            (&shown["port"], &shown["log"], &shown["models_hub"]),
            (&json!(4870), &json!("info"), &json!("set"))
        );
    }
}
