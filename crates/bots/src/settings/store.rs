//! Small JSON documents by name, and sealed secrets.

use base::{Result, Secret, Vault};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a setting; its default when it was never set. A document that an older version wrote keeps what still fits.
pub(crate) fn get<T: DeserializeOwned + Default>(connection: &Connection, name: &str) -> Result<T> {
    let text: Option<String> = connection
        .prepare_cached("select value from setting where name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(match text {
        Some(text) => serde_json::from_str(&text).unwrap_or_else(|e| {
            tracing::warn!(name, error = %e, "a setting could not be read; its defaults are used");
            T::default()
        }),
        None => T::default(),
    })
}

pub(crate) fn put(tx: &Tx<'_>, name: &str, value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(value)?;
    tx.prepare_cached(
        "insert into setting (name, value) values (?1, ?2) on conflict do update set value = excluded.value",
    )?
    .execute((name, text))?;
    Ok(())
}

pub(crate) fn remove(tx: &Tx<'_>, name: &str) -> Result<()> {
    tx.prepare_cached("delete from setting where name = ?1")?.execute([name])?;
    Ok(())
}

/// Seals and stores a secret under `name`; an empty one is forgotten.
pub(crate) fn put_secret(tx: &Tx<'_>, vault: &Vault, name: &str, secret: &Secret) -> Result<()> {
    if secret.is_empty() {
        tx.prepare_cached("delete from secret where name = ?1")?.execute([name])?;
    } else {
        let sealed = vault.seal(name, secret)?;
        tx.prepare_cached(
            "insert into secret (name, sealed) values (?1, ?2) on conflict do update set sealed = excluded.sealed",
        )?
        .execute((name, sealed))?;
    }
    Ok(())
}

pub(crate) fn get_secret(connection: &Connection, vault: &Vault, name: &str) -> Result<Option<Secret>> {
    let sealed: Option<Vec<u8>> = connection
        .prepare_cached("select sealed from secret where name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    sealed.map(|sealed| vault.open_sealed(name, &sealed)).transpose()
}

pub(crate) fn has_secret(connection: &Connection, name: &str) -> Result<bool> {
    Ok(connection.prepare_cached("select 1 from secret where name = ?1")?.exists([name])?)
}

/// Every sealed secret with the name it is sealed under.
pub(crate) fn sealed(connection: &Connection) -> Result<Vec<(String, Vec<u8>)>> {
    let mut statement = connection.prepare_cached("select name, sealed from secret order by name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}
