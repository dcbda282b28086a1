//! `cargo xtask test --windows`: the Rust tests, built for Windows and run under Wine.

use std::time::Duration;

use anyhow::Result;

use super::wine::{Wine, as_windows};
use super::{BUILD_LIMIT, COMPILERS, LINKER, WINE, cargo, library, need};
use crate::{models, process, setup};

const TEST_LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// Where recorded answers lie; else the library for them would ask cargo, which does not run there. Building reads it too.
const SOURCES: &str = "INSTA_WORKSPACE_ROOT";

/// Builds and runs them; `rest` goes to nextest. Those that cannot pass under Wine are named in
/// `crates/xtask/windows/nextest.toml`, each with the reason.
pub(crate) fn run(rest: &[String]) -> Result<()> {
    println!("1/3 What is needed");
    setup::system_packages(&[COMPILERS, WINE].concat())?;
    need(LINKER, COMPILERS)?;
    need("cargo-nextest", &["cargo-nextest (`cargo install --locked cargo-nextest`)"])?;
    let library = library::provide()?;
    if let Err(error) = models::install(models::ALL) {
        println!("    {error:#}");
    }
    println!("2/3 Building the programs and their tests");
    // The same choice as of the run below; the tests start the programs by name.
    let all = ["--workspace", "--bins", "--tests"];
    let mut command = cargo::cargo(&[&["build"], &all[..]].concat(), &library);
    process::run(command.env(SOURCES, as_windows(&process::root())), BUILD_LIMIT)?;
    println!("3/3 Running them under Wine");
    let wine = Wine::open("tests", false)?;
    let listed = process::root().join("crates").join("xtask").join("windows").join("nextest.toml");
    let mut command = cargo::cargo(&[&["nextest", "run", "--no-fail-fast"], &all[..]].concat(), &library);
    command.arg("--config-file").arg(listed).args(rest).envs(wine.settings());
    // Cargo splits this at spaces, which the folder of this project may have in its name.
    let runner = tempfile::tempdir()?;
    let script = runner.path().join("run.sh");
    std::fs::copy(process::root().join("crates").join("xtask").join("windows").join("run.sh"), &script)?;
    command.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", &script).env("WINE_PROGRAM", &wine.program);
    command.env("BOTFLOW_MODELS", as_windows(&models::folder()?));
    // Where the library lies that programs with a window load; their tests are in a folder below.
    command.env("WINEPATH", as_windows(&super::built("debug")));
    // Every start takes Wine seconds: fewer power failures, and fewer customers to be forgotten by them.
    command.env("BOTFLOW_CRASH_KILLS", "5").env("BOTFLOW_CRASH_MESSAGES", "150");
    command.env(SOURCES, as_windows(&process::root())).env("INSTA_UPDATE", "no");
    process::run(&mut command, TEST_LIMIT)
}
