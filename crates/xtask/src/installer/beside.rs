//! `cargo xtask resources TARGET`: what belongs beside the program on a system for which others pack, such as macOS.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::licences;
use super::product::copy;
use crate::{models, process};

/// Lays out models and licences of a program for `target` in `target/installers/resources`, anew.
pub(crate) fn resources(target: &str) -> Result<()> {
    let to = super::out().join("resources");
    models::install(models::DEFAULT)?;
    let licences = licences::gather(target)?;
    lay_out(&licences, &to)?;
    println!("    {} parts with their licences, and the model for answers: {}", licences.count, to.display());
    Ok(())
}

fn lay_out(licences: &licences::Licences, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("{} cannot be removed", to.display()))?;
    }
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    fs::write(to.join("licences.txt.gz"), &licences.packed)?;
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "NOTICE"] {
        copy(&process::root().join(name), &to.join(name))?;
    }
    models::copy_default(&to.join("models"))
}
