//! Workspaces: one per business, and who belongs to them.

pub(crate) mod store;

use base::id::{UserId, WorkspaceId};
use base::{Error, Result, Time};

use crate::{Accounts, Role, WorkspaceInfo, audit};

/// What the first business is called until the owner names it.
pub const FIRST_WORKSPACE_NAME: &str = "My business";
const MAX_NAME_CHARS: usize = 100;

/// Creates a business owned by `user`, inside a transaction.
pub(crate) fn create(tx: &db::Tx<'_>, now: Time, user: UserId, name: &str) -> Result<WorkspaceInfo> {
    let workspace = WorkspaceInfo { id: WorkspaceId::fresh(), name: checked_name(name)? };
    store::insert(tx, now, &workspace)?;
    store::insert_membership(tx, now, user, workspace.id, Role::Owner)?;
    audit::append(tx, now, Some(user), Some(workspace.id), "workspace.create", &serde_json::json!({}))?;
    Ok(workspace)
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
        return Err(Error::invalid(format!("Please give a name of 1 to {MAX_NAME_CHARS} characters.")));
    }
    Ok(name.to_owned())
}

impl Accounts {
    /// Every business on this machine, the oldest first.
    pub async fn workspaces(&self) -> Result<Vec<WorkspaceInfo>> {
        self.db.read(store::all).await
    }

    /// The e-mail addresses of those who own a business.
    pub async fn owner_emails(&self, id: WorkspaceId) -> Result<Vec<String>> {
        self.db.read(move |c| store::owner_emails(c, id)).await
    }

    /// Creates another business, owned by `user`.
    pub async fn create_workspace(&self, user: UserId, name: String) -> Result<WorkspaceInfo> {
        let now = self.clock.now();
        self.db.write(move |tx| create(tx, now, user, &name)).await
    }

    pub async fn rename_workspace(&self, by: UserId, id: WorkspaceId, name: String) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let name = checked_name(&name)?;
                if !store::rename(tx, id, &name)? {
                    return Err(Error::not_found("business", id));
                }
                audit::append(tx, now, Some(by), Some(id), "workspace.rename", &serde_json::json!({ "name": name }))
            })
            .await
    }

    /// Takes a member out of a business; works from their next request on.
    pub async fn remove_member(&self, by: UserId, user: UserId, id: WorkspaceId) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                if store::owners(tx, id)? < 2 {
                    return Err(Error::conflict("A business needs somebody to own it. Name another owner first."));
                }
                if !store::delete_membership(tx, user, id)? {
                    return Err(Error::not_found("member", user));
                }
                audit::append(tx, now, Some(by), Some(id), "member.remove", &serde_json::json!({ "user": user }))
            })
            .await
    }
}
