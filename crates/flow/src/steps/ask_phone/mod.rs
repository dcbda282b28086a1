//! Asks for a phone number.

use base::message::Content;
use serde_json::json;

use crate::ask::{Ask, Asking, Reading, WAYS, question};
use crate::declare::{Field, Group, kind};
use crate::event::Incoming;
use crate::expression::words_of;
use crate::reply::{Reader, phone};
use crate::run::Run;
use crate::validate::Check;
use crate::words::fold;

/// Replies, folded, that mean the number from which the customer writes.
const THIS_ONE: [&str; 34] = [
    "this number",
    "this one",
    "this",
    "same",
    "same number",
    "the same",
    "the same number",
    "this is my number",
    "my whatsapp",
    "whatsapp",
    "you have it",
    "diese",
    "diese nummer",
    "dieselbe",
    "die gleiche",
    "este",
    "este numero",
    "este mismo",
    "el mismo",
    "esse",
    "esse numero",
    "este mesmo",
    "o mesmo",
    "celui ci",
    "ce numero",
    "le meme",
    "questo",
    "questo numero",
    "lo stesso",
    "deze",
    "dit nummer",
    "этот",
    "этот номер",
    "هذا الرقم",
];

question! {
    /// A question that a phone number answers.
    pub(crate) struct AskPhone of Text {
        country: String = String::new() => Field::plain("Country code",
            "Such as +49. It is put before numbers that do not say their country. Empty keeps them as they are.", 5),
        own: bool = true => Field::toggle("“This one” is a reply", "The number from which the customer writes is kept then, where it is known."),
    }
}

kind!(AskPhone {
    name: "ask_phone",
    group: Group::Questions,
    title: "Ask for a phone number",
    help: "Asks a question and keeps the phone number in the reply without spaces and signs. A shared contact is a reply, too.",
    branches: WAYS,
    example: r#"{"text":"Under which number can we reach you?","variable":"phone","country":"+49"}"#,
    example_says: "Asks for the phone number and keeps it as “phone”, such as +4930123456.",
});

impl AskPhone {
    /// The number with its country, when there is one to add.
    fn whole(&self, number: String) -> Option<String> {
        let code = self.country.trim();
        if number.is_empty() || number.starts_with('+') || code.is_empty() {
            return Some(number).filter(|n| !n.is_empty());
        }
        // The zero in front is dialled within the country only; Italy and San Marino keep it.
        let rest = if matches!(code, "+39" | "+378") { &number } else { number.strip_prefix('0').unwrap_or(&number) };
        let whole = format!("{code}{rest}");
        (7..=16).contains(&whole.len()).then_some(whole)
    }
}

impl Ask for AskPhone {
    fn asking(&self) -> Asking<'_> {
        self.as_asking()
    }

    fn read(&self, run: &Run<'_>, message: &Incoming, _reader: &Reader) -> Reading {
        let shared = match &message.content {
            Content::Contacts { contacts } => {
                contacts.iter().flat_map(|c| &c.phones).map(|p| phone::tidy(p)).find(|p| !p.is_empty())
            }
            _ => None,
        };
        let own = || {
            let said = fold(&message.text);
            let known = run.lookup("contact.phone").map(|phone| words_of(&phone))?;
            (self.own && THIS_ONE.contains(&said.as_str())).then(|| phone::read(&known)).flatten()
        };
        let text = Some(message.text.as_str()).filter(|text| text.len() <= 500);
        let number = shared.or_else(|| text.and_then(phone::read)).or_else(own).and_then(|number| self.whole(number));
        number.map_or(Reading::Nothing, |number| Reading::Value(json!(number)))
    }

    fn check_more(&self, check: &mut Check<'_>) {
        let code = self.country.trim();
        let digits = code.strip_prefix('+').unwrap_or_default();
        let known =
            (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if !code.is_empty() && !known {
            check.error("country", "This is not the code of a country.", "Write it as +49.");
        }
    }
}

#[cfg(test)]
mod tests {
    use base::message::{ContactCard, Content};
    use serde_json::{Value, json};

    use crate::testing::{Talk, warns};

    #[test]
    fn a_number_is_kept_with_its_country() {
        for (country, reply, expected) in [
            ("", "call me: 030 1234567", json!("0301234567")),
            ("+49", "030 1234567", json!("+49301234567")),
            ("+39", "06 1234567", json!("+39061234567")),
            ("+49", "+1 (212) 555-0100", json!("+12125550100")),
            ("+49", "0049 30 123456", json!("+4930123456")),
            ("+49", "this one", json!("+491711234567")),
            ("", "Same number!", json!("+491711234567")),
            ("+49", "tomorrow", Value::Null),
            ("+49", "123", Value::Null),
        ] {
            let mut talk = Talk::of("ask_phone", json!({"text": "Phone?", "variable": "phone", "country": country}));
            talk.context.contact.insert("phone".into(), json!("+49 171 1234567"));
            talk.says("begin").says(reply);
            assert_eq!(talk.var("phone"), expected, "{reply}");
        }
    }

    #[test]
    fn a_shared_contact_is_a_reply_and_its_own_number_only_where_that_is_known() {
        let fields = json!({"text": "Phone?", "variable": "phone"});
        let card = ContactCard { name: "Ana".into(), phones: vec![String::new(), "+49 30 123456".into()] };
        let mut talk = Talk::begun("ask_phone", fields.clone());
        assert_eq!(talk.shows(Content::Contacts { contacts: vec![card] }).var("phone"), json!("+4930123456"));
        assert_eq!(Talk::begun("ask_phone", fields).says("this one").way(), "");
        for country in ["49", "+0", "Germany", "+"] {
            warns("ask_phone", json!({"text": "?", "variable": "p", "country": country}), "not the code of a country");
        }
    }
}
