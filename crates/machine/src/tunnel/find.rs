//! Finds a tunnel's program on this computer, and says how to install it where it is not.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;
use tokio::io::AsyncReadExt;
use utoipa::ToSchema;

use super::TunnelKind;

/// What a program says of its version is looked at so far, and waited for so long.
const VERSION_BYTES: u64 = 4096;
const VERSION_WITHIN: Duration = Duration::from_secs(5);

/// A program that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Found {
    #[schema(value_type = String)]
    pub path: PathBuf,
    /// As the program names it, such as `2025.11.1`; `None` when it does not say.
    #[schema(required)]
    pub version: Option<String>,
}

/// Looks where the owner `pointed` (the program's file or its folder), and only there; without that on the path and in
/// the places where this system's installers put it.
pub async fn find(kind: TunnelKind, pointed: Option<&Path>) -> Option<Found> {
    let name = kind.program();
    let pointed = pointed.map(Path::to_owned);
    let path = base::task::blocking(move || match pointed {
        Some(pointed) => at(&pointed, name),
        None => which::which(name).ok().or_else(|| {
            places(name, System::here(), |variable| std::env::var_os(variable)).into_iter().find(|path| path.is_file())
        }),
    });
    let path = path.await.ok()??;
    let version = version(kind, &path).await;
    Some(Found { path, version })
}

fn at(pointed: &Path, name: &str) -> Option<PathBuf> {
    let file =
        if pointed.is_dir() { pointed.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)) } else { pointed.into() };
    // Whole, since programs are not started in the folder in which the owner typed.
    file.is_file().then(|| std::path::absolute(&file).unwrap_or(file))
}

async fn version(kind: TunnelKind, path: &Path) -> Option<String> {
    let mut command = tokio::process::Command::new(path);
    command.arg(if kind == TunnelKind::Tailscale { "version" } else { "--version" });
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    #[cfg(windows)]
    command.creation_flags(crate::guard::CREATE_NO_WINDOW);
    let mut child = command.spawn().ok()?;
    let mut said = Vec::new();
    let reading = child.stdout.take()?.take(VERSION_BYTES);
    let mut reading = std::pin::pin!(reading);
    let read = tokio::time::timeout(VERSION_WITHIN, reading.read_to_end(&mut said)).await;
    // A program that was stopped at the limit of what is read is not waited for.
    let _ = child.start_kill();
    let _ = child.wait().await;
    read.ok()?.ok()?;
    parse_version(&String::from_utf8_lossy(&said))
}

/// The first word of the first line that is numbers and dots, without a `v` before or a build's name behind.
fn parse_version(said: &str) -> Option<String> {
    let line = said.lines().find(|line| !line.trim().is_empty())?;
    line.split_whitespace().find_map(|word| {
        let word = word.strip_prefix('v').unwrap_or(word);
        let numbers: String = word.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let numbers = numbers.trim_end_matches('.');
        let is_version = numbers.len() <= 40
            && numbers.contains('.')
            && numbers.split('.').all(|part| !part.is_empty() && part.len() <= 9);
        is_version.then(|| numbers.to_owned())
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Windows,
    Mac,
    Linux,
}

impl System {
    fn here() -> Self {
        if cfg!(windows) {
            System::Windows
        } else if cfg!(target_os = "macos") {
            System::Mac
        } else {
            System::Linux
        }
    }
}

/// Where installers put the program, beside the path: a service or a program started with the system often has a shorter
/// path than the owner's terminal.
fn places(name: &str, system: System, variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let under = |root: &str, folders: &[&str]| {
        let root = variable(root).filter(|root| !root.is_empty()).map(PathBuf::from)?;
        Some(folders.iter().fold(root, |path, folder| path.join(folder)))
    };
    let folders: Vec<Option<PathBuf>> = match system {
        System::Windows => vec![
            under("ProgramFiles", &[name]),
            under("ProgramFiles(x86)", &[name]),
            under("ProgramW6432", &[name]),
            under("LOCALAPPDATA", &["Microsoft", "WinGet", "Links"]),
            under("ProgramFiles", &["WinGet", "Links"]),
            under("LOCALAPPDATA", &["Microsoft", "WindowsApps"]),
            under("LOCALAPPDATA", &["Programs", name]),
            under("LOCALAPPDATA", &[name]),
            under("ProgramData", &["chocolatey", "bin"]),
            under("USERPROFILE", &["scoop", "shims"]),
            under("USERPROFILE", &[&format!(".{name}")]),
            under("USERPROFILE", &[name]),
            under("USERPROFILE", &["bin"]),
        ],
        System::Mac => vec![
            Some("/opt/homebrew/bin".into()),
            Some("/usr/local/bin".into()),
            Some("/opt/local/bin".into()),
            (name == "tailscale").then(|| "/Applications/Tailscale.app/Contents/MacOS".into()),
            under("HOME", &["bin"]),
            under("HOME", &[".local", "bin"]),
            under("HOME", &[&format!(".{name}")]),
        ],
        System::Linux => vec![
            Some("/usr/local/bin".into()),
            Some("/usr/bin".into()),
            Some("/usr/sbin".into()),
            Some("/snap/bin".into()),
            Some("/opt".into()),
            Some(Path::new("/opt").join(name)),
            Some("/home/linuxbrew/.linuxbrew/bin".into()),
            under("HOME", &[".local", "bin"]),
            under("HOME", &["bin"]),
            under("HOME", &[&format!(".{name}")]),
            under("HOME", &[".nix-profile", "bin"]),
            Some("/run/current-system/sw/bin".into()),
        ],
    };
    let file = match (system, name) {
        (System::Windows, _) => format!("{name}.exe"),
        // The file in the bundle, which answers to the same commands.
        (System::Mac, "tailscale") => "Tailscale".to_owned(),
        _ => name.to_owned(),
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in folders.into_iter().flatten() {
        for file in [name, file.as_str()] {
            let file = folder.join(file);
            if (system != System::Windows || file.extension().is_some()) && !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files
}

/// How to get the program, in one sentence, for the running system.
pub fn install_advice(kind: TunnelKind) -> &'static str {
    advice(kind, System::here())
}

fn advice(kind: TunnelKind, system: System) -> &'static str {
    match (kind.program(), system) {
        ("cloudflared", System::Windows) => {
            "Open the program “Terminal” and type “winget install Cloudflare.cloudflared”, then come back here."
        }
        ("cloudflared", System::Mac) => {
            "Open the program “Terminal” and type “brew install cloudflared” (this needs Homebrew), then come back here."
        }
        ("cloudflared", System::Linux) => {
            "Download the package of cloudflared for your Linux from Cloudflare's downloads page and install it, then come back here."
        }
        ("ngrok", System::Windows) => {
            "Install ngrok from the Microsoft Store, or type “winget install Ngrok.Ngrok” into a terminal, then come back here."
        }
        ("ngrok", System::Mac) => {
            "Open the program “Terminal” and type “brew install ngrok” (this needs Homebrew), then come back here."
        }
        ("ngrok", System::Linux) => {
            "Type “sudo snap install ngrok” into a terminal, or download ngrok for Linux from ngrok.com, then come back here."
        }
        (_, System::Windows) => {
            "Download Tailscale for Windows from tailscale.com, install it and sign in, then come back here."
        }
        (_, System::Mac) => "Install Tailscale from the App Store and sign in, then come back here.",
        (_, System::Linux) => {
            "Install Tailscale as tailscale.com says for your Linux and type “sudo tailscale up”, then come back here."
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_programs_own_words_tell_its_version() {
        for (said, version) in [
            ("cloudflared version 2025.11.1 (built 2025-11-07-16:59 UTC)", Some("2025.11.1")),
            ("cloudflared version DEV (built unknown)", None),
            ("ngrok version 3.22.1\n", Some("3.22.1")),
            ("1.82.0\n  tailscale commit: abc\n  go version: go1.24.1\n", Some("1.82.0")),
            ("\n1.82.0-t3f5-g12\n", Some("1.82.0")),
            ("v2.0.1", Some("2.0.1")),
            ("usage: something", None),
            ("1..2", None),
            ("", None),
        ] {
            assert_eq!(parse_version(said).as_deref(), version, "{said}");
        }
    }

    #[test]
    fn the_usual_places_of_every_system_are_looked_at() {
        let variable = |name: &str| Some(OsString::from(format!("<{name}>")));
        for (name, system, place) in [
            ("cloudflared", System::Windows, ["<ProgramFiles(x86)>", "cloudflared", "cloudflared.exe"].as_slice()),
            ("cloudflared", System::Windows, &["<LOCALAPPDATA>", "Microsoft", "WinGet", "Links", "cloudflared.exe"]),
            ("tailscale", System::Windows, &["<ProgramFiles>", "tailscale", "tailscale.exe"]),
            ("ngrok", System::Mac, &["/opt/homebrew/bin", "ngrok"]),
            ("tailscale", System::Mac, &["/Applications/Tailscale.app/Contents/MacOS", "Tailscale"]),
            ("ngrok", System::Linux, &["/snap/bin", "ngrok"]),
            ("cloudflared", System::Linux, &["<HOME>", ".local", "bin", "cloudflared"]),
        ] {
            let place: PathBuf = place.iter().collect();
            let places = places(name, system, variable);
            assert!(places.contains(&place), "{place:?} is not among {places:?}");
        }
        // A service may have no home.
        assert!(!places("ngrok", System::Linux, |_| None).is_empty());
        assert!(places("ngrok", System::Windows, |_| None).is_empty());
    }

    #[test]
    fn every_program_has_its_sentence_on_every_system() {
        for kind in TunnelKind::ALL {
            for system in [System::Windows, System::Mac, System::Linux] {
                let advice = advice(kind, system);
                assert!(advice.ends_with("then come back here.") && advice.matches(". ").count() == 0, "{advice}");
            }
        }
    }

    #[test]
    fn where_the_owner_points_counts_as_a_file_or_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(format!("ngrok{}", std::env::consts::EXE_SUFFIX));
        assert_eq!(at(&file, "ngrok"), None, "nothing there");
        std::fs::write(&file, "").unwrap();
        assert_eq!(at(&file, "ngrok"), Some(file.clone()));
        assert_eq!(at(folder.path(), "ngrok"), Some(file));
        assert_eq!(at(folder.path(), "tailscale"), None);
    }

    proptest! {
        #[test]
        fn a_version_is_numbers_and_dots_whatever_was_said(said in "\\PC{0,60}|[v0-9. \n-]{0,40}") {
            if let Some(version) = parse_version(&said) {
                prop_assert!(version.split('.').count() > 1);
                prop_assert!(version.split('.').all(|part| part.parse::<u32>().is_ok()), "{}", version);
            }
        }
    }
}
