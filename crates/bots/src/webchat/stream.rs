//! What is new as a stream of server-sent events, with signs of typing and words as they are written.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use base::id::ChannelId;
use base::{Error, ErrorCode};
use futures::Stream;
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use web::{ApiResult, ClientIp, Path, Query};

use super::limits::{Limits, Place};
use super::poll::since;
use super::routes::{Chat, is_token};
use super::visitor;
use crate::workspace::{LiveKind, Workspace, Workspaces};

/// The first words of every stream, which no browser shows. They come at once: where they do not, something on the way
/// holds the stream back, and the browser asks instead.
const GREETING: &str = "here";

/// From where on to follow.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Follow {
    /// The `cursor` of what the browser has; 0 for everything.
    #[serde(default)]
    after: i64,
    /// The visitor's token: streams cannot carry a header.
    #[serde(default)]
    token: Option<String>,
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
pub(super) async fn stream(
    State(workspaces): State<Workspaces>,
    axum::Extension(limits): axum::Extension<Limits>,
    ClientIp(ip): ClientIp,
    Path(id): Path<ChannelId>,
    Query(asked): Query<Follow>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let chat = Chat::open(&workspaces, id, &headers).await?;
    let open = || {
        let token = asked
            .token
            .filter(|t| is_token(t))
            .ok_or_else(|| Error::new(ErrorCode::Unauthorized, "This visit has ended. Please reload the page."))?;
        limits.looks.check(&token)?;
        limits.looks_from.check(ip)?;
        let place = limits
            .streams
            .take(&visitor(&token).value)
            .ok_or_else(|| Error::too_many("Many people are here right now. Please try again in a moment."))?;
        Ok::<_, web::ApiError>(follow(chat.ws.clone(), id, token, asked.after, place))
    };
    Ok(match open() {
        Ok(events) => chat.share((
            [(header::CACHE_CONTROL, "no-store"), (header::HeaderName::from_static("x-accel-buffering"), "no")],
            Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)).text("")),
        )),
        Err(e) => chat.share(e.into_response()),
    })
}

fn follow(
    ws: Arc<Workspace>,
    id: ChannelId,
    token: String,
    after: i64,
    place: Place,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    let (tell, hear) = tokio::sync::mpsc::channel(32);
    base::task::spawn("web chat stream", async move {
        let _place = place;
        if tell.send(Event::default().comment(GREETING)).await.is_err() {
            return;
        }
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
