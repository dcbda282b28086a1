//! The business over HTTP.

use accounts::Permission;
use axum::extract::State;
use base::Result;
use base::id::BotId;
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Json, Query};

use super::{Business, get, guess, put};
use crate::current::{AppState, Current};
use crate::sample;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, update)).routes(routes!(guesses)).routes(routes!(load_sample))
}

/// The business.
#[utoipa::path(get, path = "/business", operation_id = "getBusiness", tag = "business",
    responses((status = 200, body = Business)))]
async fn read(current: Current) -> ApiResult<Json<Business>> {
    current.member.require(Permission::View)?;
    Ok(Json(current.db.read(get).await?))
}

/// What may be changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct BusinessChange {
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    name: Option<String>,
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    description: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[garde(pattern("^([A-Z]{2})?$"))]
    #[schema(pattern = "^([A-Z]{2})?$")]
    country: Option<String>,
    /// IANA name.
    #[garde(length(max = 64))]
    #[schema(max_length = 64)]
    timezone: Option<String>,
    /// ISO 4217.
    #[garde(pattern("^([A-Z]{3})?$"))]
    #[schema(pattern = "^([A-Z]{3})?$")]
    currency: Option<String>,
    /// BCP 47.
    #[garde(pattern("^[A-Za-z]{0,3}(-[A-Za-z0-9]{2,8})*$"), length(max = 35))]
    #[schema(pattern = "^[A-Za-z]{0,3}(-[A-Za-z0-9]{2,8})*$", max_length = 35)]
    language: Option<String>,
    /// `#rrggbb`, or empty for the product's own.
    #[garde(pattern("^(#[0-9a-fA-F]{6})?$"))]
    #[schema(pattern = "^(#[0-9a-fA-F]{6})?$")]
    accent: Option<String>,
    #[garde(skip)]
    setup_done: Option<bool>,
}

/// Changes what is known of the business.
#[utoipa::path(patch, path = "/business", operation_id = "updateBusiness", tag = "business",
    request_body = BusinessChange, responses((status = 200, body = Business)))]
async fn update(
    current: Current,
    State(state): State<AppState>,
    Json(change): Json<BusinessChange>,
) -> ApiResult<Json<Business>> {
    current.member.require(Permission::Manage)?;
    if let Some(timezone) = change.timezone.as_deref().filter(|t| !t.is_empty())
        && jiff::tz::TimeZone::get(timezone).is_err()
    {
        return Err(ApiError::field("timezone", format!("“{timezone}” is not a time zone, such as Europe/Lisbon.")));
    }
    let name = change.name.clone();
    let business = current
        .db
        .write(move |tx| {
            let mut business = get(tx)?;
            let set = |to: &mut String, from: Option<String>| {
                if let Some(from) = from {
                    *to = from.trim().to_owned();
                }
            };
            set(&mut business.name, change.name);
            set(&mut business.description, change.description);
            set(&mut business.country, change.country);
            set(&mut business.timezone, change.timezone);
            set(&mut business.currency, change.currency);
            set(&mut business.language, change.language);
            if let Some(accent) = change.accent {
                business.accent = Some(accent).filter(|a| !a.is_empty());
            }
            business.setup_done = change.setup_done.unwrap_or(business.setup_done);
            put(tx, &business)?;
            Ok(business)
        })
        .await?;
    if let Some(name) = name.filter(|n| !n.trim().is_empty()) {
        state.accounts.rename_workspace(current.member.user, current.member.workspace, name.trim().to_owned()).await?;
    }
    Ok(Json(business))
}

/// What the browser knows of where it is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GuessQuery {
    /// IANA name.
    #[serde(default)]
    timezone: String,
    /// BCP 47.
    #[serde(default)]
    language: String,
}

/// What the program guesses; shown, and easily changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Guess {
    pub(super) country: String,
    pub(super) timezone: String,
    pub(super) currency: String,
    pub(super) language: String,
}

/// Guesses country, time zone, currency and language.
#[utoipa::path(get, path = "/business/guess", operation_id = "guessBusiness", tag = "business", params(GuessQuery),
    responses((status = 200, body = Guess)))]
async fn guesses(current: Current, Query(query): Query<GuessQuery>) -> ApiResult<Json<Guess>> {
    current.member.require(Permission::View)?;
    Ok(Json(guess::guess(&query.timezone, &query.language)))
}

/// What was loaded.
#[derive(Debug, Serialize, ToSchema)]
struct SampleLoaded {
    bot_id: BotId,
}

/// Loads the sample business: its documents, a bot and a web chat. Progress shows on the sources.
#[utoipa::path(post, path = "/sample", operation_id = "loadSample", tag = "business",
    responses((status = 202, body = SampleLoaded)))]
async fn load_sample(current: Current) -> ApiResult<(StatusCode, Json<SampleLoaded>)> {
    current.member.require(Permission::Manage)?;
    let loaded: Result<BotId> = sample::load(&current.ws, &current.workspaces).await;
    Ok((StatusCode::ACCEPTED, Json(SampleLoaded { bot_id: loaded? })))
}
