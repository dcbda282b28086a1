//! The doctor: looks at everything the program needs, says in a sentence how each thing stands and what puts it right.
//! It changes nothing, works while the program runs and while it does not, and no check can keep it waiting.

mod address;
mod channels;
mod clock;
pub mod command;
mod databases;
mod disk;
mod files;
mod finding;
mod folders;
mod models;
mod network;
mod ports;
mod routes;
mod search;
pub(crate) mod store;
mod tunnel;
mod words;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Result};
use bots::Workspaces;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use ops::Standing;

use crate::Config;

pub(crate) use files::{Businesses, File};
pub use finding::{Area, Finding, Report};
pub(crate) use network::Network;
pub(crate) use routes::router;

/// What needs no more than a look.
const SHORT: Duration = Duration::from_secs(5);
/// What asks other computers.
const MIDDLE: Duration = Duration::from_secs(12);
/// What reads large files. All of it stays below the time that a request may take.
const LONG: Duration = Duration::from_secs(20);

/// What is looked at.
#[derive(Clone)]
pub struct Site {
    pub config: Config,
    pub clock: Clock,
    /// Where this very program listens, when it is the server.
    pub listening: Option<Listening>,
    /// The businesses of this very program, when it is the server.
    pub running: Option<Workspaces>,
}

/// The addresses of a running server.
#[derive(Clone, Copy, Debug)]
pub struct Listening {
    pub admin: SocketAddr,
    pub public: SocketAddr,
}

/// One check under way.
struct Check {
    area: Area,
    name: &'static str,
    of: Option<String>,
    patience: Duration,
    run: BoxFuture<'static, Result<Vec<Finding>>>,
}

impl Check {
    fn new<F>(area: Area, name: &'static str, patience: Duration, run: F) -> Self
    where
        F: Future<Output = Result<Vec<Finding>>> + Send + 'static,
    {
        Self { area, name, of: None, patience, run: run.boxed() }
    }

    /// For work that may block.
    fn blocking(
        area: Area,
        name: &'static str,
        patience: Duration,
        look: impl FnOnce() -> Vec<Finding> + Send + 'static,
    ) -> Self {
        Self::new(area, name, patience, base::task::blocking(look))
    }

    /// What it is about, where there are several.
    fn of(mut self, of: &str) -> Self {
        self.of = Some(of.to_owned());
        self
    }

    /// What it found, or that it did not come to an end.
    async fn findings(self) -> Vec<Finding> {
        let found = tokio::time::timeout(self.patience, self.run).await;
        let mut findings = match found {
            Ok(Ok(findings)) => findings,
            Ok(Err(e)) => {
                tracing::warn!(error = ?e, check = self.name, "a check of the doctor failed");
                vec![Finding::attention(
                    self.area,
                    self.name,
                    "This could not be checked.",
                    "Check again; if it stays so, save a report for support.",
                )]
            }
            Err(_) => {
                let sentence = format!("This did not come to an end within {} seconds.", self.patience.as_secs());
                vec![Finding::bad(
                    self.area,
                    self.name,
                    sentence,
                    "Close programs that keep the disk or the network busy, then check again. Restart the computer if it stays so.",
                )]
            }
        };
        for finding in &mut findings {
            finding.of = finding.of.take().or_else(|| self.of.clone());
        }
        findings
    }
}

/// Looks at everything at the same time.
pub async fn examine(site: &Site) -> Report {
    let site = Arc::new(site.clone());
    let businesses = Businesses::find(&site.config.data).await;
    let network = Network::probe(&site.config.graph_url);
    let mut checks = vec![folders::check(&site), disk::check(&site), clock::check(&site, &businesses, &network)];
    checks.extend(ports::checks(&site));
    checks.extend(databases::checks(&site, &businesses));
    checks.extend(search::checks(&businesses));
    checks.extend(models::checks(&site));
    checks.extend(channels::checks(&site, &businesses, &network));
    checks.extend(address::checks(&site, &businesses));
    checks.extend(tunnel::checks(&site, &businesses));
    let findings: Vec<Finding> =
        join_all(checks.into_iter().map(Check::findings)).await.into_iter().flatten().collect();
    Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: site.clock.now(),
        standing: findings.iter().map(|f| f.standing).max().unwrap_or(Standing::Good),
        findings,
    }
}

#[cfg(test)]
mod tests;
