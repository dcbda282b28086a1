//! The rules of the queue, one transaction at a time.

use super::*;
use crate::work::pause;

#[tokio::test]
async fn work_is_done_in_the_order_of_urgency_then_due_time_then_age() {
    let bench = Bench::new();
    let runner = bench.runner(bench.registry());
    bench.add(note("low").priority(Priority::Low)).await;
    bench.add(note("first")).await;
    bench.add(note("second")).await;
    bench.add(note("earlier").run_at(START.minus(Duration::from_secs(5)))).await;
    bench.add(note("critical").priority(Priority::Critical)).await;
    bench.add(note("later").run_at(START.plus(Duration::from_secs(60)))).await;
    assert_eq!(runner.run_due().await.unwrap(), 5);
    assert_eq!(bench.ran.take(), ["critical", "earlier", "first", "second", "low"]);
    bench.clock.advance(Duration::from_secs(60));
    runner.run_due().await.unwrap();
    assert_eq!(bench.ran.take(), ["later"]);
}

#[tokio::test]
async fn a_job_lasts_only_if_the_transaction_that_needs_it_does() {
    let bench = Bench::new();
    let runner = bench.runner(bench.registry());
    let failed: base::Result<()> = bench
        .db
        .write(|tx| {
            enqueue(tx, START, note("lost"))?;
            Err(Error::invalid("no"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(runner.run_due().await.unwrap(), 0);
}

#[tokio::test]
async fn the_same_work_is_not_queued_twice_and_the_earlier_wish_counts() {
    let bench = Bench::new();
    let runner = bench.runner(bench.registry());
    let later = START.plus(Duration::from_secs(60));
    assert!(bench.add(note("a").dedupe("k").run_at(later)).await.is_some());
    assert!(bench.add(note("b").dedupe("k")).await.is_none());
    assert!(bench.add(note("c").dedupe("other")).await.is_some());
    runner.run_due().await.unwrap();
    assert_eq!(bench.ran.take(), ["a", "c"], "pulled forward to now, with its own payload");
    assert!(bench.add(note("d").dedupe("k")).await.is_some(), "a finished job blocks nothing");
}

#[tokio::test]
async fn work_asked_for_while_it_runs_is_done_again_afterwards_so_that_nothing_new_is_overlooked() {
    let bench = Bench::new();
    let (db, ran) = (bench.db.clone(), bench.ran.clone());
    let runner = bench.runner(Registry::new().handler("turn", move |ctx: Context| {
        let (db, ran) = (db.clone(), ran.clone());
        async move {
            ran.note(format!("attempt {}", ctx.job.attempt));
            if ran.0.lock().unwrap().len() == 1 {
                // A message arrives after this turn has read the conversation.
                let again = db
                    .write(|tx| enqueue(tx, START, NewJob::new("turn", "turns", ())?.dedupe("conversation")))
                    .await
                    .unwrap();
                assert!(again.is_none());
            }
            Outcome::Done
        }
    }));
    bench.add(NewJob::new("turn", "turns", ()).unwrap().dedupe("conversation")).await;
    assert_eq!(runner.run_due().await.unwrap(), 2);
    assert_eq!(bench.ran.take(), ["attempt 1", "attempt 1"]);
    assert_eq!(runner.stats().await.unwrap().done, 1);
}

#[tokio::test]
async fn work_asked_for_while_it_fails_for_good_gets_a_job_of_its_own() {
    let bench = Bench::new();
    let db = bench.db.clone();
    let runner = bench.runner(Registry::new().handler("turn", move |ctx: Context| {
        let db = db.clone();
        async move {
            if ctx.job.attempt == 1 && db.read(|c| crate::store::stats(c, START)).await.unwrap().dead == 0 {
                db.write(|tx| enqueue(tx, START, NewJob::new("turn", "turns", ())?.dedupe("k"))).await.unwrap();
                return Outcome::Fail(Error::invalid("broken"));
            }
            Outcome::Done
        }
    }));
    bench.add(NewJob::new("turn", "turns", ()).unwrap().dedupe("k")).await;
    assert_eq!(runner.run_due().await.unwrap(), 2);
    let stats = runner.stats().await.unwrap();
    assert_eq!((stats.dead, stats.done), (1, 1));
}

#[tokio::test]
async fn a_failing_job_pauses_longer_each_time_then_waits_for_a_person_who_can_start_it_anew() {
    let bench = Bench::new();
    let ran = bench.ran.clone();
    let runner = bench.runner(Registry::new().handler("shaky", move |ctx: Context| {
        let ran = ran.clone();
        async move {
            ran.note(format!("attempt {}", ctx.job.attempt));
            Outcome::retry(Error::upstream("The shop's server does not answer."))
        }
    }));
    let id = bench.add(NewJob::new("shaky", "q", ()).unwrap().max_attempts(3)).await.unwrap();
    runner.run_due().await.unwrap();
    let first = runner.get(id).await.unwrap();
    assert_eq!((first.state, first.attempt), (State::Queued, 1));
    let wait = first.run_at.since(START).as_millis();
    assert!((1500..=2500).contains(&wait), "2 seconds, a quarter either way, not {wait} ms");
    for _ in 0..5 {
        bench.clock.advance(Duration::from_secs(3600));
        runner.run_due().await.unwrap();
    }
    assert_eq!(bench.ran.take(), ["attempt 1", "attempt 2", "attempt 3"]);
    let dead = &runner.list(page(State::Dead)).await.unwrap()[0];
    assert_eq!(dead.error.as_deref(), Some("The shop's server does not answer."));
    runner.retry(id).await.unwrap();
    runner.run_due().await.unwrap();
    assert_eq!(bench.ran.take(), ["attempt 1"]);
    assert!(runner.retry(id).await.is_err(), "it waits already");
}

#[test]
fn pauses_double_up_to_ten_minutes_and_never_overflow() {
    for (attempt, seconds) in [(1, 2), (2, 4), (5, 32), (9, 512), (10, 600), (40, 600), (u32::MAX, 600)] {
        let exact = Duration::from_secs(seconds);
        assert_eq!(pause(attempt, 0.0), exact.mul_f64(0.75), "attempt {attempt}");
        assert!(pause(attempt, 0.999) < exact.mul_f64(1.25), "attempt {attempt}");
    }
}

#[tokio::test]
async fn waiting_counts_no_attempt_and_a_moment_in_the_past_does_not_loop() {
    let bench = Bench::new();
    let ran = bench.ran.clone();
    let runner = bench.runner(Registry::new().handler("wait", move |ctx: Context| {
        let ran = ran.clone();
        async move {
            ran.note(format!("{}", ctx.job.attempt));
            Outcome::Wait { until: START }
        }
    }));
    bench.add(NewJob::new("wait", "q", ()).unwrap().max_attempts(1)).await;
    for _ in 0..3 {
        assert_eq!(runner.run_due().await.unwrap(), 1);
        bench.clock.advance(Duration::from_millis(1));
    }
    assert_eq!(bench.ran.take(), ["1", "1", "1"]);
}

#[tokio::test]
async fn panics_and_unknown_kinds_harm_nothing_else() {
    let bench = Bench::new();
    let registry = bench.registry().handler("panic", |ctx: Context| async move {
        if ctx.job.attempt > 0 {
            panic!("thrown in a handler");
        }
        Outcome::Done
    });
    let runner = bench.runner(registry);
    let panics = bench.add(NewJob::new("panic", "q", ()).unwrap().max_attempts(1)).await.unwrap();
    let unknown = bench.add(NewJob::new("from the future", "q", ()).unwrap()).await.unwrap();
    bench.add_note("fine").await;
    assert_eq!(runner.run_due().await.unwrap(), 3);
    assert_eq!(bench.ran.take(), ["fine"]);
    assert_eq!(runner.get(panics).await.unwrap().state, State::Dead);
    assert_eq!(runner.get(unknown).await.unwrap().state, State::Dead);
}

#[tokio::test]
async fn the_effect_and_the_end_of_a_job_are_one_transaction_when_the_handler_wants_it() {
    let bench = Bench::new();
    bench.db.write(|tx| Ok(tx.execute_batch("create table mark (n integer)")?)).await.unwrap();
    let db = bench.db.clone();
    let runner = bench.runner(Registry::new().handler("effect", move |ctx: Context| {
        let db = db.clone();
        async move {
            let inner = ctx.clone();
            let done = db
                .write(move |tx| {
                    tx.execute("insert into mark values (1)", [])?;
                    inner.complete(tx)?;
                    // As if somebody else had taken over: the second completion finds nothing to complete.
                    if inner.job.payload == true { inner.complete(tx) } else { Ok(()) }
                })
                .await;
            match done {
                Ok(()) => Outcome::Done,
                Err(e) => Outcome::Fail(e),
            }
        }
    }));
    let good = bench.add(NewJob::new("effect", "q", false).unwrap()).await.unwrap();
    let bad = bench.add(NewJob::new("effect", "q", true).unwrap()).await.unwrap();
    runner.run_due().await.unwrap();
    assert_eq!(runner.get(good).await.unwrap().state, State::Done);
    assert_eq!(runner.get(bad).await.unwrap().state, State::Dead);
    let effects: i64 =
        bench.db.read(|c| Ok(c.query_row("select count(*) from mark", [], |r| r.get(0))?)).await.unwrap();
    assert_eq!(effects, 1, "what lost its job took its effect back");
}

#[tokio::test]
async fn a_paused_queue_stays_paused_after_a_restart_and_others_go_on() {
    let bench = Bench::new();
    let runner = bench.runner(bench.registry());
    runner.pause("notes").await.unwrap();
    bench.add_note("held").await;
    let job = NewJob { queue: "others", ..note("goes on") };
    bench.add(job).await;
    let restarted = bench.runner(bench.registry());
    restarted.run_due().await.unwrap();
    assert_eq!(bench.ran.take(), ["goes on"]);
    let stats = restarted.stats().await.unwrap();
    assert!(stats.queues.iter().any(|q| q.queue == "notes" && q.paused && q.queued == 1));
    restarted.resume("notes").await.unwrap();
    restarted.run_due().await.unwrap();
    assert_eq!(bench.ran.take(), ["held"]);
}

#[tokio::test]
async fn finished_work_is_forgotten_after_a_week_and_waiting_work_never() {
    let bench = Bench::new();
    let runner = bench.runner(bench.registry());
    for i in 0..1200 {
        bench.add_note(&i.to_string()).await;
    }
    runner.run_due().await.unwrap();
    bench.add(note("far off").run_at(START.plus(Duration::from_secs(30 * 86_400)))).await;
    let week = Duration::from_secs(7 * 86_400);
    assert_eq!(runner.purge_old(START.plus(week)).await.unwrap(), 0);
    assert_eq!(runner.purge_old(START.plus(week + Duration::from_secs(1))).await.unwrap(), 1200);
    assert_eq!(runner.list(page(State::Queued)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn numbers_and_lists_tell_what_waits_and_for_how_long() {
    let bench = Bench::new();
    let runner = bench.runner(bench.registry());
    bench.add_note("a").await;
    let cancelled = bench.add_note("b").await;
    runner.cancel(cancelled).await.unwrap();
    bench.clock.advance(Duration::from_secs(90));
    let stats = runner.stats().await.unwrap();
    assert_eq!(stats.queues.len(), 1);
    assert_eq!((stats.queues[0].queued, stats.queues[0].oldest_due_ms, stats.cancelled), (1, 90_000, 1));
    assert_eq!(runner.list(page(State::Cancelled)).await.unwrap()[0].id, cancelled);
    assert!(runner.get(JobId::fresh()).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_payload_too_large_for_the_queue_is_refused() {
    let bench = Bench::new();
    let job = NewJob::new("note", "notes", "x".repeat(2 << 20)).unwrap();
    assert!(bench.db.write(move |tx| enqueue(tx, START, job)).await.is_err());
}
