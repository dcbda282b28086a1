//! Files of conversations over HTTP, for the owner.

use accounts::Permission;
use axum::response::Response;
use base::Error;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Path};

use super::shown::show;
use super::{MediaSettings, is_hash, put_settings, settings};
use crate::current::{AppState, Current};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(download)).routes(routes!(get_settings, update_settings))
}

/// A file by its content's hash.
#[utoipa::path(get, path = "/media/{sha256}", operation_id = "getMediaFile", tag = "conversations",
    params(("sha256" = String, Path, pattern = "^[0-9a-fA-F]{64}$")),
    responses((status = 200, content(
        (Vec<u8> = "image/*"),
        (Vec<u8> = "audio/*"),
        (Vec<u8> = "video/*"),
        (Vec<u8> = "application/octet-stream")
    ))))]
async fn download(current: Current, Path(sha256): Path<String>) -> ApiResult<Response> {
    current.member.require(Permission::View)?;
    let sha256 = sha256.to_ascii_lowercase();
    if !is_hash(&sha256) {
        return Err(Error::not_found("file", "unknown").into());
    }
    Ok(show(&current.ws.media().join(sha256), None, "private, max-age=31536000, immutable", ()).await?)
}

/// How long customers' files are kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MediaSettings)]
struct MediaSettingsView {
    /// In days, from the day they came; the messages stay.
    keep_days: u32,
}

/// How long customers' files are kept.
#[utoipa::path(get, path = "/settings/media", operation_id = "getMediaSettings", tag = "conversations",
    responses((status = 200, body = MediaSettingsView)))]
async fn get_settings(current: Current) -> ApiResult<Json<MediaSettingsView>> {
    current.member.require(Permission::View)?;
    let settings = current.db.read(settings).await?;
    Ok(Json(MediaSettingsView { keep_days: settings.keep_days }))
}

/// What may be changed.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct MediaSettingsChange {
    /// In days.
    #[garde(range(min = 7, max = 3650))]
    #[schema(minimum = 7, maximum = 3650)]
    keep_days: u32,
}

/// Changes how long customers' files are kept; what is older goes the next night.
#[utoipa::path(put, path = "/settings/media", operation_id = "replaceMediaSettings", tag = "conversations",
    request_body = MediaSettingsChange, responses((status = 200, body = MediaSettingsView)))]
async fn update_settings(
    current: Current,
    Json(change): Json<MediaSettingsChange>,
) -> ApiResult<Json<MediaSettingsView>> {
    current.member.require(Permission::Manage)?;
    let settings = MediaSettings { keep_days: change.keep_days };
    current.db.write(move |tx| put_settings(tx, &settings)).await?;
    Ok(Json(MediaSettingsView { keep_days: change.keep_days }))
}
