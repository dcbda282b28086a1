//! Channels over HTTP.

use accounts::Permission;
use base::id::{BotId, ChannelId};
use base::{Error, Result, Secret, Time};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Json, Path};

use super::{
    ChannelKind, ChannelRow, ChannelState, FallbackTemplate, Side, WebchatConfig, WhatsAppConfig, checks, secret_name,
    store,
};
use crate::conversations::MessageProblem;
use crate::current::{AppState, Current};
use crate::workspace::Workspace;
use crate::{address, bots, settings};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(restore))
        .routes(routes!(get_checks))
        .routes(routes!(run_checks))
        .routes(routes!(subscribe))
}

/// A channel in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ChannelSummary {
    id: ChannelId,
    kind: ChannelKind,
    name: String,
    bot_id: BotId,
    state: ChannelState,
    /// What stopped it, and what to do.
    #[schema(required)]
    trouble: Option<MessageProblem>,
    /// Another computer answers for this number; registering the address here takes it over.
    answered_elsewhere: bool,
}

impl ChannelSummary {
    pub(crate) fn of(row: &ChannelRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            name: row.name.clone(),
            bot_id: row.bot_id,
            state: row.state,
            trouble: row.trouble.clone().and_then(|t| serde_json::from_value(t).ok()),
            answered_elsewhere: row.state == ChannelState::Trouble && crate::holder::is_elsewhere(row),
        }
    }
}

/// All channels.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ChannelList)]
struct Channels {
    items: Vec<ChannelSummary>,
}

/// A web chat's settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WebchatSettings)]
struct WebchatView {
    /// Web sites that may show it; empty for any.
    allowed_origins: Vec<String>,
    #[schema(required)]
    accent: Option<String>,
    title: String,
    greeting: String,
    position: Side,
    /// One line for the owner's web site; nothing while there is no public address.
    #[schema(required)]
    embed_code: Option<String>,
    /// The chat on a page of its own, on this machine.
    #[schema(format = "uri")]
    preview_url: String,
    /// The same for everybody; nothing while there is no public address.
    #[schema(required, format = "uri")]
    public_url: Option<String>,
}

/// A WhatsApp number's settings; secrets are never told.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WhatsAppSettings)]
struct WhatsAppView {
    app_id: String,
    has_app_secret: bool,
    has_second_app_secret: bool,
    has_token: bool,
    waba_id: String,
    phone_number_id: String,
    #[schema(required)]
    display_phone_number: Option<String>,
    #[schema(required)]
    verified_name: Option<String>,
    /// Where Meta delivers to; nothing while there is no public address.
    #[schema(required, format = "uri")]
    webhook_url: Option<String>,
    /// To be typed in at Meta when the webhook is set up by hand there.
    verify_token: String,
    coexistence: bool,
    /// Goes out in place of a reply when WhatsApp takes nothing else any more.
    #[schema(required)]
    fallback_template: Option<FallbackTemplate>,
}

/// A channel with its settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Channel {
    #[serde(flatten)]
    summary: ChannelSummary,
    created_at: Time,
    #[schema(required)]
    webchat: Option<WebchatView>,
    #[schema(required)]
    whatsapp: Option<WhatsAppView>,
}

fn view(connection: &db::rusqlite::Connection, ws: &Workspace, row: &ChannelRow) -> Result<Channel> {
    let public = address::get(connection)?.url;
    let webchat = (row.kind == ChannelKind::Webchat).then(|| {
        let config = row.webchat();
        let on = |base: &str| format!("{}/chat/{}", base.trim_end_matches('/'), row.id);
        WebchatView {
            embed_code: public.as_deref().map(|p| format!("<script src=\"{}/widget.js\" async></script>", on(p))),
            preview_url: on(&ws.public_url),
            public_url: public.as_deref().map(on),
            allowed_origins: config.allowed_origins,
            accent: config.accent,
            title: config.title,
            greeting: config.greeting,
            position: config.position,
        }
    });
    let whatsapp = if row.kind == ChannelKind::Whatsapp {
        let config = row.whatsapp();
        let has = |what: &str| settings::store::has_secret(connection, &secret_name(row.id, what));
        Some(WhatsAppView {
            has_app_secret: has("app_secret")?,
            has_second_app_secret: has("second_app_secret")?,
            has_token: has("token")?,
            webhook_url: public.as_deref().map(|p| checks::webhook_url(p, row.id)),
            app_id: config.app_id,
            waba_id: config.waba_id,
            phone_number_id: config.phone_number_id,
            display_phone_number: config.display_phone_number,
            verified_name: config.verified_name,
            verify_token: config.verify_token,
            coexistence: config.coexistence,
            fallback_template: config.fallback_template,
        })
    } else {
        None
    };
    Ok(Channel { summary: ChannelSummary::of(row), created_at: row.created_at, webchat, whatsapp })
}

async fn one(current: &Current, id: ChannelId) -> Result<Channel> {
    let ws = current.ws.clone();
    current.db.read(move |c| view(c, &ws, &store::expect(c, id)?)).await
}

/// All channels, oldest first.
#[utoipa::path(get, path = "/channels", operation_id = "listChannels", tag = "channels",
    responses((status = 200, body = Channels)))]
async fn list(current: Current) -> ApiResult<Json<Channels>> {
    current.member.require(Permission::View)?;
    let items = current.db.read(|c| Ok(store::all(c)?.iter().map(ChannelSummary::of).collect())).await?;
    Ok(Json(Channels { items }))
}

/// What a new channel needs.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct NewChannel {
    kind: ChannelKind,
    bot_id: BotId,
    #[garde(length(chars, min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
}

/// Adds a channel to a bot. A web chat works at once; a WhatsApp number when its checks are green.
#[utoipa::path(post, path = "/channels", operation_id = "createChannel", tag = "channels", request_body = NewChannel,
    responses(
        (status = 201, body = Channel),
        (status = 404, description = "There is no such bot")
    ))]
async fn create(current: Current, Json(new): Json<NewChannel>) -> ApiResult<(StatusCode, Json<Channel>)> {
    current.member.require(Permission::Manage)?;
    let now = current.clock.now();
    let row = new_channel(now, new.kind, new.bot_id, new.name);
    let id = row.id;
    current
        .db
        .write(move |tx| {
            bots::store::expect(tx, row.bot_id)?;
            tx.publish("channels");
            tx.publish("bots");
            store::insert(tx, &row)
        })
        .await?;
    current.workspaces.register_channel(id, current.member.workspace)?;
    current.ws.channels.forget();
    Ok((StatusCode::CREATED, Json(one(&current, id).await?)))
}

pub(crate) fn new_channel(now: Time, kind: ChannelKind, bot: BotId, name: Option<String>) -> ChannelRow {
    let (state, ready_name, config) = match kind {
        ChannelKind::Webchat => (ChannelState::Active, "Web chat", serde_json::json!(WebchatConfig::default())),
        ChannelKind::Whatsapp => {
            let config = WhatsAppConfig { verify_token: base::random::token(), ..WhatsAppConfig::default() };
            (ChannelState::Draft, "WhatsApp", serde_json::json!(config))
        }
    };
    ChannelRow {
        id: ChannelId::fresh(),
        bot_id: bot,
        kind,
        name: name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).unwrap_or_else(|| ready_name.to_owned()),
        state,
        trouble: None,
        config,
        checks: serde_json::json!({}),
        last_delivery_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// One channel.
#[utoipa::path(get, path = "/channels/{id}", operation_id = "getChannel", tag = "channels",
    params(("id" = ChannelId, Path)), responses((status = 200, body = Channel)))]
async fn get(current: Current, Path(id): Path<ChannelId>) -> ApiResult<Json<Channel>> {
    current.member.require(Permission::View)?;
    Ok(Json(one(&current, id).await?))
}

/// How the owner switches a channel.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ChannelSwitch {
    Active,
    Paused,
}

/// A template as the owner names it.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct FallbackTemplateChange {
    /// As in Meta's WhatsApp Manager; empty for none.
    #[garde(pattern("^[a-z0-9_]{0,512}$"))]
    #[schema(pattern = "^[a-z0-9_]{0,512}$")]
    name: String,
    /// As in Meta's WhatsApp Manager, such as `en` or `pt_BR`.
    #[garde(pattern("^([a-z]{2,3}(_[A-Za-z]{2,4})?)?$"))]
    #[schema(pattern = "^([a-z]{2,3}(_[A-Za-z]{2,4})?)?$")]
    #[serde(default)]
    language: String,
    /// The reply's words fill the one placeholder in the template's body.
    #[serde(default)]
    with_text: bool,
}

/// What may be changed; what is left out stays. Which fields apply depends on the kind.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct ChannelChange {
    #[garde(length(chars, min = 1, max = 80), inner(custom(settings::not_blank)))]
    #[schema(min_length = 1, max_length = 80, pattern = r"\S")]
    name: Option<String>,
    bot_id: Option<BotId>,
    state: Option<ChannelSwitch>,
    /// Origins, such as `https://shop.example`.
    #[garde(length(max = 20), inner(inner(length(max = 200))))]
    #[schema(max_items = 20, max_length = 200)]
    allowed_origins: Option<Vec<String>>,
    /// `#rrggbb`, or empty for the business's own.
    #[garde(pattern("^(#[0-9a-fA-F]{6})?$"))]
    #[schema(pattern = "^(#[0-9a-fA-F]{6})?$")]
    accent: Option<String>,
    #[garde(length(chars, max = 80))]
    #[schema(max_length = 80)]
    title: Option<String>,
    #[garde(length(chars, max = 500))]
    #[schema(max_length = 500)]
    greeting: Option<String>,
    position: Option<Side>,
    #[garde(pattern("^[0-9]{0,32}$"))]
    #[schema(pattern = "^[0-9]{0,32}$")]
    app_id: Option<String>,
    #[garde(pattern("^[0-9]{0,32}$"))]
    #[schema(pattern = "^[0-9]{0,32}$")]
    waba_id: Option<String>,
    #[garde(pattern("^[0-9]{0,32}$"))]
    #[schema(pattern = "^[0-9]{0,32}$")]
    phone_number_id: Option<String>,
    coexistence: Option<bool>,
    /// Goes out in place of a reply when WhatsApp takes nothing else any more; an empty name for none.
    #[garde(dive)]
    fallback_template: Option<FallbackTemplateChange>,
    /// Write-only; empty to forget.
    #[garde(inner(custom(settings::short_secret)))]
    #[schema(value_type = Option<String>, format = Password, max_length = 4096)]
    app_secret: Option<Secret>,
    /// A second secret that is accepted too while the app's is being changed. Write-only; empty to forget.
    #[garde(inner(custom(settings::short_secret)))]
    #[schema(value_type = Option<String>, format = Password, max_length = 4096)]
    second_app_secret: Option<Secret>,
    /// Write-only; empty to forget.
    #[garde(inner(custom(settings::short_secret)))]
    #[schema(value_type = Option<String>, format = Password, max_length = 4096)]
    token: Option<Secret>,
}

/// Changes a channel.
#[utoipa::path(patch, path = "/channels/{id}", operation_id = "updateChannel", tag = "channels",
    params(("id" = ChannelId, Path)), request_body = ChannelChange, responses((status = 200, body = Channel)))]
async fn update(
    current: Current,
    Path(id): Path<ChannelId>,
    Json(change): Json<ChannelChange>,
) -> ApiResult<Json<Channel>> {
    current.member.require(Permission::Manage)?;
    if let Some(origin) = change.allowed_origins.iter().flatten().find(|o| !is_origin(o)) {
        return Err(ApiError::field("allowed_origins", format!("“{origin}” should look like https://shop.example.")));
    }
    if change.fallback_template.as_ref().is_some_and(|t| !t.name.is_empty() && t.language.is_empty()) {
        return Err(ApiError::field("fallback_template.language", "Type in the template's language, such as en."));
    }
    let ws = current.ws.clone();
    current.db.write(move |tx| apply(tx, &ws, id, change)).await?;
    current.ws.channels.forget();
    Ok(Json(one(&current, id).await?))
}

fn is_origin(text: &str) -> bool {
    let text = text.trim_end_matches('/');
    url::Url::parse(text).is_ok_and(|u| {
        matches!(u.scheme(), "http" | "https") && u.origin().ascii_serialization().eq_ignore_ascii_case(text)
    })
}

fn apply(tx: &db::Tx<'_>, ws: &Workspace, id: ChannelId, change: ChannelChange) -> Result<()> {
    let mut row = store::expect(tx, id)?;
    if let Some(name) = change.name {
        row.name = name.trim().to_owned();
    }
    if let Some(bot) = change.bot_id {
        bots::store::expect(tx, bot)?;
        row.bot_id = bot;
    }
    match row.kind {
        ChannelKind::Webchat => {
            let mut config = row.webchat();
            set(&mut config.allowed_origins, change.allowed_origins);
            set(&mut config.title, change.title);
            set(&mut config.greeting, change.greeting);
            set(&mut config.position, change.position);
            if let Some(accent) = change.accent {
                config.accent = Some(accent).filter(|a| !a.is_empty());
            }
            row.config = serde_json::to_value(config)?;
        }
        ChannelKind::Whatsapp => {
            let mut config = row.whatsapp();
            set(&mut config.app_id, change.app_id);
            set(&mut config.waba_id, change.waba_id);
            set(&mut config.phone_number_id, change.phone_number_id);
            set(&mut config.coexistence, change.coexistence);
            if let Some(FallbackTemplateChange { name, language, with_text }) = change.fallback_template {
                config.fallback_template =
                    (!name.is_empty()).then_some(FallbackTemplate { name, language, with_text, problem: None });
            }
            row.config = serde_json::to_value(config)?;
            let secrets = [
                ("app_secret", change.app_secret),
                ("second_app_secret", change.second_app_secret),
                ("token", change.token),
            ];
            for (what, secret) in secrets {
                if let Some(secret) = secret {
                    settings::store::put_secret(tx, &ws.vault, &secret_name(id, what), &secret)?;
                    // What was wrong may be mended now: try again with what is new.
                    row.trouble = None;
                    if row.state == ChannelState::Trouble {
                        row.state = ChannelState::Active;
                    }
                }
            }
        }
    }
    match change.state {
        Some(ChannelSwitch::Active) => {
            row.state = checks::state_when_on(tx, &row)?;
            row.trouble = None;
        }
        Some(ChannelSwitch::Paused) => row.state = ChannelState::Paused,
        None => row.state = if row.state == ChannelState::Draft { checks::state_when_on(tx, &row)? } else { row.state },
    }
    crate::holder::keep_silent(tx, &mut row)?;
    row.updated_at = ws.clock.now();
    for tag in ["channels", "bots", "home", crate::outbox::TAG] {
        tx.publish(tag);
    }
    store::update(tx, &row)
}

fn set<T>(to: &mut T, from: Option<T>) {
    if let Some(from) = from {
        *to = from;
    }
}

/// Deletes a channel; it can be brought back. Its conversations stay.
#[utoipa::path(delete, path = "/channels/{id}", operation_id = "deleteChannel", tag = "channels",
    params(("id" = ChannelId, Path)), responses((status = 204)))]
async fn delete(current: Current, Path(id): Path<ChannelId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Manage)?;
    set_deleted(&current, id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a deleted channel back.
#[utoipa::path(post, path = "/channels/{id}/restore", operation_id = "restoreChannel", tag = "channels",
    params(("id" = ChannelId, Path)), responses((status = 200, body = Channel)))]
async fn restore(current: Current, Path(id): Path<ChannelId>) -> ApiResult<Json<Channel>> {
    current.member.require(Permission::Manage)?;
    set_deleted(&current, id, false).await?;
    Ok(Json(one(&current, id).await?))
}

async fn set_deleted(current: &Current, id: ChannelId, deleted: bool) -> Result<()> {
    let now = current.clock.now();
    current
        .db
        .write(move |tx| {
            let mut row = store::get(tx, id)?.ok_or_else(|| Error::not_found("channel", id))?;
            if row.deleted_at.is_some() != deleted {
                row.deleted_at = deleted.then_some(now);
                store::update(tx, &row)?;
            }
            for tag in ["channels", "bots", "home"] {
                tx.publish(tag);
            }
            Ok(())
        })
        .await?;
    current.ws.channels.forget();
    Ok(())
}

/// The steps of a WhatsApp number's set-up, with how far each is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SetupChecks)]
struct Checks {
    checks: Vec<checks::Check>,
}

/// How far the set-up is.
#[utoipa::path(get, path = "/channels/{id}/checks", operation_id = "getChannelChecks", tag = "channels",
    params(("id" = ChannelId, Path)),
    responses(
        (status = 200, body = Checks),
        (status = 422, description = "Not a WhatsApp number")
    ))]
async fn get_checks(current: Current, Path(id): Path<ChannelId>) -> ApiResult<Json<Checks>> {
    current.member.require(Permission::View)?;
    let ws = current.ws.clone();
    Ok(Json(Checks { checks: current.db.read(move |c| checks::current(c, &ws, id)).await? }))
}

/// Asks Meta now.
#[utoipa::path(post, path = "/channels/{id}/checks/run", operation_id = "runChannelChecks", tag = "channels",
    params(("id" = ChannelId, Path)),
    responses(
        (status = 200, body = Checks),
        (status = 422, description = "Not a WhatsApp number"),
        (status = 502, description = "Meta cannot be reached or refuses")
    ))]
async fn run_checks(current: Current, Path(id): Path<ChannelId>) -> ApiResult<Json<Checks>> {
    current.member.require(Permission::Manage)?;
    checks::run(&current.ws, id).await?;
    let ws = current.ws.clone();
    Ok(Json(Checks { checks: current.db.read(move |c| checks::current(c, &ws, id)).await? }))
}

/// Registers our address at Meta, which asks it back at once.
#[utoipa::path(post, path = "/channels/{id}/subscribe", operation_id = "subscribeChannel", tag = "channels",
    params(("id" = ChannelId, Path)),
    responses(
        (status = 200, body = Checks),
        (status = 409, description = "The public address, or something of the app, is still missing"),
        (status = 422, description = "Not a WhatsApp number"),
        (status = 502, description = "Meta cannot be reached or refuses")
    ))]
async fn subscribe(current: Current, Path(id): Path<ChannelId>) -> ApiResult<Json<Checks>> {
    current.member.require(Permission::Manage)?;
    checks::subscribe(&current.ws, id).await?;
    let ws = current.ws.clone();
    Ok(Json(Checks { checks: current.db.read(move |c| checks::current(c, &ws, id)).await? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_by_its_origin_only() {
        for (text, ok) in [
            ("https://shop.example", true),
            ("https://shop.example/", true),
            ("http://localhost:3000", true),
            ("https://shop.example/page", false),
            ("shop.example", false),
            ("javascript:alert(1)", false),
            ("https://user@shop.example", false),
        ] {
            assert_eq!(is_origin(text), ok, "{text}");
        }
    }
}
