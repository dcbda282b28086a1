//! Puts a tag on the contact, or takes it away.

use crate::declare::{Choose, Field, Group, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

/// Longest tag, in characters.
const MAX_CHARS: usize = 60;

const ACTIONS: &[Choose] =
    &[Choose { value: "add", label: "Put it on" }, Choose { value: "remove", label: "Take it away" }];

fields! {
    /// Which tag.
    pub(crate) struct Tag {
        action: String = "add".into() => Field::pick("Do", "A tag that is there already stays as it is.", ACTIONS),
        tag: String = String::new() => Field::line("Tag", "Such as “newsletter” or “regular”.").required(),
    }
}

kind!(Tag {
    name: "tag",
    group: Group::Data,
    title: "Tag the contact",
    help: "Puts a tag on the customer or takes it away. Tags help to find customers and to write to all who have one.",
    example: r#"{"action":"add","tag":"newsletter"}"#,
    example_says: "Puts the tag “newsletter” on the customer.",
});

impl Behaviour for Tag {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if !run.has_customer() {
            return Err("There is no customer who could have a tag.".into());
        }
        let tag = run.text(&self.tag)?.split_whitespace().collect::<Vec<_>>().join(" ");
        if tag.is_empty() || tag.chars().count() > MAX_CHARS {
            return Err(format!(
                "A tag has between 1 and {MAX_CHARS} letters, and this one has {}.",
                tag.chars().count()
            ));
        }
        let on = self.action != "remove";
        run.note(if on { "Put on a tag" } else { "Took a tag away" }, &tag);
        run.effect(EffectKind::Tag { tag, on });
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
    fn tags_go_on_and_off() {
        for (fields, tag, on) in [
            (json!({"tag": "regular"}), "regular", true),
            (json!({"tag": " says  {{ last.text }} "}), "says begin", true),
            (json!({"tag": "regular", "action": "remove"}), "regular", false),
        ] {
            let talk = Talk::begun("tag", fields);
            assert_eq!(talk.effects(), [&EffectKind::Tag { tag: tag.into(), on }]);
        }
        for fields in [json!({}), json!({"tag": "x".repeat(61)})] {
            assert_eq!(Talk::begun("tag", fields).status(), Status::Failed);
        }
    }
}
