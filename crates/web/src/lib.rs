//! Glue around axum: errors as JSON, extractors with clear messages, paging, caching by ETag, server-sent events, rate
//! limits, and the layers that every router gets.
//!
//! Start with [`ApiResult`] as what handlers return, [`Json`], [`Query`] and [`Path`] as what they take, [`Page`] for
//! lists, and [`admin_layers`] or [`public_layers`] around the finished router.

mod address;
mod contract;
mod error;
mod etag;
mod extract;
mod layers;
mod limit;
mod linger;
mod page;
mod request_id;
mod sse;

pub use address::{ClientIp, is_secure};
pub use contract::{Listener, declare_refusals, operations};
pub use error::{ApiError, ApiResult, ErrorBody, FieldError, status_of};
pub use etag::{ETag, cached_json};
pub use extract::{Checked, Json, Path, Plain, Query, Raw};
pub use layers::{DEFAULT_BODY_BYTES, admin_layers, allow_hosts, json_fallbacks, not_found, public_layers};
pub use limit::RateLimit;
pub use page::{MAX_PAGE, Page, PageQuery, decode_cursor, encode_cursor, short_cursor};
pub use request_id::current as current_request_id;
pub use sse::{RESYNC, sse, told};

#[cfg(test)]
mod tests;
