//! `cargo xtask publish`: makes a version of the program that copies elsewhere find, believe and install by themselves.
//! What is in a manifest: `crates/update/src/manifest.rs`.

use std::fs::{self, File};
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Where the installed programs stop reading.
const MAX_NOTES_CHARS: usize = 8_000;
const PROGRAMS: [&str; 2] = ["server", "window"];
const SYSTEMS: [&str; 3] = ["linux", "windows", "macos"];

/// What `cargo xtask publish` is asked for.
#[derive(Debug, Args)]
pub(crate) struct PublishArguments {
    /// Only make a pair of keys: the secret one into this new file, the public one beside it as .pub.
    #[arg(long, value_name = "FILE", exclusive = true)]
    make_key: Option<PathBuf>,
    /// The secret key that signs; minisign's own files will do.
    #[arg(long, required_unless_present = "make_key")]
    key: Option<PathBuf>,
    /// The number of the version, such as 0.2.0; higher than any before.
    #[arg(long, required_unless_present = "make_key")]
    number: Option<String>,
    /// A file that says what is new, as plain text.
    #[arg(long)]
    notes: Option<PathBuf>,
    /// A program: KIND/SYSTEM=FILE, where the kind is server or window, and the system such as x86_64-linux.
    #[arg(long = "program", required_unless_present = "make_key", value_name = "KIND/SYSTEM=FILE")]
    programs: Vec<String>,
    /// The folder to upload; it is made.
    #[arg(long, default_value = "target/updates")]
    out: PathBuf,
}

pub(crate) fn publish(asked: &PublishArguments) -> Result<()> {
    if let Some(file) = &asked.make_key {
        return make_key(file);
    }
    let (Some(key), Some(number)) = (&asked.key, &asked.number) else { bail!("--key and --number are needed") };
    let key = secret_key(key)?;
    let notes = match &asked.notes {
        Some(file) => fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?,
        None => String::new(),
    };
    if notes.chars().count() > MAX_NOTES_CHARS {
        bail!("What is new should be said in at most {MAX_NOTES_CHARS} letters.");
    }
    fs::create_dir_all(&asked.out)?;
    let mut programs = Map::new();
    for program in &asked.programs {
        let (kind, system, file) = read_program(program)?;
        println!("packing {}", file.display());
        let packed = pack(number, kind, system, &file, &asked.out)?;
        let entry = programs.entry(system).or_insert_with(|| json!({}));
        if entry.get(kind).is_some() {
            bail!("{kind}/{system} is named twice.");
        }
        entry[kind] = packed;
    }
    let manifest = manifest(number, &time_of(now(&asked.out)?)?, notes.trim(), programs)?;
    let bytes = serde_json::to_vec_pretty(&manifest)?;
    let signature = sign(&bytes, &key)?;
    fs::write(asked.out.join("manifest.json"), &bytes)?;
    fs::write(asked.out.join("manifest.json.minisig"), signature)?;
    println!(
        "Upload everything in {} to the update address: the programs first, manifest.json and its signature last.",
        asked.out.display()
    );
    println!("The key in the brand has to be: {}", PublicKey::from_secret_key(&key)?.to_base64());
    Ok(())
}

/// Signs one program with a key that nobody keeps, for trials: `out` is as a download would leave it, but for the program.
/// Gives the public key. `place` is its kind and system, such as `window/x86_64-windows`.
pub(crate) fn for_trial(program: &Path, place: &str, number: &str, out: &Path) -> Result<String> {
    let work = tempfile::tempdir()?;
    let key = work.path().join("trial.key");
    make_key(&key)?;
    publish(&PublishArguments {
        make_key: None,
        key: Some(key.clone()),
        number: Some(number.to_owned()),
        notes: None,
        programs: vec![format!("{place}={}", program.display())],
        out: work.path().to_owned(),
    })?;
    fs::create_dir_all(out)?;
    for name in ["manifest.json", "manifest.json.minisig"] {
        fs::copy(work.path().join(name), out.join(name))?;
    }
    Ok(PublicKey::from_secret_key(&secret_key(&key)?)?.to_base64())
}

fn manifest(number: &str, published: &str, notes: &str, programs: Map<String, Value>) -> Result<Value> {
    let version: semver::Version = number.parse().with_context(|| format!("{number} is no number like 0.2.0"))?;
    if !version.build.is_empty() {
        bail!("{number} should not have a part behind a plus.");
    }
    Ok(json!({ "version": number, "published": published, "notes": notes, "programs": programs }))
}

fn sign(bytes: &[u8], key: &SecretKey) -> Result<String> {
    Ok(minisign::sign(None, key, Cursor::new(bytes), None, None)?.into_string())
}

/// Takes `server/x86_64-linux=FILE` apart.
fn read_program(text: &str) -> Result<(&'static str, &str, PathBuf)> {
    let parts = text.split_once('=').and_then(|(of, file)| Some((of.split_once('/')?, file)));
    let Some(((kind, system), file)) = parts else {
        bail!("“{text}” should look like server/x86_64-linux=target/dist/botflow.");
    };
    let Some(kind) = PROGRAMS.into_iter().find(|known| *known == kind) else {
        bail!("“{kind}” should be one of {}.", PROGRAMS.join(", "));
    };
    if !system.split_once('-').is_some_and(|(_, name)| SYSTEMS.contains(&name)) {
        bail!("“{system}” should be a processor and a system, such as x86_64-linux or aarch64-macos.");
    }
    Ok((kind, system, file.into()))
}

/// Packs a program into `out` and says what it is.
fn pack(number: &str, kind: &str, system: &str, file: &Path, out: &Path) -> Result<Value> {
    let program = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    // Each version has names of its own, so that a download goes on after the next one is out.
    let name = format!("{kind}-{system}-{number}.gz");
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&program)?;
    let packed = packed.finish()?;
    fs::write(out.join(&name), &packed)?;
    Ok(json!({
        "url": name,
        "size": packed.len(),
        "sha256": hex::encode(Sha256::digest(&packed)),
        "program_size": program.len(),
        "program_sha256": hex::encode(Sha256::digest(&program)),
    }))
}

fn make_key(file: &Path) -> Result<()> {
    let public = file.with_extension("pub");
    if file.exists() || public.exists() {
        bail!("There is a file at {} already. A key is never overwritten.", file.display());
    }
    let keys = KeyPair::generate_unencrypted_keypair()?;
    create(file)?.write_all(keys.sk.to_box(None)?.into_string().as_bytes())?;
    fs::write(&public, keys.pk.to_box()?.into_string())?;
    println!("{} signs versions: keep it secret, with a copy in a safe place.", file.display());
    println!("For the brand: \"update_key\": \"{}\"", keys.pk.to_base64());
    Ok(())
}

/// A new file, readable by its owner only where the system can say so.
fn create(file: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

/// A key that is locked with a password asks for it.
fn secret_key(file: &Path) -> Result<SecretKey> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let sealed = || SecretKeyBox::from_string(&text);
    let open = sealed().and_then(SecretKeyBox::into_unencrypted_secret_key);
    open.or_else(|_| sealed().and_then(|sealed| sealed.into_secret_key(None)))
        .with_context(|| format!("{} is not a secret key, or the password is wrong", file.display()))
}

/// The time of a file that is written now. That of the folder stays when a number is published again and each file in it
/// takes the place of one of the same name.
fn now(folder: &Path) -> Result<std::time::SystemTime> {
    Ok(tempfile::NamedTempFile::new_in(folder)?.as_file().metadata()?.modified()?)
}

/// As `2026-11-21T10:00:00Z`.
fn time_of(time: std::time::SystemTime) -> Result<String> {
    let since = time.duration_since(std::time::UNIX_EPOCH)?;
    Ok(jiff::Timestamp::from_second(i64::try_from(since.as_secs())?)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program and a key to sign it with, in a folder of their own; `publish` is called with what this returns.
    fn to_publish(folder: &Path, places: &[&str]) -> PublishArguments {
        let (key, program) = (folder.join("shop.key"), folder.join("shop"));
        make_key(&key).unwrap();
        fs::write(&program, "a program").unwrap();
        PublishArguments {
            make_key: None,
            key: Some(key),
            number: Some("0.2.0".into()),
            notes: None,
            programs: places.iter().map(|place| format!("{place}={}", program.display())).collect(),
            out: folder.join("out"),
        }
    }

    #[test]
    fn what_is_published_is_signed_and_looks_as_programs_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let places = ["server/x86_64-linux", "window/x86_64-linux", "window/x86_64-windows"];
        let arguments = to_publish(folder.path(), &places);
        let (key, out) = (folder.path().join("shop.key"), &arguments.out);
        assert!(make_key(&key).is_err(), "a key is never overwritten");
        publish(&arguments).unwrap();
        let bytes = fs::read(out.join("manifest.json")).unwrap();
        let signature = fs::read_to_string(out.join("manifest.json.minisig")).unwrap();
        let public = minisign::PublicKey::from_file(key.with_extension("pub")).unwrap();
        let signature = minisign::SignatureBox::from_string(&signature).unwrap();
        minisign::verify(&public, &signature, Cursor::new(&bytes), true, false, false).unwrap();

        // The same fixture is read by the crate that believes it.
        let mut made: Value = serde_json::from_slice(&bytes).unwrap();
        made["published"] = json!("2026-11-21T10:00:00Z");
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/updates/manifest.json");
        let known: Value = serde_json::from_slice(&fs::read(fixture).unwrap()).unwrap();
        // How small it gets depends on who packs.
        for (system, programs) in known["programs"].as_object().unwrap() {
            for (kind, program) in programs.as_object().unwrap() {
                made["programs"][system][kind]["size"] = program["size"].clone();
                made["programs"][system][kind]["sha256"] = program["sha256"].clone();
            }
        }
        assert_eq!(made, known);
    }

    // Only there may anybody set the time of a folder.
    #[cfg(unix)]
    #[test]
    fn what_is_published_again_says_when_it_was_published_again() {
        let folder = tempfile::tempdir().unwrap();
        let arguments = to_publish(folder.path(), &["server/x86_64-linux"]);
        let out = &arguments.out;
        let again = || {
            publish(&arguments).unwrap();
            let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
            manifest["published"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap()
        };
        let first = again();
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::open(out).unwrap().set_modified(long_ago).unwrap();
        assert!(again() >= first, "{first}");
    }

    #[test]
    fn a_program_that_nobody_would_find_is_not_published() {
        assert_eq!(read_program("server/aarch64-linux=a/b=c").unwrap().2, PathBuf::from("a/b=c"));
        for wrong in ["server=x", "helper/x86_64-linux=x", "server/x86_64-unknown-linux-gnu=x", "server/linux=x"] {
            assert!(read_program(wrong).is_err(), "{wrong}");
        }
        assert!(manifest("newest", "", "", Map::new()).is_err());
        assert!(manifest("1.0.0+4", "", "", Map::new()).is_err());
    }
}
