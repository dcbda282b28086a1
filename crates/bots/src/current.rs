//! The business that a request is about: the current one of whoever is signed in.

use std::ops::Deref;
use std::sync::Arc;

use accounts::{Accounts, Member};
use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use web::ApiError;

use crate::workspace::{Workspace, Workspaces};

/// What the admin routes share.
#[derive(Clone, FromRef)]
pub struct AppState {
    pub accounts: Accounts,
    pub workspaces: Workspaces,
}

/// The signed-in person and their current business.
pub struct Current {
    pub ws: Arc<Workspace>,
    pub member: Member,
    pub workspaces: Workspaces,
}

impl Deref for Current {
    type Target = Arc<Workspace>;

    fn deref(&self) -> &Arc<Workspace> {
        &self.ws
    }
}

impl FromRequestParts<AppState> for Current {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let member = Member::from_request_parts(parts, state).await?;
        let ws = state.workspaces.get(member.workspace).await?;
        Ok(Current { ws, member, workspaces: state.workspaces.clone() })
    }
}
