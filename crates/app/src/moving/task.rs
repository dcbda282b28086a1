//! The one move that may be under way in a running program, watched and stopped over HTTP.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{Clock, Error, Result, Secret, Stopwatch};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::place::{Scratch, folder, remove_file};
use super::{Progress, Summary, export, import, refuse_unless_fresh};

/// A file that nobody fetched is deleted after this; it can be made again.
const KEPT: std::time::Duration = std::time::Duration::from_secs(3600);

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
    since: Stopwatch,
}

/// What the routes of moving share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Mover(Arc<Inner>);

struct Inner {
    data: PathBuf,
    clock: Clock,
    export: Mutex<Work>,
    import: Mutex<Work>,
    restart: CancellationToken,
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
    if let Some(old) = work.file.take() {
        let _ = remove_file(&old.path);
    }
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
    pub(crate) fn new(data: &Path, clock: Clock, restart: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            data: data.to_owned(),
            clock,
            export: Mutex::default(),
            import: Mutex::default(),
            restart,
        }))
    }

    pub(crate) fn export_state(&self) -> MoveState {
        let mut work = lock(&self.0.export);
        if work.file.as_ref().is_some_and(|file| file.since.elapsed() > KEPT) {
            if let Some(old) = work.file.take() {
                let _ = remove_file(&old.path);
            }
            *work = Work::default();
        }
        state(&work)
    }

    pub(crate) fn import_state(&self) -> MoveState {
        state(&lock(&self.0.import))
    }

    /// Begins to make a file. Closing the page does not stop it.
    pub(crate) fn start_export(&self, passphrase: Secret) -> Result<MoveState> {
        super::check_passphrase(&passphrase)?;
        let progress = begin(&self.0.export)?;
        let mover = self.clone();
        base::task::spawn("export", async move {
            let inner = mover.0.clone();
            let now = inner.clock.now();
            let made = base::task::blocking(move || -> Result<Option<Ready>> {
                let path = folder(&inner.data)?.join(format!("out-{}", base::id::fresh().simple()));
                export(&inner.data, &path, &passphrase, now, &progress)?;
                let size = std::fs::metadata(&path)?.len();
                Ok(Some(Ready { path, name: file_name(now), size, since: Stopwatch::start() }))
            })
            .await;
            end(&mover.0.export, made.and_then(|made| made));
        });
        Ok(self.export_state())
    }

    /// Stops the making of a file, or throws away the one that waits.
    pub(crate) fn cancel_export(&self) {
        let mut work = lock(&self.0.export);
        work.progress.cancel();
        if let Some(file) = work.file.take() {
            let _ = remove_file(&file.path);
        }
        if work.phase != MovePhase::Working {
            *work = Work::default();
        }
    }

    /// The file that waits to be fetched.
    pub(crate) fn file(&self) -> Result<Ready> {
        let work = lock(&self.0.export);
        work.file.clone().ok_or_else(|| Error::conflict("There is no file to fetch. Make one first."))
    }

    /// Takes the place of the one import that may be under way, before its file has come.
    pub(crate) fn begin_import(&self) -> Result<Receiving> {
        refuse_unless_fresh(&self.0.data)?;
        let progress = begin(&self.0.import)?;
        match Scratch::make(&self.0.data) {
            Ok(scratch) => Ok(Receiving { mover: self.clone(), progress, scratch: Some(scratch) }),
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
    scratch: Option<Scratch>,
}

impl Receiving {
    /// Where the file is to be written.
    pub(crate) fn path(&self) -> PathBuf {
        self.scratch.as_ref().map_or_else(PathBuf::new, |scratch| scratch.path().join("file"))
    }

    /// Unpacks what has come. When all is well the program begins anew with it.
    pub(crate) fn unpack(mut self, passphrase: Secret) -> MoveState {
        let Some(scratch) = self.scratch.take() else { return MoveState::default() };
        let (mover, progress) = (self.mover.clone(), self.progress.clone());
        base::task::spawn("import", async move {
            let data = mover.0.data.clone();
            let taken = base::task::blocking(move || -> Result<Option<Ready>> {
                refuse_unless_fresh(&data)?;
                let file = scratch.path().join("file");
                let summary: Summary = import(&data, &file, &passphrase, &progress)?;
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
        if self.scratch.is_some() {
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
