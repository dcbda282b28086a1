//! Is it alive, is it ready, and how is it, in sentences an owner understands.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::Stopwatch;
use futures::future::{BoxFuture, join_all};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::Json;

/// A check that does not answer within this time counts as bad.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// How one part of the program stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Good,
    /// Works, but wants attention.
    Attention,
    Bad,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub standing: Standing,
    /// One sentence: what it means, and what to do when something is to be done.
    pub sentence: String,
}

impl Check {
    pub fn good(sentence: impl Into<String>) -> Self {
        Self { standing: Standing::Good, sentence: sentence.into() }
    }

    pub fn attention(sentence: impl Into<String>) -> Self {
        Self { standing: Standing::Attention, sentence: sentence.into() }
    }

    pub fn bad(sentence: impl Into<String>) -> Self {
        Self { standing: Standing::Bad, sentence: sentence.into() }
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckReport {
    pub name: String,
    pub standing: Standing,
    pub sentence: String,
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HealthReport {
    pub version: String,
    pub uptime_seconds: u64,
    /// The worst of the checks.
    pub standing: Standing,
    pub checks: Vec<CheckReport>,
}

type Run = Arc<dyn Fn() -> BoxFuture<'static, Check> + Send + Sync>;

#[derive(Clone)]
struct Named {
    name: &'static str,
    needed: bool,
    run: Run,
}

/// The checks of the program. Cheap to clone.
#[derive(Clone)]
pub struct Health {
    version: &'static str,
    started: Stopwatch,
    /// How long each check may take.
    pub(crate) patience: Duration,
    checks: Arc<[Named]>,
}

impl Health {
    /// Uptime counts from here.
    pub fn new(version: &'static str) -> Self {
        Self { version, started: Stopwatch::start(), patience: CHECK_TIMEOUT, checks: Arc::new([]) }
    }

    /// Adds a check. While a `needed` one is bad, the program is not ready. Checks run at the same time, each for at
    /// most 5 seconds.
    pub fn check<F, Fut>(mut self, name: &'static str, needed: bool, run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Check> + Send + 'static,
    {
        let added = Named { name, needed, run: Arc::new(move || Box::pin(run())) };
        self.checks = self.checks.iter().cloned().chain([added]).collect();
        self
    }

    /// Runs all checks.
    pub async fn report(&self) -> HealthReport {
        self.run(|_| true).await
    }

    /// Runs the needed checks only.
    pub async fn readiness(&self) -> HealthReport {
        self.run(|check| check.needed).await
    }

    async fn run(&self, wanted: impl Fn(&Named) -> bool) -> HealthReport {
        let running = self.checks.iter().filter(|check| wanted(check)).map(|check| async move {
            let found = tokio::time::timeout(self.patience, (check.run)())
                .await
                .unwrap_or_else(|_| Check::bad("This part does not answer. Restart the program if it stays so."));
            CheckReport { name: check.name.to_owned(), standing: found.standing, sentence: found.sentence }
        });
        let checks = join_all(running).await;
        HealthReport {
            version: self.version.to_owned(),
            uptime_seconds: self.started.elapsed().as_secs(),
            standing: checks.iter().map(|c| c.standing).max().unwrap_or(Standing::Good),
            checks,
        }
    }
}

/// `/live`, `/ready` and `/health`. They need no sign-in and tell nothing of any business.
pub fn health_routes<S>(health: Health) -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(ready)).routes(routes!(report)).with_state(health)
}

/// The contract of these routes.
pub fn health_contract() -> utoipa::openapi::OpenApi {
    let (_, contract) = health_routes::<()>(Health::new("")).split_for_parts();
    contract
}

/// The process runs.
#[utoipa::path(get, path = "/live", operation_id = "checkLiveness", tag = "health", security(()),
    responses((status = 200, body = str)))]
async fn live() -> &'static str {
    "ok"
}

/// The program can do its work.
#[utoipa::path(get, path = "/ready", operation_id = "checkReadiness", tag = "health", security(()),
    responses(
        (status = 200, body = HealthReport),
        (status = 503, body = HealthReport)
    ))]
async fn ready(State(health): State<Health>) -> Response {
    let report = health.readiness().await;
    let status = if report.standing == Standing::Bad { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    unstored((status, Json(report)).into_response())
}

/// How each part of the program is, in words.
#[utoipa::path(get, path = "/health", operation_id = "getHealth", tag = "health", security(()),
    responses((status = 200, body = HealthReport)))]
async fn report(State(health): State<Health>) -> Response {
    unstored(Json(health.report().await).into_response())
}

fn unstored(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
