//! Web calls from other programs that begin flows: `POST /hooks/flow/{business}/{token}` on the public listener.

use axum::extract::{DefaultBodyLimit, State};
use base::id::WorkspaceId;
use base::{Error, Result};
use db::Tx;
use flow::EventKind;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, ClientIp, Path, RateLimit, Raw};

use super::store;
use crate::workspace::{Workspace, Workspaces};
use crate::{bots, conversations, runs, secrets};

/// Largest body, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// Where the secret or the signature stands.
const SECRET_HEADER: &str = "x-botflow-secret";
const SIGNATURE_HEADER: &str = "x-botflow-signature";

pub(crate) fn router() -> OpenApiRouter<Workspaces> {
    let limit = RateLimit::per_minute(240, "That was very fast. Please wait a moment and try again.");
    OpenApiRouter::new().routes(routes!(call)).layer(DefaultBodyLimit::max(MAX_BYTES)).layer(axum::Extension(limit))
}

/// A token that cannot be guessed.
pub(super) fn fresh_token() -> String {
    base::random::token()
}

/// Begins a flow with what another program sends. 202 means that it is on the disk.
#[utoipa::path(post, path = "/hooks/flow/{business}/{token}", operation_id = "callFlow", tag = "webhooks",
    params(("business" = base::id::Uuid, Path), ("token" = String, Path, max_length = 64)),
    request_body(content = Object, content_type = "application/json", description = "Anything, as JSON"),
    responses(
        (status = 202),
        (status = 403, description = "The secret or the signature is not right")
    ))]
async fn call(
    State(workspaces): State<Workspaces>,
    axum::Extension(limit): axum::Extension<RateLimit>,
    ClientIp(ip): ClientIp,
    Path((business, token)): Path<(WorkspaceId, String)>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> ApiResult<StatusCode> {
    limit.check(ip)?;
    let ws = workspaces.known(business)?;
    let data =
        serde_json::from_slice(&body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
    let inner = ws.clone();
    ws.db.write(move |tx| accept(tx, &inner, &token, &headers, &body, data)).await?;
    Ok(StatusCode::ACCEPTED)
}

fn accept(tx: &Tx<'_>, ws: &Workspace, token: &str, headers: &HeaderMap, body: &[u8], data: Value) -> Result<()> {
    let hook = store::hook(tx, token)?.ok_or_else(|| Error::not_found("address", "this one"))?;
    let version = bots::store::current_id(tx, hook.bot_id)?.ok_or_else(|| Error::not_found("flow", &hook.flow))?;
    let flows = ws.flows.get(tx, version)?;
    let found = flows.entries("webhook").find(|(f, s, _)| *f == hook.flow && *s == hook.step);
    let (.., fields) = found.ok_or_else(|| Error::not_found("flow", &hook.flow))?;
    let of = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default();
    let secret = secrets::store::get(tx, &ws.vault, of("secret"))?;
    if !proven(of("check"), secret.as_ref().map(|s| s.expose()), headers, body) {
        return Err(Error::forbidden("The secret or the signature of this call is not right."));
    }
    store::set_sample(tx, ws.clock.now(), token, &String::from_utf8_lossy(body))?;
    let customer = of("customer");
    if customer.trim().is_empty() {
        let kind = EventKind::Triggered { flow: hook.flow, step: hook.step, data };
        return runs::begin_alone(tx, ws, hook.bot_id, kind).map(drop);
    }
    let mut values = serde_json::Map::new();
    values.insert("trigger".into(), data.clone());
    let name = flow::preview(customer, &values, &flow::Context::default())
        .map_err(|(problem, _)| Error::invalid(format!("It cannot be said for which customer this is. {problem}")))?;
    let name: String = name.chars().filter(|c| !matches!(c, '+' | ' ' | '-' | '(' | ')')).collect();
    let id = store::conversation_with(tx, hook.bot_id, &name)?
        .ok_or_else(|| Error::not_found("customer", "with this number or id"))?;
    let Some(conversation) = conversations::store::get(tx, id)? else { return Ok(()) };
    if !runs::trigger(tx, ws, &conversation, (&hook.flow, &hook.step), data.clone())? {
        // In the middle of something: the flow comes after it.
        let now = ws.clock.now();
        super::follow_up(tx, id, &hook.flow, now.plus(super::LATER), false, &data)?;
    }
    Ok(())
}

fn proven(check: &str, secret: Option<&str>, headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let Some(secret) = secret.filter(|s| !s.is_empty()) else { return false };
    if check != "hmac" {
        return header(SECRET_HEADER).as_bytes().ct_eq(secret.as_bytes()).into();
    }
    let given = header(SIGNATURE_HEADER).trim().trim_start_matches("sha256=").to_owned();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    hex::decode(given).is_ok_and(|given| mac.verify_slice(&given).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_must_prove_where_it_comes_from() {
        let headers = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            headers
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(b"s3cret").unwrap();
        mac.update(b"{}");
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        for (check, secret, headers, proof) in [
            ("secret", Some("s3cret"), headers(SECRET_HEADER, "s3cret"), true),
            ("secret", Some("s3cret"), headers(SECRET_HEADER, "other"), false),
            ("secret", None, headers(SECRET_HEADER, ""), false),
            ("secret", Some(""), headers(SECRET_HEADER, ""), false),
            ("hmac", Some("s3cret"), headers(SIGNATURE_HEADER, &signature), true),
            ("hmac", Some("other"), headers(SIGNATURE_HEADER, &signature), false),
            ("hmac", Some("s3cret"), headers(SIGNATURE_HEADER, "sha256=zz"), false),
            ("hmac", Some("s3cret"), HeaderMap::new(), false),
        ] {
            assert_eq!(proven(check, secret, &headers, b"{}"), proof, "{check} {secret:?} {headers:?}");
        }
    }
}
