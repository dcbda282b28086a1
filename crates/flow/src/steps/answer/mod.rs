//! Answers from the knowledge.

use base::message::Content;

use crate::declare::{FAILED, Field, Group, Input, VarType, fields, kind, needed, way};
use crate::event::{AnswerOptions, EffectKind, Outcome};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// A question to the knowledge.
    pub(crate) struct Answer {
        question: String = "{{ last.text }}".into() => Field::line("Question", "Usually what the customer said last.").required(),
        sources: Vec<String> = Vec::new() => Field::new("Look in", "Empty looks in everything that the bot knows.", Input::Sources),
        send: bool = true => Field::toggle("Send the answer", "Else it is only kept."),
        variable: String = String::new() => Field::variable("Keep the answer as", "Empty keeps it nowhere.", VarType::Text),
    }
}

kind!(Answer {
    name: "answer",
    group: Group::Ai,
    title: "Answer from knowledge",
    help: "Looks the question up in what the bot knows and sends the answer with its source. When the knowledge says nothing \
           about it, nothing is sent and “No answer” is taken.",
    branches: &[way("answered", "Answered"), needed("unknown", "No answer"), FAILED],
    outside: true,
    example: r#"{"question":"{{ last.text }}"}"#,
    example_says: "Answers the customer’s last message from your documents.",
});

impl Behaviour for Answer {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let question = run.text(&self.question)?.trim().to_owned();
        if question.is_empty() {
            run.note("No answer", "There was no question in words.");
            return Ok(Next::branch("unknown"));
        }
        run.note("Looks for an answer", &question);
        let language = run.state.last.language.clone();
        let options = AnswerOptions { sources: self.sources.clone() };
        Ok(run.await_effect(EffectKind::Answer { question, language, options }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, seq: u64, outcome: &Outcome) -> Stepped<'a> {
        match outcome {
            Outcome::Answered { text, .. } if !text.trim().is_empty() => {
                run.note("Answered from knowledge", text);
                // Never taken for a text with expressions: it may quote a customer or a web page.
                if self.send {
                    run.send(Content::text(text.clone()), Some(seq))?;
                }
                run.set_variable(&self.variable, text.clone().into())?;
                Ok(Next::branch(if run.has_way("answered") { "answered" } else { "next" }))
            }
            Outcome::Answered { .. } | Outcome::Unknown { .. } => {
                run.note("No answer in the knowledge", "");
                Ok(Next::branch("unknown"))
            }
            _ => Err("The outcome does not belong to this kind of step.".into()),
        }
    }

    fn give<'a>(&'a self, run: &mut Run<'a>, value: serde_json::Value) -> Stepped<'a> {
        let text = crate::expression::words_of(&value);
        if self.send {
            run.send(Content::text(text.clone()), None)?;
        }
        run.set_variable(&self.variable, text.into())?;
        Ok(Next::branch("answered"))
    }

    fn branch_instead_of_failed(&self) -> &'static str {
        "unknown"
    }
}
