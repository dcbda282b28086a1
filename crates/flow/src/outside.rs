//! What the steps have in common that work with something outside of the program.

use base::message::Content;
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::expression::{encoded_around_marks, is_plain};
use crate::run::{Next, Run, Stepped};
use crate::state::{MAX_TEXT_BYTES, cut};
use crate::validate::Check;

/// For an outcome that no such step asked for.
pub(crate) const WRONG: &str = "The outcome does not belong to this kind of step.";

/// The step's own time limit in milliseconds, else the usual one.
pub(crate) fn time_limit(run: &Run<'_>, usual: u64, most: u64) -> u64 {
    let own = run.step().and_then(|s| s.failure.as_ref()).and_then(|f| f.timeout_ms);
    own.unwrap_or(usual).clamp(100, most)
}

/// The scheme and server of an address, as written.
fn server(source: &str) -> &str {
    let after = source.find("://").map_or(0, |at| at + 3);
    let end = source[after..].find(['/', '?', '#']).map_or(source.len(), |at| after + at);
    &source[..end]
}

/// A web address with its expressions filled in, and its server's name. A customer's words cannot choose the server.
pub(crate) fn address(run: &Run<'_>, source: &str) -> Result<(String, String), String> {
    let source = source.trim();
    let named = server(source);
    if !is_plain(named) {
        return Err(
            "A customer’s words must not choose the server of a web address. Write the server’s name out.".into()
        );
    }
    let wrong = |text: &str| format!("“{text}” is not a web address. It must begin with https:// and a server’s name.");
    let fixed = Url::parse(named).map_err(|_| wrong(named))?;
    let url = run.text_with_secrets(source)?.trim().to_owned();
    let parsed = Url::parse(&url).map_err(|_| wrong(named))?;
    // Compared once more as a browser reads it, which knows more ways of writing a server than we do.
    let host = fixed.host_str().unwrap_or_default().to_owned();
    if !matches!(fixed.scheme(), "http" | "https") || host.is_empty() || fixed.origin() != parsed.origin() {
        return Err(wrong(named));
    }
    Ok((url, host))
}

pub(crate) fn check_address(check: &mut Check<'_>, field: &str, source: &str) {
    let source = source.trim();
    if source.is_empty() {
        return;
    }
    let lower = source.to_ascii_lowercase();
    if !is_plain(server(source)) {
        check.error(field, "The server of this address is an expression.", "Write the server’s name out.");
    } else if !lower.starts_with("https://") && !lower.starts_with("http://") {
        check.error(field, "This is not a web address.", "Begin it with https://.");
    } else if Url::parse(server(source)).map_or(true, |url| url.host_str().is_none_or(str::is_empty)) {
        check.error(field, "This address names no server.", "Write it as https://example.com/path.");
    } else if lower.starts_with("http://") {
        check.warning(field, "This address is not encrypted.", "Use https:// if the service offers it.");
    }
}

/// Names and values as they stand in an address or a form.
pub(crate) fn pairs<'i>(run: &Run<'_>, items: impl Iterator<Item = (&'i str, &'i str)>) -> Result<String, String> {
    let mut text = String::new();
    for (name, value) in items.filter(|(name, _)| !name.trim().is_empty()) {
        if !text.is_empty() {
            text.push('&');
        }
        let encode = |part: &str| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
        text.push_str(&encode(name.trim()));
        text.push('=');
        text.push_str(&encoded_around_marks(&run.text_with_secrets(value)?, "url", encode));
    }
    Ok(text)
}

/// Sends and keeps what a model wrote. Never taken for a text with expressions: it may quote a customer.
pub(crate) fn wrote<'a>(run: &mut Run<'a>, text: &str, variable: &str, send: bool) -> Stepped<'a> {
    let mut text = text.trim().to_owned();
    cut(&mut text, MAX_TEXT_BYTES);
    if send {
        run.send(Content::text(text.clone()), None)?;
    }
    run.set_variable(variable, Value::String(text))?;
    Ok(Next::NEXT)
}

/// Warns of a text that goes nowhere.
pub(crate) fn check_seen(check: &mut Check<'_>, variable: &str, send: bool) {
    if !send && variable.is_empty() {
        check.warning("send", "Nobody sees this text.", "Send it, or keep it under a name.");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{START, Talk};

    #[test]
    fn words_never_choose_the_server() {
        let talk = Talk::new(json!([]), json!([]));
        let context = crate::Context::default();
        let mut run = Run::new(&talk.flow, crate::RunState::default(), &context, START);
        run.set_variable("x", json!("evil.example/a b")).unwrap();
        run.set_variable("slashes", json!("//evil.example")).unwrap();
        for (source, expected) in [
            ("https://shop.example/{{ x | urlencode }}", Some("https://shop.example/evil.example/a%20b")),
            ("https://shop.example", Some("https://shop.example")),
            ("http://shop.example:8080?q={{ x }}", Some("http://shop.example:8080?q=evil.example/a b")),
            (" https://shop.example{{ slashes }} ", None),
            ("https://{{ x }}", None),
            ("https://shop.example.{{ x }}", None),
            ("https://a@{{ x }}", None),
            ("{{ x }}", None),
            ("https:/{{ x }}", None),
            ("https:///{{ x }}", None),
            ("https:{{ slashes }}", None),
            ("https:\\\\{{ x }}", None),
            ("ftp://shop.example", None),
            ("shop.example", None),
            ("file:///etc/passwd", None),
            ("", None),
        ] {
            let found = address(&run, source).ok().map(|(url, _)| url);
            assert_eq!(found.as_deref(), expected, "{source}");
        }
    }

    #[test]
    fn pairs_are_encoded_and_secrets_stay_marks() {
        let talk = Talk::new(json!([]), json!([]));
        let context = crate::Context::default();
        let run = Run::new(&talk.flow, crate::RunState::default(), &context, START);
        let items = [("a b", "1&2"), ("", "left out"), ("key", "x {{ secret.key }}")];
        let text = pairs(&run, items.into_iter()).unwrap();
        let revealed = crate::reveal(&text, |name| Some(format!("{name}&?")));
        assert_eq!(revealed.as_deref(), Ok("a+b=1%262&key=x+key%26%3F"));
    }
}
