//! The wish of the system, or of somebody at the keyboard, that the program ends.

use base::Result;

/// Hears that wish from when it listens: one that comes before anybody waits for it is kept, and no longer ends the
/// program by itself. So a program listens before it says that it is there.
#[cfg(unix)]
pub struct Asked {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    /// The terminal was closed. `None` where the program was started to outlive its terminal.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Asked {
    /// Begins to listen, on the runtime that it is called on. Errors: the system gives no signals.
    pub fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: if outlives_its_terminal() { None } else { Some(signal(SignalKind::hangup())?) },
        })
    }

    /// Resolves when the program is asked to end.
    pub async fn wished(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hang_up => {}
        }
    }
}

/// Whether the signal of a closed terminal is ignored, as `nohup` arranges it: listening would undo that. Where the
/// system does not tell, nothing is changed.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    const HANG_UP: u32 = 1;
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return true };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let signals = ignored.and_then(|signals| u64::from_str_radix(signals.trim(), 16).ok());
    signals.is_none_or(|signals| signals & (1 << (HANG_UP - 1)) != 0)
}

/// Hears that wish from when it listens. Closing its console or shutting the computer down ends the program some seconds
/// later, ready or not.
#[cfg(windows)]
pub struct Asked {
    interrupt: tokio::signal::windows::CtrlC,
    stop: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Asked {
    /// Begins to listen, on the runtime that it is called on. Errors: the system gives no signals.
    pub fn listen() -> Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
        Ok(Self { interrupt: ctrl_c()?, stop: ctrl_break()?, close: ctrl_close()?, shutdown: ctrl_shutdown()? })
    }

    /// Resolves when the program is asked to end.
    pub async fn wished(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.stop.recv() => {}
            _ = self.close.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}
