//! The desktop program where nobody could see a window: it serves all the same.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn without_a_screen_or_with_one_that_is_gone_it_runs_without_a_window() {
    // Of a session that has ended the name is still set, as it is after ssh or in a job of cron.
    for display in [None, Some(":4711")] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_botflow-desktop"));
        command
            .args(["--port", "0", "--data"])
            .arg(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("BOTFLOW_MIN_FREE_MB", "1")
            .envs(display.map(|name| ("DISPLAY", name)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut program = command.spawn().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let ready = lines.map_while(Result::ok).find(|line| line.contains("is ready: http://"));
        let _ = program.kill();
        let _ = program.wait();
        assert!(ready.is_some(), "{display:?}");
    }
}
