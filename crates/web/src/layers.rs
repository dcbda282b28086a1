//! What surrounds every router: ids, headers, limits, compression, panics and time.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use base::{Error, ErrorCode};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::error::ApiError;
use crate::linger::linger;
use crate::request_id;

/// Bodies larger than this are refused unless a route sets its own `DefaultBodyLimit`.
pub const DEFAULT_BODY_BYTES: usize = 1 << 20;
const TIMEOUT: Duration = Duration::from_secs(30);
/// Files may come over a slow line.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(900);

/// Styles may be inline because the component library writes them; scripts may not. The preview of the web chat is a
/// frame from the public listener on this machine.
const ADMIN_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; \
    worker-src 'self' blob:; frame-src 'self' http://127.0.0.1:* http://localhost:*; object-src 'none'; \
    base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
/// Pages meant for the public may be shown inside other sites.
const PUBLIC_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'";

/// For the owner's interface: everything, and protection against requests that other sites make in the owner's name.
///
/// Call it on the finished router. A route that is not there is answered by the router's own fallback (the interface).
pub fn admin_layers<S>(router: Router<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let csrf = CsrfLayer::new().with_rejection_response(|_: ProtectionError| {
        ApiError::from(Error::forbidden("This request came from another site and was refused.")).into_response()
    });
    common(router.layer(csrf), ADMIN_POLICY, true)
}

/// For what the world may reach: the same without that protection (others are meant to call), and JSON for routes that
/// are not there.
pub fn public_layers<S>(router: Router<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    common(json_fallbacks(router), PUBLIC_POLICY, false)
}

fn common<S>(router: Router<S>, policy: &'static str, admin: bool) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    // The last layer is the outermost. Compression leaves event streams and pictures alone.
    router
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::max(DEFAULT_BODY_BYTES))
        .layer(from_fn(in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new())
        .layer(from_fn(move |request: Request, next: Next| async move {
            let mut response = next.run(request).await;
            harden(response.headers_mut(), policy, admin);
            response
        }))
        .layer(from_fn(request_id::assign))
        .layer(from_fn(linger))
}

/// Answers unknown routes and methods in JSON.
pub fn json_fallbacks<S>(router: Router<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.fallback(not_found).method_not_allowed_fallback(not_allowed)
}

/// A handler for routes that are not there.
pub async fn not_found() -> ApiError {
    Error::new(ErrorCode::NotFound, "There is nothing at this address.").into()
}

async fn not_allowed() -> Response {
    let mut response = ApiError::malformed("This address does not take requests of this kind.").into_response();
    *response.status_mut() = http::StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// Streams of events answer at once and so are not cut off: only the time until the answer begins is bounded.
async fn in_time(request: Request, next: Next) -> Response {
    let is_upload = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let limit = if is_upload { UPLOAD_TIMEOUT } else { TIMEOUT };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            ApiError::from(Error::timeout("This took too long and was stopped. Please try again.")).into_response()
        }
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    ApiError::from(Error::internal(format!("a handler panicked: {said}"))).into_response()
}

/// Sets the headers that a handler has not set itself.
fn harden(headers: &mut HeaderMap, policy: &'static str, admin: bool) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, policy);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, if admin { "no-referrer" } else { "strict-origin-when-cross-origin" });
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(self), geolocation=(), payment=(), usb=()",
    );
    if admin {
        set(header::X_FRAME_OPTIONS, "DENY");
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    }
}

/// Refuses requests that name a host which is not this machine, so that a web page cannot reach the interface by
/// letting its own name point here (DNS rebinding). Addresses in numbers and `localhost` always pass, `names` besides.
pub fn allow_hosts<S>(router: Router<S>, names: Vec<String>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let names: Arc<[String]> = names.into_iter().map(|n| n.to_ascii_lowercase()).collect();
    router.layer(from_fn(move |request: Request, next: Next| {
        let names = names.clone();
        async move {
            let host =
                request.uri().authority().map(|a| a.as_str().to_owned()).or_else(|| {
                    request.headers().get(header::HOST).and_then(|v| v.to_str().ok()).map(ToOwned::to_owned)
                });
            match host {
                Some(host) if !is_own(&host, &names) => ApiError::from(Error::forbidden(
                    "This address is not one of this program's own. Open it by its usual address.",
                ))
                .into_response(),
                _ => next.run(request).await,
            }
        }
    }))
}

fn is_own(host: &str, names: &[String]) -> bool {
    // `[::1]:8080`, `127.0.0.1:8080`, `name:8080`, `name`
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    name.parse::<std::net::IpAddr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || names.contains(&name)
}
