//! How often steps are entered and ways taken. Counted in memory and written now and then, because it is a statistic and a
//! message passes many steps: a crash loses the counts of a few seconds, never a message.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::id::BotId;
use base::{Result, Time};
use flow::Hop;

use super::store;
use crate::workspace::Workspace;

const DAY_MS: i64 = 24 * 3600 * 1000;
/// Written early when so many different ways were taken.
const MANY: usize = 2_000;

/// Bot, day, flow, step and branch; an empty branch means that the step was entered.
type Key = (BotId, i64, String, String, String);

/// Counts that are not written yet.
#[derive(Default)]
pub(crate) struct Traffic(Mutex<HashMap<Key, i64>>);

impl Traffic {
    pub(super) fn count(&self, bot: BotId, now: Time, path: &[Hop]) {
        let day = now.as_ms().div_euclid(DAY_MS);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for hop in path {
            let key = |branch: &str| (bot, day, hop.flow.clone(), hop.step.clone(), branch.to_owned());
            if hop.entered {
                *counts.entry(key("")).or_default() += 1;
            }
            if let Some(branch) = &hop.branch {
                *counts.entry(key(branch)).or_default() += 1;
            }
        }
    }

    /// Whether there is enough to be written before its time.
    pub(crate) fn is_large(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len() >= MANY
    }

    fn take(&self) -> HashMap<Key, i64> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes what was counted.
pub(crate) async fn write_traffic(ws: &Workspace) -> Result<()> {
    let counts = ws.traffic.take();
    if counts.is_empty() {
        return Ok(());
    }
    ws.db
        .write_in_background(move |tx| {
            counts.iter().try_for_each(|((bot, day, flow, step, branch), count)| {
                store::add_traffic(tx, *bot, *day, (flow, step, branch), *count)
            })
        })
        .await
}
