//! SQLite for the whole program: one writer thread with group commit per file, a pool of readers, migrations, backup.
//!
//! Call [`Db::write`] for everything that must last: its future resolves only after the commit is on disk. Many small
//! writes that arrive together share one transaction and so one fsync; each runs in its own savepoint, so that one that
//! fails leaves the others alone. Call [`Db::read`] for everything else.

mod carry;
mod look;
mod migrate;
mod open;
mod plan;
mod space;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base::{Error, ErrorCode, Result};
use rusqlite::Connection;
use tokio::sync::{Semaphore, broadcast};

pub use carry::{check_arrived, copy_watched};
pub use look::{is_out_of_time, look};
pub use migrate::{Schema, newest_version};
pub use plan::query_plan;
pub use rusqlite;
pub use writer::{Tag, Tx};

use crate::space::Space;
use crate::writer::{Lane, Writer};

/// How a file is opened. The defaults are right for the program; tests change single fields.
#[derive(Clone)]
pub struct Options {
    pub readers: usize,
    /// New work is refused when less than this is free on the disk.
    pub min_free_bytes: u64,
    /// Tells the free bytes of the disk that holds a path; nothing when unknown.
    pub free_space: fn(&Path) -> Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 4, min_free_bytes: 256 << 20, free_space: base::disk::free_bytes }
    }
}

/// One open SQLite file. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    path: PathBuf,
    /// Dropped before the writer: only a connection that may write takes the log away, and only as the last one.
    readers: std::sync::Mutex<Vec<Connection>>,
    writer: Writer,
    reader_slots: Arc<Semaphore>,
    changes: broadcast::Sender<Arc<[Tag]>>,
    space: Space,
}

impl Db {
    /// Opens or creates the file, takes a snapshot and migrates when its schema is older than the program.
    pub fn open(path: &Path, schema: Schema, options: Options) -> Result<Db> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut connection = open::writer(path)?;
        migrate::run(&mut connection, path, schema)?;
        let (changes, _) = broadcast::channel(1024);
        let writer = Writer::spawn(connection, path.to_owned(), changes.clone())?;
        let readers = (0..options.readers).map(|_| open::reader(path)).collect::<Result<Vec<_>>>()?;
        let space = Space::new(path, options.min_free_bytes, options.free_space);
        Ok(Db(Arc::new(Inner {
            path: path.to_owned(),
            writer,
            reader_slots: Arc::new(Semaphore::new(readers.len())),
            readers: readers.into(),
            changes,
            space,
        })))
    }

    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Runs `f` in a transaction and resolves when it is durable. Nothing slow belongs in `f`: every other write waits.
    /// The work is done even when the returned future is dropped.
    pub async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.0.writer.call(Lane::Front, f).await
    }

    /// The same for work that nobody waits for: it gives way to [`Db::write`], of whose time it keeps a quarter. Among
    /// themselves such transactions keep their order.
    pub async fn write_in_background<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.0.writer.call(Lane::Background, f).await
    }

    /// The same for threads that may block.
    pub fn write_blocking<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.0.writer.call_blocking(f)
    }

    /// Runs `f` on a read-only connection, on the pool for blocking work.
    pub async fn read<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let slot = self.0.reader_slots.clone().acquire_owned().await.map_err(Error::internal)?;
        let inner = self.0.clone();
        base::task::blocking(move || {
            let _slot = slot;
            inner.with_reader(f)
        })
        .await?
    }

    /// The same for threads that may block.
    pub fn read_blocking<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.0.with_reader(f)
    }

    /// The tags of every committed transaction, in order of commit. A receiver that falls far behind sees `Lagged` and
    /// must refetch all it shows.
    pub fn changes(&self) -> broadcast::Receiver<Arc<[Tag]>> {
        self.0.changes.subscribe()
    }

    /// Refuses new work while the disk is nearly full, so that what was accepted can still be finished.
    pub fn ensure_room(&self) -> Result<()> {
        if self.0.space.is_low() {
            return Err(Error::new(
                ErrorCode::DiskLow,
                format!(
                    "The disk is almost full, so new messages and files wait outside. Free some space; {} goes on by itself.",
                    base::product::name()
                ),
            ));
        }
        Ok(())
    }

    /// Copies the log into the file and gives unused pages back to the disk, a little at a time.
    pub async fn maintain(&self) -> Result<()> {
        self.0.writer.maintain().await
    }

    /// Writes a consistent copy to `target` while work goes on.
    pub async fn backup_to(&self, target: PathBuf) -> Result<()> {
        let source = self.0.path.clone();
        base::task::blocking(move || open::copy(&source, &target)).await?
    }
}

impl Inner {
    fn with_reader<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let taken = self.readers.lock().map_err(|_| Error::internal("reader pool poisoned"))?.pop();
        let connection = match taken {
            Some(connection) => connection,
            None => open::reader(&self.path)?,
        };
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| f(&connection)))
            .unwrap_or_else(|_| Err(Error::internal("a read panicked")));
        if let Ok(mut pool) = self.readers.lock()
            && pool.len() < 16
        {
            pool.push(connection);
        }
        result
    }
}

/// How long a connection waits for another before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
