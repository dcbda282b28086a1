//! From start to ready, and memory.

use std::time::Duration;

use base::Stopwatch;
use botflow_tests::{Owner, Program};
use serde_json::json;

use crate::{Figures, process};

pub(crate) async fn start_and_memory(out: &mut Figures) {
    let folder = tempfile::tempdir().unwrap();
    drop(Program::start(folder.path(), &[]));
    let mut times = Vec::new();
    for _ in 0..5 {
        let watch = Stopwatch::start();
        let program = Program::start(folder.path(), &[]);
        times.push(watch.elapsed_ms());
        drop(program);
    }
    times.sort_by(f64::total_cmp);
    out.note("start to ready, median of 5", times[2], "ms", "at most 1000");
    let program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    out.note("memory idle, no model", process(program.process_id()).0, "MB", "at most 100");
    let watch = Stopwatch::start();
    owner.load_sample().await;
    let took = watch.elapsed().as_secs_f64();
    let passages: f64 =
        owner.get("/sources").await["items"].as_array().unwrap().iter().filter_map(|s| s["passages"].as_f64()).sum();
    out.note("sample business, drop to ready", took, "s", &format!("{passages} passages and their sentences"));
    owner.post("/ask", json!({ "question": "When do you open?" })).await;
    out.note("memory with the search model", process(program.process_id()).0, "MB", "");
}
