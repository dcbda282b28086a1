//! Text to vectors: the trait that search builds on, the two models behind it, and the handle that loads them when needed.

mod attention;
mod e5;
mod encoder;
mod handle;
mod kernel;
mod minilm;
#[cfg(test)]
mod tests;
mod unigram;

use std::path::Path;
use std::sync::Arc;

use base::{Error, Result};
use serde::Serialize;

pub use e5::{E5, ID as E5_ID};
pub use handle::{EmbedderHandle, EmbedderStatus, LoadState};
pub use minilm::{ID as MINILM_ID, MiniLm};

/// How to read a model's cosines; each model family spreads them differently.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Calibration {
    /// What two texts about different things usually reach.
    pub unrelated: f32,
    /// From here on a passage is worth looking at; below it the bot should say that it does not know.
    pub related: f32,
    /// From here on a passage very likely holds the answer.
    pub sure: f32,
}

impl Calibration {
    /// A cosine as a share of certainty in `0.0..=1.0`, comparable between models.
    pub fn certainty(&self, cosine: f32) -> f32 {
        ((cosine - self.unrelated) / (self.sure - self.unrelated)).clamp(0.0, 1.0)
    }
}

/// Turns text into vectors of length one. All calls block and compute: never call them on an async thread, use
/// [`EmbedderHandle`] there.
pub trait Embedder: Send + Sync {
    /// The catalogue's id; stored beside the vectors, for vectors of different models cannot be compared.
    fn id(&self) -> &str;

    fn dimensions(&self) -> usize;

    fn calibration(&self) -> Calibration;

    /// The vector of a question.
    fn embed_query(&self, text: &str) -> Result<Vec<f32>>;

    /// The vectors of texts that are to be found. Texts beyond `max_tokens` are cut at their end.
    fn embed_passages(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>>;

    /// Tokens of a text of any length, without the model's own additions; for cutting documents into pieces.
    fn count_tokens(&self, text: &str) -> usize;

    /// The vectors of several questions at once, which costs less than one by one.
    fn embed_queries(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        texts.iter().map(|t| self.embed_query(t)).collect()
    }

    /// How many tokens of a text are seen.
    fn max_tokens(&self) -> usize {
        512
    }

    /// Bytes held while the model is loaded.
    fn memory_bytes(&self) -> usize {
        0
    }
}

/// Opens a model by its catalogue id from its own folder (`models/<id>`). Blocking.
///
/// # Errors
/// `NotFound` for an unknown id, `Unavailable` when files are missing, `Unsupported` when they are damaged.
pub fn open(id: &str, folder: &Path) -> Result<Arc<dyn Embedder>> {
    match id {
        E5_ID => Ok(Arc::new(E5::open(&folder.join("e5-small-q4.bin"))?)),
        MINILM_ID => Ok(Arc::new(MiniLm::open(folder)?)),
        _ => Err(Error::not_found("search model", id)),
    }
}

fn missing(id: &str, cause: std::io::Error) -> Error {
    if cause.kind() != std::io::ErrorKind::NotFound {
        return cause.into();
    }
    Error::unavailable(format!("The search model {id} is not installed yet. Download it under Settings, Answers."))
        .with_cause(cause)
}
