//! Answers taken word for word from the documents: which unit answers, how it is read out, and how sure that is.

pub mod features;
mod fitted;
pub(crate) mod strangers;
pub mod weights;

use base::id::{PassageId, SourceId};
use serde::{Deserialize, Serialize};

use crate::document::BlockKind;
use crate::index::store::Loaded;
use crate::index::text::Vocabulary;
use crate::retrieve::{Candidate, Hits};
use crate::unit::{self, UnitKind};
use features::Weighed;

/// Longer answers are not stitched together.
const LONGEST_WORDS: usize = 60;
/// Rows of a table that are read out together when the question does not tell them apart.
const MOST_ROWS: usize = 3;
/// Below this confidence the bot says that it does not know.
pub const SURE_ENOUGH: f32 = 0.5;

/// Where an answer comes from, for showing and marking it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Citation {
    pub source: SourceId,
    pub source_title: String,
    pub passage: PassageId,
    pub page: Option<u32>,
    pub headings: Vec<String>,
    /// The words around the answer, as in the document.
    pub snippet: String,
    /// The sentences or rows that were used, to be marked: each a position of a block in the passage, with the row in a table.
    pub marks: Vec<Mark>,
}

/// One sentence, item or row that an answer was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub block: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    pub text: String,
}

/// An answer made of the documents' own words.
#[derive(Clone, Debug)]
pub struct Extracted {
    pub text: String,
    /// 0 to 1; an answer is given from [`SURE_ENOUGH`] on.
    pub confidence: f32,
    pub citations: Vec<Citation>,
    /// What spoke for it, see [`weights::evidence`].
    pub features: Vec<f32>,
}

/// The best answer that the hits hold, with how sure it is; nothing when there are no hits.
pub fn extract(hits: &Hits, vocabulary: &Vocabulary) -> Option<Extracted> {
    let asked = &hits.asked;
    let meaning = !asked.vectors.is_empty();
    let weighed = rank(hits, vocabulary);
    let best = weighed.first()?;
    let candidate = hits.candidates.get(best.candidate)?;
    let terms = |w: &Weighed| asked.question.spans.get(w.span).map_or(0, |s| s.terms.len());
    let looked_at = weighed.len().min(if meaning { weights::SECOND_LOOK } else { weights::BY_WORDS });
    let ranked: Vec<weights::Ranked<'_>> = weighed[..looked_at]
        .iter()
        .map(|w| weights::Ranked { features: &w.features, score: w.score, terms: terms(w) })
        .collect();
    let features = weights::evidence(&ranked, asked.question.text.split_whitespace().count());
    let confidence = weights::confidence(&features, meaning);
    let best_score = best.score;
    let ranked: Vec<(f32, &Weighed)> = weighed.iter().map(|w| (w.score, w)).collect();
    let chosen = stitch(candidate, best, best_score, &ranked);
    let text = chosen.iter().map(|m| m.text.as_str()).collect::<Vec<_>>();
    let rows = chosen.iter().any(|m| m.row.is_some());
    let text = text.join(if rows { "\n" } else { " " });
    let l = &candidate.loaded;
    let citation = Citation {
        source: l.source,
        source_title: l.source_title.clone(),
        passage: l.id,
        page: l.page,
        headings: l.headings.clone(),
        snippet: snippet(l, &chosen),
        marks: chosen,
    };
    Some(Extracted { text, confidence, citations: vec![citation], features: features.to_vec() })
}

/// All units, best first, with their scores.
pub(crate) fn rank(hits: &Hits, vocabulary: &Vocabulary) -> Vec<Weighed> {
    let meaning = !hits.asked.vectors.is_empty();
    let mut weighed = features::weigh(&hits.asked, &hits.candidates, vocabulary);
    for w in &mut weighed {
        w.score = weights::rank(&w.features, if meaning { weights::Look::First } else { weights::Look::Words });
    }
    weighed.sort_by(|a, b| b.score.total_cmp(&a.score));
    let Some(background) = hits.background.as_ref().filter(|_| meaning) else { return weighed };
    let second = weighed.len().min(weights::SECOND_LOOK);
    for w in &mut weighed[..second] {
        if let Some(seen) = hits.candidates.get(w.candidate).and_then(|c| c.units.get(w.unit)) {
            features::set_apart(w, &hits.asked, seen, background);
            w.score = weights::rank(&w.features, weights::Look::Second);
        }
    }
    weighed[..second].sort_by(|a, b| b.score.total_cmp(&a.score));
    weighed
}

/// All units with all their features, in no order.
pub(crate) fn weigh_all(hits: &Hits, vocabulary: &Vocabulary) -> Vec<Weighed> {
    let mut weighed = features::weigh(&hits.asked, &hits.candidates, vocabulary);
    if let Some(background) = &hits.background {
        for w in &mut weighed {
            if let Some(seen) = hits.candidates.get(w.candidate).and_then(|c| c.units.get(w.unit)) {
                features::set_apart(w, &hits.asked, seen, background);
            }
        }
    }
    weighed
}

/// A unit as it would be read out without any other.
pub(crate) fn read_alone(candidate: &Candidate, unit: usize) -> Option<String> {
    Some(candidate.units.get(unit)?.unit.text.clone())
}

fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// The best unit with what belongs to it: rows that the question does not tell apart, or the sentences around it.
fn stitch(candidate: &Candidate, best: &Weighed, best_score: f32, ranked: &[(f32, &Weighed)]) -> Vec<Mark> {
    let units = &candidate.units;
    let mark = |i: usize| {
        let unit = &units[i].unit;
        Mark { block: unit.block, row: unit.row, text: unit.text.clone() }
    };
    let score = |i: usize| {
        ranked.iter().find(|(_, w)| w.candidate == best.candidate && w.unit == i).map_or(f32::MIN, |(score, _)| *score)
    };
    let unit = &units[best.unit].unit;
    let mut chosen = vec![best.unit];
    let mut length = count_words(&unit.text);
    match unit.kind {
        UnitKind::Pair => {}
        UnitKind::Row => {
            let mut others: Vec<(f32, usize)> = units
                .iter()
                .enumerate()
                .filter(|(i, s)| *i != best.unit && s.unit.kind == UnitKind::Row && s.unit.block == unit.block)
                .map(|(i, _)| (score(i), i))
                .filter(|(s, _)| best_score - s < weights::SAME_ROW)
                .collect();
            others.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (_, i) in others {
                let words = count_words(&units[i].unit.text);
                if chosen.len() < MOST_ROWS && length + words <= LONGEST_WORDS {
                    chosen.push(i);
                    length += words;
                }
            }
        }
        UnitKind::Sentence | UnitKind::Item => {
            let l = &candidate.loaded;
            let section = |i: usize| unit::section(&l.blocks, &units[i].unit).map(|(at, _)| at);
            let here = section(best.unit);
            // A heading that is itself the question: what stands below it answers from its beginning.
            let asked_heading = unit::heading(&l.headings, &l.blocks, &units[best.unit].unit)
                .is_some_and(|h| h.trim_end().ends_with('?'));
            let first = (0..best.unit).find(|i| section(*i) == here).unwrap_or(best.unit);
            if asked_heading && (1..=3).contains(&(best.unit - first)) {
                let before: usize = (first..best.unit).map(|i| count_words(&units[i].unit.text)).sum();
                let all_text = (first..best.unit).all(|i| units[i].unit.kind != UnitKind::Row);
                if before + length <= LONGEST_WORDS && all_text {
                    chosen.extend(first..best.unit);
                    length += before;
                }
            }
            let (mut low, mut high) =
                (*chosen.iter().min().unwrap_or(&best.unit), *chosen.iter().max().unwrap_or(&best.unit));
            while chosen.len() < 3 {
                // Sentences of the same paragraph, or items of the same list; rows are not mixed in.
                let joins = |i: usize| {
                    let other = &units[i].unit;
                    other.kind == unit.kind
                        && section(i) == here
                        && (other.block == unit.block || unit.kind == UnitKind::Item || asked_heading)
                        && length + count_words(&other.text) <= LONGEST_WORDS
                };
                let before = (low > 0 && joins(low - 1)).then(|| low - 1);
                let after = (high + 1 < units.len() && joins(high + 1)).then_some(high + 1);
                let next = match (before, after) {
                    // Reading on is more often right than reading back.
                    (Some(b), Some(a)) => Some(if score(b) > score(a) + 0.15 { b } else { a }),
                    (b, a) => b.or(a),
                };
                let Some(next) = next else { break };
                if best_score - score(next) > weights::NEIGHBOUR {
                    break;
                }
                length += count_words(&units[next].unit.text);
                chosen.push(next);
                low = low.min(next);
                high = high.max(next);
            }
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    let mut marks: Vec<Mark> = chosen.into_iter().map(mark).collect();
    if let (UnitKind::Row, Some(BlockKind::Table { caption, .. })) =
        (unit.kind, candidate.loaded.blocks.get(unit.block).map(|b| &b.kind))
    {
        let heading = unit::heading(&candidate.loaded.headings, &candidate.loaded.blocks, unit);
        say_table(&mut marks, caption.as_deref().or(heading));
    }
    marks
}

/// A row whose subject says little by itself ("Saturday", "2 years") is read out with what its table is about.
fn say_table(marks: &mut [Mark], about: Option<&str>) {
    let about = about.unwrap_or("").trim();
    let Some(first) = marks.first_mut() else { return };
    let subject = first.text.split(" — ").next().unwrap_or("");
    if !about.is_empty() && about.len() <= 60 && subject.split_whitespace().count() <= 2 && !about.contains(subject) {
        first.text = format!("{}: {}", about.trim_end_matches([':', '?', '.']), first.text);
    }
}

/// The answer with some words of the passage around it.
fn snippet(loaded: &Loaded, chosen: &[Mark]) -> String {
    const AROUND: usize = 80;
    let passage = loaded.text.as_str();
    let Some(first) = chosen.first() else { return String::new() };
    // A row is written otherwise in the passage than it is read out: it is found by its first cell.
    let cell = match (loaded.blocks.get(first.block).map(|b| &b.kind), first.row) {
        (Some(BlockKind::Table { rows, .. }), Some(row)) => {
            rows.get(row).and_then(|r| r.iter().find(|c| !c.trim().is_empty())).map(|c| c.trim())
        }
        _ => None,
    };
    let start = floor(passage, passage.find(cell.unwrap_or(&first.text)).unwrap_or(0));
    let length: usize = chosen.iter().map(|m| m.text.len() + 1).sum();
    let from = passage[..start].char_indices().rev().take(AROUND).last().map_or(start, |(i, _)| i);
    let to = floor(passage, start + length + AROUND);
    let text = passage.get(from..to).unwrap_or(passage);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
