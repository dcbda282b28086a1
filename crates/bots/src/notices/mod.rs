//! What flows tell the owner: shown at home until read.

pub(crate) mod store;

use base::id::{ConversationId, RunId};
use base::{Result, Time};
use db::Tx;

/// Longest text that is kept, in characters.
const MAX_CHARS: usize = 2_000;

/// Keeps a notice and lets those who watch know.
pub(crate) fn tell(
    tx: &Tx<'_>,
    now: Time,
    conversation: Option<ConversationId>,
    run: RunId,
    title: &str,
    text: &str,
    urgent: bool,
) -> Result<()> {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    store::insert(tx, now, conversation, run, &cut(title, 200), &cut(text, MAX_CHARS), urgent)?;
    tx.publish("notices");
    tx.publish("home");
    Ok(())
}
