//! What a download weighs, and how long a reseller waits for packages of their own. Made by `cargo xtask installer`.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use botflow_tests::program_file;

use crate::{Figures, Target};

const MEGABYTE: f64 = 1e6;
/// A program may weigh this much without models.
const PROGRAM_MEGABYTES: f64 = 25.0;
const REBRAND_SECONDS: f64 = 60.0;

pub(crate) fn packages(out: &mut Figures) {
    let program = program_file();
    let profile = program.parent().unwrap();
    let target = profile.parent().unwrap();
    let made = target.join("installers");
    if !made.is_dir() {
        println!("packages: left out, there are none (cargo xtask installer makes them)");
        return;
    }
    for (folder, words, most) in
        [(made.join("without-models"), "without models", Some(PROGRAM_MEGABYTES)), (made.clone(), "with models", None)]
    {
        for (name, megabytes) in weights(&folder) {
            let figure = format!("packages: {name}, {words}");
            match most {
                Some(most) => out.judge(&figure, megabytes, "MB", Target::AtMost(most), ""),
                None => out.note(&figure, megabytes, "MB", ""),
            }
        }
    }
    // The same command that a reseller types, without cargo in between.
    let command = target.join("debug").join("botflow-xtask");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../installers/brand.example.json");
    if !command.is_file() {
        println!("packages: no brand is made, there is no {}", command.display());
        return;
    }
    let fast = (profile.file_name() == Some(OsStr::new("release"))).then_some("--fast");
    let brand = Command::new(&command)
        .arg("brand")
        .arg(&sample)
        .args(fast)
        .env("CARGO_TARGET_DIR", target)
        .stderr(Stdio::null())
        .output();
    let Some(said) = brand.ok().filter(|brand| brand.status.success()) else {
        println!("packages: no brand was made; `cargo xtask brand installers/brand.example.json` says why");
        return;
    };
    let times = times(&String::from_utf8_lossy(&said.stdout));
    if times.is_empty() {
        println!("packages: {} is older than this program and does not say how long it takes", command.display());
    }
    for (name, seconds) in times {
        out.judge(&format!("packages: {name}, as a brand's"), seconds, "s", Target::AtMost(REBRAND_SECONDS), "");
    }
}

/// Of lines such as `89.1 MB in  4 s  /some/file.deb`: the file's name and the seconds.
fn times(said: &str) -> Vec<(String, f64)> {
    let one = |line: &str| {
        let (_, made) = line.split_once(" MB in ")?;
        let (seconds, file) = made.trim_start().split_once(" s  ")?;
        Some((Path::new(file).file_name()?.to_str()?.to_owned(), seconds.parse().ok()?))
    };
    said.lines().filter_map(one).collect()
}

/// The packages in a folder with what they weigh, in the order of their names.
fn weights(folder: &Path) -> Vec<(String, f64)> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(String, f64)> = files
        .filter(|file| file.path().extension().is_some_and(|kind| kind == "deb" || kind == "rpm" || kind == "exe"))
        .filter_map(|file| {
            #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
            let megabytes = file.metadata().ok()?.len() as f64 / MEGABYTE;
            Some((file.file_name().into_string().ok()?, megabytes))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_each_package_is_read_from_what_is_said() {
        let said = "Help Desk: the brand is sound.\n      89.1 MB in  4 s  /t/helpdesk_1.deb\n     91.0 MB in 61 s  /t/a b.exe\n";
        assert_eq!(times(said), [("helpdesk_1.deb".to_owned(), 4.0), ("a b.exe".to_owned(), 61.0)]);
    }
}
