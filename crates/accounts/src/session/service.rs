//! The rules of signing in, rotation and expiry.

use std::time::Duration;

use base::id::{UserId, Uuid, WorkspaceId};
use base::{Error, Result, Secret, Time};
use sha2::{Digest, Sha256};
use web::{ApiResult, ClientIp};

use super::store::{self, Found};
use super::{Session, SessionInfo, UserInfo};
use crate::{Accounts, FIRST_WORKSPACE_NAME, audit, workspaces};

pub(crate) const IDLE_EXPIRY: Duration = Duration::from_secs(30 * 86_400);
const ROTATE_EVERY: Duration = Duration::from_secs(86_400);
/// The token before a rotation stays good this long after the new one was first used.
const PREVIOUS_GRACE: Duration = Duration::from_secs(60);
/// The time of the last use is written down this often.
const SEEN_EVERY: Duration = Duration::from_secs(3600);
/// The oldest make room when somebody signs in more often.
const SESSIONS_PER_USER: usize = 50;

pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The session behind a token, when it is still good.
pub(super) async fn find(accounts: &Accounts, token: &str) -> Result<Option<Session>> {
    Ok(find_row(accounts, token).await?.map(|found| found.session))
}

async fn find_row(accounts: &Accounts, token: &str) -> Result<Option<Found>> {
    let now = accounts.clock.now();
    let hash = hash(token);
    let Some(found) = accounts.db.read(move |c| store::find(c, &hash)).await? else { return Ok(None) };
    let expired = found.seen_at.plus(IDLE_EXPIRY) <= now;
    let replaced = found.by_previous && found.previous_until.is_some_and(|until| until <= now);
    if expired || replaced {
        return Ok(None);
    }
    let first_use = !found.by_previous && found.has_previous && found.previous_until.is_none();
    if first_use || found.seen_at.plus(SEEN_EVERY) <= now {
        let (id, until) = (found.session.id, first_use.then(|| now.plus(PREVIOUS_GRACE)));
        accounts.db.write(move |tx| store::touch(tx, id, now, until)).await?;
    }
    Ok(Some(found))
}

/// What the interface starts from, and a new token when the old one has served its day.
pub(super) async fn info(accounts: &Accounts, token: Option<String>) -> Result<(SessionInfo, Option<String>)> {
    let now = accounts.clock.now();
    let found = match token {
        Some(token) => find_row(accounts, &token).await?,
        None => None,
    };
    let Some(found) = found else {
        let setup_needed = !accounts.db.read(store::any_user).await?;
        return Ok((SessionInfo { setup_needed, user: None, workspace: None, workspaces: Vec::new() }, None));
    };
    let fresh = (!found.by_previous && found.rotated_at.plus(ROTATE_EVERY) <= now).then(base::random::token);
    if let Some(fresh) = &fresh {
        let (id, hash) = (found.session.id, hash(fresh));
        accounts.db.write(move |tx| store::rotate(tx, id, now, &hash)).await?;
    }
    Ok((describe(accounts, found.session).await?, fresh))
}

pub(super) async fn describe(accounts: &Accounts, session: Session) -> Result<SessionInfo> {
    let user = session.user.id;
    let workspaces = accounts.db.read(move |c| workspaces::store::of_user(c, user)).await?;
    let workspace = workspaces.iter().find(|w| Some(w.id) == session.workspace).cloned();
    Ok(SessionInfo { setup_needed: false, user: Some(session.user), workspace, workspaces })
}

/// Creates the owner and the first business, once. Of two at the same time, one is refused.
pub(super) async fn set_up(
    accounts: &Accounts,
    name: String,
    email: &str,
    password: Secret,
) -> Result<(SessionInfo, String)> {
    let refused = || Error::conflict("This program has an owner already. Please sign in.");
    if accounts.db.read(store::any_user).await? {
        return Err(refused());
    }
    accounts.gate.pass()?;
    let password = accounts.hasher.hash(password).await?;
    let now = accounts.clock.now();
    let token = base::random::token();
    let hash = hash(&token);
    let user = UserInfo { id: UserId::fresh(), name: name.trim().to_owned(), email: normal(email) };
    let gate = accounts.gate.clone();
    let info = accounts
        .db
        .write(move |tx| {
            if store::any_user(tx)? {
                return Err(refused());
            }
            gate.pass()?;
            store::insert_user(tx, now, &user, &password)?;
            let workspace = workspaces::create(tx, now, user.id, FIRST_WORKSPACE_NAME)?;
            store::insert_session(tx, now, user.id, Some(workspace.id), &hash)?;
            audit::append(tx, now, Some(user.id), None, "user.set_up", &serde_json::json!({}))?;
            Ok(SessionInfo {
                setup_needed: false,
                user: Some(user),
                workspace: Some(workspace.clone()),
                workspaces: vec![workspace],
            })
        })
        .await?;
    Ok((info, token))
}

/// Signs in. A wrong password and an unknown address get the same answer after the same time.
pub(super) async fn sign_in(
    accounts: &Accounts,
    client: ClientIp,
    email: &str,
    password: Secret,
    old_token: Option<String>,
) -> ApiResult<(SessionInfo, String)> {
    let email = normal(email);
    accounts.limits.per_client.check(client)?;
    accounts.limits.per_email.check(&email)?;
    accounts.limits.per_client_and_email.check((client, &email))?;
    accounts.hasher.warm_up().await?;
    let wanted = email.clone();
    let found = accounts.db.read(move |c| store::user_by_email(c, &wanted)).await?;
    let (user, stored) = found.map_or((None, None), |(user, stored)| (Some(user), Some(stored)));
    let fits = accounts.hasher.verify(password, stored).await?;
    let Some(user) = user.filter(|_| fits) else {
        tracing::warn!(client = %client.0, "a sign-in was refused");
        return Err(Error::new(
            base::ErrorCode::Unauthorized,
            "This e-mail address and password do not belong together. Please try again.",
        )
        .into());
    };
    Ok(open(accounts, user, old_token, "session.create").await?)
}

/// Opens a session for somebody who has shown who they are; `action` is what the audit trail calls it. A session that was
/// open in this browser ends: nobody carries one over into another account.
pub(super) async fn open(
    accounts: &Accounts,
    user: UserInfo,
    old_token: Option<String>,
    action: &'static str,
) -> Result<(SessionInfo, String)> {
    let now = accounts.clock.now();
    let token = base::random::token();
    let (hash, old) = (hash(&token), old_token.as_deref().map(self::hash));
    let session = accounts
        .db
        .write(move |tx| {
            if let Some(old) = old {
                store::delete_by_hash(tx, &old)?;
            }
            store::delete_idle(tx, now.minus(IDLE_EXPIRY))?;
            store::keep_latest(tx, user.id, SESSIONS_PER_USER - 1)?;
            let workspace = workspaces::store::of_user(tx, user.id)?.first().map(|w| w.id);
            let id = store::insert_session(tx, now, user.id, workspace, &hash)?;
            audit::append(tx, now, Some(user.id), None, action, &serde_json::json!({}))?;
            Ok(Session { id, user, workspace, role: None })
        })
        .await?;
    Ok((describe(accounts, session).await?, token))
}

pub(super) async fn sign_out(accounts: &Accounts, token: &str) -> Result<()> {
    let hash = hash(token);
    accounts.db.write(move |tx| store::delete_by_hash(tx, &hash)).await
}

/// Looks at another business from now on.
pub(super) async fn choose(accounts: &Accounts, mut session: Session, to: WorkspaceId) -> Result<SessionInfo> {
    let (id, user) = (session.id, session.user.id);
    accounts
        .db
        .write(move |tx| {
            if !workspaces::store::is_member(tx, user, to)? {
                return Err(Error::not_found("business", to));
            }
            store::set_workspace(tx, id, to)
        })
        .await?;
    session.workspace = Some(to);
    describe(accounts, session).await
}

/// Changes the password and ends all other sessions of this person.
pub(super) async fn change_password(
    accounts: &Accounts,
    client: ClientIp,
    session: Session,
    current: Secret,
    new: Secret,
) -> ApiResult<()> {
    let user = session.user.id;
    accounts.limits.per_client_and_email.check((client, &session.user.email))?;
    let email = session.user.email.clone();
    let stored = accounts.db.read(move |c| store::user_by_email(c, &email)).await?.map(|(_, stored)| stored);
    if !accounts.hasher.verify(current, stored).await? {
        return Err(web::ApiError::field("current", "This is not your current password."));
    }
    replace_password(accounts, user, new, Some(session.id)).await?;
    Ok(())
}

async fn replace_password(accounts: &Accounts, user: UserId, new: Secret, keep: Option<Uuid>) -> Result<()> {
    let password = accounts.hasher.hash(new).await?;
    let now: Time = accounts.clock.now();
    accounts
        .db
        .write(move |tx| {
            store::set_password(tx, now, user, &password)?;
            store::delete_of_user(tx, user, keep)?;
            audit::append(tx, now, Some(user), None, "user.set_password", &serde_json::json!({}))
        })
        .await
}

fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}

impl Accounts {
    /// Whether the first page of the set-up is still to be shown.
    pub async fn setup_needed(&self) -> Result<bool> {
        Ok(!self.db.read(store::any_user).await?)
    }

    /// Sets a new password from the command line and ends all sessions of that person. Without an address, there must
    /// be exactly one user. Returns the address.
    pub async fn reset_password(&self, email: Option<&str>, new: Secret) -> Result<String> {
        crate::password::check(&new).map_err(|why| Error::invalid(format!("The password is not accepted: {why}.")))?;
        let user = match email {
            Some(email) => {
                let email = normal(email);
                self.db.read(move |c| Ok(store::user_by_email(c, &email)?.map(|(user, _)| user))).await?
            }
            None => self.db.read(store::only_user).await?,
        };
        let Some(user) = user else {
            return Err(Error::invalid("There is no such user. Please name the e-mail address of the account."));
        };
        replace_password(self, user.id, new, None).await?;
        Ok(user.email)
    }
}
