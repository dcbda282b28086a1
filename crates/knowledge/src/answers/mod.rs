//! Approved answers: what the owner wrote or approved for a question, given before anything else.

pub(crate) mod store;

use std::sync::Arc;

use base::id::{ApprovedAnswerId, BotId};
use base::{Error, Result, Time};
use serde::{Deserialize, Serialize};

use crate::index::vector;
use crate::retrieve::Asked;
use crate::sources::{Listed, clip};
use crate::{Embed, Knowledge};

/// Ways of asking that one answer may have.
const MOST_QUESTIONS: usize = 50;
/// Approved questions that are compared with a customer's one; the newest are kept when there are more.
const MOST_COMPARED: usize = 5_000;
/// Two questions are the same from this cosine on. Multilingual-e5-small puts rewordings of one question at 0.93 and
/// above and other questions about the same thing mostly below 0.91.
const SAME_MEANING: f32 = 0.93;
/// With words in common, less is enough.
const NEAR_MEANING: f32 = 0.905;
/// The share of words in common, both ways, from which questions are the same without an embedder.
const SAME_WORDS: f32 = 0.8;

/// An answer with the questions that it is given to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApprovedAnswer {
    pub id: ApprovedAnswerId,
    pub questions: Vec<String>,
    pub answer: String,
    /// Nothing means: every bot.
    pub bot: Option<BotId>,
    /// How often it was given.
    pub used: u32,
    pub used_at: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// What the owner types.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewApprovedAnswer {
    pub questions: Vec<String>,
    pub answer: String,
    #[serde(default)]
    pub bot: Option<BotId>,
}

/// An approved answer that fits a question.
#[derive(Clone, Debug)]
pub struct Matched {
    pub id: ApprovedAnswerId,
    pub question: String,
    pub answer: String,
    /// 0 to 1.
    pub likeness: f32,
}

impl NewApprovedAnswer {
    fn checked(mut self) -> Result<Self> {
        self.answer = clip(self.answer.trim(), 4_000);
        self.questions = self.questions.iter().map(|q| clip(q.trim(), 1_000)).filter(|q| !q.is_empty()).collect();
        self.questions.dedup();
        if self.answer.is_empty() {
            return Err(Error::invalid("Please write the answer."));
        }
        if self.questions.is_empty() {
            return Err(Error::invalid("Please write at least one question that this answers."));
        }
        if self.questions.len() > MOST_QUESTIONS {
            return Err(Error::invalid("One answer can have at most 50 ways of asking."));
        }
        Ok(self)
    }
}

impl Knowledge {
    pub async fn add_approved(&self, new: NewApprovedAnswer, now: Time) -> Result<ApprovedAnswerId> {
        let new = new.checked()?;
        let id = ApprovedAnswerId::fresh();
        let vectors = self.question_vectors(&new.questions).await;
        self.db().write(move |tx| store::insert(tx, id, &new, &vectors, now)).await?;
        Ok(id)
    }

    pub async fn update_approved(&self, id: ApprovedAnswerId, new: NewApprovedAnswer, now: Time) -> Result<()> {
        let new = new.checked()?;
        let vectors = self.question_vectors(&new.questions).await;
        self.db().write(move |tx| store::update(tx, id, &new, &vectors, now)).await
    }

    pub async fn delete_approved(&self, id: ApprovedAnswerId) -> Result<()> {
        self.db().write(move |tx| store::delete(tx, id)).await
    }

    pub async fn approved(&self, id: ApprovedAnswerId) -> Result<ApprovedAnswer> {
        self.db().read(move |c| store::get(c, id)).await
    }

    /// Newest first.
    pub async fn approved_answers(&self, cursor: Option<String>, limit: usize) -> Result<Listed<ApprovedAnswer>> {
        self.db().read(move |c| store::list(c, cursor.as_deref(), limit.clamp(1, 200))).await
    }

    /// Vectors of questions; without an embedder, or when it fails, they are filled in later by `embed_missing`.
    async fn question_vectors(&self, questions: &[String]) -> Vec<Option<(String, Vec<f32>)>> {
        let Some(embedder) = self.embedder() else { return vec![None; questions.len()] };
        match embedder.embed_queries(questions.to_vec()).await {
            Ok(vectors) if vectors.len() == questions.len() => {
                vectors.into_iter().map(|v| vector::normalised(v).ok().map(|v| (embedder.id().to_owned(), v))).collect()
            }
            _ => vec![None; questions.len()],
        }
    }

    pub(crate) async fn embed_answers(&self, embedder: &Arc<dyn Embed>) -> Result<()> {
        loop {
            let name = embedder.id().to_owned();
            let batch = self.db().read(move |c| store::waiting(c, &name, 32)).await?;
            if batch.is_empty() {
                return Ok(());
            }
            let (keys, texts): (Vec<i64>, Vec<String>) = batch.into_iter().unzip();
            let vectors = embedder.embed_queries(texts).await?;
            let vectors = vectors.into_iter().map(vector::normalised).collect::<Result<Vec<_>>>()?;
            if vectors.len() != keys.len() {
                return Err(Error::internal("the embedder returned another number of vectors than asked for"));
            }
            let name = embedder.id().to_owned();
            self.db().write(move |tx| store::set_vectors(tx, &name, &keys, &vectors)).await?;
        }
    }

    /// The approved answer whose question means the same, if any.
    pub(crate) async fn match_approved(&self, asked: Arc<Asked>, bot: Option<BotId>) -> Result<Option<Matched>> {
        let vocabulary = self.text().vocabulary();
        let this = self.clone();
        self.db()
            .read(move |c| {
                let on_scale = |cosine| this.on_scale(c, asked.embedder.as_deref(), cosine);
                let mut best: Option<Matched> = None;
                for known in store::compared(c, bot, MOST_COMPARED)? {
                    let likeness = likeness(&asked, &known, &vocabulary, &on_scale);
                    if likeness > best.as_ref().map_or(0.0, |b| b.likeness) {
                        best = Some(Matched { id: known.id, question: known.question, answer: known.answer, likeness });
                    }
                }
                Ok(best)
            })
            .await
    }
}

/// 0 when the questions are not the same.
fn likeness(
    asked: &Asked,
    known: &store::Compared,
    vocabulary: &crate::index::text::Vocabulary,
    on_scale: &dyn Fn(f32) -> f32,
) -> f32 {
    let language = asked.question.language.clone().into_iter().collect::<Vec<_>>();
    let other = crate::question::Question::new(&known.question, vocabulary, &language, None);
    let common = common_words(&asked.question, &other);
    if common.exact {
        return 1.0;
    }
    // What is in numbers or names must agree: "in July" is not "in August", "22 mm" not "15 mm".
    if common.contradicts {
        return 0.0;
    }
    let cosine = match (&asked.embedder, &known.vector) {
        (Some(a), Some((b, vector))) if a == b => {
            on_scale(asked.vectors.iter().map(|q| vector::dot(&q.vector, vector)).fold(0.0, f32::max))
        }
        _ => 0.0,
    };
    if cosine >= SAME_MEANING || (cosine >= NEAR_MEANING && common.share >= 0.6) {
        return cosine.min(0.999);
    }
    if common.share >= SAME_WORDS { common.share * 0.95 } else { 0.0 }
}

struct Common {
    exact: bool,
    share: f32,
    contradicts: bool,
}

fn common_words(a: &crate::question::Question, b: &crate::question::Question) -> Common {
    let words = |q: &crate::question::Question| crate::index::words::words(&q.text);
    if words(a) == words(b) && !a.text.is_empty() {
        return Common { exact: true, share: 1.0, contradicts: false };
    }
    let meets = |x: &crate::question::Term, y: &crate::question::Term| {
        x.word == y.word || x.forms.iter().any(|(s, l)| *l >= 0.75 && y.forms.iter().any(|(t, m)| *m >= 0.75 && s == t))
    };
    let (ta, tb) = (&a.whole().terms, &b.whole().terms);
    let of_a = ta.iter().filter(|x| tb.iter().any(|y| meets(x, y))).count();
    let of_b = tb.iter().filter(|y| ta.iter().any(|x| meets(x, y))).count();
    let all = ta.len() + tb.len();
    let share = if all == 0 { 0.0 } else { (of_a + of_b) as f32 / all as f32 };
    let numbers = |terms: &[crate::question::Term]| {
        let mut out: Vec<String> = terms.iter().filter(|t| t.number).map(|t| t.word.clone()).collect();
        out.sort();
        out
    };
    let kinds_differ =
        !a.whole().asks.is_empty() && !b.whole().asks.is_empty() && a.whole().asks.is_disjoint(&b.whole().asks);
    let (na, nb) = (numbers(ta), numbers(tb));
    Common { exact: false, share: if kinds_differ { 0.0 } else { share }, contradicts: na != nb }
}
