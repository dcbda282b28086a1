//! The web chat over HTTP, for anybody: its looks, visits, and what visitors write.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::response::{Html, IntoResponse, Response};
use base::id::ChannelId;
use base::{Error, ErrorCode, Result};
use channels::webchat::{FRAME_LIMIT_BYTES, VisitorFrame, accept, parse};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, ClientIp, Path, Raw};

use super::limits::Limits;
use super::{WebMessage, conversation_of, view, visitor};
use crate::channels::{ChannelKind, ChannelRow, ChannelState, Side, WebchatConfig};
use crate::conversations;
use crate::inbound::{self, Inbound, Item};
use crate::workspace::{Workspace, Workspaces};

/// Messages of one page of history.
pub(super) const PAGE: usize = 200;

pub(crate) fn router() -> OpenApiRouter<Workspaces> {
    OpenApiRouter::new()
        .routes(routes!(page))
        .routes(routes!(script))
        .routes(routes!(config))
        .routes(routes!(session, session_preflight))
        .routes(routes!(super::poll::poll, message, messages_preflight))
        .routes(routes!(super::stream::stream))
        .merge(super::files::router())
        .layer(DefaultBodyLimit::max(FRAME_LIMIT_BYTES))
        .layer(axum::Extension(Limits::new()))
}

/// The channel, when it is a web chat that is on and this site may show it.
pub(super) struct Chat {
    pub(super) ws: Arc<Workspace>,
    channel: ChannelRow,
    config: WebchatConfig,
    /// The site that asks, when it is another one.
    origin: Option<String>,
}

impl Chat {
    pub(super) async fn open(workspaces: &Workspaces, id: ChannelId, headers: &HeaderMap) -> ApiResult<Chat> {
        let ws = workspaces.of_channel(id).await?;
        let channel = ws.db.read(move |c| crate::channels::store::expect(c, id)).await?;
        if channel.kind != ChannelKind::Webchat {
            return Err(Error::not_found("chat", id).into());
        }
        if channel.state != ChannelState::Active {
            return Err(Error::unavailable("This chat is closed at the moment.").into());
        }
        let config = channel.webchat();
        let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()).map(str::to_owned);
        if let Some(origin) = &origin
            && !allowed(&config.allowed_origins, origin, headers)
        {
            return Err(
                Error::forbidden("This web site may not show this chat. Add it in the channel's settings.").into()
            );
        }
        Ok(Chat { ws, channel, config, origin })
    }

    /// Lets the asking site read the answer.
    pub(super) fn share(&self, response: impl IntoResponse) -> Response {
        let mut response = response.into_response();
        if let Some(origin) = self.origin.as_deref().and_then(|o| HeaderValue::from_str(o).ok()) {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        response
    }
}

/// No list means any site; our own page is always allowed.
fn allowed(origins: &[String], origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let own = origin.split_once("://").is_some_and(|(_, of)| of.eq_ignore_ascii_case(host));
    own || origins.is_empty() || origins.iter().any(|o| o.trim_end_matches('/').eq_ignore_ascii_case(origin))
}

/// A browser asks whether another site may begin a visit.
#[utoipa::path(options, path = "/chat/{channel}/sessions", operation_id = "askToStartVisit", tag = "web chat",
    params(("channel" = ChannelId, Path)),
    responses((status = 204), (status = 403, description = "This site may not show the chat")))]
async fn session_preflight(
    workspaces: State<Workspaces>,
    channel: Path<ChannelId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    preflight(workspaces, channel, headers).await
}

/// A browser asks whether another site may read and write messages.
#[utoipa::path(options, path = "/chat/{channel}/messages", operation_id = "askToSendVisitorMessage",
    tag = "web chat", params(("channel" = ChannelId, Path)),
    responses((status = 204), (status = 403, description = "This site may not show the chat")))]
async fn messages_preflight(
    workspaces: State<Workspaces>,
    channel: Path<ChannelId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    preflight(workspaces, channel, headers).await
}

async fn preflight(
    State(workspaces): State<Workspaces>,
    Path(channel): Path<ChannelId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let chat = Chat::open(&workspaces, channel, &headers).await?;
    let allow = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    Ok(chat.share((StatusCode::NO_CONTENT, allow)))
}

/// How a web chat looks.
#[derive(Serialize, ToSchema)]
struct ChatConfig {
    title: String,
    greeting: String,
    /// `#rrggbb`; nothing for the widget's own.
    #[schema(required)]
    accent: Option<String>,
    position: Side,
    /// BCP 47; empty when the owner has named none.
    language: String,
}

/// How the chat looks.
#[utoipa::path(get, path = "/chat/{channel}/config", operation_id = "getChatConfig", tag = "web chat",
    params(("channel" = ChannelId, Path)),
    responses((status = 200, body = ChatConfig), (status = 403, description = "This site may not show the chat")))]
async fn config(
    State(workspaces): State<Workspaces>,
    Path(channel): Path<ChannelId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let chat = Chat::open(&workspaces, channel, &headers).await?;
    let business = chat.ws.db.read(crate::business::get).await?;
    let title = if chat.config.title.is_empty() { business.name } else { chat.config.title.clone() };
    let body = ChatConfig {
        title,
        greeting: chat.config.greeting.clone(),
        accent: chat.config.accent.clone().or(business.accent).or_else(|| base::product::accent().map(str::to_owned)),
        position: chat.config.position,
        language: business.language,
    };
    Ok(chat.share(axum::Json(body)))
}

/// A visit to begin or to go on with.
#[derive(Deserialize, ToSchema)]
struct NewVisit {
    /// The token of an earlier visit; another one is given when this is none.
    #[serde(default)]
    visitor: Option<String>,
}

/// A visit, with the latest of what was said in it.
#[derive(Serialize, ToSchema)]
struct Visit {
    /// What the browser names itself by from now on.
    token: String,
    /// Oldest first.
    messages: Vec<WebMessage>,
    /// Where to go on reading.
    cursor: i64,
}

/// Begins or resumes a visit. A new visitor leaves no trace until they write.
#[utoipa::path(post, path = "/chat/{channel}/sessions", operation_id = "startVisit", tag = "web chat",
    params(("channel" = ChannelId, Path)), request_body = Option<NewVisit>,
    responses(
        (status = 200, body = Visit),
        (status = 403, description = "This site may not show the chat"),
        (status = 429, description = "Too many visits from one address")
    ))]
async fn session(
    State(workspaces): State<Workspaces>,
    axum::Extension(limits): axum::Extension<Limits>,
    ClientIp(ip): ClientIp,
    Path(id): Path<ChannelId>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> ApiResult<Response> {
    let chat = Chat::open(&workspaces, id, &headers).await?;
    if let Err(e) = limits.sessions.check(ip) {
        return Ok(chat.share(e.into_response()));
    }
    let asked: NewVisit = if body.is_empty() {
        NewVisit { visitor: None }
    } else {
        serde_json::from_slice(&body)
            .map_err(|_| ApiError::malformed("This could not be read. Please reload the page."))?
    };
    let token = asked.visitor.filter(|t| is_token(t)).unwrap_or_else(base::random::token);
    let known = token.clone();
    let messages = chat
        .ws
        .db
        .read(move |c| match conversation_of(c, id, &known)? {
            Some((_, conversation)) => conversations::store::messages_before(c, conversation, None, PAGE),
            None => Ok(Vec::new()),
        })
        .await?;
    let cursor = messages.first().map_or(0, |m| m.seq);
    let who = visitor(&token).value;
    let messages = messages.into_iter().rev().map(|row| view(row, id, &who)).collect();
    Ok(chat.share(axum::Json(Visit { token, messages, cursor })))
}

pub(super) fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

pub(super) fn bearer(headers: &HeaderMap) -> Result<String> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "))
        .filter(|t| is_token(t))
        .map(str::to_owned)
        .ok_or_else(|| Error::new(ErrorCode::Unauthorized, "This visit has ended. Please reload the page."))
}

/// What was taken in.
#[derive(Serialize, ToSchema)]
struct Accepted {
    client_id: String,
}

/// A visitor writes. 202 means it is on the disk; the same `client_id` counts once.
#[utoipa::path(post, path = "/chat/{channel}/messages", operation_id = "sendVisitorMessage", tag = "web chat",
    security(("visitor" = [])), params(("channel" = ChannelId, Path)), request_body = VisitorFrame,
    responses(
        (status = 202, body = Accepted),
        (status = 204, description = "A sign of typing, of which nothing is kept"),
        (status = 401, description = "This is no visitor's token"),
        (status = 403, description = "This site may not show the chat"),
        (status = 422, description = "The message cannot be taken in"),
        (status = 429, description = "Too many messages of one visitor")
    ))]
async fn message(
    State(workspaces): State<Workspaces>,
    axum::Extension(limits): axum::Extension<Limits>,
    Path(id): Path<ChannelId>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> ApiResult<Response> {
    let chat = Chat::open(&workspaces, id, &headers).await?;
    let taken = take_in(&chat, &limits, &headers, &body).await;
    // Without it a browser on another site could not read why.
    Ok(taken.unwrap_or_else(|e| chat.share(e.into_response())))
}

async fn take_in(chat: &Chat, limits: &Limits, headers: &HeaderMap, body: &[u8]) -> ApiResult<Response> {
    let token = bearer(headers)?;
    limits.messages.check(&token)?;
    let Some(sent) = accept(parse(body)?)? else {
        return Ok(chat.share(StatusCode::NO_CONTENT));
    };
    let who = visitor(&token);
    let item = Item {
        channel: chat.channel.id,
        dedupe_key: format!("visitor|{}|{}", who.value, sent.client_id),
        inbound: Inbound::Message {
            from: vec![who],
            name: None,
            provider_id: None,
            client_id: Some(sent.client_id.clone()),
            content: sent.content,
            sent_at: chat.ws.clock.now(),
            replied_to: None,
            free_entry: false,
            quiet: false,
            extra: serde_json::Value::Null,
        },
    };
    inbound::accept(&chat.ws, chat.channel.id, None, vec![item], Vec::new()).await?;
    Ok(chat.share((StatusCode::ACCEPTED, axum::Json(Accepted { client_id: sent.client_id }))))
}

/// The widget's script, the same for every chat; it finds its own address.
#[utoipa::path(get, path = "/chat/{channel}/widget.js", operation_id = "getWidget", tag = "web chat",
    params(("channel" = ChannelId, Path)),
    responses((status = 200, content_type = "text/javascript", body = String)))]
async fn script(State(workspaces): State<Workspaces>, Path(channel): Path<ChannelId>) -> ApiResult<Response> {
    let ws = workspaces.of_channel(channel).await?;
    Ok((
        [
            (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (header::CACHE_CONTROL, "public, max-age=300"),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        ],
        ws.widget.clone(),
    )
        .into_response())
}

/// A page of its own, for shared links and for trying it out.
#[utoipa::path(get, path = "/chat/{channel}", operation_id = "getChatPage", tag = "web chat",
    params(("channel" = ChannelId, Path)),
    responses(
        (status = 200, content_type = "text/html", body = String),
        (status = 403, description = "This site may not show the chat")
    ))]
async fn page(
    State(workspaces): State<Workspaces>,
    Path(channel): Path<ChannelId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let chat = Chat::open(&workspaces, channel, &headers).await?;
    let business = chat.ws.db.read(crate::business::get).await?;
    let title = if chat.config.title.is_empty() { business.name } else { chat.config.title.clone() };
    let language = if business.language.is_empty() { "en".to_owned() } else { business.language };
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{}</title></head><body>\
         <script src=\"/chat/{channel}/widget.js\" data-open=\"page\" async></script></body></html>",
        escape(&language),
        escape(&title)
    );
    // The owner's own interface shows this page as a preview, from another port of the same machine.
    let csp = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
               frame-ancestors 'self' http://127.0.0.1:* http://localhost:*";
    Ok(([(header::CONTENT_SECURITY_POLICY, csp)], Html(html)).into_response())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_sites_may_show_the_chat_and_its_own_page_always() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:4871"));
        let list = vec!["https://shop.example/".to_owned()];
        assert!(allowed(&list, "https://shop.example", &headers));
        assert!(!allowed(&list, "https://evil.example", &headers));
        assert!(!allowed(&list, "https://shop.example.evil.example", &headers));
        assert!(allowed(&list, "http://127.0.0.1:4871", &headers));
        assert!(allowed(&[], "https://any.example", &headers));
    }
}
