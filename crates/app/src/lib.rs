//! The program put together: configuration, both listeners, the contract, and the interface inside the binary.

mod brand;
mod computer;
pub mod config;
mod contract;
mod desk;
pub mod doctor;
mod interface;
pub mod moving;
mod ports;
mod sample;
mod server;
mod support;
pub mod updating;

pub use bots::desk::{Down, Outlook, Reached, Waiting};
pub use brand::{Brand, Link, Support, shared};
pub use computer::Autostart;
pub use config::{Config, Overrides};
pub use contract::{openapi, public_openapi};
pub use desk::Desk;
pub use ops::{LogGuard, init_logs, log_panics};
pub use server::Server;

/// The system's allocator costs a third of the throughput of webhooks and of the models.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
