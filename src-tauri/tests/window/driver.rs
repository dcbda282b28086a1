//! The real program, started and driven through WebKit's own driver on a screen and a desktop of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::desktop::Desktop;
use crate::screen::Screen;
use crate::{PATIENCE, until};

const EMAIL: &str = "thandi@shop.example";
const PASSWORD: &str = "correct horse battery";
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A computer with a screen, a desktop, and a person's home on it.
pub(crate) struct Computer {
    pub(crate) screen: Screen,
    pub(crate) desktop: Desktop,
    home: tempfile::TempDir,
    http: reqwest::Client,
    program: PathBuf,
    settings: Vec<(String, String)>,
}

impl Computer {
    pub(crate) async fn new(icons: bool) -> Computer {
        base::net::install_tls();
        let screen = Screen::open();
        let desktop = Desktop::open(icons).await;
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        Computer {
            screen,
            desktop,
            home: tempfile::tempdir().unwrap(),
            http,
            program: program().into(),
            settings: Vec::new(),
        }
    }

    /// From now on programs start with this setting of the configuration, such as `update_address`.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.push((format!("BOTFLOW_{}", name.to_uppercase()), value.to_owned()));
    }

    /// From now on the person has a browser. Gives what tells which addresses it was asked to open.
    pub(crate) fn lend_browser(&mut self) -> impl Fn() -> Vec<String> + use<> {
        let folder = self.home.path().join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        let (opener, asked) = (folder.join("xdg-open"), self.home.path().join("opened"));
        std::fs::write(&opener, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >>'{}'\n", asked.display())).unwrap();
        std::fs::set_permissions(&opener, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        self.settings.push(("PATH".into(), format!("{}:{path}", folder.display())));
        move || std::fs::read_to_string(&asked).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// From now on the program is a reseller's: the same file by another name, with the brand beside it.
    pub(crate) fn brand(&mut self, file: &str, brand: &Value) {
        let folder = self.home.path().join("branded");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("brand.json"), brand.to_string()).unwrap();
        self.program = folder.join(file);
        // The file is large, and the other one does not change.
        if std::fs::hard_link(program(), &self.program).is_err() {
            std::fs::copy(program(), &self.program).unwrap();
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// A command on this computer, with nothing of the machine that the tests run on.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let home = self.home.path();
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .env("DISPLAY", &self.screen.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.desktop.address)
            .env("LANG", "en_GB.UTF-8")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("BOTFLOW_MIN_FREE_MB", "1")
            .env("BOTFLOW_MODELS", models())
            .envs(self.settings.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let data = self.data().display().to_string();
        ["--data", &data, "--port", "0"].iter().chain(more).map(|word| (*word).to_owned()).collect()
    }

    /// Starts the program beside a driver, as a person would who looks at it.
    pub(crate) async fn drive(&self, more: &[&str]) -> Driver<'_> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut driver = self.command("WebKitWebDriver");
        driver.args([&format!("--port={port}"), "--host=127.0.0.1"]);
        let child = driver.spawn().expect("WebKitWebDriver is installed: cargo xtask window does that");
        let base = format!("http://127.0.0.1:{port}");
        until("the driver listens", || async { self.http.get(format!("{base}/status")).send().await.ok() }).await;
        let options = json!({ "binary": self.program, "args": self.arguments(more) });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let mut driver = Driver { computer: self, child, base };
        let session = driver.call("/session", Some(wanted)).await.expect("a session");
        driver.base = format!("{}/session/{}", driver.base, session["sessionId"].as_str().unwrap());
        driver
    }

    /// Starts the program for the first time and sets it up; its icon is there afterwards, where the desktop has a place.
    pub(crate) async fn first_day(&self) -> Driver<'_> {
        let owner = self.drive(&[]).await;
        owner.set_up().await;
        if self.desktop.has_place_for_icons {
            until("the icon is there", || async { (!self.desktop.menu().await.is_empty()).then_some(()) }).await;
        }
        owner
    }

    /// Starts the program a second time and waits for its end.
    pub(crate) fn start_again(&self, more: &[&str]) -> ExitStatus {
        self.command(&self.program).args(self.arguments(more)).status().unwrap()
    }

    /// Starts the program without a driver.
    pub(crate) fn start(&self, more: &[&str]) -> Alone {
        let mut command = self.command(&self.program);
        command.env_remove("TAURI_WEBVIEW_AUTOMATION").args(self.arguments(more));
        Alone(command.spawn().unwrap())
    }

    /// What the desktop starts when the person signs in: one command a line.
    pub(crate) fn started_at_sign_in(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.home.path().join(".config/autostart")).into_iter().flatten().flatten();
        let words = entries.map(|entry| std::fs::read_to_string(entry.path()).unwrap_or_default());
        words.filter_map(|words| Some(words.lines().find_map(|line| line.strip_prefix("Exec="))?.to_owned())).collect()
    }

    /// The person signs in.
    pub(crate) fn sign_in(&self, command: &str) -> Alone {
        let mut shell = self.command("sh");
        Alone(shell.env_remove("TAURI_WEBVIEW_AUTOMATION").args(["-c", &format!("exec {command}")]).spawn().unwrap())
    }

    /// The processes of this computer whose program has this name.
    pub(crate) fn processes(&self, name: &str) -> Vec<u32> {
        let home = self.home.path().display().to_string();
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            .filter(|id| {
                let program = std::fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
                let named = program.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name));
                let surroundings = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
                named && String::from_utf8_lossy(&surroundings).contains(&home)
            })
            .collect()
    }

    /// Ends all processes of a name at once, as a power failure would.
    pub(crate) async fn kill(&self, name: &str) {
        let victims = self.processes(name);
        assert!(!victims.is_empty(), "{name} runs");
        for id in &victims {
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        }
        until("it is gone", || async { self.processes(name).iter().all(|id| !victims.contains(id)).then_some(()) })
            .await;
    }

    /// Throws away what the web view keeps: cookies and all. Gives how many folders that were.
    pub(crate) fn forget_the_web_view(&self) -> usize {
        let share = self.home.path().join(".local").join("share");
        let folders: Vec<_> = std::fs::read_dir(share).into_iter().flatten().flatten().map(|f| f.path()).collect();
        folders.iter().filter(|folder| std::fs::remove_dir_all(folder).is_ok()).count()
    }

    /// A visitor of a website writes into the chat on it.
    pub(crate) async fn write_as_visitor(&self, chat: &str, text: &str) {
        let base = format!("http://{}/chat/{chat}", self.address("public_address"));
        let visit = self.http.post(format!("{base}/sessions")).json(&json!({})).send().await.unwrap();
        let visit: Value = visit.json().await.unwrap();
        let body = json!({ "type": "text", "text": text, "client_id": base::id::fresh().to_string(), "at": 0 });
        let said = self.http.post(format!("{base}/messages")).bearer_auth(visit["token"].as_str().unwrap()).json(&body);
        assert!(said.send().await.unwrap().status().is_success());
    }

    /// Where the program listens, as the log says last.
    fn address(&self, which: &str) -> String {
        let log = self.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let last = lines.filter_map(|line| Some(line["fields"][which].as_str()?.to_owned())).next_back();
        last.expect("the log says where the program listens")
    }

    /// The owner of [`Driver::set_up`] signs in from another browser.
    pub(crate) async fn other_browser(&self) -> Browser {
        let (address, http) = (self.address("admin_address"), self.http.clone());
        let owner = json!({ "email": EMAIL, "password": PASSWORD });
        let signed_in = http.post(format!("http://{address}/api/session")).json(&owner).send().await.unwrap();
        let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Browser { address, cookie, http }
    }

    /// The log of the program, all of it.
    pub(crate) fn log(&self) -> String {
        let files = std::fs::read_dir(self.data().join("logs")).into_iter().flatten().flatten();
        files.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default()).collect()
    }
}

impl Drop for Computer {
    fn drop(&mut self) {
        let name = self.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for id in self.processes(&name) {
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        }
    }
}

/// A browser apart from the window, with the owner signed in.
pub(crate) struct Browser {
    pub(crate) address: String,
    pub(crate) cookie: String,
    http: reqwest::Client,
}

impl Browser {
    pub(crate) async fn get(&self, path: &str) -> Value {
        let asked = self.http.get(format!("http://{}/api{path}", self.address)).header("cookie", &self.cookie);
        asked.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }
}

/// The program by itself.
pub(crate) struct Alone(Child);

impl Alone {
    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Somebody who looks at the window and uses it.
pub(crate) struct Driver<'a> {
    computer: &'a Computer,
    child: Child,
    base: String,
}

impl Driver<'_> {
    async fn call(&self, path: &str, body: Option<Value>) -> Option<Value> {
        let (url, http) = (format!("{}{path}", self.base), &self.computer.http);
        let request = match body {
            Some(body) => http.post(url).json(&body),
            None => http.get(url),
        };
        let response = request.send().await.ok()?;
        let good = response.status().is_success();
        let answer: Value = response.json().await.ok()?;
        good.then(|| answer["value"].clone())
    }

    /// From now on the page is the one in its frame.
    pub(crate) async fn enter_frame(&self) {
        let frame = self.element("//iframe").await;
        let entered = self.call("/frame", Some(json!({ "id": { ELEMENT: frame } }))).await;
        assert!(entered.is_some(), "the frame is entered");
    }

    /// From now on it is the window's again.
    pub(crate) async fn leave_frame(&self) {
        assert!(self.call("/frame", Some(json!({ "id": null }))).await.is_some(), "the frame is left");
    }

    /// What a function body gives back in the page.
    pub(crate) async fn run(&self, script: &str) -> Option<Value> {
        self.call("/execute/sync", Some(json!({ "script": script, "args": [] }))).await
    }

    /// Calls the server as the page would: with its cookie.
    pub(crate) async fn fetch(&self, method: &str, path: &str, body: Value) -> Value {
        let body = if body.is_null() { String::new() } else { format!(", body: JSON.stringify({body})") };
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const headers = {{ 'content-type': 'application/json' }};
             fetch('/api{path}', {{ method: '{method}', headers{body} }})
               .then(async (r) => done({{ status: r.status, body: await r.json().catch(() => null) }}))
               .catch((e) => done({{ status: 0, body: String(e) }}))"
        );
        let answer = self.call("/execute/async", Some(json!({ "script": script, "args": [] }))).await.unwrap();
        let status = answer["status"].as_i64().unwrap();
        assert!((200..300).contains(&status), "{method} {path}: {answer}");
        answer["body"].clone()
    }

    pub(crate) async fn address(&self) -> Option<String> {
        Some(self.call("/url", None).await?.as_str()?.to_owned())
    }

    /// The path of the page, once it is this one.
    pub(crate) async fn until_at(&self, path: &str) {
        until(&format!("the window is at {path}"), || async {
            let place = self.run("return location.pathname").await?;
            (place.as_str() == Some(path)).then_some(())
        })
        .await;
    }

    pub(crate) async fn until_says(&self, words: &str) {
        let script = format!("return document.body?.innerText?.includes({}) ?? false", json!(words));
        let said = tokio::time::timeout(PATIENCE, async {
            while self.run(&script).await != Some(Value::Bool(true)) {
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
        });
        if said.await.is_err() {
            self.computer.screen.picture("missed");
            let there = self.run("return location.href + '\\n' + document.body?.innerText").await;
            panic!("the window does not say “{words}”: {there:?}");
        }
    }

    async fn element(&self, path: &str) -> String {
        let body = json!({ "using": "xpath", "value": path });
        until(&format!("{path} is there"), || async {
            let found = self.call("/element", Some(body.clone())).await?;
            Some(found[ELEMENT].as_str()?.to_owned())
        })
        .await
    }

    pub(crate) async fn click(&self, path: &str) {
        until(&format!("{path} is clicked"), || async {
            let element = self.element(path).await;
            self.call(&format!("/element/{element}/click"), Some(json!({}))).await
        })
        .await;
    }

    pub(crate) async fn press(&self, words: &str) {
        self.click(&format!("//button[normalize-space()={}]", json!(words))).await;
    }

    /// Writes into the field with this label.
    pub(crate) async fn write(&self, label: &str, text: &str) {
        let label = json!(label);
        let path = format!(
            "(//*[@id=//label[starts-with(normalize-space(), {label})]/@for] | //input[@aria-label={label}] | //textarea[@aria-label={label}])[1]"
        );
        let element = self.element(&path).await;
        let typed = self.call(&format!("/element/{element}/value"), Some(json!({ "text": text }))).await;
        assert!(typed.is_some(), "{label} takes what is typed");
    }

    /// Makes the owner's account and a business in the page's own way.
    pub(crate) async fn set_up(&self) {
        self.until_says("Let's open the shop").await;
        let owner = json!({ "name": "Thandi", "email": EMAIL, "password": PASSWORD });
        self.fetch("POST", "/setup", owner).await;
        let business = json!({ "name": "Tolbos Plumbing", "description": "Plumbing parts.", "country": "ZA",
            "timezone": "Africa/Johannesburg", "currency": "ZAR", "language": "en", "setup_done": true });
        self.fetch("PATCH", "/business", business).await;
        self.run("location.assign('/')").await;
        self.until_says("Thandi").await;
    }
}

impl Drop for Driver<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn program() -> &'static str {
    env!("CARGO_BIN_EXE_botflow-desktop")
}

fn models() -> PathBuf {
    std::env::var_os("BOTFLOW_MODELS").map_or_else(|| Path::new("/nowhere").to_owned(), PathBuf::from)
}
