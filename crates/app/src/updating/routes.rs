//! Newer versions over HTTP, for who manages the business.

use accounts::Permission;
use axum::Extension;
use bots::{AppState, Current};
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json};

use super::Updater;
use super::task::UpdateState;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show, change)).routes(routes!(look)).routes(routes!(install, cancel))
}

/// How it stands with newer versions of the program.
#[utoipa::path(get, path = "/updates", operation_id = "getUpdates", tag = "updates",
    responses((status = 200, body = UpdateState)))]
async fn show(current: Current, Extension(updater): Extension<Updater>) -> ApiResult<Json<UpdateState>> {
    current.member.require(Permission::Manage)?;
    Ok(Json(updater.state()))
}

/// What the owner wants of newer versions.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct UpdateChoice {
    /// They are installed at night without being asked for.
    #[garde(skip)]
    by_itself: bool,
}

/// Chooses whether newer versions are installed by themselves.
#[utoipa::path(put, path = "/updates", operation_id = "chooseUpdates", tag = "updates", request_body = UpdateChoice,
    responses(
        (status = 200, body = UpdateState),
        (status = 409, description = "Nobody publishes any")
    ))]
async fn change(
    current: Current,
    Extension(updater): Extension<Updater>,
    Json(choice): Json<UpdateChoice>,
) -> ApiResult<Json<UpdateState>> {
    current.member.require(Permission::Manage)?;
    Ok(Json(updater.set_by_itself(choice.by_itself)?))
}

/// Looks now for a newer version.
#[utoipa::path(post, path = "/updates/check", operation_id = "checkUpdates", tag = "updates",
    responses(
        (status = 200, body = UpdateState),
        (status = 409, description = "Nobody publishes any, or something is under way")
    ))]
async fn look(current: Current, Extension(updater): Extension<Updater>) -> ApiResult<Json<UpdateState>> {
    current.member.require(Permission::Manage)?;
    Ok(Json(updater.look().await?))
}

/// Begins to download and install the version that was found. It is tried once no message is in work; when it does not
/// get ready, the version before goes on by itself.
#[utoipa::path(post, path = "/updates/install", operation_id = "installUpdate", tag = "updates",
    responses(
        (status = 202, body = UpdateState),
        (status = 409, description = "There is none, or something is under way")
    ))]
async fn install(
    current: Current,
    Extension(updater): Extension<Updater>,
) -> ApiResult<(StatusCode, Json<UpdateState>)> {
    current.member.require(Permission::Manage)?;
    Ok((StatusCode::ACCEPTED, Json(updater.install()?)))
}

/// Stops the download, or the waiting for a quiet moment.
#[utoipa::path(delete, path = "/updates/install", operation_id = "cancelUpdate", tag = "updates",
    responses((status = 204)))]
async fn cancel(current: Current, Extension(updater): Extension<Updater>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Manage)?;
    updater.cancel();
    Ok(StatusCode::NO_CONTENT)
}
