//! Every statement on sources, passages and units.

use std::collections::{HashMap, HashSet};

use base::id::{BotId, PassageId, SourceId};
use base::{Error, Result, Time};
use db::Tx;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::{Listed, NewSource, Source, SourceKind, SourcePassage, SourceState};
use crate::document::{Passage, PassageKind};
use crate::index::vector::{Small, to_bits, to_blob};
use crate::unit::Unit;

const MS_PER_DAY: i64 = 86_400_000;

impl SourceKind {
    fn name(self) -> &'static str {
        match self {
            SourceKind::File => "file",
            SourceKind::Web => "web",
            SourceKind::Text => "text",
            SourceKind::Pairs => "pairs",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "web" => SourceKind::Web,
            "text" => SourceKind::Text,
            "pairs" => SourceKind::Pairs,
            _ => SourceKind::File,
        }
    }
}

impl SourceState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            SourceState::Queued => "queued",
            SourceState::Reading => "reading",
            SourceState::Understanding => "understanding",
            SourceState::Ready => "ready",
            SourceState::Failed => "failed",
            SourceState::Cancelled => "cancelled",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "reading" => SourceState::Reading,
            "understanding" => SourceState::Understanding,
            "ready" => SourceState::Ready,
            "failed" => SourceState::Failed,
            "cancelled" => SourceState::Cancelled,
            _ => SourceState::Queued,
        }
    }
}

pub(crate) fn kind_name(kind: PassageKind) -> &'static str {
    match kind {
        PassageKind::Text => "text",
        PassageKind::Table => "table",
        PassageKind::Pair => "pair",
    }
}

pub(crate) fn kind_from(name: &str) -> PassageKind {
    match name {
        "table" => PassageKind::Table,
        "pair" => PassageKind::Pair,
        _ => PassageKind::Text,
    }
}

fn announce(tx: &Tx<'_>, id: SourceId) {
    tx.publish("sources");
    tx.publish(format!("source:{id}"));
}

pub(super) fn insert(tx: &Tx<'_>, id: SourceId, new: &NewSource, hash: &str, now: Time) -> Result<()> {
    tx.prepare_cached(
        "insert into source (id, kind, title, origin, mime, size_bytes, content_hash, state, created_at, updated_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', ?8, ?8)",
    )?
    .execute(params![id, new.kind.name(), new.title, new.origin, new.mime, new.bytes.len() as i64, hash, now])?;
    set_bots(tx, tx.last_insert_rowid(), &new.bots)?;
    announce(tx, id);
    Ok(())
}

fn set_bots(tx: &Tx<'_>, key: i64, bots: &[BotId]) -> Result<()> {
    tx.prepare_cached("delete from source_bot where source_key = ?1")?.execute([key])?;
    for bot in bots {
        tx.prepare_cached("insert or ignore into source_bot values (?1, ?2)")?.execute(params![key, bot])?;
    }
    Ok(())
}

pub(super) fn replace_content(tx: &Tx<'_>, id: SourceId, hash: &str, size: usize, now: Time) -> Result<()> {
    changed(
        tx.prepare_cached(
            "update source set content_hash = ?2, size_bytes = ?3, state = 'queued', error_code = null,
             error_message = null, updated_at = ?4, refreshed_at = ?4 where id = ?1 and deleted_at is null",
        )?
        .execute(params![id, hash, size as i64, now])?,
        id,
    )?;
    announce(tx, id);
    Ok(())
}

pub(super) fn rename(tx: &Tx<'_>, id: SourceId, title: &str, now: Time) -> Result<()> {
    let done = tx
        .prepare_cached("update source set title = ?2, updated_at = ?3 where id = ?1 and deleted_at is null")?
        .execute(params![id, title, now])?;
    changed(done, id)?;
    announce(tx, id);
    Ok(())
}

pub(super) fn scope(tx: &Tx<'_>, id: SourceId, bots: &[BotId], now: Time) -> Result<()> {
    let key = key_of(tx, id)?;
    set_bots(tx, key, bots)?;
    tx.prepare_cached("update source set updated_at = ?2 where key = ?1")?.execute(params![key, now])?;
    announce(tx, id);
    Ok(())
}

pub(super) fn mark_deleted(tx: &Tx<'_>, id: SourceId, at: Option<Time>) -> Result<()> {
    let done = tx.prepare_cached("update source set deleted_at = ?2 where id = ?1")?.execute(params![id, at])?;
    changed(done, id)?;
    announce(tx, id);
    Ok(())
}

fn changed(rows: usize, id: SourceId) -> Result<()> {
    if rows == 0 { Err(Error::not_found("source", id)) } else { Ok(()) }
}

pub(crate) fn key_of(c: &Connection, id: SourceId) -> Result<i64> {
    c.prepare_cached("select key from source where id = ?1 and deleted_at is null")?
        .query_row([id], |r| r.get(0))
        .optional()?
        .ok_or_else(|| Error::not_found("source", id))
}

const COLUMNS: &str = "key, id, kind, title, origin, mime, size_bytes, content_hash, state, progress_done, progress_total, \
     error_code, error_message, language, pages, passages, created_at, updated_at, refreshed_at";

fn source(row: &Row<'_>) -> rusqlite::Result<(i64, Source)> {
    Ok((
        row.get("key")?,
        Source {
            id: row.get("id")?,
            kind: SourceKind::from_name(row.get_ref("kind")?.as_str()?),
            title: row.get("title")?,
            origin: row.get("origin")?,
            mime: row.get("mime")?,
            size_bytes: row.get::<_, i64>("size_bytes")?.unsigned_abs(),
            content_hash: row.get("content_hash")?,
            state: SourceState::from_name(row.get_ref("state")?.as_str()?),
            progress_done: row.get("progress_done")?,
            progress_total: row.get("progress_total")?,
            error_code: row.get("error_code")?,
            error: row.get("error_message")?,
            language: row.get("language")?,
            pages: row.get("pages")?,
            passages: row.get("passages")?,
            bots: Vec::new(),
            answers: 0,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            refreshed_at: row.get("refreshed_at")?,
        },
    ))
}

fn complete(c: &Connection, key: i64, source: &mut Source, since_day: i64) -> Result<()> {
    source.bots = c
        .prepare_cached("select bot_id from source_bot where source_key = ?1")?
        .query_map([key], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    source.answers = c
        .prepare_cached("select coalesce(sum(answers), 0) from source_answer where source_key = ?1 and day >= ?2")?
        .query_row(params![key, since_day], |r| r.get(0))?;
    Ok(())
}

pub(super) fn list(c: &Connection, cursor: Option<&str>, limit: usize, now: Time) -> Result<Listed<Source>> {
    let (at, key) = match cursor {
        Some(cursor) => parse_cursor(cursor)?,
        None => (i64::MAX, i64::MAX),
    };
    let mut statement = c.prepare_cached(&format!(
        "select {COLUMNS} from source where deleted_at is null and (created_at, key) < (?1, ?2)
         order by created_at desc, key desc limit ?3"
    ))?;
    let mut rows: Vec<(i64, Source)> =
        statement.query_map(params![at, key, limit as i64 + 1], source)?.collect::<rusqlite::Result<_>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(key, s)| format!("{}.{key}", s.created_at.as_ms()));
    let mut items = Vec::with_capacity(rows.len());
    for (key, mut source) in rows {
        complete(c, key, &mut source, now.as_ms() / MS_PER_DAY - 30)?;
        items.push(source);
    }
    Ok(Listed { items, next })
}

pub(crate) fn parse_cursor(cursor: &str) -> Result<(i64, i64)> {
    cursor
        .split_once('.')
        .and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)))
        .ok_or_else(|| Error::invalid("This place in the list is not known. Please reload the list."))
}

pub(crate) fn get(c: &Connection, id: SourceId) -> Result<Source> {
    let (key, mut source) = c
        .prepare_cached(&format!("select {COLUMNS} from source where id = ?1 and deleted_at is null"))?
        .query_row([id], source)
        .optional()?
        .ok_or_else(|| Error::not_found("source", id))?;
    let day: i64 = source.updated_at.as_ms() / MS_PER_DAY - 30;
    complete(c, key, &mut source, day)?;
    Ok(source)
}

fn source_passage(row: &Row<'_>) -> rusqlite::Result<SourcePassage> {
    Ok(SourcePassage {
        id: row.get("id")?,
        ordinal: row.get("ordinal")?,
        page: row.get("page")?,
        headings: json(row, "headings")?,
        kind: kind_from(row.get_ref("kind")?.as_str()?),
        text: row.get("text")?,
        blocks: json(row, "blocks")?,
        language: row.get("language")?,
    })
}

/// A column of JSON of ours; one that cannot be read (an older program's) is empty rather than an error for all.
pub(crate) fn json<T: serde::de::DeserializeOwned + Default>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    Ok(serde_json::from_str(row.get_ref(column)?.as_str()?).unwrap_or_default())
}

pub(super) fn passages(
    c: &Connection,
    id: SourceId,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Listed<SourcePassage>> {
    let key = key_of(c, id)?;
    let after: i64 = cursor
        .map_or(Ok(-1), str::parse)
        .map_err(|_| Error::invalid("This place in the document is not known. Please reload it."))?;
    let mut items: Vec<SourcePassage> = c
        .prepare_cached(
            "select id, ordinal, page, headings, kind, text, blocks, language from passage
             where source_key = ?1 and ordinal > ?2 order by ordinal limit ?3",
        )?
        .query_map(params![key, after, limit as i64 + 1], source_passage)?
        .collect::<rusqlite::Result<_>>()?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|p| p.ordinal.to_string());
    Ok(Listed { items, next })
}

pub(super) fn passage(c: &Connection, id: PassageId) -> Result<(SourceId, SourcePassage)> {
    c.prepare_cached(
        "select s.id as source_id, p.id, p.ordinal, p.page, p.headings, p.kind, p.text, p.blocks, p.language
         from passage p join source s on s.key = p.source_key where p.id = ?1 and s.deleted_at is null",
    )?
    .query_row([id], |row| Ok((row.get("source_id")?, source_passage(row)?)))
    .optional()?
    .ok_or_else(|| Error::not_found("passage", id))
}

pub(crate) fn set_state(tx: &Tx<'_>, id: SourceId, state: SourceState, done: u32, total: u32) -> Result<()> {
    tx.prepare_cached(
        "update source set state = ?2, progress_done = ?3, progress_total = ?4, error_code = null, error_message = null
         where id = ?1",
    )?
    .execute(params![id, state.name(), done, total])?;
    announce(tx, id);
    Ok(())
}

pub(super) fn set_failed(tx: &Tx<'_>, id: SourceId, state: SourceState, code: &str, message: &str) -> Result<()> {
    tx.prepare_cached("update source set state = ?2, error_code = ?3, error_message = ?4 where id = ?1")?
        .execute(params![id, state.name(), code, message])?;
    announce(tx, id);
    Ok(())
}

/// What is known of a document once it was taken apart.
pub(super) struct Read {
    pub language: Option<String>,
    pub pages: u32,
    pub passages: u32,
    pub indexed_as: String,
}

pub(super) fn set_read(tx: &Tx<'_>, id: SourceId, read: &Read) -> Result<()> {
    tx.prepare_cached(
        "update source set language = :language, pages = :pages, passages = :passages, indexed_as = :indexed_as
         where id = :id",
    )?
    .execute(named_params! {
        ":id": id, ":language": read.language, ":pages": read.pages, ":passages": read.passages,
        ":indexed_as": read.indexed_as,
    })?;
    Ok(())
}

/// The passages a source has now: hash, key, and whether position and page are still the same is for the caller.
pub(super) struct Known {
    pub key: i64,
    pub hash: String,
    pub ordinal: u32,
    pub page: Option<u32>,
}

pub(super) fn known(c: &Connection, source_key: i64) -> Result<Vec<Known>> {
    Ok(c.prepare_cached("select key, hash, ordinal, page from passage where source_key = ?1 order by ordinal")?
        .query_map([source_key], |r| {
            Ok(Known { key: r.get(0)?, hash: r.get(1)?, ordinal: r.get(2)?, page: r.get(3)? })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

fn next_revision(tx: &Tx<'_>) -> Result<i64> {
    Ok(tx
        .prepare_cached("update search_state set value = value + 1 where name = 'revision' returning value")?
        .query_row([], |r| r.get(0))?)
}

pub(super) fn insert_passage(tx: &Tx<'_>, source_key: i64, passage: &Passage, units: &[Unit]) -> Result<()> {
    let revision = next_revision(tx)?;
    tx.prepare_cached(
        "insert into passage (id, source_key, ordinal, page, headings, kind, text, blocks, language, hash, revision)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        PassageId::fresh(),
        source_key,
        passage.ordinal,
        passage.page,
        serde_json::to_string(&passage.headings)?,
        kind_name(passage.kind),
        passage.text,
        serde_json::to_string(&passage.blocks)?,
        passage.language,
        passage.hash,
        revision,
    ])?;
    let key = tx.last_insert_rowid();
    for (ordinal, unit) in units.iter().enumerate() {
        tx.prepare_cached(
            "insert into unit (passage_key, ordinal, kind, block, row, text) values (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            key,
            ordinal as i64,
            unit.kind.name(),
            unit.block as i64,
            unit.row.map(|r| r as i64),
            unit.text
        ])?;
    }
    Ok(())
}

pub(super) fn move_passage(tx: &Tx<'_>, key: i64, ordinal: u32, page: Option<u32>) -> Result<()> {
    tx.prepare_cached("update passage set ordinal = ?2, page = ?3 where key = ?1")?
        .execute(params![key, ordinal, page])?;
    Ok(())
}

/// Takes a passage out of everything in the database; the full-text index hears of it by the revision.
pub(super) fn remove_passage(tx: &Tx<'_>, key: i64) -> Result<()> {
    let revision = next_revision(tx)?;
    let units: Vec<i64> = tx
        .prepare_cached("select key from unit where passage_key = ?1")?
        .query_map([key], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for unit in units {
        tx.prepare_cached("delete from unit_bits where unit_key = ?1")?.execute([unit])?;
    }
    tx.prepare_cached("delete from passage_bits where passage_key = ?1")?.execute([key])?;
    tx.prepare_cached("delete from passage where key = ?1")?.execute([key])?;
    tx.prepare_cached("insert into passage_removed values (?1, ?2)")?.execute([revision, key])?;
    Ok(())
}

/// A passage that has no vector of this embedder yet.
pub(super) struct Waiting {
    pub key: i64,
    pub source_title: String,
    pub headings: Vec<String>,
    pub text: String,
    pub blocks: Vec<crate::document::Block>,
    pub units: Vec<(i64, Unit)>,
}

pub(super) fn count_waiting(c: &Connection, source_key: Option<i64>, embedder: &str) -> Result<u32> {
    Ok(match source_key {
        Some(key) => c
            .prepare_cached("select count(*) from passage where source_key = ?1 and embedder is not ?2")?
            .query_row(params![key, embedder], |r| r.get(0))?,
        None => c
            .prepare_cached("select count(*) from passage where embedder is not ?1")?
            .query_row([embedder], |r| r.get(0))?,
    })
}

pub(super) fn waiting(
    c: &Connection,
    source_key: Option<i64>,
    embedder: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<Waiting>> {
    let scope = if source_key.is_some() { "p.source_key = :source and" } else { ":source is null and" };
    let mut out: Vec<Waiting> = c
        .prepare_cached(&format!(
            "select p.key, s.title, p.headings, p.text, p.blocks from passage p join source s on s.key = p.source_key
             where {scope} p.embedder is not :embedder and p.key > :after order by p.key limit :limit"
        ))?
        .query_map(
            named_params! { ":source": source_key, ":embedder": embedder, ":after": after, ":limit": limit as i64 },
            |row| {
                Ok(Waiting {
                    key: row.get(0)?,
                    source_title: row.get(1)?,
                    headings: json(row, "headings")?,
                    text: row.get("text")?,
                    blocks: json(row, "blocks")?,
                    units: Vec::new(),
                })
            },
        )?
        .collect::<rusqlite::Result<_>>()?;
    for waiting in &mut out {
        waiting.units = units_of(c, waiting.key)?;
    }
    Ok(out)
}

pub(crate) fn units_of(c: &Connection, passage_key: i64) -> Result<Vec<(i64, Unit)>> {
    Ok(c.prepare_cached("select key, kind, block, row, text from unit where passage_key = ?1 order by ordinal")?
        .query_map([passage_key], |r| {
            Ok((
                r.get(0)?,
                Unit {
                    kind: crate::unit::UnitKind::from_name(r.get_ref(1)?.as_str()?),
                    block: r.get::<_, i64>(2)?.unsigned_abs() as usize,
                    row: r.get::<_, Option<i64>>(3)?.map(|row| row.unsigned_abs() as usize),
                    text: r.get(4)?,
                },
            ))
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// The vectors made for one passage and its units.
pub(super) struct Embedded {
    pub key: i64,
    pub vector: Vec<f32>,
    pub units: Vec<(i64, Vec<f32>)>,
}

/// Stores vectors; a passage that was removed meanwhile is passed over.
pub(super) fn store_vectors(tx: &Tx<'_>, embedder: &str, mean: &[f32], batch: &[Embedded]) -> Result<()> {
    for embedded in batch {
        let done = tx
            .prepare_cached("update passage set vector = ?2, embedder = ?3 where key = ?1")?
            .execute(params![embedded.key, to_blob(&embedded.vector), embedder])?;
        if done == 0 {
            continue;
        }
        tx.prepare_cached("delete from passage_bits where passage_key = ?1")?.execute([embedded.key])?;
        tx.prepare_cached("insert into passage_bits (passage_key, bits) values (?1, vec_bit(?2))")?
            .execute(params![embedded.key, to_bits(&embedded.vector, mean)])?;
        for (unit, vector) in &embedded.units {
            let small = Small::of(vector);
            tx.prepare_cached("update unit set vector = ?2, scale = ?3 where key = ?1")?.execute(params![
                unit,
                small.bytes,
                small.scale
            ])?;
            tx.prepare_cached("delete from unit_bits where unit_key = ?1")?.execute([unit])?;
            tx.prepare_cached("insert into unit_bits (unit_key, bits) values (?1, vec_bit(?2))")?
                .execute(params![unit, to_bits(vector, mean)])?;
        }
    }
    Ok(())
}

/// The stored mean of an embedder, or `fresh` from now on.
pub(super) fn embedder_mean(tx: &Tx<'_>, embedder: &str, fresh: &[f32]) -> Result<Vec<f32>> {
    tx.prepare_cached("insert or ignore into embedder (id, mean) values (?1, ?2)")?
        .execute(params![embedder, to_blob(fresh)])?;
    let blob: Vec<u8> =
        tx.prepare_cached("select mean from embedder where id = ?1")?.query_row([embedder], |r| r.get(0))?;
    Ok(crate::index::vector::from_blob(&blob).unwrap_or_else(|| fresh.to_vec()))
}

pub(super) fn has_strangers(c: &Connection, embedder: &str, version: i64) -> Result<bool> {
    Ok(c.prepare_cached("select 1 from embedder where id = ?1 and strangers_version = ?2")?
        .exists(params![embedder, version])?)
}

pub(super) fn set_strangers(tx: &Tx<'_>, embedder: &str, vectors: &[Vec<f32>], version: i64) -> Result<()> {
    let blob: Vec<u8> = vectors.iter().flat_map(|v| to_blob(v)).collect();
    tx.prepare_cached("update embedder set strangers = ?2, strangers_version = ?3 where id = ?1")?
        .execute(params![embedder, blob, version])?;
    Ok(())
}

pub(crate) fn count_answer(tx: &Tx<'_>, sources: &[SourceId], now: Time) -> Result<()> {
    for id in sources {
        tx.prepare_cached(
            "insert into source_answer select key, ?2, 1 from source where id = ?1
             on conflict (source_key, day) do update set answers = answers + 1",
        )?
        .execute(params![id, now.as_ms() / MS_PER_DAY])?;
    }
    Ok(())
}

pub(super) enum Purged {
    Nothing,
    Some,
    Source,
}

/// Forgets up to `most` passages of one source that was deleted before `before`, and the source with its last passage.
pub(super) fn purge_some(tx: &Tx<'_>, before: Time, most: usize) -> Result<Purged> {
    let found: Option<i64> = tx
        .prepare_cached("select key from source where deleted_at is not null and deleted_at <= ?1 limit 1")?
        .query_row([before], |r| r.get(0))
        .optional()?;
    let Some(source_key) = found else { return Ok(Purged::Nothing) };
    let keys: Vec<i64> = tx
        .prepare_cached("select key from passage where source_key = ?1 limit ?2")?
        .query_map(params![source_key, most as i64], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for key in &keys {
        remove_passage(tx, *key)?;
    }
    if keys.len() < most {
        tx.prepare_cached("delete from source where key = ?1")?.execute([source_key])?;
        tx.publish("sources");
        return Ok(Purged::Source);
    }
    Ok(Purged::Some)
}

/// The hashes of all originals; a business has some thousands at most.
pub(super) fn content_hashes(c: &Connection) -> Result<HashSet<String>> {
    Ok(c.prepare_cached("select content_hash from source")?
        .query_map([], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Source ids by origin, for the evaluation's expected sources.
pub(crate) fn origins(c: &Connection) -> Result<HashMap<SourceId, String>> {
    Ok(c.prepare_cached("select id, coalesce(origin, title) from source where deleted_at is null")?
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?)
}
