//! The customer-service window: how long after a customer's message free text may be sent.

use std::time::Duration;

use base::Time;

/// Counted from the customer's last message or call.
pub const SERVICE_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// Counted from the first answer to a customer who came through an advertisement or a page's button.
pub const FREE_ENTRY_WINDOW: Duration = Duration::from_secs(72 * 3600);

/// When the window closes. `last_customer_message` is the message's own time, never that of its arrival: webhooks may be
/// days late. `free_entry_until` is the end of a free-entry window as a status told it.
pub fn window_closes_at(last_customer_message: Time, free_entry_until: Option<Time>) -> Time {
    let service = last_customer_message.plus(SERVICE_WINDOW);
    free_entry_until.map_or(service, |free| free.max(service))
}

/// Whether anything but a template may be sent now.
pub fn window_open(last_customer_message: Time, free_entry_until: Option<Time>, now: Time) -> bool {
    now < window_closes_at(last_customer_message, free_entry_until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_ends_a_day_after_the_customer_wrote_unless_they_came_through_an_advertisement() {
        let wrote = Time::from_seconds(1_794_000_000);
        let after = |hours: u64| wrote.plus(Duration::from_secs(hours * 3600));
        assert!(window_open(wrote, None, after(23)));
        assert!(!window_open(wrote, None, after(24)));
        assert!(window_open(wrote, Some(after(72)), after(71)));
        assert!(!window_open(wrote, Some(after(72)), after(72)));
        assert!(window_open(wrote, Some(after(1)), after(23)), "an older free window never shortens the other");
    }
}
