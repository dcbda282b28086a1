//! Waits for whatever the customer says next.

use crate::declare::{Field, Group, VarType, fields, kind, needed, way};
use crate::event::Incoming;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// How long, and where the reply is kept.
    pub(crate) struct WaitReply {
        variable: String = String::new() => Field::variable("Keep the reply as", "Empty keeps it only as {{ last.text }}.", VarType::Text),
        #[serde(skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u64> = None => Field::duration("At most", "After that “No reply in time” is taken. Empty waits for ever.", 10_000, crate::ask::MAX_TIMEOUT_MS),
    }
}

kind!(WaitReply {
    name: "wait_reply",
    group: Group::Logic,
    title: "Wait for a reply",
    help: "Waits until the customer writes anything, without asking.",
    branches: &[needed("next", "Then"), way("timeout", "No reply in time")],
    pauses: true,
    example: r#"{"timeout_ms":86400000}"#,
    example_says: "Waits for a message, a day at most.",
});

impl Behaviour for WaitReply {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if !run.has_customer() {
            return Err("There is nobody whose reply could be waited for.".into());
        }
        run.note("Waits for a reply", "");
        Ok(run.await_reply(self.timeout_ms.map(|ms| ms.min(crate::ask::MAX_TIMEOUT_MS)), 0, 0))
    }

    fn reply<'a>(&'a self, run: &mut Run<'a>, message: &Incoming, _tries: u32) -> Stepped<'a> {
        run.note("The customer wrote", &message.text);
        run.set_variable(&self.variable, message.text.clone().into())?;
        Ok(Next::NEXT)
    }

    fn late<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("No reply came in time", "");
        Ok(Next::branch("timeout"))
    }
}
