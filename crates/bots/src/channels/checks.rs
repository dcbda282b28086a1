//! The seven steps of a WhatsApp number's set-up, each with a check that goes green by itself.

use std::sync::Arc;

use base::id::ChannelId;
use base::{Error, Result, Secret, Time};
use channels::whatsapp::account::App;
use channels::whatsapp::checks::{self as graph_checks, CheckId, Setup};
use db::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{ChannelKind, ChannelRow, ChannelState, WhatsApp, secret_name, store};
use crate::address::{self, AddressState};
use crate::settings;
use crate::workspace::Workspace;

/// A step of the set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SetupStep)]
pub(crate) enum Step {
    /// The app's id is known.
    App,
    /// The app's secret belongs to it.
    Secret,
    /// The token is valid, lasts, and may send and manage.
    Token,
    /// The number can send.
    Number,
    /// The public address is proven.
    Address,
    /// Meta delivers to us.
    Webhook,
    /// A customer's message was seen.
    Message,
}

const STEPS: [Step; 7] =
    [Step::App, Step::Secret, Step::Token, Step::Number, Step::Address, Step::Webhook, Step::Message];

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SetupCheckState)]
pub(crate) enum CheckState {
    /// Something is to be typed in or done first.
    Waiting,
    Ok,
    Failed,
}

/// A step with its check.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SetupCheck)]
pub(crate) struct Check {
    id: Step,
    state: CheckState,
    /// What was found.
    sentence: String,
    /// The one thing to do; nothing when all is well.
    #[schema(required)]
    fix: Option<String>,
    #[schema(required)]
    checked_at: Option<Time>,
}

impl Check {
    fn waiting(id: Step, sentence: &str) -> Self {
        Self { id, state: CheckState::Waiting, sentence: sentence.into(), fix: None, checked_at: None }
    }

    fn ok(id: Step, sentence: &str, at: Option<Time>) -> Self {
        Self { id, state: CheckState::Ok, sentence: sentence.into(), fix: None, checked_at: at }
    }
}

/// Where Meta delivers to.
pub(crate) fn webhook_url(public: &str, channel: ChannelId) -> String {
    format!("{}/hooks/whatsapp/{channel}", public.trim_end_matches('/'))
}

/// What is known now: what was found at Meta when last asked, and what this program knows by itself.
pub(crate) fn current(connection: &Connection, ws: &Workspace, id: ChannelId) -> Result<Vec<Check>> {
    let row = expect_whatsapp(connection, id)?;
    let config = row.whatsapp();
    let has = |what: &str| settings::store::has_secret(connection, &secret_name(id, what));
    let found: Vec<Check> = serde_json::from_value(row.checks.clone()).unwrap_or_default();
    let asked = |step: Step| found.iter().find(|c| c.id == step).cloned();
    let address = address::get(connection)?;
    STEPS
        .into_iter()
        .map(|step| {
            Ok(match step {
                Step::App if config.app_id.is_empty() => Check::waiting(step, "Type in the app's id."),
                Step::App => asked(step).unwrap_or_else(|| Check::waiting(step, "Not checked yet.")),
                Step::Secret if !has("app_secret")? => Check::waiting(step, "Type in the app's secret."),
                Step::Token if !has("token")? => Check::waiting(step, "Type in the access token."),
                Step::Number if config.phone_number_id.is_empty() || config.waba_id.is_empty() => {
                    Check::waiting(step, "Type in the number's id and the account's id.")
                }
                Step::Secret | Step::Token | Step::Number | Step::Webhook => {
                    asked(step).unwrap_or_else(|| Check::waiting(step, "Not checked yet."))
                }
                Step::Address => match address.state {
                    AddressState::Proven => Check::ok(step, &address.sentence, address.proven_at),
                    AddressState::None => Check::waiting(step, "Set the public address."),
                    AddressState::Unproven => Check::waiting(step, &address.sentence),
                    AddressState::Failed => Check {
                        id: step,
                        state: CheckState::Failed,
                        sentence: address.sentence.clone(),
                        fix: address.fix.clone(),
                        checked_at: None,
                    },
                },
                Step::Message => match row.last_delivery_at.max(ws.channels.last_heard(id)) {
                    Some(at) => Check::ok(step, "A message from WhatsApp was seen.", Some(at)),
                    None => Check::waiting(step, "Write to the number from another phone."),
                },
            })
        })
        .collect()
}

fn expect_whatsapp(connection: &Connection, id: ChannelId) -> Result<ChannelRow> {
    let row = store::expect(connection, id)?;
    if row.kind != ChannelKind::Whatsapp {
        return Err(Error::invalid("Only WhatsApp numbers have these checks."));
    }
    Ok(row)
}

/// A number that has all it needs to receive and send is active when it is switched on, else still a draft.
pub(crate) fn state_when_on(connection: &Connection, row: &ChannelRow) -> Result<ChannelState> {
    if row.kind == ChannelKind::Webchat {
        return Ok(ChannelState::Active);
    }
    let config = row.whatsapp();
    let has = |what: &str| settings::store::has_secret(connection, &secret_name(row.id, what));
    let complete = !config.phone_number_id.is_empty() && has("app_secret")? && has("token")?;
    Ok(if complete { ChannelState::Active } else { ChannelState::Draft })
}

pub(crate) async fn setup(ws: &Arc<Workspace>, id: ChannelId) -> Result<(WhatsApp, Setup)> {
    let inner = ws.clone();
    ws.db
        .read(move |c| {
            let row = expect_whatsapp(c, id)?;
            let whatsapp = WhatsApp::load(c, &inner, &row)?;
            let secret = whatsapp.secrets.first().cloned().unwrap_or_default();
            let setup = Setup {
                app: App { id: whatsapp.config.app_id.clone(), secret },
                waba_id: whatsapp.config.waba_id.clone(),
                phone_number_id: whatsapp.config.phone_number_id.clone(),
                callback_url: address::get(c)?.url.map(|url| webhook_url(&url, id)),
            };
            Ok((whatsapp, setup))
        })
        .await
}

/// Asks Meta about everything that is typed in, and writes down what it says.
pub(crate) async fn run(ws: &Arc<Workspace>, id: ChannelId) -> Result<()> {
    let (whatsapp, setup) = setup(ws, id).await?;
    let now = ws.clock.now();
    let mut found = Vec::new();
    if !setup.app.id.is_empty() && !setup.app.secret.is_empty() {
        let results = graph_checks::all(&whatsapp.graph, &setup, now).await;
        for (step, of) in [
            (Step::App, &[CheckId::App][..]),
            (Step::Secret, &[CheckId::App][..]),
            (Step::Token, &[CheckId::Token, CheckId::Scopes, CheckId::Expiry][..]),
            (Step::Number, &[CheckId::Number][..]),
            (Step::Webhook, &[CheckId::Subscription, CheckId::Account][..]),
        ] {
            let about: Vec<_> = results.iter().filter(|r| of.contains(&r.id)).collect();
            // What is wrong comes first; else all is well.
            let Some(told) = about.iter().find(|r| !r.ok).or(about.first()) else { continue };
            found.push(Check {
                id: step,
                state: if told.ok { CheckState::Ok } else { CheckState::Failed },
                sentence: told.sentence.clone(),
                fix: told.fix.clone(),
                checked_at: Some(now),
            });
        }
    }
    let number = if found.iter().any(|c| c.id == Step::Number && c.state == CheckState::Ok) {
        whatsapp.graph.phone_number(&setup.phone_number_id).await.ok()
    } else {
        None
    };
    let checks = serde_json::to_value(&found)?;
    ws.db.write(move |tx| write_down(tx, id, &checks, number)).await?;
    ws.channels.forget();
    crate::holder::look_now(ws, id).await;
    Ok(())
}

fn write_down(
    tx: &db::Tx<'_>,
    id: ChannelId,
    checks: &Value,
    number: Option<channels::whatsapp::account::PhoneNumber>,
) -> Result<()> {
    store::set_checks(tx, id, checks)?;
    if let Some(number) = number {
        let mut row = store::expect(tx, id)?;
        let mut config = row.whatsapp();
        config.display_phone_number = Some(number.display_phone_number);
        config.verified_name = number.verified_name;
        row.config = serde_json::to_value(config)?;
        if row.state == ChannelState::Draft {
            row.state = state_when_on(tx, &row)?;
        }
        store::update(tx, &row)?;
    }
    tx.publish("channels");
    Ok(())
}

/// Registers our address at Meta and joins the account to the app. Meta asks the address back while it answers, so it
/// has to work already.
pub(crate) async fn subscribe(ws: &Arc<Workspace>, id: ChannelId) -> Result<()> {
    let (whatsapp, setup) = setup(ws, id).await?;
    if setup.callback_url.is_none() {
        return Err(Error::conflict("Set the public address first; WhatsApp has to reach this computer."));
    }
    if setup.app.id.is_empty() || setup.app.secret.is_empty() || setup.waba_id.is_empty() {
        return Err(Error::conflict("Type in the app's id and secret and the account's id first."));
    }
    let token: Secret = whatsapp.verify_token.clone();
    let began = ws.clock.now();
    let connected = graph_checks::connect(&whatsapp.graph, &setup, &token).await;
    if connected.is_ok() {
        crate::holder::take_over(ws, &whatsapp, &setup, began).await?;
    }
    // Of an address that was refused, the steps are to say that Meta delivers to another one.
    let checked = run(ws, id).await;
    connected.and(checked)
}
