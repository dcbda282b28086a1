//! Models: their files are there and are what they should be.

use std::sync::Arc;

use ai::models::{DEFAULT_CHAT, DEFAULT_EMBEDDER, ModelState, Store};

use super::{Area, Check, Finding, LONG, Site};
use crate::brand;

const AGAIN: &str = "Open Settings, Answers, and download it again.";

pub(super) fn checks(site: &Arc<Site>) -> Vec<Check> {
    // A store of its own: what the program's own one has noted, such as a download under way, stays as it is.
    let store = Store::with_shipped(site.config.models_folder(), brand::shipped_models(), None);
    vec![search_model(store.clone()), writing_model(store)]
}

/// Small enough to be read whole.
fn search_model(store: Store) -> Check {
    let name = "Search model";
    Check::new(Area::Models, name, LONG, async move {
        Ok(vec![match store.verify(DEFAULT_EMBEDDER).await? {
            ModelState::Ready => Finding::good(Area::Models, name, "The search model is installed and whole."),
            ModelState::Downloading { .. } | ModelState::Partial { .. } => {
                Finding::good(Area::Models, name, "The search model is being downloaded.")
            }
            ModelState::Damaged => Finding::bad(
                Area::Models,
                name,
                "A file of the search model is not what it should be.",
                "Install the program again; it brings the search model along.",
            ),
            ModelState::Missing => Finding::attention(
                Area::Models,
                name,
                "The search model is not installed, so answers are found by words alone, not by their meaning.",
                "Install the program again; it brings the search model along.",
            ),
        }])
    })
}

/// Larger than a gigabyte: its size has to do. Its checksum was compared when it came.
fn writing_model(store: Store) -> Check {
    let name = "Language model";
    Check::blocking(Area::Models, name, LONG, move || {
        vec![match store.state(DEFAULT_CHAT) {
            Ok(ModelState::Ready) => {
                Finding::good(Area::Models, name, "The language model is installed and has the right size.")
            }
            Ok(ModelState::Missing) => {
                Finding::good(Area::Models, name, "No language model is installed on this computer. It is not needed.")
            }
            Ok(ModelState::Partial { .. } | ModelState::Downloading { .. }) => Finding::attention(
                Area::Models,
                name,
                "A part of the language model is here; the download is not finished.",
                "Open Settings, Answers, and let the download go on.",
            ),
            Ok(ModelState::Damaged) | Err(_) => {
                Finding::bad(Area::Models, name, "A file of the language model has the wrong size.", AGAIN)
            }
        }]
    })
}
