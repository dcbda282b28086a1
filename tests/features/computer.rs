//! What the program and the computer it runs on owe each other: one program for a folder, a port that is taken, and a
//! power failure that is told about.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use base::message::Content;
use channels::whatsapp::fake::{Customer, Settings};
use serde_json::{Value, json};
use tests_support::{Owner, Program, connect_whatsapp, fake_graph, program_file, until};

const PATIENCE: Duration = Duration::from_secs(60);
const ANY_PORT: [&str; 4] = ["--port", "0", "--public-port", "0"];

/// `botflow serve` as an owner types it, with no port asked for but those in `arguments`.
fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program_file());
    command.arg("serve").arg("--data").arg(data).args(arguments);
    command.env("BOTFLOW_LOG", "warn").env("BOTFLOW_MIN_FREE_MB", "1").stdin(Stdio::null());
    command
}

/// A program that came up, and what it printed until then.
struct Started {
    child: Child,
    admin: SocketAddr,
    public: SocketAddr,
    /// What it printed after that.
    lines: mpsc::Receiver<String>,
}

impl Started {
    fn on(data: &Path, arguments: &[&str]) -> Started {
        Self::by(command(data, arguments))
    }

    fn by(mut command: Command) -> Started {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line))));
        let next = || lines.recv_timeout(PATIENCE).unwrap();
        let admin = next().trim_start_matches("BotFlow is ready: http://").trim_end_matches('/').parse().unwrap();
        let public = next().trim_start_matches("The public port is ").trim_end_matches('.').parse().unwrap();
        Started { child, admin, public, lines }
    }

    /// Everything that it prints from now until it is killed.
    fn kill(mut self) -> Vec<String> {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.lines.iter().collect()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A start that is expected to end by itself.
fn refused(mut command: Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let end = std::time::Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if std::time::Instant::now() > end {
            let _ = child.kill();
            panic!("a start that cannot succeed goes on");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    child.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
    child.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
    Output { status: child.wait().unwrap(), stdout, stderr }
}

fn owner_file(data: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(data.join("botflow.owner")).unwrap()).unwrap()
}

fn port(address: &str) -> u16 {
    address.rsplit(':').next().unwrap().parse().unwrap()
}

#[test]
fn a_second_program_on_the_same_folder_says_where_the_first_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let first = Program::start(folder.path(), &[]);
    let second = refused(command(folder.path(), &ANY_PORT));
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    println!("{said}");
    let process = format!("process {}", first.process_id());
    let data = folder.path().display().to_string();
    for word in ["The BotFlow server already runs", &data, &process, &format!("{}/", first.admin), "end that program"] {
        assert!(said.contains(word), "“{word}” is missing: {said}");
    }
    // The one that was refused changed nothing of what the first one says of itself.
    assert_eq!(owner_file(folder.path())["process_id"], first.process_id());
}

#[test]
fn a_port_that_is_taken_is_exchanged_told_everywhere_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    // Taken by this test, unless another program has it already; both are the same to the program.
    let _taken = [4870, 4871].map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)));
    let first = Started::on(folder.path(), &[]);
    assert!(first.admin.port() != 4870 && first.public.port() != 4871, "{} {}", first.admin, first.public);
    assert_eq!(owner_file(folder.path())["address"], first.admin.to_string());
    for address in [first.admin, first.public] {
        assert!(std::net::TcpStream::connect(address).is_ok(), "{address} answers");
    }
    let (admin, public) = (first.admin, first.public);
    println!("instead of 4870 and 4871: {admin} and {public}");
    first.kill();
    drop(_taken);
    // Bookmarks and sign-ins stay good, even though the usual ports are free again.
    let again = Started::on(folder.path(), &[]);
    assert_eq!((again.admin, again.public), (admin, public));
}

#[test]
fn a_port_that_was_asked_for_is_never_exchanged() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let start = refused(command(folder.path(), &["--port", &port, "--public-port", "0"]));
    assert!(!start.status.success());
    let said = String::from_utf8_lossy(&start.stderr);
    assert!(said.contains(&port) && said.contains("--port"), "{said}");
    // It never ran, so there is nothing for the next start to tell about.
    assert!(!folder.path().join("botflow.owner").exists());
}

#[test]
fn after_a_power_failure_the_next_start_says_so_and_after_an_orderly_end_it_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Started::on(folder.path(), &ANY_PORT);
    let quiet = start().kill();
    assert_eq!(quiet, Vec::<String>::new(), "nothing to tell at the first start");

    let second = start();
    let told = second.lines.recv_timeout(PATIENCE).unwrap();
    println!("{told}");
    assert!(told.contains("cut off last time") && told.contains("UTC"), "{told}");

    #[cfg(unix)]
    {
        let mut second = second;
        signal(&second.child, "TERM");
        assert!(second.child.wait().unwrap().success());
        assert_eq!(owner_file(folder.path())["ended"], true);
        let third = start();
        assert_eq!(third.kill(), Vec::<String>::new(), "it ended in order");
    }
}

#[cfg(unix)]
fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
}

/// The system may be told to stop the program in the very moment that it started it.
#[cfg(unix)]
#[test]
fn whoever_asks_it_to_end_while_it_starts_finds_it_listening() {
    for name in ["TERM", "INT", "HUP"] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = command(folder.path(), &ANY_PORT).stdout(Stdio::null()).spawn().unwrap();
        let end = std::time::Instant::now() + PATIENCE;
        while !folder.path().join("botflow.owner").exists() {
            assert!(std::time::Instant::now() < end, "it takes its folder");
            std::thread::sleep(Duration::from_micros(200));
        }
        signal(&child, name);
        let ended = child.wait().unwrap();
        assert!(ended.success(), "{name}: {ended}");
        assert_eq!(owner_file(folder.path())["ended"], true, "{name}");
    }
}

/// As `nohup` starts it. Only Linux tells a program about that.
#[cfg(target_os = "linux")]
#[test]
fn a_program_that_is_to_outlive_its_terminal_does() {
    let folder = tempfile::tempdir().unwrap();
    let plain = command(folder.path(), &ANY_PORT);
    let mut deaf = Command::new("sh");
    deaf.arg("-c").arg("trap '' HUP; exec \"$0\" \"$@\"").arg(plain.get_program()).args(plain.get_args());
    deaf.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    let mut started = Started::by(deaf);
    signal(&started.child, "HUP");
    std::thread::sleep(Duration::from_millis(300));
    assert!(started.child.try_wait().unwrap().is_none(), "it goes on");
    signal(&started.child, "TERM");
    assert!(started.child.wait().unwrap().success());
}

#[test]
fn a_lock_that_a_killed_program_left_behind_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Program::start(folder.path(), &[]);
    let before = port(&first.admin);
    first.kill();
    assert_eq!(owner_file(folder.path())["ended"], false, "nobody wrote that it ended");
    first.restart();
    assert_eq!(port(&first.admin), before);
    assert_eq!(owner_file(folder.path())["process_id"], first.process_id());
}

/// What the program tells of its own end at home, as far as nobody has read it.
async fn told_at_home(owner: &Owner) -> Vec<Value> {
    let home = owner.get("/home").await;
    let notices = home["notices"].as_array().unwrap().iter();
    notices.filter(|notice| notice["about"] == "cut_off").cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_waiting_when_the_power_failed_is_told_at_home_until_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let graph = fake_graph(Settings::default()).await;
    let mut program = Program::start(folder.path(), &[("graph_url", &graph.base_url())]);
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.post("/bots", json!({ "name": "Counter" })).await["id"].as_str().unwrap().to_owned();
    connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    // A greeting waits for the rest of the thought, long enough to pull the plug.
    owner.patch(&format!("/bots/{bot}"), json!({ "debounce_ms": 10_000 })).await;
    let thandi = Customer::new("27825550142", "Thandi");
    graph.customer_message(&thandi, &Content::text("Hello")).unwrap();
    until("her message is in the inbox", PATIENCE, || async {
        let all = owner.get("/conversations?filter=all").await;
        (!all["items"].as_array().unwrap().is_empty()).then_some(())
    })
    .await;
    assert_eq!(told_at_home(&owner).await, Vec::<Value>::new());
    program.kill();
    program.restart();

    let told = told_at_home(&owner).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let text = told[0]["text"].as_str().unwrap();
    println!("{}: {text}", told[0]["title"].as_str().unwrap());
    assert!(text.contains("1 message was waiting and is being seen to now."), "{text}");
    assert_eq!(told[0]["urgent"], false);

    // The next end without warning takes its place, so that the home of a night with bad power stays short.
    program.kill();
    program.restart();
    let again = told_at_home(&owner).await;
    assert!(again.len() == 1 && again[0]["id"] != told[0]["id"], "{again:?}");
    owner.patch(&format!("/notices/{}", again[0]["id"].as_str().unwrap()), json!({ "read": true })).await;
    assert_eq!(told_at_home(&owner).await, Vec::<Value>::new(), "read is read");
    graph.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keeping_the_computer_awake_is_a_choice_that_stays_with_this_computer() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    let first = owner.get("/computer").await;
    assert_eq!((&first["keep_awake"]["on"], &first["keep_awake"]["state"]), (&json!(false), &json!("off")));
    // A server alone has no switch of its own for starting with the computer.
    assert_eq!(first["starts"], json!({ "by": "somebody", "on": false }));
    let (status, refused) =
        owner.try_call(reqwest::Method::PUT, "/computer/autostart", Some(json!({ "on": true }))).await;
    assert_eq!(status, 409, "{refused}");

    let on = owner.put("/computer/keep-awake", json!({ "on": true })).await;
    println!("{on}");
    // What comes of it depends on the computer that this runs on; it is never told as off.
    assert_eq!(on["keep_awake"]["on"], true);
    let state = on["keep_awake"]["state"].as_str().unwrap();
    assert!(["asking", "kept", "on_battery", "impossible"].contains(&state), "{on}");
    let why = on["keep_awake"]["why"].as_str().unwrap_or_default();
    assert_eq!(why.contains("power settings"), state == "impossible", "{on}");

    program.kill();
    program.restart();
    assert_eq!(owner.get("/computer").await["keep_awake"]["on"], true);
    // Nothing of it is in what moves to another computer.
    assert!(folder.path().join("computer.json").is_file());
    let off = owner.put("/computer/keep-awake", json!({ "on": false })).await;
    assert_eq!(off["keep_awake"], json!({ "on": false, "state": "off", "why": null }));
    program.kill();
    program.restart();
    assert_eq!(owner.get("/computer").await["keep_awake"]["on"], false);
}
