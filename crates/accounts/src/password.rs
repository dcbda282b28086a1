//! Passwords: Argon2id on the pool for blocking work, few at a time.

use std::sync::{Arc, OnceLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base::{Error, Result, Secret};
use tokio::sync::Semaphore;

/// Each takes 19 MiB and some tens of milliseconds; more at once would only serve who tries passwords.
const AT_ONCE: usize = 2;
pub(crate) const MIN_CHARS: usize = 8;
pub(crate) const MAX_CHARS: usize = 200;

#[derive(Clone)]
pub(crate) struct Hasher {
    slots: Arc<Semaphore>,
    /// Stands in for a user who does not exist, so that the answer takes as long as for one who does.
    nobody: Arc<OnceLock<String>>,
}

impl Hasher {
    pub(crate) fn new() -> Self {
        Self { slots: Arc::new(Semaphore::new(AT_ONCE)), nobody: Arc::default() }
    }

    pub(crate) async fn hash(&self, password: Secret) -> Result<String> {
        let _slot = self.slots.acquire().await.map_err(Error::internal)?;
        base::task::blocking(move || hash(&password)).await?
    }

    /// Whether the password fits. Without a stored hash the answer is no, after the same amount of work.
    pub(crate) async fn verify(&self, password: Secret, stored: Option<String>) -> Result<bool> {
        let _slot = self.slots.acquire().await.map_err(Error::internal)?;
        let nobody = self.nobody.clone();
        base::task::blocking(move || {
            let known = stored.is_some();
            let stored = match stored {
                Some(stored) => stored,
                None => match nobody.get() {
                    Some(made) => made.clone(),
                    None => {
                        let made = hash(&Secret::new(base::random::token()))?;
                        nobody.get_or_init(|| made).clone()
                    }
                },
            };
            let parsed = PasswordHash::new(&stored).map_err(|e| Error::internal(e.to_string()))?;
            Ok(Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok() && known)
        })
        .await?
    }

    /// Makes the stand-in ahead of time, so that even the first try for an unknown user takes no longer.
    pub(crate) async fn warm_up(&self) -> Result<()> {
        if self.nobody.get().is_none() {
            let made = self.hash(Secret::new(base::random::token())).await?;
            self.nobody.get_or_init(|| made);
        }
        Ok(())
    }
}

fn hash(password: &Secret) -> Result<String> {
    Argon2::default()
        .hash_password(password.expose().as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| Error::internal(e.to_string()))
}

/// A password that may be chosen: long enough to resist guessing, short enough to be hashed at once.
pub(crate) fn check(password: &Secret) -> std::result::Result<(), String> {
    let length = password.expose().chars().count();
    if length < MIN_CHARS {
        return Err(format!("please use at least {MIN_CHARS} characters"));
    }
    if length > MAX_CHARS {
        return Err(format!("please use at most {MAX_CHARS} characters"));
    }
    let first = password.expose().chars().next();
    if password.expose().chars().all(|c| Some(c) == first) {
        return Err("please use different characters".to_owned());
    }
    Ok(())
}
