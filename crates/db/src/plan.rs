//! Reading SQLite's query plans, so that tests can refuse a full scan of a growing table.

use base::Result;
use rusqlite::Connection;

/// The steps of the plan for `sql`, as SQLite words them. Parameters need no values.
pub fn query_plan(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("explain query plan {sql}"))?;
    let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
    let rows = statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get(3))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
