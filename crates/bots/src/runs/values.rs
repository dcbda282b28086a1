//! Values and counters that all conversations of a business share.

use base::Result;
use db::Tx;
use db::rusqlite::Connection;
use serde_json::{Map, Value};

use super::store;

/// Values by name.
pub(super) fn all(connection: &Connection) -> Result<Map<String, Value>> {
    Ok(store::values(connection)?
        .into_iter()
        .filter_map(|(name, value)| Some((name, serde_json::from_str(&value).ok()?)))
        .collect())
}

pub(super) fn set(tx: &Tx<'_>, name: &str, value: &Value) -> Result<()> {
    store::set_value(tx, name, &serde_json::to_string(value)?)
}

/// Counters by name.
pub(super) fn counters(connection: &Connection) -> Result<Map<String, Value>> {
    Ok(store::counters(connection)?.into_iter().map(|(name, value)| (name, Value::from(value))).collect())
}
