//! Runs a parser on a thread of its own, where a panic, a deep recursion or an endless loop cannot hurt the program.

use std::sync::mpsc;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base::{Error, Result};

/// Nested structures are read recursively, up to a limit that fits this many bytes in a debug build.
const STACK_BYTES: usize = 32 << 20;
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// Parsers that run at the same time.
const AT_ONCE: usize = 2;

static RUNNING: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// Held by the parsing thread itself. A thread cannot be killed: when one runs past its time limit we stop waiting for
/// it, but it keeps its place until it ends, so that runaways can never occupy more than [`AT_ONCE`] processors.
struct Place;

impl Place {
    fn take() -> Result<Self> {
        let deadline = Instant::now() + TIME_LIMIT;
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        while *running >= AT_ONCE {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::unavailable("Other documents are still being read. Please try again in a minute."));
            }
            running = FREED.wait_timeout(running, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *running += 1;
        Ok(Place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        FREED.notify_one();
    }
}

/// The result of `work`, or an error when it panicked or took too long.
pub(super) fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let place = Place::take()?;
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("parse".into())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let _place = place;
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            let _ = sender.send(result);
        })
        .map_err(Error::internal)?;
    match receiver.recv_timeout(TIME_LIMIT) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => Err(super::damaged()),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Error::timeout(
            "Reading this file took longer than a minute, so it was stopped. Export it again, or split it into smaller files.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_that_panics_says_that_the_file_is_damaged() {
        let e = run(|| -> u8 { panic!("as parsers do") }).unwrap_err();
        assert!(e.message.contains("damaged"), "{e}");
        assert_eq!(run(|| 7).unwrap(), 7, "and its place is free again");
    }
}
