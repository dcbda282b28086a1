//! How the program is doing: liveness, readiness, health in words, metrics, logs, and what it says when it panics.
//!
//! Logs are redacted by construction: secrets are [`base::Secret`]s, which never print, and neither bodies nor queries
//! of requests are logged anywhere.

mod health;
mod logs;
mod measures;

pub use health::{Check, CheckReport, Health, HealthReport, Standing, health_contract, health_routes};
pub use logs::{LogGuard, init_logs, log_panics};
pub use measures::{Measures, metrics_routes, record_jobs};

#[cfg(test)]
mod tests;
