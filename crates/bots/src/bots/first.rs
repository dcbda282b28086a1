//! The bots that a new business begins with, where whoever sells the program has named some.

use std::sync::{Arc, OnceLock};

use base::Result;
use db::Tx;
use serde::{Deserialize, Serialize};

use super::{Texts, service};
use crate::business;
use crate::flows::{self, templates};
use crate::versions::service::{Move, Publishing, publish};
use crate::workspace::Workspace;
use crate::{bots, settings};

/// A bot to begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FirstBot {
    pub name: String,
    pub description: String,
    /// Ready flows by their ids, beside the one that answers from the documents.
    pub flows: Vec<String>,
}

/// Says that a business has had its turn: who deletes such a bot does not get it again.
const HAD: &str = "first_bots";

static FIRST: OnceLock<Vec<FirstBot>> = OnceLock::new();

/// New businesses begin with these; named once, before the first one is opened.
pub fn begin_with(first: Vec<FirstBot>) {
    let _ = FIRST.set(first);
}

/// Makes them in a business that has none and was not set up yet.
pub(crate) async fn make(ws: &Arc<Workspace>) -> Result<()> {
    let Some(first) = FIRST.get().filter(|first| !first.is_empty()) else { return Ok(()) };
    let own = ws.clone();
    ws.db
        .write(move |tx| {
            if settings::store::get::<bool>(tx, HAD)? {
                return Ok(());
            }
            settings::store::put(tx, HAD, &true)?;
            if business::get(tx)?.setup_done || bots::store::count(tx)? > 0 {
                return Ok(());
            }
            first.iter().try_for_each(|one| add(tx, &own, one))
        })
        .await
}

fn add(tx: &Tx<'_>, ws: &Workspace, first: &FirstBot) -> Result<()> {
    let now = ws.clock.now();
    let bot = service::create(tx, now, &first.name, &first.description, Texts::default())?;
    for id in &first.flows {
        let Ok(ready) = templates::get(id) else {
            tracing::warn!(flow = id, "a ready flow that a first bot was to have is not there");
            continue;
        };
        let flow = flows::service::add(tx, now, bot, &ready.name, "", ready.definition.flows)?;
        templates::add_tests(tx, now, bot, &flow, id)?;
    }
    if first.flows.is_empty() {
        return Ok(());
    }
    let how = Publishing { name: "", note: "", author: "", at: None, open: Move::None, moved: &[] };
    if let Err(e) = publish(tx, ws, bot, &how) {
        // The drawings are there, and say on the step what is wanting, such as an address to write to.
        tracing::info!(error = ?e, "a first bot's flows are left as drafts");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use channels::whatsapp::fake::Settings;

    use super::*;
    use crate::tests::Shop;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_business_begins_with_the_bots_of_who_sells_the_program_and_gets_them_once() {
        let first = |name: &str, flows: &[&str]| FirstBot {
            name: name.into(),
            description: "Answers first.".into(),
            flows: flows.iter().map(|flow| (*flow).to_owned()).collect(),
        };
        begin_with(vec![first("Reception", &["opening-hours", "no-such-flow"]), first("Night desk", &[])]);
        let shop = Shop::open(Settings::default()).await;
        // The shop of these tests makes its own bot after it was opened.
        let all = shop.ws.db.read(bots::store::list).await.unwrap();
        let mut names: Vec<&str> = all.iter().map(|bot| bot.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["Bot", "Night desk", "Reception"]);
        let reception = all.iter().find(|bot| bot.name == "Reception").unwrap();
        assert_eq!((reception.description.as_str(), reception.paused), ("Answers first.", false));
        let id = reception.id;
        let (drawn, answers) = shop
            .ws
            .db
            .read(move |c| {
                let drawn = flows::service::definition(c, id)?;
                let version = bots::store::current(c, id)?.map(|(_, number, published)| (number, published));
                Ok((drawn, version))
            })
            .await
            .unwrap();
        assert!(drawn.flows.len() >= 2, "its ready flow stands beside the one that answers");
        let (number, published) = answers.unwrap();
        assert!(number >= 2 && published.contains(&drawn.flows[1].id), "version {number} is in force with both");

        make(&shop.ws).await.unwrap();
        assert_eq!(shop.ws.db.read(bots::store::count).await.unwrap(), 3, "once");
        shop.close().await;
    }
}
