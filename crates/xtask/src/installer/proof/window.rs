//! The desktop program's packages, without a screen: used with no more than they ask for, upgraded, removed; a brand's
//! beside ours.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use super::clean::{Clean, Running, Writable};
use super::http::{self, Owner};
use super::{ANSWER, OLDER, QUESTION, brands, expect, has_model, package};
use crate::installer::product::Product;
use crate::installer::tree::Kind;
use crate::installer::{Format, Packing, example_brand, licences};

pub(super) fn run(build: &Path, packages: &Path, folder: &Path, licences: &licences::Licences) -> Result<()> {
    let ours = Product::ours(env!("CARGO_PKG_VERSION"));
    let older = Product::ours(OLDER);
    let older = Packing { kind: Kind::Desktop, product: &older, build, licences, models: false }
        .pack(Format::Deb, &folder.join("older"))?;
    let clean = Clean::unpack(folder, build)?;
    clean.run(&["apt-get", "update", "--quiet"])?;
    clean.install(&older.file)?;
    let mut program = start(&clean, &ours)?;
    let owner = Owner::sign_in(program.port()?)?;
    owner.load_sample()?;
    expect(
        owner.ask(QUESTION)?.contains(ANSWER) && !has_model(&owner)?,
        "the desktop program runs with no more than its package asks for, and the sample business answers",
    )?;
    drop(owner);
    program.stop()?;

    clean.install(&package(packages, Kind::Desktop, &ours))?;
    let mut program = start(&clean, &ours)?;
    let owner = Owner::sign_in(program.port()?)?;
    expect(
        owner.ask(QUESTION)?.contains(ANSWER) && has_model(&owner)?,
        "the newer one answers from the older one's data, with the model that came with it",
    )?;
    drop(owner);
    let entry = fs::read_to_string(clean.path("/usr/share/applications/app.botflow.desktop.desktop"))?;
    expect(entry.contains("x-scheme-handler/botflow"), "the menu knows the program and the links that it opens")?;

    // A reseller's, on the same computer, while ours runs.
    let brand = example_brand()?;
    clean.install(&brands::make(Kind::Desktop, &brand, build, licences, &folder.join("brands"))?)?;
    expect(
        brands::says_nothing_of_us(&clean, Kind::Desktop, &brand)?,
        &format!("no file of the desktop package of {} that people see names us", brand.name),
    )?;
    let mut other = start(&clean, &brand)?;
    let port = other.port()?;
    let said: Value = serde_json::from_str(&http::page(port, "/api/brand")?)?;
    expect(said["product_name"] == brand.name.as_str(), &format!("{} says its own name", brand.name))?;
    let mine = data_folders(&clean)?;
    expect(mine.len() == 2, "each of the two keeps its data in a folder of its own")?;
    other.stop()?;
    program.stop()?;
    for (product, left) in [(&ours, true), (&brand, false)] {
        clean.run(&["apt-get", "purge", "--yes", &Kind::Desktop.package(product)])?;
        let there = clean.path(&format!("/usr/bin/{}", brand.desktop)).exists();
        expect(there == left, &format!("{} goes, and nothing else with it", product.name))?;
    }
    expect(data_folders(&clean)? == mine, "removing them keeps the person's data")
}

/// As on a computer without a screen.
fn start(clean: &Clean, product: &Product) -> Result<Running> {
    let program = format!("/usr/bin/{}", product.desktop);
    clean.start(Writable::Everything, &[&program, "--headless", "--port", "0"])
}

/// Where the person's data lies, of every program that has any.
fn data_folders(clean: &Clean) -> Result<Vec<PathBuf>> {
    let all = fs::read_dir(clean.path("/root/.local/share"))?.flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = all.filter(|folder| folder.join("system.db").is_file()).collect();
    found.sort();
    Ok(found)
}
