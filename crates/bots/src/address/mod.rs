//! The public address: how the world reaches the public listener. Proven, not believed: a one-time path of ours is
//! fetched through it, and only our own answer counts.

mod keeper;
mod proof;
pub(crate) mod routes;
mod store;
mod way;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::id::ChannelId;
use base::{Error, Result, Secret, Stopwatch, Time};
use db::rusqlite::Connection;
use machine::tunnel::Tunnel;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use utoipa::ToSchema;

pub(crate) use keeper::run as keep;
pub(crate) use proof::{Proofs, proof_router};
pub(crate) use way::AddressWay;
pub use way::Tunnels;

use crate::settings;
use crate::workspace::Workspace;

const NAME: &str = "public_address";

/// Where the public address stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AddressState {
    /// None is set.
    #[default]
    None,
    Unproven,
    Proven,
    Failed,
}

/// The public address and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PublicAddress {
    pub(crate) url: Option<String>,
    pub(crate) state: AddressState,
    /// What was found, in words.
    pub(crate) sentence: String,
    /// The one thing to do; nothing when all is well.
    pub(crate) fix: Option<String>,
    pub(crate) proven_at: Option<Time>,
    /// From here to the world and back.
    pub(crate) round_trip_ms: Option<f64>,
}

pub(crate) fn get(connection: &Connection) -> Result<PublicAddress> {
    settings::store::get(connection, NAME)
}

/// Changes what is known, unless `change` says that it does not apply any more: somebody may have chosen another address
/// in between. Gives what is known then.
async fn update<F>(ws: &Workspace, change: F) -> Result<PublicAddress>
where
    F: FnOnce(PublicAddress) -> Option<PublicAddress> + Send + 'static,
{
    ws.db
        .write(move |tx| {
            let known = get(tx)?;
            let Some(now) = change(known.clone()) else { return Ok(known) };
            for tag in ["public_address", "status", "channels", crate::outbox::TAG] {
                tx.publish(tag);
            }
            settings::store::put(tx, NAME, &now)?;
            Ok(now)
        })
        .await
}

/// What a business remembers of its address while the program runs.
#[derive(Default)]
pub(crate) struct Address {
    proven_at: Mutex<Option<Time>>,
    tunnel: Mutex<Option<Arc<Tunnel>>>,
    /// Told when the way was changed.
    changed: Notify,
    /// Told when the address is to be looked at now.
    look: Notify,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Address {
    /// Whether the way from the world to us was seen to work since a moment.
    pub(crate) fn heard_since(&self, _channel: ChannelId, since: Time) -> bool {
        lock(&self.proven_at).is_some_and(|at| at > since.plus(std::time::Duration::from_millis(200)))
    }

    /// The computer woke, or its network is another one.
    pub(crate) fn look_again(&self) {
        self.look.notify_one();
    }

    fn tunnel(&self) -> Option<Arc<Tunnel>> {
        lock(&self.tunnel).clone()
    }

    fn set_tunnel(&self, tunnel: Option<Arc<Tunnel>>) -> Option<Arc<Tunnel>> {
        std::mem::replace(&mut *lock(&self.tunnel), tunnel)
    }
}

/// How the world is to reach this computer.
pub(crate) struct Choice {
    pub(crate) way: AddressWay,
    pub(crate) url: Option<String>,
    pub(crate) program: Option<String>,
    pub(crate) hostname: Option<String>,
    /// Empty keeps the one there is.
    pub(crate) token: Secret,
}

/// Goes another way. An address that was typed in is proven at once; a tunnel tells its own when it has one.
pub(crate) async fn choose(ws: &Arc<Workspace>, proofs: &Proofs, choice: Choice) -> Result<()> {
    let filled = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    let (vault, way) = (ws.vault.clone(), choice.way);
    let hostname = match way {
        AddressWay::CloudflaredNamed => Some(way::check_hostname(choice.hostname)?),
        _ => None,
    };
    let address = match way {
        AddressWay::None => PublicAddress::default(),
        AddressWay::Typed => typed(ws, choice.url)?,
        _ => PublicAddress {
            url: hostname.as_ref().map(|name| format!("https://{name}")),
            state: AddressState::Unproven,
            sentence: "The tunnel is being started.".into(),
            ..PublicAddress::default()
        },
    };
    let chosen = way::WaySettings { way, program: filled(choice.program), hostname };
    let token = choice.token;
    ws.db
        .write(move |tx| {
            if way == AddressWay::CloudflaredNamed && token.is_empty() && !way::has_token(tx, way)? {
                return Err(Error::invalid(
                    "Paste the tunnel's token; Cloudflare shows it once when the tunnel is made.",
                ));
            }
            if let Some(name) = way.token().filter(|_| !token.is_empty()) {
                settings::store::put_secret(tx, &vault, name, &token)?;
            }
            way::put(tx, &chosen)
        })
        .await?;
    update(ws, |_| Some(address)).await?;
    ws.address.changed.notify_one();
    if way == AddressWay::Typed {
        prove(ws, proofs).await?;
    }
    Ok(())
}

/// The address that somebody typed in, as machines write it.
fn typed(ws: &Workspace, url: Option<String>) -> Result<PublicAddress> {
    let url = url.map(|u| u.trim().trim_end_matches('/').to_owned()).filter(|u| !u.is_empty());
    let url = url.ok_or_else(|| Error::invalid("Type the address, such as https://chat.shop.example."))?;
    let url = if url.contains("://") { url } else { format!("https://{url}") };
    let parsed: url::Url =
        url.parse().map_err(|_| Error::invalid("This is not a web address, such as https://chat.shop.example."))?;
    if parsed.path() != "/" || parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(Error::invalid("Type the address without anything behind the host name."));
    }
    base::net::check_url(&parsed, ws.reach)?;
    // Letters of other scripts in their ASCII form, the host in lower case, no name or password.
    let url = parsed.origin().ascii_serialization();
    let sentence = "This address has not been tried yet.".into();
    Ok(PublicAddress { url: Some(url), state: AddressState::Unproven, sentence, ..PublicAddress::default() })
}

/// Fetches a one-time path of ours through the address and writes down what came of it.
pub(crate) async fn prove(ws: &Arc<Workspace>, proofs: &Proofs) -> Result<PublicAddress> {
    let address = ws.db.read(get).await?;
    let Some(url) = address.url.clone() else { return Ok(address) };
    let watch = Stopwatch::start();
    let found = proof::fetch(ws, proofs, &url).await;
    let (now, ms) = (ws.clock.now(), watch.elapsed_ms());
    let worked = found.is_ok();
    ws.db.write(move |tx| store::note(tx, now, worked.then_some(ms))).await?;
    if worked {
        *lock(&ws.address.proven_at) = Some(now);
    }
    update(ws, move |address| {
        // Of another address that was chosen meanwhile this says nothing.
        (address.url.as_ref() == Some(&url)).then(|| match found {
            Ok(()) => PublicAddress {
                state: AddressState::Proven,
                sentence: "The world reaches this computer at this address.".into(),
                fix: None,
                proven_at: Some(now),
                round_trip_ms: Some(ms),
                ..address
            },
            Err((sentence, fix)) => PublicAddress {
                state: AddressState::Failed,
                sentence: sentence.into(),
                fix: Some(fix.into()),
                round_trip_ms: None,
                ..address
            },
        })
    })
    .await
}
