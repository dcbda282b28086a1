//! Proving the public address: a one-time path of ours is fetched through it, and only our own answer counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::Error;
use machine::tunnel::TunnelKind;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Path};

use crate::workspace::{Workspace, Workspaces};

const PROOF_TIMEOUT: Duration = Duration::from_secs(15);
/// A proof is asked for once and soon.
const PROOFS_KEPT: usize = 64;

/// What is wrong, and the one thing to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrong {
    pub(super) sentence: &'static str,
    pub(super) fix: &'static str,
    /// Whether anybody was reached at all.
    pub(super) answer: Answer,
}

/// Who was found where our own answer was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nobody: this computer may have no network.
    Nobody,
    /// Somebody took the question and did not answer it in time.
    Silence,
    /// Somebody else answered, such as the vendor of a tunnel that leads nowhere.
    Another,
}

/// Goes out into the world and comes back through the address.
pub(super) async fn fetch(ws: &Workspace, proofs: &Proofs, url: &str) -> Result<(), Wrong> {
    let broken =
        Wrong { sentence: "The check could not be made.", fix: "Try again in a moment.", answer: Answer::Nobody };
    let tailnet = ws.address.tunnel().is_some_and(|tunnel| {
        tunnel.kind() == TunnelKind::Tailscale && tunnel.status().borrow().url.as_deref() == Some(url)
    });
    let client = base::world::client(ws.reach, PROOF_TIMEOUT, tailnet).map_err(|_| broken)?;
    let (token, secret) = proofs.issue();
    // Tunnels for trying things out show browsers a page of their own first; this header asks them not to.
    let request = client.get(format!("{url}/proof/{token}")).header("ngrok-skip-browser-warning", "1");
    let response = request.send().await.map_err(|e| {
        let answer = if e.is_timeout() && !e.is_connect() { Answer::Silence } else { Answer::Nobody };
        if e.is_timeout() {
            let sentence = "Nobody answered at this address in time.";
            Wrong { sentence, fix: "Check that the tunnel program runs, then try again.", answer }
        } else {
            let fix = "Check its spelling, that the tunnel program runs, and the internet connection.";
            Wrong { sentence: "This address could not be reached.", fix, answer }
        }
    })?;
    let fix = "Let the tunnel lead to the public port that is shown here.";
    if !response.status().is_success() {
        let sentence = "Something answers at this address, but not this program.";
        return Err(Wrong { sentence, fix, answer: Answer::Another });
    }
    let body = base::net::read_limited(response, 4096).await.map_err(|_| broken)?;
    if body.as_ref() == secret.as_bytes() {
        Ok(())
    } else {
        Err(Wrong { sentence: "Another program answers at this address.", fix, answer: Answer::Another })
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
