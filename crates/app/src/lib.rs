//! The program put together: configuration, both listeners, the contract, and the interface inside the binary.

pub mod config;
mod contract;
mod interface;
mod lock;
mod sample;
mod server;

pub use config::{Config, Overrides};
pub use contract::{openapi, public_openapi};
pub use server::Server;

/// The system's allocator costs a third of the throughput of webhooks and of the models.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
