//! Looking into a database file without being its program: read-only, no migration, nothing written.

use std::path::Path;

use base::{Result, Stopwatch};
use rusqlite::Connection;

use crate::open;

/// How often, in SQLite's own steps, a long look asks whether its time is over.
const STEPS: i32 = 10_000;

/// Opens `path` as it lies there, whether or not a program works on it. Whatever is asked of the connection is given up
/// once `patience` is over, as SQLite's `interrupted`.
pub fn look(path: &Path, patience: std::time::Duration) -> Result<Connection> {
    // Without a log nobody has the file open; then SQLite need not make one to read it.
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let mut connection = if Path::new(&log).exists() { open::reader(path)? } else { open::unchanging(path)? };
    let since = Stopwatch::start();
    connection.progress_handler(STEPS, Some(move || since.elapsed() > patience))?;
    Ok(connection)
}

/// Whether SQLite stopped because the time of a [`look`] was over.
pub fn is_out_of_time(e: &rusqlite::Error) -> bool {
    e.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base::Stopwatch;

    use crate::{Db, Options, Schema, is_out_of_time, look};

    const LONG: Duration = Duration::from_secs(60);

    fn count(path: &std::path::Path) -> i64 {
        look(path, LONG).unwrap().query_row("select count(*) from setting", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_look_reads_beside_the_program_and_after_it_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        // A name that means something in an address. Windows does not allow each of them.
        let odd = if cfg!(windows) { "odd #% name" } else { "odd ?#% name" };
        let path = folder.path().join(odd).join("workspace.db");
        // The last to close takes the log away, and only a writer can: so no readers.
        let options = Options { readers: 0, ..Options::default() };
        let db = Db::open(&path, Schema::Workspace, options).unwrap();
        db.write_blocking(|tx| Ok(tx.execute("insert into setting values ('a', '1')", [])?)).unwrap();
        assert_eq!(count(&path), 1);
        drop(db);
        let files = || {
            let mut names: Vec<_> =
                std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        // The writer's thread ends a moment after its last owner.
        let began = Stopwatch::start();
        while files().len() > 1 {
            assert!(began.elapsed() < LONG, "{:?}", files());
            std::thread::yield_now();
        }
        assert_eq!(count(&path), 1);
        assert_eq!(files().len(), 1, "{:?}", files());
        let refused = look(&path, LONG).unwrap().execute("delete from setting", []);
        assert!(refused.is_err());
        assert!(look(&folder.path().join("none.db"), LONG).is_err());
    }

    #[test]
    fn a_look_ends_when_its_time_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("workspace.db");
        drop(Db::open(&path, Schema::Workspace, Options::default()).unwrap());
        let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
        let connection = look(&path, Duration::from_millis(20)).unwrap();
        let ended = connection.query_row(endless, [], |row| row.get::<_, i64>(0)).unwrap_err();
        assert!(is_out_of_time(&ended), "{ended}");
    }
}
