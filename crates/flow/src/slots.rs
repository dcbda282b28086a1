//! Calendars with times to book, as the steps that find and book them describe one.

use jiff::civil::Date;

use crate::event::Slots;
use crate::hours::Hours;
use crate::run::Run;
use crate::validate::Check;

/// Calendars of others that are looked into.
const MAX_FEEDS: usize = 5;

/// A calendar and its rules.
#[derive(Clone, Copy)]
pub(crate) struct Calendar<'s> {
    pub(crate) name: &'s str,
    pub(crate) feeds: &'s [String],
    pub(crate) minutes: u32,
    pub(crate) gap_minutes: u32,
    pub(crate) hours: &'s Hours,
}

impl Calendar<'_> {
    /// One day of it, and one time.
    pub(crate) fn slots(&self, run: &Run<'_>, from: Date) -> Result<Slots, String> {
        if self.name.trim().is_empty() {
            return Err("The calendar has no name. Give it one in this step.".into());
        }
        self.hours.check()?;
        Ok(Slots {
            calendar: self.name.trim().to_owned(),
            feeds: self.feeds.iter().take(MAX_FEEDS).map(|f| f.trim().to_owned()).collect(),
            from: from.to_string(),
            days: 1,
            minutes: self.minutes.clamp(5, 720),
            gap_minutes: self.gap_minutes.min(240),
            hours: self.hours.clone(),
            timezone: run.context.timezone.clone(),
            max: 1,
        })
    }
}

pub(crate) fn check(check: &mut Check<'_>, feeds: &[String], hours: &Hours) {
    for feed in feeds {
        let address = feed.trim().replacen("webcal://", "https://", 1);
        let fits =
            url::Url::parse(&address).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
        if !fits {
            let message = format!("“{feed}” is not the address of a calendar.");
            check.error("feeds", &message, "Copy the secret address in iCal format; it begins with https://.");
        }
    }
    if hours.days.values().all(Vec::is_empty) {
        check.error("hours", "There is never a time to book.", "Enter the hours of at least one day.");
    }
}
