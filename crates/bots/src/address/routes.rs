//! The public address over HTTP.

use accounts::Permission;
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json};

use super::PublicAddress;
use crate::current::{AppState, Current};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, update)).routes(routes!(prove))
}

/// The public address.
#[utoipa::path(get, path = "/public-address", operation_id = "getPublicAddress", tag = "public address",
    responses((status = 200, body = PublicAddress)))]
async fn read(current: Current) -> ApiResult<Json<PublicAddress>> {
    current.member.require(Permission::View)?;
    Ok(Json(current.db.read(super::get).await?))
}

/// The address to use.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct AddressChange {
    /// Such as `https://chat.shop.example`; nothing to have none.
    #[garde(length(max = 300))]
    #[schema(max_length = 300)]
    url: Option<String>,
}

/// Sets the address and proves it at once.
#[utoipa::path(put, path = "/public-address", operation_id = "replacePublicAddress", tag = "public address",
    request_body = AddressChange, responses((status = 200, body = PublicAddress)))]
async fn update(current: Current, Json(change): Json<AddressChange>) -> ApiResult<Json<PublicAddress>> {
    current.member.require(Permission::Manage)?;
    Ok(Json(super::set(&current.ws, current.workspaces.proofs(), change.url).await?))
}

/// Proves the address again.
#[utoipa::path(post, path = "/public-address/prove", operation_id = "provePublicAddress", tag = "public address",
    responses((status = 200, body = PublicAddress)))]
async fn prove(current: Current) -> ApiResult<Json<PublicAddress>> {
    current.member.require(Permission::Manage)?;
    Ok(Json(super::prove(&current.ws, current.workspaces.proofs()).await?))
}
