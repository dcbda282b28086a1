//! As `ngrok` 3: a web service at 4040 or the next free port, and a log of JSON lines.

use std::io::{Read, Write, copy};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::edge::Url;
use crate::http;
use crate::place::Place;

pub(crate) fn main(place: &Place, arguments: &[String]) -> ExitCode {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if words == ["--version"] {
        println!("ngrok version 3.22.1");
        return ExitCode::SUCCESS;
    }
    place.called(arguments);
    let ["http", target, "--log", "stdout", "--log-format", "json"] = words.as_slice() else {
        eprintln!("ERROR:  unknown flag");
        return ExitCode::FAILURE;
    };
    let token = std::env::var("NGROK_AUTHTOKEN").ok().or_else(|| place.text("token_of_its_own"));
    let Some(token) = token else {
        return refuse("Usage of ngrok requires a verified account and authtoken.", "ERR_NGROK_4018");
    };
    if place.is_planned("reject_token") {
        let words = "The authtoken you specified does not look like a proper ngrok tunnel authtoken.";
        return refuse(&format!("{words}\nYour authtoken: {token}"), "ERR_NGROK_105");
    }
    let listener = (4040..4140).find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()).unwrap();
    log(json!({ "lvl": "info", "msg": "no configuration paths supplied" }));
    let service = listener.local_addr().unwrap().to_string();
    log(json!({ "addr": service, "allow_hosts": [], "lvl": "info", "msg": "starting web service", "obj": "web" }));
    place.live();
    let url = if let Some(edge) = place.text("edge") {
        crate::edge::connect(edge, (*target).to_owned())
    } else if place.is_planned("forward") {
        Url::of(forward((*target).to_owned(), place.clone()))
    } else {
        let url = format!("https://stand-in-{}.ngrok-free.app", std::process::id());
        Url::of(place.text("url").unwrap_or(url))
    };
    let target = format!("http://{target}");
    log(
        json!({ "addr": target, "lvl": "info", "msg": "started tunnel", "name": "command_line", "obj": "tunnels", "url": url.now() }),
    );
    let own = place.clone();
    http::serve(listener, place.clone(), move |path| {
        let url = url.now().filter(|_| own.is_after("late_ms") && !own.is_planned("lost"));
        let tunnel = url.map(|url| {
            json!({
                "ID": "1f", "name": "command_line", "uri": "/api/tunnels/command_line", "public_url": url,
                "proto": url.split(':').next(), "config": { "addr": target, "inspect": true },
            })
        });
        let tunnels: Vec<Value> = tunnel.into_iter().collect();
        match path {
            "/api/tunnels" => (200, json!({ "tunnels": tunnels, "uri": "/api/tunnels" }).to_string()),
            _ => (404, String::new()),
        }
    })
}

fn log(mut line: Value) {
    line["t"] = json!("2026-11-21T18:00:00.000000000+0000");
    println!("{line}");
}

fn refuse(words: &str, number: &str) -> ExitCode {
    log(
        json!({ "err": format!("authentication failed: {words}\r\n\r\n{number}\r\n"), "lvl": "eror", "msg": "session closing" }),
    );
    eprintln!("ERROR:  authentication failed: {words}\nERROR:\nERROR:  {number}");
    ExitCode::FAILURE
}

/// An address of this computer that leads to the target, in place of a public one: for tests that go through it.
/// While it leads nowhere, the vendor's side answers in its place.
fn forward(target: String, place: Place) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        loop {
            let Ok((mut near, _)) = listener.accept() else { continue };
            if place.is_planned("leads_nowhere") {
                let _ = near.read(&mut [0; 4096]);
                let _ = near.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                continue;
            }
            let Ok(far) = TcpStream::connect(&target) else { continue };
            let (mut near_in, mut far_in) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            let (mut near_out, mut far_out) = (near, far);
            std::thread::spawn(move || {
                let _ = copy(&mut near_in, &mut far_out);
                let _ = far_out.shutdown(std::net::Shutdown::Write);
            });
            std::thread::spawn(move || {
                let _ = copy(&mut far_in, &mut near_out);
                let _ = near_out.shutdown(std::net::Shutdown::Write);
            });
        }
    });
    address
}
