//! Migrations: forward only, checksummed, one transaction each, with a snapshot of the file before the first.

use std::path::{Path, PathBuf};

use base::{Error, Result};
use refinery::{Migration, Runner};
use rusqlite::Connection;
use rust_embed::RustEmbed;

use crate::open;

/// Which set of tables a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Users, sessions, workspaces: one file for the machine.
    System,
    /// Everything of one business.
    Workspace,
}

#[derive(RustEmbed)]
#[folder = "../../migrations/system"]
struct SystemFiles;

#[derive(RustEmbed)]
#[folder = "../../migrations/workspace"]
struct WorkspaceFiles;

/// Snapshots kept beside the file; older ones make room.
const SNAPSHOTS_KEPT: usize = 3;

pub(crate) fn run(connection: &mut Connection, path: &Path, schema: Schema) -> Result<()> {
    let migrations = embedded(schema)?;
    let newest = migrations.iter().map(Migration::version).max().unwrap_or(0);
    let runner = Runner::new(&migrations).set_grouped(false).set_abort_divergent(true).set_abort_missing(true);
    // A new file has no history to ask for.
    let last = if connection.table_exists(None, "refinery_schema_history")? {
        runner.get_last_applied_migration(connection).map_err(|e| refused(path, e))?
    } else {
        None
    };
    let current = last.map_or(0, |m| m.version());
    if current > newest {
        return Err(Error::unavailable(format!(
            "The data in {} was made by a newer version of this program. Please install that version again.",
            path.display()
        )));
    }
    if current > 0 && current < newest {
        snapshot(path, i64::from(current))?;
    }
    let report = runner.run(connection).map_err(|e| refused(path, e))?;
    for applied in report.applied_migrations() {
        tracing::info!(migration = %applied, path = %path.display(), "migrated");
    }
    Ok(())
}

/// The number of the newest migration that this program knows.
pub fn newest_version(schema: Schema) -> Result<i64> {
    Ok(embedded(schema)?.iter().map(Migration::version).max().map_or(0, i64::from))
}

pub(crate) fn embedded(schema: Schema) -> Result<Vec<Migration>> {
    let (names, get): (Vec<_>, fn(&str) -> Option<rust_embed::EmbeddedFile>) = match schema {
        Schema::System => (SystemFiles::iter().collect(), SystemFiles::get),
        Schema::Workspace => (WorkspaceFiles::iter().collect(), WorkspaceFiles::get),
    };
    let mut names: Vec<_> = names.into_iter().filter(|name| name.ends_with(".sql")).collect();
    names.sort();
    names
        .iter()
        .map(|name| {
            let file = get(name).ok_or_else(|| Error::internal(format!("migration {name} is not embedded")))?;
            // Line endings differ between checkouts; the checksum must not.
            let sql = String::from_utf8_lossy(&file.data).replace("\r\n", "\n");
            // `0001_create_message.sql` is refinery's `V0001__create_message`.
            let stem = name.trim_end_matches(".sql").replacen('_', "__", 1);
            Migration::unapplied(&format!("V{stem}"), &sql).map_err(Error::internal)
        })
        .collect()
}

/// Copies the file into `snapshots/` beside it before it is changed.
fn snapshot(path: &Path, version: i64) -> Result<()> {
    let folder = path.with_file_name("snapshots");
    std::fs::create_dir_all(&folder)?;
    let stem = path.file_stem().map_or_else(|| "data".into(), |s| s.to_string_lossy().into_owned());
    let target = folder.join(format!("{stem}-before-{version:05}.db"));
    let unfinished = target.with_extension("part");
    let _ = std::fs::remove_file(&unfinished);
    open::copy(path, &unfinished)?;
    base::disk::rename(&unfinished, &target)?;
    let prefix = format!("{stem}-before-");
    let mut kept: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&prefix)))
        .collect();
    kept.sort();
    for old in kept.iter().rev().skip(SNAPSHOTS_KEPT) {
        let _ = std::fs::remove_file(old);
    }
    Ok(())
}

fn refused(path: &Path, e: refinery::Error) -> Error {
    Error::unavailable(format!(
        "The data file {} could not be brought up to date. Nothing was changed; a copy lies in the folder “snapshots” beside it.",
        path.display()
    ))
    .with_cause(e.to_string())
}
