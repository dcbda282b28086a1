//! What is new, for browsers to which streams do not come through: each request waits until there is something.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::id::{ChannelId, ConversationId};
use base::{Error, Result};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{ApiResult, ClientIp, Path, Query};

use super::limits::Limits;
use super::routes::{Chat, PAGE, bearer};
use super::{WebMessage, conversation_of, view, visitor};
use crate::conversations;
use crate::workspace::{Workspace, Workspaces};

/// The longest a request waits; ways to us end those that take much longer.
const MAX_WAIT: Duration = Duration::from_secs(25);

/// From where on to read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// The `cursor` of what the browser has; 0 for everything.
    #[serde(default)]
    after: i64,
    /// Seconds to wait for something new; 25 at most whatever is asked for, and none while the visitor has many such
    /// requests open.
    #[serde(default)]
    #[param(value_type = i64, minimum = 0, maximum = 4294967295.0)]
    wait: u32,
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
        (status = 403, description = "This site may not show the chat"),
        (status = 429, description = "Asked too often by one visitor or address")
    ))]
pub(super) async fn poll(
    State(workspaces): State<Workspaces>,
    axum::Extension(limits): axum::Extension<Limits>,
    ClientIp(ip): ClientIp,
    Path(id): Path<ChannelId>,
    Query(asked): Query<After>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let chat = Chat::open(&workspaces, id, &headers).await?;
    let look = async {
        let token = bearer(&headers)?;
        limits.looks.check(&token)?;
        limits.looks_from.check(ip)?;
        let place = limits.waits.take(&visitor(&token).value);
        let wait = place.as_ref().map_or(Duration::ZERO, |_| Duration::from_secs(asked.wait.into()).min(MAX_WAIT));
        Ok::<_, web::ApiError>(axum::Json(new_messages(&chat.ws, id, &token, asked.after, wait).await?))
    };
    Ok(match look.await {
        Ok(found) => chat.share(found),
        Err(e) => chat.share(e.into_response()),
    })
}

async fn new_messages(ws: &Workspace, id: ChannelId, token: &str, after: i64, wait: Duration) -> Result<NewMessages> {
    let mut changes = ws.db.changes();
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        let (conversation, messages) = since(ws, id, token, after).await?;
        if !messages.is_empty() || tokio::time::Instant::now() >= deadline {
            let cursor = messages.last().map_or(after, |m| m.cursor);
            return Ok(NewMessages { messages, cursor, typing: false });
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
            () = ws.closing.cancelled() => return Err(Error::unavailable("One moment, please.")),
        }
    }
}

/// The visitor's conversation, and what was said in it after a position.
pub(super) async fn since(
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
