//! Reading a source: parse, cut, keep what did not change, give vectors to the rest, and bring the full text up to date.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::id::SourceId;
use base::{Error, ErrorCode, Result};

use super::{DOCUMENT_MIME, Source, SourceState, store};
use crate::document::{Document, Passage};
use crate::extract::strangers;
use crate::index::vector;
use crate::{Embed, Knowledge, chunk, parse, unit};

/// Passages that are embedded and stored together.
const BATCH: usize = 16;
/// Passages written in one transaction.
const WRITE_BATCH: usize = 64;
/// Longer passages are embedded by their beginning; the embedder would cut them anyway.
const EMBED_CHARS: usize = 2_000;
/// Changes when passages or units are cut differently, so that sources are read again.
const RULES: &str = "1";

/// Tells a running job to stop; looked at between batches. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub state: SourceState,
    pub done: u32,
    pub total: u32,
}

impl Knowledge {
    /// Reads a source and makes it findable. Safe to repeat after a crash: what was done already is kept. On failure or
    /// cancelling, the source says so in its state, older passages stay in use, and the error is returned.
    pub async fn index_source(
        &self,
        id: SourceId,
        progress: &(dyn Fn(Progress) + Send + Sync),
        cancel: &Cancel,
    ) -> Result<()> {
        let result = self.index_inner(id, progress, cancel).await;
        if let Err(e) = &result {
            let state = if e.code == ErrorCode::Cancelled { SourceState::Cancelled } else { SourceState::Failed };
            let code = serde_json::to_value(e.code)?.as_str().unwrap_or("internal").to_owned();
            let message = e.message.clone();
            self.db().write(move |tx| store::set_failed(tx, id, state, &code, &message)).await?;
            progress(Progress { state, done: 0, total: 0 });
            // Passages that were written before it failed are found by their words all the same.
            self.catch_up().await?;
        }
        result
    }

    /// Says on the source why it could not be had; for what fails before there is anything to read.
    pub async fn fail_source(&self, id: SourceId, error: &Error) -> Result<()> {
        let state = if error.code == ErrorCode::Cancelled { SourceState::Cancelled } else { SourceState::Failed };
        let code = serde_json::to_value(error.code)?.as_str().unwrap_or("internal").to_owned();
        let message = error.message.clone();
        self.db().write(move |tx| store::set_failed(tx, id, state, &code, &message)).await
    }

    async fn index_inner(
        &self,
        id: SourceId,
        progress: &(dyn Fn(Progress) + Send + Sync),
        cancel: &Cancel,
    ) -> Result<()> {
        cancel.check()?;
        let source = self.source(id).await?;
        self.report(id, SourceState::Reading, 0, 0, progress).await?;
        let bytes = self.kept(&source.content_hash).await?;
        let indexed_as = format!("{RULES}:{}", source.content_hash);
        let for_reading = source.clone();
        let (document, passages) = base::task::blocking(move || read(&for_reading, &bytes)).await??;
        if passages.is_empty() {
            return Err(Error::invalid(
                "No text could be read from this source. If it is a scan, please add a version with real text.",
            ));
        }
        cancel.check()?;
        let facts = store::Read {
            language: document.language,
            pages: document.pages,
            passages: u32::try_from(passages.len()).unwrap_or(u32::MAX),
            indexed_as,
        };
        self.exchange(id, passages, cancel).await?;
        self.db().write(move |tx| store::set_read(tx, id, &facts)).await?;
        self.catch_up().await?;
        if let Some(embedder) = self.embedder() {
            let key = self.db().read(move |c| store::key_of(c, id)).await?;
            let report = |done, total| self.report(id, SourceState::Understanding, done, total, progress);
            self.embed_some(Some(key), &embedder, report, cancel).await?;
        }
        self.report(id, SourceState::Ready, 0, 0, progress).await
    }

    async fn report(
        &self,
        id: SourceId,
        state: SourceState,
        done: u32,
        total: u32,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<()> {
        self.db().write(move |tx| store::set_state(tx, id, state, done, total)).await?;
        progress(Progress { state, done, total });
        Ok(())
    }

    /// Puts the new passages in the place of the old ones. A passage whose hash is the same keeps its id and its vectors.
    async fn exchange(&self, id: SourceId, passages: Vec<Passage>, cancel: &Cancel) -> Result<()> {
        let (key, known) = self
            .db()
            .read(move |c| {
                let key = store::key_of(c, id)?;
                Ok((key, store::known(c, key)?))
            })
            .await?;
        let mut by_hash: HashMap<String, Vec<store::Known>> = HashMap::new();
        for known in known.into_iter().rev() {
            by_hash.entry(known.hash.clone()).or_default().push(known);
        }
        let mut fresh = Vec::new();
        let mut moved = Vec::new();
        for passage in passages {
            match by_hash.get_mut(&passage.hash).and_then(Vec::pop) {
                Some(known) if known.ordinal == passage.ordinal && known.page == passage.page => {}
                Some(known) => moved.push((known.key, passage.ordinal, passage.page)),
                None => {
                    let units = unit::units(&passage.blocks);
                    fresh.push((passage, units));
                }
            }
        }
        let gone: Vec<i64> = by_hash.into_values().flatten().map(|k| k.key).collect();
        while !fresh.is_empty() {
            cancel.check()?;
            let rest = fresh.split_off(fresh.len().min(WRITE_BATCH));
            let batch = std::mem::replace(&mut fresh, rest);
            self.db()
                .write(move |tx| batch.iter().try_for_each(|(p, units)| store::insert_passage(tx, key, p, units)))
                .await?;
        }
        for batch in moved.chunks(WRITE_BATCH * 8) {
            let batch = batch.to_vec();
            self.db()
                .write(move |tx| {
                    batch.iter().try_for_each(|(k, ordinal, page)| store::move_passage(tx, *k, *ordinal, *page))
                })
                .await?;
        }
        for batch in gone.chunks(WRITE_BATCH) {
            let batch = batch.to_vec();
            self.db().write(move |tx| batch.iter().try_for_each(|k| store::remove_passage(tx, *k))).await?;
        }
        Ok(())
    }

    /// Gives vectors to every passage that has none of the present embedder: after the model arrived, or was changed.
    /// `progress` hears passages done and in all. Does nothing without an embedder.
    pub async fn embed_missing(&self, progress: &(dyn Fn(u32, u32) + Send + Sync), cancel: &Cancel) -> Result<()> {
        let Some(embedder) = self.embedder() else { return Ok(()) };
        let report = |done, total| {
            progress(done, total);
            std::future::ready(Ok(()))
        };
        self.embed_some(None, &embedder, report, cancel).await?;
        self.embed_answers(&embedder).await
    }

    async fn embed_some<F, R>(
        &self,
        source_key: Option<i64>,
        embedder: &Arc<dyn Embed>,
        report: F,
        cancel: &Cancel,
    ) -> Result<()>
    where
        F: Fn(u32, u32) -> R,
        R: Future<Output = Result<()>>,
    {
        let name = embedder.id().to_owned();
        let total = {
            let name = name.clone();
            self.db().read(move |c| store::count_waiting(c, source_key, &name)).await?
        };
        let mut done = 0u32;
        let mut after = 0;
        loop {
            cancel.check()?;
            report(done, total).await?;
            let batch = {
                let name = name.clone();
                self.db().read(move |c| store::waiting(c, source_key, &name, after, BATCH)).await?
            };
            let Some(last) = batch.last() else { break };
            after = last.key;
            done += u32::try_from(batch.len()).unwrap_or(0);
            let embedded = embed_batch(embedder, batch).await?;
            let name = name.clone();
            self.db()
                .write(move |tx| {
                    let vectors = embedded.iter().flat_map(|e| {
                        std::iter::once(e.vector.as_slice()).chain(e.units.iter().map(|(_, v)| v.as_slice()))
                    });
                    let mean = store::embedder_mean(tx, &name, &vector::mean_of(vectors))?;
                    store::store_vectors(tx, &name, &mean, &embedded)
                })
                .await?;
            self.forget_cached();
        }
        if done > 0 {
            self.embed_strangers(embedder).await?;
        }
        Ok(())
    }

    /// Makes the vectors that answers are judged by, once for each embedder.
    async fn embed_strangers(&self, embedder: &Arc<dyn Embed>) -> Result<()> {
        let name = embedder.id().to_owned();
        let there = {
            let name = name.clone();
            self.db().read(move |c| store::has_strangers(c, &name, strangers::VERSION)).await?
        };
        if there {
            return Ok(());
        }
        let texts = strangers::STRANGERS.iter().map(|s| (*s).to_owned()).collect();
        let vectors = embedder.embed_queries(texts).await?;
        let vectors = vectors.into_iter().map(vector::normalised).collect::<Result<Vec<_>>>()?;
        self.db().write(move |tx| store::set_strangers(tx, &name, &vectors, strangers::VERSION)).await?;
        self.forget_cached();
        Ok(())
    }
}

async fn embed_batch(embedder: &Arc<dyn Embed>, batch: Vec<store::Waiting>) -> Result<Vec<store::Embedded>> {
    let mut texts = Vec::new();
    for waiting in &batch {
        let head = if waiting.headings.is_empty() { waiting.source_title.clone() } else { waiting.headings.join(", ") };
        texts.push(super::clip(&format!("{head}: {}", waiting.text), EMBED_CHARS));
        for (_, unit) in &waiting.units {
            let text = unit::in_context(&waiting.source_title, &waiting.headings, &waiting.blocks, unit);
            texts.push(super::clip(&text, EMBED_CHARS));
        }
    }
    let wanted = texts.len();
    let vectors = embedder.embed_passages(texts).await?;
    if vectors.len() != wanted {
        return Err(Error::internal(format!("{} vectors came back for {wanted} texts", vectors.len())));
    }
    let mut vectors = vectors.into_iter();
    let mut next = move || vector::normalised(vectors.next().unwrap_or_default());
    batch
        .into_iter()
        .map(|waiting| {
            let vector = next()?;
            let units = waiting.units.into_iter().map(|(key, _)| Ok((key, next()?))).collect::<Result<Vec<_>>>()?;
            Ok(store::Embedded { key: waiting.key, vector, units })
        })
        .collect()
}

/// Takes the original apart. Pages and pairs are kept as documents already.
fn read(source: &Source, bytes: &[u8]) -> Result<(Document, Vec<Passage>)> {
    let document = if source.mime.as_deref() == Some(DOCUMENT_MIME) {
        serde_json::from_slice(bytes)
            .map_err(|e| Error::invalid("This source cannot be read any more. Please add it again.").with_cause(e))?
    } else {
        let name = source.origin.as_deref().unwrap_or("text.md");
        parse::parse(parse::File { name, bytes, mime: source.mime.as_deref() })?
    };
    let passages = chunk::passages(&document, &source.title);
    Ok((document, passages))
}
