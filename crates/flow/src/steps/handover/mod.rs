//! Gives the conversation to a person.

use base::message::Content;

use crate::declare::{Field, Group, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// A handover.
    pub(crate) struct Handover {
        message: String = String::new() => Field::words("Tell the customer", "Empty says nothing."),
        reason: String = String::new() => Field::line("Reason", "In a few words, for whoever takes it."),
        note: String = String::new() => Field::words("Note", "What the person should know; kept with the contact."),
    }
}

kind!(Handover {
    name: "handover",
    group: Group::Actions,
    title: "Hand over to a person",
    help: "A person goes on from here. The bot is silent until the person gives the conversation back.",
    branches: &[],
    example: r#"{"message":"A colleague will be with you shortly.","reason":"The customer asked for a person"}"#,
    example_says: "Says that a colleague will come, and puts the conversation on the list of those who wait.",
});

impl Behaviour for Handover {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        // A mistake in a text must not keep the customer from reaching a person.
        let filled = |run: &mut Run<'_>, source: &str| {
            run.text(source).unwrap_or_else(|error| {
                run.note("A text of the handover was left out", error);
                String::new()
            })
        };
        if !self.message.trim().is_empty() {
            let text = filled(run, &self.message);
            run.send(Content::text(text), None)?;
        }
        let (reason, note) = (filled(run, &self.reason), filled(run, &self.note).trim().to_owned());
        run.note("Handed to a person", &reason);
        run.effect(EffectKind::Handover { reason, note });
        Ok(Next::Hand)
    }
}
