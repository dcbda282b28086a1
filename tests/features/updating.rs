//! Newer versions: installed while customers talk, and gone back from by themselves when they do not work.
//!
//! A "newer version" is the same program under another number, or a stand-in that misbehaves: what a launcher starts it
//! believes only by its signature.

use std::path::Path;
#[cfg(unix)]
use std::process::{Command, Stdio};
use std::time::Duration;

use base::message::Content;
use channels::whatsapp::fake::{Customer, Settings};
use reqwest::Method;
use serde_json::{Value, json};
use tests_support::{Owner, Program, broken, connect_whatsapp, fake_graph, program_file, until};
use update::fake::{PACKED, Publisher};

const PATIENCE: Duration = Duration::from_secs(90);
/// How long the versions in these tests have to get ready.
const READY_MS: &str = "8000";

/// A program that was started on ports that stay the same, and its owner.
async fn start(data: &Path, publisher: &Publisher, more: &[(&str, &str)]) -> (Program, Owner) {
    let (mut program, _) = start_anywhere(data, publisher, more).await;
    // On the ports that it found, by name: a version that takes its place is to be found there, too.
    program.kill();
    program.restart();
    let owner = Owner::sign_in(&program.admin).await;
    (program, owner)
}

async fn start_anywhere(data: &Path, publisher: &Publisher, more: &[(&str, &str)]) -> (Program, Owner) {
    let key = publisher.key();
    let mut settings = vec![
        ("update_address", publisher.address.as_str()),
        ("update_key", key.as_str()),
        ("update_patience_ms", READY_MS),
    ];
    settings.extend(more);
    let program = Program::start(data, &settings);
    let owner = Owner::sign_in(&program.admin).await;
    (program, owner)
}

/// Looks for a version and installs it.
async fn install(owner: &Owner) -> Value {
    let found = owner.post("/updates/check", json!({})).await;
    assert!(found["newer"].is_object(), "{found}");
    owner.post("/updates/install", json!({})).await
}

/// The state once the latest update is that of `version`; the program may be away meanwhile.
async fn ended(owner: &Owner, version: &str) -> Value {
    until("the update has ended", PATIENCE, || async {
        let (status, state) = owner.ask(Method::GET, "/updates").await?;
        (status == 200 && state["last"]["version"] == version && state["phase"] == "none").then_some(state)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_takes_over_while_customers_talk_and_each_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let publisher = Publisher::open().await.unwrap();
    let mut retries = vec![Duration::ZERO];
    retries.extend([Duration::from_millis(300); 300]);
    let graph = fake_graph(Settings { retries, ..Settings::default() }).await;
    let url = graph.base_url();
    let (mut program, owner) = start(folder.path(), &publisher, &[("graph_url", &url)]).await;
    let bot = owner.post("/bots", json!({ "name": "Shop" })).await["id"].as_str().unwrap().to_owned();
    let pairs = json!({ "title": "Hours", "pairs": [{ "question": "When do you open?", "answer": "At 8:15." }] });
    owner.post("/sources/pairs", pairs).await;
    owner.until_read().await;
    connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    let proven = owner.put("/public-address", json!({ "way": "typed", "url": program.public })).await;
    assert_eq!(proven["state"], "proven", "{proven}");

    publisher.publish("0.2.0", &std::fs::read(program_file()).unwrap(), |_| {}).unwrap();
    install(&owner).await;
    // Somebody writes every moment, before, while and after the program is exchanged; now and then nobody does, which
    // is when it happens.
    let question = Content::text("When do you open?");
    let mut customers = 0;
    let state = {
        let ended = ended(&owner, "0.2.0");
        tokio::pin!(ended);
        let mut round = 0;
        loop {
            round += 1;
            for _ in 0..4 {
                let customer = Customer::new(&format!("2782{customers:07}"), &format!("Customer {customers}"));
                graph.customer_message(&customer, &question).unwrap();
                customers += 1;
            }
            let pause = if round % 4 == 0 { 2_000 } else { 60 };
            tokio::select! {
                state = &mut ended => break state,
                () = tokio::time::sleep(Duration::from_millis(pause)) => {}
            }
        }
    };
    assert_eq!((&state["version"], &state["last"]["worked"]), (&json!("0.2.0"), &json!(true)), "{state}");
    assert!(!program.has_ended(), "the process that a service watches stays");
    let answered = || graph.sent().iter().filter(|reply| reply.text.contains("8:15")).count();
    until("everybody is answered", PATIENCE, || async { (answered() == customers).then_some(()) }).await;
    graph.settled().await;
    assert_eq!((answered(), graph.sent_twice()), (customers, Vec::<String>::new()), "each is answered once");
    let snapshot = folder.path().join("updates/snapshot");
    until("the snapshot is gone", PATIENCE, || async { (!snapshot.exists()).then_some(()) }).await;

    // From now on it is the one that starts; without it the installed one is back.
    program.kill();
    program.restart();
    let owner = Owner::sign_in(&program.admin).await;
    assert_eq!(owner.get("/updates").await["version"], "0.2.0");
    program.kill();
    let newer = folder.path().join("updates/0.2.0").join(program_file().file_name().unwrap());
    // Windows lets nobody change a program that runs, and this one ends just after the one that watches it.
    until("the file can be changed", PATIENCE, || async { std::fs::write(&newer, "changed").ok() }).await;
    program.restart();
    let owner = Owner::sign_in(&program.admin).await;
    assert_eq!(owner.get("/updates").await["version"], env!("CARGO_PKG_VERSION"), "what was changed is not started");
    graph.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_does_not_work_is_gone_back_from_with_all_data() {
    let folder = tempfile::tempdir().unwrap();
    let publisher = Publisher::open().await.unwrap();
    let (program, owner) = start(folder.path(), &publisher, &[]).await;
    owner.post("/bots", json!({ "name": "The one that stays" })).await;
    let mine = env!("CARGO_PKG_VERSION");
    for (version, spoiler, why) in [
        ("0.2.0", broken("exit 3"), "It ended by itself"),
        ("0.3.0", broken("hang"), "It did not get ready within 8 seconds"),
        ("0.4.0", b"no program".to_vec(), "The system does not start it"),
    ] {
        publisher.publish(version, &spoiler, |_| {}).unwrap();
        install(&owner).await;
        let state = ended(&owner, version).await;
        assert_eq!((&state["version"], &state["last"]["worked"]), (&json!(mine), &json!(false)), "{state}");
        assert!(state["last"]["why"].as_str().unwrap().contains(why), "{state}");
        assert_eq!(owner.get("/bots").await["items"][0]["name"], "The one that stays", "{version}");
        let report = reqwest::get(format!("{}/health", program.admin)).await.unwrap().text().await.unwrap();
        assert!(report.contains("was not kept"), "{report}");
        // It is told of, and not tried again by itself.
        let again = owner.post("/updates/check", json!({})).await;
        assert_eq!(again["newer"]["has_failed"], true, "{again}");
    }
}

/// "Quit" in the tray, while the new version still shows that it can do its work.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_somebody_ends_while_it_is_tried_is_not_to_blame() {
    let folder = tempfile::tempdir().unwrap();
    let publisher = Publisher::open().await.unwrap();
    let (mut program, owner) = start(folder.path(), &publisher, &[]).await;
    owner.post("/bots", json!({ "name": "The one that stays" })).await;
    publisher.publish("0.2.0", &broken("exit 76"), |_| {}).unwrap();
    install(&owner).await;
    let ended_as_asked = async {
        while !program.has_ended() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended_as_asked).await.unwrap();
    program.restart();
    let owner = Owner::sign_in(&program.admin).await;
    let state = ended(&owner, "0.2.0").await;
    assert!(state["last"]["why"].as_str().unwrap().contains("cut off"), "{state}");
    assert_eq!(owner.post("/updates/check", json!({})).await["newer"]["has_failed"], false);
    assert_eq!(owner.get("/bots").await["items"][0]["name"], "The one that stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_trusted_is_refused_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let publisher = Publisher::open().await.unwrap();
    let (_program, owner) = start(folder.path(), &publisher, &[]).await;
    let stranger = Publisher::open().await.unwrap();
    let said = async |what: &str, sentence: &str| {
        let state = owner.post("/updates/check", json!({})).await;
        assert!(state["newer"].is_null(), "{what}: {state}");
        assert!(state["problem"].as_str().unwrap_or_default().contains(sentence), "{what}: {state}");
    };
    said("nothing there", "Nothing is published").await;
    stranger.publish("0.2.0", b"program", |_| {}).unwrap();
    for name in ["manifest.json", "manifest.json.minisig"] {
        publisher.put(name, &stranger.file(name));
    }
    said("signed by a stranger", "not signed by the publisher").await;
    publisher.publish("0.2.0", b"program", |m| m["notes"] = json!("x".repeat(100_000))).unwrap();
    said("too long", "too large").await;
    let size = |m: &mut Value| {
        for platform in m["programs"].as_object_mut().unwrap().values_mut() {
            platform["server"]["program_size"] = json!(5u64 << 30);
        }
    };
    publisher.publish("0.2.0", b"program", size).unwrap();
    said("a huge program", "too large").await;
    publisher.publish("0.2.0", b"program", |m| m["programs"] = json!({ "sparc-vms": {} })).unwrap();
    said("for another computer", "not there for this kind of computer").await;
    publisher.publish("0.0.9", b"program", |_| {}).unwrap();
    let older = owner.post("/updates/check", json!({})).await;
    assert!(older["newer"].is_null() && older["problem"].is_null(), "{older}");

    // What was signed, but is not what comes.
    publisher.publish("0.3.0", b"program", |_| {}).unwrap();
    publisher.put(PACKED, b"something");
    let failed = async |sentence: &str| {
        install(&owner).await;
        until("the download ends", PATIENCE, || async {
            let state = owner.get("/updates").await;
            (state["phase"] == "none" && state["problem"].as_str().unwrap_or_default().contains(sentence)).then_some(())
        })
        .await;
    };
    failed("The download was interrupted").await;
    publisher.put(PACKED, &[7; 4096]);
    failed("not what the publisher signed").await;
    publisher.publish("0.2.0", b"program", |_| {}).unwrap();
    said("older than the one before", "although 0.3.0 was there before").await;
    let (status, refused) = owner.try_call(Method::POST, "/updates/install", None).await;
    assert_eq!(status, 409, "{refused}");
}

/// "Cancel" on the page: while the program comes, and while a message in work is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_is_called_off_ends_at_once_and_goes_on_when_it_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let publisher = Publisher::open().await.unwrap();
    let graph = fake_graph(Settings::default()).await;
    let url = graph.base_url();
    let (program, owner) = start(folder.path(), &publisher, &[("graph_url", &url)]).await;
    let bot = owner.post("/bots", json!({ "name": "Shop" })).await["id"].as_str().unwrap().to_owned();
    connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    let phase = async |wanted: &str| {
        until(wanted, PATIENCE, || async {
            let state = owner.get("/updates").await;
            (state["phase"] == wanted).then_some(state)
        })
        .await
    };
    let call_off = async || {
        owner.delete("/updates/install").await;
        let state = phase("none").await;
        assert!(state["problem"].is_null(), "nothing went wrong: {state}");
    };
    let came = || std::fs::read_dir(folder.path().join("updates/0.2.0")).into_iter().flatten().flatten();
    let part = || came().find(|file| file.file_name().to_string_lossy().ends_with(".gz.part"));

    publisher.publish("0.2.0", &std::fs::read(program_file()).unwrap(), |_| {}).unwrap();
    let stalled = 100_000;
    publisher.stall(Some(stalled));
    install(&owner).await;
    until("a part of it came", PATIENCE, || async {
        part().and_then(|file| file.metadata().ok()).filter(|file| file.len() > 0)
    })
    .await;
    phase("downloading").await;
    call_off().await;
    assert!(part().is_some(), "what came is kept");

    // All of it comes, and customers write every moment: nobody may end the program now.
    publisher.stall(None);
    let customers_write = async {
        for n in 0.. {
            let customer = Customer::new(&format!("2782{n:07}"), "Thandi");
            graph.customer_message(&customer, &Content::text("When do you open?")).unwrap();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let owner_calls_off = async {
        until("a message is in work", PATIENCE, || async { (!graph.sent().is_empty()).then_some(()) }).await;
        install(&owner).await;
        phase("waiting").await;
        let (status, refused) = owner.try_call(Method::POST, "/updates/install", None).await;
        assert_eq!(status, 409, "{refused}");
        call_off().await;
    };
    tokio::select! {
        () = customers_write => {}
        () = owner_calls_off => {}
    }
    assert_eq!(owner.get("/updates").await["version"], env!("CARGO_PKG_VERSION"));
    assert!(part().is_none() && came().count() == 3, "the whole program is there for the next time");
    graph.stop().await;
}

/// The page is closed, or loaded anew, while the publisher's server keeps silent.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_whose_asker_went_away_ends_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut publisher = Publisher::open().await.unwrap();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    publisher.address = format!("http://{}/", silent.local_addr().unwrap());
    let (_program, owner) = start_anywhere(folder.path(), &publisher, &[]).await;
    let asking = tokio::time::timeout(Duration::from_millis(500), owner.ask(Method::POST, "/updates/check"));
    let (asked, held) = tokio::join!(asking, silent.accept());
    assert!(asked.is_err(), "the publisher keeps silent");
    assert_eq!(owner.get("/updates").await["phase"], "looking");
    // Its server is restarted.
    drop((held, silent));
    until("the look is over", PATIENCE, || async {
        let state = owner.get("/updates").await;
        (state["phase"] == "none" && state["problem"].is_string()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_versions_come_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    assert_eq!(owner.get("/updates").await["enabled"], false);
    assert_eq!(owner.try_call(Method::POST, "/updates/check", None).await.0, 409);
    assert!(!folder.path().join("updates").exists());
}

/// Starts a program that is to end at the `crash`th moment of its own, and says whether it came to that.
#[cfg(unix)]
fn crashes(data: &Path, publisher: &Publisher, crash: usize) -> bool {
    let mut child = Command::new(program_file())
        .args(["serve", "--port", "0", "--public-port", "0", "--data"])
        .arg(data)
        .env("BOTFLOW_UPDATE_ADDRESS", &publisher.address)
        .env("BOTFLOW_UPDATE_KEY", publisher.key())
        .env("BOTFLOW_UPDATE_PATIENCE_MS", READY_MS)
        .env("BOTFLOW_MIN_FREE_MB", "1")
        .env("BOTFLOW_LOG", "warn")
        .env("BOTFLOW_CRASH_AT", crash.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let is_ready = lines.any(|line| line.is_ok_and(|line| line.contains("was not kept") || line.contains("is now")));
    let _ = child.kill();
    let _ = child.wait();
    !is_ready
}

/// The power fails at each step of a start that tries a version: afterwards the data is there, and a version runs.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn whenever_the_power_fails_the_next_start_is_sound() {
    let publisher = Publisher::open().await.unwrap();
    let good = std::fs::read(program_file()).unwrap();
    for (version, program) in [("0.2.0", good), ("0.3.0", broken("exit 3"))] {
        let folder = tempfile::tempdir().unwrap();
        let before = folder.path().join("before");
        let (mut first, owner) = start(&before, &publisher, &[]).await;
        owner.post("/bots", json!({ "name": "The one that stays" })).await;
        first.kill();
        // As it lies when the program has decided and is about to begin anew.
        publisher.publish(version, &program, |_| {}).unwrap();
        let place = before.join("updates").join(version);
        std::fs::create_dir_all(&place).unwrap();
        for name in ["manifest.json", "manifest.json.minisig"] {
            std::fs::write(place.join(name), publisher.file(name)).unwrap();
        }
        let file = place.join(program_file().file_name().unwrap());
        std::fs::write(&file, &program).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let decided = json!({ "next": { "version": version, "step": { "is": "ready" } } });
        std::fs::write(before.join("updates/state.json"), decided.to_string()).unwrap();
        let mut crash = 1;
        loop {
            let data = folder.path().join(format!("after-{crash}"));
            copy(&before, &data);
            let crashed = crashes(&data, &publisher, crash);
            let (program, owner) = start_anywhere(&data, &publisher, &[]).await;
            let bots = owner.get("/bots").await;
            assert_eq!(bots["items"][0]["name"], "The one that stays", "{version}, crash {crash}");
            let state = owner.get("/updates").await;
            let (runs, worked) = (state["version"].as_str().unwrap(), state["last"]["worked"] == true);
            assert_eq!(runs == version, worked, "crash {crash}: {state}");
            assert!(!data.join("updates/snapshot").exists() || worked, "crash {crash} left its snapshot");
            drop(program);
            std::fs::remove_dir_all(&data).unwrap();
            if !crashed {
                break;
            }
            crash += 1;
            assert!(crash < 60, "it never comes through");
        }
        assert!(crash > 6, "{version}: the power failed only {crash} times");
    }
}

#[cfg(unix)]
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else if entry.metadata().unwrap().len() > 32 << 20 {
            // The program, which nobody changes.
            std::fs::hard_link(entry.path(), to.join(entry.file_name())).unwrap();
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
