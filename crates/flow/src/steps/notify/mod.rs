//! Tells the people of the business.

use crate::declare::{Field, Group, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::state::cut;
use crate::steps::Behaviour;

/// Longest title and text, in bytes.
const MAX_TITLE: usize = 200;
const MAX_TEXT: usize = 2_000;

fields! {
    /// A notice.
    pub(crate) struct Notify {
        title: String = String::new() => Field::line("Title", "What is up, in a few words.").required(),
        text: String = String::new() => Field::words("Text", "What your people should know. The customer does not see it."),
        urgent: bool = false => Field::toggle("Urgent", "It comes at once and with a sound, even in quiet hours."),
    }
}

kind!(Notify {
    name: "notify",
    group: Group::Actions,
    title: "Tell the team",
    help: "Tells you and your people that something happened. The conversation stays with the bot; “Hand over to a person” \
           gives it away.",
    example: r#"{"title":"A large order","text":"{{ contact.name | default(\"A customer\") }}: {{ last.text }}","urgent":true}"#,
    example_says: "Tells your people at once that a large order has come in.",
});

impl Behaviour for Notify {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (mut title, mut text) = (run.text(&self.title)?.trim().to_owned(), run.text(&self.text)?.trim().to_owned());
        cut(&mut title, MAX_TITLE);
        cut(&mut text, MAX_TEXT);
        run.note("Told the team", &title);
        run.effect(EffectKind::Notify { title, text, urgent: self.urgent });
        Ok(Next::NEXT)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Talk;

    #[test]
    fn the_team_is_told_and_the_customer_is_not() {
        let mut talk = Talk::begun("notify", json!({"title": "Said {{ last.text }}", "urgent": true}));
        let expected = EffectKind::Notify { title: "Said begin".into(), text: String::new(), urgent: true };
        assert_eq!(talk.effects(), [&expected]);
        assert!(talk.sent().is_empty());
        assert_eq!(talk.way(), "next");
    }
}
