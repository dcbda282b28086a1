//! Wine with a folder of its own and a screen nobody sees: programs of Windows run here without touching anything else.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::LINKER;
use crate::process;

const START_LIMIT: Duration = Duration::from_secs(3 * 60);

/// A Windows of one's own, ended when this is dropped.
pub(super) struct Wine {
    /// The program that runs programs.
    pub(super) program: PathBuf,
    server: PathBuf,
    folder: PathBuf,
    screen: Child,
    display: String,
}

impl Wine {
    /// Opens the one of this name, made when it is not there. `anew`: as on a computer that was never used.
    pub(super) fn open(name: &str, anew: bool) -> Result<Wine> {
        let folder = process::target_dir().join("wine").join(name);
        if anew && folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
        }
        std::fs::create_dir_all(&folder)?;
        let program = find("wine64").or_else(|| find("wine")).context("Wine was not found. Install wine64.")?;
        let server = find("wineserver").context("`wineserver` was not found. It belongs to Wine.")?;
        // Before the folder's first program: what looks for a screen once and finds none never looks again.
        let (screen, display) = show()?;
        let wine = Wine { program, server, folder, screen, display };
        if !wine.folder.join("ready").exists() {
            println!("    Making a Windows folder for Wine …");
            process::run(
                Command::new(&wine.program).args(["wineboot.exe", "--init"]).envs(wine.settings()),
                START_LIMIT,
            )?;
            // Old Wine says that it is Windows 7, for which Rust's programs are not made.
            process::run(wine.command("winecfg.exe").args(["-v", "win10"]), START_LIMIT)?;
            wine.settle();
            wine.lend_random_bytes()?;
            std::fs::write(wine.folder.join("ready"), "")?;
        }
        wine.boot()?;
        Ok(wine)
    }

    /// Starts it as a computer is switched on: its server and services stay until this is dropped. Programs that start side
    /// by side would else each start a server, and some of them lose it; and the services, which belong to whatever program
    /// came first, would hold that one's pipes open.
    fn boot(&self) -> Result<()> {
        let quiet = |command: &mut Command| {
            process::run(command.envs(self.settings()).stdout(Stdio::null()).stderr(Stdio::null()), START_LIMIT)
        };
        // One that a run left behind which was killed.
        let _ = process::output(Command::new(&self.server).arg("-k").envs(self.settings()));
        quiet(Command::new(&self.server).arg("-p"))?;
        quiet(self.command("cmd.exe").args(["/c", "exit"]))
    }

    /// What Wine is told by its environment.
    pub(super) fn settings(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("WINEPREFIX", self.folder.clone().into()),
            ("WINEDEBUG", "-all".into()),
            // No questions about .NET and a browser, and no entries in the menus of the person who builds.
            ("WINEDLLOVERRIDES", "mscoree,mshtml,winemenubuilder.exe=".into()),
            ("DISPLAY", self.display.clone().into()),
        ]
    }

    /// A command that runs a program of Windows.
    pub(super) fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(program.into()).envs(self.settings()).current_dir("/");
        command
    }

    /// Drive C as a folder of this system.
    pub(super) fn drive_c(&self) -> PathBuf {
        self.folder.join("drive_c")
    }

    /// Waits until all of its programs have ended.
    pub(super) fn settle(&self) {
        let _ = process::output(Command::new(&self.server).arg("-w").envs(self.settings()));
    }

    /// Old Wine has no library from which Rust programs take random bytes: a stand-in is built into this folder only.
    fn lend_random_bytes(&self) -> Result<()> {
        let place = self.drive_c().join("windows").join("system32").join("bcryptprimitives.dll");
        if place.exists() {
            return Ok(());
        }
        let source = process::root().join("crates").join("xtask").join("windows").join("bcryptprimitives.c");
        let mut command = Command::new(LINKER);
        command.args(["-O2", "-s", "-shared"]).arg(source).arg("-lbcrypt").arg("-o").arg(place);
        process::run(&mut command, START_LIMIT)
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        // Ends the programs of this folder only.
        let _ = process::output(Command::new(&self.server).arg("-k").envs(self.settings()));
        let _ = self.screen.kill();
        let _ = self.screen.wait();
    }
}

/// The path of a file here as Wine's programs see it: the whole system is their drive Z.
pub(super) fn as_windows(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

/// Debian keeps the real programs beside scripts that know only 32 bits.
fn find(name: &str) -> Option<PathBuf> {
    let beside = Path::new("/usr/lib/wine").join(name);
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).map(|folder| folder.join(name)).collect::<Vec<_>>());
    std::iter::once(beside).chain(on_path).find(|file| file.is_file())
}

/// A screen in memory, and its name. It chooses a free number itself.
fn show() -> Result<(Child, String)> {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // Ctrl+C ends the tests first; the screen goes after the last of them.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut screen = command.spawn().context("Xvfb could not be started. Install xvfb.")?;
    let mut number = String::new();
    if let Some(output) = screen.stdout.take() {
        let _ = BufReader::new(output).read_line(&mut number);
    }
    if number.trim().is_empty() {
        let _ = screen.kill();
        let _ = screen.wait();
        bail!("Xvfb ended before it showed anything.");
    }
    Ok((screen, format!(":{}", number.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_named_as_a_program_of_windows_names_it() {
        assert_eq!(as_windows(Path::new("/tmp/a b/c")), r"Z:\tmp\a b\c");
    }
}
