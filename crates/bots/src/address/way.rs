//! The way to a public address: typed in by hand, or a tunnel program that is kept going here.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use base::id::WorkspaceId;
use base::{Error, Result, Secret, Vault};
use db::rusqlite::Connection;
use machine::tunnel::{Tunnel, TunnelKind, TunnelOptions, TunnelStatus, Way};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settings::store;
use crate::workspace::Workspaces;

const NAME: &str = "public_address_way";

/// How the world reaches this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AddressWay {
    #[default]
    None,
    /// The owner has an address that leads here.
    Typed,
    /// A free address of Cloudflare's, another one at each start.
    Cloudflared,
    /// The owner's own name at Cloudflare.
    CloudflaredNamed,
    Ngrok,
    Tailscale,
}

impl AddressWay {
    /// The name that its token is sealed under: each way has its own, for one vendor's is no business of another's.
    pub(super) fn token(self) -> Option<&'static str> {
        match self {
            AddressWay::CloudflaredNamed => Some("public_address:token:cloudflared"),
            AddressWay::Ngrok => Some("public_address:token:ngrok"),
            AddressWay::None | AddressWay::Typed | AddressWay::Cloudflared | AddressWay::Tailscale => None,
        }
    }

    pub(super) fn kind(self) -> Option<TunnelKind> {
        match self {
            AddressWay::None | AddressWay::Typed => None,
            AddressWay::Cloudflared => Some(TunnelKind::CloudflaredQuick),
            AddressWay::CloudflaredNamed => Some(TunnelKind::CloudflaredNamed),
            AddressWay::Ngrok => Some(TunnelKind::Ngrok),
            AddressWay::Tailscale => Some(TunnelKind::Tailscale),
        }
    }
}

/// The way as it is kept; its token lies sealed beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct WaySettings {
    pub(super) way: AddressWay,
    /// Where the owner says that the program is.
    pub(super) program: Option<String>,
    pub(super) hostname: Option<String>,
}

/// What is kept. An address from before there were ways was typed in.
pub(super) fn get(connection: &Connection) -> Result<WaySettings> {
    let mut kept: WaySettings = store::get(connection, NAME)?;
    if kept.way == AddressWay::None && super::get(connection)?.url.is_some() {
        kept.way = AddressWay::Typed;
    }
    Ok(kept)
}

pub(super) fn put(tx: &db::Tx<'_>, settings: &WaySettings) -> Result<()> {
    store::put(tx, NAME, settings)
}

/// The tunnel that the settings ask for, when they ask for one.
pub(super) fn wanted(connection: &Connection, vault: &Vault) -> Result<Option<(Way, Option<PathBuf>)>> {
    let kept = get(connection)?;
    let Some(kind) = kept.way.kind() else { return Ok(None) };
    let token = match kept.way.token() {
        Some(name) => store::get_secret(connection, vault, name)?,
        None => None,
    };
    let way = match kind {
        TunnelKind::CloudflaredQuick => Way::CloudflaredQuick,
        TunnelKind::CloudflaredNamed => {
            Way::CloudflaredNamed { hostname: kept.hostname.unwrap_or_default(), token: token.unwrap_or_default() }
        }
        TunnelKind::Ngrok => Way::Ngrok { token },
        TunnelKind::Tailscale => Way::Tailscale,
    };
    Ok(Some((way, kept.program.map(PathBuf::from))))
}

/// Whether the way's own token is kept.
pub(super) fn has_token(connection: &Connection, way: AddressWay) -> Result<bool> {
    way.token().map_or(Ok(false), |name| store::has_secret(connection, name))
}

/// The ways whose own token is kept.
pub(super) fn with_token(connection: &Connection) -> Result<Vec<AddressWay>> {
    let mut kept = Vec::new();
    for way in [AddressWay::CloudflaredNamed, AddressWay::Ngrok] {
        if has_token(connection, way)? {
            kept.push(way);
        }
    }
    Ok(kept)
}

/// Whether what somebody pasted can be the token of `way` at all.
pub(super) fn check_token(way: AddressWay, hostname: Option<&str>, token: &Secret) -> Result<()> {
    let token = token.clone();
    match way {
        AddressWay::CloudflaredNamed => {
            Way::CloudflaredNamed { hostname: hostname.unwrap_or_default().to_owned(), token }.check()
        }
        AddressWay::Ngrok => Way::Ngrok { token: Some(token) }.check(),
        AddressWay::None | AddressWay::Typed | AddressWay::Cloudflared | AddressWay::Tailscale => Ok(()),
    }
}

/// The tunnel that a business's file asks for.
pub struct TunnelStanding {
    pub kind: TunnelKind,
    /// Where the owner says that its program is.
    pub program: Option<PathBuf>,
    pub token: TokenStanding,
}

/// Whether a tunnel's token is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStanding {
    /// The way does without.
    NotNeeded,
    /// None is kept here; the program may have one of its own.
    ItsOwn,
    Kept,
    Missing,
    /// It is there, and the key does not open it.
    Unreadable,
}

/// How the tunnel stands by the file alone. Without the vault's key nothing sealed can be read.
pub(crate) fn tunnel_standing(connection: &Connection, vault: Option<&Vault>) -> Result<Option<TunnelStanding>> {
    let kept = get(connection)?;
    let Some(kind) = kept.way.kind() else { return Ok(None) };
    let token = match kept.way.token() {
        None => TokenStanding::NotNeeded,
        Some(name) if store::has_secret(connection, name)? => {
            let opens = vault.is_some_and(|vault| store::get_secret(connection, vault, name).is_ok());
            if opens { TokenStanding::Kept } else { TokenStanding::Unreadable }
        }
        Some(_) if kind == TunnelKind::CloudflaredNamed => TokenStanding::Missing,
        Some(_) => TokenStanding::ItsOwn,
    };
    Ok(Some(TunnelStanding { kind, program: kept.program.map(PathBuf::from), token }))
}

impl Workspaces {
    /// What a business's tunnel says of itself, and its program's last words without secrets; nothing when it has none.
    pub fn tunnel(&self, business: WorkspaceId) -> Option<(TunnelStatus, Vec<String>)> {
        let tunnel = self.known(business).ok()?.address.tunnel()?;
        let status = tunnel.status().borrow().clone();
        Some((status, tunnel.lines().into_iter().map(|line| line.text).collect()))
    }
}

/// A host name as it is written in an address.
pub(super) fn check_hostname(typed: Option<String>) -> Result<String> {
    let wrong = || Error::invalid("Type the name that you chose at Cloudflare, such as chat.shop.example.");
    let typed = typed.map(|h| h.trim().trim_start_matches("https://").trim_end_matches('/').to_owned());
    let typed = typed.filter(|h| h.contains('.') && h.len() <= 253).ok_or_else(wrong)?;
    let url: url::Url = format!("https://{typed}/").parse().map_err(|_| wrong())?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let bare = url.path() == "/" && url.port().is_none() && url.username().is_empty() && url.query().is_none();
    if bare && matches!(url.host(), Some(url::Host::Domain(_))) { Ok(host) } else { Err(wrong()) }
}

/// A program that is told of, and who told of it may still be using.
struct Running {
    way: Way,
    program: Option<PathBuf>,
    tunnel: Weak<Tunnel>,
}

/// The tunnels of this machine: businesses that want the same one share it.
#[derive(Clone, Default)]
pub struct Tunnels(Option<Arc<Shared>>);

struct Shared {
    public: SocketAddr,
    options: TunnelOptions,
    running: Mutex<Vec<Running>>,
}

impl Tunnels {
    /// To the public listener, which listens there.
    pub fn new(public: SocketAddr, options: TunnelOptions) -> Self {
        Self(Some(Arc::new(Shared { public, options, running: Mutex::default() })))
    }

    /// Where the public listener listens, such as `127.0.0.1:4871`.
    pub(super) fn local(&self) -> String {
        self.0.as_ref().map(|shared| shared.public.to_string()).unwrap_or_default()
    }

    /// The tunnel of this way, started if need be. It ends when nobody holds it any more.
    pub(super) fn open(&self, way: Way, program: Option<PathBuf>) -> Option<Arc<Tunnel>> {
        let shared = self.0.as_ref()?;
        let mut running = shared.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|r| r.tunnel.strong_count() > 0);
        let same = running.iter().find(|r| r.way == way && r.program == program).and_then(|r| r.tunnel.upgrade());
        if same.is_some() {
            return same;
        }
        let tunnel = Arc::new(Tunnel::start(way.clone(), program.clone(), shared.public, shared.options.clone()));
        running.push(Running { way, program, tunnel: Arc::downgrade(&tunnel) });
        Some(tunnel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_at_cloudflare_is_a_name_and_nothing_else() {
        for (typed, expected) in [
            ("chat.shop.example", Some("chat.shop.example")),
            (" https://Chat.Shop.example/ ", Some("chat.shop.example")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("chat", None),
            ("", None),
            ("chat.shop.example/path", None),
            ("chat.shop.example:8080", None),
            ("me@chat.shop.example", None),
            ("10.0.0.1", None),
            ("two words.example", None),
        ] {
            assert_eq!(check_hostname(Some(typed.to_owned())).ok().as_deref(), expected, "{typed}");
        }
    }
}
