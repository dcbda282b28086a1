//! `cargo xtask fit`: finds the weights by which answers are chosen, and how sure they have to be, on made-up businesses.
//!
//! Prints how well each business is answered by weights that were found on the others, then how the sample and the
//! hold-out business fare, which are never learned from, and writes `crates/knowledge/src/extract/fitted.rs`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for engineers prints, and stops where it has to")]

use std::fmt::Write as _;
use std::path::Path;

use botflow_tests::business::Place;
use knowledge::evaluate::{Considered, considered};
use knowledge::extract::features::{COUNT, Features, NAMES};
use knowledge::extract::weights::{ALL, BY_WORDS, Ranked, SECOND_LOOK, evidence};
use knowledge::retrieve::Filters;

/// How strongly weights are kept small: for choosing, and for being sure.
const RIDGE: f64 = 0.01;
const RIDGE_SURE: f64 = 0.006;
/// How much the best wrong unit counts as an example of "not answered" where the right ones are taken away.
const WITHOUT_RIGHT: f64 = 0.2;
/// So many businesses at a time are judged by weights that were found on the others.
const LEFT_OUT: usize = 3;
/// How much steeper than its score the choice of a unit is.
const STEEP: f64 = 4.0;
/// Answers are given from this probability on: a wrong answer costs more than a question for a person.
const SURE: f64 = 0.39;
const SURE_BY_WORDS: f64 = 0.45;
/// Businesses with questions of everyday difficulty count this much more than those with tempting ones.
const EVERYDAY: [&str; 3] = ["dentist", "driving-school", "gym"];
const EVERYDAY_WEIGHT: f64 = 4.0;

/// A question with every unit that was considered for it.
struct Observed {
    business: String,
    answerable: bool,
    words: usize,
    units: Vec<Considered>,
    weight: f64,
}

/// What the weights are found for.
#[derive(Clone, Copy, PartialEq)]
enum By {
    Meaning,
    Words,
}

/// Features that only exist with a model of meaning, and those of the second look.
const OF_MEANING: [&str; 9] = [
    "whole",
    "clause",
    "cosine",
    "foreign_whole",
    "foreign_clause",
    "near",
    "strange_mean",
    "strange_many",
    "strange_share",
];
const OF_SECOND_LOOK: [&str; 3] = ["strange_mean", "strange_many", "strange_share"];
/// They tell whether there is an answer at all, and nothing of which unit it is.
const OF_QUESTION: [&str; 2] = ["missing", "absent"];

#[derive(Clone)]
struct Fitted {
    first: [f64; COUNT],
    second: [f64; COUNT],
    sure: [f64; ALL],
}

#[tokio::main]
async fn main() {
    let fitting = Place::for_fitting();
    let names: Vec<String> = fitting.iter().map(|p| p.name.clone()).collect();
    let mut report = String::new();
    let mut out = String::from(
        "//! Written by `cargo xtask fit`: not to be edited by hand.\n\nuse super::features::Features;\nuse super::weights::ALL;\n",
    );
    for by in [By::Meaning, By::Words] {
        let mut observed = Vec::new();
        for place in fitting.iter().cloned().chain([Place::sample(), Place::hold_out()]) {
            observed.extend(observe(&place, by).await);
        }
        let of =
            |keep: &dyn Fn(&str) -> bool| -> Vec<&Observed> { observed.iter().filter(|o| keep(&o.business)).collect() };
        let way = if by == By::Meaning { "with the search model" } else { "by words alone" };
        let mut all = Tally::default();
        for left_out in names.chunks(LEFT_OUT) {
            let fitted = fit(&of(&|b| names.iter().any(|n| n == b) && !left_out.iter().any(|n| n == b)), by);
            for name in left_out {
                let tally = judge(&of(&|b| b == name), &fitted, by);
                println!("{way}, {name} by others: {tally}");
                all.add(&tally);
            }
        }
        let fitted = fit(&of(&|b| names.iter().any(|n| n == b)), by);
        writeln!(report, "{way}, each business by others: {all}").unwrap();
        for name in ["sample", "hold-out"] {
            for shift in [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2] {
                let mut shifted = fitted.clone();
                shifted.sure[ALL - 1] -= shift;
                let tally = judge(&of(&|b| b == name), &shifted, by);
                writeln!(report, "{way}, {name}, threshold {shift:+.1}: {tally}").unwrap();
            }
        }
        if by == By::Meaning {
            constant(
                &mut out,
                "Weights for the first look at all units, with an embedder.",
                "FIRST",
                "Features",
                &fitted.first,
            );
            constant(
                &mut out,
                "Weights for the second look at the best of them.",
                "SECOND",
                "Features",
                &fitted.second,
            );
            constant(
                &mut out,
                "Weights of the evidence for an answer, with an embedder.",
                "SURE",
                "[f32; ALL]",
                &fitted.sure,
            );
        } else {
            constant(&mut out, "Weights by words alone.", "WORDS", "Features", &fitted.second);
            constant(&mut out, "Weights of the evidence by words alone.", "SURE_WORDS", "[f32; ALL]", &fitted.sure);
        }
    }
    print!("{report}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = root.join("crates").join("knowledge").join("src").join("extract").join("fitted.rs");
    std::fs::write(&file, out).unwrap();
    println!("Written to {}. Run `cargo fmt`, then `cargo xtask eval`.", file.display());
}

async fn observe(place: &Place, by: By) -> Vec<Observed> {
    let business = place.read(by == By::Meaning).await;
    let weight = if EVERYDAY.contains(&place.name.as_str()) { EVERYDAY_WEIGHT } else { 1.0 };
    let mut out = Vec::new();
    for case in place.cases() {
        let units = considered(&business.knowledge, &case, &Filters::default()).await.unwrap();
        let words = case.question.split_whitespace().count();
        out.push(Observed { business: place.name.clone(), answerable: case.answerable, words, units, weight });
    }
    out
}

fn constant(out: &mut String, doc: &str, name: &str, kind: &str, values: &[f64]) {
    // A weight that happens to be pi would be taken for a badly written one by the linter.
    let known = [std::f64::consts::PI, std::f64::consts::E, std::f64::consts::TAU];
    let apart = |v: f64| if known.iter().any(|k| (k - v.abs()).abs() < 0.002) { v * 1.001 } else { v + 0.0 };
    let values: Vec<String> = values.iter().map(|v| format!("{:.3}", apart(*v))).collect();
    writeln!(out, "\n/// {doc}\npub(super) const {name}: {kind} = [{}];", values.join(", ")).unwrap();
}

fn dot(weights: &[f64], values: &[f32]) -> f64 {
    weights.iter().zip(values).map(|(w, v)| w * f64::from(*v)).sum()
}

/// The indices of the best units, best first.
fn best(units: &[Considered], weights: &[f64; COUNT], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by(|a, b| dot(weights, &units[*b].features).total_cmp(&dot(weights, &units[*a].features)));
    order.truncate(most);
    order
}

fn fit(observed: &[&Observed], by: By) -> Fitted {
    let without = |more: &[&str]| NAMES.map(|n| !(OF_QUESTION.contains(&n) || more.contains(&n)));
    let all: Vec<Vec<usize>> = observed.iter().map(|o| (0..o.units.len()).collect()).collect();
    let first = choose(observed, &all, without(if by == By::Meaning { &OF_SECOND_LOOK } else { &OF_MEANING }));
    let most = if by == By::Meaning { SECOND_LOOK } else { BY_WORDS };
    let looked_at: Vec<Vec<usize>> = observed.iter().map(|o| best(&o.units, &first, most)).collect();
    let second = match by {
        By::Meaning => choose(observed, &looked_at, without(&[])),
        By::Words => first,
    };
    Fitted { first, second, sure: be_sure(observed, &looked_at, &second, by) }
}

/// A question's weight, and its units: their features, and whether they are right.
type Question<'a> = (f64, Vec<(&'a [f32], bool)>);

/// Softmax over the units of each question: the right ones are to have the highest scores.
fn choose(observed: &[&Observed], units: &[Vec<usize>], used: [bool; COUNT]) -> [f64; COUNT] {
    let questions: Vec<Question<'_>> = observed
        .iter()
        .zip(units)
        .filter(|(o, units)| o.answerable && units.iter().any(|i| o.units[*i].right))
        .map(|(o, units)| {
            (o.weight, units.iter().map(|i| (o.units[*i].features.as_slice(), o.units[*i].right)).collect())
        })
        .collect();
    let total: f64 = questions.iter().map(|(weight, _)| weight).sum();
    let mut weights = [0.0; COUNT];
    descend(&mut weights, 400, 0.02, |weights, gradient| {
        for (weight, units) in &questions {
            let scores: Vec<f64> = units.iter().map(|(f, _)| dot(weights, f) * STEEP).collect();
            let highest = scores.iter().copied().fold(f64::MIN, f64::max);
            let shares: Vec<f64> = scores.iter().map(|s| (s - highest).exp()).collect();
            let sum: f64 = shares.iter().sum();
            let right: f64 = shares.iter().zip(units).filter(|(_, (_, right))| *right).map(|(s, _)| s).sum();
            for (share, (features, is_right)) in shares.iter().zip(units) {
                let wanted = if *is_right { share / right.max(1e-12) } else { 0.0 };
                let pull = (share / sum - wanted) * STEEP * weight / total;
                gradient.iter_mut().zip(*features).for_each(|(g, f)| *g += pull * f64::from(*f));
            }
        }
        gradient.iter_mut().zip(weights.iter()).for_each(|(g, w)| *g += 2.0 * RIDGE * w);
        gradient.iter_mut().zip(used).filter(|(_, used)| !used).for_each(|(g, _)| *g = 0.0);
    });
    weights
}

/// The evidence for the best of some units, and whether it is right.
fn evidence_of(o: &Observed, units: &[usize], weights: &[f64; COUNT]) -> Option<([f32; ALL], bool)> {
    let features: Vec<Features> = units.iter().map(|i| o.units[*i].features.as_slice().try_into().unwrap()).collect();
    let mut ranked: Vec<(Ranked<'_>, bool)> = units
        .iter()
        .zip(&features)
        .map(|(i, features)| {
            let score = dot(weights, features) as f32;
            (Ranked { features, score, terms: o.units[*i].terms }, o.units[*i].right)
        })
        .collect();
    ranked.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    let right = o.answerable && ranked.first()?.1;
    let ranked: Vec<Ranked<'_>> = ranked.into_iter().map(|(r, _)| r).collect();
    Some((evidence(&ranked, o.words), right))
}

/// Logistic regression on the evidence, on a common scale.
fn be_sure(observed: &[&Observed], units: &[Vec<usize>], weights: &[f64; COUNT], by: By) -> [f64; ALL] {
    let mut examples: Vec<([f32; ALL], bool, f64)> = Vec::new();
    for (o, units) in observed.iter().zip(units) {
        examples.extend(evidence_of(o, units, weights).map(|(e, right)| (e, right, o.weight)));
        if o.answerable && units.iter().any(|i| o.units[*i].right) {
            let wrong: Vec<usize> = units.iter().copied().filter(|i| !o.units[*i].right).collect();
            examples.extend(evidence_of(o, &wrong, weights).map(|(e, _)| (e, false, o.weight * WITHOUT_RIGHT)));
        }
    }
    let n = examples.len() as f64;
    let mut mean = [0.0; ALL];
    let mut spread = [0.0; ALL];
    for (e, ..) in &examples {
        mean.iter_mut().zip(e).for_each(|(m, v)| *m += f64::from(*v) / n);
    }
    for (e, ..) in &examples {
        spread.iter_mut().zip(e).zip(&mean).for_each(|((s, v), m)| *s += (f64::from(*v) - m).powi(2) / n);
    }
    // Features that a way of looking does not have stay without a weight; the last number is the constant.
    let ignored = |i: usize| by == By::Words && NAMES.get(i).is_some_and(|name| OF_MEANING.contains(name));
    let scale: [f64; ALL] =
        std::array::from_fn(|i| if ignored(i) || spread[i] < 1e-9 { 0.0 } else { 1.0 / spread[i].sqrt() });
    let total: f64 = examples.iter().map(|(_, _, weight)| weight).sum();
    let mut found = [0.0; ALL];
    descend(&mut found, 3_000, 0.02, |found, gradient| {
        for (e, right, weight) in &examples {
            let at = |i: usize| if i == ALL - 1 { 1.0 } else { (f64::from(e[i]) - mean[i]) * scale[i] };
            let sum: f64 = (0..ALL).map(|i| found[i] * at(i)).sum();
            let pull = (1.0 / (1.0 + (-sum).exp()) - f64::from(u8::from(*right))) * weight / total;
            (0..ALL).for_each(|i| gradient[i] += pull * at(i));
        }
        (0..ALL - 1).for_each(|i| gradient[i] += RIDGE_SURE * found[i]);
    });
    // Back to the features' own scale; the threshold becomes one half.
    let threshold = if by == By::Meaning { SURE } else { SURE_BY_WORDS };
    let mut out: [f64; ALL] = std::array::from_fn(|i| found[i] * scale[i]);
    let offset: f64 = (0..ALL - 1).map(|i| out[i] * mean[i]).sum();
    out[ALL - 1] = found[ALL - 1] - offset - (threshold / (1.0 - threshold)).ln();
    out
}

/// Gradient descent with a step of its own for each weight (Adam), from zero.
fn descend<const N: usize>(
    weights: &mut [f64; N],
    rounds: i32,
    step: f64,
    gradient: impl Fn(&[f64; N], &mut [f64; N]),
) {
    let (mut first, mut second) = ([0.0; N], [0.0; N]);
    for round in 1..=rounds {
        let mut g = [0.0; N];
        gradient(weights, &mut g);
        let slower = step * (1.0 - f64::from(round) / f64::from(rounds + 1));
        for i in 0..N {
            first[i] = 0.9 * first[i] + 0.1 * g[i];
            second[i] = 0.999 * second[i] + 0.001 * g[i] * g[i];
            let (m, v) = (first[i] / (1.0 - 0.9f64.powi(round)), second[i] / (1.0 - 0.999f64.powi(round)));
            weights[i] -= slower * m / (v.sqrt() + 1e-9);
        }
    }
}

#[derive(Default)]
struct Tally {
    answerable: usize,
    chosen: usize,
    answered: usize,
    unanswerable: usize,
    refused: usize,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.answerable += other.answerable;
        self.chosen += other.chosen;
        self.answered += other.answered;
        self.unanswerable += other.unanswerable;
        self.refused += other.refused;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Tally { answerable, chosen, answered, unanswerable, refused } = self;
        write!(f, "answered right {answered}/{answerable} (best guess {chosen}), refused {refused}/{unanswerable}")
    }
}

fn judge(observed: &[&Observed], fitted: &Fitted, by: By) -> Tally {
    let most = if by == By::Meaning { SECOND_LOOK } else { BY_WORDS };
    let mut out = Tally::default();
    for o in observed {
        let units = best(&o.units, &fitted.first, most);
        let (sure, right) = match evidence_of(o, &units, &fitted.second) {
            Some((evidence, right)) => (dot(&fitted.sure, &evidence) >= 0.0, right),
            None => (false, false),
        };
        if o.answerable {
            out.answerable += 1;
            out.chosen += usize::from(right);
            out.answered += usize::from(right && sure);
        } else {
            out.unanswerable += 1;
            out.refused += usize::from(!sure);
        }
    }
    out
}
