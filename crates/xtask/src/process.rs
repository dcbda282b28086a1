//! Child processes: found, started, ended on Ctrl+C, and never left behind.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Set once Ctrl+C (or a polite `kill`) has come in: nothing new is started from then on.
static STOPPED: AtomicBool = AtomicBool::new(false);
/// When the first one came in.
static FIRST_STOP: OnceLock<Instant> = OnceLock::new();
/// The process id of the child that runs now: Ctrl+C is passed on to it and to its own children.
static RUNNING: Mutex<Option<u32>> = Mutex::new(None);

/// The repository's top folder. Read at run time, so that a program built in one clone is right in another.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
    let here = PathBuf::from(here);
    here.ancestors().nth(2).map_or_else(|| here.clone(), Path::to_path_buf)
}

/// Where cargo puts what it builds, as an absolute path.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => root().join(dir),
        _ => root().join("target"),
    }
}

/// The path of a program of this workspace: `profile` is `debug` or `release`.
pub(crate) fn built(profile: &str, name: &str) -> PathBuf {
    target_dir().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A cargo command in the repository's top folder.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root()).args(arguments);
    // `cargo xtask` tells this program about its own package. Some build scripts look at that: passed on, everything that
    // depends on them would be built again after each plain `cargo build`, and again after the next `cargo xtask`.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_PRIMARY_PACKAGE" {
            command.env_remove(&name);
        }
    }
    command
}

/// An npm command in `folder`.
pub(crate) fn npm(folder: &Path, arguments: &[&str]) -> Command {
    // On Windows npm is a script, and only its full name is found.
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder).args(arguments);
    command
}

/// A command by name, in the repository's top folder.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).args(arguments);
    command
}

/// What `command` prints, or nothing when it is not there or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs `command` with its output shown, for at most `limit`. Errors: not found, failed, too slow, or Ctrl+C.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<()> {
    let shown = shown(command);
    let mut child = spawn(command)?;
    let status = wait(&mut child, Some(limit)).with_context(|| format!("`{shown}` did not end by itself"))?;
    if STOPPED.load(Ordering::Relaxed) {
        bail!("Stopped.");
    }
    if !status.success() {
        bail!("`{shown}` failed ({status}); its own words are above.");
    }
    Ok(())
}

/// Starts `command` as the one child that Ctrl+C is passed on to.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    if STOPPED.load(Ordering::Relaxed) {
        bail!("Stopped.");
    }
    let shown = shown(command);
    // A group of its own, so that ending it also ends what it started (npm starts node, nextest starts tests).
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("`{shown}` could not be started"))?;
    set_running(Some(child.id()));
    Ok(child)
}

/// Waits for `child`; past `limit` it is ended and that is an error.
pub(crate) fn wait(child: &mut Child, limit: Option<Duration>) -> Result<ExitStatus> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            set_running(None);
            return Ok(status);
        }
        if limit.is_some_and(|limit| began.elapsed() > limit) {
            end(child);
            bail!("it took more than {} minutes and was ended", began.elapsed().as_secs() / 60);
        }
        // Short at first: most commands of a set-up that is complete end at once.
        std::thread::sleep(if began.elapsed().as_secs() < 2 {
            Duration::from_millis(10)
        } else {
            Duration::from_millis(100)
        });
    }
}

/// Ends `child` and what it started, at once.
pub(crate) fn end(child: &mut Child) {
    signal_group(child.id(), true);
    // Both fail only when it has already ended, which is what is wanted.
    let _ = child.kill();
    let _ = child.wait();
    set_running(None);
}

/// Whether Ctrl+C has come in.
pub(crate) fn stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

/// From here on, Ctrl+C goes to the child that runs, and this program ends after it.
pub(crate) fn listen_for_ctrl_c() -> Result<()> {
    ctrlc::set_handler(|| {
        let first = FIRST_STOP.get_or_init(Instant::now);
        STOPPED.store(true, Ordering::Relaxed);
        let running = RUNNING.lock().ok().and_then(|running| *running);
        match running {
            // The second time the person means it. Some programs send one Ctrl+C twice, so "second" takes a moment.
            Some(id) => signal_group(id, first.elapsed() > Duration::from_secs(1)),
            None => std::process::exit(130),
        }
    })
    .context("Ctrl+C cannot be listened for")
}

fn set_running(id: Option<u32>) {
    if let Ok(mut running) = RUNNING.lock() {
        *running = id;
    }
}

#[cfg(unix)]
fn signal_group(id: u32, at_once: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if at_once { Signal::KILL } else { Signal::INT };
    if let Some(group) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // Fails only when the group has already ended.
        let _ = kill_process_group(group, signal);
    }
}

/// On Windows every program at the console gets Ctrl+C by itself; `taskkill` ends a program with its children.
#[cfg(not(unix))]
fn signal_group(id: u32, at_once: bool) {
    if at_once {
        let _ = output(Command::new("taskkill").args(["/T", "/F", "/PID", &id.to_string()]));
    }
}

fn shown(command: &Command) -> String {
    let mut words =
        vec![Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}
