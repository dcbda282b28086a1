//! Drafts for bots that were made before there were any: what is published, with the bot's fixed texts as `words`.

use base::id::BotId;
use base::{Result, Time};
use db::Tx;
use flow::Definition;
use serde_json::Value;

use super::{service, store};
use crate::bots;

/// Gives every bot without a drawing the one of its published version.
pub(crate) fn draw_what_there_is(tx: &Tx<'_>, now: Time) -> Result<()> {
    for bot in store::bots_without(tx)? {
        draw(tx, now, bot)?;
    }
    Ok(())
}

fn draw(tx: &Tx<'_>, now: Time, bot: BotId) -> Result<()> {
    let Some((_, _, stored)) = bots::store::current(tx, bot)? else {
        return service::replace_drafts(tx, now, bot, &flow::default_definition());
    };
    let mut definition = Definition::parse(&stored)?;
    let Value::Object(words) = serde_json::to_value(bots::store::texts(tx, bot)?)? else { return Ok(()) };
    let mut changed = false;
    for step in definition.flows.iter_mut().flat_map(|f| &mut f.steps) {
        for value in step.fields.values_mut() {
            let name = words.iter().find(|(_, text)| *text == value).map(|(name, _)| name);
            if let Some(name) = name {
                *value = format!("{{{{ words.{name} }}}}").into();
                changed = true;
            }
        }
    }
    service::replace_drafts(tx, now, bot, &definition)?;
    if changed {
        // So that changing the words goes on working for what is published.
        bots::store::publish(tx, now, bot, &serde_json::to_string(&definition)?)?;
    }
    Ok(())
}
