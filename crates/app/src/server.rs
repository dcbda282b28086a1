//! The server: opens the data, starts the work, listens twice, and ends in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use accounts::Accounts;
use axum::Router;
use base::net::Reach;
use base::{Clock, Error, Result, Vault};
use bots::{AppState, Machine, Models, Timing, Workspaces};
use db::{Db, Schema};
use ops::{Check, Health, Measures};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::lock::{self, Lock};
use crate::{contract, interface, sample};

/// Requests under way have this long to end once the program is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// The running program.
pub struct Server {
    pub admin_address: SocketAddr,
    pub public_address: SocketAddr,
    workspaces: Workspaces,
    closing: CancellationToken,
    listeners: Vec<tokio::task::JoinHandle<()>>,
    _lock: Arc<Lock>,
}

impl Server {
    /// Starts on the configured folder and ports; ready when this returns.
    pub async fn start(config: Config) -> Result<Server> {
        Self::start_with(config, Clock::System).await
    }

    /// The same by another clock.
    pub async fn start_with(config: Config, clock: Clock) -> Result<Server> {
        base::net::install_tls();
        let lock = Arc::new(lock::take(&config.data)?);
        let admin = bind(config.address, config.port, "the interface").await?;
        let public = bind(config.public_address, config.public_port, "the public port").await?;
        let admin_address = admin.local_addr()?;
        let public_address = public.local_addr()?;

        let database = db::Options { min_free_bytes: config.min_free_mb << 20, ..db::Options::default() };
        let system = Db::open(&config.data.join("system.db"), Schema::System, database.clone())?;
        let accounts = Accounts::new(system.clone(), clock.clone());
        let workspaces = Workspaces::new(Machine {
            data: config.data.clone(),
            clock: clock.clone(),
            vault: Vault::open(&config.data.join("secret.key"))?,
            models: Models::new(config.models_folder(), config.models_hub.as_deref()),
            reach: if config.allow_private_addresses { Reach::Anywhere } else { Reach::Public },
            graph_url: config.graph_url.clone(),
            public_url: format!("http://{public_address}"),
            timing: Timing { doubt: Duration::from_millis(config.doubt_ms) },
            database,
            sample: sample::SAMPLE,
            widget: interface::widget().into(),
        });
        let ids: Vec<_> = accounts.workspaces().await?.into_iter().map(|w| w.id).collect();
        workspaces.open_all(&ids).await;

        let closing = CancellationToken::new();
        let state = AppState { accounts: accounts.clone(), workspaces: workspaces.clone() };
        let listeners = vec![
            listen("interface", admin, admin_router(&config, state, &system)?, closing.clone()),
            listen("public", public, public_router(workspaces.clone()), closing.clone()),
        ];
        if config.sample {
            base::task::spawn("sample", load_sample(accounts, workspaces.clone(), system, closing.clone()));
        }
        let workspaces_to_prove = workspaces.clone();
        base::task::spawn("prove", async move { workspaces_to_prove.prove_addresses().await });
        tracing::info!(%admin_address, %public_address, "ready");
        Ok(Server { admin_address, public_address, workspaces, closing, listeners, _lock: lock })
    }

    /// Stops taking requests, lets those under way end, and closes every business.
    pub async fn shutdown(self) {
        self.closing.cancel();
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

async fn bind(address: std::net::IpAddr, port: u16, what: &str) -> Result<TcpListener> {
    TcpListener::bind((address, port)).await.map_err(|e| {
        Error::unavailable(format!(
            "Port {port} for {what} is in use by another program. End that one, or choose another port with --port."
        ))
        .with_cause(e)
    })
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
fn admin_router(config: &Config, state: AppState, system: &Db) -> Result<Router> {
    let (api, _) = contract::api().split_for_parts();
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
        .merge(health)
        .merge(ops::metrics_routes(Measures::install()?))
        .merge(contract::routes())
        .fallback(interface::serve);
    Ok(web::allow_hosts(web::admin_layers(router), config.host_names.clone()))
}

/// For the world: webhooks, the web chat, and nothing else.
fn public_router(workspaces: Workspaces) -> Router {
    let (routes, _) = bots::public_routes().split_for_parts();
    web::public_layers(routes.with_state(workspaces))
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
