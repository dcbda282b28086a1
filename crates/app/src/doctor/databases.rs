//! Databases: readable, of a version this program knows, and without a fault that SQLite finds in them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use db::Schema;

use super::{Area, Businesses, Check, Finding, LONG, Site, store};

/// Less than the check has, so that it can still say how far it came.
const PATIENCE: Duration = LONG.saturating_sub(Duration::from_secs(4));
const RESTORE: &str = "End the program, keep a copy of the data folder, and restore your latest backup.";

pub(super) fn checks(site: &Arc<Site>, businesses: &Businesses) -> Vec<Check> {
    let system = site.config.data.join("system.db");
    let name = "Accounts";
    let mut checks = vec![Check::blocking(Area::Data, name, LONG, move || {
        if !system.exists() {
            let sentence = "There is no data yet; it is made at the first start.";
            return vec![Finding::good(Area::Data, name, sentence)];
        }
        vec![look(name, &system, Schema::System)]
    })];
    checks.extend(businesses.0.iter().cloned().map(|file| {
        let of = file.business.clone();
        let run = move || vec![look("Business data", &file.path, Schema::Workspace)];
        Check::blocking(Area::Data, "Business data", LONG, run).of(&of)
    }));
    checks
}

fn look(name: &str, path: &Path, schema: Schema) -> Finding {
    let first = look_once(name, path, schema);
    // A program that started just now may have written while the file was read as nobody's.
    if first.standing == ops::Standing::Bad { look_once(name, path, schema) } else { first }
}

fn look_once(name: &str, path: &Path, schema: Schema) -> Finding {
    let unreadable = || Finding::bad(Area::Data, name, "The file cannot be read as a database.", RESTORE);
    let Ok(connection) = db::look(path, PATIENCE) else { return unreadable() };
    match store::first_fault(&connection) {
        Ok(None) => {}
        Ok(Some(_)) => return Finding::bad(Area::Data, name, "The file is damaged.", RESTORE),
        Err(e) if db::is_out_of_time(&e) => {
            let sentence = format!(
                "The file is large: no damage was found within {} seconds, the rest was not read.",
                PATIENCE.as_secs()
            );
            return Finding::good(Area::Data, name, sentence);
        }
        Err(_) => return unreadable(),
    }
    match (store::schema_version(&connection), db::newest_version(schema)) {
        (Ok(stored), Ok(known)) if stored > known => Finding::bad(
            Area::Data,
            name,
            "The data was made by a newer version of this program.",
            "Install that version again.",
        ),
        (Ok(stored), Ok(known)) if stored < known => {
            Finding::good(Area::Data, name, "The data is whole; the next start brings it up to date.")
        }
        (Ok(_), Ok(_)) => Finding::good(Area::Data, name, "The data is whole."),
        _ => unreadable(),
    }
}

#[cfg(test)]
mod tests {
    use ops::Standing::{Bad, Good};

    use super::*;

    /// Without readers of its own: the last to close takes the log away, and only a writer can.
    fn open(path: &Path) -> db::Db {
        db::Db::open(path, Schema::Workspace, db::Options { readers: 0, ..db::Options::default() }).unwrap()
    }

    #[test]
    fn damage_in_the_middle_of_a_file_is_found_and_the_file_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("workspace.db");
        let db = open(&path);
        assert_eq!(look("x", &path, Schema::Workspace).standing, Good, "while the program works on it");
        drop(db);
        let began = base::Stopwatch::start();
        while path.with_extension("db-wal").exists() {
            assert!(began.elapsed() < PATIENCE, "the log is still there");
            std::thread::yield_now();
        }
        let whole = look("x", &path, Schema::Workspace);
        assert_eq!((whole.standing, whole.fix), (Good, None));
        let mut bytes = std::fs::read(&path).unwrap();
        let (from, to) = (bytes.len() / 4, bytes.len() * 3 / 4);
        bytes[from..to].fill(0x5a);
        std::fs::write(&path, &bytes).unwrap();
        let damaged = look("x", &path, Schema::Workspace);
        assert_eq!(damaged.standing, Bad, "{damaged:?}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        std::fs::write(&path, b"this is no database at all, whatever its name says").unwrap();
        assert_eq!(look("x", &path, Schema::Workspace).standing, Bad);
    }

    #[test]
    fn data_of_a_newer_program_is_told_apart_from_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("workspace.db");
        let db = open(&path);
        db.write_blocking(super::super::tests::pretend_newer).unwrap();
        let finding = look("x", &path, Schema::Workspace);
        assert_eq!(finding.standing, Bad);
        assert!(finding.sentence.contains("newer"), "{finding:?}");
    }
}
