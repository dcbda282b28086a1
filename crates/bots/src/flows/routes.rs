//! Drafts of flows over HTTP.

use accounts::Permission;
use axum::extract::DefaultBodyLimit;
use base::id::BotId;
use base::{Error, Result, Time};
use db::rusqlite::Connection;
use flow::{Definition, Finding, Flow, KindInfo, Settings, Severity};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Path, Query};

use super::service;
use super::store::{self, FlowRow};
use crate::bots;
use crate::current::{AppState, Current};

/// Traffic is shown for at most so many days.
const MAX_DAYS: u32 = 365;
const DAY_MS: i64 = 24 * 3600 * 1000;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(kinds))
        .routes(routes!(list, create))
        .routes(routes!(get, save, change, delete))
        .routes(routes!(restore))
        .routes(routes!(export))
        .routes(routes!(put_settings))
        .routes(routes!(traffic))
        .routes(routes!(preview))
        .routes(routes!(ready))
        .routes(routes!(from_curl))
        .layer(DefaultBodyLimit::max(flow::MAX_DEFINITION_BYTES))
}

/// All kinds of steps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlowKinds)]
struct Kinds {
    kinds: Vec<KindInfo>,
}

/// Every kind of step, in the order of the palette; panels and help are made from it.
#[utoipa::path(get, path = "/flow-kinds", operation_id = "listFlowKinds", tag = "flows",
    responses((status = 200, body = Kinds)))]
async fn kinds(current: Current) -> ApiResult<Json<Kinds>> {
    current.member.require(Permission::View)?;
    Ok(Json(Kinds { kinds: flow::kinds() }))
}

/// A flow in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct FlowSummary {
    id: String,
    name: String,
    folder: String,
    /// How many steps it has.
    steps: usize,
    revision: i64,
    updated_at: Time,
    #[schema(required)]
    deleted_at: Option<Time>,
    errors: usize,
    warnings: usize,
}

/// The version that answers customers.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PublishedVersion {
    version: u32,
    name: String,
    published_at: Time,
}

/// All flows of a bot.
#[derive(Debug, Serialize, ToSchema)]
struct FlowList {
    items: Vec<FlowSummary>,
    settings: Settings,
    #[schema(required)]
    published: Option<PublishedVersion>,
    /// Whether the drafts differ from it.
    changed: bool,
}

/// Which flows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FlowFilter {
    /// Those in the bin instead.
    #[serde(default)]
    deleted: Option<bool>,
}

fn summary(row: &FlowRow, findings: &[Finding]) -> Result<FlowSummary> {
    let count = |severity| {
        findings.iter().filter(|f| f.severity == severity && f.flow.as_deref() == Some(row.id.as_str())).count()
    };
    Ok(FlowSummary {
        id: row.id.clone(),
        name: row.name.clone(),
        folder: row.folder.clone(),
        steps: service::drawn(row)?.steps.len(),
        revision: row.revision,
        updated_at: row.updated_at,
        deleted_at: row.deleted_at,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
    })
}

/// A bot's flows.
#[utoipa::path(get, path = "/bots/{id}/flows", operation_id = "listFlows", tag = "flows",
    params(("id" = BotId, Path), FlowFilter), responses((status = 200, body = FlowList)))]
async fn list(current: Current, Path(id): Path<BotId>, Query(filter): Query<FlowFilter>) -> ApiResult<Json<FlowList>> {
    current.member.require(Permission::View)?;
    let deleted = filter.deleted.unwrap_or(false);
    let list = current
        .db
        .read(move |c| {
            bots::store::expect(c, id)?;
            let draft = service::definition(c, id)?;
            let findings = flow::validate(&draft);
            let items =
                store::list(c, id, deleted)?.iter().map(|row| summary(row, &findings)).collect::<Result<Vec<_>>>()?;
            let current = crate::versions::store::current(c, id)?;
            let published = current.as_ref().map(|v| PublishedVersion {
                version: v.number,
                name: v.name.clone(),
                published_at: v.published_at.unwrap_or(v.created_at),
            });
            let stored = current.map(|v| bots::store::definition(c, v.id)).transpose()?;
            let changed = match stored.as_deref().map(Definition::parse).transpose()? {
                Some(published) => !flow::changes(&published, &draft).flows.is_empty(),
                None => true,
            };
            Ok(FlowList { items, settings: draft.settings, published, changed })
        })
        .await?;
    Ok(Json(list))
}

/// A flow as it is being drawn.
#[derive(Debug, Serialize, ToSchema)]
struct FlowDraft {
    id: String,
    name: String,
    folder: String,
    /// Rises with every change; a change names the one that it was made on.
    revision: i64,
    updated_at: Time,
    flow: Flow,
    findings: Vec<Finding>,
}

fn draft(connection: &Connection, bot: BotId, id: &str) -> Result<FlowDraft> {
    let row = service::expect(connection, bot, id)?;
    Ok(FlowDraft {
        flow: service::drawn(&row)?,
        findings: service::findings(connection, bot, id)?,
        id: row.id,
        name: row.name,
        folder: row.folder,
        revision: row.revision,
        updated_at: row.updated_at,
    })
}

/// What a new flow needs, and what it may begin from.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct NewFlow {
    #[garde(length(chars, min = 1, max = 80), custom(crate::settings::not_blank))]
    #[schema(min_length = 1, max_length = 80, pattern = r"\S")]
    name: String,
    #[serde(default)]
    #[garde(length(chars, max = 80))]
    #[schema(max_length = 80)]
    folder: String,
    /// The id of a ready flow.
    #[garde(length(chars, max = 80))]
    #[schema(max_length = 80)]
    template: Option<String>,
    /// The id of a flow of this bot.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    copy_of: Option<String>,
    /// An exported definition, of this or an older format, or a single flow of it.
    #[garde(skip)]
    #[schema(value_type = Option<Object>)]
    definition: Option<serde_json::Value>,
}

/// Adds a flow: an empty one, a ready one, a copy, or what was exported elsewhere.
#[utoipa::path(post, path = "/bots/{id}/flows", operation_id = "createFlow", tag = "flows", params(("id" = BotId, Path)),
    request_body = NewFlow,
    responses(
        (status = 201, body = FlowDraft),
        (status = 409, description = "There are as many flows as there may be"),
        (status = 413, description = "The definition is too large"),
        (status = 415, description = "The definition has a newer format")
    ))]
async fn create(
    current: Current,
    Path(id): Path<BotId>,
    Json(new): Json<NewFlow>,
) -> ApiResult<(StatusCode, Json<FlowDraft>)> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let flows = match (&new.definition, &new.template) {
        (Some(definition), _) => Some(imported(definition)?),
        (None, Some(template)) => Some(super::templates::get(template)?.definition.flows),
        (None, None) => None,
    };
    let made = current
        .db
        .write(move |tx| match flows {
            Some(flows) => {
                bots::store::expect(tx, id)?;
                let first = service::add(tx, now, id, &new.name, &new.folder, flows)?;
                if let Some(template) = &new.template {
                    super::templates::add_tests(tx, now, id, &first, template)?;
                }
                Ok(first)
            }
            None => service::create(tx, now, id, &new.name, &new.folder, new.copy_of.as_deref()),
        })
        .await?;
    let draft = current.db.read(move |c| draft(c, id, &made)).await?;
    Ok((StatusCode::CREATED, Json(draft)))
}

/// The flows of an exported definition, or a single one.
fn imported(json: &serde_json::Value) -> Result<Vec<Flow>> {
    if json.get("format").is_none() && json.get("steps").is_some() {
        let flow: Flow = serde_json::from_value(json.clone())
            .map_err(|e| Error::invalid(format!("This flow cannot be read: {e}.")).with_cause(e))?;
        return Ok(vec![flow]);
    }
    Ok(Definition::parse(&json.to_string())?.flows)
}

/// One flow with what is wrong with it.
#[utoipa::path(get, path = "/bots/{id}/flows/{flow}", operation_id = "getFlow", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100)), responses((status = 200, body = FlowDraft)))]
async fn get(current: Current, Path((id, flow)): Path<(BotId, String)>) -> ApiResult<Json<FlowDraft>> {
    current.member.require(Permission::View)?;
    Ok(Json(current.db.read(move |c| draft(c, id, &flow)).await?))
}

/// A changed drawing.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct FlowSave {
    /// The one that the change was made on.
    revision: i64,
    flow: Flow,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
struct FlowSaved {
    revision: i64,
    findings: Vec<Finding>,
}

/// Stores a changed drawing. Refused when it was changed elsewhere since.
#[utoipa::path(put, path = "/bots/{id}/flows/{flow}", operation_id = "saveFlow", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100)), request_body = FlowSave,
    responses(
        (status = 200, body = FlowSaved),
        (status = 409, description = "It was changed elsewhere since"),
        (status = 413, description = "There is too much in it")
    ))]
async fn save(
    current: Current,
    Path((id, flow)): Path<(BotId, String)>,
    Json(change): Json<FlowSave>,
) -> ApiResult<Json<FlowSaved>> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let name = flow.clone();
    let revision = current.db.write(move |tx| service::save(tx, now, id, &name, change.revision, &change.flow)).await?;
    let findings = current.db.read(move |c| service::findings(c, id, &flow)).await?;
    Ok(Json(FlowSaved { revision, findings }))
}

/// What may be changed beside the drawing; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct FlowProperties {
    #[garde(length(chars, min = 1, max = 80), inner(custom(crate::settings::not_blank)))]
    #[schema(min_length = 1, max_length = 80, pattern = r"\S")]
    name: Option<String>,
    /// Empty takes it out of its folder.
    #[garde(length(chars, max = 80))]
    #[schema(max_length = 80)]
    folder: Option<String>,
}

/// Renames a flow or puts it into a folder.
#[utoipa::path(patch, path = "/bots/{id}/flows/{flow}", operation_id = "updateFlow", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100)), request_body = FlowProperties,
    responses((status = 200, body = FlowSummary)))]
async fn change(
    current: Current,
    Path((id, flow)): Path<(BotId, String)>,
    Json(change): Json<FlowProperties>,
) -> ApiResult<Json<FlowSummary>> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let name = flow.clone();
    current
        .db
        .write(move |tx| service::change(tx, now, id, &name, change.name.as_deref(), change.folder.as_deref()))
        .await?;
    Ok(Json(summarised(&current, id, flow).await?))
}

async fn summarised(current: &Current, id: BotId, flow: String) -> Result<FlowSummary> {
    current
        .db
        .read(move |c| {
            let row = store::get(c, id, &flow)?.ok_or_else(|| Error::not_found("flow", &flow))?;
            summary(&row, &service::findings(c, id, &flow)?)
        })
        .await
}

/// Puts a flow into the bin, from where it can be brought back for 30 days.
#[utoipa::path(delete, path = "/bots/{id}/flows/{flow}", operation_id = "deleteFlow", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100)),
    responses((status = 204), (status = 409, description = "It is the only one")))]
async fn delete(current: Current, Path((id, flow)): Path<(BotId, String)>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    current.db.write(move |tx| service::set_deleted(tx, now, id, &flow, true)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a flow back from the bin.
#[utoipa::path(post, path = "/bots/{id}/flows/{flow}/restore", operation_id = "restoreFlow", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100)), responses((status = 200, body = FlowSummary)))]
async fn restore(current: Current, Path((id, flow)): Path<(BotId, String)>) -> ApiResult<Json<FlowSummary>> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let name = flow.clone();
    current.db.write(move |tx| service::set_deleted(tx, now, id, &name, false)).await?;
    Ok(Json(summarised(&current, id, flow).await?))
}

/// A flow with those that it calls, to keep or to take to another bot.
#[utoipa::path(get, path = "/bots/{id}/flows/{flow}/export", operation_id = "exportFlow", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100)), responses((status = 200, body = Definition)))]
async fn export(current: Current, Path((id, flow)): Path<(BotId, String)>) -> ApiResult<Json<Definition>> {
    current.member.require(Permission::View)?;
    let definition = current
        .db
        .read(move |c| {
            service::expect(c, id, &flow)?;
            let mut definition = service::definition(c, id)?;
            let mut wanted = vec![flow];
            let mut at = 0;
            while let Some(name) = wanted.get(at).cloned() {
                at += 1;
                let steps = definition.flows.iter().filter(|f| f.id == name).flat_map(|f| &f.steps);
                let called: Vec<String> =
                    steps.filter_map(|s| Some(s.fields.get("flow")?.as_str()?.to_owned())).collect();
                wanted.extend(called.into_iter().filter(|c| !wanted.contains(c)).collect::<Vec<_>>());
            }
            definition.flows.retain(|f| wanted.contains(&f.id));
            definition.flows.sort_by_key(|f| wanted.iter().position(|w| *w == f.id));
            Ok(definition)
        })
        .await?;
    Ok(Json(definition))
}

/// What holds for all of a bot's flows, in the drafts.
#[utoipa::path(put, path = "/bots/{id}/flow-settings", operation_id = "replaceFlowSettings", tag = "flows",
    params(("id" = BotId, Path)), request_body = Settings, responses((status = 200, body = Settings)))]
async fn put_settings(
    current: Current,
    Path(id): Path<BotId>,
    web::Plain(settings): web::Plain<Settings>,
) -> ApiResult<Json<Settings>> {
    current.member.require(Permission::Edit)?;
    let stored = settings.clone();
    current.db.write(move |tx| service::set_settings(tx, id, &stored)).await?;
    Ok(Json(settings))
}

/// How far back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TrafficQuery {
    /// 7 when absent, at most 365.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4294967295.0)]
    days: Option<u32>,
}

/// How often a step was entered, and how many customers were heard of no more after it.
#[derive(Debug, Serialize, ToSchema)]
struct StepTraffic {
    step: String,
    entered: i64,
    left_here: i64,
}

/// How often a way was taken.
#[derive(Debug, Serialize, ToSchema)]
struct EdgeTraffic {
    step: String,
    branch: String,
    taken: i64,
}

/// How many wait at a step now.
#[derive(Debug, Serialize, ToSchema)]
struct StepWaiting {
    step: String,
    count: i64,
}

/// What went through a flow.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlowTraffic)]
struct Traffic {
    steps: Vec<StepTraffic>,
    edges: Vec<EdgeTraffic>,
    waiting: Vec<StepWaiting>,
}

/// What went through a flow lately, step by step.
#[utoipa::path(get, path = "/bots/{id}/flows/{flow}/traffic", operation_id = "getFlowTraffic", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100), TrafficQuery),
    responses((status = 200, body = Traffic)))]
async fn traffic(
    current: Current,
    Path((id, flow)): Path<(BotId, String)>,
    Query(query): Query<TrafficQuery>,
) -> ApiResult<Json<Traffic>> {
    current.member.require(Permission::View)?;
    crate::runs::write_traffic(&current.ws).await?;
    let days = i64::from(query.days.unwrap_or(7).clamp(1, MAX_DAYS));
    let from = current.clock.now().as_ms().div_euclid(DAY_MS) - days + 1;
    let (counts, waiting) = current
        .db
        .read(move |c| {
            service::expect(c, id, &flow)?;
            Ok((store::traffic(c, id, &flow, from)?, store::waiting(c, id, &flow)?))
        })
        .await?;
    let mut steps: std::collections::BTreeMap<String, (i64, i64)> = std::collections::BTreeMap::new();
    let mut edges = Vec::new();
    for (step, branch, count) in counts {
        let entry = steps.entry(step.clone()).or_default();
        if branch.is_empty() {
            entry.0 += count;
        } else {
            entry.1 += count;
            edges.push(EdgeTraffic { step, branch, taken: count });
        }
    }
    let waits = |step: &str| waiting.iter().find(|(s, _)| s == step).map_or(0, |(_, n)| *n);
    let steps = steps
        .into_iter()
        .map(|(step, (entered, taken))| StepTraffic {
            left_here: (entered - taken - waits(&step)).max(0),
            step,
            entered,
        })
        .collect();
    let waiting = waiting.into_iter().map(|(step, count)| StepWaiting { step, count }).collect();
    Ok(Json(Traffic { steps, edges, waiting }))
}

/// A text to try.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct ExpressionPreview {
    #[garde(skip)]
    bot: BotId,
    #[garde(length(chars, max = 16_000))]
    #[schema(max_length = 16_000)]
    text: String,
    /// Values to try it on; `contact`, `conversation`, `workspace`, `counters` and `last` are groups of values.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Object)]
    values: serde_json::Map<String, serde_json::Value>,
}

/// What is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
struct ExpressionProblem {
    message: String,
    #[schema(required)]
    at: Option<flow::Span>,
}

/// What it gives.
#[derive(Debug, Serialize, ToSchema)]
struct ExpressionResult {
    #[schema(required)]
    result: Option<String>,
    #[schema(required)]
    problem: Option<ExpressionProblem>,
}

/// Tries a text with expressions on values.
#[utoipa::path(post, path = "/expressions/preview", operation_id = "previewExpression", tag = "flows",
    request_body = ExpressionPreview,
    responses((status = 200, body = ExpressionResult), (status = 404, description = "There is no such bot")))]
async fn preview(current: Current, Json(request): Json<ExpressionPreview>) -> ApiResult<Json<ExpressionResult>> {
    current.member.require(Permission::View)?;
    let mut context = current.db.read(move |c| crate::runs::sample_context(c, request.bot)).await?;
    let mut values = request.values;
    // Whole scopes may be given, for what only a customer would bring.
    for (name, scope) in [
        ("contact", &mut context.contact),
        ("conversation", &mut context.conversation),
        ("workspace", &mut context.workspace),
        ("counters", &mut context.counters),
    ] {
        if let Some(serde_json::Value::Object(given)) = values.remove(name) {
            scope.extend(given);
        }
    }
    let result = flow::preview(&request.text, &values, &context);
    Ok(Json(match result {
        Ok(result) => ExpressionResult { result: Some(result), problem: None },
        Err((message, at)) => ExpressionResult { result: None, problem: Some(ExpressionProblem { message, at }) },
    }))
}

/// All ready flows.
#[derive(Debug, Serialize, ToSchema)]
struct FlowTemplates {
    items: Vec<super::templates::TemplateSummary>,
}

/// Ready flows to begin from.
#[utoipa::path(get, path = "/flow-templates", operation_id = "listFlowTemplates", tag = "flows",
    responses((status = 200, body = FlowTemplates)))]
async fn ready(current: Current) -> ApiResult<Json<FlowTemplates>> {
    current.member.require(Permission::View)?;
    Ok(Json(FlowTemplates { items: super::templates::list()? }))
}

/// A command as documentation shows it.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct CurlCommand {
    #[garde(length(chars, min = 1, max = 64_000))]
    #[schema(min_length = 1, max_length = 64_000)]
    text: String,
}

/// Reads a curl command as the fields of a step that calls a web service; keys and passwords are left out.
#[utoipa::path(post, path = "/http-requests/from-curl", operation_id = "readCurlCommand", tag = "flows",
    request_body = CurlCommand, responses((status = 200, body = Object)))]
async fn from_curl(current: Current, Json(command): Json<CurlCommand>) -> ApiResult<Json<serde_json::Value>> {
    current.member.require(Permission::Edit)?;
    Ok(Json(super::curl::fields(&command.text)?.into()))
}
