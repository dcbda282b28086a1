//! A data folder goes into a file and comes out of it; whatever else comes leaves the folder as it was.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::disk::Disk;
use base::id::WorkspaceId;
use base::{Clock, ErrorCode, Secret, Time};
use db::{Db, Options, Schema};
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use super::export::need;
use super::place::MOVING;
use super::task::MovePhase;
use super::*;
use crate::{Config, Overrides};

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
        drop((system, workspace));
        // Their logs go when the threads that write have ended; until then the sizes change.
        let since = base::Stopwatch::start();
        while data.join("system.db-wal").exists() || home.join("workspace.db-wal").exists() {
            assert!(since.elapsed() < Duration::from_secs(20), "the databases do not close");
            std::thread::sleep(Duration::from_millis(5));
        }
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

/// So much that nobody asks.
fn room() -> Room {
    Room::with(0, |_| None)
}

fn take(data: &Path, file: &Path) -> Result<Summary> {
    import(data, file, &Secret::new(WORDS), &room(), &Progress::default())
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
    let e = import(new.path(), &file, &Secret::new(WORDS), &room(), &stopped).unwrap_err();
    assert_eq!(e.code, ErrorCode::Cancelled);
    assert_eq!(names(new.path()), Vec::<String>::new());
    let e = import(new.path(), &file, &Secret::new("other plain words"), &room(), &Progress::default()).unwrap_err();
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

#[test]
fn an_owner_who_came_while_a_file_was_unpacked_is_not_wiped_out() {
    let (old, new) = (Folder::filled(), Folder::filled());
    let before = names(new.folder.path());
    assert_eq!(take(new.folder.path(), &old.export()).unwrap_err().code, ErrorCode::Conflict);
    settle(new.folder.path()).unwrap();
    assert_eq!(names(new.folder.path()), before);
    assert!(store::has_owner(&new.folder.path().join("system.db")).unwrap());
}

#[test]
fn what_is_set_for_one_computer_stays_there_and_nonsense_keeps_no_program_from_starting() {
    let new = |configuration: &[u8]| {
        let old = Folder::filled();
        fs::write(old.folder.path().join("botflow.toml"), configuration).unwrap();
        let new = tempfile::tempdir().unwrap();
        take(new.path(), &old.export()).unwrap();
        settle(new.path()).unwrap();
        let words = fs::read_to_string(new.path().join("botflow.toml")).ok();
        Config::load(Overrides { data: Some(new.path().to_owned()), ..Overrides::default() }).unwrap();
        words
    };
    let all = "port = 5000\npublic_port = 5001\naddress = \"203.0.113.7\"\npublic_address = \"203.0.113.7\"\n\
               host_names = [\"shop.lan\"]\nmodels = \"/mnt/large\"\ndata = \"/srv/shop\"\nmin_free_mb = 90000\n\
               update_patience_ms = 1\nsample = true\nlog = \"debug\"\ndoubt_ms = 5\n";
    let came = new(all.as_bytes()).unwrap();
    let mut came: Vec<&str> = came.lines().collect();
    came.sort();
    assert_eq!(came, ["doubt_ms = 5", "log = \"debug\""]);
    // Of an older or newer program, or written by hand: what cannot be read here is left out.
    assert_eq!(new(b"doubt_ms = \"long\"\nnext_year = 1\nlog = \"warn\"").as_deref(), Some("log = \"warn\"\n"));
    for nothing in [&b"port = 5000"[..], b"", b"log = ", b"\xff\xfe", b"[log]\nlevel = 1"] {
        assert_eq!(new(nothing), None, "{nothing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_waits_for_an_hour_and_is_then_deleted_although_nobody_asks() {
    let old = base::task::blocking(Folder::filled).await.unwrap();
    let clock = Clock::manual(Time(1_800_000_000_000));
    let config = Config { data: old.folder.path().to_owned(), min_free_mb: 0, ..Config::default() };
    let mover = Mover::new(&config, clock.clone(), CancellationToken::new());
    let make = async || {
        mover.start_export(Secret::new(WORDS)).await.unwrap();
        while mover.export_state().phase == MovePhase::Working {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        mover.file().unwrap().path
    };
    let first = make().await;
    clock.advance(Duration::from_secs(3_590));
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert!(mover.file().is_ok() && first.exists());
    clock.advance(Duration::from_secs(20));
    assert_eq!(mover.file().err().unwrap().code, ErrorCode::Conflict, "it is too old");
    let second = make().await;
    clock.advance(Duration::from_secs(3_610));
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert!(!first.exists() && !second.exists(), "a file of everything lies around");
    let third = make().await;
    drop(mover);
    assert!(!third.exists(), "the program has ended");
}

thread_local! {
    /// The free bytes of the two disks that a test has: that of the data, and that of a stick.
    static FREE: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

fn two_disks(path: &Path) -> Option<Disk> {
    let (data, stick) = FREE.get();
    Some(match path.ends_with("stick") {
        true => Disk { mount: "/stick".into(), free: stick },
        false => Disk { mount: "/".into(), free: data },
    })
}

#[test]
fn a_file_is_made_only_where_it_fits_beside_what_the_shop_needs_to_go_on() {
    const KEPT_FREE: u64 = 50 << 20;
    let old = Folder::filled();
    let data = old.folder.path();
    let need = need(data).unwrap();
    let size = |name: String| fs::metadata(data.join(name)).map_or(0, |m| m.len());
    let home = format!("workspaces/{}/workspace.db", old.business);
    let databases =
        ["system.db".into(), "system.db-wal".into(), home.clone(), format!("{home}-wal")].map(size).iter().sum::<u64>();
    assert_eq!(need.copies, databases);
    let file = old.export();
    let made = fs::metadata(&file).unwrap().len();
    assert!(need.file >= made && need.file < databases + (64 << 10), "{need:?} for {made}");

    let room = Room::with(KEPT_FREE, two_disks);
    let stick = data.join("stick").join("out.move");
    let all = need.copies + need.file + KEPT_FREE;
    for (free, target, freed, fits) in [
        ((all, 0), &file, 0, true),
        ((all - 1, u64::MAX), &file, 0, false),
        ((all - 1, 0), &file, 1, true),
        ((need.copies + KEPT_FREE, need.file), &stick, 0, true),
        ((need.copies + KEPT_FREE - 1, u64::MAX), &stick, 0, false),
        ((u64::MAX, need.file - 1), &stick, 0, false),
    ] {
        FREE.set(free);
        let told = room.for_making(data, target, need, freed);
        assert_eq!(told.is_ok(), fits, "{free:?} {}", target.display());
    }
    FREE.set((30 << 20, 0));
    let refused = room.for_making(data, &file, need, 0).unwrap_err();
    assert_eq!(refused.code, ErrorCode::DiskLow);
    let words = format!("needs {} MB on the disk /, and 30 MB are free there", all.div_ceil(1 << 20));
    assert!(refused.message.contains(&words), "{refused}");
}

#[test]
fn a_file_that_does_not_fit_is_not_begun_to_be_taken_over() {
    let old = Folder::filled();
    let file = old.export();
    let new = tempfile::tempdir().unwrap();
    let try_with = |free| {
        FREE.set((free, 0));
        import(new.path(), &file, &Secret::new(WORDS), &Room::with(0, two_disks), &Progress::default())
    };
    let refused = try_with(100 << 10).unwrap_err();
    assert_eq!(refused.code, ErrorCode::DiskLow, "{refused}");
    assert_eq!(names(new.path()), Vec::<String>::new());
    assert!(!new.path().join(MOVING).exists());
    let bytes = try_with(u64::MAX).unwrap().bytes;
    settle(new.path()).unwrap();
    for path in ["system.db", "workspaces"].map(|name| new.path().join(name)) {
        let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
    }
    assert_eq!(try_with(bytes - 1).unwrap_err().code, ErrorCode::DiskLow);
    try_with(bytes).unwrap();
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
