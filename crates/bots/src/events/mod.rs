//! Live changes: the tags of what was changed, as server-sent events, so that screens fetch it anew.

use accounts::Permission;
use axum::response::Response;
use axum::response::sse::Event;
use serde_json::json;
use web::ApiResult;

use crate::current::Current;

/// Tags that only concern the program's own workers.
const INNER: [&str; 4] = [crate::inbound::TAG, crate::outbox::TAG, crate::runs::TAG, jobs::TAG];

fn is_inner(tag: &str) -> bool {
    INNER.contains(&tag) || tag.starts_with(crate::outbox::RECEIPT_TAG)
}

/// One event of the stream.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the events for the contract; they are written as text")]
struct ChangeEvent {
    event: ChangeKind,
    /// For `changed`, JSON: `{"tags": ["conversations", …]}`.
    data: String,
}

/// What an event is about.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the events for the contract; they are written as text")]
enum ChangeKind {
    Changed,
    /// Everything should be fetched anew.
    Resync,
}

/// What changed, as it changes: `changed` with `{"tags": […]}`, and `resync` when everything should be fetched anew.
#[utoipa::path(get, path = "/events", operation_id = "streamChanges", tag = "home",
    responses((status = 200, content_type = "text/event-stream", body = ChangeEvent)))]
pub(crate) async fn events(current: Current) -> ApiResult<Response> {
    current.member.require(Permission::View)?;
    let closing = current.ws.closing.clone();
    let stream = web::told(current.db.changes(), |tags| {
        let tags: Vec<_> = tags.iter().filter(|t| !is_inner(t)).cloned().collect();
        if tags.is_empty() {
            return None;
        }
        Event::default().event("changed").json_data(json!({ "tags": tags })).ok()
    });
    // Streams end when the program does, so that shutting down does not wait for them.
    let stream = futures::StreamExt::take_until(stream, async move { closing.cancelled().await });
    Ok(web::sse(stream))
}
