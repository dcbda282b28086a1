//! The rules of bots: making, copying, changing what they say.

use base::id::BotId;
use base::{Error, Result, Time};
use db::Tx;

use super::{BotRow, Texts, store};
use crate::flows;

/// How long a short first message waits for the rest of the thought, unless the owner says otherwise.
const DEBOUNCE_MS: u32 = 1200;
const MAX_BOTS: u32 = 200;

/// Makes a bot with the ready flow: greet, answer from knowledge, else take details and hand over.
pub(crate) fn create(tx: &Tx<'_>, now: Time, name: &str, description: &str, texts: Texts) -> Result<BotId> {
    ensure_room(tx)?;
    let bot = BotRow {
        id: BotId::fresh(),
        name: name.trim().to_owned(),
        description: description.trim().to_owned(),
        paused: false,
        debounce_ms: DEBOUNCE_MS,
        texts,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    store::insert(tx, &bot)?;
    let ready = flow::default_definition();
    flows::replace_drafts(tx, now, bot.id, &ready)?;
    store::publish(tx, now, bot.id, &serde_json::to_string(&ready)?)?;
    tx.publish("bots");
    tx.publish("home");
    Ok(bot.id)
}

fn ensure_room(tx: &Tx<'_>) -> Result<()> {
    if store::count(tx)? < MAX_BOTS {
        return Ok(());
    }
    Err(Error::conflict(format!("There are {MAX_BOTS} bots already. Delete one that is not used.")))
}

/// A copy with its own name and the same flow; without channels, for a customer must never get two answers.
pub(crate) fn duplicate(tx: &Tx<'_>, now: Time, id: BotId) -> Result<BotId> {
    let original = store::expect(tx, id)?;
    ensure_room(tx)?;
    let copy = BotRow {
        id: BotId::fresh(),
        name: format!("{} (copy)", original.name).chars().take(80).collect(),
        created_at: now,
        updated_at: now,
        ..original
    };
    store::insert(tx, &copy)?;
    if let Some((_, _, definition)) = store::current(tx, id)? {
        store::publish(tx, now, copy.id, &definition)?;
    }
    flows::replace_drafts(tx, now, copy.id, &flows::definition(tx, id)?)?;
    tx.publish("bots");
    Ok(copy.id)
}

/// Changes what the bot says in fixed places; flows read them as `words.…`, from the next message on.
pub(crate) fn set_texts(tx: &Tx<'_>, now: Time, id: BotId, texts: Texts) -> Result<()> {
    let mut bot = store::expect(tx, id)?;
    bot.texts = texts;
    bot.updated_at = now;
    store::update(tx, &bot)?;
    tx.publish("bots");
    Ok(())
}
