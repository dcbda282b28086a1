//! What a window, a tray icon and notifications beside the server need of it, in the same process.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use accounts::Accounts;
use base::id::WorkspaceId;
use base::{Result, Secret};
use bots::desk::{self, Outlook};
use bots::{Workspace, Workspaces};
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::server::Server;

/// Changes that come in a crowd are looked at once.
const PAUSE: Duration = Duration::from_millis(400);
/// What nothing tells of (the disk, a business that was added) is looked at this often.
const LOOK: Duration = Duration::from_secs(60);
/// The same before there is any business: the owner is at the set-up just then.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// The server as seen from the desktop. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    accounts: Accounts,
    workspaces: Workspaces,
    closing: CancellationToken,
    taken_over: CancellationToken,
    update_ready: CancellationToken,
}

impl Server {
    /// What a window beside the server needs of it.
    pub fn desk(&self) -> Desk {
        self.desk.clone()
    }
}

impl Desk {
    pub(crate) fn new(
        accounts: Accounts,
        workspaces: Workspaces,
        closing: CancellationToken,
        taken_over: CancellationToken,
        update_ready: CancellationToken,
    ) -> Self {
        Self { accounts, workspaces, closing, taken_over, update_ready }
    }

    /// The same as [`Server::update_ready`].
    pub async fn update_ready(&self) {
        self.update_ready.cancelled().await;
    }

    /// The same as [`Server::taken_over`], for those who cannot hold the server.
    pub async fn taken_over(&self) {
        self.taken_over.cancelled().await;
    }

    /// A one-time ticket by which a window of this program signs in as the owner; nothing while there is no owner. It is
    /// good for a minute, at `POST /api/session/ticket` of the owner's listener. Never to be written down anywhere.
    ///
    /// # Errors
    /// The data cannot be read.
    pub async fn ticket(&self) -> Result<Option<Secret>> {
        self.accounts.ticket().await
    }

    /// Lets all bots answer, or none.
    ///
    /// # Errors
    /// It could not be written down; some may be switched already.
    pub async fn set_answering(&self, answering: bool) -> Result<()> {
        for ws in self.workspaces.all_open() {
            desk::set_answering(&ws, answering).await?;
        }
        Ok(())
    }

    /// How things stand now.
    pub async fn look(&self) -> Outlook {
        look(&self.workspaces.all_open()).await.unwrap_or_default()
    }

    /// How things stand, once it is known, and again whenever that changed; ends with the server.
    pub fn outlook(&self) -> watch::Receiver<Outlook> {
        let (tell, told) = watch::channel(Outlook::default());
        let desk = self.clone();
        base::task::spawn("desk", async move { desk.follow(&tell).await });
        told
    }

    async fn follow(&self, tell: &watch::Sender<Outlook>) {
        let changed = Arc::new(Notify::new());
        let mut followed = HashSet::new();
        let mut first = true;
        loop {
            let open = self.workspaces.all_open();
            for ws in &open {
                if followed.insert(ws.id) {
                    base::task::spawn("desk-changes", listen(ws.clone(), changed.clone(), self.closing.clone()));
                }
            }
            if let Some(outlook) = look(&open).await {
                tell.send_if_modified(|known| {
                    let news = first || *known != outlook;
                    if news {
                        *known = outlook;
                    }
                    news
                });
                first = false;
            }
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = tell.closed() => return,
                () = changed.notified() => {}
                () = tokio::time::sleep(if followed.is_empty() { FIRST_LOOK } else { LOOK }) => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Everything at a glance; nothing when a business cannot be read just now.
async fn look(open: &[Arc<Workspace>]) -> Option<Outlook> {
    let mut all: Vec<(WorkspaceId, Outlook)> = Vec::new();
    for ws in open {
        match desk::outlook(ws).await {
            Ok(outlook) => all.push((ws.id, outlook)),
            Err(e) => {
                tracing::warn!(workspace = %ws.id, error = ?e, "how things stand could not be read");
                return None;
            }
        }
    }
    all.sort_by_key(|(id, _)| *id);
    Some(Outlook::joined(all.into_iter().map(|(_, outlook)| outlook)))
}

/// Tells of each change of a business that may matter here.
async fn listen(ws: Arc<Workspace>, changed: Arc<Notify>, closing: CancellationToken) {
    let mut changes = ws.db.changes();
    // A task must not keep a business open that everybody else has let go of.
    drop(ws);
    loop {
        let told = tokio::select! {
            () = closing.cancelled() => return,
            told = changes.recv() => told,
        };
        match told {
            Ok(tags) if desk::concerns(&tags) => changed.notify_one(),
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => changed.notify_one(),
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}
