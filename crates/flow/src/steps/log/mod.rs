//! Writes a line into the journal.

use serde_json::Value;

use crate::declare::{Field, Group, VarType, fields, kind};
use crate::event::EffectKind;
use crate::run::{Next, Run, Stepped};
use crate::state::cut;
use crate::steps::Behaviour;

/// Longest line, in bytes.
const MAX_BYTES: usize = 2_000;

fields! {
    /// What is written down.
    pub(crate) struct Log {
        text: String = String::new() => Field::words("Text", "What you want to read later. Customers never see it.").required(),
        value: String = String::new() => Field::value("Value", "Something worth looking at, such as {{ response }}.", VarType::Any),
    }
}

kind!(Log {
    name: "log",
    group: Group::Data,
    title: "Write down",
    help: "Writes a line into the diary of this run, to find out later what a flow did and why.",
    example: r#"{"text":"The customer wants {{ last.text }}"}"#,
    example_says: "Writes down what the customer said.",
});

impl Behaviour for Log {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let mut text = run.text(&self.text)?;
        cut(&mut text, MAX_BYTES);
        match self.value.trim() {
            "" => run.note("Written down", &text),
            source => {
                let value: Value = run.value(source)?;
                run.note_value("Written down", &text, &value);
            }
        }
        run.effect(EffectKind::Log { text });
        Ok(Next::NEXT)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Talk;

    #[test]
    fn a_line_is_written_and_not_sent() {
        let mut talk = Talk::begun("log", json!({"text": "Said {{ last.text }}", "value": "{{ [1] }}"}));
        assert_eq!(talk.effects(), [&EffectKind::Log { text: "Said begin".into() }]);
        assert!(talk.journal().contains(&"Written down"));
        assert!(talk.sent().is_empty());
    }
}
