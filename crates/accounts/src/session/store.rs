//! Every SQL statement for users and sessions.

use base::id::{UserId, Uuid, WorkspaceId};
use base::{Result, Time};
use db::Tx;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Session, UserInfo};
use crate::Role;

/// A session as it was found by a token's hash.
pub(super) struct Found {
    pub(super) session: Session,
    pub(super) rotated_at: Time,
    pub(super) seen_at: Time,
    /// The token was the one before the last rotation.
    pub(super) by_previous: bool,
    pub(super) has_previous: bool,
    /// Absent until the new token has been used.
    pub(super) previous_until: Option<Time>,
}

pub(crate) const FIND: &str = "
    select s.id, u.id, u.name, u.email, m.workspace_id, m.role, s.rotated_at, s.seen_at, s.token_hash <> ?1,
        s.previous_hash is not null, s.previous_until
    from session s
    join user u on u.id = s.user_id
    left join membership m on m.user_id = s.user_id and m.workspace_id = s.workspace_id
    where s.token_hash = ?1 or s.previous_hash = ?1
    limit 1";

pub(super) fn find(connection: &Connection, hash: &[u8; 32]) -> Result<Option<Found>> {
    Ok(connection
        .prepare_cached(FIND)?
        .query_row([hash.as_slice()], |row| {
            let role: Option<String> = row.get(5)?;
            let role = role.and_then(|name| Role::from_name(&name));
            Ok(Found {
                session: Session {
                    id: row.get(0)?,
                    user: UserInfo { id: row.get(1)?, name: row.get(2)?, email: row.get(3)? },
                    workspace: row.get(4)?,
                    role,
                },
                rotated_at: row.get(6)?,
                seen_at: row.get(7)?,
                by_previous: row.get(8)?,
                has_previous: row.get(9)?,
                previous_until: row.get(10)?,
            })
        })
        .optional()?)
}

pub(super) fn touch(tx: &Tx<'_>, id: Uuid, now: Time, previous_until: Option<Time>) -> Result<()> {
    tx.prepare_cached("update session set seen_at = ?2, previous_until = coalesce(previous_until, ?3) where id = ?1")?
        .execute(params![id, now, previous_until])?;
    Ok(())
}

/// The current token becomes the previous one.
pub(super) fn rotate(tx: &Tx<'_>, id: Uuid, now: Time, hash: &[u8; 32]) -> Result<()> {
    tx.execute(
        "update session set previous_hash = token_hash, previous_until = null, token_hash = ?2, rotated_at = ?3,
            seen_at = ?3
         where id = ?1",
        params![id, hash.as_slice(), now],
    )?;
    Ok(())
}

pub(super) fn insert_session(
    tx: &Tx<'_>,
    now: Time,
    user: UserId,
    workspace: Option<WorkspaceId>,
    hash: &[u8; 32],
) -> Result<Uuid> {
    let id = base::id::fresh();
    tx.execute(
        "insert into session (id, user_id, workspace_id, token_hash, created_at, rotated_at, seen_at)
         values (?1, ?2, ?3, ?4, ?5, ?5, ?5)",
        params![id, user, workspace, hash.as_slice(), now],
    )?;
    Ok(id)
}

pub(super) fn set_workspace(tx: &Tx<'_>, id: Uuid, workspace: WorkspaceId) -> Result<()> {
    tx.execute("update session set workspace_id = ?2 where id = ?1", params![id, workspace])?;
    Ok(())
}

pub(super) fn delete_by_hash(tx: &Tx<'_>, hash: &[u8; 32]) -> Result<()> {
    tx.execute("delete from session where token_hash = ?1 or previous_hash = ?1", [hash.as_slice()])?;
    Ok(())
}

pub(super) fn delete_of_user(tx: &Tx<'_>, user: UserId, keep: Option<Uuid>) -> Result<()> {
    tx.execute("delete from session where user_id = ?1 and id is not ?2", params![user, keep])?;
    Ok(())
}

pub(super) fn delete_idle(tx: &Tx<'_>, before: Time) -> Result<()> {
    tx.execute("delete from session where seen_at <= ?1", [before])?;
    Ok(())
}

/// Deletes all but the `count` sessions of a user that were seen last.
pub(super) fn keep_latest(tx: &Tx<'_>, user: UserId, count: usize) -> Result<()> {
    tx.execute(
        "delete from session where id in (
            select id from session where user_id = ?1 order by seen_at desc limit -1 offset ?2)",
        params![user, count as i64],
    )?;
    Ok(())
}

pub(super) fn any_user(connection: &Connection) -> Result<bool> {
    Ok(connection.prepare_cached("select exists (select 1 from user)")?.query_row([], |row| row.get(0))?)
}

pub(super) fn insert_user(tx: &Tx<'_>, now: Time, user: &UserInfo, password: &str) -> Result<()> {
    tx.execute(
        "insert into user (id, name, email, password, created_at, password_changed_at) values (?1, ?2, ?3, ?4, ?5, ?5)",
        params![user.id, user.name, user.email, password, now],
    )?;
    Ok(())
}

pub(super) fn set_password(tx: &Tx<'_>, now: Time, user: UserId, password: &str) -> Result<()> {
    tx.execute("update user set password = ?2, password_changed_at = ?3 where id = ?1", params![user, password, now])?;
    Ok(())
}

/// The user with this address (in lower case) and their password's hash.
pub(super) fn user_by_email(connection: &Connection, email: &str) -> Result<Option<(UserInfo, String)>> {
    Ok(connection
        .prepare_cached("select id, name, email, password from user where email = ?1")?
        .query_row([email], |row| {
            Ok((UserInfo { id: row.get(0)?, name: row.get(1)?, email: row.get(2)? }, row.get(3)?))
        })
        .optional()?)
}

/// The user, when there is exactly one.
pub(super) fn only_user(connection: &Connection) -> Result<Option<UserInfo>> {
    let mut statement = connection.prepare_cached("select id, name, email from user limit 2")?;
    let rows = statement
        .query_map([], |row| Ok(UserInfo { id: row.get(0)?, name: row.get(1)?, email: row.get(2)? }))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(<[UserInfo; 1]>::try_from(rows).ok().map(|[only]| only))
}

pub(super) fn user(connection: &Connection, id: UserId) -> Result<Option<UserInfo>> {
    Ok(connection
        .prepare_cached("select id, name, email from user where id = ?1")?
        .query_row([id], |row| Ok(UserInfo { id: row.get(0)?, name: row.get(1)?, email: row.get(2)? }))
        .optional()?)
}

/// The user whose account is the oldest: the owner.
pub(super) fn first_user(connection: &Connection) -> Result<Option<UserInfo>> {
    Ok(connection
        .prepare_cached("select id, name, email from user order by created_at, id limit 1")?
        .query_row([], |row| Ok(UserInfo { id: row.get(0)?, name: row.get(1)?, email: row.get(2)? }))
        .optional()?)
}
