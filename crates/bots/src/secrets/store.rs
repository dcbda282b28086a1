//! The secrets of flows among the sealed ones of the business.

use base::{Result, Secret, Vault};
use db::Tx;
use db::rusqlite::Connection;

use crate::settings::store;

/// What sets them apart from passwords of channels and providers, which no flow may read.
const PREFIX: &str = "flow.";

fn stored(name: &str) -> String {
    format!("{PREFIX}{name}")
}

pub(crate) fn get(connection: &Connection, vault: &Vault, name: &str) -> Result<Option<Secret>> {
    store::get_secret(connection, vault, &stored(name))
}

pub(crate) fn has(connection: &Connection, name: &str) -> Result<bool> {
    store::has_secret(connection, &stored(name))
}

/// An empty one is forgotten.
pub(crate) fn put(tx: &Tx<'_>, vault: &Vault, name: &str, secret: &Secret) -> Result<()> {
    tx.publish("secrets");
    store::put_secret(tx, vault, &stored(name), secret)
}

/// Their names in order, at most `limit`.
pub(crate) fn names(connection: &Connection, limit: usize) -> Result<Vec<String>> {
    // The character after the full stop ends the range.
    let mut statement = connection
        .prepare_cached("select name from secret where name >= 'flow.' and name < 'flow/' order by name limit ?1")?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get::<_, String>(0))?;
    let names = rows.collect::<db::rusqlite::Result<Vec<_>>>()?;
    Ok(names.into_iter().filter_map(|name| name.strip_prefix(PREFIX).map(str::to_owned)).collect())
}
