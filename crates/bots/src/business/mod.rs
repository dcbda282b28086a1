//! The business: what it is called and does, where it is, how it writes dates and money.

mod guess;
pub(crate) mod routes;

use base::{Result, Time};
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
    #[schema(required)]
    pub name: String,
    /// What it does, in a sentence.
    #[schema(required)]
    pub description: String,
    /// ISO 3166-1 alpha-2, upper case.
    #[schema(required)]
    pub country: String,
    /// IANA name, such as `Africa/Johannesburg`.
    #[schema(required)]
    pub timezone: String,
    /// ISO 4217, upper case.
    #[schema(required)]
    pub currency: String,
    /// BCP 47, such as `en-ZA`.
    #[schema(required)]
    pub language: String,
    /// A colour in place of the product's own, as `#rrggbb`.
    #[schema(required)]
    pub accent: Option<String>,
    /// The sample business was loaded.
    #[schema(required)]
    pub sample_loaded: bool,
    /// The first ten minutes are done or were skipped.
    #[schema(required)]
    pub setup_done: bool,
}

impl Business {
    /// The day of the week where the business is, 1 for Monday; nothing for a time zone that nobody knows.
    pub(crate) fn weekday(&self, now: Time) -> Option<u8> {
        let day = now.to_jiff().in_tz(&self.timezone).ok()?.weekday();
        u8::try_from(day.to_monday_one_offset()).ok()
    }
}

pub(crate) fn get(connection: &Connection) -> Result<Business> {
    store::get(connection, NAME)
}

pub(crate) fn put(tx: &Tx<'_>, business: &Business) -> Result<()> {
    tx.publish("business");
    tx.publish("home");
    store::put(tx, NAME, business)
}

/// Midnight where the business is.
pub(crate) fn start_of_day(business: &Business, now: Time) -> Time {
    let zone = jiff::tz::TimeZone::get(&business.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    now.to_jiff().to_zoned(zone).start_of_day().map_or(now, |day| Time::from_jiff(day.timestamp()))
}
