//! Rust's standard library for Windows: rustup's where it is there, else built once from Rust's own sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{LINKER, TARGET};
use crate::{process, stamp};

/// Where Rust's own sources lie: its `library` folder, or an archive (.tar.xz, .tar.gz) that holds it.
pub(super) const SOURCE: &str = "RUST_LIBRARY_SOURCE";

const BUILD_LIMIT: Duration = Duration::from_secs(20 * 60);
const FETCH_LIMIT: Duration = Duration::from_secs(5 * 60);

/// A standard library that can be built against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Library {
    /// Beside the compiler, where it looks by itself.
    BesideCompiler,
    /// Built here; the compiler is told this folder.
    Built(PathBuf),
}

/// What is at hand, without fetching anything. What rustup installed comes first; sources that were named are built when
/// they have not been. Errors: nothing is at hand, with what to do about it.
pub(super) fn at_hand() -> Result<Library> {
    if holds_library(&beside_compiler()?) {
        return Ok(Library::BesideCompiler);
    }
    let sysroot = process::target_dir().join("windows-sysroot");
    let stamp = sysroot.join("made-from");
    match std::env::var_os(SOURCE).filter(|source| !source.is_empty()) {
        Some(source) => {
            let source = fs::canonicalize(process::root().join(&source))
                .with_context(|| format!("{SOURCE} names {}, which is not there", Path::new(&source).display()))?;
            let made_from = format!("{}\n{}", compiler()?, source_hash(&source)?);
            if !stamp::is_fresh(&stamp, &made_from) {
                build(&source, &sysroot)?;
                stamp::write(&stamp, &made_from)?;
            }
            Ok(Library::Built(sysroot))
        }
        // Built at an earlier time, by the compiler that is still in use.
        None if fs::read_to_string(&stamp).is_ok_and(|made| compiler().is_ok_and(|now| made.starts_with(&now))) => {
            Ok(Library::Built(sysroot))
        }
        None => bail!(
            "Rust's standard library for {TARGET} is not there. Run `rustup target add {TARGET}`, or set {SOURCE} to the \
             `library` folder of the sources of the Rust in use (Debian's package `rust-src` has them), and run this again."
        ),
    }
}

/// What is at hand, else what rustup can fetch. Errors: neither.
pub(super) fn provide() -> Result<Library> {
    let named = std::env::var_os(SOURCE).is_some_and(|source| !source.is_empty());
    let found = at_hand();
    // Sources that were named and could not be built are the thing to look at, not a way around them.
    if found.is_ok() || named || process::output(&mut process::command("rustup", &["--version"])).is_none() {
        return found;
    }
    println!("    Fetching the standard library for {TARGET} …");
    match process::run(&mut process::command("rustup", &["target", "add", TARGET]), FETCH_LIMIT) {
        Ok(()) => at_hand(),
        Err(_) => found,
    }
}

/// The compiler in use, to the commit: a library fits no other one.
fn compiler() -> Result<String> {
    process::output(&mut process::command("rustc", &["--version", "--verbose"])).context("`rustc --version` failed")
}

fn beside_compiler() -> Result<PathBuf> {
    let sysroot = process::output(&mut process::command("rustc", &["--print", "sysroot"]));
    Ok(PathBuf::from(sysroot.context("`rustc --print sysroot` failed")?))
}

/// Whether a library for Windows is in this folder of a compiler.
fn holds_library(sysroot: &Path) -> bool {
    // rustup's has a hash in its name, one that cargo built has none.
    let is_std = |name: &str| name == "libstd.rlib" || (name.starts_with("libstd-") && name.ends_with(".rlib"));
    fs::read_dir(libraries(sysroot))
        .is_ok_and(|files| files.flatten().any(|file| is_std(&file.file_name().to_string_lossy())))
}

fn libraries(sysroot: &Path) -> PathBuf {
    sysroot.join("lib").join("rustlib").join(TARGET).join("lib")
}

/// An archive is told by its contents; a folder by its lock file, for it has thousands of files and comes in versions.
fn source_hash(source: &Path) -> Result<String> {
    stamp::file_hash(&if source.is_dir() { source.join("Cargo.lock") } else { source.to_owned() })
}

/// Builds the library from `source` into `sysroot`, with the compiler in use.
fn build(source: &Path, sysroot: &Path) -> Result<()> {
    println!("    Building Rust's standard library for {TARGET} (about a minute, once) …");
    fs::create_dir_all(process::target_dir())?;
    // Beside the target folder's own content, so that what is made can be moved and not copied.
    let work = tempfile::Builder::new().prefix("windows-library-").tempdir_in(process::target_dir())?;
    let library = unpack(source, work.path())?;
    let target_dir = work.path().join("target");
    let mut command = process::cargo(&["build", "--locked", "--release", "--target", TARGET]);
    command
        .args(["--manifest-path", "sysroot/Cargo.toml", "--features", "panic-unwind,backtrace"])
        .current_dir(&library)
        // The library uses what is not stable, with the compiler of the same version; that is what this is for.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target_dir)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", LINKER)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(work.path()));
    process::run(&mut command, BUILD_LIMIT).with_context(|| {
        format!("the standard library could not be built; {SOURCE} must hold the sources of the Rust in use")
    })?;

    let ready = work.path().join("sysroot");
    fs::create_dir_all(libraries(&ready))?;
    for file in fs::read_dir(target_dir.join(TARGET).join("release").join("deps"))? {
        let file = file?.path();
        if let (Some("rlib"), Some(name)) = (file.extension().and_then(|end| end.to_str()), file.file_name()) {
            fs::rename(&file, libraries(&ready).join(name))?;
        }
    }
    if !holds_library(&ready) {
        bail!("The build of the standard library left nothing usable behind.");
    }
    // Half a library is never in the place of a whole one.
    if sysroot.exists() {
        fs::remove_dir_all(sysroot).with_context(|| format!("{} cannot be removed", sysroot.display()))?;
    }
    fs::rename(&ready, sysroot).with_context(|| format!("{} cannot be made", sysroot.display()))
}

/// The compiler's flags for the library itself, in cargo's own encoding: paths may have spaces.
fn flags(work: &Path) -> String {
    let remap = format!("--remap-path-prefix={}=/rustc", work.display());
    ["-Zforce-unstable-if-unmarked", "-Cembed-bitcode=yes", &remap].join("\u{1f}")
}

/// A copy of the sources that may be written to. Gives the `library` folder in it.
fn unpack(source: &Path, work: &Path) -> Result<PathBuf> {
    let sources = work.join("sources");
    fs::create_dir_all(&sources)?;
    if source.is_dir() {
        copy_folder(source, &sources.join("library"))?;
    } else {
        let mut tar = Command::new("tar");
        tar.arg("-xf").arg(source).arg("-C").arg(&sources);
        process::run(&mut tar, FETCH_LIMIT).with_context(|| format!("{} cannot be unpacked", source.display()))?;
    }
    let places = [sources.join("library"), sources.clone()];
    places
        .into_iter()
        .find(|place| place.join("sysroot").join("Cargo.toml").is_file())
        .with_context(|| format!("{} does not hold Rust's `library` folder", source.display()))
}

/// Copies a folder, but not `vendor`: what lies there is fetched like any other dependency.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be listed", from.display()))? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            if entry.file_name() != "vendor" {
                copy_folder(&entry.path(), &place)?;
            }
        } else {
            fs::copy(entry.path(), &place)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_counts_as_a_library_only_with_the_library_for_windows_in_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!holds_library(folder.path()));
        fs::create_dir_all(libraries(folder.path())).unwrap();
        fs::write(libraries(folder.path()).join("libcore-1.rlib"), "").unwrap();
        assert!(!holds_library(folder.path()));
        for name in ["libstd-1.rlib", "libstd.rlib"] {
            let file = libraries(folder.path()).join(name);
            fs::write(&file, "").unwrap();
            assert!(holds_library(folder.path()), "{name}");
            fs::remove_file(file).unwrap();
        }
    }

    #[test]
    fn sources_are_copied_without_what_they_vendor_and_anything_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("rust").join("library");
        fs::create_dir_all(library.join("sysroot")).unwrap();
        fs::create_dir_all(library.join("vendor")).unwrap();
        fs::write(library.join("vendor").join("x.rs"), "").unwrap();
        let work = folder.path().join("work");
        let refused = unpack(&library, &work).unwrap_err().to_string();
        assert!(refused.contains("does not hold"), "{refused}");

        fs::write(library.join("sysroot").join("Cargo.toml"), "").unwrap();
        let copy = unpack(&library, &work).unwrap();
        assert!(copy.join("sysroot").join("Cargo.toml").is_file() && !copy.join("vendor").exists());
    }
}
