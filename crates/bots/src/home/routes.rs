//! Home over HTTP.

use accounts::Permission;
use base::Result;
use knowledge::sources::SourceState;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json};

use crate::address::{self, AddressState};
use crate::answers::routes::GapView;
use crate::business;
use crate::channels::routes::ChannelSummary;
use crate::conversations::store::Filter;
use crate::conversations::{self, ConversationSummary, summary_view};
use crate::current::{AppState, Current};
use crate::models::{ModelState, ModelStates};
use crate::notices::{self, routes::NoticeView};
use crate::{bots, channels, inbound, outbox};

/// Rows of each card.
const SHOWN: usize = 5;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(home)).routes(routes!(status))
}

/// Today, by the business's own clock.
#[derive(Debug, Serialize, ToSchema)]
struct Today {
    answered_by_bot: u32,
    answered_by_person: u32,
    /// Conversations in which a person is asked for, now.
    waiting: u32,
    /// Questions that nobody has taught an answer to yet.
    unanswered_questions: u32,
    messages_in: u32,
    /// Notices that nobody has read yet.
    notices: u32,
}

/// How many sources are in which state.
#[derive(Debug, Default, Serialize, ToSchema)]
struct SourceCounts {
    ready: u32,
    working: u32,
    failed: u32,
}

/// What the first ten minutes are for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ChecklistStep {
    Business,
    Knowledge,
    Ask,
    Channel,
    FirstMessage,
}

/// A step of the first ten minutes.
#[derive(Debug, Serialize, ToSchema)]
struct ChecklistItem {
    id: ChecklistStep,
    done: bool,
}

/// What Home shows.
#[derive(Debug, Serialize, ToSchema)]
struct Home {
    today: Today,
    waiting: Vec<ConversationSummary>,
    /// What nobody has read yet, the latest first; there may be more.
    notices: Vec<NoticeView>,
    gaps: Vec<GapView>,
    sources: SourceCounts,
    channels: Vec<ChannelSummary>,
    checklist: Vec<ChecklistItem>,
}

/// The day at a glance.
#[utoipa::path(get, path = "/home", operation_id = "getHome", tag = "home", responses((status = 200, body = Home)))]
async fn home(current: Current) -> ApiResult<Json<Home>> {
    current.member.require(Permission::View)?;
    let now = current.clock.now();
    let (business, counts, waiting, waiting_count, told, channels, any_message) = current
        .db
        .read(move |c| {
            let business = business::get(c)?;
            let counts = conversations::store::count_since(c, business::start_of_day(&business, now))?;
            let waiting = conversations::store::list(c, Filter::Waiting, None, None, SHOWN)?
                .iter()
                .map(|row| summary_view(c, row))
                .collect::<Result<Vec<_>>>()?;
            let waiting_count = conversations::store::count_waiting(c)?;
            let told = notices::store::list(c, true, None, SHOWN)?;
            let told = (told.into_iter().map(NoticeView::from).collect(), notices::store::count_unread(c)?);
            let channels: Vec<ChannelSummary> = channels::store::all(c)?.iter().map(ChannelSummary::of).collect();
            let any = !conversations::store::list(c, Filter::All, None, None, 1)?.is_empty();
            Ok((business, counts, waiting, waiting_count, told, channels, any))
        })
        .await?;
    let (gaps, gap_count) = crate::answers::routes::open_gaps(&current, SHOWN).await?;
    let sources = count_sources(&current).await?;
    let asked = current.db.read(crate::answers::routes::was_asked).await?;
    let (notices, notices_count): (Vec<NoticeView>, u32) = told;
    let checklist = vec![
        ChecklistItem { id: ChecklistStep::Business, done: !business.name.is_empty() },
        ChecklistItem { id: ChecklistStep::Knowledge, done: sources.ready > 0 },
        ChecklistItem { id: ChecklistStep::Ask, done: asked || counts.0 > 0 },
        ChecklistItem { id: ChecklistStep::Channel, done: !channels.is_empty() },
        ChecklistItem { id: ChecklistStep::FirstMessage, done: any_message },
    ];
    Ok(Json(Home {
        today: Today {
            answered_by_bot: counts.0,
            answered_by_person: counts.1,
            messages_in: counts.2,
            waiting: waiting_count,
            unanswered_questions: gap_count,
            notices: notices_count,
        },
        waiting,
        notices,
        gaps,
        sources,
        channels,
        checklist,
    }))
}

/// Looks at the newest 200, which is more than a small business has.
async fn count_sources(current: &Current) -> Result<SourceCounts> {
    let mut counts = SourceCounts::default();
    for source in current.knowledge.sources(None, 200, current.clock.now()).await?.items {
        match source.state {
            SourceState::Ready => counts.ready += 1,
            SourceState::Failed | SourceState::Cancelled => counts.failed += 1,
            SourceState::Queued | SourceState::Reading | SourceState::Understanding => counts.working += 1,
        }
    }
    Ok(counts)
}

/// The public address in short.
#[derive(Debug, Serialize, ToSchema)]
struct AddressStatus {
    state: AddressState,
    #[schema(required, format = "uri")]
    url: Option<String>,
}

/// What waits to be done.
#[derive(Debug, Serialize, ToSchema)]
struct QueueStatus {
    /// Messages on their way out.
    outgoing: u32,
    /// Of these, messages of which it is not certain that they left.
    in_doubt: u32,
    /// Incoming items that could not be understood and were set aside.
    set_aside: u32,
    /// Background work that was given up.
    failed: u32,
}

/// The disk in short.
#[derive(Debug, Serialize, ToSchema)]
struct DiskStatus {
    /// So full that new messages wait outside.
    low: bool,
}

/// How things are, for the foot of every screen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProgramStatus)]
struct Status {
    version: &'static str,
    public_address: AddressStatus,
    queue: QueueStatus,
    models: ModelStates,
    disk: DiskStatus,
    /// At least one bot answers.
    answering: bool,
    /// No model for the search by meaning is there; answers come from words alone.
    search_model_missing: bool,
}

/// How things are.
#[utoipa::path(get, path = "/status", operation_id = "getStatus", tag = "home",
    responses((status = 200, body = Status)))]
async fn status(current: Current) -> ApiResult<Json<Status>> {
    current.member.require(Permission::View)?;
    let (address, (outgoing, in_doubt), set_aside, answering) = current
        .db
        .read(|c| {
            Ok((
                address::get(c)?,
                outbox::store::count_open(c)?,
                inbound::store::count_quarantined(c)?,
                bots::store::list(c)?.iter().any(|b| !b.paused),
            ))
        })
        .await?;
    let failed = current.jobs.stats().await?.dead.try_into().unwrap_or(u32::MAX);
    let models = crate::models::states(&current.ws).await?;
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        public_address: AddressStatus { state: address.state, url: address.url },
        queue: QueueStatus { outgoing, in_doubt, set_aside, failed },
        search_model_missing: models.embedding == ModelState::Absent,
        models,
        disk: DiskStatus { low: current.db.ensure_room().is_err() },
        answering,
    }))
}
