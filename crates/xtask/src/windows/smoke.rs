//! What an owner's computer goes through, under Wine: install, start, ask, power failures, upgrade, remove.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use super::http::Owner;
use super::setup::Setup;
use super::wine::{Wine, as_windows};
use super::{dress, icon};
use crate::{models, process, publish};

const SETUP_LIMIT: Duration = Duration::from_secs(5 * 60);
const READY_LIMIT: Duration = Duration::from_secs(90);
const TEST_LIMIT: Duration = Duration::from_secs(20 * 60);
/// How often the power fails, and how many customers write meanwhile.
const KILLS: &str = "5";
const CUSTOMERS: &str = "150";
const NEWER: &str = "99.0.0";
/// Tests that drive a program from outside, whatever system it was built for.
const DRIVEN: &str = "test(no_customer_is_forgotten) | test(a_visitor_asks_and_gets_the_answer) \
                      | test(a_whatsapp_message_is_answered)";

/// Tries `setup` from its first start to its removal. Errors: the first thing that was not as it should be.
pub(super) fn run(setup: &Setup) -> Result<()> {
    println!("    {}:", setup.name);
    let wine = Wine::open("smoke", true)?;
    let computer = Computer::look(&wine, setup)?;
    let before = computer.files()?;

    let began = Instant::now();
    computer.run(&setup.file, &["/S"])?;
    computer.expect_installed()?;
    said(&format!("installed without a question in {:.1} s", seconds(began)));

    let began = Instant::now();
    let mut program = Server::start(&computer, None, &[])?;
    let ready = seconds(began);
    let owner = Owner::sign_in(program.address)?;
    owner.ask("POST", "/api/sample", Some(&json!({})))?;
    let read = Instant::now();
    until_read(&owner)?;
    let (read, asked) = (seconds(read), Instant::now());
    expect_answer(&owner)?;
    let answered = seconds(asked);
    said(&format!(
        "ready in {ready:.1} s; the sample business, read in {read:.1} s, answers a question in {answered:.1} s"
    ));

    // The program runs: its file cannot be overwritten, and it goes on answering while a new one takes its place.
    computer.run(&setup.file, &["/S"])?;
    computer.expect_installed()?;
    expect_answer(&owner)?;
    program.kill();
    let mut program = Server::start(&computer, None, &[])?;
    let owner = Owner::sign_in(program.address)?;
    expect_answer(&owner)?;
    program.kill();
    said("upgraded while it ran; what was there is there after the next start");

    // People's names are in their folders, and not all of them are English.
    let mut elsewhere = Server::start(&computer, Some(r"C:\Données d’Élodie 店"), &[])?;
    Owner::sign_in(elsewhere.address)?;
    elsewhere.kill();
    fs::remove_dir_all(wine.drive_c().join("Données d’Élodie 店"))?;
    said("keeps data in a folder of any name");

    newer(&computer)?;
    said("starts the newer version that came as an update");

    // The desktop program is the same server; only the server's own takes the orders by which these tests start it.
    if !setup.window {
        driven(&computer)?;
        said(&format!("killed {KILLS} times while {CUSTOMERS} customers wrote: nothing lost, nothing twice"));
    }

    let mut program = Server::start(&computer, None, &[])?;
    computer.run(&computer.place.join("uninstall.exe"), &["/S"])?;
    computer.expect_removed(&before)?;
    ensure!(program.has_ended(), "the program still runs after it was removed");
    said("removed while it ran; nothing is left but the data");
    Ok(())
}

/// A version that was accepted lies among the data, and finds there what the setup has put beside the installed one.
fn newer(computer: &Computer<'_>) -> Result<()> {
    let data = computer.wine.drive_c().join("Newer");
    let place = data.join("updates").join(NEWER);
    let kind = if computer.setup.window { "window" } else { "server" };
    let key = publish::for_trial(&computer.program(), &format!("{kind}/x86_64-windows"), NEWER, &place)?;
    fs::copy(computer.program(), place.join(&computer.setup.program))?;
    fs::write(data.join("updates").join("state.json"), json!({ "accepted": NEWER }).to_string())?;
    let settings = [("BOTFLOW_UPDATE_KEY", key.as_str()), ("BOTFLOW_UPDATE_ADDRESS", "http://127.0.0.1:9/")];
    let mut program = Server::start(computer, Some(r"C:\Newer"), &settings)?;
    let runs = Owner::sign_in(program.address)?.ask("GET", "/api/updates", None)?["version"].clone();
    program.kill();
    ensure!(runs == NEWER, "version {runs} was started in place of {NEWER}");
    Ok(fs::remove_dir_all(&data)?)
}

fn seconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}

pub(super) fn said(what: &str) {
    println!("      {what}.");
}

/// The computer on which the setup is tried.
pub(super) struct Computer<'a> {
    wine: &'a Wine,
    setup: &'a Setup,
    /// `AppData\Local` of the one person on it.
    local: PathBuf,
    /// Where the setup puts the program.
    pub(super) place: PathBuf,
}

impl<'a> Computer<'a> {
    pub(super) fn look(wine: &'a Wine, setup: &'a Setup) -> Result<Self> {
        let users = wine.drive_c().join("users");
        let people = fs::read_dir(&users)?.flatten().map(|entry| entry.path());
        let person = people.filter(|path| !path.ends_with("Public")).find(|path| path.join("AppData").is_dir());
        let local = person.context("Wine made no person")?.join("AppData").join("Local");
        let place = local.join("Programs").join(&setup.name);
        Ok(Self { wine, setup, local, place })
    }

    /// Runs a program of Windows to its end and waits for what it started, as far as that ends by itself.
    pub(super) fn run(&self, program: &Path, arguments: &[&str]) -> Result<()> {
        process::run(self.wine.command(as_windows(program)).args(arguments), SETUP_LIMIT)
    }

    pub(super) fn expect_installed(&self) -> Result<()> {
        for file in self.setup.files.iter().map(String::as_str).chain(["uninstall.exe"]) {
            ensure!(self.place.join(file).is_file(), "the setup did not install {file}");
        }
        let (pictures, name) = dress::worn(&fs::read(self.program())?)?;
        let drawn = fs::read(self.place.join("icon.ico"))?;
        let is_drawn = |picture: &Vec<u8>| drawn.windows(picture.len()).any(|part| part == picture.as_slice());
        ensure!(
            pictures.len() == icon::SIZES.len() && pictures.iter().all(is_drawn),
            "the program does not have its own icon"
        );
        ensure!(name.as_ref() == Some(&self.setup.name), "the program's name is {name:?}");
        ensure!(self.shortcut().is_file(), "the setup made no entry in the menu");
        let version = self.registry(&format!(r"HKCU\{REMOVE_KEY}\{}", self.setup.identifier), "DisplayVersion");
        ensure!(version.is_some_and(|found| found.contains(&self.setup.version)), "it is not in the list of programs");
        let start = self.registry(&format!(r"HKCU\{START_KEY}"), &self.setup.name);
        ensure!(start.is_some() == self.setup.window, "the start at sign-in is not as it should be: {start:?}");
        Ok(())
    }

    pub(super) fn expect_removed(&self, before: &BTreeSet<PathBuf>) -> Result<()> {
        // The remover goes on as a copy of itself, so that it can delete its own file.
        until("the program's folder is gone", || !self.place.exists())?;
        for (key, name) in [
            (format!(r"HKCU\{REMOVE_KEY}\{}", self.setup.identifier), "DisplayName"),
            (format!(r"HKCU\Software\{}", self.setup.identifier), "InstallDir"),
            (format!(r"HKCU\{START_KEY}"), self.setup.name.as_str()),
        ] {
            ensure!(self.registry(&key, name).is_none(), "{key} still has {name}");
        }
        let data = self.data();
        let left: Vec<PathBuf> =
            self.files()?.difference(before).filter(|file| !file.starts_with(&data)).cloned().collect();
        ensure!(left.is_empty(), "left behind: {left:?}");
        ensure!(data.join("system.db").is_file(), "the business's data went with the program");
        Ok(())
    }

    pub(super) fn program(&self) -> PathBuf {
        self.place.join(&self.setup.program)
    }

    /// The folder of models, as Windows names it, where none came with the setup.
    fn models(&self) -> Result<Option<String>> {
        let inside = self.setup.files.iter().any(|file| file.starts_with("models/"));
        if inside { Ok(None) } else { Ok(Some(as_windows(&models::folder()?))) }
    }

    /// The folder for data that the program chooses by itself.
    fn data(&self) -> PathBuf {
        self.local.join(&self.setup.data).join("data")
    }

    fn shortcut(&self) -> PathBuf {
        let menu = ["AppData", "Roaming", "Microsoft", "Windows", "Start Menu", "Programs"];
        let person = self.local.ancestors().nth(2).unwrap_or(&self.local);
        menu.iter().fold(person.to_owned(), |path, part| path.join(part)).join(format!("{}.lnk", self.setup.name))
    }

    /// Every file of the person, but not what programs put down for a moment.
    pub(super) fn files(&self) -> Result<BTreeSet<PathBuf>> {
        let mut found = BTreeSet::new();
        let mut open = vec![self.wine.drive_c().join("users")];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let path = entry.path();
                // Links lead to the folders of the person who runs this test.
                let kind = entry.file_type()?;
                if kind.is_dir() && !path.ends_with("Temp") {
                    open.push(path.clone());
                }
                if !kind.is_symlink() {
                    found.insert(path);
                }
            }
        }
        // The folders above the data came with them.
        found.remove(&self.local.join(&self.setup.data));
        // Windows' own folder for programs of one person stays, as it does after any other program.
        found.remove(&self.local.join("Programs"));
        Ok(found)
    }

    pub(super) fn registry(&self, key: &str, name: &str) -> Option<String> {
        process::output(self.wine.command("reg").args(["query", key, "/v", name]))
    }
}

const REMOVE_KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Uninstall";
const START_KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";

/// A child that does not outlive this program's interest in it.
struct Ended(Child);

impl Ended {
    /// As a power failure would: Wine's programs are programs of this system.
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The installed server.
pub(super) struct Server {
    child: Ended,
    pub(super) address: SocketAddr,
}

impl Server {
    /// `data`: another folder than the one it chooses, as Windows names it. It is not started in its own folder: nor does
    /// Windows when somebody signs in.
    pub(super) fn start(computer: &Computer<'_>, data: Option<&str>, settings: &[(&str, &str)]) -> Result<Server> {
        let mut command = computer.wine.command(as_windows(&computer.program()));
        command.arg(if computer.setup.window { "--headless" } else { "serve" }).args(["--port", "0"]);
        command.args(data.into_iter().flat_map(|data| ["--data", data]));
        command.env("BOTFLOW_MIN_FREE_MB", "1").env("BOTFLOW_LOG", "error").stdin(Stdio::null()).stdout(Stdio::piped());
        command.envs(settings.iter().copied());
        match computer.models()? {
            Some(folder) => command.env("BOTFLOW_MODELS", folder),
            None => command.env_remove("BOTFLOW_MODELS"),
        };
        let mut child = Ended(command.spawn().context("the installed program could not be started")?);
        let output = child.0.stdout.take().context("its output is ours")?;
        let (send, receive) = std::sync::mpsc::channel();
        // Read to the end, so that what it says later does not fill its pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(std::result::Result::ok) {
                let _ = send.send(line);
            }
        });
        let line = receive.recv_timeout(READY_LIMIT).context("the installed program did not get ready")?;
        let address = line.rsplit("http://").next().unwrap_or_default().trim().trim_end_matches('/');
        let address = address.parse().with_context(|| format!("the installed program said “{line}”"))?;
        Ok(Server { child, address })
    }

    pub(super) fn kill(&mut self) {
        self.child.kill();
    }

    fn has_ended(&mut self) -> bool {
        until("the program ends", || matches!(self.child.0.try_wait(), Ok(Some(_)))).is_ok()
    }
}

/// Waits until every document of the sample was read.
fn until_read(owner: &Owner) -> Result<()> {
    let busy = ["queued", "reading", "understanding"];
    until("the sample's documents are read", || {
        let Ok(sources) = owner.ask("GET", "/api/sources?limit=200", None) else { return false };
        let sources = sources["items"].as_array().cloned().unwrap_or_default();
        !sources.is_empty() && sources.iter().all(|source| !busy.iter().any(|state| source["state"] == *state))
    })
}

fn expect_answer(owner: &Owner) -> Result<()> {
    let question = json!({ "question": "How much is it to deliver to Claremont?" });
    let heard = owner.ask("POST", "/api/ask", Some(&question))?["answer"].to_string();
    ensure!(heard.contains("105"), "the sample business answered {heard}");
    Ok(())
}

/// The project's own tests against the installed program: they start, ask and kill it, and compare.
fn driven(computer: &Computer<'_>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("installed");
    // `exec`: what the tests kill is the program itself.
    let quoted = |word: &str| format!("'{}'", word.replace('\'', r"'\''"));
    let models = match computer.models()? {
        Some(folder) => format!("export BOTFLOW_MODELS={}", quoted(&folder)),
        None => "unset BOTFLOW_MODELS".to_owned(),
    };
    let wine = quoted(&computer.wine.program.display().to_string());
    let text = format!("#!/bin/sh\n{models}\nexec {wine} {} \"$@\"\n", quoted(&as_windows(&computer.program())));
    fs::write(&script, text)?;
    #[cfg(unix)]
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let mut command: Command =
        process::cargo(&["nextest", "run", "--workspace", "--test", "all", "-E", DRIVEN, "--test-threads", "1"]);
    command.arg("--config-file").arg(process::root().join("crates").join("xtask").join("nextest.toml"));
    command.envs(computer.wine.settings()).env("BOTFLOW_PROGRAM", &script).env("BOTFLOW_MODELS", models::folder()?);
    command.env("BOTFLOW_CRASH_KILLS", KILLS).env("BOTFLOW_CRASH_MESSAGES", CUSTOMERS);
    process::run(&mut command, TEST_LIMIT)
}

fn until(what: &str, mut holds: impl FnMut() -> bool) -> Result<()> {
    let began = Instant::now();
    while !holds() {
        if process::stopped() {
            bail!("Stopped.");
        }
        if began.elapsed() > READY_LIMIT {
            bail!("did not happen within {} s: {what}", READY_LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
