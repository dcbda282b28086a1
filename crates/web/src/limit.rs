//! Rate limits per client, e-mail address or whatever else, in bounded memory.

use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use crate::error::ApiError;

/// Counts tries per key. Cheap to clone; clones count together.
///
/// Keys share 65,536 slots, chosen by a hash that nobody outside can predict, so memory stays bounded whatever comes
/// in and no count can be pushed out by flooding. Two keys that fall into one slot share its quota, which is rare.
#[derive(Clone)]
pub struct RateLimit {
    slots: Arc<DefaultKeyedRateLimiter<u16>>,
    hasher: RandomState,
    message: &'static str,
}

impl RateLimit {
    /// `message` is the sentence for who exceeds it.
    pub fn per_minute(count: u32, message: &'static str) -> Self {
        Self::new(Quota::per_minute(at_least_one(count)), message)
    }

    pub fn per_second(count: u32, message: &'static str) -> Self {
        Self::new(Quota::per_second(at_least_one(count)), message)
    }

    fn new(quota: Quota, message: &'static str) -> Self {
        Self { slots: Arc::new(DefaultKeyedRateLimiter::keyed(quota)), hasher: RandomState::new(), message }
    }

    /// Counts one try. Over the limit: an error with `Retry-After`.
    pub fn check(&self, key: impl Hash) -> Result<(), ApiError> {
        let slot = self.hasher.hash_one(key) as u16;
        self.slots.check_key(&slot).map_err(|not_until| {
            ApiError::too_many(not_until.wait_time_from(DefaultClock::default().now()), self.message)
        })
    }
}

fn at_least_one(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}
