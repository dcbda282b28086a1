//! What is asked of a language model and what comes back, the same for cloud providers and the local model.

use serde::{Deserialize, Serialize};

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Instructions; come first.
    System,
    User,
    Assistant,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub role: Role,
    pub text: String,
}

impl Message {
    pub fn system(text: impl Into<String>) -> Self {
        Self { role: Role::System, text: text.into() }
    }

    pub fn user(text: impl Into<String>) -> Self {
        Self { role: Role::User, text: text.into() }
    }

    pub fn assistant(text: impl Into<String>) -> Self {
        Self { role: Role::Assistant, text: text.into() }
    }
}

/// A question to a language model.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What the call is for, for the records: `answer`, `summary`, ...
    pub purpose: &'static str,
    pub messages: Vec<Message>,
    /// Longest answer, in tokens.
    pub max_tokens: u32,
    /// 0 always takes the likeliest word; `None` leaves it to the model.
    pub temperature: Option<f32>,
    /// Only words that together have this share of the likelihood are considered.
    pub top_p: Option<f32>,
    /// The answer ends before any of these.
    pub stop: Vec<String>,
}

impl Request {
    /// A request with the settings that suit grounded answers.
    pub fn new(purpose: &'static str, messages: Vec<Message>) -> Self {
        Self { purpose, messages, max_tokens: 512, temperature: Some(0.2), top_p: None, stop: Vec::new() }
    }
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model was done, or a stop text came.
    Stop,
    /// `max_tokens` or the context was used up.
    Length,
    /// The provider withheld the answer or a part of it.
    Withheld,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Completion {
    pub text: String,
    /// Zero when the provider does not say.
    pub tokens_in: u32,
    pub tokens_out: u32,
    /// From asking to the last word.
    pub latency_ms: u64,
    /// From asking to the first word.
    pub first_token_ms: u64,
    pub finish: Finish,
    /// The id of the provider that answered; `local` for this computer.
    pub provider: String,
    pub model: String,
}

/// What a listener hears while an answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Text(&'a str),
    /// The provider failed half-way and another one begins: forget what was said so far.
    Restart,
}

/// Hears the answer's parts as they come.
pub type OnPart<'a> = &'a (dyn Fn(Part<'_>) + Send + Sync);

/// Cuts an answer before the first of the stop texts, holding back what may become one.
pub(crate) struct StopFilter<'a> {
    stops: &'a [String],
    held: String,
    pub(crate) stopped: bool,
}

impl<'a> StopFilter<'a> {
    pub(crate) fn new(stops: &'a [String]) -> Self {
        Self { stops, held: String::new(), stopped: false }
    }

    /// What can be shown now that `text` has come.
    pub(crate) fn push(&mut self, text: &str) -> String {
        if self.stopped {
            return String::new();
        }
        self.held.push_str(text);
        let stops = || self.stops.iter().filter(|s| !s.is_empty());
        if let Some(at) = stops().filter_map(|s| self.held.find(s.as_str())).min() {
            self.stopped = true;
            self.held.truncate(at);
            return std::mem::take(&mut self.held);
        }
        // The longest end that a stop text begins with stays back.
        let keep = self
            .held
            .char_indices()
            .map(|(at, _)| at)
            .find(|at| stops().any(|s| s.starts_with(&self.held[*at..])))
            .unwrap_or(self.held.len());
        let rest = self.held.split_off(keep);
        std::mem::replace(&mut self.held, rest)
    }

    /// What was still held back when the answer ended.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_before_a_stop_text_however_it_is_split() {
        let stops = vec!["\nQ:".to_owned(), "END".to_owned()];
        let text = "Näive E answer EN\nQ: next END";
        for size in 1..text.len() {
            let mut filter = StopFilter::new(&stops);
            let mut out = String::new();
            let chars: Vec<char> = text.chars().collect();
            for part in chars.chunks(size) {
                out += &filter.push(&part.iter().collect::<String>());
            }
            assert_eq!(out, "Näive E answer EN", "in parts of {size}");
            assert!(filter.stopped);
        }
        let mut filter = StopFilter::new(&stops);
        let mut out = filter.push("almost EN");
        out += &filter.finish();
        assert_eq!((out.as_str(), filter.stopped), ("almost EN", false));
    }
}
