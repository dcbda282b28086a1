//! Attention over activations in panels: every head reads its own panels, and keys become weights of a product.

use rayon::prelude::*;

use super::kernel::{LANES, Panels, Rows, TILE, exp, tile};

/// Attention of every text's tokens among themselves. `qkv` holds queries, keys and values side by side; `segments` are
/// the token ranges of the texts, one after the other.
pub(super) fn attention(arch: pulp::Arch, qkv: &Panels, heads: usize, segments: &[(usize, usize)]) -> Panels {
    let width = qkv.width / 3;
    let per_head = width / heads / LANES;
    let longest = segments.iter().map(|(from, to)| to - from).max().unwrap_or(0);
    let mut out = Panels::new(qkv.tokens, width);
    out.data.par_chunks_mut(per_head * qkv.tokens * LANES).enumerate().with_min_len(2).for_each_init(
        || HeadScratch::new(longest, per_head * LANES),
        |scratch, (head, out)| {
            let of = |part: usize| {
                &qkv.data[(part * width / LANES + head * per_head) * qkv.tokens * LANES..]
                    [..per_head * qkv.tokens * LANES]
            };
            arch.dispatch(Head { q: of(0), k: of(1), v: of(2), out, tokens: qkv.tokens, per_head, segments, scratch });
        },
    );
    out
}

struct HeadScratch {
    /// `[tokens / 16][dims][16]`
    keys: Vec<f32>,
    /// `[dims][rows]`
    query: Vec<f32>,
    /// `[tokens / 16]`
    scores: Vec<Rows>,
    /// `[tokens][rows]`
    shares: Vec<f32>,
}

impl HeadScratch {
    fn new(longest: usize, dims: usize) -> Self {
        let blocks = longest.div_ceil(LANES);
        Self {
            keys: vec![0.0; blocks * dims * LANES],
            query: vec![0.0; dims * TILE],
            scores: vec![[[0.0; LANES]; TILE]; blocks],
            shares: vec![0.0; blocks * LANES * TILE],
        }
    }
}

struct Head<'a> {
    q: &'a [f32],
    k: &'a [f32],
    v: &'a [f32],
    out: &'a mut [f32],
    tokens: usize,
    per_head: usize,
    segments: &'a [(usize, usize)],
    scratch: &'a mut HeadScratch,
}

impl pulp::WithSimd for Head<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        if S::IS_SCALAR { self.run::<false>() } else { self.run::<true>() }
    }
}

impl Head<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let dims = self.per_head * LANES;
        let scale = 1.0 / (dims as f32).sqrt();
        let HeadScratch { keys, query, scores, shares } = self.scratch;
        for &(from, to) in self.segments {
            let length = to - from;
            let blocks = length.div_ceil(LANES);
            for panel in 0..self.per_head {
                let k = &self.k[(panel * self.tokens + from) * LANES..][..length * LANES];
                for (s, row) in k.chunks_exact(LANES).enumerate() {
                    let base = (s / LANES * dims + panel * LANES) * LANES + s % LANES;
                    for (lane, value) in row.iter().enumerate() {
                        keys[base + lane * LANES] = *value;
                    }
                }
            }
            let mut start = 0;
            while start < length {
                let rows = (length - start).min(TILE);
                for panel in 0..self.per_head {
                    let q = &self.q[(panel * self.tokens + from + start) * LANES..][..rows * LANES];
                    for (row, values) in q.chunks_exact(LANES).enumerate() {
                        for (lane, value) in values.iter().enumerate() {
                            query[(panel * LANES + lane) * rows + row] = *value * scale;
                        }
                    }
                }
                for (block, scores) in scores[..blocks].iter_mut().enumerate() {
                    tile::<FMA>(rows, &query[..dims * rows], &keys[block * dims * LANES..][..dims * LANES], scores);
                }
                let mut inverse = [0f32; TILE];
                for row in 0..rows {
                    inverse[row] = softmax::<FMA>(&mut scores[..blocks], row, length);
                    for (s, share) in shares[row..].iter_mut().step_by(rows).take(length).enumerate() {
                        *share = scores[s / LANES][row][s % LANES];
                    }
                }
                let mut sums: Rows = [[0.0; LANES]; TILE];
                for panel in 0..self.per_head {
                    let at = (panel * self.tokens + from) * LANES;
                    tile::<FMA>(rows, &shares[..length * rows], &self.v[at..][..length * LANES], &mut sums);
                    let out = &mut self.out[at + start * LANES..][..rows * LANES];
                    for ((out, sums), inverse) in out.chunks_exact_mut(LANES).zip(&sums).zip(&inverse) {
                        for j in 0..LANES {
                            out[j] = sums[j] * inverse;
                        }
                    }
                }
                start += rows;
            }
        }
    }
}

/// Turns one row of scores into unnormalised shares and returns the factor that normalises them.
#[inline(always)]
fn softmax<const FMA: bool>(scores: &mut [Rows], row: usize, length: usize) -> f32 {
    if let Some(last) = scores.last_mut() {
        let used = (length - 1) % LANES + 1;
        last[row][used..].fill(f32::MIN);
    }
    let mut top = [f32::MIN; LANES];
    for block in scores.iter() {
        for j in 0..LANES {
            top[j] = if block[row][j] > top[j] { block[row][j] } else { top[j] };
        }
    }
    let top = top.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = [0f32; LANES];
    for block in scores.iter_mut() {
        let values = &mut block[row];
        for v in values.iter_mut() {
            *v -= top;
        }
        exp::<FMA>(values);
        for j in 0..LANES {
            sum[j] += values[j];
        }
    }
    1.0 / sum.iter().sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::super::kernel::tests::numbers;
    use super::*;

    #[test]
    fn attention_of_texts_in_one_batch_does_not_mix_them() {
        let (heads, width) = (2, 64);
        let segments = [(0, 19), (19, 20), (20, 53)];
        let all = numbers(53 * 3 * width, 5);
        let mut together = Panels::new(53, 3 * width);
        all.chunks_exact(3 * width).enumerate().for_each(|(t, row)| together.set_row(t, row));
        let arch = pulp::Arch::new();
        let mixed = attention(arch, &together, heads, &segments);
        for (from, to) in segments {
            let mut alone = Panels::new(to - from, 3 * width);
            (from..to).for_each(|t| alone.set_row(t - from, &all[t * 3 * width..][..3 * width]));
            let alone = attention(arch, &alone, heads, &[(0, to - from)]);
            for t in from..to {
                let (mut a, mut b) = (vec![0f32; width], vec![0f32; width]);
                mixed.add_row_to(t, &mut a);
                alone.add_row_to(t - from, &mut b);
                assert_eq!(a, b);
                // And against the definition.
                let part = |token: usize, part: usize, head: usize, e: usize| {
                    f64::from(all[token * 3 * width + part * width + head * 32 + e])
                };
                for head in 0..heads {
                    let weights: Vec<f64> = (from..to)
                        .map(|s| {
                            ((0..32).map(|e| part(t, 0, head, e) * part(s, 1, head, e)).sum::<f64>() / 32f64.sqrt())
                                .exp()
                        })
                        .collect();
                    let sum: f64 = weights.iter().sum();
                    for e in 0..32 {
                        let want: f64 = (from..to).zip(&weights).map(|(s, w)| w / sum * part(s, 2, head, e)).sum();
                        assert!((f64::from(a[head * 32 + e]) - want).abs() < 1e-5);
                    }
                }
            }
        }
    }
}
