//! A BERT encoder with mean pooling, over the kernels: texts of a batch lie one after the other, nothing is padded.

use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, OnceLock, PoisonError};

use base::{Error, Result};

use super::attention::attention;
use super::kernel::{self, AddNorm, BLOCK_BYTES, Linear, Panels};

/// Tokens of one pass. More would only make the activations outgrow the cache.
const PASS_TOKENS: usize = 1024;

/// What a model file is read from.
pub(super) trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// How the numbers of an embedding table are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    Q4,
    F32,
}

/// The table of word vectors, by far the largest part of the file and read at a few rows a text. It stays in the file,
/// where the system's cache keeps the rows that are used, instead of taking 50 to 90 MB of memory.
pub(super) struct WordTable {
    pub source: Mutex<Box<dyn Source>>,
    pub offset: u64,
    pub rows: usize,
    pub width: usize,
    pub stored: Stored,
}

impl WordTable {
    fn row_bytes(&self) -> usize {
        match self.stored {
            Stored::Q4 => self.width / 32 * BLOCK_BYTES,
            Stored::F32 => self.width * 4,
        }
    }

    fn read(&self, ids: &[u32], mut each: impl FnMut(usize, &[f32])) -> Result<()> {
        let mut bytes = vec![0u8; self.row_bytes()];
        let mut row = vec![0f32; self.width];
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        for (i, id) in ids.iter().enumerate() {
            if *id as usize >= self.rows {
                return Err(Error::internal(format!("token {id} is outside of the vocabulary")));
            }
            source.seek(SeekFrom::Start(self.offset + u64::from(*id) * bytes.len() as u64))?;
            source.read_exact(&mut bytes)?;
            match self.stored {
                Stored::Q4 => kernel::unpack_row(&bytes, &mut row),
                Stored::F32 => {
                    row.iter_mut().zip(bytes.as_chunks::<4>().0).for_each(|(x, b)| *x = f32::from_le_bytes(*b))
                }
            }
            each(i, &row);
        }
        Ok(())
    }
}

/// Weight and bias of a normalisation.
pub(super) struct Norm {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

pub(super) struct Layer {
    /// Queries, keys and values, side by side.
    pub qkv: Linear,
    pub attention_out: Linear,
    pub attention_norm: Norm,
    pub up: Linear,
    pub down: Linear,
    pub out_norm: Norm,
}

pub(super) struct Encoder {
    pub width: usize,
    pub heads: usize,
    pub epsilon: f32,
    pub words: WordTable,
    /// One row for each position; the token type's row (always the first) is already added.
    pub positions: Vec<f32>,
    pub word_norm: Norm,
    pub layers: Vec<Layer>,
}

impl Encoder {
    /// The longest text in tokens, with the special ones.
    pub(super) fn max_tokens(&self) -> usize {
        self.positions.len() / self.width
    }

    /// Bytes held in memory.
    pub(super) fn memory_bytes(&self) -> usize {
        let layers: usize = self
            .layers
            .iter()
            .map(|l| [&l.qkv, &l.attention_out, &l.up, &l.down].iter().map(|l| l.memory_bytes()).sum::<usize>())
            .sum();
        layers + self.positions.len() * 4
    }

    /// One normalised vector for each text, given as token ids with the special tokens and no longer than `max_tokens`.
    pub(super) fn embed(&self, texts: &[Vec<u32>]) -> Result<Vec<Vec<f32>>> {
        let pool = pool()?;
        let mut out = Vec::with_capacity(texts.len());
        let mut rest = texts;
        while !rest.is_empty() {
            let mut tokens = 0;
            let count = rest
                .iter()
                .take_while(|t| {
                    tokens += t.len();
                    tokens <= PASS_TOKENS
                })
                .count()
                .max(1);
            let (pass, later) = rest.split_at(count);
            out.extend(pool.install(|| self.pass(pass))?);
            rest = later;
        }
        Ok(out)
    }

    fn pass(&self, texts: &[Vec<u32>]) -> Result<Vec<Vec<f32>>> {
        let arch = pulp::Arch::new();
        let ids: Vec<u32> = texts.iter().flatten().copied().collect();
        let mut segments = Vec::with_capacity(texts.len());
        let mut positions = Vec::with_capacity(ids.len());
        for text in texts {
            if text.is_empty() || text.len() > self.max_tokens() {
                return Err(Error::internal("a text without tokens, or with too many"));
            }
            segments.push((positions.len(), positions.len() + text.len()));
            positions.extend(0..text.len());
        }
        let mut x = Panels::new(ids.len(), self.width);
        let mut sum = vec![0f32; self.width];
        self.words.read(&ids, |token, row| {
            let place = &self.positions[positions[token] * self.width..][..self.width];
            sum.iter_mut().zip(row).zip(place).for_each(|((s, a), b)| *s = a + b);
            x.set_row(token, &sum);
        })?;
        let norm = |x: &mut Panels, y: Option<&Panels>, norm: &Norm| {
            arch.dispatch(AddNorm { x, y, weight: &norm.weight, bias: &norm.bias, epsilon: self.epsilon });
        };
        norm(&mut x, None, &self.word_norm);
        for layer in &self.layers {
            let qkv = layer.qkv.forward(arch, &x, false);
            let seen = attention(arch, &qkv, self.heads, &segments);
            norm(&mut x, Some(&layer.attention_out.forward(arch, &seen, false)), &layer.attention_norm);
            let inner = layer.up.forward(arch, &x, true);
            norm(&mut x, Some(&layer.down.forward(arch, &inner, false)), &layer.out_norm);
        }
        Ok(segments.iter().map(|range| mean(&x, *range)).collect())
    }
}

/// The mean over a text's tokens, scaled to length one.
fn mean(x: &Panels, (from, to): (usize, usize)) -> Vec<f32> {
    let mut out = vec![0f32; x.width];
    (from..to).for_each(|token| x.add_row_to(token, &mut out));
    let length = out.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
    out.iter_mut().for_each(|v| *v /= length);
    out
}

/// Threads of their own: the language model keeps the shared ones busy for seconds, and a search must not wait for it.
fn pool() -> Result<&'static rayon::ThreadPool> {
    static POOL: OnceLock<Option<rayon::ThreadPool>> = OnceLock::new();
    POOL.get_or_init(|| {
        let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
        rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("embed-{i}")).build().ok()
    })
    .as_ref()
    .ok_or_else(|| Error::unavailable("The system refused to start threads. Close other programs and try again."))
}
