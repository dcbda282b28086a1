//! Sums a text up.

use serde_json::Value;

use crate::declare::{FAILED, Field, Group, NEXT, VarType, fields, kind};
use crate::event::{EffectKind, Outcome, Task};
use crate::expression::words_of;
use crate::outside::{WRONG, check_seen, wrote};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

const MAX_WORDS: u32 = 500;

fields! {
    /// Which text, and how short.
    pub(crate) struct Summarise {
        text: String = "{{ last.text }}".into() => Field::words("Text", "What is summed up.").required(),
        focus: String = String::new() => Field::line("What matters", "Such as “what is broken and since when”. Empty leaves it to the model."),
        max_words: u32 = 40 => Field::whole("At most", "How long the summary may be.", 5.0, 500.0, "words"),
        send: bool = false => Field::toggle("Send it", "Else it is only kept."),
        variable: String = "summary".into() => Field::variable("Keep it as", "A name for the summary.", VarType::Text),
    }
}

kind!(Summarise {
    name: "summarise",
    group: Group::Ai,
    title: "Sum up",
    help: "Makes a long text short, such as for the person who takes over.",
    branches: &[NEXT, FAILED],
    outside: true,
    example: r#"{"text":"{{ last.text }}","focus":"what is broken and since when","variable":"summary"}"#,
    example_says: "Keeps “The heating has been cold since Monday.” as “summary”.",
});

impl Behaviour for Summarise {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (prompt, instructions) = (run.text(&self.text)?, run.text(&self.focus)?);
        if prompt.trim().is_empty() {
            run.note("Nothing to sum up", "The text is empty.");
            run.set_variable(&self.variable, Value::String(String::new()))?;
            return Ok(Next::NEXT);
        }
        run.note("Lets the model sum up", &prompt);
        let max_words = self.max_words.clamp(1, MAX_WORDS);
        Ok(run.await_effect(EffectKind::Generate { task: Task::Summarise, prompt, instructions, max_words }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Generated { text } = outcome else { return Err(WRONG.into()) };
        run.note("Summed up", text);
        wrote(run, text, &self.variable, self.send)
    }

    fn give<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        wrote(run, &words_of(&value), &self.variable, self.send)
    }

    fn check(&self, check: &mut Check<'_>) {
        check_seen(check, &self.variable, self.send);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Talk;

    #[test]
    fn a_long_text_becomes_short_and_an_empty_one_asks_nobody() {
        let mut talk = Talk::begun("summarise", json!({"focus": "dates"}));
        let wanted = EffectKind::Generate {
            task: Task::Summarise,
            prompt: "begin".into(),
            instructions: "dates".into(),
            max_words: 40,
        };
        assert_eq!(talk.effects(), [&wanted]);
        talk.outcome(Outcome::Generated { text: "Short.".into() });
        assert_eq!((talk.way(), talk.var("summary")), ("next", json!("Short.")));
        assert!(talk.sent().is_empty());
        let talk = Talk::begun("summarise", json!({"text": "{{ nothing | default('') }}"}));
        assert_eq!((talk.way(), talk.effects().len()), ("next", 0));
    }
}
