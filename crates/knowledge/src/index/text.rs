//! The full-text index over passages: derived from the database, opened, caught up, and made anew when it is lost.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};

use base::{Error, Result};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value as _,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{Index, IndexReader, ReloadPolicy, TantivyDocument, Term};

use super::words;
use crate::concepts;

/// Part of the folder's name: a program with other rules makes its own index and leaves an older one alone.
pub(super) const VERSION: &str = "text-3-";
const WRITER_BUDGET_BYTES: usize = 20_000_000;
/// More different words than this are not kept in memory for correcting spelling; the rarest are left out.
const VOCABULARY: usize = 200_000;

/// What the index needs of a passage.
pub struct Entry {
    pub key: i64,
    pub headings: String,
    pub text: String,
    pub language: Option<String>,
}

/// One word to look for, with how much it counts.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub word: String,
    pub weight: f32,
}

struct Fields {
    key: Field,
    word: Field,
    stem: Field,
    head: Field,
}

struct Open {
    index: Index,
    reader: IndexReader,
    fields: Fields,
    /// Up to which change of the database it is complete.
    revision: i64,
    vocabulary: Arc<Vocabulary>,
}

/// The index in `folder`. Searching never waits for writing.
pub struct TextIndex {
    folder: PathBuf,
    open: RwLock<Open>,
    writing: Mutex<()>,
}

/// Every word of the indexed passages with the number of passages that hold it.
#[derive(Default)]
pub struct Vocabulary {
    pub words: HashMap<String, u32>,
    pub stems: HashMap<String, u32>,
    pub passages: u32,
    /// Words by length, for finding those that differ by a letter or two; with a mask of the letters in them.
    by_length: Vec<Vec<(u64, String)>>,
}

impl TextIndex {
    /// Opens the newest index in the folder, or makes an empty one at revision 0 when there is none that can be read.
    pub fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut found: Vec<PathBuf> = std::fs::read_dir(folder)?
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(VERSION)))
            .collect();
        found.sort();
        let mut open = None;
        while let Some(path) = found.pop() {
            match Open::at(&path) {
                Ok(opened) => {
                    open = Some(opened);
                    break;
                }
                Err(e) => {
                    tracing::warn!(error = ?e, "the full-text index could not be read and is made anew");
                    let _ = std::fs::remove_dir_all(&path);
                }
            }
        }
        for old in found {
            let _ = std::fs::remove_dir_all(old);
        }
        let open = match open {
            Some(open) => open,
            None => Open::at(&Self::fresh_folder(folder)?)?,
        };
        Ok(TextIndex { folder: folder.to_owned(), open: RwLock::new(open), writing: Mutex::new(()) })
    }

    fn fresh_folder(folder: &Path) -> Result<PathBuf> {
        let path = folder.join(format!("{VERSION}{}", base::id::fresh().simple()));
        std::fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Up to which revision of the database the index is complete.
    pub fn revision(&self) -> i64 {
        self.read().revision
    }

    /// Throws everything away; the next catching up starts from nothing. The old folder is removed when it can be.
    pub fn start_over(&self) -> Result<()> {
        let path = Self::fresh_folder(&self.folder)?;
        let fresh = Open::at(&path)?;
        *self.open.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        for entry in std::fs::read_dir(&self.folder)?.filter_map(std::result::Result::ok) {
            if entry.path() != path && entry.file_name().to_string_lossy().starts_with(VERSION) {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }

    /// Takes passages out and puts passages in, durably, up to `revision`. `next` is called until it gives nothing, so
    /// that a large rebuild never holds all passages in memory.
    pub fn apply(&self, removed: &[i64], mut next: impl FnMut() -> Result<Vec<Entry>>, revision: i64) -> Result<()> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (index, fields) = {
            let open = self.read();
            let f = &open.fields;
            (open.index.clone(), Fields { key: f.key, word: f.word, stem: f.stem, head: f.head })
        };
        let mut writer =
            index.writer_with_num_threads::<TantivyDocument>(1, WRITER_BUDGET_BYTES).map_err(Error::internal)?;
        for key in removed {
            writer.delete_term(Term::from_field_u64(fields.key, key.unsigned_abs()));
        }
        loop {
            let entries = next()?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                writer.delete_term(Term::from_field_u64(fields.key, entry.key.unsigned_abs()));
                writer.add_document(document(&fields, &entry)).map_err(Error::internal)?;
            }
        }
        let mut commit = writer.prepare_commit().map_err(Error::internal)?;
        commit.set_payload(&revision.to_string());
        commit.commit().map_err(Error::internal)?;
        // Also frees the writer's memory: it is only needed while something changes.
        writer.wait_merging_threads().map_err(Error::internal)?;
        let mut open = self.open.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        open.reader.reload().map_err(Error::internal)?;
        open.vocabulary = Arc::new(Vocabulary::read(&open.reader, &open.fields)?);
        open.revision = revision;
        Ok(())
    }

    pub fn vocabulary(&self) -> Arc<Vocabulary> {
        self.read().vocabulary.clone()
    }

    /// The passages that hold the words best, best first, with their scores. Words and stems are matched literally: no
    /// query language is involved, so nothing a customer types can be taken for one.
    pub fn search(&self, exact: &[Wanted], stems: &[Wanted], limit: usize) -> Result<Vec<(i64, f32)>> {
        let open = self.read();
        let f = &open.fields;
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut add = |field: Field, wanted: &Wanted, factor: f32| {
            let term = TermQuery::new(Term::from_field_text(field, &wanted.word), IndexRecordOption::WithFreqs);
            clauses.push((Occur::Should, Box::new(BoostQuery::new(Box::new(term), wanted.weight * factor))));
        };
        for wanted in exact {
            add(f.word, wanted, 0.5);
        }
        for wanted in stems {
            add(f.stem, wanted, 1.0);
            add(f.head, wanted, 0.6);
        }
        if clauses.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let searcher = open.reader.searcher();
        let query = BooleanQuery::new(clauses);
        let found = searcher.search(&query, &TopDocs::with_limit(limit).order_by_score()).map_err(Error::internal)?;
        let mut out = Vec::with_capacity(found.len());
        for (score, address) in found {
            let doc: TantivyDocument = searcher.doc(address).map_err(Error::internal)?;
            if let Some(key) = doc.get_first(f.key).and_then(|v| v.as_u64()) {
                out.push((i64::try_from(key).unwrap_or(0), score));
            }
        }
        Ok(out)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Open> {
        self.open.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Open {
    fn at(path: &Path) -> Result<Self> {
        let directory = tantivy::directory::MmapDirectory::open(path).map_err(Error::internal)?;
        let index = Index::open_or_create(directory, schema()).map_err(Error::internal)?;
        let schema = index.schema();
        let field = |name| schema.get_field(name).map_err(Error::internal);
        let fields = Fields { key: field("key")?, word: field("word")?, stem: field("stem")?, head: field("head")? };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(Error::internal)?;
        let revision =
            index.load_metas().map_err(Error::internal)?.payload.and_then(|payload| payload.parse().ok()).unwrap_or(0);
        let vocabulary = Arc::new(Vocabulary::read(&reader, &fields)?);
        Ok(Open { index, reader, fields, revision, vocabulary })
    }
}

fn schema() -> Schema {
    let mut builder = Schema::builder();
    builder.add_u64_field("key", INDEXED | STORED | FAST);
    // Texts come cut into words already; the named tokenizer only ever sees single words.
    let words = || {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default().set_tokenizer("raw").set_index_option(IndexRecordOption::WithFreqs),
        )
    };
    builder.add_text_field("word", words());
    builder.add_text_field("stem", words());
    builder.add_text_field("head", words());
    builder.build()
}

fn document(fields: &Fields, entry: &Entry) -> TantivyDocument {
    let language = entry.language.as_deref();
    let body = words::words_for_index(&entry.text);
    let head = words::words_for_index(&entry.headings);
    let stems = |words: &[String]| {
        let meant = words.iter().flat_map(|w| concepts::of(w, language.or(Some("en"))));
        tokens(words.iter().map(|w| words::stem(w, language)).chain(meant))
    };
    let mut doc = TantivyDocument::default();
    doc.add_u64(fields.key, entry.key.unsigned_abs());
    doc.add_pre_tokenized_text(fields.stem, stems(&body));
    doc.add_pre_tokenized_text(fields.head, stems(&head));
    doc.add_pre_tokenized_text(fields.word, tokens(body.into_iter().chain(head)));
    doc
}

fn tokens(words: impl Iterator<Item = String>) -> PreTokenizedString {
    let tokens = words
        .enumerate()
        .map(|(position, text)| Token { offset_from: 0, offset_to: 0, position, text, position_length: 1 })
        .collect();
    PreTokenizedString { text: String::new(), tokens }
}

impl Vocabulary {
    fn read(reader: &IndexReader, fields: &Fields) -> Result<Self> {
        let searcher = reader.searcher();
        let collect = |field: Field| -> Result<HashMap<String, u32>> {
            let mut out: HashMap<String, u32> = HashMap::new();
            for segment in searcher.segment_readers() {
                let inverted = segment.inverted_index(field).map_err(Error::internal)?;
                let mut stream = inverted.terms().stream()?;
                while stream.advance() {
                    if let Ok(word) = std::str::from_utf8(stream.key()) {
                        *out.entry(word.to_owned()).or_default() += stream.value().doc_freq;
                    }
                }
            }
            if out.len() > VOCABULARY {
                let mut all: Vec<_> = out.into_iter().collect();
                all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
                all.truncate(VOCABULARY);
                out = all.into_iter().collect();
            }
            Ok(out)
        };
        let words = collect(fields.word)?;
        let mut stems = collect(fields.stem)?;
        for (stem, count) in collect(fields.head)? {
            let entry = stems.entry(stem).or_default();
            *entry = (*entry).max(count);
        }
        let mut by_length: Vec<Vec<(u64, String)>> = vec![Vec::new(); 42];
        for word in words.keys().filter(|w| !words::is_number(w)) {
            let length = word.chars().count();
            if (3..by_length.len()).contains(&length) {
                by_length[length].push((letters(word), word.clone()));
            }
        }
        let passages = u32::try_from(searcher.num_docs()).unwrap_or(u32::MAX);
        Ok(Vocabulary { words, stems, passages, by_length })
    }

    /// How much a stem tells: large for what few passages hold, largest for what none does.
    pub fn rarity(&self, stem: &str) -> f32 {
        let n = self.passages as f32;
        let df = self.stems.get(stem).copied().unwrap_or(0) as f32;
        (1.0 + (n - df + 0.5).max(0.5) / (df + 0.5)).ln()
    }

    /// The known words that a misspelt one may stand for, nearest first, with a likeness below 1.
    pub fn like(&self, word: &str) -> Vec<(&str, f32)> {
        let length = word.chars().count();
        if length < 3 || words::is_number(word) {
            return Vec::new();
        }
        let farthest = super::spelling::allowed(length);
        let mask = letters(word);
        let mut out: Vec<(&str, f32)> = Vec::new();
        for length in length.saturating_sub(farthest)..=length + farthest {
            for (other_mask, other) in self.by_length.get(length).into_iter().flatten() {
                // Every edit changes at most two letters of the set.
                if (mask ^ other_mask).count_ones() as usize <= 2 * farthest
                    && let Some(likeness) = super::spelling::likeness(word, other)
                {
                    out.push((other, likeness));
                }
            }
        }
        out.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| self.words.get(b.0).cmp(&self.words.get(a.0))));
        out.truncate(3);
        out
    }
}

/// Which letters occur in a word, as a set of 64.
fn letters(word: &str) -> u64 {
    word.chars().fold(0, |mask, c| mask | 1 << (u32::from(c) % 64))
}
