//! Finds out whether the customer is content.

mod examples;

use serde_json::{Value, json};

use crate::declare::{FAILED, Field, Group, VarType, fields, kind, needed, way};
use crate::event::{EffectKind, Outcome};
use crate::expression::words_of;
use crate::outside::WRONG;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

/// Below that a text counts as neither.
const MIN_CONFIDENCE: f64 = 0.35;
const MOODS: [&str; 3] = ["positive", "neutral", "negative"];

fields! {
    /// Which text.
    pub(crate) struct Sentiment {
        text: String = "{{ last.text }}".into() => Field::line("Text", "Usually what the customer said last.").required(),
        variable: String = String::new() => Field::variable("Keep the mood as", "positive, neutral or negative. Empty keeps it nowhere.", VarType::Text),
    }
}

kind!(Sentiment {
    name: "sentiment",
    group: Group::Ai,
    title: "Hear the mood",
    help: "Finds out whether a message sounds pleased, annoyed or neither, in many languages. It runs on this computer and \
           costs nothing.",
    branches: &[way("positive", "Pleased"), needed("neutral", "Neither"), way("negative", "Annoyed"), FAILED],
    outside: true,
    example: r#"{"text":"{{ last.text }}","variable":"mood"}"#,
    example_says: "Takes “Annoyed” for “I have been waiting for two weeks now!”",
});

impl Sentiment {
    fn felt<'a>(&'a self, run: &mut Run<'a>, mood: &str, note: String) -> Stepped<'a> {
        let mood = MOODS.into_iter().find(|m| *m == mood).unwrap_or("neutral");
        run.note("Heard the mood", format!("{mood}{note}"));
        run.set_variable(&self.variable, json!(mood))?;
        Ok(if run.has_way(mood) { Next::branch(mood) } else { Next::branch("neutral") })
    }
}

impl Behaviour for Sentiment {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let text = run.text(&self.text)?.trim().to_owned();
        if text.is_empty() {
            return self.felt(run, "neutral", String::new());
        }
        run.note("Listens for the mood", &text);
        let classes = examples::classes();
        Ok(run.await_effect(EffectKind::Classify { text, classes, min_confidence: MIN_CONFIDENCE }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Classified { label, confidence } = outcome else { return Err(WRONG.into()) };
        let label = label.as_deref().filter(|_| *confidence >= MIN_CONFIDENCE).unwrap_or("neutral");
        self.felt(run, label, format!(" ({:.0} % sure)", confidence * 100.0))
    }

    fn give<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        self.felt(run, words_of(&value).trim(), String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Talk;

    #[test]
    fn moods_have_their_ways() {
        for (label, confidence, way) in [
            (Some("positive"), 0.7, "positive"),
            (Some("negative"), 0.35, "negative"),
            (Some("negative"), 0.2, "neutral"),
            (Some("neutral"), 0.9, "neutral"),
            (Some("furious"), 0.9, "neutral"),
            (None, 0.0, "neutral"),
        ] {
            let mut talk = Talk::begun("sentiment", json!({"variable": "mood"}));
            talk.outcome(Outcome::Classified { label: label.map(str::to_owned), confidence });
            assert_eq!((talk.way(), talk.var("mood")), (way, json!(way)), "{label:?} {confidence}");
        }
    }

    #[test]
    fn a_mood_without_a_way_goes_with_neither_and_is_kept() {
        let steps = json!([{"id": "begin", "kind": "message_received"},
            {"id": "it", "kind": "sentiment", "fields": {"variable": "mood"}}, {"id": "done", "kind": "end"}]);
        let mut talk = Talk::new(steps, json!([["begin", "next", "it"], ["it", "neutral", "done"]]));
        talk.says("hello").outcome(Outcome::Classified { label: Some("positive".into()), confidence: 0.9 });
        assert_eq!((talk.way(), talk.var("mood")), ("neutral", json!("positive")));
    }

    #[test]
    fn each_mood_is_known_in_as_many_languages() {
        let classes = examples::classes();
        assert_eq!(classes.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), MOODS);
        for class in &classes {
            assert!(class.examples.len() >= 40, "{} has {} examples", class.id, class.examples.len());
            let all: std::collections::HashSet<_> = class.examples.iter().collect();
            assert_eq!(all.len(), class.examples.len(), "{} repeats itself", class.id);
        }
    }
}
