//! Reads a business's documents, finds what answers a question, and cites it.
//!
//! [`Knowledge`] is one workspace's. Its way in is `add_*` and [`Knowledge::index_source`]; its way out is
//! [`Knowledge::answer`], which climbs approved answers and then sentences taken from the documents, and
//! [`Knowledge::retrieve`], whose passages a language model can be given. Everything works without an embedder, by words
//! alone; with one, also by meaning and across languages.

pub mod answers;
pub mod chunk;
mod concepts;
mod days;
pub mod document;
pub mod evaluate;
pub mod extract;
pub mod gaps;
pub mod index;
mod kinds;
mod ladder;
pub mod language;
pub mod parse;
pub mod question;
pub mod retrieve;
pub mod sources;
pub mod unit;
pub mod web;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base::Result;
use db::Db;
use futures::future::BoxFuture;
use rusqlite::Connection;

use crate::index::signs::Signs;
use crate::index::text::TextIndex;

pub use ladder::{Answer, Lookup, Outcome, Rung, check_grounded, prompt_context};
pub use retrieve::{Filters, Hit, Hits};
pub use sources::{Cancel, Progress};

/// Turns texts into vectors of 384 numbers, such that texts of like meaning have a high cosine.
pub trait Embed: Send + Sync {
    /// Names the model and its version; vectors of another one are not compared with.
    fn id(&self) -> &str;
    /// Vectors of questions, in order.
    fn embed_queries(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>>;
    /// Vectors of passages of documents, in order.
    fn embed_passages(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>>;
}

/// The knowledge of one workspace. Cheap to clone.
#[derive(Clone)]
pub struct Knowledge(Arc<Inner>);

struct Inner {
    db: Db,
    media: PathBuf,
    text: TextIndex,
    embedder: RwLock<Option<Arc<dyn Embed>>>,
    catching_up: tokio::sync::Mutex<()>,
    background: Mutex<Option<Arc<retrieve::Background>>>,
    /// The signs of all vectors, and the count of changes before they were read.
    signs: Mutex<Option<(u64, Arc<Signs>)>>,
    changes: AtomicU64,
}

impl Knowledge {
    /// Opens the knowledge of a workspace. `search` is the folder of the full-text index, which may be missing or damaged:
    /// it is then made anew in the background. `media` is where originals are kept by their hash.
    pub async fn open(db: Db, search: &Path, media: &Path, embedder: Option<Arc<dyn Embed>>) -> Result<Self> {
        let folder = search.to_owned();
        let text = base::task::blocking(move || TextIndex::open(&folder)).await??;
        let knowledge = Knowledge(Arc::new(Inner {
            db,
            media: media.to_owned(),
            text,
            embedder: RwLock::new(embedder),
            catching_up: tokio::sync::Mutex::new(()),
            background: Mutex::new(None),
            signs: Mutex::new(None),
            changes: AtomicU64::new(0),
        }));
        let in_background = knowledge.clone();
        base::task::spawn("search index", async move {
            if let Err(e) = in_background.catch_up().await {
                tracing::error!(error = ?e, "the full-text index could not be brought up to date");
            }
        });
        Ok(knowledge)
    }

    /// Uses another embedder from now on, or none. Passages get its vectors with [`Knowledge::embed_missing`].
    pub fn set_embedder(&self, embedder: Option<Arc<dyn Embed>>) {
        *self.0.embedder.write().unwrap_or_else(PoisonError::into_inner) = embedder;
        self.forget_cached();
    }

    pub fn embedder(&self) -> Option<Arc<dyn Embed>> {
        self.0.embedder.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Brings the full-text index up to the database: what changed since, or everything when it was lost.
    pub async fn catch_up(&self) -> Result<()> {
        let _one_at_a_time = self.0.catching_up.lock().await;
        let this = self.clone();
        let indexed = base::task::blocking(move || this.catch_up_blocking()).await??;
        if let Some(indexed) = indexed {
            self.db().write(move |tx| index::store::forget_removed(tx, indexed)).await?;
        }
        Ok(())
    }

    fn catch_up_blocking(&self) -> Result<Option<i64>> {
        let (until, forgotten) =
            self.db().read_blocking(|c| Ok((index::store::revision(c)?, index::store::forgotten(c)?)))?;
        let mut from = self.0.text.revision();
        if from == until {
            return Ok(None);
        }
        // Behind what the list of removals still tells, or ahead of a database that was restored from a backup.
        if from > until || (from > 0 && from < forgotten) {
            self.0.text.start_over()?;
            from = 0;
        }
        let removed = self.db().read_blocking(|c| index::store::removed_since(c, from, until))?;
        let mut at = from;
        let next = || {
            let batch = self.db().read_blocking(|c| index::store::changed_since(c, at, until, 256))?;
            at = batch.last().map_or(at, |(revision, _)| *revision);
            Ok(batch.into_iter().map(|(_, entry)| entry).collect())
        };
        self.0.text.apply(&removed, next, until)?;
        Ok(Some(until))
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn media(&self) -> &Path {
        &self.0.media
    }

    pub(crate) fn text(&self) -> &TextIndex {
        &self.0.text
    }

    /// What is remembered of the passages' vectors is computed again when next needed.
    pub(crate) fn forget_cached(&self) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
        *self.0.background.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.0.signs.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The signs of all vectors as of now. What changes while they are read is seen by the next search.
    pub(crate) fn signs(&self, c: &Connection) -> Result<Arc<Signs>> {
        let now = self.0.changes.load(Ordering::SeqCst);
        let kept = self.0.signs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, signs)) = kept.filter(|(then, _)| *then == now) {
            return Ok(signs);
        }
        let signs = Arc::new(Signs::read(c)?);
        *self.0.signs.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, signs.clone()));
        Ok(signs)
    }
}

#[cfg(test)]
mod tests;
