//! What the machine needs before anything can be built: tools in the right version, and system packages.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process;

/// What a C compiler is needed for: SQLite and the cryptography library.
pub(crate) const BUILD_PACKAGES: &[&str] = &["build-essential", "pkg-config"];
/// A browser for the journeys, letters for the languages whose pages they look at, what joins the networks of a test, and
/// a bus on which the computer is asked to stay awake.
pub(crate) const TEST_PACKAGES: &[&str] = &["chromium", "fonts-noto-core", "iproute2", "dbus"];
/// What the desktop window is compiled against.
pub(crate) const DESKTOP_PACKAGES: &[&str] =
    &["file", "libssl-dev", "libxdo-dev", "libwebkit2gtk-4.1-dev", "libayatana-appindicator3-dev", "librsvg2-dev"];

/// A screen that nobody sees, the driver of the window's web view, and a bus for icons and notifications.
pub(crate) const WINDOW_PACKAGES: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "imagemagick",
    "dbus-x11",
    "at-spi2-core",
    "fonts-dejavu-core",
    "x11-utils",
];

const APT_LIMIT: Duration = Duration::from_secs(15 * 60);

/// A tool, the lowest version that works, and what to do without it.
struct Tool {
    name: &'static str,
    programs: &'static [&'static [&'static str]],
    lowest: (u32, u32),
    needed: bool,
    otherwise: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "Rust",
        programs: &[&["rustc", "--version"]],
        lowest: (1, 95),
        needed: true,
        otherwise: "Install Rust 1.95 or newer (the usual way is rustup), or run `rustup update`, and start again.",
    },
    Tool {
        name: "Node.js",
        programs: &[&["node", "--version"]],
        lowest: (20, 19),
        needed: true,
        otherwise: "Install Node.js 20.19 or newer (it brings npm along) and start again.",
    },
    Tool {
        name: "Python",
        programs: &PYTHONS,
        lowest: (3, 8),
        needed: false,
        otherwise: "Python only fetches the answer model. Without it the bot answers from full-text search alone.",
    },
];

const PYTHONS: [&[&str]; 3] = [&["python3", "--version"], &["python", "--version"], &["py", "--version"]];

/// Says which tools are there. Errors: one that cannot be done without is missing or too old.
pub(crate) fn check_tools() -> Result<()> {
    for tool in TOOLS {
        let printed =
            tool.programs.iter().find_map(|words| process::output(&mut process::command(words[0], &words[1..])));
        let version = printed.as_deref().and_then(version);
        match version {
            Some(found) if found >= tool.lowest => println!("    {} {}.{}", tool.name, found.0, found.1),
            _ => {
                let found = match version {
                    Some((major, minor)) => format!("{} {major}.{minor} is too old.", tool.name),
                    None => format!("{} was not found.", tool.name),
                };
                if tool.needed {
                    bail!("{found} {}", tool.otherwise);
                }
                println!("    {found} {}", tool.otherwise);
            }
        }
    }
    Ok(())
}

/// The name by which Python answers on this machine.
pub(crate) fn python() -> Option<&'static str> {
    PYTHONS
        .iter()
        .map(|words| words[0])
        .find(|name| process::output(&mut process::command(name, &["--version"])).is_some())
}

/// Installs the Debian packages that are missing, where that is allowed; else says the one line that does it.
///
/// Returns whether all of them are there now. On systems without Debian's packages this is taken to be so, with a
/// sentence: the compiler will say what it misses.
pub(crate) fn system_packages(packages: &[&str]) -> Result<bool> {
    if !cfg!(target_os = "linux") {
        println!("    Not a Linux machine: nothing to install here.");
        return Ok(true);
    }
    let Some(missing) = missing(packages) else {
        println!("    This Linux does not use Debian's packages. If a build step fails, install the equivalents of:");
        println!("    {}", packages.join(" "));
        return Ok(true);
    };
    if missing.is_empty() {
        println!("    All there.");
        return Ok(true);
    }
    let Some(prefix) = privilege() else {
        println!("    Missing, and installing needs an administrator. Run this line once, then start again:");
        println!("    sudo apt-get update && sudo apt-get install -y {}", missing.join(" "));
        return Ok(false);
    };
    println!("    Installing {} …", missing.join(" "));
    let apt = |arguments: &[&str]| {
        let mut words: Vec<&str> = prefix.to_vec();
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]);
        words.extend(arguments);
        process::command(words[0], &words[1..])
    };
    // An old list is better than none: installing may work all the same.
    let updated = process::run(&mut apt(&["update"]), APT_LIMIT);
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(&missing);
    if let Err(error) = process::run(&mut quiet(apt(&install)), APT_LIMIT) {
        if process::stopped() {
            return Err(error);
        }
        println!("    That did not work: {error:#}");
        if let Err(error) = updated {
            println!("    The package list could not be refreshed either: {error:#}");
        }
        return Ok(false);
    }
    Ok(true)
}

/// apt's own hundreds of lines help nobody; its errors stay.
fn quiet(mut command: Command) -> Command {
    command.stdout(std::process::Stdio::null());
    command
}

/// The packages that are not installed; `None` where dpkg is not known.
fn missing<'a>(packages: &[&'a str]) -> Option<Vec<&'a str>> {
    process::output(&mut process::command("dpkg-query", &["--version"]))?;
    let installed = |package: &str| {
        process::output(&mut process::command("dpkg-query", &["-W", "-f=${Status}", package]))
            .is_some_and(|status| status == "install ok installed")
    };
    Some(packages.iter().copied().filter(|package| !installed(package)).collect())
}

/// What to put before a command that installs: nothing for root, sudo where it asks no password.
fn privilege() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    process::output(&mut process::command("sudo", &["-n", "true"])).map(|_| &["sudo", "-n"] as &[&str])
}

/// Whether this runs as the system's administrator, where a browser with a window would be wrong.
#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether this runs as the system's administrator, where a browser with a window would be wrong.
#[cfg(not(unix))]
pub(crate) fn is_root() -> bool {
    false
}

/// The first two numbers of what a tool prints as its version.
fn version(printed: &str) -> Option<(u32, u32)> {
    let start = printed.find(|character: char| character.is_ascii_digit())?;
    let mut numbers = printed[start..].split(|character: char| !character.is_ascii_digit());
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next().and_then(|number| number.parse().ok()).unwrap_or(0);
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_tools_print_them() {
        for (printed, expected) in [
            ("rustc 1.95.0 (59807616e 2026-04-14)", Some((1, 95))),
            ("v20.20.2", Some((20, 20))),
            ("Python 3.11.7", Some((3, 11))),
            ("v22", Some((22, 0))),
            ("command not found", None),
            ("99999999999999999999.1", None),
        ] {
            assert_eq!(version(printed), expected, "{printed}");
        }
    }
}
