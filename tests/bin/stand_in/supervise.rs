//! A program with a supervised tunnel, for tests to kill: `supervise KIND PROGRAM FOLDER GUARD`. It says each status as a
//! line of JSON.

use std::io::Write;
use std::process::ExitCode;

use machine::Guard;
use machine::tunnel::{Tunnel, TunnelOptions, Way};

pub(crate) fn main(arguments: &[String]) -> ExitCode {
    let [kind, program, folder, guard] = arguments else { panic!("supervise KIND PROGRAM FOLDER GUARD") };
    let way = match kind.as_str() {
        "cloudflared_quick" => Way::CloudflaredQuick,
        "tailscale" => Way::Tailscale,
        other => panic!("no way {other}"),
    };
    let options = TunnelOptions { guard: Guard::at(guard), ..TunnelOptions::new(folder) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let tunnel = Tunnel::start(way, Some(program.into()), "127.0.0.1:8081".parse().unwrap(), options);
        let mut status = tunnel.status();
        loop {
            println!("{}", serde_json::to_string(&*status.borrow_and_update()).unwrap());
            std::io::stdout().flush().unwrap();
            if status.changed().await.is_err() {
                return ExitCode::SUCCESS;
            }
        }
    })
}
