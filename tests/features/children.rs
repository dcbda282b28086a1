//! Programs that BotFlow starts do not outlive it, however it ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tests_support::{StandIn, program_file, until};

const PATIENCE: Duration = Duration::from_secs(30);

/// A process with a supervised tunnel that has come up, and whose program has started a child of its own.
async fn supervised(stand_in: &StandIn, folder: &std::path::Path) -> Child {
    // Any stand-in can supervise another one.
    let supervisor = StandIn::new("ngrok");
    let mut command = Command::new(supervisor.program());
    command.args(["supervise", "cloudflared_quick"]).arg(stand_in.program()).arg(folder).arg(program_file());
    let mut parent = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let is_up = |line: &String| serde_json::from_str::<Value>(line).is_ok_and(|status| status["state"] == "up");
    assert!(lines.map_while(Result::ok).any(|line| is_up(&line)), "the tunnel never came up");
    until("both run", PATIENCE, || async { (stand_in.running().len() == 2).then_some(()) }).await;
    parent
}

async fn all_end(stand_in: &StandIn) {
    until("no process is left", PATIENCE, || async { stand_in.running().is_empty().then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_of_the_parent_leaves_no_child_behind_not_even_one_that_refuses_to_end() {
    let stand_in = StandIn::new("cloudflared");
    stand_in.plan(&json!({ "child": true, "stubborn": true }));
    let folder = tempfile::tempdir().unwrap();
    let mut parent = supervised(&stand_in, folder.path()).await;
    parent.kill().unwrap();
    parent.wait().unwrap();
    all_end(&stand_in).await;
}

#[test]
fn the_word_guard_does_not_show_in_the_programs_own_help() {
    let help = Command::new(program_file()).arg("--help").output().unwrap();
    assert!(help.status.success() && !String::from_utf8_lossy(&help.stdout).contains("guard"));
}

/// What needs a shell, or the signals of Unix.
#[cfg(unix)]
mod unix {
    use machine::child::Program;
    use machine::{Guard, Lines};

    use super::*;

    fn guard() -> Guard {
        Guard::at(program_file())
    }

    /// The exit code of BotFlow as the guard of a command, whose pipe stays open or closes at once.
    fn guarded(command: &[&str]) -> Option<i32> {
        let mut guard = Command::new(program_file());
        guard.args(["guard", "--"]).args(command).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut guard = guard.spawn().unwrap();
        let pipe = guard.stdin.take();
        let status = guard.wait().unwrap();
        drop(pipe);
        status.code()
    }

    #[test]
    fn the_exit_code_of_a_guarded_program_is_passed_on() {
        for (command, code) in [
            (["/bin/sh", "-c", "exit 0"], 0),
            (["/bin/sh", "-c", "exit 7"], 7),
            (["/bin/sh", "-c", "kill -9 $$"], 137),
            (["/nowhere/to/be/found", "", ""], 127),
            (["/etc/passwd", "", ""], 126),
        ] {
            assert_eq!(guarded(&command), Some(code), "{command:?}");
        }
        assert_eq!(guarded(&[]), Some(126), "a guard without a program");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_program_has_started_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("id");
        let script = format!("sleep 1000 & echo $! > '{}'; exit 3", note.display());
        let said = Program::new("/bin/sh").args(["-c", &script]).output(&guard(), PATIENCE).await.unwrap();
        assert_eq!(said.ended.unwrap().code, Some(3));
        let left = std::fs::read_to_string(&note).unwrap();
        let alive = Command::new("kill").args(["-0", left.trim()]).stderr(Stdio::null()).status().unwrap().success();
        assert!(!alive || is_zombie(left.trim()), "what it left behind still runs");
    }

    fn is_zombie(id: &str) -> bool {
        std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| stat.contains(") Z"))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_program_that_takes_too_long_is_ended_and_what_it_said_is_kept() {
        let slow = Program::new("/bin/sh").args(["-c", "echo first; echo second >&2; sleep 1000"]);
        let said = slow.output(&guard(), Duration::from_secs(2)).await.unwrap();
        assert_eq!((said.ended, said.out.as_str(), said.err.as_str()), (None, "first\n", "second\n"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_last_words_of_a_program_are_there_when_it_has_ended_and_its_secret_is_not() {
        let lines = Lines::new(base::Clock::System);
        let secret = base::Secret::new("s3cr3t-t0ken");
        let program = Program::new("/bin/sh").args(["-c", "echo it is $TOKEN_OF_MINE; echo last >&2; exit 1"]);
        let mut child = program.secret("TOKEN_OF_MINE", secret).start(&guard(), &lines, None).unwrap();
        assert_eq!(child.wait().await.code, Some(1));
        let mut said: Vec<String> = lines.last().into_iter().map(|line| line.text).collect();
        said.sort();
        assert_eq!(said, ["it is ••••", "last"]);
    }

    /// As `killall -9 botflow` does: guard and parent carry the same name.
    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread")]
    async fn the_program_ends_also_when_parent_and_guard_are_killed_at_once() {
        let stand_in = StandIn::new("cloudflared");
        stand_in.plan(&json!({ "stubborn": true, "child": true }));
        let folder = tempfile::tempdir().unwrap();
        let mut parent = supervised(&stand_in, folder.path()).await;
        let program = stand_in.running()[0];
        let stat = std::fs::read_to_string(format!("/proc/{program}/stat")).unwrap();
        let guard = stat.rsplit(')').next().unwrap().split_whitespace().nth(1).unwrap().to_owned();
        assert!(Command::new("kill").args(["-9", &guard, &parent.id().to_string()]).status().unwrap().success());
        parent.wait().unwrap();
        until("the program has ended", PATIENCE, || async { (!stand_in.running().contains(&program)).then_some(()) })
            .await;
        // What it had started itself is beyond reach then; the test tidies up.
        for id in stand_in.running() {
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_guard_that_is_asked_to_end_takes_its_program_with_it() {
        let stand_in = StandIn::new("cloudflared");
        stand_in.plan(&json!({ "child": true }));
        let lines = Lines::new(base::Clock::System);
        let program = Program::new(stand_in.program());
        let arguments = ["tunnel", "--no-autoupdate", "--metrics", "127.0.0.1:0", "--url", "http://127.0.0.1:1"];
        let mut child = program.args(arguments).start(&guard(), &lines, None).unwrap();
        until("it runs", PATIENCE, || async { (stand_in.running().len() == 2).then_some(()) }).await;
        let id = child.guard_id().unwrap().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        child.wait().await;
        all_end(&stand_in).await;
    }
}
