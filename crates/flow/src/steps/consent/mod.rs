//! Notes whether the customer wants messages that they did not ask for.

use crate::declare::{Choose, Field, Group, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

const ACTIONS: &[Choose] =
    &[Choose { value: "on", label: "Agrees" }, Choose { value: "off", label: "Does not want any" }];

fields! {
    /// Yes or no.
    pub(crate) struct Consent {
        action: String = "on".into() => Field::pick("The customer", "The day and the words of the customer are kept with it.", ACTIONS),
    }
}

kind!(Consent {
    name: "consent",
    group: Group::Actions,
    title: "Note the consent",
    help: "Keeps whether the customer agreed to offers and news. Ask first, with “Ask yes or no”; those who did not agree get \
           none.",
    example: r#"{"action":"on"}"#,
    example_says: "From now on the customer may be sent offers.",
});

impl Behaviour for Consent {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if !run.has_customer() {
            return Err("There is no customer who could agree: this flow began without one.".into());
        }
        // Whatever is not clearly a yes is none.
        let marketing = self.action == "on";
        run.note("Noted the consent", if marketing { "Agrees to offers and news" } else { "Wants no offers and news" });
        run.effect(EffectKind::Consent { marketing });
        Ok(Next::NEXT)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Talk;

    #[test]
    fn only_a_clear_yes_is_one() {
        for (action, marketing) in [("on", true), ("off", false), ("perhaps", false)] {
            let talk = Talk::begun("consent", json!({ "action": action }));
            assert_eq!(talk.effects(), [&EffectKind::Consent { marketing }], "{action}");
        }
    }
}
