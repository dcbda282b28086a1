//! What a publisher says of a version: read only after its signature was found good, and within limits.

use std::collections::BTreeMap;

use base::{Error, Result};
use machine::Kind;
use minisign_verify::{PublicKey, Signature};
use semver::Version;
use serde::{Deserialize, Serialize};

/// What is larger is no manifest, or no signature.
pub(crate) const MAX_MANIFEST_BYTES: usize = 64 << 10;
pub(crate) const MAX_SIGNATURE_BYTES: usize = 2 << 10;
const MAX_NOTES_CHARS: usize = 8_000;
const MAX_VERSION_CHARS: usize = 40;
const MAX_ADDRESS_CHARS: usize = 2_000;
const MAX_PLATFORMS: usize = 32;
/// A program, packed and unpacked.
const MAX_DOWNLOAD_BYTES: u64 = 512 << 20;
const MAX_PROGRAM_BYTES: u64 = 1 << 30;

/// A version that was published. Fields that this version does not know are left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub version: Version,
    pub published: jiff::Timestamp,
    /// What is new, as plain text.
    #[serde(default)]
    pub notes: String,
    /// By [`platform`].
    pub programs: BTreeMap<String, Programs>,
}

/// The programs for one kind of computer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programs {
    /// Without a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Download>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Download>,
}

/// One program, packed with gzip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// From the folder of the manifest on, or a whole address.
    pub url: String,
    /// Of the packed file.
    pub size: u64,
    pub sha256: String,
    /// Of the program in it.
    pub program_size: u64,
    pub program_sha256: String,
}

/// The kind of computer that this program was made for, such as `x86_64-linux`.
pub(crate) fn platform() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

impl Manifest {
    /// Reads what was found to be signed.
    ///
    /// # Errors
    /// `Invalid`: it is no manifest, or goes beyond what is believed even of a publisher.
    pub fn parse(bytes: &[u8]) -> Result<Manifest> {
        let wrong = |what: &str| Error::invalid(format!("What the update address says of a version {what}"));
        if bytes.len() > MAX_MANIFEST_BYTES {
            return Err(wrong("is too long to be read."));
        }
        let manifest: Manifest =
            serde_json::from_slice(bytes).map_err(|e| wrong("cannot be understood.").with_cause(e))?;
        let all = || manifest.programs.values().flat_map(|p| [&p.server, &p.window]).flatten();
        if manifest.version.to_string().len() > MAX_VERSION_CHARS || !manifest.version.build.is_empty() {
            return Err(wrong("has no usable number."));
        }
        if manifest.notes.chars().count() > MAX_NOTES_CHARS || manifest.programs.len() > MAX_PLATFORMS {
            return Err(wrong("is too long to be read."));
        }
        if all().any(|d| d.size > MAX_DOWNLOAD_BYTES || d.program_size > MAX_PROGRAM_BYTES) {
            return Err(wrong("names a program that is too large."));
        }
        if !all().all(Download::is_sound) {
            return Err(wrong("does not say what the program should be."));
        }
        Ok(manifest)
    }

    /// The program of this kind for this computer.
    ///
    /// # Errors
    /// `Unavailable`: there is none.
    pub fn program(&self, kind: Kind) -> Result<&Download> {
        let programs = self.programs.get(&platform());
        let found = programs.and_then(|programs| match kind {
            Kind::Server => programs.server.as_ref(),
            Kind::Window => programs.window.as_ref(),
        });
        found.ok_or_else(|| {
            Error::unavailable(format!("Version {} is not there for this kind of computer.", self.version))
        })
    }
}

impl Download {
    fn is_sound(&self) -> bool {
        let is_hash =
            |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let sizes = self.size > 0 && self.program_size > 0;
        let url = !self.url.is_empty() && self.url.len() <= MAX_ADDRESS_CHARS;
        sizes && url && is_hash(&self.sha256) && is_hash(&self.program_sha256)
    }
}

/// A manifest with the words that prove it, as they were fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub bytes: Vec<u8>,
    pub signature: String,
}

impl Signed {
    /// The manifest, when the publisher whose key is `key` has signed it.
    ///
    /// # Errors
    /// `Invalid`, with a sentence for the owner.
    pub fn open(&self, key: &PublicKey) -> Result<Manifest> {
        let doubt = |e: minisign_verify::Error| {
            Error::invalid(
                "What was found at the update address was not signed by the publisher of this program, so nothing of \
                 it was used.",
            )
            .with_cause(e)
        };
        let signature = Signature::decode(&self.signature).map_err(doubt)?;
        key.verify(&self.bytes, &signature, false).map_err(doubt)?;
        Manifest::parse(&self.bytes)
    }
}

/// Reads a publisher's public key: the second line of minisign's `.pub` file.
///
/// # Errors
/// `Invalid`: it is none.
pub(crate) fn public_key(text: &str) -> Result<PublicKey> {
    PublicKey::from_base64(text.trim())
        .map_err(|e| Error::invalid("“update_key” should be the publisher's public key, 56 characters.").with_cause(e))
}

#[cfg(test)]
pub(crate) mod tests {
    use minisign::KeyPair;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    pub(crate) fn sign(bytes: &[u8], keys: &KeyPair) -> Signed {
        let signature = minisign::sign(None, &keys.sk, bytes, None, None).unwrap().into_string();
        Signed { bytes: bytes.to_owned(), signature }
    }

    pub(crate) fn keys() -> (KeyPair, PublicKey) {
        let keys = KeyPair::generate_unencrypted_keypair().unwrap();
        let public = public_key(&keys.pk.to_base64()).unwrap();
        (keys, public)
    }

    fn sound() -> Value {
        let one = json!({ "url": "botflow.gz", "size": 5, "sha256": "a".repeat(64), "program_size": 9,
            "program_sha256": "b".repeat(64), "of_tomorrow": true });
        json!({ "version": "0.2.0", "published": "2026-11-21T10:00:00Z", "notes": "Faster.",
            "programs": { platform(): { "server": one } } })
    }

    #[test]
    fn a_manifest_says_what_is_there_for_this_computer_and_what_is_not() {
        let manifest = Manifest::parse(sound().to_string().as_bytes()).unwrap();
        assert_eq!(manifest.program(Kind::Server).unwrap().size, 5);
        let none = manifest.program(Kind::Window).unwrap_err();
        assert!(none.message.contains("0.2.0 is not there for this kind of computer"), "{none}");
    }

    #[test]
    fn what_the_publishing_command_writes_is_understood() {
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/updates/manifest.json");
        let manifest = Manifest::parse(&std::fs::read(fixture).unwrap()).unwrap();
        assert_eq!(manifest.version, Version::new(0, 2, 0));
        assert!(manifest.programs["x86_64-linux"].server.is_some());
        assert!(manifest.programs["x86_64-windows"].window.is_some());
    }

    #[test]
    fn what_goes_beyond_all_bounds_is_refused_even_when_it_is_signed() {
        let with = |change: &dyn Fn(&mut Value)| {
            let mut value = sound();
            change(&mut value);
            Manifest::parse(value.to_string().as_bytes())
        };
        type Change = Box<dyn Fn(&mut Value)>;
        let set = |field: &'static str, to: Value| -> Change {
            Box::new(move |v: &mut Value| v["programs"][platform()]["server"][field] = to.clone())
        };
        let changes: Vec<Change> = vec![
            set("size", json!(600 << 20)),
            set("size", json!(0)),
            set("size", json!(-1)),
            set("program_size", json!(2u64 << 30)),
            set("sha256", json!("A".repeat(64))),
            set("program_sha256", json!("b".repeat(63))),
            set("url", json!("")),
            Box::new(|v| v["version"] = json!("newest")),
            Box::new(|v| v["version"] = json!("1.0.0+../../x")),
            Box::new(|v| v["version"] = json!(format!("1.0.0-{}", "a".repeat(60)))),
            Box::new(|v| v["notes"] = json!("x".repeat(8_001))),
            Box::new(|v| v["notes"] = json!("x".repeat(70_000))),
            Box::new(|v| v["published"] = json!("yesterday")),
        ];
        for change in changes {
            let refused = with(&*change).unwrap_err();
            assert!(refused.message.starts_with("What the update address says"), "{refused}");
        }
        assert!(with(&|_| {}).is_ok());
    }

    #[test]
    fn only_the_publishers_own_signature_over_these_very_words_counts() {
        let (keys, public) = keys();
        let (others, _) = self::keys();
        let bytes = sound().to_string().into_bytes();
        let signed = sign(&bytes, &keys);
        assert_eq!(signed.open(&public).unwrap().version, Version::new(0, 2, 0));
        let mut changed = signed.clone();
        changed.bytes[20] ^= 1;
        let unsigned = Signed { signature: String::new(), ..signed.clone() };
        for wrong in [sign(&bytes, &others), changed, unsigned] {
            let refused = wrong.open(&public).unwrap_err();
            assert!(refused.message.contains("not signed by the publisher"), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn no_words_bring_the_parser_down(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0usize..200, b: u8) {
            let _ = Manifest::parse(&bytes);
            let _ = Signature::decode(&String::from_utf8_lossy(&bytes));
            let mut nearly = sound().to_string().into_bytes();
            let at = at % nearly.len();
            nearly[at] = b;
            // What is accepted is within bounds, and read again it is the same.
            if let Ok(manifest) = Manifest::parse(&nearly) {
                let again = Manifest::parse(&serde_json::to_vec(&manifest).unwrap()).unwrap();
                prop_assert_eq!(again, manifest);
            }
        }
    }
}
