//! A flow begins because another program calls.

use crate::declare::{Choose, Field, Group, Input, VarType, Written, fields, kind, needed};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

const CHECKS: &[Choose] = &[
    Choose { value: "secret", label: "It sends the secret as a header" },
    Choose { value: "hmac", label: "It signs the body with the secret (HMAC SHA-256)" },
];

fields! {
    /// Who may call, and for whom.
    pub(crate) struct Webhook {
        check: String = "secret".into() => Field::pick("Who may call", "How a call proves that it comes from your program.", CHECKS),
        secret: String = String::new() => Field::new("Secret", "What both sides know. Kept sealed; not shown again.", Input::Secret).required(),
        customer: String = String::new() => Field::line("Customer", "A phone number or id in what was sent, such as {{ trigger.phone }}. Empty begins with nobody to write to."),
    }
}

kind!(Webhook {
    name: "webhook",
    group: Group::Triggers,
    title: "Web call comes in",
    help: "Another program calls an address of yours and the flow begins with what it sent. Point to a customer to write to them.",
    branches: &[needed("next", "Then")],
    entry: true,
    writes: &[Written { name: "trigger", of: VarType::Object }],
    example: r#"{"check":"secret","secret":"shop","customer":"{{ trigger.phone }}"}"#,
    example_says: "Begins when your shop’s program calls, for the customer whose phone number it sends.",
});

impl Behaviour for Webhook {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("A web call came in", "");
        Ok(Next::NEXT)
    }
}
