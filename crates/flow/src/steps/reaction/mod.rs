//! Sets a sign on what the customer said last.

use unicode_segmentation::UnicodeSegmentation;

use crate::declare::{ChannelNote, Field, Group, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

fields! {
    /// A sign.
    pub(crate) struct Reaction {
        emoji: String = "👍".into() => Field::plain("Sign", "One emoji, such as 👍 or ❤️.", 16).required(),
    }
}

kind!(Reaction {
    name: "reaction",
    group: Group::Messages,
    title: "React to the message",
    help: "Sets an emoji on the customer’s last message, which says “seen” without another message, and goes on at once.",
    example: r#"{"emoji":"👍"}"#,
    example_says: "Sets 👍 on the customer’s last message.",
    channels: &[ChannelNote { channel: "whatsapp", note: "A later reaction takes the place of the earlier one." }],
});

fn is_emoji(text: &str) -> bool {
    text.graphemes(true).count() == 1 && !text.chars().any(|c| c.is_alphabetic() || c.is_ascii_punctuation())
}

impl Behaviour for Reaction {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let emoji = self.emoji.trim().to_owned();
        if !run.has_customer() || run.state.last.kind.is_empty() {
            run.note("Nothing to react to", "The customer has not written.");
        } else if is_emoji(&emoji) {
            run.note("Reacted", &emoji);
            run.effect(EffectKind::React { emoji });
        } else {
            return Err(format!("“{emoji}” is not an emoji. Choose one, such as 👍."));
        }
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        let emoji = self.emoji.trim();
        if !emoji.is_empty() && !is_emoji(emoji) {
            check.error("emoji", "This is not one emoji.", "Choose one, such as 👍.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::event::EffectKind;
    use crate::testing::{Talk, findings, warns};

    #[test]
    fn a_sign_is_set_on_what_the_customer_said() {
        let talk = Talk::begun("reaction", json!({"emoji": "❤️"}));
        assert_eq!(talk.effects(), [&EffectKind::React { emoji: "❤️".into() }]);
        assert_eq!(talk.way(), "next");
        let mut alone = Talk::of("reaction", json!({}));
        alone.context.conversation.clear();
        assert!(alone.says("begin").effects().is_empty(), "there is nobody");
    }

    #[test]
    fn only_one_emoji_is_a_reaction() {
        for emoji in ["👍", "👍🏽", "❤️", "🇩🇪", "👨‍👩‍👧"] {
            assert!(!findings("reaction", json!({"emoji": emoji})).iter().any(|m| m.contains("emoji")), "{emoji}");
        }
        for emoji in ["ok", "👍👍", "a", "!"] {
            warns("reaction", json!({"emoji": emoji}), "not one emoji");
        }
        warns("reaction", json!({"emoji": ""}), "empty");
    }
}
