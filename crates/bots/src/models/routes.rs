//! Models and providers over HTTP.

use std::sync::Arc;

use accounts::Permission;
use ai::cloud::Cloud;
use ai::models::{ModelState as FileState, Purpose};
use ai::{Message, Request};
use base::{Error, ErrorCode, Result, Secret, Stopwatch};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Json, Path};

use super::{ModelState, changed, provider, state_of};
use crate::answers::settings::{self, AnswerSettings, ProviderKind, StoredProvider, Threshold, key_name};
use crate::current::{AppState, Current};
use crate::settings as stored_settings;
use crate::workspace::{Workspace, Workspaces};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(remove))
        .routes(routes!(download))
        .routes(routes!(cancel))
        .routes(routes!(read, update))
        .routes(routes!(test))
}

/// A model that this computer can run.
#[derive(Debug, Serialize, ToSchema)]
struct Model {
    id: &'static str,
    name: &'static str,
    purpose: Purpose,
    size_bytes: u64,
    /// Memory it needs while it is used, roughly.
    memory_bytes: u64,
    licence: ai::models::Licence,
    description: &'static str,
    state: ModelState,
    /// Of `size_bytes`, while it is downloaded or was interrupted.
    downloaded_bytes: u64,
    in_use: bool,
}

/// All models.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelList)]
struct Models {
    items: Vec<Model>,
}

/// The models that can be installed, with where each stands.
#[utoipa::path(get, path = "/models", operation_id = "listModels", tag = "settings",
    responses((status = 200, body = Models)))]
async fn list(current: Current) -> ApiResult<Json<Models>> {
    current.member.require(Permission::View)?;
    let models = &current.models;
    let items = models
        .store
        .list()
        .into_iter()
        .map(|m| {
            let loaded = if m.id == models.embedder.id() {
                models.embedder.status().state
            } else if m.id == models.chat.model() {
                models.chat.status().state
            } else {
                ai::embed::LoadState::Unloaded
            };
            let state = state_of(m.state, loaded);
            Model {
                id: m.id,
                name: m.title,
                purpose: m.purpose,
                size_bytes: m.bytes,
                memory_bytes: m.memory_bytes,
                licence: m.licence,
                description: m.about,
                downloaded_bytes: match m.state {
                    FileState::Partial { bytes } | FileState::Downloading { bytes } => bytes,
                    FileState::Ready => m.bytes,
                    FileState::Missing | FileState::Damaged => 0,
                },
                in_use: matches!(state, ModelState::Ready | ModelState::Unloaded | ModelState::Loading)
                    && (m.id == models.embedder.id() || m.id == models.chat.model()),
                state,
            }
        })
        .collect();
    Ok(Json(Models { items }))
}

/// Downloads a model, going on where it stopped; progress shows in the list.
#[utoipa::path(post, path = "/models/{id}/download", operation_id = "downloadModel", tag = "settings",
    params(("id" = String, Path)), responses((status = 202)))]
async fn download(current: Current, Path(id): Path<String>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Manage)?;
    let models = current.models.clone();
    models.store.state(&id)?;
    let cancel = CancellationToken::new();
    {
        let mut downloads = models.downloads.lock().map_err(|_| Error::internal("downloads poisoned"))?;
        if downloads.contains_key(&id) {
            return Ok(StatusCode::ACCEPTED);
        }
        downloads.insert(id.clone(), cancel.clone());
    }
    let (ws, workspaces) = (current.ws.clone(), current.workspaces.clone());
    base::task::spawn("model download", async move {
        let told = std::sync::Mutex::new(Stopwatch::start());
        let on_progress = |_| {
            // Screens hear of it a few times a second, not with every piece.
            if let Ok(mut last) = told.lock()
                && last.elapsed().as_millis() > 400
            {
                *last = Stopwatch::start();
                announce(ws.clone());
            }
        };
        let result = models.store.download(&id, on_progress, &cancel).await;
        if let Ok(mut downloads) = models.downloads.lock() {
            downloads.remove(&id);
        }
        match result {
            Ok(_) => arrived(&workspaces).await,
            Err(e) if e.code == ErrorCode::Cancelled => {}
            Err(e) => tracing::warn!(error = ?e, model = id, "a model could not be downloaded"),
        }
        announce(ws);
    });
    Ok(StatusCode::ACCEPTED)
}

fn announce(ws: Arc<Workspace>) {
    base::task::spawn("announce", async move {
        let _ = ws
            .db
            .write(|tx| {
                tx.publish("models");
                tx.publish("status");
                Ok(())
            })
            .await;
    });
}

/// Every business of this machine uses the new model at once.
async fn arrived(workspaces: &Workspaces) {
    for ws in workspaces.all_open() {
        let result = match changed(&ws) {
            Ok(()) => crate::sources::queue_embed(&ws).await,
            Err(e) => Err(e),
        };
        if let Err(e) = result {
            tracing::error!(error = ?e, "a new model could not be taken into use");
        }
    }
}

/// Stops a download; what is there stays for going on later.
#[utoipa::path(post, path = "/models/{id}/cancel", operation_id = "cancelModelDownload", tag = "settings",
    params(("id" = String, Path)), responses((status = 204)))]
async fn cancel(current: Current, Path(id): Path<String>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Manage)?;
    current.models.store.state(&id)?;
    if let Ok(downloads) = current.models.downloads.lock()
        && let Some(cancel) = downloads.get(&id)
    {
        cancel.cancel();
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a model's files.
#[utoipa::path(delete, path = "/models/{id}", operation_id = "deleteModel", tag = "settings",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 409, description = "The model is being downloaded")
    ))]
async fn remove(current: Current, Path(id): Path<String>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Manage)?;
    let models = current.models.clone();
    base::task::blocking(move || models.store.remove(&id)).await??;
    announce(current.ws.clone());
    Ok(StatusCode::NO_CONTENT)
}

/// A provider of language models; its key is never told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provider)]
struct ProviderView {
    id: String,
    kind: ProviderKind,
    name: String,
    #[schema(required, format = "uri")]
    base_url: Option<String>,
    model: String,
    has_key: bool,
    enabled: bool,
    /// How long it may take to answer, in seconds.
    timeout_s: u32,
}

/// How answers are made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnswerSettings)]
struct AnswerSettingsView {
    /// In the order in which they are tried.
    providers: Vec<ProviderView>,
    /// The model on this computer writes when no provider does.
    use_local_chat: bool,
    threshold: Threshold,
    /// How models should sound, in the owner's words.
    tone: String,
}

async fn view(current: &Current) -> Result<AnswerSettingsView> {
    current
        .db
        .read(|c| {
            let settings = settings::get(c)?;
            let providers = settings
                .providers
                .into_iter()
                .map(|p| {
                    Ok(ProviderView {
                        has_key: stored_settings::store::has_secret(c, &key_name(&p.id))?,
                        id: p.id,
                        kind: p.kind,
                        name: p.name,
                        base_url: p.base_url,
                        model: p.model,
                        enabled: p.enabled,
                        timeout_s: p.timeout_s,
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            Ok(AnswerSettingsView {
                providers,
                use_local_chat: settings.use_local_chat,
                threshold: settings.threshold,
                tone: settings.tone,
            })
        })
        .await
}

/// How answers are made.
#[utoipa::path(get, path = "/settings/answers", operation_id = "getAnswerSettings", tag = "settings",
    responses((status = 200, body = AnswerSettingsView)))]
async fn read(current: Current) -> ApiResult<Json<AnswerSettingsView>> {
    current.member.require(Permission::View)?;
    Ok(Json(view(&current).await?))
}

/// A provider as the owner sets it up.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct ProviderChange {
    /// Of a known provider; left out for a new one.
    #[serde(default)]
    #[garde(length(chars, max = 64))]
    #[schema(max_length = 64)]
    id: Option<String>,
    #[garde(skip)]
    kind: ProviderKind,
    #[garde(length(chars, min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// A web address, such as `https://models.example/v1`; empty for the provider's own.
    #[serde(default)]
    #[garde(length(chars, max = 300))]
    #[schema(max_length = 300)]
    base_url: Option<String>,
    #[garde(length(chars, min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    model: String,
    /// Write-only; left out to keep, empty to forget.
    #[serde(default)]
    #[garde(inner(custom(stored_settings::short_secret)))]
    #[schema(value_type = Option<String>, format = Password, max_length = 4096)]
    key: Option<Secret>,
    #[serde(default = "yes")]
    #[garde(skip)]
    enabled: bool,
    #[serde(default = "a_minute")]
    #[garde(range(min = 5, max = 300))]
    #[schema(minimum = 5, maximum = 300)]
    timeout_s: u32,
}

fn yes() -> bool {
    true
}

fn a_minute() -> u32 {
    60
}

/// How answers should be made.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct AnswerSettingsChange {
    #[garde(length(max = 20), dive)]
    #[schema(max_items = 20)]
    providers: Vec<ProviderChange>,
    #[serde(default = "yes")]
    #[garde(skip)]
    use_local_chat: bool,
    #[serde(default)]
    #[garde(skip)]
    threshold: Threshold,
    #[serde(default)]
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    tone: String,
}

/// Changes how answers are made. Providers that are left out are forgotten, keys included.
#[utoipa::path(put, path = "/settings/answers", operation_id = "replaceAnswerSettings", tag = "settings",
    request_body = AnswerSettingsChange, responses((status = 200, body = AnswerSettingsView)))]
async fn update(current: Current, Json(change): Json<AnswerSettingsChange>) -> ApiResult<Json<AnswerSettingsView>> {
    current.member.require(Permission::Manage)?;
    for (i, provider) in change.providers.iter().enumerate() {
        let url = provider.base_url.as_deref().map(str::trim).filter(|u| !u.is_empty());
        let bad = match url {
            Some(url) => url.parse::<url::Url>().is_ok_and(|u| matches!(u.scheme(), "http" | "https")),
            None => provider.kind != ProviderKind::Compatible,
        };
        if !bad {
            let field = format!("providers[{i}].base_url");
            return Err(ApiError::field(field, "This should be a web address, such as https://models.example/v1."));
        }
    }
    let ws = current.ws.clone();
    current
        .db
        .write(move |tx| {
            let before = settings::get(tx)?;
            let mut providers = Vec::new();
            for new in change.providers {
                let id = new
                    .id
                    .filter(|id| before.providers.iter().any(|p| p.id == *id))
                    .unwrap_or_else(|| base::id::fresh().to_string());
                if let Some(key) = new.key {
                    stored_settings::store::put_secret(tx, &ws.vault, &key_name(&id), &key)?;
                }
                providers.push(StoredProvider {
                    id,
                    kind: new.kind,
                    name: new.name,
                    base_url: new.base_url.map(|u| u.trim().to_owned()).filter(|u| !u.is_empty()),
                    model: new.model.trim().to_owned(),
                    enabled: new.enabled,
                    timeout_s: new.timeout_s,
                });
            }
            for gone in before.providers.iter().filter(|p| !providers.iter().any(|n| n.id == p.id)) {
                stored_settings::store::put_secret(tx, &ws.vault, &key_name(&gone.id), &Secret::default())?;
            }
            let settings = AnswerSettings {
                providers,
                use_local_chat: change.use_local_chat,
                threshold: change.threshold,
                tone: change.tone,
            };
            settings::put(tx, &settings)
        })
        .await?;
    changed(&current.ws)?;
    Ok(Json(view(&current).await?))
}

/// What came of a try.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderTest)]
struct Tried {
    ok: bool,
    /// What the provider said, or what is wrong and what to do.
    message: String,
    ms: f64,
}

/// Asks a provider for one word.
#[utoipa::path(post, path = "/settings/answers/providers/{id}/test", operation_id = "testProvider", tag = "settings",
    params(("id" = String, Path)), responses((status = 200, body = Tried)))]
async fn test(current: Current, Path(id): Path<String>) -> ApiResult<Json<Tried>> {
    current.member.require(Permission::Manage)?;
    let vault = current.vault.clone();
    let wanted = id.clone();
    let found = current
        .db
        .read(move |c| {
            let stored = settings::get(c)?.providers.into_iter().find(|p| p.id == wanted);
            let key = stored_settings::store::get_secret(c, &vault, &key_name(&wanted))?.unwrap_or_default();
            Ok(stored.map(|stored| (stored, key)))
        })
        .await?;
    let (stored, key) = found.ok_or_else(|| Error::not_found("provider", id))?;
    let watch = Stopwatch::start();
    let request = Request { max_tokens: 20, ..Request::new("test", vec![Message::user("Say only: ready")]) };
    let tried = match Cloud::new(provider(&stored, key)) {
        Ok(cloud) => cloud.complete(&request, &|_| {}).await,
        Err(e) => Err(e),
    };
    let ms = watch.elapsed_ms();
    Ok(Json(match tried {
        Ok(done) => Tried { ok: true, message: done.text.trim().chars().take(200).collect(), ms },
        Err(e) => Tried { ok: false, message: e.message, ms },
    }))
}
