//! The interface and the web-chat widget: packages installed and pages built only when something changed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::{process, stamp};

const INSTALL_LIMIT: Duration = Duration::from_secs(15 * 60);
const BUILD_LIMIT: Duration = Duration::from_secs(15 * 60);

/// The folders with a `package.json` of their own; the widget first, since the interface may show it.
pub(crate) fn folders() -> Vec<PathBuf> {
    let ui = process::root().join("ui");
    [ui.join("widget"), ui].into_iter().filter(|folder| folder.join("package.json").is_file()).collect()
}

/// Installs the packages of `folder` exactly as its lock file says, unless that was done already.
pub(crate) fn install(folder: &Path) -> Result<()> {
    let name = name(folder);
    let lock = folder.join("package-lock.json");
    if !lock.is_file() {
        bail!("{name} has no package-lock.json. Run `npm install` there once and commit the file.");
    }
    let hash = stamp::file_hash(&lock)?;
    let done = folder.join("node_modules").join(".botflow-installed");
    if stamp::is_fresh(&done, &hash) {
        println!("    {name}: packages are there.");
        return Ok(());
    }
    println!("    {name}: installing packages …");
    let arguments = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    process::run(&mut process::npm(folder, &arguments), INSTALL_LIMIT)?;
    stamp::write(&done, &hash)
}

/// Builds the pages of `folder`, unless its sources are those of the last build.
pub(crate) fn build(folder: &Path) -> Result<()> {
    let name = name(folder);
    let hash = stamp::folder_hash(folder)?;
    // Beside the packages, not beside the pages: everything there ends up inside the program.
    let done = folder.join("node_modules").join(".botflow-built");
    if folder.join("dist").is_dir() && stamp::is_fresh(&done, &hash) {
        println!("    {name}: unchanged since the last build.");
        return Ok(());
    }
    println!("    {name}: building …");
    script(folder, "build")?;
    // A build may write its own sources (generated routes, say); the next start compares with what is there now.
    stamp::write(&done, &stamp::folder_hash(folder)?)
}

/// Whether the package in `folder` has this script.
pub(crate) fn has_script(folder: &Path, script: &str) -> bool {
    let package = std::fs::read_to_string(folder.join("package.json")).ok();
    let package = package.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    package.is_some_and(|package| package["scripts"][script].is_string())
}

/// Runs a script of the package in `folder`.
pub(crate) fn script(folder: &Path, script: &str) -> Result<()> {
    process::run(&mut process::npm(folder, &["run", "--silent", script]), BUILD_LIMIT)
}

/// The folder as a person would name it: relative to the repository.
pub(crate) fn name(folder: &Path) -> String {
    let relative = folder.strip_prefix(process::root()).unwrap_or(folder);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
