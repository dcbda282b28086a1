//! As `tailscale` 1.82: `status --json`, `funnel status --json`, `funnel` in the background, and off. What it serves is
//! kept in `serving.json` beside it, as Tailscale's own service keeps it whatever becomes of the caller.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::place::{Place, idle};

pub(crate) fn main(place: &Place, arguments: &[String]) -> ExitCode {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if words == ["version"] {
        println!("1.82.0\n  tailscale commit: 0123456789abcdef\n  go version: go1.24.1");
        return ExitCode::SUCCESS;
    }
    place.called(arguments);
    if place.is_planned("hang") {
        idle();
    }
    if place.is_planned("no_service") {
        eprintln!(
            "failed to connect to local tailscaled; it doesn't appear to be running (sudo systemctl start tailscaled ?)"
        );
        return ExitCode::FAILURE;
    }
    if place.is_planned("garbage") {
        println!("<html>");
        return ExitCode::SUCCESS;
    }
    match words.as_slice() {
        ["status", "--json", "--peers=false"] => {
            let state = place.text("state").unwrap_or_else(|| "Running".to_owned());
            let name = if state == "Running" { "shop.tail1234.ts.net." } else { "" };
            println!(
                "{}",
                json!({ "Version": "1.82.0", "BackendState": state, "Self": { "DNSName": name, "Online": true } })
            );
            ExitCode::SUCCESS
        }
        ["funnel", "status", "--json"] => {
            println!("{}", serving(place));
            ExitCode::SUCCESS
        }
        ["funnel", "--bg", "--yes", https, target] => switch_on(place, https.strip_prefix("--https=").unwrap(), target),
        ["funnel", https, "off"] => {
            let port = https.strip_prefix("--https=").unwrap();
            let mut serving = serving(place);
            let name = format!("shop.tail1234.ts.net:{port}");
            for (part, key) in [("TCP", port), ("Web", &name), ("AllowFunnel", &name)] {
                if let Some(part) = serving[part].as_object_mut() {
                    part.remove(key);
                }
            }
            keep(place, &serving);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("invalid argument format");
            ExitCode::FAILURE
        }
    }
}

fn switch_on(place: &Place, port: &str, target: &str) -> ExitCode {
    if place.is_planned("not_enabled") {
        println!(
            "Funnel is not enabled on your tailnet.\nTo enable, visit:\n\n         https://login.tailscale.com/f/funnel?node=n1\n"
        );
        idle();
    }
    if place.is_planned("denied") {
        eprintln!(
            "sending serve config: Access denied: serve config denied\n\nUse 'sudo tailscale funnel --bg {target}'."
        );
        return ExitCode::FAILURE;
    }
    let target = if target.contains(':') { target.to_owned() } else { format!("http://127.0.0.1:{target}") };
    let mut serving = serving(place);
    let name = format!("shop.tail1234.ts.net:{port}");
    serving["TCP"][port] = json!({ "HTTPS": true });
    serving["Web"][&name] = json!({ "Handlers": { "/": { "Proxy": target } } });
    serving["AllowFunnel"][&name] = json!(true);
    keep(place, &serving);
    println!(
        "Available on the internet:\n\nhttps://{name}/\n|-- proxy {target}\n\nFunnel started and running in the background."
    );
    ExitCode::SUCCESS
}

fn serving(place: &Place) -> Value {
    let kept = std::fs::read(place.folder.join("serving.json")).unwrap_or_default();
    serde_json::from_slice(&kept).unwrap_or_else(|_| json!({}))
}

fn keep(place: &Place, serving: &Value) {
    let new = place.folder.join(format!("serving.{}", std::process::id()));
    std::fs::write(&new, serving.to_string()).unwrap();
    std::fs::rename(new, place.folder.join("serving.json")).unwrap();
}
