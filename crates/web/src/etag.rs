//! ETags: unchanged answers are not sent twice, and nobody overwrites what they have not seen.

use std::hash::Hasher;

use axum::response::{IntoResponse, Response};
use base::{Error, Result};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

/// Names one version of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// From a version counter or a time of change.
    pub fn of_version(version: i64) -> Self {
        Self(format!("\"v{version}\""))
    }

    /// From the content itself.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        // Two differently seeded 64-bit hashes; this guards against accidents, not against forgery.
        let half = |seed: u8| {
            #[expect(deprecated, reason = "the hash must be the same in every run, unlike DefaultHasher's may be")]
            let mut hasher = std::hash::SipHasher::new_with_keys(u64::from(seed), 0x0074_6167);
            hasher.write(bytes);
            hasher.finish()
        };
        Self(format!("\"{:016x}{:016x}\"", half(1), half(2)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the client has this version already (If-None-Match).
    pub fn is_known(&self, headers: &HeaderMap) -> bool {
        matches(headers, header::IF_NONE_MATCH, &self.0).unwrap_or(false)
    }

    /// Refuses a change by a client that has seen another version (If-Match). Without the header, the change is let
    /// through.
    pub fn ensure_seen(&self, headers: &HeaderMap) -> Result<()> {
        match matches(headers, header::IF_MATCH, &self.0) {
            Some(false) => Err(Error::conflict(
                "This was changed meanwhile, perhaps in another window. Please look at the new version and try again.",
            )),
            _ => Ok(()),
        }
    }

    fn value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

fn matches(headers: &HeaderMap, name: header::HeaderName, tag: &str) -> Option<bool> {
    let mut present = false;
    for value in headers.get_all(name) {
        present = true;
        let Ok(value) = value.to_str() else { continue };
        // A proxy that compresses weakens the tag; it still names the same content.
        let mut tags = value.split(',').map(|t| t.trim().trim_start_matches("W/"));
        if tags.any(|t| t == tag || t == "*") {
            return Some(true);
        }
    }
    present.then_some(false)
}

/// The value as JSON with an ETag, or 304 when the client has it already.
pub fn cached_json(headers: &HeaderMap, value: &impl Serialize) -> Result<Response> {
    let body = serde_json::to_vec(value)?;
    let tag = ETag::of_bytes(&body);
    let mut response = if tag.is_known(headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
    };
    let out = response.headers_mut();
    out.extend(tag.value().map(|v| (header::ETAG, v)));
    // Kept, but asked about each time.
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
