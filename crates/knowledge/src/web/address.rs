//! Web addresses: as people type them, which of them are the same page, and which links are worth following.

use base::{Error, Result};
use url::Url;

/// Endings of files without text that pages link to.
const MEDIA: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "svg", "ico", "avif", "bmp", "mp3", "mp4", "webm", "mov", "avi", "wav", "ogg",
    "zip", "gz", "rar", "7z", "exe", "msi", "dmg", "apk", "css", "js", "mjs", "json", "xml", "rss", "woff", "woff2",
    "ttf", "ics", "vcf",
];

/// Parameters that only say where a visitor came from.
const TRACKING: &[&str] =
    &["fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "igshid", "ref", "sessionid", "phpsessid"];

/// An address as typed, with or without `https://`.
pub(super) fn parse(text: &str) -> Result<Url> {
    let text = text.trim();
    let wrong = || Error::invalid("This is not a web address. It should look like https://example.com/page.");
    if text.is_empty() || text.len() > 2_000 || text.contains(char::is_whitespace) {
        return Err(wrong());
    }
    let url = match Url::parse(text) {
        Ok(url) if text.contains("://") => url,
        Err(_) if text.contains("://") => return Err(wrong()),
        _ => Url::parse(&format!("https://{text}")).map_err(|_| wrong())?,
    };
    if url.host_str().is_none_or(|h| h.is_empty()) {
        return Err(wrong());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::invalid("Leave the user name and password out of the web address."));
    }
    Ok(url)
}

/// Equal for addresses that show the same page.
pub(super) fn key(url: &Url) -> String {
    let host = host(url);
    let path = url.path().trim_end_matches('/');
    let path = ["/index.html", "/index.htm", "/index.php"].iter().find_map(|i| path.strip_suffix(i)).unwrap_or(path);
    let mut query: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(k, _)| {
            let k = k.to_ascii_lowercase();
            !k.starts_with("utm_") && !TRACKING.contains(&k.as_str())
        })
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect();
    query.sort();
    format!("{host}:{} {path} {query:?}", url.port().unwrap_or(0))
}

fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

/// Whether two addresses belong to the same host, be it with or without "www." and encryption.
pub(super) fn same_site(a: &Url, b: &Url) -> bool {
    host(a) == host(b) && a.port() == b.port()
}

/// What robots.txt looks at.
pub(super) fn path(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_string(),
    }
}

/// Where a link leads, if that is a page of the same site worth fetching.
pub(super) fn follow(base: &Url, target: &str, home: &Url) -> Option<Url> {
    let target = target.trim();
    if target.is_empty() || target.starts_with('#') || target.len() > 1_000 {
        return None;
    }
    let mut url = base.join(target).ok()?;
    url.set_fragment(None);
    if !matches!(url.scheme(), "http" | "https") || !same_site(&url, home) || !url.username().is_empty() {
        return None;
    }
    let file = url.path().rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    // Calendars and shops make endless pages out of parameters.
    let endless = url.query_pairs().count() > 3 || url.path().matches('/').count() > 10;
    (!MEDIA.contains(&ending.as_str()) && !endless).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_type_them() {
        for (text, expected) in [
            ("example.com", Some("https://example.com/")),
            (" http://example.com/a?b#c ", Some("http://example.com/a?b#c")),
            ("example.com:8080/x", Some("https://example.com:8080/x")),
            ("bäckerei.example", Some("https://xn--bckerei-5wa.example/")),
            ("", None),
            ("not an address", None),
            ("https://", None),
            ("https://user:secret@example.com/", None),
        ] {
            assert_eq!(parse(text).ok().map(String::from).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_pages_of_the_same_site_are_followed_and_each_once() {
        let home: Url = "https://www.shop.example/a/".parse().unwrap();
        for (target, expected) in [
            ("b", Some("https://www.shop.example/a/b")),
            ("/c#part", Some("https://www.shop.example/c")),
            ("http://shop.example/d", Some("http://shop.example/d")),
            ("https://other.example/", None),
            ("mailto:a@b.c", None),
            ("javascript:void(0)", None),
            ("photo.JPG", None),
            ("list.pdf", Some("https://www.shop.example/a/list.pdf")),
            ("?a=1&b=2&c=3&d=4", None),
            ("#top", None),
        ] {
            assert_eq!(follow(&home, target, &home).map(String::from).as_deref(), expected, "{target}");
        }
        let same = |a: &str, b: &str| key(&a.parse().unwrap()) == key(&b.parse().unwrap());
        assert!(same("https://a.example/x/?utm_source=y#z", "http://www.a.example/x"));
        assert!(same("https://a.example/index.html", "https://a.example"));
        assert!(same("https://a.example/?b=1&a=2", "https://a.example/?a=2&b=1"));
        assert!(!same("https://a.example/x?p=1", "https://a.example/x?p=2"));
    }
}
