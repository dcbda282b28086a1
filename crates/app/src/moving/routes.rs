//! Moving over HTTP: making a file and fetching it, and, on a fresh program, taking one over.

use std::time::Duration;

use accounts::{Accounts, Permission};
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::response::{IntoResponse, Response};
use base::{Error, Result, Secret, Stopwatch};
use bots::{AppState, Current};
use garde::Validate;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Json};

use super::seal::{FIRST_BYTES, Header, Opening, damaged, of_io};
use super::task::{MoveState, Mover, Receiving};
use super::{MAX_PASSPHRASE_CHARS, MIN_PASSPHRASE_CHARS, check_passphrase};

/// More than any small business has.
const LARGEST_FILE_BYTES: usize = 1 << 40;
/// While a file comes, somebody may stop it; looked at this often when nothing comes.
const LOOK: Duration = Duration::from_secs(1);
/// Who sends nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(120);

pub(crate) fn router() -> OpenApiRouter<AppState> {
    let upload = OpenApiRouter::new().routes(routes!(take_over)).layer(DefaultBodyLimit::max(LARGEST_FILE_BYTES));
    OpenApiRouter::new()
        .routes(routes!(export_state, start_export, cancel_export))
        .routes(routes!(fetch))
        .routes(routes!(import_state, cancel_import))
        .merge(upload)
}

/// How far the making of the file is, or was.
#[utoipa::path(get, path = "/move/export", operation_id = "getMoveExport", tag = "moving",
    responses((status = 200, body = MoveState)))]
async fn export_state(current: Current, Extension(mover): Extension<Mover>) -> ApiResult<Json<MoveState>> {
    current.member.require(Permission::Manage)?;
    Ok(Json(mover.export_state()))
}

/// What seals the file.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct MoveExport {
    /// Nobody can open the file without it, and nobody can find it out.
    #[garde(custom(good_passphrase))]
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    passphrase: Secret,
}

fn good_passphrase(passphrase: &Secret, _: &()) -> garde::Result {
    check_passphrase(passphrase).map_err(|_| {
        garde::Error::new(format!("should have {MIN_PASSPHRASE_CHARS} to {MAX_PASSPHRASE_CHARS} characters"))
    })
}

/// Begins to make one file of everything, for another computer. A file made before is thrown away.
#[utoipa::path(post, path = "/move/export", operation_id = "startMoveExport", tag = "moving", request_body = MoveExport,
    responses(
        (status = 202, body = MoveState),
        (status = 409, description = "One is being made already")
    ))]
async fn start_export(
    current: Current,
    Extension(mover): Extension<Mover>,
    Json(wish): Json<MoveExport>,
) -> ApiResult<(StatusCode, Json<MoveState>)> {
    current.member.require(Permission::Manage)?;
    Ok((StatusCode::ACCEPTED, Json(mover.start_export(wish.passphrase).await?)))
}

/// Stops the making of the file, or throws away the one that was made.
#[utoipa::path(delete, path = "/move/export", operation_id = "cancelMoveExport", tag = "moving",
    responses((status = 204)))]
async fn cancel_export(current: Current, Extension(mover): Extension<Mover>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Manage)?;
    mover.cancel_export();
    Ok(StatusCode::NO_CONTENT)
}

/// The file. It waits for an hour.
#[utoipa::path(get, path = "/move/export/file", operation_id = "downloadMoveFile", tag = "moving",
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 409, description = "None was made")
    ))]
async fn fetch(current: Current, Extension(mover): Extension<Mover>) -> ApiResult<Response> {
    current.member.require(Permission::Manage)?;
    let ready = mover.file()?;
    let file = tokio::fs::File::open(&ready.path).await.map_err(Error::from)?;
    let length = file.metadata().await.map_err(Error::from)?.len();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", ready.name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        // What is sealed grows no smaller.
        (header::CONTENT_ENCODING, "identity".to_owned()),
    ];
    Ok((headers, Body::from_stream(ReaderStream::with_capacity(file, 256 << 10))).into_response())
}

/// How far the taking over of a file from another computer is.
#[utoipa::path(get, path = "/move/import", operation_id = "getMoveImport", tag = "moving", security(()),
    responses((status = 200, body = MoveState)))]
async fn import_state(Extension(mover): Extension<Mover>) -> ApiResult<Json<MoveState>> {
    Ok(Json(mover.import_state()))
}

/// A file from another computer, and what opens it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract; it is read piece by piece")]
struct MoveImport {
    /// Comes before the file.
    #[schema(format = Password, min_length = 1, max_length = 200)]
    passphrase: String,
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Takes over everything from a file that was made on another computer. Only a program that has no owner yet does; when
/// it has the file it begins anew with what is in it.
#[utoipa::path(post, path = "/move/import", operation_id = "startMoveImport", tag = "moving", security(()),
    request_body(content = MoveImport, content_type = "multipart/form-data"),
    responses(
        (status = 202, body = MoveState),
        (status = 403, description = "The passphrase does not open the file"),
        (status = 409, description = "There is an owner, or a file is being taken over already"),
        (status = 422, description = "Not a file of this kind, or damaged")
    ))]
async fn take_over(
    State(accounts): State<Accounts>,
    Extension(mover): Extension<Mover>,
    headers: HeaderMap,
    form: std::result::Result<Multipart, MultipartRejection>,
) -> ApiResult<(StatusCode, Json<MoveState>)> {
    let mut form =
        form.map_err(|_| Error::unsupported("This address takes a file (content-type: multipart/form-data)."))?;
    let size = headers.get(header::CONTENT_LENGTH).and_then(|size| size.to_str().ok()?.parse().ok());
    let mut passphrase = Secret::default();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("passphrase") => passphrase = read_passphrase(field).await?,
            Some("file") if passphrase.is_empty() => {
                return Err(ApiError::field(
                    "passphrase",
                    "Type the passphrase that was chosen on the other computer.",
                ));
            }
            Some("file") => {
                let receiving = mover.begin_import(&accounts).await?;
                receive(&receiving, field, &passphrase, size).await?;
                return Ok((StatusCode::ACCEPTED, Json(receiving.unpack(passphrase))));
            }
            _ => {}
        }
    }
    Err(ApiError::field("file", "No file came along. Please choose one."))
}

fn broken(e: MultipartError) -> ApiError {
    tracing::debug!(error = %e, "an upload broke off");
    ApiError::malformed("The file did not arrive whole. Please try again.")
}

async fn read_passphrase(mut field: Field<'_>) -> ApiResult<Secret> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > MAX_PASSPHRASE_CHARS * 4 {
            return Err(ApiError::field(
                "passphrase",
                format!("should have at most {MAX_PASSPHRASE_CHARS} characters"),
            ));
        }
    }
    String::from_utf8(bytes).map(Secret::new).map_err(|_| ApiError::field("passphrase", "should be text"))
}

/// Writes the file to the disk as it comes. A wrong passphrase, or a disk too small, is told after its first bytes.
async fn receive(receiving: &Receiving, mut field: Field<'_>, passphrase: &Secret, size: Option<u64>) -> ApiResult<()> {
    let mut out = tokio::fs::File::create(receiving.path()).await.map_err(Error::from)?;
    let mut first = Vec::new();
    let mut known: Option<Header> = None;
    let mut came = 0;
    loop {
        let piece = next_piece(receiving, &mut field).await?;
        if known.is_none() {
            first.extend_from_slice(piece.as_deref().unwrap_or_default());
            if first.len() >= FIRST_BYTES || piece.is_none() {
                first.truncate(FIRST_BYTES);
                let header = open_first(std::mem::take(&mut first), passphrase).await?;
                receiving.ensure_room(&header, size)?;
                known = Some(header);
            }
        }
        let Some(piece) = piece else { break };
        came += piece.len() as u64;
        if known.as_ref().is_some_and(|header| came > header.largest_file()) {
            return Err(damaged().into());
        }
        out.write_all(&piece).await.map_err(of_io)?;
    }
    out.flush().await.map_err(of_io)?;
    Ok(())
}

/// What comes next; nothing at the end. Who stopped it does not wait until more comes.
async fn next_piece(receiving: &Receiving, field: &mut Field<'_>) -> ApiResult<Option<Bytes>> {
    let since = Stopwatch::start();
    loop {
        if !receiving.progress.go_on() {
            return Err(Error::cancelled().into());
        }
        match tokio::time::timeout(LOOK, field.chunk()).await {
            Ok(piece) => return piece.map_err(broken),
            Err(_) if since.elapsed() > SILENCE => {
                return Err(ApiError::malformed("The file did not arrive whole. Please try again."));
            }
            Err(_) => {}
        }
    }
}

async fn open_first(first: Vec<u8>, passphrase: &Secret) -> Result<Header> {
    let passphrase = passphrase.clone();
    base::task::blocking(move || Opening::try_first(first.as_slice(), &passphrase)).await?
}

/// Stops the taking over; nothing has changed then.
#[utoipa::path(delete, path = "/move/import", operation_id = "cancelMoveImport", tag = "moving", security(()),
    responses((status = 204)))]
async fn cancel_import(Extension(mover): Extension<Mover>) -> ApiResult<StatusCode> {
    mover.cancel_import();
    Ok(StatusCode::NO_CONTENT)
}
