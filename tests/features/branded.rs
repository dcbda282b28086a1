//! A reseller's server from a terminal and in letters: whatever it says, it says under its own name.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bots::fake_mail::FakeSmtp;
use serde_json::{Value, json};
use tests_support::{Owner, Program, fixtures, program_file, until};

const PATIENCE: Duration = Duration::from_secs(40);

/// The program as a reseller's package installs it.
struct Branded {
    place: tempfile::TempDir,
    program: PathBuf,
}

impl Branded {
    fn install() -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = place.path().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            folder
        };
        let program = folder("bin").join(format!("helpdesk{}", std::env::consts::EXE_SUFFIX));
        if std::fs::hard_link(program_file(), &program).is_err() {
            // On another disk.
            std::fs::copy(program_file(), &program).unwrap();
        }
        let brand = fixtures("../../installers").join("brand.example.json");
        std::fs::copy(brand, folder("share/helpdesk").join("brand.json")).unwrap();
        Self { program, place }
    }

    fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).stdin(Stdio::null()).env("BOTFLOW_MODELS", self.place.path().join("models"));
        command.env("BOTFLOW_MIN_FREE_MB", "1").env("BOTFLOW_GRAPH_URL", "http://127.0.0.1:9/v99.0");
        command.env("BOTFLOW_ALLOW_PRIVATE_ADDRESSES", "true");
        command
    }

    /// Everything that a command says, on both ways.
    fn says(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!said.is_empty(), "{words:?} says something");
        named_alone(&words.join(" "), &said);
        said
    }

    /// Starts the server; where its interface is comes with it.
    fn serve(&self) -> (Running, String) {
        let data = self.data().display().to_string();
        let mut server = self.command(&["serve", "--data", &data, "--port", "0", "--public-port", "0"]);
        let mut server = Running(server.stdout(Stdio::piped()).spawn().unwrap());
        let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
        let ready = lines.next().unwrap().unwrap();
        assert!(ready.starts_with("Help Desk is ready: "), "{ready}");
        let admin = ready.trim_start_matches("Help Desk is ready: ").trim_end_matches('/').to_owned();
        // What it says later must not fill its pipe.
        std::thread::spawn(move || lines.for_each(drop));
        (server, admin)
    }

    fn on_data(&self, words: &[&str]) -> String {
        let data = self.data().display().to_string();
        self.says(&[words, &["--data", &data]].concat())
    }
}

/// A server that runs; killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Nothing in it is ours.
fn named_alone(what: &str, said: &str) {
    let ours = said.lines().find(|line| line.to_lowercase().contains("botflow"));
    assert_eq!(ours, None, "{what} names us");
}

fn every_file_of(zip: &Path) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(zip).unwrap()).unwrap();
    let mut files = Vec::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.push((file.name().unwrap().into_owned(), text));
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brands_server_names_the_brand_alone_wherever_it_speaks() {
    let branded = Branded::install();
    assert!(branded.says(&["--version"]).starts_with("helpdesk "));
    let help = branded.says(&["--help"]);
    assert!(help.contains("Usage: helpdesk"), "{help}");
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let commands: Vec<&str> = commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 5, "{help}");
    for command in commands.iter().filter(|command| **command != "help") {
        branded.says(&[command, "--help"]);
    }
    branded.says(&["--nonsense"]);
    branded.on_data(&["doctor"]);

    let (_server, admin) = branded.serve();
    let owner = Owner::sign_in(&admin).await;

    // A second start is told of the first one.
    let refused = branded.on_data(&["serve", "--port", "0", "--public-port", "0"]);
    assert!(refused.contains("The Help Desk server already runs"), "{refused}");
    for words in [&["doctor"][..], &["doctor", "--json"]] {
        branded.on_data(words);
    }
    named_alone("the check-up", &owner.get("/doctor").await.to_string());

    // The report for support, the names of its files among it.
    let zip = branded.place.path().join("report.zip");
    branded.on_data(&["support-bundle", zip.to_str().unwrap()]);
    let files = every_file_of(&zip);
    assert!(files.len() > 5, "{files:?}");
    for (name, text) in &files {
        named_alone("a file of the report", name);
        named_alone(name, text);
    }

    // Letters.
    let mail = FakeSmtp::start("shop", "open sesame").await;
    let settings = json!({ "host": "127.0.0.1", "port": mail.port(), "security": "none", "user": "shop",
        "from": "shop@shop.example", "password": "open sesame" });
    owner.put("/settings/email", settings).await;
    assert_eq!(owner.post("/settings/email/test", json!({})).await["ok"], true);
    let letter = until("the letter has arrived", PATIENCE, || async { mail.received().first().cloned() }).await;
    assert!(letter.data.contains("Subject: A test from Help Desk"), "{}", letter.data);
    named_alone("a letter", &letter.data);
}

/// A browser tells computers apart and not ports: it sends each program what both have given it.
#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_to_one_brand_stays_signed_in_to_the_other_on_the_same_computer() {
    let (branded, folder) = (Branded::install(), tempfile::tempdir().unwrap());
    let ((_server, theirs), ours) = (branded.serve(), Program::start(folder.path(), &[]));
    let mut kept = BTreeMap::new();
    for admin in [&theirs, &ours.admin] {
        let owner = Owner::sign_in(admin).await;
        let (name, value) = owner.cookie().split_once('=').unwrap();
        kept.insert(name.to_owned(), value.to_owned());
    }
    let all: Vec<String> = kept.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for admin in [&theirs, &ours.admin] {
        let asked = reqwest::Client::new().get(format!("{admin}/api/session")).header("cookie", all.join("; "));
        let session: Value = asked.send().await.unwrap().json().await.unwrap();
        assert_eq!(session["user"]["name"], "Thandi", "{admin}: {session}");
    }
}
