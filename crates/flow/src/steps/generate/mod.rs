//! Lets a model write a text.

use serde_json::Value;

use crate::declare::{FAILED, Field, Group, NEXT, VarType, fields, kind};
use crate::event::{EffectKind, Outcome, Task};
use crate::expression::words_of;
use crate::outside::{WRONG, check_seen, wrote};
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

/// Most words that may be asked for.
const MAX_WORDS: u32 = 1000;

fields! {
    /// What is to be written.
    pub(crate) struct Generate {
        prompt: String = "{{ last.text }}".into() => Field::words("About", "What the text is about, such as the customer’s message."),
        instructions: String = String::new() => Field::words("How to write", "What you want, as you would tell a colleague. Kept apart from the customer’s words.").required(),
        max_words: u32 = 80 => Field::whole("At most", "Longer texts are cut.", 1.0, 1000.0, "words"),
        send: bool = true => Field::toggle("Send it", "Else it is only kept."),
        variable: String = String::new() => Field::variable("Keep it as", "Empty keeps it nowhere.", VarType::Text),
    }
}

kind!(Generate {
    name: "generate",
    group: Group::Ai,
    title: "Write with AI",
    help: "A model writes a text as you tell it to, such as a reply in your tone, and sends it or keeps it under a name. \
           It does not know your documents; “Answer from knowledge” does.",
    branches: &[NEXT, FAILED],
    outside: true,
    example: r#"{"prompt":"{{ last.text }}","instructions":"Thank the customer for the feedback in one friendly sentence.","send":true}"#,
    example_says: "Thanks the customer in words that go with what they wrote.",
});

impl Behaviour for Generate {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (prompt, instructions) = (run.text(&self.prompt)?, run.text(&self.instructions)?);
        run.note("Lets the model write", &prompt);
        let max_words = self.max_words.clamp(1, MAX_WORDS);
        Ok(run.await_effect(EffectKind::Generate { task: Task::Write, prompt, instructions, max_words }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Generated { text } = outcome else { return Err(WRONG.into()) };
        run.note("The model wrote", text);
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
    use crate::testing::{Talk, warns};

    #[test]
    fn what_the_model_writes_is_sent_and_kept_as_it_is() {
        let mut talk =
            Talk::begun("generate", json!({"instructions": "Be kind", "max_words": 9000, "variable": "reply"}));
        let expected = EffectKind::Generate {
            task: Task::Write,
            prompt: "begin".into(),
            instructions: "Be kind".into(),
            max_words: 1000,
        };
        assert_eq!(talk.effects(), [&expected]);
        talk.outcome(Outcome::Generated { text: " Thanks for {{ everything }}! ".into() });
        assert_eq!(talk.sent(), ["Thanks for {{ everything }}!"]);
        assert_eq!((talk.var("reply"), talk.way()), (json!("Thanks for {{ everything }}!"), "next"));
    }

    #[test]
    fn a_model_that_does_not_work_has_its_way() {
        let mut talk = Talk::begun("generate", json!({"instructions": "x"}));
        talk.outcome(Outcome::Failed { message: "No model.".into() });
        assert_eq!(talk.way(), "failed");
        warns("generate", json!({"instructions": "x", "send": false}), "Nobody sees");
    }
}
