//! The interface inside the binary: files of the build, and its first page for every address that is a place in it.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, Uri, header};
use rust_embed::RustEmbed;

use crate::brand;

/// What every place of the interface begins with.
const PAGE: &str = "index.html";

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Files;

#[derive(RustEmbed)]
#[folder = "../../ui/widget/dist"]
#[allow_missing = true]
struct Widget;

/// The web chat's script.
pub(crate) fn widget() -> Vec<u8> {
    Widget::get("widget.js").map(|file| file.data.into_owned()).unwrap_or_default()
}

/// Answers what no route of the API took.
pub(crate) async fn serve(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" {
        return web::not_found().await.into_response();
    }
    // A package brings the list of everything in it; the build of the pages knows only their own part.
    if path == "licences.txt"
        && let Some(list) = brand::licences()
    {
        return list;
    }
    if path == "mark.svg"
        && let Some(icon) = brand::icon()
    {
        return icon;
    }
    if let Some(file) = Files::get(path).filter(|_| path != PAGE) {
        // Names of built files carry a hash of their content.
        let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        return respond(file, cache);
    }
    if path.rsplit('/').next().is_some_and(|name| name.contains('.') && name != PAGE) {
        return web::not_found().await.into_response();
    }
    match Files::get(PAGE) {
        Some(page) => {
            let page = brand::Brand::current().put_into(&String::from_utf8_lossy(&page.data));
            ([(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))], axum::response::Html(page))
                .into_response()
        }
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The interface is not part of this build. Build it with “cargo xtask start”.",
        )
            .into_response(),
    }
}

fn respond(file: rust_embed::EmbeddedFile, cache: &'static str) -> Response {
    let mime = HeaderValue::from_str(file.metadata.mimetype())
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    ([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, HeaderValue::from_static(cache))], file.data.into_owned())
        .into_response()
}
