//! `cargo xtask bench [start] [webhooks] [flows] [canvas] [desktop] [packages] [embedding] [replies] [retrieval]`: how fast the program is, each
//! figure beside a floor measured in the same run where there is one.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops at what it did not expect"
)]

mod canvas;
mod desktop;
mod filler;
mod flows;
mod packages;
mod retrieval;
mod start;
mod webhooks;

use std::path::{Path, PathBuf};

use botflow_tests::json_file;
use serde_json::{Map, Value, json};

/// What was measured, by name.
pub(crate) struct Figures(Map<String, Value>);

/// What a figure has to be.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    /// Nothing at all is what a machine says that cannot measure it.
    fn met(self, value: f64) -> bool {
        match self {
            Target::AtLeast(least) => value >= least,
            Target::AtMost(most) => value > 0.0 && value <= most,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::AtLeast(least) => write!(f, "at least {least}"),
            Target::AtMost(most) => write!(f, "at most {most}"),
        }
    }
}

impl Figures {
    /// Prints a figure and keeps it. `against` says what it is measured against.
    pub(crate) fn note(&mut self, name: &str, value: f64, unit: &str, against: &str) {
        let beside = if against.is_empty() { String::new() } else { format!("   ({against})") };
        println!("{name}: {value:.1} {unit}{beside}");
        self.0.insert(name.to_owned(), json!({ "value": value, "unit": unit, "against": against }));
    }

    /// The same for a figure with a target: says whether it is met.
    pub(crate) fn judge(&mut self, name: &str, value: f64, unit: &str, target: Target, beside: &str) {
        let met = target.met(value);
        let verdict = if met { "met" } else { "NOT met" };
        self.note(name, value, unit, &format!("{beside}; {target}: {verdict}"));
        if let Some(Value::Object(figure)) = self.0.get_mut(name) {
            figure.insert("target".into(), target.to_string().into());
            figure.insert("met".into(), met.into());
        }
    }
}

#[tokio::main]
async fn main() {
    let mut out = Figures(Map::new());
    let only: Vec<String> = std::env::args().skip(1).take_while(|a| a != "--json").collect();
    let wanted = |part: &str| only.is_empty() || only.iter().any(|o| o == part);
    if wanted("start") {
        start::start_and_memory(&mut out).await;
    }
    if wanted("webhooks") {
        webhooks::webhooks(&mut out).await;
    }
    if wanted("flows") {
        flows::flows(&mut out).await;
    }
    if wanted("canvas") {
        canvas::canvas(&mut out).await;
    }
    if wanted("desktop") {
        desktop::desktop(&mut out).await;
    }
    if wanted("packages") {
        packages::packages(&mut out);
    }
    if wanted("embedding") {
        retrieval::embedding(&mut out).await;
    }
    if wanted("replies") {
        for passages in [1_000, 20_000] {
            retrieval::replies(&mut out, passages).await;
        }
    }
    if wanted("retrieval") {
        for passages in [10_000, 100_000] {
            retrieval::retrieval(&mut out, passages).await;
        }
    }
    json_file(&Value::Object(out.0));
}

/// The folder of the only business in a program's data.
pub(crate) fn workspace(data: &Path) -> PathBuf {
    let workspaces = std::fs::read_dir(data.join("workspaces")).unwrap();
    workspaces.map(|w| w.unwrap().path()).find(|w| w.join("workspace.db").exists()).unwrap()
}

/// Resident memory of a process in megabytes, and the processor time it has used in seconds; Linux tells.
pub(crate) fn process(id: u32) -> (f64, f64) {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let kilobytes =
        status.lines().find_map(|l| l.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let ticks: f64 = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse::<f64>().ok())
        .sum();
    (kilobytes.unwrap_or(0.0) / 1024.0, ticks / 100.0)
}
