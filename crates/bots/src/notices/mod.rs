//! What the owner is to know: told by flows, or by the program itself. Shown at home until read.

pub(crate) mod cut_off;
pub(crate) mod routes;
pub(crate) mod store;

use base::id::{ConversationId, RunId};
use base::{Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest text that is kept, in characters.
const MAX_CHARS: usize = 2_000;
const MAX_TITLE_CHARS: usize = 200;

/// What a notice of the program itself is about; it leads to the place where that is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum About {
    /// The world does not reach the public address.
    Address,
    /// WhatsApp was not to be told of a new public address.
    Webhook,
    /// The program ended without warning and goes on.
    CutOff,
}

impl About {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            About::Address => "address",
            About::Webhook => "webhook",
            About::CutOff => "cut_off",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [About::Address, About::Webhook, About::CutOff].into_iter().find(|about| about.as_str() == text)
    }
}

/// A notice about to be kept.
#[derive(Default)]
pub(crate) struct Notice<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) urgent: bool,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) run: Option<RunId>,
    /// The effect of the run that waits for a yes or no.
    pub(crate) decision: Option<u64>,
    pub(crate) about: Option<About>,
}

/// Keeps a notice and lets those who watch know.
pub(crate) fn tell(tx: &Tx<'_>, now: Time, notice: &Notice<'_>) -> Result<()> {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    store::insert(tx, now, notice, &cut(notice.title, MAX_TITLE_CHARS), &cut(notice.text, MAX_CHARS))?;
    publish(tx);
    Ok(())
}

/// The same for something about the program, unless it is told already and nobody has read it. Tells whether it is new.
pub(crate) fn tell_once(tx: &Tx<'_>, now: Time, about: About, title: &str, text: &str) -> Result<bool> {
    if store::is_open(tx, about)? {
        return Ok(false);
    }
    tell(tx, now, &Notice { title, text, urgent: true, about: Some(about), ..Notice::default() })?;
    Ok(true)
}

/// Whether something was told about the program that nobody has read yet.
pub(crate) fn is_open(connection: &Connection, about: About) -> Result<bool> {
    store::is_open(connection, about)
}

/// What was told about the program holds no more.
pub(crate) fn settle(tx: &Tx<'_>, now: Time, about: About) -> Result<()> {
    if store::settle(tx, now, about)? {
        publish(tx);
    }
    Ok(())
}

/// A person decided: nobody has to be told of it any more.
pub(crate) fn decided(tx: &Tx<'_>, now: Time, run: RunId, seq: u64) -> Result<()> {
    store::read_decision(tx, now, run, seq)?;
    publish(tx);
    Ok(())
}

fn publish(tx: &Tx<'_>) {
    tx.publish("notices");
    tx.publish("home");
}
