//! Secrets of flows over HTTP: their names, never their values.

use accounts::Permission;
use base::{Error, Secret};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Json, Path};

use super::store;
use crate::current::{AppState, Current};
use crate::settings::short_secret;

/// More secrets than this are refused.
const MAX_SECRETS: usize = 200;
const MAX_NAME_CHARS: usize = 64;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(replace, delete))
}

/// A secret that flows may use; its value is never told.
#[derive(Debug, Serialize, ToSchema)]
struct FlowSecret {
    /// Flows write it as `secret.name`.
    name: String,
}

/// All secrets of flows.
#[derive(Debug, Serialize, ToSchema)]
struct FlowSecrets {
    items: Vec<FlowSecret>,
}

/// The names of the secrets that flows may use.
#[utoipa::path(get, path = "/secrets", operation_id = "listSecrets", tag = "settings",
    responses((status = 200, body = FlowSecrets)))]
async fn list(current: Current) -> ApiResult<Json<FlowSecrets>> {
    current.member.require(Permission::View)?;
    let names = current.db.read(|c| store::names(c, MAX_SECRETS)).await?;
    Ok(Json(FlowSecrets { items: names.into_iter().map(|name| FlowSecret { name }).collect() }))
}

/// A secret's value.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct FlowSecretChange {
    /// Write-only.
    #[garde(custom(short_secret), custom(not_empty))]
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 4096)]
    value: Secret,
}

fn not_empty(secret: &Secret, _: &()) -> garde::Result {
    if secret.is_empty() { Err(garde::Error::new("should not be empty")) } else { Ok(()) }
}

/// Whether flows can write the name: letters, digits and underscores.
fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.len() <= MAX_NAME_CHARS
}

/// Keeps a secret under a name, in the place of the one that had it.
#[utoipa::path(put, path = "/secrets/{name}", operation_id = "replaceSecret", tag = "settings",
    params(("name" = String, Path, pattern = "^[A-Za-z_][A-Za-z0-9_]{0,63}$")),
    request_body = FlowSecretChange, responses((status = 204)))]
async fn replace(
    current: Current,
    Path(name): Path<String>,
    Json(change): Json<FlowSecretChange>,
) -> ApiResult<StatusCode> {
    current.member.require(Permission::Manage)?;
    if !is_name(&name) {
        let words = "A secret's name is made of letters, digits and underscores, such as shop_key.";
        return Err(ApiError::field("name", words));
    }
    let vault = current.vault.clone();
    current
        .db
        .write(move |tx| {
            if !store::has(tx, &name)? && store::names(tx, MAX_SECRETS)?.len() >= MAX_SECRETS {
                return Err(Error::invalid(format!("There are {MAX_SECRETS} secrets already. Delete one first.")));
            }
            store::put(tx, &vault, &name, &change.value)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a secret. Flows that use it take their way for failures.
#[utoipa::path(delete, path = "/secrets/{name}", operation_id = "deleteSecret", tag = "settings",
    params(("name" = String, Path, pattern = "^[A-Za-z_][A-Za-z0-9_]{0,63}$")), responses((status = 204)))]
async fn delete(current: Current, Path(name): Path<String>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Manage)?;
    let vault = current.vault.clone();
    current
        .db
        .write(move |tx| {
            if !store::has(tx, &name)? {
                return Err(Error::not_found("secret", "no such name"));
            }
            store::put(tx, &vault, &name, &Secret::default())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_no_flow_could_write_is_refused() {
        for (name, fine) in
            [("key", true), ("_a1", true), ("1a", false), ("a.b", false), ("a b", false), ("", false), ("ü", false)]
        {
            assert_eq!(is_name(name), fine, "{name}");
        }
        assert!(!is_name(&"a".repeat(65)));
    }
}
