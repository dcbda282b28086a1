//! How answers are made: which models, in which order, and how sure they must be.

use base::{Result, Secret};
use db::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settings::store;

const NAME: &str = "answers";

/// Which dialect a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProviderKind {
    Openai,
    /// Anything that speaks OpenAI's dialect at an address of its own.
    Compatible,
    Anthropic,
    Gemini,
    Ollama,
}

/// A provider as stored; its key lies sealed under [`key_name`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredProvider {
    pub(crate) id: String,
    pub(crate) kind: ProviderKind,
    pub(crate) name: String,
    pub(crate) base_url: Option<String>,
    pub(crate) model: String,
    pub(crate) enabled: bool,
    pub(crate) timeout_s: u32,
}

/// When a model may try although the documents' own words do not plainly answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Threshold {
    /// Only when the search is sure.
    Careful,
    #[default]
    Balanced,
    /// Whenever anything was found.
    Bold,
}

/// How answers are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AnswerSettings {
    /// In the order in which they are tried.
    pub(crate) providers: Vec<StoredProvider>,
    pub(crate) use_local_chat: bool,
    pub(crate) threshold: Threshold,
    /// How models should sound, in the owner's words.
    pub(crate) tone: String,
}

impl Default for AnswerSettings {
    fn default() -> Self {
        Self { providers: Vec::new(), use_local_chat: true, threshold: Threshold::default(), tone: String::new() }
    }
}

impl AnswerSettings {
    pub(super) fn may_try(&self, outcome: &knowledge::Outcome) -> bool {
        match outcome {
            knowledge::Outcome::Answer(_) => true,
            knowledge::Outcome::Unknown { confidence, .. } => match self.threshold {
                Threshold::Careful => false,
                Threshold::Balanced => *confidence >= 0.25,
                Threshold::Bold => true,
            },
        }
    }
}

pub(crate) fn key_name(provider: &str) -> String {
    format!("provider:{provider}:key")
}

pub(crate) fn get(connection: &Connection) -> Result<AnswerSettings> {
    store::get(connection, NAME)
}

pub(crate) fn put(tx: &db::Tx<'_>, settings: &AnswerSettings) -> Result<()> {
    tx.publish("models");
    tx.publish("status");
    store::put(tx, NAME, settings)
}

/// The settings with every key, for the router of models.
pub(crate) fn with_keys(
    connection: &Connection,
    vault: &base::Vault,
) -> Result<(AnswerSettings, Vec<(StoredProvider, Secret)>)> {
    let settings = get(connection)?;
    let mut providers = Vec::new();
    for provider in settings.providers.iter().filter(|p| p.enabled) {
        let key = store::get_secret(connection, vault, &key_name(&provider.id))?.unwrap_or_default();
        providers.push((provider.clone(), key));
    }
    Ok((settings, providers))
}
