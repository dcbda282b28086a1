//! The sample business that ships with the program, so that an owner can look before they bring their own.

use std::sync::Arc;

use base::Result;
use base::id::BotId;
use serde::Deserialize;

use crate::business::{self, Business};
use crate::channels::{self, ChannelKind};
use crate::workspace::{Workspace, Workspaces};
use crate::{bots, sources};

/// A document of the sample business.
#[derive(Clone, Copy, Debug)]
pub struct SampleFile {
    pub name: &'static str,
    pub bytes: &'static [u8],
}

/// The sample business as the program carries it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SampleBusiness {
    /// `business.json`: what it is called, does, and says.
    pub about: &'static str,
    pub files: &'static [SampleFile],
}

#[derive(Deserialize)]
struct About {
    name: String,
    description: String,
    country: String,
    timezone: String,
    currency: String,
    language: String,
    greeting: String,
    handover: String,
}

/// Loads it: business, bot, web chat, documents. Loading again only adds what is missing.
pub async fn load(ws: &Arc<Workspace>, workspaces: &Workspaces) -> Result<BotId> {
    let about: About = serde_json::from_str(ws.sample.about)?;
    let now = ws.clock.now();
    let business = Business {
        name: about.name.clone(),
        description: about.description.clone(),
        country: about.country,
        timezone: about.timezone,
        currency: about.currency,
        language: about.language,
        accent: None,
        sample_loaded: true,
        setup_done: false,
    };
    let (bot, chat) = ws
        .db
        .write(move |tx| {
            let known = business::get(tx)?;
            if !known.sample_loaded {
                business::put(tx, &Business { setup_done: known.setup_done, ..business })?;
            }
            let bot = match bots::store::list(tx)?.first() {
                Some(bot) => bot.id,
                None => {
                    let texts =
                        bots::Texts { greeting: about.greeting, handover: about.handover, ..bots::Texts::default() };
                    bots::service::create(tx, now, &about.name, &about.description, texts)?
                }
            };
            let chat = if channels::store::of_bot(tx, bot)?.iter().any(|c| c.kind == ChannelKind::Webchat) {
                None
            } else {
                let chat = channels::routes::new_channel(now, ChannelKind::Webchat, bot, None);
                channels::store::insert(tx, &chat)?;
                tx.publish("channels");
                Some(chat.id)
            };
            Ok((bot, chat))
        })
        .await?;
    if let Some(chat) = chat {
        workspaces.register_channel(chat, ws.id)?;
    }
    for file in ws.sample.files {
        if sources::by_origin(ws, file.name).await?.is_none() {
            let id = ws.knowledge.add_file(file.name, None, file.bytes.to_vec(), Vec::new(), now).await?;
            sources::queue_index(ws, id).await?;
        }
    }
    Ok(bot)
}
