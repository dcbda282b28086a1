//! Every statement on gaps.

use base::id::{ApprovedAnswerId, BotId, GapId};
use base::{Error, Result, Time};
use db::Tx;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Gap, GapState};
use crate::index::vector::{from_blob, to_blob};
use crate::sources::Listed;
use crate::sources::store::parse_cursor;

impl GapState {
    fn name(self) -> &'static str {
        match self {
            GapState::Open => "open",
            GapState::Taught => "taught",
            GapState::Dismissed => "dismissed",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "taught" => GapState::Taught,
            "dismissed" => GapState::Dismissed,
            _ => GapState::Open,
        }
    }
}

pub(super) fn by_words(c: &Connection, bot: Option<BotId>, words: &str) -> Result<Option<GapId>> {
    Ok(c.prepare_cached("select id from gap where words = ?1 and bot_id is ?2 and state <> 'taught' limit 1")?
        .query_row(params![words, bot], |r| r.get(0))
        .optional()?)
}

pub(super) fn compared(
    c: &Connection,
    bot: Option<BotId>,
    embedder: &str,
    most: usize,
) -> Result<Vec<(GapId, Vec<f32>)>> {
    Ok(c.prepare_cached(
        "select id, vector from gap where state = 'open' and bot_id is ?1 and embedder = ?2
         order by last_at desc, key desc limit ?3",
    )?
    .query_map(params![bot, embedder, most as i64], |r| {
        Ok((r.get(0)?, r.get_ref(1)?.as_blob().ok().and_then(from_blob)))
    })?
    .collect::<rusqlite::Result<Vec<_>>>()?
    .into_iter()
    .filter_map(|(id, vector)| Some((id, vector?)))
    .collect())
}

pub(super) fn insert(
    tx: &Tx<'_>,
    bot: Option<BotId>,
    question: &str,
    words: &str,
    vector: Option<&(String, Vec<f32>)>,
    now: Time,
) -> Result<GapId> {
    let id = GapId::fresh();
    tx.prepare_cached(
        "insert into gap (id, bot_id, question, words, vector, embedder, asked, first_at, last_at, state)
         values (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7, 'open')",
    )?
    .execute(params![
        id,
        bot,
        question,
        words,
        vector.map(|(_, v)| to_blob(v)),
        vector.map(|(name, _)| name),
        now
    ])?;
    tx.publish("gaps");
    Ok(id)
}

pub(super) fn asked_again(tx: &Tx<'_>, id: GapId, question: &str, examples: usize, now: Time) -> Result<GapId> {
    let (key, first): (i64, String) = tx
        .prepare_cached("update gap set asked = asked + 1, last_at = ?2 where id = ?1 returning key, question")?
        .query_row(params![id, now], |r| Ok((r.get(0)?, r.get(1)?)))?;
    if first != question {
        tx.prepare_cached("delete from gap_example where gap_key = ?1 and question = ?2")?
            .execute(params![key, question])?;
        tx.prepare_cached("insert or ignore into gap_example values (?1, ?2, ?3)")?
            .execute(params![key, now, question])?;
        tx.prepare_cached(
            "delete from gap_example where gap_key = ?1 and (asked_at, question) not in
               (select asked_at, question from gap_example where gap_key = ?1 order by asked_at desc limit ?2)",
        )?
        .execute(params![key, examples as i64])?;
    }
    tx.publish("gaps");
    Ok(id)
}

fn gap(row: &Row<'_>) -> rusqlite::Result<(i64, Gap)> {
    Ok((
        row.get("key")?,
        Gap {
            id: row.get("id")?,
            bot: row.get("bot_id")?,
            question: row.get("question")?,
            examples: Vec::new(),
            asked: row.get("asked")?,
            first_at: row.get("first_at")?,
            last_at: row.get("last_at")?,
            state: GapState::from_name(row.get_ref("state")?.as_str()?),
            answer: row.get("answer_id")?,
        },
    ))
}

fn examples(c: &Connection, key: i64) -> Result<Vec<String>> {
    Ok(c.prepare_cached("select question from gap_example where gap_key = ?1 order by asked_at desc")?
        .query_map([key], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

pub(super) fn get(c: &Connection, id: GapId) -> Result<Gap> {
    let (key, mut found) = c
        .prepare_cached("select * from gap where id = ?1")?
        .query_row([id], gap)
        .optional()?
        .ok_or_else(|| Error::not_found("question", id))?;
    found.examples = examples(c, key)?;
    Ok(found)
}

pub(super) fn list(c: &Connection, state: GapState, cursor: Option<&str>, limit: usize) -> Result<Listed<Gap>> {
    let (at, key) = match cursor {
        Some(cursor) => parse_cursor(cursor)?,
        None => (i64::MAX, i64::MAX),
    };
    let mut rows: Vec<(i64, Gap)> = c
        .prepare_cached(
            "select * from gap where state = ?1 and (last_at, key) < (?2, ?3) order by last_at desc, key desc limit ?4",
        )?
        .query_map(params![state.name(), at, key, limit as i64 + 1], gap)?
        .collect::<rusqlite::Result<_>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(key, g)| format!("{}.{key}", g.last_at.as_ms()));
    let mut items = Vec::with_capacity(rows.len());
    for (key, mut found) in rows {
        found.examples = examples(c, key)?;
        items.push(found);
    }
    Ok(Listed { items, next })
}

pub(super) fn set_state(tx: &Tx<'_>, id: GapId, state: GapState, answer: Option<ApprovedAnswerId>) -> Result<()> {
    let done = tx
        .prepare_cached("update gap set state = ?2, answer_id = coalesce(?3, answer_id) where id = ?1")?
        .execute(params![id, state.name(), answer])?;
    if done == 0 {
        return Err(Error::not_found("question", id));
    }
    tx.publish("gaps");
    Ok(())
}
