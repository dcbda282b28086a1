//! Bots over HTTP.

use accounts::Permission;
use base::id::BotId;
use base::{Error, Result, Time};
use db::rusqlite::Connection;
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Path};

use super::{BotRow, Texts, service, store};
use crate::channels::routes::ChannelSummary;
use crate::current::{AppState, Current};
use crate::{channels, conversations};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(duplicate))
        .routes(routes!(restore))
        .routes(routes!(get_flow))
        .routes(routes!(get_texts, put_texts))
}

/// A bot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Bot {
    id: BotId,
    name: String,
    description: String,
    /// A paused bot answers nobody; every message waits for a person.
    paused: bool,
    channels: Vec<ChannelSummary>,
    /// Answers given in the last 7 days.
    answered_7d: u32,
    /// Conversations of the last 7 days that a person has or is asked for.
    handed_over_7d: u32,
    /// How long a short first message waits for the rest of the thought, in milliseconds.
    debounce_ms: u32,
    created_at: Time,
    updated_at: Time,
}

/// All bots.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BotList)]
pub(crate) struct Bots {
    items: Vec<Bot>,
}

fn view(connection: &Connection, now: Time, row: BotRow) -> Result<Bot> {
    let (answered, handed_over) = conversations::store::counts_of_bot(connection, row.id, now.minus(WEEK))?;
    Ok(Bot {
        channels: channels::store::of_bot(connection, row.id)?.iter().map(ChannelSummary::of).collect(),
        answered_7d: answered,
        handed_over_7d: handed_over,
        id: row.id,
        name: row.name,
        description: row.description,
        paused: row.paused,
        debounce_ms: row.debounce_ms,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

async fn one(current: &Current, id: BotId) -> Result<Bot> {
    let now = current.clock.now();
    current.db.read(move |c| view(c, now, store::expect(c, id)?)).await
}

/// All bots, oldest first.
#[utoipa::path(get, path = "/bots", operation_id = "listBots", tag = "bots", responses((status = 200, body = Bots)))]
async fn list(current: Current) -> ApiResult<Json<Bots>> {
    current.member.require(Permission::View)?;
    let now = current.clock.now();
    let items = current
        .db
        .read(move |c| store::list(c)?.into_iter().map(|row| view(c, now, row)).collect::<Result<Vec<_>>>())
        .await?;
    Ok(Json(Bots { items }))
}

/// What a new bot needs.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub(crate) struct NewBot {
    #[garde(length(chars, min = 1, max = 80), custom(crate::settings::not_blank))]
    #[schema(min_length = 1, max_length = 80, pattern = r"\S")]
    name: String,
    #[serde(default)]
    #[garde(length(chars, max = 500))]
    #[schema(max_length = 500)]
    description: String,
}

/// Makes a bot with the ready flow.
#[utoipa::path(post, path = "/bots", operation_id = "createBot", tag = "bots", request_body = NewBot,
    responses(
        (status = 201, body = Bot),
        (status = 409, description = "There are as many bots as there may be")
    ))]
async fn create(current: Current, Json(new): Json<NewBot>) -> ApiResult<(StatusCode, Json<Bot>)> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let id =
        current.db.write(move |tx| service::create(tx, now, &new.name, &new.description, Texts::default())).await?;
    Ok((StatusCode::CREATED, Json(one(&current, id).await?)))
}

/// One bot.
#[utoipa::path(get, path = "/bots/{id}", operation_id = "getBot", tag = "bots", params(("id" = BotId, Path)),
    responses((status = 200, body = Bot)))]
async fn get(current: Current, Path(id): Path<BotId>) -> ApiResult<Json<Bot>> {
    current.member.require(Permission::View)?;
    Ok(Json(one(&current, id).await?))
}

/// What may be changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub(crate) struct BotChange {
    #[garde(length(chars, min = 1, max = 80), inner(custom(crate::settings::not_blank)))]
    #[schema(min_length = 1, max_length = 80, pattern = r"\S")]
    name: Option<String>,
    #[garde(length(chars, max = 500))]
    #[schema(max_length = 500)]
    description: Option<String>,
    #[garde(skip)]
    paused: Option<bool>,
    #[garde(range(max = 10_000))]
    #[schema(maximum = 10_000)]
    debounce_ms: Option<u32>,
}

/// Changes a bot.
#[utoipa::path(patch, path = "/bots/{id}", operation_id = "updateBot", tag = "bots", params(("id" = BotId, Path)),
    request_body = BotChange, responses((status = 200, body = Bot)))]
async fn update(current: Current, Path(id): Path<BotId>, Json(change): Json<BotChange>) -> ApiResult<Json<Bot>> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    current
        .db
        .write(move |tx| {
            let mut bot = store::expect(tx, id)?;
            if let Some(name) = change.name {
                bot.name = name.trim().to_owned();
            }
            if let Some(description) = change.description {
                bot.description = description.trim().to_owned();
            }
            bot.paused = change.paused.unwrap_or(bot.paused);
            bot.debounce_ms = change.debounce_ms.unwrap_or(bot.debounce_ms);
            bot.updated_at = now;
            tx.publish("bots");
            store::update(tx, &bot)
        })
        .await?;
    Ok(Json(one(&current, id).await?))
}

/// Deletes a bot; it can be brought back. Its channels stay and fall silent.
#[utoipa::path(delete, path = "/bots/{id}", operation_id = "deleteBot", tag = "bots", params(("id" = BotId, Path)),
    responses((status = 204)))]
async fn delete(current: Current, Path(id): Path<BotId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    set_deleted(&current, id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a deleted bot back.
#[utoipa::path(post, path = "/bots/{id}/restore", operation_id = "restoreBot", tag = "bots",
    params(("id" = BotId, Path)), responses((status = 200, body = Bot)))]
async fn restore(current: Current, Path(id): Path<BotId>) -> ApiResult<Json<Bot>> {
    current.member.require(Permission::Edit)?;
    set_deleted(&current, id, false).await?;
    Ok(Json(one(&current, id).await?))
}

async fn set_deleted(current: &Current, id: BotId, deleted: bool) -> Result<()> {
    let now = current.clock.now();
    current
        .db
        .write(move |tx| {
            let mut bot = store::get(tx, id)?.ok_or_else(|| Error::not_found("bot", id))?;
            if bot.deleted_at.is_some() != deleted {
                bot.deleted_at = deleted.then_some(now);
                store::update(tx, &bot)?;
            }
            for tag in ["bots", "channels", "home"] {
                tx.publish(tag);
            }
            Ok(())
        })
        .await
}

/// Makes a copy without channels.
#[utoipa::path(post, path = "/bots/{id}/duplicate", operation_id = "duplicateBot", tag = "bots",
    params(("id" = BotId, Path)),
    responses(
        (status = 201, body = Bot),
        (status = 409, description = "There are as many bots as there may be")
    ))]
async fn duplicate(current: Current, Path(id): Path<BotId>) -> ApiResult<(StatusCode, Json<Bot>)> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let copy = current.db.write(move |tx| service::duplicate(tx, now, id)).await?;
    Ok((StatusCode::CREATED, Json(one(&current, copy).await?)))
}

/// A bot's published flow, with what is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublishedFlow)]
pub(crate) struct FlowView {
    version: u32,
    definition: flow::Definition,
    findings: Vec<flow::Finding>,
}

/// The published flow.
#[utoipa::path(get, path = "/bots/{id}/flow", operation_id = "getBotFlow", tag = "bots", params(("id" = BotId, Path)),
    responses((status = 200, body = FlowView)))]
async fn get_flow(current: Current, Path(id): Path<BotId>) -> ApiResult<Json<FlowView>> {
    current.member.require(Permission::View)?;
    let found = current
        .db
        .read(move |c| {
            store::expect(c, id)?;
            store::current(c, id)
        })
        .await?;
    let (_, version, definition) = found.ok_or_else(|| Error::not_found("flow", id))?;
    let definition = flow::Definition::parse(&definition)?;
    Ok(Json(FlowView { version, findings: flow::validate(&definition), definition }))
}

/// What the bot says in fixed places.
#[utoipa::path(get, path = "/bots/{id}/texts", operation_id = "getBotTexts", tag = "bots",
    params(("id" = BotId, Path)), responses((status = 200, body = Texts)))]
async fn get_texts(current: Current, Path(id): Path<BotId>) -> ApiResult<Json<Texts>> {
    current.member.require(Permission::View)?;
    Ok(Json(current.db.read(move |c| Ok(store::expect(c, id)?.texts)).await?))
}

/// Changes what the bot says in fixed places, from the next conversation on.
#[utoipa::path(put, path = "/bots/{id}/texts", operation_id = "replaceBotTexts", tag = "bots",
    params(("id" = BotId, Path)), request_body = Texts, responses((status = 200, body = Texts)))]
async fn put_texts(current: Current, Path(id): Path<BotId>, Json(texts): Json<Texts>) -> ApiResult<Json<Texts>> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let stored = texts.clone();
    current.db.write(move |tx| service::set_texts(tx, now, id, stored)).await?;
    Ok(Json(texts))
}
