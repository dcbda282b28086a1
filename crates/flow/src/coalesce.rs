//! Joins neighbouring texts into one message, since nobody likes a phone that buzzes four times.

use base::message::Content;

use crate::event::{Effect, EffectKind};

/// Longest joined text, in characters: what the strictest common channel takes.
const MAX_CHARS: usize = 4096;
const BETWEEN: &str = "\n\n";

/// Joins neighbouring plain texts with a blank line, as long as they fit into one message of 4096 characters and do not
/// rest on two different answers. A joined message has the number of its first part.
pub fn coalesce(effects: Vec<Effect>) -> Vec<Effect> {
    let mut joined: Vec<Effect> = Vec::with_capacity(effects.len());
    for effect in effects {
        if let Some(last) = joined.last_mut()
            && join(last, &effect)
        {
            continue;
        }
        joined.push(effect);
    }
    joined
}

fn join(first: &mut Effect, second: &Effect) -> bool {
    let EffectKind::Send { content: Content::Text { text }, answer_of } = &mut first.kind else { return false };
    let EffectKind::Send { content: Content::Text { text: more }, answer_of: other } = &second.kind else {
        return false;
    };
    let conflict = answer_of.is_some() && other.is_some() && answer_of != other;
    if conflict || text.chars().count() + BETWEEN.len() + more.chars().count() > MAX_CHARS {
        return false;
    }
    text.push_str(BETWEEN);
    text.push_str(more);
    *answer_of = answer_of.or(*other);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(seq: u64, text: &str, answer_of: Option<u64>) -> Effect {
        Effect { seq, step: String::new(), kind: EffectKind::Send { content: Content::text(text), answer_of } }
    }

    #[test]
    fn a_customer_gets_one_message_instead_of_three() {
        let effects = vec![says(1, "a", None), says(2, "b", Some(9)), says(3, "c", None)];
        assert_eq!(coalesce(effects), [says(1, "a\n\nb\n\nc", Some(9))]);
    }

    #[test]
    fn texts_that_must_stay_apart_stay_apart() {
        let long = "é".repeat(4095);
        let resolve = Effect { seq: 5, step: String::new(), kind: EffectKind::Resolve };
        for effects in [
            vec![says(1, "a", Some(8)), says(2, "b", Some(9))],
            vec![says(1, &long, None), says(2, "b", None)],
            vec![says(1, "a", None), resolve, says(6, "b", None)],
            vec![],
        ] {
            assert_eq!(coalesce(effects.clone()), effects);
        }
        let same = coalesce(vec![says(1, "a", Some(8)), says(2, "b", Some(8))]);
        assert_eq!(same, [says(1, "a\n\nb", Some(8))]);
    }
}
