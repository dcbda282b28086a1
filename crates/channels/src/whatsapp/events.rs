//! Everything in webhooks that is not a message or a status: echoes, history, identities, preferences, calls, and news of
//! templates, the number and the account.

use base::Time;
use base::message::Content;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors::GraphError;
use super::inbound::{self, Identity, Item, ItemKind, Parsed, Scope};
use super::status::Status;
use super::{content, json};

/// What the owner did in a conversation on the phone. It does not open the service window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Echo {
    pub provider_id: String,
    /// The customer it went to.
    pub to: Identity,
    pub what: EchoWhat,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EchoWhat {
    Message(Content),
    Edit { original: String, content: Content },
    Revoke { original: String },
}

/// A customer is now known by another number or user id. Contacts are not merged by this alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IdentityChange {
    pub previous: Identity,
    pub current: Identity,
}

/// A wish of a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    pub who: Identity,
    /// `marketing_messages`, `calls` ...
    pub category: String,
    /// `stop`, `resume`, `accept`, `reject` ...
    pub value: String,
    pub expires_at: Option<Time>,
}

impl Preference {
    /// No more marketing to this customer.
    pub fn stops_marketing(&self) -> bool {
        self.category == "marketing_messages" && self.value == "stop"
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub provider_id: String,
    pub with: Identity,
    /// `connect`, `terminate`, or a status such as `RINGING`.
    pub event: String,
    /// `COMPLETED`, `FAILED` ...
    pub status: Option<String>,
    /// The customer called us, which opens the service window as a message does.
    pub by_customer: bool,
    pub duration_s: Option<u64>,
}

/// A piece of the phone's history, or the owner's refusal to share it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    pub declined: bool,
    /// 0: the last day, 1: up to 90 days, 2: up to 180 days.
    pub phase: Option<i64>,
    /// Pieces arrive in any order.
    pub chunk_order: Option<i64>,
    /// Percent of the whole.
    pub progress: Option<i64>,
    pub messages: Vec<HistoryMessage>,
    pub errors: Vec<GraphError>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryMessage {
    /// The key that the same message has when it arrives live.
    pub dedupe_key: String,
    pub provider_id: String,
    pub customer: Identity,
    /// Written by the business.
    pub by_business: bool,
    pub at: Option<Time>,
    pub content: Content,
    pub status: Option<Status>,
}

/// A change in the phone's address book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppStateSync {
    /// `add`, `edit` or `remove`.
    pub action: String,
    pub phone: Option<String>,
    pub full_name: Option<String>,
}

/// How much a piece of news matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    /// Send nothing more and tell the owner at once.
    Stop,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// `status`, `quality`, `category` or `components`.
    pub about: String,
    pub name: String,
    pub language: String,
    pub template_id: Option<String>,
    /// The new status (`APPROVED` ...), quality (`GREEN` ...) or category.
    pub value: String,
    pub reason: Option<String>,
    pub severity: Severity,
    pub sentence: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub event: String,
    pub severity: Severity,
    pub sentence: String,
}

/// News of how much the number may send and how its quality is seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    pub event: String,
    /// `TIER_250` ... `TIER_UNLIMITED`.
    pub limit: Option<String>,
    pub severity: Severity,
    pub sentence: String,
}

/// Reads a change of any field but `messages`.
pub(super) fn read(out: &mut Parsed, scope: &Scope<'_>, value: &Value) {
    let before = out.items.len() + out.quarantined.len();
    let whole = |kind: ItemKind| scope.item(scope.hashed_key(value), None, kind);
    match scope.field {
        "smb_message_echoes" | "message_echoes" => out.each(value, "message_echoes", |v| echo(scope, v)),
        "history" => history(out, scope, value),
        "smb_app_state_sync" => out.each(value, "state_sync", |v| Ok(state_sync(scope, v))),
        "user_id_update" => out.each(value, "user_id_update", |v| user_id_update(scope, v)),
        "user_preferences" => out.each(value, "user_preferences", |v| preference(scope, v)),
        "calls" => {
            out.each(value, "calls", |v| call(scope, v));
            out.each(value, "statuses", |v| call(scope, v));
        }
        "phone_number_quality_update" => out.items.push(whole(ItemKind::Quality(quality(value)))),
        field if field.starts_with("message_template_") || field == "template_category_update" => {
            out.items.push(whole(ItemKind::Template(template(field, value))));
        }
        "account_update"
        | "account_alerts"
        | "account_review_update"
        | "business_capability_update"
        | "security"
        | "phone_number_name_update"
        | "business_username_update"
        | "payment_configuration_update" => {
            out.items.push(whole(ItemKind::Account(account(scope.field, value))));
        }
        _ => {}
    }
    if out.items.len() + out.quarantined.len() == before {
        out.items.push(whole(ItemKind::Other { field: crate::text::clean_line(scope.field, 80) }));
    }
}

fn echo(scope: &Scope<'_>, v: &Value) -> Result<Item, &'static str> {
    let provider_id = json::id(v, "id").ok_or("an echo without an id")?;
    let to = scope.identity(json::id(v, "to"), json::id(v, "to_user_id"), json::id(v, "to_parent_user_id"));
    if to.wa_id.is_none() && to.user_id.is_none() {
        return Err("an echo without a customer");
    }
    let kind = inbound::raw_type(v);
    let what = match kind.as_str() {
        "edit" => {
            let (original, content) = inbound::read_edit(v).ok_or("an edit without its original or its text")?;
            EchoWhat::Edit { original, content }
        }
        "revoke" => EchoWhat::Revoke { original: inbound::read_revoke(v).ok_or("a revoke without its original")? },
        kind => EchoWhat::Message(content::map(kind, v).content),
    };
    let key = scope.key("echo", &[&provider_id]);
    Ok(scope.item(key, json::time(v, "timestamp"), ItemKind::Echo(Box::new(Echo { provider_id, to, what }))))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn history(out: &mut Parsed, scope: &Scope<'_>, value: &Value) {
    for chunk in json::list(value, "history") {
        let metadata = chunk.get("metadata").unwrap_or(&Value::Null);
        let errors = GraphError::list(chunk);
        let mut messages = Vec::new();
        for thread in json::list(chunk, "threads") {
            for message in json::list(thread, "messages") {
                match history_message(scope, Some(thread), message) {
                    Ok(message) => messages.push(message),
                    Err(reason) => out.quarantine(format!("history: {reason}"), message),
                }
            }
        }
        let history = History {
            declined: errors.iter().any(|e| e.code == 2_593_109),
            phase: json::int(metadata, "phase"),
            chunk_order: json::int(metadata, "chunk_order"),
            progress: json::int(metadata, "progress"),
            messages,
            errors,
        };
        out.items.push(scope.item(scope.hashed_key(chunk), None, ItemKind::History(history)));
    }
    // The files of old messages follow in the shape of live ones; they are history all the same.
    out.each(value, "messages", |v| {
        let message = history_message(scope, None, v)?;
        let at = message.at;
        let key = scope.hashed_key(v);
        Ok(scope.item(key, at, ItemKind::History(History { messages: vec![message], ..History::default() })))
    });
}

fn history_message(scope: &Scope<'_>, thread: Option<&Value>, v: &Value) -> Result<HistoryMessage, &'static str> {
    let provider_id = json::id(v, "id").ok_or("a message without an id")?;
    let from = json::id(v, "from");
    let ours = scope.display_phone.as_deref().map(digits);
    let by_business = json::id(v, "to").is_some() || from.as_deref().is_some_and(|f| Some(digits(f)) == ours);
    let customer = if by_business {
        scope.identity(json::id(v, "to"), json::id(v, "to_user_id"), None)
    } else {
        scope.identity(from, json::id(v, "from_user_id"), None)
    };
    let context = thread.and_then(|t| t.get("context")).unwrap_or(&Value::Null);
    let customer = Identity {
        wa_id: customer.wa_id.or_else(|| thread.and_then(|t| json::id(t, "id"))).or_else(|| json::id(context, "wa_id")),
        user_id: customer.user_id.or_else(|| json::id(context, "user_id")),
        ..customer
    };
    if customer.wa_id.is_none() && customer.user_id.is_none() {
        return Err("a message without a customer");
    }
    Ok(HistoryMessage {
        dedupe_key: scope.key(if by_business { "echo" } else { "message" }, &[&provider_id]),
        customer,
        by_business,
        at: json::time(v, "timestamp"),
        content: content::map(&inbound::raw_type(v), v).content,
        status: v.get("history_context").and_then(|c| json::id(c, "status")).map(|s| Status::parse(&s)),
        provider_id,
    })
}

fn state_sync(scope: &Scope<'_>, v: &Value) -> Item {
    let contact = v.get("contact").unwrap_or(&Value::Null);
    let sync = AppStateSync {
        action: json::id(v, "action").unwrap_or_else(|| "add".into()),
        phone: json::id(contact, "phone_number"),
        full_name: json::line(contact, "full_name").or_else(|| json::line(contact, "first_name")),
    };
    let at = v.get("metadata").and_then(|m| json::time(m, "timestamp"));
    scope.item(scope.hashed_key(v), at, ItemKind::AppStateSync(sync))
}

fn user_id_update(scope: &Scope<'_>, v: &Value) -> Result<Item, &'static str> {
    let pair = |key: &str| {
        let ids = v.get(key).unwrap_or(&Value::Null);
        (json::id(ids, "previous"), json::id(ids, "current"))
    };
    let (previous, current) = pair("user_id");
    let (previous_parent, current_parent) = pair("parent_user_id");
    if previous.is_none() || current.is_none() {
        return Err("a change of user id without both ids");
    }
    let wa_id = json::id(v, "wa_id");
    let change = IdentityChange {
        previous: scope.identity(wa_id.clone(), previous, previous_parent),
        current: scope.identity(wa_id, current, current_parent),
    };
    Ok(scope.item(scope.hashed_key(v), json::time(v, "timestamp"), ItemKind::IdentityChange(Box::new(change))))
}

/// The change that a `system` message tells of; nothing when it tells of something else.
pub(super) fn system_change(v: &Value, from: &Identity) -> Option<IdentityChange> {
    let system = v.get("system")?;
    let kind = json::text(system, "type").unwrap_or_default();
    if !kind.contains("changed_number") && !kind.contains("changed_user_id") {
        return None;
    }
    let current = Identity {
        wa_id: json::id(system, "wa_id").or_else(|| json::id(system, "new_wa_id")),
        user_id: json::id(system, "user_id"),
        parent_user_id: json::id(system, "parent_user_id"),
        ..Identity::default()
    };
    let previous = Identity {
        wa_id: from.wa_id.clone().or_else(|| json::id(system, "customer")),
        user_id: json::id(system, "previous_user_id").or_else(|| from.user_id.clone()),
        ..from.clone()
    };
    let known = |i: &Identity| i.wa_id.is_some() || i.user_id.is_some();
    (known(&previous) && known(&current)).then_some(IdentityChange { previous, current })
}

/// The answer to "may we call you?", which comes as a message.
pub(super) fn call_permission(v: &Value, who: Identity) -> Preference {
    let reply = v.pointer("/interactive/call_permission_reply").unwrap_or(&Value::Null);
    Preference {
        who,
        category: "calls".into(),
        value: json::id(reply, "response").unwrap_or_default(),
        expires_at: json::time(reply, "expiration_timestamp"),
    }
}

fn preference(scope: &Scope<'_>, v: &Value) -> Result<Item, &'static str> {
    let who = scope.identity(json::id(v, "wa_id"), json::id(v, "user_id"), json::id(v, "parent_user_id"));
    if who.wa_id.is_none() && who.user_id.is_none() {
        return Err("a preference of nobody");
    }
    let preference = Preference {
        who,
        category: json::id(v, "category").ok_or("a preference without a category")?,
        value: json::id(v, "value").ok_or("a preference without a value")?,
        expires_at: None,
    };
    Ok(scope.item(scope.hashed_key(v), json::time(v, "timestamp"), ItemKind::Preference(preference)))
}

fn call(scope: &Scope<'_>, v: &Value) -> Result<Item, &'static str> {
    let provider_id = json::id(v, "id").ok_or("a call without an id")?;
    let status = json::id(v, "status");
    let event = json::id(v, "event").or_else(|| status.clone()).ok_or("a call without an event")?;
    let by_customer = json::text(v, "direction").is_some_and(|d| d.eq_ignore_ascii_case("USER_INITIATED"));
    let with = if by_customer || v.get("recipient_id").is_none() && v.get("to").is_none() {
        scope.identity(json::id(v, "from"), json::id(v, "from_user_id"), json::id(v, "from_parent_user_id"))
    } else {
        scope.identity(
            json::id(v, "to").or_else(|| json::id(v, "recipient_id")),
            json::id(v, "to_user_id").or_else(|| json::id(v, "recipient_user_id")),
            None,
        )
    };
    let key = scope.key("call", &[&provider_id, &event]);
    let duration_s = json::int(v, "duration").and_then(|n| u64::try_from(n).ok());
    let call = Call { provider_id, with, event, status, by_customer, duration_s };
    Ok(scope.item(key, json::time(v, "timestamp"), ItemKind::Call(call)))
}

fn template(field: &str, v: &Value) -> Template {
    let name = json::line(v, "message_template_name").unwrap_or_default();
    let about = match field {
        "message_template_status_update" => "status",
        "message_template_quality_update" => "quality",
        "message_template_components_update" => "components",
        _ => "category",
    };
    let value = match about {
        "status" => json::id(v, "event"),
        "quality" => json::id(v, "new_quality_score"),
        "category" => json::id(v, "new_category"),
        _ => None,
    }
    .unwrap_or_default();
    let reason = json::line(v, "reason").filter(|r| r != "NONE");
    let stopped = "Steps that use it send nothing until it is approved again.";
    let (severity, sentence) = match (about, value.as_str()) {
        ("status", "APPROVED" | "REINSTATED") => {
            (Severity::Info, format!("The template “{name}” is approved and can be used."))
        }
        ("status", "PENDING" | "IN_APPEAL") => (Severity::Info, format!("Meta is looking at the template “{name}”.")),
        ("status", "REJECTED") => (
            Severity::Warning,
            format!(
                "Meta did not approve the template “{name}”. {stopped} Change it in WhatsApp Manager and hand it in again."
            ),
        ),
        ("status", "FLAGGED") => (
            Severity::Warning,
            format!(
                "Customers complain about the template “{name}”; Meta may pause it. Send it to fewer people or change it."
            ),
        ),
        ("status", _) => (
            Severity::Warning,
            format!("The template “{name}” cannot be used any more. {stopped} Look at it in WhatsApp Manager."),
        ),
        ("quality", "RED" | "YELLOW") => (
            Severity::Warning,
            format!(
                "Customers think less of the template “{name}”. Meta may pause it; send it to fewer people or change it."
            ),
        ),
        ("quality", _) => (Severity::Info, format!("The template “{name}” is doing well.")),
        ("category", _) => (
            Severity::Warning,
            format!("Meta has moved the template “{name}” to another category, which may change its price."),
        ),
        _ => (Severity::Info, format!("The template “{name}” was changed in WhatsApp Manager.")),
    };
    Template {
        about: about.into(),
        language: json::line(v, "message_template_language").unwrap_or_default(),
        template_id: json::id(v, "message_template_id"),
        name,
        value,
        reason,
        severity,
        sentence,
    }
}

fn quality(v: &Value) -> Quality {
    let event = json::id(v, "event").unwrap_or_default();
    let (severity, sentence) = match event.as_str() {
        "FLAGGED" => (
            Severity::Warning,
            "Customers have complained about messages from this number. Meta may lower how many it can send; send fewer \
             campaigns for some days.",
        ),
        "DOWNGRADE" => (
            Severity::Warning,
            "Meta has lowered how many customers this number can write to in a day. Answers to customers are not \
             affected; send fewer campaigns.",
        ),
        "UPGRADE" | "THROUGHPUT_UPGRADE" => (Severity::Info, "This number can now send more. There is nothing to do."),
        "UNFLAGGED" => (Severity::Info, "The quality of this number is good again. There is nothing to do."),
        "ONBOARDING" => (Severity::Info, "This number is ready to send. There is nothing to do."),
        _ => (Severity::Info, "Meta has news about this number's quality. Look at it in WhatsApp Manager."),
    };
    let limit = json::id(v, "max_daily_conversations_per_business").or_else(|| json::id(v, "current_limit"));
    Quality { event, limit, severity, sentence: sentence.into() }
}

fn account(field: &str, v: &Value) -> Account {
    let event = json::line(v, "event")
        .or_else(|| json::line(v, "decision"))
        .or_else(|| json::line(v, "status"))
        .unwrap_or_else(|| field.to_owned());
    let manager = "Customers get no replies until it is solved. Open Meta's WhatsApp Manager to see what to do.";
    let (severity, sentence) = match (field, event.as_str()) {
        ("account_update", "ACCOUNT_VIOLATION") => {
            (Severity::Stop, format!("Meta says this WhatsApp account broke a rule. {manager}"))
        }
        ("account_update", "ACCOUNT_RESTRICTION") => {
            (Severity::Stop, format!("Meta has restricted this WhatsApp account. {manager}"))
        }
        ("account_update", "DISABLED_UPDATE") => match v.pointer("/ban_info/waba_ban_state").and_then(Value::as_str) {
            Some("REINSTATE") => (
                Severity::Info,
                "Meta has opened this WhatsApp account again. Switch the channel on to answer customers.".into(),
            ),
            _ => (Severity::Stop, format!("Meta has disabled this WhatsApp account or is about to. {manager}")),
        },
        ("account_update", "ACCOUNT_DELETED") => {
            (Severity::Stop, format!("This WhatsApp account was deleted. {manager}"))
        }
        ("account_update", "PARTNER_REMOVED" | "PARTNER_APP_UNINSTALLED" | "ACCOUNT_OFFBOARDED") => (
            Severity::Stop,
            "This program was disconnected from the WhatsApp account. Customers get no replies until it is connected \
             again in the channel's settings."
                .into(),
        ),
        ("security", _) => (
            Severity::Warning,
            "Somebody changed the security settings of the WhatsApp number. If it was not you, change its PIN in \
             WhatsApp Manager."
                .into(),
        ),
        ("account_alerts", _) => (
            Severity::Warning,
            "Meta has a warning for this WhatsApp account. Open WhatsApp Manager to read it.".into(),
        ),
        ("account_review_update", "REJECTED") => (
            Severity::Warning,
            "Meta did not approve this WhatsApp account. Open WhatsApp Manager to see why and appeal.".into(),
        ),
        ("phone_number_name_update", "REJECTED") => (
            Severity::Warning,
            "Meta did not approve the number's display name. Choose another in WhatsApp Manager.".into(),
        ),
        ("business_username_update", _) => {
            let username = json::line(v, "username").unwrap_or_default();
            (Severity::Info, format!("The WhatsApp username “{username}” is now: {event}."))
        }
        _ => (Severity::Info, "Meta changed something in this WhatsApp account. There is nothing to do.".into()),
    };
    Account { event, severity, sentence }
}
