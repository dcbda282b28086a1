//! How a business's channels and address stand, as its file tells: for a look from outside that changes nothing and
//! works while the program runs and while it does not.

use std::time::Duration;

use base::{Result, Time, Vault};
use channels::whatsapp::Graph;
use channels::whatsapp::account::App;
use channels::whatsapp::checks::{self, Check, Setup};
use db::rusqlite::Connection;

use crate::address::{self, AddressState};
pub use crate::address::{TokenStanding, TunnelStanding};
use crate::channels::checks::webhook_url;
use crate::channels::{ChannelKind, ChannelRow, ChannelState, secret_name, store};
use crate::settings::store as settings;

/// For each question to Meta.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a business's file tells.
pub struct Standing {
    pub channels: Vec<ChannelStanding>,
    pub address: AddressStanding,
    /// The tunnel that is to lead to it, when the owner chose one.
    pub tunnel: Option<TunnelStanding>,
    /// Passwords, tokens and keys that are kept sealed, and how many of them the key does not open.
    pub sealed: usize,
    pub unreadable: usize,
}

/// A channel and what it lacks.
pub struct ChannelStanding {
    pub name: String,
    pub is_whatsapp: bool,
    /// The owner wants it to work.
    pub is_on: bool,
    /// It was stopped by something the owner has to mend.
    pub in_trouble: bool,
    /// What was never typed in.
    pub missing: Vec<&'static str>,
    /// What is there and cannot be read.
    pub unreadable: Vec<&'static str>,
    ask: Option<(base::Secret, Setup)>,
}

/// The public address as it was last proven.
pub struct AddressStanding {
    pub is_set: bool,
    pub is_proven: bool,
    /// The latest proof did not work.
    pub has_failed: bool,
    pub proven_at: Option<Time>,
    pub sentence: String,
    pub fix: Option<String>,
}

/// Reads a business's file. Without the vault's key nothing sealed can be read.
pub fn standing(connection: &Connection, vault: Option<&Vault>) -> Result<Standing> {
    let address = address::get(connection)?;
    let rows = store::all(connection)?;
    let channels =
        rows.iter().map(|row| channel(connection, vault, row, address.url.as_deref())).collect::<Result<Vec<_>>>()?;
    let sealed = settings::sealed(connection)?;
    let opens = |(name, sealed): &&(String, Vec<u8>)| vault.is_some_and(|v| v.open_sealed(name, sealed).is_ok());
    let readable = sealed.iter().filter(opens).count();
    Ok(Standing {
        channels,
        sealed: sealed.len(),
        unreadable: sealed.len() - readable,
        tunnel: address::tunnel_standing(connection, vault)?,
        address: AddressStanding {
            is_set: address.url.is_some(),
            is_proven: address.state == AddressState::Proven,
            has_failed: address.state == AddressState::Failed,
            proven_at: address.proven_at,
            sentence: address.sentence,
            fix: address.fix,
        },
    })
}

fn channel(
    connection: &Connection,
    vault: Option<&Vault>,
    row: &ChannelRow,
    public: Option<&str>,
) -> Result<ChannelStanding> {
    let mut standing = ChannelStanding {
        is_whatsapp: row.kind == ChannelKind::Whatsapp,
        is_on: matches!(row.state, ChannelState::Active | ChannelState::Trouble),
        in_trouble: row.state == ChannelState::Trouble,
        ..ChannelStanding::whatsapp(&row.name)
    };
    if row.kind != ChannelKind::Whatsapp {
        return Ok(standing);
    }
    let config = row.whatsapp();
    for (what, id) in [
        ("the app's id", &config.app_id),
        ("the account's id", &config.waba_id),
        ("the number's id", &config.phone_number_id),
    ] {
        if id.is_empty() {
            standing.missing.push(what);
        }
    }
    let mut secret = |what: &str, called: &'static str| -> Result<Option<base::Secret>> {
        let name = secret_name(row.id, what);
        if !settings::has_secret(connection, &name)? {
            standing.missing.push(called);
            return Ok(None);
        }
        let opened = vault.and_then(|vault| settings::get_secret(connection, vault, &name).ok().flatten());
        if opened.is_none() {
            standing.unreadable.push(called);
        }
        Ok(opened)
    };
    let app_secret = secret("app_secret", "the app's secret")?;
    let token = secret("token", "the access token")?;
    if let (Some(secret), Some(token), true) = (app_secret, token, standing.missing.is_empty()) {
        let setup = Setup {
            app: App { id: config.app_id, secret },
            waba_id: config.waba_id,
            phone_number_id: config.phone_number_id,
            callback_url: public.map(|url| webhook_url(url, row.id)),
        };
        standing.ask = Some((token, setup));
    }
    Ok(standing)
}

impl ChannelStanding {
    /// A WhatsApp number of this name with nothing wrong that is known.
    pub fn whatsapp(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_whatsapp: true,
            is_on: true,
            in_trouble: false,
            missing: Vec::new(),
            unreadable: Vec::new(),
            ask: None,
        }
    }

    /// Asks Meta about all that is typed in; nothing while something is missing. Writes nothing down, here or there.
    pub async fn ask(&self, graph_url: &str, now: Time) -> Result<Vec<Check>> {
        let Some((token, setup)) = &self.ask else { return Ok(Vec::new()) };
        let graph = Graph::new(graph_url, token.clone())?.with_timeout(PATIENCE);
        Ok(checks::all(&graph, setup, now).await)
    }
}
