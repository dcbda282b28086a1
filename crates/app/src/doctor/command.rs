//! `botflow doctor` and `botflow support-bundle`.

use std::io::{IsTerminal, Write};
use std::path::Path;

use base::{Clock, Result};
use ops::Standing;

use super::{Site, examine};
use crate::{Config, support};

fn site(mut config: Config) -> Site {
    // Shown as a person can find it from anywhere.
    config.data = std::path::absolute(&config.data).unwrap_or(config.data);
    Site { config, clock: Clock::System, listening: None, running: None }
}

/// Prints what was found; false when something is bad.
pub async fn report(config: Config, json: bool) -> Result<bool> {
    let report = examine(&site(config)).await;
    let mut out = std::io::stdout().lock();
    let text = if json {
        serde_json::to_string_pretty(&report)? + "\n"
    } else {
        report.to_text(out.is_terminal() && std::env::var_os("NO_COLOR").is_none())
    };
    out.write_all(text.as_bytes())?;
    Ok(report.standing != Standing::Bad)
}

/// Writes the report for support to a new file.
pub async fn bundle_into(config: Config, file: &Path) -> Result<()> {
    support::bundle_into(&site(config), file).await?;
    writeln!(
        std::io::stdout().lock(),
        "{} holds the report for support. It has no messages, people, documents or secrets in it; it is plain text that you can read.",
        file.display()
    )?;
    Ok(())
}
