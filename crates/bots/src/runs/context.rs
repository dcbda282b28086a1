//! What expressions of a flow may read besides the run's own values.

use base::Result;
use base::id::BotId;
use db::rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::values;
use crate::contacts::AliasKind;
use crate::conversations::ConversationRow;
use crate::{bots, business, contacts, conversations};

/// Gathered inside the transaction that uses it, so that what it says holds. `stops` when the engine itself has something
/// to say.
pub(super) fn context_of(
    connection: &Connection,
    flow: &flow::Compiled,
    bot: BotId,
    conversation: Option<&ConversationRow>,
    stops: bool,
) -> Result<flow::Context> {
    let business = business::get(connection)?;
    let reads = flow.reads();
    let seed = u64::from_le_bytes(base::random::bytes());
    let mut context = flow::Context { seed, ..flow::Context::default() };
    // Every event is kept with what it was told: what nobody reads is neither gathered nor kept.
    if reads.business {
        context.business = about(&business);
    }
    if reads.words || stops {
        context.words = words(connection, bot)?;
    }
    if reads.workspace {
        context.workspace = values::all(connection)?;
    }
    if reads.counters {
        context.counters = values::counters(connection)?;
    }
    context.timezone = business.timezone;
    if let Some(conversation) = conversation {
        let contact = contacts::store::get(connection, conversation.contact_id)?;
        context.contact = contact.map(|c| c.fields).unwrap_or_default();
        let mut insert = |key: &str, value: Value| {
            context.contact.entry(key).or_insert(value);
        };
        insert("id", json!(conversation.contact_id));
        insert("name", json!(conversation.contact_name.clone().unwrap_or_default()));
        insert("language", json!(conversation.contact_language.clone().unwrap_or_default()));
        if reads.phone {
            let aliases = contacts::store::aliases(connection, conversation.contact_id)?;
            let phone = aliases.iter().find(|a| a.kind == AliasKind::Phone).map(|a| format!("+{}", a.value));
            insert("phone", json!(phone.unwrap_or_default()));
        }
        if reads.tags {
            insert("tags", json!(contacts::store::tags(connection, conversation.contact_id)?));
        }
        context.conversation = conversations::store::vars(connection, conversation.id)?;
        context.conversation.insert("id".into(), json!(conversation.id));
        context.conversation.insert("channel".into(), json!(conversation.channel_kind));
    }
    Ok(context)
}

/// What there is to read without a customer, for previews and simulations.
pub(crate) fn sample_context(connection: &Connection, bot: BotId) -> Result<flow::Context> {
    bots::store::expect(connection, bot)?;
    let business = business::get(connection)?;
    let mut context =
        flow::Context { business: about(&business), words: words(connection, bot)?, ..flow::Context::default() };
    context.workspace = values::all(connection)?;
    context.counters = values::counters(connection)?;
    context.timezone = business.timezone;
    Ok(context)
}

fn about(business: &business::Business) -> Map<String, Value> {
    Map::from_iter([
        ("name".to_owned(), json!(business.name)),
        ("description".to_owned(), json!(business.description)),
        ("currency".to_owned(), json!(business.currency)),
        ("language".to_owned(), json!(business.language)),
    ])
}

/// The bot's fixed texts.
fn words(connection: &Connection, bot: BotId) -> Result<Map<String, Value>> {
    match serde_json::to_value(bots::store::texts(connection, bot)?)? {
        Value::Object(words) => Ok(words),
        _ => Ok(Map::new()),
    }
}
