//! Says a text in another language.

use serde_json::Value;

use crate::declare::{FAILED, Field, Group, NEXT, VarType, fields, kind};
use crate::event::{EffectKind, Outcome, Task};
use crate::expression::words_of;
use crate::outside::{WRONG, check_seen, wrote};
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::words;

fields! {
    /// Which text, and into what.
    pub(crate) struct Translate {
        text: String = "{{ last.text }}".into() => Field::words("Text", "What is translated.").required(),
        language: String = String::new() => Field::line("Into", "A language, such as English. Empty means the language in which the customer writes."),
        send: bool = false => Field::toggle("Send it", "Else it is only kept."),
        variable: String = "translation".into() => Field::variable("Keep it as", "A name for the translation.", VarType::Text),
    }
}

kind!(Translate {
    name: "translate",
    group: Group::Ai,
    title: "Translate",
    help: "Says a text in another language: the customer’s words in yours, or yours in the customer’s.",
    branches: &[NEXT, FAILED],
    outside: true,
    example: r#"{"text":"{{ last.text }}","language":"English","variable":"in_english"}"#,
    example_says: "Keeps the customer’s message in English as “in_english”.",
});

impl Behaviour for Translate {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (prompt, wanted) = (run.text(&self.text)?, run.text(&self.language)?);
        let own = run.state.last.language.clone().unwrap_or_default();
        let instructions = Some(wanted.trim().to_owned()).filter(|l| !l.is_empty()).unwrap_or(own);
        // Without a language there is nothing to translate into, and the text is understood as it is.
        if prompt.trim().is_empty() || instructions.is_empty() {
            run.note("Left as it is", "There is no text, or it is not known in which language the customer writes.");
            return wrote(run, &prompt, &self.variable, self.send);
        }
        run.note("Lets the model translate", format!("{instructions}: {prompt}"));
        let max_words = u32::try_from(words::count(&prompt) * 2 + 30).unwrap_or(1000).min(2000);
        Ok(run.await_effect(EffectKind::Generate { task: Task::Translate, prompt, instructions, max_words }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Generated { text } = outcome else { return Err(WRONG.into()) };
        run.note("Translated", text);
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
    use crate::Incoming;
    use crate::testing::Talk;

    #[test]
    fn texts_go_into_the_language_that_is_meant() {
        for (fields, spoken, wanted) in [
            (json!({"language": "English"}), Some("pt"), Some("English")),
            (json!({}), Some("pt"), Some("pt")),
            (json!({}), None, None),
        ] {
            let mut talk = Talk::of("translate", fields);
            talk.hears(Incoming { language: spoken.map(str::to_owned), ..Incoming::words("Bom dia") });
            let Some(wanted) = wanted else {
                assert_eq!((talk.way(), talk.var("translation")), ("next", json!("Bom dia")));
                continue;
            };
            let EffectKind::Generate { task: Task::Translate, instructions, .. } = talk.effects()[0] else { panic!() };
            assert_eq!(instructions, wanted);
            talk.outcome(Outcome::Generated { text: "Good morning".into() });
            assert_eq!(talk.var("translation"), json!("Good morning"));
        }
    }
}
