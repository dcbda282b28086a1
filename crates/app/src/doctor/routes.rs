//! The doctor and the report for support over HTTP, for who manages the business.

use accounts::Permission;
use axum::Extension;
use axum::response::{IntoResponse, Response};
use bots::{AppState, Current};
use http::header;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json};

use super::{Report, Site};
use crate::support;

/// Where the server itself stands comes with the request, as an extension.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(examine)).routes(routes!(bundle))
}

/// Looks at everything the program needs: folders, disk, clock, ports, data, search, models, channels, address. Takes
/// some seconds and changes nothing.
#[utoipa::path(get, path = "/doctor", operation_id = "getDoctorReport", tag = "doctor",
    responses((status = 200, body = Report)))]
async fn examine(current: Current, Extension(site): Extension<Site>) -> ApiResult<Response> {
    current.member.require(Permission::Manage)?;
    let report = super::examine(&site).await;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(report)).into_response())
}

/// A report for support: how the program and its computer are, and its latest log lines, without anything of customers,
/// documents or secrets.
#[utoipa::path(post, path = "/support-bundle", operation_id = "createSupportBundle", tag = "doctor",
    responses((status = 200, description = "A zip file of texts.", body = Vec<u8>, content_type = "application/zip")))]
async fn bundle(current: Current, Extension(site): Extension<Site>) -> ApiResult<Response> {
    current.member.require(Permission::Manage)?;
    let zip = support::bundle(&site).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"support-report.zip\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, zip).into_response())
}
