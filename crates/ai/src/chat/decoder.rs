//! A Llama- or Qwen2-shaped decoder over quantised weights, with a cache that survives from one prompt to the next.
//!
//! The library's own models turn the word table into floats (0.9 GB for a 1.5B model) and keep their cache to themselves;
//! here the table stays quantised and a prompt that begins like the last one is only read from where it differs.

use std::io::{Read, Seek};
use std::sync::Arc;

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{DType, Device, Module, Result, Tensor, bail};
use candle_nn::ops::{rms_norm, silu, softmax_last_dim};
use candle_nn::rotary_emb::{rope, rope_i};

/// The cache grows by this many tokens at a time.
const GROW: usize = 256;

struct Layer {
    attention_norm: Tensor,
    query: Linear,
    key: Linear,
    value: Linear,
    attention_out: Linear,
    inner_norm: Tensor,
    gate: Linear,
    up: Linear,
    down: Linear,
    cache: Option<(Tensor, Tensor)>,
}

struct Linear {
    weight: QMatMul,
    bias: Option<Tensor>,
}

impl Linear {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.weight.forward(x)?;
        match &self.bias {
            Some(bias) => y.broadcast_add(bias),
            None => Ok(y),
        }
    }
}

pub(super) struct Decoder {
    words: Arc<QTensor>,
    layers: Vec<Layer>,
    norm: Tensor,
    output: QMatMul,
    heads: usize,
    key_heads: usize,
    epsilon: f32,
    /// Whether rotation pairs neighbours (Llama) instead of halves (Qwen2).
    interleaved: bool,
    cos: Tensor,
    sin: Tensor,
    context: usize,
    capacity: usize,
    /// Bytes of the weights as they lie in memory.
    weight_bytes: usize,
}

impl Decoder {
    /// Reads the weights. `context` limits the tokens of a prompt and its answer together.
    pub(super) fn read<R: Read + Seek>(content: &Content, reader: &mut R, context: usize) -> Result<Self> {
        let kind = content.metadata.get("general.architecture").map(Value::to_string).transpose()?;
        let kind = kind.map_or("", String::as_str);
        if !matches!(kind, "llama" | "qwen2") {
            bail!("models of the kind {kind:?} are not supported");
        }
        let number = |key: &str| match content.metadata.get(&format!("{kind}.{key}")) {
            Some(value) => Ok(value.to_u64()? as usize),
            None => bail!("{kind}.{key} is missing"),
        };
        let float = |key: &str| content.metadata.get(&format!("{kind}.{key}")).map(Value::to_f32).transpose();
        let heads = number("attention.head_count")?;
        let key_heads = number("attention.head_count_kv").unwrap_or(heads);
        let width = number("embedding_length")?;
        let count = number("block_count")?;
        if heads == 0
            || key_heads == 0
            || heads % key_heads != 0
            || width % heads != 0
            || width / heads % 2 != 0
            || count > 512
        {
            bail!("the model's sizes do not fit together");
        }
        let context = context.min(number("context_length")?).max(16);
        let head = width / heads;
        let (cos, sin) = rotation(head, float("rope.freq_base")?.unwrap_or(10_000.0), context)?;

        let mut weights = Weights { content, reader, bytes: 0 };
        let words = Arc::new(weights.tensor("token_embd.weight")?);
        let layers = (0..count).map(|n| weights.layer(n)).collect::<Result<_>>()?;
        let norm = weights.floats("output_norm.weight")?;
        let output = match content.tensor_infos.contains_key("output.weight") {
            true => QMatMul::from_qtensor(weights.tensor("output.weight")?)?,
            false => QMatMul::from_arc(words.clone())?,
        };
        Ok(Self {
            weight_bytes: weights.bytes,
            words,
            layers,
            norm,
            output,
            heads,
            key_heads,
            epsilon: float("attention.layer_norm_rms_epsilon")?.unwrap_or(1e-5),
            interleaved: kind == "llama",
            cos,
            sin,
            context,
            capacity: 0,
        })
    }

    pub(super) fn context(&self) -> usize {
        self.context
    }

    /// Bytes of weights and cache.
    pub(super) fn memory_bytes(&self) -> usize {
        let cache = self.layers.iter().filter_map(|l| l.cache.as_ref()).map(|(k, _)| k.elem_count() * 8).sum::<usize>();
        self.weight_bytes + cache
    }

    /// Reads `tokens`, which stand at `start` after what the cache holds up to there, and returns the likelihoods
    /// (logits) of what comes next.
    pub(super) fn forward(&mut self, tokens: &[u32], start: usize) -> Result<Vec<f32>> {
        let count = tokens.len();
        let end = start + count;
        if count == 0 || end > self.context {
            bail!("{end} tokens do not fit a context of {}", self.context);
        }
        self.reserve(end)?;
        let mut x = self.words.embedding(&Tensor::new(tokens, &Device::Cpu)?)?;
        let mask = if count > 1 { Some(mask(count, start)?) } else { None };
        let (cos, sin) = (self.cos.narrow(0, start, count)?, self.sin.narrow(0, start, count)?);
        let (heads, key_heads, epsilon) = (self.heads, self.key_heads, self.epsilon);
        let interleaved = self.interleaved;
        for layer in &self.layers {
            let (_, width) = x.dims2()?;
            let head = width / heads;
            let y = rms_norm(&x, &layer.attention_norm, epsilon)?;
            // To one head after the other.
            let by_head = |y: Tensor, heads: usize| y.reshape((count, heads, head))?.transpose(0, 1)?.contiguous();
            let turn = |y: Tensor| {
                let y = y.unsqueeze(0)?;
                let y = if interleaved { rope_i(&y, &cos, &sin) } else { rope(&y, &cos, &sin) };
                y?.squeeze(0)
            };
            let query = turn(by_head(layer.query.forward(&y)?, heads)?)?;
            let key = turn(by_head(layer.key.forward(&y)?, key_heads)?)?;
            let value = by_head(layer.value.forward(&y)?, key_heads)?;
            let Some((keys, values)) = &layer.cache else { bail!("the cache is missing") };
            keys.slice_set(&key, 1, start)?;
            values.slice_set(&value, 1, start)?;
            let (keys, values) = (keys.narrow(1, 0, end)?, values.narrow(1, 0, end)?);
            // The heads that share keys are rows of one product.
            let rows = heads / key_heads * count;
            let scale = 1.0 / (head as f64).sqrt();
            let scores = (query.reshape((key_heads, rows, head))?.matmul(&keys.t()?)? * scale)?;
            let scores = match &mask {
                Some(mask) => {
                    scores.reshape((heads, count, end))?.broadcast_add(mask)?.reshape((key_heads, rows, end))?
                }
                None => scores,
            };
            let seen = softmax_last_dim(&scores)?.matmul(&values)?;
            let seen = seen.reshape((heads, count, head))?.transpose(0, 1)?.reshape((count, width))?;
            x = (layer.attention_out.forward(&seen)? + x)?;
            let y = rms_norm(&x, &layer.inner_norm, epsilon)?;
            let y = (silu(&layer.gate.forward(&y)?)? * layer.up.forward(&y)?)?;
            x = (layer.down.forward(&y)? + x)?;
        }
        let last = rms_norm(&x.narrow(0, count - 1, 1)?.contiguous()?, &self.norm, epsilon)?;
        self.output.forward(&last)?.flatten_all()?.to_vec1()
    }

    /// Makes room for `tokens` in the cache, keeping what is there.
    fn reserve(&mut self, tokens: usize) -> Result<()> {
        if tokens <= self.capacity {
            return Ok(());
        }
        let capacity = tokens.next_multiple_of(GROW).min(self.context);
        let head = self.cos.dim(1)? * 2;
        let grown = |old: Option<&Tensor>| -> Result<Tensor> {
            let new = Tensor::zeros((self.key_heads, capacity, head), DType::F32, &Device::Cpu)?;
            if let Some(old) = old {
                new.slice_set(old, 1, 0)?;
            }
            Ok(new)
        };
        for layer in &mut self.layers {
            let old = layer.cache.as_ref();
            layer.cache = Some((grown(old.map(|c| &c.0))?, grown(old.map(|c| &c.1))?));
        }
        self.capacity = capacity;
        Ok(())
    }

    /// Gives the cache's memory back.
    pub(super) fn clear(&mut self) {
        self.layers.iter_mut().for_each(|l| l.cache = None);
        self.capacity = 0;
    }
}

struct Weights<'a, R> {
    content: &'a Content,
    reader: &'a mut R,
    bytes: usize,
}

impl<R: Read + Seek> Weights<'_, R> {
    fn tensor(&mut self, name: &str) -> Result<QTensor> {
        let tensor = self.content.tensor(self.reader, name, &Device::Cpu)?;
        // There is no fast product for these three; eight bits are 4 to 7 times faster and lose nothing.
        let tensor = match tensor.dtype() {
            GgmlDType::Q4_1 | GgmlDType::Q5_0 | GgmlDType::Q5_1 => {
                QTensor::quantize(&tensor.dequantize(&Device::Cpu)?, GgmlDType::Q8_0)?
            }
            _ => tensor,
        };
        self.bytes += tensor.storage_size_in_bytes();
        Ok(tensor)
    }

    fn floats(&mut self, name: &str) -> Result<Tensor> {
        self.tensor(name)?.dequantize(&Device::Cpu)
    }

    fn linear(&mut self, name: &str) -> Result<Linear> {
        let weight = QMatMul::from_qtensor(self.tensor(&format!("{name}.weight"))?)?;
        let bias = format!("{name}.bias");
        let bias = match self.content.tensor_infos.contains_key(&bias) {
            true => Some(self.floats(&bias)?),
            false => None,
        };
        Ok(Linear { weight, bias })
    }

    fn layer(&mut self, n: usize) -> Result<Layer> {
        Ok(Layer {
            attention_norm: self.floats(&format!("blk.{n}.attn_norm.weight"))?,
            query: self.linear(&format!("blk.{n}.attn_q"))?,
            key: self.linear(&format!("blk.{n}.attn_k"))?,
            value: self.linear(&format!("blk.{n}.attn_v"))?,
            attention_out: self.linear(&format!("blk.{n}.attn_output"))?,
            inner_norm: self.floats(&format!("blk.{n}.ffn_norm.weight"))?,
            gate: self.linear(&format!("blk.{n}.ffn_gate"))?,
            up: self.linear(&format!("blk.{n}.ffn_up"))?,
            down: self.linear(&format!("blk.{n}.ffn_down"))?,
            cache: None,
        })
    }
}

/// Nothing sees what comes after it: zero where a token may look, minus infinity elsewhere.
fn mask(count: usize, start: usize) -> Result<Tensor> {
    let end = start + count;
    let values: Vec<f32> =
        (0..count).flat_map(|i| (0..end).map(move |j| if j <= start + i { 0.0 } else { f32::NEG_INFINITY })).collect();
    Tensor::from_vec(values, (count, end), &Device::Cpu)
}

fn rotation(head: usize, base: f32, context: usize) -> Result<(Tensor, Tensor)> {
    let half = head / 2;
    let angle = |position: usize, i: usize| position as f32 / base.powf(2.0 * i as f32 / head as f32);
    let table = |f: fn(f32) -> f32| {
        let values: Vec<f32> = (0..context).flat_map(|p| (0..half).map(move |i| f(angle(p, i)))).collect();
        Tensor::from_vec(values, (context, half), &Device::Cpu)
    };
    Ok((table(f32::cos)?, table(f32::sin)?))
}
