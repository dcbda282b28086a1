//! Windows, built and tried from here: the target is checked with every test run, its tests and its setup run under Wine.

mod arguments;
mod cargo;
mod dress;
mod http;
mod icon;
mod library;
mod reseller;
mod setup;
mod sign;
mod smoke;
mod suite;
mod wine;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
pub(crate) use arguments::{Arguments, Finish};
use setup::Contents;
pub(crate) use suite::run as test;

use crate::checks::Outcome;
use crate::installer::product::Product;
use crate::installer::{Made, licences};
use crate::{interface, models, process, setup as machine};

/// The target. Mingw's tools build for it on any system, without a licence or a download from anyone's account.
pub(crate) const TARGET: &str = "x86_64-pc-windows-gnu";
const LINKER: &str = "x86_64-w64-mingw32-gcc";

/// Compilers for the C and C++ parts (SQLite, compression, scripts) and the linker.
const COMPILERS: &[&str] = &["gcc-mingw-w64-x86-64", "g++-mingw-w64-x86-64"];
/// What runs programs of Windows, without a screen.
const WINE: &[&str] = &["wine", "wine64", "xvfb"];
/// What makes and signs a setup, and draws its icon.
const PACKERS: &[&str] = &["nsis", "osslsigncode", "openssl", "librsvg2-bin"];

const BUILD_LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// `cargo xtask test --windows`: clippy for Windows, then the tests under Wine.
pub(crate) fn check_and_test(rest: &[String]) -> Result<()> {
    if let Outcome::Skipped(why) = check(true, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])? {
        bail!("Nothing can be compiled for Windows here: {why}");
    }
    test(rest)
}

/// Whether the server compiles for Windows, where that can be found out here. The window waits for [`check_and_test`]: its
/// libraries would double what this costs when nothing was compiled before.
pub(crate) fn check_server() -> Result<Outcome> {
    check(false, &["check", "--package", "botflow-machine", "--package", "botflow-app"])
}

fn check(install: bool, words: &[&str]) -> Result<Outcome> {
    if cfg!(windows) {
        return Ok(Outcome::Skipped("this is Windows; the other steps have checked it".to_owned()));
    }
    // First the compilers: a library that is built here needs them, too.
    if !(has(LINKER) || install && machine::system_packages(COMPILERS)? && has(LINKER)) {
        return Ok(Outcome::Skipped(format!("{LINKER} is not there; the packages are {}.", COMPILERS.join(" "))));
    }
    let library = match if install { library::provide() } else { library::at_hand() } {
        Ok(library) => library,
        Err(_) if process::stopped() => bail!("Stopped."),
        Err(missing) => return Ok(Outcome::Skipped(format!("{missing:#}"))),
    };
    process::run(&mut cargo::cargo(words, &library), BUILD_LIMIT).map(|()| Outcome::Passed)
}

/// What every installer may be asked for.
pub(crate) struct Asked {
    /// The profile `release` instead of `dist`.
    pub(crate) fast: bool,
    pub(crate) no_build: bool,
    pub(crate) server_only: bool,
}

/// `cargo xtask installer --windows`: builds the programs, packs them into a setup and tries it under Wine.
pub(crate) fn installer(asked: &Asked, arguments: &Arguments) -> Result<()> {
    println!("1/4 What is needed");
    machine::system_packages(&[COMPILERS, PACKERS, WINE].concat())?;
    need(LINKER, COMPILERS)?;
    need("makensis", PACKERS)?;
    let profile = if asked.fast { "release" } else { "dist" };
    if asked.no_build {
        println!("2/4 Building: left out");
    } else {
        println!("2/4 Building for {TARGET} (profile {profile})");
        build(profile, asked.server_only)?;
    }
    println!("3/4 Packing");
    let product = Product::ours(env!("CARGO_PKG_VERSION"));
    let certificate = arguments.finish.certificate();
    let licences = licences::gather(TARGET)?;
    let mut setups = Vec::new();
    for &window in kinds(asked.server_only) {
        let contents = Contents {
            product: &product,
            build: &built(profile),
            licences: &licences,
            window,
            models: !arguments.without_models,
            certificate: certificate.as_ref(),
            webview_setup: arguments.finish.webview_setup.as_deref(),
        };
        let setup = contents.pack(&process::target_dir().join("installers"))?;
        println!("    {:>6.1} MB  {}", std::fs::metadata(&setup.file)?.len() as f64 / 1e6, setup.file.display());
        setups.push(setup);
    }
    if arguments.no_smoke {
        println!("4/4 Trying it under Wine: left out");
        return Ok(());
    }
    println!("4/4 Trying it under Wine");
    setups.iter().try_for_each(smoke::run)?;
    if asked.server_only { Ok(()) } else { reseller::run(&built(profile), &licences) }
}

/// The server alone, and the same in a window.
fn kinds(server_only: bool) -> &'static [bool] {
    if server_only { &[false] } else { &[false, true] }
}

/// A brand's setups of programs that are built already; none where there are no programs. Errors: also
/// when nothing can be made of what `finish` names.
pub(crate) fn brand(product: &Product, asked: &Asked, finish: &Finish, to: &Path) -> Result<Vec<Made>> {
    let build = built(if asked.fast { "release" } else { "dist" });
    let is_built = |window: bool| build.join(if window { "botflow-desktop.exe" } else { "botflow.exe" }).is_file();
    let windows: Vec<bool> = kinds(asked.server_only).iter().copied().filter(|&window| is_built(window)).collect();
    if windows.is_empty() || !has("makensis") {
        if let Some(option) = finish.named() {
            let fast = if asked.fast { " --fast" } else { "" };
            bail!(
                "There is no setup for {option}: the programs for Windows are not in {}, or NSIS is not there. Run \
                 `cargo xtask installer --windows{fast}` first.",
                build.display()
            );
        }
        return Ok(Vec::new());
    }
    let (certificate, licences) = (finish.certificate(), licences::gather(TARGET)?);
    let mut made = Vec::new();
    for window in windows {
        let contents = Contents {
            product,
            build: &build,
            licences: &licences,
            window,
            models: true,
            certificate: certificate.as_ref(),
            webview_setup: finish.webview_setup.as_deref(),
        };
        let began = Instant::now();
        made.push(Made { file: contents.pack(to)?.file, took: began.elapsed() });
    }
    Ok(made)
}

/// Builds in one go, so that libraries get the same features for both programs.
fn build(profile: &str, server_only: bool) -> Result<()> {
    let library = library::provide()?;
    for folder in interface::folders() {
        interface::install(&folder)?;
        interface::build(&folder)?;
    }
    models::install(models::DEFAULT)?;
    let mut command = cargo::cargo(&["build", "--profile", profile, "--package", "botflow-app"], &library);
    if !server_only {
        command.args(["--package", "botflow-desktop", "--features", "botflow-desktop/custom-protocol"]);
    }
    process::run(&mut command, BUILD_LIMIT)
}

/// Where the target's programs are put by a build with this profile.
fn built(profile: &str) -> PathBuf {
    process::target_dir().join(TARGET).join(profile)
}

fn has(program: &str) -> bool {
    ["--version", "-VERSION"]
        .iter()
        .any(|question| process::output(&mut process::command(program, &[question])).is_some())
}

fn need(program: &str, packages: &[&str]) -> Result<()> {
    if !has(program) {
        bail!("`{program}` is not there. Install {} and run this again.", packages.join(" "));
    }
    Ok(())
}
