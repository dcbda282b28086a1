//! Settings and secrets of a business.

pub(crate) mod store;

/// A check for texts that must hold more than white space.
pub(crate) fn not_blank(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("should not be empty")) } else { Ok(()) }
}
