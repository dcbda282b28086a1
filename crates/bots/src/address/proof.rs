//! Proving the public address: a one-time path of ours is fetched through it, and only our own answer counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::Error;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Path};

use crate::workspace::{Workspace, Workspaces};

const PROOF_TIMEOUT: Duration = Duration::from_secs(15);
/// A proof is asked for once and soon.
const PROOFS_KEPT: usize = 64;

/// What is wrong, and the one thing to do.
pub(super) type Wrong = (&'static str, &'static str);

/// Goes out into the world and comes back through the address.
pub(super) async fn fetch(ws: &Workspace, proofs: &Proofs, url: &str) -> Result<(), Wrong> {
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
