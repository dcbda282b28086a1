//! A setup as a reseller hands it out, under Wine: a brand's own, made within the minute, signed, with WebView2's setup
//! inside, and nowhere under our name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::http::Owner;
use super::setup::Contents;
use super::sign::Certificate;
use super::smoke::{Computer, Server, said};
use super::wine::Wine;
use crate::installer::licences::Licences;
use crate::{installer, process};

const TOOL_LIMIT: Duration = Duration::from_secs(60);
/// How long making the setup may take.
const LIMIT: Duration = Duration::from_secs(60);
const OURS: &str = "botflow";
const WEBVIEW_STAND_IN: &str = "webview_stand_in.nsi";

/// Makes the example brand's setup of the programs in `build` and tries it. Errors: the first thing that was not as it
/// should be.
pub(super) fn run(build: &Path, licences: &Licences) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let product = installer::example_brand()?;
    println!("    {}, a brand:", product.name);
    let certificate = self_made(folder.path())?;
    let webview = webview_stand_in(folder.path())?;
    let contents = Contents {
        product: &product,
        build,
        licences,
        window: true,
        models: true,
        certificate: Some(&certificate),
        webview_setup: Some(&webview),
    };
    let began = Instant::now();
    let setup = contents.pack(folder.path())?;
    let took = began.elapsed();
    ensure!(took < LIMIT, "the brand's setup took {} s", took.as_secs());
    said(&format!("made in {:.0} s without compiling", took.as_secs_f64()));

    let wine = Wine::open("smoke", true)?;
    let computer = Computer::look(&wine, &setup)?;
    let before = computer.files()?;
    computer.run(&setup.file, &["/S"])?;
    computer.expect_installed()?;
    for file in [&setup.file, &computer.program(), &computer.place.join("uninstall.exe")] {
        expect_signed(file, &certificate.file)?;
    }
    said("the setup, the program and what removes it are signed with the certificate that was given");

    let stand_in = |name: &str| computer.registry(r"HKCU\Software\WebViewStandIn", name).unwrap_or_default();
    ensure!(stand_in("Asked").contains("/silent /install"), "WebView2's setup was asked: {}", stand_in("Asked"));
    // It is there now.
    computer.run(&setup.file, &["/S"])?;
    ensure!(stand_in("Ran").trim_end().ends_with(" 1"), "WebView2's setup ran: {}", stand_in("Ran"));
    said("WebView2's setup ran where it was missing, and not a second time");

    let registry = process::output(wine.command("reg").args(["query", r"HKCU\Software", "/s"]))
        .context("the registry could not be read")?;
    let files = computer.files()?;
    let named = files.difference(&before).map(|path| path.display().to_string()).collect::<Vec<_>>().join("\n");
    // Where this project lies is no word of the product's.
    let here = process::root().display().to_string();
    let words = format!("{registry}\n{named}").replace(&here, "").replace(&here.replace('/', r"\"), "");
    ensure!(words.contains(&product.name), "the registry does not know the brand");
    let ours: Vec<&str> = words.lines().filter(|line| line.to_lowercase().contains(OURS)).collect();
    ensure!(ours.is_empty(), "these name us: {ours:#?}");
    said("neither its files nor what it registers names us");

    let mut program = Server::start(&computer, None, &[])?;
    let owner = Owner::sign_in(program.address)?;
    let brand = owner.ask("GET", "/api/brand", None)?;
    ensure!(brand["product_name"] == product.name.as_str(), "it calls itself {brand}");
    program.kill();
    computer.run(&computer.place.join("uninstall.exe"), &["/S"])?;
    computer.expect_removed(&before)?;
    said("starts under its own name, with a folder of its own, and is removed without a trace but its data");
    Ok(())
}

/// A certificate that nobody trusts, with which signing can be tried.
fn self_made(folder: &Path) -> Result<Certificate> {
    let (file, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Example Ltd"]);
    command.args(["-addext", "extendedKeyUsage=codeSigning", "-keyout"]).arg(&key).arg("-out").arg(&file);
    process::output(&mut command).context("openssl made no certificate")?;
    Ok(Certificate { file, key: Some(key), password_file: None, timestamp: None })
}

fn webview_stand_in(folder: &Path) -> Result<PathBuf> {
    let file = folder.join("webview2.exe");
    let mut command = Command::new("makensis");
    command.args(["-V2", "-WX"]).arg(format!("-DOUT={}", file.display()));
    command.arg(process::root().join("crates").join("xtask").join("windows").join(WEBVIEW_STAND_IN));
    process::run(&mut command, TOOL_LIMIT)?;
    ensure!(fs::metadata(&file)?.len() > 0, "there is no stand-in for WebView2's setup");
    Ok(file)
}

fn expect_signed(file: &Path, certificate: &Path) -> Result<()> {
    let mut command = Command::new("osslsigncode");
    command.args(["verify", "-CAfile"]).arg(certificate).arg("-in").arg(file);
    let verified = process::output(&mut command).is_some_and(|said| said.contains("Signature verification: ok"));
    ensure!(verified, "{} is not signed", file.display());
    Ok(())
}
