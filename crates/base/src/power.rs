//! The moments at which the power may fail: tests of the whole program let it fail at each of them.

use std::fmt::Display;

/// Ends the program at once, as a power cut does, when this is the moment that `BOTFLOW_CRASH_AT` names: they are counted
/// from the start of the program, beginning with 1. Programs without debug assertions have nothing of this.
#[cfg(debug_assertions)]
pub fn boundary(moment: impl Display) {
    use std::io::Write;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicI64, Ordering};

    static LEFT: LazyLock<AtomicI64> = LazyLock::new(|| {
        let at = std::env::var("BOTFLOW_CRASH_AT").ok();
        AtomicI64::new(at.and_then(|at| at.parse().ok()).unwrap_or(0))
    });
    if LEFT.fetch_sub(1, Ordering::SeqCst) == 1 {
        let _ = writeln!(std::io::stderr(), "the power fails: {moment}");
        std::process::abort();
    }
}

/// Nothing: there is no such moment in a program that is used.
#[cfg(not(debug_assertions))]
pub fn boundary(_: impl Display) {}
