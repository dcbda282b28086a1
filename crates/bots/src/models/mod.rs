//! Models: the ones of this machine, shared by all its businesses, and each business's own providers.

pub(crate) mod routes;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ai::chat::ChatHandle;
use ai::cloud::{Cloud, Provider};
use ai::embed::{EmbedderHandle, LoadState};
use ai::models::{DEFAULT_CHAT, DEFAULT_EMBEDDER, ModelState as FileState, Store, find};
use ai::router::{Backend, Router};
use ai::{Part, Request};
use base::{Clock, Error, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use crate::answers::settings::{self, ProviderKind};
use crate::workspace::Workspace;

/// A model that nobody asked for this long leaves memory.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// The models of this machine. Cheap to clone.
#[derive(Clone)]
pub struct Models {
    pub(crate) store: Store,
    pub(crate) embedder: EmbedderHandle,
    pub(crate) chat: ChatHandle,
    downloads: Arc<Mutex<HashMap<String, CancellationToken>>>,
}

impl Models {
    /// The models in `folder`; `hub` replaces the public hub that larger ones come from.
    pub fn new(folder: PathBuf, hub: Option<&str>) -> Self {
        Self::with_shipped(folder, None, hub)
    }

    /// The same with the folder of models that came with the program.
    pub fn with_shipped(folder: PathBuf, shipped: Option<PathBuf>, hub: Option<&str>) -> Self {
        let store = Store::with_shipped(folder, shipped, hub);
        let chat_file = find(DEFAULT_CHAT)
            .and_then(|model| model.files.first().map(|file| store.file(model, file)))
            .unwrap_or_else(|| store.folder(DEFAULT_CHAT));
        Self {
            embedder: EmbedderHandle::new(DEFAULT_EMBEDDER, store.folder(DEFAULT_EMBEDDER), IDLE),
            chat: ChatHandle::new(DEFAULT_CHAT, chat_file, IDLE),
            store,
            downloads: Arc::default(),
        }
    }

    /// What search needs of the embedder; nothing while its model is not installed.
    pub(crate) fn embed(&self) -> Option<Arc<dyn knowledge::Embed>> {
        (self.embedder.status().state != LoadState::Absent)
            .then(|| Arc::new(Embed(self.embedder.clone())) as Arc<dyn knowledge::Embed>)
    }
}

/// The embedder as search sees it.
struct Embed(EmbedderHandle);

impl knowledge::Embed for Embed {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn embed_queries(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>> {
        async move {
            let each = texts.into_iter().map(|text| self.0.embed_query(text));
            let vectors = futures::future::try_join_all(each).await?;
            Ok(vectors.into_iter().map(|v| v.to_vec()).collect())
        }
        .boxed()
    }

    fn embed_passages(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>> {
        self.0.embed_passages(texts).boxed()
    }
}

/// Where a model stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModelState {
    Absent,
    Downloading,
    Damaged,
    /// Installed, not in memory.
    Unloaded,
    Loading,
    Ready,
}

impl From<LoadState> for ModelState {
    fn from(state: LoadState) -> Self {
        match state {
            LoadState::Absent => ModelState::Absent,
            LoadState::Unloaded => ModelState::Unloaded,
            LoadState::Loading => ModelState::Loading,
            LoadState::Ready => ModelState::Ready,
        }
    }
}

fn state_of(files: FileState, loaded: LoadState) -> ModelState {
    match files {
        FileState::Missing | FileState::Partial { .. } => ModelState::Absent,
        FileState::Downloading { .. } => ModelState::Downloading,
        FileState::Damaged => ModelState::Damaged,
        FileState::Ready => ModelState::from(loaded),
    }
}

/// Whether the cloud answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CloudState {
    /// None is set up.
    None,
    Ok,
}

/// The models in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ModelStates {
    /// Finds passages by meaning.
    pub(crate) embedding: ModelState,
    /// Writes answers on this computer.
    pub(crate) chat: ModelState,
    pub(crate) cloud: CloudState,
}

pub(crate) async fn states(ws: &Workspace) -> Result<ModelStates> {
    let settings = ws.db.read(settings::get).await?;
    let models = &ws.models;
    Ok(ModelStates {
        embedding: state_of(models.store.state(DEFAULT_EMBEDDER)?, models.embedder.status().state),
        chat: state_of(models.store.state(DEFAULT_CHAT)?, models.chat.status().state),
        cloud: if settings.providers.iter().any(|p| p.enabled) { CloudState::Ok } else { CloudState::None },
    })
}

/// A business's own order of providers. Set anew whenever its settings change.
pub(crate) struct Writer(Router);

impl Writer {
    pub(crate) fn new(clock: Clock) -> Self {
        Self(Router::new(clock, |call| {
            let ok = if call.ok { "ok" } else { "failed" };
            metrics::counter!("model_calls_total", "provider" => call.provider.clone(), "outcome" => ok).increment(1);
            metrics::histogram!("model_call_seconds", "purpose" => call.purpose).record(call.ms as f64 / 1000.0);
        }))
    }

    /// Reads the settings and keys. A provider that cannot be used is left out; its test says why.
    pub(crate) fn set_up(&self, ws: &Workspace) -> Result<()> {
        let (settings, providers) = ws.db.read_blocking(|c| settings::with_keys(c, &ws.vault))?;
        let mut backends: Vec<Backend> = providers
            .into_iter()
            .filter_map(|(stored, key)| Cloud::new(provider(&stored, key)).ok())
            .map(|cloud| Backend::Cloud(Arc::new(cloud)))
            .collect();
        if settings.use_local_chat {
            backends.push(Backend::Local(ws.models.chat.clone()));
        }
        self.0.set_backends(backends);
        Ok(())
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.0.is_ready()
    }
}

pub(crate) fn provider(stored: &settings::StoredProvider, key: base::Secret) -> Provider {
    let kind = match stored.kind {
        ProviderKind::Openai => ai::cloud::Kind::OpenAi,
        ProviderKind::Compatible => ai::cloud::Kind::OpenAiCompatible,
        ProviderKind::Anthropic => ai::cloud::Kind::Anthropic,
        ProviderKind::Gemini => ai::cloud::Kind::Gemini,
        ProviderKind::Ollama => ai::cloud::Kind::Ollama,
    };
    let timeout = Duration::from_secs(u64::from(stored.timeout_s.clamp(5, 300)));
    Provider {
        base_url: stored.base_url.clone(),
        first_token_timeout: timeout.min(Duration::from_secs(30)),
        timeout,
        ..Provider::new(&stored.id, kind, &stored.model, key)
    }
}

/// What a model wrote.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) model: String,
    pub(crate) local: bool,
}

/// Has a model write; `hear` gets the words as they come.
pub(crate) async fn write(
    ws: &Workspace,
    request: &Request,
    cancel: &CancellationToken,
    hear: impl Fn(&str) + Send + Sync,
) -> Result<Written> {
    let on_part = |part: Part<'_>| {
        if let Part::Text(words) = part {
            hear(words);
        }
    };
    tokio::select! {
        () = cancel.cancelled() => Err(Error::cancelled()),
        done = ws.writer.0.complete(request, &on_part) => {
            let done = done?;
            Ok(Written { local: done.provider == ai::chat::LOCAL, text: done.text, model: done.model })
        }
    }
}

/// The settings of a business changed, or a model came or went.
pub(crate) fn changed(ws: &Workspace) -> Result<()> {
    ws.writer.set_up(ws)?;
    if ws.knowledge.embedder().is_none() {
        ws.knowledge.set_embedder(ws.models.embed());
    }
    Ok(())
}

/// Whether any model can write.
pub(crate) fn has_writer(ws: &Workspace) -> bool {
    ws.writer.is_ready()
}
