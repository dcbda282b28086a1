//! Saved tests as stored.

use base::id::{BotId, FlowTestId};
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row};

/// A test; script, expectation and difference as JSON.
#[derive(Clone, Debug)]
pub(crate) struct TestRow {
    pub(crate) id: FlowTestId,
    pub(crate) flow: String,
    pub(crate) name: String,
    pub(crate) script: String,
    pub(crate) expected: String,
    /// How it went last.
    pub(crate) passed: Option<bool>,
    pub(crate) difference: Option<String>,
    pub(crate) run_at: Option<Time>,
}

const TEST: &str = "select id, flow, name, script, expected, passed, difference, run_at from flow_test";

fn read(row: &Row<'_>) -> db::rusqlite::Result<TestRow> {
    Ok(TestRow {
        id: row.get(0)?,
        flow: row.get(1)?,
        name: row.get(2)?,
        script: row.get(3)?,
        expected: row.get(4)?,
        passed: row.get(5)?,
        difference: row.get(6)?,
        run_at: row.get(7)?,
    })
}

/// The tests of one flow, or of all of a bot's that are not in the bin; the oldest first.
pub(crate) fn list(connection: &Connection, bot: BotId, flow: Option<&str>) -> Result<Vec<TestRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "{TEST} where bot_id = ?1 and (?2 is null or flow = ?2)
         and exists (select 1 from flow f where f.bot_id = ?1 and f.id = flow_test.flow and f.deleted_at is null)
         order by created_at limit 2000"
    ))?;
    let rows = statement.query_map((bot, flow), read)?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn expect(connection: &Connection, bot: BotId, flow: &str, id: FlowTestId) -> Result<TestRow> {
    connection
        .prepare_cached(&format!("{TEST} where bot_id = ?1 and flow = ?2 and id = ?3"))?
        .query_row((bot, flow, id), read)
        .optional()?
        .ok_or_else(|| Error::not_found("test", id))
}

pub(crate) fn insert(tx: &Tx<'_>, now: Time, bot: BotId, row: &TestRow) -> Result<()> {
    tx.prepare_cached(
        "insert into flow_test (id, bot_id, flow, name, script, expected, passed, difference, run_at, created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute((
        row.id,
        bot,
        &row.flow,
        &row.name,
        &row.script,
        &row.expected,
        row.passed,
        &row.difference,
        row.run_at,
        now,
    ))?;
    Ok(())
}

pub(crate) fn update(tx: &Tx<'_>, row: &TestRow) -> Result<()> {
    tx.prepare_cached(
        "update flow_test set name = ?2, script = ?3, expected = ?4, passed = ?5, difference = ?6, run_at = ?7 where id = ?1",
    )?
    .execute((row.id, &row.name, &row.script, &row.expected, row.passed, &row.difference, row.run_at))?;
    Ok(())
}

pub(crate) fn delete(tx: &Tx<'_>, id: FlowTestId) -> Result<()> {
    tx.prepare_cached("delete from flow_test where id = ?1")?.execute([id])?;
    Ok(())
}
