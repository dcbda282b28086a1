//! Matrix products on small blocks of sixteen numbers: the part of an embedding that takes the time.
//!
//! Activations lie in panels, `[width / 16][tokens][16]`, so that every product writes one contiguous panel, threads
//! share nothing, and attention reads its heads without copying. Weights stay as small as they came (four bits) and are
//! unpacked panel by panel into a scratch that fits the cache: less memory to read than with floats, hence faster.
//! The loops are plain arrays; `pulp` compiles them once for each instruction set and picks at run time. It inlines only
//! through `with_simd`, never through a closure, which is why every loop below is a struct.

use base::{Error, Result};
use rayon::prelude::*;

/// Numbers in a block.
pub(super) const LANES: usize = 16;
/// Tokens computed together: six rows of two 256-bit registers fill the sixteen that there are.
pub(super) const TILE: usize = 6;
/// Inputs that share a scale in Q4_0.
const BLOCK: usize = 32;
/// Bytes of a Q4_0 block: a half-float scale and 32 nibbles.
pub(super) const BLOCK_BYTES: usize = 18;

/// What one tile yields.
pub(super) type Rows = [[f32; LANES]; TILE];

/// Activations: `width` numbers for each of `tokens` tokens, in panels.
#[derive(Clone, Default)]
pub(super) struct Panels {
    pub tokens: usize,
    pub width: usize,
    pub data: Vec<f32>,
}

impl Panels {
    pub(super) fn new(tokens: usize, width: usize) -> Self {
        Self { tokens, width, data: vec![0.0; tokens * width] }
    }

    /// Writes one token's numbers, given in their natural order.
    pub(super) fn set_row(&mut self, token: usize, row: &[f32]) {
        for (panel, values) in row.chunks_exact(LANES).enumerate() {
            let at = (panel * self.tokens + token) * LANES;
            self.data[at..at + LANES].copy_from_slice(values);
        }
    }

    /// Adds one token's numbers, in their natural order, to `out`.
    pub(super) fn add_row_to(&self, token: usize, out: &mut [f32]) {
        for (panel, values) in out.chunks_exact_mut(LANES).enumerate() {
            let at = (panel * self.tokens + token) * LANES;
            values.iter_mut().zip(&self.data[at..at + LANES]).for_each(|(o, x)| *o += x);
        }
    }

    /// The same numbers turned for the product: tiles of up to six tokens, each `[width][tokens of the tile]`.
    fn turned(&self) -> Vec<f32> {
        let (tokens, width) = (self.tokens, self.width);
        let mut out = vec![0.0; tokens * width];
        let turn = |(tile, out): (usize, &mut [f32])| {
            let rows = out.len() / width;
            for panel in 0..width / LANES {
                let at = (panel * tokens + tile * TILE) * LANES;
                let from = &self.data[at..at + rows * LANES];
                let to = &mut out[panel * LANES * rows..][..LANES * rows];
                for (row, values) in from.chunks_exact(LANES).enumerate() {
                    for (lane, value) in values.iter().enumerate() {
                        to[lane * rows + row] = *value;
                    }
                }
            }
        };
        if tokens > 64 {
            out.par_chunks_mut(TILE * width).enumerate().with_min_len(8).for_each(turn);
        } else {
            out.chunks_mut(TILE * width).enumerate().for_each(turn);
        }
        out
    }
}

enum Weights {
    /// `[panel][input / 32][input of the block / 2][16 bytes]`: low nibbles belong to the even input, high ones to the odd.
    Q4 { nibbles: Vec<u8>, scales: Vec<f32> },
    /// `[panel][input][16]`.
    F32(Vec<f32>),
}

/// A linear layer whose weights were laid out once, when it was loaded.
pub(super) struct Linear {
    inputs: usize,
    outputs: usize,
    weights: Weights,
    bias: Vec<f32>,
}

impl Linear {
    /// From Q4_0 rows, one row of `inputs / 32` blocks for each output.
    pub(super) fn from_q4(rows: &[u8], inputs: usize, bias: Vec<f32>) -> Result<Self> {
        let outputs = bias.len();
        let blocks = inputs / BLOCK;
        check_shape(
            inputs.is_multiple_of(BLOCK)
                && outputs.is_multiple_of(LANES)
                && rows.len() == outputs * blocks * BLOCK_BYTES,
        )?;
        let mut nibbles = vec![0u8; outputs * inputs / 2];
        let mut scales = vec![0f32; outputs * blocks];
        for (output, row) in rows.chunks_exact(blocks * BLOCK_BYTES).enumerate() {
            let (panel, lane) = (output / LANES, output % LANES);
            for (block, bytes) in row.chunks_exact(BLOCK_BYTES).enumerate() {
                scales[(panel * blocks + block) * LANES + lane] = half(bytes);
                let to = &mut nibbles[(panel * blocks + block) * BLOCK / 2 * LANES..][..BLOCK / 2 * LANES];
                for input in 0..BLOCK {
                    let byte = bytes[2 + input % 16];
                    let value = if input < 16 { byte & 15 } else { byte >> 4 };
                    to[input / 2 * LANES + lane] |= if input % 2 == 0 { value } else { value << 4 };
                }
            }
        }
        Ok(Self { inputs, outputs, weights: Weights::Q4 { nibbles, scales }, bias })
    }

    /// From rows of floats, one row of `inputs` for each output.
    pub(super) fn from_f32(rows: &[f32], inputs: usize, bias: Vec<f32>) -> Result<Self> {
        let outputs = bias.len();
        check_shape(inputs > 0 && outputs.is_multiple_of(LANES) && rows.len() == outputs * inputs)?;
        let mut panels = vec![0f32; rows.len()];
        for (output, row) in rows.chunks_exact(inputs).enumerate() {
            let (panel, lane) = (output / LANES, output % LANES);
            for (input, value) in row.iter().enumerate() {
                panels[(panel * inputs + input) * LANES + lane] = *value;
            }
        }
        Ok(Self { inputs, outputs, weights: Weights::F32(panels), bias })
    }

    /// Bytes held.
    pub(super) fn memory_bytes(&self) -> usize {
        self.bias.len() * 4
            + match &self.weights {
                Weights::Q4 { nibbles, scales } => nibbles.len() + scales.len() * 4,
                Weights::F32(values) => values.len() * 4,
            }
    }

    /// `x · Wᵀ + bias`, through GELU when asked for. `x.width` must be the layer's inputs.
    pub(super) fn forward(&self, arch: pulp::Arch, x: &Panels, gelu: bool) -> Panels {
        debug_assert_eq!(x.width, self.inputs);
        let mut y = Panels::new(x.tokens, self.outputs);
        let turned = x.turned();
        let scratch_len = match self.weights {
            Weights::Q4 { .. } => self.inputs * LANES,
            Weights::F32(_) => 0,
        };
        // Few, large pieces: waking a thread costs as much as a small panel.
        y.data.par_chunks_mut(x.tokens * LANES).enumerate().with_min_len(6).for_each_init(
            || vec![0f32; scratch_len],
            |scratch, (panel, y)| {
                let weights = match &self.weights {
                    Weights::Q4 { nibbles, scales } => {
                        let (n, s) = (self.inputs / 2 * LANES, self.inputs / BLOCK * LANES);
                        Panel::Q4 { nibbles: &nibbles[panel * n..][..n], scales: &scales[panel * s..][..s] }
                    }
                    Weights::F32(values) => Panel::F32(&values[panel * self.inputs * LANES..][..self.inputs * LANES]),
                };
                arch.dispatch(Product {
                    weights,
                    bias: &self.bias[panel * LANES..][..LANES],
                    inputs: self.inputs,
                    x: &turned,
                    y,
                    scratch,
                    gelu,
                });
            },
        );
        y
    }
}

fn check_shape(ok: bool) -> Result<()> {
    if ok { Ok(()) } else { Err(Error::unsupported("The model file has a layer of an unexpected shape.")) }
}

/// The scale at the head of a Q4_0 block.
fn half(block: &[u8]) -> f32 {
    half::f16::from_le_bytes([block[0], block[1]]).to_f32()
}

/// Unpacks one row of Q4_0 blocks into `out`.
pub(super) fn unpack_row(row: &[u8], out: &mut [f32]) {
    for (block, out) in row.chunks_exact(BLOCK_BYTES).zip(out.chunks_exact_mut(BLOCK)) {
        let scale = half(block);
        for (i, byte) in block[2..].iter().enumerate() {
            out[i] = f32::from(i16::from(byte & 15) - 8) * scale;
            out[i + 16] = f32::from(i16::from(byte >> 4) - 8) * scale;
        }
    }
}

enum Panel<'a> {
    Q4 { nibbles: &'a [u8], scales: &'a [f32] },
    F32(&'a [f32]),
}

struct Product<'a> {
    weights: Panel<'a>,
    bias: &'a [f32],
    inputs: usize,
    x: &'a [f32],
    y: &'a mut [f32],
    scratch: &'a mut [f32],
    gelu: bool,
}

impl pulp::WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        if S::IS_SCALAR { self.run::<false>() } else { self.run::<true>() }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let weights = match self.weights {
            Panel::Q4 { nibbles, scales } => {
                unpack::<FMA>(nibbles, scales, self.scratch);
                &*self.scratch
            }
            Panel::F32(values) => values,
        };
        let mut rows: Rows = [[0.0; LANES]; TILE];
        for (x, y) in self.x.chunks(TILE * self.inputs).zip(self.y.chunks_mut(TILE * LANES)) {
            tile::<FMA>(y.len() / LANES, x, weights, &mut rows);
            for (row, y) in rows.iter_mut().zip(y.chunks_exact_mut(LANES)) {
                row.iter_mut().zip(self.bias).for_each(|(y, bias)| *y += bias);
                if self.gelu {
                    gelu::<FMA>(row);
                }
                y.copy_from_slice(row);
            }
        }
    }
}

/// Without the instruction, `mul_add` would call a function for every number.
#[inline(always)]
fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn unpack<const FMA: bool>(nibbles: &[u8], scales: &[f32], out: &mut [f32]) {
    let (nibbles, _) = nibbles.as_chunks::<{ BLOCK / 2 * LANES }>();
    let (scales, _) = scales.as_chunks::<LANES>();
    let (out, _) = out.as_chunks_mut::<{ BLOCK * LANES }>();
    for ((nibbles, scale), out) in nibbles.iter().zip(scales).zip(out) {
        let (nibbles, _) = nibbles.as_chunks::<LANES>();
        let (out, _) = out.as_chunks_mut::<{ 2 * LANES }>();
        let mut shift = [0f32; LANES];
        for j in 0..LANES {
            shift[j] = -8.0 * scale[j];
        }
        for (q, out) in nibbles.iter().zip(out) {
            let (even, odd) = out.split_at_mut(LANES);
            for j in 0..LANES {
                even[j] = fma::<FMA>(i32::from(q[j] & 15) as f32, scale[j], shift[j]);
            }
            for j in 0..LANES {
                odd[j] = fma::<FMA>(i32::from(q[j] >> 4) as f32, scale[j], shift[j]);
            }
        }
    }
}

/// `rows` tokens (one to six) times sixteen outputs. `x` is `[inputs][rows]`, `w` is `[inputs][16]`.
#[inline(always)]
pub(super) fn tile<const FMA: bool>(rows: usize, x: &[f32], w: &[f32], out: &mut Rows) {
    match rows {
        1 => tile_of::<FMA, 1>(x, w, out),
        2 => tile_of::<FMA, 2>(x, w, out),
        3 => tile_of::<FMA, 3>(x, w, out),
        4 => tile_of::<FMA, 4>(x, w, out),
        5 => tile_of::<FMA, 5>(x, w, out),
        _ => tile_of::<FMA, TILE>(x, w, out),
    }
}

#[inline(always)]
fn tile_of<const FMA: bool, const ROWS: usize>(x: &[f32], w: &[f32], out: &mut Rows) {
    let mut sums = [[0f32; LANES]; ROWS];
    let (x, _) = x.as_chunks::<ROWS>();
    let (w, _) = w.as_chunks::<LANES>();
    for (x, w) in x.iter().zip(w) {
        for i in 0..ROWS {
            for j in 0..LANES {
                sums[i][j] = fma::<FMA>(x[i], w[j], sums[i][j]);
            }
        }
    }
    out[..ROWS].copy_from_slice(&sums);
}

/// e to the power of each number, to a few units in the last place (the polynomial of the Cephes library).
#[inline(always)]
pub(super) fn exp<const FMA: bool>(values: &mut [f32; LANES]) {
    // Adding 1.5 * 2^23 leaves the rounded number in the low bits, from where it moves into the exponent.
    const ROUND: f32 = 12_582_912.0;
    for v in values {
        let x = if *v > -87.0 { *v } else { -87.0 };
        let x = if x < 88.0 { x } else { 88.0 };
        let rounded = fma::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
        let n = rounded - ROUND;
        let r = fma::<FMA>(n, -0.693_359_4, x);
        let r = fma::<FMA>(n, 2.121_944_4e-4, r);
        let mut p = 1.987_569_1e-4;
        p = fma::<FMA>(p, r, 1.398_199_9e-3);
        p = fma::<FMA>(p, r, 8.333_452e-3);
        p = fma::<FMA>(p, r, 4.166_579_6e-2);
        p = fma::<FMA>(p, r, 1.666_666_5e-1);
        p = fma::<FMA>(p, r, 0.5);
        p = fma::<FMA>(p, r * r, r) + 1.0;
        *v = p * f32::from_bits((rounded.to_bits() << 23).wrapping_add(0x3f80_0000));
    }
}

/// GELU with the error function of Abramowitz and Stegun 7.1.26 (error below 1.5e-7).
#[inline(always)]
fn gelu<const FMA: bool>(values: &mut [f32; LANES]) {
    let mut e = [0f32; LANES];
    for j in 0..LANES {
        let z = values[j] * std::f32::consts::FRAC_1_SQRT_2;
        e[j] = -(z * z);
    }
    exp::<FMA>(&mut e);
    for j in 0..LANES {
        let x = values[j];
        let t = 1.0 / fma::<FMA>(0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2, x.abs(), 1.0);
        let mut p = 1.061_405_4;
        p = fma::<FMA>(p, t, -1.453_152);
        p = fma::<FMA>(p, t, 1.421_413_8);
        p = fma::<FMA>(p, t, -0.284_496_72);
        p = fma::<FMA>(p, t, 0.254_829_6);
        let erf = (1.0 - p * t * e[j]).copysign(x);
        values[j] = 0.5 * x * (1.0 + erf);
    }
}

/// Adds `y` to `x`, then normalises every token's numbers and applies `weight` and `bias`.
pub(super) struct AddNorm<'a> {
    pub x: &'a mut Panels,
    pub y: Option<&'a Panels>,
    pub weight: &'a [f32],
    pub bias: &'a [f32],
    pub epsilon: f32,
}

impl pulp::WithSimd for AddNorm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let (tokens, width) = (self.x.tokens, self.x.width);
        let (x, _) = self.x.data.as_chunks_mut::<LANES>();
        let (weight, _) = self.weight.as_chunks::<LANES>();
        let (bias, _) = self.bias.as_chunks::<LANES>();
        if let Some(y) = self.y {
            let (y, _) = y.data.as_chunks::<LANES>();
            for (x, y) in x.iter_mut().zip(y) {
                for j in 0..LANES {
                    x[j] += y[j];
                }
            }
        }
        for token in 0..tokens {
            let mut sum = [0f32; LANES];
            for row in x.iter().skip(token).step_by(tokens) {
                for j in 0..LANES {
                    sum[j] += row[j];
                }
            }
            let mean = sum.iter().sum::<f32>() / width as f32;
            let mut squares = [0f32; LANES];
            for row in x.iter().skip(token).step_by(tokens) {
                for j in 0..LANES {
                    squares[j] += (row[j] - mean) * (row[j] - mean);
                }
            }
            let scale = 1.0 / (squares.iter().sum::<f32>() / width as f32 + self.epsilon).sqrt();
            for ((row, weight), bias) in x.iter_mut().skip(token).step_by(tokens).zip(weight).zip(bias) {
                for j in 0..LANES {
                    row[j] = (row[j] - mean) * scale * weight[j] + bias[j];
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    struct Curves<'a>(&'a mut [f32; LANES], &'a mut [f32; LANES]);
    impl pulp::WithSimd for Curves<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) {
            exp::<true>(self.0);
            gelu::<true>(self.1);
        }
    }

    #[test]
    fn the_fast_curves_follow_the_exact_ones() {
        for arch in [pulp::Arch::new(), pulp::Arch::Scalar] {
            for step in -60..60 {
                let x = step as f32 * 0.21;
                let (mut e, mut g) = ([x; LANES], [x; LANES]);
                arch.dispatch(Curves(&mut e, &mut g));
                assert!((e[3] / x.exp() - 1.0).abs() < 3e-6, "exp({x}) gave {}", e[3]);
                let exact = 0.5 * f64::from(x) * (1.0 + erf(f64::from(x) / 2f64.sqrt()));
                assert!((f64::from(g[9]) - exact).abs() < 3e-6, "gelu({x}) gave {} instead of {exact}", g[9]);
            }
        }
    }

    /// The series of the error function, for comparison.
    fn erf(x: f64) -> f64 {
        if x.abs() > 5.0 {
            return x.signum();
        }
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    pub(in crate::embed) fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1u32 << 24) as f32 - 0.5
            })
            .collect()
    }

    #[test]
    fn products_agree_with_the_plain_sum_for_every_number_of_tokens() {
        let (inputs, outputs) = (64, 48);
        let rows = numbers(inputs * outputs, 1);
        let bias = numbers(outputs, 2);
        let exact = Linear::from_f32(&rows, inputs, bias.clone()).unwrap();
        // The same weights in Q4_0: every block's scale is 0.25 and its values are whole.
        let q4: Vec<u8> = (0..outputs * inputs / BLOCK)
            .flat_map(|b| {
                let mut block = half::f16::from_f32(0.25).to_le_bytes().to_vec();
                block.extend((0..16).map(|i| (b * 31 + i * 7) as u8));
                block
            })
            .collect();
        let mut q4_rows = vec![0f32; inputs * outputs];
        unpack_row(&q4, &mut q4_rows);
        let small = Linear::from_q4(&q4, inputs, bias.clone()).unwrap();
        for tokens in [1, 2, 5, 6, 7, 18, 71] {
            let x = numbers(tokens * inputs, 3);
            let mut panels = Panels::new(tokens, inputs);
            x.chunks_exact(inputs).enumerate().for_each(|(t, row)| panels.set_row(t, row));
            for (layer, rows) in [(&exact, &rows), (&small, &q4_rows)] {
                for arch in [pulp::Arch::new(), pulp::Arch::Scalar] {
                    let y = layer.forward(arch, &panels, false);
                    for t in 0..tokens {
                        let mut got = vec![0f32; outputs];
                        y.add_row_to(t, &mut got);
                        for (o, got) in got.iter().enumerate() {
                            let want: f32 =
                                (0..inputs).map(|i| x[t * inputs + i] * rows[o * inputs + i]).sum::<f32>() + bias[o];
                            assert!((got - want).abs() < 1e-4, "{tokens} tokens: {got} instead of {want}");
                        }
                    }
                }
            }
        }
    }
}
