//! Stands in for `cloudflared`, `ngrok` and `tailscale` in tests: under one of these names it takes the same arguments,
//! says the same words and serves the same local ports, without reaching anybody. No part of the product. It is also a
//! newer version of the product that does not work (`version.rs`).
//!
//! How it misbehaves stands in `plan.json` beside it, which it reads again at every step; what it was called with goes into
//! `calls.jsonl`, the processes it started into `processes`. A plan may say:
//!
//! | for | what |
//! |---|---|
//! | all that stay | `die_after_ms`, `late_ms` (until there is an address), `stubborn` (does not end when asked), `child` |
//! | their ports | `deaf`, `garbage`, `flood` |
//! | cloudflared | `version`, `fail` (last words), `ready: false`, `hostname`, `say_token` |
//! | ngrok | `reject_token`, `token_of_its_own`, `url`, `lost`, `forward` (an address on this computer that really leads on), `leads_nowhere` (and then does not), `edge` (where a vendor's side waits for it) |
//! | tailscale | `state`, `no_service`, `not_enabled`, `denied`, `hang`, `garbage` |
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a stand-in for tests stops at what it did not expect")]

mod cloudflared;
mod edge;
mod http;
mod ngrok;
mod place;
mod supervise;
mod tailscale;
mod version;

use std::process::ExitCode;

use place::Place;

fn main() -> ExitCode {
    if let Some(code) = machine::guard_if_asked() {
        return code;
    }
    if let Some(code) = version::if_marked() {
        return code;
    }
    let mut arguments = std::env::args();
    let place = Place::of(&arguments.next().unwrap());
    let arguments: Vec<String> = arguments.collect();
    match (place.name.as_str(), arguments.first().map(String::as_str)) {
        (_, Some("idle")) => place.idle(),
        (_, Some("supervise")) => supervise::main(&arguments[1..]),
        ("cloudflared", _) => cloudflared::main(&place, &arguments),
        ("ngrok", _) => ngrok::main(&place, &arguments),
        ("tailscale", _) => tailscale::main(&place, &arguments),
        (other, _) => panic!("nothing is known of a program named {other}"),
    }
}
