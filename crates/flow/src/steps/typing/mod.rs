//! Shows for a moment that the bot is typing.

use crate::declare::{ChannelNote, Field, Group, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

const MIN_MS: u64 = 500;
const MAX_MS: u64 = 10_000;

fields! {
    /// A pause in which somebody seems to type.
    pub(crate) struct Typing {
        duration_ms: u64 = 2_000 => Field::duration("How long", "One to three seconds feel natural.", MIN_MS, MAX_MS).required(),
    }
}

kind!(Typing {
    name: "typing",
    group: Group::Messages,
    title: "Show “typing…”",
    help: "Shows the customer for a moment that somebody is typing, then goes on. It gives them time to read what came before.",
    pauses: true,
    example: r#"{"duration_ms":2000}"#,
    example_says: "Shows “typing…” for two seconds.",
    channels: &[ChannelNote {
        channel: "whatsapp",
        note: "Shows only after the customer has written, and ends with the next message."
    }],
});

impl Behaviour for Typing {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if !run.has_customer() {
            return Ok(Next::NEXT);
        }
        let ms = self.duration_ms.clamp(MIN_MS, MAX_MS);
        run.note("Shows “typing…”", "");
        run.effect(EffectKind::Typing { ms });
        Ok(run.await_time(ms))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::event::EffectKind;
    use crate::testing::{Talk, warns};

    #[test]
    fn typing_shows_and_then_the_flow_goes_on() {
        for (ms, shown) in [(500, 500), (3_000, 3_000), (99_000, 10_000), (1, 500)] {
            let mut talk = Talk::begun("typing", json!({"duration_ms": ms}));
            assert_eq!(talk.effects(), [&EffectKind::Typing { ms: shown }]);
            assert_eq!(talk.way(), "");
            assert_eq!(talk.passes(shown - 1).way(), "");
            assert_eq!(talk.passes(1).way(), "next");
        }
        warns("typing", json!({"duration_ms": 99_000}), "out of range");
    }

    #[test]
    fn what_the_customer_says_meanwhile_is_not_lost() {
        let mut talk = Talk::new(
            json!([
                {"id": "m", "kind": "message_received"},
                {"id": "t", "kind": "typing"},
                {"id": "q", "kind": "ask_text", "fields": {"text": "Name?", "variable": "name"}},
                {"id": "a", "kind": "text", "fields": {"text": "Hi {{ name }}"}},
            ]),
            json!([["m", "next", "t"], ["t", "next", "q"], ["q", "next", "a"]]),
        );
        assert!(talk.says("hello").says("Ana").sent().is_empty());
        assert_eq!(talk.passes(2_000).sent(), ["Name?", "Hi Ana"]);
    }
}
