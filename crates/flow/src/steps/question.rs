//! Asks the customer and understands the reply.

use base::message::Content;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::event::Incoming;
use crate::reply::{AnswerKind, Reader, phone};
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;
use crate::words::{self, fold, is_greeting};

/// Longest time limit: 90 days.
const MAX_TIMEOUT_MS: u64 = 90 * 24 * 3600 * 1000;
const MAX_TRIES: u32 = 10;
/// A longer reply to a question that expects a few words is about something else.
const MAX_SHORT_WORDS: usize = 6;

pub(super) const ABOUT: About = About {
    name: "question",
    title: "Ask a question",
    help: "Asks and waits for the reply, which is kept under a name. If the customer asks something instead, the way \
           “other” is taken; if nothing comes in time, “timeout”; if no reply fits, “failed”.",
    branches: &["next", "other", "timeout", "failed"],
    needed: &["next"],
};

/// A question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = QuestionStep)]
pub struct Question {
    #[schema(required)]
    pub text: String,
    #[schema(required)]
    pub answer: AnswerKind,
    /// Where the reply is kept.
    #[schema(required)]
    pub variable: String,
    /// A few words are expected, such as a name or a city. A whole sentence is then about something else.
    #[schema(required)]
    pub short: bool,
    /// What is said when a reply does not fit; empty asks the question again.
    #[schema(required)]
    pub reask: String,
    /// After so many replies that do not fit, “failed” is taken.
    #[schema(required)]
    pub max_tries: u32,
    /// In milliseconds; without it the question waits for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// The customer may leave it out.
    #[schema(required)]
    pub skippable: bool,
    /// Whole replies that leave it out; empty means “skip”, “no” and the like in many languages.
    #[schema(required)]
    pub skip_words: Vec<String>,
    /// A customer who asks something instead of replying is answered first, if a way “other” leads on.
    #[schema(required)]
    pub interruptible: bool,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            text: String::new(),
            answer: AnswerKind::Text,
            variable: String::new(),
            short: false,
            reask: String::new(),
            max_tries: 3,
            timeout_ms: None,
            skippable: false,
            skip_words: Vec::new(),
            interruptible: false,
        }
    }
}

/// How a reply was taken.
#[derive(Debug, PartialEq)]
enum Taken {
    Value(Value),
    Skipped,
    Other,
    NotUnderstood,
}

impl Question {
    pub(super) fn example() -> Self {
        Self { text: "What is your name?".into(), variable: "name".into(), short: true, ..Self::default() }
    }

    fn take(&self, message: &Incoming, reader: &Reader) -> Taken {
        let text = message.text.trim();
        if text.is_empty() {
            return match (&message.content, self.answer) {
                (Content::Contacts { contacts }, AnswerKind::Phone) => contacts
                    .iter()
                    .flat_map(|c| &c.phones)
                    .map(|p| phone::tidy(p))
                    .find(|p| !p.is_empty())
                    .map_or(Taken::NotUnderstood, |p| Taken::Value(json!(p))),
                // A photo or a voice message says something, too; the person will look at it.
                (content, AnswerKind::Text) if !self.short && content.kind() != "text" => {
                    Taken::Value(json!(format!("[{}]", content.kind())))
                }
                _ => Taken::NotUnderstood,
            };
        }
        let value = reader.read(self.answer, text);
        let asks = is_question(text);
        if self.answer != AnswerKind::Text {
            return match value {
                Some(value) if !asks || !self.interruptible || words::count(text) <= 2 => Taken::Value(value),
                _ if self.skippable && words::is_skip(text, &self.skip_words) => Taken::Skipped,
                _ if self.interruptible && (asks || words::count(text) > MAX_SHORT_WORDS) => Taken::Other,
                _ => Taken::NotUnderstood,
            };
        }
        if self.skippable && words::is_skip(text, &self.skip_words) {
            return Taken::Skipped;
        }
        if self.interruptible && (asks || self.short && is_sentence(text)) {
            return Taken::Other;
        }
        if self.short {
            let named = without_lead_in(text);
            // “Hello” is nobody's name.
            return if is_greeting(text) || named.is_empty() {
                Taken::NotUnderstood
            } else {
                Taken::Value(json!(named))
            };
        }
        value.map_or(Taken::NotUnderstood, Taken::Value)
    }
}

/// Whether a text asks something.
fn is_question(text: &str) -> bool {
    const STARTS: [&str; 30] = [
        "do you",
        "does",
        "can you",
        "can i",
        "could",
        "is there",
        "are you",
        "are there",
        "how",
        "what",
        "when",
        "where",
        "who",
        "why",
        "which",
        "haben sie",
        "gibt es",
        "wie viel",
        "wann",
        "wo ist",
        "cuanto",
        "cuando",
        "donde",
        "quanto",
        "quando",
        "onde",
        "combien",
        "est ce que",
        "сколько",
        "где",
    ];
    if text.contains(['?', '？', '؟', '՞']) {
        return !is_greeting(text);
    }
    let folded = fold(text);
    folded.contains(' ') && STARTS.iter().any(|s| folded.strip_prefix(s).is_some_and(|rest| rest.starts_with(' ')))
}

/// Whether a text is a whole sentence rather than the few words that were expected.
fn is_sentence(text: &str) -> bool {
    const STARTS: [&str; 48] = [
        "i am not",
        "im not",
        "i am interested",
        "im interested",
        "i am a",
        "im a",
        "i am trying",
        "im trying",
        "i want",
        "i need",
        "i would",
        "id like",
        "i have",
        "i am looking",
        "im looking",
        "i cant",
        "please",
        "my order",
        "my name is not",
        "we want",
        "we need",
        "tell me",
        "give me",
        "send me",
        "show me",
        "ich mochte",
        "ich will",
        "ich brauche",
        "ich habe",
        "bitte",
        "quiero",
        "necesito",
        "quisiera",
        "me gustaria",
        "tengo",
        "por favor",
        "quero",
        "preciso",
        "gostaria",
        "tenho",
        "je veux",
        "je voudrais",
        "jai besoin",
        "vorrei",
        "ho bisogno",
        "мне нужно",
        "я хочу",
        "istiyorum",
    ];
    let rest = without_lead_in(text);
    if words::count(&rest) > MAX_SHORT_WORDS {
        return true;
    }
    let folded = fold(text);
    let starts = STARTS.iter().any(|s| folded.strip_prefix(s).is_some_and(|rest| rest.starts_with(' ')));
    starts || words::count(&rest) > 3 && text.trim_end().ends_with(['.', '!', '。', '।'])
}

/// “My name is Ana” says no more than “Ana”.
fn without_lead_in(text: &str) -> String {
    const LEAD_INS: [&str; 26] = [
        "my name is ",
        "my name's ",
        "i'm called ",
        "i am ",
        "i'm ",
        "im ",
        "this is ",
        "it's ",
        "name is ",
        "ich heiße ",
        "ich heisse ",
        "mein name ist ",
        "ich bin ",
        "me llamo ",
        "mi nombre es ",
        "soy ",
        "meu nome é ",
        "meu nome e ",
        "me chamo ",
        "sou ",
        "je m'appelle ",
        "je suis ",
        "mi chiamo ",
        "sono ",
        "меня зовут ",
        "ik ben ",
    ];
    let mut rest = text.trim();
    // “Hi, I'm Ana”: the greeting goes first, if something is left.
    if let Some((first, more)) = rest.split_once([',', '!', '.', '\n'])
        && is_greeting(first)
        && !more.trim().is_empty()
    {
        rest = more.trim();
    }
    let lower = rest.to_lowercase().replace('’', "'");
    for lead in LEAD_INS {
        // Lower case may have another length, so the characters are counted.
        if lower.starts_with(lead) && lower.chars().count() == rest.chars().count() {
            let from = rest.char_indices().nth(lead.chars().count()).map_or(rest.len(), |(at, _)| at);
            rest = &rest[from..];
            break;
        }
    }
    rest.trim().trim_end_matches(['.', '!', ',', '。']).trim().to_owned()
}

impl Behaviour for Question {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let text = run.text(&self.text)?;
        run.note("Asked", &text);
        run.send(Content::text(text), None)?;
        Ok(run.await_reply(self.timeout_ms.map(|ms| ms.min(MAX_TIMEOUT_MS)), 0))
    }

    fn reply<'a>(&'a self, run: &mut Run<'a>, message: &Incoming, tries: u32) -> Stepped<'a> {
        let reader = Reader::new(run.at, &run.context.timezone, run.state.last.language.as_deref());
        let mut taken = self.take(message, &reader);
        if taken == Taken::Other && !run.has_way("other") {
            taken = Question { interruptible: false, ..self.clone() }.take(message, &reader);
        }
        match taken {
            Taken::Value(value) => {
                run.note("Understood the reply", crate::expression::words_of(&value));
                run.set_variable(&self.variable, value)?;
                Ok(Next::NEXT)
            }
            Taken::Skipped => {
                run.note("The customer skipped it", &message.text);
                run.set_variable(&self.variable, json!(""))?;
                Ok(Next::NEXT)
            }
            Taken::Other => {
                run.note("The customer said something else", &message.text);
                Ok(Next::branch("other"))
            }
            Taken::NotUnderstood if tries + 1 >= self.max_tries.clamp(1, MAX_TRIES) => {
                run.note("The reply was not understood; no more tries", &message.text);
                if run.has_way("failed") {
                    return Ok(Next::branch("failed"));
                }
                run.set_variable(&self.variable, json!(""))?;
                Ok(Next::NEXT)
            }
            Taken::NotUnderstood => {
                run.note("The reply was not understood", &message.text);
                let again = if self.reask.trim().is_empty() { &self.text } else { &self.reask };
                let text = run.text(again)?;
                run.send(Content::text(text), None)?;
                Ok(run.await_reply(self.timeout_ms.map(|ms| ms.min(MAX_TIMEOUT_MS)), tries + 1))
            }
        }
    }

    fn late<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        run.note("No reply came in time", "");
        Ok(Next::branch("timeout"))
    }

    fn check(&self, check: &mut Check<'_>) {
        check.text("text", &self.text, true);
        check.text("reask", &self.reask, false);
        check.variable("variable", &self.variable, false);
        if self.variable.is_empty() {
            check.warning("variable", "The reply is kept nowhere.", "Give it a name, such as “city”.");
        }
        if !(1..=MAX_TRIES).contains(&self.max_tries) {
            check.error("max_tries", "The number of tries is out of range.", "Choose between 1 and 10.");
        }
        if self.timeout_ms.is_some_and(|ms| ms == 0 || ms > MAX_TIMEOUT_MS) {
            check.error("timeout_ms", "The time limit is out of range.", "Choose up to 90 days, or none.");
        }
        if self.timeout_ms.is_some() && !check.leads_on("timeout") {
            check.warning(
                "timeout_ms",
                "There is a time limit, but no way called “timeout”.",
                "Connect “timeout” to a step.",
            );
        }
        if self.interruptible && !check.leads_on("other") {
            check.warning(
                "interruptible",
                "Customers who ask something else are not answered.",
                "Connect “other” to a step that answers.",
            );
        }
    }
}

#[cfg(test)]
#[path = "question_tests.rs"]
mod tests;
