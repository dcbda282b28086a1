//! Who may do what: the owner's account, sessions, workspaces and memberships, and the audit trail.
//!
//! The program's state holds one [`Accounts`]. Handlers take [`Session`] when somebody must be signed in, and
//! [`Member`] when they act inside a business; the first line of each is `member.require(Permission::...)?`.

mod audit;
mod member;
mod password;
mod session;
mod workspaces;

use base::Clock;
use db::Db;

pub use audit::{AuditEntry, AuditQuery};
pub use member::{Member, Permission, Role};
pub use session::{
    PasswordChange, Session, SessionInfo, SetUpHeld, Setup, SignIn, TicketRedemption, UserInfo, WorkspaceChoice,
    WorkspaceInfo, cookie_name, routes,
};
pub use workspaces::FIRST_WORKSPACE_NAME;

use crate::password::Hasher;
use crate::session::{Gate, Limits, Tickets};

/// Users, sessions, workspaces and the audit trail, all in the machine's own database. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) hasher: Hasher,
    pub(crate) limits: Limits,
    pub(crate) tickets: Tickets,
    pub(crate) gate: Gate,
}

impl Accounts {
    /// `db` is the one with [`db::Schema::System`].
    pub fn new(db: Db, clock: Clock) -> Self {
        Self {
            db,
            clock,
            hasher: Hasher::new(),
            limits: Limits::new(),
            tickets: Tickets::default(),
            gate: Gate::default(),
        }
    }
}

#[cfg(test)]
mod tests;
