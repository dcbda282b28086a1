//! How the request is put together.

use super::{Http, MAX_TIMEOUT_MS, METHODS, Pair, TIMEOUT_MS, WITH_BODY};
use crate::event::EffectKind;
use crate::expression::mark;
use crate::outside::{address, pairs, time_limit};
use crate::payload;
use crate::run::Run;

const MAX_HEADERS: usize = 30;

/// What may stand in a header's name: a token of RFC 9110.
pub(super) fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// The effect, and the server's name for the journal.
pub(super) fn of(http: &Http, run: &Run<'_>) -> Result<(EffectKind, String), String> {
    let (url, host) = address(run, &http.url)?;
    let url = with_query(url, &pairs(run, each(&http.query))?);
    let mut headers = Vec::with_capacity(http.headers.len() + 2);
    for header in http.headers.iter().take(MAX_HEADERS) {
        push(&mut headers, &header.name, &run.text_with_secrets(&header.value)?)?;
    }
    let secret = Some(http.secret.trim()).filter(|s| !s.is_empty()).map(mark);
    let secret = || secret.ok_or("No secret is chosen. Choose one in this step, or add it under Settings.");
    let mut basic = None;
    match http.auth.as_str() {
        "bearer" => push(&mut headers, "Authorization", &format!("Bearer {}", secret()?))?,
        "header" => push(&mut headers, &http.header, &secret()?)?,
        "basic" => basic = Some((run.text_with_secrets(&http.user)?, secret()?)),
        _ => {}
    }
    let method = METHODS.iter().find(|m| m.value.eq_ignore_ascii_case(&http.method)).map_or("GET", |m| m.value);
    let body = if WITH_BODY.contains(&method) { body(http, run)? } else { None };
    if let Some((_, kind)) = &body
        && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        push(&mut headers, "Content-Type", kind)?;
    }
    let kind = EffectKind::Http {
        method: method.to_owned(),
        url,
        headers,
        body: body.map(|(text, _)| text),
        timeout_ms: time_limit(run, TIMEOUT_MS, MAX_TIMEOUT_MS),
        basic,
        paging: http.paging(),
    };
    Ok((kind, host))
}

fn each(items: &[Pair]) -> impl Iterator<Item = (&str, &str)> {
    items.iter().take(50).map(|p| (p.name.as_str(), p.value.as_str()))
}

fn with_query(url: String, query: &str) -> String {
    if query.is_empty() {
        return url;
    }
    // What stands behind # is never sent.
    let url = url.split('#').next().unwrap_or_default();
    let sign = match url.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{url}{sign}{query}")
}

fn push(headers: &mut Vec<(String, String)>, name: &str, value: &str) -> Result<(), String> {
    if !is_token(name) {
        return Err(format!("“{name}” cannot be the name of a header."));
    }
    // A line break in a value would make a second header.
    let value = value.replace(|c: char| c.is_control(), " ");
    headers.push((name.to_owned(), value.trim().to_owned()));
    Ok(())
}

/// What the request carries, and of which kind it is.
fn body(http: &Http, run: &Run<'_>) -> Result<Option<(String, &'static str)>, String> {
    Ok(match http.body.as_str() {
        "json" => Some((payload::text_with_secrets(run, &http.json)?, "application/json")),
        "form" => Some((pairs(run, each(&http.form))?, "application/x-www-form-urlencoded")),
        "text" => Some((run.text_with_secrets(&http.text)?, "text/plain; charset=utf-8")),
        _ => None,
    })
}
