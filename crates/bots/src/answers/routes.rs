//! Asking, approved answers and gaps over HTTP.

use accounts::Permission;
use base::id::{ApprovedAnswerId, BotId, GapId, MessageId};
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use garde::Validate;
use http::StatusCode;
use knowledge::answers::{ApprovedAnswer, NewApprovedAnswer};
use knowledge::gaps::{Gap, GapState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Page, PageQuery, Path, Query};

use super::{Answer, Hit, Question};
use crate::conversations;
use crate::current::{AppState, Current};
use crate::settings::store;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(ask))
        .routes(routes!(list, create))
        .routes(routes!(update, delete))
        .routes(routes!(restore))
        .routes(routes!(list_gaps))
        .routes(routes!(dismiss_gap))
        .routes(routes!(reopen_gap))
}

/// A question to try.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(as = AskedQuestion)]
struct Ask {
    #[garde(length(chars, min = 1, max = 2000), custom(crate::settings::not_blank))]
    #[schema(min_length = 1, max_length = 2000, pattern = r"\S")]
    question: String,
    /// Only what this bot may use.
    #[serde(default)]
    #[garde(skip)]
    bot_id: Option<BotId>,
}

/// What a customer would hear, and what the search found.
#[derive(Debug, Serialize, ToSchema)]
struct AskResult {
    /// Nothing when the bot would say that it does not know.
    #[schema(required)]
    answer: Option<Answer>,
    /// Best first.
    hits: Vec<Hit>,
    /// In milliseconds.
    ms: f64,
}

/// Asks as a customer would, without a conversation.
#[utoipa::path(post, path = "/ask", operation_id = "askQuestion", tag = "knowledge", request_body = Ask,
    responses((status = 200, body = AskResult)))]
async fn ask(current: Current, Json(ask): Json<Ask>) -> ApiResult<Json<AskResult>> {
    current.member.require(Permission::View)?;
    let question = Question {
        language: knowledge::language::detect(&ask.question),
        text: ask.question,
        bot: ask.bot_id,
        ..Question::default()
    };
    let answered = super::answer(&current.ws, question, &current.closing.child_token()).await?;
    current.db.write(note_asked).await?;
    Ok(Json(AskResult { answer: answered.answer, hits: answered.hits, ms: answered.ms }))
}

const ASKED: &str = "asked";

/// Whether the owner has tried the bot yet.
pub(crate) fn was_asked(connection: &Connection) -> Result<bool> {
    store::get(connection, ASKED)
}

fn note_asked(tx: &Tx<'_>) -> Result<()> {
    if !was_asked(tx)? {
        store::put(tx, ASKED, &true)?;
        tx.publish("home");
    }
    Ok(())
}

/// An answer that the owner approved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovedAnswer)]
struct ApprovedView {
    id: ApprovedAnswerId,
    question: String,
    answer: String,
    /// Other ways of asking the same.
    other_questions: Vec<String>,
    /// How often it was given.
    used: u32,
    created_at: Time,
    updated_at: Time,
}

impl From<ApprovedAnswer> for ApprovedView {
    fn from(a: ApprovedAnswer) -> Self {
        let mut questions = a.questions.into_iter();
        Self {
            id: a.id,
            question: questions.next().unwrap_or_default(),
            other_questions: questions.collect(),
            answer: a.answer,
            used: a.used,
            created_at: a.created_at,
            updated_at: a.updated_at,
        }
    }
}

/// Approved answers, the newest first.
#[utoipa::path(get, path = "/answers", operation_id = "listAnswers", tag = "knowledge", params(PageQuery),
    responses((status = 200, body = Page<ApprovedView>)))]
async fn list(current: Current, Query(page): Query<PageQuery>) -> ApiResult<Json<Page<ApprovedView>>> {
    current.member.require(Permission::View)?;
    let limit = page.limit();
    let listed = current.knowledge.approved_answers(page.cursor, limit).await?;
    Ok(Json(Page { items: listed.items.into_iter().map(ApprovedView::from).collect(), next: listed.next }))
}

/// What the owner teaches.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(as = NewApprovedAnswer)]
struct Teach {
    #[garde(length(chars, min = 1, max = 1000), custom(crate::settings::not_blank))]
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    question: String,
    #[garde(length(chars, min = 1, max = 4000), custom(crate::settings::not_blank))]
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    answer: String,
    #[serde(default)]
    #[garde(length(max = 49), inner(length(chars, max = 1000)))]
    #[schema(max_items = 49, max_length = 1000)]
    other_questions: Vec<String>,
    /// The gap that this closes; its ways of asking are taken along.
    #[serde(default)]
    #[garde(skip)]
    gap_id: Option<GapId>,
    /// The message whose answer this corrects.
    #[serde(default)]
    #[garde(skip)]
    message_id: Option<MessageId>,
}

/// Teaches an answer: the next customer who asks the same hears it.
#[utoipa::path(post, path = "/answers", operation_id = "createAnswer", tag = "knowledge", request_body = Teach,
    responses(
        (status = 201, body = ApprovedView),
        (status = 404, description = "There is no such gap or message")
    ))]
async fn create(current: Current, Json(teach): Json<Teach>) -> ApiResult<(StatusCode, Json<ApprovedView>)> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    if let Some(message) = teach.message_id {
        let known = current.db.read(move |c| conversations::store::message(c, message)).await?;
        known.ok_or_else(|| Error::not_found("message", message))?;
    }
    let mut questions = vec![teach.question];
    questions.extend(teach.other_questions);
    if let Some(gap) = teach.gap_id {
        let gap = current.knowledge.gap(gap).await?;
        questions.push(gap.question);
        questions.extend(gap.examples);
    }
    let mut seen = std::collections::HashSet::new();
    questions.retain(|q| seen.insert(q.trim().to_lowercase()));
    questions.truncate(50);
    let new = NewApprovedAnswer { questions, answer: teach.answer, bot: None };
    let id = current.knowledge.add_approved(new, now).await?;
    if let Some(gap) = teach.gap_id {
        current.knowledge.set_gap_state(gap, GapState::Taught).await?;
    }
    Ok((StatusCode::CREATED, Json(current.knowledge.approved(id).await?.into())))
}

/// What may be changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(as = ApprovedAnswerChange)]
struct TeachChange {
    #[garde(length(chars, min = 1, max = 1000), inner(custom(crate::settings::not_blank)))]
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    question: Option<String>,
    #[garde(length(chars, min = 1, max = 4000), inner(custom(crate::settings::not_blank)))]
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    answer: Option<String>,
    #[garde(length(max = 49), inner(inner(length(chars, max = 1000))))]
    #[schema(max_items = 49, max_length = 1000)]
    other_questions: Option<Vec<String>>,
}

/// Changes an approved answer.
#[utoipa::path(patch, path = "/answers/{id}", operation_id = "updateAnswer", tag = "knowledge",
    params(("id" = ApprovedAnswerId, Path)), request_body = TeachChange,
    responses((status = 200, body = ApprovedView)))]
async fn update(
    current: Current,
    Path(id): Path<ApprovedAnswerId>,
    Json(change): Json<TeachChange>,
) -> ApiResult<Json<ApprovedView>> {
    current.member.require(Permission::Edit)?;
    let known = current.knowledge.approved(id).await?;
    let mut before = known.questions.into_iter();
    let first = before.next().unwrap_or_default();
    let mut questions = vec![change.question.unwrap_or(first)];
    questions.extend(change.other_questions.unwrap_or_else(|| before.collect()));
    let new = NewApprovedAnswer { questions, answer: change.answer.unwrap_or(known.answer), bot: known.bot };
    current.knowledge.update_approved(id, new, current.clock.now()).await?;
    Ok(Json(current.knowledge.approved(id).await?.into()))
}

/// Where a deleted answer is kept for being brought back.
fn bin_name(id: ApprovedAnswerId) -> String {
    format!("deleted_answer:{id}")
}

/// Takes an approved answer out of use; it can be brought back.
#[utoipa::path(delete, path = "/answers/{id}", operation_id = "deleteAnswer", tag = "knowledge",
    params(("id" = ApprovedAnswerId, Path)), responses((status = 204)))]
async fn delete(current: Current, Path(id): Path<ApprovedAnswerId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    let known = current.knowledge.approved(id).await?;
    let kept = NewApprovedAnswer { questions: known.questions, answer: known.answer, bot: known.bot };
    current.db.write(move |tx| store::put(tx, &bin_name(id), &kept)).await?;
    current.knowledge.delete_approved(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings an approved answer back, under a new id.
#[utoipa::path(post, path = "/answers/{id}/restore", operation_id = "restoreAnswer", tag = "knowledge",
    params(("id" = ApprovedAnswerId, Path)), responses((status = 200, body = ApprovedView)))]
async fn restore(current: Current, Path(id): Path<ApprovedAnswerId>) -> ApiResult<Json<ApprovedView>> {
    current.member.require(Permission::Edit)?;
    let kept = current.db.read(move |c| store::get::<Option<NewApprovedAnswer>>(c, &bin_name(id))).await?;
    let kept = kept.ok_or_else(|| Error::not_found("answer", id))?;
    let new = current.knowledge.add_approved(kept, current.clock.now()).await?;
    current.db.write(move |tx| store::remove(tx, &bin_name(id))).await?;
    Ok(Json(current.knowledge.approved(new).await?.into()))
}

/// Questions of one meaning that found no answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Gap)]
pub(crate) struct GapView {
    id: GapId,
    /// As it was asked first.
    question: String,
    count: u32,
    /// The latest ways of asking, newest first.
    examples: Vec<String>,
    last_asked_at: Time,
    state: GapState,
}

impl From<Gap> for GapView {
    fn from(g: Gap) -> Self {
        Self {
            id: g.id,
            question: g.question,
            count: g.asked,
            examples: g.examples,
            last_asked_at: g.last_at,
            state: g.state,
        }
    }
}

/// Which gaps.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GapQuery {
    /// The open ones when absent.
    #[serde(default)]
    #[param(inline)]
    state: Option<GapState>,
    /// `next` of the page before.
    #[serde(default, deserialize_with = "web::short_cursor")]
    #[param(max_length = 2048)]
    cursor: Option<String>,
    /// How many items: 50 when absent, at least 1 and at most 200 whatever is asked for.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4294967295.0)]
    limit: Option<u32>,
}

/// Questions without an answer, the latest asked first.
#[utoipa::path(get, path = "/gaps", operation_id = "listGaps", tag = "knowledge", params(GapQuery),
    responses((status = 200, body = Page<GapView>)))]
async fn list_gaps(current: Current, Query(query): Query<GapQuery>) -> ApiResult<Json<Page<GapView>>> {
    current.member.require(Permission::View)?;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let limit = page.limit();
    let listed = current.knowledge.gaps(query.state.unwrap_or(GapState::Open), page.cursor, limit).await?;
    Ok(Json(Page { items: listed.items.into_iter().map(GapView::from).collect(), next: listed.next }))
}

/// Beyond this many, the exact number of open gaps tells nobody more.
const COUNTED: usize = 200;

/// The latest open gaps, and how many there are, up to 200.
pub(crate) async fn open_gaps(current: &Current, limit: usize) -> Result<(Vec<GapView>, u32)> {
    let mut listed = current.knowledge.gaps(GapState::Open, None, COUNTED).await?.items;
    let count = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    listed.truncate(limit);
    Ok((listed.into_iter().map(GapView::from).collect(), count))
}

/// Puts a gap aside: the owner does not want to answer this.
#[utoipa::path(post, path = "/gaps/{id}/dismiss", operation_id = "dismissGap", tag = "knowledge",
    params(("id" = GapId, Path)), responses((status = 204)))]
async fn dismiss_gap(current: Current, Path(id): Path<GapId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    current.knowledge.set_gap_state(id, GapState::Dismissed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a gap up again.
#[utoipa::path(post, path = "/gaps/{id}/reopen", operation_id = "reopenGap", tag = "knowledge",
    params(("id" = GapId, Path)), responses((status = 204)))]
async fn reopen_gap(current: Current, Path(id): Path<GapId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    current.knowledge.set_gap_state(id, GapState::Open).await?;
    Ok(StatusCode::NO_CONTENT)
}
