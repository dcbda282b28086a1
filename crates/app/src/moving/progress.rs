//! How far a long piece of work is, and the wish that it stop; shared between who works and who watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Cheap to clone; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress {
    /// Asks for the work to stop; it ends with `Cancelled`, unless it was done already.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// Bytes done, and all of them as far as is known.
    pub fn bytes(&self) -> (u64, u64) {
        let total = self.0.total.load(Ordering::Relaxed);
        (self.0.done.load(Ordering::Relaxed).min(total), total)
    }

    pub(crate) fn expect(&self, total: u64) {
        self.0.total.store(total, Ordering::Relaxed);
    }

    /// Notes that so many more bytes are done; false when the work is to stop.
    pub(crate) fn step(&self, bytes: u64) -> bool {
        self.0.done.fetch_add(bytes, Ordering::Relaxed);
        self.go_on()
    }

    pub(crate) fn go_on(&self) -> bool {
        !self.0.cancelled.load(Ordering::Relaxed)
    }
}
