//! Beginning flows by hand, and the addresses that other programs call.

use accounts::Permission;
use base::id::{BotId, ConversationId};
use base::{Error, Time};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Path};

use super::{hook, store};
use crate::current::{AppState, Current};
use crate::{address, bots, conversations, flows, runs};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(startable)).routes(routes!(start)).routes(routes!(get_hook))
}

/// A flow that a person may begin.
#[derive(Debug, Serialize, ToSchema)]
struct StartableFlow {
    flow: String,
    /// How it is called in the inbox.
    label: String,
}

/// The flows that may be begun by hand in a conversation.
#[derive(Debug, Serialize, ToSchema)]
struct StartableFlows {
    items: Vec<StartableFlow>,
}

/// Which flows may be begun by hand in a conversation.
#[utoipa::path(get, path = "/conversations/{id}/start", operation_id = "listStartableFlows", tag = "conversations",
    params(("id" = ConversationId, Path)), responses((status = 200, body = StartableFlows)))]
async fn startable(current: Current, Path(id): Path<ConversationId>) -> ApiResult<Json<StartableFlows>> {
    current.member.require(Permission::View)?;
    let ws = current.ws.clone();
    let items = current
        .db
        .read(move |c| {
            let row = conversations::store::get(c, id)?.ok_or_else(|| Error::not_found("conversation", id))?;
            let Some(version) = bots::store::current_id(c, row.bot_id)? else { return Ok(Vec::new()) };
            let compiled = ws.flows.get(c, version)?;
            let name = |id: &str| compiled.definition().flows.iter().find(|f| f.id == id).map(|f| f.name.clone());
            let items = compiled.entries("manual").map(|(flow, _, fields)| {
                let own = fields.get("label").and_then(Value::as_str).filter(|l| !l.trim().is_empty());
                let label = own.map(str::to_owned).or_else(|| name(flow)).unwrap_or_default();
                StartableFlow { flow: flow.to_owned(), label }
            });
            Ok(items.collect())
        })
        .await?;
    Ok(Json(StartableFlows { items }))
}

/// Which flow.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct StartFlow {
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    flow: String,
}

/// Begins a flow by hand.
#[utoipa::path(post, path = "/conversations/{id}/start", operation_id = "startFlow", tag = "conversations",
    params(("id" = ConversationId, Path)), request_body = StartFlow,
    responses((status = 204), (status = 409, description = "Something else is under way")))]
async fn start(
    current: Current,
    Path(id): Path<ConversationId>,
    Json(start): Json<StartFlow>,
) -> ApiResult<StatusCode> {
    current.member.require(Permission::Answer)?;
    let (ws, by) = (current.ws.clone(), current.member.name.clone());
    current
        .db
        .write(move |tx| {
            let row = conversations::store::get(tx, id)?.ok_or_else(|| Error::not_found("conversation", id))?;
            let version = bots::store::current_id(tx, row.bot_id)?.ok_or_else(|| Error::not_found("flow", &start.flow))?;
            let compiled = ws.flows.get(tx, version)?;
            let (flow, step, _) = compiled
                .entries("manual")
                .find(|(flow, ..)| *flow == start.flow)
                .ok_or_else(|| Error::not_found("flow", &start.flow))?;
            if !runs::trigger(tx, &ws, &row, (flow, step), json!({ "by": by }))? {
                return Err(Error::conflict(
                    "Something else is under way in this conversation, or a person has it. Give it back or close it first.",
                ));
            }
            Ok(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The last body that came.
#[derive(Debug, Serialize, ToSchema)]
struct HookSample {
    at: Time,
    body: String,
}

/// An address that another program calls.
#[derive(Debug, Serialize, ToSchema)]
struct FlowHook {
    /// On the public address; nothing until one is set.
    #[schema(required)]
    url: Option<String>,
    /// The part behind the public address.
    path: String,
    #[schema(required)]
    sample: Option<HookSample>,
}

/// The address that another program calls to begin a flow, with the last body that came.
#[utoipa::path(get, path = "/bots/{id}/flows/{flow}/steps/{step}/hook", operation_id = "getFlowHook", tag = "flows",
    params(("id" = BotId, Path), ("flow" = String, Path, max_length = 100), ("step" = String, Path, max_length = 100)),
    responses((status = 200, body = FlowHook)))]
async fn get_hook(
    current: Current,
    Path((id, flow, step)): Path<(BotId, String, String)>,
) -> ApiResult<Json<FlowHook>> {
    current.member.require(Permission::Edit)?;
    let business = current.ws.id;
    let hook = current
        .db
        .write(move |tx| {
            let row = flows::service::expect(tx, id, &flow)?;
            let drawn = flows::service::drawn(&row)?;
            if !drawn.steps.iter().any(|s| s.id == step && s.kind == "webhook") {
                return Err(Error::not_found("step", &step));
            }
            store::ensure_hook(tx, &hook::fresh_token(), id, &flow, &step)?;
            store::hook_of(tx, id, &flow, &step)?.ok_or_else(|| Error::not_found("step", &step))
        })
        .await?;
    let path = format!("/hooks/flow/{business}/{}", hook.token);
    let url = current.db.read(address::get).await?.url.map(|base| format!("{}{path}", base.trim_end_matches('/')));
    let sample = hook.sample.zip(hook.sample_at).map(|(body, at)| HookSample { at, body });
    Ok(Json(FlowHook { url, path, sample }))
}
