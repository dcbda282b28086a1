//! Settings and secrets of a business.

pub(crate) mod store;

/// Longer keys and tokens are refused.
const LONGEST_SECRET_CHARS: usize = 4096;

/// A check for keys and tokens, which nobody needs to be longer than a page.
pub(crate) fn short_secret(secret: &base::Secret, _: &()) -> garde::Result {
    if secret.expose().chars().count() > LONGEST_SECRET_CHARS {
        return Err(garde::Error::new("is too long to be a key"));
    }
    Ok(())
}

/// A check for texts that must hold more than white space.
pub(crate) fn not_blank(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("should not be empty")) } else { Ok(()) }
}
