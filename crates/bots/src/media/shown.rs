//! A stored file as an answer over HTTP. Strangers made these files: they are shown as what they are or not at all, and
//! never run.

use std::path::Path;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base::{Error, Result};
use futures::StreamExt;
use http::{HeaderValue, header};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

/// What browsers show by themselves and cannot be made to run.
const SHOWN: [&str; 6] = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/avif"];

/// Streams a file; its type is what its first bytes tell, never what its sender said. `while_sent` is let go when the
/// last byte has left, or nobody wants it any more.
///
/// # Errors
/// `NotFound` when it is not there.
pub(crate) async fn show(
    path: &Path,
    name: Option<&str>,
    cache: &'static str,
    while_sent: impl Send + 'static,
) -> Result<Response> {
    let missing = |e: std::io::Error| Error::not_found("file", "missing").with_cause(e);
    let mut file = tokio::fs::File::open(path).await.map_err(missing)?;
    let size = file.metadata().await.map_err(missing)?.len();
    let mut head = Vec::with_capacity(32);
    (&mut file).take(32).read_to_end(&mut head).await?;
    file.rewind().await?;
    let mime = channels::whatsapp::media::sniff(&head).unwrap_or("application/octet-stream");
    let inline = SHOWN.contains(&mime) || mime.starts_with("audio/") || mime.starts_with("video/");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(mime)),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
        (header::CONTENT_DISPOSITION, disposition(inline, name)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    let pieces = ReaderStream::with_capacity(file, 64 * 1024).map(move |piece| {
        let _ = &while_sent;
        piece
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// `inline` or `attachment`, with the name once in plain letters and once as it is (RFC 6266).
fn disposition(inline: bool, name: Option<&str>) -> HeaderValue {
    let kind = if inline { "inline" } else { "attachment" };
    let plain = HeaderValue::from_static(kind);
    let Some(name) = name.and_then(channels::text::clean_filename) else { return plain };
    let simple: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || " ._-()".contains(c) { c } else { '_' }).collect();
    let mut exact = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            exact.push(char::from(byte));
        } else {
            exact.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&format!("{kind}; filename=\"{simple}\"; filename*=UTF-8''{exact}")).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_dressed_as_a_picture_is_never_shown_as_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        for (bytes, name, mime, disposition) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], None, "image/png", "inline"),
            (
                b"<html><script>",
                Some("a.png"),
                "application/octet-stream",
                "attachment; filename=\"a.png\"; filename*=UTF-8''a.png",
            ),
            (b"<svg onload=x>", None, "application/octet-stream", "attachment"),
            (
                b"%PDF-1.7",
                Some("Angebot für \"Sie\"\r\nX: y.pdf"),
                "application/pdf",
                "attachment; filename=\"Angebot f_r _Sie_ X_ y.pdf\"; filename*=UTF-8''Angebot%20f%C3%BCr%20_Sie_%20X_%20y.pdf",
            ),
        ] {
            std::fs::write(&file, bytes).unwrap();
            let shown = show(&file, name, "no-store", ()).await.unwrap();
            let header = |name: header::HeaderName| shown.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header(header::CONTENT_TYPE), mime);
            assert_eq!(header(header::CONTENT_DISPOSITION), disposition);
            assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(header(header::CONTENT_LENGTH), bytes.len().to_string());
            assert!(header(header::CONTENT_SECURITY_POLICY).contains("sandbox"));
        }
        assert!(show(&folder.path().join("none"), None, "no-store", ()).await.unwrap_err().is_not_found());
    }
}
