//! Lets a model work by itself, with the bot's flows and knowledge as its tools.

mod tools;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use crate::declare::{FAILED, Field, Group, Input, NEXT, VarType, fields, kind, way};
use crate::event::{AnswerOptions, EffectKind, Outcome};
use crate::expression::words_of;
use crate::outside::{WRONG, check_seen, wrote};
use crate::run::{Next, Run, Stepped};
use crate::state::{Frame, Wait, cut};
use crate::steps::Behaviour;
use crate::validate::Check;

const MAX_TURNS: u32 = 20;
const MAX_WORDS: u32 = 1000;
/// Longest text of the history, in bytes.
const MAX_TEXT: usize = 4 * 1024;
/// Earlier entries that are remembered.
const MAX_MEMORY: usize = 20;

fields! {
    /// A flow that the model may use.
    pub(crate) struct AgentTool {
        flow: String = String::new() => Field::new("Flow", "What it may do. The flow’s name, inputs and outputs tell the model how.", Input::Flow).required(),
        help: String = String::new() => Field::plain("When to use it", "Such as “to find out where an order is”.", 500),
        approve: bool = false => Field::toggle("Ask a person first", "Somebody of your business decides each time, before anything happens."),
    }
}

fields! {
    /// A task for a model.
    pub(crate) struct Agent {
        instructions: String = String::new() => Field::words("Task", "What it is there for and how it should behave, as you would tell a new colleague.").required(),
        question: String = "{{ last.text }}".into() => Field::line("The customer says", "Usually what the customer said last."),
        knowledge: bool = true => Field::toggle("May look into the knowledge", "It asks what the bot knows, as “Answer from knowledge” does."),
        sources: Vec<String> = Vec::new() => Field::new("Look in", "Empty looks in everything that the bot knows.", Input::Sources).when("knowledge", &["true"]),
        tools: Vec<AgentTool> = Vec::new() => Field::items("May use", "Flows that do one thing each. It can do nothing else.", 12, "flow", AgentTool::FIELDS),
        max_turns: u32 = 8 => Field::whole("At most", "After so many rounds without an answer “No end” is taken.", 1.0, 20.0, "rounds"),
        max_words: u32 = 120 => Field::whole("Answer in at most", "Longer answers are cut.", 1.0, 1000.0, "words"),
        send: bool = true => Field::toggle("Send the answer", "Else it is only kept."),
        variable: String = String::new() => Field::variable("Keep the answer as", "Empty keeps it nowhere.", VarType::Text),
        memory: String = String::new() => Field::variable("Remember the talk as", "A name under which it finds what was said before, when the customer comes back to this step.", VarType::List),
    }
}

kind!(Agent {
    name: "agent",
    group: Group::Ai,
    title: "AI assistant",
    help: "A model finds its own way to an answer: it looks into the knowledge and uses those flows that you allow, round by \
           round, and nothing else.",
    branches: &[NEXT, way("unfinished", "No end"), FAILED],
    outside: true,
    example: r#"{"instructions":"Help customers with their orders. Be short and friendly.","question":"{{ last.text }}","tools":[{"flow":"other","help":"to find out where an order is","approve":false}]}"#,
    example_says: "Answers “Where is my order 4512?” with what your flow finds out.",
});

/// What an agent remembers between two turns.
struct Talk {
    history: Vec<Value>,
    turns: u32,
}

impl Agent {
    /// The next turn of the model.
    fn turn<'a>(&'a self, run: &mut Run<'a>, talk: Talk) -> Stepped<'a> {
        if talk.turns >= self.max_turns.clamp(1, MAX_TURNS) {
            run.note("The assistant came to no end", format!("{} rounds", talk.turns));
            return Ok(if run.has_way("unfinished") { Next::branch("unfinished") } else { Next::NEXT });
        }
        let kind = EffectKind::Agent {
            instructions: run.text(&self.instructions)?,
            history: talk.history.clone(),
            tools: tools::offered(self, run),
            max_words: self.max_words.clamp(1, MAX_WORDS),
        };
        self.keep(run, Talk { turns: talk.turns + 1, ..talk }, "")?;
        Ok(run.await_effect(kind))
    }

    fn keep(&self, run: &mut Run<'_>, talk: Talk, tool: &str) -> Result<(), String> {
        let step = run.step_id();
        run.open(Frame::Agent { step, history: talk.history, turns: talk.turns, tool: tool.to_owned() })
    }

    /// The model wants a tool.
    fn wanted<'a>(&'a self, run: &mut Run<'a>, mut talk: Talk, tool: &str, arguments: &Value) -> Stepped<'a> {
        run.note_value("The assistant wants a tool", tool, arguments);
        let small = arguments.to_string().len() <= MAX_TEXT;
        let arguments = if small { arguments.clone() } else { Value::Null };
        talk.history.push(json!({ "role": "assistant", "tool": tool, "arguments": arguments }));
        if tool == tools::KNOWLEDGE && self.knowledge {
            let question = arguments.get("question").or(Some(&arguments)).map(words_of).unwrap_or_default();
            if question.trim().is_empty() {
                return self.learned(run, talk, tool, "There was no question.");
            }
            self.keep(run, talk, tool)?;
            let (language, options) =
                (run.state.last.language.clone(), AnswerOptions { sources: self.sources.clone() });
            return Ok(run.await_effect(EffectKind::Answer { question, language, options }));
        }
        let Some(found) = tools::named(self, run, tool) else {
            return self.learned(run, talk, tool, "There is no such tool.");
        };
        if !found.tool.approve {
            return self.used(run, talk, tool);
        }
        let lines = arguments.as_object().into_iter().flatten().map(|(k, v)| format!("{k}: {}", words_of(v)));
        let kind = EffectKind::Approve {
            title: format!("May the bot use “{}”?", found.flow.name),
            details: lines.collect::<Vec<_>>().join("\n"),
        };
        run.note("Asks a person", &found.flow.name);
        self.keep(run, talk, tool)?;
        // However long the person takes: the step's time limit is about the model.
        let seq = run.effect(kind);
        Ok(run.wait(Wait::Effect { seq, deadline: None }))
    }

    /// Goes into the flow that the last entry of the history asks for.
    fn used<'a>(&'a self, run: &mut Run<'a>, talk: Talk, tool: &str) -> Stepped<'a> {
        let Some(found) = tools::named(self, run, tool) else {
            return self.learned(run, talk, tool, "There is no such tool.");
        };
        let inputs = tools::inputs(run, found.flow, talk.history.last().and_then(|last| last.get("arguments")));
        run.note("The assistant uses a flow", &found.flow.name);
        self.keep(run, talk, tool)?;
        run.call(&found.flow.id, inputs)
    }

    /// A tool has given something; the model goes on with it.
    fn learned<'a>(&'a self, run: &mut Run<'a>, mut talk: Talk, tool: &str, result: &str) -> Stepped<'a> {
        let mut result = result.to_owned();
        cut(&mut result, MAX_TEXT);
        talk.history.push(json!({ "role": "tool", "tool": tool, "result": result }));
        self.turn(run, talk)
    }

    fn remember(&self, run: &mut Run<'_>, mut history: Vec<Value>, answer: &str) -> Result<(), String> {
        history.push(said("assistant", answer));
        // Of a tool only what it led to is worth remembering.
        history.retain(|entry| entry.get("text").is_some());
        let from = history.len().saturating_sub(MAX_MEMORY);
        run.set_variable(&self.memory, Value::Array(history.split_off(from)))
    }
}

fn said(role: &str, text: &str) -> Value {
    let mut text = text.trim().to_owned();
    cut(&mut text, MAX_TEXT);
    json!({ "role": role, "text": text })
}

impl Behaviour for Agent {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        // After a failure it goes on where it stood; a tool that failed is asked for anew.
        if let Some(Frame::Agent { mut history, turns, .. }) = run.reopen() {
            if history.last().is_some_and(|last| last.get("arguments").is_some()) {
                history.pop();
            }
            return self.turn(run, Talk { history, turns: turns.saturating_sub(1) });
        }
        let question = run.text(&self.question)?;
        run.note("The assistant begins", &question);
        let earlier = run.variable(&self.memory).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut history: Vec<Value> = earlier.into_iter().take(MAX_MEMORY).collect();
        history.push(said("user", &question));
        self.turn(run, Talk { history, turns: 0 })
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Some(Frame::Agent { history, turns, tool, .. }) = run.reopen() else { return Err(WRONG.into()) };
        let talk = Talk { history, turns };
        // What comes must be what was asked for: a word of the model, of the knowledge, or of a person.
        match outcome {
            Outcome::Generated { text } if tool.is_empty() => {
                run.note("The assistant answered", text);
                self.remember(run, talk.history, text)?;
                wrote(run, text, &self.variable, self.send)
            }
            Outcome::ToolWanted { tool: wanted, arguments } if tool.is_empty() => {
                self.wanted(run, talk, wanted, arguments)
            }
            Outcome::Answered { text, .. } if tool == tools::KNOWLEDGE => {
                run.note("The knowledge answered the assistant", text);
                self.learned(run, talk, &tool, text)
            }
            Outcome::Unknown { .. } if tool == tools::KNOWLEDGE => {
                run.note("The knowledge had no answer for the assistant", "");
                self.learned(run, talk, &tool, "The knowledge says nothing about this.")
            }
            Outcome::Decided { yes: true } if tools::named(self, run, &tool).is_some() => {
                run.note("A person said yes", &tool);
                self.used(run, talk, &tool)
            }
            Outcome::Decided { yes: false } if !tool.is_empty() && tool != tools::KNOWLEDGE => {
                run.note("A person said no", &tool);
                self.learned(run, talk, &tool, "A person of the business did not allow this.")
            }
            _ => Err(WRONG.into()),
        }
    }

    fn body_done<'a>(&'a self, run: &mut Run<'a>, frame: Frame, given: Map<String, Value>) -> Stepped<'a> {
        let Frame::Agent { history, turns, tool, .. } = frame else { return Err(WRONG.into()) };
        let result = tools::outputs(tools::named(self, run, &tool).map(|t| t.flow), given);
        run.note_value("The flow gave", &tool, &result);
        let text = if result.as_object().is_some_and(Map::is_empty) { "Done.".into() } else { result.to_string() };
        self.learned(run, Talk { history, turns }, &tool, &text)
    }

    fn give<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        wrote(run, &words_of(&value), &self.variable, self.send)
    }

    fn check(&self, check: &mut Check<'_>) {
        check_seen(check, &self.variable, self.send);
        if !self.knowledge && self.tools.is_empty() {
            let fix = "Let it look into the knowledge, give it a flow, or use “Write with AI”.";
            check.warning("tools", "It has nothing to work with.", fix);
        }
        for (i, tool) in self.tools.iter().enumerate() {
            let field = format!("tools.{i}.flow");
            if tool.flow == check.flow.id {
                let message = "The assistant would use the flow that it is in, and may never end.";
                check.error(&field, message, "Choose another flow.");
            } else if let Some(flow) = check.flow_called(&tool.flow)
                && !flow.steps.is_empty()
                && !flow.steps.iter().any(|s| s.kind == "called")
            {
                let fix = "Add a step “Called by another flow” there.";
                check.warning(&field, "That flow is not meant to be called.", fix);
            }
        }
    }
}
