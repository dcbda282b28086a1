//! Conversations over HTTP.

use accounts::Permission;
use base::id::{ConversationId, MessageId};
use base::{Error, Result, Time};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Page, PageQuery, Path, Query};

use super::store::{self, Filter};
use super::{Conversation, ConversationSummary, Message, Mode, conversation_view, message_view, service, summary_view};
use crate::answers::{Citation, Hit};
use crate::current::{AppState, Current};
use crate::{outbox, runs};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, update))
        .routes(routes!(messages, reply))
        .routes(routes!(seen))
        .routes(routes!(retry))
        .routes(routes!(why))
}

/// Which conversations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `all`, `waiting`, `open` or `resolved`.
    #[serde(default)]
    filter: Option<String>,
    /// Part of a name, number or message.
    #[serde(default)]
    search: Option<String>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    limit: Option<u32>,
}

/// Conversations, the latest first.
#[utoipa::path(get, path = "/conversations", tag = "conversations", params(ListQuery),
    responses((status = 200, body = Page<ConversationSummary>)))]
async fn list(current: Current, Query(query): Query<ListQuery>) -> ApiResult<Json<Page<ConversationSummary>>> {
    current.member.require(Permission::View)?;
    let filter = match query.filter.as_deref() {
        None | Some("" | "all") => Filter::All,
        Some("waiting") => Filter::Waiting,
        Some("open") => Filter::Open,
        Some("resolved") => Filter::Resolved,
        Some(other) => return Err(Error::invalid(format!("“{other}” is not all, waiting, open or resolved.")).into()),
    };
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let (limit, after) = (page.limit(), page.after::<(Time, ConversationId)>()?);
    let search = query.search.map(|s| s.trim().chars().take(100).collect::<String>()).filter(|s| !s.is_empty());
    let page = current
        .db
        .read(move |c| {
            let rows = store::list(c, filter, search.as_deref(), after, limit + 1)?;
            let page = Page::from_rows(rows, limit, |row| (row.last_message_at, row.id))?;
            let items = page.items.iter().map(|row| summary_view(c, row)).collect::<Result<Vec<_>>>()?;
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(Json(page))
}

async fn one(current: &Current, id: ConversationId) -> Result<Conversation> {
    current
        .db
        .read(move |c| {
            let row = store::get(c, id)?.ok_or_else(|| Error::not_found("conversation", id))?;
            conversation_view(c, &row)
        })
        .await
}

/// One conversation.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations", params(("id" = ConversationId, Path)),
    responses((status = 200, body = Conversation)))]
async fn get(current: Current, Path(id): Path<ConversationId>) -> ApiResult<Json<Conversation>> {
    current.member.require(Permission::View)?;
    Ok(Json(one(&current, id).await?))
}

/// Who answers, and whether it is done.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct ConversationChange {
    mode: Option<Mode>,
    status: Option<Status>,
}

/// Whether a conversation is done.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Open,
    Resolved,
}

/// Takes a conversation over, gives it back to the bot, closes it or opens it again.
#[utoipa::path(patch, path = "/conversations/{id}", tag = "conversations", params(("id" = ConversationId, Path)),
    request_body = ConversationChange, responses((status = 200, body = Conversation)))]
async fn update(
    current: Current,
    Path(id): Path<ConversationId>,
    Json(change): Json<ConversationChange>,
) -> ApiResult<Json<Conversation>> {
    current.member.require(Permission::Answer)?;
    let ws = current.ws.clone();
    current
        .db
        .write(move |tx| {
            let get = || store::get(tx, id)?.ok_or_else(|| Error::not_found("conversation", id));
            match change.mode {
                Some(Mode::Person) => service::take_over(tx, &ws, &get()?)?,
                Some(Mode::Bot) => service::give_back(tx, &ws, &get()?)?,
                None => {}
            }
            match change.status {
                Some(Status::Resolved) => service::resolve(tx, &ws, &get()?)?,
                Some(Status::Open) => service::reopen(tx, &get()?)?,
                None => {}
            }
            get().map(drop)
        })
        .await?;
    Ok(Json(one(&current, id).await?))
}

/// Messages, the newest first.
#[utoipa::path(get, path = "/conversations/{id}/messages", tag = "conversations",
    params(("id" = ConversationId, Path), PageQuery), responses((status = 200, body = Page<Message>)))]
async fn messages(
    current: Current,
    Path(id): Path<ConversationId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<Message>>> {
    current.member.require(Permission::View)?;
    let (limit, before) = (page.limit(), page.after::<i64>()?);
    let rows = current
        .db
        .read(move |c| {
            store::get(c, id)?.ok_or_else(|| Error::not_found("conversation", id))?;
            store::messages_before(c, id, before, limit + 1)
        })
        .await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.seq)?.map(message_view)))
}

/// What a person writes.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct Reply {
    #[garde(length(chars, min = 1, max = 4096), custom(crate::settings::not_blank))]
    text: String,
    /// Made by the browser, the same when it sends again: sent only once.
    #[garde(length(chars, min = 8, max = 64))]
    client_id: String,
}

async fn message(current: &Current, id: MessageId) -> Result<Message> {
    let row = current.db.read(move |c| store::message(c, id)).await?;
    row.map(message_view).ok_or_else(|| Error::not_found("message", id))
}

/// Answers by hand; the bot falls silent in this conversation until it is given back.
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "conversations",
    params(("id" = ConversationId, Path)), request_body = Reply, responses((status = 201, body = Message)))]
async fn reply(
    current: Current,
    Path(id): Path<ConversationId>,
    Json(reply): Json<Reply>,
) -> ApiResult<(StatusCode, Json<Message>)> {
    current.member.require(Permission::Answer)?;
    let (ws, name) = (current.ws.clone(), current.member.name.clone());
    let sent =
        current.db.write(move |tx| service::reply_by_hand(tx, &ws, id, &name, &reply.text, &reply.client_id)).await?;
    Ok((StatusCode::CREATED, Json(message(&current, sent).await?)))
}

/// The person has seen what is new.
#[utoipa::path(post, path = "/conversations/{id}/read", tag = "conversations",
    params(("id" = ConversationId, Path)), responses((status = 204)))]
async fn seen(current: Current, Path(id): Path<ConversationId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::View)?;
    current
        .db
        .write(move |tx| {
            tx.publish("conversations");
            store::mark_seen(tx, id)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a failed or doubtful message again.
#[utoipa::path(post, path = "/messages/{id}/retry", tag = "conversations", params(("id" = MessageId, Path)),
    responses((status = 200, body = Message)))]
async fn retry(current: Current, Path(id): Path<MessageId>) -> ApiResult<Json<Message>> {
    current.member.require(Permission::Answer)?;
    let now = current.clock.now();
    current.db.write(move |tx| outbox::retry(tx, now, id)).await?;
    Ok(Json(message(&current, id).await?))
}

/// One line of the path that led to an answer.
#[derive(Debug, Serialize, ToSchema)]
struct WhyStep {
    at: Time,
    title: String,
    note: String,
}

/// Why the bot said what it said.
#[derive(Debug, Serialize, ToSchema)]
struct Why {
    /// What was looked up; nothing when the bot's words rest on no search.
    question: Option<String>,
    /// Which rung of the ladder spoke.
    rung: Option<String>,
    confidence: Option<f64>,
    /// From the question to the answer, in milliseconds.
    ms: Option<f64>,
    /// The path through the flow.
    steps: Vec<WhyStep>,
    /// What the search found, best first.
    hits: Vec<Hit>,
    /// What the answer rests on.
    citations: Vec<Citation>,
}

/// Why the bot said this.
#[utoipa::path(get, path = "/messages/{id}/why", tag = "conversations", params(("id" = MessageId, Path)),
    responses((status = 200, body = Why)))]
async fn why(current: Current, Path(id): Path<MessageId>) -> ApiResult<Json<Why>> {
    current.member.require(Permission::View)?;
    let (row, events, outcomes) = current
        .db
        .read(move |c| {
            let row = store::message(c, id)?.ok_or_else(|| Error::not_found("message", id))?;
            let run = row.run_id.ok_or_else(|| Error::invalid("This message was not written by the bot."))?;
            Ok((row, runs::store::events(c, run)?, runs::store::outcomes(c, run)?))
        })
        .await?;
    let mut steps = Vec::new();
    for event in events.iter().filter(|e| e.at <= row.at) {
        for entry in serde_json::from_str::<Vec<flow::Entry>>(&event.entries).unwrap_or_default() {
            steps.push(WhyStep { at: event.at, title: entry.title, note: entry.note });
        }
    }
    let answer: Option<crate::answers::Answer> = row.answer.and_then(|a| serde_json::from_value(a).ok());
    // The latest search before the message, whether it found an answer or not.
    let detail = outcomes
        .iter()
        .rev()
        .filter_map(|(outcome, ms)| {
            let value: Value = serde_json::from_str(outcome).ok()?;
            Some((value.get("detail")?.clone(), *ms))
        })
        .find(|(detail, _)| answer.is_none() || detail.get("answer").is_some());
    let (question, hits, ms) = match detail {
        Some((detail, ms)) => (
            detail.get("question").and_then(Value::as_str).map(str::to_owned),
            detail.get("hits").cloned().and_then(|h| serde_json::from_value(h).ok()).unwrap_or_default(),
            ms,
        ),
        None => (None, Vec::new(), None),
    };
    Ok(Json(Why {
        question,
        rung: answer.as_ref().map(|a| a.rung.as_str().to_owned()),
        confidence: answer.as_ref().map(|a| a.confidence),
        ms: answer.as_ref().map(|a| a.ms).or(ms),
        steps,
        hits,
        citations: answer.map(|a| a.citations).unwrap_or_default(),
    }))
}
