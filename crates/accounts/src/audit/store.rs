//! Every SQL statement for the audit trail.

use base::id::{UserId, WorkspaceId};
use base::{Result, Time};
use rusqlite::{Connection, Row, params};

use super::{AuditEntry, AuditQuery};

pub(super) fn append(
    tx: &db::Tx<'_>,
    at: Time,
    user: Option<UserId>,
    workspace: Option<WorkspaceId>,
    action: &str,
    detail: &serde_json::Value,
) -> Result<()> {
    tx.prepare_cached("insert into audit (at, user_id, workspace_id, action, detail) values (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![at, user, workspace, action, detail.to_string()])?;
    Ok(())
}

pub(super) fn list(connection: &Connection, query: AuditQuery) -> Result<Vec<AuditEntry>> {
    let mut statement = connection.prepare_cached(
        "select seq, at, user_id, workspace_id, action, detail from audit
         where workspace_id is ?1 and seq < ?2 order by seq desc limit ?3",
    )?;
    let limit = query.limit.min(1000) as i64;
    let rows = statement.query_map(params![query.workspace, query.before.unwrap_or(i64::MAX), limit], entry)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    let detail: String = row.get(5)?;
    Ok(AuditEntry {
        seq: row.get(0)?,
        at: row.get(1)?,
        user: row.get(2)?,
        workspace: row.get(3)?,
        action: row.get(4)?,
        detail: serde_json::from_str(&detail).unwrap_or_default(),
    })
}
