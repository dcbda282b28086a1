//! Which computer answers for a WhatsApp number, when its data lies on two: the one whose address Meta delivers to. The
//! other one sees that, says so, and sends nothing.
//!
//! Only a clear word of Meta's silences a number. No network, no credentials, no public address, an address of our own
//! from before: none of these says that somebody else answers. Data that came from another computer begins silent, for
//! that one still answers.
//!
//! Messages go out once. What was on its way when the data was taken is the other computer's: it goes on working until
//! the number is taken over here, so that everything queued has almost certainly left by then. Sending it from here too
//! would reach the customer twice; so it is kept as doubtful, where a status settles it and the owner may send it again.

mod store;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::disk::{self, Lasts};
use base::id::ChannelId;
use base::{Error, Result, Time};
use channels::whatsapp::Class;
use channels::whatsapp::account::{NumberWebhooks, WEBHOOK_OBJECT};
use channels::whatsapp::checks::Setup;
use channels::whatsapp::client::Failure;
use db::rusqlite::Connection;
use db::{Db, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::address::{self, AddressState};
use crate::channels::{ChannelKind, ChannelRow, ChannelState, WhatsApp, WhatsAppConfig, checks};
use crate::notices::{self, Notice};
use crate::settings;
use crate::workspace::Workspace;

/// In the data folder: which computer this is, and whether its data came from another one.
pub const INSTALLATION_FILE: &str = "installation";
/// Stands behind the name in [`INSTALLATION_FILE`] when the data came from another computer.
pub const MOVED: &str = "moved";

const SETTING: &str = "installation";
const PUBLIC_ADDRESS: &str = "public_address";
/// Before something is sent, Meta's word, or a delivery of its, is at most this old.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// Meta is asked this often in any case.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// The same while a number is silent here.
const WHILE_SILENT: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(15);
const ADDRESSES_KEPT: usize = 50;

/// What a business remembers of the computer it is on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// The computer's own name for itself, random.
    id: String,
    /// Public addresses that this computer had: Meta may still know one of them.
    addresses: Vec<String>,
    /// Numbers for which another computer answers, and since when that is known.
    silent: BTreeMap<ChannelId, Time>,
}

fn memory(connection: &Connection) -> Result<Memory> {
    settings::store::get(connection, SETTING)
}

/// Who answers for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holding {
    Ours,
    /// This computer, at an address that it had before.
    Before,
    Elsewhere,
    /// Meta does not tell, or there is nothing to compare its word with.
    Unknown,
    /// Meta could not be asked.
    NotAsked,
}

/// What is known while the program runs.
#[derive(Default)]
pub(crate) struct Holder {
    looked: Mutex<HashMap<ChannelId, Time>>,
    looking: Mutex<HashSet<ChannelId>>,
    /// One question to Meta at a time: of two, the answer to the older one may come last.
    one: tokio::sync::Mutex<()>,
    again: Notify,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether something may be sent without asking first. A delivery that came is as good as Meta's word.
pub(crate) fn is_fresh(ws: &Workspace, id: ChannelId, now: Time) -> bool {
    let looked = lock(&ws.holder.looked).get(&id).copied();
    // A clock that was set back makes nothing fresh for ever.
    [looked, ws.channels.last_heard(id)].into_iter().flatten().any(|at| at <= now && now.since(at) < FRESH)
}

/// Asks in the background, unless that is under way; `done` hears when it is known.
pub(crate) fn look_soon(ws: &Arc<Workspace>, id: ChannelId, done: Arc<Notify>) {
    if !lock(&ws.holder.looking).insert(id) {
        return;
    }
    let ws = ws.clone();
    base::task::spawn("holder", async move {
        look_now(&ws, id).await;
        lock(&ws.holder.looking).remove(&id);
        done.notify_one();
    });
}

/// Asks Meta who answers and writes down what follows. What cannot be found out changes nothing.
pub(crate) async fn look_now(ws: &Arc<Workspace>, id: ChannelId) -> Holding {
    let _one = ws.holder.one.lock().await;
    // What it says was true then, however late it comes.
    let asked = ws.clock.now();
    let found = match look(ws, id).await {
        Ok(found) => found,
        Err(e) => {
            tracing::debug!(error = ?e, channel = %id, "who answers for a number could not be found out");
            Holding::NotAsked
        }
    };
    if let Err(e) = settle(ws, id, found).await {
        tracing::error!(error = ?e, channel = %id, "who answers for a number could not be written down");
    }
    lock(&ws.holder.looked).insert(id, asked);
    found
}

/// Runs until the business is closed.
pub(crate) async fn run(ws: Arc<Workspace>) {
    let mut changes = ws.db.changes();
    loop {
        let silent = match numbers(&ws).await {
            Ok((ids, silent)) => {
                for id in ids {
                    look_now(&ws, id).await;
                }
                silent
            }
            Err(e) => {
                tracing::error!(error = ?e, "the numbers could not be listed");
                false
            }
        };
        let address = async {
            loop {
                match changes.recv().await {
                    Ok(tags) if tags.iter().any(|t| t == PUBLIC_ADDRESS) => return true,
                    Ok(_) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => return true,
                    Err(_) => return false,
                }
            }
        };
        tokio::select! {
            () = ws.closing.cancelled() => return,
            open = address => if !open { return },
            () = ws.holder.again.notified() => {}
            () = tokio::time::sleep(if silent { WHILE_SILENT } else { EVERY }) => {}
        }
    }
}

/// Lets every number be looked at again now, as after the computer woke.
pub(crate) fn look_again(ws: &Workspace) {
    lock(&ws.holder.looked).clear();
    ws.holder.again.notify_one();
}

/// The numbers in use, and whether one of them is silent.
async fn numbers(ws: &Workspace) -> Result<(Vec<ChannelId>, bool)> {
    ws.db
        .read(|c| {
            let all = crate::channels::store::all(c)?;
            let used = all.iter().filter(|r| r.kind == ChannelKind::Whatsapp && r.state != ChannelState::Draft);
            Ok((used.map(|row| row.id).collect(), !memory(c)?.silent.is_empty()))
        })
        .await
}

async fn look(ws: &Arc<Workspace>, id: ChannelId) -> Result<Holding> {
    let (whatsapp, setup) = checks::setup(ws, id).await?;
    let (public, memory) = ws.db.read(|c| Ok((address::get(c)?, memory(c)?))).await?;
    let Some(ours) = public.url.as_deref().and_then(origin) else { return Ok(Holding::Unknown) };
    if setup.phone_number_id.is_empty() {
        return Ok(Holding::Unknown);
    }
    let asked = tokio::time::timeout(PATIENCE, registered(&whatsapp, &setup)).await;
    let Some(registered) = asked.map_err(|_| Error::timeout("Meta did not answer in time."))?? else {
        return Ok(Holding::Unknown);
    };
    let Some(theirs) = origin(&registered) else { return Ok(Holding::Unknown) };
    if theirs == ours {
        // Both may have been given the same address: then it leads to one of them. That it led here when it was last tried
        // says nothing after a start or a sleep.
        let other = is_refused(ws, &registered, &whatsapp).await;
        return Ok(if other { Holding::Elsewhere } else { Holding::Ours });
    }
    Ok(if memory.addresses.contains(&theirs) { Holding::Before } else { Holding::Elsewhere })
}

/// Where Meta delivers a number's messages; nothing when it does nowhere.
async fn registered(whatsapp: &WhatsApp, setup: &Setup) -> Result<Option<String>> {
    match whatsapp.graph.number_webhooks(&setup.phone_number_id).await {
        Ok(NumberWebhooks { number: Some(own), .. } | NumberWebhooks { account: Some(own), .. }) => {
            return Ok(Some(own));
        }
        Ok(NumberWebhooks { app: Some(app), .. }) => return Ok(Some(app)),
        Ok(_) => {}
        // A token that may not ask this leaves the app's own address to go by.
        Err(Failure::Refused { error, .. }) if matches!(error.class(), Class::Token | Class::Request) => {}
        // An address of the number's own would go before the app's: without knowing it, nothing is known.
        Err(e) => return Err(e.into()),
    }
    if setup.app.id.is_empty() || setup.app.secret.is_empty() {
        return Ok(None);
    }
    let all = whatsapp.graph.app_subscriptions(&setup.app).await?;
    Ok(all.into_iter().find(|s| s.object == WEBHOOK_OBJECT && s.active).map(|s| s.callback_url))
}

/// Whose address it is; the path beside it names a number and is no matter of computers.
fn origin(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

/// Whether a program like this one answers at the address, but does not know the word that this one gave: it has the same
/// number, and is not us.
async fn is_refused(ws: &Workspace, registered: &str, whatsapp: &WhatsApp) -> bool {
    let Ok(client) = base::net::guarded_client(ws.reach, PATIENCE) else { return false };
    let ask = [("hub.mode", "subscribe"), ("hub.challenge", "1"), ("hub.verify_token", whatsapp.verify_token.expose())];
    let Ok(response) = client.get(registered).query(&ask).send().await else { return false };
    if response.status() != http::StatusCode::FORBIDDEN {
        return false;
    }
    let Ok(body) = base::net::read_limited(response, 4096).await else { return false };
    serde_json::from_slice::<Value>(&body).is_ok_and(|told| told["code"] == "forbidden")
}

async fn settle(ws: &Arc<Workspace>, id: ChannelId, found: Holding) -> Result<()> {
    let now = ws.clock.now();
    let inner = ws.clone();
    let changed = ws
        .db
        .write(move |tx| {
            let mut memory = memory(tx)?;
            let public = address::get(tx)?;
            let known = memory.clone();
            if let Some(ours) = public.url.as_deref().and_then(origin) {
                remember(&mut memory, ours);
            }
            if memory != known {
                settings::store::put(tx, SETTING, &memory)?;
            }
            let silent_since = memory.silent.get(&id).copied();
            match (found, silent_since) {
                (Holding::Elsewhere, None) => silence(tx, id, now),
                (Holding::Ours, Some(_)) if public.state == AddressState::Proven => lift(tx, id, now),
                // What Meta does not tell, its deliveries do.
                (Holding::Unknown | Holding::NotAsked | Holding::Before | Holding::Ours, Some(since))
                    if inner.channels.heard_since(id, since, now) =>
                {
                    lift(tx, id, now)
                }
                _ => Ok(false),
            }
        })
        .await?;
    if changed {
        ws.channels.forget();
    }
    Ok(())
}

fn remember(memory: &mut Memory, address: String) {
    if memory.addresses.contains(&address) {
        return;
    }
    memory.addresses.push(address);
    let over = memory.addresses.len().saturating_sub(ADDRESSES_KEPT);
    memory.addresses.drain(..over);
}

const ELSEWHERE: &str = "Another computer answers for this number, so this one stays silent. Press “Take over here” if \
    customers should be answered from this computer.";
const STILL_THERE: &str = "The computer that this data came from still answers for this number. Set the public address \
    here, then press “Take over here”.";

fn trouble(message: &str) -> Value {
    json!({ "message": message, "elsewhere": true })
}

/// Whether a channel's trouble is that another computer answers.
pub(crate) fn is_elsewhere(row: &ChannelRow) -> bool {
    row.trouble.as_ref().is_some_and(|t| t["elsewhere"] == true)
}

fn silence(tx: &Tx<'_>, id: ChannelId, now: Time) -> Result<bool> {
    let row = crate::channels::store::expect(tx, id)?;
    if row.state == ChannelState::Draft {
        return Ok(false);
    }
    // Of a number that is switched off as well: it may be switched on before the next look.
    let mut memory = memory(tx)?;
    memory.silent.insert(id, now);
    settings::store::put(tx, SETTING, &memory)?;
    tracing::warn!(channel = %id, "another computer answers for this number");
    if row.state == ChannelState::Paused {
        return Ok(false);
    }
    crate::channels::store::set_trouble(tx, id, Some(&trouble(ELSEWHERE)))?;
    let title = format!("Another computer answers for {}", row.name);
    notices::tell(tx, now, &Notice { title: &title, text: ELSEWHERE, urgent: true, ..Notice::default() })?;
    publish(tx);
    Ok(true)
}

/// The number is ours. What its bot wanted to say by itself before `until`, while another computer answered, is left.
fn lift(tx: &Tx<'_>, id: ChannelId, until: Time) -> Result<bool> {
    let mut memory = memory(tx)?;
    let Some(since) = memory.silent.remove(&id) else { return Ok(false) };
    settings::store::put(tx, SETTING, &memory)?;
    let left = store::leave_by_itself(tx, id, since, until)?;
    let mut row = crate::channels::store::expect(tx, id)?;
    if row.state == ChannelState::Trouble {
        row.state = checks::state_when_on(tx, &row)?;
    }
    row.trouble = None;
    crate::channels::store::update(tx, &row)?;
    tracing::info!(channel = %id, left, "this computer answers for the number");
    publish(tx);
    Ok(true)
}

fn publish(tx: &Tx<'_>) {
    for tag in ["channels", "bots", "home", "conversations", crate::outbox::TAG] {
        tx.publish(tag);
    }
}

/// A number that is silent stays so, whatever else its owner changes: only taking it over helps.
pub(crate) fn keep_silent(tx: &Tx<'_>, row: &mut ChannelRow) -> Result<()> {
    let on = matches!(row.state, ChannelState::Active | ChannelState::Trouble);
    if row.kind == ChannelKind::Whatsapp && on && memory(tx)?.silent.contains_key(&row.id) {
        row.state = ChannelState::Trouble;
        row.trouble = Some(trouble(ELSEWHERE));
    }
    Ok(())
}

/// Whether Meta still delivers to an address that this computer had before, so that the new one may be registered
/// without anybody's asking. Never where another computer answers, for the two would take the number from each other for
/// ever. Nothing when Meta could not be asked.
pub(crate) async fn is_left_behind(ws: &Arc<Workspace>, id: ChannelId) -> Option<bool> {
    let found = look_now(ws, id).await;
    let silent = ws.db.read(move |c| Ok(memory(c)?.silent.contains_key(&id))).await;
    (found != Holding::NotAsked).then(|| found == Holding::Before && silent.is_ok_and(|silent| !silent))
}

/// Our address was registered since `began`: the number is ours, and its own override goes when it leads elsewhere.
pub(crate) async fn take_over(ws: &Arc<Workspace>, whatsapp: &WhatsApp, setup: &Setup, began: Time) -> Result<()> {
    let _one = ws.holder.one.lock().await;
    let ours = setup.callback_url.as_deref().and_then(origin);
    if let Ok(NumberWebhooks { number: Some(own), .. }) = whatsapp.graph.number_webhooks(&setup.phone_number_id).await
        && origin(&own) != ours
    {
        whatsapp.graph.override_number_webhook(&setup.phone_number_id, None).await?;
    }
    let id = whatsapp.id;
    ws.db
        .write(move |tx| {
            let mut memory = memory(tx)?;
            if let Some(ours) = ours {
                remember(&mut memory, ours);
                settings::store::put(tx, SETTING, &memory)?;
            }
            lift(tx, id, began)
        })
        .await?;
    ws.channels.forget();
    lock(&ws.holder.looked).insert(id, began);
    Ok(())
}

/// The computer's own name for itself, made when there is none, and whether its data came from another one.
fn installation(data: &Path) -> Result<(String, bool)> {
    let path = data.join(INSTALLATION_FILE);
    let read = || std::fs::read_to_string(&path).unwrap_or_default();
    if read().split_whitespace().next().is_none() {
        disk::replace(&path, base::random::token().as_bytes(), Lasts::AtOnce)?;
    }
    let text = read();
    let mut words = text.split_whitespace();
    let id = words.next().ok_or_else(|| Error::internal("the computer has no name for itself"))?;
    Ok((id.to_owned(), words.next() == Some(MOVED)))
}

/// Before anything of a business begins: notices that it lies on another computer than the last time.
pub(crate) async fn arrive(db: &Db, data: &Path, now: Time) -> Result<()> {
    let data = data.to_owned();
    let (id, moved) = base::task::blocking(move || installation(&data)).await??;
    db.write(move |tx| {
        let known = memory(tx)?;
        if known.id == id {
            return Ok(());
        }
        let mut memory = Memory { id, ..Memory::default() };
        if moved || !known.id.is_empty() {
            memory.silent = begin_silent(tx, now)?;
        }
        settings::store::put(tx, SETTING, &memory)
    })
    .await
}

/// The other computer still answers, at an address that is its own.
fn begin_silent(tx: &Tx<'_>, now: Time) -> Result<BTreeMap<ChannelId, Time>> {
    let left = store::leave_all(tx)?;
    // Neither its address nor its tunnel, which would lead half of all messages here.
    for name in [PUBLIC_ADDRESS, "public_address_way", address::ALARM, address::LEFT_BEHIND] {
        settings::store::remove(tx, name)?;
    }
    let mut silent = BTreeMap::new();
    for mut row in crate::channels::store::all(tx)? {
        if row.kind != ChannelKind::Whatsapp {
            continue;
        }
        // A word of its own, by which the two can be told apart.
        let config = WhatsAppConfig { verify_token: base::random::token(), ..row.whatsapp() };
        row.config = serde_json::to_value(config)?;
        if row.state != ChannelState::Draft {
            silent.insert(row.id, now);
        }
        if matches!(row.state, ChannelState::Active | ChannelState::Trouble) {
            row.state = ChannelState::Trouble;
            row.trouble = Some(trouble(STILL_THERE));
        }
        crate::channels::store::update(tx, &row)?;
    }
    tracing::info!(left, numbers = silent.len(), "the data came from another computer");
    Ok(silent)
}
