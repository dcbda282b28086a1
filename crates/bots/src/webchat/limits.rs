//! How much one visitor, and all of them together, may ask of the web chat.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use web::RateLimit;

pub(super) const TOO_FAST: &str = "That was very fast. Please wait a moment and try again.";
/// Streams open at once; beyond it browsers ask for what is new instead.
const MAX_STREAMS: usize = 500;
/// Requests that wait for something new at once; beyond it they are answered without waiting.
const MAX_WAITS: usize = 2_000;
/// Of either, for one visitor: each of their windows has one.
const MAX_EACH: usize = 6;

#[derive(Clone)]
pub(super) struct Limits {
    /// By address on the internet.
    pub(super) sessions: RateLimit,
    /// By visitor.
    pub(super) messages: RateLimit,
    /// By visitor: asking for what is new, in either way.
    pub(super) looks: RateLimit,
    /// The same by address on the internet, which a whole office or village may share.
    pub(super) looks_from: RateLimit,
    pub(super) streams: Places,
    pub(super) waits: Places,
}

impl Limits {
    pub(super) fn new() -> Self {
        Self {
            sessions: RateLimit::per_minute(30, TOO_FAST),
            messages: RateLimit::per_minute(40, TOO_FAST),
            looks: RateLimit::per_minute(120, TOO_FAST),
            looks_from: RateLimit::per_minute(1_200, TOO_FAST),
            streams: Places::new(MAX_STREAMS),
            waits: Places::new(MAX_WAITS),
        }
    }
}

/// Requests that are kept open.
#[derive(Clone)]
pub(super) struct Places {
    most: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    each: HashMap<String, usize>,
}

/// Holds a place for as long as it lives.
pub(super) struct Place {
    places: Places,
    visitor: String,
}

impl Places {
    fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing when all are taken, or the visitor has theirs.
    pub(super) fn take(&self, visitor: &str) -> Option<Place> {
        let mut taken = self.taken();
        let own = taken.each.get(visitor).copied().unwrap_or(0);
        if taken.all >= self.most || own >= MAX_EACH {
            return None;
        }
        taken.all += 1;
        taken.each.insert(visitor.to_owned(), own + 1);
        Some(Place { places: self.clone(), visitor: visitor.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all = taken.all.saturating_sub(1);
        let own = taken.each.get(&self.visitor).copied().unwrap_or(0);
        if own > 1 {
            taken.each.insert(self.visitor.clone(), own - 1);
        } else {
            taken.each.remove(&self.visitor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_visitor_takes_only_their_own_places_and_gives_them_back() {
        let places = Places::new(8);
        let thandi: Vec<_> = (0..10).filter_map(|_| places.take("thandi")).collect();
        assert_eq!(thandi.len(), MAX_EACH);
        let lebo: Vec<_> = (0..10).filter_map(|_| places.take("lebo")).collect();
        assert_eq!(lebo.len(), 2, "all are taken");
        drop(thandi);
        assert_eq!((0..10).filter_map(|_| places.take("sipho")).map(drop).count(), 10, "given back each time");
        drop(lebo);
        let left = places.taken();
        assert_eq!((left.all, left.each.len()), (0, 0));
    }
}
