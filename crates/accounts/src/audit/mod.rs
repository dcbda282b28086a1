//! The audit trail: what was done, by whom, when. Only ever added to.

mod store;

use base::id::{UserId, WorkspaceId};
use base::{Result, Time};
use serde::Serialize;

use crate::Accounts;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AuditEntry {
    /// Ascending without gaps in time; the cursor of the list.
    pub seq: i64,
    pub at: Time,
    pub user: Option<UserId>,
    pub workspace: Option<WorkspaceId>,
    /// Noun and verb, such as `session.create`.
    pub action: String,
    /// What it was done to. Never holds a secret.
    pub detail: serde_json::Value,
}

/// Which entries: of one business or of the machine, the latest first.
#[derive(Clone, Copy, Debug)]
pub struct AuditQuery {
    pub workspace: Option<WorkspaceId>,
    pub before: Option<i64>,
    pub limit: usize,
}

/// Adds an entry inside a transaction of the machine's database.
pub(crate) fn append(
    tx: &db::Tx<'_>,
    at: Time,
    user: Option<UserId>,
    workspace: Option<WorkspaceId>,
    action: &str,
    detail: &serde_json::Value,
) -> Result<()> {
    store::append(tx, at, user, workspace, action, detail)
}

impl Accounts {
    /// Adds to the audit trail.
    pub async fn audit(
        &self,
        user: Option<UserId>,
        workspace: Option<WorkspaceId>,
        action: &'static str,
        detail: serde_json::Value,
    ) -> Result<()> {
        let now = self.clock.now();
        self.db.write(move |tx| append(tx, now, user, workspace, action, &detail)).await
    }

    pub async fn audit_trail(&self, query: AuditQuery) -> Result<Vec<AuditEntry>> {
        self.db.read(move |c| store::list(c, query)).await
    }
}
