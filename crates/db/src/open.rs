//! Opening connections with the pragmas that durability needs; the only place that does.
#![expect(unsafe_code, reason = "registering sqlite-vec needs one call into C")]
#![expect(clippy::disallowed_methods, reason = "this is the one place that opens databases")]

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use base::{Error, Result};
use rusqlite::{Connection, OpenFlags};

use crate::BUSY_TIMEOUT;

/// Registers sqlite-vec for every connection that is opened afterwards.
fn register_vectors() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        type Init = unsafe extern "C" fn(
            *mut rusqlite::ffi::sqlite3,
            *mut *mut std::ffi::c_char,
            *const rusqlite::ffi::sqlite3_api_routines,
        ) -> std::ffi::c_int;
        // SAFETY: sqlite3_vec_init is an extension entry point and has exactly this signature; the binding declares it
        // without arguments. It is registered once, before any connection exists.
        let code = unsafe {
            let init = std::mem::transmute::<*const (), Init>(sqlite_vec::sqlite3_vec_init as *const ());
            rusqlite::ffi::sqlite3_auto_extension(Some(init))
        };
        if code != rusqlite::ffi::SQLITE_OK {
            tracing::error!(code, "the vector extension could not be registered");
        }
    });
}

pub(crate) fn writer(path: &Path) -> Result<Connection> {
    register_vectors();
    let connection = Connection::open_with_flags(path, OpenFlags::default()).map_err(|e| cannot_open(path, e))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Only takes effect on a new file, before its first page is written.
    connection.pragma_update(None, "auto_vacuum", "incremental")?;
    connection.pragma_update(None, "journal_mode", "wal").map_err(|e| cannot_open(path, e))?;
    // FULL: a commit that was reported is on the disk, even when the power fails in the next instant.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -8_000)?;
    // Pages are copied into the file after so many of the log: pages written over and over are copied once.
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    connection.set_prepared_statement_cache_capacity(256);
    stable_plans(&connection)?;
    Ok(connection)
}

const READ_ONLY: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// A reader of a file that no program has open: it makes no files beside it, as a reader of a log would.
pub(crate) fn unchanging(path: &Path) -> Result<Connection> {
    register_vectors();
    let text = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text };
    // A drive's letter stands behind a slash.
    let slash = if path.is_absolute() && !text.starts_with('/') { "/" } else { "" };
    let name = format!("file:{slash}{text}?immutable=1");
    let flags = READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(name, flags).map_err(|e| cannot_open(path, e))?;
    connection.pragma_update(None, "temp_store", "memory")?;
    Ok(connection)
}

pub(crate) fn reader(path: &Path) -> Result<Connection> {
    register_vectors();
    let connection = Connection::open_with_flags(path, READ_ONLY).map_err(|e| cannot_open(path, e))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -4_000)?;
    connection.set_prepared_statement_cache_capacity(128);
    stable_plans(&connection)?;
    Ok(connection)
}

/// Plans do not depend on the values bound: else SQLite compiles a statement anew for every new value of some parameters.
fn stable_plans(connection: &Connection) -> Result<()> {
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Copies a live database, a few pages at a time, so that writers are never held up for long.
pub(crate) fn copy(source: &Path, target: &Path) -> Result<()> {
    let from = reader(source)?;
    let mut to = Connection::open_with_flags(target, OpenFlags::default()).map_err(|e| cannot_open(target, e))?;
    rusqlite::backup::Backup::new(&from, &mut to)?.run_to_completion(256, Duration::from_millis(1), None)?;
    to.pragma_update(None, "journal_mode", "delete")?;
    Ok(())
}

/// Opens or makes a file as it is, for a copy to be written into.
pub(crate) fn blank(path: &Path) -> Result<Connection> {
    register_vectors();
    Connection::open_with_flags(path, OpenFlags::default()).map_err(|e| cannot_open(path, e))
}

fn cannot_open(path: &Path, e: rusqlite::Error) -> Error {
    Error::unavailable(format!(
        "The data file {} could not be opened. It may be damaged or in use by another program; restore a backup if this stays.",
        path.display()
    ))
    .with_cause(e)
}
