//! The public address: how the world reaches the public listener. Proven, not believed: a one-time path of ours is
//! fetched through it, and only our own answer counts.

mod keeper;
mod left_behind;
mod proof;
pub(crate) mod routes;
mod store;
mod tries;
mod way;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{Error, Result, Secret, Stopwatch, Time};
use db::rusqlite::Connection;
use machine::tunnel::Tunnel;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use utoipa::ToSchema;

pub(crate) use keeper::{ALARM, run as keep};
pub(crate) use left_behind::{SETTING as LEFT_BEHIND, told as told_left_behind};
pub(crate) use proof::{Answer, Proofs, proof_router};
pub(crate) use way::{AddressWay, tunnel_standing};
pub use way::{TokenStanding, TunnelStanding, Tunnels};

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

/// A time in which the world did not reach this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outage {
    /// The last moment at which it did.
    pub(crate) from: Time,
    /// When that was seen.
    pub(crate) noticed: Time,
    /// Nothing while it lasts.
    pub(crate) until: Option<Time>,
}

/// What checks have shown since the program started, or another address was chosen.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    proven_at: Option<Time>,
    outage: Option<Outage>,
}

impl Reached {
    /// Notes a check. True when the world came through again. Where there was no check for longer than `gap`, the
    /// computer slept, and nobody came through either.
    fn note(&mut self, worked: bool, now: Time, gap: Duration) -> bool {
        let lasts = self.outage.is_some_and(|outage| outage.until.is_none());
        let from = self.proven_at.unwrap_or(now);
        if worked {
            self.proven_at = Some(now);
            if lasts && let Some(outage) = &mut self.outage {
                outage.until = Some(now);
            } else if now.since(from) > gap {
                self.outage = Some(Outage { from, noticed: now, until: Some(now) });
            } else {
                return false;
            }
            return true;
        }
        if !lasts {
            self.outage = Some(Outage { from, noticed: now, until: None });
        }
        false
    }
}

/// What a business remembers of its address while the program runs.
#[derive(Default)]
pub(crate) struct Address {
    reached: Mutex<Reached>,
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
    /// Whether the way from the world to us was seen to work since a moment. What lies ahead of `now` was noted before the
    /// clock was set back, and says nothing.
    pub(crate) fn heard_since(&self, since: Time, now: Time) -> bool {
        lock(&self.reached).proven_at.is_some_and(|at| at > since.plus(Duration::from_millis(200)) && at <= now)
    }

    /// Notes a check; true when the world came through again. `gap`: checks are never so far apart while we are awake.
    pub(crate) fn note(&self, worked: bool, now: Time, gap: Duration) -> bool {
        lock(&self.reached).note(worked, now, gap)
    }

    /// The computer slept until now: nobody reached it, however short that was.
    pub(crate) fn slept(&self, asleep_for: Duration, now: Time) {
        let mut reached = lock(&self.reached);
        if reached.outage.is_none_or(|outage| outage.until.is_some()) {
            reached.outage = Some(Outage { from: now.minus(asleep_for), noticed: now, until: Some(now) });
        }
    }

    /// What an earlier run of the program saw last.
    fn remember(&self, proven_at: Option<Time>) {
        lock(&self.reached).proven_at = proven_at;
    }

    /// The latest time in which the world did not reach us.
    pub(crate) fn outage(&self) -> Option<Outage> {
        lock(&self.reached).outage
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
    let token = choice.token;
    if !token.is_empty() {
        way::check_token(way, hostname.as_deref(), &token)?;
    }
    let chosen = way::WaySettings { way, program: filled(choice.program), hostname };
    let now = ws.clock.now();
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
            if way == AddressWay::None {
                left_behind::forget(tx, now)?;
            }
            way::put(tx, &chosen)
        })
        .await?;
    update(ws, |_| Some(address)).await?;
    *lock(&ws.address.reached) = Reached::default();
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

/// Fetches a one-time path of ours through the address and writes down what came of it. Tells, too, who answered in our
/// place when it did not work.
pub(crate) async fn prove(ws: &Arc<Workspace>, proofs: &Proofs) -> Result<(PublicAddress, Option<Answer>)> {
    let address = ws.db.read(get).await?;
    let Some(url) = address.url.clone() else { return Ok((address, None)) };
    let watch = Stopwatch::start();
    let found = proof::fetch(ws, proofs, &url).await;
    let (now, ms) = (ws.clock.now(), watch.elapsed_ms());
    let worked = found.is_ok();
    let gap = ws.timing.address_check * 2 + Duration::from_secs(60);
    let again = ws.address.note(worked, now, gap);
    ws.db
        .write(move |tx| {
            if again {
                tx.publish(crate::outbox::AGAIN);
            }
            store::note(tx, now, worked.then_some(ms))
        })
        .await?;
    let answer = found.as_ref().err().map(|wrong| wrong.answer);
    let told = update(ws, move |address| {
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
            Err(wrong) => PublicAddress {
                state: AddressState::Failed,
                sentence: wrong.sentence.into(),
                fix: Some(wrong.fix.into()),
                round_trip_ms: None,
                ..address
            },
        })
    });
    Ok((told.await?, answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_out_of_reach_begins_with_the_last_good_check_and_a_sleep_is_one_too() {
        let s = |s: i64| Time(s * 1000);
        let gap = Duration::from_secs(660);
        let mut reached = Reached::default();
        let mut all = Vec::new();
        for (at, worked) in
            [(0, true), (300, true), (600, false), (610, false), (640, true), (900, true), (9000, true), (9300, true)]
        {
            let again = reached.note(worked, s(at), gap);
            let outage = reached.outage.map(|o| (o.from.0 / 1000, o.noticed.0 / 1000, o.until.map(|u| u.0 / 1000)));
            all.push((again, outage));
        }
        let first = Some((300, 600, Some(640)));
        let slept = Some((900, 9000, Some(9000)));
        assert_eq!(
            all,
            [
                (false, None),
                (false, None),
                (false, Some((300, 600, None))),
                (false, Some((300, 600, None))),
                (true, first),
                (false, first),
                (true, slept),
                (false, slept),
            ]
        );
    }
}
