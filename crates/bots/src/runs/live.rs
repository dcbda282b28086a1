//! Effects that a simulation may really perform: those that change nothing and reach nobody.

use std::sync::Arc;

use base::id::{BotId, RunId};
use flow::{EffectKind, Outcome};
use tokio_util::sync::CancellationToken;

use super::effects::{self, Place};
use crate::workspace::Workspace;

/// Performs an effect of a simulation; nothing when that would reach anybody or change anything.
pub(crate) async fn perform_safely(
    ws: &Arc<Workspace>,
    bot: BotId,
    effect: &EffectKind,
    cancel: &CancellationToken,
) -> Option<Outcome> {
    use EffectKind::{Agent, Answer, Book, Classify, Code, Extract, FreeSlots, Generate};
    let is_safe = matches!(
        effect,
        Answer { .. }
            | Generate { .. }
            | Classify { .. }
            | Extract { .. }
            | Agent { .. }
            | Code { .. }
            | FreeSlots(_)
            // Only looks whether the time is free.
            | Book { .. }
    );
    if !is_safe {
        return None;
    }
    let place = Place { run: RunId::fresh(), seq: 0, bot, conversation: None, language: None, trial: true };
    let outcome = effects::outcome(ws, &place, effect.clone(), cancel).await;
    Some(outcome.unwrap_or_else(|e| Outcome::Failed { message: e.message }))
}
