//! The public address by a program of somebody else: found, started, watched, started anew, ended with this one.
//!
//! A [`Tunnel`] is a handle to a supervisor that keeps one way going and tells what it knows in sentences. It believes
//! what the program says of itself; whether the address really leads here is for the caller to prove, who says
//! [`Tunnel::kick`] when it does not.

mod back_off;
mod cloudflared;
mod find;
mod local;
mod ngrok;
mod supervise;
mod tailscale;
mod trouble;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Error, Result, Secret, Time};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};
use utoipa::ToSchema;

pub use find::{Found, find, install_advice};

use crate::guard::Guard;
use crate::lines::{Line, Lines};

/// A way to a public address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A free address of Cloudflare's, another one at every start.
    CloudflaredQuick,
    /// An address of the owner's own at Cloudflare, which leads to this computer by the token.
    CloudflaredNamed { hostname: String, token: Secret },
    /// Without a token the one in ngrok's own settings counts.
    Ngrok { token: Option<Secret> },
    /// Tailscale's funnel; this computer is signed in to Tailscale already.
    Tailscale,
}

impl Way {
    pub fn kind(&self) -> TunnelKind {
        match self {
            Way::CloudflaredQuick => TunnelKind::CloudflaredQuick,
            Way::CloudflaredNamed { .. } => TunnelKind::CloudflaredNamed,
            Way::Ngrok { .. } => TunnelKind::Ngrok,
            Way::Tailscale => TunnelKind::Tailscale,
        }
    }

    /// Whether it can work at all; asked before it is stored, and again before its program is started.
    ///
    /// # Errors
    /// `Invalid` with a sentence when the host name cannot be one, or the token is missing.
    pub fn check(&self) -> Result<()> {
        match self {
            Way::CloudflaredNamed { hostname, .. } if !local::is_public_name(hostname) => Err(Error::invalid(
                "Type the address without https:// and without anything behind it, such as chat.your-shop.com.",
            )),
            Way::CloudflaredNamed { token, .. } | Way::Ngrok { token: Some(token) } if !is_token(token) => {
                Err(Error::invalid(format!("Copy the whole token from {}, without spaces.", self.kind().vendor())))
            }
            _ => Ok(()),
        }
    }

    fn secrets(&self) -> impl Iterator<Item = Secret> {
        match self {
            Way::CloudflaredNamed { token, .. } => Some(token.clone()),
            Way::Ngrok { token } => token.clone(),
            Way::CloudflaredQuick | Way::Tailscale => None,
        }
        .into_iter()
    }
}

fn is_token(token: &Secret) -> bool {
    token.expose().len() >= 16 && token.expose().chars().all(|c| c.is_ascii_graphic())
}

/// The kind of a way, without what belongs to one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TunnelKind {
    CloudflaredQuick,
    CloudflaredNamed,
    Ngrok,
    Tailscale,
}

impl TunnelKind {
    pub const ALL: [TunnelKind; 4] =
        [TunnelKind::CloudflaredQuick, TunnelKind::CloudflaredNamed, TunnelKind::Ngrok, TunnelKind::Tailscale];

    /// The name of its program's file, without an ending.
    pub fn program(self) -> &'static str {
        match self {
            TunnelKind::CloudflaredQuick | TunnelKind::CloudflaredNamed => "cloudflared",
            TunnelKind::Ngrok => "ngrok",
            TunnelKind::Tailscale => "tailscale",
        }
    }

    /// Who is behind it, as owners know them.
    pub fn vendor(self) -> &'static str {
        match self {
            TunnelKind::CloudflaredQuick | TunnelKind::CloudflaredNamed => "Cloudflare",
            TunnelKind::Ngrok => "ngrok",
            TunnelKind::Tailscale => "Tailscale",
        }
    }
}

/// Where a tunnel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TunnelState {
    /// The program is not on this computer; it is looked for again now and then.
    Missing,
    /// Started, and no address yet.
    Starting,
    /// The program says that the address leads here.
    Up,
    /// It failed and is started anew at `until`.
    Waiting,
    /// It was told to stop.
    Stopped,
}

/// What is known of a tunnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TunnelStatus {
    pub state: TunnelState,
    /// When it is tried again, while it waits.
    #[schema(required)]
    pub until: Option<Time>,
    /// The address without a slash at its end, while it is up.
    #[schema(required)]
    pub url: Option<String>,
    /// What happens, for the owner.
    pub sentence: String,
    /// The one thing to do, when there is one.
    #[schema(required)]
    pub fix: Option<String>,
    /// Since when the state is what it is.
    pub since: Time,
    /// How often it was started anew.
    pub restarts: u32,
}

/// What a supervisor needs beside the way itself.
#[derive(Clone, Debug)]
pub struct TunnelOptions {
    /// A folder of the program's own, for the file with the token and the note of what was switched on at Tailscale.
    pub folder: PathBuf,
    pub guard: Guard,
    pub clock: Clock,
    pub times: TunnelTimes,
}

impl TunnelOptions {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), guard: Guard::default(), clock: Clock::System, times: TunnelTimes::default() }
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct TunnelTimes {
    /// Between two looks while it starts.
    pub look_starting: Duration,
    /// Between two looks while it is up.
    pub look_up: Duration,
    /// The same where every look starts a program.
    pub look_up_by_command: Duration,
    /// From start to address.
    pub start_within: Duration,
    /// So long it may be up and unwell before it is started anew.
    pub unwell_for: Duration,
    /// For one question to the program's local port.
    pub request: Duration,
    /// For one call of a program that answers and ends.
    pub command: Duration,
    /// The first wait after a failure; each further one is twice as long.
    pub wait_first: Duration,
    pub wait_most: Duration,
    /// So long up, and the waits begin at the first one again.
    pub settled_after: Duration,
    /// Between two looks for a program that is not there.
    pub look_missing: Duration,
}

impl Default for TunnelTimes {
    fn default() -> Self {
        Self {
            look_starting: Duration::from_millis(500),
            look_up: Duration::from_secs(5),
            look_up_by_command: Duration::from_secs(30),
            start_within: Duration::from_secs(60),
            unwell_for: Duration::from_secs(30),
            request: Duration::from_secs(5),
            command: Duration::from_secs(20),
            wait_first: Duration::from_secs(1),
            wait_most: Duration::from_secs(300),
            settled_after: Duration::from_secs(300),
            look_missing: Duration::from_secs(60),
        }
    }
}

/// A supervised tunnel. Cheap to clone; when the last clone is dropped, it ends.
#[derive(Clone, Debug)]
pub struct Tunnel {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    kind: TunnelKind,
    lines: Lines,
    status: watch::Receiver<TunnelStatus>,
    stop: watch::Sender<bool>,
    kick: Arc<Notify>,
    hurry: Arc<Notify>,
}

impl Tunnel {
    /// Starts the supervisor, on a Tokio runtime. `program` is where the owner pointed; else it is looked for. `public`
    /// is where the public listener listens.
    pub fn start(way: Way, program: Option<PathBuf>, public: SocketAddr, options: TunnelOptions) -> Self {
        let kind = way.kind();
        let lines = Lines::new(options.clock.clone()).masking(way.secrets());
        let first = TunnelStatus {
            state: TunnelState::Starting,
            until: None,
            url: None,
            sentence: supervise::starting(kind),
            fix: None,
            since: options.clock.now(),
            restarts: 0,
        };
        let (tell, status) = watch::channel(first);
        let (stop, stopped) = watch::channel(false);
        let (kick, hurry) = (Arc::<Notify>::default(), Arc::<Notify>::default());
        let calls = supervise::Calls { stop: stopped, kick: kick.clone(), hurry: hurry.clone() };
        let setup = supervise::Setup::new(way, program, public, options, lines.clone());
        base::task::spawn("tunnel", supervise::supervise(setup, tell, calls));
        Self { shared: Arc::new(Shared { kind, lines, status, stop, kick, hurry }) }
    }

    pub fn kind(&self) -> TunnelKind {
        self.shared.kind
    }

    /// What is known, now and whenever it changes: also when the address changes while it is up.
    pub fn status(&self) -> watch::Receiver<TunnelStatus> {
        self.shared.status.clone()
    }

    /// The last lines that the program said, over all its starts, without secrets.
    pub fn lines(&self) -> Vec<Line> {
        self.shared.lines.last()
    }

    /// Ends it and starts it anew at once, whatever it says of itself; waits begin at the first one again. For when the
    /// address was proven not to work.
    pub fn kick(&self) {
        self.shared.kick.notify_one();
    }

    /// Ends a wait and looks at once, and leaves alone what is well: for after a wake or a change of network.
    pub fn hurry(&self) {
        self.shared.hurry.notify_one();
    }

    /// Ends it, with its program, and returns when that is done.
    pub async fn stop(&self) {
        self.shared.stop.send_replace(true);
        let mut status = self.shared.status.clone();
        // An error means that the supervisor is gone, which is as good.
        let _ = status.wait_for(|status| status.state == TunnelState::Stopped).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_that_cannot_work_is_refused_before_it_is_stored() {
        let named = |hostname: &str, token: &str| Way::CloudflaredNamed {
            hostname: hostname.to_owned(),
            token: Secret::new(token),
        };
        let token = "eyJhIjoiMTIzNDU2Nzg5MCJ9";
        for (way, good) in [
            (named("chat.shop.example", token), true),
            (named("https://chat.shop.example", token), false),
            (named("localhost", token), false),
            (named("", token), false),
            (named("chat.shop.example", ""), false),
            (named("chat.shop.example", "cloudflared service install eyJhIjoi"), false),
            (Way::Ngrok { token: None }, true),
            (Way::Ngrok { token: Some(Secret::new(token)) }, true),
            (Way::Ngrok { token: Some(Secret::new("  ")) }, false),
            (Way::Tailscale, true),
            (Way::CloudflaredQuick, true),
        ] {
            assert_eq!(way.check().is_ok(), good, "{way:?}");
        }
    }
}
