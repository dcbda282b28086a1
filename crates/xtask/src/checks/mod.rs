//! `cargo xtask test`: every check of the project in the order CI runs them, to the end even when one fails.

mod report;
mod tester;

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
pub(crate) use report::Outcome;
use report::Report;

use crate::{contract, interface, models, process, setup, tidy, window, windows};

const BUILD_LIMIT: Duration = Duration::from_secs(60 * 60);
const TEST_LIMIT: Duration = Duration::from_secs(30 * 60);
const SHORT_LIMIT: Duration = Duration::from_secs(5 * 60);
const JOURNEY_LIMIT: Duration = Duration::from_secs(20 * 60);

/// The names under which the parts of the interface's checks may stand in a `package.json`; the first that is there runs.
const INTERFACE_CHECKS: &[(&str, &[&str])] =
    &[("types", &["typecheck", "types", "check"]), ("lint", &["lint"]), ("tests", &["test"])];

/// Runs everything; `quick` leaves out installing, the desktop program and the journeys. Errors: any check failed.
pub(crate) fn run(quick: bool) -> Result<()> {
    let mut report = Report::default();
    // First the machine: what is installed here is used by every later step.
    report.step("set-up", || {
        setup::check_tools()?;
        if !quick {
            setup::system_packages(setup::BUILD_PACKAGES)?;
            setup::system_packages(setup::TEST_PACKAGES)?;
            setup::system_packages(setup::DESKTOP_PACKAGES)?;
            setup::system_packages(setup::WINDOW_PACKAGES)?;
            install_nextest()?;
        }
        Ok(Outcome::Passed)
    });
    report.step("models", || match models::install(models::ALL) {
        Ok(()) => Ok(Outcome::Passed),
        Err(error) => Ok(Outcome::Skipped(format!("{error:#}"))),
    });
    report.step("tidy", || tidy::run().map(|()| Outcome::Passed));
    report.step("format", || passes(&mut process::cargo(&["fmt", "--all", "--check"]), SHORT_LIMIT));
    check_interface(&mut report);

    let desktop = !quick && desktop_compiles_here();
    let scope: &[&str] = if desktop { &["--workspace"] } else { &[] };
    let clippy = if desktop { "clippy, desktop too" } else { "clippy" };
    report.step(clippy, || {
        let mut command = process::cargo(&["clippy", "--all-targets"]);
        command.args(scope).args(["--", "-D", "warnings"]);
        passes(&mut command, BUILD_LIMIT)
    });
    if !quick {
        report.step("Windows: check", windows::check_server);
    }
    if report.step("build", || build(scope).map(|()| Outcome::Passed)) {
        report.step("Rust tests", || rust_tests(scope));
        report.step("contract: document", || contract::check_document().map(|()| Outcome::Passed));
        report.step("contract: types", || contract::check_types().map(|()| Outcome::Passed));
        report.step("contract: tester", || tester::run(!quick, &[]));
        if !quick {
            report.step("journeys", journeys);
        }
        if desktop && cfg!(target_os = "linux") {
            report.step("window", window::step);
        }
    }
    report.finish()
}

/// Only the tester of both contracts, against the program built anew; `arguments` are its own, such as `--examples 200`.
pub(crate) fn contract(arguments: &[String]) -> Result<()> {
    build(&[])?;
    match tester::run(true, arguments)? {
        Outcome::Passed => Ok(()),
        Outcome::Skipped(why) => bail!(why),
    }
}

/// Builds what the tests need, of the packages in `scope`. The tests then find the same choice of packages and targets, so
/// that nothing is compiled twice for other features.
pub(crate) fn build(scope: &[&str]) -> Result<()> {
    process::run(process::cargo(&["build", "--bins", "--tests"]).args(scope), BUILD_LIMIT)
}

fn check_interface(report: &mut Report) {
    let folders = interface::folders();
    if folders.is_empty() {
        report.step("interface", || bail!("ui has no package.json."));
    }
    for folder in folders {
        let name = interface::name(&folder);
        if !report.step(&format!("{name}: packages"), || interface::install(&folder).map(|()| Outcome::Passed)) {
            continue;
        }
        for (what, scripts) in INTERFACE_CHECKS {
            if let Some(script) = scripts.iter().find(|script| interface::has_script(&folder, script)) {
                report
                    .step(&format!("{name}: {what}"), || interface::script(&folder, script).map(|()| Outcome::Passed));
            }
        }
        report.step(&format!("{name}: build"), || interface::build(&folder).map(|()| Outcome::Passed));
        if interface::has_script(&folder, "size") {
            report.step(&format!("{name}: size"), || interface::script(&folder, "size").map(|()| Outcome::Passed));
        }
    }
}

fn rust_tests(scope: &[&str]) -> Result<Outcome> {
    let mut command = if has_nextest() {
        let config = process::root().join("crates").join("xtask").join("nextest.toml");
        let mut command = process::cargo(&["nextest", "run", "--no-fail-fast", "--config-file"]);
        command.arg(config);
        command
    } else {
        println!("    cargo-nextest is not there: `cargo test` runs them, more slowly.");
        process::cargo(&["test", "--bins", "--tests", "--no-fail-fast"])
    };
    command.args(scope);
    command.env("BOTFLOW_MODELS", models::folder()?);
    passes(&mut command, TEST_LIMIT)
}

/// A few whole paths through the product in a real browser, against the program just built.
fn journeys() -> Result<Outcome> {
    let folder = process::root().join("tests").join("journeys");
    if !folder.join("package.json").is_file() {
        return Ok(Outcome::Skipped("there are none yet".to_owned()));
    }
    let Some(browser) = browser() else {
        let why = "Chromium was not found. Install it, or set BOTFLOW_BROWSER to its program.";
        // On CI a journey that did not run must not look like one that did.
        return if std::env::var_os("CI").is_some() { bail!(why) } else { Ok(Outcome::Skipped(why.to_owned())) };
    };
    interface::install(&folder)?;
    let mut command = process::npm(&folder, &["run", "--silent", "journeys"]);
    command.env("BOTFLOW_PROGRAM", process::built("debug", "botflow")).env("BOTFLOW_BROWSER", browser);
    command.env("BOTFLOW_MODELS", models::folder()?);
    passes(&mut command, JOURNEY_LIMIT)
}

fn passes(command: &mut std::process::Command, limit: Duration) -> Result<Outcome> {
    process::run(command, limit).map(|()| Outcome::Passed)
}

fn browser() -> Option<OsString> {
    if let Some(program) = std::env::var_os("BOTFLOW_BROWSER").filter(|program| !program.is_empty()) {
        return Some(program);
    }
    let places = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ];
    places.into_iter().find(|place| Path::new(place).is_file()).map(OsString::from)
}

/// On Linux the window needs WebKit's headers; elsewhere the system brings everything.
fn desktop_compiles_here() -> bool {
    let there = !cfg!(target_os = "linux")
        || process::output(&mut process::command("pkg-config", &["--modversion", "webkit2gtk-4.1"])).is_some();
    if !there {
        println!("    The desktop program is left out: its system packages are not there.");
    }
    there
}

pub(crate) fn has_nextest() -> bool {
    process::output(&mut process::cargo(&["nextest", "--version"])).is_some()
}

/// Installs cargo-nextest where it is missing; without it the tests run all the same.
fn install_nextest() -> Result<()> {
    if has_nextest() {
        return Ok(());
    }
    println!("    Installing cargo-nextest (some minutes, once) …");
    let installed =
        process::run(&mut process::cargo(&["install", "--locked", "--quiet", "cargo-nextest"]), BUILD_LIMIT);
    match installed {
        Err(error) if process::stopped() => Err(error),
        Err(error) => {
            println!("    That did not work: {error:#}");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
