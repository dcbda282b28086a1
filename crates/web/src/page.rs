//! Lists in pages, with an opaque cursor that names the last item shown.

use base::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

/// Items of one page at most.
pub const MAX_PAGE: usize = 200;
const DEFAULT_PAGE: usize = 50;
const MAX_CURSOR_BYTES: usize = 2048;

/// One page of a list. Ask for the following one with `?cursor=<next>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Absent on the last page.
    #[schema(required)]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// From up to `limit + 1` rows: one more than asked for tells that there is another page. `key` is what the next
    /// page starts after, usually the sort key and the id.
    pub fn from_rows<K: Serialize>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Result<Self> {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last() {
            Some(last) if more => Some(encode_cursor(&key(last))?),
            _ => None,
        };
        Ok(Self { items: rows, next })
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// Which page is wanted. May be flattened into a query type with more parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next` of the page before.
    #[serde(default, deserialize_with = "short_cursor")]
    #[param(max_length = 2048)]
    pub cursor: Option<String>,
    /// How many items: 50 when absent, at least 1 and at most 200 whatever is asked for.
    #[serde(default, deserialize_with = "number_or_text")]
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4294967295.0)]
    pub limit: Option<u32>,
}

impl PageQuery {
    /// How many items to show, within bounds. Ask the database for one more.
    pub fn limit(&self) -> usize {
        self.limit.map_or(DEFAULT_PAGE, |limit| (limit as usize).clamp(1, MAX_PAGE))
    }

    /// Where the page starts; nothing on the first one.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>> {
        match self.cursor.as_deref() {
            None | Some("") => Ok(None),
            Some(cursor) => decode_cursor(cursor).map(Some),
        }
    }
}

/// Refuses a cursor that none of ours can be; for query types that name the parameter themselves.
pub fn short_cursor<'de, D: Deserializer<'de>>(d: D) -> std::result::Result<Option<String>, D::Error> {
    let cursor = Option::<String>::deserialize(d)?;
    match cursor {
        Some(cursor) if cursor.len() > MAX_CURSOR_BYTES => Err(serde::de::Error::custom("the cursor is none of ours")),
        cursor => Ok(cursor),
    }
}

/// A flattened query hands numbers over as text.
fn number_or_text<'de, D: Deserializer<'de>>(d: D) -> std::result::Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u32),
        Text(String),
    }
    match Option::<Either>::deserialize(d)? {
        None => Ok(None),
        Some(Either::Number(n)) => Ok(Some(n)),
        Some(Either::Text(text)) if text.is_empty() => Ok(None),
        Some(Either::Text(text)) => {
            text.parse().map(Some).map_err(|_| serde::de::Error::custom("the limit should be a whole number"))
        }
    }
}

/// The cursor for a key, opaque to clients.
pub fn encode_cursor(key: &impl Serialize) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(key)?))
}

/// The key in a cursor that [`encode_cursor`] made.
pub fn decode_cursor<K: DeserializeOwned>(cursor: &str) -> Result<K> {
    let bad = || Error::invalid("This list has changed. Please load it again from the start.");
    if cursor.len() > MAX_CURSOR_BYTES {
        return Err(bad());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
    serde_json::from_slice(&bytes).map_err(|_| bad())
}
