//! `demo`, `eval`, `fit` and `bench`: set up like `start`, then build the program and one of the tests package in release, and run it.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::{models, process, start};

const BUILD_LIMIT: Duration = Duration::from_secs(2 * 60 * 60);
const LIMIT: Duration = Duration::from_secs(6 * 60 * 60);

/// Builds programs of the workspace in release. No package is named: which features the libraries get depends on the
/// packages that are named, and then each command would build everything again for itself.
pub(crate) fn build(names: &[&str]) -> Result<()> {
    let mut command = process::cargo(&["build", "--release"]);
    command.args(names.iter().flat_map(|name| ["--bin", name]));
    process::run(&mut command, BUILD_LIMIT)
}

/// Sets up what is missing, then builds and runs `name` with these arguments.
pub(crate) fn run(name: &str, arguments: &[String]) -> Result<()> {
    start::set_up()?;
    println!("6/6 Building and running {name}");
    // What is measured or played with is the program beside it.
    build(&["botflow", name])?;
    let mut command = Command::new(process::built("release", name));
    command.args(arguments).env("BOTFLOW_MODELS", models::folder()?);
    process::run(&mut command, LIMIT)
}
