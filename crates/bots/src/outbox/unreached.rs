//! Messages that found no way out: they are tried again as soon as there may be one, not when their pause is over.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::id::OutboxId;
use base::{Result, Time};

use super::sender::Sender;
use super::store;

/// More than these wait for their own time.
const KEPT: usize = 10_000;

/// The rows that found no connection, and when each would be tried again.
#[derive(Default)]
pub(super) struct Unreached(Mutex<HashMap<OutboxId, Time>>);

impl Unreached {
    pub(super) fn note(&self, id: OutboxId, next: Time, now: Time) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= KEPT {
            rows.retain(|_, next| *next > now);
        }
        if rows.len() < KEPT {
            rows.insert(id, next);
        }
    }

    fn take(&self) -> HashMap<OutboxId, Time> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sender {
    /// There is a network again, perhaps: what waited only for that is due now. What the provider holds back is not.
    pub(super) async fn bring_forward(&self) -> Result<()> {
        let (rows, now) = (self.unreached.take(), self.ws.clock.now());
        if rows.is_empty() {
            return Ok(());
        }
        let due = move |tx: &db::Tx<'_>| {
            for (id, next) in rows {
                store::bring_forward(tx, id, next, now)?;
            }
            Ok(())
        };
        self.ws.db.write(due).await
    }
}
