//! The fake's HTTP side: paths, tokens and answers as Graph has them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Multipart, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Secret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::line::Cutter;
use super::validate::{self, Body, Refusal};
use super::{Fault, MOST_MEDIA, Receipt, Shared, StoredMedia, deliver, lock, pair};
use crate::whatsapp::{limits, window};

type App = State<Arc<Shared>>;
type Answer = Result<Response, Refusal>;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, Json(json!({ "error": self.error() }))).into_response()
    }
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{version}/debug_token", get(debug_token))
        .route("/{version}/{id}", get(object).post(configure).delete(delete_media))
        .route("/{version}/{id}/messages", post(messages))
        .route("/{version}/{id}/media", post(upload).layer(DefaultBodyLimit::max(101 * 1024 * 1024)))
        .route("/{version}/{id}/subscriptions", get(subscriptions).post(subscribe))
        .route("/{version}/{id}/subscribed_apps", get(joined).post(join))
        .route("/{version}/{id}/phone_numbers", get(numbers))
        .route("/whatsapp_business/attachments/", get(attachment))
        .fallback(async || Refusal::new(400, 2500, "Unknown path components"))
        .with_state(shared)
}

fn ok(value: Value) -> Answer {
    Ok(Json(value).into_response())
}

fn parameters(query: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

fn find<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

/// The token from header or query.
fn bearer(headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION).and_then(|h| h.to_str().ok());
    header
        .and_then(|h| h.strip_prefix("Bearer ").or_else(|| h.strip_prefix("OAuth ")))
        .map(str::to_owned)
        .or_else(|| find(&parameters(query), "access_token").map(str::to_owned))
}

impl Shared {
    fn require_token(&self, headers: &HeaderMap, query: Option<&str>) -> Result<(), Refusal> {
        let right = bearer(headers, query).is_some_and(|t| t == self.settings.token.expose());
        if right && !lock(&self.inner).token_expired { Ok(()) } else { Err(Refusal::of(190)) }
    }

    fn require_app(&self, headers: &HeaderMap, query: Option<&str>) -> Result<(), Refusal> {
        let app = format!("{}|{}", self.settings.app_id, self.settings.app_secret.expose());
        if bearer(headers, query).is_some_and(|t| t == app) {
            Ok(())
        } else {
            Err(Refusal::new(400, 190, "Invalid OAuth access token signature."))
        }
    }

    fn require_number(&self, id: &str) -> Result<(), Refusal> {
        if id == self.settings.phone_number_id { Ok(()) } else { Err(unknown_object(id)) }
    }

    fn number(&self) -> Value {
        let s = &self.settings;
        json!({"id": s.phone_number_id, "display_phone_number": format!("+{}", s.display_phone_number),
            "verified_name": s.verified_name, "quality_rating": "GREEN", "status": "CONNECTED",
            "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"}, "is_on_biz_app": false})
    }

    /// `GET /{phone-number-id}?fields=webhook_configuration`: the address of each level that has one.
    fn webhooks(&self) -> Value {
        let inner = lock(&self.inner);
        let levels = [
            ("phone_number", inner.number_override.as_deref()),
            ("whatsapp_business_account", inner.account_override.as_deref()),
            ("application", inner.app.as_ref().map(|(url, _)| url.as_str())),
        ];
        let levels: serde_json::Map<_, _> =
            levels.into_iter().filter_map(|(level, url)| Some((level.to_owned(), url?.into()))).collect();
        json!({"webhook_configuration": levels, "id": self.settings.phone_number_id})
    }
}

fn unknown_object(id: &str) -> Refusal {
    let why = format!(
        "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation"
    );
    Refusal::new(400, 100, why)
}

async fn messages(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    ConnectInfo(cutter): ConnectInfo<Cutter>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    raw: Bytes,
) -> Answer {
    shared.require_token(&headers, query.as_deref())?;
    shared.require_number(&id)?;
    let body: Value = serde_json::from_slice(&raw).map_err(|e| Refusal::new(400, 100, format!("no JSON: {e}")))?;
    let is_receipt = body.get("status").is_some();
    // Faults are for messages; a receipt between two of them must not use one up.
    let fault = if is_receipt { None } else { lock(&shared.inner).faults.pop_front() };
    match &fault {
        Some(Fault::Refuse(code)) => return Err(Refusal::of(*code)),
        Some(Fault::Page(status)) => return Ok(page(*status)),
        Some(Fault::Drop) => {
            cutter.cut();
            return Ok(page(500));
        }
        _ => {}
    }
    let (to, kind) = match validate::message(&body)? {
        Body::ReadReceipt { message_id, typing } => {
            let mut inner = lock(&shared.inner);
            let Some((from, _, _)) = inner.heard.iter().find(|(_, id, _)| *id == message_id).cloned() else {
                return Err(Refusal::new(400, 100, "message_id is not a message that this number received"));
            };
            // Ids count up over both directions.
            let late = inner.sent.iter().any(|s| from.is(&s.to) && s.wamid > message_id);
            inner.receipts.push(Receipt { wamid: message_id, typing, late });
            return ok(json!({"success": true}));
        }
        Body::Message { to, kind } => (to, kind),
    };
    allowed(&shared, &to, &kind)?;
    known_file(&shared, &kind, &body)?;
    let mut sent = shared.accept(&body, to, kind);
    let failing = match fault {
        Some(Fault::FailLater(code)) => Some(Refusal::of(code)),
        _ => None,
    };
    if let Some(refusal) = &failing {
        sent.failed = true;
        if let Some(kept) = lock(&shared.inner).sent.iter_mut().rfind(|s| s.wamid == sent.wamid) {
            kept.failed = true;
        }
        let bodies = vec![shared.status_body(&sent, "sent", None), shared.status_body(&sent, "failed", Some(refusal))];
        deliver::queue(&shared, bodies);
    } else if shared.settings.statuses || fault == Some(Fault::StatusFirst) {
        let mut skip = 0;
        if fault == Some(Fault::StatusFirst) {
            deliver::deliver(&shared, &shared.status_body(&sent, "sent", None)).await;
            skip = 1;
        }
        if shared.settings.statuses {
            deliver::queue(&shared, shared.statuses(&sent, skip));
        }
    }
    match fault {
        Some(Fault::AcceptThenDrop) => cutter.cut(),
        Some(Fault::Delay(wait)) => {
            shared.unless_stopped(tokio::time::sleep(wait)).await;
        }
        Some(Fault::AcceptThenPage(status)) => return Ok(page(status)),
        _ => {}
    }
    let contact = match sent.to.strip_prefix('+') {
        Some(phone) => json!({"input": sent.to, "wa_id": phone}),
        None => json!({"input": sent.to, "user_id": sent.to}),
    };
    let mut message = json!({ "id": sent.wamid });
    if sent.kind == "template" {
        message["message_status"] = "accepted".into();
    }
    ok(json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}))
}

/// A page of something between us and Graph.
fn page(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "text/html")], "<html><body>Sorry, something went wrong.</body></html>")
        .into_response()
}

/// A file that is sent by its id must have been uploaded, as a type that goes with the kind of message.
fn known_file(shared: &Shared, kind: &str, body: &Value) -> Result<(), Refusal> {
    let Some(id) = body.pointer(&format!("/{kind}/id")).and_then(Value::as_str) else { return Ok(()) };
    let inner = lock(&shared.inner);
    let Some(media) = inner.media.get(id) else {
        let why = format!("Param {kind}['id'] is not a valid whatsapp business account media attachment ID");
        return Err(Refusal::new(400, 100, why));
    };
    match limits::file_limit_bytes(kind, &media.mime, true) {
        Some(most) if media.bytes.len() as u64 <= most => Ok(()),
        _ => Err(Refusal::new(400, 131_053, format!("{} of this size cannot be sent as {kind}", media.mime))),
    }
}

/// Window and pair rate, where the settings want them.
fn allowed(shared: &Shared, to: &str, kind: &str) -> Result<(), Refusal> {
    let now = shared.settings.clock.now();
    let mut inner = lock(&shared.inner);
    if shared.settings.enforce_window && kind != "template" {
        let heard = inner.heard.iter().rev().find(|(c, _, _)| c.is(to)).map(|(_, _, at)| *at);
        if !heard.is_some_and(|at| window::window_open(at, None, now)) {
            return Err(Refusal::of(131_047));
        }
    }
    if let Some(pacing) = &mut inner.pacing {
        if pacing.next_allowed(&pair(to), now) > now {
            return Err(Refusal::of(131_056));
        }
        pacing.sent(&pair(to), now);
    }
    Ok(())
}

async fn upload(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    ConnectInfo(cutter): ConnectInfo<Cutter>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    mut form: Multipart,
) -> Answer {
    shared.require_token(&headers, query.as_deref())?;
    shared.require_number(&id)?;
    let broken = |e: axum::extract::multipart::MultipartError| Refusal::new(400, 100, format!("broken form: {e}"));
    let mut product = find(&parameters(query.as_deref()), "messaging_product").map(str::to_owned);
    let (mut file, mut mime) = (None, None);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("messaging_product") => product = Some(field.text().await.map_err(broken)?),
            Some("type") => mime = Some(field.text().await.map_err(broken)?),
            Some("file") => {
                mime = field.content_type().map(str::to_owned).or(mime);
                file = Some(field.bytes().await.map_err(broken)?);
            }
            _ => {}
        }
    }
    // After the whole form, so that the answer is read and not lost in a broken line.
    let fault = lock(&shared.inner).upload_faults.pop_front();
    match fault {
        None => {}
        Some(Fault::Refuse(code)) => return Err(Refusal::of(code)),
        Some(Fault::Page(status)) => return Ok(page(status)),
        Some(_) => {
            cutter.cut();
            return Ok(page(500));
        }
    }
    if product.as_deref() != Some("whatsapp") {
        return Err(Refusal::new(400, 100, "The parameter messaging_product is required."));
    }
    let (Some(bytes), Some(mime)) = (file, mime) else {
        return Err(Refusal::new(400, 131_008, "file and type are required"));
    };
    let kind = match mime.split('/').next() {
        Some(kind @ ("audio" | "video")) => kind,
        Some("image") if mime == "image/webp" => "sticker",
        Some("image") => "image",
        _ => "document",
    };
    let most = limits::file_limit_bytes(kind, &mime, true).ok_or_else(|| {
        Refusal::new(400, 100, format!("Param file must be a file with one of the supported types, not {mime}"))
    })?;
    if bytes.len() as u64 > most {
        return Err(Refusal::new(400, 131_053, "The file is too large."));
    }
    let mut inner = lock(&shared.inner);
    if inner.media.len() >= MOST_MEDIA {
        inner.media.clear();
    }
    inner.made += 1;
    let id = (900_000_000_000_000 + inner.made).to_string();
    inner.media.insert(id.clone(), StoredMedia { bytes, mime });
    inner.uploads += 1;
    ok(json!({ "id": id }))
}

/// `GET /{id}`: a number or a file.
async fn object(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    shared.require_token(&headers, query.as_deref())?;
    if id == shared.settings.phone_number_id {
        let given = parameters(query.as_deref());
        let wants_webhooks = find(&given, "fields").is_some_and(|f| f.split(',').any(|f| f == "webhook_configuration"));
        if !wants_webhooks {
            return ok(shared.number());
        }
        let (told, late) = (shared.webhooks(), lock(&shared.inner).webhooks_late.take());
        if let Some(by) = late {
            tokio::time::sleep(by).await;
        }
        return ok(told);
    }
    let inner = lock(&shared.inner);
    let media = inner.media.get(&id).ok_or_else(|| unknown_object(&id))?;
    ok(json!({"messaging_product": "whatsapp", "id": id, "mime_type": media.mime, "file_size": media.bytes.len(),
        "sha256": hex::encode(Sha256::digest(&media.bytes)),
        "url": format!("http://{}/whatsapp_business/attachments/?mid={id}&ext=1&hash=h", shared.address)}))
}

async fn attachment(State(shared): App, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    shared.require_token(&headers, None)?;
    if !headers.contains_key(header::USER_AGENT) {
        return Ok(page(403));
    }
    let id = parameters(query.as_deref());
    let media = lock(&shared.inner).media.get(find(&id, "mid").unwrap_or_default()).cloned();
    Ok(match media {
        Some(media) => ([(header::CONTENT_TYPE, media.mime)], media.bytes).into_response(),
        None => page(404),
    })
}

async fn delete_media(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    shared.require_token(&headers, query.as_deref())?;
    lock(&shared.inner).media.remove(&id).ok_or_else(|| unknown_object(&id))?;
    ok(json!({"success": true}))
}

/// `POST /{phone-number-id}`: an address of the number's own.
async fn configure(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    raw: Bytes,
) -> Answer {
    shared.require_token(&headers, query.as_deref())?;
    shared.require_number(&id)?;
    let body: Value = serde_json::from_slice(&raw).unwrap_or_default();
    let to = overriding(&shared, body.get("webhook_configuration").unwrap_or(&Value::Null)).await?;
    lock(&shared.inner).number_override = to;
    ok(json!({"success": true}))
}

/// The address of an override, after its handshake; an empty one takes it back.
async fn overriding(shared: &Arc<Shared>, v: &Value) -> Result<Option<String>, Refusal> {
    let uri = v
        .get("override_callback_uri")
        .and_then(Value::as_str)
        .ok_or_else(|| Refusal::new(400, 131_008, "override_callback_uri"))?;
    if uri.is_empty() {
        return Ok(None);
    }
    let token = Secret::new(v.get("verify_token").and_then(Value::as_str).unwrap_or_default());
    deliver::handshake(shared, uri, &token).await?;
    Ok(Some(uri.to_owned()))
}

async fn debug_token(State(shared): App, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    shared.require_app(&headers, query.as_deref())?;
    let given = parameters(query.as_deref());
    let s = &shared.settings;
    if find(&given, "input_token") != Some(s.token.expose()) || lock(&shared.inner).token_expired {
        return ok(json!({"data": {"is_valid": false, "scopes": [],
            "error": {"code": 190, "message": "The access token could not be decrypted"}}}));
    }
    let granular: Vec<_> = s.scopes.iter().map(|scope| json!({"scope": scope, "target_ids": [s.waba_id]})).collect();
    ok(json!({"data": {"app_id": s.app_id, "type": "SYSTEM_USER", "application": "BotFlow", "is_valid": true,
        "expires_at": 0, "data_access_expires_at": 0, "scopes": s.scopes, "granular_scopes": granular}}))
}

async fn subscriptions(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    shared.require_app(&headers, query.as_deref())?;
    if id != shared.settings.app_id {
        return Err(unknown_object(&id));
    }
    let data: Vec<_> = lock(&shared.inner)
        .app
        .iter()
        .map(|(url, fields)| {
            let fields: Vec<_> = fields.iter().map(|f| json!({"name": f, "version": "v25.0"})).collect();
            json!({"object": "whatsapp_business_account", "callback_url": url, "active": true, "fields": fields})
        })
        .collect();
    ok(json!({ "data": data }))
}

async fn subscribe(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    raw: Bytes,
) -> Answer {
    shared.require_app(&headers, query.as_deref())?;
    if id != shared.settings.app_id {
        return Err(unknown_object(&id));
    }
    // Clients put these into the form or the query.
    let mut given = parameters(query.as_deref());
    given.extend(url::form_urlencoded::parse(&raw).into_owned());
    let need = |name: &str| {
        find(&given, name).map(str::to_owned).ok_or_else(|| Refusal::new(400, 100, format!("({name}) is required")))
    };
    if need("object")? != "whatsapp_business_account" {
        return Err(Refusal::new(400, 100, "Param object must be one of {whatsapp_business_account}"));
    }
    let (url, token) = (need("callback_url")?, Secret::new(need("verify_token")?));
    deliver::handshake(&shared, &url, &token).await?;
    let fields =
        find(&given, "fields").unwrap_or_default().split(',').filter(|f| !f.is_empty()).map(Into::into).collect();
    lock(&shared.inner).app = Some((url, fields));
    ok(json!({"success": true}))
}

fn require_account(shared: &Shared, id: &str) -> Result<(), Refusal> {
    if id == shared.settings.waba_id { Ok(()) } else { Err(unknown_object(id)) }
}

async fn joined(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    shared.require_token(&headers, query.as_deref())?;
    require_account(&shared, &id)?;
    let inner = lock(&shared.inner);
    let mut app = json!({"whatsapp_business_api_data": {"id": shared.settings.app_id, "name": "BotFlow", "link": "https://www.facebook.com/games/?app_id=1"}});
    if let Some(uri) = &inner.account_override {
        app["override_callback_uri"] = uri.as_str().into();
    }
    ok(json!({"data": if inner.joined { vec![app] } else { Vec::new() }}))
}

async fn join(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    raw: Bytes,
) -> Answer {
    shared.require_token(&headers, query.as_deref())?;
    require_account(&shared, &id)?;
    let body: Value = serde_json::from_slice(&raw).unwrap_or_default();
    let to = if body.get("override_callback_uri").is_some() { overriding(&shared, &body).await? } else { None };
    let mut inner = lock(&shared.inner);
    inner.account_override = to;
    inner.joined = true;
    ok(json!({"success": true}))
}

async fn numbers(
    State(shared): App,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    shared.require_token(&headers, query.as_deref())?;
    require_account(&shared, &id)?;
    ok(json!({"data": [shared.number()]}))
}
