//! Every SQL statement for workspaces and memberships.

use base::id::{UserId, WorkspaceId};
use base::{Result, Time};
use db::Tx;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{Role, WorkspaceInfo};

pub(crate) fn insert(tx: &Tx<'_>, now: Time, workspace: &WorkspaceInfo) -> Result<()> {
    tx.execute(
        "insert into workspace (id, name, created_at) values (?1, ?2, ?3)",
        params![workspace.id, workspace.name, now],
    )?;
    Ok(())
}

pub(crate) fn rename(tx: &Tx<'_>, id: WorkspaceId, name: &str) -> Result<bool> {
    Ok(tx.execute("update workspace set name = ?2 where id = ?1", params![id, name])? > 0)
}

pub(crate) fn insert_membership(
    tx: &Tx<'_>,
    now: Time,
    user: UserId,
    workspace: WorkspaceId,
    role: Role,
) -> Result<()> {
    tx.execute(
        "insert into membership (user_id, workspace_id, role, created_at) values (?1, ?2, ?3, ?4)",
        params![user, workspace, role.name(), now],
    )?;
    Ok(())
}

pub(crate) fn delete_membership(tx: &Tx<'_>, user: UserId, workspace: WorkspaceId) -> Result<bool> {
    Ok(tx.execute("delete from membership where user_id = ?1 and workspace_id = ?2", params![user, workspace])? > 0)
}

pub(crate) fn owners(tx: &Tx<'_>, workspace: WorkspaceId) -> Result<i64> {
    Ok(tx.query_row(
        "select count(*) from membership where workspace_id = ?1 and role = ?2",
        params![workspace, Role::Owner.name()],
        |row| row.get(0),
    )?)
}

/// A business has a few owners.
pub(crate) fn owner_emails(connection: &Connection, workspace: WorkspaceId) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "select u.email from membership m join user u on u.id = m.user_id
         where m.workspace_id = ?1 and m.role = 'owner' order by u.created_at limit 5",
    )?;
    let rows = statement.query_map([workspace], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn all(connection: &Connection) -> Result<Vec<WorkspaceInfo>> {
    let mut statement = connection.prepare_cached("select id, name from workspace order by id limit 1000")?;
    let rows = statement.query_map([], info)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn of_user(connection: &Connection, user: UserId) -> Result<Vec<WorkspaceInfo>> {
    let mut statement = connection.prepare_cached(
        "select w.id, w.name from membership m join workspace w on w.id = m.workspace_id
         where m.user_id = ?1 order by w.id limit 1000",
    )?;
    let rows = statement.query_map([user], info)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn is_member(connection: &Connection, user: UserId, workspace: WorkspaceId) -> Result<bool> {
    Ok(connection
        .prepare_cached("select 1 from membership where user_id = ?1 and workspace_id = ?2")?
        .query_row(params![user, workspace], |_| Ok(()))
        .optional()?
        .is_some())
}

fn info(row: &Row<'_>) -> rusqlite::Result<WorkspaceInfo> {
    Ok(WorkspaceInfo { id: row.get(0)?, name: row.get(1)? })
}
