//! The choices for this computer over HTTP, for who manages the business.

use accounts::Permission;
use axum::Extension;
use bots::{AppState, Current};
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json};

use super::{Computer, ComputerView};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(keep_awake)).routes(routes!(start_with_computer))
}

/// Whether this computer is kept awake, and what starts the program.
#[utoipa::path(get, path = "/computer", operation_id = "getComputer", tag = "computer",
    responses((status = 200, body = ComputerView)))]
async fn read(current: Current, Extension(computer): Extension<Computer>) -> ApiResult<Json<ComputerView>> {
    current.member.require(Permission::View)?;
    Ok(Json(computer.look().await?))
}

/// On or off.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct ComputerSwitch {
    on: bool,
}

/// Keeps this computer awake while it is plugged in, or lets it sleep by itself. Counts for this computer alone.
#[utoipa::path(put, path = "/computer/keep-awake", operation_id = "changeKeepAwake", tag = "computer",
    request_body = ComputerSwitch, responses((status = 200, body = ComputerView)))]
async fn keep_awake(
    current: Current,
    Extension(computer): Extension<Computer>,
    Json(switch): Json<ComputerSwitch>,
) -> ApiResult<Json<ComputerView>> {
    current.member.require(Permission::Manage)?;
    computer.keep_awake(switch.on).await?;
    Ok(Json(computer.look().await?))
}

/// Starts the program with this computer, or not; where the program has that switch.
#[utoipa::path(put, path = "/computer/autostart", operation_id = "changeAutostart", tag = "computer",
    request_body = ComputerSwitch,
    responses(
        (status = 200, body = ComputerView),
        (status = 409, description = "The program has no such switch here")
    ))]
async fn start_with_computer(
    current: Current,
    Extension(computer): Extension<Computer>,
    Json(switch): Json<ComputerSwitch>,
) -> ApiResult<Json<ComputerView>> {
    current.member.require(Permission::Manage)?;
    computer.start_with_computer(switch.on).await?;
    Ok(Json(computer.look().await?))
}
