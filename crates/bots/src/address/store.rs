//! How often the public address was tried, and what came of it.

use std::time::Duration;

use base::{Result, Time};
use db::Tx;
use db::rusqlite::Connection;

/// Longer than the day that is shown, whatever the time zone.
const KEPT: Duration = Duration::from_secs(48 * 3600);

/// Notes a check: the milliseconds there and back, or that it failed.
pub(super) fn note(tx: &Tx<'_>, at: Time, ms: Option<f64>) -> Result<()> {
    tx.prepare_cached("insert into address_check (at, ms) values (?1, ?2) on conflict do update set ms = excluded.ms")?
        .execute((at, ms))?;
    tx.prepare_cached("delete from address_check where at < ?1")?.execute([at.minus(KEPT)])?;
    Ok(())
}

/// The round trips since a moment, in milliseconds, fastest first; and how many checks failed.
pub(super) fn since(connection: &Connection, at: Time) -> Result<(Vec<f64>, u32)> {
    let mut statement = connection.prepare_cached("select ms from address_check where at >= ?1 order by ms")?;
    let all: Vec<Option<f64>> = statement.query_map([at], |row| row.get(0))?.collect::<db::rusqlite::Result<_>>()?;
    let good: Vec<f64> = all.iter().flatten().copied().collect();
    let failed = all.len() - good.len();
    Ok((good, u32::try_from(failed).unwrap_or(u32::MAX)))
}
