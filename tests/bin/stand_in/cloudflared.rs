//! As `cloudflared` 2025: a metrics port with `/ready`, `/quicktunnel` and `/metrics`, and its log on standard error.

use std::net::TcpListener;
use std::process::ExitCode;

use serde_json::json;

use crate::http;
use crate::place::Place;

pub(crate) fn main(place: &Place, arguments: &[String]) -> ExitCode {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments == ["--version"] {
        let version = place.text("version").unwrap_or_else(|| "2025.11.1".to_owned());
        println!("cloudflared version {version} (built 2025-11-07-16:59 UTC)");
        return ExitCode::SUCCESS;
    }
    place.called(&arguments.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>());
    let ["tunnel", "--no-autoupdate", "--metrics", metrics, rest @ ..] = arguments.as_slice() else {
        eprintln!("Incorrect Usage: flag provided but not defined");
        return ExitCode::FAILURE;
    };
    let token = match rest {
        ["--url", url] if url.starts_with("http://") => None,
        ["run", "--token-file", file] => Some(std::fs::read_to_string(file).unwrap_or_default()),
        ["run"] => Some(std::env::var("TUNNEL_TOKEN").unwrap_or_default()),
        _ => {
            eprintln!("Incorrect Usage.");
            return ExitCode::FAILURE;
        }
    };
    if let Some(words) = place.text("fail") {
        eprintln!("{words}");
        return ExitCode::FAILURE;
    }
    if token.as_ref().is_some_and(String::is_empty) {
        eprintln!("Provided Tunnel token is not valid.");
        return ExitCode::from(255);
    }
    eprintln!("2026-11-21T18:00:00Z INF Starting metrics server on {metrics}/metrics");
    if place.is_planned("say_token") {
        let token = token.clone().unwrap_or_default();
        eprintln!("2026-11-21T18:00:00Z INF Settings: map[metrics:{metrics} said:{token}] {token}");
    }
    let listener = TcpListener::bind(metrics).unwrap();
    place.live();
    let hostname = format!("three-words-{}.trycloudflare.com", std::process::id());
    let (is_quick, own) = (token.is_none(), place.clone());
    http::serve(listener, place.clone(), move |path| {
        let is_there = own.is_after("late_ms");
        match path {
            "/ready" if is_there && own.plan("ready") != json!(false) => {
                (200, json!({ "status": 200, "readyConnections": 4, "connectorId": "5d1c" }).to_string())
            }
            "/ready" => (503, json!({ "status": 503, "readyConnections": 0, "connectorId": "5d1c" }).to_string()),
            "/quicktunnel" if is_quick && is_there => {
                (200, json!({ "hostname": own.text("hostname").unwrap_or_else(|| hostname.clone()) }).to_string())
            }
            "/quicktunnel" => (200, json!({ "hostname": "" }).to_string()),
            "/metrics" => (200, "cloudflared_tunnel_ha_connections 4\n".to_owned()),
            _ => (404, "404 page not found".to_owned()),
        }
    })
}
