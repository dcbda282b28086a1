//! Two brands of the same programs on one machine: made quickly, apart from each other, and nowhere under our own name.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::clean::{Clean, Running};
use super::http::{self, Owner};
use super::{deb, expect, serve};
use crate::installer::product::Product;
use crate::installer::tree::Kind;
use crate::installer::{Format, Made, Packing, example_brand, licences};
use crate::process;

/// How long making one package of a brand may take.
const LIMIT: Duration = Duration::from_secs(60);
/// What no page, packet or file of a brand says, however it is written.
const OURS: &str = "botflow";

pub(super) fn side_by_side(build: &Path, folder: &Path, licences: &licences::Licences) -> Result<()> {
    let first = example_brand()?;
    let second = another(&first);
    let clean = Clean::unpack(folder, build)?;
    clean.run(&["apt-get", "update", "--quiet"])?;
    let mut running = Vec::new();
    for product in [&first, &second] {
        let package = make(Kind::Server, product, build, licences, &folder.join("brands"))?;
        clean.install(&package)?;
        expect(
            says_nothing_of_us(&clean, Kind::Server, product)?,
            &format!("no file of {} that people see names us", product.program),
        )?;
        running.push(start(&clean, product)?);
    }
    for (product, (_, port)) in [&first, &second].into_iter().zip(&running) {
        let brand: Value = serde_json::from_str(&http::page(*port, "/api/brand")?)?;
        expect(brand["product_name"] == product.name.as_str(), &format!("{} says its own name", product.name))?;
        let page = http::page(*port, "/")?;
        expect(!page.to_lowercase().contains(OURS), "its first page names nobody else")?;
        expect(http::page(*port, "/brand/logo")?.contains("<svg"), "its picture is shown")?;
        let owner = Owner::sign_in(*port)?;
        let flows = owner.get("/api/flow-templates")?.to_string();
        expect(flows.contains("Help Desk menu"), "its own ready flows are offered")?;
        let data = clean.path(&format!("/var/lib/{}/system.db", product.program));
        expect(data.is_file(), "its data is in a folder of its own")?;
    }
    for (server, _) in running {
        server.stop()?;
    }
    clean.run(&["apt-get", "remove", "--yes", &Kind::Server.package(&first)])?;
    let other = clean.path(&format!("/usr/bin/{}", second.program));
    expect(other.is_file(), "one brand goes and the other one stays")
}

/// The same brand under other names.
fn another(first: &Product) -> Product {
    let mut second = Product {
        name: "Second Desk".into(),
        program: "seconddesk".into(),
        desktop: "seconddesk-desktop".into(),
        identifier: "com.example.seconddesk".into(),
        ..first.clone()
    };
    if let Some(brand) = &mut second.brand {
        brand["product_name"] = second.name.clone().into();
        brand["identifier"] = second.identifier.clone().into();
        brand["program"] = second.program.clone().into();
        brand["port"] = 4890.into();
    }
    second
}

/// Both packages of the brand, each within the minute; gives the one for Debian.
pub(super) fn make(
    kind: Kind,
    product: &Product,
    build: &Path,
    licences: &licences::Licences,
    to: &Path,
) -> Result<PathBuf> {
    let packing = Packing { kind, product, build, licences, models: true };
    let [deb, rpm] = [(Format::Deb, ".deb"), (Format::Rpm, ".rpm")].map(|(format, word)| -> Result<PathBuf> {
        let Made { file, took } = packing.pack(format, to)?;
        let package = kind.package(product);
        expect(took < LIMIT, &format!("{word} of {package} is made in {:.0} s", took.as_secs_f64()))?;
        Ok(file)
    });
    // Its files are those of the other one; names and scripts are written anew.
    let mut question = process::command("rpm", &["--query", "--info", "--list", "--scripts", "--package"]);
    let words = process::output(question.arg(rpm?)).context("rpm cannot read the package")?;
    names_nobody_else(&words, product)?;
    deb
}

/// Starts the brand's service on its own port.
fn start(clean: &Clean, product: &Product) -> Result<(Running, u16)> {
    let unit = fs::read_to_string(clean.path(&format!("/usr/lib/systemd/system/{}.service", product.program)))?;
    let mut server = serve(clean, &unit)?;
    let port = server.port()?;
    Ok((server, port))
}

/// Looks at the package's own words and files; the lists of licences may name the makers of the sources.
pub(super) fn says_nothing_of_us(clean: &Clean, kind: Kind, product: &Product) -> Result<bool> {
    let package = kind.package(product);
    let mut words = clean.run(&["dpkg", "--status", &package])?;
    let files = clean.run(&["dpkg", "--listfiles", &package])?;
    words.push_str(&files);
    for file in files.lines().filter(|file| !file.ends_with("/copyright") && !file.ends_with("licences.txt.gz")) {
        let path = clean.path(file);
        // Words inside of the program are read by nobody; models and drawn icons are numbers.
        let is_read = !file.starts_with("/usr/bin/") && !file.contains("/models/") && !file.ends_with(".png");
        let is_text = is_read && path.is_file();
        if file.ends_with(".gz") {
            words.push_str(&process::output(process::command("gzip", &["-dc"]).arg(&path)).unwrap_or_default());
        } else if is_text {
            words.push_str(&fs::read_to_string(&path).with_context(|| format!("{file} is no text"))?);
        }
    }
    for (script, _) in deb::scripts(kind) {
        words.push_str(&fs::read_to_string(clean.path(&format!("/var/lib/dpkg/info/{package}.{script}")))?);
    }
    names_nobody_else(&words, product)?;
    Ok(true)
}

fn names_nobody_else(words: &str, product: &Product) -> Result<()> {
    let found: Vec<&str> = words.lines().filter(|line| line.to_lowercase().contains(OURS)).collect();
    if !found.is_empty() {
        bail!("A package of {} names us: {found:#?}", product.name);
    }
    Ok(())
}
