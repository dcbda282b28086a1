//! The web chat over HTTP, for anybody: sessions, messages in, messages out by stream or by long poll.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use base::id::{ChannelId, ConversationId};
use base::{Error, ErrorCode, Result};
use channels::webchat::{FRAME_LIMIT_BYTES, VisitorFrame, accept, parse};
use futures::Stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, ClientIp, Path, Query, RateLimit, Raw};

use super::{WebMessage, conversation_of, view, visitor};
use crate::channels::{ChannelKind, ChannelRow, ChannelState, Side, WebchatConfig};
use crate::conversations;
use crate::inbound::{self, Inbound, Item};
use crate::workspace::{LiveKind, Workspace, Workspaces};

/// Messages of one page of history.
const PAGE: usize = 200;
/// The longest a long poll waits.
const MAX_WAIT: Duration = Duration::from_secs(25);
/// Streams open at once for one business; beyond it browsers fall back to polling.
const MAX_STREAMS: usize = 500;

pub(super) const TOO_FAST: &str = "That was very fast. Please wait a moment and try again.";

/// How much one address on the internet may do.
#[derive(Clone)]
struct Limits {
    sessions: RateLimit,
    messages: RateLimit,
    streams: Arc<tokio::sync::Semaphore>,
}

pub(crate) fn router() -> OpenApiRouter<Workspaces> {
    let limits = Limits {
        sessions: RateLimit::per_minute(30, TOO_FAST),
        messages: RateLimit::per_minute(40, TOO_FAST),
        streams: Arc::new(tokio::sync::Semaphore::new(MAX_STREAMS)),
    };
    OpenApiRouter::new()
        .routes(routes!(page))
        .routes(routes!(script))
        .routes(routes!(config))
        .routes(routes!(session, session_preflight))
        .routes(routes!(poll, message, messages_preflight))
        .routes(routes!(stream))
        .merge(super::files::router())
        .layer(DefaultBodyLimit::max(FRAME_LIMIT_BYTES))
        .layer(axum::Extension(limits))
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
    limits.sessions.check(ip)?;
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

fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn bearer(headers: &HeaderMap) -> Result<String> {
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
    let token = bearer(&headers)?;
    limits.messages.check(&token)?;
    let Some(sent) = accept(parse(&body)?)? else {
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

/// From where on to read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// The `cursor` of what the browser has; 0 for everything.
    #[serde(default)]
    after: i64,
    /// Seconds to wait for something new; 25 at most whatever is asked for.
    #[serde(default)]
    #[param(value_type = i64, minimum = 0, maximum = 4294967295.0)]
    wait: u32,
}

/// From where on to follow.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Follow {
    /// The `cursor` of what the browser has; 0 for everything.
    #[serde(default)]
    after: i64,
    /// The visitor's token: streams cannot carry a header.
    #[serde(default)]
    token: Option<String>,
}

/// What came after a position.
#[derive(Serialize, ToSchema)]
struct NewMessages {
    /// Oldest first.
    messages: Vec<WebMessage>,
    /// Where to go on reading.
    cursor: i64,
    typing: bool,
}

/// What came after a position, waiting for it if there is nothing yet.
#[utoipa::path(get, path = "/chat/{channel}/messages", operation_id = "listVisitorMessages", tag = "web chat",
    security(("visitor" = [])), params(("channel" = ChannelId, Path), After),
    responses(
        (status = 200, body = NewMessages),
        (status = 401, description = "This is no visitor's token"),
        (status = 403, description = "This site may not show the chat")
    ))]
async fn poll(
    State(workspaces): State<Workspaces>,
    Path(id): Path<ChannelId>,
    Query(asked): Query<After>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let chat = Chat::open(&workspaces, id, &headers).await?;
    let token = bearer(&headers)?;
    let mut changes = chat.ws.db.changes();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(asked.wait.into()).min(MAX_WAIT);
    loop {
        let (conversation, messages) = since(&chat.ws, id, &token, asked.after).await?;
        if !messages.is_empty() || tokio::time::Instant::now() >= deadline {
            let cursor = messages.last().map_or(asked.after, |m| m.cursor);
            return Ok(chat.share(axum::Json(NewMessages { messages, cursor, typing: false })));
        }
        let tag = conversation.map(|c| format!("conversation:{c}"));
        let changed = async {
            while let Ok(tags) = changes.recv().await {
                let mine = match &tag {
                    Some(tag) => tags.iter().any(|t| t == tag.as_str()),
                    None => tags.iter().any(|t| t == "conversations"),
                };
                if mine {
                    return;
                }
            }
        };
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep_until(deadline) => {}
            () = chat.ws.closing.cancelled() => return Err(Error::unavailable("One moment, please.").into()),
        }
    }
}

async fn since(
    ws: &Workspace,
    id: ChannelId,
    token: &str,
    after: i64,
) -> Result<(Option<ConversationId>, Vec<WebMessage>)> {
    let token = token.to_owned();
    ws.db
        .read(move |c| match conversation_of(c, id, &token)? {
            Some((_, conversation)) => {
                let rows = conversations::store::messages_after(c, conversation, after, PAGE)?;
                let who = visitor(&token).value;
                Ok((Some(conversation), rows.into_iter().map(|row| view(row, id, &who)).collect()))
            }
            None => Ok((None, Vec::new())),
        })
        .await
}

/// One event of the stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the events for the contract; they are written as text")]
struct VisitEvent {
    event: VisitEventKind,
    /// JSON: a message, `{"on": true}` for a sign of typing, `{"text": "…"}` for words as they are written.
    data: String,
    /// Of a message: where to go on reading.
    id: Option<String>,
}

/// What an event is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the events for the contract; they are written as text")]
enum VisitEventKind {
    Message,
    Typing,
    Delta,
}

/// The same as a stream of server-sent events, with signs of typing and words as they are written.
#[utoipa::path(get, path = "/chat/{channel}/events", operation_id = "streamVisit", tag = "web chat",
    params(("channel" = ChannelId, Path), Follow),
    responses(
        (status = 200, content_type = "text/event-stream", body = VisitEvent),
        (status = 401, description = "This is no visitor's token"),
        (status = 403, description = "This site may not show the chat"),
        (status = 429, description = "Too many streams are open")
    ))]
async fn stream(
    State(workspaces): State<Workspaces>,
    axum::Extension(limits): axum::Extension<Limits>,
    Path(id): Path<ChannelId>,
    Query(asked): Query<Follow>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let chat = Chat::open(&workspaces, id, &headers).await?;
    let token = asked
        .token
        .filter(|t| is_token(t))
        .ok_or_else(|| Error::new(ErrorCode::Unauthorized, "This visit has ended. Please reload the page."))?;
    let slot = limits
        .streams
        .clone()
        .try_acquire_owned()
        .map_err(|_| Error::too_many("Many people are here right now. Please try again in a moment."))?;
    let events = follow(chat.ws.clone(), id, token, asked.after, slot);
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15)).text("");
    Ok(chat.share((
        [(header::CACHE_CONTROL, "no-store"), (header::HeaderName::from_static("x-accel-buffering"), "no")],
        Sse::new(events).keep_alive(keep_alive),
    )))
}

fn follow(
    ws: Arc<Workspace>,
    id: ChannelId,
    token: String,
    after: i64,
    slot: tokio::sync::OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    let (tell, hear) = tokio::sync::mpsc::channel(32);
    base::task::spawn("web chat stream", async move {
        let _slot = slot;
        let mut changes = ws.db.changes();
        let mut live = ws.live.subscribe();
        let mut cursor = after;
        let mut mine = None;
        let mut look = true;
        loop {
            if look {
                let Ok((conversation, messages)) = since(&ws, id, &token, cursor).await else { return };
                mine = conversation;
                for message in messages {
                    cursor = message.cursor;
                    let Ok(event) = Event::default().event("message").id(cursor.to_string()).json_data(&message) else {
                        continue;
                    };
                    if tell.send(event).await.is_err() {
                        return;
                    }
                }
            }
            look = false;
            tokio::select! {
                () = tell.closed() => return,
                () = ws.closing.cancelled() => return,
                changed = changes.recv() => match changed {
                    Ok(tags) => look = match mine {
                        Some(conversation) => tags.iter().any(|t| t.strip_prefix("conversation:") == Some(conversation.to_string().as_str())),
                        None => tags.iter().any(|t| t == "conversations"),
                    },
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => look = true,
                    Err(_) => return,
                },
                said = live.recv() => if let Ok(said) = said && Some(said.conversation) == mine {
                    let event = match said.kind {
                        LiveKind::Typing(on) => Event::default().event("typing").json_data(json!({ "on": on })),
                        LiveKind::Delta(text) => Event::default().event("delta").json_data(json!({ "text": text })),
                    };
                    if let Ok(event) = event && tell.send(event).await.is_err() {
                        return;
                    }
                },
            }
        }
    });
    futures::stream::unfold(hear, |mut hear| async move { hear.recv().await.map(|event| (Ok(event), hear)) })
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
