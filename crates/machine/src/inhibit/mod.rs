//! Asks the system not to put the computer to sleep by itself, in each system's own way.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod thread;

#[cfg(target_os = "linux")]
pub(crate) use linux::hold;
#[cfg(not(target_os = "linux"))]
pub(crate) use thread::hold;

/// What the system shows to somebody who asks what keeps it awake.
const WHY: &str = "Customers are being answered";

/// Where the buses of Linux are; nothing for where they always are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buses {
    #[cfg(target_os = "linux")]
    pub(crate) system: Option<String>,
    #[cfg(target_os = "linux")]
    pub(crate) session: Option<String>,
}
