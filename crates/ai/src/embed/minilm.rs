//! all-MiniLM-L6-v2 from its published files: English only, half the work of the multilingual model.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use base::{Error, Result};
use serde::Deserialize;
use tokenizers::Tokenizer;

use super::encoder::{Encoder, Layer, Norm, Stored, WordTable};
use super::kernel::Linear;
use super::{Calibration, Embedder};

/// The catalogue's id of this model.
pub const ID: &str = "all-minilm-l6-v2";

const WIDTH: usize = 384;
const INNER: usize = 1536;
const HEADS: usize = 12;
const LAYERS: usize = 6;
const POSITIONS: usize = 512;
/// What the model was trained to read at once.
const MAX_TOKENS: usize = 256;
const MAX_TEXT_BYTES: usize = 16 << 10;

/// Embeds English text into 384 dimensions.
pub struct MiniLm {
    encoder: Encoder,
    tokenizer: Tokenizer,
}

impl MiniLm {
    /// Opens the folder with `model.safetensors` and `tokenizer.json`. Blocking: reads about 45 MB.
    ///
    /// # Errors
    /// `Unavailable` when a file is missing, `Unsupported` when it is not this model or is damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        let tokenizer = std::fs::read(folder.join("tokenizer.json")).map_err(|e| super::missing(ID, e))?;
        let mut tokenizer = Tokenizer::from_bytes(tokenizer).map_err(|e| damaged().with_cause(e))?;
        tokenizer.with_padding(None);
        let cut = tokenizers::TruncationParams { max_length: MAX_TOKENS, ..Default::default() };
        tokenizer.with_truncation(Some(cut)).map_err(|e| damaged().with_cause(e))?;
        let file = File::open(folder.join("model.safetensors")).map_err(|e| super::missing(ID, e))?;
        let mut tensors = Tensors::read(file)?;
        let kinds = tensors.floats("embeddings.token_type_embeddings.weight", &[2, WIDTH])?;
        let mut positions = tensors.floats("embeddings.position_embeddings.weight", &[POSITIONS, WIDTH])?;
        for row in positions.chunks_exact_mut(WIDTH) {
            row.iter_mut().zip(&kinds).for_each(|(p, k)| *p += k);
        }
        let word_norm = tensors.norm("embeddings.LayerNorm")?;
        let layers = (0..LAYERS).map(|n| tensors.layer(n)).collect::<Result<_>>()?;
        let rows = tokenizer.get_vocab_size(true);
        let (offset, _) = tensors.find("embeddings.word_embeddings.weight", &[rows, WIDTH])?;
        let words =
            WordTable { source: Mutex::new(Box::new(tensors.file)), offset, rows, width: WIDTH, stored: Stored::F32 };
        let encoder = Encoder { width: WIDTH, heads: HEADS, epsilon: 1e-12, words, positions, word_norm, layers };
        Ok(Self { encoder, tokenizer })
    }

    fn tokens(&self, text: &str) -> Result<Vec<u32>> {
        let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
        let encoding = self.tokenizer.encode_fast(text, true).map_err(Error::internal)?;
        Ok(encoding.get_ids().to_vec())
    }
}

impl Embedder for MiniLm {
    fn id(&self) -> &str {
        ID
    }

    fn dimensions(&self) -> usize {
        WIDTH
    }

    fn calibration(&self) -> Calibration {
        // From `calibration_tells_answers_from_the_rest`: answers reached 0.32 to 0.71, nonsense at most 0.05.
        Calibration { unrelated: 0.10, related: 0.25, sure: 0.50 }
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        self.embed_passages(&[text])?.pop().ok_or_else(|| Error::internal("no vector for a text"))
    }

    fn embed_queries(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        self.embed_passages(texts)
    }

    fn embed_passages(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        let ids = texts.iter().map(|t| self.tokens(t)).collect::<Result<Vec<_>>>()?;
        self.encoder.embed(&ids)
    }

    fn count_tokens(&self, text: &str) -> usize {
        // The tokenizer cuts long texts; a count must not, so long texts are counted in parts.
        let mut count = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let (part, later) = rest.split_at(rest.floor_char_boundary(200).max(1));
            count += self.tokenizer.encode_fast(part, false).map_or(part.len(), |e| e.len());
            rest = later;
        }
        count
    }

    fn max_tokens(&self) -> usize {
        MAX_TOKENS - 2
    }

    fn memory_bytes(&self) -> usize {
        // The vocabulary's maps are an estimate.
        self.encoder.memory_bytes() + (8 << 20)
    }
}

fn damaged() -> Error {
    Error::unsupported("The English search model's files are damaged. Download them again under Settings, Answers.")
}

/// Tensors by name, read from the file one at a time. The safetensors format: the length of a JSON header (u64), the
/// header, the data. (The format's own library wants the whole file in memory.)
struct Tensors {
    file: File,
    infos: HashMap<String, Info>,
    /// Where the data start.
    base: u64,
}

/// A header's entry. The one called `__metadata__` has none of these.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Info {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

impl Tensors {
    fn read(mut file: File) -> Result<Self> {
        let mut size = [0u8; 8];
        file.read_exact(&mut size).map_err(|e| damaged().with_cause(e))?;
        let length = u64::from_le_bytes(size);
        if length > 1 << 20 {
            return Err(damaged());
        }
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header).map_err(|e| damaged().with_cause(e))?;
        let infos = serde_json::from_slice(&header).map_err(|e| damaged().with_cause(e))?;
        Ok(Self { file, infos, base: 8 + length })
    }

    fn find(&self, name: &str, shape: &[usize]) -> Result<(u64, usize)> {
        let info = self.infos.get(name).ok_or_else(damaged)?;
        let bytes = shape.iter().product::<usize>() * 4;
        let (from, to) = info.data_offsets;
        if info.dtype != "F32" || info.shape != shape || to.checked_sub(from) != Some(bytes as u64) {
            return Err(damaged());
        }
        Ok((self.base.saturating_add(from), bytes))
    }

    fn floats(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let (offset, bytes) = self.find(name, shape)?;
        let mut raw = vec![0u8; bytes];
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read_exact(&mut raw).map_err(|e| damaged().with_cause(e))?;
        Ok(raw.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect())
    }

    fn norm(&mut self, name: &str) -> Result<Norm> {
        let weight = self.floats(&format!("{name}.weight"), &[WIDTH])?;
        Ok(Norm { weight, bias: self.floats(&format!("{name}.bias"), &[WIDTH])? })
    }

    fn linear(&mut self, names: &[String], inputs: usize, outputs: usize) -> Result<Linear> {
        let (mut rows, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            rows.extend(self.floats(&format!("{name}.weight"), &[outputs, inputs])?);
            bias.extend(self.floats(&format!("{name}.bias"), &[outputs])?);
        }
        Linear::from_f32(&rows, inputs, bias)
    }

    fn layer(&mut self, n: usize) -> Result<Layer> {
        let name = |part: &str| format!("encoder.layer.{n}.{part}");
        let own = |part: &str| name(&format!("attention.self.{part}"));
        Ok(Layer {
            qkv: self.linear(&[own("query"), own("key"), own("value")], WIDTH, WIDTH)?,
            attention_out: self.linear(&[name("attention.output.dense")], WIDTH, WIDTH)?,
            attention_norm: self.norm(&name("attention.output.LayerNorm"))?,
            up: self.linear(&[name("intermediate.dense")], WIDTH, INNER)?,
            down: self.linear(&[name("output.dense")], INNER, WIDTH)?,
            out_norm: self.norm(&name("output.LayerNorm"))?,
        })
    }
}
