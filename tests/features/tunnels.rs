//! The public address: programs of others hang, die, lie, change their address and come late, and the shop stays reachable.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use base::Secret;
use machine::Guard;
use machine::tunnel::{Tunnel, TunnelKind, TunnelOptions, TunnelState, TunnelStatus, TunnelTimes, Way, find};
use serde_json::{Value, json};
use tests_support::{StandIn, program_file, until};

const PATIENCE: Duration = Duration::from_secs(30);
const PUBLIC: &str = "127.0.0.1:8081";
/// Made for these tests; opens nothing.
const TOKEN: &str = "2fakeTokenOfNobody_6BSaEj1DVgGXFiVSHZbz9";

struct Case {
    stand_in: StandIn,
    folder: tempfile::TempDir,
    times: TunnelTimes,
}

impl Case {
    fn new(program: &'static str, plan: Value) -> Self {
        let stand_in = StandIn::new(program);
        stand_in.plan(&plan);
        Self::of(stand_in)
    }

    fn of(stand_in: StandIn) -> Self {
        let times = TunnelTimes {
            look_starting: Duration::from_millis(30),
            look_up: Duration::from_millis(30),
            look_up_by_command: Duration::from_millis(100),
            start_within: Duration::from_secs(20),
            unwell_for: Duration::from_secs(2),
            request: Duration::from_secs(1),
            command: Duration::from_secs(4),
            wait_first: Duration::from_millis(30),
            wait_most: Duration::from_millis(200),
            settled_after: Duration::from_secs(60),
            look_missing: Duration::from_millis(50),
        };
        Self { stand_in, folder: tempfile::tempdir().unwrap(), times }
    }

    fn start(&self, way: Way) -> Tunnel {
        let options = TunnelOptions {
            guard: Guard::at(program_file()),
            times: self.times,
            ..TunnelOptions::new(self.folder.path())
        };
        Tunnel::start(way, Some(self.stand_in.program()), PUBLIC.parse().unwrap(), options)
    }

    fn calls(&self, first: &str) -> usize {
        self.stand_in.calls().iter().filter(|call| call.first().is_some_and(|word| word == first)).count()
    }
}

/// Waits until the tunnel's status is so, and returns it.
async fn told(tunnel: &Tunnel, what: &str, is_so: impl Fn(&TunnelStatus) -> bool) -> TunnelStatus {
    let mut status = tunnel.status();
    let waited = tokio::time::timeout(PATIENCE, status.wait_for(|status| is_so(status))).await;
    match waited {
        Ok(status) => status.unwrap().clone(),
        Err(_) => panic!("never {what}: {:?}\n{:?}", *tunnel.status().borrow(), tunnel.lines()),
    }
}

async fn up(tunnel: &Tunnel) -> TunnelStatus {
    told(tunnel, "up", |status| status.state == TunnelState::Up).await
}

fn said(tunnel: &Tunnel) -> String {
    tunnel.lines().into_iter().map(|line| line.text + "\n").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_free_address_that_comes_late_is_told_as_soon_as_it_is_there() {
    let case = Case::new("cloudflared", json!({ "late_ms": 400, "hostname": "late-but-good.trycloudflare.com" }));
    let tunnel = case.start(Way::CloudflaredQuick);
    let early = told(&tunnel, "starting with a reason", |s| s.sentence.contains("no connection")).await;
    assert_eq!((early.state, early.url), (TunnelState::Starting, None));
    let status = up(&tunnel).await;
    assert_eq!(status.url.as_deref(), Some("https://late-but-good.trycloudflare.com"));
    assert_eq!((status.restarts, status.until, status.fix), (0, None, None));
    let calls = case.stand_in.calls();
    let [call] = calls.as_slice() else { panic!("started once: {calls:?}") };
    let call: Vec<&str> = call.iter().map(String::as_str).collect();
    let ["tunnel", "--no-autoupdate", "--metrics", port, "--url", "http://127.0.0.1:8081"] = call.as_slice() else {
        panic!("as its maker says: {call:?}")
    };
    assert!(port.starts_with("127.0.0.1:"), "{port}");
    assert!(said(&tunnel).contains("Starting metrics server"));
    tunnel.stop().await;
    let end = tunnel.status().borrow().clone();
    assert_eq!((end.state, end.url), (TunnelState::Stopped, None));
    assert!(case.stand_in.running().is_empty(), "its program has ended with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_lives_on_without_connection_is_started_anew_under_its_new_address() {
    let case = Case::new("cloudflared", json!({}));
    let tunnel = case.start(Way::CloudflaredQuick);
    let before = up(&tunnel).await;
    case.stand_in.plan(&json!({ "ready": false }));
    let unwell = told(&tunnel, "unwell", |s| s.sentence.contains("no connection")).await;
    assert_eq!((unwell.state, &unwell.url), (TunnelState::Up, &before.url), "a short loss is no new address");
    told(&tunnel, "given up", |s| s.restarts > 0).await;
    case.stand_in.plan(&json!({}));
    let after = up(&tunnel).await;
    assert_ne!(after.url, before.url);
    assert!(said(&tunnel).contains("Started anew"), "the owner sees why");
    assert_eq!(case.stand_in.running().len(), 1, "the one that hung is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_loss_heals_by_itself() {
    let mut case = Case::new("cloudflared", json!({}));
    case.times.unwell_for = PATIENCE;
    let tunnel = case.start(Way::CloudflaredQuick);
    let before = up(&tunnel).await;
    case.stand_in.plan(&json!({ "ready": false }));
    told(&tunnel, "unwell", |s| s.sentence.contains("no connection")).await;
    case.stand_in.plan(&json!({}));
    let after = told(&tunnel, "well again", |s| s.sentence == before.sentence).await;
    assert_eq!((after.url, after.restarts, after.since), (before.url, 0, before.since));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_dies_again_and_again_is_tried_with_growing_waits_and_the_owner_told_why() {
    let mut case = Case::new("cloudflared", json!({ "fail": "failed to unmarshal quick Tunnel: error code: 1015" }));
    case.times.wait_first = Duration::from_millis(200);
    case.times.wait_most = Duration::from_secs(2);
    let tunnel = case.start(Way::CloudflaredQuick);
    let waits = |s: &TunnelStatus, restarts| s.state == TunnelState::Waiting && s.restarts == restarts;
    let mut last = Duration::ZERO;
    for restarts in 0..3 {
        let status = told(&tunnel, "waiting", |s| waits(s, restarts)).await;
        assert!(status.sentence.contains("no further free address"), "{}", status.sentence);
        assert!(status.fix.is_some() && status.url.is_none());
        let wait = status.until.unwrap().since(status.since);
        assert!(wait > last && wait <= case.times.wait_most, "{wait:?} after {last:?}");
        last = wait;
    }
    case.stand_in.plan(&json!({}));
    assert!(up(&tunnel).await.restarts >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_dies_while_it_is_up_comes_back() {
    let case = Case::new("cloudflared", json!({ "die_after_ms": 500 }));
    let tunnel = case.start(Way::CloudflaredQuick);
    up(&tunnel).await;
    let dead = told(&tunnel, "waiting", |s| s.state == TunnelState::Waiting).await;
    assert!(dead.sentence.contains("ended by itself (code 1)") && dead.url.is_none(), "{dead:?}");
    case.stand_in.plan(&json!({}));
    told(&tunnel, "up again", |s| s.state == TunnelState::Up && s.restarts > 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_make_no_sense_are_no_address_and_do_not_hang_anything() {
    for plan in ["garbage", "deaf", "flood"] {
        let mut case = Case::new("cloudflared", json!({ plan: true }));
        case.times.start_within = Duration::from_secs(1);
        let tunnel = case.start(Way::CloudflaredQuick);
        let status = told(&tunnel, "given up", |s| s.restarts > 0).await;
        assert_eq!(status.url, None, "{plan} was believed");
        case.stand_in.plan(&json!({}));
        up(&tunnel).await;
    }
    let case = Case::new("cloudflared", json!({ "hostname": "" }));
    let tunnel = case.start(Way::CloudflaredQuick);
    told(&tunnel, "without a name", |s| s.sentence.contains("not given out an address")).await;
    case.stand_in.plan(&json!({ "hostname": "user@evil.example/path" }));
    assert_eq!(tunnel.status().borrow().url, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_changes_while_it_is_up_is_told() {
    let case = Case::new("cloudflared", json!({ "hostname": "one.trycloudflare.com" }));
    let tunnel = case.start(Way::CloudflaredQuick);
    up(&tunnel).await;
    case.stand_in.plan(&json!({ "hostname": "two.trycloudflare.com" }));
    let status = told(&tunnel, "moved", |s| s.url.as_deref() == Some("https://two.trycloudflare.com")).await;
    assert_eq!((status.state, status.restarts), (TunnelState::Up, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kick_starts_anew_at_once_whether_it_is_up_or_waits() {
    let mut case = Case::new("cloudflared", json!({}));
    case.times.wait_first = PATIENCE * 2;
    case.times.wait_most = PATIENCE * 2;
    let tunnel = case.start(Way::CloudflaredQuick);
    let before = up(&tunnel).await;
    tunnel.kick();
    let after = told(&tunnel, "another address", |s| s.state == TunnelState::Up && s.url != before.url).await;
    assert_eq!(after.restarts, 1);
    case.stand_in.plan(&json!({ "fail": "some words" }));
    tunnel.kick();
    told(&tunnel, "waiting", |s| s.state == TunnelState::Waiting).await;
    case.stand_in.plan(&json!({}));
    tunnel.kick();
    up(&tunnel).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_wake_a_wait_ends_at_once_and_what_is_well_is_left_alone() {
    let mut case = Case::new("cloudflared", json!({ "fail": "dial tcp: lookup api.trycloudflare.com: no such host" }));
    case.times.wait_first = PATIENCE * 2;
    case.times.wait_most = PATIENCE * 2;
    case.times.look_up = PATIENCE * 2;
    let tunnel = case.start(Way::CloudflaredQuick);
    let offline = told(&tunnel, "waiting", |s| s.state == TunnelState::Waiting).await;
    assert!(offline.sentence.contains("internet connection"), "{}", offline.sentence);
    case.stand_in.plan(&json!({}));
    tunnel.hurry();
    let before = up(&tunnel).await;
    // The next look would come long after this test has given up.
    case.stand_in.plan(&json!({ "hostname": "seen-at-once.trycloudflare.com" }));
    tunnel.hurry();
    let after = told(&tunnel, "looked", |s| s.url != before.url).await;
    assert_eq!((after.state, after.restarts), (TunnelState::Up, before.restarts));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_installed_later_is_found_by_itself() {
    let case = Case::of(StandIn::not_installed("ngrok"));
    let tunnel = case.start(Way::Ngrok { token: Some(Secret::new(TOKEN)) });
    let missing = told(&tunnel, "missing", |s| s.state == TunnelState::Missing).await;
    assert!(missing.fix.is_some() && missing.sentence.contains("no program ngrok"), "{missing:?}");
    case.stand_in.install();
    up(&tunnel).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_found_where_the_owner_points_with_its_version() {
    for (name, kind, version) in [
        ("cloudflared", TunnelKind::CloudflaredNamed, "2025.11.1"),
        ("ngrok", TunnelKind::Ngrok, "3.22.1"),
        ("tailscale", TunnelKind::Tailscale, "1.82.0"),
    ] {
        let stand_in = StandIn::new(name);
        for pointed in [stand_in.program(), stand_in.folder().to_owned()] {
            let found = find(kind, Some(&pointed)).await.unwrap();
            assert_eq!((found.path, found.version.as_deref()), (stand_in.program(), Some(version)));
        }
        assert_eq!(find(kind, Some(&PathBuf::from("/nowhere/at/all"))).await, None);
    }
}

/// What every process of this computer was called with, as anybody on it can read.
#[cfg(target_os = "linux")]
fn process_list() -> String {
    let all = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path().join("cmdline"));
    all.filter_map(|file| std::fs::read(file).ok())
        .map(|line| String::from_utf8_lossy(&line).into_owned() + "\n")
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_seen_neither_in_the_lines_nor_in_the_list_of_processes_nor_left_on_the_disk() {
    for version in ["2025.11.1", "2024.12.2"] {
        let case = Case::new("cloudflared", json!({ "say_token": true, "version": version, "late_ms": 300 }));
        let way = Way::CloudflaredNamed { hostname: "chat.shop.example".into(), token: Secret::new(TOKEN) };
        assert!(!format!("{way:?}").contains(TOKEN));
        let tunnel = case.start(way);
        until("it was called", PATIENCE, || async { (case.calls("tunnel") > 0).then_some(()) }).await;
        #[cfg(target_os = "linux")]
        assert!(!process_list().contains(TOKEN));
        let status = up(&tunnel).await;
        assert_eq!(status.url.as_deref(), Some("https://chat.shop.example"));
        assert!(said(&tunnel).contains("said:••••"), "it said its token, and that is masked: {}", said(&tunnel));
        let shown = format!("{:?}{:?}{:?}{tunnel:?}", tunnel.lines(), status, case.stand_in.calls());
        assert!(!shown.contains(TOKEN));
        let by_file = case.stand_in.calls()[0].contains(&"--token-file".to_owned());
        assert_eq!(by_file, version.starts_with("2025"));
        let left: Vec<_> = std::fs::read_dir(case.folder.path()).unwrap().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_said_in_words_that_do_not_repeat_it() {
    let case = Case::new("ngrok", json!({ "reject_token": true }));
    let tunnel = case.start(Way::Ngrok { token: Some(Secret::new(TOKEN)) });
    let refused = told(&tunnel, "refused", |s| s.state == TunnelState::Waiting).await;
    assert!(refused.sentence.contains("does not accept the authtoken") && refused.fix.is_some(), "{refused:?}");
    assert!(said(&tunnel).contains("ERR_NGROK_105") && !said(&tunnel).contains(TOKEN), "{}", said(&tunnel));
    tunnel.stop().await;

    // One from ngrok's own settings, which we were never told.
    case.stand_in.plan(&json!({ "reject_token": true, "token_of_its_own": TOKEN }));
    let tunnel = case.start(Way::Ngrok { token: None });
    told(&tunnel, "refused", |s| s.state == TunnelState::Waiting).await;
    assert!(said(&tunnel).contains("ERR_NGROK_105") && !said(&tunnel).contains(TOKEN), "{}", said(&tunnel));
    tunnel.stop().await;

    case.stand_in.plan(&json!({}));
    let tunnel = case.start(Way::Ngrok { token: None });
    let asked = told(&tunnel, "asked", |s| s.state == TunnelState::Waiting).await;
    assert!(asked.sentence.contains("no authtoken"), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ngrok_is_asked_at_its_own_port_when_somebody_else_sits_at_the_usual_one() {
    // Another ngrok of the owner's, which has an address for the same port; or whoever has taken 4040 before us.
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 4040));
    if let Ok(other) = other {
        std::thread::spawn(move || {
            use std::io::{Read, Write};
            let tunnels = json!({ "tunnels": [{ "public_url": "https://not-ours.ngrok-free.app", "config": { "addr": PUBLIC } }] });
            for stream in other.incoming().flatten() {
                let (mut stream, body) = (stream, tunnels.to_string());
                let _ = stream.read(&mut [0; 1024]);
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
    }
    let case = Case::new("ngrok", json!({ "url": "https://ours.ngrok-free.app" }));
    let tunnel = case.start(Way::Ngrok { token: Some(Secret::new(TOKEN)) });
    assert_eq!(up(&tunnel).await.url.as_deref(), Some("https://ours.ngrok-free.app"));
    let call = case.stand_in.calls()[0].clone();
    assert_eq!(call, ["http", PUBLIC, "--log", "stdout", "--log-format", "json"]);
    case.stand_in.plan(&json!({ "lost": true }));
    told(&tunnel, "given up", |s| s.restarts > 0).await;
    case.stand_in.plan(&json!({ "url": "https://anew.ngrok-free.app" }));
    assert_eq!(up(&tunnel).await.url.as_deref(), Some("https://anew.ngrok-free.app"));
}

fn serving(case: &Case) -> Value {
    serde_json::from_slice(&std::fs::read(case.stand_in.folder().join("serving.json")).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tailscale_gives_a_free_port_and_what_the_owner_serves_there_already_stays() {
    let case = Case::new("tailscale", json!({}));
    let blog = json!({
        "TCP": { "443": { "HTTPS": true } },
        "Web": { "shop.tail1234.ts.net:443": { "Handlers": { "/": { "Proxy": "http://127.0.0.1:3000" } } } },
        "AllowFunnel": { "shop.tail1234.ts.net:443": true },
    });
    std::fs::write(case.stand_in.folder().join("serving.json"), blog.to_string()).unwrap();
    let tunnel = case.start(Way::Tailscale);
    assert_eq!(up(&tunnel).await.url.as_deref(), Some("https://shop.tail1234.ts.net:8443"));
    let on = case.stand_in.calls().into_iter().find(|call| call.contains(&"--bg".to_owned())).unwrap();
    assert_eq!(on, ["funnel", "--bg", "--yes", "--https=8443", "8081"]);
    assert_eq!(serving(&case)["TCP"].as_object().unwrap().len(), 2);
    tunnel.stop().await;
    assert_eq!(serving(&case), blog, "what was there is there, and nothing more");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_program_left_switched_on_at_tailscale_is_known_again_and_switched_off_at_the_end() {
    let case = Case::new("tailscale", json!({}));
    let before = case.start(Way::Tailscale);
    up(&before).await;
    // As after a kill: the address and the note of it are there, the supervisor is not.
    let note = std::fs::read(case.folder.path().join("tailscale-funnel.json")).unwrap();
    let left = serving(&case);
    before.stop().await;
    std::fs::write(case.folder.path().join("tailscale-funnel.json"), note).unwrap();
    std::fs::write(case.stand_in.folder().join("serving.json"), left.to_string()).unwrap();
    let tunnel = case.start(Way::Tailscale);
    assert_eq!(up(&tunnel).await.url.as_deref(), Some("https://shop.tail1234.ts.net"), "the same one, not a second");
    tunnel.stop().await;
    assert_eq!(serving(&case)["TCP"], json!({}));
    assert!(!case.folder.path().join("tailscale-funnel.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_tailscales_way_is_said_with_what_to_do_and_it_goes_on_by_itself() {
    let case = Case::new("tailscale", json!({ "state": "NeedsLogin" }));
    let tunnel = case.start(Way::Tailscale);
    for (plan, sentence, fix) in [
        (json!({ "state": "NeedsLogin" }), "signed out", "Sign in"),
        (json!({ "state": "Stopped" }), "switched off", "Switch on"),
        (json!({ "no_service": true }), "does not run", "Start"),
        (json!({ "denied": true }), "does not let your user", "Allow it once"),
        (json!({ "not_enabled": true }), "does not allow", "https://login.tailscale.com/f/funnel?node=n1"),
        (json!({ "hang": true }), "does not answer", "Start Tailscale again"),
        (json!({ "garbage": true }), "does not answer", "Start Tailscale again"),
    ] {
        case.stand_in.plan(&plan);
        let status = told(&tunnel, sentence, |s| s.sentence.contains(sentence)).await;
        assert!(status.fix.is_some_and(|words| words.contains(fix)), "{plan}");
    }
    case.stand_in.plan(&json!({}));
    let before = up(&tunnel).await;
    // Signed out while it is up: said, given up after a while, and back under the same name.
    case.stand_in.plan(&json!({ "state": "NeedsLogin" }));
    told(&tunnel, "given up", |s| s.state == TunnelState::Waiting).await;
    case.stand_in.plan(&json!({}));
    assert_eq!(up(&tunnel).await.url, before.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_holds_the_tunnel_any_more_it_ends_with_its_program() {
    let case = Case::new("cloudflared", json!({ "child": true }));
    let tunnel = case.start(Way::CloudflaredQuick);
    up(&tunnel).await;
    let mut status = tunnel.status();
    drop(tunnel);
    let ended = tokio::time::timeout(PATIENCE, status.wait_for(|s| s.state == TunnelState::Stopped)).await;
    assert!(ended.is_ok());
    until("no process is left", PATIENCE, || async { case.stand_in.running().is_empty().then_some(()) }).await;
}
