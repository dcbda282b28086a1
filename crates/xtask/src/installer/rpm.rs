//! The package for Fedora, openSUSE and their kin, packed by `rpmbuild`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::product::Product;
use super::tree::{self, Kind};
use crate::process;

const LIMIT: Duration = Duration::from_secs(15 * 60);

/// After installing, before and after removing; the first argument counts the versions that are left.
const SERVER_SCRIPTS: &str = include_str!("../../../../installers/linux/server.rpm");
const DESKTOP_SCRIPTS: &str = include_str!("../../../../installers/linux/desktop.rpm");

/// Packs the tree in `root` into `to`; `work` is a folder of its own for what rpmbuild writes on the way.
pub(crate) fn pack(
    kind: Kind,
    product: &Product,
    root: &Path,
    libc: (u32, u32),
    to: &Path,
    work: &Path,
) -> Result<PathBuf> {
    fs::create_dir_all(work)?;
    fs::create_dir_all(to)?;
    let spec = work.join("package.spec");
    fs::write(&spec, specification(kind, product, root, libc)?)?;
    let mut command = process::command("rpmbuild", &["-bb", "--quiet"]);
    for (name, value) in [("_topdir", work), ("_rpmdir", to)] {
        command.args(["--define", &format!("{name} {}", value.display())]);
    }
    let file = file_name(kind, product);
    command.args(["--define", &format!("_rpmfilename {file}")]);
    command.arg(&spec);
    process::run(&mut command, LIMIT).context("The package is made by rpmbuild: install rpm")?;
    Ok(to.join(file))
}

/// How a package's file is called.
pub(crate) fn file_name(kind: Kind, product: &Product) -> String {
    format!("{}-{}-1.{}.rpm", kind.package(product), product.version, std::env::consts::ARCH)
}

fn specification(kind: Kind, product: &Product, root: &Path, libc: (u32, u32)) -> Result<String> {
    let (scripts, more) = match kind {
        Kind::Server => (SERVER_SCRIPTS, "Requires(post): shadow-utils\n"),
        Kind::Desktop => (DESKTOP_SCRIPTS, "Requires: webkit2gtk4.1, gtk3, libayatana-appindicator-gtk3, libxdo\n"),
    };
    let mut files = String::new();
    let own = format!("usr/share/{}", kind.program(product));
    let mut folders = BTreeSet::new();
    for file in tree::files(root)? {
        // Folders of others are theirs; what is below our own goes with us.
        folders.extend(file.ancestors().skip(1).filter(|folder| folder.starts_with(&own)).map(Path::to_owned));
        // Our own names have neither quotes nor spaces; those of ready flows of a brand may.
        files.push_str(&format!("\"/{}\"\n", escape(&file.display().to_string())));
    }
    for folder in folders {
        files.push_str(&format!("%dir \"/{}\"\n", escape(&folder.display().to_string())));
    }
    let c_library = if libc.0 == 2 { format!("libc.so.6(GLIBC_2.{})(64bit)", libc.1) } else { "glibc".to_owned() };
    Ok(format!(
        "%define debug_package %{{nil}}\n%define __os_install_post %{{nil}}\n%define _build_id_links none\n\
         %define _binary_payload w9.zstdio\n\
         Name: {}\nVersion: {}\nRelease: 1\nSummary: {}\nLicense: MIT OR Apache-2.0\nVendor: {}\n\
         AutoReqProv: no\nRequires: {c_library}, ca-certificates\n{more}\
         %description\n{}.\nIt works on this computer, with its own data, and without any other service.\n\
         %install\nmkdir -p %{{buildroot}}\ncp -a '{}/.' %{{buildroot}}/\n\
         {}\n%files\n%defattr(-,root,root,-)\n{files}",
        kind.package(product),
        product.version,
        escape(&product.about),
        escape(&product.publisher),
        escape(&product.about),
        root.display(),
        product.fill(scripts),
    ))
}

/// A percent sign begins what rpmbuild would put something else for.
fn escape(text: &str) -> String {
    text.replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_percent_sign_stays_a_name_and_every_file_is_listed() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("usr/bin")).unwrap();
        fs::write(root.path().join("usr/bin/botflow"), "").unwrap();
        let product = Product { about: "100%{nil} sure".into(), ..Product::ours("1.2.3") };
        let text = specification(Kind::Server, &product, root.path(), (2, 34)).unwrap();
        assert!(text.contains("Summary: 100%%{nil} sure\n"), "{text}");
        assert!(text.contains("\n\"/usr/bin/botflow\"\n") && text.contains("GLIBC_2.34"), "{text}");
        assert!(!text.contains("@PROGRAM@"), "{text}");
    }
}
