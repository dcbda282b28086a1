//! Saved tests over HTTP.

use accounts::Permission;
use base::id::{BotId, FlowTestId};
use base::{Result, Time};
use flow::{Coverage, Difference, Line, Simulation};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Path};

use super::store::{self, TestRow};
use crate::current::{AppState, Current};
use crate::flows;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(run)).routes(routes!(change, delete))
}

/// How a test went last.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlowTestResult)]
struct LastRun {
    passed: bool,
    #[schema(required)]
    difference: Option<Difference>,
    at: Time,
}

/// A talk that was kept as a test.
#[derive(Debug, Serialize, ToSchema)]
struct FlowTest {
    id: FlowTestId,
    name: String,
    script: Simulation,
    /// What the bot is to say, and last how it ends.
    expected: Vec<Line>,
    #[schema(required)]
    last: Option<LastRun>,
}

fn view(row: TestRow) -> Result<FlowTest> {
    let difference = row.difference.as_deref().map(serde_json::from_str).transpose()?;
    let last = row.passed.zip(row.run_at).map(|(passed, at)| LastRun { passed, difference, at });
    Ok(FlowTest {
        id: row.id,
        name: row.name,
        script: serde_json::from_str(&row.script)?,
        expected: serde_json::from_str(&row.expected)?,
        last,
    })
}

/// All tests of a flow.
#[derive(Debug, Serialize, ToSchema)]
struct FlowTests {
    items: Vec<FlowTest>,
}

/// The tests of a flow.
#[utoipa::path(get, path = "/bots/{id}/flows/{flow}/tests", operation_id = "listFlowTests", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100)), responses((status = 200, body = FlowTests)))]
async fn list(current: Current, Path((id, flow)): Path<(BotId, String)>) -> ApiResult<Json<FlowTests>> {
    current.member.require(Permission::View)?;
    let items = current
        .db
        .read(move |c| {
            flows::service::expect(c, id, &flow)?;
            store::list(c, id, Some(&flow))?.into_iter().map(view).collect::<Result<Vec<_>>>()
        })
        .await?;
    Ok(Json(FlowTests { items }))
}

/// A talk to keep.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct NewFlowTest {
    #[garde(length(chars, min = 1, max = 120), custom(crate::settings::not_blank))]
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    name: String,
    #[garde(skip)]
    script: Simulation,
}

/// Keeps a talk as a test; what the flow says now is what it is to say.
#[utoipa::path(post, path = "/bots/{id}/flows/{flow}/tests", operation_id = "addFlowTest", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100)), request_body = NewFlowTest,
    responses(
        (status = 201, body = FlowTest),
        (status = 409, description = "There are as many tests as there may be"),
        (status = 413, description = "The talk is too long")
    ))]
async fn add(
    current: Current,
    Path((id, flow)): Path<(BotId, String)>,
    Json(new): Json<NewFlowTest>,
) -> ApiResult<(StatusCode, Json<FlowTest>)> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let made = current
        .db
        .write(move |tx| {
            flows::service::expect(tx, id, &flow)?;
            let test = super::add(tx, now, id, &flow, &new.name, &new.script)?;
            view(store::expect(tx, id, &flow, test)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// How one test went.
#[derive(Debug, Serialize, ToSchema)]
struct FlowTestRan {
    id: FlowTestId,
    name: String,
    passed: bool,
    #[schema(required)]
    difference: Option<Difference>,
}

/// How all tests went, and how much of the flow they go through.
#[derive(Debug, Serialize, ToSchema)]
struct FlowTestRun {
    results: Vec<FlowTestRan>,
    coverage: Coverage,
}

/// Runs all tests of a flow on what is drawn.
#[utoipa::path(post, path = "/bots/{id}/flows/{flow}/tests/run", operation_id = "runFlowTests", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100)), responses((status = 200, body = FlowTestRun)))]
async fn run(current: Current, Path((id, flow)): Path<(BotId, String)>) -> ApiResult<Json<FlowTestRun>> {
    current.member.require(Permission::Edit)?;
    // Played on a reader, so that long tests hold up nobody who writes.
    let (ran, coverage) = current
        .db
        .read(move |c| {
            flows::service::expect(c, id, &flow)?;
            super::run(c, id, &flow)
        })
        .await?;
    let now = current.clock.now();
    let mut results = Vec::new();
    let mut rows = Vec::new();
    for one in ran {
        let mut row = one.test;
        let passed = one.difference.is_none();
        row.difference = one.difference.as_ref().map(serde_json::to_string).transpose().map_err(base::Error::from)?;
        row.passed = Some(passed);
        row.run_at = Some(now);
        results.push(FlowTestRan { id: row.id, name: row.name.clone(), passed, difference: one.difference });
        rows.push(row);
    }
    current.db.write(move |tx| rows.iter().try_for_each(|row| store::update(tx, row))).await?;
    Ok(Json(FlowTestRun { results, coverage }))
}

/// What may be changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct FlowTestChange {
    #[garde(length(chars, min = 1, max = 120), inner(custom(crate::settings::not_blank)))]
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    name: Option<String>,
    #[garde(skip)]
    script: Option<Simulation>,
    /// What the flow says now is right.
    #[serde(default)]
    #[garde(skip)]
    accept: bool,
}

/// Renames a test, changes its talk, or takes what the flow says now for right.
#[utoipa::path(put, path = "/bots/{id}/flows/{flow}/tests/{test}", operation_id = "changeFlowTest", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100), ("test" = FlowTestId, Path)),
    request_body = FlowTestChange, responses((status = 200, body = FlowTest)))]
async fn change(
    current: Current,
    Path((id, flow, test)): Path<(BotId, String, FlowTestId)>,
    Json(change): Json<FlowTestChange>,
) -> ApiResult<Json<FlowTest>> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let changed = current
        .db
        .write(move |tx| {
            let mut row = store::expect(tx, id, &flow, test)?;
            if let Some(name) = change.name {
                row.name = name.trim().to_owned();
            }
            if let Some(script) = &change.script {
                let script = Simulation { flow: Some(flow.clone()), live: false, ..script.clone() };
                row.script = super::sized(serde_json::to_string(&script)?)?;
            }
            if change.accept || change.script.is_some() {
                let compiled = flow::Compiled::new(flows::definition(tx, id)?);
                let script: Simulation = serde_json::from_str(&row.script)?;
                let simulated = flow::simulate(&compiled, &script, &super::world(tx, id)?);
                row.expected = super::sized(serde_json::to_string(&flow::expected(&simulated))?)?;
                (row.passed, row.difference, row.run_at) = (Some(true), None, Some(now));
            }
            store::update(tx, &row)?;
            tx.publish(flows::TAG);
            view(row)
        })
        .await?;
    Ok(Json(changed))
}

/// Deletes a test.
#[utoipa::path(delete, path = "/bots/{id}/flows/{flow}/tests/{test}", operation_id = "deleteFlowTest", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100), ("test" = FlowTestId, Path)),
    responses((status = 204)))]
async fn delete(current: Current, Path((id, flow, test)): Path<(BotId, String, FlowTestId)>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    current
        .db
        .write(move |tx| {
            store::expect(tx, id, &flow, test)?;
            store::delete(tx, test)?;
            tx.publish(flows::TAG);
            Ok(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
