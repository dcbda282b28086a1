//! Every statement of searching: the coarse pass over bits, exact vectors, what the full-text index catches up on.

use std::collections::{HashMap, HashSet};

use base::Result;
use base::id::{BotId, PassageId, SourceId};
use db::Tx;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::signs::{Of, Signs};
use super::text::Entry;
use super::vector::{Small, dot, dot_bytes, from_blob, to_bits};
use crate::document::{Block, PassageKind};
use crate::sources::store::{json, kind_from};

/// The revision of the database's passages.
pub(crate) fn revision(c: &Connection) -> Result<i64> {
    state(c, "revision")
}

/// Removals up to this revision are no longer listed: an index that is older has to start over.
pub(crate) fn forgotten(c: &Connection) -> Result<i64> {
    state(c, "forgotten")
}

pub(crate) fn state(c: &Connection, name: &str) -> Result<i64> {
    Ok(c.prepare_cached("select value from search_state where name = ?1")?.query_row([name], |r| r.get(0))?)
}

pub(crate) fn removed_since(c: &Connection, revision: i64, until: i64) -> Result<Vec<i64>> {
    Ok(c.prepare_cached("select passage_key from passage_removed where revision > ?1 and revision <= ?2")?
        .query_map([revision, until], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Passages changed after `revision` up to `until`, with their revision, oldest change first.
pub(crate) fn changed_since(c: &Connection, revision: i64, until: i64, limit: usize) -> Result<Vec<(i64, Entry)>> {
    Ok(c.prepare_cached(
        "select p.revision, p.key, p.headings, p.text, coalesce(p.language, s.language) as language, s.title
         from passage p join source s on s.key = p.source_key
         where p.revision > ?1 and p.revision <= ?2 order by p.revision limit ?3",
    )?
    .query_map(params![revision, until, limit as i64], |r| {
        let mut headings: Vec<String> = json(r, "headings")?;
        headings.push(r.get("title")?);
        Ok((r.get(0)?, Entry { key: r.get(1)?, headings: headings.join("\n"), text: r.get(3)?, language: r.get(4)? }))
    })?
    .collect::<rusqlite::Result<_>>()?)
}

/// Forgets the removals that the index has made its own.
pub(crate) fn forget_removed(tx: &Tx<'_>, until: i64) -> Result<()> {
    tx.prepare_cached("delete from passage_removed where revision <= ?1")?.execute([until])?;
    tx.prepare_cached("update search_state set value = max(value, ?1) where name = 'forgotten'")?.execute([until])?;
    Ok(())
}

/// What may be used for an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed {
    pub keys: HashSet<i64>,
    /// Whether some source is left out, so that searching has to look at it.
    pub some_left_out: bool,
}

pub(crate) fn allowed(c: &Connection, bot: Option<BotId>, sources: &[SourceId]) -> Result<Allowed> {
    let mut out = Allowed::default();
    let mut statement = c.prepare_cached(
        "select s.key, s.id, s.deleted_at is null
           and (?1 is null or not exists (select 1 from source_bot b where b.source_key = s.key)
                or exists (select 1 from source_bot b where b.source_key = s.key and b.bot_id = ?1))
         from source s",
    )?;
    let mut rows = statement.query([bot])?;
    while let Some(row) = rows.next()? {
        let id: SourceId = row.get(1)?;
        if row.get::<_, bool>(2)? && (sources.is_empty() || sources.contains(&id)) {
            out.keys.insert(row.get(0)?);
        } else {
            out.some_left_out = true;
        }
    }
    Ok(out)
}

/// The languages of all passages, commonest first.
pub(crate) fn languages(c: &Connection) -> Result<Vec<String>> {
    Ok(c.prepare_cached(
        "select language from source where language is not null and deleted_at is null
         group by language order by sum(passages) desc limit 6",
    )?
    .query_map([], |r| r.get(0))?
    .collect::<rusqlite::Result<_>>()?)
}

/// What is kept of an embedder.
pub(crate) struct KnownEmbedder {
    pub mean: Vec<f32>,
    pub strangers: Vec<Vec<f32>>,
}

/// The mean of an embedder's vectors, and its vectors of everyday questions about other things.
pub(crate) fn known_embedder(c: &Connection, embedder: &str) -> Result<Option<KnownEmbedder>> {
    let mut statement = c.prepare_cached("select mean, strangers from embedder where id = ?1")?;
    let mut rows = statement.query([embedder])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let strangers = row.get_ref(1)?.as_blob_or_null().ok().flatten().unwrap_or_default();
    let strangers = strangers.chunks_exact(super::vector::DIMENSIONS * 4).filter_map(from_blob).collect();
    Ok(from_blob(row.get_ref(0)?.as_blob().unwrap_or_default()).map(|mean| KnownEmbedder { mean, strangers }))
}

/// The nearest units to a query by exact cosine: unit, its passage, cosine; best first. The coarse pass gives `coarse`.
pub(crate) fn near_units(
    c: &Connection,
    query: &[f32],
    mean: &[f32],
    embedder: &str,
    allowed: &Allowed,
    signs: &Signs,
    coarse: usize,
) -> Result<Vec<(i64, i64, f32)>> {
    let keys = coarse_pass(c, Of::Units, signs, &to_bits(query, mean), allowed, coarse)?;
    let sql = format!(
        "select u.key, u.passage_key, u.vector, u.scale, p.source_key from unit u join passage p on p.key = u.passage_key
         where u.key in ({}) and u.vector is not null and p.embedder = ?",
        marks(keys.len())
    );
    let mut statement = c.prepare_cached(&sql)?;
    let values = keys.iter().map(|k| Value::Integer(*k)).chain([Value::Text(embedder.to_owned())]);
    let mut rows = statement.query(params_from_iter(values))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        if allowed.keys.contains(&row.get(4)?) {
            let bytes = row.get_ref(2)?.as_blob().unwrap_or_default();
            out.push((row.get(0)?, row.get(1)?, dot_bytes(bytes, row.get(3)?, query)));
        }
    }
    out.sort_by(|a, b| b.2.total_cmp(&a.2));
    Ok(out)
}

/// The nearest passages to a query by exact cosine, best first.
pub(crate) fn near_passages(
    c: &Connection,
    query: &[f32],
    mean: &[f32],
    embedder: &str,
    allowed: &Allowed,
    signs: &Signs,
    coarse: usize,
) -> Result<Vec<(i64, f32)>> {
    let keys = coarse_pass(c, Of::Passages, signs, &to_bits(query, mean), allowed, coarse)?;
    let sql = format!(
        "select key, vector, source_key from passage where key in ({}) and vector is not null and embedder = ?",
        marks(keys.len())
    );
    let mut statement = c.prepare_cached(&sql)?;
    let values = keys.iter().map(|k| Value::Integer(*k)).chain([Value::Text(embedder.to_owned())]);
    let mut rows = statement.query(params_from_iter(values))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        if allowed.keys.contains(&row.get(2)?)
            && let Some(vector) = from_blob(row.get_ref(1)?.as_blob().unwrap_or_default())
        {
            out.push((row.get(0)?, dot(&vector, query)));
        }
    }
    out.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(out)
}

/// The signs of every unit or passage that has a vector, with its key.
pub(crate) fn each_signs(c: &Connection, of: Of, mut each: impl FnMut(i64, &[u8])) -> Result<()> {
    let mut statement = c.prepare_cached(match of {
        Of::Units => "select unit_key, bits from unit_bits",
        Of::Passages => "select passage_key, bits from passage_bits",
    })?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, row.get_ref(1)?.as_blob().unwrap_or_default());
    }
    Ok(())
}

/// Keys by likeness of bits. Where sources are left out, the first pass looks at all and only if too few of what it finds
/// is allowed does a second one look at the allowed alone, which costs more.
fn coarse_pass(c: &Connection, of: Of, signs: &Signs, bits: &[u8], allowed: &Allowed, k: usize) -> Result<Vec<i64>> {
    let k = k.clamp(1, 4_096);
    let all = signs.nearest(of, bits, k);
    if !allowed.some_left_out || all.is_empty() {
        return Ok(all);
    }
    let owner = match of {
        Of::Units => "select p.source_key from unit u join passage p on p.key = u.passage_key where u.key = ?1",
        Of::Passages => "select source_key from passage where key = ?1",
    };
    let mut kept = Vec::new();
    for key in all {
        let source: i64 = c.prepare_cached(owner)?.query_row([key], |r| r.get(0)).unwrap_or(-1);
        if allowed.keys.contains(&source) {
            kept.push(key);
        }
    }
    if kept.len() >= k / 4 || allowed.keys.is_empty() {
        return Ok(kept);
    }
    let (what, inside) = match of {
        Of::Units => ("unit", "select u.key from unit u join passage p on p.key = u.passage_key where p.source_key in"),
        Of::Passages => ("passage", "select key from passage where source_key in"),
    };
    let sql = format!(
        "select {what}_key from {what}_bits where bits match vec_bit(?) and k = ? and {what}_key in ({inside} ({}))",
        marks(allowed.keys.len())
    );
    let values = [Value::Blob(bits.to_vec()), Value::Integer(k as i64)]
        .into_iter()
        .chain(allowed.keys.iter().map(|s| Value::Integer(*s)));
    Ok(c.prepare(&sql)?.query_map(params_from_iter(values), |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(",")
}

/// A passage as retrieval hands it on.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub key: i64,
    pub id: PassageId,
    pub source_key: i64,
    pub source: SourceId,
    pub source_title: String,
    pub ordinal: u32,
    pub page: Option<u32>,
    pub headings: Vec<String>,
    pub kind: PassageKind,
    pub text: String,
    pub blocks: Vec<Block>,
    pub language: Option<String>,
}

pub(crate) fn load(c: &Connection, keys: &[i64], allowed: &Allowed) -> Result<HashMap<i64, Loaded>> {
    let mut out = HashMap::new();
    for key in keys {
        let mut statement = c.prepare_cached(
            "select p.key, p.id, p.source_key, s.id as source_id, s.title, p.ordinal, p.page, p.headings, p.kind, p.text,
                    p.blocks, coalesce(p.language, s.language) as language
             from passage p join source s on s.key = p.source_key where p.key = ?1",
        )?;
        let mut rows = statement.query([key])?;
        if let Some(row) = rows.next()?
            && allowed.keys.contains(&row.get(2)?)
        {
            let loaded = Loaded {
                key: row.get(0)?,
                id: row.get(1)?,
                source_key: row.get(2)?,
                source: row.get(3)?,
                source_title: row.get(4)?,
                ordinal: row.get(5)?,
                page: row.get(6)?,
                headings: json(row, "headings")?,
                kind: kind_from(row.get_ref("kind")?.as_str().map_err(rusqlite::Error::from)?),
                text: row.get("text")?,
                blocks: json(row, "blocks")?,
                language: row.get("language")?,
            };
            out.insert(*key, loaded);
        }
    }
    Ok(out)
}

/// A unit's vector with its cosines to the vectors of a question.
pub(crate) struct NearUnit {
    pub vector: Small,
    pub cosines: Vec<f32>,
}

/// The units of a passage with their bytes and their cosines to each query (empty when there are no vectors of this embedder).
pub(crate) fn unit_cosines(
    c: &Connection,
    passage_key: i64,
    embedder: Option<&str>,
    queries: &[std::sync::Arc<[f32]>],
) -> Result<Vec<(i64, NearUnit)>> {
    let mut statement = c.prepare_cached(
        "select u.key, u.vector, u.scale from unit u join passage p on p.key = u.passage_key
         where u.passage_key = ?1 and p.embedder is ?2 and u.vector is not null order by u.ordinal",
    )?;
    let mut rows = statement.query(params![passage_key, embedder])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
        let scale = row.get(2)?;
        let cosines = queries.iter().map(|q| dot_bytes(bytes, scale, q)).collect();
        out.push((row.get(0)?, NearUnit { vector: Small { bytes: bytes.to_vec(), scale }, cosines }));
    }
    Ok(out)
}

/// A unit's vector in bytes with the language of its passage.
pub(crate) struct Sampled {
    pub bytes: Vec<u8>,
    pub scale: f32,
    pub language: Option<String>,
}

/// An even sample of unit vectors, against which a query's cosines are judged.
pub(crate) fn sample(c: &Connection, embedder: &str, most: usize) -> Result<Vec<Sampled>> {
    let count: i64 = c.prepare_cached("select count(*) from unit")?.query_row([], |r| r.get(0))?;
    let step = (count / most as i64).max(1);
    Ok(c.prepare_cached(
        "select u.vector, u.scale, coalesce(p.language, s.language) from unit u
         join passage p on p.key = u.passage_key join source s on s.key = p.source_key
         where u.key % ?1 = 0 and u.vector is not null and p.embedder = ?2 limit ?3",
    )?
    .query_map(params![step, embedder, most as i64 * 2], |r| {
        Ok(Sampled { bytes: r.get(0)?, scale: r.get(1)?, language: r.get(2)? })
    })?
    .collect::<rusqlite::Result<_>>()?)
}
