//! Which word comes next: temperature, the likeliest share, and a penalty on repetition.

use crate::request::Request;

/// How strongly words that were just said are avoided; one would not avoid them.
const REPETITION: f32 = 1.1;
/// How far back repetition counts.
const LOOK_BACK: usize = 64;
const DEFAULT_TEMPERATURE: f32 = 0.7;
const DEFAULT_TOP_P: f32 = 0.9;

/// Picks a token. `random` is a number in `0.0..1.0`.
pub(super) fn pick(logits: &mut [f32], said: &[u32], request: &Request, random: f64) -> u32 {
    for id in said.iter().rev().take(LOOK_BACK) {
        if let Some(logit) = logits.get_mut(*id as usize) {
            // Applied once for each time it was said, as is usual.
            *logit = if *logit > 0.0 { *logit / REPETITION } else { *logit * REPETITION };
        }
    }
    let temperature = request.temperature.unwrap_or(DEFAULT_TEMPERATURE);
    let best = || logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(id, _)| id as u32);
    if temperature <= 0.0 {
        return best();
    }
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut shares: Vec<(u32, f32)> = logits
        .iter()
        .enumerate()
        .map(|(id, l)| (id as u32, ((l - top) / temperature).exp()))
        // What is a ten-thousandth as likely as the best is never taken; this keeps the sorting short.
        .filter(|(_, share)| *share > 1e-4)
        .collect();
    shares.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
    let all: f32 = shares.iter().map(|s| s.1).sum();
    let wanted = all * request.top_p.unwrap_or(DEFAULT_TOP_P).clamp(0.0, 1.0);
    let mut kept = 0.0;
    let mut count = 0;
    for share in &shares {
        if kept >= wanted {
            break;
        }
        kept += share.1;
        count += 1;
    }
    let count = count.max(1);
    shares.truncate(count);
    let mut left = random as f32 * shares.iter().map(|s| s.1).sum::<f32>();
    for (id, share) in &shares {
        left -= share;
        if left < 0.0 {
            return *id;
        }
    }
    shares.last().map_or_else(best, |s| s.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(temperature: f32, top_p: f32) -> Request {
        Request { temperature: Some(temperature), top_p: Some(top_p), ..Request::new("test", vec![]) }
    }

    #[test]
    fn cold_takes_the_likeliest_and_repetition_makes_it_less_likely() {
        let logits = [1.0, 5.0, 4.9, -2.0];
        assert_eq!(pick(&mut logits.clone(), &[], &request(0.0, 1.0), 0.5), 1);
        assert_eq!(pick(&mut logits.clone(), &[1], &request(0.0, 1.0), 0.5), 2);
    }

    #[test]
    fn only_the_likeliest_share_is_ever_said() {
        let logits = [0.0, 3.0, 2.9, 0.1];
        for n in 0..100 {
            let id = pick(&mut logits.clone(), &[], &request(1.0, 0.8), f64::from(n) / 100.0);
            assert!(id == 1 || id == 2);
        }
        let all: std::collections::HashSet<u32> =
            (0..200).map(|n| pick(&mut logits.clone(), &[], &request(1.5, 1.0), f64::from(n) / 200.0)).collect();
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn numbers_that_are_not_numbers_do_not_stop_the_program() {
        let mut logits = [f32::NAN, f32::NEG_INFINITY, f32::NAN];
        assert!(pick(&mut logits, &[0, 9], &request(0.7, 0.9), 0.99) < 3);
    }
}
