//! Answers: the ladder from an approved answer, over what language models make of the documents, to the documents' own
//! words; and what nobody could answer.
//!
//! Each rung falls to the next, and the answer says which one spoke. A rung with a model only speaks from passages that
//! were found, and its numbers must stand in them; else the documents' own words speak, or nobody.

mod ladder;
pub(crate) mod routes;
pub(crate) mod settings;

use base::id::{ApprovedAnswerId, BotId, ConversationId, PassageId, SourceId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

pub(crate) use ladder::{Wish, answer, generate};

/// What is asked, and by whom.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pub text: String,
    /// ISO 639-1, as the customer writes.
    pub language: Option<String>,
    /// Only what this bot may use.
    pub bot: Option<BotId>,
    /// Only these sources, by id; empty for all.
    pub sources: Vec<String>,
    /// Where the words of an answer are shown as they come.
    pub conversation: Option<ConversationId>,
}

/// Which rung of the ladder spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// An answer that the owner approved.
    Approved,
    /// A cloud model, from the passages found.
    Cloud,
    /// The local model, from the passages found.
    Local,
    /// The documents' own words.
    Extractive,
}

impl Rung {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Rung::Approved => "approved",
            Rung::Cloud => "cloud",
            Rung::Local => "local",
            Rung::Extractive => "extractive",
        }
    }
}

/// Where an answer stands written.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    pub source_id: SourceId,
    pub source_title: String,
    #[schema(required)]
    pub page: Option<u32>,
    pub passage_id: PassageId,
    /// The passage's words around it.
    pub snippet: String,
    /// The sentences or rows to mark in the document.
    pub marks: Vec<String>,
}

/// A passage that the search found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Hit {
    pub passage_id: PassageId,
    pub source_id: SourceId,
    pub source_title: String,
    #[schema(required)]
    pub page: Option<u32>,
    pub headings: Vec<String>,
    pub text: String,
    /// By words; nothing when they did not find it.
    #[schema(required)]
    pub text_score: Option<f32>,
    /// By meaning, the cosine; nothing when there is no model for it.
    #[schema(required)]
    pub vector_score: Option<f32>,
    /// Both fused, for the order.
    pub score: f32,
}

/// An answer with its proof.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    pub text: String,
    pub rung: Rung,
    /// 0 to 1.
    pub confidence: f64,
    pub citations: Vec<Citation>,
    /// The approved answer, when one spoke.
    #[schema(required)]
    pub approved_id: Option<ApprovedAnswerId>,
    /// The model that wrote it, when one did.
    #[serde(default)]
    #[schema(required)]
    pub model: Option<String>,
    /// From the question to the answer, in milliseconds.
    pub ms: f64,
}

/// What came of a question.
pub(crate) struct Answered {
    pub(crate) question: String,
    /// Nothing when nobody knows.
    pub(crate) answer: Option<Answer>,
    pub(crate) hits: Vec<Hit>,
    pub(crate) ms: f64,
}

/// For the run that asked: the words, and as detail all that "Why this answer?" shows.
pub(crate) fn into_outcome(answered: Answered) -> flow::Outcome {
    let hits = json!(answered.hits.iter().take(5).collect::<Vec<_>>());
    match answered.answer {
        Some(answer) => flow::Outcome::Answered {
            text: answer.text.clone(),
            detail: json!({ "question": answered.question, "answer": answer, "hits": hits }),
        },
        None => flow::Outcome::Unknown { detail: json!({ "question": answered.question, "hits": hits }) },
    }
}

impl From<&knowledge::retrieve::Hit> for Hit {
    fn from(hit: &knowledge::retrieve::Hit) -> Self {
        Self {
            passage_id: hit.passage,
            source_id: hit.source,
            source_title: hit.source_title.clone(),
            page: hit.page,
            headings: hit.headings.clone(),
            text: hit.text.clone(),
            text_score: (hit.text_score > 0.0).then_some(hit.text_score),
            vector_score: (hit.vector_score > 0.0).then_some(hit.vector_score),
            score: hit.score,
        }
    }
}

impl From<&knowledge::extract::Citation> for Citation {
    fn from(citation: &knowledge::extract::Citation) -> Self {
        Self {
            source_id: citation.source,
            source_title: citation.source_title.clone(),
            page: citation.page,
            passage_id: citation.passage,
            snippet: citation.snippet.clone(),
            marks: citation.marks.iter().map(|m| m.text.clone()).collect(),
        }
    }
}

impl From<&knowledge::retrieve::Hit> for Citation {
    fn from(hit: &knowledge::retrieve::Hit) -> Self {
        Self {
            source_id: hit.source,
            source_title: hit.source_title.clone(),
            page: hit.page,
            passage_id: hit.passage,
            snippet: hit.text.chars().take(400).collect(),
            marks: Vec::new(),
        }
    }
}
