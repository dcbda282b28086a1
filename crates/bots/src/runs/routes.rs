//! The journal of runs over HTTP.

use accounts::Permission;
use base::id::{BotId, ConversationId, RunId};
use base::{Error, Result, Time};
use flow::{Entry, Event, EventKind, Hop};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Page, PageQuery, Path, Query};

use super::journal;
use super::store::{self, ListedRun, RunFilter};
use crate::current::{AppState, Current};
use crate::workspace::Workspace;

/// Something outside that has not answered for so long has probably been forgotten.
const STUCK_AFTER: Duration = Duration::from_secs(10 * 60);

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(again))
        .routes(routes!(stop))
        .routes(routes!(decide))
}

/// Some of the runs.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RunState {
    #[default]
    All,
    Open,
    Failed,
    /// Waits for something outside that has not answered for ten minutes.
    Stuck,
    Done,
}

/// Which runs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RunQuery {
    /// All when absent.
    #[serde(default)]
    #[param(inline)]
    state: Option<RunState>,
    /// `next` of the page before.
    #[serde(default, deserialize_with = "web::short_cursor")]
    #[param(max_length = 2048)]
    cursor: Option<String>,
    /// How many items: 50 when absent, at least 1 and at most 200 whatever is asked for.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4294967295.0)]
    limit: Option<u32>,
}

/// A way through a flow, in a list.
#[derive(Debug, Serialize, ToSchema)]
struct Run {
    id: RunId,
    /// Nothing for a run without a customer.
    #[schema(required)]
    conversation: Option<ConversationId>,
    #[schema(required)]
    contact: Option<String>,
    flow: String,
    #[schema(required)]
    step: Option<String>,
    #[schema(required)]
    step_title: Option<String>,
    status: flow::Status,
    started_at: Time,
    updated_at: Time,
    #[schema(required)]
    problem: Option<String>,
    /// The number of the version that it is on.
    version: u32,
    /// In cents of the business's currency.
    cost_cents: f64,
}

fn view(ws: &Workspace, connection: &db::rusqlite::Connection, row: ListedRun) -> Result<Run> {
    let flows = ws.flows.get(connection, row.flow_version_id)?;
    let title = row.flow.as_deref().zip(row.step.as_deref()).and_then(|(flow, step)| flows.name_of(flow, step));
    Ok(Run {
        step_title: title.map(str::to_owned),
        id: row.id,
        conversation: row.conversation_id,
        contact: row.contact,
        flow: row.flow.unwrap_or_default(),
        step: row.step,
        status: serde_json::from_value(Value::String(row.status)).unwrap_or_default(),
        started_at: row.created_at,
        updated_at: row.updated_at,
        problem: row.problem,
        version: row.version,
        cost_cents: row.cost_cents,
    })
}

/// A bot's runs, the latest first.
#[utoipa::path(get, path = "/bots/{id}/runs", operation_id = "listRuns", tag = "flows",
    params(("id" = BotId, Path), RunQuery), responses((status = 200, body = Page<Run>)))]
async fn list(current: Current, Path(id): Path<BotId>, Query(query): Query<RunQuery>) -> ApiResult<Json<Page<Run>>> {
    current.member.require(Permission::View)?;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let (limit, after) = (page.limit(), page.after::<(Time, RunId)>()?);
    let filter = match query.state.unwrap_or_default() {
        RunState::All => RunFilter::All,
        RunState::Open => RunFilter::Open,
        RunState::Failed => RunFilter::Failed,
        RunState::Stuck => RunFilter::Stuck { before: current.clock.now().minus(STUCK_AFTER) },
        RunState::Done => RunFilter::Done,
    };
    let ws = current.ws.clone();
    let page = current
        .db
        .read(move |c| {
            crate::bots::store::expect(c, id)?;
            let rows = store::list(c, id, filter, after, limit + 1)?;
            let page = Page::from_rows(rows, limit, |row| (row.updated_at, row.id))?;
            let items = page.items.into_iter().map(|row| view(&ws, c, row)).collect::<Result<Vec<_>>>()?;
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(Json(page))
}

/// One line of a run's journal.
#[derive(Debug, Serialize, ToSchema)]
struct RunEntry {
    at: Time,
    flow: String,
    #[schema(required)]
    step: Option<String>,
    #[schema(required)]
    step_title: Option<String>,
    #[schema(required)]
    kind: Option<&'static str>,
    title: String,
    note: String,
    /// What went into it; never a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    /// What came out of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Value>,
    /// How long something outside took, in milliseconds.
    #[schema(required)]
    ms: Option<f64>,
    #[schema(required)]
    cost_cents: Option<f64>,
    /// The way by which the step was left.
    #[schema(required)]
    branch: Option<String>,
}

/// A question that a person is to decide.
#[derive(Debug, Serialize, ToSchema)]
struct OpenDecision {
    seq: u64,
    title: String,
    details: String,
}

/// A run and its journal.
#[derive(Debug, Serialize, ToSchema)]
struct RunTimeline {
    run: Run,
    entries: Vec<RunEntry>,
    decisions: Vec<OpenDecision>,
}

/// A run from its beginning: what happened, what it did, what that gave, how long it took and what it cost.
#[utoipa::path(get, path = "/runs/{run}", operation_id = "getRun", tag = "flows", params(("run" = RunId, Path)),
    responses((status = 200, body = RunTimeline)))]
async fn get(current: Current, Path(id): Path<RunId>) -> ApiResult<Json<RunTimeline>> {
    current.member.require(Permission::View)?;
    let ws = current.ws.clone();
    let timeline = current
        .db
        .read(move |c| {
            let row = store::listed(c, id)?.ok_or_else(|| Error::not_found("run", id))?;
            let flows = ws.flows.get(c, row.flow_version_id)?;
            let effects = store::effects(c, id)?;
            let mut entries = Vec::new();
            for event in store::events(c, id)? {
                lines_of(&flows, &effects, &event, &mut entries);
            }
            let decisions = effects
                .iter()
                .filter(|e| e.kind == "approve" && !e.done)
                .filter_map(|e| match serde_json::from_str(&e.payload).ok()? {
                    flow::EffectKind::Approve { title, details } => Some(OpenDecision { seq: e.seq, title, details }),
                    _ => None,
                })
                .collect();
            Ok(RunTimeline { run: view(&ws, c, row)?, entries, decisions })
        })
        .await?;
    Ok(Json(timeline))
}

fn lines_of(
    flows: &flow::Compiled,
    effects: &[store::EffectRow],
    event: &store::EventRow,
    entries: &mut Vec<RunEntry>,
) {
    let noted: Vec<Entry> = serde_json::from_str(&event.entries).unwrap_or_default();
    let path: Vec<Hop> = serde_json::from_str(&event.path).unwrap_or_default();
    let done = match serde_json::from_str::<Event>(&event.event).map(|e| e.kind) {
        Ok(EventKind::EffectDone { seq, cost_cents, .. }) => {
            effects.iter().find(|e| e.seq == seq).map(|e| (e, cost_cents))
        }
        _ => None,
    };
    let mut hops = path.iter().peekable();
    for (n, entry) in noted.into_iter().enumerate() {
        let flow = entry.flow.unwrap_or_default();
        let place = entry.step.as_deref();
        let mut branch = None;
        while let Some(hop) = hops.peek().filter(|h| Some(h.step.as_str()) == place && h.flow == flow) {
            branch.clone_from(&hop.branch);
            hops.next();
        }
        let outcome = done.filter(|_| n == 0);
        entries.push(RunEntry {
            at: event.at,
            step_title: place.and_then(|step| flows.name_of(&flow, step)).map(str::to_owned),
            kind: place.and_then(|step| flows.kind_of(&flow, step)),
            step: entry.step,
            flow,
            title: entry.title,
            note: entry.note,
            input: outcome.and_then(|(e, _)| shown(&e.payload)),
            output: entry.data.or_else(|| outcome.and_then(|(e, _)| shown(e.outcome.as_deref()?))),
            ms: outcome.and_then(|(e, _)| e.ms),
            cost_cents: outcome.map(|(_, cost)| cost).filter(|c| *c > 0.0),
            branch,
        });
    }
}

/// A stored effect or outcome as it may be seen: secrets are marks in it, and nobody's marks are shown.
fn shown(json: &str) -> Option<Value> {
    let mut value: Value = serde_json::from_str(json).ok()?;
    if let Some(map) = value.as_object_mut() {
        map.remove("effect");
        map.remove("outcome");
        map.remove("detail");
    }
    flow::hide_marks(&mut value);
    Some(value)
}

/// From where on.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct RunAgain {
    /// A step's id, or a flow's and a step's with a slash between; the beginning when absent.
    #[garde(length(chars, max = 201))]
    #[schema(max_length = 201)]
    from_step: Option<String>,
}

/// The run that goes on.
#[derive(Debug, Serialize, ToSchema)]
struct RunsAgain {
    run: RunId,
}

/// Has a run begin again, or go on from a step. What it did before is not taken back.
#[utoipa::path(post, path = "/runs/{run}/again", operation_id = "runAgain", tag = "flows", params(("run" = RunId, Path)),
    request_body = RunAgain,
    responses((status = 200, body = RunsAgain), (status = 409, description = "Something else is under way")))]
async fn again(current: Current, Path(id): Path<RunId>, Json(request): Json<RunAgain>) -> ApiResult<Json<RunsAgain>> {
    current.member.require(Permission::Edit)?;
    let ws = current.ws.clone();
    let run = current.db.write(move |tx| journal::again(tx, &ws, id, request.from_step.as_deref())).await?;
    Ok(Json(RunsAgain { run }))
}

/// Ends a run.
#[utoipa::path(post, path = "/runs/{run}/stop", operation_id = "stopRun", tag = "flows", params(("run" = RunId, Path)),
    responses((status = 204)))]
async fn stop(current: Current, Path(id): Path<RunId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    let ws = current.ws.clone();
    current.db.write(move |tx| journal::stop(tx, &ws, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a person decided.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct Decision {
    yes: bool,
}

/// Decides what a run asked a person about, so that it goes on.
#[utoipa::path(post, path = "/runs/{run}/decisions/{seq}", operation_id = "decideRun", tag = "flows",
    params(("run" = RunId, Path), ("seq" = u32, Path)), request_body = Decision,
    responses((status = 204), (status = 409, description = "It was decided already")))]
async fn decide(
    current: Current,
    Path((id, seq)): Path<(RunId, u32)>,
    Json(decision): Json<Decision>,
) -> ApiResult<StatusCode> {
    current.member.require(Permission::Answer)?;
    let ws = current.ws.clone();
    current.db.write(move |tx| journal::decide(tx, &ws, id, u64::from(seq), decision.yes)).await?;
    Ok(StatusCode::NO_CONTENT)
}
