//! The property-based tester: both contracts against the program just built, in a Python environment of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::report::Outcome;
use crate::{process, setup, stamp};

const INSTALL_LIMIT: Duration = Duration::from_secs(10 * 60);
/// It asks a bounded number of questions, which takes about a minute; the rest is for a slow machine.
const RUN_LIMIT: Duration = Duration::from_secs(8 * 60);
const LONG_RUN_LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// Runs it; `install` says whether it may be fetched, `arguments` are the tester's own. Without Python or a network it is left out, with the reason.
pub(super) fn run(install: bool, arguments: &[String]) -> Result<Outcome> {
    let folder = process::root().join("tests").join("contract");
    let environment = match environment(&folder.join("requirements.txt"), install) {
        Ok(environment) => environment,
        Err(error) if process::stopped() => return Err(error),
        Err(error) => return Ok(Outcome::Skipped(format!("{error:#}"))),
    };
    let mut command = Command::new(python_of(&environment));
    command.current_dir(&folder).arg(folder.join("tester.py")).arg(process::built("debug", "botflow"));
    // Who asks for more gets the time for it.
    let limit = if arguments.is_empty() { RUN_LIMIT } else { LONG_RUN_LIMIT };
    process::run(command.args(arguments), limit)?;
    Ok(Outcome::Passed)
}

/// The environment with exactly what `requirements` names, made where it is missing.
fn environment(requirements: &Path, install: bool) -> Result<PathBuf> {
    let hash = stamp::file_hash(requirements)?;
    let folders = directories::BaseDirs::new().context("This user has no home folder for the tester.")?;
    // Other requirements get another folder, so that clones with different ones stay out of each other's way.
    let folder = folders.cache_dir().join("botflow").join("tester").join(hash.get(..16).unwrap_or(&hash));
    let done = folder.join("installed");
    if stamp::is_fresh(&done, &hash) {
        return Ok(folder);
    }
    if !install {
        anyhow::bail!("The tester is not installed yet; `cargo xtask test` without --quick installs it.");
    }
    let python = setup::python().context("Python was not found; the tester needs 3.10 or newer.")?;
    println!("    Installing the tester …");
    let parent = folder.parent().unwrap_or(&folder);
    fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    let mut make = process::command(python, &["-m", "venv", "--clear"]);
    process::run(make.arg(&folder), INSTALL_LIMIT).context("Python could not make an environment for the tester")?;
    let mut pip = Command::new(python_of(&folder));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", "-r"]);
    let fetched = process::run(pip.arg(requirements), INSTALL_LIMIT);
    fetched.context("The tester could not be fetched: it needs a network and Python 3.10 or newer")?;
    stamp::write(&done, &hash)?;
    Ok(folder)
}

fn python_of(environment: &Path) -> PathBuf {
    if cfg!(windows) { environment.join("Scripts").join("python.exe") } else { environment.join("bin").join("python") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tester_needs_is_pinned_so_that_it_asks_the_same_tomorrow() {
        let requirements = process::root().join("tests").join("contract").join("requirements.txt");
        let text = fs::read_to_string(requirements).unwrap();
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.iter().any(|line| line.starts_with("schemathesis==")));
        for line in lines {
            let (_, version) = line.split_once("==").unwrap_or_default();
            assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{line} is not pinned");
        }
    }
}
