//! The program dies at any moment: every job is still done, and effects in the same file exactly once.

use proptest::prelude::*;

use super::*;

/// Runs jobs while the power fails after a random number of steps, again and again, until a run gets through.
async fn survive(cuts: Vec<u8>, count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(START);
    let db = open(folder.path());
    db.write(move |tx| {
        tx.execute_batch("create table mark (n integer not null)")?;
        for n in 0..count {
            enqueue(tx, START, NewJob::new("effect", "q", n)?.max_attempts(2))?;
        }
        Ok(())
    })
    .await
    .unwrap();
    drop(db);
    let starts = Arc::new(Mutex::new(0usize));
    for cut in cuts.into_iter().map(usize::from).chain([usize::MAX]) {
        // Reopened, as after a restart.
        let db = open(folder.path());
        let steps = Arc::new(Mutex::new(0usize));
        let cutter: Arc<Mutex<Option<Runner>>> = Arc::default();
        let (handler_db, handler_cutter, handler_starts) = (db.clone(), cutter.clone(), starts.clone());
        let step = move || {
            let mut steps = steps.lock().unwrap();
            *steps += 1;
            if *steps > cut
                && let Some(runner) = handler_cutter.lock().unwrap().as_ref()
            {
                runner.power_cut();
            }
        };
        let registry = Registry::new().handler("effect", move |ctx: Context| {
            let (db, step, starts) = (handler_db.clone(), step.clone(), handler_starts.clone());
            async move {
                *starts.lock().unwrap() += 1;
                step();
                tokio::task::yield_now().await;
                let n = ctx.payload::<i64>().unwrap();
                // Odd ones end in the same transaction as their effect; even ones are idempotent instead.
                let inner = ctx.clone();
                let written = db
                    .write(move |tx| {
                        if n % 2 == 1 {
                            tx.execute("insert into mark values (?1)", [n])?;
                            return inner.complete(tx);
                        }
                        tx.execute("delete from mark where n = ?1", [n])?;
                        tx.execute("insert into mark values (?1)", [n])?;
                        Ok(())
                    })
                    .await;
                step();
                tokio::task::yield_now().await;
                Outcome::from(written)
            }
        });
        let runner = Runner::new(db.clone(), clock.clone(), registry);
        *cutter.lock().unwrap() = Some(runner.clone());
        let through = runner.run_due().await;
        assert!(through.is_ok() || cut != usize::MAX, "{through:?}");
        cutter.lock().unwrap().take();
        drop((runner, db));
    }
    let db = open(folder.path());
    let (effects, distinct): (usize, usize) = db
        .read(|c| {
            Ok(c.query_row("select count(*), count(distinct n) from mark", [], |r| {
                Ok((r.get::<_, u32>(0)? as usize, r.get::<_, u32>(1)? as usize))
            })?)
        })
        .await
        .unwrap();
    let runner = Runner::new(db, clock, Registry::new());
    let stats = runner.stats().await.unwrap();
    assert_eq!(stats.done + stats.dead, count as u64, "no job is lost or left behind");
    assert_eq!(stats.dead, 0, "an interruption is not the job's fault");
    assert_eq!((effects, distinct), (count, count), "every effect once");
    assert!(*starts.lock().unwrap() >= count);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whenever_the_power_fails_every_job_is_done_and_its_effect_is_there_once(
        cuts in proptest::collection::vec(0u8..12, 0..6),
        count in 1usize..6,
    ) {
        // At most 4 interruptions of one job: the fifth would set it aside as the suspect.
        let cuts: Vec<u8> = cuts.into_iter().take(4).collect();
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(survive(cuts, count));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_power_cut_the_next_start_goes_on_at_once_without_waiting_for_leases() {
    let bench = Bench::new();
    let (begun, mut hear) = tokio::sync::mpsc::unbounded_channel();
    let stuck = Registry::new().handler("work", move |_: Context| {
        let begun = begun.clone();
        async move {
            begun.send(()).unwrap();
            std::future::pending::<()>().await;
            Outcome::Done
        }
    });
    let first = bench.runner(stuck);
    first.start();
    let id = bench.add(NewJob::new("work", "q", ()).unwrap().max_attempts(1)).await.unwrap();
    hear.recv().await.unwrap();
    first.power_cut();
    // The clock has not moved: the lease of the first run is still good on paper.
    let second = bench.runner(Registry::new().handler("work", |_: Context| async { Outcome::Done }));
    assert_eq!(second.run_due().await.unwrap(), 1);
    assert_eq!(second.get(id).await.unwrap().state, State::Done);
}

#[tokio::test]
async fn a_run_that_lost_its_job_can_neither_finish_it_nor_leave_an_effect() {
    let bench = Bench::new();
    bench.add_note("x").await;
    let (old, new) = (base::id::fresh(), base::id::fresh());
    let lease = START.plus(Duration::from_secs(60));
    let claimed = bench.db.write(move |tx| crate::store::claim_first(tx, START, old, lease)).await.unwrap().unwrap();
    let id = claimed.id;
    let late = START.plus(Duration::from_secs(61));
    bench
        .db
        .write(move |tx| {
            assert_eq!(crate::store::reclaim_expired(tx, START.plus(Duration::from_secs(59)))?, 0);
            assert_eq!(crate::store::reclaim_expired(tx, late)?, 1);
            crate::store::claim_first(tx, late, new, late.plus(Duration::from_secs(60)))
        })
        .await
        .unwrap();
    let (stale, renewed, fresh) = bench
        .db
        .write(move |tx| {
            Ok((
                crate::store::complete(tx, late, id, old)?,
                crate::store::renew(tx, id, old, late)?,
                crate::store::complete(tx, late, id, new)?,
            ))
        })
        .await
        .unwrap();
    assert_eq!((stale, renewed, fresh), (false, false, true));
}

#[tokio::test]
async fn a_job_that_takes_the_program_down_five_times_is_set_aside() {
    let bench = Bench::new();
    let id = bench.add_note("bomb").await;
    for run in 0..5 {
        let owner = base::id::fresh();
        let claimed = bench
            .db
            .write(move |tx| {
                crate::store::reclaim_others(tx, START, owner)?;
                crate::store::claim_first(tx, START, owner, START)
            })
            .await
            .unwrap();
        assert!(claimed.is_some_and(|c| c.attempt == 1), "run {run}");
    }
    let runner = bench.runner(bench.registry());
    assert_eq!(runner.run_due().await.unwrap(), 0);
    let job = runner.get(id).await.unwrap();
    assert_eq!(job.state, State::Dead);
    assert!(job.error.unwrap().contains("several times"));
}
