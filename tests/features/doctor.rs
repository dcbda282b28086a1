//! The doctor on the real program, and the report for support: what is wrong is named, and nothing of anybody leaves.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use channels::whatsapp::fake::Settings;
use serde_json::{Value, json};
use tests_support::{Owner, Program, StandIn, connect_whatsapp, fake_graph, program_file, until};

const PATIENCE: Duration = Duration::from_secs(30);
const SILENT: &str = "http://127.0.0.1:9/v99.0";

/// Runs a command of the program on a data folder.
fn run(arguments: &[&str], data: &Path, graph: &str) -> Output {
    Command::new(program_file())
        .args(arguments)
        .arg("--data")
        .arg(data)
        .env("BOTFLOW_MODELS", tests_support::models_folder())
        .env("BOTFLOW_GRAPH_URL", graph)
        .env("BOTFLOW_MIN_FREE_MB", "1")
        .output()
        .unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// The findings of one area.
fn of<'a>(report: &'a Value, area: &str) -> Vec<&'a Value> {
    report["findings"].as_array().unwrap().iter().filter(|f| f["area"] == area).collect()
}

/// Every file below a folder with its bytes, but for what a running program writes by itself.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), std::fs::read(path).unwrap());
            }
        }
    }
    found
}

fn workspace(data: &Path) -> PathBuf {
    let mut folders = std::fs::read_dir(data.join("workspaces")).unwrap();
    folders.next().unwrap().unwrap().path().join("workspace.db")
}

/// Leaves the databases of a program that is gone without their logs, as its orderly end would have.
async fn settle(data: &Path) {
    for (path, schema) in [(data.join("system.db"), db::Schema::System), (workspace(data), db::Schema::Workspace)] {
        // The last to close takes the log away, and only a writer can: so no readers.
        drop(db::Db::open(&path, schema, db::Options { readers: 0, ..db::Options::default() }).unwrap());
        until("the log is gone", PATIENCE, || async { (!path.with_extension("db-wal").exists()).then_some(()) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_the_same_while_the_program_runs_and_after_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let graph = fake_graph(Settings::default()).await;
    let mut program = Program::start(folder.path(), &[("graph_url", &graph.base_url())]);
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.post("/bots", json!({ "name": "Bot" })).await["id"].as_str().unwrap().to_owned();
    let (number, _) = connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    let before = owner.get(&format!("/channels/{number}")).await;

    let by_http = owner.get("/doctor").await;
    let running = run(&["doctor", "--json"], folder.path(), &graph.base_url());
    let by_command = report(&running);
    let ports: Vec<_> = of(&by_command, "ports").iter().map(|f| f["sentence"].as_str().unwrap().to_owned()).collect();
    assert!(ports[0].contains("running program listens"), "{ports:?}");
    for found in [&by_http, &by_command] {
        for area in ["folders", "disk", "clock", "ports", "data", "search", "models", "channels", "secrets", "address"]
        {
            assert!(!of(found, area).is_empty(), "{area} is missing: {found}");
        }
        assert!(of(found, "data").iter().all(|f| f["standing"] == "good"), "{found}");
        assert_eq!(of(found, "clock")[0]["sentence"], "The clock is right.", "{found}");
        assert!(of(found, "channels").iter().any(|f| f["name"] == "WhatsApp"), "{found}");
    }
    assert_eq!(owner.get(&format!("/channels/{number}")).await, before, "looking changes no channel");

    program.kill();
    settle(folder.path()).await;
    let before = files(folder.path());
    let after = report(&run(&["doctor", "--json"], folder.path(), SILENT));
    assert!(of(&after, "data").iter().all(|f| f["standing"] == "good"), "{after}");
    let changed: Vec<_> =
        files(folder.path()).into_iter().filter(|(path, bytes)| before.get(path) != Some(bytes)).collect();
    assert!(changed.is_empty(), "{:?}", changed.iter().map(|(path, _)| path).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_with_what_to_do_and_fails_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    owner.put("/secrets/shop_key", json!({ "value": "hunter2hunter2" })).await;
    program.kill();
    settle(folder.path()).await;

    // The key is gone: what was sealed cannot be read any more, and the doctor makes no new one.
    let key = folder.path().join("secret.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let found = run(&["doctor"], folder.path(), SILENT);
    let text = String::from_utf8(found.stdout).unwrap();
    assert_eq!(found.status.code(), Some(1), "{text}");
    assert!(text.contains("1 of 1 cannot be read") && text.contains("What to do: Put “secret.key” back"), "{text}");
    assert!(!text.contains('\u{1b}'), "colours are for terminals");
    assert!(!key.exists());
    std::fs::write(&key, kept).unwrap();

    let database = workspace(folder.path());
    let mut bytes = std::fs::read(&database).unwrap();
    let (from, to) = (bytes.len() / 4, bytes.len() * 3 / 4);
    bytes[from..to].fill(0x5a);
    std::fs::write(&database, &bytes).unwrap();
    let found = run(&["doctor", "--json"], folder.path(), SILENT);
    assert_eq!(found.status.code(), Some(1));
    let damaged = report(&found);
    assert_eq!(of(&damaged, "data")[0]["standing"], "good", "the accounts are whole: {damaged}");
    assert_eq!(of(&damaged, "data")[1]["standing"], "bad", "{damaged}");
    // A report can be made all the same.
    let zip = folder.path().join("report.zip");
    let made = run(&["support-bundle", zip.to_str().unwrap()], folder.path(), SILENT);
    assert!(made.status.success(), "{made:?}");
    let again = run(&["support-bundle", zip.to_str().unwrap()], folder.path(), SILENT);
    assert!(!again.status.success(), "what is there is not written over");
}

/// Words that stand for what people and documents say; none of them is a word of the program's.
const MARKED: [&str; 15] = [
    "Zanelethemba",
    "Mokoenazq",
    "825550142",
    "82 555 0142",
    "purplegiraffezq",
    "quicksilverfernzq",
    "Hummingdalezq",
    "thandi@shop.example",
    "EAAGzqtokenzq0123456789abcdef",
    "hunter2zq",
    "app-secret-zq-0123456789",
    "shopkeyvaluezq",
    "Botnamezq",
    "kzq@customer.example",
    "correct horse battery",
];

fn unzipped(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.to_ascii_lowercase().windows(word.len()).any(|window| window == word.to_ascii_lowercase().as_bytes())
}

fn nothing_marked(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let files = unzipped(zip);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["README.txt", "configuration.json", "data.json", "log.txt", "report.json", "report.txt", "system.json"]
    );
    for (name, bytes) in files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).chain([("the zip", zip)]) {
        for word in MARKED {
            assert!(!holds(bytes, word), "{name} holds “{word}”: {}", String::from_utf8_lossy(bytes));
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_for_support_holds_no_word_of_customers_documents_or_secrets() {
    let folder = tempfile::Builder::new().prefix("Zanelethemba").tempdir().unwrap();
    let mut program = Program::start(folder.path(), &[("log", "info"), ("host_names", "hummingdalezq.example")]);
    let owner = Owner::sign_in(&program.admin).await;
    owner.patch("/business", json!({ "name": "Hummingdalezq" })).await;
    let bot = owner.post("/bots", json!({ "name": "Botnamezq" })).await["id"].clone();
    owner.put("/secrets/shop_key", json!({ "value": "shopkeyvaluezq" })).await;
    owner
        .post("/sources/text", json!({ "title": "Mokoenazq", "html": "<p>The quicksilverfernzq opens at nine.</p>" }))
        .await;
    let number = owner.post("/channels", json!({ "kind": "whatsapp", "bot_id": bot })).await["id"].clone();
    let typed = json!({ "app_secret": "app-secret-zq-0123456789", "token": "EAAGzqtokenzq0123456789abcdef",
        "app_id": "1", "waba_id": "2", "phone_number_id": "825550142", "name": "Hummingdalezq +27 82 555 0142" });
    owner.patch(&format!("/channels/{}", number.as_str().unwrap()), typed).await;
    let chat = owner.post("/channels", json!({ "kind": "webchat", "bot_id": bot })).await["id"].clone();
    let chat = format!("{}/chat/{}", program.public, chat.as_str().unwrap());
    let http = reqwest::Client::new();
    let visit: Value =
        http.post(format!("{chat}/sessions")).json(&json!({})).send().await.unwrap().json().await.unwrap();
    let said = json!({ "type": "text", "client_id": "message-1",
        "text": "I am Zanelethemba, +27 82 555 0142: where is my purplegiraffezq?" });
    let token = visit["token"].as_str().unwrap();
    let sent = http.post(format!("{chat}/messages")).bearer_auth(token).json(&said).send().await.unwrap();
    assert_eq!(sent.status(), 202);
    until("the message is in the inbox", PATIENCE, || async {
        let all = owner.get("/conversations?filter=all").await;
        (!all["items"].as_array().unwrap().is_empty()).then_some(())
    })
    .await;
    // As a careless line would have it, and as a library prints what it could not read.
    let logs = folder.path().join("logs");
    let lines = [
        json!({ "timestamp": "2026-11-21T19:47:22.1Z", "level": "ERROR", "target": "botflow_bots::outbox::sender",
            "fields": { "message": "the outbox could not be read", "token": "EAAGzqtokenzq0123456789abcdef" } }),
        json!({ "timestamp": "Zanelethemba", "level": "WARN", "fields": { "message": "to +27 82 555 0142", "to": 825550142 } }),
        json!({ "level": "WARN", "purplegiraffezq": true, "span": { "name": "Mokoenazq" }, "spans": ["hunter2zq"] }),
        json!("the message: where is my purplegiraffezq, thandi@shop.example"),
    ];
    let careless: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(logs.join("botflow.2026-11-20.log"), careless + "panicked: Zanelethemba\n{ \"quicksilverfernzq\n")
        .unwrap();

    let response = http
        .post(format!("{}/api/support-bundle", program.admin))
        .header("cookie", owner.cookie())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/zip");
    nothing_marked(&response.bytes().await.unwrap());

    program.kill();
    let db = db::Db::open(&workspace(folder.path()), db::Schema::Workspace, db::Options::default()).unwrap();
    db.write(|tx| {
        let error = "Upstream: the model said “Zanelethemba wants a purplegiraffezq” to kzq@customer.example";
        tx.execute(
            "insert into job (id, kind, queue, payload, priority, state, max_attempts, run_at, created_at, error)
             values (x'00', 'index_source', 'slow', '{\"text\":\"purplegiraffezq\"}', 2, 'dead', 1, 0, 0, ?1)",
            [error],
        )?;
        Ok(tx.execute("update contact set name = 'Zanelethemba Mokoenazq'", [])?)
    })
    .await
    .unwrap();
    drop(db);
    let zip = folder.path().join("report.zip");
    let made = run(&["support-bundle", zip.to_str().unwrap()], folder.path(), "https://hunter2zq@127.0.0.1:9/");
    assert!(made.status.success(), "{made:?}");
    let files = nothing_marked(&std::fs::read(&zip).unwrap());

    // What is of use is there.
    let json = |name: &str| serde_json::from_slice::<Value>(&files[name]).unwrap();
    let data = json("data.json");
    assert_eq!((&data[0]["file"], &data[0]["rows"]["user"]), (&json!("system.db"), &json!(1)));
    assert_eq!(data[1]["rows"]["message"].as_i64().unwrap_or(0).min(1), 1, "{data}");
    assert!(data[1]["schema"].as_i64().unwrap() >= 8);
    let failed = &data[1]["failed_jobs"][0];
    assert_eq!(
        (&failed["kind"], failed["error"].as_str().unwrap().starts_with("Upstream: the model said")),
        (&json!("index_source"), true)
    );
    let log = String::from_utf8(files["log.txt"].clone()).unwrap();
    assert!(log.contains("the outbox could not be read"), "{log}");
    assert!(json("report.json")["findings"].as_array().unwrap().len() > 10);
    assert_eq!(json("configuration.json")["min_free_mb"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_at_the_tunnels_program_its_token_and_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[("graph_url", SILENT)]);
    let owner = Owner::sign_in(&program.admin).await;
    let named = |report: &Value, name: &str| -> Value {
        let found = of(report, "address").into_iter().find(|f| f["name"] == name);
        found.unwrap_or_else(|| panic!("{name} is missing: {report}")).clone()
    };
    let without = owner.get("/doctor").await;
    assert!(of(&without, "address").iter().all(|f| f["name"] == "Public address"), "no tunnel, nothing of it");

    let ngrok = StandIn::new("ngrok");
    ngrok.plan(&json!({ "reject_token": true, "token_of_its_own": "none" }));
    let file = ngrok.program().display().to_string();
    let token = "zq-a-token-for-ngrok-zq";
    owner.put("/public-address", json!({ "way": "ngrok", "program": file, "token": token })).await;
    let troubled = until("the tunnel is in trouble", PATIENCE, || async {
        let report = owner.get("/doctor").await;
        let tunnel = of(&report, "address").into_iter().find(|f| f["name"] == "Tunnel").cloned();
        tunnel.is_some_and(|f| f["standing"] == "bad").then_some(report)
    })
    .await;
    let (found, kept, tunnel) =
        (named(&troubled, "Tunnel program"), named(&troubled, "Token of the tunnel"), named(&troubled, "Tunnel"));
    for finding in [&found, &kept, &tunnel] {
        println!("{}: {} | {}", finding["name"], finding["sentence"], finding["fix"]);
    }
    assert_eq!((&found["standing"], &kept["standing"]), (&json!("good"), &json!("good")));
    assert!(found["sentence"].as_str().unwrap().contains(&file), "{found}");
    assert!(tunnel["sentence"].as_str().unwrap().contains("Its last words: “"), "{tunnel}");
    assert!(tunnel["fix"].is_string() && !troubled.to_string().contains(token), "{troubled}");

    // From outside of the program the file and the disk are looked at; gone is gone.
    std::fs::remove_file(ngrok.program()).unwrap();
    let gone = named(&report(&run(&["doctor", "--json"], folder.path(), SILENT)), "Tunnel program");
    assert_eq!(gone["standing"], "bad");
    assert!(gone["fix"].as_str().unwrap().contains("point to the program's file"), "{gone}");

    // What a stranger's program said is no word of ours: a report for support leaves it out.
    let zip = folder.path().join("report.zip");
    assert!(run(&["support-bundle", zip.to_str().unwrap()], folder.path(), SILENT).status.success());
    let files = nothing_marked(&std::fs::read(&zip).unwrap());
    let text = String::from_utf8_lossy(&files["report.txt"]);
    assert!(text.contains("There is no program ngrok at") && !text.contains(&file), "{text}");
}
