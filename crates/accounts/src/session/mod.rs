//! Signing in and staying signed in. The browser holds a random token in a cookie, the database only its hash.

mod held;
mod routes;
mod service;
mod store;
mod ticket;

use axum::extract::{FromRef, FromRequestParts};
use axum_extra::extract::cookie::CookieJar;
use base::Error;
use base::id::{UserId, Uuid, WorkspaceId};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use web::{ApiError, RateLimit};

use crate::{Accounts, Role};

pub(crate) use held::Gate;
pub use held::SetUpHeld;
pub use routes::{PasswordChange, Setup, SignIn, TicketRedemption, WorkspaceChoice, routes};
#[cfg(test)]
pub(crate) use store::FIND;
pub(crate) use ticket::Tickets;

/// Name of the cookie with the token. Browsers tell computers apart and not ports: two brands on one machine would
/// otherwise sign each other's owner out.
pub fn cookie_name() -> String {
    format!("{}_session", base::product::program())
}

/// A person as their own interface shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserInfo {
    pub id: UserId,
    pub name: String,
    #[schema(format = Email)]
    pub email: String,
}

/// A business as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WorkspaceInfo {
    pub id: WorkspaceId,
    pub name: String,
}

/// Where the interface starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionInfo {
    /// Nobody has an account yet: show the first page of the set-up.
    pub setup_needed: bool,
    /// Absent when nobody is signed in.
    #[schema(required)]
    pub user: Option<UserInfo>,
    /// The business that is being looked at.
    #[schema(required)]
    pub workspace: Option<WorkspaceInfo>,
    /// All businesses of this person.
    pub workspaces: Vec<WorkspaceInfo>,
}

/// A signed-in person. As an extractor it answers 401 when nobody is.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: Uuid,
    pub user: UserInfo,
    /// The business that is being looked at, if the person still belongs to it.
    pub workspace: Option<WorkspaceId>,
    pub role: Option<Role>,
}

impl<S> FromRequestParts<S> for Session
where
    Accounts: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let accounts = Accounts::from_ref(state);
        match token(parts) {
            Some(token) => service::find(&accounts, &token).await?.ok_or_else(|| Error::unauthorized().into()),
            None => Err(Error::unauthorized().into()),
        }
    }
}

/// The token in the request's cookie, when it has the length of one.
fn token(parts: &Parts) -> Option<String> {
    let jar = CookieJar::from_headers(&parts.headers);
    jar.get(&cookie_name()).map(|cookie| cookie.value().to_owned()).filter(|value| value.len() == 43)
}

/// How often signing in may be tried.
#[derive(Clone)]
pub(crate) struct Limits {
    per_client_and_email: RateLimit,
    per_client: RateLimit,
    per_email: RateLimit,
}

impl Limits {
    const MESSAGE: &str = "Too many tries. Please wait a minute and try again.";

    pub(crate) fn new() -> Self {
        Self {
            per_client_and_email: RateLimit::per_minute(5, Self::MESSAGE),
            per_client: RateLimit::per_minute(30, Self::MESSAGE),
            per_email: RateLimit::per_minute(30, Self::MESSAGE),
        }
    }
}
