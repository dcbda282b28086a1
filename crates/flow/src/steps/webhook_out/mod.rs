//! Tells another program that something happened.

use serde_json::{Value, json};

use crate::declare::{FAILED, Field, Group, Input, NEXT, fields, kind};
use crate::event::{EffectKind, Outcome};
use crate::outside::{self, WRONG, time_limit};
use crate::payload;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

/// Time limit, in milliseconds, and the longest one.
const TIMEOUT_MS: u64 = 10_000;
const MAX_TIMEOUT_MS: u64 = 60_000;
/// Largest payload, in bytes.
const MAX_BYTES: usize = 256 * 1024;

fields! {
    /// Where to, and what.
    pub(crate) struct WebhookOut {
        url: String = String::new() => Field::line("Address", "Where the other program listens. The server’s name cannot be an expression.").required().secrets(),
        payload: Value = json!({"event": "", "contact": "{{ contact.name | default('') }}", "text": "{{ last.text }}"}) =>
            Field::new("Data", "JSON in which expressions may stand.", Input::Json).required(),
        secret: String = String::new() => Field::new("Signed with", "The other program checks with it that the call is yours. Empty signs nothing.", Input::Secret),
    }
}

kind!(WebhookOut {
    name: "webhook_out",
    group: Group::Actions,
    title: "Tell another program",
    help: "Calls an address of another program with data of this conversation, signed so that it can trust it. Nothing comes \
           back but whether it arrived; “Call a web service” keeps answers.",
    branches: &[NEXT, FAILED],
    outside: true,
    example: r#"{"url":"https://example.com/hooks/orders","payload":{"event":"order","text":"{{ last.text }}"},"secret":"orders"}"#,
    example_says: "Tells your shop’s program about an order.",
});

impl Behaviour for WebhookOut {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (url, host) = outside::address(run, &self.url)?;
        let payload = payload::filled(run, &self.payload)?;
        if payload.to_string().len() > MAX_BYTES {
            return Err("This data is larger than 256 KB. Send less.".into());
        }
        run.note_value("Tells another program", host, &payload);
        let timeout_ms = time_limit(run, TIMEOUT_MS, MAX_TIMEOUT_MS);
        Ok(run.await_effect(EffectKind::WebhookOut { url, payload, secret: self.secret.trim().to_owned(), timeout_ms }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Response { status, .. } = outcome else { return Err(WRONG.into()) };
        if *status >= 400 {
            return Ok(Next::Failed(format!("The other program answered with status {status}.")));
        }
        run.note("The other program was told", format!("Status {status}"));
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        outside::check_address(check, "url", &self.url);
        if self.secret.trim().is_empty() {
            let message = "The call is not signed, so the other program cannot know that it is yours.";
            check.warning("secret", message, "Choose a secret that both sides know.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Talk, warns};

    #[test]
    fn another_program_is_told() {
        let fields = json!({"url": "https://shop.example/{{ secret.path }}", "secret": "shop",
            "payload": "{\"said\": {{ last.text }}, \"n\": 1}"});
        for (status, way) in [(204, "next"), (500, "failed")] {
            let mut talk = Talk::begun("webhook_out", fields.clone());
            let [EffectKind::WebhookOut { url, payload, secret, timeout_ms: 10_000 }] = talk.effects()[..] else {
                panic!()
            };
            assert_eq!((payload, secret.as_str()), (&json!({"said": "begin", "n": 1}), "shop"));
            assert_eq!(crate::reveal(url, |_| Some("p".into())).as_deref(), Ok("https://shop.example/p"));
            talk.outcome(Outcome::Response { status, body: Value::Null });
            assert_eq!(talk.way(), way);
        }
        warns(
            "webhook_out",
            json!({"url": "https://shop.example", "payload": {"a": "{{ secret.x }}"}}),
            "Secrets cannot",
        );
        warns("webhook_out", json!({"url": "https://shop.example"}), "not signed");
    }
}
