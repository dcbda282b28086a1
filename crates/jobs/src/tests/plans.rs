//! Every query that runs often must find its rows by an index.

use super::*;
use crate::{schedule, store};

#[test]
fn no_query_walks_through_all_jobs() {
    let bench = Bench::new();
    bench
        .db
        .write_blocking(|tx| {
            for i in 0..2000 {
                enqueue(tx, START, NewJob::new("note", if i % 2 == 0 { "a" } else { "b" }, i)?)?;
            }
            tx.execute("update job set state = 'done', finished_at = 1 where seq > 50", [])?;
            tx.execute_batch("analyze")?;
            Ok(())
        })
        .unwrap();
    let mut queries: Vec<String> = [
        store::INSERT,
        store::NEXT_QUEUE,
        store::DUE_IN_QUEUE,
        store::FIRST_DUE,
        store::CLAIM,
        store::COMPLETE,
        store::REQUEUE,
        store::AGAIN,
        store::COPY_AGAIN,
        store::GIVE_UP,
        store::RENEW,
        store::RECLAIM_EXPIRED,
        store::RECLAIM_OTHERS,
        store::NEXT_DUE,
        store::NEXT_SCHEDULE,
        store::IS_OPEN,
        store::PURGE,
        store::COUNT_QUEUED,
        store::COUNT_RUNNING,
        store::COUNT_FINISHED,
        schedule::store::DUE_SCHEDULES,
    ]
    .map(str::to_owned)
    .to_vec();
    queries.extend([State::Queued, State::Running, State::Done, State::Dead, State::Cancelled].map(store::list_sql));
    bench
        .db
        .read_blocking(|c| {
            for sql in &queries {
                for step in db::query_plan(c, sql)? {
                    // A scan over one of the partial indexes touches only jobs in that state.
                    let scans_all = step.starts_with("SCAN job") && !step.contains("INDEX job_");
                    assert!(!scans_all, "{sql}\n{step}");
                }
            }
            Ok(())
        })
        .unwrap();
}
