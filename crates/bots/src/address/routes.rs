//! The public address over HTTP.

use std::path::PathBuf;

use accounts::Permission;
use base::{Error, Result, Secret, Time};
use garde::Validate;
use machine::tunnel::{self, TunnelKind, TunnelState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json};

use super::{AddressState, AddressWay, Choice, store, way};
use crate::current::{AppState, Current};

/// Tokens of tunnels have a few hundred.
const MAX_TOKEN_CHARS: usize = 4_000;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read, update))
        .routes(routes!(prove))
        .routes(routes!(restart))
        .routes(routes!(ways))
}

/// The program that makes the way, and what it says.
#[derive(Debug, Serialize, ToSchema)]
struct TunnelView {
    state: TunnelState,
    sentence: String,
    #[schema(required)]
    fix: Option<String>,
    /// When it is tried again, while it waits.
    #[schema(required)]
    until: Option<Time>,
    /// The last lines of its output, without secrets.
    lines: Vec<String>,
    restarts: u32,
    since: Time,
}

/// The public address and what is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicAddress)]
struct AddressView {
    #[schema(required, format = "uri")]
    url: Option<String>,
    state: AddressState,
    /// What was found, in words.
    sentence: String,
    /// The one thing to do; nothing when all is well.
    #[schema(required)]
    fix: Option<String>,
    #[schema(required)]
    proven_at: Option<Time>,
    /// From here to the world and back, the last time.
    #[schema(required)]
    round_trip_ms: Option<f64>,
    way: AddressWay,
    /// Where the owner says that the tunnel program is.
    #[schema(required)]
    program: Option<String>,
    #[schema(required)]
    hostname: Option<String>,
    /// The ways whose own token is kept; a token itself never comes back.
    tokens: Vec<AddressWay>,
    #[schema(required)]
    tunnel: Option<TunnelView>,
    /// Checks since midnight, by the business's own clock.
    checks_today: u32,
    /// The part of them that came through, from 0 to 1.
    #[schema(required)]
    reachable_today: Option<f64>,
    /// The usual round trip of today: half of them were faster.
    #[schema(required)]
    round_trip_p50_ms: Option<f64>,
    /// Where a tunnel of one's own has to lead, such as `127.0.0.1:4871`.
    local: String,
}

async fn view(current: &Current) -> Result<AddressView> {
    let now = current.clock.now();
    let read = current.db.read(move |c| {
        let today = crate::business::start_of_day(&crate::business::get(c)?, now);
        let chosen = way::get(c)?;
        let tokens = way::with_token(c)?;
        Ok((super::get(c)?, chosen, tokens, store::since(c, today)?))
    });
    let (address, chosen, tokens, (round_trips, failed)) = read.await?;
    let tunnel = current.ws.address.tunnel().filter(|_| chosen.way.kind().is_some()).map(|tunnel| {
        let status = tunnel.status().borrow().clone();
        TunnelView {
            state: status.state,
            sentence: status.sentence,
            fix: status.fix,
            until: status.until,
            lines: tunnel.lines().into_iter().map(|line| line.text).collect(),
            restarts: status.restarts,
            since: status.since,
        }
    });
    let good = u32::try_from(round_trips.len()).unwrap_or(u32::MAX);
    let checks_today = good.saturating_add(failed);
    Ok(AddressView {
        url: address.url,
        state: address.state,
        sentence: address.sentence,
        fix: address.fix,
        proven_at: address.proven_at,
        round_trip_ms: address.round_trip_ms,
        way: chosen.way,
        program: chosen.program,
        hostname: chosen.hostname,
        tokens,
        tunnel,
        checks_today,
        reachable_today: (checks_today > 0).then(|| f64::from(good) / f64::from(checks_today)),
        round_trip_p50_ms: round_trips.get(round_trips.len() / 2).copied(),
        local: current.workspaces.machine().tunnels.local(),
    })
}

/// The public address.
#[utoipa::path(get, path = "/public-address", operation_id = "getPublicAddress", tag = "public address",
    responses((status = 200, body = AddressView)))]
async fn read(current: Current) -> ApiResult<Json<AddressView>> {
    current.member.require(Permission::View)?;
    Ok(Json(view(&current).await?))
}

/// How the world is to reach this computer.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(as = PublicAddressChange)]
struct AddressChange {
    #[garde(skip)]
    way: AddressWay,
    /// For `typed`: such as `https://chat.shop.example`.
    #[garde(length(max = 300))]
    #[schema(max_length = 300)]
    url: Option<String>,
    /// Where the tunnel program is, when it is not found by itself.
    #[garde(length(max = 1000))]
    #[schema(max_length = 1000)]
    program: Option<String>,
    /// For `cloudflared_named`: such as `chat.shop.example`.
    #[garde(length(max = 300))]
    #[schema(max_length = 300)]
    hostname: Option<String>,
    /// The tunnel's token; empty keeps the one there is.
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 4000)]
    token: Option<Secret>,
}

/// Goes another way; an address that is typed in is proven at once.
#[utoipa::path(put, path = "/public-address", operation_id = "replacePublicAddress", tag = "public address",
    request_body = AddressChange, responses((status = 200, body = AddressView)))]
async fn update(current: Current, Json(change): Json<AddressChange>) -> ApiResult<Json<AddressView>> {
    current.member.require(Permission::Manage)?;
    let AddressChange { way, url, program, hostname, token } = change;
    if token.as_ref().is_some_and(|token| token.expose().chars().count() > MAX_TOKEN_CHARS) {
        return Err(Error::invalid("token: This is too long for a tunnel's token.").into());
    }
    let choice = Choice { way, url, program, hostname, token: token.unwrap_or_default() };
    super::choose(&current.ws, current.workspaces.proofs(), choice).await?;
    Ok(Json(view(&current).await?))
}

/// Proves the address again.
#[utoipa::path(post, path = "/public-address/prove", operation_id = "provePublicAddress", tag = "public address",
    responses((status = 200, body = AddressView)))]
async fn prove(current: Current) -> ApiResult<Json<AddressView>> {
    current.member.require(Permission::Manage)?;
    super::prove(&current.ws, current.workspaces.proofs()).await?;
    Ok(Json(view(&current).await?))
}

/// Starts the tunnel program anew, at once.
#[utoipa::path(post, path = "/public-address/restart", operation_id = "restartTunnel", tag = "public address",
    responses((status = 200, body = AddressView)))]
async fn restart(current: Current) -> ApiResult<Json<AddressView>> {
    current.member.require(Permission::Manage)?;
    if let Some(tunnel) = current.ws.address.tunnel() {
        tunnel.kick();
    }
    Ok(Json(view(&current).await?))
}

/// A tunnel program, as it is on this computer.
#[derive(Debug, Serialize, ToSchema)]
struct TunnelProgram {
    way: AddressWay,
    /// Where it is; nothing when it is not there.
    #[schema(required)]
    found: Option<String>,
    #[schema(required)]
    version: Option<String>,
    /// How it is installed here.
    advice: &'static str,
}

/// The tunnel programs that are known.
#[derive(Debug, Serialize, ToSchema)]
struct TunnelPrograms {
    items: Vec<TunnelProgram>,
}

/// Looks for tunnel programs on this computer.
#[utoipa::path(get, path = "/public-address/ways", operation_id = "listTunnelPrograms", tag = "public address",
    responses((status = 200, body = TunnelPrograms)))]
async fn ways(current: Current) -> ApiResult<Json<TunnelPrograms>> {
    current.member.require(Permission::Manage)?;
    let kept = current.db.read(way::get).await?;
    let mut items = Vec::new();
    for (way, kind) in [
        (AddressWay::Cloudflared, TunnelKind::CloudflaredQuick),
        (AddressWay::Ngrok, TunnelKind::Ngrok),
        (AddressWay::Tailscale, TunnelKind::Tailscale),
    ] {
        let same = kept.way.kind().is_some_and(|k| k.program() == kind.program());
        let pointed = kept.program.as_ref().filter(|_| same).map(PathBuf::from);
        let found = tunnel::find(kind, pointed.as_deref()).await;
        items.push(TunnelProgram {
            way,
            version: found.as_ref().and_then(|f| f.version.clone()),
            found: found.map(|f| f.path.display().to_string()),
            advice: tunnel::install_advice(kind),
        });
    }
    Ok(Json(TunnelPrograms { items }))
}
