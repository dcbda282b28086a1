//! Customers and the names that providers have for them.

use base::id::ContactId;
use base::{Result, Time};
use db::Tx;
use db::rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Map, Value};

use super::{Alias, AliasKind, Contact};

pub(crate) fn find_by_alias(connection: &Connection, alias: &Alias) -> Result<Option<ContactId>> {
    Ok(connection
        .prepare_cached("select contact_id from contact_alias where kind = ?1 and value = ?2 and retired_at is null")?
        .query_row((alias.kind.as_str(), &alias.value), |row| row.get(0))
        .optional()?)
}

pub(crate) fn insert(tx: &Tx<'_>, now: Time, name: Option<&str>) -> Result<ContactId> {
    let id = ContactId::fresh();
    tx.prepare_cached("insert into contact (id, name, created_at, updated_at) values (?1, ?2, ?3, ?3)")?
        .execute((id, name, now))?;
    Ok(id)
}

pub(crate) fn add_alias(tx: &Tx<'_>, now: Time, contact: ContactId, alias: &Alias) -> Result<()> {
    tx.prepare_cached(
        "insert into contact_alias (contact_id, kind, value, created_at) values (?1, ?2, ?3, ?4) on conflict do nothing",
    )?
    .execute((contact, alias.kind.as_str(), &alias.value, now))?;
    Ok(())
}

pub(crate) fn retire_alias(tx: &Tx<'_>, now: Time, alias: &Alias) -> Result<()> {
    tx.prepare_cached(
        "update contact_alias set retired_at = ?3 where kind = ?1 and value = ?2 and retired_at is null",
    )?
    .execute((alias.kind.as_str(), &alias.value, now))?;
    Ok(())
}

pub(crate) fn set_name(tx: &Tx<'_>, now: Time, contact: ContactId, name: &str) -> Result<()> {
    tx.prepare_cached("update contact set name = ?2, updated_at = ?3 where id = ?1 and name is not ?2")?
        .execute((contact, name, now))?;
    Ok(())
}

pub(crate) fn set_language(tx: &Tx<'_>, contact: ContactId, language: &str) -> Result<()> {
    tx.prepare_cached("update contact set language = ?2 where id = ?1 and language is not ?2")?
        .execute((contact, language))?;
    Ok(())
}

pub(crate) fn set_field(tx: &Tx<'_>, now: Time, contact: ContactId, field: &str, value: &Value) -> Result<()> {
    let mut fields = get(tx, contact)?.map(|c| c.fields).unwrap_or_default();
    fields.insert(field.to_owned(), value.clone());
    tx.prepare_cached("update contact set fields = ?2, updated_at = ?3 where id = ?1")?.execute((
        contact,
        serde_json::to_string(&fields)?,
        now,
    ))?;
    Ok(())
}

pub(crate) fn set_marketing_stopped(tx: &Tx<'_>, contact: ContactId, at: Option<Time>) -> Result<()> {
    tx.prepare_cached("update contact set marketing_stopped_at = ?2 where id = ?1")?.execute((contact, at))?;
    Ok(())
}

/// The contact's tags, by name.
pub(crate) fn tags(connection: &Connection, contact: ContactId) -> Result<Vec<String>> {
    let mut statement =
        connection.prepare_cached("select tag from contact_tag where contact_id = ?1 order by tag limit 200")?;
    let rows = statement.query_map([contact], |row| row.get(0))?;
    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
}

pub(crate) fn set_tag(tx: &Tx<'_>, contact: ContactId, tag: &str, on: bool) -> Result<()> {
    let sql = if on {
        "insert into contact_tag (contact_id, tag) values (?1, ?2) on conflict do nothing"
    } else {
        "delete from contact_tag where contact_id = ?1 and tag = ?2"
    };
    tx.prepare_cached(sql)?.execute((contact, tag))?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, id: ContactId) -> Result<Option<Contact>> {
    Ok(connection.prepare_cached("select fields from contact where id = ?1")?.query_row([id], read).optional()?)
}

fn read(row: &Row<'_>) -> db::rusqlite::Result<Contact> {
    let fields: String = row.get(0)?;
    Ok(Contact { fields: serde_json::from_str::<Map<String, Value>>(&fields).unwrap_or_default() })
}

/// Current aliases, phone numbers first.
pub(crate) fn aliases(connection: &Connection, contact: ContactId) -> Result<Vec<Alias>> {
    let mut statement = connection.prepare_cached(
        "select kind, value from contact_alias where contact_id = ?1 and retired_at is null order by kind = 'phone' desc, created_at",
    )?;
    let rows = statement.query_map([contact], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut out = Vec::new();
    for row in rows {
        let (kind, value) = row?;
        if let Some(kind) = AliasKind::parse(&kind) {
            out.push(Alias { kind, value });
        }
    }
    Ok(out)
}
