//! Notices as stored.

use base::id::{ConversationId, RunId};
use base::{Result, Time};
use db::Tx;

pub(crate) fn insert(
    tx: &Tx<'_>,
    now: Time,
    conversation: Option<ConversationId>,
    run: RunId,
    title: &str,
    text: &str,
    urgent: bool,
) -> Result<()> {
    tx.prepare_cached(
        "insert into notice (id, title, text, urgent, conversation_id, run_id, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((base::id::fresh(), title, text, urgent, conversation, run, now))?;
    Ok(())
}
