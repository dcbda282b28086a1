//! A version as a child of the launcher: watched until it has proven itself, and then waited for.

use std::path::Path;
use std::time::Duration;

use base::{Error, Result, Stopwatch};
use machine::Asked;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin};

use crate::place::Place;
use crate::watched::{GO, WISHED};
use crate::{WATCHED, boundary, launch};

/// Between two looks at whether it is ready.
const LOOK: Duration = Duration::from_millis(50);
/// Of the time that it has to get ready, for which it has to stay so.
const STEADY_SHARE: u32 = 20;
/// Between asking a version that failed to end and ending it.
const GRACE: Duration = Duration::from_secs(3);
/// For one look.
const ANSWER: Duration = Duration::from_secs(2);

pub(crate) struct Trial<'a> {
    pub(crate) data: &'a Path,
    pub(crate) program: &'a Path,
    pub(crate) patience: Duration,
    pub(crate) place: &'a Place,
    /// Writes down that it works.
    pub(crate) accept: &'a dyn Fn() -> Result<()>,
}

pub(crate) enum Ran {
    /// It worked, and has ended since with this exit code.
    Ended(u8),
    /// It does not work; why.
    Failed(String),
    /// Somebody asked the program to end before it was known.
    Stopped,
}

/// Tries a version, and when it works stays until it ends.
pub(crate) fn run(trial: &Trial<'_>) -> Result<Ran> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut asked = Asked::listen()?;
        let mut version = match Version::start(trial.program) {
            Ok(version) => version,
            Err(e) => {
                launch::say(
                    "A new version was not started",
                    e.cause.as_ref().map_or(e.message.clone(), ToString::to_string),
                );
                return Ok(Ran::Failed("The system does not start it.".into()));
            }
        };
        boundary("started");
        let proven = tokio::select! {
            proven = prove(&mut version.child, trial) => proven.unwrap_or_else(|e| Proven::No(e.message)),
            () = asked.wished() => Proven::Stopped,
        };
        let over = match proven {
            Proven::Yes => None,
            Proven::No(why) => Some(Ran::Failed(why)),
            Proven::Stopped => Some(Ran::Stopped),
        };
        if let Some(over) = over {
            version.end().await;
            return Ok(over);
        }
        if let Err(e) = (trial.accept)() {
            // What of it is on the disk already counts at the next look.
            version.end().await;
            return Ok(Ran::Failed(e.message));
        }
        version.go().await;
        trial.place.drop_snapshot();
        Ok(Ran::Ended(version.wait(&mut asked).await))
    })
}

/// Runs a version that was accepted before, where it cannot take the place of this process.
#[cfg(not(unix))]
pub(crate) fn run_accepted(program: &Path) -> Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut asked = Asked::listen()?;
        let mut version = Version::start(program)?;
        version.go().await;
        Ok(version.wait(&mut asked).await)
    })
}

enum Proven {
    Yes,
    No(String),
    Stopped,
}

/// Waits until it is ready and stays so, or until it is clear that it will not be.
async fn prove(child: &mut Child, trial: &Trial<'_>) -> Result<Proven> {
    let http = reqwest::Client::builder().no_proxy().timeout(ANSWER);
    base::net::install_tls();
    let http = http.build().map_err(Error::internal)?;
    let steady = trial.patience / STEADY_SHARE;
    let since = Stopwatch::start();
    let mut ready: Option<Stopwatch> = None;
    loop {
        tokio::select! {
            status = child.wait() => {
                let status = status?;
                if status.code() == Some(WISHED.into()) {
                    return Ok(Proven::Stopped);
                }
                launch::say("A new version ended while it was tried", status);
                return Ok(Proven::No("It ended by itself just after its start.".into()));
            }
            () = tokio::time::sleep(LOOK) => {}
        }
        match (is_ready(child.id(), trial.data, &http).await, ready) {
            (true, Some(since)) if since.elapsed() >= steady => return Ok(Proven::Yes),
            (true, None) => ready = Some(Stopwatch::start()),
            (true, Some(_)) => {}
            (false, _) => ready = None,
        }
        if since.elapsed() > trial.patience + steady {
            return Ok(Proven::No(format!("It did not get ready within {} seconds.", trial.patience.as_secs().max(1))));
        }
    }
}

/// Whether this very process has the data folder, listens, and says that it can do its work.
async fn is_ready(process: Option<u32>, data: &Path, http: &reqwest::Client) -> bool {
    let owner = machine::other(data).filter(|owner| process.is_some_and(|id| id == owner.process_id));
    let Some(mut address) = owner.and_then(|owner| owner.address) else { return false };
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let answer = http.get(format!("http://{address}/ready")).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// A version that runs as a child. It ends when its standard input does.
struct Version {
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Version {
    fn start(program: &Path) -> Result<Self> {
        let mut command = tokio::process::Command::from(launch::command(program)?);
        command.env(WATCHED, "1").stdin(std::process::Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        // So that all that it starts can be ended with it; a Ctrl+C is passed on.
        command.process_group(0);
        let mut child = command.spawn()?;
        let pipe = child.stdin.take();
        Ok(Self { child, pipe })
    }

    async fn go(&mut self) {
        if let Some(pipe) = &mut self.pipe
            && let Err(e) = pipe.write_all(&[GO]).await
        {
            launch::say("The new version did not hear that it may begin", e);
        }
    }

    /// Waits for its end and gives its exit code. Asked to end, it is asked in turn.
    async fn wait(&mut self, asked: &mut Asked) -> u8 {
        loop {
            tokio::select! {
                status = self.child.wait() => {
                    let code = status.ok().and_then(|status| status.code());
                    return code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
                }
                () = asked.wished() => ask_to_end(self.child.id(), false),
            }
        }
    }

    /// Ends it and all that it has started.
    async fn end(&mut self) {
        drop(self.pipe.take());
        let group = self.child.id();
        ask_to_end(group, false);
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        ask_to_end(group, true);
        let _ = self.child.kill().await;
    }
}

/// Asks the whole group of a child to end, or ends it.
#[cfg(unix)]
fn ask_to_end(group: Option<u32>, insist: bool) {
    use nix::sys::signal::{Signal, killpg};
    let signal = if insist { Signal::SIGKILL } else { Signal::SIGTERM };
    if let Some(group) = group.and_then(|id| i32::try_from(id).ok()) {
        let _ = killpg(nix::unistd::Pid::from_raw(group), signal);
    }
}

/// Whatever asks the launcher asks all programs of its console.
#[cfg(not(unix))]
fn ask_to_end(_: Option<u32>, _: bool) {}
