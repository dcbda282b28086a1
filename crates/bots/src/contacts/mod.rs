//! Contacts: a customer under our own key, with every name that providers have for them.
//!
//! A contact may have no phone number. Aliases are many to one and keep their history; two contacts are never merged
//! because an alias moved, for a number can change hands.

pub(crate) mod store;

use base::id::ContactId;
use base::{Result, Time};
use db::Tx;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A customer.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    /// What flows learned: name, address, and so on.
    pub fields: Map<String, Value>,
}

/// Who gave the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AliasKind {
    /// Digits with country code, without a plus sign.
    Phone,
    /// WhatsApp's id for a person as seen by one business.
    User,
    /// The same for a group of businesses.
    ParentUser,
    Username,
    /// A web chat's visitor: SHA-256 of the browser's token, in hex.
    Visitor,
}

impl AliasKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            AliasKind::Phone => "phone",
            AliasKind::User => "user",
            AliasKind::ParentUser => "parent_user",
            AliasKind::Username => "username",
            AliasKind::Visitor => "visitor",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Phone, Self::User, Self::ParentUser, Self::Username, Self::Visitor]
            .into_iter()
            .find(|k| k.as_str() == text)
    }
}

/// A provider's name for a contact, as the provider spelled it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub kind: AliasKind,
    pub value: String,
}

/// Finds the contact that holds one of the aliases, the first that matches deciding, or makes one; then notes the
/// aliases that are new. An alias that another contact holds stays with that one.
pub(crate) fn resolve(tx: &Tx<'_>, now: Time, aliases: &[Alias], name: Option<&str>) -> Result<ContactId> {
    let mut found = None;
    for alias in aliases {
        if let Some(id) = store::find_by_alias(tx, alias)? {
            found = Some(id);
            break;
        }
    }
    let contact = match found {
        Some(id) => id,
        None => store::insert(tx, now, name)?,
    };
    for alias in aliases {
        store::add_alias(tx, now, contact, alias)?;
    }
    if let Some(name) = name.filter(|n| found.is_some() && !n.trim().is_empty()) {
        store::set_name(tx, now, contact, name)?;
    }
    Ok(contact)
}

/// An alias was replaced by another: the contact keeps its history and answers to the new one. When another contact
/// holds the new one already (its first message overtook this notice), both stay as they are.
pub(crate) fn change_alias(tx: &Tx<'_>, now: Time, previous: &Alias, current: &Alias) -> Result<()> {
    let Some(contact) = store::find_by_alias(tx, previous)? else { return Ok(()) };
    store::retire_alias(tx, now, previous)?;
    store::add_alias(tx, now, contact, current)
}
