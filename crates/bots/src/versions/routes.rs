//! Versions over HTTP.

use accounts::Permission;
use base::id::{BotId, ConversationId, FlowVersionId};
use base::{Error, Result, Time};
use db::rusqlite::Connection;
use flow::{Changes, Compiled, Definition, Finding};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Page, PageQuery, Path, Query};

use super::service::{self, Move, Publishing};
use super::store::{self, VersionRow};
use crate::current::{AppState, Current};
use crate::{bots, flows, saved_tests};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(changes))
        .routes(routes!(preview, publish))
        .routes(routes!(restore))
        .routes(routes!(draw))
        .routes(routes!(unschedule))
}

/// A version in the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlowVersion)]
struct Version {
    id: FlowVersionId,
    number: u32,
    name: String,
    note: String,
    created_at: Time,
    #[schema(required)]
    published_at: Option<Time>,
    /// When it is to be published by itself.
    #[schema(required)]
    publish_at: Option<Time>,
    /// Who published it.
    by: String,
    /// Whether it answers customers now.
    current: bool,
}

fn view(row: VersionRow, current: Option<FlowVersionId>) -> Version {
    Version {
        current: current == Some(row.id),
        id: row.id,
        number: row.number,
        name: row.name,
        note: row.note,
        created_at: row.created_at,
        published_at: row.published_at,
        publish_at: row.publish_at,
        by: row.author,
    }
}

/// A bot's versions, the newest first.
#[utoipa::path(get, path = "/bots/{id}/versions", operation_id = "listVersions", tag = "flows",
    params(("id" = BotId, Path), PageQuery), responses((status = 200, body = Page<Version>)))]
async fn list(
    current: Current,
    Path(id): Path<BotId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<Version>>> {
    current.member.require(Permission::View)?;
    let (limit, before) = (page.limit(), page.after::<u32>()?);
    let page = current
        .db
        .read(move |c| {
            bots::store::expect(c, id)?;
            let now = store::current(c, id)?.map(|v| v.id);
            let rows = store::list(c, id, before, limit + 1)?;
            Ok(Page::from_rows(rows, limit, |v| v.number)?.map(|v| view(v, now)))
        })
        .await?;
    Ok(Json(page))
}

/// A version, or the drafts: `draft`.
fn definition_of(connection: &Connection, bot: BotId, version: &str) -> Result<Definition> {
    bots::store::expect(connection, bot)?;
    if version == "draft" {
        return flows::definition(connection, bot);
    }
    let id: FlowVersionId = version.parse().map_err(|_| Error::not_found("version", version))?;
    store::expect(connection, bot, id)?;
    Definition::parse(&bots::store::definition(connection, id)?)
}

/// What a version holds; `draft` stands for what is drawn now.
#[utoipa::path(get, path = "/bots/{id}/versions/{version}", operation_id = "getVersion", tag = "flows",
    params(("id" = BotId, Path), ("version" = String, Path, max_length = 60)), responses((status = 200, body = Definition)))]
async fn get(current: Current, Path((id, version)): Path<(BotId, String)>) -> ApiResult<Json<Definition>> {
    current.member.require(Permission::View)?;
    Ok(Json(current.db.read(move |c| definition_of(c, id, &version)).await?))
}

/// Which two are compared.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChangesQuery {
    /// A version's id, or `draft`.
    #[param(max_length = 60)]
    from: String,
    /// A version's id, or `draft`.
    #[param(max_length = 60)]
    to: String,
}

/// What differs between two versions.
#[utoipa::path(get, path = "/bots/{id}/changes", operation_id = "getVersionChanges", tag = "flows",
    params(("id" = BotId, Path), ChangesQuery), responses((status = 200, body = Changes)))]
async fn changes(
    current: Current,
    Path(id): Path<BotId>,
    Query(query): Query<ChangesQuery>,
) -> ApiResult<Json<Changes>> {
    current.member.require(Permission::View)?;
    let changes = current
        .db
        .read(move |c| Ok(flow::changes(&definition_of(c, id, &query.from)?, &definition_of(c, id, &query.to)?)))
        .await?;
    Ok(Json(changes))
}

/// How the tests went.
#[derive(Debug, Serialize, ToSchema)]
struct TestCount {
    passed: usize,
    failed: usize,
    /// The name of the first that failed.
    #[schema(required)]
    first_failure: Option<String>,
}

/// A conversation that is under way on an earlier version.
#[derive(Debug, Serialize, ToSchema)]
struct OpenConversation {
    /// Nothing for a run without a customer.
    #[schema(required)]
    conversation: Option<ConversationId>,
    contact: String,
    flow: String,
    step: String,
    step_title: String,
    /// Why it could not go on in what is drawn; nothing when it could.
    #[schema(required)]
    problem: Option<String>,
}

/// What publishing would do.
#[derive(Debug, Serialize, ToSchema)]
struct PublishPreview {
    findings: Vec<Finding>,
    tests: TestCount,
    changes: Changes,
    open: Vec<OpenConversation>,
}

/// What publishing would do: what is wrong, what changes, and whom it would reach in the middle of something.
#[utoipa::path(get, path = "/bots/{id}/publish", operation_id = "previewPublish", tag = "flows",
    params(("id" = BotId, Path)), responses((status = 200, body = PublishPreview)))]
async fn preview(current: Current, Path(id): Path<BotId>) -> ApiResult<Json<PublishPreview>> {
    current.member.require(Permission::View)?;
    let ws = current.ws.clone();
    let preview = current
        .db
        .read(move |c| {
            bots::store::expect(c, id)?;
            let draft = flows::definition(c, id)?;
            let before = match store::current(c, id)? {
                Some(v) => Definition::parse(&bots::store::definition(c, v.id)?)?,
                None => Definition { flows: Vec::new(), ..draft.clone() },
            };
            let after = Compiled::new(draft.clone());
            let mut open = Vec::new();
            for run in store::open_runs(c, id, None)? {
                let problem = service::problem(c, &ws, &run, &after)?;
                let title = ws.flows.get(c, run.version)?.name_of(&run.flow, &run.step).unwrap_or(&run.step).to_owned();
                open.push(OpenConversation {
                    conversation: run.conversation,
                    contact: run.contact.unwrap_or_default(),
                    flow: run.flow,
                    step: run.step,
                    step_title: title,
                    problem,
                });
            }
            let total = saved_tests::count(c, id)?;
            let failing = saved_tests::failing(c, id, &draft)?;
            Ok(PublishPreview {
                findings: flow::validate(&draft),
                tests: TestCount {
                    passed: total.saturating_sub(failing.len()),
                    failed: failing.len(),
                    first_failure: failing.into_iter().next(),
                },
                changes: flow::changes(&before, &draft),
                open,
            })
        })
        .await?;
    Ok(Json(preview))
}

/// How the drafts are published.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct Publish {
    #[serde(default)]
    #[garde(length(chars, max = 80))]
    #[schema(max_length = 80)]
    name: String,
    #[serde(default)]
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    note: String,
    /// Later, by itself; now when absent.
    #[garde(skip)]
    at: Option<Time>,
    /// What becomes of conversations that are under way.
    #[serde(default, rename = "move")]
    #[garde(skip)]
    open: Move,
    /// Conversations that are moved in any case.
    #[serde(default)]
    #[garde(length(max = 500))]
    #[schema(max_items = 500)]
    moved: Vec<ConversationId>,
}

/// The version that came of it.
#[derive(Debug, Serialize, ToSchema)]
struct Published {
    number: u32,
}

/// Publishes what is drawn, or has it published later.
#[utoipa::path(post, path = "/bots/{id}/publish", operation_id = "publishFlows", tag = "flows",
    params(("id" = BotId, Path)), request_body = Publish, responses((status = 200, body = Published)))]
async fn publish(current: Current, Path(id): Path<BotId>, Json(how): Json<Publish>) -> ApiResult<Json<Published>> {
    current.member.require(Permission::Edit)?;
    let (ws, author) = (current.ws.clone(), current.member.name.clone());
    let number = current
        .db
        .write(move |tx| {
            let how = Publishing {
                name: how.name.trim(),
                note: how.note.trim(),
                author: &author,
                at: how.at,
                open: how.open,
                moved: &how.moved,
            };
            service::publish(tx, &ws, id, &how)
        })
        .await?;
    Ok(Json(Published { number }))
}

/// Publishes an earlier version anew; what is drawn stays as it is.
#[utoipa::path(post, path = "/bots/{id}/versions/{version}/restore", operation_id = "restoreVersion", tag = "flows",
    params(("id" = BotId, Path), ("version" = FlowVersionId, Path)), responses((status = 200, body = Published)))]
async fn restore(current: Current, Path((id, version)): Path<(BotId, FlowVersionId)>) -> ApiResult<Json<Published>> {
    current.member.require(Permission::Edit)?;
    let (ws, author) = (current.ws.clone(), current.member.name.clone());
    let number = current.db.write(move |tx| service::restore(tx, &ws, id, version, &author)).await?;
    Ok(Json(Published { number }))
}

/// Draws what an earlier version holds; what was drawn goes to the bin where it has no place in it.
#[utoipa::path(post, path = "/bots/{id}/versions/{version}/drafts", operation_id = "drawVersion", tag = "flows",
    params(("id" = BotId, Path), ("version" = FlowVersionId, Path)), responses((status = 204)))]
async fn draw(current: Current, Path((id, version)): Path<(BotId, FlowVersionId)>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    current.db.write(move |tx| service::draw(tx, now, id, version)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Calls off what was to be published later.
#[utoipa::path(delete, path = "/bots/{id}/versions/{version}/schedule", operation_id = "unscheduleVersion", tag = "flows",
    params(("id" = BotId, Path), ("version" = FlowVersionId, Path)),
    responses((status = 204), (status = 409, description = "It is published already")))]
async fn unschedule(current: Current, Path((id, version)): Path<(BotId, FlowVersionId)>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    current
        .db
        .write(move |tx| {
            store::expect(tx, id, version)?;
            if !store::unschedule(tx, id, version)? {
                return Err(Error::conflict("This version is published already. Bring back an earlier one instead."));
            }
            tx.publish(flows::TAG);
            Ok(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
