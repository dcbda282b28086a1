//! Files of conversations over HTTP, for the owner.

use accounts::Permission;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart};
use axum::response::Response;
use base::Error;
use base::message::Media;
use channels::whatsapp::limits;
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Json, Path};

use super::shown::show;
use super::{Arriving, MediaSettings, is_hash, put_settings, settings};
use crate::conversations::mime_of;
use crate::current::{AppState, Current};

/// The file and what surrounds it in the form.
const LARGEST_FORM_BYTES: usize = (100 << 20) + (1 << 20);

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .layer(DefaultBodyLimit::max(LARGEST_FORM_BYTES))
        .routes(routes!(download))
        .routes(routes!(get_settings, update_settings))
}

/// A file for flows to send.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract; it is read part by part")]
struct FileUpload {
    /// Up to 100 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Keeps a file that flows may send. It stays as long as a drawing or a version names it.
#[utoipa::path(post, path = "/media", operation_id = "uploadMediaFile", tag = "conversations",
    request_body(content = FileUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = Media), (status = 413, description = "The file is too large")))]
async fn upload(current: Current, form: Result<Multipart, MultipartRejection>) -> ApiResult<(StatusCode, Json<Media>)> {
    current.member.require(Permission::Edit)?;
    let mut form =
        form.map_err(|_| Error::unsupported("This address takes files (content-type: multipart/form-data)."))?;
    current.db.ensure_room()?;
    let broken = |_| ApiError::malformed("The upload broke off before it was complete. Please try again.");
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or("file").to_owned();
        let declared = field.content_type().unwrap_or_default().to_owned();
        let mut arriving = Arriving::begin(&current.media()).await?;
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            if arriving.write(&piece).await? > limits::INBOUND_FILE_BYTES {
                return Err(Error::too_large("A file may have up to 100 MB. Make this one smaller.").into());
            }
        }
        let kept = arriving.keep(current.clock.now()).await?;
        if kept.size_bytes == 0 {
            return Err(ApiError::field("file", "This file is empty. Please choose another one."));
        }
        let media = Media {
            mime: mime_of(&kept.head, &declared),
            stored: Some(kept.sha256),
            filename: channels::text::clean_filename(&name),
            size_bytes: Some(kept.size_bytes),
            ..Media::default()
        };
        return Ok((StatusCode::CREATED, Json(media)));
    }
    Err(ApiError::field("file", "No file came along. Please choose one."))
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
