//! Support for the tests: the real program on a private folder, its owner over HTTP, and WhatsApp's stand-in.
#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

pub mod business;
#[cfg(target_os = "linux")]
pub mod network;
mod owner;
mod program;
mod stand_in;
mod whatsapp;

pub use owner::Owner;
pub use program::{Program, program_file};
pub use stand_in::{StandIn, broken};
pub use whatsapp::{PHONE_NUMBER_ID, connect_whatsapp, fake_graph};

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

/// A folder of the repository's fixtures.
pub fn fixtures(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// Where the models for tests lie: put there by `cargo xtask models`.
pub fn models_folder() -> PathBuf {
    ai::models::development_folder()
}

/// Asks again and again until there is an answer, for at most `patience`.
///
/// # Panics
/// When the time is over; `what` says what did not happen.
pub async fn until<T, F, Fut>(what: &str, patience: Duration, mut ask: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let end = tokio::time::Instant::now() + patience;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < end, "did not happen within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Writes what was measured into the file named behind `--json`, for machines to read.
pub fn json_file(value: &Value) {
    let mut arguments = std::env::args();
    if arguments.by_ref().any(|a| a == "--json")
        && let Some(file) = arguments.next()
    {
        let text = serde_json::to_string_pretty(value).expect("JSON is written");
        std::fs::write(&file, text).expect("the file can be written");
    }
}
