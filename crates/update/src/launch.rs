//! What the installed program does first of all: decides which version runs, and runs it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use base::{Clock, Error, Result};
use machine::Kind;
use semver::Version;

use crate::manifest::public_key;
use crate::place::{Next, Place, Step};
use crate::trial::{self, Ran, Trial};
use crate::{INSTALLED, WATCHED, boundary, watched};

/// How a start went on.
pub enum Launched {
    /// This program is the one that runs.
    Here,
    /// Another one ran in its place, and has ended.
    Ended(ExitCode),
}

/// Decides which version runs.
pub struct Launcher<'a> {
    pub data: &'a Path,
    pub kind: Kind,
    /// The publisher's public key; without one no other version is ever started.
    pub key: Option<&'a str>,
    /// A new version has to get ready within this time.
    pub patience: Duration,
    pub clock: Clock,
}

/// What the state asks for.
enum Turn {
    /// Look again: something was settled.
    Again,
    Here,
    Ended(ExitCode),
}

impl Launcher<'_> {
    /// Runs the version that is to run. To be called before anything else is opened; returns when that one has ended, or
    /// when it is this very program. On Unix a version that was accepted takes the place of this process.
    ///
    /// # Errors
    /// The data could not be put back after a version that did not work: nothing may be started on it.
    pub fn launch(&self) -> Result<Launched> {
        if watched::launched().is_some() {
            if watched::is_watched() {
                watched::listen();
            }
            return Ok(Launched::Here);
        }
        let place = Place::new(self.data);
        loop {
            let turn = match place.state().next {
                Some(Next { version, step: Step::Ready }) => self.try_out(&place, &version)?,
                Some(Next { .. }) => self.undo(&place, None)?,
                None => self.run_accepted(&place)?,
            };
            match turn {
                Turn::Again => {}
                Turn::Here => return Ok(Launched::Here),
                Turn::Ended(code) => return Ok(Launched::Ended(code)),
            }
        }
    }

    /// Lets the version that is in use take the place of this process, for a command that is over soon; tries none.
    /// Where a process cannot be replaced, this program does it itself.
    ///
    /// # Errors
    /// The program does not find itself.
    pub fn hand_over(&self) -> Result<Launched> {
        if !cfg!(unix) || watched::launched().is_some() {
            return Ok(Launched::Here);
        }
        let place = Place::new(self.data);
        match self.newer(&place) {
            Some(version) if self.key.is_none() => say(
                &format!("Version {version} works on this folder"),
                "it does this only when BOTFLOW_UPDATE_KEY names its publisher; this program tries it",
            ),
            _ => {
                self.run_accepted(&place)?;
            }
        }
        Ok(Launched::Here)
    }

    /// The version that goes on when a new one does not work.
    fn before(&self, place: &Place) -> Version {
        self.newer(place).unwrap_or_else(watched::own_version)
    }

    fn try_out(&self, place: &Place, version: &Version) -> Result<Turn> {
        // Somebody else has the folder: the start that follows says so.
        let Ok(lock) = machine::take(self.data, self.kind, &self.clock) else { return Ok(Turn::Here) };
        let prepared = self.prepare(place, version);
        drop(lock);
        let program = match prepared {
            Ok(program) => program,
            Err(e) => {
                say("An update was not begun", &e);
                self.give_up(place, Some(e.message))?;
                return Ok(Turn::Again);
            }
        };
        let accept = || -> Result<()> {
            let from = self.before(place);
            place.change(|state| {
                state.end(from, self.clock.now(), None);
                state.accepted = Some(version.clone());
                state.failed.retain(|failed| failed != version);
            })?;
            boundary("accepted");
            Ok(())
        };
        let trial = Trial { data: self.data, program: &program, patience: self.patience, place, accept: &accept };
        match trial::run(&trial)? {
            Ran::Failed(why) => self.undo(place, Some(why)),
            Ran::Stopped => {
                self.undo(place, None)?;
                Ok(Turn::Ended(ExitCode::SUCCESS))
            }
            Ran::Ended(code) => Ok(ended(code)),
        }
    }

    /// Everything up to the moment at which the new version may touch the data.
    fn prepare(&self, place: &Place, version: &Version) -> Result<PathBuf> {
        let key = public_key(self.key.unwrap_or_default())?;
        if *version <= self.before(place) {
            return Err(Error::invalid(format!("Version {version} is not newer than the one that runs.")));
        }
        let program = place.program(version, &key, self.kind)?;
        place.take_snapshot().map_err(|e| {
            Error::new(
                e.code,
                "The data could not be copied before the update. Is the disk full? Then free some space.",
            )
            .with_cause(e)
        })?;
        place.change(|state| state.next = Some(Next { version: version.clone(), step: Step::Trying }))?;
        Ok(program)
    }

    fn give_up(&self, place: &Place, why: Option<String>) -> Result<()> {
        let from = self.before(place);
        place.change(|state| state.end(from, self.clock.now(), why))?;
        Ok(())
    }

    /// Puts the data back. `why` is what was wrong with the version; nothing when it was cut off, or when an earlier
    /// start has written down why already.
    fn undo(&self, place: &Place, why: Option<String>) -> Result<Turn> {
        let Ok(lock) = machine::take(self.data, self.kind, &self.clock) else { return Ok(Turn::Here) };
        let mut why = why;
        // With the lock taken, what is written is so: another start may have settled it meanwhile.
        match place.state().next {
            Some(Next { step: Step::Trying, version }) => {
                let step = Step::Undoing { why: why.clone() };
                place.change(|state| state.next = Some(Next { version, step }))?;
            }
            Some(Next { step: Step::Undoing { why: known }, .. }) => why = known,
            _ => return Ok(Turn::Again),
        }
        place.put_back().map_err(|e| {
            Error::new(
                e.code,
                "The data could not be put back as it was before the update. Is the disk full? Free some space and \
                 start the program again; nothing is lost.",
            )
            .with_cause(e)
        })?;
        let (from, now) = (self.before(place), self.clock.now());
        let sentence = why.clone().unwrap_or_else(|| "It was cut off while it was tried. Install it once more.".into());
        place.change(|state| {
            if why.is_some()
                && let Some(next) = state.next.clone()
            {
                state.blame(&next.version);
            }
            state.end(from, now, Some(sentence));
        })?;
        place.drop_snapshot();
        // What was tried did not end in order, and nobody has to hear of that once more.
        lock.tell((std::net::Ipv4Addr::LOCALHOST, 0).into());
        boundary("undone");
        Ok(Turn::Again)
    }

    /// The version that is in use, when that is another one than the installed program.
    fn newer(&self, place: &Place) -> Option<Version> {
        place.state().accepted.filter(|accepted| *accepted > watched::own_version())
    }

    fn run_accepted(&self, place: &Place) -> Result<Turn> {
        let Some(version) = self.newer(place) else { return Ok(Turn::Here) };
        let program = public_key(self.key.unwrap_or_default()).and_then(|key| place.program(&version, &key, self.kind));
        match program {
            Ok(program) => run(&program),
            Err(e) => {
                say("The installed program runs in place of a newer one", &e);
                Ok(Turn::Here)
            }
        }
    }
}

fn ended(code: u8) -> Turn {
    if code == watched::ANEW { Turn::Again } else { Turn::Ended(ExitCode::from(code)) }
}

/// To whoever looks at the terminal or the journal: there is no log yet.
pub(crate) fn say(what: &str, why: impl fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{what}: {why}");
}

/// `program` with the arguments of this one, told where this one is.
pub(crate) fn command(program: &Path) -> Result<Command> {
    let installed =
        watched::installed_program().ok_or_else(|| Error::unavailable("The program does not find itself."))?;
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1));
    #[cfg(windows)]
    command.env("PATH", beside(&installed)?);
    command.env(INSTALLED, installed).env_remove(WATCHED);
    Ok(command)
}

/// Where a version finds the libraries that the setup put beside the installed program, and then all others.
#[cfg(windows)]
fn beside(installed: &Path) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = installed.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(folders).map_err(Error::internal)
}

#[cfg(unix)]
fn run(program: &Path) -> Result<Turn> {
    use std::os::unix::process::CommandExt;
    say("The installed program runs in place of a newer one", command(program)?.exec());
    Ok(Turn::Here)
}

#[cfg(not(unix))]
fn run(program: &Path) -> Result<Turn> {
    let since = base::Stopwatch::start();
    let code = trial::run_accepted(program)?;
    if since.elapsed() < LOADS_WITHIN && ![0, watched::ANEW, watched::WISHED].contains(&code) {
        // The shop must not stand still because of what the system has against a file.
        say("The installed program runs in place of a newer one, which ended at its start", code);
        return Ok(Turn::Here);
    }
    Ok(ended(code))
}

/// A program that ends sooner did not get as far as its own work.
#[cfg(not(unix))]
const LOADS_WITHIN: Duration = Duration::from_secs(3);

/// After the server has ended: the program begins anew, perhaps as another version. Returns the exit code for `main` to
/// end with, or nothing when this process has to go on from its start by itself.
pub fn begin_anew() -> Option<ExitCode> {
    if let Some(code) = watched::begins_anew() {
        return Some(ExitCode::from(code));
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(plain(watched::installed_program()?));
        command.args(std::env::args_os().skip(1)).env_remove(INSTALLED).env_remove(WATCHED);
        say("The program could not be started anew", command.exec());
    }
    None
}

/// The installed program's own name, also when a package is put in its place just now.
fn plain(program: PathBuf) -> PathBuf {
    match program.to_str().and_then(|name| name.strip_suffix(" (deleted)")) {
        Some(name) => name.into(),
        None => program,
    }
}

/// The same for a program whose process has no one waiting for its end: starts the installed program, as a process of its
/// own, for this one to make way.
///
/// # Errors
/// The system does not start it.
pub fn start_again() -> Result<()> {
    let program = watched::installed_program();
    let program =
        program.ok_or_else(|| Error::unavailable("The program does not find itself. Start it again, please."))?;
    let mut command = Command::new(plain(program));
    command.args(std::env::args_os().skip(1)).env_remove(INSTALLED).env_remove(WATCHED);
    command.spawn()?;
    Ok(())
}
