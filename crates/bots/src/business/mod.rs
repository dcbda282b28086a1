//! The business: what it is called and does, where it is, how it writes dates and money.

mod guess;
pub(crate) mod routes;

use base::Result;
use db::Tx;
use db::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settings::store;

const NAME: &str = "business";

/// What the program knows of the business.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Business {
    pub name: String,
    /// What it does, in a sentence.
    pub description: String,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// IANA name, such as `Africa/Johannesburg`.
    pub timezone: String,
    /// ISO 4217, upper case.
    pub currency: String,
    /// BCP 47, such as `en-ZA`.
    pub language: String,
    /// A colour in place of the product's own, as `#rrggbb`.
    pub accent: Option<String>,
    /// The sample business was loaded.
    pub sample_loaded: bool,
    /// The first ten minutes are done or were skipped.
    pub setup_done: bool,
}

pub(crate) fn get(connection: &Connection) -> Result<Business> {
    store::get(connection, NAME)
}

pub(crate) fn put(tx: &Tx<'_>, business: &Business) -> Result<()> {
    tx.publish("business");
    tx.publish("home");
    store::put(tx, NAME, business)
}
