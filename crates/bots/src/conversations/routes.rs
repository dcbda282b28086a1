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
use super::{
    Conversation, ConversationStatus, ConversationSummary, Message, Mode, conversation_view, message_view, service,
    summary_view,
};
use crate::answers::{Citation, Hit, Rung};
use crate::current::{AppState, Current};
use crate::{outbox, runs};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, update))
        .routes(routes!(messages, reply))
        .merge(super::files::router())
        .routes(routes!(seen))
        .routes(routes!(retry))
        .routes(routes!(why))
}

/// Some of the conversations.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConversationFilter {
    #[default]
    All,
    Waiting,
    Open,
    Resolved,
}

/// Which conversations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// All when absent.
    #[serde(default)]
    #[param(inline)]
    filter: Option<ConversationFilter>,
    /// Part of a name, number or message; its first 100 characters count.
    #[serde(default)]
    search: Option<String>,
    /// `next` of the page before.
    #[serde(default, deserialize_with = "web::short_cursor")]
    #[param(max_length = 2048)]
    cursor: Option<String>,
    /// How many items: 50 when absent, at least 1 and at most 200 whatever is asked for.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4294967295.0)]
    limit: Option<u32>,
}

/// Conversations, the latest first.
#[utoipa::path(get, path = "/conversations", operation_id = "listConversations", tag = "conversations",
    params(ListQuery), responses((status = 200, body = Page<ConversationSummary>)))]
async fn list(current: Current, Query(query): Query<ListQuery>) -> ApiResult<Json<Page<ConversationSummary>>> {
    current.member.require(Permission::View)?;
    let filter = match query.filter.unwrap_or_default() {
        ConversationFilter::All => Filter::All,
        ConversationFilter::Waiting => Filter::Waiting,
        ConversationFilter::Open => Filter::Open,
        ConversationFilter::Resolved => Filter::Resolved,
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
#[utoipa::path(get, path = "/conversations/{id}", operation_id = "getConversation", tag = "conversations",
    params(("id" = ConversationId, Path)), responses((status = 200, body = Conversation)))]
async fn get(current: Current, Path(id): Path<ConversationId>) -> ApiResult<Json<Conversation>> {
    current.member.require(Permission::View)?;
    Ok(Json(one(&current, id).await?))
}

/// Who answers, and whether it is done.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
struct ConversationChange {
    mode: Option<Mode>,
    status: Option<ConversationStatus>,
}

/// Takes a conversation over, gives it back to the bot, closes it or opens it again.
#[utoipa::path(patch, path = "/conversations/{id}", operation_id = "updateConversation", tag = "conversations",
    params(("id" = ConversationId, Path)), request_body = ConversationChange,
    responses((status = 200, body = Conversation)))]
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
                Some(ConversationStatus::Resolved) => service::resolve(tx, &ws, &get()?)?,
                Some(ConversationStatus::Open) => service::reopen(tx, &get()?)?,
                None => {}
            }
            get().map(drop)
        })
        .await?;
    Ok(Json(one(&current, id).await?))
}

/// Messages, the newest first.
#[utoipa::path(get, path = "/conversations/{id}/messages", operation_id = "listMessages", tag = "conversations",
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
    #[schema(min_length = 1, max_length = 4096, pattern = r"\S")]
    text: String,
    /// Made by the browser, the same when it sends again: sent only once.
    #[garde(length(chars, min = 8, max = 64))]
    #[schema(min_length = 8, max_length = 64)]
    client_id: String,
}

pub(super) async fn message(current: &Current, id: MessageId) -> Result<Message> {
    let row = current.db.read(move |c| store::message(c, id)).await?;
    row.map(message_view).ok_or_else(|| Error::not_found("message", id))
}

/// Answers by hand; the bot falls silent in this conversation until it is given back.
#[utoipa::path(post, path = "/conversations/{id}/messages", operation_id = "sendReply", tag = "conversations",
    params(("id" = ConversationId, Path)), request_body = Reply,
    responses(
        (status = 201, body = Message),
        (status = 409, description = "WhatsApp takes no free text any more")
    ))]
async fn reply(
    current: Current,
    Path(id): Path<ConversationId>,
    Json(reply): Json<Reply>,
) -> ApiResult<(StatusCode, Json<Message>)> {
    current.member.require(Permission::Answer)?;
    let (ws, name) = (current.ws.clone(), current.member.name.clone());
    let content = service::typed(&reply.text)?;
    let sent =
        current.db.write(move |tx| service::reply_by_hand(tx, &ws, id, &name, &content, &reply.client_id)).await?;
    Ok((StatusCode::CREATED, Json(message(&current, sent).await?)))
}

/// The person has seen what is new.
#[utoipa::path(post, path = "/conversations/{id}/read", operation_id = "markConversationRead", tag = "conversations",
    params(("id" = ConversationId, Path)), responses((status = 204)))]
async fn seen(current: Current, Path(id): Path<ConversationId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::View)?;
    current
        .db
        .write(move |tx| {
            let conversation = store::get(tx, id)?.ok_or_else(|| Error::not_found("conversation", id))?;
            if conversation.unread > 0 {
                outbox::seen_by_person(tx, id);
            }
            tx.publish("conversations");
            store::mark_seen(tx, id)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a failed or doubtful message again.
#[utoipa::path(post, path = "/messages/{id}/retry", operation_id = "retryMessage", tag = "conversations",
    params(("id" = MessageId, Path)),
    responses(
        (status = 200, body = Message),
        (status = 409, description = "The message is on its way")
    ))]
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
    #[schema(required)]
    question: Option<String>,
    /// Which rung of the ladder spoke.
    #[schema(required)]
    rung: Option<Rung>,
    #[schema(required)]
    confidence: Option<f64>,
    /// From the question to the answer, in milliseconds.
    #[schema(required)]
    ms: Option<f64>,
    /// The path through the flow.
    steps: Vec<WhyStep>,
    /// What the search found, best first.
    hits: Vec<Hit>,
    /// What the answer rests on.
    citations: Vec<Citation>,
}

/// Why the bot said this.
#[utoipa::path(get, path = "/messages/{id}/why", operation_id = "explainMessage", tag = "conversations",
    params(("id" = MessageId, Path)),
    responses(
        (status = 200, body = Why),
        (status = 422, description = "Not written by the bot")
    ))]
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
        rung: answer.as_ref().map(|a| a.rung),
        confidence: answer.as_ref().map(|a| a.confidence),
        ms: answer.as_ref().map(|a| a.ms).or(ms),
        steps,
        hits,
        citations: answer.map(|a| a.citations).unwrap_or_default(),
    }))
}
