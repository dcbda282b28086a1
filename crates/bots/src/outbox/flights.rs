//! What a task of this run of the program is working on now. A row that is `sending` and that nobody works on was left
//! behind.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The things under way, each once.
pub(super) struct Flights<K: Eq + Hash + Clone> {
    keys: Mutex<HashSet<K>>,
    /// Told whenever one ends.
    landed: Arc<Notify>,
}

/// Holds a thing for as long as it lives, whatever becomes of the task.
pub(super) struct Flight<K: Eq + Hash + Clone> {
    flights: Arc<Flights<K>>,
    key: K,
}

impl<K: Eq + Hash + Clone> Flights<K> {
    pub(super) fn new(landed: Arc<Notify>) -> Arc<Self> {
        Arc::new(Self { keys: Mutex::default(), landed })
    }

    fn keys(&self) -> MutexGuard<'_, HashSet<K>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn holds(&self, key: &K) -> bool {
        self.keys().contains(key)
    }

    pub(super) fn len(&self) -> usize {
        self.keys().len()
    }

    /// Nothing when somebody works on it already.
    pub(super) fn take(self: &Arc<Self>, key: K) -> Option<Flight<K>> {
        self.keys().insert(key.clone()).then(|| Flight { flights: self.clone(), key })
    }
}

impl<K: Eq + Hash + Clone> Drop for Flight<K> {
    fn drop(&mut self) {
        self.flights.keys().remove(&self.key);
        self.flights.landed.notify_one();
    }
}
