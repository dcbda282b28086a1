//! Finding passages for a question: by words and by meaning, for the whole and for its clauses, fused by rank.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use base::Result;
use base::id::{BotId, PassageId, SourceId};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::Knowledge;
use crate::document::PassageKind;
use crate::index::store::{self, Allowed, Loaded};
use crate::index::vector::{Small, dot_bytes};
use crate::question::Question;
use crate::sources::store::units_of;
use crate::unit::Unit;

/// The constant of reciprocal rank fusion; measured best at 10 for lists as short as ours.
const FUSION: f32 = 10.0;
/// Units and passages that the coarse pass hands to the exact one.
const COARSE: usize = 200;
/// Passages looked at closely.
const CANDIDATES: usize = 24;
/// Units against which a query's cosines are judged.
const SAMPLE: usize = 512;

/// What may be searched.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// Only what this bot may use.
    pub bot: Option<BotId>,
    /// Only these sources; empty means all.
    pub sources: Vec<SourceId>,
    /// What "today" means where the business is: 1 for Monday to 7 for Sunday.
    pub today: Option<u8>,
}

/// A passage that was found. Neighbours that were found as well are merged into one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hit {
    pub passage: PassageId,
    /// The merged neighbours that follow it in the document.
    pub neighbours: Vec<PassageId>,
    pub source: SourceId,
    pub source_title: String,
    pub page: Option<u32>,
    pub headings: Vec<String>,
    pub kind: PassageKind,
    pub text: String,
    /// Score by words (BM25); 0 when they did not find it.
    pub text_score: f32,
    /// Best cosine to the question or a clause of it; 0 when there is no embedder.
    pub vector_score: f32,
    /// Fused, for ordering only.
    pub score: f32,
}

/// What was found, best first, with what the answer's making needs.
#[derive(Clone, Debug)]
pub struct Hits {
    pub items: Vec<Hit>,
    pub(crate) asked: Arc<Asked>,
    pub(crate) candidates: Arc<Vec<Candidate>>,
    pub(crate) background: Option<Arc<Background>>,
}

/// A question with its vectors.
#[derive(Debug)]
pub(crate) struct Asked {
    pub question: Question,
    pub vectors: Vec<QueryVector>,
    /// The embedder of the vectors.
    pub embedder: Option<String>,
}

#[derive(Debug)]
pub(crate) struct QueryVector {
    /// Which span of the question it is of; the whole may have two, as typed and as corrected.
    pub span: usize,
    pub vector: Arc<[f32]>,
}

/// A passage with its units and how near each is to each vector of the question, in standard deviations above what is
/// usual for that vector.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub loaded: Loaded,
    pub units: Vec<Seen>,
    pub text_score: f32,
    pub cosine: f32,
    /// Of the passage as a whole to the question as a whole.
    pub height: f32,
    pub score: f32,
}

#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub unit: Unit,
    /// One a vector of the question; empty without vectors.
    pub cosines: Vec<f32>,
    pub heights: Vec<f32>,
    pub vector: Option<Small>,
}

/// An even sample of all units, and everyday questions about other things.
pub(crate) struct Background {
    sample: Vec<store::Sampled>,
    mean: Vec<f32>,
    /// Vectors of everyday questions about other things.
    strangers: Vec<Vec<f32>>,
    embedder: String,
    scale: Scale,
}

/// Models spread their cosines differently. What is learned of cosines was learned on multilingual-e5, whose units have
/// 0.768 on average to unrelated questions, give or take 0.030; those of another model are put on that scale.
#[derive(Clone, Copy, Debug)]
struct Scale {
    factor: f32,
    offset: f32,
}

const E5_USUAL: (f32, f32) = (0.768, 0.030);

impl Scale {
    fn of(usual: (f32, f32)) -> Self {
        let (mean, deviation) = usual;
        // One business or another moves the average of the same model a little; that is no other scale.
        if (mean - E5_USUAL.0).abs() < 0.06 && deviation < 0.06 {
            return Scale { factor: 1.0, offset: 0.0 };
        }
        let factor = E5_USUAL.1 / deviation.max(0.001);
        Scale { factor, offset: E5_USUAL.0 - mean * factor }
    }

    fn apply(self, cosine: f32) -> f32 {
        cosine * self.factor + self.offset
    }
}

/// What cosines to a query usually are: mean and deviation, by language where there are enough, and of all. Models put
/// texts of one language nearer to each other, which says nothing of what they mean.
struct Usual {
    scale: Scale,
    all: (f32, f32),
    by_language: HashMap<String, (f32, f32)>,
}

impl Usual {
    fn height(&self, cosine: f32, language: Option<&str>) -> f32 {
        let (mean, deviation) = language.and_then(|l| self.by_language.get(l)).unwrap_or(&self.all);
        (cosine - mean) / deviation
    }
}

impl std::fmt::Debug for Background {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Background({} units, {} strangers)", self.sample.len(), self.strangers.len())
    }
}

impl Background {
    fn new(sample: Vec<store::Sampled>, known: store::KnownEmbedder, embedder: &str) -> Self {
        let strange = sample
            .iter()
            .take(128)
            .flat_map(|s| known.strangers.iter().map(move |stranger| dot_bytes(&s.bytes, s.scale, stranger)));
        let strange: Vec<f32> = strange.collect();
        let scale = if strange.is_empty() {
            Scale { factor: 1.0, offset: 0.0 }
        } else {
            Scale::of(spread(strange.iter().copied()))
        };
        Background { sample, mean: known.mean, strangers: known.strangers, embedder: embedder.to_owned(), scale }
    }

    /// The cosines of a unit to everyday questions about other things, falling.
    pub(crate) fn strange(&self, unit: &Small) -> Vec<f32> {
        let mut out: Vec<f32> = self.strangers.iter().map(|s| self.scale.apply(unit.dot(s))).collect();
        out.sort_by(|a, b| b.total_cmp(a));
        out
    }

    fn usual(&self, query: &[f32]) -> Usual {
        let cosines: Vec<(f32, Option<&str>)> = self
            .sample
            .iter()
            .map(|s| (self.scale.apply(dot_bytes(&s.bytes, s.scale, query)), s.language.as_deref()))
            .collect();
        let all = spread(cosines.iter().map(|(c, _)| *c));
        let mut languages: HashMap<&str, Vec<f32>> = HashMap::new();
        for (cosine, language) in &cosines {
            if let Some(language) = language {
                languages.entry(language).or_default().push(*cosine);
            }
        }
        let by_language = languages
            .into_iter()
            .filter(|(_, c)| c.len() >= 12)
            // The deviation of all is steadier than that of a few.
            .map(|(language, c)| (language.to_owned(), (spread(c.iter().copied()).0, all.1)))
            .collect();
        Usual { scale: self.scale, all, by_language }
    }
}

fn spread(values: impl Iterator<Item = f32> + Clone) -> (f32, f32) {
    let n = values.clone().count().max(1) as f32;
    let mean = values.clone().sum::<f32>() / n;
    let variance = values.map(|c| (c - mean).powi(2)).sum::<f32>() / n;
    // Very small collections say little of what is usual; a floor keeps heights sane.
    (mean, variance.sqrt().max(0.012))
}

impl Knowledge {
    /// The passages nearest to a question, best first. Without an embedder by words only.
    pub async fn retrieve(&self, question: &str, filters: &Filters, limit: usize) -> Result<Hits> {
        let asked = self.ask(question, filters.today).await?;
        self.find(asked, filters, limit).await
    }

    pub(crate) async fn ask(&self, question: &str, today: Option<u8>) -> Result<Arc<Asked>> {
        let vocabulary = self.text().vocabulary();
        let languages = self.db().read(store::languages).await?;
        let question = Question::new(question, &vocabulary, &languages, today);
        let mut spans = Vec::new();
        let mut texts = Vec::new();
        if !question.text.is_empty() {
            for (i, span) in question.spans.iter().enumerate() {
                if i == 0 || !span.terms.is_empty() {
                    spans.push(i);
                    texts.push(if i == 0 { span.text.clone() } else { span.corrected.clone() });
                }
                if i == 0 && span.corrected != span.text {
                    spans.push(0);
                    texts.push(span.corrected.clone());
                }
            }
        }
        let mut vectors = Vec::new();
        let mut name = None;
        if let Some(embedder) = self.embedder().filter(|_| !texts.is_empty()) {
            match embedder.embed_queries(texts).await {
                Ok(found) if found.len() == spans.len() => {
                    for (span, vector) in spans.into_iter().zip(found) {
                        let vector = crate::index::vector::normalised(vector)?;
                        vectors.push(QueryVector { span, vector: vector.into() });
                    }
                    name = Some(embedder.id().to_owned());
                }
                Ok(_) => tracing::error!("the embedder returned another number of vectors than asked for"),
                // Words still find most things; a customer is not left without an answer for a model's sake.
                Err(e) => tracing::warn!(error = ?e, "searching by words only"),
            }
        }
        Ok(Arc::new(Asked { question, vectors, embedder: name }))
    }

    pub(crate) async fn find(&self, asked: Arc<Asked>, filters: &Filters, limit: usize) -> Result<Hits> {
        let this = self.clone();
        let filters = filters.clone();
        let for_search = asked.clone();
        let (candidates, background) = self
            .db()
            .read(move |c| {
                let background = this.background(c, for_search.embedder.as_deref())?;
                Ok((this.candidates(c, &for_search, &filters, background.as_deref())?, background))
            })
            .await?;
        let items = merge(&candidates, limit.clamp(1, CANDIDATES));
        Ok(Hits { items, asked, candidates: Arc::new(candidates), background })
    }

    fn candidates(
        &self,
        c: &Connection,
        asked: &Asked,
        filters: &Filters,
        background: Option<&Background>,
    ) -> Result<Vec<Candidate>> {
        let allowed = store::allowed(c, filters.bot, &filters.sources)?;
        if allowed.keys.is_empty() || asked.question.text.is_empty() {
            return Ok(Vec::new());
        }
        let mut fused: HashMap<i64, f32> = HashMap::new();
        let mut text_scores: HashMap<i64, f32> = HashMap::new();
        let mut cosines: HashMap<i64, f32> = HashMap::new();
        let mut whole: HashMap<i64, f32> = HashMap::new();
        let add = |fused: &mut HashMap<i64, f32>, ranking: &[i64], weight: f32| {
            for (rank, key) in ranking.iter().enumerate() {
                *fused.entry(*key).or_default() += weight / (FUSION + rank as f32 + 1.0);
            }
        };
        let clause_weight = 1.0 / asked.question.spans.len().saturating_sub(1).max(1) as f32;
        for (i, span) in asked.question.spans.iter().enumerate() {
            let (exact, stems) = span.wanted();
            let limit = if allowed.some_left_out { 200 } else { 40 };
            let found = self.text().search(&exact, &stems, limit)?;
            if i == 0 {
                text_scores.extend(found.iter().copied());
            }
            let ranking: Vec<i64> = found.iter().map(|(key, _)| *key).collect();
            add(&mut fused, &ranking, if i == 0 { 1.0 } else { clause_weight });
        }
        if let Some(background) = background {
            whole = self.by_meaning(c, asked, background, &allowed, clause_weight, |ranking, weight| {
                let keys: Vec<i64> = ranking.iter().map(|(key, _)| *key).collect();
                add(&mut fused, &keys, weight);
                for (key, cosine) in ranking {
                    let best = cosines.entry(*key).or_default();
                    *best = best.max(*cosine);
                }
            })?;
        }
        let mut order: Vec<(i64, f32)> = fused.into_iter().collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut out = Vec::new();
        let queries: Vec<Arc<[f32]>> = asked.vectors.iter().map(|q| q.vector.clone()).collect();
        let usual: Vec<Usual> = background.map(|b| queries.iter().map(|q| b.usual(q)).collect()).unwrap_or_default();
        // Passages of sources that are left out drop out while loading, so more are looked at than are wanted.
        let keys: Vec<i64> = order.iter().take(CANDIDATES * 4).map(|(key, _)| *key).collect();
        for chunk in keys.chunks(CANDIDATES) {
            let mut loaded = store::load(c, chunk, &allowed)?;
            for key in chunk {
                let Some(loaded) = loaded.remove(key) else { continue };
                let seen = seen(c, &loaded, asked.embedder.as_deref(), &queries, &usual)?;
                let height = match (whole.get(key), usual.first()) {
                    (Some(cosine), Some(usual)) => usual.height(usual.scale.apply(*cosine), loaded.language.as_deref()),
                    _ => 0.0,
                };
                out.push(Candidate {
                    loaded,
                    height,
                    units: seen,
                    text_score: text_scores.get(key).copied().unwrap_or(0.0),
                    cosine: cosines.get(key).copied().unwrap_or(0.0),
                    score: order.iter().find(|(k, _)| k == key).map_or(0.0, |(_, score)| *score),
                });
            }
            if out.len() >= CANDIDATES {
                break;
            }
        }
        out.truncate(CANDIDATES);
        Ok(out)
    }

    fn by_meaning(
        &self,
        c: &Connection,
        asked: &Asked,
        background: &Background,
        allowed: &Allowed,
        clause_weight: f32,
        mut add: impl FnMut(&[(i64, f32)], f32),
    ) -> Result<HashMap<i64, f32>> {
        let mut whole = HashMap::new();
        let signs = self.signs(c)?;
        let (mean, embedder) = (&background.mean, &background.embedder);
        for (i, query) in asked.vectors.iter().enumerate() {
            let weight = if query.span == 0 { 1.0 } else { clause_weight };
            let coarse = if query.span == 0 { COARSE } else { COARSE / 2 };
            let units = store::near_units(c, &query.vector, mean, embedder, allowed, &signs, coarse)?;
            let mut best: Vec<(i64, f32)> = Vec::new();
            for (_, passage, cosine) in units {
                if !best.iter().any(|(key, _)| *key == passage) {
                    best.push((passage, cosine));
                }
                if best.len() >= 40 {
                    break;
                }
            }
            add(&best, weight);
            if i == 0 {
                let mut passages = store::near_passages(c, &query.vector, mean, embedder, allowed, &signs, COARSE)?;
                whole.extend(passages.iter().copied());
                passages.truncate(40);
                add(&passages, 0.7);
            }
        }
        Ok(whole)
    }

    /// A cosine of the present embedder on the scale that thresholds are given in.
    pub(crate) fn on_scale(&self, c: &Connection, embedder: Option<&str>, cosine: f32) -> f32 {
        match self.background(c, embedder) {
            Ok(Some(background)) => background.scale.apply(cosine),
            _ => cosine,
        }
    }

    fn background(&self, c: &Connection, embedder: Option<&str>) -> Result<Option<Arc<Background>>> {
        let Some(embedder) = embedder else { return Ok(None) };
        let cached = self.0.background.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(background) = cached.filter(|b| b.embedder == embedder) {
            return Ok(Some(background));
        }
        let Some(known) = store::known_embedder(c, embedder)? else { return Ok(None) };
        let sample = store::sample(c, embedder, SAMPLE)?;
        if sample.is_empty() {
            return Ok(None);
        }
        let background = Arc::new(Background::new(sample, known, embedder));
        *self.0.background.lock().unwrap_or_else(PoisonError::into_inner) = Some(background.clone());
        Ok(Some(background))
    }
}

fn seen(
    c: &Connection,
    loaded: &Loaded,
    embedder: Option<&str>,
    queries: &[Arc<[f32]>],
    usual: &[Usual],
) -> Result<Vec<Seen>> {
    let mut near: HashMap<i64, store::NearUnit> = if usual.is_empty() {
        HashMap::new()
    } else {
        store::unit_cosines(c, loaded.key, embedder, queries)?.into_iter().collect()
    };
    Ok(units_of(c, loaded.key)?
        .into_iter()
        .map(|(key, unit)| {
            let near = near.remove(&key);
            let (vector, cosines) = near.map_or((None, Vec::new()), |n| (Some(n.vector), n.cosines));
            let cosines: Vec<f32> = cosines.iter().zip(usual).map(|(c, u)| u.scale.apply(*c)).collect();
            let language = loaded.language.as_deref();
            let heights = cosines.iter().zip(usual).map(|(c, u)| u.height(*c, language)).collect();
            Seen { unit, cosines, heights, vector }
        })
        .collect())
}

/// The best passages as hits; a passage right after another one of the list is joined to it.
fn merge(candidates: &[Candidate], limit: usize) -> Vec<Hit> {
    let mut items: Vec<(Hit, i64, u32)> = Vec::new();
    for candidate in candidates.iter().take(limit) {
        let l = &candidate.loaded;
        let before = items.iter_mut().find(|(_, source, last)| *source == l.source_key && *last + 1 == l.ordinal);
        if let Some((hit, _, last)) = before {
            hit.neighbours.push(l.id);
            hit.text.push('\n');
            hit.text.push_str(&l.text);
            hit.text_score = hit.text_score.max(candidate.text_score);
            hit.vector_score = hit.vector_score.max(candidate.cosine);
            *last = l.ordinal;
            continue;
        }
        let hit = Hit {
            passage: l.id,
            neighbours: Vec::new(),
            source: l.source,
            source_title: l.source_title.clone(),
            page: l.page,
            headings: l.headings.clone(),
            kind: l.kind,
            text: l.text.clone(),
            text_score: candidate.text_score,
            vector_score: candidate.cosine,
            score: candidate.score,
        };
        items.push((hit, l.source_key, l.ordinal));
    }
    items.into_iter().map(|(hit, _, _)| hit).collect()
}
