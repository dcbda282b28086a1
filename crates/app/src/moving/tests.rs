//! A data folder goes into a file and comes out of it; whatever else comes leaves the folder as it was.

use std::fs;
use std::path::{Path, PathBuf};

use base::id::WorkspaceId;
use base::{ErrorCode, Secret, Time};
use db::{Db, Options, Schema};
use proptest::prelude::*;

use super::place::MOVING;
use super::*;

const WORDS: &str = "four plain words";

fn open(path: &Path, schema: Schema) -> Db {
    Db::open(path, schema, Options { min_free_bytes: 0, ..Options::default() }).unwrap()
}

struct Folder {
    folder: tempfile::TempDir,
    business: WorkspaceId,
    hash: String,
}

impl Folder {
    fn filled() -> Folder {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let (business, hash) = (WorkspaceId::fresh(), "0f".repeat(32));
        let system = open(&data.join("system.db"), Schema::System);
        let insert = "insert into user (id, name, email, password, created_at, password_changed_at)
            values (x'01', 'Thandi', 'thandi@shop.example', 'x', 0, 0)";
        system.write_blocking(move |tx| Ok(tx.execute(insert, [])?)).unwrap();
        let home = data.join("workspaces").join(business.to_string());
        let workspace = open(&home.join("workspace.db"), Schema::Workspace);
        workspace.write_blocking(|tx| Ok(tx.execute("insert into setting values ('a', '1')", [])?)).unwrap();
        fs::create_dir_all(home.join("media")).unwrap();
        fs::write(home.join("media").join(&hash), b"a picture").unwrap();
        fs::write(home.join("media/half.part"), b"half of a picture").unwrap();
        fs::create_dir_all(home.join("search")).unwrap();
        fs::write(home.join("search/index"), b"derived").unwrap();
        fs::create_dir_all(data.join("models/some")).unwrap();
        fs::write(data.join("models/some/weights"), b"large").unwrap();
        fs::write(data.join("secret.key"), [7; 32]).unwrap();
        fs::write(data.join("botflow.toml"), "log = \"debug\"").unwrap();
        fs::write(data.join("installation"), "the old computer").unwrap();
        fs::write(data.join("computer.json"), "{\"keep_awake\":true}").unwrap();
        Folder { folder, business, hash }
    }

    fn export(&self) -> PathBuf {
        let file = self.folder.path().join("out.move");
        let progress = Progress::default();
        let summary = export(self.folder.path(), &file, &Secret::new(WORDS), Time::ZERO, &progress).unwrap();
        assert_eq!((summary.businesses, summary.files), (1, 1));
        let (done, total) = progress.bytes();
        assert!(done > 0 && done <= total);
        file
    }
}

fn take(data: &Path, file: &Path) -> Result<Summary> {
    import(data, file, &Secret::new(WORDS), &Progress::default())
}

/// Everything in a folder, by name, but for the logs of databases, which go when the thread that writes has ended.
fn names(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path)
            } else {
                all.push(path.strip_prefix(folder).unwrap().display().to_string().replace('\\', "/"))
            }
        }
    }
    all.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
    all.sort();
    all
}

#[test]
fn everything_that_is_not_derived_comes_over_and_the_copy_knows_itself_for_one() {
    let old = Folder::filled();
    let file = old.export();
    let new = tempfile::tempdir().unwrap();
    // A fresh program ran here: its own database and key make room.
    drop(open(&new.path().join("system.db"), Schema::System));
    fs::write(new.path().join("secret.key"), [1; 32]).unwrap();
    refuse_unless_fresh(new.path()).unwrap();
    take(new.path(), &file).unwrap();
    settle(new.path()).unwrap();
    let home = format!("workspaces/{}", old.business);
    let wanted = ["botflow.toml", "installation", "secret.key", "system.db"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("{home}/media/{}", old.hash), format!("{home}/workspace.db")]);
    let mut wanted: Vec<_> = wanted.collect();
    wanted.sort();
    assert_eq!(names(new.path()), wanted);
    assert_eq!(fs::read(new.path().join("secret.key")).unwrap(), [7; 32]);
    let mark = fs::read_to_string(new.path().join("installation")).unwrap();
    assert!(mark.ends_with(" moved") && !mark.contains("old computer"), "{mark}");
    let count: i64 = db::look(&new.path().join(&home).join("workspace.db"), std::time::Duration::from_secs(5))
        .unwrap()
        .query_row("select count(*) from setting", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 1);
    assert!(refuse_unless_fresh(new.path()).unwrap_err().message.contains("already"));
    assert!(refuse_unless_fresh(old.folder.path()).is_err());
}

#[test]
fn a_computer_keeps_its_own_configuration_and_nothing_to_move_is_said_in_words() {
    let new = tempfile::tempdir().unwrap();
    fs::write(new.path().join("botflow.toml"), "port = 5000").unwrap();
    let none = take(new.path(), &new.path().join("none.move")).unwrap_err();
    assert!(none.message.contains("could not be read"), "{}", none.message);
    let old = Folder::filled();
    let file = old.export();
    take(new.path(), &file).unwrap();
    settle(new.path()).unwrap();
    assert_eq!(fs::read_to_string(new.path().join("botflow.toml")).unwrap(), "port = 5000");

    let out = |data: &Path, target: &str, words: &str| {
        export(data, &data.join(target), &Secret::new(words), Time::ZERO, &Progress::default()).unwrap_err().message
    };
    assert!(out(old.folder.path(), "out.move", WORDS).contains("already"));
    assert!(out(old.folder.path(), "second.move", "short").contains("passphrase"));
    let empty = tempfile::tempdir().unwrap();
    assert!(out(empty.path(), "out.move", WORDS).contains("no data"));
}

#[test]
fn a_move_that_is_stopped_leaves_nothing_behind() {
    let old = Folder::filled();
    let before = names(old.folder.path());
    let stopped = Progress::default();
    stopped.cancel();
    let target = old.folder.path().join("out.move");
    let e = export(old.folder.path(), &target, &Secret::new(WORDS), Time::ZERO, &stopped).unwrap_err();
    assert_eq!(e.code, ErrorCode::Cancelled);
    assert_eq!(names(old.folder.path()), before);

    let file = old.export();
    let new = tempfile::tempdir().unwrap();
    let e = import(new.path(), &file, &Secret::new(WORDS), &stopped).unwrap_err();
    assert_eq!(e.code, ErrorCode::Cancelled);
    assert_eq!(names(new.path()), Vec::<String>::new());
    let e = import(new.path(), &file, &Secret::new("other plain words"), &Progress::default()).unwrap_err();
    assert_eq!(e.code, ErrorCode::Forbidden);
    assert_eq!(names(new.path()), Vec::<String>::new());
}

#[test]
fn data_of_a_newer_program_is_refused_before_anything_changes() {
    let old = Folder::filled();
    let path = old.folder.path().join("workspaces").join(old.business.to_string()).join("workspace.db");
    open(&path, Schema::Workspace)
        .write_blocking(|tx| {
            let add =
                "insert into refinery_schema_history (version, name, applied_on, checksum) values (9999, 'x', '', '1')";
            Ok(tx.execute(add, [])?)
        })
        .unwrap();
    let file = old.export();
    let new = tempfile::tempdir().unwrap();
    assert!(take(new.path(), &file).unwrap_err().message.contains("newer version"));
    settle(new.path()).unwrap();
    assert_eq!(names(new.path()), Vec::<String>::new());
    assert!(!new.path().join(MOVING).exists());
}

fn refused_and_untouched(bytes: &[u8]) {
    let new = tempfile::tempdir().unwrap();
    let file = new.path().join("in.move");
    fs::write(&file, bytes).unwrap();
    assert!(take(new.path(), &file).is_err());
    assert_eq!(names(new.path()), ["in.move"], "half an import");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_changed_in_a_file_nothing_of_it_is_taken(at in any::<prop::sample::Index>(), bit in 0u8..8, cut in any::<prop::sample::Index>()) {
        thread_local! {
            static WHOLE: Vec<u8> = fs::read(Folder::filled().export_kept()).unwrap();
        }
        WHOLE.with(|whole| {
            let mut changed = whole.clone();
            changed[at.index(whole.len())] ^= 1 << bit;
            refused_and_untouched(&changed);
            refused_and_untouched(&whole[..cut.index(whole.len())]);
            refused_and_untouched(&[whole.as_slice(), b"more"].concat());
        });
    }

    #[test]
    fn whatever_comes_instead_of_a_file_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        refused_and_untouched(&bytes);
    }
}

impl Folder {
    /// The file, whose folder is left to the system to clear away.
    fn export_kept(self) -> PathBuf {
        let file = self.export();
        std::mem::forget(self.folder);
        file
    }
}
