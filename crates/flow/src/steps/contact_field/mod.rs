//! Writes a field of the contact.

use crate::declare::{Field, Group, VarType, fields, kind};
use crate::expression::words_of;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// Which field, and what.
    pub(crate) struct ContactField {
        field: String = String::new() => Field::plain("Field", "Such as name, email or birthday.", 60).required(),
        value: String = String::new() => Field::value("Value", "A text or an expression.", VarType::Any),
    }
}

kind!(ContactField {
    name: "contact_field",
    group: Group::Data,
    title: "Write to the contact",
    help: "Keeps something about the customer for good, in the contacts and for every later conversation.",
    example: r#"{"field":"name","value":"{{ last.text }}"}"#,
    example_says: "Keeps the customer’s last message as their name.",
});

impl Behaviour for ContactField {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if !run.has_customer() {
            return Err("There is no customer whose contact could be written to.".into());
        }
        let value = run.value(&self.value)?;
        run.note("Wrote to the contact", format!("{}: {}", self.field, words_of(&value)));
        run.set_contact(&self.field, value)?;
        Ok(Next::NEXT)
    }
}
