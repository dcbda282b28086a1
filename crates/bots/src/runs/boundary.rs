//! The moments around effects between which the power may fail; a test of the whole program lets it fail at each of them.

/// A moment in the life of an effect.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// In the transaction of an event, before one of its effects is done or queued.
    Within,
    /// An event is on the disk, and nothing that follows from it has begun.
    Committed,
    /// The job of an effect was taken; nothing outside has been asked yet.
    Taken,
    /// The outside did its work; nothing of it is on the disk yet.
    Worked,
}

/// Ends the program at once, as a power cut does, when this is the moment that `BOTFLOW_CRASH_AT` names: they are counted
/// from the start of the program, beginning with 1. Programs without debug assertions have nothing of this.
#[cfg(debug_assertions)]
pub(crate) fn passed(moment: Moment, effect: &str) {
    use std::io::Write;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicI64, Ordering};

    static LEFT: LazyLock<AtomicI64> = LazyLock::new(|| {
        let at = std::env::var("BOTFLOW_CRASH_AT").ok();
        AtomicI64::new(at.and_then(|at| at.parse().ok()).unwrap_or(0))
    });
    if LEFT.fetch_sub(1, Ordering::SeqCst) == 1 {
        let _ = writeln!(std::io::stderr(), "the power fails: {moment:?} {effect}");
        std::process::abort();
    }
}

/// Nothing: there is no such moment in a program that is used.
#[cfg(not(debug_assertions))]
pub(crate) fn passed(_: Moment, _: &str) {}
