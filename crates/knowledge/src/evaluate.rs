//! Measuring answers: a list of questions with what a right answer holds, asked one after the other.

use base::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::index::words::fold;
use crate::{Filters, Knowledge, Outcome};

/// One question of an evaluation, as the question files spell it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case {
    pub id: String,
    pub question: String,
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub style: String,
    pub answerable: bool,
    /// The file or address the answer stands in.
    #[serde(default)]
    pub source: Option<String>,
    /// Of each group one spelling must occur in the answer.
    #[serde(default)]
    pub expect: Vec<Vec<String>>,
    #[serde(default)]
    pub note: Option<String>,
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The right answer from the right source.
    Right,
    /// The right words, but another source is cited.
    WrongSource,
    /// An answer, and not the right one.
    Wrong,
    /// No answer although there is one.
    Missed,
    /// No answer, and there is none.
    Refused,
    /// An answer although there is none.
    Invented,
}

impl Verdict {
    pub fn is_good(self) -> bool {
        matches!(self, Verdict::Right | Verdict::Refused)
    }
}

/// A question with its verdict and what was said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Graded {
    pub case: Case,
    pub verdict: Verdict,
    pub answer: Option<String>,
    pub cited: Option<String>,
    pub confidence: f32,
    pub ms: f64,
    /// The best guess even when it was not given, whether it would have been right, and what spoke for it.
    pub guess: Option<String>,
    pub guess_right: bool,
    pub features: Vec<f32>,
}

/// The sum of an evaluation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub graded: Vec<Graded>,
    pub answerable: usize,
    pub right: usize,
    pub unanswerable: usize,
    pub refused: usize,
    /// Median and 95th percentile of the time to an answer, in milliseconds.
    pub p50_ms: f64,
    pub p95_ms: f64,
}

/// Reads a file of questions.
pub fn cases(json: &str) -> Result<Vec<Case>> {
    serde_json::from_str(json).map_err(|e| Error::invalid(format!("This is not a file of questions: {e}.")))
}

/// Asks every question and grades what comes back. Nothing is counted or stored.
pub async fn evaluate(knowledge: &Knowledge, cases: &[Case], filters: &Filters) -> Result<Report> {
    let origins = knowledge.db().read(crate::sources::store::origins).await?;
    let mut report = Report::default();
    for case in cases {
        let lookup = knowledge.look_up(&case.question, filters).await?;
        let origin =
            |found: &crate::extract::Extracted| found.citations.first().and_then(|c| origins.get(&c.source)).cloned();
        let fits = |text: &str, source: Option<&str>| {
            (holds_all(text, &case.expect), case.source.as_deref().is_none_or(|s| source == Some(s)))
        };
        let (guess, guess_source) = match &lookup.extracted {
            Some(found) => (Some(found.text.clone()), origin(found)),
            None => (None, None),
        };
        let guess_right =
            case.answerable && guess.as_deref().is_some_and(|g| fits(g, guess_source.as_deref()) == (true, true));
        let (answer, cited, confidence, ms) = match &lookup.outcome {
            Outcome::Answer(answer) => {
                let cited = answer.citations.first().and_then(|c| origins.get(&c.source)).cloned();
                (Some(answer.text.clone()), cited, answer.confidence, answer.ms)
            }
            Outcome::Unknown { confidence, ms, .. } => (None, None, *confidence, *ms),
        };
        let verdict = match (&answer, case.answerable) {
            (None, true) => Verdict::Missed,
            (None, false) => Verdict::Refused,
            (Some(_), false) => Verdict::Invented,
            (Some(text), true) => match fits(text, cited.as_deref()) {
                (true, true) => Verdict::Right,
                (true, false) => Verdict::WrongSource,
                (false, _) => Verdict::Wrong,
            },
        };
        report.answerable += usize::from(case.answerable);
        report.unanswerable += usize::from(!case.answerable);
        report.right += usize::from(verdict == Verdict::Right);
        report.refused += usize::from(verdict == Verdict::Refused);
        let features = lookup.extracted.as_ref().map_or(Vec::new(), |f| f.features.clone());
        report.graded.push(Graded {
            case: case.clone(),
            verdict,
            answer,
            cited,
            confidence,
            ms,
            guess,
            guess_right,
            features,
        });
    }
    let mut times: Vec<f64> = report.graded.iter().map(|g| g.ms).collect();
    times.sort_by(f64::total_cmp);
    let at =
        |share: f64| times.get(((times.len() as f64 - 1.0) * share).round().max(0.0) as usize).copied().unwrap_or(0.0);
    (report.p50_ms, report.p95_ms) = (at(0.5), at(0.95));
    Ok(report)
}

/// A unit that was considered for a question, as finding weights needs it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Considered {
    /// By [`crate::extract::features::NAMES`].
    pub features: Vec<f32>,
    /// Whether it would have been the right answer from the right source.
    pub right: bool,
    /// Words with a subject in the clause that it answers best.
    pub terms: usize,
}

/// Every unit that was considered for a question.
pub async fn considered(knowledge: &Knowledge, case: &Case, filters: &Filters) -> Result<Vec<Considered>> {
    let origins = knowledge.db().read(crate::sources::store::origins).await?;
    let hits = knowledge.retrieve(&case.question, filters, 8).await?;
    let vocabulary = knowledge.text().vocabulary();
    let weighed = crate::extract::weigh_all(&hits, &vocabulary);
    let seen = |w: &crate::extract::features::Weighed| {
        let candidate = hits.candidates.get(w.candidate)?;
        let origin = origins.get(&candidate.loaded.source).map(String::as_str);
        let text = crate::extract::read_alone(candidate, w.unit)?;
        let right = case.answerable
            && holds_all(&text, &case.expect)
            && case.source.as_deref().is_none_or(|source| origin == Some(source));
        let terms = hits.asked.question.spans.get(w.span).map_or(0, |s| s.terms.len());
        Some(Considered { features: w.features.to_vec(), right, terms })
    };
    Ok(weighed.iter().filter_map(seen).collect())
}

/// Whether an answer holds what a case expects.
pub fn is_right(case: &Case, text: &str) -> bool {
    holds_all(text, &case.expect)
}

/// Whether of each group one spelling occurs, not as part of a longer number.
fn holds_all(text: &str, groups: &[Vec<String>]) -> bool {
    let text = fold(text);
    groups.iter().all(|group| group.iter().any(|spelling| holds(&text, &fold(spelling))))
}

fn holds(text: &str, spelling: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    text.match_indices(spelling).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + spelling.len()..].chars().next();
        !(digit(spelling.chars().next()) && digit(before) || digit(spelling.chars().next_back()) && digit(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_inside_another_one_is_no_right_answer() {
        let expect = vec![vec!["289".to_owned(), "R 289".to_owned()]];
        assert!(holds_all("Element — Price (R): 289", &expect));
        assert!(!holds_all("Element — Price (R): 1289", &expect));
        assert!(!holds_all("Element — Price (R): 2890", &expect));
    }
}
