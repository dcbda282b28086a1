//! The packages tried as a person would: installed in a clean Debian, used, upgraded, removed; and two brands side by side.

mod brands;
mod clean;
mod http;
mod window;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use self::clean::{Clean, Running, Writable};
use self::http::Owner;
use super::product::Product;
use super::tree::Kind;
use super::{Format, Packing, deb, licences, rpm};

const QUESTION: &str = "How much is delivery to Wynberg?";
const ANSWER: &str = "88";
/// Older than anything that was ever made.
const OLDER: &str = "0.0.1";

/// Tries the packages in `packages`, made of the programs in `build`. Errors: the first thing that is not as it should be.
pub(super) fn run(build: &Path, kinds: &[Kind], packages: &Path) -> Result<()> {
    let folder = packages.join("clean");
    let licences = licences::gather(&licences::linux())?;
    service(build, packages, &folder, &licences)?;
    other_systems(build, packages, &folder, &licences)?;
    if kinds.contains(&Kind::Desktop) {
        window::run(build, packages, &folder, &licences)?;
    }
    brands::side_by_side(build, &folder, &licences)
}

/// The life of the server as a service: installed older, used, upgraded while it runs, removed, purged.
fn service(build: &Path, packages: &Path, folder: &Path, licences: &licences::Licences) -> Result<()> {
    let ours = Product::ours(env!("CARGO_PKG_VERSION"));
    let older = Product::ours(OLDER);
    let older = Packing { kind: Kind::Server, product: &older, build, licences, models: false }
        .pack(Format::Deb, &folder.join("older"))?;
    let clean = Clean::unpack(folder, build)?;
    clean.run(&["apt-get", "update", "--quiet"])?;
    pretend_systemd(&clean)?;

    clean.install(&older.file)?;
    let unit = fs::read_to_string(clean.path("/usr/lib/systemd/system/botflow.service"))?;
    expect(!told(&clean)?.contains("enable"), "installing switches no service on")?;
    let mut server = serve(&clean, &unit)?;
    let owner = Owner::sign_in(server.port()?)?;
    owner.load_sample()?;
    expect(!has_model(&owner)?, "the package without models brings none")?;
    expect(owner.ask(QUESTION)?.contains(ANSWER), "the sample business answers a question over HTTP, by words alone")?;

    clean.install(&package(packages, Kind::Server, &ours))?;
    expect(told(&clean)?.contains("try-restart botflow.service"), "the older program is told to start again")?;
    expect(owner.ask(QUESTION)?.contains(ANSWER), "until then it goes on answering")?;
    drop(owner);
    server.stop()?;

    let mut server = serve(&clean, &unit)?;
    let owner = Owner::sign_in(server.port()?)?;
    expect(owner.ask(QUESTION)?.contains(ANSWER), "the newer program answers from the older one's data")?;
    expect(has_model(&owner)?, "the model that came with the package is found")?;
    expect(http::page(owner.port(), "/licences.txt")?.contains("tokio"), "the page of licences names libraries")?;
    server.stop()?;

    let database = clean.path("/var/lib/botflow/system.db");
    clean.run(&["apt-get", "remove", "--yes", "botflow-server"])?;
    expect(
        !clean.path("/usr/bin/botflow").exists() && database.is_file(),
        "removing takes the program and keeps the data",
    )?;
    let said = clean.run(&["apt-get", "purge", "--yes", "botflow-server"])?;
    expect(
        database.is_file() && said.contains("/var/lib/botflow"),
        "purging keeps the data, too, and says where it is",
    )?;
    clean.install(&package(packages, Kind::Server, &ours))?;
    let mut server = serve(&clean, &unit)?;
    Owner::sign_in(server.port()?)?;
    server.stop()?;
    expect(true, "installed again, it opens the data that was kept")?;
    fs::write(clean.path("/var/lib/botflow/delete-on-purge"), "")?;
    clean.run(&["apt-get", "purge", "--yes", "botflow-server"])?;
    expect(!clean.path("/var/lib/botflow").exists(), "told so beforehand, purging deletes the data")?;

    clean.install(&package(packages, Kind::Server, &ours))?;
    let left = fs::File::open(crate::process::root().join("tests/fixtures/older/first.zip"))?;
    zip::ZipArchive::new(left)?.extract(clean.path("/var/lib/botflow"))?;
    clean.run(&["chown", "--recursive", "--reference", "/var/lib/botflow", "/var/lib/botflow"])?;
    let mut server = serve(&clean, &unit)?;
    let owner = Owner::sign_in(server.port()?)?;
    expect(
        owner.ask(QUESTION)?.contains(ANSWER),
        "the data of the first version that there was is opened and answered from",
    )?;
    drop(owner);
    server.stop()
}

/// The package for Fedora's kin by their own program, in the same tree: what it needs has other names there, and is not
/// looked for.
fn other_systems(build: &Path, packages: &Path, folder: &Path, licences: &licences::Licences) -> Result<()> {
    let ours = Product::ours(env!("CARGO_PKG_VERSION"));
    let product = Product::ours(OLDER);
    let older = Packing { kind: Kind::Server, product: &product, build, licences, models: false }
        .pack(Format::Rpm, &folder.join("older"))?;
    let clean = Clean::unpack(folder, build)?;
    clean.run(&["apt-get", "update", "--quiet"])?;
    clean.run(&["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "rpm", "ca-certificates"])?;
    let newer = packages.join(rpm::file_name(Kind::Server, &ours));
    for (file, name) in [(&older.file, "/tmp/older.rpm"), (&newer, "/tmp/newer.rpm")] {
        fs::copy(file, clean.path(name))?;
    }

    clean.run(&["rpm", "--upgrade", "--nodeps", "/tmp/older.rpm"])?;
    let unit = fs::read_to_string(clean.path("/usr/lib/systemd/system/botflow.service"))?;
    let mut server = serve(&clean, &unit)?;
    let owner = Owner::sign_in(server.port()?)?;
    owner.load_sample()?;
    expect(owner.ask(QUESTION)?.contains(ANSWER), "installed by rpm, the sample business answers a question")?;
    drop(owner);
    server.stop()?;
    clean.run(&["rpm", "--upgrade", "--nodeps", "/tmp/newer.rpm"])?;
    clean.run(&["rpm", "--verify", "--nodeps", "botflow-server"])?;
    let mut server = serve(&clean, &unit)?;
    let owner = Owner::sign_in(server.port()?)?;
    expect(
        owner.ask(QUESTION)?.contains(ANSWER) && has_model(&owner)?,
        "upgraded by rpm, the newer program answers from the older one's data, with its model",
    )?;
    drop(owner);
    server.stop()?;
    clean.run(&["rpm", "--erase", "botflow-server"])?;
    expect(
        !clean.path("/usr/bin/botflow").exists() && clean.path("/var/lib/botflow/system.db").is_file(),
        "removed by rpm, the program is gone and the data is kept",
    )
}

/// Whether any model can be used.
fn has_model(owner: &Owner) -> Result<bool> {
    Ok(owner.get("/api/models")?.to_string().contains("\"ready\""))
}

/// Runs what the service's own file says, as its own user, with nothing to write to but its own folder.
fn serve(clean: &Clean, unit: &str) -> Result<Running> {
    let field = |name: &str| {
        unit.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("the service says no {name}"))
    };
    let (line, user) = (field("ExecStart=")?, field("User=")?);
    let mut words = vec!["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs"];
    words.extend(line.split(' '));
    words.extend(["--port", "0", "--public-port", "0"]);
    clean.start(Writable::Only(&format!("/var/lib/{user}")), &words)
}

/// A stand-in that writes down what packages ask of systemd, which does not run in the tree.
fn pretend_systemd(clean: &Clean) -> Result<()> {
    fs::create_dir_all(clean.path("/run/systemd/system"))?;
    let file = clean.path("/usr/bin/systemctl");
    fs::write(file, "#!/bin/sh\necho \"$@\" >>/run/told\n")?;
    clean.run(&["chmod", "755", "/usr/bin/systemctl"])?;
    Ok(())
}

fn told(clean: &Clean) -> Result<String> {
    let file = clean.path("/run/told");
    Ok(if file.is_file() { fs::read_to_string(file)? } else { String::new() })
}

fn package(packages: &Path, kind: Kind, product: &Product) -> PathBuf {
    let name = kind.package(product);
    packages.join(format!("{name}_{}_{}.deb", product.version, deb::architecture()))
}

/// Says what was seen, or stops.
fn expect(seen: bool, sentence: &str) -> Result<()> {
    if !seen {
        bail!("Not so: {sentence}.");
    }
    println!("    yes: {sentence}");
    Ok(())
}
