//! The one look, download or installation that may be under way, and the daily routine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{Clock, Error, ErrorCode, Result, Time, product};
use bots::Workspaces;
use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use update::{Next, Offer, Outcome, Place, Source, Step, Version};
use utoipa::ToSchema;

use crate::Config;

/// Between two looks; a part of it more or less, so that not everybody asks at the same minute.
const DAY: Duration = Duration::from_secs(24 * 3600);
const JITTER: f64 = 0.1;
/// How often it is asked whether it is time for something.
const ROUND: Duration = Duration::from_secs(600);
/// By the computer's clock: from the first hour on, until the second.
const NIGHT: (i8, i8) = (2, 5);
/// Between two looks at whether all is at rest; two in a row count.
const REST_LOOK: Duration = Duration::from_millis(400);
/// After this the owner is told why it still waits.
const LONG: Duration = Duration::from_secs(600);
/// So long after a start its outcome is news.
const NEWS: Duration = Duration::from_secs(30);
/// So long an update that did not work wants attention.
const ATTENTION: Duration = Duration::from_secs(14 * 24 * 3600);

/// What is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UpdatePhase {
    #[default]
    None,
    Looking,
    Downloading,
    /// Everything is here; a moment without messages is waited for.
    Waiting,
    /// The program ends and begins anew as the new version.
    Restarting,
}

/// How it stands with newer versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UpdateState {
    /// Somebody publishes versions for this program; otherwise they come by hand.
    enabled: bool,
    /// The version that runs.
    version: String,
    /// Newer versions are installed at night, without being asked for.
    by_itself: bool,
    phase: UpdatePhase,
    /// A version that is newer than the one that runs.
    #[schema(required)]
    newer: Option<NewerVersion>,
    /// Of the download.
    #[schema(value_type = i64)]
    done_bytes: u64,
    #[schema(value_type = i64)]
    total_bytes: u64,
    /// What went wrong, or is waited for, and what to do.
    #[schema(required)]
    problem: Option<String>,
    #[schema(required)]
    checked_at: Option<Time>,
    #[schema(required)]
    last: Option<LastUpdate>,
}

/// A version that was published.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct NewerVersion {
    version: String,
    /// What is new, as plain text.
    notes: String,
    published_at: Time,
    /// Of the download.
    #[schema(value_type = i64)]
    bytes: u64,
    /// It was tried here and did not work; it is tried again only when somebody asks for it.
    has_failed: bool,
}

/// How the latest update ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LastUpdate {
    version: String,
    /// The version before, which went on when it did not work.
    from: String,
    at: Time,
    worked: bool,
    /// Why it did not work.
    #[schema(required)]
    why: Option<String>,
}

#[derive(Default)]
struct Work {
    phase: UpdatePhase,
    offer: Option<Offer>,
    /// What was found is of this run of the program.
    has_looked: bool,
    done: u64,
    total: u64,
    problem: Option<String>,
    cancel: CancellationToken,
}

/// What the routes and the daily routine share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Updater(Arc<Inner>);

struct Inner {
    place: Place,
    kind: machine::Kind,
    /// Nothing when versions come by hand.
    source: Option<Result<Source, String>>,
    headroom_bytes: u64,
    clock: Clock,
    workspaces: Workspaces,
    work: Mutex<Work>,
    restart: CancellationToken,
}

impl Updater {
    /// `restart` is cancelled when a version is ready to be tried and nothing is in work.
    pub(crate) fn new(config: &Config, clock: Clock, workspaces: Workspaces, restart: CancellationToken) -> Self {
        let address = config.update_address.as_deref().filter(|address| !address.is_empty());
        let source = address.zip(config.update_key.as_deref()).map(|(address, key)| Source::new(address, key));
        Self(Arc::new(Inner {
            place: Place::new(&config.data),
            kind: config.program,
            source: source.map(|source| source.map_err(|e| e.message)),
            headroom_bytes: config.min_free_mb << 20,
            clock,
            workspaces,
            work: Mutex::default(),
            restart,
        }))
    }

    /// Looks once a day, and installs at night when the owner wants that; ends with `closing`.
    pub(crate) fn start(&self, closing: CancellationToken) {
        let updater = self.clone();
        base::task::spawn("updates", async move {
            // Before it was accepted, a version must leave the snapshot alone.
            tokio::select! {
                () = closing.cancelled() => return,
                () = update::held().cancelled_owned() => {}
            }
            updater.tidy().await;
            let mut pause = Duration::from_secs_f64(30.0 + 300.0 * base::random::fraction());
            loop {
                tokio::select! {
                    () = closing.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
                pause = ROUND;
                if let Err(e) = updater.routine().await {
                    tracing::warn!(error = ?e, "the daily look for newer versions came to nothing");
                    if e.code != ErrorCode::Conflict {
                        updater.work().problem = Some(e.message);
                    }
                }
            }
        });
    }

    async fn tidy(&self) {
        let place = self.0.place.clone();
        let done = base::task::blocking(move || {
            let (state, running) = (place.state(), update::running_version());
            let newer = [state.accepted, state.newest_seen].into_iter().flatten().filter(|version| *version > running);
            let mut keep: Vec<Version> = newer.collect();
            keep.push(running);
            place.tidy(&keep.iter().collect::<Vec<_>>());
        });
        if let Err(e) = done.await {
            tracing::warn!(error = ?e, "old versions could not be cleared away");
        }
    }

    async fn routine(&self) -> Result<()> {
        if self.0.source.is_none() {
            return Ok(());
        }
        let (state, now) = (self.0.place.state(), self.0.clock.now());
        let due = DAY.mul_f64(1.0 + JITTER * (base::random::fraction() * 2.0 - 1.0));
        let looked = self.work().has_looked;
        let asked_for = state.by_itself && is_night(now);
        let forgotten = !looked && state.newest_seen.is_some_and(|seen| seen > update::running_version());
        let due = state.checked_at.is_none_or(|at| now.since(at) >= due || at > now);
        if due || forgotten || (asked_for && !looked) {
            self.look().await?;
        }
        // What did not come to its end tonight is tried again the next night: each try ends the program for a moment.
        let tried = |version: &Version| {
            state
                .last
                .as_ref()
                .is_some_and(|last| last.version == *version && last.why.is_some() && now.since(last.at) < DAY / 2)
        };
        let wanted = self.work().offer.as_ref().is_some_and(|offer| {
            let version = &offer.manifest.version;
            !state.failed.contains(version) && !tried(version)
        });
        if asked_for && wanted {
            self.install()?;
        }
        Ok(())
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.0.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn source(&self) -> Result<&Source> {
        match &self.0.source {
            Some(Ok(source)) => Ok(source),
            Some(Err(sentence)) => Err(Error::invalid(sentence.clone())),
            None => Err(Error::conflict("New versions of this program come by hand; nobody publishes them.")),
        }
    }

    pub(crate) fn state(&self) -> UpdateState {
        let known = self.0.place.state();
        let work = self.work();
        let newer = work.offer.as_ref().map(|offer| NewerVersion {
            version: offer.manifest.version.to_string(),
            notes: offer.manifest.notes.clone(),
            published_at: Time::from_jiff(offer.manifest.published),
            bytes: offer.download().map_or(0, |download| download.size),
            has_failed: known.failed.contains(&offer.manifest.version),
        });
        let wrong = self.0.source.as_ref().and_then(|source| source.as_ref().err().cloned());
        UpdateState {
            enabled: self.0.source.is_some(),
            version: update::running_version().to_string(),
            by_itself: known.by_itself,
            phase: work.phase,
            newer,
            done_bytes: work.done,
            total_bytes: work.total,
            problem: work.problem.clone().or(wrong),
            // What was found then is not known any more: that there was none newer cannot be said.
            checked_at: known.checked_at.filter(|_| work.has_looked),
            last: known.last.map(|last| LastUpdate {
                version: last.version.to_string(),
                from: last.from.to_string(),
                at: last.at,
                worked: last.why.is_none(),
                why: last.why,
            }),
        }
    }

    /// Why the latest update did not work, as long as that wants attention.
    pub(crate) fn trouble(&self) -> Option<String> {
        let recent = |last: &Outcome| self.0.clock.now().since(last.at) < ATTENTION && last.why.is_some();
        self.0.place.state().last.filter(recent).map(|last| said(&last))
    }

    pub(crate) fn set_by_itself(&self, by_itself: bool) -> Result<UpdateState> {
        self.source()?;
        self.0.place.change(|state| state.by_itself = by_itself)?;
        Ok(self.state())
    }

    /// Asks what is published now.
    pub(crate) async fn look(&self) -> Result<UpdateState> {
        let source = self.source()?.clone();
        self.begin(UpdatePhase::Looking)?;
        // Whoever asked may go away before the answer comes; the look ends all the same.
        let updater = self.clone();
        let looking = base::task::spawn("look for versions", async move { updater.look_at(&source).await });
        looking.await.map_err(Error::internal)?;
        Ok(self.state())
    }

    async fn look_at(&self, source: &Source) {
        let found = self.judge(source.look(self.0.kind).await);
        let mut work = self.work();
        (work.phase, work.has_looked) = (UpdatePhase::None, true);
        match found {
            Ok(offer) => work.offer = offer,
            Err(e) => {
                tracing::warn!(error = ?e, "newer versions could not be looked for");
                work.offer = None;
                work.problem = Some(e.message);
            }
        }
    }

    /// What was found, when it is newer than what runs.
    fn judge(&self, found: Result<Offer>) -> Result<Option<Offer>> {
        let now = self.0.clock.now();
        let seen = self.0.place.change(|state| state.checked_at = Some(now))?.newest_seen;
        let offer = found?;
        let version = offer.manifest.version.clone();
        if let Some(seen) = seen.filter(|seen| *seen > version) {
            return Err(Error::invalid(format!(
                "The update address offers version {version}, although {seen} was there before. It is left alone; \
                 ask who publishes this program."
            )));
        }
        if version <= update::running_version() {
            return Ok(None);
        }
        offer.download()?;
        self.0.place.change(|state| state.newest_seen = Some(version))?;
        Ok(Some(offer))
    }

    fn begin(&self, phase: UpdatePhase) -> Result<CancellationToken> {
        let mut work = self.work();
        if work.phase != UpdatePhase::None {
            return Err(Error::conflict("This is under way already."));
        }
        work.phase = phase;
        work.problem = None;
        (work.done, work.total) = (0, 0);
        work.cancel = CancellationToken::new();
        Ok(work.cancel.clone())
    }

    /// Begins to download and install the version that was found. Closing the page does not stop it.
    pub(crate) fn install(&self) -> Result<UpdateState> {
        let source = self.source()?.clone();
        let offer = self.work().offer.clone();
        let offer = offer.ok_or_else(|| Error::conflict("There is no newer version. Look for one first."))?;
        self.room_for(&offer)?;
        let cancel = self.begin(UpdatePhase::Downloading)?;
        let updater = self.clone();
        base::task::spawn("update", async move {
            if let Err(e) = updater.bring(&source, &offer, &cancel).await {
                let mut work = updater.work();
                work.phase = UpdatePhase::None;
                work.problem = (e.code != ErrorCode::Cancelled).then(|| e.message.clone());
                tracing::warn!(error = ?e, "an update came to nothing");
            }
        });
        Ok(self.state())
    }

    /// Stops the download or the waiting. What came of a download is kept.
    pub(crate) fn cancel(&self) {
        self.work().cancel.cancel();
    }

    /// Room for the download, the program in it, and the data once more.
    fn room_for(&self, offer: &Offer) -> Result<()> {
        let download = offer.download()?;
        let needed = download.size + download.program_size + self.0.place.snapshot_bytes()? + self.0.headroom_bytes;
        match base::disk::free_bytes(self.0.place.data()) {
            Some(free) if free < needed => Err(Error::new(
                ErrorCode::DiskLow,
                format!(
                    "The update needs {} MB and the disk has {} MB left. Free some space and try again.",
                    needed >> 20,
                    free >> 20
                ),
            )),
            _ => Ok(()),
        }
    }

    async fn bring(&self, source: &Source, offer: &Offer, cancel: &CancellationToken) -> Result<()> {
        self.work().total = offer.download()?.size;
        let report = |bytes: u64| self.work().done = bytes;
        source.fetch(offer, &self.0.place, &report, cancel).await?;
        self.work().phase = UpdatePhase::Waiting;
        self.rest(cancel).await?;
        let (place, version) = (self.0.place.clone(), offer.manifest.version.clone());
        let next = Next { version, step: Step::Ready };
        let businesses = Some(self.0.workspaces.all_open().len());
        base::task::blocking(move || {
            place.change(|state| {
                state.next = Some(next);
                state.businesses = businesses;
            })
        })
        .await??;
        self.work().phase = UpdatePhase::Restarting;
        tracing::info!(version = %offer.manifest.version, "the program begins anew as a new version");
        self.0.restart.cancel();
        Ok(())
    }

    /// Waits until no message is in work.
    async fn rest(&self, cancel: &CancellationToken) -> Result<()> {
        let tell = |sentence: &str| self.work().problem = Some(sentence.into());
        quiet(|| self.0.workspaces.are_at_rest(), cancel, tell).await
    }
}

/// Waits for two looks in a row that find nothing in work; `tell` hears why that takes long.
async fn quiet<F: Future<Output = Result<bool>>>(
    is_at_rest: impl Fn() -> F,
    cancel: &CancellationToken,
    tell: impl Fn(&str),
) -> Result<()> {
    let since = Instant::now();
    let mut looks = 0;
    while looks < 2 {
        tokio::select! {
            () = cancel.cancelled() => return Err(Error::cancelled()),
            () = tokio::time::sleep(REST_LOOK) => {}
        }
        looks = if is_at_rest().await? { looks + 1 } else { 0 };
        if since.elapsed() > LONG {
            tell("Messages keep coming in, so the update still waits for a quiet moment. It goes on by itself.");
        }
    }
    if cancel.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
}

/// How the update of this start ended, for who started the program; nothing when there was none.
pub(crate) fn news(data: &std::path::Path, clock: &Clock) -> Option<String> {
    let recent = |last: &Outcome| clock.now().since(last.at) < NEWS;
    Place::new(data).state().last.filter(recent).map(|last| said(&last))
}

fn said(last: &Outcome) -> String {
    let (product, version) = (product::name(), &last.version);
    match &last.why {
        None => format!("{product} is now version {version}."),
        Some(why) => {
            format!(
                "Version {version} was not kept: {why} {product} goes on as version {}, with all its data.",
                last.from
            )
        }
    }
}

fn is_night(now: Time) -> bool {
    let hour = now.to_jiff().to_zoned(jiff::tz::TimeZone::system()).hour();
    (NIGHT.0..NIGHT.1).contains(&hour)
}

#[cfg(test)]
mod tests;
