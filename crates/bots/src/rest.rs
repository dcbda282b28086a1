//! Whether a business is at rest: no message of a customer is being worked on, and none is just leaving.

use base::Result;

use crate::runs::EFFECT_QUEUE;
use crate::workspace::{Workspace, Workspaces};
use crate::{conversations, inbound, outbox};

impl Workspaces {
    /// Whether all businesses are at rest. What only waits is no work: a flow's timer, a queue that was stopped, a
    /// message that the provider has not confirmed yet. Documents that are being read are read again later.
    pub async fn are_at_rest(&self) -> Result<bool> {
        for ws in self.all_open() {
            if !is_at_rest(&ws).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

async fn is_at_rest(ws: &Workspace) -> Result<bool> {
    let now = ws.clock.now();
    let messages = ws
        .db
        .read(move |c| {
            let inbound = inbound::store::is_waiting_since(c, now)?;
            // Also what waits for the rest of a thought: its turn comes within seconds.
            let turn = conversations::store::next_turn(c)?.is_some();
            Ok(inbound || turn || outbox::store::is_busy(c, now)?)
        })
        .await?;
    if messages {
        return Ok(false);
    }
    let effects = ws.jobs.stats().await?.queues.into_iter().find(|queue| queue.queue == EFFECT_QUEUE);
    Ok(effects.is_none_or(|queue| queue.running == 0 && (queue.queued == 0 || queue.oldest_due_ms == 0)))
}
