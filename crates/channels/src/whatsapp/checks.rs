//! The steps of connecting a number, each with a check that says in words what is wrong and what to do.

use std::time::Duration;

use base::{Secret, Time};
use serde::Serialize;
use utoipa::ToSchema;

use super::account::{App, WEBHOOK_OBJECT};
use super::client::{Failure, Graph};

/// The permissions that a token needs.
pub const SCOPES: [&str; 2] = ["whatsapp_business_messaging", "whatsapp_business_management"];
const SOON: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// The app's id and secret belong together.
    App,
    /// The token is valid and of this app.
    Token,
    /// The token has both permissions.
    Scopes,
    /// The token lasts.
    Expiry,
    /// The phone number id is right and the number can send.
    Number,
    /// Meta sends the app's webhooks to us.
    Subscription,
    /// The account's messages go to the app.
    Account,
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    pub id: CheckId,
    pub ok: bool,
    /// What was found.
    pub sentence: String,
    /// The one thing to do; nothing when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Check {
    fn good(id: CheckId, sentence: impl Into<String>) -> Self {
        Self { id, ok: true, sentence: sentence.into(), fix: None }
    }

    fn bad(id: CheckId, sentence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { id, ok: false, sentence: sentence.into(), fix: Some(fix.into()) }
    }

    /// `refused` when Meta said no for a reason of ours, with the reasons of the line or of Meta's own faults apart.
    fn failed(id: CheckId, failure: Failure, refused: impl FnOnce() -> (String, String)) -> Self {
        use super::errors::Class;
        match failure {
            Failure::Refused { error, .. } if !matches!(error.class(), Class::Transient | Class::Rate) => {
                let (sentence, fix) = refused();
                Self::bad(id, sentence, fix)
            }
            Failure::Invalid(e) => Self::bad(id, e.to_string(), "Check what you typed in the field above."),
            _ => Self::bad(
                id,
                "Meta could not be reached, so this could not be checked.",
                "Check the internet connection, then check again.",
            ),
        }
    }
}

/// What has been typed in so far.
#[derive(Clone, Debug)]
pub struct Setup {
    pub app: App,
    pub waba_id: String,
    pub phone_number_id: String,
    /// Our own address for webhooks, once there is one.
    pub callback_url: Option<String>,
}

/// All checks in the order of the steps. Those whose ground is missing are left out.
pub async fn all(graph: &Graph, setup: &Setup, now: Time) -> Vec<Check> {
    let mut checks = token(graph, &setup.app, now).await;
    if checks.iter().any(|c| !c.ok && matches!(c.id, CheckId::App | CheckId::Token)) {
        return checks;
    }
    checks.push(number(graph, &setup.phone_number_id).await);
    if let Some(callback_url) = &setup.callback_url {
        checks.push(subscription(graph, &setup.app, callback_url).await);
    }
    checks.push(account(graph, &setup.waba_id, &setup.app).await);
    checks
}

/// The app's id and secret, the token and its permissions and age.
pub async fn token(graph: &Graph, app: &App, now: Time) -> Vec<Check> {
    let info = match graph.debug_token(app).await {
        Ok(info) => info,
        Err(failure) => {
            return vec![Check::failed(CheckId::App, failure, || {
                (
                    "Meta does not know an app with this id and this secret.".into(),
                    "Copy both again from the Meta app: Settings, Basic.".into(),
                )
            })];
        }
    };
    let mut checks = vec![Check::good(CheckId::App, "The app's id and secret are right.")];
    let again = "Make a new token for a system user in Meta's business settings and paste it here.";
    if !info.valid || info.expires_at.is_some_and(|t| t <= now) {
        checks.push(Check::bad(CheckId::Token, "Meta does not accept this token any more.", again));
        return checks;
    }
    if info.app_id != app.id {
        checks.push(Check::bad(
            CheckId::Token,
            "This token was made for another Meta app.",
            "Make a token for this app, or type in the other app's id and secret.",
        ));
        return checks;
    }
    checks.push(Check::good(CheckId::Token, "The token is accepted."));
    let missing: Vec<_> = SCOPES.into_iter().filter(|s| !info.scopes.iter().any(|have| have == s)).collect();
    checks.push(if missing.is_empty() {
        Check::good(CheckId::Scopes, "The token may send messages and manage the account.")
    } else {
        Check::bad(
            CheckId::Scopes,
            format!("The token lacks a permission: {}.", missing.join(", ")),
            "Make a new token and tick both WhatsApp permissions.",
        )
    });
    checks.push(match info.expires_at {
        None => Check::good(CheckId::Expiry, "The token does not expire."),
        Some(at) if at.since(now) > SOON => {
            let days = at.since(now).as_secs() / 86_400;
            Check::good(CheckId::Expiry, format!("The token is good for {days} more days."))
        }
        Some(at) => {
            let hours = at.since(now).as_secs() / 3600;
            Check::bad(
                CheckId::Expiry,
                format!("The token stops working in {hours} hours; then customers get no replies."),
                "Make a token for a system user with “never” as its end, and paste it here.",
            )
        }
    });
    checks
}

/// The number.
pub async fn number(graph: &Graph, phone_number_id: &str) -> Check {
    let number = match graph.phone_number(phone_number_id).await {
        Ok(number) => number,
        Err(failure) => {
            return Check::failed(CheckId::Number, failure, || {
                (
                    "This token finds no number with this id.".into(),
                    "Copy the “Phone number ID” (not the number itself) from the Meta app: WhatsApp, API Setup.".into(),
                )
            });
        }
    };
    let name = number.verified_name.as_deref().unwrap_or("no name yet");
    let shown = format!("{} ({name})", number.display_phone_number);
    match number.status.as_deref() {
        None | Some("CONNECTED") => Check::good(CheckId::Number, format!("The number is {shown}.")),
        Some(_) => Check::bad(
            CheckId::Number,
            format!("The number {shown} is not connected to the platform yet, so it can neither send nor receive."),
            "Register the number in Meta's WhatsApp Manager.",
        ),
    }
}

/// Whether Meta sends the app's webhooks to `callback_url`.
pub async fn subscription(graph: &Graph, app: &App, callback_url: &str) -> Check {
    let id = CheckId::Subscription;
    let subscriptions = match graph.app_subscriptions(app).await {
        Ok(subscriptions) => subscriptions,
        Err(failure) => {
            return Check::failed(id, failure, || {
                ("Meta did not tell where it sends messages.".into(), "Check the app's id and secret.".into())
            });
        }
    };
    let connect = format!("Press “Connect” to let {} set this up in the Meta app.", base::product::name());
    match subscriptions.iter().find(|s| s.object == WEBHOOK_OBJECT) {
        None => Check::bad(id, "Meta does not send this app's messages anywhere yet.", connect),
        Some(s) if s.callback_url != callback_url => {
            Check::bad(id, "Meta sends this app's messages to another address.", connect)
        }
        Some(s) if !s.active || !s.fields.iter().any(|f| f == "messages") => {
            Check::bad(id, "Meta knows our address but does not send customers' messages to it.", connect)
        }
        Some(_) => Check::good(id, "Meta sends customers' messages to this computer."),
    }
}

/// Whether the account's messages go to the app.
pub async fn account(graph: &Graph, waba_id: &str, app: &App) -> Check {
    let id = CheckId::Account;
    match graph.subscribed_apps(waba_id).await {
        Ok(apps) if apps.iter().any(|a| a.id == app.id) => {
            Check::good(id, "The WhatsApp account is joined to the app.")
        }
        Ok(_) => Check::bad(
            id,
            "The WhatsApp account is not joined to the app, so messages do not arrive.",
            format!("Press “Connect” to let {} join them.", base::product::name()),
        ),
        Err(failure) => Check::failed(id, failure, || {
            (
                "This token finds no WhatsApp account with this id.".into(),
                "Copy the “WhatsApp Business Account ID” from the Meta app: WhatsApp, API Setup.".into(),
            )
        }),
    }
}

/// Joins app, account and our address; then run the checks.
///
/// # Errors
/// As the first call that does not work says; code 2200 when Meta could not reach our address.
pub async fn connect(graph: &Graph, setup: &Setup, verify_token: &Secret) -> base::Result<()> {
    if let Some(callback_url) = &setup.callback_url {
        graph.subscribe_app(&setup.app, callback_url, verify_token).await?;
    }
    graph.subscribe_account(&setup.waba_id, None).await?;
    Ok(())
}
