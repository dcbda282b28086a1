//! The one move that may be under way in a running program, watched and stopped over HTTP.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use accounts::{Accounts, SetUpHeld};
use base::{Clock, Error, Result, Secret, Time};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::export::need;
use super::place::{MOVING, Scratch, folder, remove_file};
use super::seal::Header;
use super::{Progress, Room, Summary, export, import, refuse_unless_fresh};
use crate::Config;

/// A file is deleted after this, fetched or not; it can be made again.
const KEPT: Duration = Duration::from_secs(3600);
/// Its age is looked at this often: a timer alone would stand still while the computer sleeps.
const LOOK: Duration = Duration::from_secs(30);

/// Where a move stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MovePhase {
    /// Nothing was asked for.
    #[default]
    None,
    Working,
    Done,
    Failed,
    Cancelled,
}

/// How far a move is.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct MoveState {
    pub(crate) phase: MovePhase,
    #[schema(value_type = i64)]
    pub(crate) done_bytes: u64,
    /// As far as is known yet.
    #[schema(value_type = i64)]
    pub(crate) total_bytes: u64,
    /// The size of the file that waits to be fetched, or was taken over.
    #[schema(required, value_type = Option<i64>)]
    pub(crate) size_bytes: Option<u64>,
    /// What went wrong, and what to do.
    #[schema(required)]
    pub(crate) problem: Option<String>,
    /// The name that the file should have.
    #[schema(required)]
    pub(crate) file_name: Option<String>,
}

#[derive(Default)]
struct Work {
    phase: MovePhase,
    progress: Progress,
    problem: Option<String>,
    file: Option<Ready>,
}

#[derive(Clone)]
pub(crate) struct Ready {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    size: u64,
    made_at: Time,
}

/// What the routes of moving share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Mover(Arc<Inner>);

struct Inner {
    data: PathBuf,
    room: Room,
    clock: Clock,
    export: Mutex<Work>,
    import: Mutex<Work>,
    restart: CancellationToken,
}

impl Drop for Inner {
    /// A file of everything does not lie around when the program has ended.
    fn drop(&mut self) {
        discard(&mut lock(&self.export));
        // Only when nothing else lies in it.
        let _ = std::fs::remove_dir(self.data.join(MOVING));
    }
}

fn discard(work: &mut Work) {
    if let Some(file) = work.file.take()
        && let Err(e) = remove_file(&file.path)
    {
        tracing::warn!(error = ?e, "a file that was made could not be deleted");
    }
}

/// Throws away a file that waited long enough.
fn expire(work: &mut Work, now: Time) {
    if work.file.as_ref().is_some_and(|file| now.since(file.made_at) >= KEPT) {
        discard(work);
        *work = Work::default();
    }
}

/// Deletes the file at `path` when its time is over, unless it goes before.
async fn expire_in_time(inner: Weak<Inner>, path: PathBuf) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(inner) = inner.upgrade() else { return };
        let mut work = lock(&inner.export);
        expire(&mut work, inner.clock.now());
        if work.file.as_ref().is_none_or(|file| file.path != path) {
            return;
        }
    }
}

fn lock(work: &Mutex<Work>) -> MutexGuard<'_, Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

fn state(work: &Work) -> MoveState {
    let (done_bytes, total_bytes) = work.progress.bytes();
    MoveState {
        phase: work.phase,
        done_bytes,
        total_bytes,
        size_bytes: work.file.as_ref().map(|file| file.size),
        problem: work.problem.clone(),
        file_name: work.file.as_ref().map(|file| file.name.clone()),
    }
}

/// A new piece of work, unless one is under way.
fn begin(work: &Mutex<Work>) -> Result<Progress> {
    let mut work = lock(work);
    if work.phase == MovePhase::Working {
        return Err(Error::conflict("This is under way already."));
    }
    discard(&mut work);
    *work = Work { phase: MovePhase::Working, ..Work::default() };
    Ok(work.progress.clone())
}

fn end(work: &Mutex<Work>, result: Result<Option<Ready>>) {
    let mut work = lock(work);
    match result {
        Ok(file) => {
            work.phase = MovePhase::Done;
            work.file = file;
        }
        Err(e) if e.code == base::ErrorCode::Cancelled => work.phase = MovePhase::Cancelled,
        Err(e) => {
            tracing::warn!(error = ?e, "a move came to nothing");
            work.phase = MovePhase::Failed;
            work.problem = Some(e.message);
        }
    }
}

impl Mover {
    /// `restart` is cancelled when the data was taken over and the program has to begin anew with it.
    pub(crate) fn new(config: &Config, clock: Clock, restart: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            data: config.data.clone(),
            room: Room::of(config),
            clock,
            export: Mutex::default(),
            import: Mutex::default(),
            restart,
        }))
    }

    pub(crate) fn export_state(&self) -> MoveState {
        state(&self.export_work())
    }

    fn export_work(&self) -> MutexGuard<'_, Work> {
        let mut work = lock(&self.0.export);
        expire(&mut work, self.0.clock.now());
        work
    }

    pub(crate) fn import_state(&self) -> MoveState {
        state(&lock(&self.0.import))
    }

    /// Begins to make a file, in place of one that waits. Closing the page does not stop it.
    ///
    /// # Errors
    /// `DiskLow` when there is no room for it.
    pub(crate) async fn start_export(&self, passphrase: Secret) -> Result<MoveState> {
        super::check_passphrase(&passphrase)?;
        let waiting = self.export_work().file.as_ref().map_or(0, |file| file.size);
        let (data, room) = (self.0.data.clone(), self.0.room.clone());
        base::task::blocking(move || room.for_making(&data, &data.join(MOVING), need(&data)?, waiting)).await??;
        let progress = begin(&self.0.export)?;
        let mover = self.clone();
        base::task::spawn("export", async move {
            let inner = mover.0.clone();
            let now = inner.clock.now();
            let made = base::task::blocking(move || -> Result<Ready> {
                let path = folder(&inner.data)?.join(format!("out-{}", base::id::fresh().simple()));
                export(&inner.data, &path, &passphrase, now, &progress)?;
                let size = std::fs::metadata(&path)?.len();
                Ok(Ready { path, name: file_name(now), size, made_at: inner.clock.now() })
            })
            .await;
            let made = made.and_then(|made| made);
            let path = made.as_ref().ok().map(|made| made.path.clone());
            end(&mover.0.export, made.map(Some));
            if let Some(path) = path {
                base::task::spawn("export-waits", expire_in_time(Arc::downgrade(&mover.0), path));
            }
        });
        Ok(self.export_state())
    }

    /// Stops the making of a file, or throws away the one that waits.
    pub(crate) fn cancel_export(&self) {
        let mut work = lock(&self.0.export);
        work.progress.cancel();
        discard(&mut work);
        if work.phase != MovePhase::Working {
            *work = Work::default();
        }
    }

    /// The file that waits to be fetched.
    pub(crate) fn file(&self) -> Result<Ready> {
        self.export_work().file.clone().ok_or_else(|| Error::conflict("There is no file to fetch. Make one first."))
    }

    /// Takes the place of the one import that may be under way, before its file has come. Until it comes to nothing
    /// nobody becomes the owner here.
    pub(crate) async fn begin_import(&self, accounts: &Accounts) -> Result<Receiving> {
        let data = self.0.data.clone();
        base::task::blocking(move || refuse_unless_fresh(&data)).await??;
        let held = accounts.hold_set_up().await?;
        let progress = begin(&self.0.import)?;
        match Scratch::make(&self.0.data) {
            Ok(scratch) => Ok(Receiving { mover: self.clone(), progress, on_its_way: Some((scratch, held)) }),
            Err(e) => {
                end(&self.0.import, Err(Error::internal("no folder")));
                Err(e)
            }
        }
    }

    pub(crate) fn cancel_import(&self) {
        let mut work = lock(&self.0.import);
        work.progress.cancel();
        if work.phase != MovePhase::Working {
            *work = Work::default();
        }
    }
}

/// A file from another computer on its way in. Dropped before it is unpacked, it leaves nothing behind.
pub(crate) struct Receiving {
    mover: Mover,
    pub(crate) progress: Progress,
    on_its_way: Option<(Scratch, SetUpHeld)>,
}

impl Receiving {
    /// Where the file is to be written.
    pub(crate) fn path(&self) -> PathBuf {
        self.on_its_way.as_ref().map_or_else(PathBuf::new, |(scratch, _)| scratch.path().join("file"))
    }

    /// Refuses a file that there is no room for, by its first bytes. Its size is told by who sends it, perhaps.
    pub(crate) fn ensure_room(&self, header: &Header, size: Option<u64>) -> Result<()> {
        let most = header.largest_file();
        self.mover.0.room.for_taking(&self.mover.0.data, header, size.map_or(most, |size| size.min(most)))
    }

    /// Unpacks what has come. When all is well the program begins anew with it.
    pub(crate) fn unpack(mut self, passphrase: Secret) -> MoveState {
        let Some((scratch, held)) = self.on_its_way.take() else { return MoveState::default() };
        let (mover, progress) = (self.mover.clone(), self.progress.clone());
        base::task::spawn("import", async move {
            let (data, room) = (mover.0.data.clone(), mover.0.room.clone());
            let taken = base::task::blocking(move || -> Result<Option<Ready>> {
                let file = scratch.path().join("file");
                let summary: Summary = import(&data, &file, &passphrase, &room, &progress)?;
                tracing::info!(
                    businesses = summary.businesses,
                    files = summary.files,
                    "data of another computer taken"
                );
                Ok(None)
            })
            .await
            .and_then(|taken| taken);
            let well = taken.is_ok();
            match well {
                true => held.for_good(),
                // Before it is told: who tries again at once is not refused.
                false => drop(held),
            }
            end(&mover.0.import, taken);
            if well {
                // Whoever watches should see that it is done before the line is gone for a moment.
                tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
                mover.0.restart.cancel();
            }
        });
        self.mover.import_state()
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if let Some(on_its_way) = self.on_its_way.take() {
            drop(on_its_way);
            end(&self.mover.0.import, Err(Error::cancelled()));
        }
    }
}

/// Such as `botflow-2026-11-21.move`; with the brand's name where there is one.
fn file_name(now: base::Time) -> String {
    let name: String = base::product::name()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let day = now.to_jiff().to_string();
    format!("{}-{}.move", name.trim_matches('-'), day.get(..10).unwrap_or("data"))
}
