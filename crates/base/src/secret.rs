//! Secrets: values that never print, and the vault that encrypts them at rest.

use std::fmt;
use std::io::Write;
use std::path::Path;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::{Error, Result, random};

/// A string that never appears in logs, errors or exports; it is wiped from memory when dropped.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = "password")]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself. Every call is a place to look at when secrets are reviewed.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret(empty)" } else { "Secret(…)" })
    }
}

/// Serialises as dots, so that a value sent out by mistake tells nothing.
impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str("••••")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Encrypts secrets with AES-256-GCM under a key that lives in its own file beside the data.
#[derive(Clone)]
pub struct Vault {
    cipher: Aes256Gcm,
}

const VERSION: u8 = 1;
const NONCE_LEN: usize = 12;

impl Vault {
    /// Reads the key, or makes one on first use. The file is readable by its owner only where the system can say so.
    pub fn open(path: &Path) -> Result<Self> {
        let key = match std::fs::read(path) {
            Ok(key) if key.len() == 32 => key,
            Ok(_) => {
                return Err(Error::unavailable(format!(
                    "The key file {} is damaged. Restore it from a backup; without it stored passwords cannot be read.",
                    path.display()
                )));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => create_key(path)?,
            Err(e) => return Err(e.into()),
        };
        Ok(Self::from_key(&key))
    }

    fn from_key(key: &[u8]) -> Self {
        #[expect(clippy::expect_used, reason = "both callers pass 32 bytes")]
        let key = Key::<Aes256Gcm>::try_from(key).expect("a key of 32 bytes");
        Self { cipher: Aes256Gcm::new(&key) }
    }

    /// A vault with a key that is forgotten with it, for tests.
    pub fn ephemeral() -> Self {
        Self::from_key(&random::bytes::<32>())
    }

    /// Encrypts; `context` (such as a table and row) must be the same when it is opened.
    pub fn seal(&self, context: &str, secret: &Secret) -> Result<Vec<u8>> {
        let nonce_bytes = random::bytes::<NONCE_LEN>();
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce_bytes), Payload { msg: secret.expose().as_bytes(), aad: context.as_bytes() })
            .map_err(|_| Error::internal("sealing a secret failed"))?;
        let mut out = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&nonce_bytes);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    pub fn open_sealed(&self, context: &str, sealed: &[u8]) -> Result<Secret> {
        let damaged = || Error::unavailable("A stored password could not be read. Please type it in again.");
        let (version, rest) = sealed.split_first().ok_or_else(damaged)?;
        if *version != VERSION || rest.len() < NONCE_LEN {
            return Err(damaged());
        }
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| damaged())?;
        let plain = self
            .cipher
            .decrypt(&Nonce::from(nonce), Payload { msg: body, aad: context.as_bytes() })
            .map_err(|_| damaged())?;
        String::from_utf8(plain).map(Secret).map_err(|_| damaged())
    }
}

fn create_key(path: &Path) -> Result<Vec<u8>> {
    let key = random::bytes::<32>();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(&key)?;
    file.sync_all()?;
    Ok(key.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_in_its_own_context_and_undamaged() {
        let vault = Vault::ephemeral();
        let sealed = vault.seal("channel:1", &Secret::new("token")).unwrap();
        assert_eq!(vault.open_sealed("channel:1", &sealed).unwrap().expose(), "token");
        assert!(vault.open_sealed("channel:2", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(vault.open_sealed("channel:1", &bad).is_err(), "byte {i} changed unnoticed");
        }
        assert!(vault.open_sealed("channel:1", &[]).is_err());
    }

    #[test]
    fn a_secret_never_prints() {
        let secret = Secret::new("hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert!(!serde_json::to_string(&secret).unwrap().contains("hunter2"));
    }
}
