//! The server: opens the data, starts the work, listens twice, and ends in order.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use accounts::Accounts;
use axum::Router;
use base::net::Reach;
use base::{Clock, Error, Result, Vault};
use bots::{AppState, Machine, Models, Owners, Timing, Tunnels, Workspaces};
use db::{Db, Schema};
use ops::{Check, Health, Measures};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::computer::{Autostart, Computer};
use crate::config::Config;
use crate::desk::Desk;
use crate::updating::{self, Updater};
use crate::{brand, contract, doctor, interface, moving, ports, sample};

/// Requests under way have this long to end once the program is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// The running program.
pub struct Server {
    pub admin_address: SocketAddr,
    pub public_address: SocketAddr,
    pub(crate) desk: Desk,
    pub(crate) workspaces: Workspaces,
    closing: CancellationToken,
    taken_over: CancellationToken,
    update_ready: CancellationToken,
    listeners: Vec<tokio::task::JoinHandle<()>>,
    wakes: broadcast::Sender<machine::wake::Woke>,
    lock: Arc<machine::Lock>,
    computer: Computer,
}

impl Server {
    /// Starts on the configured folder and ports; ready when this returns.
    pub async fn start(config: Config) -> Result<Server> {
        Self::begin(config, Clock::System, None).await
    }

    /// The same by another clock.
    pub async fn start_with(config: Config, clock: Clock) -> Result<Server> {
        Self::begin(config, clock, None).await
    }

    /// The same for a program that can switch whether it starts with the computer.
    pub async fn start_with_switch(config: Config, autostart: Arc<dyn Autostart>) -> Result<Server> {
        Self::begin(config, Clock::System, Some(autostart)).await
    }

    async fn begin(config: Config, clock: Clock, autostart: Option<Arc<dyn Autostart>>) -> Result<Server> {
        base::net::install_tls();
        if let Some(folder) = brand::Brand::current().templates() {
            bots::offer_flows_of(folder);
        }
        bots::begin_with(brand::Brand::current().bots.clone());
        let lock = Arc::new(machine::take(&config.data, config.kind, &clock)?);
        let config = if moving::settle(&config.data)? { config.anew()? } else { config };
        let (admin, public) = ports::open(&config).await?;
        let admin_address = admin.local_addr()?;
        let public_address = public.local_addr()?;

        let database = db::Options { min_free_bytes: config.min_free_mb << 20, ..db::Options::default() };
        let system = Db::open(&config.data.join("system.db"), Schema::System, database.clone())?;
        let accounts = Accounts::new(system.clone(), clock.clone());
        let workspaces = Workspaces::new(Machine {
            data: config.data.clone(),
            clock: clock.clone(),
            vault: Vault::open(&config.data.join("secret.key"))?,
            models: Models::with_shipped(config.models_folder(), brand::shipped_models(), config.models_hub.as_deref()),
            reach: if config.allow_private_addresses { Reach::Anywhere } else { Reach::Public },
            graph_url: config.graph_url.clone(),
            public_url: format!("http://{public_address}"),
            timing: Timing {
                doubt: Duration::from_millis(config.doubt_ms),
                address_check: Duration::from_millis(config.address_check_ms),
                address_alarm: Duration::from_millis(config.address_alarm_ms),
            },
            tunnels: tunnels(&config, public_address, &clock),
            owners: Owners::new(accounts.clone()),
            cut_off: lock.recovered().map(|recovered| recovered.last_seen),
            database,
            sample: sample::SAMPLE,
            widget: interface::widget().into(),
        })
        .held_until(update::held());
        let ids: Vec<_> = accounts.workspaces().await?.into_iter().map(|w| w.id).collect();
        workspaces.open_all(&ids).await;
        // One that was damaged before does not keep the version away that may mend it.
        let wanted = update::Place::new(&config.data).state().businesses.unwrap_or(ids.len()).min(ids.len());
        if updating::is_tried() && workspaces.all_open().len() < wanted {
            return Err(Error::unavailable("This version cannot open all of the data."));
        }

        let closing = CancellationToken::new();
        let (taken_over, update_ready) = (CancellationToken::new(), CancellationToken::new());
        let desk =
            Desk::new(accounts.clone(), workspaces.clone(), closing.clone(), taken_over.clone(), update_ready.clone());
        let updater = Updater::new(&config, clock.clone(), workspaces.clone(), update_ready.clone());
        updater.start(closing.clone());
        let state = AppState { accounts: accounts.clone(), workspaces: workspaces.clone() };
        let mover = moving::Mover::new(&config, clock.clone(), taken_over.clone());
        let computer = Computer::start(&config.data, autostart);
        let listening = Some(doctor::Listening { admin: admin_address, public: public_address });
        let running = Some(workspaces.clone());
        let site = doctor::Site { config: config.clone(), clock: clock.clone(), listening, running };
        let listeners = vec![
            listen(
                "interface",
                admin,
                admin_router(&config, state, &system, mover, site, computer.clone(), updater)?,
                closing.clone(),
            ),
            listen("public", public, public_router(workspaces.clone()), closing.clone()),
        ];
        if config.sample {
            let load = load_sample(accounts, workspaces.clone(), system, closing.clone());
            base::task::spawn("sample", async move {
                update::held().cancelled_owned().await;
                load.await;
            });
        }
        lock.tell(admin_address);
        let wakes = machine::wake::watch(clock, closing.clone(), heartbeat(&lock));
        let networks = machine::network::watch(closing.clone());
        base::task::spawn("look-again", look_again(workspaces.clone(), wakes.subscribe(), networks.subscribe()));
        tracing::info!(%admin_address, %public_address, "ready");
        Ok(Server {
            admin_address,
            public_address,
            desk,
            workspaces,
            closing,
            taken_over,
            update_ready,
            listeners,
            wakes,
            lock,
            computer,
        })
    }

    /// What the last program on the folder left behind, when it did not end in order.
    pub fn recovered(&self) -> Option<machine::Recovered> {
        self.lock.recovered()
    }

    /// The same for somebody in front of this computer, by its clock.
    pub fn recovered_in_words(&self) -> Option<String> {
        let seen = self.recovered()?.last_seen.to_jiff().to_zoned(jiff::tz::TimeZone::system());
        let seen = seen.strftime("%-d %B, %H:%M");
        Some(format!(
            "It ended without warning at about {seen}. Nothing that had come in is lost; Home says what was waiting."
        ))
    }

    /// Resolves when the data of another computer was taken over: the program is to be shut down, [`moving::let_go`] to
    /// be waited for, and a new one started on the same ports.
    pub async fn taken_over(&self) {
        self.taken_over.cancelled().await;
    }

    /// Resolves when a newer version is to be tried, at a moment without work: the program is to be shut down, and
    /// started by [`updating::begin_anew`].
    pub async fn update_ready(&self) {
        self.update_ready.cancelled().await;
    }

    /// Tells when the computer woke from sleep.
    pub fn wakes(&self) -> broadcast::Receiver<machine::wake::Woke> {
        self.wakes.subscribe()
    }

    /// Stops taking requests, lets those under way end, and closes every business.
    pub async fn shutdown(self) {
        self.closing.cancel();
        self.computer.stop();
        // Businesses first: their closing ends the streams that would keep requests open.
        self.workspaces.close().await;
        for listener in self.listeners {
            if tokio::time::timeout(DRAIN, listener).await.is_err() {
                tracing::warn!("a listener did not end in time");
            }
        }
        tracing::info!("ended");
    }
}

/// Where tunnel programs lead, and what they keep.
fn tunnels(config: &Config, public: SocketAddr, clock: &Clock) -> Tunnels {
    // A listener for all networks is reached by this computer itself as well.
    let ip = if public.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { public.ip() };
    let mut options = machine::tunnel::TunnelOptions::new(config.data.join("tunnel"));
    options.clock = clock.clone();
    Tunnels::new(SocketAddr::new(ip, public.port()), options)
}

/// After sleep, or in another network, nothing is as it was: everything is looked at at once.
async fn look_again(
    workspaces: Workspaces,
    mut wakes: broadcast::Receiver<machine::wake::Woke>,
    mut networks: broadcast::Receiver<machine::network::Changed>,
) {
    use broadcast::error::RecvError;
    loop {
        // Having missed some is as good as having heard one.
        tokio::select! {
            woke = wakes.recv() => match woke {
                Ok(woke) => workspaces.woke(woke.asleep_for).await,
                Err(RecvError::Lagged(_)) => workspaces.woke(Duration::ZERO).await,
                Err(RecvError::Closed) => return,
            },
            changed = networks.recv() => match changed {
                Ok(_) | Err(RecvError::Lagged(_)) => workspaces.look_again().await,
                Err(RecvError::Closed) => return,
            },
        }
    }
}

/// Writes once a minute that the program is there, and nowhere holds on to the folder.
fn heartbeat(lock: &Arc<machine::Lock>) -> impl FnMut() + Send + 'static {
    let lock = Arc::downgrade(lock);
    move || {
        let lock = lock.clone();
        base::task::spawn("heartbeat", async move {
            let _ = base::task::blocking(move || lock.upgrade().map(|lock| lock.beat())).await;
        });
    }
}

fn listen(
    name: &'static str,
    listener: TcpListener,
    router: Router,
    closing: CancellationToken,
) -> tokio::task::JoinHandle<()> {
    base::task::spawn(name, async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(listener, service).with_graceful_shutdown(async move { closing.cancelled().await });
        if let Err(e) = served.await {
            tracing::error!(error = %e, name, "a listener failed");
        }
    })
}

/// For the owner, on this machine only.
fn admin_router(
    config: &Config,
    state: AppState,
    system: &Db,
    mover: moving::Mover,
    site: doctor::Site,
    computer: Computer,
    updater: Updater,
) -> Result<Router> {
    let (api, _) = contract::api().split_for_parts();
    let api = api.layer(axum::Extension(mover)).layer(axum::Extension(site)).layer(axum::Extension(computer));
    let api = api.layer(axum::Extension(updater.clone()));
    let health = Health::new(env!("CARGO_PKG_VERSION"))
        .check("data", true, {
            let system = system.clone();
            move || {
                let system = system.clone();
                async move {
                    match system.read(|c| Ok(c.query_row("select 1", [], |_| Ok(()))?)).await {
                        Ok(()) => Check::good("The data can be read."),
                        Err(_) => Check::bad("The data cannot be read. Look at the disk."),
                    }
                }
            }
        })
        .check("version", false, move || {
            let trouble = updater.trouble();
            async { trouble.map_or_else(newer_version, Check::attention) }
        })
        .check("disk", false, {
            let system = system.clone();
            move || {
                let system = system.clone();
                async move {
                    match system.ensure_room() {
                        Ok(()) => Check::good("There is room on the disk."),
                        Err(e) => Check::attention(e.message),
                    }
                }
            }
        });
    let (health, _) = ops::health_routes::<()>(health).split_for_parts();
    let router = Router::new()
        .merge(api.with_state(state))
        .merge(ops::metrics_routes(Measures::install()?))
        .merge(contract::routes())
        .merge(brand::pictures())
        .fallback(interface::serve);
    let router = updating::hold(router).merge(health);
    Ok(web::allow_hosts(web::admin_layers(router), config.host_names.clone()))
}

/// Whether the program on the disk is still the one that runs: the system says so when its file was put away.
fn newer_version() -> Check {
    let replaced = std::env::current_exe().is_ok_and(|file| file.to_string_lossy().ends_with(" (deleted)"));
    if replaced {
        return Check::attention("A newer version is installed. End the program and start it again to use it.");
    }
    Check::good("This is the version that is installed.")
}

/// For the world: webhooks, the web chat, and nothing else.
fn public_router(workspaces: Workspaces) -> Router {
    let (routes, _) = bots::public_routes().split_for_parts();
    web::public_layers(updating::hold(routes.with_state(workspaces)))
}

/// Loads the sample business as soon as there is a business to load it into.
async fn load_sample(accounts: Accounts, workspaces: Workspaces, system: Db, closing: CancellationToken) {
    let mut changes = system.changes();
    loop {
        match accounts.workspaces().await {
            Ok(all) => {
                if let Some(first) = all.first() {
                    let loaded = match workspaces.get(first.id).await {
                        Ok(ws) => bots::load_sample(&ws, &workspaces).await.map(drop),
                        Err(e) => Err(e),
                    };
                    if let Err(e) = loaded {
                        tracing::error!(error = ?e, "the sample business could not be loaded");
                    }
                    return;
                }
            }
            Err(e) => tracing::error!(error = ?e, "the businesses could not be listed"),
        }
        tokio::select! {
            () = closing.cancelled() => return,
            changed = changes.recv() => if matches!(changed, Err(tokio::sync::broadcast::error::RecvError::Closed)) { return },
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
    }
}
