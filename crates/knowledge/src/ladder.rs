//! The rungs that need no language model: an approved answer, then the documents' own words; and what the rungs with one
//! are given and checked by.

use std::collections::HashSet;

use base::id::{ApprovedAnswerId, BotId};
use base::{Result, Stopwatch, Time};
use serde::{Deserialize, Serialize};

use crate::document::PassageKind;
use crate::extract::{Citation, Extracted, Mark, SURE_ENOUGH, extract};
use crate::index::words;
use crate::retrieve::{Filters, Hit, Hits};
use crate::{Knowledge, answers, sources};

/// Passages handed back with every answer.
const HITS: usize = 8;

/// Which rung spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    Approved,
    Extractive,
}

/// An answer with its proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    pub text: String,
    pub rung: Rung,
    /// 0 to 1.
    pub confidence: f32,
    pub citations: Vec<Citation>,
    /// The approved answer, when that is what spoke.
    pub approved: Option<ApprovedAnswerId>,
    /// The best passages, for showing and for a language model.
    pub hits: Vec<Hit>,
    /// How long it took, in milliseconds.
    pub ms: f64,
}

/// What came of a question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Answer(Answer),
    /// Nothing fits well enough. `hits` are the nearest passages, best first.
    Unknown {
        hits: Vec<Hit>,
        confidence: f32,
        ms: f64,
    },
}

/// A lookup with everything that was found, for rungs with a language model and for explaining.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub outcome: Outcome,
    pub hits: Hits,
    /// The extractive answer, also when it was not sure enough to be given.
    pub extracted: Option<crate::extract::Extracted>,
}

impl Knowledge {
    /// Answers from approved answers or the documents' own words, or says that it does not know. Counts what was used.
    pub async fn answer(&self, question: &str, filters: &Filters, now: Time) -> Result<Outcome> {
        let lookup = self.look_up(question, filters).await?;
        self.count(&lookup.outcome, now).await?;
        Ok(lookup.outcome)
    }

    /// The same without counting, and with all that was found.
    pub async fn look_up(&self, question: &str, filters: &Filters) -> Result<Lookup> {
        let watch = Stopwatch::start();
        let asked = self.ask(question, filters.today).await?;
        let approved = self.match_approved(asked.clone(), filters.bot).await?;
        let hits = self.find(asked, filters, HITS).await?;
        let vocabulary = self.text().vocabulary();
        let extracted = {
            let hits = hits.clone();
            base::task::blocking(move || extract(&hits, &vocabulary)).await?
        };
        let extracted = typed_for(question, &hits, extracted);
        let outcome = if let Some(matched) = approved {
            Outcome::Answer(Answer {
                text: matched.answer,
                rung: Rung::Approved,
                confidence: matched.likeness,
                citations: Vec::new(),
                approved: Some(matched.id),
                hits: hits.items.clone(),
                ms: watch.elapsed_ms(),
            })
        } else {
            match &extracted {
                Some(found) if found.confidence >= SURE_ENOUGH => Outcome::Answer(Answer {
                    text: found.text.clone(),
                    rung: Rung::Extractive,
                    confidence: found.confidence,
                    citations: found.citations.clone(),
                    approved: None,
                    hits: hits.items.clone(),
                    ms: watch.elapsed_ms(),
                }),
                found => Outcome::Unknown {
                    hits: hits.items.clone(),
                    confidence: found.as_ref().map_or(0.0, |f| f.confidence),
                    ms: watch.elapsed_ms(),
                },
            }
        };
        metrics::histogram!("knowledge_answer_seconds").record(watch.elapsed().as_secs_f64());
        Ok(Lookup { outcome, hits, extracted })
    }

    /// Counts an answer that was given for its sources, or its approved answer.
    pub async fn count(&self, outcome: &Outcome, now: Time) -> Result<()> {
        let Outcome::Answer(answer) = outcome else { return Ok(()) };
        let approved = answer.approved;
        let mut ids: Vec<_> = answer.citations.iter().map(|c| c.source).collect();
        ids.dedup();
        if approved.is_none() && ids.is_empty() {
            return Ok(());
        }
        self.db()
            .write(move |tx| {
                if let Some(id) = approved {
                    answers::store::count_use(tx, id, now)?;
                }
                sources::store::count_answer(tx, &ids, now)
            })
            .await
    }

    /// Counts an answer that a language model wrote from these sources.
    pub async fn count_sources(&self, mut ids: Vec<base::id::SourceId>, now: Time) -> Result<()> {
        ids.dedup();
        self.db().write(move |tx| sources::store::count_answer(tx, &ids, now)).await
    }

    /// Notes a question without an answer as a gap, using what the lookup found out about it already.
    pub async fn note_unknown(&self, lookup: &Lookup, bot: Option<BotId>, now: Time) -> Result<base::id::GapId> {
        self.note_asked(&lookup.hits.asked, bot, now).await
    }
}

/// A question that the owner typed word for word has its answer, however little else there is to compare with.
fn typed_for(question: &str, hits: &Hits, found: Option<Extracted>) -> Option<Extracted> {
    let language = hits.asked.question.language.as_deref();
    // "Do you repair bicycle" is "Do you repair bicycles" but for inflection.
    let stems = |text: &str| -> Vec<String> { words::words(text).iter().map(|w| words::stem(w, language)).collect() };
    let asked = stems(question);
    let same = hits.items.iter().find_map(|hit| {
        let (typed, answer) = hit.text.split_once('\n').filter(|_| hit.kind == PassageKind::Pair)?;
        (stems(typed) == asked && !asked.is_empty()).then(|| (hit, answer.trim().to_owned()))
    });
    let Some((hit, answer)) = same else { return found };
    Some(Extracted {
        citations: vec![Citation {
            source: hit.source,
            source_title: hit.source_title.clone(),
            passage: hit.passage,
            page: hit.page,
            headings: hit.headings.clone(),
            snippet: hit.text.clone(),
            marks: vec![Mark { block: 0, row: None, text: answer.clone() }],
        }],
        text: answer,
        confidence: 0.99,
        features: found.as_ref().map(|f| f.features.clone()).unwrap_or_default(),
    })
}

/// The passages as numbered sources for a language model, best first, at most `most_words` words in all. Documents are
/// material, never instructions: the frame around each says where it begins and ends.
pub fn prompt_context(hits: &[Hit], most_words: usize) -> String {
    let mut out = String::new();
    let mut left = most_words;
    for (i, hit) in hits.iter().enumerate() {
        let words: Vec<&str> = hit.text.split(' ').collect();
        if left < 20 {
            break;
        }
        let taken = words.len().min(left);
        left -= taken;
        let text = words[..taken].join(" ").replace("[/", "[ /");
        let page = hit.page.map(|p| format!(", page {p}")).unwrap_or_default();
        let headings =
            if hit.headings.is_empty() { String::new() } else { format!(" — {}", hit.headings.join(" > ")) };
        out.push_str(&format!("[{}] {}{page}{headings}\n{text}\n[/{}]\n\n", i + 1, hit.source_title, i + 1));
    }
    out.trim_end().to_owned()
}

/// Whether every number in a language model's answer stands in its sources or in the question. Numbers are where an
/// invented answer hurts: prices, times, telephone numbers.
pub fn check_grounded(answer: &str, question: &str, hits: &[Hit]) -> bool {
    let mut known: HashSet<String> = numbers(question).collect();
    for hit in hits {
        known.extend(numbers(&hit.text));
        known.extend(numbers(&hit.headings.join(" ")));
    }
    // Marks such as [1] name a source and are no statement.
    let mut clean = String::with_capacity(answer.len());
    let mut inside = false;
    for c in answer.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => clean.push(c),
            _ => {}
        }
    }
    numbers(&clean).all(|n| known.contains(&n))
}

fn numbers(text: &str) -> impl Iterator<Item = String> {
    words::words(text).into_iter().filter(|w| words::is_number(w))
}
