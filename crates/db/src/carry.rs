//! Databases that travel: a copy of a live file that can be watched and stopped, and a check of one that came from elsewhere.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use base::{Error, Result};
use refinery::Migration;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::{Schema, migrate, open};

/// Pages of one step; after each the watcher is asked.
const STEP_PAGES: i32 = 512;
/// Between two steps, so that a slow disk has time for others.
const PAUSE: Duration = Duration::from_millis(1);

const DAMAGED: &str =
    "The data in the file is damaged, so nothing was taken over. Make the file again on the other computer.";

/// Copies a database, whether or not a program works on it, as it was at the moment this began. `go_on` hears the pages
/// copied so far and all of them; when it says no, the copy ends with `Cancelled` and what is there is to be deleted.
pub fn copy_watched(source: &Path, target: &Path, mut go_on: impl FnMut(u64, u64) -> bool) -> Result<()> {
    let from = open::reader(source)?;
    // One reading from first to last: without it, SQLite begins the copy anew with each write of the program.
    from.execute_batch("begin; select count(*) from sqlite_schema")?;
    let mut to = open::blank(target)?;
    {
        let backup = Backup::new(&from, &mut to)?;
        loop {
            let step = backup.step(STEP_PAGES)?;
            let progress = backup.progress();
            let all = u64::try_from(progress.pagecount).unwrap_or(0);
            let left = u64::try_from(progress.remaining).unwrap_or(0);
            if !go_on(all.saturating_sub(left), all) {
                return Err(Error::cancelled());
            }
            match step {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked => std::thread::sleep(PAUSE * 20),
                _ => std::thread::sleep(PAUSE),
            }
        }
    }
    to.pragma_update(None, "journal_mode", "delete")?;
    to.close().map_err(|(_, e)| e)?;
    std::fs::OpenOptions::new().write(true).open(target)?.sync_all()?;
    Ok(())
}

/// Whether a database that came from elsewhere is whole, of this kind, and of no newer program.
///
/// # Errors
/// `Invalid` with a sentence for the owner.
pub fn check_arrived(path: &Path, schema: Schema) -> Result<()> {
    let damaged = |cause: rusqlite::Error| Error::invalid(DAMAGED).with_cause(cause);
    let connection = open::reader(path).map_err(|e| Error::invalid(DAMAGED).with_cause(e))?;
    let word: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
    if word != "ok" {
        return Err(Error::invalid(DAMAGED).with_cause(word));
    }
    let known: HashMap<i64, String> = migrate::embedded(schema)?
        .iter()
        .map(|migration: &Migration| (i64::from(migration.version()), migration.checksum().to_string()))
        .collect();
    let applied = applied(&connection).map_err(damaged)?;
    if applied.is_empty() {
        return Err(Error::invalid("The file does not hold the data of this program."));
    }
    for (version, checksum) in applied {
        match known.get(&version) {
            Some(same) if *same == checksum => {}
            Some(_) => return Err(Error::invalid("The file does not hold the data of this program.")),
            None => {
                return Err(Error::invalid(
                    "The file was made by a newer version of this program. Install that version here first, then try \
                     again.",
                ));
            }
        }
    }
    Ok(())
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut statement = connection.prepare("select version, checksum from refinery_schema_history order by version")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Db, Options};

    fn filled(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("workspace.db");
        let db = Db::open(&path, Schema::Workspace, Options { min_free_bytes: 0, ..Options::default() }).unwrap();
        db.write_blocking(|tx| {
            for n in 0..2_000 {
                tx.execute("insert into setting (name, value) values (?1, ?2)", (n.to_string(), "x".repeat(1_000)))?;
            }
            Ok(())
        })
        .unwrap();
        path
    }

    #[test]
    fn a_copy_is_of_one_moment_however_much_is_written_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let db = Db::open(&path, Schema::Workspace, Options { min_free_bytes: 0, ..Options::default() }).unwrap();
        let target = folder.path().join("copy.db");
        let mut steps = 0;
        copy_watched(&path, &target, |done, all| {
            assert!(done <= all);
            steps += 1;
            assert!(steps < 1_000, "the copy began anew with each write");
            db.write_blocking(move |tx| {
                tx.execute("insert into setting (name, value) values (?1, 'later')", [format!("later {steps}")])?;
                Ok(())
            })
            .unwrap();
            true
        })
        .unwrap();
        assert!(steps > 0);
        check_arrived(&target, Schema::Workspace).unwrap();
        let count: i64 =
            open::reader(&target).unwrap().query_row("select count(*) from setting", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 2_000);
    }

    #[test]
    fn a_copy_can_be_stopped_and_what_came_damaged_or_of_another_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let target = folder.path().join("copy.db");
        let stopped = copy_watched(&path, &target, |_, _| false).unwrap_err();
        assert_eq!(stopped.code, base::ErrorCode::Cancelled);
        std::fs::remove_file(&target).unwrap();
        copy_watched(&path, &target, |_, _| true).unwrap();
        check_arrived(&target, Schema::Workspace).unwrap();
        assert!(check_arrived(&target, Schema::System).is_err(), "the wrong kind");

        let mut bytes = std::fs::read(&target).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 8_192].fill(0xaa);
        let damaged = folder.path().join("damaged.db");
        std::fs::write(&damaged, &bytes).unwrap();
        assert!(check_arrived(&damaged, Schema::Workspace).unwrap_err().message.contains("damaged"));
        std::fs::write(&damaged, b"no database at all").unwrap();
        assert!(check_arrived(&damaged, Schema::Workspace).is_err());

        let newer = open::blank(&target).unwrap();
        newer
            .execute(
                "insert into refinery_schema_history (version, name, applied_on, checksum) values (9999, 'x', '', '1')",
                [],
            )
            .unwrap();
        drop(newer);
        assert!(check_arrived(&target, Schema::Workspace).unwrap_err().message.contains("newer version"));
    }
}
