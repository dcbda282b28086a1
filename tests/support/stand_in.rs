//! The programs of others that tunnels are made by, as stand-ins in a folder of their own, with a plan for how they
//! misbehave.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

/// A stand-in for `cloudflared`, `ngrok` or `tailscale`. What may stand in its plan is in `tests/bin/stand_in`.
pub struct StandIn {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl StandIn {
    pub fn new(name: &'static str) -> Self {
        let stand_in = Self::not_installed(name);
        stand_in.install();
        stand_in
    }

    /// A place for one that is not there yet.
    pub fn not_installed(name: &'static str) -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), name }
    }

    pub fn install(&self) {
        let file = stand_in_file();
        #[cfg(unix)]
        std::os::unix::fs::symlink(file, self.program()).expect("a link");
        #[cfg(not(unix))]
        std::fs::copy(file, self.program()).expect("a copy");
    }

    /// Where it lies.
    pub fn program(&self) -> PathBuf {
        self.folder.path().join(format!("{}{}", self.name, std::env::consts::EXE_SUFFIX))
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// From now on it behaves so; counts also for the one that runs.
    pub fn plan(&self, plan: &Value) {
        let new = self.folder.path().join("plan.new");
        std::fs::write(&new, plan.to_string()).expect("a plan");
        std::fs::rename(new, self.folder.path().join("plan.json")).expect("a plan");
    }

    /// The arguments of each call, questions for the version left out.
    pub fn calls(&self) -> Vec<Vec<String>> {
        let calls = std::fs::read_to_string(self.folder.path().join("calls.jsonl")).unwrap_or_default();
        calls.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The processes of it, and those that they started, that still run; oldest first.
    pub fn running(&self) -> Vec<u32> {
        let all = std::fs::read_to_string(self.folder.path().join("processes")).unwrap_or_default();
        let all = all.lines().filter_map(|line| line.split_once(' '));
        let running = all.filter(|(_, sign)| {
            let sign: Option<SocketAddr> = sign.parse().ok();
            sign.is_some_and(|sign| TcpStream::connect_timeout(&sign, Duration::from_secs(1)).is_ok())
        });
        running.filter_map(|(id, _)| id.parse().ok()).collect()
    }

    /// Ends all that runs, as somebody does who ends it in the task manager.
    pub fn kill(&self) {
        for id in self.running() {
            let mut command = std::process::Command::new(if cfg!(windows) { "taskkill" } else { "kill" });
            command.args(if cfg!(windows) { ["/F", "/PID"] } else { ["-s", "KILL"] }).arg(id.to_string());
            assert!(command.status().expect("it can be killed").success());
        }
    }
}

fn stand_in_file() -> PathBuf {
    let name = format!("stand-in{}", std::env::consts::EXE_SUFFIX);
    let this = std::env::current_exe().expect("a test has a file");
    let file = this.ancestors().skip(1).map(|folder| folder.join(&name)).find(|file| file.is_file());
    file.expect("the stand-in is built with the tests")
}

/// A newer version of the product that spoils the data and then does as said: `exit CODE`, or `hang`.
pub fn broken(how: &str) -> Vec<u8> {
    let mut file = std::fs::read(stand_in_file()).expect("the stand-in is built");
    file.extend_from_slice(format!("{:64}\nmisbehaves: {how}", "").as_bytes());
    file
}
