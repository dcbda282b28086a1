//! Children that end with their parent, however the parent ends.
//!
//! No system lets a process say "end these when I am gone" in the same way, and a parent that is killed cannot tidy up.
//! So the program starts itself once more as a guard (`<program> guard -- PROGRAM ARGUMENTS...`) with its standard input
//! piped. The guard starts the real program in a process group (a job object on Windows) and ends the whole of it when
//! the pipe closes, which the system sees to even after `kill -9`. Where the guard itself is killed, Linux ends the
//! program by the death signal of its parent, Windows by closing the job.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use base::{Error, Result};
use tokio::process::Command;

/// The word by which the program is told to be a guard; `--` and the command follow.
pub const GUARD: &str = "guard";

/// Between asking a program to end and ending it.
pub(crate) const GRACE: Duration = Duration::from_secs(3);

/// What shells answer: the program could not be started, or was not there.
const NOT_STARTED: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Which program is started as the guard: this one, unless another is named.
#[derive(Clone, Debug, Default)]
pub struct Guard(Option<PathBuf>);

impl Guard {
    /// Another program that understands `guard -- PROGRAM ARGUMENTS...`, for tests and tools that do not.
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self(Some(program.into()))
    }

    /// The guard around what follows as arguments: `program`, and then its own.
    pub(crate) fn command(&self) -> Result<Command> {
        let mut command = Command::new(self.program()?);
        command.args([GUARD, "--"]);
        #[cfg(unix)]
        // A Ctrl+C in the terminal is for the parent, which ends its children when it has drained.
        command.process_group(0);
        #[cfg(windows)]
        command.creation_flags(CREATE_NO_WINDOW);
        Ok(command)
    }

    fn program(&self) -> Result<PathBuf> {
        if let Some(program) = &self.0 {
            return Ok(program.clone());
        }
        let this = std::env::current_exe().map_err(|e| {
            Error::unavailable("The program cannot find its own file. Start it again, please.").with_cause(e)
        })?;
        // An update has put another file in its place; the running one is still to be had under this name.
        if cfg!(target_os = "linux") && !this.is_file() {
            return Ok(PathBuf::from("/proc/self/exe"));
        }
        Ok(this)
    }
}

/// No console window appears beside the owner's own.
#[cfg(windows)]
pub(crate) const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// Is the guard when this process was started as one. To be called first in `main`, before anything is opened:
/// `if let Some(code) = machine::guard_if_asked() { return code; }`.
pub fn guard_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let asked = arguments.next()? == GUARD && arguments.next()? == "--";
    asked.then(|| guard(arguments))
}

/// Is the guard: starts the program named first with the arguments that follow, and passes on its exit code.
pub fn guard(command: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut command = command.into_iter();
    let Some(program) = command.next() else {
        say("a guard needs a program to guard");
        return NOT_STARTED.into();
    };
    #[cfg(target_os = "linux")]
    if let Some(above) = linux::guard_above(&program) {
        return linux::become_program(above, command);
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            say(&e.to_string());
            return NOT_STARTED.into();
        }
    };
    runtime.block_on(async {
        match watch(program, command.collect()).await {
            Ok(code) => code.into(),
            Err(e) => not_started(&e).into(),
        }
    })
}

/// Resolves when whoever started the guard is gone or has closed the pipe.
fn parent_gone() -> tokio::sync::oneshot::Receiver<()> {
    let (gone, told) = tokio::sync::oneshot::channel();
    // A thread of its own: a read of standard input cannot be called off, and must not hold up the end.
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut some = [0; 64];
        while matches!(input.read(&mut some), Ok(1..)) {}
        let _ = gone.send(());
    });
    told
}

fn not_started(e: &std::io::Error) -> u8 {
    say(&e.to_string());
    if e.kind() == std::io::ErrorKind::NotFound { NOT_FOUND } else { NOT_STARTED }
}

fn say(what: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{what}");
}

#[cfg(unix)]
async fn watch(program: OsString, arguments: Vec<OsString>) -> std::io::Result<u8> {
    use nix::sys::signal::Signal;
    use tokio::signal::unix::{SignalKind, signal};

    // First of all, so that no signal ends the guard and leaves the program behind.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let _interrupt = signal(SignalKind::interrupt())?;
    let mut command = child_command(program, arguments)?;
    let mut child = command.stdin(std::process::Stdio::null()).process_group(0).spawn()?;
    let group = child.id();
    let mut ended = None;
    tokio::select! {
        status = child.wait() => ended = Some(status?),
        _ = parent_gone() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    unix::signal_group(group, Some(Signal::SIGTERM));
    let end = tokio::time::Instant::now() + GRACE;
    if ended.is_none()
        && let Ok(status) = tokio::time::timeout_at(end, child.wait()).await
    {
        ended = Some(status?);
    }
    // What the program itself has started may need a moment longer; nobody tells when a group is empty.
    while unix::signal_group(group, None) && tokio::time::Instant::now() < end && ended.is_some() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    unix::signal_group(group, Some(Signal::SIGKILL));
    let status = match ended {
        Some(status) => status,
        None => child.wait().await?,
    };
    Ok(unix::code(status))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn child_command(program: OsString, arguments: Vec<OsString>) -> std::io::Result<Command> {
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// On Linux the child first asks the system to be ended with the guard, then becomes the program.
#[cfg(target_os = "linux")]
fn child_command(program: OsString, arguments: Vec<OsString>) -> std::io::Result<Command> {
    let mut command = Command::new("/proc/self/exe");
    command.args([GUARD, "--", &linux::under(std::process::id())]).arg(program).args(arguments);
    Ok(command)
}

#[cfg(unix)]
mod unix {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;

    /// Whether anybody of the group is there to hear it; without a signal it only asks.
    pub(super) fn signal_group(group: Option<u32>, signal: Option<Signal>) -> bool {
        let group = group.and_then(|group| i32::try_from(group).ok());
        group.is_some_and(|group| killpg(Pid::from_raw(group), signal).is_ok())
    }

    /// The exit code as shells tell it.
    pub(super) fn code(status: ExitStatus) -> u8 {
        let code = status.code().or_else(|| status.signal().map(|signal| signal + 128));
        code.and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{OsStr, OsString};
    use std::os::unix::process::{CommandExt, parent_id};
    use std::process::{Command, ExitCode};

    use nix::sys::prctl::set_pdeathsig;
    use nix::sys::signal::Signal;

    use super::{NOT_STARTED, not_started};

    /// Stands where a program is named otherwise; programs are named by their whole path, so that it cannot be one.
    const UNDER: &str = "--under=";

    pub(super) fn under(guard: u32) -> String {
        format!("{UNDER}{guard}")
    }

    pub(super) fn guard_above(program: &OsStr) -> Option<u32> {
        program.to_str()?.strip_prefix(UNDER)?.parse().ok()
    }

    /// Becomes the program; returns only when that fails.
    pub(super) fn become_program(above: u32, mut command: impl Iterator<Item = OsString>) -> ExitCode {
        let Some(program) = command.next() else { return NOT_STARTED.into() };
        let asked = set_pdeathsig(Signal::SIGKILL);
        // The guard may have ended before the system was asked.
        if asked.is_err() || parent_id() != above {
            return NOT_STARTED.into();
        }
        not_started(&Command::new(program).args(command).exec()).into()
    }
}

#[cfg(windows)]
async fn watch(program: OsString, arguments: Vec<OsString>) -> std::io::Result<u8> {
    use process_wrap::tokio::{CommandWrap, JobObject, KillOnDrop};

    let mut command = Command::new(program);
    command.args(arguments).stdin(std::process::Stdio::null());
    // The job ends with its last handle, which is the guard's: also when the guard is ended from outside.
    let mut child = CommandWrap::from(command).wrap(KillOnDrop).wrap(JobObject).spawn()?;
    let mut ended = None;
    tokio::select! {
        // Of the program alone: what it has started is ended with the job.
        status = child.inner_mut().wait() => ended = Some(status?),
        _ = parent_gone() => {}
    }
    child.start_kill()?;
    let status = match ended {
        Some(status) => status,
        None => child.inner_mut().wait().await?,
    };
    Ok(status.code().and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1))
}
