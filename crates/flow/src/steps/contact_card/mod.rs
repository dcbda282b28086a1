//! Sends an address-book entry.

use base::message::{ContactCard as Card, Content};

use crate::declare::{Field, Group, fields, kind};
use crate::reply::phone;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

const MAX_PHONES: usize = 5;

fields! {
    /// An address-book entry.
    pub(crate) struct ContactCard {
        name: String = String::new() => Field::line("Name", "As it will stand in the customer’s phone.").required(),
        phone: String = String::new() => Field::line("Phone number", "With its country, such as +49 30 123456. Several are separated by commas.").required(),
    }
}

kind!(ContactCard {
    name: "contact_card",
    group: Group::Messages,
    title: "Send a contact",
    help: "Sends a name with a number that the customer can save or call, and goes on at once.",
    example: r#"{"name":"{{ business.name }}","phone":"+49 30 123456"}"#,
    example_says: "Sends your business with its number, ready to be saved.",
});

fn phones(text: &str) -> Vec<String> {
    text.split([',', ';', '\n']).filter_map(phone::read).take(MAX_PHONES).collect()
}

impl Behaviour for ContactCard {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let name = run.text(&self.name)?.trim().to_owned();
        let text = run.text(&self.phone)?;
        let phones = phones(&text);
        if phones.is_empty() {
            let short: String = text.chars().take(60).collect();
            return Err(format!("“{short}” is not a phone number. Write it with its country, such as +49 30 123456."));
        }
        run.note("Sent a contact", &name);
        run.send(Content::Contacts { contacts: vec![Card { name, phones }] }, None)?;
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        let text = self.phone.trim();
        if text.is_empty() || text.contains("{{") {
            return;
        }
        let found = phones(text);
        if found.is_empty() {
            check.error("phone", "This is not a phone number.", "Write it with its country, such as +49 30 123456.");
        } else if found.iter().any(|phone| !phone.starts_with('+')) {
            let message = "Without its country, customers abroad cannot call this number.";
            check.warning("phone", message, "Write it as +49 30 123456.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Talk, warns};

    #[test]
    fn a_contact_is_sent_with_its_numbers() {
        let talk = Talk::begun(
            "contact_card",
            json!({"name": "{{ business.name }}", "phone": "+49 (30) 12 34 56, 0049 171 1234567"}),
        );
        assert_eq!(
            serde_json::to_value(talk.contents()[0]).unwrap(),
            json!({"kind": "contacts", "contacts": [{"name": "Sample", "phones": ["+4930123456", "+491711234567"]}]})
        );
        let talk = Talk::begun("contact_card", json!({"name": "A", "phone": "{{ last.text }}"}));
        assert!(talk.notes().iter().any(|n| n.contains("“begin” is not a phone number")), "{:?}", talk.notes());
    }

    #[test]
    fn an_owner_learns_what_is_wrong_with_a_contact() {
        for (name, phone, part) in [
            ("", "+49 30 123456", "empty"),
            ("A", "call us", "not a phone number"),
            ("A", "030 123456", "Without its country"),
        ] {
            warns("contact_card", json!({"name": name, "phone": phone}), part);
        }
    }
}
