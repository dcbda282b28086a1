//! What a download weighs, and how long a reseller waits for packages of their own. Made by `cargo xtask installer`.

use std::path::Path;
use std::process::{Command, Stdio};

use base::Stopwatch;
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
    let watch = Stopwatch::start();
    let status = Command::new(&command)
        .arg("brand")
        .arg(&sample)
        .arg("--build")
        .arg(profile)
        .env("CARGO_TARGET_DIR", target)
        .stdout(Stdio::null())
        .status();
    let seconds = watch.elapsed_ms() / 1000.0;
    if !status.is_ok_and(|status| status.success()) {
        println!("packages: no brand was made; `cargo xtask brand installers/brand.example.json` says why");
        return;
    }
    let packages = weights(&made.join("helpdesk")).len().max(1);
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let each = seconds / packages as f64;
    let beside = format!("{packages} packages in {seconds:.0} s");
    out.judge("packages: one of a brand", each, "s", Target::AtMost(REBRAND_SECONDS), &beside);
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
