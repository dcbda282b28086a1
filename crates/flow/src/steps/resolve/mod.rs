//! Marks the conversation as resolved.

use crate::declare::{Group, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// Nothing needs to be said.
    pub(crate) struct Resolve {}
}

kind!(Resolve {
    name: "resolve",
    group: Group::Actions,
    title: "Mark as resolved",
    help: "Takes the conversation off the list of open ones. When the customer writes again, it opens by itself.",
    example: "{}",
    example_says: "The conversation is done.",
});

impl Behaviour for Resolve {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if !run.has_customer() {
            return Err("There is no conversation that could be resolved: this flow began without a customer.".into());
        }
        run.note("Marked as resolved", "");
        run.effect(EffectKind::Resolve);
        Ok(Next::NEXT)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Status;
    use crate::testing::Talk;

    #[test]
    fn a_conversation_is_resolved_if_there_is_one() {
        let mut talk = Talk::of("resolve", json!({}));
        talk.says("thanks");
        assert_eq!((talk.effects(), talk.way()), (vec![&EffectKind::Resolve], "next"));
        talk.context.conversation.clear();
        talk.says("thanks");
        assert_eq!(talk.status(), Status::Failed);
    }
}
