//! The public address: how the world reaches the public listener. Proven, not believed: a one-time path of ours is
//! fetched through it, and only our own answer counts.

pub(crate) mod routes;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::id::ChannelId;
use base::{Error, Result, Stopwatch, Time};
use db::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Path};

use crate::settings::store;
use crate::workspace::{Workspace, Workspaces};

const NAME: &str = "public_address";
const PROOF_TIMEOUT: Duration = Duration::from_secs(15);
/// A proof is asked for once and soon.
const PROOFS_KEPT: usize = 64;

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
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct PublicAddress {
    #[schema(required, format = "uri")]
    pub(crate) url: Option<String>,
    #[schema(required)]
    pub(crate) state: AddressState,
    /// What was found, in words.
    #[schema(required)]
    pub(crate) sentence: String,
    /// The one thing to do; nothing when all is well.
    #[schema(required)]
    pub(crate) fix: Option<String>,
    #[schema(required)]
    pub(crate) proven_at: Option<Time>,
    /// From here to the world and back.
    #[schema(required)]
    pub(crate) round_trip_ms: Option<f64>,
}

pub(crate) fn get(connection: &Connection) -> Result<PublicAddress> {
    store::get(connection, NAME)
}

async fn put(ws: &Workspace, address: PublicAddress) -> Result<PublicAddress> {
    let stored = address.clone();
    ws.db
        .write(move |tx| {
            for tag in ["public_address", "status", "channels", crate::outbox::TAG] {
                tx.publish(tag);
            }
            store::put(tx, NAME, &stored)
        })
        .await?;
    Ok(address)
}

/// What a business remembers of its address while the program runs.
#[derive(Default)]
pub(crate) struct Address {
    proven_at: Mutex<Option<Time>>,
}

impl Address {
    /// Whether the way from the world to us was seen to work since a moment.
    pub(crate) fn heard_since(&self, _channel: ChannelId, since: Time) -> bool {
        self.proven_at.lock().is_ok_and(|at| at.is_some_and(|at| at > since.plus(Duration::from_millis(200))))
    }

    fn note(&self, at: Time) {
        if let Ok(mut proven) = self.proven_at.lock() {
            *proven = Some(at);
        }
    }
}

/// Sets the address, or none, and proves it.
pub(crate) async fn set(ws: &Arc<Workspace>, proofs: &Proofs, url: Option<String>) -> Result<PublicAddress> {
    let Some(url) = url.map(|u| u.trim().trim_end_matches('/').to_owned()).filter(|u| !u.is_empty()) else {
        return put(ws, PublicAddress::default()).await;
    };
    let url = if url.contains("://") { url } else { format!("https://{url}") };
    let parsed: url::Url =
        url.parse().map_err(|_| Error::invalid("This is not a web address, such as https://chat.shop.example."))?;
    if parsed.path() != "/" || parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(Error::invalid("Type the address without anything behind the host name."));
    }
    base::net::check_url(&parsed, ws.reach)?;
    // As machines write it: letters of other scripts in their ASCII form, the host in lower case, no name or password.
    let url = parsed.origin().ascii_serialization();
    let address = PublicAddress {
        url: Some(url),
        state: AddressState::Unproven,
        sentence: "This address has not been tried yet.".into(),
        ..PublicAddress::default()
    };
    put(ws, address).await?;
    prove(ws, proofs).await
}

/// Fetches a one-time path of ours through the address and writes down what came of it.
pub(crate) async fn prove(ws: &Arc<Workspace>, proofs: &Proofs) -> Result<PublicAddress> {
    let address = ws.db.read(get).await?;
    let Some(url) = address.url.clone() else { return Ok(address) };
    let watch = Stopwatch::start();
    let found = fetch(ws, proofs, &url).await;
    let address = match found {
        Ok(()) => {
            let now = ws.clock.now();
            ws.address.note(now);
            PublicAddress {
                state: AddressState::Proven,
                sentence: "The world reaches this computer at this address.".into(),
                fix: None,
                proven_at: Some(now),
                round_trip_ms: Some(watch.elapsed_ms()),
                ..address
            }
        }
        Err((sentence, fix)) => PublicAddress {
            state: AddressState::Failed,
            sentence: sentence.into(),
            fix: Some(fix.into()),
            round_trip_ms: None,
            ..address
        },
    };
    put(ws, address).await
}

async fn fetch(ws: &Workspace, proofs: &Proofs, url: &str) -> std::result::Result<(), (&'static str, &'static str)> {
    let broken = ("The check could not be made.", "Try again in a moment.");
    let client = base::net::guarded_client(ws.reach, PROOF_TIMEOUT).map_err(|_| broken)?;
    let (token, secret) = proofs.issue();
    // Tunnels for trying things out show browsers a page of their own first; this header asks them not to.
    let response =
        client.get(format!("{url}/proof/{token}")).header("ngrok-skip-browser-warning", "1").send().await.map_err(
            |e| {
                if e.is_timeout() {
                    ("Nobody answered at this address in time.", "Check that the tunnel program runs, then try again.")
                } else {
                    (
                        "This address could not be reached.",
                        "Check its spelling, that the tunnel program runs, and the internet connection.",
                    )
                }
            },
        )?;
    if !response.status().is_success() {
        return Err((
            "Something answers at this address, but not this program.",
            "Let the tunnel lead to the public port that is shown here.",
        ));
    }
    let body = base::net::read_limited(response, 4096).await.map_err(|_| broken)?;
    if body.as_ref() == secret.as_bytes() {
        Ok(())
    } else {
        Err(("Another program answers at this address.", "Let the tunnel lead to the public port that is shown here."))
    }
}

/// One-time paths that wait to be fetched, shared by the whole machine.
#[derive(Clone, Default)]
pub(crate) struct Proofs(Arc<Mutex<HashMap<String, String>>>);

impl Proofs {
    fn issue(&self) -> (String, String) {
        let (token, secret) = (base::random::token(), base::random::token());
        if let Ok(mut open) = self.0.lock() {
            if open.len() >= PROOFS_KEPT {
                open.clear();
            }
            open.insert(token.clone(), secret.clone());
        }
        (token, secret)
    }

    fn redeem(&self, token: &str) -> Option<String> {
        self.0.lock().ok()?.remove(token)
    }
}

/// On the public listener.
pub(crate) fn proof_router() -> OpenApiRouter<Workspaces> {
    OpenApiRouter::new().routes(routes!(proof))
}

/// Our own secret for a one-time path of ours: it came back, so the public address leads here.
#[utoipa::path(get, path = "/proof/{token}", operation_id = "getProof", tag = "proof",
    params(("token" = String, Path)), responses((status = 200, body = String, content_type = "text/plain")))]
async fn proof(
    axum::extract::State(workspaces): axum::extract::State<Workspaces>,
    Path(token): Path<String>,
) -> ApiResult<String> {
    workspaces.proofs().redeem(&token).ok_or_else(|| Error::not_found("check", "used or unknown").into())
}
