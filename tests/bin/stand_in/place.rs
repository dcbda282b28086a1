//! The folder in which a stand-in lies, its plan, and what it writes down.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    file: PathBuf,
    begun: Instant,
}

impl Place {
    pub(crate) fn of(file: &str) -> Self {
        let file = PathBuf::from(file);
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let folder = file.parent().unwrap_or(Path::new(".")).to_owned();
        Self { name, folder, file, begun: Instant::now() }
    }

    /// What the plan says of this, at this moment.
    pub(crate) fn plan(&self, what: &str) -> Value {
        let plan = std::fs::read(self.folder.join("plan.json")).unwrap_or_default();
        serde_json::from_slice::<Value>(&plan).unwrap_or_default()[what].take()
    }

    pub(crate) fn is_planned(&self, what: &str) -> bool {
        self.plan(what) == json!(true)
    }

    pub(crate) fn text(&self, what: &str) -> Option<String> {
        self.plan(what).as_str().map(str::to_owned)
    }

    /// Whether it has run so long as the plan says under this name, in milliseconds; at once without.
    pub(crate) fn is_after(&self, what: &str) -> bool {
        self.begun.elapsed() >= Duration::from_millis(self.plan(what).as_u64().unwrap_or(0))
    }

    fn append(&self, file: &str, line: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.folder.join(file)).unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Writes down that it was called.
    pub(crate) fn called(&self, arguments: &[String]) {
        self.append("calls.jsonl", &json!(arguments).to_string());
        self.lives();
    }

    /// Writes down that this process runs, and a port that is open for just as long: the same sign of life on all systems.
    fn lives(&self) {
        let sign = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        self.append("processes", &format!("{} {}", std::process::id(), sign.local_addr().unwrap()));
        std::thread::spawn(move || sign.incoming().for_each(drop));
    }

    /// Does nothing, for good.
    pub(crate) fn idle(&self) -> ! {
        self.lives();
        idle()
    }

    /// Does what the plan says of a whole process: a child of its own, deafness to the request to end, an early end.
    pub(crate) fn live(&self) {
        if self.is_planned("stubborn") {
            ignore_the_request_to_end();
        }
        if self.is_planned("child") {
            let mut child = Command::new(&self.file).arg("idle").spawn().unwrap();
            std::thread::spawn(move || child.wait());
        }
        if self.plan("die_after_ms").is_u64() {
            let place = self.clone();
            std::thread::spawn(move || {
                while !place.is_after("die_after_ms") {
                    std::thread::sleep(Duration::from_millis(10));
                }
                std::process::exit(1);
            });
        }
    }
}

/// Does nothing, for good.
pub(crate) fn idle() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

fn ignore_the_request_to_end() {
    #[cfg(unix)]
    {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let context = runtime.enter();
        // Heard once, it no longer ends the process; and nobody listens.
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
        std::mem::forget(signal);
        drop(context);
        std::mem::forget(runtime);
    }
}
