//! A clean Debian to try packages in: made once by debootstrap, unpacked anew for each try.
//!
//! Everything that is mounted is mounted in a namespace of its own and gone with the last process in it. So the tree never
//! holds a mount that deleting it could reach, however a try ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;

const SUITE: &str = "bookworm";
const LIMIT: Duration = Duration::from_secs(20 * 60);
/// How long a program may take to say where it is.
const READY_LINES: usize = 200;

/// A tree of its own; deleted when dropped.
pub(super) struct Clean {
    root: tempfile::TempDir,
    /// Fetched packages, kept for the next time.
    archives: PathBuf,
}

/// What may be written in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writable<'a> {
    Everything,
    /// As systemd's `ProtectSystem=strict` does: this folder alone, and /tmp.
    Only(&'a str),
}

impl Clean {
    /// Unpacks a tree below `folder`, made first when there is none yet, for programs of `build`. Errors: not root, or debootstrap is missing.
    pub(super) fn unpack(folder: &Path, build: &Path) -> Result<Clean> {
        if process::output(&mut process::command("id", &["-u"])).as_deref() != Some("0") {
            bail!("A clean Debian is made by root only. Run this as root, or leave out --test.");
        }
        fs::create_dir_all(folder)?;
        let archives = folder.join("archives");
        fs::create_dir_all(archives.join("partial"))?;
        let base = folder.join(format!("{SUITE}.tar"));
        if !base.is_file() {
            make_base(folder, &base)?;
        }
        let root = tempfile::Builder::new().prefix("tree-").tempdir_in(folder)?;
        let mut command = process::command("tar", &["--numeric-owner", "-xpf"]);
        command.arg(&base).arg("-C").arg(root.path());
        process::run(&mut command, LIMIT)?;
        let clean = Clean { root, archives };
        if build.ends_with("debug") {
            clean.put_embedded()?;
        }
        // Names are looked up as on this machine.
        fs::copy("/etc/resolv.conf", clean.path("etc/resolv.conf"))?;
        // Kept beside the tree, and no service is started by an installation.
        fs::write(clean.path("etc/apt/apt.conf.d/99keep"), "APT::Keep-Downloaded-Packages \"true\";\n")?;
        Ok(clean)
    }

    /// A program of the tests reads these where they were built; one that is shipped carries them.
    fn put_embedded(&self) -> Result<()> {
        // They are named from the folders of these, as `crates/db/../../migrations`.
        for place in ["crates/app", "crates/db"] {
            fs::create_dir_all(self.path(&process::root().join(place).to_string_lossy()))?;
        }
        for place in ["ui/dist", "ui/widget/dist", "migrations", "crates/bots/templates"] {
            let from = process::root().join(place);
            let to = self.path(&from.to_string_lossy());
            fs::create_dir_all(&to)?;
            process::run(process::command("cp", &["-r"]).arg(from.join(".")).arg(&to), LIMIT)?;
        }
        Ok(())
    }

    /// A place in the tree, named from its top.
    pub(super) fn path(&self, place: &str) -> PathBuf {
        self.root.path().join(place.trim_start_matches('/'))
    }

    /// A command that sees the tree as its whole machine, but for the network.
    pub(super) fn command(&self, writable: Writable<'_>, words: &[&str]) -> Command {
        let mut script = String::from("set -e; mount -t proc proc \"$0/proc\"; ");
        match writable {
            Writable::Everything => script.push_str("mount --bind \"$1\" \"$0/var/cache/apt/archives\"; "),
            Writable::Only(folder) => script.push_str(&format!(
                "mount --bind \"$0\" \"$0\"; mount -t proc proc \"$0/proc\"; mount -o remount,bind,ro \"$0\"; \
                 mount --bind \"$0{folder}\" \"$0{folder}\"; mount -o remount,bind,rw \"$0{folder}\"; \
                 mount -t tmpfs tmpfs \"$0/tmp\"; "
            )),
        }
        script.push_str("root=$0; shift; exec chroot \"$root\" \"$@\"");
        let mut command = process::command("unshare", &["--mount", "--pid", "--fork", "--kill-child", "sh", "-c"]);
        command.arg(script).arg(self.root.path()).arg(&self.archives).args(words);
        command.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C.UTF-8").env("HOME", "/root");
        command
    }

    /// Runs something in the tree, its output shown only when it fails.
    pub(super) fn run(&self, words: &[&str]) -> Result<String> {
        let output = self.command(Writable::Everything, words).stdin(Stdio::null()).output()?;
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if !output.status.success() {
            bail!("`{}` failed in the clean Debian ({}):\n{said}", words.join(" "), output.status);
        }
        Ok(said)
    }

    /// Installs a package file with all that it needs.
    pub(super) fn install(&self, package: &Path) -> Result<String> {
        let name = package.file_name().context("a package has a name")?.to_string_lossy().into_owned();
        fs::copy(package, self.path(&format!("/tmp/{name}")))?;
        let said = self.run(&[
            "apt-get",
            "install",
            "--yes",
            "--quiet",
            "--no-install-recommends",
            "--allow-downgrades",
            &format!("/tmp/{name}"),
        ]);
        fs::remove_file(self.path(&format!("/tmp/{name}")))?;
        said
    }

    /// Starts a program in the tree.
    pub(super) fn start(&self, writable: Writable<'_>, words: &[&str]) -> Result<Running> {
        let child = self.command(writable, words).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        Ok(Running { child })
    }
}

/// Made in a folder that is only then given its name, so that half a tree is never taken for a whole one.
fn make_base(folder: &Path, base: &Path) -> Result<()> {
    println!("    Making a clean Debian (once, about a minute) …");
    let making = tempfile::Builder::new().prefix("making-").tempdir_in(folder)?;
    let root = making.path().join("root");
    let mut command = process::command("debootstrap", &["--variant=minbase", SUITE]);
    command.arg(&root).stdout(Stdio::null());
    process::run(&mut command, LIMIT).context("A clean Debian is made by debootstrap: install debootstrap")?;
    let packed = making.path().join("base.tar");
    let mut command = process::command("tar", &["--numeric-owner", "-cpf"]);
    command.arg(&packed).arg("-C").arg(&root).arg(".");
    process::run(&mut command, LIMIT)?;
    fs::rename(packed, base)?;
    Ok(())
}

/// A program that runs in a tree; ended when dropped.
pub(super) struct Running {
    child: Child,
}

impl Running {
    /// Waits for the line that says where the interface is, and gives its port.
    pub(super) fn port(&mut self) -> Result<u16> {
        let out = self.child.stdout.take().context("its output is ours")?;
        let mut lines = BufReader::new(out).lines();
        for line in lines.by_ref().take(READY_LINES) {
            let line = line?;
            if let Some((_, address)) = line.split_once(" is ready: http://") {
                let port = address.trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok());
                // What it says later must not fill its pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return port.with_context(|| format!("the program said “{line}”"));
            }
        }
        bail!("The program ended without saying where it is; its own words are above.")
    }

    /// Asks it to end, as systemd does, and waits.
    pub(super) fn stop(mut self) -> Result<()> {
        let id = self.child.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        for child in children.split_whitespace() {
            process::output(&mut process::command("kill", &[child])).context("the program could not be ended")?;
        }
        let status = process::wait(&mut self.child, Some(Duration::from_secs(60)))?;
        if !status.success() {
            bail!("The program did not end well: {status}.");
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails only when it has ended; what it started goes with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
