//! How smoothly a flow of 500 steps is drawn while it is worked on: frames of a real browser in front of the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use botflow_tests::{Owner, Program, until};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::flows::{draw, drawing};
use crate::{Figures, Target};

const STEPS: usize = 500;
/// A step's ways besides the first lead to the step under it.
const LINE: usize = 25;
const FRAME: Target = Target::AtMost(33.0);

/// Intervals between frames, in milliseconds.
#[derive(Deserialize)]
struct Frames {
    median: f64,
    p95: f64,
    longest: f64,
    count: usize,
}

/// What the script in front of the browser found.
#[derive(Deserialize)]
struct Seen {
    idle: Frames,
    drag: Frames,
    pan: Frames,
    /// Dragging once more with all steps in sight.
    far: Frames,
    /// Cards that were drawn at the readable zoom, and that zoom.
    cards: usize,
    zoom: f64,
    far_cards: usize,
    far_zoom: f64,
}

/// Steps of several kinds, most of which lead to the next, and some also to the one below.
fn five_hundred() -> Value {
    let name = |i: usize| format!("step{i}");
    let mut steps = vec![(name(0), "message_received", json!({}))];
    let mut ways = vec![(name(0), "next", name(1))];
    for i in 1..STEPS - 1 {
        let (next, under) = (name(i + 1), name((i + LINE).min(STEPS - 1)));
        let (kind, fields, branches): (_, _, &[&str]) = match i % 5 {
            0 => (
                "text",
                json!({ "text": format!("This is what is said as number {i}, {{{{ contact.name }}}}.") }),
                &["next"],
            ),
            1 => {
                let rule = json!({ "left": "{{ last.text }}", "op": "contains", "right": "price" });
                ("condition", json!({ "rules": { "all": [rule], "any": [] } }), &["yes", "no"])
            }
            2 => ("set", json!({ "values": [{ "name": format!("noted{i}"), "value": "{{ last.text }}" }] }), &["next"]),
            3 => ("ask_text", json!({ "text": "What is your name?", "variable": format!("name{i}") }), &["next"]),
            _ => {
                let cases = json!([
                    { "id": "price", "title": "Prices", "op": "contains", "value": "price" },
                    { "id": "hours", "title": "Hours", "op": "contains", "value": "open" },
                ]);
                ("switch", json!({ "value": "{{ last.text }}", "cases": cases }), &["price", "hours", "other"])
            }
        };
        for (n, branch) in branches.iter().enumerate() {
            ways.push((name(i), *branch, if n == 0 { next.clone() } else { under.clone() }));
        }
        steps.push((name(i), kind, fields));
    }
    steps.push((name(STEPS - 1), "end", json!({})));
    drawing(&steps, &ways)
}

/// What is missing on this machine, if anything is.
fn missing(ui: &Path, browser: &Path) -> Option<String> {
    if !browser.is_file() {
        return Some(format!("there is no browser at {}; BOTFLOW_BROWSER names one", browser.display()));
    }
    if !ui.join("node_modules").join("playwright-core").is_dir() {
        return Some("the interface's packages are not installed; `npm ci` in ui does it".into());
    }
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    (!node.is_ok_and(|status| status.success())).then(|| "there is no Node.js".into())
}

pub(crate) async fn canvas(out: &mut Figures) {
    let ui = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join("ui");
    let browser = std::env::var_os("BOTFLOW_BROWSER").unwrap_or_else(|| "/usr/bin/chromium".into());
    if let Some(why) = missing(&ui, Path::new(&browser)) {
        println!("canvas: not measured, for {why}.");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.post("/bots", json!({ "name": "Large" })).await["id"].as_str().unwrap().to_owned();
    let revision = draw(&owner, &bot, &five_hundred()).await;

    let mut script = Command::new("node");
    script.current_dir(&ui).arg(Path::new("dev").join("frames.mjs")).arg(&program.admin);
    script.arg(format!("/bots/{bot}/flows/main")).env("SESSION", owner.cookie()).env("BOTFLOW_BROWSER", &browser);
    let done = base::task::blocking(move || script.stderr(Stdio::inherit()).output()).await.unwrap().unwrap();
    assert!(done.status.success(), "the browser was not driven to the end");
    let seen: Seen = serde_json::from_slice(&done.stdout).unwrap();

    until("the moved step is saved", Duration::from_secs(30), || async {
        let now = owner.get(&format!("/bots/{bot}/flows/main")).await["revision"].as_i64().unwrap();
        (now > revision).then_some(())
    })
    .await;
    let idle = format!("without touching it {:.1}", seen.idle.p95);
    let of =
        |frames: &Frames| format!("median {:.1}, longest {:.1} of {}", frames.median, frames.longest, frames.count);
    let Seen { zoom, cards, far_zoom, far_cards, .. } = seen;
    let beside = format!("{idle}; {}; zoom {zoom:.2}, {cards} steps in sight", of(&seen.drag));
    out.judge("a frame while dragging a step among 500, 95th percentile", seen.drag.p95, "ms", FRAME, &beside);
    let beside = format!("{idle}; {}", of(&seen.pan));
    out.judge("a frame while moving over 500 steps, 95th percentile", seen.pan.p95, "ms", FRAME, &beside);
    let beside = format!("{}; zoom {far_zoom:.2}, {far_cards} steps in sight", of(&seen.far));
    out.note("the same dragging with all of them in sight", seen.far.p95, "ms", &beside);
}
