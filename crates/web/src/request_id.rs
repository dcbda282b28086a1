//! The id of the request under way, for logs and error bodies.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use base::Stopwatch;
use http::{HeaderName, HeaderValue};
use tracing::Instrument;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this code runs for; empty outside of one.
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Gives the request an id of ours (a client's own could forge log lines), logs its end and counts it.
pub(crate) async fn assign(request: Request, next: Next) -> Response {
    let id = base::id::fresh().to_string();
    let method = request.method().clone();
    // The path only: queries may hold what customers typed.
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "other".to_owned(), |matched| matched.as_str().to_owned());
    let span = tracing::info_span!("request", id, %method, path);
    let watch = Stopwatch::start();
    let mut response = CURRENT.scope(id.clone(), next.run(request)).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.in_scope(|| tracing::debug!(status, ms = watch.elapsed_ms(), "answered"));
    metrics::histogram!("http_request_seconds", "route" => route, "method" => method.to_string(), "status" => status.to_string())
        .record(watch.elapsed().as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
