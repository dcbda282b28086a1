//! The business's mail server over HTTP.

use accounts::Permission;
use base::{Result, Secret, Stopwatch};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Json};

use super::{Email, EmailSecurity, EmailSettings, PASSWORD, mailbox};
use crate::current::{AppState, Current};
use crate::settings::{short_secret, store};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, replace)).routes(routes!(test))
}

/// The business's mail server; its password is never told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmailSettings)]
struct EmailSettingsView {
    /// Empty when none is set up.
    host: String,
    /// 0 when none is set up.
    port: u16,
    security: EmailSecurity,
    user: String,
    from: String,
    has_password: bool,
}

async fn view(current: &Current) -> Result<EmailSettingsView> {
    current
        .db
        .read(|c| {
            let settings = super::get(c)?;
            Ok(EmailSettingsView {
                has_password: store::has_secret(c, PASSWORD)?,
                host: settings.host,
                port: settings.port,
                security: settings.security,
                user: settings.user,
                from: settings.from,
            })
        })
        .await
}

/// The business's mail server.
#[utoipa::path(get, path = "/settings/email", operation_id = "getEmailSettings", tag = "settings",
    responses((status = 200, body = EmailSettingsView)))]
async fn read(current: Current) -> ApiResult<Json<EmailSettingsView>> {
    current.member.require(Permission::View)?;
    Ok(Json(view(&current).await?))
}

/// The mail server as the owner sets it up.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct EmailSettingsChange {
    /// A name such as `mail.example.com`; empty to do without.
    #[garde(length(chars, max = 253))]
    #[schema(max_length = 253)]
    host: String,
    #[garde(skip)]
    #[schema(minimum = 0, maximum = 65535)]
    port: u16,
    #[garde(skip)]
    security: EmailSecurity,
    #[serde(default)]
    #[garde(length(chars, max = 254))]
    #[schema(max_length = 254)]
    user: String,
    /// `name@example.com`, or `Name <name@example.com>`.
    #[serde(default)]
    #[garde(length(chars, max = 320))]
    #[schema(max_length = 320)]
    from: String,
    /// Write-only; left out to keep, empty to forget.
    #[serde(default)]
    #[garde(inner(custom(short_secret)))]
    #[schema(value_type = Option<String>, format = Password, max_length = 4096)]
    password: Option<Secret>,
}

/// Changes the business's mail server.
#[utoipa::path(put, path = "/settings/email", operation_id = "replaceEmailSettings", tag = "settings",
    request_body = EmailSettingsChange, responses((status = 200, body = EmailSettingsView)))]
async fn replace(current: Current, Json(change): Json<EmailSettingsChange>) -> ApiResult<Json<EmailSettingsView>> {
    current.member.require(Permission::Manage)?;
    let host = change.host.trim().to_owned();
    if !host.is_empty() {
        if url::Host::parse(&host).is_err() {
            return Err(ApiError::field("host", "This should be the server's name, such as mail.example.com."));
        }
        if change.port == 0 {
            return Err(ApiError::field("port", "This should be the server's port: usually 465 or 587."));
        }
        if mailbox(&change.from).is_err() {
            return Err(ApiError::field("from", "This should be an e-mail address, such as shop@example.com."));
        }
    }
    let vault = current.vault.clone();
    current
        .db
        .write(move |tx| {
            let before = super::get(tx)?;
            let settings = EmailSettings {
                host,
                port: change.port,
                security: change.security,
                user: change.user.trim().to_owned(),
                from: change.from.trim().to_owned(),
            };
            match change.password {
                Some(password) => store::put_secret(tx, &vault, PASSWORD, &password)?,
                // The password of one server is never shown to another one.
                None if before.host != settings.host => {
                    store::put_secret(tx, &vault, PASSWORD, &Secret::default())?;
                }
                None => {}
            }
            super::put(tx, &settings)
        })
        .await?;
    Ok(Json(view(&current).await?))
}

/// Where a test e-mail goes.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct EmailTest {
    /// The sender's own address when absent.
    #[serde(default)]
    #[garde(length(chars, max = 320))]
    #[schema(max_length = 320)]
    to: Option<String>,
}

/// What came of a test e-mail.
#[derive(Debug, Serialize, ToSchema)]
struct EmailTested {
    ok: bool,
    /// Where it went, or what is wrong and what to do.
    message: String,
    ms: f64,
}

/// Sends a short e-mail through the business's mail server.
#[utoipa::path(post, path = "/settings/email/test", operation_id = "testEmailSettings", tag = "settings",
    request_body = EmailTest, responses((status = 200, body = EmailTested)))]
async fn test(current: Current, Json(test): Json<EmailTest>) -> ApiResult<Json<EmailTested>> {
    current.member.require(Permission::Manage)?;
    let from = current.db.read(super::get).await?.from;
    let to = test.to.map(|to| to.trim().to_owned()).filter(|to| !to.is_empty()).unwrap_or(from);
    let email = Email {
        to: to.clone(),
        subject: format!("A test from {}", base::product::name()),
        text: "This e-mail was sent to see whether the mail server is set up. It is.".into(),
        reply_to: String::new(),
        key: format!("test-{}", base::id::fresh()),
    };
    let watch = Stopwatch::start();
    let (ok, message) = match super::send(&current, email).await {
        Ok(_) => (true, format!("An e-mail is on its way to {to}.")),
        Err(e) => (false, e.to_string()),
    };
    Ok(Json(EmailTested { ok, message, ms: watch.elapsed_ms() }))
}
