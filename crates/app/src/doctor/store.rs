//! What the doctor and the report for support ask of databases: read-only, each bounded by the time of the look.

use base::{Result, Time};
use db::rusqlite::{self, Connection, OptionalExtension};

/// Businesses by id and name.
pub(crate) fn names(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare("select id, name from workspace order by id limit 1000")?;
    let rows = statement.query_map([], |row| {
        let id: base::id::WorkspaceId = row.get(0)?;
        Ok((id.to_string(), row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The first fault that SQLite finds in the file; nothing when there is none.
pub(crate) fn first_fault(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let said: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
    Ok((said != "ok").then_some(said))
}

/// The newest migration that was applied; 0 for a file without any.
pub(crate) fn schema_version(connection: &Connection) -> Result<i64> {
    if !connection.table_exists(None, "refinery_schema_history")? {
        return Ok(0);
    }
    let newest = "select coalesce(max(version), 0) from refinery_schema_history";
    Ok(connection.query_row(newest, [], |row| row.get(0))?)
}

/// The latest time that was written down, by what has an index for it.
pub(crate) fn last_written(connection: &Connection) -> Result<Option<Time>> {
    let mut latest = None;
    for (table, question) in [
        ("audit", "select at from audit order by seq desc limit 1"),
        ("message", "select at from message order by seq desc limit 1"),
        ("job", "select created_at from job order by seq desc limit 1"),
    ] {
        if connection.table_exists(None, table)? {
            latest = latest.max(connection.query_row(question, [], |row| row.get::<_, Time>(0)).optional()?);
        }
    }
    Ok(latest)
}

/// How many rows each table has, by name.
pub(crate) fn counts(connection: &Connection) -> Result<Vec<(String, i64)>> {
    let mut statement = connection.prepare(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name limit 500",
    )?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    names
        .into_iter()
        .map(|name| {
            let quoted = name.replace('"', "\"\"");
            let count = connection.query_row(&format!("select count(*) from \"{quoted}\""), [], |row| row.get(0))?;
            Ok((name, count))
        })
        .collect()
}

/// A job that was given up.
pub(crate) struct FailedJob {
    pub(crate) kind: String,
    pub(crate) error: String,
    pub(crate) at: Option<Time>,
}

/// The jobs that were given up last, newest first.
pub(crate) fn failed_jobs(connection: &Connection, limit: u32) -> Result<Vec<FailedJob>> {
    if !connection.table_exists(None, "job")? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(
        "select kind, coalesce(error, ''), finished_at from job where state = 'dead' order by seq desc limit ?1",
    )?;
    let rows =
        statement.query_map([limit], |row| Ok(FailedJob { kind: row.get(0)?, error: row.get(1)?, at: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
