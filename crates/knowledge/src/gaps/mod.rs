//! Gaps: questions that found no answer, grouped by what they mean, for the owner to teach.

mod store;

use base::id::{ApprovedAnswerId, BotId, GapId};
use base::{Error, Result, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Knowledge;
use crate::answers::NewApprovedAnswer;
use crate::index::vector;
use crate::retrieve::Asked;
use crate::sources::{Listed, clip};

/// Unanswered questions belong together from this cosine on.
const SAME_MEANING: f32 = 0.92;
/// Open gaps that a new question is compared with, the latest first.
const MOST_COMPARED: usize = 2_000;
/// Examples kept of a gap.
const MOST_EXAMPLES: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapState {
    Open,
    Taught,
    Dismissed,
}

/// Questions of one meaning that found no answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gap {
    pub id: GapId,
    pub bot: Option<BotId>,
    /// As it was asked first.
    pub question: String,
    /// The latest ways in which it was asked, newest first.
    pub examples: Vec<String>,
    pub asked: u32,
    pub first_at: Time,
    pub last_at: Time,
    pub state: GapState,
    pub answer: Option<ApprovedAnswerId>,
}

impl Knowledge {
    /// Remembers a question that found no answer, with others of its meaning. Gives the gap it belongs to.
    pub async fn note_gap(&self, question: &str, bot: Option<BotId>, now: Time) -> Result<GapId> {
        let asked = self.ask(question, None).await?;
        self.note_asked(&asked, bot, now).await
    }

    pub(crate) async fn note_asked(&self, asked: &Asked, bot: Option<BotId>, now: Time) -> Result<GapId> {
        let text = clip(&asked.question.text, 1_000);
        if text.is_empty() {
            return Err(Error::invalid("An empty question cannot be answered."));
        }
        let mut words: Vec<String> = asked
            .question
            .whole()
            .terms
            .iter()
            .map(|t| t.forms.last().map_or(t.word.clone(), |(stem, _)| stem.clone()))
            .collect();
        words.sort();
        words.dedup();
        let words = if words.is_empty() { crate::index::words::fold(&text) } else { words.join(" ") };
        let vector = asked.embedder.clone().zip(asked.vectors.first().map(|q| q.vector.to_vec()));
        let compare = vector.clone();
        let known = {
            let words = words.clone();
            let this = self.clone();
            self.db()
                .read(move |c| {
                    if let Some(id) = store::by_words(c, bot, &words)? {
                        return Ok(Some(id));
                    }
                    let Some((embedder, query)) = compare else { return Ok(None) };
                    let nearest = store::compared(c, bot, &embedder, MOST_COMPARED)?
                        .into_iter()
                        .map(|(id, v)| (id, this.on_scale(c, Some(&embedder), vector::dot(&v, &query))))
                        .max_by(|a, b| a.1.total_cmp(&b.1));
                    Ok(nearest.filter(|(_, cosine)| *cosine >= SAME_MEANING).map(|(id, _)| id))
                })
                .await?
        };
        self.db()
            .write(move |tx| match known {
                Some(id) => store::asked_again(tx, id, &text, MOST_EXAMPLES, now),
                None => store::insert(tx, bot, &text, &words, vector.as_ref(), now),
            })
            .await
    }

    /// Latest asked first.
    pub async fn gaps(&self, state: GapState, cursor: Option<String>, limit: usize) -> Result<Listed<Gap>> {
        self.db().read(move |c| store::list(c, state, cursor.as_deref(), limit.clamp(1, 200))).await
    }

    pub async fn gap(&self, id: GapId) -> Result<Gap> {
        self.db().read(move |c| store::get(c, id)).await
    }

    /// Makes an approved answer for a gap: its question and examples are the ways of asking.
    pub async fn teach(&self, id: GapId, answer: &str, now: Time) -> Result<ApprovedAnswerId> {
        let gap = self.gap(id).await?;
        let mut questions = vec![gap.question];
        questions.extend(gap.examples);
        questions.dedup();
        let new = NewApprovedAnswer { questions, answer: answer.to_owned(), bot: gap.bot };
        let taught = self.add_approved(new, now).await?;
        self.db().write(move |tx| store::set_state(tx, id, GapState::Taught, Some(taught))).await?;
        Ok(taught)
    }

    /// Puts a gap aside, or (`GapState::Open`) takes it up again.
    pub async fn set_gap_state(&self, id: GapId, state: GapState) -> Result<()> {
        self.db().write(move |tx| store::set_state(tx, id, state, None)).await
    }
}
