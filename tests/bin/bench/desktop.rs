//! The desktop program on a screen that nobody sees: how soon it is there, and what it costs while nothing happens.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base::Stopwatch;
use botflow_tests::{Owner, Program, connect_whatsapp, fake_graph, models_folder, program_file, until};
use channels::whatsapp::fake::{FakeGraph, Settings};
use serde_json::json;

use crate::{Figures, Target, process};

const PATIENCE: Duration = Duration::from_secs(30);
const STARTS: usize = 5;
/// Long enough for the page to have settled, and for what comes once a minute.
const SETTLE: Duration = Duration::from_secs(20);
const IDLE: Duration = Duration::from_secs(60);

/// A program that is ended with the measurement.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) async fn desktop(out: &mut Figures) {
    let program = program_file().with_file_name("botflow-desktop");
    if !cfg!(target_os = "linux") || !program.is_file() {
        println!("desktop: left out, there is no {} for Linux", program.display());
        return;
    }
    // Without `-noreset` it begins anew after each program, and the next one may come in between.
    let screen = ["-displayfd", "1", "-screen", "0", "1366x900x24", "-noreset"];
    let Some((_screen, display)) = first_line("Xvfb", &screen) else {
        println!("desktop: left out, Xvfb is not installed (cargo xtask window installs it)");
        return;
    };
    let Some((_bus, bus)) = first_line("dbus-daemon", &["--session", "--nofork", "--print-address"]) else {
        println!("desktop: left out, dbus is not installed (cargo xtask window installs it)");
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let graph = fake_graph(Settings::default()).await;
    let start = || {
        let mut command = Command::new(&program);
        command
            .args(["--port", "0", "--data"])
            .arg(home.path().join("data"))
            .env("HOME", home.path())
            .env("XDG_RUNTIME_DIR", home.path())
            .env("DISPLAY", format!(":{display}"))
            .env("DBUS_SESSION_BUS_ADDRESS", &bus)
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("BOTFLOW_MODELS", models_folder())
            .env("BOTFLOW_GRAPH_URL", graph.base_url())
            .env("BOTFLOW_ALLOW_PRIVATE_ADDRESSES", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ended(command.spawn().unwrap())
    };
    let (mut to_window, mut to_page) = (Vec::new(), Vec::new());
    for _ in 0..=STARTS {
        let pages = pages_shown(home.path());
        let watch = Stopwatch::start();
        let _running = start();
        until("the window is there", PATIENCE, || async { has_window(&display).then_some(()) }).await;
        to_window.push(watch.elapsed_ms());
        until("the page is there", PATIENCE, || async { (pages_shown(home.path()) > pages).then_some(()) }).await;
        to_page.push(watch.elapsed_ms());
        drop(_running);
        until("the window is gone", PATIENCE, || async { (!has_window(&display)).then_some(()) }).await;
    }
    // The first one makes the data and fills the system's caches.
    let median = |times: &mut Vec<f64>| {
        times.remove(0);
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    out.judge("desktop: start to window, median of 5", median(&mut to_window), "ms", Target::AtMost(300.0), "");
    out.judge("desktop: start to the interface in it", median(&mut to_page), "ms", Target::AtMost(2000.0), "");

    open_shop(&home.path().join("data"), &graph).await;
    let running = start();
    let pages = pages_shown(home.path());
    until("the page is there", PATIENCE, || async { (pages_shown(home.path()) > pages).then_some(()) }).await;
    tokio::time::sleep(SETTLE).await;
    let web = web_processes(home.path());
    out.note(
        "desktop: memory idle, server and window",
        own_megabytes(running.0.id()),
        "MB",
        "its share of what is shared",
    );
    let drawn: f64 = web.iter().map(|id| own_megabytes(*id)).sum();
    out.note("desktop: memory idle, web view", drawn, "MB", &format!("{} processes of the system's WebKit", web.len()));
    let all: Vec<u32> = std::iter::once(running.0.id()).chain(web).collect();
    let used = |ids: &[u32]| ids.iter().map(|id| process(*id).1).sum::<f64>();
    let (used_before, woken_before) = (used(&all), wakeups(&all));
    tokio::time::sleep(IDLE).await;
    let share = 100.0 * (used(&all) - used_before) / IDLE.as_secs_f64();
    // The clock of the system counts in hundredths of a second: nothing at all is less than one of them.
    let share = share.max(100.0 * 0.01 / IDLE.as_secs_f64());
    let what = "all processes, Home in the window";
    out.judge("desktop: processor while idle", share, "% of a core", Target::AtMost(0.5), what);
    // A thread that has ended meanwhile takes its count with it, so each is compared with itself.
    let woken: f64 = wakeups(&all).iter().map(|(thread, times)| times - woken_before.get(thread).unwrap_or(&0.0)).sum();
    let woken = woken / IDLE.as_secs_f64();
    out.note("desktop: wakeups while idle", woken, "a second", "all threads of all processes");
    graph.stop().await;
}

/// An idle program is one that waits for customers: with documents that were read, a number, a chat and an address.
async fn open_shop(data: &Path, graph: &FakeGraph) {
    let mut program = Program::start(data, &[("graph_url", &graph.base_url())]);
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.load_sample().await;
    connect_whatsapp(&owner, graph, &bot, &program.public).await;
    let proven = owner.put("/public-address", json!({ "way": "typed", "url": program.public })).await;
    assert_eq!(proven["state"], "proven", "{proven}");
    program.kill();
}

/// Starts a program that says in its first line where it is.
fn first_line(program: &str, arguments: &[&str]) -> Option<(Ended, String)> {
    let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    Some((Ended(child), line.trim().to_owned()))
}

/// Whether a window with the product's name is on the screen.
fn has_window(display: &str) -> bool {
    let name = base::product::name();
    let told = Command::new("xwininfo").args(["-display", &format!(":{display}"), "-name", name]).output();
    told.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).contains("Map State: IsViewable"))
}

/// How often the window came to the interface, by its log.
fn pages_shown(home: &Path) -> usize {
    let logs = std::fs::read_dir(home.join("data").join("logs")).into_iter().flatten().flatten();
    let text = logs.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default()).collect::<String>();
    text.matches("the interface is in the window").count()
}

fn web_processes(home: &Path) -> Vec<u32> {
    let home = home.display().to_string();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|id| {
            let file: PathBuf = std::fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
            let surroundings = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            file.to_string_lossy().contains("WebKit") && String::from_utf8_lossy(&surroundings).contains(&home)
        })
        .collect()
}

/// What a process has for itself, and its share of what it has with others.
fn own_megabytes(id: u32) -> f64 {
    let told = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// How often each thread of these processes came back from waiting.
fn wakeups(ids: &[u32]) -> HashMap<PathBuf, f64> {
    let threads =
        ids.iter().flat_map(|id| std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten());
    threads
        .filter_map(|thread| {
            let status = std::fs::read_to_string(thread.path().join("status")).ok()?;
            let mut lines = status.lines();
            let times = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse().ok())?;
            Some((thread.path(), times))
        })
        .collect()
}
