//! HTTP for the set-up, signing in and out, and choosing a business.

use axum::extract::{FromRef, FromRequestParts, State};
use base::Secret;
use base::id::WorkspaceId;
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::request::Parts;
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, ClientIp, Json};

use super::service::{self, IDLE_EXPIRY};
use super::ticket;
use super::{Session, SessionInfo};
use crate::{Accounts, password};

/// The routes below `/api`: `/setup`, `/session`, `/session/ticket`, `/session/workspace`, `/session/password`.
pub fn routes<S>() -> OpenApiRouter<S>
where
    Accounts: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new()
        .routes(routes!(set_up))
        .routes(routes!(get_session, sign_in, sign_out))
        .routes(routes!(redeem_ticket))
        .routes(routes!(choose_workspace))
        .routes(routes!(change_password))
}

/// The owner's account.
#[derive(Debug, Deserialize, garde::Validate, utoipa::ToSchema)]
pub struct Setup {
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[garde(email, length(max = 254))]
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    /// 8 to 200 characters, not all the same.
    #[garde(custom(good_password))]
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 200)]
    pub password: Secret,
}

/// Who signs in.
#[derive(Debug, Deserialize, garde::Validate, utoipa::ToSchema)]
pub struct SignIn {
    #[garde(length(min = 1, max = 254))]
    #[schema(min_length = 1, max_length = 254)]
    pub email: String,
    #[garde(custom(some_password))]
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 200)]
    pub password: Secret,
}

/// What a window of this program was given when it opened.
#[derive(Debug, Deserialize, garde::Validate, utoipa::ToSchema)]
pub struct TicketRedemption {
    #[garde(custom(some_password))]
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 200)]
    pub ticket: Secret,
}

/// The business to look at.
#[derive(Debug, Deserialize, garde::Validate, utoipa::ToSchema)]
pub struct WorkspaceChoice {
    #[garde(skip)]
    pub id: WorkspaceId,
}

/// The password as it was and as it shall be.
#[derive(Debug, Deserialize, garde::Validate, utoipa::ToSchema)]
pub struct PasswordChange {
    #[garde(custom(some_password))]
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 200)]
    pub current: Secret,
    /// 8 to 200 characters, not all the same.
    #[garde(custom(good_password))]
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 200)]
    pub new: Secret,
}

fn good_password(value: &Secret, _: &()) -> garde::Result {
    password::check(value).map_err(garde::Error::new)
}

fn some_password(value: &Secret, _: &()) -> garde::Result {
    // Bounded like a chosen one (in bytes, at most 4 a character), so that nobody makes us hash a megabyte.
    if value.is_empty() || value.expose().len() > password::MAX_CHARS * 4 {
        return Err(garde::Error::new("please type your password"));
    }
    Ok(())
}

/// What of the request the cookie depends on.
struct Browser {
    token: Option<String>,
    https: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Browser {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self { token: super::token(parts), https: web::is_secure(parts) })
    }
}

/// A `Set-Cookie` header.
type SetCookie = [(HeaderName, String); 1];

fn cookie(token: &str, https: bool) -> SetCookie {
    let age = if token.is_empty() { 0 } else { IDLE_EXPIRY.as_secs() };
    let secure = if https { "; Secure" } else { "" };
    [(SET_COOKIE, format!("{}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}", super::cookie_name()))]
}

/// Create the owner's account and the first business. Works once.
#[utoipa::path(post, path = "/setup", operation_id = "createOwner", tag = "session", security(()),
    request_body = Setup,
    responses(
        (status = 201, body = SessionInfo),
        (status = 409, description = "There is an owner already, or the data of another computer is being taken over"),
        (status = 429, description = "Too many tries")
    ))]
async fn set_up(
    State(accounts): State<Accounts>,
    client: ClientIp,
    browser: Browser,
    Json(input): Json<Setup>,
) -> ApiResult<(StatusCode, SetCookie, Json<SessionInfo>)> {
    accounts.limits.per_client.check(client)?;
    let (info, token) = service::set_up(&accounts, input.name, &input.email, input.password).await?;
    Ok((StatusCode::CREATED, cookie(&token, browser.https), Json(info)))
}

/// Who is signed in, and where. Never 401: the interface starts here.
#[utoipa::path(get, path = "/session", operation_id = "getSession", tag = "session", security(()),
    responses((status = 200, body = SessionInfo)))]
async fn get_session(
    State(accounts): State<Accounts>,
    browser: Browser,
) -> ApiResult<([(HeaderName, &'static str); 1], Option<SetCookie>, Json<SessionInfo>)> {
    let (info, fresh) = service::info(&accounts, browser.token).await?;
    let fresh = fresh.map(|token| cookie(&token, browser.https));
    Ok(([(CACHE_CONTROL, "no-store")], fresh, Json(info)))
}

/// Sign in.
#[utoipa::path(post, path = "/session", operation_id = "signIn", tag = "session", security(()), request_body = SignIn,
    responses(
        (status = 200, body = SessionInfo),
        (status = 401, description = "Address and password do not belong together"),
        (status = 429, description = "Too many tries")
    ))]
async fn sign_in(
    State(accounts): State<Accounts>,
    client: ClientIp,
    browser: Browser,
    Json(input): Json<SignIn>,
) -> ApiResult<(SetCookie, Json<SessionInfo>)> {
    let (info, token) = service::sign_in(&accounts, client, &input.email, input.password, browser.token).await?;
    Ok((cookie(&token, browser.https), Json(info)))
}

/// Sign in by the one-time ticket that this program's own window was given.
#[utoipa::path(post, path = "/session/ticket", operation_id = "signInByTicket", tag = "session", security(()),
    request_body = TicketRedemption,
    responses(
        (status = 200, body = SessionInfo),
        (status = 401, description = "The ticket was used already, or is too old"),
        (status = 429, description = "Too many tries")
    ))]
async fn redeem_ticket(
    State(accounts): State<Accounts>,
    client: ClientIp,
    browser: Browser,
    Json(input): Json<TicketRedemption>,
) -> ApiResult<(SetCookie, Json<SessionInfo>)> {
    accounts.limits.per_client.check(client)?;
    let (info, token) = ticket::redeem(&accounts, input.ticket, browser.token).await?;
    Ok((cookie(&token, browser.https), Json(info)))
}

/// Sign out. Also fine when nobody is signed in.
#[utoipa::path(delete, path = "/session", operation_id = "signOut", tag = "session", security(()),
    responses((status = 204)))]
async fn sign_out(State(accounts): State<Accounts>, browser: Browser) -> ApiResult<(StatusCode, SetCookie)> {
    if let Some(token) = &browser.token {
        service::sign_out(&accounts, token).await?;
    }
    Ok((StatusCode::NO_CONTENT, cookie("", browser.https)))
}

/// Look at another business from now on.
#[utoipa::path(put, path = "/session/workspace", operation_id = "chooseWorkspace", tag = "session",
    request_body = WorkspaceChoice,
    responses(
        (status = 200, body = SessionInfo),
        (status = 404, description = "Nobody of this business")
    ))]
async fn choose_workspace(
    State(accounts): State<Accounts>,
    session: Session,
    Json(input): Json<WorkspaceChoice>,
) -> ApiResult<Json<SessionInfo>> {
    Ok(Json(service::choose(&accounts, session, input.id).await?))
}

/// Change one's password. All other devices are signed out.
#[utoipa::path(put, path = "/session/password", operation_id = "changePassword", tag = "session",
    request_body = PasswordChange,
    responses(
        (status = 204),
        (status = 429, description = "Too many tries")
    ))]
async fn change_password(
    State(accounts): State<Accounts>,
    client: ClientIp,
    session: Session,
    Json(input): Json<PasswordChange>,
) -> ApiResult<StatusCode> {
    service::change_password(&accounts, client, session, input.current, input.new).await?;
    Ok(StatusCode::NO_CONTENT)
}
