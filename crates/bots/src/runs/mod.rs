//! Runs: conversations on their way through a flow. Loads the state, lets the pure engine advance it, and writes the
//! new state, the journal, the effects and the outgoing messages in the same transaction as the event that caused them.
//!
//! The single writer of a business's file runs one such transaction at a time, so that a conversation is never advanced
//! twice at once, and conversations still run in parallel: everything slow is an effect that runs outside.

mod apply;
mod boundary;
mod context;
mod effects;
pub(crate) mod journal;
mod live;
pub(crate) mod routes;
pub(crate) mod store;
mod traffic;
mod turn;
mod values;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::Result;
use base::id::FlowVersionId;
use base::message::Content;
use db::Tx;
use db::rusqlite::Connection;

pub(crate) use boundary::{Moment, passed};
pub(crate) use context::sample_context;
pub(crate) use effects::perform;
pub(crate) use journal::purge;
pub(crate) use live::perform_safely;
pub(crate) use traffic::{Traffic, write_traffic};
pub(crate) use turn::{EffectJob, begin_alone, conversation_event, event, finish_effect, timer, trigger, turn};

use crate::conversations::ConversationRow;
use crate::workspace::{Live, LiveKind, Workspace};

/// Published when a turn or a timer was set.
pub(crate) const TAG: &str = "turns";
/// The kind of the jobs that perform effects, and their queue.
pub(crate) const EFFECT_JOB: &str = "run.effect";
pub(crate) const EFFECT_QUEUE: &str = "effects";

/// Flows made ready for the engine, by version; a version never changes.
#[derive(Default)]
pub(crate) struct Flows(Mutex<HashMap<FlowVersionId, Arc<flow::Compiled>>>);

impl Flows {
    /// At most this many stay in memory.
    const KEPT: usize = 64;

    pub(crate) fn get(&self, connection: &Connection, version: FlowVersionId) -> Result<Arc<flow::Compiled>> {
        let lock = || self.0.lock().map_err(|_| base::Error::internal("flows poisoned"));
        if let Some(found) = lock()?.get(&version) {
            return Ok(found.clone());
        }
        let definition = crate::bots::store::definition(connection, version)?;
        let compiled = Arc::new(flow::Compiled::new(flow::Definition::parse(&definition)?));
        let mut flows = lock()?;
        if flows.len() >= Self::KEPT {
            flows.clear();
        }
        flows.insert(version, compiled.clone());
        Ok(compiled)
    }
}

/// Shows to those who watch whether the bot is typing. A pause of the run follows it, and the event that ends the pause
/// ends the sign: nothing may be spawned here, for this is the writer's own thread.
fn show_typing(ws: &Workspace, conversation: base::id::ConversationId, on: bool) {
    let _ = ws.live.send(Live { conversation, kind: LiveKind::Typing(on) });
}

/// The language of a customer's words, when it is plain.
pub(crate) fn language_of(words: &str) -> Option<String> {
    knowledge::language::detect(words)
}

/// How long to wait for the rest of the thought: customers write "Hi", "do you", "deliver to Observatory?" as three
/// messages. A whole question is answered at once; so is whatever answers a question of ours.
pub(crate) fn debounce(
    tx: &Tx<'_>,
    conversation: &ConversationRow,
    content: &Content,
    bot_wait: Duration,
) -> Result<Duration> {
    if bot_wait.is_zero() || !matches!(content, Content::Text { .. }) || is_whole_thought(content.words()) {
        return Ok(Duration::ZERO);
    }
    if turn::waits_for_reply(tx, conversation)? { Ok(Duration::ZERO) } else { Ok(bot_wait) }
}

fn is_whole_thought(words: &str) -> bool {
    words.contains(['?', '؟', '？', '!', '.', '。', '।']) || words.split_whitespace().count() > 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_waits_for_its_rest_and_a_question_does_not() {
        for (text, whole) in [
            ("Hi", false),
            ("do you", false),
            ("deliver to Observatory?", true),
            ("geyser price?", true),
            ("how much is a geyser", true),
            ("ola bom dia", false),
            ("क्या आप खुले हैं।", true),
        ] {
            assert_eq!(is_whole_thought(text), whole, "{text}");
        }
    }
}
