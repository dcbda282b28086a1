//! What a person would lose if the writer, the migrations or the guard failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

fn open_temp() -> (tempfile::TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&folder.path().join("workspace.db"), Schema::Workspace, Options::default()).unwrap();
    // On a thread of its own, for some of these tests are asynchronous and must not block.
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                db.write_blocking(|tx| {
                    Ok(tx.execute_batch("create table note (id integer primary key, text text not null) strict")?)
                })
            })
            .join()
            .unwrap()
            .unwrap();
    });
    (folder, db)
}

fn count(db: &Db) -> i64 {
    db.read_blocking(|c| Ok(c.query_row("select count(*) from note", [], |r| r.get(0))?)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_writes_at_once_only_the_failing_ones_are_taken_back() {
    let (_folder, db) = open_temp();
    let mut running = Vec::new();
    for i in 0..200i64 {
        let db = db.clone();
        running.push(async move {
            db.write(move |tx| {
                tx.execute("insert into note values (?1, 'x')", [i])?;
                match i % 10 {
                    3 => Err(Error::invalid("no")),
                    7 => panic!("thrown in a transaction"),
                    _ => Ok(()),
                }
            })
            .await
        });
    }
    let results = futures_all(running).await;
    assert_eq!(results.iter().filter(|r| r.is_err()).count(), 40, "every tenth 3 and 7 fails");
    assert_eq!(count(&db), 160, "and the others stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_waits_for_goes_before_the_background_which_still_gets_done() {
    let (_folder, db) = open_temp();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let order: Arc<std::sync::Mutex<Vec<i64>>> = Arc::default();
    // The writer is held up until everything is queued.
    let first = db.clone();
    let mut holding = Box::pin(async move {
        first
            .write_in_background(move |_| {
                let _ = held.recv();
                Ok(())
            })
            .await
    });
    assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(holding.as_mut().poll(cx))).await.is_pending());
    let note = |i: i64| {
        let order = order.clone();
        move |tx: &Tx<'_>| {
            tx.execute("insert into note values (?1, 'x')", [i])?;
            order.lock().unwrap().push(i);
            Ok(())
        }
    };
    let mut waiting: Vec<std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send>>> = Vec::new();
    for i in 0..100 {
        let (db, work) = (db.clone(), note(i));
        waiting.push(Box::pin(async move { db.write_in_background(work).await }));
    }
    let (urgent, work) = (db.clone(), note(1_000));
    waiting.push(Box::pin(async move { urgent.write(work).await }));
    // Polling each once puts it into its queue.
    for future in &mut waiting {
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx))).await.is_pending());
    }
    release.send(()).unwrap();
    holding.await.unwrap();
    for future in waiting {
        future.await.unwrap();
    }
    let order = order.lock().unwrap().clone();
    assert_eq!(order[0], 1_000, "the one that somebody waits for goes first");
    assert_eq!(order[1..], (0..100).collect::<Vec<_>>(), "the others in their order");
    assert_eq!(count(&db), 101);
}

async fn futures_all<T: Send + 'static>(futures: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let handles: Vec<_> = futures
        .into_iter()
        .map(|f| {
            let (tell, hear) = tokio::sync::oneshot::channel();
            base::task::spawn("test", async move {
                let _ = tell.send(f.await);
            });
            hear
        })
        .collect();
    let mut out = Vec::new();
    for handle in handles {
        out.push(handle.await.unwrap());
    }
    out
}

#[tokio::test]
async fn listeners_hear_of_a_change_only_when_it_was_kept() {
    let (_folder, db) = open_temp();
    let mut changes = db.changes();
    let failed: Result<()> = db
        .write(|tx| {
            tx.publish("lost");
            Err(Error::invalid("no"))
        })
        .await;
    assert!(failed.is_err());
    db.write(|tx| {
        tx.publish("kept");
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(changes.recv().await.unwrap().as_ref(), ["kept"]);
}

#[test]
fn a_reader_cannot_write() {
    let (_folder, db) = open_temp();
    assert!(db.read_blocking(|c| Ok(c.execute("insert into note values (1, 'x')", [])?)).is_err());
}

#[test]
fn work_is_refused_before_the_disk_is_full_and_goes_on_when_there_is_room() {
    static FREE: AtomicU64 = AtomicU64::new(10);
    let folder = tempfile::tempdir().unwrap();
    let options =
        Options { min_free_bytes: 100, free_space: |_| Some(FREE.load(Ordering::SeqCst)), ..Options::default() };
    let db = Db::open(&folder.path().join("a.db"), Schema::Workspace, options).unwrap();
    let refused = db.ensure_room().unwrap_err();
    assert_eq!(refused.code, ErrorCode::DiskLow);
    FREE.store(1000, Ordering::SeqCst);
    assert!(db.ensure_room().is_ok());
}

#[tokio::test]
async fn what_was_reported_as_written_is_there_after_reopening_and_in_a_backup() {
    let (folder, db) = open_temp();
    db.write(|tx| Ok(tx.execute("insert into note values (1, 'kept')", [])?)).await.unwrap();
    db.backup_to(folder.path().join("backup.db")).await.unwrap();
    db.maintain().await.unwrap();
    let path = db.path().to_owned();
    drop(db);
    let again = Db::open(&path, Schema::Workspace, Options::default()).unwrap();
    assert_eq!(count(&again), 1);
    let backup = Db::open(&folder.path().join("backup.db"), Schema::Workspace, Options::default()).unwrap();
    assert_eq!(count(&backup), 1);
}

#[test]
fn migrating_older_data_takes_a_snapshot_first_and_refuses_data_from_a_newer_program() {
    let (folder, db) = open_temp();
    let path = db.path().to_owned();
    db.write_blocking(|tx| {
        // As an older program would have left it: the newest migration not applied yet, and harmless to repeat.
        Ok(tx.execute("insert into refinery_schema_history select 99999, name, applied_on, checksum from refinery_schema_history limit 1", [])?)
    })
    .unwrap();
    drop(db);
    let Err(error) = Db::open(&path, Schema::Workspace, Options::default()) else { panic!("newer data was opened") };
    assert!(!error.message.is_empty());
    assert!(folder.path().join("workspace.db").exists());
}

#[test]
fn the_extension_for_vectors_is_in_every_connection() {
    let (_folder, db) = open_temp();
    let version: String = db.read_blocking(|c| Ok(c.query_row("select vec_version()", [], |r| r.get(0))?)).unwrap();
    assert!(version.starts_with('v'));
    let _: Arc<str> = version.into();
}

/// Whoever copies the folder or takes the program's place waits for that.
#[test]
fn closing_takes_the_log_away_however_many_have_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("system.db");
    for _ in 0..20 {
        let db = Db::open(&path, Schema::System, Options { readers: 100, ..Options::default() }).unwrap();
        drop(db);
        let since = base::Stopwatch::start();
        while path.with_extension("db-wal").exists() {
            assert!(since.elapsed() < Duration::from_secs(20), "the log stays");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
