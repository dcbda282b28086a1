//! Schedules: daylight saving, missed runs, changes.

use super::*;

fn at(text: &str) -> Time {
    Time::from_jiff(text.parse().unwrap())
}

#[test]
fn the_morning_report_comes_once_a_day_also_when_the_clocks_change() {
    for (cron, zone, after, expected) in [
        // Spring: 02:30 does not exist in Berlin on 29 March 2026; it runs at 03:00 summer time.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
        // Autumn: 02:30 comes twice on 25 October 2026; it runs the first time only.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        // The same time of day before and after the change.
        ("0 9 * * *", "America/New_York", "2026-03-07T20:00:00Z", "2026-03-08T13:00:00Z"),
        ("0 9 * * *", "America/New_York", "2026-03-06T20:00:00Z", "2026-03-07T14:00:00Z"),
        ("0 9 * * MON-FRI", "Asia/Kolkata", "2026-01-02T12:00:00Z", "2026-01-05T03:30:00Z"),
        ("0 0 L * *", "UTC", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"),
    ] {
        let next = next_run(cron, zone, at(after)).unwrap();
        assert_eq!(next.to_jiff().to_string(), expected, "{cron} in {zone} after {after}");
    }
}

#[test]
fn a_schedule_or_zone_that_makes_no_sense_is_refused_with_an_example() {
    for (cron, zone) in
        [("61 * * * *", "UTC"), ("", "UTC"), ("nonsense", "UTC"), ("* * * * *", "Mars/Olympus"), ("0 0 30 2 *", "UTC")]
    {
        let error = next_run(cron, zone, START).unwrap_err();
        assert_eq!(error.code, base::ErrorCode::Invalid, "{cron} {zone}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_typed_as_a_schedule_never_panics(cron in "[0-9*/,\\-LW#?A-Z ]{0,24}", ms in 0i64..4_000_000_000_000) {
        if let Ok(next) = next_run(&cron, "Europe/Berlin", Time(ms)) {
            proptest::prop_assert!(next > Time(ms));
        }
    }
}

#[tokio::test]
async fn a_laptop_that_slept_for_a_week_gets_one_report_not_seven() {
    let bench = Bench::new();
    let runner = bench.runner(bench.registry());
    let start = bench.clock.now();
    let next = bench
        .db
        .write(move |tx| put_schedule(tx, start, "report", "0 9 * * *", "Europe/Berlin", note("report")))
        .await
        .unwrap();
    assert!(next > start);
    assert_eq!(runner.run_due().await.unwrap(), 0);
    bench.clock.advance(Duration::from_secs(7 * 86_400));
    runner.run_due().await.unwrap();
    runner.run_due().await.unwrap();
    assert_eq!(bench.ran.take(), ["report"]);
    let stored = bench.db.read(schedules).await.unwrap();
    assert_eq!(stored[0].last_run, Some(bench.clock.now()));
    assert!(stored[0].next_run > bench.clock.now());
    bench.clock.advance(Duration::from_secs(86_400));
    runner.run_due().await.unwrap();
    assert_eq!(bench.ran.take(), ["report"]);
}

#[tokio::test]
async fn a_restart_keeps_a_due_run_and_a_changed_time_counts_from_now() {
    let bench = Bench::new();
    let put = |cron: &'static str| {
        let now = bench.clock.now();
        bench.db.write(move |tx| put_schedule(tx, now, "backup", cron, "UTC", note("backup")))
    };
    let first = put("0 3 * * *").await.unwrap();
    bench.clock.advance(Duration::from_secs(3 * 86_400));
    assert_eq!(put("0 3 * * *").await.unwrap(), first, "the missed run is not forgotten");
    let changed = put("0 4 * * *").await.unwrap();
    assert!(changed > bench.clock.now());
    assert!(bench.db.write(|tx| remove_schedule(tx, "backup")).await.unwrap());
    assert!(!bench.db.write(|tx| remove_schedule(tx, "backup")).await.unwrap());
}

#[tokio::test]
async fn a_run_that_is_still_waiting_is_not_doubled() {
    let bench = Bench::new();
    let runner = bench.runner(bench.registry());
    let now = bench.clock.now();
    bench.db.write(move |tx| put_schedule(tx, now, "tick", "* * * * *", "UTC", note("tick"))).await.unwrap();
    runner.pause("notes").await.unwrap();
    for _ in 0..3 {
        bench.clock.advance(Duration::from_secs(60));
        runner.run_due().await.unwrap();
    }
    runner.resume("notes").await.unwrap();
    runner.run_due().await.unwrap();
    assert_eq!(bench.ran.take(), ["tick"]);
}
