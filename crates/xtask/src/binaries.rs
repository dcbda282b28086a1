//! `demo`, `eval` and `bench`: set up like `start`, then run a program of the tests package in release.

use std::time::Duration;

use anyhow::Result;

use crate::{models, process, start};

const LIMIT: Duration = Duration::from_secs(6 * 60 * 60);

/// Sets up what is missing, then builds and runs `name` with these arguments.
pub(crate) fn run(name: &str, arguments: &[String]) -> Result<()> {
    start::set_up()?;
    println!("6/6 Building and running {name}");
    let mut command = process::cargo(&["run", "--release", "-p", "botflow-tests", "--bin", name, "--"]);
    command.args(arguments).env("BOTFLOW_MODELS", models::folder()?);
    process::run(&mut command, LIMIT)
}
