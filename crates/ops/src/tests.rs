//! What a person would miss if we could not tell how the program is.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use base::{Clock, Secret, Time};
use db::{Db, Schema};
use tower::ServiceExt;
use tracing_subscriber::layer::SubscriberExt;

use crate::*;

async fn get(router: axum::Router, path: &str, peer: &str) -> (u16, String) {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
    let response = router.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_part_that_is_needed_and_broken_makes_it_not_ready_and_says_why() {
    let health = Health::new("1.2.3")
        .check("database", true, || async { Check::good("The data can be read and written.") })
        .check("tunnel", false, || async { Check::bad("Customers cannot reach you. Check the internet connection.") });
    let routes = |health: &Health| axum::Router::from(health_routes::<()>(health.clone()));
    let (status, _) = get(routes(&health), "/ready", "127.0.0.1:1").await;
    assert_eq!(status, 200, "the tunnel is not needed to be ready");
    let (status, body) = get(routes(&health), "/health", "127.0.0.1:1").await;
    assert_eq!(status, 200);
    let report: HealthReport = serde_json::from_str(&body).unwrap();
    assert_eq!((report.version.as_str(), report.standing), ("1.2.3", Standing::Bad));
    assert!(report.checks[1].sentence.contains("Customers cannot reach you"));
    let broken = health.check("disk", true, || async { Check::bad("The disk is full.") });
    assert_eq!(get(routes(&broken), "/ready", "127.0.0.1:1").await.0, 503);
    assert_eq!(get(routes(&broken), "/live", "127.0.0.1:1").await, (200, "ok".into()));
}

#[tokio::test]
async fn a_check_that_hangs_is_reported_instead_of_hanging_the_report() {
    let mut health = Health::new("1").check("stuck", true, std::future::pending::<Check>);
    health.patience = std::time::Duration::from_millis(5);
    let report = health.readiness().await;
    assert_eq!(report.standing, Standing::Bad);
}

#[tokio::test]
async fn numbers_are_for_programs_on_this_machine_only() {
    let measures = Measures::install().unwrap();
    let again = Measures::install().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&folder.path().join("workspace.db"), Schema::Workspace, db::Options::default()).unwrap();
    let runner = jobs::Runner::new(db.clone(), Clock::manual(Time(60_000)), jobs::Registry::new());
    db.write(|tx| jobs::enqueue(tx, Time(30_000), jobs::NewJob::new("x", "mail", ())?)).await.unwrap();
    record_jobs("w1", &runner).await.unwrap();
    let (status, body) = get(metrics_routes::<()>(again), "/metrics", "127.0.0.1:1").await;
    assert_eq!(status, 200);
    for part in [
        "jobs_queued{workspace=\"w1\",queue=\"mail\"} 1",
        "jobs_oldest_due_seconds{workspace=\"w1\",queue=\"mail\"} 30",
        "db_commit_seconds_bucket",
        "process_resident_memory_bytes",
    ] {
        assert!(body.contains(part), "{part} is not in\n{body}");
    }
    assert_eq!(get(metrics_routes::<()>(measures), "/metrics", "203.0.113.9:1").await.0, 404);
}

#[test]
fn what_is_logged_is_in_the_file_as_json_and_secrets_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let (layer, guard) = logs::file_layer(&folder.path().join("logs")).unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let token = Secret::new("hunter2");
        tracing::info!(?token, conversation = "c1", "a message was sent");
        log_panics();
        let _ = std::panic::catch_unwind(|| panic!("something broke"));
        let _ = std::panic::take_hook();
    });
    drop(guard);
    let file = std::fs::read_dir(folder.path().join("logs")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines[0]["fields"]["message"], "a message was sent");
    assert_eq!(lines[0]["fields"]["conversation"], "c1");
    assert!(!text.contains("hunter2"));
    assert_eq!(lines[1]["level"], "ERROR");
    assert!(lines[1]["fields"]["message"].as_str().unwrap().contains("something broke"));
    assert!(lines[1]["fields"]["place"].as_str().unwrap().contains("tests.rs"));
}

#[test]
fn a_log_level_that_does_not_exist_is_refused_in_words() {
    for level in ["info", "debug", "warn,botflow_jobs=trace"] {
        assert!(logs::filter(level).is_ok(), "{level}");
    }
    let error = logs::filter("a=b=c").unwrap_err();
    assert!(error.message.contains("not a log level"));
}
