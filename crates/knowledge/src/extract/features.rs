//! What speaks for a unit as the answer to a question, in numbers between about -1 and 1.

use std::collections::HashSet;

use crate::concepts;
use crate::days::{self, Days};
use crate::document::BlockKind;
use crate::index::text::Vocabulary;
use crate::index::words;
use crate::kinds::{self, Kind};
use crate::question::{Question, Span, Term};
use crate::retrieve::{Asked, Background, Candidate, Seen};
use crate::unit::{UnitKind, context_words};

/// How many features there are.
pub const COUNT: usize = 28;

/// Their names, for looking at what an evaluation found.
pub const NAMES: [&str; COUNT] = [
    "whole",
    "clause",
    "cosine",
    "covered",
    "own",
    "names",
    "numbers",
    "missing",
    "kind",
    "wrong_kind",
    "subject",
    "heading",
    "passage",
    "text",
    "foreign",
    "row",
    "foreign_whole",
    "foreign_clause",
    "foreign_covered",
    "near",
    "joint",
    "known",
    "strange_mean",
    "strange_many",
    "strange_share",
    "days",
    "absent",
    "elsewhere",
];

/// The features of one unit.
pub type Features = [f32; COUNT];

/// A unit with its features.
#[derive(Clone, Debug)]
pub(crate) struct Weighed {
    /// Position among the candidates, and of the unit in it.
    pub candidate: usize,
    pub unit: usize,
    pub features: Features,
    /// The span of the question that it answers best.
    pub span: usize,
    /// The features with their weights.
    pub score: f32,
}

/// How much a day tells among the words that a row or heading is about.
const DAY_WEIGHT: f32 = 1.5;

/// A text's stems with a mark for membership.
struct Bag(HashSet<String>);

impl Bag {
    fn of(text: &str, language: Option<&str>) -> Self {
        let mut out = HashSet::new();
        for word in words::words_for_index(text) {
            let stem = words::stem(&word, language);
            out.extend(concepts::of(&word, language.or(Some("en"))));
            out.insert(word);
            out.insert(stem);
        }
        Bag(out)
    }

    /// How well a term is in it: 1 as typed, less as a misspelling.
    fn has(&self, term: &Term) -> f32 {
        if self.0.contains(&term.word) {
            return 1.0;
        }
        term.forms.iter().filter(|(s, _)| self.0.contains(s)).map(|(_, likeness)| *likeness).fold(0.0, f32::max)
    }
}

/// Weighs every unit of the candidates.
pub(crate) fn weigh(asked: &Asked, candidates: &[Candidate], vocabulary: &Vocabulary) -> Vec<Weighed> {
    let best_score = candidates.first().map_or(1.0, |c| c.score).max(f32::EPSILON);
    let best_text = candidates.iter().map(|c| c.text_score).fold(f32::EPSILON, f32::max);
    let mut out = Vec::new();
    for (i, candidate) in candidates.iter().enumerate() {
        let loaded = &candidate.loaded;
        let language = loaded.language.as_deref();
        let whole_passage = Bag::of(&loaded.text, language);
        for (j, seen) in candidate.units.iter().enumerate() {
            let own = Bag::of(&seen.unit.text, language);
            let around = Bag::of(
                &format!("{} {}", loaded.source_title, context_words(&loaded.headings, &loaded.blocks, &seen.unit)),
                language,
            );
            let has = |term: &Term| own.has(term).max(around.has(term) * 0.9).max(whole_passage.has(term) * 0.4);
            let (span, covered) = best_span(&asked.question, has);
            let mut features = [0.0; COUNT];
            let by_meaning = Meaning::of(asked, seen);
            let in_span = &asked.question.spans[span];
            let foreign = asked.question.language.as_deref().is_some_and(|l| language.is_some_and(|own| own != l));
            let foreign = f32::from(u8::from(foreign));
            features[0] = by_meaning.whole / 4.0;
            features[1] = by_meaning.best / 4.0;
            features[2] = (by_meaning.cosine - 0.85) * 10.0;
            features[3] = covered;
            features[4] = covering(in_span, |t| own.has(t));
            features[5] = names_missing(in_span, |t| own.has(t).max(around.has(t)).max(whole_passage.has(t)));
            features[6] = numbers(in_span, |t| own.has(t));
            features[7] = unknown(in_span);
            let (fits, wrong) = kind_fits(&asked.question, in_span, &seen.unit.text);
            features[8] = fits;
            features[9] = wrong;
            features[10] = subject(candidate, seen, in_span, vocabulary);
            features[11] = heading(candidate, seen, in_span, vocabulary);
            features[12] = candidate.score / best_score;
            features[13] = candidate.text_score / best_text;
            features[14] = foreign;
            features[15] = f32::from(u8::from(seen.unit.kind == UnitKind::Row));
            features[16] = foreign * features[0];
            features[17] = foreign * features[1];
            features[18] = foreign * features[3];
            features[19] = candidate.height / 4.0;
            features[20] = joint(asked, seen, has);
            features[21] = covering_known(in_span, has);
            features[25] = days_fit(&asked.question, in_span, candidate, seen);
            features[26] = -lacking(in_span, |t| t.understood && !t.known);
            features[27] = -lacking(in_span, |t| t.understood && t.known && has(t) < 0.3);
            out.push(Weighed { candidate: i, unit: j, features, span, score: 0.0 });
        }
    }
    out
}

/// Adds what sets a unit apart from everyday questions about other things: how far its cosine to the question lies above
/// their mean, above the twentieth nearest of them, and how many of them it exceeds.
pub(crate) fn set_apart(weighed: &mut Weighed, asked: &Asked, seen: &Seen, background: &Background) {
    // A clause of its own counts when it has a subject: "thank you, bye" is near to everything.
    let counts = |span: usize| span == 0 || asked.question.spans.get(span).is_some_and(|s| s.terms.len() >= 2);
    let nearest = asked.vectors.iter().zip(&seen.cosines).filter(|(q, _)| counts(q.span)).map(|(_, c)| *c);
    let (Some(cosine), Some(vector)) = (nearest.max_by(f32::total_cmp), &seen.vector) else { return };
    let strange = background.strange(vector);
    let (Some(many), n) = (strange.get(19), strange.len() as f32) else { return };
    let mean = strange.iter().sum::<f32>() / n;
    weighed.features[22] = (cosine - mean) / 0.08;
    weighed.features[23] = (cosine - many) / 0.08;
    weighed.features[24] = strange.iter().filter(|s| **s < cosine).count() as f32 / n;
}

struct Meaning {
    whole: f32,
    best: f32,
    cosine: f32,
}

impl Meaning {
    fn of(asked: &Asked, seen: &Seen) -> Self {
        let mut out = Meaning { whole: 0.0, best: 0.0, cosine: 0.0 };
        for ((query, height), cosine) in asked.vectors.iter().zip(&seen.heights).zip(&seen.cosines) {
            if query.span == 0 {
                out.whole = out.whole.max(*height);
            }
            out.best = out.best.max(*height);
            out.cosine = out.cosine.max(*cosine);
        }
        out
    }
}

/// The share of a span's words that are covered, weighed by how much they tell.
fn covering(span: &Span, has: impl Fn(&Term) -> f32) -> f32 {
    let total: f32 = span.terms.iter().map(|t| t.weight).sum();
    if total <= 0.0 {
        return 0.0;
    }
    span.terms.iter().map(|t| t.weight * has(t)).sum::<f32>() / total
}

/// The share of a span's weight in such words.
fn lacking(span: &Span, such: impl Fn(&Term) -> bool) -> f32 {
    let total: f32 = span.terms.iter().map(|t| t.weight).sum();
    let lacking: f32 = span.terms.iter().filter(|t| such(t)).map(|t| t.weight).sum();
    if total <= 0.0 { 0.0 } else { lacking / total }
}

/// The same among the words that some document has.
fn covering_known(span: &Span, has: impl Fn(&Term) -> f32) -> f32 {
    let known = || span.terms.iter().filter(|t| t.known);
    let total: f32 = known().map(|t| t.weight).sum();
    if total <= 0.0 { 0.0 } else { known().map(|t| t.weight * has(t)).sum::<f32>() / total }
}

/// The clause that agrees best by words and by meaning at once.
fn joint(asked: &Asked, seen: &Seen, has: impl Fn(&Term) -> f32) -> f32 {
    let covered: Vec<f32> = asked.question.spans.iter().map(|s| covering(s, &has)).collect();
    asked
        .vectors
        .iter()
        .zip(&seen.heights)
        .map(|(query, height)| 0.5 * covered.get(query.span).copied().unwrap_or(0.0) + height / 8.0)
        .fold(0.0, f32::max)
}

/// The span that is covered best and how well: the whole, or a clause with at least two words of subject (or one that is
/// a question), which counts a little less.
fn best_span(question: &Question, has: impl Fn(&Term) -> f32) -> (usize, f32) {
    let mut best = (0, covering(question.whole(), &has));
    for (i, span) in question.spans.iter().enumerate().skip(1) {
        let enough = span.terms.len() >= 3 || (span.terms.len() == 2 && span.is_question);
        if enough {
            let covered = covering(span, &has) * if span.is_question { 0.9 } else { 0.75 };
            if covered > best.1 {
                best = (i, covered);
            }
        }
    }
    best
}

/// 1 for each name in the question that is nowhere near, as a share.
fn names_missing(span: &Span, has: impl Fn(&Term) -> f32) -> f32 {
    let names: Vec<&Term> = span.terms.iter().filter(|t| t.name && !t.number).collect();
    if names.is_empty() {
        return 0.0;
    }
    let found: f32 = names.iter().map(|t| has(t)).sum();
    if found > 0.0 { 0.3 } else { -1.0 }
}

/// Between -1 (numbers asked about are not in it) and 1 (all are).
fn numbers(span: &Span, has: impl Fn(&Term) -> f32) -> f32 {
    let numbers: Vec<&Term> = span.terms.iter().filter(|t| t.number).collect();
    if numbers.is_empty() {
        return 0.0;
    }
    let found: f32 = numbers.iter().map(|t| has(t)).sum();
    2.0 * found / numbers.len() as f32 - 1.0
}

/// The share of the span's weight in words that no document has.
fn unknown(span: &Span) -> f32 {
    let total: f32 = span.terms.iter().map(|t| t.weight).sum();
    if total <= 0.0 {
        return 0.0;
    }
    -span.terms.iter().filter(|t| !t.known && !t.number).map(|t| t.weight).sum::<f32>() / total
}

fn kind_fits(question: &Question, span: &Span, text: &str) -> (f32, f32) {
    let asks: HashSet<Kind> = if span.asks.is_empty() {
        question.spans.iter().flat_map(|s| s.asks.iter().copied()).collect()
    } else {
        span.asks.clone()
    };
    if asks.is_empty() {
        return (0.0, 0.0);
    }
    let held = asks.iter().map(|k| kinds::holds(text, *k)).fold(0.0, f32::max);
    if held > 0.0 { (held, 0.0) } else { (0.0, -1.0) }
}

/// The days of the span, or of the whole question when the span names none.
fn days_asked(question: &Question, span: &Span) -> Days {
    if span.days.is_empty() { question.whole().days } else { span.days }
}

/// 1 when the unit covers the days asked about, -1 when it speaks of other days; 0 when one of them names none.
fn days_fit(question: &Question, span: &Span, candidate: &Candidate, seen: &Seen) -> f32 {
    let asked = days_asked(question, span);
    if asked.is_empty() {
        return 0.0;
    }
    let loaded = &candidate.loaded;
    let mut held = days::find(&seen.unit.text).days;
    if held.is_empty() {
        let heading = crate::unit::heading(&loaded.headings, &loaded.blocks, &seen.unit).unwrap_or("");
        held = days::find(heading).days;
    }
    match () {
        () if held.is_empty() => 0.0,
        () if held.holds_all(asked) => 1.0,
        () if held.holds_some(asked) => 0.3,
        () => -1.0,
    }
}

/// The share of what a row is about (its first cell) that the question names; for others 0.
fn subject(candidate: &Candidate, seen: &Seen, span: &Span, vocabulary: &Vocabulary) -> f32 {
    let Some(BlockKind::Table { rows, .. }) = candidate.loaded.blocks.get(seen.unit.block).map(|b| &b.kind) else {
        return 0.0;
    };
    let Some(first) = seen.unit.row.and_then(|r| rows.get(r)).and_then(|row| row.iter().find(|c| !c.trim().is_empty()))
    else {
        return 0.0;
    };
    named(first, candidate.loaded.language.as_deref(), span, vocabulary)
}

/// The share of the heading (or question) above a unit that the question names.
fn heading(candidate: &Candidate, seen: &Seen, span: &Span, vocabulary: &Vocabulary) -> f32 {
    let text = match candidate.loaded.blocks.get(seen.unit.block).map(|b| &b.kind) {
        Some(BlockKind::Pair { question, .. }) => question.as_str(),
        _ => crate::unit::heading(&candidate.loaded.headings, &candidate.loaded.blocks, &seen.unit).unwrap_or(""),
    };
    named(text, candidate.loaded.language.as_deref(), span, vocabulary)
}

fn named(text: &str, language: Option<&str>, span: &Span, vocabulary: &Vocabulary) -> f32 {
    let typed: HashSet<String> = words::words(&span.text).into_iter().collect();
    let mut total = 0.0;
    let mut found = 0.0;
    let days = days::find(text);
    if !days.days.is_empty() {
        total += DAY_WEIGHT;
        if !span.days.is_empty() && days.days.holds_all(span.days) {
            found += DAY_WEIGHT;
        }
    }
    for word in words::words(text) {
        if days.words.contains(&word) {
            continue;
        }
        if words::is_small(&word, language) || kinds::is_kind_word(&word) {
            // "Good Friday" is not quite what was asked with "Friday".
            if !typed.contains(&word) && word.chars().count() > 3 {
                total += 0.7;
            }
            continue;
        }
        let stem = words::stem(&word, language);
        let meant = concepts::of(&word, language.or(Some("en")));
        let weight = vocabulary.rarity(&stem);
        total += weight;
        let likeness = span
            .terms
            .iter()
            .map(|t| {
                if t.word == word {
                    1.0
                } else {
                    let same = |s: &String| *s == stem || meant.contains(s);
                    t.forms.iter().filter(|(s, _)| same(s)).map(|(_, l)| *l).fold(0.0, f32::max)
                }
            })
            .fold(0.0, f32::max);
        found += weight * likeness;
    }
    if total <= 0.0 { 0.0 } else { found / total }
}
