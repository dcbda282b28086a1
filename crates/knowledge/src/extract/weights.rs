//! How sure an answer is, and what goes into that.
//!
//! The numbers in [`super::fitted`] are found by `cargo xtask fit` on made-up businesses (`tests/fixtures/businesses`), never
//! on the sample or the hold-out business that `cargo xtask eval` judges by. Choosing: softmax over the units of a
//! question. Confidence: logistic regression on the chosen unit.

use super::features::{COUNT, Features};
use super::fitted;

/// Rows this near to the best one are read out with it.
pub(super) const SAME_ROW: f32 = 0.03;
/// Sentences this near to the best one are read out with it.
pub(super) const NEIGHBOUR: f32 = 1.2;
/// Units looked at a second time, against everyday questions about other things.
pub const SECOND_LOOK: usize = 16;
/// Units weighed against each other when there are only words.
pub const BY_WORDS: usize = 60;

/// Which weights choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At all units, by words and meaning.
    First,
    /// At the best of them, when it is known how near they are to questions about other things.
    Second,
    /// At all units, without a model of meaning.
    Words,
}

/// How much speaks for a unit.
pub(super) fn rank(features: &Features, look: Look) -> f32 {
    let weights = match look {
        Look::First => &fitted::FIRST,
        Look::Second => &fitted::SECOND,
        Look::Words => &fitted::WORDS,
    };
    features.iter().zip(weights).map(|(f, w)| f * w).sum()
}

/// A unit in the order of choice.
#[derive(Clone, Copy, Debug)]
pub struct Ranked<'a> {
    pub features: &'a Features,
    pub score: f32,
    /// Words with a subject in the clause of the question that it answers.
    pub terms: usize,
}

/// How many numbers the confidence is made of.
pub const ALL: usize = COUNT + 16;

/// What the confidence in the first of these units, best first, is made of, in the order of its weights. `words` is the
/// length of the question. All zero without units.
pub fn evidence(ranked: &[Ranked<'_>], words: usize) -> [f32; ALL] {
    let mut out = [0.0; ALL];
    let Some(best) = ranked.first() else { return out };
    let f = best.features;
    let foreign = f[14];
    let own = 1.0 - foreign;
    let yes = |b: bool| f32::from(u8::from(b));
    let score_at = |i: usize| ranked.get(i.min(ranked.len() - 1)).map_or(0.0, |r| r.score);
    let first_by = |value: fn(&Features) -> f32| {
        // The earlier one of two that are as good.
        ranked.iter().map(|r| r.features).fold(f, |best, f| if value(f) > value(best) { f } else { best })
    };
    let by_meaning = first_by(|f| f[0]);
    let by_words = first_by(|f| f[3] + f[4]);
    out[..COUNT].copy_from_slice(f);
    out[COUNT..].copy_from_slice(&[
        best.score,
        best.score - score_at(3),
        best.score - score_at(1),
        f[7] * own,
        f[7] * own * yes(best.terms <= 3),
        f[3] * own,
        own * f[0],
        yes(best.terms <= 2),
        yes(words > 18),
        by_meaning[0] - f[0],
        by_words[3],
        yes(by_meaning[12] >= 0.99),
        own * f[7] * f[22],
        f[22] * foreign,
        f[24] * foreign,
        1.0,
    ]);
    out
}

/// From 0 to 1.
pub(super) fn confidence(evidence: &[f32; ALL], meaning: bool) -> f32 {
    let weights = if meaning { &fitted::SURE } else { &fitted::SURE_WORDS };
    let sum: f32 = evidence.iter().zip(weights).map(|(f, w)| f * w).sum();
    1.0 / (1.0 + (-sum).exp())
}
