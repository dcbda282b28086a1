//! Sources: the documents, pages and typed texts that answers come from.

mod indexing;
pub(crate) mod store;

use std::collections::HashSet;

use base::id::{BotId, PassageId, SourceId};
use base::{Error, Result, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

pub use indexing::{Cancel, Progress};

use crate::Knowledge;
use crate::document::{Block, BlockKind, Document, PassageKind};

/// Larger files are refused.
pub const LARGEST_FILE_BYTES: usize = crate::parse::MAX_FILE_BYTES;
/// Longer typed texts are refused.
pub const LONGEST_TEXT_BYTES: usize = 4 << 20;
/// More pairs in one source are refused.
pub const MOST_PAIRS: usize = 2_000;
/// A deleted source can be brought back for this long.
pub const UNDO_FOR: std::time::Duration = std::time::Duration::from_secs(10 * 60);
/// The name of the format in which pages and pairs are kept.
const DOCUMENT_MIME: &str = "application/vnd.botflow.document+json";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    File,
    Web,
    Text,
    Pairs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    Queued,
    /// The file is being taken apart.
    Reading,
    /// Its passages are being prepared for search by meaning.
    Understanding,
    Ready,
    Failed,
    Cancelled,
}

/// A source as a screen shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Source {
    pub id: SourceId,
    pub kind: SourceKind,
    pub title: String,
    /// The file's name or the page's address.
    pub origin: Option<String>,
    pub mime: Option<String>,
    pub size_bytes: u64,
    /// SHA-256 in hex; the original's name in the media folder.
    pub content_hash: String,
    pub state: SourceState,
    /// Passages done of all, while it is being understood.
    pub progress_done: u32,
    pub progress_total: u32,
    pub error_code: Option<String>,
    pub error: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    pub pages: u32,
    pub passages: u32,
    /// Which bots may use it; empty means all.
    pub bots: Vec<BotId>,
    /// Answers given from it in the last 30 days.
    pub answers: u32,
    pub created_at: Time,
    pub updated_at: Time,
    pub refreshed_at: Option<Time>,
}

/// A passage as a screen shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourcePassage {
    pub id: PassageId,
    pub ordinal: u32,
    pub page: Option<u32>,
    pub headings: Vec<String>,
    pub kind: PassageKind,
    pub text: String,
    /// What the passage is cut from, for showing the document with the passage marked.
    pub blocks: Vec<Block>,
    pub language: Option<String>,
}

/// A page of a list, and where the next one begins.
#[derive(Clone, Debug, Serialize)]
pub struct Listed<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// A question with its answer, as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuestionAnswer {
    pub question: String,
    pub answer: String,
}

/// What a new source is.
pub(crate) struct NewSource {
    pub kind: SourceKind,
    pub title: String,
    pub origin: Option<String>,
    pub mime: Option<String>,
    pub bytes: Vec<u8>,
    pub bots: Vec<BotId>,
}

impl Knowledge {
    /// Takes a file in and queues it; [`Knowledge::index_source`] reads it. `bots` empty means all bots. Errors: too large,
    /// empty, disk almost full.
    pub async fn add_file(
        &self,
        name: &str,
        mime: Option<&str>,
        bytes: Vec<u8>,
        bots: Vec<BotId>,
        now: Time,
    ) -> Result<SourceId> {
        check_file(&bytes)?;
        let name = file_name(name);
        let title = title_of_file(&name);
        let mime = mime.map(|m| clip(m, 200));
        self.add(NewSource { kind: SourceKind::File, title, origin: Some(name), mime, bytes, bots }, now).await
    }

    /// A newer version of a file: its unchanged passages keep their vectors once it has been read again.
    pub async fn replace_file(&self, id: SourceId, bytes: Vec<u8>, now: Time) -> Result<()> {
        check_file(&bytes)?;
        self.replace(id, bytes, now).await
    }

    /// Typed text, with Markdown's headings and tables if the owner uses them.
    pub async fn add_text(&self, title: &str, text: &str, bots: Vec<BotId>, now: Time) -> Result<SourceId> {
        let title = check_title(title)?;
        let bytes = check_text(text)?;
        let mime = Some("text/markdown".to_owned());
        self.add(NewSource { kind: SourceKind::Text, title, origin: None, mime, bytes, bots }, now).await
    }

    pub async fn replace_text(&self, id: SourceId, text: &str, now: Time) -> Result<()> {
        let bytes = check_text(text)?;
        self.replace(id, bytes, now).await
    }

    /// Questions with their answers.
    pub async fn add_pairs(
        &self,
        title: &str,
        pairs: &[QuestionAnswer],
        bots: Vec<BotId>,
        now: Time,
    ) -> Result<SourceId> {
        let title = check_title(title)?;
        let bytes = pairs_document(&title, pairs)?;
        let mime = Some(DOCUMENT_MIME.to_owned());
        self.add(NewSource { kind: SourceKind::Pairs, title, origin: None, mime, bytes, bots }, now).await
    }

    pub async fn replace_pairs(&self, id: SourceId, pairs: &[QuestionAnswer], now: Time) -> Result<()> {
        let source = self.source(id).await?;
        let bytes = pairs_document(&source.title, pairs)?;
        self.replace(id, bytes, now).await
    }

    /// A page that was fetched (by `web::fetch`), kept as it was read.
    pub async fn add_page(&self, address: &str, page: &Document, bots: Vec<BotId>, now: Time) -> Result<SourceId> {
        let title = if page.title.trim().is_empty() { address } else { page.title.trim() };
        let new = NewSource {
            kind: SourceKind::Web,
            title: clip(title, 200),
            origin: Some(clip(address, 2_000)),
            mime: Some(DOCUMENT_MIME.to_owned()),
            bytes: serde_json::to_vec(page)?,
            bots,
        };
        self.add(new, now).await
    }

    /// A page that was fetched again.
    pub async fn replace_page(&self, id: SourceId, page: &Document, now: Time) -> Result<()> {
        self.replace(id, serde_json::to_vec(page)?, now).await
    }

    async fn add(&self, new: NewSource, now: Time) -> Result<SourceId> {
        self.db().ensure_room()?;
        let id = SourceId::fresh();
        let hash = self.keep(&new.bytes).await?;
        self.db().write(move |tx| store::insert(tx, id, &new, &hash, now)).await?;
        Ok(id)
    }

    async fn replace(&self, id: SourceId, bytes: Vec<u8>, now: Time) -> Result<()> {
        self.db().ensure_room()?;
        let hash = self.keep(&bytes).await?;
        self.db().write(move |tx| store::replace_content(tx, id, &hash, bytes.len(), now)).await
    }

    /// Newest first; `cursor` is what the page before gave as `next`.
    pub async fn sources(&self, cursor: Option<String>, limit: usize, now: Time) -> Result<Listed<Source>> {
        self.db().read(move |c| store::list(c, cursor.as_deref(), limit.clamp(1, 200), now)).await
    }

    pub async fn source(&self, id: SourceId) -> Result<Source> {
        self.db().read(move |c| store::get(c, id)).await
    }

    /// The passages of a source in reading order, which together are the document's view: each has its blocks.
    pub async fn passages(&self, id: SourceId, cursor: Option<String>, limit: usize) -> Result<Listed<SourcePassage>> {
        self.db().read(move |c| store::passages(c, id, cursor.as_deref(), limit.clamp(1, 500))).await
    }

    pub async fn passage(&self, id: PassageId) -> Result<(SourceId, SourcePassage)> {
        self.db().read(move |c| store::passage(c, id)).await
    }

    /// The original as it was given: bytes and type.
    pub async fn original(&self, id: SourceId) -> Result<(Vec<u8>, Option<String>)> {
        let source = self.source(id).await?;
        Ok((self.kept(&source.content_hash).await?, source.mime))
    }

    pub async fn rename_source(&self, id: SourceId, title: &str, now: Time) -> Result<()> {
        let title = check_title(title)?;
        self.db().write(move |tx| store::rename(tx, id, &title, now)).await
    }

    /// Which bots may use a source; empty means all.
    pub async fn scope_source(&self, id: SourceId, bots: Vec<BotId>, now: Time) -> Result<()> {
        self.db().write(move |tx| store::scope(tx, id, &bots, now)).await
    }

    /// Takes a source out of all answers at once; [`Knowledge::restore_source`] brings it back within ten minutes.
    pub async fn delete_source(&self, id: SourceId, now: Time) -> Result<()> {
        self.db().write(move |tx| store::mark_deleted(tx, id, Some(now))).await
    }

    pub async fn restore_source(&self, id: SourceId) -> Result<()> {
        self.db().write(move |tx| store::mark_deleted(tx, id, None)).await
    }

    /// Says that a source waits to be read, or to be read again; what is known of it stays in use meanwhile.
    pub async fn requeue_source(&self, id: SourceId) -> Result<()> {
        self.db().write(move |tx| store::set_state(tx, id, SourceState::Queued, 0, 0)).await
    }

    /// Forgets what was deleted longer ago than [`UNDO_FOR`], a few hundred passages a transaction. Returns the number of
    /// sources forgotten. Originals stay in the media folder, which has its own cleaning.
    pub async fn purge_sources(&self, now: Time) -> Result<usize> {
        let mut forgotten = 0;
        loop {
            let done = self.db().write(move |tx| store::purge_some(tx, now.minus(UNDO_FOR), 256)).await?;
            match done {
                store::Purged::Nothing => break,
                store::Purged::Some => {}
                store::Purged::Source => forgotten += 1,
            }
        }
        if forgotten > 0 {
            self.catch_up().await?;
        }
        Ok(forgotten)
    }

    /// The originals in the media folder, by their hash: those of sources that can still be brought back, too.
    pub async fn originals(&self) -> Result<HashSet<String>> {
        self.db().read(store::content_hashes).await
    }

    /// Stores bytes in the media folder under their hash.
    async fn keep(&self, bytes: &[u8]) -> Result<String> {
        let hash = hex::encode(Sha256::digest(bytes));
        let path = self.media().join(&hash);
        let bytes = bytes.to_vec();
        base::task::blocking(move || -> Result<()> {
            if std::fs::metadata(&path).is_ok_and(|m| m.len() == bytes.len() as u64) {
                return Ok(());
            }
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let unfinished = path.with_extension(format!("{}.part", base::id::fresh().simple()));
            let mut file = std::fs::File::create(&unfinished)?;
            std::io::Write::write_all(&mut file, &bytes)?;
            file.sync_all()?;
            drop(file);
            base::disk::rename(&unfinished, &path)?;
            Ok(())
        })
        .await??;
        Ok(hash)
    }

    async fn kept(&self, hash: &str) -> Result<Vec<u8>> {
        let path = self.media().join(hash);
        base::task::blocking(move || {
            std::fs::read(path).map_err(|e| {
                Error::unavailable("The original of this source is missing on the disk. Please add it again.")
                    .with_cause(e)
            })
        })
        .await?
    }
}

fn check_file(bytes: &[u8]) -> Result<()> {
    if bytes.is_empty() {
        return Err(Error::invalid("This file is empty. Please choose another one."));
    }
    if bytes.len() > LARGEST_FILE_BYTES {
        return Err(Error::too_large("This file is larger than 50 MB. Please split it and add the parts."));
    }
    Ok(())
}

fn check_title(title: &str) -> Result<String> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        return Err(Error::invalid("Please give it a title, so that answers can say where they come from."));
    }
    Ok(clip(&title, 200))
}

fn check_text(text: &str) -> Result<Vec<u8>> {
    if text.trim().is_empty() {
        return Err(Error::invalid("There is no text yet. Please write what the bot should know."));
    }
    if text.len() > LONGEST_TEXT_BYTES {
        return Err(Error::too_large("This text is longer than 4 MB. Please split it into several sources."));
    }
    Ok(text.as_bytes().to_vec())
}

fn pairs_document(title: &str, pairs: &[QuestionAnswer]) -> Result<Vec<u8>> {
    let blocks: Vec<Block> = pairs
        .iter()
        .filter(|p| !p.question.trim().is_empty() && !p.answer.trim().is_empty())
        .map(|p| Block {
            page: None,
            kind: BlockKind::Pair { question: clip(p.question.trim(), 1_000), answer: clip(p.answer.trim(), 10_000) },
        })
        .collect();
    if blocks.is_empty() {
        return Err(Error::invalid("Please write at least one question with its answer."));
    }
    if blocks.len() > MOST_PAIRS {
        return Err(Error::too_large("These are more than 2,000 questions. Please split them into several sources."));
    }
    let all: String = blocks
        .iter()
        .map(|b| match &b.kind {
            BlockKind::Pair { question, answer } => format!("{question} {answer} "),
            _ => String::new(),
        })
        .collect();
    let document = Document { title: title.to_owned(), language: crate::language::detect(&all), pages: 1, blocks };
    Ok(serde_json::to_vec(&document)?)
}

/// The last part of a path in any system's spelling, without control characters.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = last.chars().filter(|c| !c.is_control()).collect();
    let clean = clean.trim();
    if clean.is_empty() { "file".to_owned() } else { clip(clean, 200) }
}

/// "price_list-2026.pdf" is shown as "price list 2026".
fn title_of_file(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem });
    let title = stem.replace(['_', '-'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = title.chars();
    match letters.next() {
        None => name.to_owned(),
        Some(_) if title.eq_ignore_ascii_case("faq") => "FAQ".to_owned(),
        Some(first) => first.to_uppercase().chain(letters).collect(),
    }
}

pub(crate) fn clip(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
