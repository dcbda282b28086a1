//! `cargo xtask installer` and `cargo xtask brand FILE`: packages for Linux, our own and resellers'.
//!
//! Both packages are the same tree of files (`tree.rs`), packed twice (`deb.rs`, `rpm.rs`). They are not made by Tauri's
//! bundler, because that one can make neither the server's package, which must not need a window's libraries, nor the
//! service in it; and so a brand needs nothing but the two programs.

mod beside;
mod brand;
mod deb;
mod elf;
pub(crate) mod icons;
pub(crate) mod licences;
pub(crate) mod product;
mod proof;
mod rpm;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
pub(crate) use beside::resources;
use clap::Args;

use self::product::Product;
use self::tree::{Contents, Kind};
use crate::{interface, models, process, setup, windows};

const BUILD_LIMIT: Duration = Duration::from_secs(3 * 60 * 60);
/// What a download without models may weigh.
const MAX_PROGRAM_BYTES: u64 = 25_000_000;

/// What `cargo xtask installer` is asked for.
#[derive(Debug, Args)]
pub(crate) struct InstallerArguments {
    /// Build quickly, for trying out: larger and slower programs.
    #[arg(long)]
    fast: bool,
    /// Take the programs of the tests: only to try what this command does.
    #[arg(long, hide = true, requires = "no_build")]
    debug: bool,
    /// Take the programs that are there, without building.
    #[arg(long)]
    no_build: bool,
    /// Only the server alone.
    #[arg(long)]
    server_only: bool,
    /// Install, start, upgrade and remove the packages in a clean Debian as well; needs root.
    #[arg(long)]
    test: bool,
    /// The setup for Windows.
    #[arg(long)]
    windows: bool,
    #[command(flatten)]
    for_windows: windows::Arguments,
}

/// What `cargo xtask brand` is asked for.
#[derive(Debug, Args)]
pub(crate) struct BrandArguments {
    /// What the product is called and looks like: installers/brand.example.json is a sample.
    file: PathBuf,
    /// Only say what is wrong with the file.
    #[arg(long)]
    check: bool,
    /// Use the programs of a quick build (`cargo xtask installer --fast`).
    #[arg(long)]
    fast: bool,
    /// The folder of the built programs for Linux, where it is another one; no setup for Windows is made then.
    #[arg(long, conflicts_with_all = ["webview_setup", "certificate"])]
    build: Option<PathBuf>,
    /// Only the server alone.
    #[arg(long)]
    server_only: bool,
    #[command(flatten)]
    for_windows: windows::Finish,
}

/// What draws the icons and makes the `.rpm`.
const PACKERS: &[&str] = &["librsvg2-bin", "rpm"];
/// What makes a clean Debian to try the packages in.
const TESTERS: &[&str] = &["debootstrap"];

/// Builds the programs and makes the packages.
pub(crate) fn installer(arguments: &InstallerArguments) -> Result<()> {
    if arguments.windows {
        let (fast, no_build, server_only) = (arguments.fast, arguments.no_build, arguments.server_only);
        return windows::installer(&windows::Asked { fast, no_build, server_only }, &arguments.for_windows);
    }
    if let Some(option) = arguments.for_windows.finish.named() {
        bail!("{option} is for the setup of Windows: add --windows.");
    }
    let profile = match arguments {
        InstallerArguments { debug: true, .. } => "debug",
        InstallerArguments { fast: true, .. } => "release",
        _ => "dist",
    };
    let kinds = kinds(arguments.server_only);
    let mut needed = PACKERS.to_vec();
    if arguments.test {
        needed.extend(TESTERS);
    }
    if !arguments.no_build {
        needed.extend(setup::BUILD_PACKAGES);
    }
    if !(arguments.no_build || arguments.server_only) {
        needed.extend(setup::DESKTOP_PACKAGES);
    }
    setup::system_packages(&needed)?;
    if arguments.no_build {
        println!("1/3 Building: left out");
    } else {
        println!("1/3 Building (profile {profile})");
        build(profile, kinds)?;
    }
    println!("2/3 Making the packages");
    let folder = process::target_dir().join(profile);
    let to = out();
    let product = Product::ours(env!("CARGO_PKG_VERSION"));
    let made = make(&product, &folder, kinds, &to)?;
    say(&made)?;
    let mut heavy = Vec::new();
    for Made { file, .. } in &made {
        // By the ones without models the size of the program is judged.
        if file.starts_with(without_models(&to)) && fs::metadata(file)?.len() > MAX_PROGRAM_BYTES {
            heavy.push(file.display().to_string());
        }
    }
    // A quick build is not what is shipped.
    if !heavy.is_empty() && profile == "dist" {
        bail!("Heavier than {} MB without models: {}.", megabytes(MAX_PROGRAM_BYTES), heavy.join(", "));
    }
    if arguments.test {
        println!("3/3 Trying them in a clean Debian");
        proof::run(&folder, kinds, &to)?;
    } else {
        println!("3/3 Trying them in a clean Debian: only with --test");
    }
    Ok(())
}

/// The brand that comes with the sources.
pub(crate) fn example_brand() -> Result<Product> {
    brand::read(&process::root().join("installers/brand.example.json"), env!("CARGO_PKG_VERSION"))
}

/// Makes a reseller's packages of programs that are built already.
pub(crate) fn brand(arguments: &BrandArguments) -> Result<()> {
    let began = Instant::now();
    let product = brand::read(&arguments.file, env!("CARGO_PKG_VERSION"))?;
    println!("{}: the brand is sound.", product.name);
    if arguments.check {
        return Ok(());
    }
    setup::system_packages(PACKERS)?;
    let profile = if arguments.fast { "release" } else { "dist" };
    let folder = arguments.build.clone().unwrap_or_else(|| process::target_dir().join(profile));
    let made = make(&product, &folder, kinds(arguments.server_only), &out().join(&product.program))?;
    say(&made)?;
    if arguments.build.is_some() {
        println!("    No setup for Windows: --build names a folder of programs for Linux.");
    } else {
        let asked = windows::Asked { fast: arguments.fast, no_build: true, server_only: arguments.server_only };
        let setups = windows::brand(&product, &asked, &arguments.for_windows, &out().join(&product.program))?;
        say(&setups)?;
        if setups.is_empty() {
            println!("    No setup for Windows: its programs are not built, or NSIS is not there.");
        }
    }
    println!("Made in {:.0} s.", began.elapsed().as_secs_f64());
    Ok(())
}

/// A package that was made.
pub(crate) struct Made {
    pub(crate) file: PathBuf,
    pub(crate) took: Duration,
}

/// What each package weighs and how long it took: a reseller waits for each.
fn say(made: &[Made]) -> Result<()> {
    for Made { file, took } in made {
        let megabytes = megabytes(fs::metadata(file)?.len());
        println!("    {megabytes:>6.1} MB in {:>2.0} s  {}", took.as_secs_f64(), file.display());
    }
    Ok(())
}

/// Makes each package with the model for answers, and of our own also without.
fn make(product: &Product, build: &Path, kinds: &[Kind], to: &Path) -> Result<Vec<Made>> {
    let licences = licences::gather(&licences::linux())?;
    println!("    Licences: {} parts, {:.1} MB packed.", licences.count, megabytes(licences.packed.len() as u64));
    let mut made = Vec::new();
    for &kind in kinds {
        let with = Packing { kind, product, build, licences: &licences, models: true };
        made.push(with.pack(Format::Deb, to)?);
        made.push(with.pack(Format::Rpm, to)?);
        if product.brand.is_none() {
            made.push(Packing { models: false, ..with }.pack(Format::Deb, &without_models(to))?);
        }
    }
    Ok(made)
}

#[derive(Clone, Copy)]
enum Format {
    Deb,
    Rpm,
}

/// One package to make.
#[derive(Clone, Copy)]
struct Packing<'a> {
    kind: Kind,
    product: &'a Product,
    build: &'a Path,
    licences: &'a licences::Licences,
    models: bool,
}

impl Packing<'_> {
    fn pack(&self, format: Format, to: &Path) -> Result<Made> {
        let began = Instant::now();
        let Self { kind, product, build, licences, models } = *self;
        let program = build.join(kind.built());
        if !program.is_file() {
            bail!("{} is not built. Run `cargo xtask installer` first.", program.display());
        }
        let libc = elf::c_library(&program)?;
        fs::create_dir_all(to)?;
        let work = tempfile::Builder::new().prefix(".packing-").tempdir_in(to)?;
        let root = work.path().join("root");
        fs::create_dir_all(&root)?;
        tree::lay_out(&Contents { kind, product, build, models, licences }, &root)?;
        let file = match format {
            Format::Deb => deb::pack(kind, product, &root, libc, models, to),
            Format::Rpm => rpm::pack(kind, product, &root, libc, to, &work.path().join("rpm")),
        }?;
        Ok(Made { file, took: began.elapsed() })
    }
}

/// Builds in one go, so that libraries get the same features for both programs.
fn build(profile: &str, kinds: &[Kind]) -> Result<()> {
    for folder in interface::folders() {
        interface::install(&folder)?;
        interface::build(&folder)?;
    }
    models::install(models::DEFAULT)?;
    let mut command = process::cargo(&["build", "--profile", profile, "--package", "botflow-app"]);
    if kinds.contains(&Kind::Desktop) {
        command.args(["--package", "botflow-desktop", "--features", "botflow-desktop/custom-protocol"]);
    }
    // Else the builder's own folders would stand in logs and messages.
    let mut flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    if profile == "dist" {
        let home = directories::BaseDirs::new().context("This user has no home folder.")?;
        for (from, to) in [(process::root(), "/src"), (home.home_dir().join(".cargo"), "/cargo")] {
            flags.push_str(&format!(" --remap-path-prefix={}={to}", from.display()));
        }
        command.env("RUSTFLAGS", flags.trim());
    }
    process::run(&mut command, BUILD_LIMIT)
}

fn kinds(server_only: bool) -> &'static [Kind] {
    if server_only { &[Kind::Server] } else { &Kind::BOTH }
}

fn without_models(to: &Path) -> PathBuf {
    to.join("without-models")
}

/// Where packages go.
fn out() -> PathBuf {
    process::target_dir().join("installers")
}

fn megabytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    let bytes = bytes as f64;
    bytes / 1e6
}
