//! The tree of files that a package installs, the same for .deb and .rpm.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::icons;
use super::licences::Licences;
use super::product::{Product, copy};
use crate::{models, process};

const SERVICE: &str = include_str!("../../../../installers/linux/program.service");
const DESKTOP_ENTRY: &str = include_str!("../../../../installers/linux/program.desktop");
const SERVER_HELP: &str = include_str!("../../../../installers/linux/server.1");
const DESKTOP_HELP: &str = include_str!("../../../../installers/linux/desktop.1");

const LIMIT: Duration = Duration::from_secs(300);

/// The two packages: the server alone, as a service; and the same in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Server,
    Desktop,
}

impl Kind {
    pub(crate) const BOTH: [Kind; 2] = [Kind::Server, Kind::Desktop];

    /// The package's name.
    pub(crate) fn package(self, product: &Product) -> String {
        match self {
            Kind::Server => format!("{}-server", product.program),
            Kind::Desktop => product.program.clone(),
        }
    }

    /// The program's file.
    pub(crate) fn program(self, product: &Product) -> &str {
        match self {
            Kind::Server => &product.program,
            Kind::Desktop => &product.desktop,
        }
    }

    /// The file of the build that it is made of.
    pub(crate) fn built(self) -> &'static str {
        match self {
            Kind::Server => "botflow",
            Kind::Desktop => "botflow-desktop",
        }
    }
}

/// What goes into a tree.
pub(crate) struct Contents<'a> {
    pub(crate) kind: Kind,
    pub(crate) product: &'a Product,
    /// The folder with the built programs.
    pub(crate) build: &'a Path,
    /// With the model for answers, so that nothing has to be fetched.
    pub(crate) models: bool,
    pub(crate) licences: &'a Licences,
}

/// Lays out the files in `root`, an empty folder.
pub(crate) fn lay_out(contents: &Contents<'_>, root: &Path) -> Result<()> {
    let Contents { kind, product, build, .. } = *contents;
    let name = kind.program(product);
    let folder = |path: String| -> Result<PathBuf> {
        let folder = root.join(path);
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(folder)
    };
    let program = folder("usr/bin".into())?.join(name);
    copy(&build.join(kind.built()), &program)?;
    // A build for installers has no names of functions any more; a quick one has.
    process::run(process::command("strip", &["--strip-all"]).arg(&program), LIMIT)?;

    let share = folder(format!("usr/share/{name}"))?;
    product.write_brand(&share)?;
    fs::write(share.join("licences.txt.gz"), &contents.licences.packed)?;
    if contents.models {
        models::copy_default(&share.join("models"))?;
    }
    let docs = folder(format!("usr/share/doc/{}", kind.package(product)))?;
    fs::write(docs.join("copyright"), copyright(product)?)?;

    let help = if kind == Kind::Server { SERVER_HELP } else { DESKTOP_HELP };
    let page = folder("usr/share/man/man1".into())?.join(format!("{name}.1.gz"));
    fs::write(page, super::licences::pack(product.fill(help).as_bytes())?)?;

    match kind {
        Kind::Server => {
            let units = folder("usr/lib/systemd/system".into())?;
            fs::write(units.join(format!("{}.service", product.program)), product.fill(SERVICE))?;
        }
        Kind::Desktop => {
            let entries = folder("usr/share/applications".into())?;
            fs::write(entries.join(format!("{}.desktop", product.identifier)), product.fill(DESKTOP_ENTRY))?;
            for pixels in icons::SIZES {
                let place = folder(format!("usr/share/icons/hicolor/{pixels}x{pixels}/apps"))?;
                icons::draw(&product.icon, &place.join(format!("{}.png", product.program)), pixels)?;
            }
            let scalable = folder("usr/share/icons/hicolor/scalable/apps".into())?;
            copy(&product.icon, &scalable.join(format!("{}.svg", product.program)))?;
        }
    }
    settle_rights(root, &program)
}

/// Every file, relative to `root`, in order.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(root)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What Debian wants to know about licences: our own in full, and where those of others are.
fn copyright(product: &Product) -> Result<String> {
    let root = process::root();
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| format!("{name} cannot be read"));
    let mut text = format!("{} {}\n\n", product.name, product.version);
    text.push_str(
        "This program is made of open source. Its own licences and notices follow; those of the libraries in it\n",
    );
    text.push_str("are in licences.txt.gz in the program's folder under /usr/share.\n\n");
    // A brand's packages name the maker of the sources here and in the list of licences, and nowhere else.
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "NOTICE"] {
        text.push_str(&format!("{}\n\n{}\n", "-".repeat(72), read(name)?));
    }
    Ok(text)
}

/// The same rights whoever builds: readable for all, written by root, and only the program runs.
#[cfg(unix)]
fn settle_rights(root: &Path, program: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let runs = path.is_dir() || path == program;
        fs::set_permissions(&path, fs::Permissions::from_mode(if runs { 0o755 } else { 0o644 }))?;
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                open.push(entry?.path());
            }
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn settle_rights(_: &Path, _: &Path) -> Result<()> {
    anyhow::bail!("Packages for Linux are made on Linux.")
}
