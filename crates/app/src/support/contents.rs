//! What is told of the system, of the data and of the doctor's findings.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use base::Result;
use db::rusqlite::Connection;
use serde_json::{Value, json};

use super::redact::Redactor;
use crate::doctor::{Businesses, Report, Site, store};

const FAILED_JOBS: u32 = 100;
/// For each file.
const PATIENCE: Duration = Duration::from_secs(4);

/// Businesses and channels are numbered instead of named; paths are shortened.
pub(super) fn without_names(report: &mut Report, redactor: &Redactor) {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &mut report.findings {
        if let Some(of) = &mut finding.of {
            let next = numbers.len() + 1;
            *of = format!("no. {}", numbers.entry(of.clone()).or_insert(next));
        }
        finding.sentence = redactor.text(&finding.sentence);
        finding.fix = finding.fix.as_deref().map(|fix| redactor.text(fix));
    }
}

/// The program and the computer it runs on.
pub(super) fn system() -> Value {
    let memory = sysinfo::System::new().ok().map(|mut system| {
        system.refresh_memory();
        system.total_memory() >> 20
    });
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "built_for": format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        "system": sysinfo::System::long_os_version().ok(),
        "kernel": sysinfo::System::kernel_version().ok(),
        "processors": std::thread::available_parallelism().ok().map(std::num::NonZero::get),
        "memory_mb": memory,
    })
}

/// For each database its schema's version, how many rows each table has, and the jobs that failed.
pub(super) fn data(site: &Site, businesses: &Businesses, redactor: &Redactor) -> Value {
    let mut files = vec![file("system.db", &site.config.data.join("system.db"), redactor)];
    files.extend(businesses.0.iter().enumerate().map(|(number, business)| {
        let name = format!("workspace.db of business no. {}", number + 1);
        file(&name, &business.path, redactor)
    }));
    Value::Array(files)
}

fn file(name: &str, path: &Path, redactor: &Redactor) -> Value {
    let bytes = |suffix: &str| {
        let mut path = path.as_os_str().to_owned();
        path.push(suffix);
        std::fs::metadata(path).ok().map(|m| m.len())
    };
    let told = db::look(path, PATIENCE).and_then(|connection| tell(&connection, redactor));
    let mut told = told.unwrap_or_else(|e| json!({ "unreadable": redactor.text(&format!("{e:?}")) }));
    told["file"] = json!(name);
    told["bytes"] = json!(bytes(""));
    told["log_bytes"] = json!(bytes("-wal"));
    told
}

fn tell(connection: &Connection, redactor: &Redactor) -> Result<Value> {
    let failed = store::failed_jobs(connection, FAILED_JOBS)?;
    let failed: Vec<Value> = failed
        .iter()
        .map(|job| json!({ "kind": redactor.text(&job.kind), "error": redactor.text(&job.error), "at": job.at }))
        .collect();
    let rows: serde_json::Map<String, Value> =
        store::counts(connection)?.into_iter().map(|(table, count)| (table, json!(count))).collect();
    Ok(json!({ "schema": store::schema_version(connection)?, "rows": rows, "failed_jobs": failed }))
}

#[cfg(test)]
mod tests {
    use base::Clock;

    use super::super::redact::MASK;
    use super::*;
    use crate::{Config, doctor};

    #[tokio::test]
    async fn the_doctors_findings_can_still_be_read_in_the_report() {
        let folder = tempfile::tempdir().unwrap();
        let config =
            Config { data: folder.path().to_owned(), graph_url: "http://127.0.0.1:9".into(), ..Config::default() };
        let site = Site { config, clock: Clock::System, listening: None, running: None };
        let mut report = doctor::examine(&site).await;
        without_names(&mut report, &Redactor::new(folder.path()));
        assert!(report.findings.len() > 8);
        for finding in &report.findings {
            assert!(!finding.sentence.contains(MASK), "{}", finding.sentence);
            assert!(!finding.fix.as_deref().unwrap_or_default().contains(MASK), "{:?}", finding.fix);
        }
    }
}
