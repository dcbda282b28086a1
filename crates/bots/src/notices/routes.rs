//! Notices over HTTP.

use accounts::Permission;
use base::id::{ConversationId, RunId, Uuid};
use base::{Error, Time};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Page, PageQuery, Path, Query};

use super::store::{self, NoticeRow};
use super::{About, publish};
use crate::current::{AppState, Current};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(update))
}

/// What the owner is to know.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeView {
    #[schema(value_type = String, format = Uuid)]
    id: Uuid,
    title: String,
    text: String,
    urgent: bool,
    #[schema(required)]
    conversation: Option<ConversationId>,
    /// The run that told it.
    #[schema(required)]
    run: Option<RunId>,
    /// What of the run waits for a yes or no, to be given to `decideRun`.
    #[schema(required)]
    decision: Option<u64>,
    #[schema(required)]
    about: Option<About>,
    at: Time,
    #[schema(required)]
    read_at: Option<Time>,
}

impl From<NoticeRow> for NoticeView {
    fn from(row: NoticeRow) -> Self {
        Self {
            id: row.id,
            title: row.title,
            text: row.text,
            urgent: row.urgent,
            conversation: row.conversation_id,
            run: row.run_id,
            decision: row.decision,
            about: row.about,
            at: row.at,
            read_at: row.read_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NoticeQuery {
    /// Only those that nobody has read.
    #[serde(default)]
    #[param(required = false)]
    unread: bool,
    #[serde(default, deserialize_with = "web::short_cursor")]
    #[param(max_length = 2048)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4294967295.0)]
    limit: Option<u32>,
}

/// Notices, the latest first.
#[utoipa::path(get, path = "/notices", operation_id = "listNotices", tag = "home", params(NoticeQuery),
    responses((status = 200, body = Page<NoticeView>)))]
async fn list(current: Current, Query(query): Query<NoticeQuery>) -> ApiResult<Json<Page<NoticeView>>> {
    current.member.require(Permission::View)?;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let (limit, after) = (page.limit(), page.after::<(Time, Uuid)>()?);
    let rows = current.db.read(move |c| store::list(c, query.unread, after, limit + 1)).await?;
    let page = Page::from_rows(rows, limit, |row| (row.at, row.id))?;
    Ok(Json(Page { items: page.items.into_iter().map(NoticeView::from).collect(), next: page.next }))
}

/// Whether it was read.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct NoticeChange {
    read: bool,
}

/// Marks a notice as read, or as unread again.
#[utoipa::path(patch, path = "/notices/{id}", operation_id = "updateNotice", tag = "home",
    params(("id" = String, Path, format = Uuid)), request_body = NoticeChange,
    responses((status = 200, body = NoticeView)))]
async fn update(
    current: Current,
    Path(id): Path<Uuid>,
    Json(change): Json<NoticeChange>,
) -> ApiResult<Json<NoticeView>> {
    current.member.require(Permission::Answer)?;
    let now = current.clock.now();
    let row = current
        .db
        .write(move |tx| {
            store::set_read(tx, id, change.read.then_some(now))?;
            publish(tx);
            store::get(tx, id)?.ok_or_else(|| Error::not_found("notice", id))
        })
        .await?;
    Ok(Json(row.into()))
}
