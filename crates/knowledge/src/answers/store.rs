//! Every statement on approved answers.

use base::id::{ApprovedAnswerId, BotId};
use base::{Error, Result, Time};
use db::Tx;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{ApprovedAnswer, NewApprovedAnswer};
use crate::index::vector::{from_blob, to_blob};
use crate::sources::Listed;
use crate::sources::store::parse_cursor;

type Vectors = [Option<(String, Vec<f32>)>];

pub(crate) fn insert(
    tx: &Tx<'_>,
    id: ApprovedAnswerId,
    new: &NewApprovedAnswer,
    vectors: &Vectors,
    now: Time,
) -> Result<()> {
    tx.prepare_cached(
        "insert into approved_answer (id, answer, bot_id, created_at, updated_at) values (?1, ?2, ?3, ?4, ?4)",
    )?
    .execute(params![id, new.answer, new.bot, now])?;
    insert_questions(tx, tx.last_insert_rowid(), &new.questions, vectors)
}

fn insert_questions(tx: &Tx<'_>, key: i64, questions: &[String], vectors: &Vectors) -> Result<()> {
    for (i, question) in questions.iter().enumerate() {
        let vector = vectors.get(i).and_then(Option::as_ref);
        tx.prepare_cached(
            "insert into approved_question (answer_key, text, vector, embedder) values (?1, ?2, ?3, ?4)",
        )?
        .execute(params![key, question, vector.map(|(_, v)| to_blob(v)), vector.map(|(name, _)| name)])?;
    }
    tx.publish("approved_answers");
    Ok(())
}

fn key_of(c: &Connection, id: ApprovedAnswerId) -> Result<i64> {
    c.prepare_cached("select key from approved_answer where id = ?1")?
        .query_row([id], |r| r.get(0))
        .optional()?
        .ok_or_else(|| Error::not_found("answer", id))
}

pub(super) fn update(
    tx: &Tx<'_>,
    id: ApprovedAnswerId,
    new: &NewApprovedAnswer,
    vectors: &Vectors,
    now: Time,
) -> Result<()> {
    let key = key_of(tx, id)?;
    tx.prepare_cached("update approved_answer set answer = ?2, bot_id = ?3, updated_at = ?4 where key = ?1")?
        .execute(params![key, new.answer, new.bot, now])?;
    tx.prepare_cached("delete from approved_question where answer_key = ?1")?.execute([key])?;
    insert_questions(tx, key, &new.questions, vectors)
}

pub(super) fn delete(tx: &Tx<'_>, id: ApprovedAnswerId) -> Result<()> {
    let key = key_of(tx, id)?;
    tx.prepare_cached("delete from approved_answer where key = ?1")?.execute([key])?;
    tx.publish("approved_answers");
    Ok(())
}

fn answer(row: &Row<'_>) -> rusqlite::Result<(i64, ApprovedAnswer)> {
    Ok((
        row.get("key")?,
        ApprovedAnswer {
            id: row.get("id")?,
            questions: Vec::new(),
            answer: row.get("answer")?,
            bot: row.get("bot_id")?,
            used: row.get("used")?,
            used_at: row.get("used_at")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        },
    ))
}

fn questions(c: &Connection, key: i64) -> Result<Vec<String>> {
    Ok(c.prepare_cached("select text from approved_question where answer_key = ?1 order by key")?
        .query_map([key], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

pub(super) fn get(c: &Connection, id: ApprovedAnswerId) -> Result<ApprovedAnswer> {
    let (key, mut found) = c
        .prepare_cached("select * from approved_answer where id = ?1")?
        .query_row([id], answer)
        .optional()?
        .ok_or_else(|| Error::not_found("answer", id))?;
    found.questions = questions(c, key)?;
    Ok(found)
}

pub(super) fn list(c: &Connection, cursor: Option<&str>, limit: usize) -> Result<Listed<ApprovedAnswer>> {
    let before = cursor.map_or(Ok(i64::MAX), |cursor| parse_cursor(cursor).map(|(_, key)| key))?;
    let mut rows: Vec<(i64, ApprovedAnswer)> = c
        .prepare_cached("select * from approved_answer where key < ?1 order by key desc limit ?2")?
        .query_map(params![before, limit as i64 + 1], answer)?
        .collect::<rusqlite::Result<_>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(key, _)| format!("0.{key}"));
    let mut items = Vec::with_capacity(rows.len());
    for (key, mut found) in rows {
        found.questions = questions(c, key)?;
        items.push(found);
    }
    Ok(Listed { items, next })
}

/// A known question as matching needs it.
pub(super) struct Compared {
    pub id: ApprovedAnswerId,
    pub question: String,
    pub answer: String,
    pub vector: Option<(String, Vec<f32>)>,
}

pub(super) fn compared(c: &Connection, bot: Option<BotId>, most: usize) -> Result<Vec<Compared>> {
    Ok(c.prepare_cached(
        "select a.id, q.text, a.answer, q.embedder, q.vector from approved_question q
         join approved_answer a on a.key = q.answer_key
         where a.bot_id is null or a.bot_id = ?1 order by q.key desc limit ?2",
    )?
    .query_map(params![bot, most as i64], |row| {
        let embedder: Option<String> = row.get(3)?;
        let vector = row.get_ref(4)?.as_blob().ok().and_then(from_blob);
        Ok(Compared { id: row.get(0)?, question: row.get(1)?, answer: row.get(2)?, vector: embedder.zip(vector) })
    })?
    .collect::<rusqlite::Result<_>>()?)
}

pub(super) fn waiting(c: &Connection, embedder: &str, limit: usize) -> Result<Vec<(i64, String)>> {
    Ok(c.prepare_cached("select key, text from approved_question where embedder is not ?1 limit ?2")?
        .query_map(params![embedder, limit as i64], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?)
}

pub(super) fn set_vectors(tx: &Tx<'_>, embedder: &str, keys: &[i64], vectors: &[Vec<f32>]) -> Result<()> {
    for (key, vector) in keys.iter().zip(vectors) {
        tx.prepare_cached("update approved_question set vector = ?2, embedder = ?3 where key = ?1")?
            .execute(params![key, to_blob(vector), embedder])?;
    }
    Ok(())
}

pub(crate) fn count_use(tx: &Tx<'_>, id: ApprovedAnswerId, now: Time) -> Result<()> {
    tx.prepare_cached("update approved_answer set used = used + 1, used_at = ?2 where id = ?1")?
        .execute(params![id, now])?;
    Ok(())
}
