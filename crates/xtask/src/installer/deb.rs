//! The package for Debian, Ubuntu and their kin, packed by `dpkg-deb`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::product::Product;
use super::tree::{self, Kind};
use crate::process;

const LIMIT: Duration = Duration::from_secs(15 * 60);

const SCRIPTS: [(&str, &str, &str); 3] = [
    (
        "postinst",
        include_str!("../../../../installers/linux/server.postinst"),
        include_str!("../../../../installers/linux/desktop.postinst"),
    ),
    ("prerm", include_str!("../../../../installers/linux/server.prerm"), ""),
    (
        "postrm",
        include_str!("../../../../installers/linux/server.postrm"),
        include_str!("../../../../installers/linux/desktop.postrm"),
    ),
];

/// What a package of this kind runs while it is installed and removed.
pub(super) fn scripts(kind: Kind) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = SCRIPTS.into_iter().map(move |(name, server, desktop)| match kind {
        Kind::Server => (name, server),
        Kind::Desktop => (name, desktop),
    });
    all.filter(|(_, script)| !script.is_empty())
}

/// What the window needs besides.
const WINDOW: &str = "libwebkit2gtk-4.1-0, libgtk-3-0t64 | libgtk-3-0, libayatana-appindicator3-1, libxdo3";

/// Models hardly get smaller, and the stronger packing tries for long; programs alone gain a tenth by it, for five seconds.
fn packer(models: bool) -> [&'static str; 2] {
    if models { ["-Zzstd", "-z9"] } else { ["-Zxz", "-z3"] }
}

/// Packs the tree in `root`, with models in it or not, into `to`.
pub(crate) fn pack(
    kind: Kind,
    product: &Product,
    root: &Path,
    libc: (u32, u32),
    models: bool,
    to: &Path,
) -> Result<PathBuf> {
    let control = root.join("DEBIAN");
    let kilobytes = tree::files(root)?
        .iter()
        .filter_map(|file| Some(fs::metadata(root.join(file)).ok()?.len().div_ceil(1024)))
        .sum::<u64>();
    fs::create_dir_all(&control)?;
    fs::write(control.join("control"), control_file(kind, product, libc, kilobytes))?;
    for (name, script) in scripts(kind) {
        let file = control.join(name);
        fs::write(&file, product.fill(script))?;
        make_runnable(&file)?;
    }
    fs::create_dir_all(to)?;
    let file = to.join(format!("{}_{}_{}.deb", kind.package(product), product.version, architecture()));
    let mut command = process::command("dpkg-deb", &["--root-owner-group"]);
    command.args(packer(models)).arg("--build").arg(root).arg(&file);
    let packed = process::run(&mut command, LIMIT).context("The package is made by dpkg-deb: install dpkg");
    fs::remove_dir_all(&control)?;
    packed?;
    Ok(file)
}

fn control_file(kind: Kind, product: &Product, libc: (u32, u32), kilobytes: u64) -> String {
    let depends = format!("libc6 (>= {}.{}), libgcc-s1, ca-certificates", libc.0, libc.1);
    let (depends, section, more) = match kind {
        Kind::Server => (format!("{depends}, passwd"), "web", "This is the server alone, as a service of systemd."),
        Kind::Desktop => (format!("{depends}, {WINDOW}"), "utils", "This is the program with its window."),
    };
    format!(
        "Package: {}\nVersion: {}\nArchitecture: {}\nMaintainer: {} <{}>\nInstalled-Size: {kilobytes}\nDepends: {depends}\n\
         Section: {section}\nPriority: optional\nDescription: {}\n {more}\n It works on this computer, with its own data,\n \
         and without any other service.\n",
        kind.package(product),
        product.version,
        architecture(),
        product.publisher,
        product.contact,
        product.about,
    )
}

/// What Debian calls this processor.
pub(crate) fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(unix)]
fn make_runnable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(file, fs::Permissions::from_mode(0o755))?)
}

#[cfg(not(unix))]
fn make_runnable(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_says_what_it_needs_and_each_line_is_a_field_or_goes_on() {
        let product = Product::ours("1.2.3");
        for (kind, name, needs) in
            [(Kind::Server, "botflow-server", "passwd"), (Kind::Desktop, "botflow", "libwebkit2gtk-4.1-0")]
        {
            let control = control_file(kind, &product, (2, 34), 7);
            assert!(control.starts_with(&format!("Package: {name}\nVersion: 1.2.3\n")), "{control}");
            assert!(control.contains("libc6 (>= 2.34)") && control.contains(needs), "{control}");
            assert!(control.lines().all(|line| line.starts_with(' ') || line.contains(": ")), "{control}");
        }
    }

    #[test]
    fn scripts_name_the_product_and_leave_no_mark_open() {
        let product = Product::ours("1.2.3");
        for (name, server, desktop) in SCRIPTS {
            for script in [server, desktop].map(|script| product.fill(script)) {
                assert!(!script.contains('@'), "{name}: {script}");
                assert!(script.is_empty() || script.starts_with("#!/bin/sh\n"), "{name}");
            }
        }
    }
}
