//! Graph calls about the app, the token, the account and the number: what set-up needs.

use base::{Secret, Time};
use serde_json::{Value, json};

use super::client::{Failure, Graph};
use super::json as read;

/// The object that WhatsApp webhooks belong to.
pub const WEBHOOK_OBJECT: &str = "whatsapp_business_account";

/// The fields to subscribe to.
pub const WEBHOOK_FIELDS: [&str; 14] = [
    "messages",
    "smb_message_echoes",
    "history",
    "smb_app_state_sync",
    "user_preferences",
    "user_id_update",
    "calls",
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "account_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "security",
];

/// Meta's app: its id and its secret, which also signs the webhooks.
#[derive(Clone, Debug)]
pub struct App {
    pub id: String,
    pub secret: Secret,
}

impl App {
    fn token(&self) -> Secret {
        Secret::new(format!("{}|{}", self.id, self.secret.expose()))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhoneNumber {
    pub id: String,
    /// As people write it: `+27 21 555 0100`.
    pub display_phone_number: String,
    pub verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality: Option<String>,
    /// `CONNECTED`, `PENDING`, `OFFLINE` ...
    pub status: Option<String>,
    /// `CLOUD_API`, `ON_PREMISE`, `NOT_APPLICABLE`.
    pub platform: Option<String>,
    /// `STANDARD` (80 in a second) or `HIGH` (1,000).
    pub throughput: Option<String>,
    /// The number is in use in the WhatsApp Business app as well.
    pub on_phone: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenInfo {
    pub app_id: String,
    pub valid: bool,
    /// Nothing for tokens that do not expire.
    pub expires_at: Option<Time>,
    pub scopes: Vec<String>,
    /// For scopes limited to certain accounts, these accounts: (scope, ids). No ids: all.
    pub granular: Vec<(String, Vec<String>)>,
    /// Why it is not valid, in Meta's words.
    pub error: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSubscription {
    pub object: String,
    pub callback_url: String,
    pub active: bool,
    pub fields: Vec<String>,
}

/// An app that gets an account's webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscribedApp {
    pub id: String,
    pub name: String,
    pub override_url: Option<String>,
}

/// Where Meta delivers a number's messages, at each of its levels. The number's own goes before the account's, and that
/// before the app's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberWebhooks {
    pub number: Option<String>,
    pub account: Option<String>,
    pub app: Option<String>,
}

impl Graph {
    /// The number behind a phone number id.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn phone_number(&self, phone_number_id: &str) -> Result<PhoneNumber, Failure> {
        const FIELDS: &str =
            "id,display_phone_number,verified_name,quality_rating,status,platform_type,throughput,is_on_biz_app";
        let url = self.url(&[phone_number_id])?;
        let value = self.call(self.http.get(url).query(&[("fields", FIELDS)])).await?;
        phone_number(&value).ok_or(Failure::Unreadable { status: 200 })
    }

    /// The numbers of an account, at most 100.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn phone_numbers(&self, waba_id: &str) -> Result<Vec<PhoneNumber>, Failure> {
        let url = self.url(&[waba_id, "phone_numbers"])?;
        let value = self.call(self.http.get(url).query(&[("limit", "100")])).await?;
        Ok(read::list(&value, "data").iter().filter_map(phone_number).collect())
    }

    /// What this client's token may do, as seen by the app it should belong to.
    ///
    /// # Errors
    /// Code 190 or 101 when the app's id and secret do not belong together; else see [`Failure`].
    pub async fn debug_token(&self, app: &App) -> Result<TokenInfo, Failure> {
        let url = self.url(&["debug_token"])?;
        let request = self.http.get(url).query(&[("input_token", self.token.expose())]);
        let value = self.call_as(request, app.token().expose()).await?;
        let data = value.get("data").unwrap_or(&Value::Null);
        let strings = |v: &Value, key: &str| -> Vec<String> {
            read::list(v, key).iter().filter_map(|s| s.as_str().map(Into::into)).collect()
        };
        Ok(TokenInfo {
            app_id: read::id(data, "app_id").unwrap_or_default(),
            valid: read::flag(data, "is_valid").unwrap_or(false),
            expires_at: read::time(data, "expires_at"),
            scopes: strings(data, "scopes"),
            granular: read::list(data, "granular_scopes")
                .iter()
                .filter_map(|g| Some((read::id(g, "scope")?, strings(g, "target_ids"))))
                .collect(),
            error: data.get("error").and_then(|e| read::line(e, "message")),
        })
    }

    /// Makes `callback_url` the address for the app's webhooks. Meta calls it at once and wants its handshake answered.
    ///
    /// # Errors
    /// Code 2200 when the handshake failed; else see [`Failure`].
    pub async fn subscribe_app(&self, app: &App, callback_url: &str, verify_token: &Secret) -> Result<(), Failure> {
        let url = self.url(&[&app.id, "subscriptions"])?;
        let fields = WEBHOOK_FIELDS.join(",");
        let form = [
            ("object", WEBHOOK_OBJECT),
            ("callback_url", callback_url),
            ("verify_token", verify_token.expose()),
            ("fields", &fields),
        ];
        self.call_as(self.http.post(url).form(&form), app.token().expose()).await.map(|_| ())
    }

    /// The app's subscriptions of all objects.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn app_subscriptions(&self, app: &App) -> Result<Vec<AppSubscription>, Failure> {
        let url = self.url(&[&app.id, "subscriptions"])?;
        let value = self.call_as(self.http.get(url), app.token().expose()).await?;
        let field = |f: &Value| f.as_str().map(Into::into).or_else(|| read::id(f, "name"));
        Ok(read::list(&value, "data")
            .iter()
            .filter_map(|s| {
                Some(AppSubscription {
                    object: read::id(s, "object")?,
                    callback_url: read::text(s, "callback_url").unwrap_or_default(),
                    active: read::flag(s, "active").unwrap_or(false),
                    fields: read::list(s, "fields").iter().filter_map(field).collect(),
                })
            })
            .collect())
    }

    /// Lets the token's app have the account's webhooks; with `elsewhere` (address and verify token) its messages go there
    /// instead of to the app's own address.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn subscribe_account(&self, waba_id: &str, elsewhere: Option<(&str, &Secret)>) -> Result<(), Failure> {
        let url = self.url(&[waba_id, "subscribed_apps"])?;
        let body = elsewhere.map_or_else(
            || json!({}),
            |(uri, token)| json!({"override_callback_uri": uri, "verify_token": token.expose()}),
        );
        self.call(self.http.post(url).json(&body)).await.map(|_| ())
    }

    /// The apps that get the account's webhooks.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn subscribed_apps(&self, waba_id: &str) -> Result<Vec<SubscribedApp>, Failure> {
        let url = self.url(&[waba_id, "subscribed_apps"])?;
        let value = self.call(self.http.get(url)).await?;
        Ok(read::list(&value, "data")
            .iter()
            .filter_map(|app| {
                let data = app.get("whatsapp_business_api_data").unwrap_or(app);
                Some(SubscribedApp {
                    id: read::id(data, "id")?,
                    name: read::line(data, "name").unwrap_or_default(),
                    override_url: read::text(app, "override_callback_uri").filter(|u| !u.is_empty()),
                })
            })
            .collect())
    }

    /// Where Meta delivers a number's messages.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn number_webhooks(&self, phone_number_id: &str) -> Result<NumberWebhooks, Failure> {
        let url = self.url(&[phone_number_id])?;
        let value = self.call(self.http.get(url).query(&[("fields", "webhook_configuration")])).await?;
        let at = |level: &str| {
            let levels = value.get("webhook_configuration")?;
            read::text(levels, level).filter(|address| !address.is_empty())
        };
        Ok(NumberWebhooks {
            number: at("phone_number"),
            account: at("whatsapp_business_account"),
            app: at("application"),
        })
    }

    /// Sends one number's messages to an address of its own (at most 200 characters), or with nothing back to the app's.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn override_number_webhook(
        &self,
        phone_number_id: &str,
        to: Option<(&str, &Secret)>,
    ) -> Result<(), Failure> {
        let url = self.url(&[phone_number_id])?;
        let configuration = match to {
            Some((uri, token)) => json!({"override_callback_uri": uri, "verify_token": token.expose()}),
            None => json!({"override_callback_uri": ""}),
        };
        let body = json!({ "webhook_configuration": configuration });
        self.call(self.http.post(url).json(&body)).await.map(|_| ())
    }
}

fn phone_number(v: &Value) -> Option<PhoneNumber> {
    Some(PhoneNumber {
        id: read::id(v, "id")?,
        display_phone_number: read::line(v, "display_phone_number")?,
        verified_name: read::line(v, "verified_name"),
        quality: read::id(v, "quality_rating"),
        status: read::id(v, "status"),
        platform: read::id(v, "platform_type"),
        throughput: v.get("throughput").and_then(|t| read::id(t, "level")),
        on_phone: read::flag(v, "is_on_biz_app").unwrap_or(false),
    })
}
