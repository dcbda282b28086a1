//! Secrets that flows may use by name, such as the key of a web service: sealed at rest, revealed only as a request leaves.

pub(crate) mod routes;
pub(crate) mod store;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use base::{Error, Result, Secret};
use serde_json::Value;

use crate::workspace::Workspace;

/// Shorter secrets are not looked for in answers: they would be found everywhere.
const HIDDEN_FROM_CHARS: usize = 6;
/// What stands in the place of a secret.
const DOTS: &str = "••••";

/// The secrets that one request needs.
#[derive(Debug, Default)]
pub(crate) struct Known(HashMap<String, Secret>);

/// Reads the secrets that these texts name.
pub(crate) async fn known<'t>(ws: &Workspace, texts: impl IntoIterator<Item = &'t str>) -> Result<Known> {
    let names = names_in(texts);
    if names.is_empty() {
        return Ok(Known::default());
    }
    let vault = ws.vault.clone();
    ws.db
        .read(move |c| {
            let mut known = HashMap::new();
            for name in names {
                if let Some(secret) = store::get(c, &vault, &name)? {
                    known.insert(name, secret);
                }
            }
            Ok(Known(known))
        })
        .await
}

/// The names of the secrets that stand in the texts as marks.
fn names_in<'t>(texts: impl IntoIterator<Item = &'t str>) -> BTreeSet<String> {
    let names = RefCell::new(BTreeSet::new());
    for text in texts {
        let note = |name: &str| {
            names.borrow_mut().insert(name.to_owned());
            Some(String::new())
        };
        // Without missing secrets there is nothing that could go wrong.
        let _ = flow::reveal(text, note);
    }
    names.into_inner()
}

impl Known {
    /// The one secret of this name.
    ///
    /// # Errors
    /// `Invalid` with a sentence that names it when it is not there.
    pub(crate) async fn one(ws: &Workspace, name: &str) -> Result<Secret> {
        let (vault, wanted) = (ws.vault.clone(), name.to_owned());
        let found = ws.db.read(move |c| store::get(c, &vault, &wanted)).await?;
        found.ok_or_else(|| {
            Error::invalid(format!("There is no secret called “{name}”. Add it under Settings, E-mail and secrets."))
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with its secrets in the place of their marks. Such a text is never logged, stored or shown.
    ///
    /// # Errors
    /// `Invalid` with a sentence that names a secret which is not there.
    pub(crate) fn reveal(&self, text: &str) -> Result<String> {
        flow::reveal(text, |name| self.0.get(name).map(|secret| secret.expose().to_owned())).map_err(Error::invalid)
    }

    /// Takes the secrets out of what came back: some services repeat what they were sent.
    pub(crate) fn hide(&self, value: &mut Value) {
        if self.is_empty() {
            return;
        }
        match value {
            Value::String(text) => {
                for secret in self.0.values().map(Secret::expose).filter(|s| s.chars().count() >= HIDDEN_FROM_CHARS) {
                    if text.contains(secret) {
                        *text = text.replace(secret, DOTS);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.hide(item)),
            _ => {}
        }
    }

    #[cfg(test)]
    pub(crate) fn of(secrets: &[(&str, &str)]) -> Self {
        Known(secrets.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_that_repeats_a_secret_does_not_bring_it_into_the_journal() {
        let known = Known::of(&[("key", "hunter2hunter2"), ("pin", "12")]);
        let mut answer = json!({ "sent": ["Bearer hunter2hunter2", 12], "count": "12" });
        known.hide(&mut answer);
        assert_eq!(answer, json!({ "sent": ["Bearer ••••", 12], "count": "12" }));
    }

    #[test]
    fn a_text_without_marks_stays_as_it_is() {
        assert!(names_in(["nothing", "{{ secret.key }}", ""]).is_empty());
        assert_eq!(Known::default().reveal("plain").unwrap(), "plain");
    }
}
