//! A newer version of the product that spoils the data and then misbehaves. How stands behind the end of its file, where
//! no system looks: a version is one file, believed byte for byte.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// As `tests/support/stand_in.rs` writes it; `exit CODE` or `hang` follows.
const MARK: &str = "\nmisbehaves: ";
const MOST_BYTES: i64 = 64;

/// Misbehaves, if that is what stands there. Its arguments are `serve --data FOLDER …`.
pub(crate) fn if_marked() -> Option<ExitCode> {
    let mut file = File::open(std::env::current_exe().ok()?).ok()?;
    file.seek(SeekFrom::End(-MOST_BYTES)).ok()?;
    let mut end = Vec::new();
    file.read_to_end(&mut end).ok()?;
    let end = String::from_utf8_lossy(&end).into_owned();
    let (_, how) = end.split_once(MARK)?;
    spoil(Path::new(&std::env::args().nth(3)?));
    match how.split_once(' ') {
        Some(("exit", code)) => Some(code.trim().parse::<u8>().unwrap().into()),
        _ => {
            std::thread::sleep(Duration::from_secs(600));
            Some(ExitCode::FAILURE)
        }
    }
}

fn spoil(data: &Path) {
    let businesses = std::fs::read_dir(data.join("workspaces")).unwrap().flatten();
    let databases = businesses.map(|business| business.path().join("workspace.db"));
    for database in databases.chain([data.join("system.db")]) {
        std::fs::write(database, "spoiled").unwrap();
    }
}
