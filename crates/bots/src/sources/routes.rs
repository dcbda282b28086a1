//! Sources over HTTP.

use accounts::Permission;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart};
use base::id::{BotId, PassageId, SourceId};
use base::{Error, ErrorCode, Result, Time};
use garde::Validate;
use http::StatusCode;
use knowledge::document::{Block, Document, PassageKind};
use knowledge::sources::{LARGEST_FILE_BYTES, QuestionAnswer, Source, SourceKind, SourceState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Json, Page, PageQuery, Path, Query};

use super::FetchJob;
use crate::current::{AppState, Current};

/// Files of one upload.
const MOST_FILES: usize = 100;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    let upload = OpenApiRouter::new().routes(routes!(add_files)).layer(DefaultBodyLimit::max(LARGEST_FILE_BYTES * 4));
    let text = OpenApiRouter::new()
        .routes(routes!(add_text))
        .routes(routes!(add_pairs))
        .routes(routes!(content, put_content))
        .layer(DefaultBodyLimit::max(8 << 20));
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, update, delete))
        .routes(routes!(restore))
        .routes(routes!(cancel))
        .routes(routes!(refresh))
        .routes(routes!(add_web))
        .routes(routes!(passages))
        .routes(routes!(document))
        .merge(upload)
        .merge(text)
}

/// How far a source is.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SourceProgress {
    done: u32,
    total: u32,
}

/// Why a source could not be read, and what to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SourceProblem {
    code: ErrorCode,
    message: String,
}

/// A source of answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Source)]
pub(crate) struct SourceView {
    id: SourceId,
    kind: SourceKind,
    title: String,
    /// The file's name or the page's address.
    #[schema(required)]
    origin: Option<String>,
    #[schema(required)]
    mime: Option<String>,
    size_bytes: u64,
    state: SourceState,
    progress: SourceProgress,
    #[schema(required)]
    error: Option<SourceProblem>,
    /// ISO 639-1.
    #[schema(required)]
    language: Option<String>,
    pages: u32,
    passages: u32,
    /// Answers given from it in the last 30 days.
    answered: u32,
    /// Which bots may use it; nothing means all.
    #[schema(required)]
    bot_ids: Option<Vec<BotId>>,
    created_at: Time,
    updated_at: Time,
}

/// The code as it is stored.
fn code_of(stored: Option<String>) -> ErrorCode {
    stored.and_then(|code| serde_json::from_value(code.into()).ok()).unwrap_or(ErrorCode::Internal)
}

impl From<Source> for SourceView {
    fn from(s: Source) -> Self {
        Self {
            error: s.error.map(|message| SourceProblem { code: code_of(s.error_code), message }),
            progress: SourceProgress { done: s.progress_done, total: s.progress_total },
            id: s.id,
            kind: s.kind,
            title: s.title,
            origin: s.origin,
            mime: s.mime,
            size_bytes: s.size_bytes,
            state: s.state,
            language: s.language,
            pages: s.pages,
            passages: s.passages,
            answered: s.answers,
            bot_ids: if s.bots.is_empty() { None } else { Some(s.bots) },
            created_at: s.created_at,
            updated_at: s.updated_at,
        }
    }
}

async fn one(current: &Current, id: SourceId) -> Result<SourceView> {
    Ok(current.knowledge.source(id).await?.into())
}

/// Sources, the newest first.
#[utoipa::path(get, path = "/sources", operation_id = "listSources", tag = "knowledge", params(PageQuery),
    responses((status = 200, body = Page<SourceView>)))]
async fn list(current: Current, Query(page): Query<PageQuery>) -> ApiResult<Json<Page<SourceView>>> {
    current.member.require(Permission::View)?;
    let now = current.clock.now();
    let limit = page.limit();
    let listed = current.knowledge.sources(page.cursor, limit, now).await?;
    Ok(Json(Page { items: listed.items.into_iter().map(SourceView::from).collect(), next: listed.next }))
}

/// One source.
#[utoipa::path(get, path = "/sources/{id}", operation_id = "getSource", tag = "knowledge",
    params(("id" = SourceId, Path)), responses((status = 200, body = SourceView)))]
async fn get(current: Current, Path(id): Path<SourceId>) -> ApiResult<Json<SourceView>> {
    current.member.require(Permission::View)?;
    Ok(Json(one(&current, id).await?))
}

/// What became of one file.
#[derive(Debug, Serialize, ToSchema)]
struct AddedFile {
    name: String,
    #[schema(required)]
    source: Option<SourceView>,
    #[schema(required)]
    error: Option<SourceProblem>,
}

/// What became of the files.
#[derive(Debug, Serialize, ToSchema)]
struct AddedFiles {
    items: Vec<AddedFile>,
}

/// The form of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract; it is read part by part")]
struct UploadForm {
    /// One part for each file.
    #[schema(value_type = Vec<String>, format = Binary, min_items = 1)]
    file: Vec<u8>,
    /// JSON list of the bots that may use them; left out for all.
    bot_ids: Option<String>,
}

/// Takes files in; reading goes on in the background. A file that cannot be taken does not hold up the others.
#[utoipa::path(post, path = "/sources/files", operation_id = "addFiles", tag = "knowledge",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = AddedFiles)))]
async fn add_files(
    current: Current,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<(StatusCode, Json<AddedFiles>)> {
    let mut form =
        form.map_err(|_| Error::unsupported("This address takes files (content-type: multipart/form-data)."))?;
    current.member.require(Permission::Edit)?;
    let mut bots = Vec::new();
    let mut items = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("bot_ids") {
            let text = field.text().await.map_err(broken)?;
            bots = serde_json::from_str(&text)
                .map_err(|_| ApiError::field("bot_ids", "“bot_ids” should be a list of bots."))?;
            continue;
        }
        if field.name() != Some("file") {
            continue;
        }
        if items.len() >= MOST_FILES {
            return Err(Error::too_large(format!("Add at most {MOST_FILES} files at once.")).into());
        }
        let name = field.file_name().unwrap_or("file").to_owned();
        let mime = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(broken)?;
        items.push(add_one(&current, name, mime, bytes.to_vec(), bots.clone()).await);
    }
    if items.is_empty() {
        return Err(Error::invalid("No file came along. Please choose one.").into());
    }
    Ok((StatusCode::CREATED, Json(AddedFiles { items })))
}

async fn add_one(current: &Current, name: String, mime: Option<String>, bytes: Vec<u8>, bots: Vec<BotId>) -> AddedFile {
    let now = current.clock.now();
    let added = async {
        // The same file by name, dropped again, is a newer version of it.
        let id = match super::by_origin(current, &name).await? {
            Some(id) => {
                current.knowledge.replace_file(id, bytes, now).await?;
                id
            }
            None => current.knowledge.add_file(&name, mime.as_deref(), bytes, bots, now).await?,
        };
        super::queue_index(&current.ws, id).await?;
        one(current, id).await
    }
    .await;
    match added {
        Ok(source) => AddedFile { name, source: Some(source), error: None },
        Err(e) => {
            tracing::info!(error = ?e, "a file was not taken in");
            AddedFile { name, source: None, error: Some(problem(&e)) }
        }
    }
}

fn problem(e: &Error) -> SourceProblem {
    SourceProblem { code: e.code, message: e.message.clone() }
}

fn broken(e: MultipartError) -> ApiError {
    if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Error::too_large("These files are too large together. Add them one by one; each may have 50 MB.").into()
    } else {
        ApiError::malformed("The upload broke off before it was complete. Please try again.")
    }
}

/// A page, or a small site.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct NewPage {
    #[garde(length(chars, min = 3, max = 2000))]
    #[schema(min_length = 3, max_length = 2000)]
    url: String,
    /// Follow links within the site, up to 30 pages.
    #[serde(default)]
    #[garde(skip)]
    whole_site: bool,
    #[serde(default)]
    #[garde(length(max = 200))]
    #[schema(max_items = 200)]
    bot_ids: Option<Vec<BotId>>,
}

/// Adds a page, or a small site; fetching goes on in the background.
#[utoipa::path(post, path = "/sources/web", operation_id = "addWebPage", tag = "knowledge", request_body = NewPage,
    responses((status = 201, body = SourceView)))]
async fn add_web(current: Current, Json(new): Json<NewPage>) -> ApiResult<(StatusCode, Json<SourceView>)> {
    current.member.require(Permission::Edit)?;
    let url = super::check_address(&new.url)?;
    base::net::check_url(&url, current.reach)?;
    let now = current.clock.now();
    let bots = new.bot_ids.unwrap_or_default();
    let unread = Document { title: url.to_string(), pages: 1, ..Document::default() };
    let source = current.knowledge.add_page(url.as_str(), &unread, bots.clone(), now).await?;
    let job = FetchJob { source, url: url.to_string(), whole_site: new.whole_site, bots };
    super::queue_fetch(&current.ws, job).await?;
    Ok((StatusCode::CREATED, Json(one(&current, source).await?)))
}

/// Typed text.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct NewText {
    #[garde(length(chars, min = 1, max = 200), custom(crate::settings::not_blank))]
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    title: String,
    /// As the editor gives it.
    #[garde(length(min = 1))]
    #[schema(min_length = 1)]
    html: String,
    #[serde(default)]
    #[garde(length(max = 200))]
    #[schema(max_items = 200)]
    bot_ids: Option<Vec<BotId>>,
}

/// Adds typed text.
#[utoipa::path(post, path = "/sources/text", operation_id = "addText", tag = "knowledge", request_body = NewText,
    responses((status = 201, body = SourceView)))]
async fn add_text(current: Current, Json(new): Json<NewText>) -> ApiResult<(StatusCode, Json<SourceView>)> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let markdown = super::typed::to_markdown(&new.html)?;
    let id = current.knowledge.add_text(&new.title, &markdown, new.bot_ids.unwrap_or_default(), now).await?;
    super::queue_index(&current.ws, id).await?;
    Ok((StatusCode::CREATED, Json(one(&current, id).await?)))
}

/// Questions with their answers.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct NewPairs {
    #[garde(length(chars, min = 1, max = 200), custom(crate::settings::not_blank))]
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    title: String,
    #[garde(length(min = 1, max = 2000))]
    #[schema(min_items = 1, max_items = 2000)]
    pairs: Vec<QuestionAnswer>,
    #[serde(default)]
    #[garde(length(max = 200))]
    #[schema(max_items = 200)]
    bot_ids: Option<Vec<BotId>>,
}

/// Adds questions with their answers.
#[utoipa::path(post, path = "/sources/pairs", operation_id = "addPairs", tag = "knowledge", request_body = NewPairs,
    responses((status = 201, body = SourceView)))]
async fn add_pairs(current: Current, Json(new): Json<NewPairs>) -> ApiResult<(StatusCode, Json<SourceView>)> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let id = current.knowledge.add_pairs(&new.title, &new.pairs, new.bot_ids.unwrap_or_default(), now).await?;
    super::queue_index(&current.ws, id).await?;
    Ok((StatusCode::CREATED, Json(one(&current, id).await?)))
}

/// What was typed, for changing it.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[schema(as = SourceContent)]
struct Content {
    /// Of typed text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    /// Of questions with answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pairs: Option<Vec<QuestionAnswer>>,
}

/// What was typed.
#[utoipa::path(get, path = "/sources/{id}/content", operation_id = "getSourceContent", tag = "knowledge",
    params(("id" = SourceId, Path)),
    responses(
        (status = 200, body = Content),
        (status = 422, description = "Not typed here, but a file or a page")
    ))]
async fn content(current: Current, Path(id): Path<SourceId>) -> ApiResult<Json<Content>> {
    current.member.require(Permission::View)?;
    let source = current.knowledge.source(id).await?;
    let (bytes, _) = current.knowledge.original(id).await?;
    Ok(Json(match source.kind {
        SourceKind::Text => {
            let markdown = String::from_utf8_lossy(&bytes);
            Content { html: Some(super::typed::to_html(&markdown)), pairs: None }
        }
        SourceKind::Pairs => Content { html: None, pairs: Some(super::typed::pairs(&bytes)?) },
        SourceKind::File | SourceKind::Web => {
            return Err(Error::invalid("Files and pages are changed where they come from.").into());
        }
    }))
}

/// Changes what was typed; only what is new is understood again.
#[utoipa::path(put, path = "/sources/{id}/content", operation_id = "replaceSourceContent", tag = "knowledge",
    params(("id" = SourceId, Path)), request_body = Content, responses((status = 200, body = SourceView)))]
async fn put_content(
    current: Current,
    Path(id): Path<SourceId>,
    Json(content): Json<Content>,
) -> ApiResult<Json<SourceView>> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    let source = current.knowledge.source(id).await?;
    match (source.kind, content.html, content.pairs) {
        (SourceKind::Text, Some(html), _) => {
            current.knowledge.replace_text(id, &super::typed::to_markdown(&html)?, now).await?;
        }
        (SourceKind::Pairs, _, Some(pairs)) => current.knowledge.replace_pairs(id, &pairs, now).await?,
        _ => return Err(Error::invalid("This source cannot be changed in this way.").into()),
    }
    super::queue_index(&current.ws, id).await?;
    Ok(Json(one(&current, id).await?))
}

/// What may be changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct SourceChange {
    #[garde(length(chars, min = 1, max = 200), inner(custom(crate::settings::not_blank)))]
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    title: Option<String>,
    /// Empty for all bots.
    #[garde(length(max = 200))]
    #[schema(max_items = 200)]
    bot_ids: Option<Vec<BotId>>,
}

/// Renames a source, or says which bots may use it.
#[utoipa::path(patch, path = "/sources/{id}", operation_id = "updateSource", tag = "knowledge",
    params(("id" = SourceId, Path)), request_body = SourceChange, responses((status = 200, body = SourceView)))]
async fn update(
    current: Current,
    Path(id): Path<SourceId>,
    Json(change): Json<SourceChange>,
) -> ApiResult<Json<SourceView>> {
    current.member.require(Permission::Edit)?;
    let now = current.clock.now();
    if let Some(title) = change.title {
        current.knowledge.rename_source(id, &title, now).await?;
    }
    if let Some(bots) = change.bot_ids {
        current.knowledge.scope_source(id, bots, now).await?;
    }
    Ok(Json(one(&current, id).await?))
}

/// Takes a source out of all answers at once; it can be brought back for ten minutes.
#[utoipa::path(delete, path = "/sources/{id}", operation_id = "deleteSource", tag = "knowledge",
    params(("id" = SourceId, Path)), responses((status = 204)))]
async fn delete(current: Current, Path(id): Path<SourceId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Edit)?;
    current.cancels.cancel(id);
    current.knowledge.delete_source(id, current.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a deleted source back.
#[utoipa::path(post, path = "/sources/{id}/restore", operation_id = "restoreSource", tag = "knowledge",
    params(("id" = SourceId, Path)), responses((status = 200, body = SourceView)))]
async fn restore(current: Current, Path(id): Path<SourceId>) -> ApiResult<Json<SourceView>> {
    current.member.require(Permission::Edit)?;
    current.knowledge.restore_source(id).await?;
    let source = one(&current, id).await?;
    if source.state != SourceState::Ready {
        super::queue_index(&current.ws, id).await?;
    }
    Ok(Json(source))
}

/// Stops reading a source.
#[utoipa::path(post, path = "/sources/{id}/cancel", operation_id = "cancelSource", tag = "knowledge",
    params(("id" = SourceId, Path)), responses((status = 200, body = SourceView)))]
async fn cancel(current: Current, Path(id): Path<SourceId>) -> ApiResult<Json<SourceView>> {
    current.member.require(Permission::Edit)?;
    let source = current.knowledge.source(id).await?;
    if !current.cancels.cancel(id)
        && matches!(source.state, SourceState::Queued | SourceState::Reading | SourceState::Understanding)
    {
        super::cancel_waiting(&current, id).await?;
    }
    Ok(Json(one(&current, id).await?))
}

/// Reads a source again; a page is fetched anew.
#[utoipa::path(post, path = "/sources/{id}/refresh", operation_id = "refreshSource", tag = "knowledge",
    params(("id" = SourceId, Path)), responses((status = 202, body = SourceView)))]
async fn refresh(current: Current, Path(id): Path<SourceId>) -> ApiResult<(StatusCode, Json<SourceView>)> {
    current.member.require(Permission::Edit)?;
    let source = current.knowledge.source(id).await?;
    match (source.kind, source.origin) {
        (SourceKind::Web, Some(url)) => {
            let job = FetchJob { source: id, url, whole_site: false, bots: source.bots };
            super::queue_fetch(&current.ws, job).await?;
        }
        _ => super::queue_index(&current.ws, id).await?,
    }
    Ok((StatusCode::ACCEPTED, Json(one(&current, id).await?)))
}

/// A stretch of a source that is found and cited as one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Passage)]
struct PassageView {
    id: PassageId,
    /// Position within the document, from 0.
    ordinal: u32,
    #[schema(required)]
    page: Option<u32>,
    headings: Vec<String>,
    kind: PassageKind,
    text: String,
    #[schema(required)]
    language: Option<String>,
}

/// Passages in reading order.
#[utoipa::path(get, path = "/sources/{id}/passages", operation_id = "listPassages", tag = "knowledge",
    params(("id" = SourceId, Path), PageQuery), responses((status = 200, body = Page<PassageView>)))]
async fn passages(
    current: Current,
    Path(id): Path<SourceId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<PassageView>>> {
    current.member.require(Permission::View)?;
    let limit = page.limit();
    let listed = current.knowledge.passages(id, page.cursor, limit).await?;
    let items = listed
        .items
        .into_iter()
        .map(|p| PassageView {
            id: p.id,
            ordinal: p.ordinal,
            page: p.page,
            headings: p.headings,
            kind: p.kind,
            text: p.text,
            language: p.language,
        })
        .collect();
    Ok(Json(Page { items, next: listed.next }))
}

/// A block of a document, with the passage it belongs to.
#[derive(Debug, Serialize, ToSchema)]
struct DocumentBlock {
    #[serde(flatten)]
    block: Block,
    passage_id: PassageId,
}

/// A document as it was read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceDocument)]
struct DocumentView {
    title: String,
    pages: u32,
    blocks: Vec<DocumentBlock>,
    /// The document goes on beyond what is shown.
    cut: bool,
}

/// Passages shown of one document.
const SHOWN_PASSAGES: usize = 500;

/// The document, for opening it at a citation.
#[utoipa::path(get, path = "/sources/{id}/document", operation_id = "getSourceDocument", tag = "knowledge",
    params(("id" = SourceId, Path)), responses((status = 200, body = DocumentView)))]
async fn document(current: Current, Path(id): Path<SourceId>) -> ApiResult<Json<DocumentView>> {
    current.member.require(Permission::View)?;
    let source = current.knowledge.source(id).await?;
    let listed = current.knowledge.passages(id, None, SHOWN_PASSAGES).await?;
    let blocks = listed
        .items
        .into_iter()
        .flat_map(|p| p.blocks.into_iter().map(move |block| DocumentBlock { block, passage_id: p.id }))
        .collect();
    Ok(Json(DocumentView { title: source.title, pages: source.pages, blocks, cut: listed.next.is_some() }))
}
