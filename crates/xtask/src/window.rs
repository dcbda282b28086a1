//! `cargo xtask window`: the desktop program in a real window, on a screen that nobody sees.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Result;

use crate::checks::Outcome;
use crate::{checks, interface, models, process, setup};

const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Sets up what is missing, then runs the tests. Errors: one failed, or this system has no such screen.
pub(crate) fn run() -> Result<()> {
    setup::check_tools()?;
    for packages in [setup::BUILD_PACKAGES, setup::DESKTOP_PACKAGES, setup::WINDOW_PACKAGES] {
        setup::system_packages(packages)?;
    }
    for folder in interface::folders() {
        interface::install(&folder)?;
        interface::build(&folder)?;
    }
    models::install(models::ALL)?;
    // Compiling everything for the first time takes longer than the tests may.
    checks::build(&["--workspace"])?;
    test()
}

/// The same as a step of all checks: left out where there is no screen for it.
pub(crate) fn step() -> Result<Outcome> {
    for (program, asked) in [("WebKitWebDriver", "--help"), ("Xvfb", "-help"), ("dbus-daemon", "--version")] {
        if process::command(program, &[asked]).stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            return Ok(Outcome::Skipped(format!("{program} is not there; `cargo xtask window` installs it.")));
        }
    }
    test().map(|()| Outcome::Passed)
}

/// Only the tests; everything they need is there. They are built with the features of the whole workspace, as the other
/// tests are where the desktop program is among them.
fn test() -> Result<()> {
    let mut command = if checks::has_nextest() {
        let config = process::root().join("crates").join("xtask").join("nextest.toml");
        let mut command = process::cargo(&["nextest", "run", "--workspace", "--test", "window", "--no-fail-fast"]);
        // Two at a time: each of them is a screen, a server and a browser.
        command.args(["--run-ignored", "all", "--test-threads", "2", "--config-file"]).arg(config);
        command
    } else {
        process::cargo(&["test", "--workspace", "--test", "window", "--", "--include-ignored", "--test-threads", "2"])
    };
    command.env("BOTFLOW_MODELS", models::folder()?);
    process::run(&mut command, LIMIT)
}
