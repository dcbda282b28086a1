//! The person behind a request, in the business they are looking at, and what they may do there.

use axum::extract::{FromRef, FromRequestParts};
use base::id::{UserId, WorkspaceId};
use base::{Error, Result};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use web::ApiError;

use crate::Accounts;
use crate::session::Session;

/// What a member may do. Every handler names the one it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Look at conversations, contacts, knowledge and settings.
    View,
    /// Answer customers and change contacts.
    Answer,
    /// Change bots and what they know.
    Edit,
    /// Change channels, keys, addresses and settings.
    Manage,
    /// People, backups, deleting the business.
    Own,
}

/// A member's part in a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Owner => "owner",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        (name == Role::Owner.name()).then_some(Role::Owner)
    }

    pub fn allows(self, _permission: Permission) -> bool {
        match self {
            Role::Owner => true,
        }
    }
}

/// The person behind a request in the session's current business. Membership is looked up on every request, so taking
/// it away works at once.
#[derive(Clone, Debug)]
pub struct Member {
    pub user: UserId,
    pub name: String,
    pub workspace: WorkspaceId,
    pub role: Role,
}

impl Member {
    /// Refuses who may not do this.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.role.allows(permission) {
            return Ok(());
        }
        Err(Error::forbidden("You may not do this here. Please ask the owner."))
    }
}

impl<S> FromRequestParts<S> for Member
where
    Accounts: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> std::result::Result<Self, ApiError> {
        let session = Session::from_request_parts(parts, state).await?;
        let (Some(workspace), Some(role)) = (session.workspace, session.role) else {
            return Err(Error::forbidden("You do not belong to a business here. Please ask the owner.").into());
        };
        Ok(Member { user: session.user.id, name: session.user.name, workspace, role })
    }
}
