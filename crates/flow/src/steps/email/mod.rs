//! Sends an e-mail.

use crate::declare::{FAILED, Field, Group, NEXT, fields, kind};
use crate::event::{EffectKind, Outcome};
use crate::expression::is_plain;
use crate::outside::WRONG;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

/// Addresses of one e-mail.
const MAX_ADDRESSES: usize = 10;
/// Longest subject, in characters.
const MAX_SUBJECT: usize = 200;

fields! {
    /// An e-mail.
    pub(crate) struct Email {
        to: String = String::new() => Field::line("To", "An address or an expression. Several with commas between them.").required(),
        subject: String = String::new() => Field::line("Subject", "What it is about.").required(),
        text: String = String::new() => Field::words("Text", "What it says.").required(),
        reply_to: String = String::new() => Field::line("Replies go to", "Empty means your own address."),
    }
}

kind!(Email {
    name: "email",
    group: Group::Actions,
    title: "Send an e-mail",
    help: "Sends an e-mail through your own mail server, to a customer or to a colleague. Set the server up under Settings.",
    branches: &[NEXT, FAILED],
    outside: true,
    example: r#"{"to":"office@example.com","subject":"A new order","text":"{{ contact.name | default(\"Somebody\") }} wrote: {{ last.text }}"}"#,
    example_says: "Writes to the office what the customer wants.",
});

/// Whether it looks like one address.
fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>(),;:\"[]\\".contains(c);
    let Some((name, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= 254
        && !name.is_empty()
        && !name.contains('@')
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && text.chars().all(plain)
}

/// The addresses with a comma between them.
fn addresses(text: &str) -> Result<String, String> {
    let all: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|a| !a.is_empty()).collect();
    if all.is_empty() || all.len() > MAX_ADDRESSES {
        return Err(format!("An e-mail goes to between 1 and {MAX_ADDRESSES} addresses, and here are {}.", all.len()));
    }
    match all.iter().find(|a| !is_address(a)) {
        Some(wrong) => Err(format!("“{wrong}” is not an e-mail address.")),
        None => Ok(all.join(", ")),
    }
}

/// One line: a line break would begin another header.
fn line(text: &str) -> String {
    let text = text.replace(|c: char| c.is_control(), " ");
    text.trim().chars().take(MAX_SUBJECT).collect()
}

impl Behaviour for Email {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let to = match addresses(&run.text(&self.to)?) {
            Ok(to) => to,
            Err(problem) => return Ok(Next::Failed(problem)),
        };
        let reply_to = match run.text(&self.reply_to)?.trim() {
            "" => String::new(),
            text if is_address(text) => text.to_owned(),
            text => return Ok(Next::Failed(format!("“{text}” is not an e-mail address."))),
        };
        let (subject, text) = (line(&run.text(&self.subject)?), run.text(&self.text)?);
        run.note("Sends an e-mail", format!("{to}: {subject}"));
        Ok(run.await_effect(EffectKind::Email { to, subject, text, reply_to }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Value { .. } = outcome else { return Err(WRONG.into()) };
        run.note("The e-mail is sent", "");
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        for (field, text) in [("to", &self.to), ("reply_to", &self.reply_to)] {
            if is_plain(text)
                && !text.trim().is_empty()
                && let Err(problem) = addresses(text)
            {
                check.error(field, &problem, "Correct the address.");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Talk, warns};

    #[test]
    fn an_email_goes_out() {
        let mut talk = Talk::begun(
            "email",
            json!({"to": "a@b.example ; c@d.example", "subject": "New:\r\nBcc: x@y.z",
            "text": "Said {{ last.text }}", "reply_to": " me@b.example "}),
        );
        let expected = EffectKind::Email {
            to: "a@b.example, c@d.example".into(),
            subject: "New:  Bcc: x@y.z".into(),
            text: "Said begin".into(),
            reply_to: "me@b.example".into(),
        };
        assert_eq!(talk.effects(), [&expected]);
        talk.outcome(Outcome::Value { value: json!(null) });
        assert_eq!(talk.way(), "next");
    }

    #[test]
    fn nothing_goes_to_what_is_no_address() {
        for to in [
            "",
            "ana",
            "a@b",
            "a@b.example\nBcc: c@d.example",
            "a b@c.example",
            "a@@b.example",
            "<a@b.example>",
            "a@.example",
        ] {
            let talk = Talk::begun("email", json!({"to": to, "subject": "x", "text": "x"}));
            assert_eq!((talk.way(), talk.effects().len()), ("failed", 0), "{to}");
        }
        warns("email", json!({"to": "ana", "subject": "x", "text": "x"}), "not an e-mail address");
    }
}
