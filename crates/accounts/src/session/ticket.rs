//! One-time tickets: how a window on this machine gets the owner's session without a second login.
//!
//! A ticket lives in memory only, is good once and for a minute, and only its hash is kept.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::id::UserId;
use base::{Error, Result, Secret, Time};

use super::service::{self, hash};
use super::{SessionInfo, store};
use crate::Accounts;

/// A window redeems its ticket as soon as its page is there.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// More are never open at a time: the oldest makes room.
const OPEN: usize = 8;

/// The tickets that were issued and not redeemed yet.
#[derive(Clone, Default)]
pub(crate) struct Tickets(Arc<Mutex<Vec<Ticket>>>);

struct Ticket {
    hash: [u8; 32],
    user: UserId,
    until: Time,
}

impl Tickets {
    fn issue(&self, user: UserId, now: Time) -> Result<Secret> {
        let ticket = base::random::token();
        let mut open = self.0.lock().map_err(|_| Error::internal("a lock was poisoned"))?;
        open.retain(|t| t.until > now);
        if open.len() >= OPEN {
            open.remove(0);
        }
        open.push(Ticket { hash: hash(&ticket), user, until: now.plus(GOOD_FOR) });
        Ok(Secret::new(ticket))
    }

    /// Whose ticket it is; good or not, it is gone.
    fn redeem(&self, ticket: &Secret, now: Time) -> Option<UserId> {
        let hash = hash(ticket.expose());
        let mut open = self.0.lock().ok()?;
        let place = open.iter().position(|t| t.hash == hash)?;
        let ticket = open.remove(place);
        (ticket.until > now).then_some(ticket.user)
    }
}

/// Opens a session for whoever the ticket was issued for.
pub(super) async fn redeem(
    accounts: &Accounts,
    ticket: Secret,
    old_token: Option<String>,
) -> Result<(SessionInfo, String)> {
    let user = accounts.tickets.redeem(&ticket, accounts.clock.now());
    let user = match user {
        Some(user) => accounts.db.read(move |c| store::user(c, user)).await?,
        None => None,
    };
    let Some(user) = user else {
        return Err(Error::new(
            base::ErrorCode::Unauthorized,
            "This window's key was used already or is too old. Please sign in.",
        ));
    };
    service::open(accounts, user, old_token, "session.create_by_ticket").await
}

impl Accounts {
    /// A ticket for a session of the owner, or of the first of several; nothing while there is none. For whoever runs
    /// this program's own window, never for the network.
    pub async fn ticket(&self) -> Result<Option<Secret>> {
        let owner = self.db.read(store::first_user).await?;
        owner.map(|owner| self.tickets.issue(owner.id, self.clock.now())).transpose()
    }
}
