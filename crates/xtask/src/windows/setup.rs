//! The setup for Windows: programs and what they need laid out in one folder, then packed by NSIS.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::dress::{self, Words};
use super::icon;
use super::sign::Certificate;
use crate::installer::licences::Licences;
use crate::installer::product::{Product, copy};
use crate::{models, process};

const PACK_LIMIT: Duration = Duration::from_secs(20 * 60);

/// Where Microsoft gives out its own setup for the run time that shows windows, the small one that fetches the rest.
const WEBVIEW_SETUP: &str = "https://go.microsoft.com/fwlink/p/?LinkId=2124703";
/// Tauri's programs load it; it has to lie beside them.
const WEBVIEW_LOADER: &str = "WebView2Loader.dll";

/// What goes into a setup besides the product's own words and pictures.
#[derive(Clone, Copy)]
pub(super) struct Contents<'a> {
    pub(super) product: &'a Product,
    /// The folder with the programs that were built.
    pub(super) build: &'a Path,
    pub(super) licences: &'a Licences,
    /// With the window, or the server alone.
    pub(super) window: bool,
    /// With the model for answers, so that nothing has to be fetched.
    pub(super) models: bool,
    pub(super) certificate: Option<&'a Certificate>,
    /// Microsoft's WebView2 setup, to put inside.
    pub(super) webview_setup: Option<&'a Path>,
}

/// A setup that was made.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) file: PathBuf,
    /// As the list of programs and the menu show it.
    pub(super) name: String,
    /// What the folder of its data is called.
    pub(super) data: String,
    pub(super) identifier: String,
    pub(super) version: String,
    /// The program's file.
    pub(super) program: String,
    pub(super) window: bool,
    /// The files it installs, as paths with `/`.
    pub(super) files: Vec<String>,
}

impl Contents<'_> {
    /// Makes the setup in the folder `to`. Nothing is compiled.
    pub(super) fn pack(&self, to: &Path) -> Result<Setup> {
        fs::create_dir_all(to)?;
        let work = tempfile::Builder::new().prefix(".packing-").tempdir_in(to)?;
        let stage = work.path().join("files");
        self.lay_out(&stage)?;
        let files = listed(&stage)?;
        let product = self.product;
        if let Some(certificate) = self.certificate {
            let script = certificate.script(work.path(), &product.name)?;
            for name in files.iter().filter(|name| name.ends_with(".exe")) {
                process::run(Command::new(&script).arg(stage.join(name)), PACK_LIMIT)?;
            }
        }
        let list = work.path().join("files.nsh");
        fs::write(&list, script(&stage, &files)?)?;
        let kind = if self.window { "setup" } else { "server-setup" };
        let file = to.join(format!("{}-{}-windows-{kind}.exe", product.program, product.version));
        process::run(&mut self.packer(work.path(), &stage, &list, &file)?, PACK_LIMIT)?;
        let (name, identifier) = self.names();
        let version = product.version.clone();
        let data = if product.brand.is_some() { &product.identifier } else { &product.name }.clone();
        Ok(Setup { file, name, data, identifier, version, program: self.program(), window: self.window, files })
    }

    /// The program's file.
    fn program(&self) -> String {
        format!("{}.exe", if self.window { &self.product.desktop } else { &self.product.program })
    }

    /// Name and identifier. Server and window may be installed side by side.
    fn names(&self) -> (String, String) {
        let Product { name, identifier, .. } = self.product;
        if self.window {
            (name.clone(), identifier.clone())
        } else {
            (format!("{name} Server"), format!("{identifier}.server"))
        }
    }

    /// Everything that the owner's computer gets, in `stage`.
    fn lay_out(&self, stage: &Path) -> Result<()> {
        fs::create_dir_all(stage)?;
        let product = self.product;
        let picture = stage.join("icon.ico");
        icon::write(&product.icon, &picture)?;
        let mut programs = vec![(if self.window { "botflow-desktop.exe" } else { "botflow.exe" }, self.program())];
        if self.window {
            programs.push((WEBVIEW_LOADER, WEBVIEW_LOADER.to_owned()));
        }
        for (built, name) in programs {
            let from = self.build.join(built);
            if !from.is_file() {
                bail!("{} is not built. Run `cargo xtask installer --windows` first.", from.display());
            }
            copy(&from, &stage.join(&name))?;
            // A build for installers has no names of functions any more; a quick one has.
            if name.ends_with(".exe") {
                let mut strip = Command::new("x86_64-w64-mingw32-strip");
                process::run(strip.arg("--strip-all").arg(stage.join(&name)), PACK_LIMIT)?;
                let (shown, _) = self.names();
                let words = Words {
                    name: &shown,
                    publisher: &product.publisher,
                    version: &product.version,
                    numbers: four_numbers(&product.version),
                    file: &name,
                };
                dress::dress(&stage.join(&name), &picture, &words)?;
            }
        }
        product.write_brand(stage)?;
        if product.brand.is_none() {
            // By this file the programs know the folder they lie in for the one with models and licences.
            fs::write(stage.join("brand.json"), format!("{}\n", serde_json::json!({ "product_name": product.name })))?;
        }
        fs::write(stage.join("licences.txt.gz"), &self.licences.packed)?;
        for name in ["LICENSE-MIT", "LICENSE-APACHE", "NOTICE"] {
            copy(&process::root().join(name), &stage.join(format!("{name}.txt")))?;
        }
        if self.models {
            models::copy_default(&stage.join("models"))?;
        }
        Ok(())
    }

    /// NSIS with everything it is told.
    fn packer(&self, work: &Path, stage: &Path, list: &Path, file: &Path) -> Result<Command> {
        let product = self.product;
        let (name, identifier) = self.names();
        let display = |path: &Path| path.display().to_string();
        let mut words = vec![
            ("NAME", name),
            ("IDENTIFIER", identifier),
            ("PUBLISHER", product.publisher.clone()),
            ("VERSION", product.version.clone()),
            ("VERSION4", four_numbers(&product.version).map(|number| number.to_string()).join(".")),
            ("ICON", display(&stage.join("icon.ico"))),
            ("MAIN", self.program()),
            ("ARGUMENTS", if self.window { String::new() } else { "serve".to_owned() }),
            ("SCHEME", if self.window { product.scheme() } else { String::new() }),
            ("DOWNLOAD", if self.window { WEBVIEW_SETUP.to_owned() } else { String::new() }),
            ("FILES", display(list)),
            ("OUT", display(file)),
            // A reseller waits for it; what we ship ourselves is packed once and fetched often.
            ("DICTIONARY", if product.brand.is_some() { "4" } else { "64" }.to_owned()),
        ];
        if self.window {
            words.push(("QUIET", "--hidden".to_owned()));
        }
        if !self.models {
            words.push(("SOLID", "1".to_owned()));
        }
        if let Some(bootstrapper) = self.webview_setup.filter(|_| self.window) {
            let file = fs::canonicalize(process::root().join(bootstrapper));
            words.push((
                "BOOTSTRAPPER",
                display(&file.with_context(|| format!("{} is not there", display(bootstrapper)))?),
            ));
        }
        if self.certificate.is_some() {
            words.push(("SIGN", display(&work.join(super::sign::SCRIPT))));
        }
        let mut command = Command::new("makensis");
        // A warning of NSIS is a mistake of ours.
        command.args(["-V2", "-WX"]);
        for (name, value) in words {
            command.arg(format!("-D{name}={}", spoken(name, &value)?));
        }
        command.arg(process::root().join("installers").join("windows").join("setup.nsi"));
        Ok(command)
    }
}

/// A value as NSIS may have it: what would end a word or begin a variable there is refused.
fn spoken<'a>(name: &str, value: &'a str) -> Result<&'a str> {
    if value.contains(['"', '$', '`', '\n', '\r']) {
        bail!("{name} is “{value}”; a setup cannot carry quotation marks, dollar signs or several lines there.");
    }
    Ok(value)
}

/// The list for NSIS: what is put into the folder, and by the same names taken out of it again.
fn script(stage: &Path, files: &[String]) -> Result<String> {
    let mut put = String::new();
    let mut end = String::new();
    let mut take = String::new();
    let mut folders: Vec<&str> = Vec::new();
    for file in files {
        spoken("A file", file)?;
        let source = stage.join(file);
        let windows = file.replace('/', "\\");
        let (folder, name) = windows.rsplit_once('\\').unwrap_or(("", &windows));
        // What runs or is loaded may be in use.
        let is_program = folder.is_empty() && (name.ends_with(".exe") || name.ends_with(".dll"));
        if is_program {
            writeln!(put, "!insertmacro PROGRAM \"{}\" \"{name}\"", source.display())?;
            writeln!(take, "!insertmacro GONE_PROGRAM \"{name}\"")?;
        } else {
            // Models are numbers without a pattern: packing them takes a minute and saves a tenth.
            let kind = if file.starts_with("models/") { "STORED" } else { "OTHER" };
            let inside = if folder.is_empty() { String::new() } else { format!("\\{folder}") };
            writeln!(put, "!insertmacro {kind} \"{}\" \"{inside}\" \"{name}\"", source.display())?;
            writeln!(take, "!insertmacro GONE \"{windows}\"")?;
        }
        if is_program && name.ends_with(".exe") {
            writeln!(end, "!insertmacro END \"{name}\"")?;
        }
        folders.extend(file.match_indices('/').map(|(end, _)| &file[..end]));
    }
    // A folder goes after those within it.
    folders.sort_by_key(|folder| std::cmp::Reverse((folder.matches('/').count(), *folder)));
    folders.dedup();
    for folder in folders {
        writeln!(take, "RMDir \"$INSTDIR\\{}\"", folder.replace('/', "\\"))?;
    }
    Ok(format!("!macro PUT_FILES\n{put}!macroend\n!macro TAKE_FILES\n{end}{take}!macroend\n"))
}

/// Every file in `folder` and below, with `/`, in order.
fn listed(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(inside) = open.pop() {
        for entry in fs::read_dir(&inside).with_context(|| format!("{} cannot be listed", inside.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).context("a file is in its folder")?;
                let parts: Vec<_> = name.components().map(|part| part.as_os_str().to_string_lossy()).collect();
                names.push(parts.join("/"));
            }
        }
    }
    names.sort();
    Ok(names)
}

/// `1.2.3` as Windows wants it in a program's description: four numbers, nothing else.
fn four_numbers(version: &str) -> [u16; 4] {
    let mut numbers = version.split(['-', '+']).next().unwrap_or_default().split('.');
    std::array::from_fn(|_| numbers.next().and_then(|number| number.parse().ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_taken_out_again_by_name_and_folders_from_the_inside() {
        let files = ["models/a/x.bin", "botflow.exe", "models/readme.txt"].map(str::to_owned);
        let script = script(Path::new("/stage"), &files).unwrap();
        let (put, take) = script.split_once("!macroend").unwrap();
        assert!(put.contains("PROGRAM \"/stage/botflow.exe\" \"botflow.exe\""), "{put}");
        assert!(put.contains("STORED \"/stage/models/a/x.bin\" \"\\models\\a\" \"x.bin\""), "{put}");
        assert!(take.contains("GONE_PROGRAM \"botflow.exe\"") && take.contains("GONE \"models\\a\\x.bin\""), "{take}");
        assert!(take.find("END") < take.find("GONE_PROGRAM"), "programs are ended first: {take}");
        let folders: Vec<_> = take.lines().filter(|line| line.starts_with("RMDir")).collect();
        assert_eq!(folders, ["RMDir \"$INSTDIR\\models\\a\"", "RMDir \"$INSTDIR\\models\""]);
    }

    #[test]
    fn a_word_that_would_end_the_script_s_own_is_refused() {
        assert!(script(Path::new("/stage"), &["a\".exe".to_owned()]).is_err());
        for name in ["Shop\" /S", "$INSTDIR", "Shop\nExec"] {
            assert!(spoken("NAME", name).is_err(), "{name}");
        }
        assert_eq!(spoken("NAME", "Thandi’s Bots & Co.").unwrap(), "Thandi’s Bots & Co.");
    }

    #[test]
    fn a_version_becomes_four_numbers() {
        for (version, expected) in [("0.1.0", [0, 1, 0, 0]), ("2.10.3-beta.1", [2, 10, 3, 0]), ("x", [0; 4])] {
            assert_eq!(four_numbers(version), expected);
        }
    }
}
