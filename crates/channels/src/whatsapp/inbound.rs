//! Webhooks: one POST into its items, each with the key that shows whether it came before.
//!
//! The parser never fails as a whole. Meta repeats what is not answered with 200 for days, so what cannot be read is set
//! aside one by one and everything beside it goes on.

use base::Time;
use base::message::Content;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors::GraphError;
use super::events::{Account, AppStateSync, Call, Echo, History, IdentityChange, Preference, Quality, Template};
use super::status::{self, StatusUpdate};
use super::{content, events, json};
use crate::text;

/// All that a POST held.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parsed {
    /// In the order of the POST, which is not that of time.
    pub items: Vec<Item>,
    pub quarantined: Vec<Quarantined>,
}

/// A part that could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quarantined {
    pub reason: String,
    /// The part as it came, at most 64 KiB of it.
    pub json: String,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The business number it is about; account-wide news has none.
    pub phone_number_id: Option<String>,
    /// The WhatsApp business account.
    pub waba_id: Option<String>,
    /// The same for every delivery of the same thing. News of the account has no id or time of its own, so the same news
    /// months later has the same key: keep these keys for a week (as long as Meta repeats), not for ever.
    pub dedupe_key: String,
    /// When it happened, by Meta's clock; may be days ago.
    pub at: Option<Time>,
    pub kind: ItemKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum ItemKind {
    Message(Box<InboundMessage>),
    Edit(Box<Edit>),
    Revoke(Revoke),
    Status(Box<StatusUpdate>),
    /// The owner wrote to a customer on the phone: the bot pauses in that conversation.
    Echo(Box<Echo>),
    IdentityChange(Box<IdentityChange>),
    Preference(Preference),
    Call(Call),
    /// Old messages from the phone; they never start a flow.
    History(History),
    AppStateSync(AppStateSync),
    Template(Template),
    Account(Account),
    Quality(Quality),
    /// Errors about the channel as a whole.
    ChannelError(Vec<GraphError>),
    /// Known to be irrelevant or not known at all.
    Other {
        field: String,
    },
}

impl ItemKind {
    /// The kind as it is logged and counted.
    pub fn name(&self) -> &'static str {
        match self {
            ItemKind::Message(_) => "message",
            ItemKind::Edit(_) => "edit",
            ItemKind::Revoke(_) => "revoke",
            ItemKind::Status(_) => "status",
            ItemKind::Echo(_) => "echo",
            ItemKind::IdentityChange(_) => "identity_change",
            ItemKind::Preference(_) => "preference",
            ItemKind::Call(_) => "call",
            ItemKind::History(_) => "history",
            ItemKind::AppStateSync(_) => "app_state_sync",
            ItemKind::Template(_) => "template",
            ItemKind::Account(_) => "account",
            ItemKind::Quality(_) => "quality",
            ItemKind::ChannelError(_) => "channel_error",
            ItemKind::Other { .. } => "other",
        }
    }
}

/// A customer, by all the names that Meta gave. At least one of phone and user id is there where somebody wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// The phone number without `+`, as WhatsApp spells it; absent for customers who use a username.
    pub wa_id: Option<String>,
    /// The id of this customer towards this business (BSUID); changes when they change their number.
    pub user_id: Option<String>,
    pub parent_user_id: Option<String>,
    pub username: Option<String>,
    /// The name customers give themselves; cleaned.
    pub profile_name: Option<String>,
}

impl Identity {
    /// Where to answer: by phone if it is known, else by user id.
    pub fn recipient(&self) -> Option<super::Recipient> {
        let phone = self.wa_id.as_ref().map(|id| super::Recipient::Phone(format!("+{id}")));
        phone.or_else(|| self.user_id.clone().map(super::Recipient::UserId))
    }
}

/// What a message refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// The message it answers, by Meta's id.
    pub replied_to: Option<String>,
    pub forwarded: bool,
    pub frequently_forwarded: bool,
    /// The product it asks about.
    pub referred_product: Option<Product>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub catalog_id: Option<String>,
    pub product_id: String,
}

/// The advertisement or page through which a customer came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Referral {
    pub source_url: Option<String>,
    pub source_id: Option<String>,
    /// `ad` or `post`.
    pub source_type: Option<String>,
    pub headline: Option<String>,
    pub body: Option<String>,
    pub media_type: Option<String>,
    pub media_url: Option<String>,
    /// The click's id, for reporting a sale back to the advertisement.
    pub click_id: Option<String>,
    pub welcome_text: Option<String>,
}

/// A customer's message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    pub provider_id: String,
    pub from: Identity,
    pub content: Content,
    pub context: Context,
    pub referral: Option<Referral>,
    pub group_id: Option<String>,
    /// The type in Meta's words.
    pub raw_type: String,
    /// Nobody wrote this (a reaction, a type that is new to us): show it, but do not answer it.
    pub quiet: bool,
    pub errors: Vec<GraphError>,
}

/// A customer changed a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    pub provider_id: String,
    pub from: Identity,
    /// The message that was changed, by Meta's id.
    pub original: String,
    pub content: Content,
}

/// A customer took a message back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revoke {
    pub provider_id: String,
    pub from: Identity,
    pub original: String,
}

/// Where in the POST we are: what all items of one change share.
pub(super) struct Scope<'a> {
    pub(super) waba_id: Option<String>,
    pub(super) entry_time: Option<Time>,
    pub(super) field: &'a str,
    pub(super) phone_number_id: Option<String>,
    pub(super) display_phone: Option<String>,
    contacts: &'a [Value],
}

impl Scope<'_> {
    /// A key for something on this number: kind, number, parts. The kind comes first so that kinds never meet.
    pub(super) fn key(&self, kind: &str, parts: &[&str]) -> String {
        let number = self.phone_number_id.as_deref().unwrap_or_default();
        let escaped =
            [number].iter().chain(parts).map(|p| p.replace('%', "%25").replace('|', "%7C")).collect::<Vec<_>>();
        format!("{kind}|{}", escaped.join("|"))
    }

    /// A key for something that has no id: a hash of the field and the value, without the entry's time, which repeats of
    /// the same news may change.
    pub(super) fn hashed_key(&self, value: &Value) -> String {
        let hash = json::hash(
            &[
                self.waba_id.as_deref().unwrap_or_default(),
                self.phone_number_id.as_deref().unwrap_or_default(),
                self.field,
            ],
            value,
        );
        format!("hash|{}|{hash}", self.field)
    }

    /// Completes what a message says of its sender by the contact with the same phone or user id.
    pub(super) fn identity(&self, wa_id: Option<String>, user_id: Option<String>, parent: Option<String>) -> Identity {
        let same = |contact: &&Value, key: &str, id: &Option<String>| id.is_some() && json::id(contact, key) == *id;
        let contact = self
            .contacts
            .iter()
            .find(|c| same(c, "user_id", &user_id))
            .or_else(|| self.contacts.iter().find(|c| same(c, "wa_id", &wa_id)))
            .unwrap_or(&Value::Null);
        let profile = contact.get("profile").unwrap_or(&Value::Null);
        Identity {
            wa_id: wa_id.or_else(|| json::id(contact, "wa_id")),
            user_id: user_id.or_else(|| json::id(contact, "user_id")),
            parent_user_id: parent.or_else(|| json::id(contact, "parent_user_id")),
            username: json::id(profile, "username")
                .or_else(|| json::id(contact, "username"))
                .map(|n| text::clean_line(&n, 100)),
            profile_name: json::line(profile, "name").map(|n| text::truncate(&n, 200)),
        }
    }

    fn sender(&self, v: &Value) -> Identity {
        self.identity(json::id(v, "from"), json::id(v, "from_user_id"), json::id(v, "from_parent_user_id"))
    }

    pub(super) fn item(&self, dedupe_key: String, at: Option<Time>, kind: ItemKind) -> Item {
        Item {
            phone_number_id: self.phone_number_id.clone(),
            waba_id: self.waba_id.clone(),
            dedupe_key,
            at: at.or(self.entry_time),
            kind,
        }
    }
}

impl Parsed {
    pub(super) fn quarantine(&mut self, reason: impl Into<String>, part: &Value) {
        self.quarantined.push(Quarantined { reason: reason.into(), json: bounded(part.to_string()) });
    }

    /// Reads each element of `value.key`, setting aside what cannot be read.
    pub(super) fn each(
        &mut self,
        value: &Value,
        key: &str,
        mut read: impl FnMut(&Value) -> Result<Item, &'static str>,
    ) {
        match value.get(key) {
            None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => {}
            Some(other) => return self.quarantine(format!("“{key}” is no list"), other),
        }
        for element in json::list(value, key) {
            let read = if element.is_object() { read(element) } else { Err("not an object") };
            match read {
                Ok(item) => self.items.push(item),
                Err(reason) => self.quarantine(format!("{key}: {reason}"), element),
            }
        }
    }
}

fn bounded(mut text: String) -> String {
    const LIMIT: usize = 64 * 1024;
    if text.len() > LIMIT {
        text.truncate(text.floor_char_boundary(LIMIT));
    }
    text
}

/// Reads the raw body of a webhook. Never fails: what cannot be read is in `quarantined`.
pub fn parse(raw: &[u8]) -> Parsed {
    let mut out = Parsed::default();
    let root: Value = match serde_json::from_slice(raw) {
        Ok(root) => root,
        Err(e) => {
            let beginning = &raw[..raw.len().min(64 * 1024)];
            let json = bounded(String::from_utf8_lossy(beginning).into_owned());
            out.quarantined.push(Quarantined { reason: format!("no JSON: {e}"), json });
            return out;
        }
    };
    if !root.is_object() {
        out.quarantine("not an object", &root);
    } else if root.get("entry").is_some() {
        for entry in elements(&mut out, &root, "entry") {
            read_entry(&mut out, entry);
        }
    } else {
        // Meta's test button leaves out the envelope.
        read_entry(&mut out, root.get("sample").unwrap_or(&root));
    }
    out
}

fn elements<'a>(out: &mut Parsed, v: &'a Value, key: &str) -> &'a [Value] {
    let elements = json::list(v, key);
    let empty = matches!(v.get(key), Some(Value::Array(list)) if list.is_empty());
    if elements.is_empty() && !empty {
        out.quarantine(format!("“{key}” is no list"), v);
    }
    elements
}

fn read_entry(out: &mut Parsed, entry: &Value) {
    let waba_id = json::id(entry, "id");
    let time = json::time(entry, "time");
    if entry.get("changes").is_some() {
        for change in elements(out, entry, "changes") {
            read_change(out, waba_id.clone(), time, entry, change);
        }
    } else {
        read_change(out, waba_id, time, entry, entry);
    }
}

fn read_change(out: &mut Parsed, waba_id: Option<String>, entry_time: Option<Time>, entry: &Value, change: &Value) {
    let value = change.get("value").unwrap_or(change);
    if !value.is_object() {
        return out.quarantine("a change without a value", change);
    }
    // Some of Meta's own examples have `field` a level too high or too low.
    let named = [change, value, entry].iter().find_map(|v| json::id(v, "field"));
    let Some(field) = named.or_else(|| inferred(value).map(Into::into)) else {
        return out.quarantine("a change of no known field", change);
    };
    let metadata = value.get("metadata").unwrap_or(&Value::Null);
    let scope = Scope {
        waba_id,
        entry_time,
        field: &field,
        phone_number_id: json::id(metadata, "phone_number_id"),
        display_phone: json::id(metadata, "display_phone_number"),
        contacts: json::list(value, "contacts"),
    };
    match field.as_str() {
        "messages" => read_messages(out, &scope, value),
        _ => events::read(out, &scope, value),
    }
}

fn inferred(value: &Value) -> Option<&'static str> {
    [
        ("messages", "messages"),
        ("statuses", "messages"),
        ("message_echoes", "smb_message_echoes"),
        ("history", "history"),
        ("calls", "calls"),
        ("state_sync", "smb_app_state_sync"),
        ("user_preferences", "user_preferences"),
        ("user_id_update", "user_id_update"),
        ("errors", "messages"),
    ]
    .into_iter()
    .find(|(key, _)| value.get(key).is_some())
    .map(|(_, field)| field)
}

fn read_messages(out: &mut Parsed, scope: &Scope<'_>, value: &Value) {
    let (first, before) = (out.items.len(), out.items.len() + out.quarantined.len());
    let errors = GraphError::list(value);
    out.each(value, "messages", |v| read_message(scope, v, &errors));
    // Beside a message that could not be read the errors explain why, and went into it.
    let explained = out.items[first..]
        .iter()
        .any(|item| matches!(&item.kind, ItemKind::Message(m) if matches!(m.content, Content::Unsupported { .. })));
    out.each(value, "statuses", |v| {
        status::parse(scope, v).map(|(key, update)| scope.item(key, update.at, ItemKind::Status(Box::new(update))))
    });
    if !errors.is_empty() && !explained {
        let key = scope.hashed_key(value.get("errors").unwrap_or(&Value::Null));
        out.items.push(scope.item(key, None, ItemKind::ChannelError(errors)));
    } else if out.items.len() + out.quarantined.len() == before {
        let other = ItemKind::Other { field: scope.field.to_owned() };
        out.items.push(scope.item(scope.hashed_key(value), None, other));
    }
}

/// The type, or when it is missing the first known payload.
pub(super) fn raw_type(v: &Value) -> String {
    const PAYLOADS: [&str; 14] = [
        "text",
        "image",
        "video",
        "audio",
        "document",
        "sticker",
        "location",
        "contacts",
        "reaction",
        "interactive",
        "button",
        "order",
        "edit",
        "revoke",
    ];
    json::id(v, "type")
        .or_else(|| PAYLOADS.into_iter().find(|p| v.get(p).is_some()).map(Into::into))
        .map_or_else(|| "unknown".into(), |t| text::truncate(&t, 80))
}

/// Original id and new content of an `edit`, here and in echoes.
pub(super) fn read_edit(v: &Value) -> Option<(String, Content)> {
    let edit = v.get("edit")?;
    let message = edit.get("message")?;
    Some((json::id(edit, "original_message_id")?, content::map(&raw_type(message), message).content))
}

pub(super) fn read_revoke(v: &Value) -> Option<String> {
    json::id(v.get("revoke")?, "original_message_id")
}

fn read_message(scope: &Scope<'_>, v: &Value, value_errors: &[GraphError]) -> Result<Item, &'static str> {
    let provider_id = json::id(v, "id").ok_or("a message without an id")?;
    let raw_type = raw_type(v);
    let from = scope.sender(v);
    let at = json::time(v, "timestamp");
    let key = |kind: &str| scope.key(kind, &[&provider_id]);
    if raw_type == "system" {
        let kind = match events::system_change(v, &from) {
            Some(change) => ItemKind::IdentityChange(Box::new(change)),
            None => ItemKind::Other { field: "messages/system".into() },
        };
        return Ok(scope.item(key("message"), at, kind));
    }
    if from.wa_id.is_none() && from.user_id.is_none() {
        return Err("a message without a sender");
    }
    let (key, kind) = match raw_type.as_str() {
        "edit" => {
            let (original, content) = read_edit(v).ok_or("an edit without its original or its text")?;
            (key("edit"), ItemKind::Edit(Box::new(Edit { provider_id, from, original, content })))
        }
        "revoke" => {
            let original = read_revoke(v).ok_or("a revoke without its original")?;
            (key("revoke"), ItemKind::Revoke(Revoke { provider_id, from, original }))
        }
        "interactive" if v.pointer("/interactive/call_permission_reply").is_some() => {
            let preference = events::call_permission(v, from);
            (key("message"), ItemKind::Preference(preference))
        }
        _ => {
            let mapped = content::map(&raw_type, v);
            let mut errors = GraphError::list(v);
            if matches!(mapped.content, Content::Unsupported { .. }) {
                errors.extend_from_slice(value_errors);
            }
            let message = InboundMessage {
                from,
                content: mapped.content,
                quiet: mapped.quiet,
                context: context(v.get("context").unwrap_or(&Value::Null)),
                referral: v.get("referral").filter(|r| r.is_object()).map(referral),
                group_id: json::id(v, "group_id"),
                raw_type,
                errors,
                provider_id: provider_id.clone(),
            };
            (key("message"), ItemKind::Message(Box::new(message)))
        }
    };
    Ok(scope.item(key, at, kind))
}

fn context(v: &Value) -> Context {
    let product = v.get("referred_product").unwrap_or(&Value::Null);
    Context {
        replied_to: json::id(v, "id"),
        forwarded: json::flag(v, "forwarded").unwrap_or(false),
        frequently_forwarded: json::flag(v, "frequently_forwarded").unwrap_or(false),
        referred_product: json::id(product, "product_retailer_id")
            .map(|product_id| Product { catalog_id: json::id(product, "catalog_id"), product_id }),
    }
}

fn referral(v: &Value) -> Referral {
    Referral {
        source_url: json::line(v, "source_url"),
        source_id: json::id(v, "source_id"),
        source_type: json::line(v, "source_type"),
        headline: json::line(v, "headline"),
        body: json::line(v, "body"),
        media_type: json::line(v, "media_type"),
        media_url: ["image_url", "video_url", "thumbnail_url"].into_iter().find_map(|key| json::line(v, key)),
        click_id: json::id(v, "ctwa_clid"),
        welcome_text: v.get("welcome_message").and_then(|w| json::line(w, "text")),
    }
}

#[cfg(test)]
mod tests;
