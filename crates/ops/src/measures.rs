//! Numbers for Prometheus: what all crates count, and what the process itself uses.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::{Error, Result, Stopwatch};
use http::{HeaderValue, header};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use web::{ApiResult, ClientIp};

/// From a fast write to a slow model.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The installed recorder. Cheap to clone.
#[derive(Clone)]
pub struct Measures {
    handle: PrometheusHandle,
    /// Absent where the system tells nothing about processes.
    process: Arc<Mutex<Option<System>>>,
    started: Stopwatch,
}

impl Measures {
    /// Makes all counters of the program count here. May be called more than once; the first call counts.
    pub fn install() -> Result<Measures> {
        static INSTALLED: OnceLock<Measures> = OnceLock::new();
        static INSTALLING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(installed) = INSTALLED.get() {
            return Ok(installed.clone());
        }
        let handle = PrometheusBuilder::new()
            .set_buckets(SECONDS)
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|e| Error::internal(e.to_string()))?;
        describe();
        let made = Measures { handle, process: Arc::new(Mutex::new(System::new().ok())), started: Stopwatch::start() };
        Ok(INSTALLED.get_or_init(|| made).clone())
    }

    /// All numbers in Prometheus' text format.
    pub async fn render(&self) -> Result<String> {
        let measures = self.clone();
        base::task::blocking(move || {
            measures.observe_process();
            measures.handle.run_upkeep();
            measures.handle.render()
        })
        .await
    }

    fn observe_process(&self) {
        let mut system = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let pid = Pid::from_u32(std::process::id());
        if let Some(system) = system.as_mut() {
            let kind = ProcessRefreshKind::nothing().with_memory().with_cpu();
            system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, kind);
        }
        if let Some(process) = system.as_ref().and_then(|system| system.process(pid)) {
            metrics::gauge!("process_resident_memory_bytes").set(process.memory() as f64);
            metrics::gauge!("process_virtual_memory_bytes").set(process.virtual_memory() as f64);
            metrics::gauge!("process_cpu_percent").set(f64::from(process.cpu_usage()));
            metrics::gauge!("process_cpu_seconds").set(process.accumulated_cpu_time() as f64 / 1000.0);
        }
        metrics::gauge!("process_uptime_seconds").set(self.started.elapsed().as_secs_f64());
    }
}

fn describe() {
    metrics::describe_histogram!("db_commit_seconds", "Time from the begin of a transaction to its commit");
    metrics::describe_counter!("db_transactions_total", "Writes, many of which share one commit");
    metrics::describe_histogram!("jobs_wait_seconds", "Time from when a job was due to its start");
    metrics::describe_histogram!("jobs_run_seconds", "Time a handler took");
    metrics::describe_counter!("jobs_ended_total", "Starts of jobs by kind and outcome");
    metrics::describe_counter!("jobs_transactions_total", "Transactions of the job runner");
    metrics::describe_gauge!("jobs_queued", "Jobs that wait, due or not");
    metrics::describe_gauge!("jobs_running", "Jobs under way");
    metrics::describe_gauge!("jobs_oldest_due_seconds", "How long the oldest due job has waited");
    metrics::describe_gauge!("jobs_dead", "Jobs given up, to be looked at");
    metrics::describe_histogram!("http_request_seconds", "Time from a request to the begin of its answer");
    metrics::describe_counter!("http_errors_total", "Refused and failed requests by status");
    metrics::describe_gauge!("process_cpu_percent", "Share of one processor since the last look");
}

/// Publishes the state of a queue as gauges, labelled with a workspace's id. Call it now and then.
pub async fn record_jobs(workspace: &str, runner: &jobs::Runner) -> Result<()> {
    let stats = runner.stats().await?;
    for queue in &stats.queues {
        let labels = [("workspace", workspace.to_owned()), ("queue", queue.queue.clone())];
        metrics::gauge!("jobs_queued", &labels).set(queue.queued as f64);
        metrics::gauge!("jobs_running", &labels).set(queue.running as f64);
        metrics::gauge!("jobs_oldest_due_seconds", &labels).set(queue.oldest_due_ms as f64 / 1000.0);
    }
    metrics::gauge!("jobs_dead", "workspace" => workspace.to_owned()).set(stats.dead as f64);
    Ok(())
}

/// `/metrics`, for programs on this machine only: for others it is not there.
pub fn metrics_routes<S>(measures: Measures) -> axum::Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    axum::Router::new().route("/metrics", get(scrape)).with_state(measures)
}

async fn scrape(State(measures): State<Measures>, client: ClientIp) -> ApiResult<Response> {
    if !client.0.is_loopback() {
        return Ok(web::not_found().await.into_response());
    }
    let text = measures.render().await?;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
