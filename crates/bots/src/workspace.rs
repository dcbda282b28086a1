//! One open business: its file, its knowledge, its background work; and the register of all that are open.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use base::id::{ChannelId, WorkspaceId};
use base::net::Reach;
use base::{Clock, Error, Result, Time, Vault};
use db::{Db, Options, Schema};
use knowledge::Knowledge;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::address::{Address, Proofs};
use crate::channels::Channels;
use crate::models::{Models, Writer};
use crate::runs::{Flows, Traffic};
use crate::sample::SampleBusiness;
use crate::sources::Cancels;
use crate::{address, inbound, outbox, work};

/// Tunnel programs end quickly; Tailscale is asked two things first.
const TUNNEL_END: Duration = Duration::from_secs(20);

/// What all businesses of this machine share.
#[derive(Clone)]
pub struct Machine {
    pub data: PathBuf,
    pub clock: Clock,
    pub vault: Vault,
    /// Local and cloud models.
    pub models: Models,
    /// Where addresses typed in by people may lead.
    pub reach: Reach,
    /// The Graph API, with its version; another one in tests, or a proxy.
    pub graph_url: String,
    /// The public listener as the outside would see it on this machine, for the preview of the web chat.
    pub public_url: String,
    pub timing: Timing,
    /// The programs that give this machine a public address.
    pub tunnels: address::Tunnels,
    /// Who is written to about a business.
    pub owners: Owners,
    /// When the program was last seen before it ended without warning, if that is how it ended.
    pub cut_off: Option<Time>,
    pub database: Options,
    /// The business that ships with the program, for a first look.
    pub sample: SampleBusiness,
    /// The web chat's script.
    pub widget: bytes::Bytes,
}

/// Waits that tests shorten.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long the provider has to tell us that it got a message after all.
    pub doubt: Duration,
    /// Between two checks of a public address that works.
    pub address_check: Duration,
    /// So long out of reach, and the owner hears of it.
    pub address_alarm: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            doubt: Duration::from_secs(120),
            address_check: Duration::from_secs(5 * 60),
            address_alarm: Duration::from_secs(10 * 60),
        }
    }
}

/// Finds who is written to about a business.
#[derive(Clone, Default)]
pub struct Owners(Option<accounts::Accounts>);

impl Owners {
    pub fn new(accounts: accounts::Accounts) -> Self {
        Self(Some(accounts))
    }

    pub(crate) async fn of(&self, workspace: WorkspaceId) -> Vec<String> {
        let Some(accounts) = &self.0 else { return Vec::new() };
        accounts.owner_emails(workspace).await.unwrap_or_else(|e| {
            tracing::error!(error = ?e, "the owners of a business could not be found");
            Vec::new()
        })
    }
}

/// A reply under way, for those who watch; never stored.
#[derive(Clone, Debug)]
pub struct Live {
    pub conversation: base::id::ConversationId,
    pub kind: LiveKind,
}

/// What is seen of a reply before it is there.
#[derive(Clone, Debug)]
pub enum LiveKind {
    Typing(bool),
    /// More words of the reply that is being written.
    Delta(String),
}

/// One open business.
pub struct Workspace {
    pub id: WorkspaceId,
    pub folder: PathBuf,
    pub db: Db,
    pub clock: Clock,
    pub vault: Vault,
    pub knowledge: Knowledge,
    pub models: Models,
    pub reach: Reach,
    pub graph_url: String,
    pub public_url: String,
    pub timing: Timing,
    pub(crate) owners: Owners,
    pub sample: SampleBusiness,
    pub widget: bytes::Bytes,
    pub jobs: jobs::Runner,
    pub live: broadcast::Sender<Live>,
    pub(crate) channels: Channels,
    pub(crate) address: Address,
    /// Ends when nothing leads here from outside any more.
    pub(crate) keeper: Mutex<Option<JoinHandle<()>>>,
    pub(crate) holder: crate::holder::Holder,
    pub(crate) flows: Flows,
    pub(crate) traffic: Traffic,
    pub(crate) cancels: Cancels,
    pub(crate) writer: Writer,
    pub(crate) closing: CancellationToken,
}

impl Workspace {
    /// Opens the business's folder. Nothing runs until [`Workspace::start`].
    pub async fn open(machine: &Machine, id: WorkspaceId) -> Result<Arc<Workspace>> {
        let folder = machine.data.join("workspaces").join(id.to_string());
        let (path, options) = (folder.join("workspace.db"), machine.database.clone());
        let db = base::task::blocking(move || Db::open(&path, Schema::Workspace, options)).await??;
        crate::holder::arrive(&db, &machine.data, machine.clock.now()).await?;
        let (search, media) = (folder.join("search"), folder.join("media"));
        let knowledge = Knowledge::open(db.clone(), &search, &media, machine.models.embed()).await?;
        let ws = Arc::new_cyclic(|weak| Workspace {
            id,
            db: db.clone(),
            clock: machine.clock.clone(),
            vault: machine.vault.clone(),
            knowledge,
            models: machine.models.clone(),
            reach: machine.reach,
            graph_url: machine.graph_url.clone(),
            public_url: machine.public_url.clone(),
            timing: machine.timing,
            owners: machine.owners.clone(),
            sample: machine.sample,
            widget: machine.widget.clone(),
            jobs: jobs::Runner::new(db, machine.clock.clone(), work::registry(weak.clone())),
            live: broadcast::channel(256).0,
            channels: Channels::default(),
            address: Address::default(),
            keeper: Mutex::default(),
            holder: crate::holder::Holder::default(),
            flows: Flows::default(),
            traffic: Traffic::default(),
            cancels: Cancels::default(),
            writer: Writer::new(machine.clock.clone()),
            closing: CancellationToken::new(),
            folder,
        });
        ws.writer.set_up(&ws)?;
        let now = ws.clock.now();
        ws.db.write(move |tx| crate::flows::draw_what_there_is(tx, now)).await?;
        Ok(ws)
    }

    /// Starts taking in, answering and sending.
    pub fn start(self: &Arc<Self>) {
        self.jobs.start();
        base::task::spawn("inbound", inbound::run_worker(self.clone()));
        base::task::spawn("outbox", outbox::run_sender(self.clone()));
        base::task::spawn("holder", crate::holder::run(self.clone()));
        base::task::spawn("receipts", outbox::run_receipts(self.clone()));
        base::task::spawn("housekeeping", work::run_housekeeping(self.clone()));
    }

    /// Stops taking on work and waits for what is under way.
    pub async fn close(&self) {
        self.closing.cancel();
        self.jobs.shutdown().await;
        // A tunnel that goes on would lead the world to whatever listens here next.
        let keeper = self.keeper.lock().ok().and_then(|mut keeper| keeper.take());
        if let Some(keeper) = keeper
            && tokio::time::timeout(TUNNEL_END, keeper).await.is_err()
        {
            tracing::warn!(workspace = %self.id, "the tunnel did not end in time");
        }
        if let Err(e) = crate::runs::write_traffic(self).await {
            tracing::error!(error = ?e, "the last counts were not written");
        }
    }

    pub fn media(&self) -> PathBuf {
        self.folder.join("media")
    }
}

/// The businesses of this machine, opened when first asked for, and which channel belongs to which.
#[derive(Clone)]
pub struct Workspaces {
    machine: Arc<Machine>,
    open: Arc<RwLock<HashMap<WorkspaceId, Arc<Workspace>>>>,
    /// Held while a business is being opened, so that none is opened twice.
    opening: Arc<tokio::sync::Mutex<()>>,
    channels: Arc<RwLock<HashMap<ChannelId, WorkspaceId>>>,
    proofs: Proofs,
    /// Nothing runs in any business before this is cancelled.
    held: CancellationToken,
}

impl Workspaces {
    pub fn new(machine: Machine) -> Self {
        Self {
            machine: Arc::new(machine),
            open: Arc::default(),
            opening: Arc::default(),
            channels: Arc::default(),
            proofs: Proofs::default(),
            held: already(),
        }
    }

    /// Businesses are opened at once, but nothing runs in them until `held` is cancelled.
    pub fn held_until(self, held: CancellationToken) -> Self {
        Self { held, ..self }
    }

    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(crate) fn proofs(&self) -> &Proofs {
        &self.proofs
    }

    fn opened(&self, id: WorkspaceId) -> Result<Option<Arc<Workspace>>> {
        Ok(self.open.read().map_err(poisoned)?.get(&id).cloned())
    }

    /// The business, opened and started if need be.
    pub async fn get(&self, id: WorkspaceId) -> Result<Arc<Workspace>> {
        self.get_after(id, None).await
    }

    /// The same; when the program was `cut_off`, the owner is told before the work goes on.
    async fn get_after(&self, id: WorkspaceId, cut_off: Option<Time>) -> Result<Arc<Workspace>> {
        if let Some(ws) = self.opened(id)? {
            return Ok(ws);
        }
        let _one_at_a_time = self.opening.lock().await;
        if let Some(ws) = self.opened(id)? {
            return Ok(ws);
        }
        let ws = Workspace::open(&self.machine, id).await?;
        for channel in ws.db.read(crate::channels::store::ids).await? {
            self.register_channel(channel, id)?;
        }
        if let Some(last_seen) = cut_off
            && let Err(e) = crate::notices::cut_off::tell(&ws, last_seen).await
        {
            tracing::error!(workspace = %id, error = ?e, "the owner could not be told of the end without warning");
        }
        if let Err(e) = crate::bots::first::make(&ws).await {
            tracing::error!(workspace = %id, error = ?e, "the bots to begin with could not be made");
        }
        let keep = address::keep(ws.clone(), self.proofs.clone(), self.machine.tunnels.clone());
        let (held, held_ws) = (self.held.clone(), (!self.held.is_cancelled()).then(|| ws.clone()));
        if held_ws.is_none() {
            ws.start();
        }
        let keeper = base::task::spawn("address", async move {
            if let Some(ws) = held_ws {
                tokio::select! {
                    () = held.cancelled() => ws.start(),
                    () = ws.closing.cancelled() => return,
                }
            }
            keep.await;
        });
        *ws.keeper.lock().map_err(poisoned)? = Some(keeper);
        self.open.write().map_err(poisoned)?.insert(id, ws.clone());
        Ok(ws)
    }

    /// A business that is open, for requests from the world: they open none.
    pub(crate) fn known(&self, id: WorkspaceId) -> Result<Arc<Workspace>> {
        self.opened(id)?.ok_or_else(|| Error::not_found("business", id))
    }

    /// Opens every business, so that all their channels answer.
    pub async fn open_all(&self, ids: &[WorkspaceId]) {
        for &id in ids {
            if let Err(e) = self.get_after(id, self.machine.cut_off).await {
                tracing::error!(workspace = %id, error = ?e, "a business could not be opened");
            }
        }
    }

    /// The computer woke. Time asleep is no time in which anybody could have told us anything.
    pub async fn woke(&self, asleep_for: Duration) {
        for ws in self.all_open() {
            ws.address.slept(asleep_for, ws.clock.now());
        }
        self.look_again().await;
    }

    /// Looks at once at everything that may have changed while the computer slept, or with its network: the address,
    /// what is due, what waits to be sent, and who answers for each number.
    pub async fn look_again(&self) {
        for ws in self.all_open() {
            ws.channels.reconnect();
            ws.address.look_again();
            crate::holder::look_again(&ws);
            let woken = ws.db.write(|tx| {
                for tag in [crate::runs::TAG, inbound::TAG, outbox::TAG, outbox::AGAIN, jobs::TAG] {
                    tx.publish(tag);
                }
                Ok(())
            });
            if let Err(e) = woken.await {
                tracing::error!(error = ?e, workspace = %ws.id, "the work could not be woken");
            }
        }
    }

    /// The business that a channel belongs to.
    pub async fn of_channel(&self, channel: ChannelId) -> Result<Arc<Workspace>> {
        let id = self.channels.read().map_err(poisoned)?.get(&channel).copied();
        self.get(id.ok_or_else(|| Error::not_found("channel", channel))?).await
    }

    pub(crate) fn register_channel(&self, channel: ChannelId, workspace: WorkspaceId) -> Result<()> {
        self.channels.write().map_err(poisoned)?.insert(channel, workspace);
        Ok(())
    }

    pub fn all_open(&self) -> Vec<Arc<Workspace>> {
        self.open.read().map(|open| open.values().cloned().collect()).unwrap_or_default()
    }

    /// Closes every business, waiting for the work under way.
    pub async fn close(&self) {
        for ws in self.all_open() {
            ws.close().await;
        }
    }
}

fn already() -> CancellationToken {
    let token = CancellationToken::new();
    token.cancel();
    token
}

fn poisoned<T>(_: std::sync::PoisonError<T>) -> Error {
    Error::internal("a lock was poisoned")
}
